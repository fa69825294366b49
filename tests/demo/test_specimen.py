"""Drawing: the same seed gives the same picture, hardness makes it harder, and a zone is where it can be read."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from checkpoint_app.demo import drawing, layouts
from checkpoint_app.demo.specimen import draw
from checkpoint_app.demo.tray import tray
from checkpoint_app.documents import Format, Sex, to_mrz
from tests.demo.helpers import TODAY, decoded

CLEAR = tray(TODAY)[0].document
CARD = replace(CLEAR, format=Format.TD1, document_code="I", optional_data_2="")
VISA = replace(CLEAR, format=Format.MRVA, document_code="V")


@cache
def drawn(hardness=0.0):
    return draw(CLEAR, seed=6, hardness=hardness)


def test_same_seed_same_picture_another_seed_another():
    assert draw(CLEAR, seed=6, mrz_lines=to_mrz(CLEAR)) == drawn()
    assert draw(CLEAR, seed=7) != drawn()


@pytest.mark.parametrize("document", [CARD, VISA], ids=lambda document: document.format.value)
def test_a_picture_of_a_camera_size_with_contrast(document):
    picture = decoded(draw(document, seed=5, hardness=0.2))
    assert min(picture.shape[:2]) >= 1400
    assert picture.std() > 20


def test_harder_pictures_hold_less():
    """Sharpness (variance of the Laplacian of the smoothed picture) falls with hardness."""

    def sharpness(hardness):
        grey = cv2.cvtColor(decoded(drawn(hardness)), cv2.COLOR_BGR2GRAY)
        return cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 1.5), cv2.CV_64F).var()

    easy, hard = sharpness(0.0), sharpness(1.0)
    assert easy > 2 * hard


@pytest.mark.parametrize(
    ("layout", "document", "width", "lines"),
    [(layouts.passport, CLEAR, 44, 2), (layouts.card, CARD, 30, 3), (layouts.visa, VISA, 44, 2)],
)
def test_the_zone_is_printed_on_the_icao_pitch(layout, document, width, lines):
    """Dark print fills the zone's cells from the first to the last, and stops there (Doc 9303-3: ten an inch)."""
    filled = tuple("M" * width for _ in range(lines))
    with_zone = layout(document, filled, np.random.default_rng(1))[-1].pixels.astype(int)
    without = layout(document, tuple(" " * width for _ in range(lines)), np.random.default_rng(1))[-1].pixels
    changed = np.abs(with_zone - without).max(axis=2) > 100
    rows, columns = np.nonzero(changed)
    span_mm = (columns.max() - columns.min()) / drawing.PX_PER_MM
    assert span_mm == pytest.approx((width - 1) * 2.54 + 1.9, abs=0.6)
    assert (rows.max() - rows.min()) / drawing.PX_PER_MM == pytest.approx((lines - 1) * 6.35 + 2.5, abs=0.6)


def test_given_lines_are_printed_in_place_of_the_right_ones():
    assert draw(CLEAR, seed=6, mrz_lines=("M" * 44, "W" * 44)) != drawn()


def test_a_missing_value_leaves_its_place_empty():
    bare = replace(CLEAR, given_names=None, birth_date=None, sex=Sex.UNSPECIFIED, expiry_date=None)
    page = layouts.passport(bare, to_mrz(CLEAR), np.random.default_rng(1))[0].pixels.astype(int)
    full = layouts.passport(CLEAR, to_mrz(CLEAR), np.random.default_rng(1))[0].pixels
    x, y = (round(mm * drawing.PX_PER_MM) for mm in (42, 40 + 16.5 + 8.0))
    assert np.abs(page - full)[y : y + 56, x : x + 300].max() > 100


@pytest.mark.parametrize("hardness", [-0.1, 1.1])
def test_hardness_has_bounds(hardness):
    with pytest.raises(ValueError, match="outside"):
        draw(CLEAR, seed=1, hardness=hardness)


def test_other_formats_are_refused_by_name():
    with pytest.raises(ValueError, match="TD2"):
        draw(replace(CLEAR, format=Format.TD2), seed=1)


def test_a_missing_font_names_its_package(monkeypatch):
    def absent(*_):
        raise OSError

    drawing.font.cache_clear()
    monkeypatch.setattr(drawing.ImageFont, "truetype", absent)
    with pytest.raises(drawing.MissingFontError, match="fonts-ocr-b"):
        drawing.font("OCRB.otf", 40)
    with pytest.raises(drawing.MissingFontError, match="fonts-adobe-sourcesans3"):
        drawing.font("SourceSans3-Bold.otf", 40)
