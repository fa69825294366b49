"""Finds the zone in a picture and reads it: detector, direction, lines, cells, decision, and second looks where needed.

What costs least comes first; each further step is taken only where the answer is not yet without doubt, and none
once the time is up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from checkpoint_app.readers.recogniser.decide import Decision, decide, formats_for, weightier
from checkpoint_app.readers.recogniser.detect import TextBox, detect
from checkpoint_app.readers.recogniser.doubts import undecided
from checkpoint_app.readers.recogniser.evidence import Doubles
from checkpoint_app.readers.recogniser.grid import Cells, fit_cells
from checkpoint_app.readers.recogniser.lines import chains, extended, joined, levelled, long_boxes, mates
from checkpoint_app.readers.recogniser.models import Network, Pixels
from checkpoint_app.readers.recogniser.recognise import Peak, Recogniser, confidence, cut_out, peaks
from checkpoint_app.readers.recogniser.twins import FoundLine, Glyphs, hear

_SIDE = 736
_SECOND_SIDES = (960, 1280)  # of small pictures and of large ones, where the zone may be a small part
_LARGE = 1100
_CARD, _ABOUT = 30, 2  # two lines of about this many characters want a third
_LENGTHS = {2: (44, 36), 3: (30,)}
_PROBE = 0.4  # of a line, its middle: enough to tell a zone from other print
_PROMISING = 0.7  # mean confidence of the probes of a zone's lines; a line of pale fillers may be much weaker
_WEAKEST = 0.4
_LIKELY = 0.5  # least rank of a decision that is shown at all
_MOST_PROBES = 28
_CLEAR_PROBE = 0.9  # of a line that is looked for company around it
# How a second look differs: (strip wider across, stretched along).
_VIEWS = ((0.2, 1.0), (0.0, 1.25), (0.35, 1.1))


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
class _Strip:
    """A line to be looked at, and what all looks so far have seen in its cells."""

    box: TextBox
    turn: float
    seen: list[Doubles] = field(default_factory=list)
    characters: int = 0


class ZoneReader:
    """Reads zones with the two networks. Not thread-safe."""

    def __init__(self, detector: Network, recogniser: Recogniser) -> None:
        self._detector = detector
        self._recogniser = recogniser

    def read(self, picture: Pixels, today: date, budget_s: float) -> Zone | None:
        """Return the best zone in ``picture``, or None where there is none; looks no further after ``budget_s``."""
        search = _Search(self._recogniser, picture, today, time.process_time() + budget_s)
        longer = max(picture.shape[:2])
        for side in (_SIDE, _SECOND_SIDES[longer > _LARGE]):
            search.run(detect(self._detector, picture, side))
            if search.settled:
                break
        return search.best


class _Search:
    """The search of one picture: its probes, its best zone so far, its deadline (CPU seconds of this process)."""

    def __init__(self, recogniser: Recogniser, picture: Pixels, today: date, deadline: float) -> None:
        self._recognise = recogniser
        self._picture = picture
        self._today = today
        self._deadline = deadline
        self._probes: dict[tuple[float, float, float], float] = {}
        self._turns: dict[int, float] = {}
        self.best: Zone | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing is to be gained by looking on."""
        return self._late or (self.best is not None and (self.best.decision.valid or self._clear(self.best)))

    @property
    def _late(self) -> bool:
        return time.process_time() > self._deadline

    @staticmethod
    def _clear(zone: Zone) -> bool:
        """Tell whether all was seen clearly: a wrong digit is then printed wrong, and no look will change it."""
        return zone.fit > 0.8 and min(min(line) for line in zone.decision.confidence) > 0.75

    def run(self, boxes: Sequence[TextBox]) -> None:
        """Try the runs of lines that ``boxes`` make, likeliest first."""
        long = joined(long_boxes(boxes, max(self._picture.shape[:2])))[:40]
        for run in chains(long):
            if self._tries(run):
                return
        if self.best is not None:
            return
        for box in long:
            if self._late or len(self._probes) > _MOST_PROBES:
                return
            if self._probe(box, self._turn(box)) >= _CLEAR_PROBE and any(map(self._tries, mates(box, boxes))):
                return

    def _tries(self, run: Sequence[TextBox]) -> bool:
        """Try one run; True where the search is over."""
        if self._late or len(self._probes) > _MOST_PROBES:
            return True
        if self._promising(run):
            lengths = self._try(levelled(run))
            if len(run) == 2 and not self.settled and all(abs(length - _CARD) <= _ABOUT for length in lengths):
                for longer in extended((run[0], run[1])):
                    self._try(levelled(longer))
        return self.settled

    def _promising(self, run: Sequence[TextBox]) -> bool:
        turn = self._turn(run[0])
        probes = [self._probe(box, turn) for box in run]
        return float(np.mean(probes)) >= _PROMISING and min(probes) >= _WEAKEST

    def _turn(self, box: TextBox) -> float:
        """Return which way up lines of this direction read (0 or 180), found out once for each direction."""
        direction = round(box.angle / 45) % 4
        if direction not in self._turns:
            up = self._probe(box, 0)
            down = self._probe(box, 180) if up < _CLEAR_PROBE else 0.0
            if max(up, down) < _PROMISING:
                return 0.0  # no text of a zone: it tells nothing about the direction
            self._turns[direction] = 0.0 if up >= down else 180.0
        return self._turns[direction]

    def _probe(self, box: TextBox, turn: float) -> float:
        key = (round(box.x), round(box.y), turn)
        if key not in self._probes:
            middle = replace(box, length=box.length * _PROBE)
            self._probes[key] = confidence(peaks(self._recognise(cut_out(self._picture, middle, turn))))
        return self._probes[key]

    def _try(self, run: Sequence[TextBox]) -> list[int]:
        """Read ``run`` and look again while there are doubts; returns how many characters its lines seem to have."""
        turn = self._turn(run[0])
        strips = [_Strip(box, turn) for box in (run if turn == 0 else run[::-1])]
        views = iter(_VIEWS)
        view: tuple[float, float] | None = (0.0, 1.0)
        while view is not None and not self._late:
            found = self._decided(strips, view)
            if found is None or found.rank[1] < _LIKELY:
                break
            if self.best is None or found.rank > self.best.rank:
                self.best = found
            view = None if self.settled else next(views, None)
        return [strip.characters for strip in strips]

    def _decided(self, strips: Sequence[_Strip], view: tuple[float, float]) -> Zone | None:
        pad, stretch = view
        seen = [self._recognise(cut_out(self._picture, s.box, s.turn, pad, stretch)) for s in strips]
        found = [peaks(line) for line in seen]
        for strip, peak in zip(strips, found, strict=True):
            strip.characters = len(peak)
        best: tuple[Zone, list[Cells]] | None = None
        for count in self._counts(strips, found):
            fitted = [fit_cells(line, peak, count) for line, peak in zip(seen, found, strict=True)]
            cells = [c for c in fitted if c is not None]
            if len(cells) < len(fitted):
                continue
            for zone in self._zones(strips, cells, [len(line) for line in seen]):
                if best is None or zone.rank > best[0].rank:
                    best = zone, cells
        if best is None:
            return None
        for strip, cells_seen in zip(strips, best[1], strict=True):
            strip.seen.append(cells_seen.likelihood)
        return best[0]

    @staticmethod
    def _counts(strips: Sequence[_Strip], found: Sequence[list[Peak]]) -> tuple[int, ...]:
        """Return how many cells the lines may have: what an earlier look found, or what every line has peaks for."""
        if strips[0].seen:
            return (len(strips[0].seen[0]),)
        possible = _LENGTHS[len(strips)]
        same = {len(line) for line in found}
        return tuple(same) if len(same) == 1 and same <= set(possible) else possible

    def _zones(self, strips: Sequence[_Strip], cells: Sequence[Cells], steps: Sequence[int]) -> Iterator[Zone]:
        likelihood = [np.mean([*s.seen, c.likelihood], axis=0) for s, c in zip(strips, cells, strict=True)]
        lines = tuple(_located(s, c, n) for s, c, n in zip(strips, cells, steps, strict=True))
        fit = float(np.mean([c.fit for c in cells]))
        for format_ in formats_for(likelihood):
            plain = decide(format_, likelihood, self._today)
            zone = Zone(plain, lines, fit, tuple(likelihood))
            if zone.rank[1] >= _LIKELY:
                decision = witnessed(plain, likelihood, Glyphs(self._picture, lines), self._today)
                zone = replace(zone, decision=decision)
            yield zone


def witnessed(plain: Decision, likelihood: Sequence[Doubles], glyphs: Glyphs, today: date) -> Decision:
    """Return ``plain``, decided from ``likelihood``, after the second witness: the print of the zone itself."""
    format_ = plain.mrz.document.format
    hearing = hear(format_, plain.mrz.lines, likelihood, glyphs)
    decision = weightier(plain, decide(format_, hearing.likelihood, today))
    if decision.valid:
        decision = replace(decision, doubtful=undecided(format_, decision, hearing, glyphs))
    return decision


def _located(strip: _Strip, cells: Cells, steps: int) -> FoundLine:
    """Turn the cells' steps along the crop into pixels along the line, from its centre."""
    length = strip.box.length + 0.3 * strip.box.height
    along = ((cells.places + 0.5) / steps - 0.5) * length
    return FoundLine(strip.box, strip.turn, tuple(map(float, along)))


def corners(line: FoundLine, first: int, last: int) -> list[tuple[float, float]]:
    """Return the four corners, in pixels of the picture, of the cells ``first`` to ``last`` (from 0) of ``line``."""
    pitch = (line.centres[-1] - line.centres[0]) / max(1, len(line.centres) - 1)
    left, right = line.centres[first] - 0.55 * pitch, line.centres[last] + 0.55 * pitch
    half = line.box.height * 0.45
    angle = math.radians(line.box.angle + line.turn)
    cos, sin = math.cos(angle), math.sin(angle)
    return [
        (line.box.x + cos * x - sin * y, line.box.y + sin * x + cos * y)
        for x, y in ((left, -half), (right, -half), (right, half), (left, half))
    ]
