"""What runs in the confined child: a picture's bytes in, everything that was read in it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from checkpoint_app.documents import Format, digit_spans, field_spans
from checkpoint_app.documents.layout import LAYOUTS
from checkpoint_app.readers.recogniser.barcodes import read_codes
from checkpoint_app.readers.recogniser.message import Answer, FieldBox, LineStrip, Request
from checkpoint_app.readers.recogniser.models import DETECTOR, RECOGNISER, OnnxNetwork, Pixels
from checkpoint_app.readers.recogniser.picture import decode, preview
from checkpoint_app.readers.recogniser.recognise import END_PAD, Recogniser, cut_out
from checkpoint_app.readers.recogniser.twins import FoundLine
from checkpoint_app.readers.recogniser.upright import View, upright
from checkpoint_app.readers.recogniser.zone import Zone, ZoneReader, corners

_STRIP_PAD, _STRIP_STRETCH = 0.25, 1.0  # of the line's height, above and below; along the line


def factory() -> Callable[[bytes], bytes]:
    """Load the networks once, run each once so that the first picture waits for nothing, and return the handler."""
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)
    detector, recogniser = OnnxNetwork(DETECTOR), Recogniser(OnnxNetwork(RECOGNISER))
    detector(np.zeros((1, 3, 736, 736), dtype=np.float32))
    recogniser(np.zeros((48, 1200, 3), dtype=np.uint8))
    reader = ZoneReader(detector, recogniser)
    return lambda request: read(reader, Request.unpack(request)).pack()


def read(reader: ZoneReader, request: Request) -> Answer:
    """Read one picture; raises RefusalError where it cannot be decoded."""
    picture = decode(request.images[0] if request.images else b"")
    zone = reader.read(picture, request.today, request.budget_s)
    codes = tuple((code.format, code.data) for code in read_codes(picture))
    if zone is None:
        shown = preview(picture)
        return Answer((), False, (), (), (), codes, shown.jpeg, (shown.width, shown.height))
    document, view = upright(picture, zone.lines)
    shown = preview(document)
    decision = zone.decision
    doubtful = tuple(sorted(decision.doubtful))
    boxes = tuple(_boxes(zone, view))
    size = (shown.width, shown.height)
    return Answer(
        decision.mrz.lines,
        decision.valid,
        decision.confidence,
        doubtful,
        boxes,
        codes,
        shown.jpeg,
        size,
        _strips(picture, zone),
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
