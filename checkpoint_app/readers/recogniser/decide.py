"""From the cells of two or three lines to one zone: fields, codes, check digits, and what stays in doubt.

A zone without doubt is one where every character that no check digit vouches for was seen clearly, every repair came
from the recogniser's own alternatives and stood alone, and nothing was filled in where nothing was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from checkpoint_app.documents import Format, Mrz, Span, countries, parse_mrz
from checkpoint_app.documents.layout import LAYOUTS, DigitRule
from checkpoint_app.readers.recogniser.evidence import PLACE, Doubles, masks, weigh
from checkpoint_app.readers.recogniser.names import best_name, text
from checkpoint_app.readers.recogniser.repair import Cell, Rule, Solution, solve

_CLEAR = 0.75  # least likelihood of a character that no check digit vouches for
_SEEN = 0.35  # least likelihood of one that a check digit does vouch for
_MARGIN = 1.0  # nats between the best solution and the next
_REPAIR_COST = 2.0  # nats: what was seen e² times more clearly than its repair is altered print, or a misprint
_LETTERS = 0.5  # least likelihood of each letter of a code that no list knows
_CODE_COST = 6.0  # nats that a code of the list may cost over what was seen
_CODE_SEEN = 0.02  # least likelihood of each character of it: below, both networks saw another
_LETTER, _DIGIT = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_CARDS = (Format.TD1, Format.TD2)
_VISAS = (Format.MRVA, Format.MRVB)
_NAME_FIELDS = ("names", "family_name", "given_names")
_CODE_FIELDS = ("issuer", "nationality")
_FIRST = {Format.TD3: "P", Format.TD2: "IAC", Format.TD1: "IAC", Format.MRVA: "V", Format.MRVB: "V", Format.FRA2: "I"}
_FIRST[Format.CHEDL] = "F"
# Of a Swiss driving licence: three letters, three digits and the letter of its language; a number of digits only.
_LICENCE = ((0, 0, 3, _LETTER), (0, 3, 6, _DIGIT), (0, 6, 7, _LETTER), (1, 5, 17, _DIGIT))


@dataclass(frozen=True, slots=True)
class Decision:
    """One zone as decided.

    ``confidence`` holds, line by line, how likely each character is by what was seen; ``doubtful`` the cells (line,
    column, from 0) that keep the zone from being valid; ``quality`` (mean confidence) ranks decisions.
    """

    mrz: Mrz
    confidence: tuple[tuple[float, ...], ...]
    doubtful: frozenset[Cell]
    quality: float
    repaired: int

    @property
    def valid(self) -> bool:
        """Whether check digits, codes and rules hold and nothing is in doubt."""
        return self.mrz.valid and not self.doubtful

    @property
    def unclear(self) -> frozenset[Cell]:
        """The cells that were not seen clearly. A check digit may vouch for them, as long as nothing is in doubt."""
        rows = enumerate(self.confidence)
        return frozenset((line, at) for line, row in rows for at, sure in enumerate(row) if sure < _CLEAR)


def decide(
    format_: Format, likelihood: Sequence[Doubles], today: date, judge: Sequence[Doubles] | None = None
) -> Decision:
    """Decide the zone of ``format_`` whose lines were seen as ``likelihood`` (cells, 37) each.

    How sure each character is, is told by ``judge``, where that is given: what all witnesses saw together.
    """
    evidence = evidence_for(format_, likelihood)
    chosen = [list(map(int, line.argmax(axis=1))) for line in evidence]
    doubtful: set[Cell] = set()
    for span in _spans(format_, _NAME_FIELDS):
        _set(chosen, span, best_name(_part(evidence, span)))
    for span in _spans(format_, _CODE_FIELDS):
        code = _best_code(_part(evidence, span))
        if code is None:  # show what is printed, not what the mask makes of it
            seen = _part(evidence, span)
            seen = seen if np.exp(seen.max(axis=1)).min() >= _LETTERS else _part(likelihood, span)
            code = [int(place) for place in seen.argmax(axis=1)]
        _set(chosen, span, code)
    rules = rules_for(format_, chosen)
    solution = solve(chosen, evidence, rules, 1 if format_ in _VISAS else 2)
    if solution is not None:
        doubtful |= _apply(solution, chosen)
    covered = {cell for rule in rules for cell in (*rule.covers, rule.digit)}
    if judge is not None:
        likelihood, evidence = judge, evidence_for(format_, judge)
    confidence = [_confidence(e, p, np.array(c)) for e, p, c in zip(evidence, likelihood, chosen, strict=True)]
    doubtful |= _unclear(confidence, covered, solution)
    if not rules:  # no check digit at all: the officer looks at the number, however clear it was
        doubtful |= {cell for span in _spans(format_, ("document_number",)) for cell in _cells(span)}
    mrz = parse_mrz([text(line) for line in chosen], today)
    return Decision(
        mrz,
        tuple(tuple(min(1.0, float(v)) for v in line) for line in confidence),
        frozenset(doubtful),
        float(np.concatenate(confidence).mean()),
        len(solution.changes) if solution else 0,
    )


def formats_for(likelihood: Sequence[Doubles]) -> tuple[Format, ...]:
    """Return the formats that lines of these lengths can have, by their first letters."""
    lengths = tuple(len(line) for line in likelihood)
    visa = likelihood[0][0, PLACE["V"]] > 0.5
    if lengths == (30, 30, 30):
        return (Format.TD1,)
    if lengths == (9, 30, 30):
        return (Format.CHEDL,)
    if lengths == (44, 44):
        return (Format.MRVA,) if visa else (Format.TD3,)
    if lengths == (36, 36):
        head = "".join(text([int(row.argmax())]) for row in likelihood[0][:5])
        french = sum(a == b for a, b in zip(head, "IDFRA", strict=True)) >= 4
        return (Format.MRVB,) if visa else (Format.FRA2,) if french else (Format.TD2,)
    return ()


def weightier(plain: Decision, heard: Decision) -> Decision:
    """Return the decision that counts: with the second witness, unless check digits that held before then fail.

    Where the two disagree in that way, what they disagree about stays in doubt.
    """
    if (len(heard.mrz.faults), heard.repaired) <= (len(plain.mrz.faults), plain.repaired):
        return heard
    pairs = zip(plain.mrz.lines, heard.mrz.lines, strict=True)
    differing = {(n, at) for n, (a, b) in enumerate(pairs) for at in range(len(a)) if a[at] != b[at]}
    return replace(plain, doubtful=plain.doubtful | differing)


def evidence_for(format_: Format, likelihood: Sequence[Doubles]) -> list[Doubles]:
    """Return the log-likelihoods (cells, 37) of each line under what a zone of ``format_`` may hold."""
    allowed = [mask.copy() for mask in masks(format_)]
    place = next(span for span in _spans(format_, ("document_code",)))
    first = allowed[place.line - 1][place.first - 1]
    for character, column in PLACE.items():
        first[column] &= character in _FIRST[format_]
    for line, start, end, characters in _LICENCE if format_ is Format.CHEDL else ():
        allowed[line][start:end] &= np.array([character in characters for character in PLACE])
    return [weigh(line, mask) for line, mask in zip(likelihood, allowed, strict=True)]


def _spans(format_: Format, fields: Sequence[str]) -> list[Span]:
    return [span for span, _ in LAYOUTS[format_].fields if span.field in fields]


def _part(lines: Sequence[Doubles], span: Span) -> Doubles:
    return lines[span.line - 1][span.first - 1 : span.last]


def _set(chosen: list[list[int]], span: Span, places: Sequence[int]) -> None:
    chosen[span.line - 1][span.first - 1 : span.last] = places


def _cells(span: Span) -> list[Cell]:
    return [(span.line - 1, column) for column in range(span.first - 1, span.last)]


@cache
def _codes() -> npt.NDArray[np.int64]:
    """Return the known codes as places in ALPHABET, three a row."""
    return np.array([[PLACE[c] for c in code.ljust(3, "<")] for code in countries()], dtype=np.int64)


def _best_code(evidence: Doubles) -> list[int] | None:
    """Return the known code nearest to what was seen, or None where none is near.

    Whether it stands alone need not be asked: where it does not, its cells are not clear.
    """
    codes = _codes()
    scores = evidence[0, codes[:, 0]] + evidence[1, codes[:, 1]] + evidence[2, codes[:, 2]]
    best = int(scores.argmax())
    seen = evidence[np.arange(3), codes[best]]
    if scores[best] < evidence.max(axis=1).sum() - _CODE_COST or seen.min() < np.log(_CODE_SEEN):
        return None
    return [int(place) for place in codes[best]]


def rules_for(format_: Format, chosen: Sequence[list[int]]) -> list[Rule]:
    """Return the check digits of a zone of ``format_`` whose lines are ``chosen`` (places in ALPHABET)."""
    return [_long_rule(format_, chosen, rule) or _rule(rule) for rule in LAYOUTS[format_].digits]


def _rule(rule: DigitRule) -> Rule:
    covers = tuple(cell for span in rule.covers for cell in _cells(span))
    return Rule(covers, (rule.line - 1, rule.column - 1))


def _long_rule(format_: Format, chosen: Sequence[list[int]], rule: DigitRule) -> Rule | None:
    """A card's number may go on in the optional data, with its digit there (Doc 9303-5 and -6, long numbers)."""
    if format_ not in _CARDS or rule.field != "document_number":
        return None
    if chosen[rule.line - 1][rule.column - 1] != PLACE["<"]:
        return None
    optional = next(span for span in _spans(format_, ("optional_data",)))
    tail, end, _ = text(chosen[optional.line - 1][optional.first - 1 : optional.last]).partition("<")
    if not end or len(tail) < 2:
        return None
    rest = _cells(optional)[: len(tail)]
    return Rule((*_rule(rule).covers, *rest[:-1]), rest[-1])


def _apply(solution: Solution, chosen: list[list[int]]) -> set[Cell]:
    for (line, at), place in solution.changes:
        chosen[line][at] = place
    sure = solution.margin >= _MARGIN and solution.cost <= _REPAIR_COST
    if sure and len(solution.changes) < 2:  # solutions of two changes lie too close together
        return set()
    return {cell for cell, _ in solution.changes} or {(0, 0)}


def _confidence(evidence: Doubles, likelihood: Doubles, chosen: npt.NDArray[np.int64]) -> Doubles:
    rows = np.arange(len(chosen))
    weighed = evidence[rows, chosen]
    return np.where(np.isfinite(weighed), np.exp(weighed), likelihood[rows, chosen])


def _unclear(confidence: Sequence[Doubles], covered: set[Cell], solution: Solution | None) -> set[Cell]:
    repaired = {cell for cell, _ in solution.changes} if solution else set()
    return {
        (line, at)
        for line, row in enumerate(confidence)
        for at, value in enumerate(row)
        if (line, at) not in repaired and value < (_SEEN if (line, at) in covered else _CLEAR)
    }
