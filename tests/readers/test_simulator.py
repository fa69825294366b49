"""The stand-in answers as the image reader does."""

from __future__ import annotations

import pytest

from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.protocol import Health
from checkpoint_app.readers.reading import ReadError, Reading
from checkpoint_app.readers.simulator import SimulatedImageReader, digest


def test_canned_answers() -> None:
    reading = Reading(mrz=None, valid=False, preview=b"p")
    reader = SimulatedImageReader({digest(b"a"): reading, digest(b"b"): ReadError("unreadable")})
    assert reader.health is Health.STARTING
    reader.start()
    assert reader.health is Health.READY
    assert reader.read(b"a") is reading
    assert reader.read(b"c").mrz is None
    for image, code in ((b"b", "unreadable"), (b"", "empty_file")):
        with pytest.raises(ReadError) as error:
            reader.read(image)
        assert error.value.code == code
    assert reader.pid is None
    reader.close()
    assert reader.health is Health.CLOSED


def test_it_has_all_that_the_real_one_has() -> None:
    real = {name for name in vars(ImageReader) if not name.startswith("_")}
    assert real <= set(dir(SimulatedImageReader))
