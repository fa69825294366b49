from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from checkpoint_app.demo.drawing import font
from checkpoint_app.readers.recogniser.models import Floats, OnnxNetwork, Pixels
from checkpoint_app.readers.recogniser.ocrb import OCRB, STEP, OcrbRecogniser
from checkpoint_app.readers.recogniser.recognise import ALPHABET, peaks
from checkpoint_app.resources import resource_path

REACH = 36  # pixels to either side


@pytest.fixture(scope="module")
def reader() -> OcrbRecogniser:
    return OcrbRecogniser.load()


def strip(text: str, paper: int = 225, ink: int = 40, fillers: int | None = None) -> Pixels:
    """Draw a line as a strip shows it: capitals 34 pixels high, each in its own cell of 34 pixels."""
    face = font("OCRB.otf", 47.0)
    image = Image.new("L", (34 * len(text) + 20, 48), paper)
    pen = ImageDraw.Draw(image)
    for cell, character in enumerate(text):
        shade = fillers if fillers is not None and character == "<" else ink
        pen.text((10 + 34 * (cell + 0.5), 41), character, font=face, fill=shade, anchor="ms")
    return cv2.cvtColor(cv2.GaussianBlur(np.asarray(image), (0, 0), 0.8), cv2.COLOR_GRAY2BGR).astype(np.uint8)


def plain(reader: OcrbRecogniser, crop: Pixels) -> str:
    return "".join(ALPHABET[peak.character] for peak in peaks(reader(crop)))


def test_an_answer_for_every_fourth_pixel_sums_to_one(reader):
    answer = reader(strip("AB12<<"))
    assert answer.shape == ((34 * 6 + 20) // STEP, 1 + len(ALPHABET))
    assert np.allclose(answer.sum(axis=1), 1, atol=1e-3)


@pytest.mark.parametrize(
    "text",
    [
        "P<UTOMUSTER<<ERIKA<MARIA<<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "0O1I2Z5S8B6GQ0DOCKXL<MWNHUV4A7TJY9P3EFR",
        "ZQ0OQXK0WIJ1L8S3BGC6MNW2V5UYDT7A4H9ERPF<",
    ],
)
def test_a_clean_line_is_read_exactly_whether_or_not_it_means_anything(reader, text):
    assert plain(reader, strip(text)) == text


@pytest.mark.parametrize("run", range(1, 40, 6))
def test_a_run_of_fillers_is_counted(reader, run):
    text = "AB" + "<" * run + "1"
    assert plain(reader, strip(text)) == text


def test_pale_fillers_are_fillers(reader):
    assert plain(reader, strip("MUSTER<<ERIKA<<<<<<<<<<<", fillers=165)) == "MUSTER<<ERIKA<<<<<<<<<<<"


def test_cells_without_ink_are_no_fillers(reader):
    assert plain(reader, strip("AB   12  <<")) == "AB12<<"
    assert plain(reader, strip(" " * 20)) == ""


def test_what_stands_two_characters_away_changes_nothing_but_how_bright_the_strip_is(reader):
    first, second = reader(strip("MUSTER0<ERIKA<<")), reader(strip("MUSTER0<AKIRE<<"))
    same = (10 + 34 * 8 - REACH) // STEP
    assert np.abs(first[:same] - second[:same]).max() < 0.01
    assert np.abs(first[same + 20 :] - second[same + 20 :]).max() > 0.5


def test_a_strip_of_another_height_is_refused(reader):
    with pytest.raises(ValueError, match="48 pixels high"):
        reader(np.zeros((32, 100, 3), np.uint8))


def test_a_network_for_other_characters_is_refused():
    class Other(OnnxNetwork):
        def __init__(self) -> None: ...

        def __call__(self, batch: Floats) -> Floats:
            return batch

        def metadata(self, key: str) -> str:
            return "abc"

    with pytest.raises(ValueError, match="another alphabet"):
        OcrbRecogniser(Other())


def test_the_file_is_small_and_says_where_it_comes_from():
    path = resource_path(OCRB)
    assert path.stat().st_size < 5_000_000
    network = OnnxNetwork(str(path), 1)
    assert network.metadata("alphabet") == ALPHABET
    assert {network.metadata(key) != "" for key in ("seed", "version", "licence")} == {True}
