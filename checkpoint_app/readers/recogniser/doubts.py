"""What keeps a zone from being valid though its check digits hold: other readings that hold them as well.

A check digit is one of ten. Where two characters of a number can each be one of two twins, a wrong pair satisfies it in
one of ten pictures; where no digit covers a character, any reading satisfies it. So all readings of what a digit covers
are weighed, not only the nearest ones, with no preference between twins about which two witnesses contradict each
other; and a character that no digit covers must have a witness, and ink.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checkpoint_app.documents import Format
from checkpoint_app.readers.recogniser.decide import Decision, evidence_for, rules_for
from checkpoint_app.readers.recogniser.evidence import PLACE, Doubles
from checkpoint_app.readers.recogniser.repair import VALUES, WEIGHTS, Cell, Rule
from checkpoint_app.readers.recogniser.twins import Glyphs, Hearing

_OTHERS = 0.25  # most weight of all other readings that satisfy a check digit
_INK = 1 / 3  # least contrast of a character without a check digit, of the zone's usual
_FROM = (np.arange(10)[:, None] - np.arange(10)) % 10  # what a character adds between two residues (to, from)


def undecided(format_: Format, decision: Decision, hearing: Hearing, glyphs: Glyphs) -> frozenset[Cell]:
    """Return the cells of ``decision`` that neither a check digit nor two witnesses decide."""
    lines = decision.mrz.lines
    chosen = [[PLACE[character] for character in line] for line in lines]
    rules = rules_for(format_, chosen)
    covered = {cell for rule in rules for cell in (*rule.covers, rule.digit)}
    torn = {cell for cell, *_ in hearing.torn}
    doubtful = (torn | hearing.alone) - covered
    evidence = _without_preference(evidence_for(format_, hearing.likelihood), hearing)
    for rule in rules:
        if others(chosen, evidence, rule) > _OTHERS:
            cells = {*rule.covers, rule.digit}
            doubtful |= cells & torn or {_weakest(chosen, evidence, cells)}
    return frozenset(doubtful | _pale(lines, covered, glyphs))


def others(chosen: Sequence[list[int]], evidence: Sequence[Doubles], rule: Rule) -> float:
    """Return the weight (0 to 1) of all other readings among those that satisfy ``rule``.

    ``evidence`` are log-likelihoods (cells, 37). The sum over all readings runs over the residues modulo 10.
    """
    cells = [(cell, WEIGHTS[i % 3]) for i, cell in enumerate(rule.covers)] + [(rule.digit, -1)]
    weight = np.zeros(10)
    weight[0] = 1.0
    own = 1.0
    for (line, at), factor in cells:
        seen = np.exp(evidence[line][at] - evidence[line][at].max())
        seen /= seen.sum()
        own *= float(seen[chosen[line][at]])
        shares = np.bincount(VALUES * factor % 10, weights=seen, minlength=10)
        weight = shares[_FROM] @ weight
    return 1.0 - own / max(float(weight[0]), own, 1e-300)


def _without_preference(evidence: Sequence[Doubles], hearing: Hearing) -> list[Doubles]:
    level = [line.copy() for line in evidence]
    for (line, at), first, second in hearing.torn:
        pair = level[line][at, [first, second]]
        if np.isfinite(pair).all():
            level[line][at, [first, second]] = np.logaddexp(*pair) - np.log(2)
    return level


def _weakest(chosen: Sequence[list[int]], evidence: Sequence[Doubles], cells: set[Cell]) -> Cell:
    return min(cells, key=lambda cell: float(evidence[cell[0]][cell[1], chosen[cell[0]][cell[1]]]))


def _pale(lines: Sequence[str], covered: set[Cell], glyphs: Glyphs) -> set[Cell]:
    """Return the uncovered characters that light has washed out: what is left of an R may be a clear P."""
    cells = [(line, at) for line, text in enumerate(lines) for at in range(len(text))]
    contrast = glyphs.contrasts(cells)
    usual = float(np.median(list(contrast.values())))
    bare = [(line, at) for line, at in cells if (line, at) not in covered and lines[line][at] != "<"]
    return {cell for cell in bare if contrast[cell] < _INK * usual}
