"""The centre's answers beside the booth's own: they may raise a local answer, and lower a hit only by name.

A local hit goes only where the centre names a newer version of that list in which the entry is gone (invariant 11).
What was not done here may be done there; what was done here is never undone by a centre that did not do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from checkpoint_app.verdict.answer import Answer, Candidate, Check, Finding, Outcome

MATCH = "wanted.match"
_WEIGHT = {Outcome.NOT_CHECKED: 0, Outcome.CLEAR: 1, Outcome.NOTE: 2, Outcome.HIT: 3}


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry that ``version`` of the list has no more. For a document ``entry_id`` is its number."""

    list_name: str
    version: int
    entry_id: str


def raised(local: Sequence[Answer], centre: Sequence[Answer], gone: Sequence[Gone] = ()) -> tuple[Answer, ...]:
    """Return ``local`` with what ``centre`` knows more, in the local order; lists unknown here follow their check."""
    merged: list[Answer] = []
    left = list(centre)
    for mine in local:
        theirs = [one for one in left if _same_question(mine, one)]
        left = [one for one in left if one not in theirs]
        if not theirs:
            merged.append(mine)
        elif len(theirs) == 1:
            merged.append(_merged(mine, theirs[0], gone))
        else:  # the booth has no list where the centre has several
            merged.extend(theirs if any(one.outcome is not Outcome.NOT_CHECKED for one in theirs) else [mine])
    for other in left:
        if other.outcome is not Outcome.NOT_CHECKED:
            merged.insert(_end_of(other.check, merged), other)
    return tuple(merged)


def _same_question(mine: Answer, theirs: Answer) -> bool:
    if mine.check is not theirs.check:
        return False
    no_list_here = mine.outcome is Outcome.NOT_CHECKED and not mine.source.name
    return no_list_here or mine.source.name == theirs.source.name


def _merged(mine: Answer, theirs: Answer, gone: Sequence[Gone]) -> Answer:
    if theirs.outcome is Outcome.NOT_CHECKED:
        return mine
    if mine.outcome is Outcome.HIT:
        return _beside_hit(mine, theirs, gone)
    if _WEIGHT[theirs.outcome] > _WEIGHT[mine.outcome]:
        return theirs
    if theirs.outcome is mine.outcome and theirs.source.version > mine.source.version:
        return theirs
    return mine


def _beside_hit(mine: Answer, theirs: Answer, gone: Sequence[Gone]) -> Answer:
    """A local hit, less the entries that the centre names as gone, joined with the centre's hits."""
    newer_there = theirs.source.version > mine.source.version
    named = [one for one in gone if newer_there and one.list_name == mine.source.name]
    left = {one.entry_id for one in named if one.version == theirs.source.version}
    if mine.check is not Check.WANTED:
        numbers = {finding.params.get("number", "") for finding in mine.findings}
        return theirs if numbers <= left or (theirs.outcome is Outcome.HIT and newer_there) else mine
    held = tuple(one for one in _open(mine) if one.entry_id not in left)
    if theirs.outcome is Outcome.HIT:
        return _with_open(theirs, held) if newer_there else _with_open(mine, _open(theirs))
    if not held:
        return theirs
    findings = tuple(_counted(finding, len(held)) for finding in mine.findings)
    return replace(mine, candidates=(*held, *mine.candidates[len(_open(mine)) :]), findings=findings)


def _open(answer: Answer) -> tuple[Candidate, ...]:
    """Return the candidates that nobody has cleared: they come first, and the finding counts them."""
    count = sum(int(finding.params.get("count", "1")) for finding in answer.findings if finding.code == MATCH)
    return answer.candidates[:count]


def _with_open(answer: Answer, others: tuple[Candidate, ...]) -> Answer:
    """Return ``answer`` with those of ``others`` that it does not name, before the candidates that were cleared."""
    known = {one.entry_id for one in answer.candidates}
    mine = _open(answer)
    every = (*mine, *(one for one in others if one.entry_id not in known))
    findings = tuple(_counted(finding, len(every)) for finding in answer.findings)
    return replace(answer, candidates=(*every, *answer.candidates[len(mine) :]), findings=findings)


def _counted(finding: Finding, count: int) -> Finding:
    return replace(finding, params={**finding.params, "count": str(count)}) if finding.code == MATCH else finding


def _end_of(check: Check, answers: Sequence[Answer]) -> int:
    places = [place for place, answer in enumerate(answers) if answer.check is check]
    return places[-1] + 1 if places else len(answers)
