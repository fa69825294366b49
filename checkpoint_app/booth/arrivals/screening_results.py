"""What screening says of somebody on a list: this booth's answers, the centre's joined to them, and one word for both.

Whoever could not be told wholly to screening (a field that is refused, a name that could not be read) is never clear.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from checkpoint_app.booth.arrivals.passengers import Person, Subjects, subjects_of
from checkpoint_app.booth.goods.parties import ask_parties
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.screening.subjects import screen_subjects
from checkpoint_app.store.arrivals import Result
from checkpoint_app.verdict import Answer, Check, NotDone, Outcome, Policy, Requirement
from checkpoint_app.verdict.raising import raised, still_found
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.screening import SubjectAnswers

_GRAVEST = (Outcome.HIT, Outcome.NOTE, Outcome.NOT_CHECKED, Outcome.CLEAR)


def mark_of(policy: Policy, lists: Sequence[LoadedList]) -> str:
    """Return what names policy and lists, with their versions: what is screened by another mark is screened again."""
    named = sorted(f"{one.kind}:{one.source.name}:{one.source.version}:{one.bar or ''}" for one in lists)
    return "|".join((f"{policy.name}:{policy.version}", *named))


def screened(
    person: Person, place: int, policy: Policy, lists: Sequence[LoadedList], now: datetime
) -> tuple[tuple[Answer, ...], str]:
    """Return the answers of the booth's own lists about somebody, and the field that could not be told, or nothing."""
    subjects = subjects_of(person, place, now.date())
    return joined(subjects, screen_subjects(subjects.parts, policy, lists, now), person), subjects.refused


def joined(subjects: Subjects, parts: Iterable[SubjectAnswers], person: Person) -> tuple[Answer, ...]:
    """Return the answers about all of somebody's documents and names as one row: what any found is found."""
    answers: tuple[Answer, ...] = ()
    refused = bool(subjects.refused)
    for one in parts:
        refused = refused or bool(one.refused)
        answers = raised(answers, one.answers) if answers else one.answers
    whole = not refused and not person.passenger.unreadable
    return answers if whole else tuple(_not_clear(one) for one in answers)


def _not_clear(answer: Answer) -> Answer:
    if answer.outcome is not Outcome.CLEAR:
        return answer
    return replace(
        answer, outcome=Outcome.NOT_CHECKED, not_done=NotDone.DOCUMENT_UNREADABLE, findings=(), candidates=()
    )


def parties_screened(
    read: ConsignmentRead, policy: Policy, lists: Sequence[LoadedList], now: datetime
) -> tuple[Answer, ...]:
    """Return the answers about the named parties of a consignment."""
    return tuple(answer for one in party_checks(policy) for answer in ask_parties(one, read, policy, lists, now))


def party_checks(policy: Policy) -> tuple[Requirement, ...]:
    """Return the checks of parties that a policy asks for."""
    asked = (*policy.cargo_required, *policy.cargo_optional)
    return tuple(one for one in asked if one.check is Check.PARTIES)


def with_centre(own: tuple[Answer, ...], centre: Sequence[Answer], now: datetime) -> tuple[Answer, ...]:
    """Return the booth's answers with what the centre found beyond them."""
    return raised(own, still_found(centre, own, now))


def outcome_of(answers: Sequence[Answer]) -> Outcome:
    """Return the gravest outcome; nothing answered is not checked."""
    found = {answer.outcome for answer in answers}
    return next((one for one in _GRAVEST if one in found), Outcome.NOT_CHECKED)


def result_of(place: int, answers: tuple[Answer, ...], refused: str = "") -> Result:
    """Return what is kept of one line."""
    return Result(place, outcome_of(answers).value, refused, to_text(answers))


def to_text(answers: Sequence[Answer]) -> str:
    """Return answers as the store keeps them."""
    return canonical_bytes(to_plain(tuple(answers))).decode()


def from_text(text: str) -> tuple[Answer, ...]:
    """Return what ``to_text`` wrote; of a program whose answers are others, nothing."""
    try:
        return tuple(from_plain(Answer, one) for one in json.loads(text)) if text else ()
    except (PlainError, ValueError):
        return ()
