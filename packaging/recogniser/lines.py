"""Draws lines as machine readable zones have them (ICAO Doc 9303-3, 4): what is printed, in which font, how well.

A line is drawn as ink on nothing: an array (height, width) of 0 to 1, capitals CAP pixels high. `degrade` puts it on
paper and before a camera. Two of three texts are random over all 37 characters, so that a glyph is learnt by its shape
and not by its company.
"""

from __future__ import annotations

import math
import os
import string
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
CAP = 40  # pixels, of a capital as drawn
SPACE = " "  # in a text: a cell without ink
_LEADING = 1.75  # line to line, in capitals: six lines an inch of capitals 2.4 mm high
_HIGH, _WIDE = 72, 80
_TWINS = "0O0O0O1I0OQDCGU1IL7T2Z5S8B6G4AMWNHKXVY<KCXL"
# The diagonal of the 4 in two of the Debian fonts is hollow by a mistake in its outline: mostly take that of the third.
_OCR_B = (
    ("OCRB.otf+OCRBS.otf", 0.45),
    ("OCRB.otf", 0.15),
    ("OCRBS.otf", 0.3),
    ("OCRBL.otf+OCRBS.otf", 0.1),
)
_OTHERS = (
    "DejaVuSansMono.ttf",
    "DejaVuSansMono-Bold.ttf",
    "LiberationMono-Regular.ttf",
    "LiberationMono-Bold.ttf",
    "NotoSansMono-Regular.ttf",
    "NotoSansMono-Bold.ttf",
    "NotoMono-Regular.ttf",
    "Hack-Regular.ttf",
    "Inconsolata.otf",
    "FreeMonoBold.ttf",
    "OCRA.ttf",
)
_PROSE = (
    "DejaVuSans.ttf",
    "DejaVuSerif.ttf",
    "NotoSans-Regular.ttf",
    "NotoSerif-Regular.ttf",
    "SourceSans3-Semibold.otf",
)
_STEMS = (
    "MUSTER EJEMPLO ERIKA SPECIMEN JEAN MARIA ANNA MOHAMMED ABDULLAH NGUYEN SMITH IVANOV PETROVA KOWALSKI YILMAZ SILVA "
    "SANTOS GARCIA LOPEZ KIM PARK WANG ZHANG SINGH KUMAR OKAFOR ADEYEMI HASSAN OMAR FATIMA YUKI TANAKA SATO HANSEN "
    "NIELSEN MUELLER SCHMIDT GROSS WEISS DUBOIS LEFEBVRE ROSSI BIANCHI NOVAK HORVATH POPESCU PAPADOPOULOS JOHN VAN DER "
    "DE LA AL EL BIN XU QUINN JAQUELINE WOJCIECH KRZYSZTOF BJOERN ZOE OYELARAN TSVETKOV"
)
_CODES = (
    "D<< GBR FRA ITA ESP PRT POL CZE SVK HUN ROU BGR GRC TUR RUS UKR USA CAN MEX BRA ARG CHL CHN JPN KOR IND PAK BGD "
    "VNM THA MYS SGP IDN PHL AUS NZL EGY MAR DZA TUN NGA GHA KEN ZAF ETH IRN IRQ SYR SAU ARE ISR CHE AUT NLD BEL LUX "
    "DNK SWE NOR FIN ISL IRL EST LVA LTU UTO XXA RKS UNO EUE HRV SVN SRB BIH MKD ALB"
)

Ink = npt.NDArray[np.float32]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Print:
    """How a line is printed.

    ``weight`` -1 (thin) to 1 (bold); ``bleed`` pixels that ink runs; ``rough`` 0 to 1, uneven edges; ``dots`` pitch
    of a needle printer in pixels, 0 for none; ``pale`` what fillers have of the other characters' ink; ``uneven``
    0 to 1, how much ink differs from one character to the next; ``jitter`` pixels that characters stand off.
    """

    font: str = "OCRB.otf"
    advance: float = 1.0
    weight: float = 0.0
    bleed: float = 0.0
    rough: float = 0.0
    dots: float = 0.0
    pale: float = 1.0
    uneven: float = 0.0
    jitter: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn line: its ink, the middle of the first cell (x) and of all capitals (y), and its pitch, in pixels."""

    ink: Ink
    text: str
    first: float
    middle: float
    pitch: float


def random_print(rng: Rng) -> Print:
    """Return a way of printing: four of five in OCR-B, most of them as a good machine prints."""
    others = available(_OTHERS)
    names, shares = zip(*_OCR_B, strict=True)
    font = str(rng.choice(names, p=shares)) if rng.random() < 0.8 or not others else str(rng.choice(others))
    return Print(
        font,
        advance=float(rng.uniform(0.93, 1.12)),
        weight=float(np.clip(rng.normal(0, 0.4), -1, 1)),
        bleed=float(rng.uniform(0.3, 2.2)) if rng.random() < 0.35 else 0.0,
        rough=float(rng.uniform(0.1, 1.0)) if rng.random() < 0.3 else 0.0,
        dots=float(rng.uniform(3.5, 5.5)) if rng.random() < 0.06 else 0.0,
        pale=float(rng.uniform(0.25, 0.9)) if rng.random() < 0.25 else 1.0,
        uneven=float(rng.uniform(0.1, 0.6)) if rng.random() < 0.25 else 0.0,
        jitter=float(rng.uniform(0.3, 1.6)) if rng.random() < 0.3 else 0.0,
    )


def random_text(rng: Rng, length: int) -> str:
    """Return ``length`` characters: evenly random, or twins in a row, or a piece of a likely zone."""
    kind = rng.random()
    if kind < 0.45:
        text = "".join(rng.choice(list(ALPHABET), length))
    elif kind < 0.68:
        text = "".join(rng.choice(list(_TWINS), length))
    else:
        line = _zone_line(rng)
        while len(line) < length:
            line += _zone_line(rng)
        start = int(rng.integers(0, len(line) - length + 1))
        text = line[start : start + length]
    if rng.random() < 0.15:  # a cell that lost its ink is no filler
        text = "".join(SPACE if rng.random() < 0.12 else character for character in text)
    return text


def whole_line(rng: Rng) -> str:
    """Return one whole line of 9, 30, 36 or 44 characters, as a zone has it or random."""
    line = _zone_line(rng)
    return line if rng.random() < 0.6 else "".join(rng.choice(list(ALPHABET), len(line)))


def _zone_line(rng: Rng) -> str:
    length = int(rng.choice((30, 36, 44)))
    kind = rng.random()
    if kind < 0.45:
        names = (
            "<".join(rng.choice(_STEMS.split(), rng.integers(1, 3)))
            + "<<"
            + "<".join(rng.choice(_STEMS.split(), rng.integers(0, 4)))
        )
        head = (
            ""
            if rng.random() < 0.3
            else rng.choice(list("PIACV")) + rng.choice(list("<<DPON")) + rng.choice(_CODES.split())
        )
        return (head + names).ljust(length, "<")[:length]
    if kind < 0.97:
        number = _some(rng, int(rng.integers(7, 10))).ljust(9, "<") + _digits(rng, 1)
        dates = _digits(rng, 7) + rng.choice(list("MF<")) + _digits(rng, 7)
        own = _some(rng, int(rng.integers(0, 15))) if rng.random() < 0.5 else ""
        code = rng.choice(_CODES.split())
        if rng.random() < 0.3:
            return (dates + code + own).ljust(29, "<")[:29] + _digits(rng, 1)
        return (number + code + dates + own).ljust(length - 2, "<")[: length - 2] + _digits(rng, 2)
    return "".join(rng.choice(list(string.ascii_uppercase), 3)) + _digits(rng, 3) + rng.choice(list("DFIR")) + "<<"


def _digits(rng: Rng, length: int) -> str:
    return "".join(rng.choice(list(string.digits), length))


def _some(rng: Rng, length: int) -> str:
    letters = string.digits + (string.ascii_uppercase if rng.random() < 0.4 else "")
    head = min(length, int(rng.integers(0, 3)))
    return "".join(rng.choice(list(string.ascii_uppercase), head)) + "".join(rng.choice(list(letters), length - head))


def draw(rows: tuple[str, str, str], how: Print, rng: Rng) -> Drawn:
    """Draw three lines, one under the other; the middle one is meant, the others are what a strip shows of its like."""
    atlas, advance = _atlas(how.font)
    pitch = advance * how.advance
    cells = max(map(len, rows))
    width = math.ceil(pitch * cells) + _WIDE
    leading = round(_LEADING * CAP)
    ink = np.zeros((2 * leading + 2 * _HIGH, width), np.float32)
    first = pitch / 2 + _WIDE / 2
    for row, text in enumerate(rows):
        _put(ink, text, (first, _HIGH + row * leading), pitch, how, atlas, rng)
    return Drawn(_printed(ink, how, rng), rows[1], first, _HIGH + leading, pitch)


def draw_prose(width: float, rng: Rng) -> Drawn:
    """Draw a line of ordinary small letters, ``width`` capitals long: print beside a zone, of no interest."""
    face = ImageFont.truetype(_path(str(rng.choice(available(_PROSE)))) or "", CAP * 1.38)
    letters = list("eeeaaiioonnrrttssllddccuummppggbbvvhhffyyqkjxzwäéßñö")
    words = ("".join(rng.choice(letters, rng.integers(2, 12))) for _ in range(99))
    text = " ".join(word.capitalize() if rng.random() < 0.25 else word for word in words)
    leading = round(_LEADING * CAP)
    image = Image.new("L", (round(width * CAP), 2 * leading + 2 * _HIGH))
    pen = ImageDraw.Draw(image)
    for row in range(3):
        if row == 1 or rng.random() < 0.5:
            place = (_WIDE / 2, _HIGH + row * leading + CAP / 2)
            pen.text(place, text[int(rng.integers(80)) :][:120], font=face, fill=255, anchor="ls")
    return Drawn(np.asarray(image, np.float32) / 255, "", _WIDE / 2, _HIGH + leading, CAP)


def _put(
    ink: Ink, text: str, at: tuple[float, float], pitch: float, how: Print, atlas: dict[str, Ink], rng: Rng
) -> None:
    for cell, character in enumerate(text):
        if character == SPACE:
            continue
        off = rng.normal(0, how.jitter, 2) if how.jitter else (0.0, 0.0)
        left = round(at[0] + cell * pitch + off[0] - _WIDE / 2)
        top = round(at[1] + off[1] - _HIGH / 2)
        left = min(max(left, 0), ink.shape[1] - _WIDE)
        full = (how.pale if character == "<" else 1.0) * (1 - how.uneven * rng.random())
        part = ink[top : top + _HIGH, left : left + _WIDE]
        np.maximum(part, atlas[character] * np.float32(full), out=part)


def _printed(ink: Ink, how: Print, rng: Rng) -> Ink:
    if how.weight:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        share = abs(how.weight) * (1.0 if how.weight > 0 else 0.9)
        shaped = (cv2.dilate if how.weight > 0 else cv2.erode)(ink, kernel, iterations=1 + (share > 0.5))
        ink = ink * (1 - share) + shaped * share
    if how.dots:
        y, x = np.ogrid[: ink.shape[0], : ink.shape[1]]
        turn = math.tau / how.dots
        needle = np.clip(1.2 * (np.cos(x * turn) + np.cos(y * turn)) + 1.1, 0, 1).astype(np.float32)
        ink = cv2.dilate(ink * needle, np.ones((2, 2), np.uint8))
    if how.rough:
        noise = rng.normal(0, 1, (ink.shape[0] // 2 + 1, ink.shape[1] // 2 + 1)).astype(np.float32)
        noise = cv2.resize(cv2.GaussianBlur(noise, (0, 0), 0.8), (ink.shape[1], ink.shape[0]))
        ink = np.clip(cv2.GaussianBlur(ink, (0, 0), 1.2) * (1 + how.rough * 1.2 * noise), 0, 1)
    if how.bleed:
        ink = np.minimum(1.0, cv2.GaussianBlur(ink, (0, 0), how.bleed) * 1.15)
    return ink.astype(np.float32)


def available(names: tuple[str, ...]) -> list[str]:
    """Return those of ``names`` that are installed, in their order."""
    return [name for name in names if _path(name) is not None]


@cache
def _path(name: str) -> str | None:
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", *filter(None, [os.environ.get("TRAINING_FONTS")]))
    found = (path for folder in folders for path in sorted(Path(folder).rglob(name)))
    return next(map(str, found), None)


@cache
def _atlas(name: str) -> tuple[dict[str, Ink], float]:
    """Return each character's ink (_HIGH, _WIDE), its cell's middle in the middle, and the font's advance.

    ``name`` is a font's file name; after a plus, the font that the 4 is taken from.
    """
    if "+" in name:
        own, donor = name.split("+")
        atlas, advance = _atlas(own)
        return {**atlas, "4": _atlas(donor)[0]["4"]}, advance
    path = _path(name)
    if path is None:
        raise FileNotFoundError(f"font {name} is not installed: apt-get install fonts-ocr-b")
    trial = ImageFont.truetype(path, 400)
    probe = Image.new("L", (500, 600))
    ImageDraw.Draw(probe).text((20, 500), "H", font=trial, fill=255, anchor="ls")
    _, top, _, bottom = probe.getbbox() or (0, 0, 0, 400)
    over = 4
    face = ImageFont.truetype(path, 400 * CAP * over / (bottom - top))
    atlas = {}
    for character in ALPHABET:
        glyph = Image.new("L", (_WIDE * over, _HIGH * over))
        place = (_WIDE * over / 2, (_HIGH + CAP) * over / 2)
        ImageDraw.Draw(glyph).text(place, character, font=face, fill=255, anchor="ms")
        small = cv2.resize(np.asarray(glyph), (_WIDE, _HIGH), interpolation=cv2.INTER_AREA)
        atlas[character] = small.astype(np.float32) / 255
    return atlas, face.getlength("H") / over
