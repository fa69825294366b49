"""Type: Source Sans 3 for the screen, OCR-B for machine readable lines only. Both come as Debian packages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

SANS = "Source Sans 3"
OCR = "OCR B"
PACKAGES = {SANS: "fonts-adobe-sourcesans3", OCR: "fonts-ocr-b"}

REGULAR, STRONG, BOLD = 400, 600, 700


class Face(NamedTuple):
    """A size in units and a weight; ``ocr`` asks for OCR-B."""

    size: float
    weight: int = REGULAR
    ocr: bool = False

    @property
    def line(self) -> float:
        """Height of a line of text, in units: 1.33 times the size."""
        return self.size * 1.33

    @property
    def capital(self) -> float:
        """Height of a capital letter, in units: 0.66 of the size in Source Sans 3, 0.71 in OCR-B."""
        return self.size * (0.71 if self.ocr else 0.66)


LABEL, LABEL_STRONG = Face(18), Face(18, STRONG)
BODY, BODY_STRONG, BODY_BOLD = Face(20), Face(20, STRONG), Face(20, BOLD)
ENTRY = Face(22, BOLD)
TITLE, HUGE = Face(28, BOLD), Face(56, BOLD)


@cache
def font(face: Face) -> QFont:
    """Return the font of ``face`` with tabular figures; sizes are in the painter's units."""
    result = QFont(OCR if face.ocr else SANS)
    result.setPixelSize(int(face.size))
    result.setWeight(QFont.Weight(face.weight))
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if not face.ocr:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


@cache
def metrics(face: Face) -> QFontMetricsF:
    """Return the measures of ``face``, in units."""
    return QFontMetricsF(font(face))


def width(text: str, face: Face) -> float:
    """Return how wide ``text`` is in ``face``, in units."""
    return metrics(face).horizontalAdvance(text)


def elide_middle(text: str, face: Face, room: float) -> str:
    """Return ``text``, shortened by an ellipsis in its middle where it is wider than ``room``."""
    if width(text, face) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        head = (kept + 1) // 2
        shorter = f"{text[:head].rstrip()}…{text[len(text) - (kept - head) :].lstrip()}"
        if width(shorter, face) <= room:
            return shorter
    return "…"


def elide_right(text: str, face: Face, room: float) -> str:
    """Return ``text``, cut with an ellipsis at its end where it is wider than ``room``."""
    if width(text, face) <= room:
        return text
    kept = next((n for n in range(len(text) - 1, 0, -1) if width(text[:n].rstrip() + "…", face) <= room), 0)
    return text[:kept].rstrip() + "…"


def wrap(text: str, face: Face, room: float) -> tuple[str, ...]:
    """Break ``text`` at its spaces (never at no-break spaces) into lines no wider than ``room``.

    A word that is wider by itself is broken between its letters, after a hyphen where it has one.
    """
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer, face) > room:
            lines.append(line)
            longer = word
        while width(longer, face) > room and len(longer) > 1:
            at = _letters_in(longer, face, room)
            lines.append(longer[:at])
            longer = longer[at:]
        line = longer
    return (*lines, line)


def after(text: str, lines: Sequence[str]) -> str:
    """Return what is left of ``text`` after the first lines that ``wrap`` made of it."""
    for line in lines:
        text = text.removeprefix(line).removeprefix(" ")
    return text


def _letters_in(word: str, face: Face, room: float) -> int:
    """Return how many letters of ``word`` go into ``room``, at least one, never all; up to a hyphen if it has one."""
    most = next((at for at in range(2, len(word)) if width(word[:at], face) > room), len(word)) - 1
    hyphen = word.rfind("-", 1, most) + 1
    return hyphen or max(1, most)


def missing_packages() -> tuple[tuple[str, str], ...]:
    """Return (family, Debian package) of each font that is not installed."""
    families = set(QFontDatabase.families())
    return tuple((family, package) for family, package in PACKAGES.items() if family not in families)
