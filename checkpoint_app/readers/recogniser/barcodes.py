"""Barcodes in a picture, as bytes: decoded text destroys the binary seals of ICAO Doc 9303-13."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import cast

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.codes.decode import Sighting, Treatment, Way, look, try_region
from checkpoint_app.readers.recogniser.codes.locate import locate
from checkpoint_app.readers.recogniser.codes.region import Corners, Region, module_size
from checkpoint_app.readers.recogniser.codes.tally import Tally
from checkpoint_app.readers.recogniser.models import Pixels

MOST_CODES = 8
BUDGET_S = 0.8
_WHOLE_PIXELS = 1_600_000  # the whole picture is looked at no larger than this
# In the order of what paid on drawn codes; the first two find three of four.
_FIRST = (Way(5, Treatment.CLEAR), Way(2.5, Treatment.RAW))
_MORE = (
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


def read_codes(picture: Pixels, budget_s: float = BUDGET_S) -> list[Code]:
    """Return the barcodes of ``picture`` (BGR), at most MOST_CODES, within about ``budget_s`` seconds of CPU time."""
    grey = cast(Pixels, cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    search = _Search(grey, time.thread_time() + budget_s)
    suspects = [_Suspect(region) for region in locate(grey)]
    for way in _FIRST:
        for suspect in suspects:
            search.try_(suspect, way)
    if not search.found():
        suspects = search.whole() + [suspect for suspect in suspects if suspect.seen]
    for suspect in suspects:
        for way in _FIRST + _MORE:
            search.try_(suspect, way)
    return search.found()[:MOST_CODES]


class _Search:
    """One picture, what was seen in it, and until when to look on."""

    def __init__(self, grey: Pixels, until: float) -> None:
        self._grey = grey
        self._until = until
        self._tally = Tally()

    def found(self) -> list[Code]:
        """Return the codes believed so far, each payload once."""
        return list(dict.fromkeys(Code(*believed) for believed in self._tally.codes()))

    def try_(self, suspect: _Suspect, way: Way) -> None:
        """Look at one region one way, unless that was done, the region is settled or time is up."""
        late = time.thread_time() > self._until
        if late or way in suspect.tried or self._tally.settled(suspect.region.centre):
            return
        suspect.tried.add(way)
        sightings = try_region(self._grey, suspect.region, way)
        suspect.seen |= bool(sightings)
        self._tally.add(sightings)

    def whole(self) -> list[_Suspect]:
        """Look at the whole picture, unaided, and return the regions where the decoder saw the shape of a code."""
        scale = min(1.0, (_WHOLE_PIXELS / self._grey.size) ** 0.5)
        small = cv2.resize(self._grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        sightings = [_enlarged(seen, scale) for seen in look(cast(Pixels, small), downscale=True)]
        self._tally.add(sightings)
        regions = [self._region(seen.corners) for seen in sightings]
        return [_Suspect(region, seen=True) for region in regions if region]

    def _region(self, corners: Corners) -> Region | None:
        (x, y), (width, height), angle = cv2.minAreaRect(np.array(corners, dtype=np.float32))
        if min(width, height) < 8:
            return None
        rect = ((x, y), (width, height), angle)
        return Region(*rect, module_size(self._grey, rect))


def _enlarged(seen: Sighting, scale: float) -> Sighting:
    a, b, c, d = ((x / scale, y / scale) for x, y in seen.corners)
    return replace(seen, corners=(a, b, c, d))
