"""The second witness: glyphs of the same zone tell 0 from O where the recogniser cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from checkpoint_app.documents import Format
from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.evidence import PLACE
from checkpoint_app.readers.recogniser.recognise import ALPHABET
from checkpoint_app.readers.recogniser.twins import FoundLine, Glyphs, hear
from tests.readers.seen import cells

FONT = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
PITCH, HIGH = 30, 44
PRINTED = ("P<UTOERIKSSON<<SOFIE<BIRGIT<GITTE<<<<<<<<<<<", "O2BS0G6I15UTO7408122F1204159Z58016026<<<<<14")


def printed(lines: tuple[str, ...]) -> tuple[np.ndarray, list[FoundLine]]:
    if not FONT.exists():
        pytest.skip("the Debian package fonts-ocr-b is not installed")
    font = ImageFont.truetype(str(FONT), 41)
    image = Image.new("RGB", (PITCH * 46, 160), (225, 225, 225))
    draw = ImageDraw.Draw(image)
    found = []
    for number, line in enumerate(lines):
        y = 40 + 70 * number
        for at, character in enumerate(line):
            draw.text((PITCH * (at + 1.5), y), character, fill=(20, 20, 20), font=font, anchor="mm")
        box = TextBox(PITCH * 23, y, PITCH * 44, HIGH, 0, 1)
        centres = tuple(PITCH * (at + 1.5) - PITCH * 23 for at in range(len(line)))
        found.append(FoundLine(box, 0, centres))
    return np.asarray(image), found


def test_letters_taken_for_digits_are_set_right_by_the_print() -> None:
    picture, found = printed(PRINTED)
    blind = (PRINTED[0], PRINTED[1].translate(str.maketrans("OSIBGZ", "051862")))
    blind = (blind[0], blind[1][:10] + "UTO" + blind[1][13:])
    likelihood = [cells(line) for line in blind]
    for at, (shown, print_) in enumerate(zip(blind[1], PRINTED[1], strict=True)):
        if shown != print_:  # the networks disagree about these
            likelihood[1][at, [PLACE[shown], PLACE[print_]]] = 0.55, 0.43
    before = likelihood[1].copy()
    heard = hear(Format.TD3, blind, likelihood, Glyphs(picture, found)).likelihood
    read = "".join(ALPHABET[row.argmax()] for row in heard[1])
    assert read[:9] == PRINTED[1][:9]
    assert read[28:42] == PRINTED[1][28:42]
    assert (likelihood[1] == before).all()


def test_without_a_sample_the_recogniser_is_believed_but_not_fully() -> None:
    lines = ("P<" + "K" * 42, "8" + "<" * 43)
    picture, found = printed(lines)
    heard = hear(Format.TD3, lines, [cells(line) for line in lines], Glyphs(picture, found)).likelihood
    assert 0.9 < heard[1][0, PLACE["8"]] < 0.97
    assert heard[1][0, PLACE["B"]] > 0.03
