"""Which of the lines that the detector found are a zone: likeliest first, and no further than the time allows."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from checkpoint_app.readers.recogniser.attempt import LIKELY, Attempt, Strip, Zone
from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.lines import (
    chains,
    extended,
    headed,
    joined,
    levelled,
    long_boxes,
    mates,
    reaching,
)
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.recognise import confidence, cut_out
from checkpoint_app.readers.recogniser.trim import trimmed
from checkpoint_app.readers.recogniser.witnesses import Witnesses

_CARD, _ABOUT = 30, 2  # two lines of about this many characters want a third
# Mean confidence of the own network over a zone's lines: measured 0.68 to 1.0 the right way up (a line of pale fillers
# may be weaker), 0.43 to 0.8 upside down, and other print anything up to 0.96.
_PROMISING = 0.65
_WEAKEST = 0.45
_TELLING = 0.1  # by how much it must be surer one way up than the other
_MOST_PROBES = 60
# Print that the own network does not know (no OCR-B, pale on dark) is probed with the general one, in the second round.
_PART = 0.4  # of a line, its middle: enough
_LESS = 0.1  # the general network is as sure of other print
_MOST_BOXES = 40
_CLEAR_PROBE = 0.85  # of a line that is looked for company around it
_FEWEST_CHARACTERS = 16  # of a line that may go on beyond what the detector saw of it
_LICENCE = "FACHE"  # how the second line of a Swiss driving licence begins
# How a second look differs: (strip wider across, stretched along).
_VIEWS = ((0.0, 1.0), (0.15, 1.0), (0.0, 1.2), (-0.12, 0.9))


class Search:
    """The search of one picture: its probes, its best zone so far, its deadline (CPU seconds of this process)."""

    def __init__(self, witnesses: Witnesses, picture: Pixels, today: date, deadline: float) -> None:
        self._witnesses = witnesses
        self._picture = picture
        self._today = today
        self._deadline = deadline
        self._probes: dict[tuple[float, float, float], float] = {}
        self._turns: dict[int, float] = {}
        self.best: Zone | None = None
        self.hard = False

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

    def harder(self) -> None:
        """From here on, look with the slow network where the fast one sees nothing."""
        self.hard = True
        self._probes.clear()
        self._turns.clear()

    def run(self, boxes: Sequence[TextBox]) -> None:
        """Try the runs of lines that ``boxes`` make, likeliest first."""
        long = joined(long_boxes(boxes, max(self._picture.shape[:2])))[:_MOST_BOXES]
        for run in chains(long):
            if self._tries(run):
                return
        if self.best is not None:
            return
        for box in long:
            if self._over:
                return
            if self._probe(box, self._turn(box)) >= _CLEAR_PROBE and any(map(self._tries, mates(box, boxes))):
                return

    @property
    def _over(self) -> bool:
        return self._late or len(self._probes) > _MOST_PROBES

    def _tries(self, run: Sequence[TextBox]) -> bool:
        """Try one run, and what it may be a part of; True where the search is over."""
        if self._over:
            return True
        if not self._promising(run):
            return False
        turn = self._turn(run[0])
        strips = self._try(_in_order(levelled(run), turn), turn)
        for other in () if self.settled else _others(strips, turn):
            self._try(other, turn)
            if self.settled:
                break
        return self.settled

    def _promising(self, run: Sequence[TextBox]) -> bool:
        turn = self._turn(run[0])
        probes = [self._probe(box, turn) for box in run]
        return float(np.mean(probes)) >= _PROMISING and min(probes) >= _WEAKEST

    def _turn(self, box: TextBox) -> float:
        """Return which way up lines of this direction read (0 or 180), found out once for each direction."""
        direction = math.floor((box.angle + 60) / 45)  # boxes have -60 to 120 degrees
        if direction not in self._turns:
            up, down = self._probe(box, 0), self._probe(box, 180)
            if max(up, down) < _PROMISING or abs(up - down) < _TELLING:
                return 0.0 if up >= down else 180.0  # no text of a zone: it tells nothing about the others
            self._turns[direction] = 0.0 if up >= down else 180.0
        return self._turns[direction]

    def _probe(self, box: TextBox, turn: float) -> float:
        """Return how much the line looks like one of a zone, ``turn`` degrees from its box."""
        key = (round(box.x), round(box.y), turn)
        if key not in self._probes:
            probe = confidence(self._witnesses.glance(cut_out(self._picture, box, turn)).found)
            if self.hard and probe < _PROMISING:
                middle = replace(box, length=box.length * _PART)
                general = confidence(self._witnesses.general_glance(cut_out(self._picture, middle, turn)).found)
                probe = max(probe, general - _LESS)
            self._probes[key] = probe
        return self._probes[key]

    def _try(self, run: Sequence[TextBox], turn: float) -> list[Strip]:
        """Read ``run`` (in reading order) and look again while there are doubts."""
        run = [trimmed(self._picture, box) for box in run]
        attempt = Attempt(self._witnesses, self._picture, self._today, run, turn)
        for pad, stretch in _VIEWS:
            found = attempt.look(pad, stretch)
            if found is None or found.rank[1] < LIKELY:
                break
            if self.best is None or found.rank > self.best.rank:
                self.best = found
            if self.settled:
                break
        return attempt.strips


def _in_order(run: Sequence[TextBox], turn: float) -> Sequence[TextBox]:
    return run if turn == 0 else run[::-1]


def _others(strips: Sequence[Strip], turn: float) -> Iterator[Sequence[TextBox]]:
    """Return what else the lines may be, by the characters that were found in them, likeliest first."""
    if len(strips) == 2:
        upper, lower = strips
        pair = upper.box, lower.box
        if sum(a == b for a, b in zip(upper.text, _LICENCE, strict=False)) >= len(_LICENCE) - 1:
            yield headed(pair, turn)
        if all(abs(len(strip.text) - _CARD) <= _ABOUT for strip in strips):
            yield from extended(pair)
    yield from _longer(strips, turn)


def _longer(strips: Sequence[Strip], turn: float) -> Iterator[Sequence[TextBox]]:
    """Return the lines as long as a zone's, where the detector saw less of them: pale fillers at their ends."""
    most = max(strips, key=lambda strip: len(strip.text))
    if len(most.text) < _FEWEST_CHARACTERS:
        return
    pitch = float(np.median(np.diff(most.places)))
    first = min(strip.places[0] for strip in strips if strip.places)
    cells = (most.places[-1] - first) / pitch + 1
    for count in (_CARD,) if len(strips) == 3 else (44, 36) if strips[0].text[:1] in "PV" else (36, 44):
        if cells < count - 1.5:
            yield [reaching(strip.box, turn, first - pitch, first + (count + 0.5) * pitch) for strip in strips]
