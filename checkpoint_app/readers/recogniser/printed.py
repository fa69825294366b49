"""The print beside the zone: lines of text as the general recogniser reads them, in all of its alphabet.

Nothing of the zone itself may be among them: it would agree with itself whatever was altered.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from checkpoint_app.readers.recogniser.detect import TextBox, detect
from checkpoint_app.readers.recogniser.message import MOST_TEXT, MOST_TEXTS
from checkpoint_app.readers.recogniser.models import OnnxNetwork, Pixels
from checkpoint_app.readers.recogniser.recognise import cut_out
from checkpoint_app.readers.recogniser.sheet import Sheet

Text = tuple[str, float]

_SIDE = 960  # at most, of the sheet's longer side
_COARSEST = 6.0  # pixels a millimetre that the detector is given: it needs no more
_LEVEL = 12.0  # degrees that a line may be off level
_MOST_BOXES = 40
_LOW, _HIGH = 0.9, 9.0  # mm: print of any other height is no value
_GAP = 1.2  # of their height: boxes nearer than this are one line
_ZONE = re.compile(r"<<|[<«»《》〈〉‹›≪≫く]{2}|^[PIACV][A-Z<]?<|[0-9A-Z<]{24}")


@dataclass(frozen=True, slots=True)
class Printed:
    """A line of print: where it stands on the sheet, what it says, and how sure its least sure character is."""

    box: TextBox
    text: str
    confidence: float


class PrintReader:
    """Reads the print of sheets with the detector and the general recogniser. Not thread-safe."""

    def __init__(self, detector: OnnxNetwork, recogniser: OnnxNetwork) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self._known = ["", *recogniser.metadata("character").split("\n"), " "]

    def boxes(self, sheet: Sheet) -> list[TextBox]:
        """Return the boxes of level print on ``sheet``, the surest first; those of the zone are left out."""
        side = min(_SIDE, round(max(sheet.pixels.shape[:2]) * min(1.0, _COARSEST / sheet.scale)))
        found = (box for box in detect(self._detector, sheet.pixels, max(side, 320)) if _is_print(box, sheet))
        return sorted(found, key=lambda box: -box.score)[:_MOST_BOXES]

    def read(self, sheet: Sheet, boxes: Sequence[TextBox], budget_s: float) -> tuple[Printed, ...]:
        """Read ``boxes``, as many as ``budget_s`` of CPU time is enough for; neighbours on one line become one."""
        until = time.process_time() + budget_s
        lines = []
        for box in boxes:
            if time.process_time() > until:
                break
            text, confidence = self.text(cut_out(sheet.pixels, box))
            lines.append(Printed(box, text, confidence))
        return tuple(line for line in _joined(lines) if line.text and not _ZONE.search(line.text))[:MOST_TEXTS]

    def text(self, crop: Pixels) -> Text:
        """Return what ``crop`` (48 pixels high) says, and the probability of its least sure character."""
        batch = (crop.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
        probabilities = self._recogniser(np.ascontiguousarray(batch))[0]
        best, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
        found: list[tuple[str, float]] = []
        before = 0
        for step, character in enumerate(best):
            if character and character == before:
                found[-1] = found[-1][0], max(found[-1][1], float(sure[step]))
            elif character:
                found.append((self._known[character], float(sure[step])))
            before = int(character)
        text = "".join(character for character, _ in found)
        return _plain(text), min((sureness for character, sureness in found if character.strip()), default=0.0)


def _plain(text: str) -> str:
    kept = (" " if character.isspace() else character for character in unicodedata.normalize("NFKC", text))
    return "".join(one for one in kept if one.isprintable()).strip()[:MOST_TEXT]


def _is_print(box: TextBox, sheet: Sheet) -> bool:
    left, top, right, bottom = sheet.zone
    in_zone = left - 2 * box.height <= box.x <= right + 2 * box.height and top <= box.y <= bottom
    return not in_zone and abs(box.angle) <= _LEVEL and _LOW <= box.height / sheet.scale <= _HIGH


def _joined(lines: Sequence[Printed]) -> Iterator[Printed]:
    """Join neighbours of one line, from left to right."""
    rest = sorted(lines, key=lambda line: line.box.x - line.box.length / 2)
    while rest:
        line = rest.pop(0)
        while (mate := next((other for other in rest if _follows(line.box, other.box)), None)) is not None:
            rest.remove(mate)
            line = Printed(
                _around(line.box, mate.box),
                f"{line.text} {mate.text}".strip()[:MOST_TEXT],
                min(line.confidence, mate.confidence),
            )
        yield line


def _follows(box: TextBox, other: TextBox) -> bool:
    height = min(box.height, other.height)
    gap = (other.x - other.length / 2) - (box.x + box.length / 2)
    across = abs(other.y - box.at(other.x - box.x)[1])
    return -height < gap < _GAP * height and across < 0.4 * height and max(box.height, other.height) < 1.5 * height


def _around(box: TextBox, other: TextBox) -> TextBox:
    left, right = box.x - box.length / 2, other.x + other.length / 2
    return box.moved((left + right) / 2 - box.x, right - left)
