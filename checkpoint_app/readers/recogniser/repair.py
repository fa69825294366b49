"""The cheapest change, from what the recogniser itself saw, that satisfies every check digit (Doc 9303-3 §4.9).

At most two characters may change, and the second best solution must be clearly worse: with ten classes and four
check digits a search among all characters finds *a* solution for almost any rubbish.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from checkpoint_app.readers.recogniser.evidence import PLACE, Doubles
from checkpoint_app.readers.recogniser.recognise import ALPHABET

Cell = tuple[int, int]  # line and column, from 0

WEIGHTS = (7, 3, 1)
VALUES = np.array([PLACE[c] if c != "<" else 0 for c in ALPHABET])
_MOST_COST = 5.0  # nats: an alternative less likely than e^-5 of the first was not seen


@dataclass(frozen=True, slots=True)
class Rule:
    """One check digit: the cells that it covers, in order, and its own cell."""

    covers: tuple[Cell, ...]
    digit: Cell


@dataclass(frozen=True, slots=True)
class Solution:
    """Characters to change, with the cost of it (nats) and the margin to the next best solution (nats)."""

    changes: tuple[tuple[Cell, int], ...]
    cost: float
    margin: float


@dataclass(frozen=True, slots=True)
class _Change:
    cell: Cell
    to: int
    cost: float
    shift: tuple[int, ...]


def solve(lines: Sequence[list[int]], evidence: Sequence[Doubles], rules: Sequence[Rule], most: int) -> Solution | None:
    """Return the cheapest solution with at most ``most`` (0 to 2) changes, or None where there is none.

    ``lines`` hold places in ALPHABET as chosen so far, ``evidence`` the log-likelihoods of each line (cells, 37).
    No changes at cost 0 is a solution too; its margin tells what else would satisfy every digit.
    """
    weights = _weights(rules)
    wanted = tuple(-_residue(lines, rule) % 10 for rule in rules)
    changes = _changes(lines, evidence, weights, len(rules))
    ranked = sorted(_solutions(changes, wanted, most), key=lambda found: found[0])
    if not ranked:
        return None
    cost, first = ranked[0]
    return Solution(tuple((c.cell, c.to) for c in first), cost, _margin(ranked))


def _margin(ranked: Sequence[tuple[float, tuple[_Change, ...]]]) -> float:
    return ranked[1][0] - ranked[0][0] if len(ranked) > 1 else float("inf")


def _solutions(
    changes: Sequence[_Change], wanted: tuple[int, ...], most: int
) -> list[tuple[float, tuple[_Change, ...]]]:
    found: list[tuple[float, tuple[_Change, ...]]] = []
    if not any(wanted):
        found.append((0.0, ()))
    if most >= 1:
        found += [(change.cost, (change,)) for change in changes if change.shift == wanted]
    if most >= 2:
        found += _pairs(changes, wanted)
    return found


def _pairs(changes: Sequence[_Change], wanted: tuple[int, ...]) -> list[tuple[float, tuple[_Change, ...]]]:
    by_shift: dict[tuple[int, ...], list[_Change]] = {}
    for change in changes:
        by_shift.setdefault(change.shift, []).append(change)
    found: list[tuple[float, tuple[_Change, ...]]] = []
    for shift, firsts in by_shift.items():
        rest = tuple((w - s) % 10 for w, s in zip(wanted, shift, strict=True))
        if rest < shift:  # each pair once
            continue
        for a, b in itertools.product(firsts, by_shift.get(rest, ())):
            ordered = a.cell < b.cell if rest == shift else a.cell != b.cell
            if ordered and a.cost + b.cost <= _MOST_COST:
                found.append((a.cost + b.cost, (a, b)))
    return found


def _weights(rules: Sequence[Rule]) -> dict[Cell, dict[int, int]]:
    """Return for each cell its weight in each rule; a digit's own cell counts against what it covers."""
    weights: dict[Cell, dict[int, int]] = {}
    for number, rule in enumerate(rules):
        for place, cell in enumerate(rule.covers):
            weights.setdefault(cell, {})[number] = WEIGHTS[place % 3]
        own = weights.setdefault(rule.digit, {})
        own[number] = own.get(number, 0) - 1
    return weights


def _residue(lines: Sequence[list[int]], rule: Rule) -> int:
    total = sum(WEIGHTS[i % 3] * int(VALUES[lines[line][at]]) for i, (line, at) in enumerate(rule.covers))
    line, at = rule.digit
    return (total - int(VALUES[lines[line][at]])) % 10


def _changes(
    lines: Sequence[list[int]], evidence: Sequence[Doubles], weights: dict[Cell, dict[int, int]], count: int
) -> list[_Change]:
    changes = []
    for (line, at), weight in weights.items():
        now = lines[line][at]
        seen = evidence[line][at]
        for to in range(len(ALPHABET)):
            if to == now or not np.isfinite(seen[to]):
                continue
            cost = float(seen[now] - seen[to])
            if cost > _MOST_COST:
                continue
            step = int(VALUES[to] - VALUES[now])
            shift = tuple(weight.get(number, 0) * step % 10 for number in range(count))
            changes.append(_Change((line, at), to, cost, shift))
    return changes
