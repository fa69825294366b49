"""Which of the things the decoder saw are believed: a wrong payload is worse than none.

How a wrong one comes about (all three seen): a correction that used up every check symbol fits any noise to some
payload; PDF417 with one row too many decodes with a tail of check symbols read as text, and much correction to spare;
a small code is found in a texture. So nothing counts that left no correction unused, and two views must agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.codes.decode import Sighting
from checkpoint_app.readers.recogniser.codes.region import Corners, centre

MOST_BYTES = 8_192  # the largest QR code holds 2,953
LEAST_BYTES = 8  # less is no document
_LEAST_SPARE = {"PDF417": 0.2}  # guesses at illegible codewords are dear there: two check symbols must be left of eight
_OTHER_SPARE = 0.1
_ENOUGH = 2  # votes ahead of every other reading of the same place
_CERTAIN_SPARE = 0.5
_CERTAIN_BYTES = 16


class Believed(NamedTuple):
    """A code that is believed: its symbology, its bytes, its corners in the picture."""

    format: str
    data: bytes
    corners: Corners


@dataclass(slots=True)
class _Place:
    """One place of the picture and the votes for what stands there."""

    corners: Corners
    votes: Counter[tuple[str, bytes]] = field(default_factory=Counter)

    def holds(self, corners: Corners) -> bool:
        return _inside(centre(corners), self.corners) or _inside(centre(self.corners), corners)

    def verdict(self) -> Believed | None:
        if not self.votes:
            return None
        ((name, data), count), *others = self.votes.most_common(2)
        lead = count - (others[0][1] if others else 0)
        return Believed(name, data, self.corners) if lead >= _ENOUGH else None


class Tally:
    """The votes of all views of one picture."""

    def __init__(self) -> None:
        self._places: list[_Place] = []

    def add(self, sightings: Iterable[Sighting]) -> None:
        """Count what one view saw."""
        for seen in {(seen.format, seen.data): seen for seen in sightings}.values():
            if seen.data is None or (votes := _votes(seen, len(seen.data))) == 0:
                continue
            place = next((place for place in self._places if place.holds(seen.corners)), None)
            if place is None:
                place = _Place(seen.corners)
                self._places.append(place)
            place.votes[seen.format, seen.data] += votes

    def codes(self) -> Iterator[Believed]:
        """Yield the codes that are believed."""
        for place in self._places:
            if code := place.verdict():
                yield code

    def settled(self, point: tuple[float, float]) -> bool:
        """Return whether a believed code covers ``point``."""
        return any(_inside(point, code.corners) for code in self.codes())


def _votes(seen: Sighting, length: int) -> int:
    if not LEAST_BYTES <= length <= MOST_BYTES or seen.spare < _LEAST_SPARE.get(seen.format, _OTHER_SPARE):
        return 0
    certain = seen.format != "PDF417" and seen.spare >= _CERTAIN_SPARE and length >= _CERTAIN_BYTES
    return _ENOUGH if certain else 1


def _inside(point: tuple[float, float], corners: Corners) -> bool:
    return cv2.pointPolygonTest(np.array(corners, dtype=np.float32), point, measureDist=False) >= 0
