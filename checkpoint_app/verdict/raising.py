"""The centre's answers beside the booth's own: they may raise a local answer, and lower a hit only by name.

A local hit goes only where the centre names a newer version of that list in which the entry is gone (invariant 11).
What was not done here may be done there; what was done here is never undone by a centre that did not do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checkpoint_app.verdict.answer import Answer, Candidate, Check, Finding, NotDone, Outcome
from checkpoint_app.verdict.joining import joined_rules

MATCH, PARTY_MATCH = "wanted.match", "parties.match"
_MOST_DIGITS = 6
_WEIGHT = {Outcome.NOT_CHECKED: 0, Outcome.CLEAR: 1, Outcome.NOTE: 2, Outcome.HIT: 3}


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry that ``version`` of the list has no more. For a document ``entry_id`` is its number."""

    list_name: str
    version: int
    entry_id: str


def raised(local: Sequence[Answer], centre: Sequence[Answer], gone: Sequence[Gone] = ()) -> tuple[Answer, ...]:
    """Return ``local`` with what ``centre`` knows more, in the local order; lists unknown here follow their check."""
    here = {_question(mine) for mine in local if not _is_without_list(mine)}
    left = [one for one in centre if _question(one) not in here]
    merged: list[Answer] = []
    joined: set[tuple[Check, str]] = set()
    for mine in local:
        if mine.check is Check.RISK and mine.source.name:  # a rule set may have given two
            if _question(mine) not in joined:
                joined.add(_question(mine))
                merged.extend(joined_rules(_of(mine, local), _of(mine, centre)))
        elif _is_without_list(mine):  # the centre may have lists, even several, where the booth has none
            theirs = [one for one in left if one.check is mine.check]
            left = [one for one in left if one not in theirs]
            merged.extend(theirs if any(one.outcome is not Outcome.NOT_CHECKED for one in theirs) else [mine])
        else:
            merged.append(_joined(mine, centre, gone))
    for other in left:
        if other.outcome is not Outcome.NOT_CHECKED or other.not_done is NotDone.NOT_EVALUATED:
            merged.insert(_end_of(other.check, merged), other)
    return tuple(merged)


def still_found(found: Sequence[Answer], local: Sequence[Answer], now: datetime) -> tuple[Answer, ...]:
    """Return those notes and hits of lists, ``found`` by the centre before, that ``local``, made anew, can't outdate.

    A hit does not go because nobody answers now. It goes where a newer version is consulted here, and with its
    agreement (invariant 9); what was found clear is asked again.
    """
    outdated = {
        _question(mine): mine.source.version + (mine.not_done is NotDone.AGREEMENT_ENDED)
        for mine in local
        if mine.not_done in (None, NotDone.AGREEMENT_ENDED)
    }
    return tuple(
        one
        for one in found
        if one.outcome in (Outcome.NOTE, Outcome.HIT)
        and one.source.version >= max(1, outdated.get(_question(one), 0))
        and (one.source.agreement_ends_at is None or now < one.source.agreement_ends_at)
    )


def open_count(answer: Answer) -> int:
    """Return how many candidates nobody has cleared, as the finding says; without a number: all that are shown."""
    texts = [finding.params.get("count", "") for finding in answer.findings if finding.code in (MATCH, PARTY_MATCH)]
    if all(len(text) <= _MOST_DIGITS and text.isdecimal() for text in texts):
        return sum(map(int, texts))
    return len(answer.candidates)


def _question(answer: Answer) -> tuple[Check, str]:
    return answer.check, answer.source.name


def _of(one: Answer, answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers of the same list for the same check."""
    return [other for other in answers if _question(other) == _question(one)]


def _is_without_list(answer: Answer) -> bool:
    return answer.outcome is Outcome.NOT_CHECKED and not answer.source.name


def _joined(mine: Answer, centre: Sequence[Answer], gone: Sequence[Gone]) -> Answer:
    for theirs in centre:
        if _question(theirs) == _question(mine):
            mine = _merged(mine, theirs, gone)
    return mine


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
    left = {
        one.entry_id
        for one in gone
        if newer_there and one.list_name == mine.source.name and one.version == theirs.source.version
    }
    if mine.check is not Check.WANTED:
        numbers = {finding.params.get("number") for finding in mine.findings}
        return theirs if numbers <= left or (theirs.outcome is Outcome.HIT and newer_there) else mine
    found, cleared = _parts(mine)
    held = tuple(one for one in found if one.entry_id not in left)
    if theirs.outcome is Outcome.HIT:
        return _with_open(theirs, held) if newer_there else _with_open(mine, _parts(theirs)[0], keep=cleared)
    unseen = open_count(mine) - len(found)  # a long row of hits is counted, but not shown whole: nobody named the rest
    if len(held) == len(found):
        return mine
    if not held and not unseen:
        return theirs
    return replace(mine, candidates=(*held, *cleared), findings=_counted(mine, len(held) + unseen))


def _parts(answer: Answer) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Return the candidates that nobody has cleared, which come first, and the others."""
    count = open_count(answer)
    return answer.candidates[:count], answer.candidates[count:]


def _with_open(answer: Answer, others: tuple[Candidate, ...], keep: tuple[Candidate, ...] = ()) -> Answer:
    """Return ``answer`` with ``others`` among its open candidates, but for those that it has there, or in ``keep``."""
    found, cleared = _parts(answer)
    known = {one.entry_id for one in (*found, *keep)}
    added = tuple(one for one in others if one.entry_id not in known)
    if not added:
        return answer
    opened = {one.entry_id for one in added}
    still = tuple(one for one in cleared if one.entry_id not in opened)
    findings = _counted(answer, open_count(answer) + len(added))
    return replace(answer, candidates=(*found, *added, *still), findings=findings)


def _counted(answer: Answer, count: int) -> tuple[Finding, ...]:
    others = (finding for finding in answer.findings if finding.code != MATCH)
    return (Finding(MATCH, {"count": str(count)}), *others)


def _end_of(check: Check, answers: Sequence[Answer]) -> int:
    places = [place for place, answer in enumerate(answers) if answer.check is check]
    return places[-1] + 1 if places else len(answers)
