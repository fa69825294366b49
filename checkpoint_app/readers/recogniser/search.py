"""Which of the lines that the detector found are a zone: likeliest first, and no further than the time allows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
_LEAST = 0.6  # the same, for runs less likely by their shape
_WEAKEST = 0.45
_UPRIGHT = 0.97  # from here on no line is upside down: those are seen with 0.94 at most
_MOST_PROBES = 90
# Print that the own network does not know (no OCR-B, pale on dark) is probed with the general one, in the second round.
_PART = 0.4  # of a line, its middle: enough
_LESS = 0.1  # the general network is as sure of other print
_MOST_BOXES = 40
_CLEAR_PROBE = 0.85  # of a line that is looked for company around it
_LATER = 0.01  # what a run loses for each that is likelier by its shape: two of three lines look like a zone as well
_LONE = 0.95  # a line that was found in pieces only counts for less beside one that was found whole
_FEWEST_CHARACTERS = 16  # of a line that may go on beyond what the detector saw of it
_LICENCE = "FACHE"  # how the second line of a Swiss driving licence begins
# How a second look differs: (strip wider across, stretched along).
_VIEWS = ((0.0, 1.0), (0.15, 1.0), (0.0, 1.2), (-0.12, 0.9))


@dataclass(frozen=True, slots=True)
class _Way:
    """A run of lines read ``turn`` degrees from their boxes, and how much they look like those of a zone, 0 to 1."""

    looks: float
    run: tuple[TextBox, ...]
    turn: float


class Search:
    """The search of one picture: its probes, its best zone so far, its deadline (CPU seconds of this process)."""

    def __init__(self, witnesses: Witnesses, picture: Pixels, today: date, deadline: float) -> None:
        self._witnesses = witnesses
        self._picture = picture
        self._today = today
        self._deadline = deadline
        self._probes: dict[tuple[float, float, float], float] = {}
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

    def run(self, boxes: Sequence[TextBox]) -> None:
        """Try the runs of lines that ``boxes`` make, those first that look most like a zone: other print may, too."""
        long = joined(long_boxes(boxes, max(self._picture.shape[:2])))[:_MOST_BOXES]
        ways = [
            replace(way, looks=way.looks - _LATER * place)
            for place, run in enumerate(chains(long))
            for way in self._ways(run)
        ]
        for box in long if self.best is None else ():
            if any(way.looks >= _CLEAR_PROBE for way in self._ways((box,))):
                mated = (way for run in mates(box, boxes) for way in self._ways(run))
                ways += [replace(way, looks=_LONE * way.looks) for way in mated]
        for way in sorted(ways, key=lambda way: -way.looks):
            if way.looks < _LEAST or self._late or self._tries(way):
                return

    def _ways(self, run: Sequence[TextBox]) -> Iterator[_Way]:
        """Yield how much ``run`` looks like a zone as it is, and upside down unless it is surely the right way up."""
        for turn in (0.0, 180.0):
            if self._late or len(self._probes) > _MOST_PROBES:
                return
            probes = [self._probe(box, turn) for box in run]
            if min(probes) >= _WEAKEST:
                yield _Way(float(np.mean(probes)), tuple(run), turn)
            if min(probes) >= _UPRIGHT:
                return

    def _tries(self, way: _Way) -> bool:
        """Try one run, and what it may be a part of; True where the search is over."""
        strips = self._try(_in_order(levelled(way.run), way.turn), way.turn)
        for other in () if self.settled else _others(strips, way.turn):
            self._try(other, way.turn)
            if self.settled:
                break
        return self.settled

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
    """Return the lines as long as a zone's, where the detector saw less of them: pale fillers, a shade, a thumb.

    What is missing is mostly at their ends; else at their beginnings.
    """
    most = max(strips, key=lambda strip: len(strip.text))
    if len(most.text) < _FEWEST_CHARACTERS:
        return
    pitch = float(np.median(np.diff(most.places)))
    first = min(strip.places[0] for strip in strips if strip.places)
    last = max(strip.places[-1] for strip in strips if strip.places)
    cells = (most.places[-1] - first) / pitch + 1
    for count in (_CARD,) if len(strips) == 3 else (44, 36) if strips[0].text[:1] in "PV" else (36, 44):
        if cells < count - 1.5:
            yield [reaching(strip.box, turn, first - pitch, first + (count + 0.5) * pitch) for strip in strips]
            yield [reaching(strip.box, turn, last - (count + 0.5) * pitch, last + pitch) for strip in strips]
