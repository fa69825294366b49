"""The product's own reader reads every specimen of the tray; the hard one it may honestly not vouch for."""

import pytest

from checkpoint_app.demo.tray import tray
from checkpoint_app.readers.image import ImageReader
from tests.demo.helpers import TODAY, decoded

TRAY = tray(TODAY)


@pytest.fixture(scope="module")
def reader():
    with ImageReader(today=lambda: TODAY, timeout_s=60.0, budget_s=20.0) as reader:
        yield reader


@pytest.mark.parametrize("item", TRAY, ids=lambda item: item.name)
def test_the_picture_is_read_as_it_was_printed(reader, item):
    picture = item.image()
    assert decoded(picture) is not None
    reading = reader.read(picture)
    if item.name == "7-hard":
        assert reading.lines == item.lines or not reading.valid
    else:
        assert reading.lines == item.lines
        assert reading.valid == (item.name != "4-check-digit")
