"""Hits as the officer sees them: one a person. Answers, events and decisions stay by entry (invariant 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checkpoint_app.screening.checks import CLEARED
from checkpoint_app.screening.one_person import by_person
from checkpoint_app.verdict import Answer, Candidate, Finding
from checkpoint_app.verdict.raising import MATCH, open_count


@dataclass(frozen=True, slots=True)
class Match:
    """One person of an answer, by the entry that stands first; ``entries`` are all that are theirs, that one too.

    They are all open, or all ``cleared``: decided "not the same person" before.
    """

    answer: Answer
    candidate: Candidate
    entries: tuple[Candidate, ...]
    cleared: bool


def matches_of(answers: Sequence[Answer]) -> list[Match]:
    """Return every person on the desk, in the order of the answers; in each those open come first."""
    return [match for answer in answers for match in _matches(answer)]


def match_at(answers: Sequence[Answer], place: int) -> Match | None:
    """Return the person at ``place`` of ``matches_of``; None where nobody stands there."""
    matches = matches_of(answers)
    return matches[place] if 0 <= place < len(matches) else None


def first_open(answers: Sequence[Answer]) -> int | None:
    """Return where the first person stands whom nobody has cleared; None where all are cleared."""
    return next((place for place, match in enumerate(matches_of(answers)) if not match.cleared), None)


def open_persons(answer: Answer) -> int:
    """Return how many persons of an answer are open; where more entries are open than it shows, their number."""
    count, shown = open_count(answer), answer.candidates
    return count if count > len(shown) else len(by_person(shown[:count]))


def findings_of(answer: Answer) -> tuple[Finding, ...]:
    """Return an answer's findings as an officer counts them: by person, as far as the entries behind them are shown."""
    findings = list(answer.findings)
    told = [finding for finding in findings if finding.code == CLEARED]
    cleared = answer.candidates[open_count(answer) :]
    if len(told) == len(cleared):
        firsts = {id(entries[0]) for entries in by_person(cleared)}
        kept = iter([id(one) in firsts for one in cleared])
        findings = [finding for finding in findings if finding.code != CLEARED or next(kept)]
    if any(finding.code == MATCH for finding in findings):
        others = (finding for finding in findings if finding.code != MATCH)
        findings = [Finding(MATCH, {"count": str(open_persons(answer))}), *others]
    return tuple(findings)


def _matches(answer: Answer) -> list[Match]:
    count = open_count(answer)
    parts = ((answer.candidates[:count], False), (answer.candidates[count:], True))
    return [Match(answer, each[0], each, cleared) for part, cleared in parts for each in by_person(part)]
