"""Several frames of one document vote, cell by cell: what one frame lost to glare or blur another may have seen.

Frames of one document are no independent witnesses, so what they saw is averaged (the geometric mean of likelihoods),
never multiplied: ten weak frames stay weak. A frame that reads otherwise in many cells is of another document and is
left out; where two frames each read a cell clearly, and differently, the cell stays in doubt.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from checkpoint_app.readers.recogniser.decide import Decision, decide
from checkpoint_app.readers.recogniser.evidence import FLOOR, Doubles
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.repair import Cell
from checkpoint_app.readers.recogniser.twins import Glyphs
from checkpoint_app.readers.recogniser.zone import Zone, witnessed

_SAME = 0.8  # of the cells must read alike in two frames of one document
_CLEAR = 0.75  # least confidence of a clear reading


def together(zones: Sequence[Zone]) -> list[Zone]:
    """Return the best of ``zones`` and those that are of the same document by what they read, best first."""
    ranked = sorted(zones, key=lambda zone: zone.rank, reverse=True)
    return [zone for zone in ranked if _alike(zone.decision, ranked[0].decision)]


def vote(zones: Sequence[Zone], best: Pixels, today: date) -> Zone:
    """Return the zone that ``zones`` (as from ``together``) give; the first was found in the picture ``best``.

    It is the first frame's own, or decided anew on what all saw together, whichever is better.
    """
    torn = _torn([zone.decision for zone in zones])
    alone = _doubted(zones[0], torn)
    if len(zones) == 1:
        return alone
    weights = np.array([zone.rank[1] for zone in zones]) ** 2
    weights /= weights.sum()
    lines = zip(*(zone.likelihood for zone in zones), strict=True)
    likelihood = [_pooled(line, weights) for line in lines]
    plain = decide(alone.decision.mrz.document.format, likelihood, today)
    decision = witnessed(plain, likelihood, Glyphs(best, alone.lines), today)
    fit = float(weights @ [zone.fit for zone in zones])
    return max(alone, _doubted(replace(alone, decision=decision, fit=fit), torn), key=lambda zone: zone.rank)


def _alike(one: Decision, other: Decision) -> bool:
    if one.mrz.document.format != other.mrz.document.format:
        return False
    same = [a == b for a, b in zip("".join(one.mrz.lines), "".join(other.mrz.lines), strict=True)]
    return sum(same) >= _SAME * len(same)


def _torn(decisions: Sequence[Decision]) -> frozenset[Cell]:
    """Return the cells that two frames read clearly and differently."""
    read = [dict(_clear(decision)) for decision in decisions]
    pairs = itertools.combinations(read, 2)
    return frozenset(cell for a, b in pairs for cell in a.keys() & b.keys() if a[cell] != b[cell])


def _clear(decision: Decision) -> list[tuple[Cell, str]]:
    rows = zip(decision.mrz.lines, decision.confidence, strict=True)
    return [
        ((line, at), character)
        for line, (text, sure) in enumerate(rows)
        for at, character in enumerate(text)
        if sure[at] >= _CLEAR
    ]


def _doubted(zone: Zone, cells: frozenset[Cell]) -> Zone:
    return replace(zone, decision=replace(zone.decision, doubtful=zone.decision.doubtful | cells))


def _pooled(seen: Sequence[Doubles], weights: Doubles) -> Doubles:
    """Return the geometric mean of likelihoods (cells, 37); a frame that saw nothing in a cell has no say there."""
    stack = np.stack(list(seen))
    something = stack.sum(axis=2)  # what is missing to 1 is the likelihood that nothing was seen
    say = weights[:, None] * something
    say /= np.maximum(say.sum(axis=0), FLOOR)
    mean = np.exp((say[:, :, None] * np.log(stack + FLOOR)).sum(axis=0))
    pooled: Doubles = mean / mean.sum(axis=1, keepdims=True) * (say * something).sum(axis=0)[:, None]
    return pooled
