"""Barcodes in a picture, as bytes: decoded text destroys the binary seals of ICAO Doc 9303-13."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import cast

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.codes.decode import MARGIN, Sighting, Treatment, Way, look, try_flat, try_region
from checkpoint_app.readers.recogniser.codes.locate import judge, locate
from checkpoint_app.readers.recogniser.codes.outline import Flat, flatten
from checkpoint_app.readers.recogniser.codes.region import Corners, Region
from checkpoint_app.readers.recogniser.codes.tally import Tally
from checkpoint_app.readers.recogniser.models import Pixels

MOST_CODES = 8
BUDGET_S = 0.5  # with 1.4 for the zone, a picture without anything stays below 2
_NOTHING_SEEN_S = 0.25
_MORE_CODES_S = 0.15  # for others once one was found
_LEAST_SIDE = 16  # pixels: the smallest Data Matrix has ten modules a side
_WHOLE_PIXELS = 1_000_000  # the whole picture is looked at no larger than this
_LIKELY = 0.0  # a region this much like a code is tried all ways even if the decoder saw nothing there
# In the order of what paid on drawn codes; the first two find three of four.
_FIRST = (Way(5, Treatment.CLEAR), Way(2.5, Treatment.RAW))
_MORE = (
    Way(6, Treatment.DEEP_FOCUS, flat=True),
    Way(6, Treatment.FOCUS),
    Way(5, Treatment.INVERSE),
    Way(3.5, Treatment.RAW, flat=True),
    Way(3.5, Treatment.INVERSE),
    Way(5, Treatment.FOCUS, flat=True),
    Way(5, Treatment.DEEP_FOCUS),
    Way(7, Treatment.SHARP),
    Way(3.5, Treatment.CLEAR),
    Way(2.5, Treatment.SHARP, single_threshold=True),
    Way(7, Treatment.CLEAR),
    Way(2.5, Treatment.RAW, single_threshold=True),
    Way(3.5, Treatment.LEVEL),
    Way(6, Treatment.CLEAR),
    Way(4.2, Treatment.SHARP),
)


@dataclass(frozen=True, slots=True)
class Code:
    """One barcode: its symbology (``PDF417``, ``Aztec``, ``QR Code``, ``Data Matrix``), its bytes, its four corners.

    The corners are pixels of the picture, from the code's own top left onwards.
    """

    format: str
    data: bytes
    corners: Corners | None = field(default=None, compare=False)


@dataclass(slots=True)
class _Suspect:
    """A region, the ways it was tried, and whether the decoder ever saw the shape of a code there."""

    region: Region
    seen: bool = False
    tried: set[Way] = field(default_factory=set)
    flat: Flat | None = None
    flattened: bool = False

    @property
    def promising(self) -> bool:
        """Whether it is worth more ways."""
        return self.seen or self.region.likeness >= _LIKELY

    def pull_flat(self, grey: Pixels) -> Flat | None:
        """Return the region pulled flat, or None if its edges are not found."""
        if not self.flattened:
            self.flattened = True
            self.flat = flatten(grey, self.region, MARGIN)
        return self.flat


def read_codes(picture: Pixels, budget_s: float = BUDGET_S) -> list[Code]:
    """Return the barcodes of ``picture`` (BGR), at most MOST_CODES, within about ``budget_s`` seconds of CPU time."""
    grey = cast(Pixels, cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    if min(grey.shape) < _LEAST_SIDE:
        return []
    search = _Search(grey, budget_s)
    suspects = [_Suspect(region) for region in locate(grey)]
    for way in _FIRST:
        for suspect in suspects:
            search.try_(suspect, way)
    suspects = [suspect for suspect in suspects if suspect.promising]
    if not search.found():
        suspects = search.whole() + suspects
    for suspect in suspects:
        for way in _FIRST + _MORE:
            search.try_(suspect, way)
    return search.found()[:MOST_CODES]


class _Search:
    """One picture, what was seen in it, and until when to look on."""

    def __init__(self, grey: Pixels, budget_s: float) -> None:
        self._grey = grey
        self._began = time.thread_time()
        self._budget_s = budget_s
        self._seen = False
        self._found_s: float | None = None
        self._tally = Tally()

    def found(self) -> list[Code]:
        """Return the codes believed so far, each payload once."""
        return list(dict.fromkeys(Code(*believed) for believed in self._tally.codes()))

    def try_(self, suspect: _Suspect, way: Way) -> None:
        """Look at one region one way, unless that was done, the region is settled or time is up."""
        if self._late() or way in suspect.tried or self._tally.settled(suspect.region.centre):
            return
        suspect.tried.add(way)
        sightings = self._look(suspect, way)
        suspect.seen |= bool(sightings)
        self._seen |= bool(sightings)
        self._tally.add(sightings)

    def _late(self) -> bool:
        """Most pictures have no code, and most others one: more is spent only where the shape of one was seen."""
        spent = time.thread_time() - self._began
        if self._found_s is None and self.found():
            self._found_s = spent
        budget_s = self._budget_s if self._seen else min(self._budget_s, _NOTHING_SEEN_S)
        return spent > budget_s or (self._found_s is not None and spent > self._found_s + _MORE_CODES_S)

    def _look(self, suspect: _Suspect, way: Way) -> list[Sighting]:
        if not way.flat:
            return try_region(self._grey, suspect.region, way)
        flat = suspect.pull_flat(self._grey)
        return try_flat(self._grey, flat, way) if flat else []

    def whole(self) -> list[_Suspect]:
        """Look at the whole picture, unaided, and return the regions where the decoder saw the shape of a code."""
        scale = min(1.0, (_WHOLE_PIXELS / self._grey.size) ** 0.5)
        small = cv2.resize(self._grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        sightings = [_enlarged(seen, scale) for seen in look(cast(Pixels, small), downscale=True)]
        self._tally.add(sightings)
        rects = [cv2.minAreaRect(np.array(seen.corners, dtype=np.float32)) for seen in sightings]
        regions = [judge(self._grey, Region((x, y), (w, h), angle, 1.0)) for (x, y), (w, h), angle in rects]
        return [_Suspect(region, seen=True) for region in regions if region]


def _enlarged(seen: Sighting, scale: float) -> Sighting:
    a, b, c, d = ((x / scale, y / scale) for x, y in seen.corners)
    return replace(seen, corners=(a, b, c, d))
