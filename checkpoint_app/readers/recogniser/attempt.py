"""One run of lines, looked at once or several times: strips, cells, decision, second witness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from checkpoint_app.documents import Format
from checkpoint_app.readers.recogniser.decide import Decision, decide, formats_for, weightier
from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.doubts import undecided
from checkpoint_app.readers.recogniser.evidence import Doubles
from checkpoint_app.readers.recogniser.lines import reaching
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.recognise import END_PAD, confidence, cut_out
from checkpoint_app.readers.recogniser.twins import FoundLine, Glyphs, hear
from checkpoint_app.readers.recogniser.witnesses import LineCells, Sight, Witnesses, line_cells, together

LIKELY = 0.5  # least rank of a decision that is shown at all
_HEAD = 0.45  # of the next line's length: a first line below this is the short one of a Swiss driving licence
_LENGTHS = {2: ((44, 44), (36, 36)), 3: ((30, 30, 30),)}
_HEADED = ((9, 30, 30),)
_BEYOND, _GOING_ON = 8, 3  # cells of an MRV-A more than of an MRV-B; characters seen there that tell of more


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone found in a picture: what was decided, where its lines are, and how well they stood on the grid.

    ``likelihood`` (cells, 37) of each line is what all looks at it saw together: frames of one document vote with it.
    """

    decision: Decision
    lines: tuple[FoundLine, ...]
    fit: float
    likelihood: tuple[Doubles, ...] = ()

    @property
    def rank(self) -> tuple[bool, float]:
        """Orders readings of one picture: without doubt first, then by faults, clearness and fit."""
        faults = len(self.decision.mrz.faults)
        return self.decision.valid, self.decision.quality * self.fit - 0.03 * faults


@dataclass(slots=True)
class Strip:
    """A line to be looked at; what all looks so far have seen in its cells; where the last one saw characters."""

    box: TextBox
    turn: float
    general: list[Doubles] = field(default_factory=list)
    own: list[Doubles] = field(default_factory=list)
    text: str = ""
    places: tuple[float, ...] = ()

    def note(self, sights: Sequence[Sight]) -> None:
        """Keep the surest plain decoding, its places as pixels along the line in reading direction."""
        best = max(sights, key=lambda sight: confidence(sight.found))
        self.text = best.text
        length, steps = self.box.length + END_PAD * self.box.height, len(best.probabilities)
        self.places = tuple(((peak.step + 0.5) / steps - 0.5) * length for peak in best.found)

    def all_looks(self, cells: LineCells) -> tuple[Doubles, Doubles]:
        """Return what the general and the own network have seen in all looks, ``cells`` being the last."""
        return np.mean([*self.general, cells.general], axis=0), np.mean([*self.own, cells.own], axis=0)


class Attempt:
    """Lines (in reading order) that may be one zone. Each look adds to what the looks before have seen."""

    def __init__(self, witnesses: Witnesses, picture: Pixels, today: date, run: Sequence[TextBox], turn: float) -> None:
        self._witnesses = witnesses
        self._picture = picture
        self._today = today
        self.strips = [Strip(box, turn) for box in run]

    def look(self, pad: float, stretch: float) -> Zone | None:
        """Look once, at strips ``pad`` wider across and ``stretch`` times as long; returns what all looks make."""
        seen = [self._witnesses.look(cut_out(self._picture, s.box, s.turn, pad, stretch)) for s in self.strips]
        for strip, sights in zip(self.strips, seen, strict=True):
            strip.note(sights)
        best: tuple[Zone, list[LineCells]] | None = None
        for counts in self._counts(seen):
            cells = _fitted(seen, counts)
            for zone in self._zones(cells) if cells else ():
                if best is None or zone.rank > best[0].rank:
                    best = zone, cells
        if best is None:
            return None
        for strip, cells_seen in zip(self.strips, best[1], strict=True):
            strip.general.append(cells_seen.general)
            strip.own.append(cells_seen.own)
        return best[0]

    def _counts(self, seen: Sequence[Sequence[Sight]]) -> Sequence[tuple[int, ...]]:
        """Return how many cells the lines may have: what an earlier look found, or what every line has peaks for."""
        if self.strips[0].own:
            return (tuple(len(strip.own[0]) for strip in self.strips),)
        possible = _LENGTHS[len(self.strips)]
        if len(self.strips) == 3 and self.strips[0].box.length < _HEAD * self.strips[1].box.length:
            possible = _HEADED
        exact = [counts for counts in possible if _exactly(seen, counts)]
        return exact[:1] or possible

    def _zones(self, cells: Sequence[LineCells]) -> Iterator[Zone]:
        looks = [s.all_looks(c) for s, c in zip(self.strips, cells, strict=True)]
        general, likelihood = [look[0] for look in looks], [together(*look) for look in looks]
        lines = tuple(_located(s, c) for s, c in zip(self.strips, cells, strict=True))
        fit = float(np.mean([c.fit for c in cells]))
        for format_ in formats_for(likelihood):
            plain = _fewer(
                decide(format_, likelihood, self._today), decide(format_, general, self._today, judge=likelihood)
            )
            zone = Zone(plain, lines, fit, tuple(likelihood))
            if zone.rank[1] >= LIKELY:
                decision = witnessed(plain, likelihood, Glyphs(self._picture, lines), self._today)
                if format_ is Format.MRVB and decision.valid and any(map(self._goes_on, self.strips, lines)):
                    decision = replace(
                        decision, doubtful=frozenset((n, len(c.places) - 1) for n, c in enumerate(cells))
                    )
                zone = replace(zone, decision=decision)
            yield zone

    def _goes_on(self, strip: Strip, line: FoundLine) -> bool:
        """Tell whether a line seems to go on beyond its last cell.

        A larger visa whose last fillers are washed out reads like a smaller one, and no check digit covers its length.
        """
        pitch, end = float(np.median(np.diff(line.centres))), line.centres[-1]
        beyond = reaching(strip.box, strip.turn, end + 0.5 * pitch, end + (_BEYOND + 0.5) * pitch)
        return len(self._witnesses.glance(cut_out(self._picture, beyond, strip.turn)).found) >= _GOING_ON


def witnessed(plain: Decision, likelihood: Sequence[Doubles], glyphs: Glyphs, today: date) -> Decision:
    """Return ``plain``, decided from ``likelihood``, after the second witness: the print of the zone itself."""
    format_ = plain.mrz.document.format
    hearing = hear(format_, plain.mrz.lines, likelihood, glyphs)
    decision = weightier(plain, decide(format_, hearing.likelihood, today))
    if decision.mrz.valid:
        decision = replace(decision, doubtful=decision.doubtful | undecided(format_, decision, hearing, glyphs))
    return decision if decision.valid else replace(decision, doubtful=decision.doubtful | decision.unclear)


def _fewer(both: Decision, general: Decision) -> Decision:
    """Return the reading of both networks, unless that of the general one holds with less to repair.

    On print that it was not trained on the own network sees many characters wrong; check digits then tell.
    """
    worse = len(both.mrz.faults) + both.repaired, len(general.mrz.faults) + general.repaired
    return general if worse[1] < worse[0] else both


def _exactly(seen: Sequence[Sequence[Sight]], counts: Sequence[int]) -> bool:
    pairs = zip(seen, counts, strict=True)
    return all(any(len(sight.found) == count for sight in sights) for sights, count in pairs)


def _fitted(seen: Sequence[Sequence[Sight]], counts: Sequence[int]) -> list[LineCells]:
    """Return the cells of each line, or nothing where no line stands on such a grid.

    Lines of one zone begin and end together: where one has too few peaks of its own (pale fillers, a thumb), it is read
    at the places of its neighbour.
    """
    cells = [line_cells(sights, count) for sights, count in zip(seen, counts, strict=True)]
    whole: list[LineCells] = []
    for number, own in enumerate(cells):
        others = [c for c in cells if c is not None and len(c.places) == counts[number]]
        like = max(others, key=lambda c: c.fit).places if others else None
        found = own if own is not None else line_cells(seen[number], counts[number], like)
        if found is None:
            return []
        whole.append(found)
    return whole


def _located(strip: Strip, cells: LineCells) -> FoundLine:
    """Turn the cells' places along the strip into pixels along the line, from its centre."""
    length = strip.box.length + END_PAD * strip.box.height
    return FoundLine(strip.box, strip.turn, tuple(map(float, (cells.places - 0.5) * length)))
