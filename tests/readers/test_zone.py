"""The reader on drawn pictures: every format, lying and bent pages, and characters that were spoilt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from checkpoint_app.readers.recogniser.models import DETECTOR, RECOGNISER, OnnxNetwork
from checkpoint_app.readers.recogniser.recognise import Recogniser
from checkpoint_app.readers.recogniser.zone import Zone, ZoneReader
from tests.readers.helpers import _FONT, TD1, TD3, page

TODAY = date(2026, 11, 24)
BUDGET_S = 6.0
LICENCE = ("AAA001D<<", "FACHE123456789012<<800131<<<<<", "MUSTER<<EVA<MARIA<<<<<<<<<<<<<")
FRENCH = ("IDFRAEJEMPLO<<<<<<<<<<<<<<<<<<952042", "0509952018746NICOLAS<<PAUL<8206152M2")
VISA = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")


@pytest.fixture(scope="module")
def reader() -> ZoneReader:
    return ZoneReader(OnnxNetwork(DETECTOR, 1), Recogniser(OnnxNetwork(RECOGNISER, 1)))


def drawn(lines: Sequence[str]) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(page(lines))[:, :, ::-1])


def read(reader: ZoneReader, picture: np.ndarray) -> Zone:
    zone = reader.read(picture, TODAY, BUDGET_S)
    assert zone is not None
    return zone


@pytest.mark.parametrize("lines", [TD3, TD1, VISA, FRENCH], ids=["TD3", "TD1", "MRVA", "FRA2"])
def test_a_clear_page_is_valid(reader: ZoneReader, lines: tuple[str, ...]) -> None:
    zone = read(reader, drawn(lines))
    assert zone.decision.mrz.lines == lines
    assert zone.decision.valid


def test_a_swiss_licence_is_read_and_left_to_the_officer(reader: ZoneReader) -> None:
    zone = read(reader, drawn((LICENCE[0].ljust(30), *LICENCE[1:])))
    assert zone.decision.mrz.lines == LICENCE
    assert not zone.decision.valid
    assert zone.decision.doubtful >= {(1, at) for at in range(5, 17)}


@pytest.mark.parametrize("quarter", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180])
def test_a_turned_page_is_read(reader: ZoneReader, quarter: int) -> None:
    assert read(reader, cv2.rotate(drawn(TD3), quarter)).decision.mrz.lines == TD3


def test_a_bent_page_is_read(reader: ZoneReader) -> None:
    picture = drawn(TD3)
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    lift = 28 * (2 * x / width - 1) ** 2
    bent = cv2.remap(picture, x, y + lift - 20, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    assert read(reader, bent).decision.mrz.lines == TD3


def test_pale_fillers_do_not_shorten_a_line(reader: ZoneReader) -> None:
    picture = drawn(TD3)
    top = round(picture.shape[0] * 0.86)
    left = round(picture.shape[1] * 0.58)
    part = picture[top - 20 : top + 40, left:]
    picture[top - 20 : top + 40, left:] = (part * 0.25 + 225 * 0.75).astype(np.uint8)
    zone = reader.read(picture, TODAY, BUDGET_S)
    assert zone is None or not zone.decision.valid or zone.decision.mrz.lines == TD3


@pytest.mark.parametrize(
    ("line", "at", "paint"),
    [
        (1, 4, "8"),
        (1, 13, "B"),
        (1, 21, "7"),
        (1, 28, "E"),
        (0, 6, "glare"),
        (0, 12, "blank"),
        (1, 7, "blank"),
        (1, 30, "glare"),
    ],
)
def test_a_spoilt_character_is_never_valid_as_another(reader: ZoneReader, line: int, at: int, paint: str) -> None:
    zone = reader.read(_spoilt(line, at, paint), TODAY, BUDGET_S)
    assert zone is None or not zone.decision.valid or zone.decision.mrz.lines == TD3


def _spoilt(line: int, at: int, paint: str) -> np.ndarray:
    """Return the page with one character printed over, washed out to a fifth of its ink, or blanked."""
    image = page(TD3)
    width, height = image.size
    size = int(100 * width * 0.9 / ImageFont.truetype(str(_FONT), 100).getlength(TD3[0]))
    font = ImageFont.truetype(str(_FONT), size)
    left = width * 0.05 + font.getlength(TD3[line][:at])
    top = height - round(size * 2.0 * len(TD3)) + line * size * 1.8
    if len(paint) == 1:
        ImageDraw.Draw(image).text((left, top), paint, fill=(20, 20, 20), font=font)
        return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
    box = (round(left), round(top), round(left + font.getlength("0")), round(top + size * 1.3))
    over = Image.new("RGB", (box[2] - box[0], box[3] - box[1]), (236, 232, 222))
    strength = 0.8 if paint == "glare" else 1.0
    image.paste(Image.blend(image.crop(box), over, strength), box[:2])
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def test_a_visa_whose_last_fillers_are_washed_out_is_no_smaller_visa(reader: ZoneReader) -> None:
    """Nothing in a visa tells its length but its length: 36 of 44 cells hold all its fields."""
    visa = ("V<UTOERIKSSON<<ANNA<MARIA".ljust(44, "<"), "L8988901C4XXX4009078F9612109".ljust(44, "<"))
    picture = drawn(visa)
    height, width = picture.shape[:2]
    at = round(width * (0.05 + 0.9 * 36 / 44)) + 3
    band = picture[round(height * 0.75) :, at:].astype(np.float32)
    washed = np.linspace(0.8, 0.85, band.shape[1])[None, :, None]
    picture[round(height * 0.75) :, at:] = (band * (1 - washed) + 226 * washed).astype(np.uint8)
    noise = np.random.default_rng(3).normal(0, 10, picture.shape)
    zone = reader.read(np.clip(picture * 0.45 + noise, 0, 255).astype(np.uint8), TODAY, BUDGET_S)
    assert zone is None or not zone.decision.valid or zone.decision.mrz.lines == visa
