"""From files to what was seen in them: a file's pages are looked at until one has a zone, frames until they agree."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.recogniser.barcodes import MOST_CODES, Code, read_codes
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.pages import open_pages
from checkpoint_app.readers.recogniser.vote import together, vote
from checkpoint_app.readers.recogniser.zone import Zone, ZoneReader

_MORE_FRAME, _MORE_PAGE = 0.25, 1.0  # of the budget for each further one
_MOST_COUNTED = 8  # pages that the budget grows for
_LEAST = 0.4  # of the budget for one: with less, no page or frame is begun
_CODE_FRAMES = 2  # are searched for barcodes, the second only if the first has none
_SURE_PAGES = 3  # are looked at whatever the first of them cost: a cover, a letter, the document
_BLANK = 24  # grey levels between ink and paper: with less there is nothing to find


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture and what was found in it; ``page`` (from 1) of ``pages`` is where it stood in its file."""

    picture: Pixels
    zone: Zone | None
    codes: tuple[Code, ...] = ()
    page: int = 1
    pages: int = 1

    @property
    def rank(self) -> tuple[bool, tuple[bool, float]]:
        """Orders what was seen: a zone before none, then by the zone's rank."""
        return self.zone is not None, self.zone.rank if self.zone is not None else (False, 0.0)

    @property
    def valid(self) -> bool:
        """Whether its zone is without doubt."""
        return self.zone is not None and self.zone.decision.valid


@dataclass(slots=True)
class _Budget:
    """CPU seconds of this process: ``one`` for one picture, ``more`` of it for each further of ``count``."""

    one: float
    count: int
    more: float
    began: float = field(default_factory=time.process_time)

    @property
    def left(self) -> float:
        """What is left of all of it."""
        several = min(self.count, _MOST_COUNTED) - 1
        return self.one * (1 + self.more * several) - (time.process_time() - self.began)

    def share(self, done: int) -> float:
        """What the next may have after ``done``: an even share, however long the decoding took."""
        return min(self.one, max(_LEAST * self.one, self.left / (self.count - done)))

    @property
    def spent(self) -> bool:
        """Whether no further one is to be begun."""
        return self.left < _LEAST * self.one


class Looker:
    """Looks at files with one zone reader. Not thread-safe."""

    def __init__(self, reader: ZoneReader) -> None:
        self._reader = reader

    def file(self, data: bytes, today: date, budget_s: float) -> Seen:
        """Look at the pages of one file in order until one has a valid zone; return the best.

        Raises RefusalError where no page can be decoded.
        """
        pages = open_pages(data)
        budget = _Budget(budget_s, pages.count, _MORE_PAGE)
        best: Seen | None = None
        codes: list[Code] = []
        refusal = RefusalError("unreadable")
        for number in range(pages.count):
            if number >= _SURE_PAGES and budget.spent:
                break
            try:
                picture = pages.page(number)
            except RefusalError as error:
                refusal = error
                continue
            seen = self._look(picture, today, budget.share(number))
            codes += seen.codes
            if best is None or seen.rank > best.rank:
                best = replace(seen, page=number + 1, pages=pages.count)
            if seen.valid:
                break
        if best is None:
            raise refusal
        return replace(best, codes=_first((*best.codes, *codes)))

    def frames(self, images: Sequence[bytes], today: date, budget_s: float) -> Seen:
        """Look at frames of one document in order until they give a valid zone together; return the best.

        Raises RefusalError where none can be decoded.
        """
        budget = _Budget(budget_s, len(images), _MORE_FRAME)
        best: Seen | None = None
        zones: list[Zone] = []
        voted: Zone | None = None
        codes: list[Code] = []
        refusal = RefusalError("unreadable")
        for number, image in enumerate(images):
            if number > 1 and budget.spent:
                break
            try:
                picture = open_pages(image).page(0)
            except RefusalError as error:
                refusal = error
                continue
            seen = self._look(picture, today, budget.share(number), with_codes=number < _CODE_FRAMES and not codes)
            codes += seen.codes
            if best is None or seen.rank > best.rank:
                best = seen
            if seen.zone is not None:
                zones.append(seen.zone)
                voted = vote(together(zones), best.picture, today)
                if voted.decision.valid:
                    break
        if best is None:
            raise refusal
        best = best if voted is None else replace(best, zone=voted)
        return replace(best, codes=_first(codes))

    def _look(self, picture: Pixels, today: date, budget_s: float, with_codes: bool = True) -> Seen:
        if _blank(picture):
            return Seen(picture, None)
        zone = self._reader.read(picture, today, budget_s)
        return Seen(picture, zone, tuple(read_codes(picture)) if with_codes else ())


def _blank(picture: Pixels) -> bool:
    return int(np.ptp(picture[::4, ::4], axis=(0, 1)).max()) < _BLANK


def _first(codes: Sequence[Code]) -> tuple[Code, ...]:
    return tuple(dict.fromkeys(codes))[:MOST_CODES]
