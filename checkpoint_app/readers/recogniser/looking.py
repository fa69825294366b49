"""From files to what was seen in them: a file's pages are looked at until one has a zone, frames until they agree."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.recogniser.barcodes import MOST_CODES, Code, read_codes
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.pages import open_pages
from checkpoint_app.readers.recogniser.vote import together, vote
from checkpoint_app.readers.recogniser.zone import Zone, ZoneReader

_MORE = 0.25  # of the budget for each further page or frame: a reader that waits for all of them is none
_LEAST_S = 0.25  # CPU seconds: with less, no page is begun
_SHARE = 1.5  # of an even share of the time may go to one frame


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
    """CPU seconds of this process: ``one`` for one picture, ``_MORE`` of it for each further of ``count``."""

    one: float
    count: int
    began: float = field(default_factory=time.process_time)

    @property
    def left(self) -> float:
        """What is left of all of it."""
        return self.one * (1 + _MORE * (self.count - 1)) - (time.process_time() - self.began)

    @property
    def share(self) -> float:
        """What the next picture may have; never less than half of ``one``, however long the decoding took."""
        return max(self.one / 2, min(self.one, self.left))


class Looker:
    """Looks at files with one zone reader. Not thread-safe."""

    def __init__(self, reader: ZoneReader) -> None:
        self._reader = reader

    def file(self, data: bytes, today: date, budget_s: float) -> Seen:
        """Look at the pages of one file in order until one has a valid zone; return the best.

        Raises RefusalError where no page can be decoded.
        """
        pages = open_pages(data)
        budget = _Budget(budget_s, pages.count)
        best: Seen | None = None
        codes: list[Code] = []
        refusal = RefusalError("unreadable")
        for number in range(pages.count):
            if best is not None and budget.left < _LEAST_S:
                break
            try:
                picture = pages.page(number)
            except RefusalError as error:
                refusal = error
                continue
            seen = self._look(picture, today, budget.share)
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
        budget = _Budget(budget_s, len(images))
        best: Seen | None = None
        zones: list[Zone] = []
        voted: Zone | None = None
        codes: list[Code] = []
        refusal = RefusalError("unreadable")
        for number, image in enumerate(images):
            if best is not None and budget.left < _LEAST_S:
                break
            try:
                picture = open_pages(image).page(0)
            except RefusalError as error:
                refusal = error
                continue
            even = budget.left / (len(images) - number)
            seen = self._look(picture, today, min(budget.share, max(_LEAST_S, _SHARE * even)))
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

    def _look(self, picture: Pixels, today: date, budget_s: float) -> Seen:
        return Seen(picture, self._reader.read(picture, today, budget_s), tuple(read_codes(picture)))


def _first(codes: Sequence[Code]) -> tuple[Code, ...]:
    return tuple(dict.fromkeys(codes))[:MOST_CODES]
