"""Screening of people who are not at a desk, the same at booth and centre: each gets the answers of the list checks.

What a passenger list states takes the way of a zone (`run_list_checks`), without being pressed into one: names keep
their script and their length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from checkpoint_app.documents import Format, Mrz, MrzError, PartialDate, Sex, TravelDocument, parse_mrz
from checkpoint_app.screening.checks import Cleared, Examination, LoadedList, run_list_checks
from checkpoint_app.verdict import Candidate, Policy
from checkpoint_app.wire.screening import ScreeningSubject, SubjectAnswers

MAX_NAME = 200
_BIRTH = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_STATE = re.compile(r"[A-Z]{1,3}")
_NUMBER = re.compile(r"[A-Za-z0-9 .\-/<]{1,40}")
_SEXES = frozenset(sex.value for sex in Sex)


class SubjectError(ValueError):
    """A subject can't be screened: ``field`` is not what it should be. Its value is not repeated."""

    def __init__(self, field: str) -> None:
        super().__init__(f"subject: {field} is not in the documented form")
        self.field = field


def nobody_cleared(_list_name: str, _candidate: Candidate) -> None:
    """Tell that no candidate was found not to be the traveller."""


def screen_subjects(
    subjects: Iterable[ScreeningSubject],
    policy: Policy,
    lists: Sequence[LoadedList],
    now: datetime,
    cleared: Cleared = nobody_cleared,
) -> tuple[SubjectAnswers, ...]:
    """Answer the list checks of ``policy`` for each subject by itself; one that is not in form is refused by a field.

    A booth may leave out whom it found not to be an entry's person (``cleared``); the centre never does.
    """
    return tuple(_screened(one, policy, lists, now, cleared) for one in subjects)


def zone_of(subject: ScreeningSubject, today: date) -> Mrz:
    """Return the subject as the checks take it. Raises SubjectError."""
    names_and_birth = (subject.family_name, subject.given_names, subject.birth_date, subject.sex)
    stated = (*names_and_birth, subject.nationality, subject.document_number, subject.issuer)
    if not subject.mrz:
        return _of_fields(subject, today)
    if any(stated):  # which of both would count is for nobody to guess
        raise SubjectError("mrz")
    try:
        return parse_mrz(subject.mrz, today)
    except MrzError as error:
        raise SubjectError("mrz") from error


def _screened(
    subject: ScreeningSubject, policy: Policy, lists: Sequence[LoadedList], now: datetime, cleared: Cleared
) -> SubjectAnswers:
    try:
        examined = Examination(zone_of(subject, now.date()), False, now)
    except SubjectError as error:
        return SubjectAnswers(subject.ref, (), error.field)
    return SubjectAnswers(subject.ref, run_list_checks(examined, policy, lists, cleared))


def _of_fields(subject: ScreeningSubject, today: date) -> Mrz:
    for field in ("family_name", "given_names"):
        if not _is_name(getattr(subject, field)):
            raise SubjectError(field)
    for field, form in (("nationality", _STATE), ("issuer", _STATE), ("document_number", _NUMBER)):
        if (text := getattr(subject, field)) and not form.fullmatch(text):
            raise SubjectError(field)
    if subject.sex not in _SEXES:
        raise SubjectError("sex")
    if not (subject.family_name or subject.given_names or subject.document_number):
        raise SubjectError("family_name")
    document = TravelDocument(
        Format.TD3,  # no zone at all; the checks of lists do not ask
        issuer=subject.issuer,
        document_number=subject.document_number,
        nationality=subject.nationality,
        birth_date=_birth(subject.birth_date, today),
        sex=Sex(subject.sex),
        family_name=subject.family_name,
        given_names=subject.given_names,
    )
    return Mrz((), document, (), ())


def _is_name(text: str) -> bool:
    return not text or (len(text) <= MAX_NAME and text.isprintable() and any(map(str.isalpha, text)))


def _birth(text: str, today: date) -> PartialDate | None:
    """Return the stated date of birth, None where none is. Raises SubjectError."""
    if not text:
        return None
    found = _BIRTH.fullmatch(text)
    year, month, day = (int(part) if part else None for part in found.groups()) if found else (0, None, None)
    try:
        earliest = date(year or 0, month or 1, day or 1)
    except ValueError as error:
        raise SubjectError("birth_date") from error
    if earliest > today:
        raise SubjectError("birth_date")
    return PartialDate(text, year, month, day)
