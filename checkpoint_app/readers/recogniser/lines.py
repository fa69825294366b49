"""Which boxes can be lines of one zone: long, parallel, equally long, one under the other (ICAO Doc 9303-3 §4.2)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

from checkpoint_app.readers.recogniser.detect import TextBox

_LEAST_SHAPE = 7.0  # length ÷ height
_LEAST_PART = 0.12  # of the picture's longer side
_MOST_TURN = 3.0  # degrees between lines of one zone
_NEAREST, _FARTHEST = 0.6, 3.0  # distance of neighbours ÷ height


def long_boxes(boxes: Sequence[TextBox], side: int) -> list[TextBox]:
    """Return the boxes that are long enough for a line of a zone, in a picture of ``side`` pixels, longest first."""
    return [box for box in boxes if box.length >= _LEAST_SHAPE * box.height and box.length >= _LEAST_PART * side]


def offset(of: TextBox, to: TextBox) -> tuple[float, float]:
    """Return how far ``to`` lies from ``of``, along the text of ``of`` and across it, in pixels."""
    angle = math.radians(of.angle)
    dx, dy = to.x - of.x, to.y - of.y
    return dx * math.cos(angle) + dy * math.sin(angle), dy * math.cos(angle) - dx * math.sin(angle)


def joined(boxes: Sequence[TextBox]) -> list[TextBox]:
    """Return the boxes with pieces of one line joined: a weak run of fillers can split it."""
    rest = list(boxes)
    done: list[TextBox] = []
    while rest:
        box = rest.pop(0)
        while (other := next((b for b in rest if _continues(box, b)), None)) is not None:
            rest.remove(other)
            box = _join(box, other)
        done.append(box)
    return sorted(done, key=lambda box: -box.length)


def chains(boxes: Sequence[TextBox]) -> list[tuple[TextBox, ...]]:
    """Return the runs of three and two neighbouring lines that can be one zone, likeliest first, top line first.

    "Top" is by the boxes' own angle: a zone that stands on its head comes in the opposite order.
    """
    found: dict[tuple[TextBox, ...], float] = {}
    for anchor in boxes:
        column = sorted(_alike(anchor, boxes), key=lambda box: offset(anchor, box)[1])
        for count in (3, 2):
            for start in range(len(column) - count + 1):
                run = tuple(column[start : start + count])
                if all(_neighbours(a, b) for a, b in itertools.pairwise(run)):
                    found[run] = _evenness(run)
    return sorted(found, key=lambda run: -found[run])


def mates(box: TextBox, boxes: Sequence[TextBox]) -> list[tuple[TextBox, ...]]:
    """Return runs of ``box`` with lines that stand where a fragment of text was seen right above or below it.

    A line may be found in pieces only: pale fillers, a thumb, other print that runs into it.
    """
    found: list[tuple[TextBox, ...]] = []
    for direction in (-1, 1):
        across = sorted(
            abs(offset(box, b)[1])
            for b in boxes
            if abs(offset(box, b)[0]) <= box.length / 2
            and _turn(box, b) <= 2 * _MOST_TURN
            and _NEAREST * box.height <= direction * offset(box, b)[1] <= _FARTHEST * box.height / 1.5
        )
        if across:
            mate = _moved_across(box, direction * across[0])
            found.append((mate, box) if direction < 0 else (box, mate))
    return found


def extended(run: tuple[TextBox, TextBox]) -> list[tuple[TextBox, ...]]:
    """Return runs of three lines, with the third as far above or below as the two of ``run`` are apart.

    The line of a card that other print runs into is found as a block, or not at all.
    """
    upper, lower = run
    along, across = offset(upper, lower)
    above = _moved_across(upper, -across).moved(-along, upper.length)
    below = _moved_across(lower, across).moved(along, lower.length)
    return [(above, upper, lower), (upper, lower, below)]


def headed(run: tuple[TextBox, TextBox], turn: float) -> tuple[TextBox, ...]:
    """Return ``run`` (in reading order) with the short first line of a Swiss driving licence above: 9 cells of 30."""
    upper, lower = run
    along, across = offset(upper, lower)
    part = 9.6 / 30
    left = (1 - part) / 2 * upper.length * (1 if turn == 180 else -1)
    return (_moved_across(upper, -across).moved(left - along, part * upper.length), upper, lower)


def reaching(box: TextBox, turn: float, first: float, last: float) -> TextBox:
    """Return the line from ``first`` to ``last``, pixels from its centre in reading direction."""
    middle = (first + last) / 2
    return box.moved(-middle if turn == 180 else middle, last - first)


def levelled(run: Sequence[TextBox]) -> tuple[TextBox, ...]:
    """Return the lines of ``run``, each as long as all together: a cut end of one is restored from the others."""
    anchor = max(run, key=lambda box: box.length)
    ends = [(offset(anchor, box)[0], box.length / 2) for box in run]
    left, right = min(at - half for at, half in ends), max(at + half for at, half in ends)
    return tuple(box.moved((left + right) / 2 - at, right - left) for box, (at, _) in zip(run, ends, strict=True))


def _moved_across(box: TextBox, across: float) -> TextBox:
    angle = math.radians(box.angle)
    return replace(box, x=box.x - across * math.sin(angle), y=box.y + across * math.cos(angle))


def _turn(a: TextBox, b: TextBox) -> float:
    return abs(math.remainder(a.angle - b.angle, 180))


def _continues(a: TextBox, b: TextBox) -> bool:
    along, across = offset(a, b)
    gap = abs(along) - (a.length + b.length) / 2
    height = min(a.height, b.height)
    flat = b.length < 3 * b.height  # a short piece has no reliable angle
    return (
        abs(across) < 0.4 * height
        and -height < gap < 3 * height
        and 0.6 < a.height / b.height < 1.7
        and (flat or _turn(a, b) < _MOST_TURN)
    )


def _join(a: TextBox, b: TextBox) -> TextBox:
    if b.length > a.length:
        a, b = b, a
    along, _ = offset(a, b)
    left, right = min(-a.length / 2, along - b.length / 2), max(a.length / 2, along + b.length / 2)
    return replace(a.moved((left + right) / 2, right - left), height=max(a.height, b.height))


def _alike(anchor: TextBox, boxes: Sequence[TextBox]) -> list[TextBox]:
    return [
        box
        for box in boxes
        if _turn(anchor, box) <= _MOST_TURN
        and 0.8 <= box.length / anchor.length <= 1.25
        and 0.5 <= box.height / anchor.height <= 2.0
        and abs(offset(anchor, box)[0]) <= 0.15 * anchor.length
    ]


def _neighbours(upper: TextBox, lower: TextBox) -> bool:
    height = (upper.height + lower.height) / 2
    return _NEAREST * height <= offset(upper, lower)[1] <= _FARTHEST * height


def _evenness(run: tuple[TextBox, ...]) -> float:
    lengths = [box.length for box in run]
    even = min(lengths) / max(lengths)
    gaps = [offset(a, b)[1] for a, b in itertools.pairwise(run)]
    return even * (min(gaps) / max(gaps)) * math.log(sum(lengths)) + sum(lengths) / max(1.0, run[0].length) / 10
