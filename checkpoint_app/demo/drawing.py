"""What a specimen is drawn with: fonts, sheets and security ground. Millimetres in, pixels out.

All colours are (red, green, blue). Everything that varies comes from the generator that is passed in, so the same
seed draws the same specimen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
Place = tuple[float, float]

PX_PER_MM = 14.0
INK: Colour = (28, 30, 38)
PRINT: Colour = (88, 96, 112)
RED: Colour = (168, 22, 48)
# OCR-B size I is printed at ten characters an inch (ICAO Doc 9303-3, 4.4), and its advance is 0.723 em.
PITCH_MM = 2.54
_OCR_EM_MM = PITCH_MM / 0.723
_SHIFT = 4
_PACKAGES = {"OCRB.otf": "fonts-ocr-b"}


class MissingFontError(Exception):
    """A font that specimens are drawn with is not installed."""


@dataclass(frozen=True, slots=True)
class Tints:
    """Colours of a security ground: from and to of its gradient, and of its lines."""

    first: Colour
    second: Colour
    line: Colour
    other: Colour


@cache
def font(file_name: str, size_px: float) -> ImageFont.FreeTypeFont:
    """Return an installed font by its file name; raises MissingFontError naming the Debian package to install."""
    try:
        return ImageFont.truetype(file_name, size_px)
    except OSError:
        package = _PACKAGES.get(file_name, "fonts-adobe-sourcesans3")
        raise MissingFontError(f"font {file_name} is not installed: apt-get install {package}") from None


def px(mm: float) -> int:
    """Return millimetres as whole pixels of a sheet."""
    return round(mm * PX_PER_MM)


class Sheet:
    """A sheet of paper or plastic that is being printed; places are millimetres from its top left corner."""

    def __init__(self, ground: Pixels) -> None:
        self._image = Image.fromarray(ground)
        self._pen = ImageDraw.Draw(self._image)

    def text(
        self, at: Place, text: str, size: float, colour: Colour = INK, *, weight: str = "Semibold", right: bool = False
    ) -> None:
        """Print ``text`` in Source Sans 3, em ``size`` mm, with its baseline at ``at``; ``right``: ending there."""
        face = font(f"SourceSans3-{weight}.otf", round(size * PX_PER_MM, 1))
        place = (at[0] * PX_PER_MM, at[1] * PX_PER_MM)
        self._pen.text(place, text, font=face, fill=colour, anchor="rs" if right else "ls")

    def ocr(self, at: Place, line: str) -> None:
        """Print a line of a machine readable zone: OCR-B, every character in the middle of its own cell."""
        face = font("OCRB.otf", round(_OCR_EM_MM * PX_PER_MM, 2))
        for index, character in enumerate(line):
            middle = (at[0] + (index + 0.5) * PITCH_MM) * PX_PER_MM
            self._pen.text((middle, at[1] * PX_PER_MM), character, font=face, fill=INK, anchor="ms")

    def paste(self, at: Place, picture: Pixels, *, scale: float = 1.0, opacity: float = 1.0) -> None:
        """Print a picture, reduced by ``scale``, with its top left corner at ``at``."""
        over = Image.fromarray(picture).reduce(round(1 / scale))
        mask = Image.new("L", over.size, round(255 * opacity))
        self._image.paste(over, (px(at[0]), px(at[1])), mask)

    def stroke(self, points: NDArray[np.float64], colour: Colour, width: float) -> None:
        """Draw a line through ``points`` (n×2, mm)."""
        self._pen.line([(float(a), float(b)) for a, b in points * PX_PER_MM], fill=colour, width=px(width))

    def overprint(self, at: Place, text: str, size: float, *, opacity: float, angle: float = 0.0) -> None:
        """Print ``text`` across, centred at ``at``, turned by ``angle`` degrees, so that the ground shines through."""
        face = font("SourceSans3-Bold.otf", round(size * PX_PER_MM, 1))
        left, top, right, bottom = face.getbbox(text, anchor="ls")
        word = Image.new("L", (math.ceil(right - left) + 8, math.ceil(bottom - top) + 8))
        ImageDraw.Draw(word).text((4 - left, 4 - top), text, font=face, fill=round(255 * opacity), anchor="ls")
        word = word.rotate(angle, Image.Resampling.BICUBIC, expand=True)
        self._image.paste(RED, (px(at[0]) - word.width // 2, px(at[1]) - word.height // 2), word)

    def pixels(self) -> Pixels:
        """Return the printed sheet (height × width × 3)."""
        return np.asarray(self._image).copy()


def security_ground(width: float, height: float, tints: Tints, rng: np.random.Generator) -> Pixels:
    """Return a ground of ``width`` × ``height`` mm: a slow gradient, waves of fine lines, and two rosettes."""
    ground = gradient(px(width), px(height), tints.first, tints.second)
    _waves(ground, tints.line, rng, across=True)
    _waves(ground, tints.other, rng, across=False)
    for share in (0.36, 0.84):
        _rosette(ground, (px(width * share), px(height * 0.45)), px(height * 0.33), tints.other, rng)
    return ground


def gradient(width: int, height: int, first: Colour, second: Colour) -> Pixels:
    """Return ``width`` × ``height`` pixels that pass from one colour to the other."""
    across = np.linspace(0, 0.7, width, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 0.3, height, dtype=np.float32)[:, None, None]
    start, change = np.array(first, np.float32), np.array(second, np.float32) - np.array(first, np.float32)
    return np.asarray(start + change * (across + down)).astype(np.uint8)


def _draw_curve(ground: Pixels, x: NDArray[np.float64], y: NDArray[np.float64], colour: Colour) -> None:
    points = np.stack([x, y], axis=1) * (1 << _SHIFT)
    cv2.polylines(ground, [points.astype(np.int32)], False, colour, 1, cv2.LINE_AA, _SHIFT)


def _waves(ground: Pixels, colour: Colour, rng: np.random.Generator, *, across: bool) -> None:
    height, width = ground.shape[:2]
    length, depth = (width, height) if across else (height, width)
    along = np.linspace(0, length, 160)
    phase, turns = rng.uniform(0, math.tau), rng.uniform(1.6, 2.6)
    for step in np.linspace(0, 1, 46):
        swing = 0.09 * depth * np.sin(along / length * math.tau * turns + phase + 2.4 * step)
        beat = 0.05 * depth * np.sin(along / length * math.tau * (turns * 2.3) - 3.1 * step)
        off = depth * (step * 1.2 - 0.1) + swing + beat
        x, y = (along, off) if across else (off, along)
        _draw_curve(ground, x, y, colour)


def _rosette(ground: Pixels, centre: tuple[int, int], radius: int, colour: Colour, rng: np.random.Generator) -> None:
    turn = np.linspace(0, math.tau, 720)
    petals = int(rng.integers(9, 15))
    for ring in np.linspace(0.35, 1.0, 12):
        bend = radius * ring * (0.8 + 0.2 * np.cos(petals * turn + 4.0 * ring))
        _draw_curve(ground, centre[0] + bend * np.cos(turn), centre[1] + bend * np.sin(turn), colour)
