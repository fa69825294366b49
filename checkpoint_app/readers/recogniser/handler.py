"""What runs in the confined child: a picture's bytes in, everything that was read in it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import cv2
import numpy as np

from checkpoint_app.documents import Format, digit_spans, field_spans
from checkpoint_app.documents.layout import LAYOUTS
from checkpoint_app.readers.recogniser.looking import Looker, Seen
from checkpoint_app.readers.recogniser.message import Answer, FieldBox, LineStrip, Request
from checkpoint_app.readers.recogniser.models import DETECTOR, RECOGNISER, OnnxNetwork, Pixels
from checkpoint_app.readers.recogniser.picture import preview
from checkpoint_app.readers.recogniser.portrait import portrait
from checkpoint_app.readers.recogniser.printed import PrintReader
from checkpoint_app.readers.recogniser.recognise import END_PAD, Recogniser, cut_out
from checkpoint_app.readers.recogniser.sheet import sheet
from checkpoint_app.readers.recogniser.twins import FoundLine
from checkpoint_app.readers.recogniser.upright import View, upright
from checkpoint_app.readers.recogniser.zone import Zone, ZoneReader, corners

_PRINT_S = 0.9  # CPU time for reading print, after some tenths for finding it
_NO_PRINT = Answer((), False, (), (), (), (), b"", (0, 0))
_STRIP_PAD, _STRIP_STRETCH = 0.25, 1.0  # of the line's height, above and below; along the line


def factory() -> Callable[[bytes], bytes]:
    """Load the networks once, run each once so that the first picture waits for nothing, and return the handler."""
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)
    detector, general = OnnxNetwork(DETECTOR), OnnxNetwork(RECOGNISER)
    recogniser = Recogniser(general)
    detector(np.zeros((1, 3, 736, 736), dtype=np.float32))
    recogniser(np.zeros((48, 1200, 3), dtype=np.uint8))
    handler = Handler(ZoneReader(detector, recogniser), PrintReader(detector, general))
    return lambda request: handler.read(Request.unpack(request)).pack()


@dataclass(frozen=True, slots=True)
class Last:
    """What the last request was about, by the digest of its images, and what was seen: for a question about it."""

    digest: bytes
    seen: Seen


class Handler:
    """Answers requests, one after the other. ``last`` spares a second question about the same images the reading."""

    def __init__(self, reader: ZoneReader, printed: PrintReader) -> None:
        self._looker = Looker(reader)
        self._printed = printed
        self.last: Last | None = None

    def read(self, request: Request) -> Answer:
        """Read one file, or frames of one document; raises RefusalError where nothing can be decoded."""
        if not request.printed:
            return answer(self._look(request))
        last = self.last
        known = last is not None and last.digest == digest(request.images)
        return self._print(last.seen if last is not None and known else self._look(request))

    def _look(self, request: Request) -> Seen:
        self.last = None  # two pictures at once would be one too many
        images = request.images
        if len(images) > 1:
            seen = self._looker.frames(images, request.today, request.budget_s)
        else:
            seen = self._looker.file(images[0] if images else b"", request.today, request.budget_s)
        self.last = Last(digest(images), seen)
        return seen

    def _print(self, seen: Seen) -> Answer:
        """Answer with the print beside the zone; without a zone nobody knows whose print it is."""
        if seen.zone is None:
            return _NO_PRINT
        _, view = upright(seen.picture, seen.zone.lines)
        around = sheet(seen.picture, seen.zone.lines, view)
        boxes = self._printed.boxes(around)
        texts = tuple((line.text, line.confidence) for line in self._printed.read(around, boxes, _PRINT_S))
        return replace(_NO_PRINT, printed=texts, portrait=portrait(around, boxes))


def digest(images: Sequence[bytes]) -> bytes:
    """Return what tells the images of one request from those of another: SHA-256 over their own."""
    return sha256(b"".join(sha256(image).digest() for image in images)).digest()


def answer(seen: Seen) -> Answer:
    """Put what was seen into the words of the message."""
    codes = tuple((code.format, code.data) for code in seen.codes)
    zone = seen.zone
    if zone is None:
        shown = preview(seen.picture)
        size = (shown.width, shown.height)
        return Answer((), False, (), (), (), codes, shown.jpeg, size, page=seen.page, pages=seen.pages)
    document, view = upright(seen.picture, zone.lines)
    shown = preview(document)
    decision = zone.decision
    return Answer(
        decision.mrz.lines,
        decision.valid,
        decision.confidence,
        tuple(sorted(decision.doubtful)),
        tuple(_boxes(zone, view)),
        codes,
        shown.jpeg,
        (shown.width, shown.height),
        _strips(seen.picture, zone),
        seen.page,
        seen.pages,
    )


def _strips(picture: Pixels, zone: Zone) -> tuple[LineStrip, ...]:
    return tuple(_strip(picture, line) for line in zone.lines)


def _strip(picture: Pixels, line: FoundLine) -> LineStrip:
    """Cut one line out for the officer's eye, with a little of what is around it."""
    crop = cut_out(picture, line.box, line.turn, _STRIP_PAD, _STRIP_STRETCH)
    length = line.box.length + END_PAD * line.box.height
    centres = tuple(min(1.0, max(0.0, 0.5 + at / length)) for at in line.centres)
    return LineStrip(preview(crop, most=crop.shape[1], quality=80).jpeg, centres)


def _boxes(zone: Zone, view: View) -> list[FieldBox]:
    format_ = zone.decision.mrz.document.format
    places = [("line", n, 1, length) for n, length in enumerate(_lengths(format_), start=1)]
    places += [(span.field, span.line, span.first, span.last) for span in field_spans(format_)]
    places += [(f"{span.field}_digit", span.line, span.first, span.last) for span in digit_spans(format_)]
    return [_box(zone, view, place) for place in places]


def _lengths(format_: Format) -> Sequence[int]:
    return LAYOUTS[format_].lengths


def _box(zone: Zone, view: View, place: tuple[str, int, int, int]) -> FieldBox:
    field, line, first, last = place
    points = view.place(corners(zone.lines[line - 1], first - 1, last - 1))
    (left, top), (right, bottom) = np.clip(points.min(axis=0), 0, 1), np.clip(points.max(axis=0), 0, 1)
    doubtful = any(at == line - 1 and first - 1 <= column < last for at, column in zone.decision.doubtful)
    return FieldBox(field, line, float(left), float(top), float(right - left), float(bottom - top), doubtful)
