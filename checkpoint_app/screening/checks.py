"""The checks of one Encounter: each that the policy asks for gets an answer, or the reason why it was not done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from checkpoint_app.documents import NOTHING_BESIDE, Beside, Mrz, TravelDocument, document_findings
from checkpoint_app.screening import ENGINE, ListedMatch
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.fold import has_unread_letters
from checkpoint_app.screening.visual import visual_findings
from checkpoint_app.verdict import (
    Agreement,
    Answer,
    Candidate,
    Check,
    Finding,
    NotDone,
    Outcome,
    Policy,
    Requirement,
    Source,
)
from checkpoint_app.verdict.raising import MATCH, open_count

log = logging.getLogger(__name__)

BOOTH_ENGINE = "booth/1"
MOST_CONSIDERED = 50
"""Candidates looked at where ten are hits: with a dozen cleared before, the next one must still be seen."""
MOST_SHOWN = 10
LEAST_PERSONAL = 8
"""Characters that optional data must have to count as a personal number."""
CLEARED = "wanted.cleared_before"
THIS_BOOTH = Source(name="", version=0, engine=BOOTH_ENGINE)
KIND_OF_CHECK = {Check.LOST_STOLEN: "documents", Check.WANTED: "persons"}
NOT_HERE = {Check.FACE: NotDone.NO_DEVICE, Check.CHIP: NotDone.NO_DEVICE}


class Persons(Protocol):
    """A loaded list of persons."""

    def screen(self, subject: Subject, limit: int = 10, *, hits_only: bool = False) -> tuple[Candidate, ...]:
        """Return the best candidates, best first; with ``hits_only`` those alone that reach their threshold."""
        ...


class Numbers(Protocol):
    """A loaded list of document numbers."""

    def look_up(self, number: str, issuer: str) -> tuple[ListedMatch, ...]:
        """Return the listed numbers that are, or may be, this one."""
        ...


@dataclass(frozen=True, slots=True)
class LoadedList:
    """A list in force. ``bar`` tells why it can't be consulted at all (it is loading, or unreadable).

    ``lease_ends_at`` is when the booth's right to consult its copy ends, by trusted time; None: never.
    """

    kind: str
    source: Source
    agreement: Agreement | None = None
    persons: Persons | None = None
    numbers: Numbers | None = None
    bar: NotDone | None = None
    lease_ends_at: datetime | None = None

    def barred(self, policy: Policy, now: datetime) -> NotDone | None:
        """Return why the list may not be consulted at ``now``, None where it may: agreement, then lease, then age."""
        if self.bar is not None or self.source.issued_at is None:
            return self.bar or NotDone.LIST_UNREADABLE
        bar = policy.bar_to_use(self.source.issued_at, self.agreement, now)
        if bar in (None, NotDone.LIST_TOO_OLD) and self.lease_ends_at is not None and now >= self.lease_ends_at:
            return NotDone.LEASE_ENDED
        return bar


@dataclass(frozen=True, slots=True)
class Examination:
    """What the checks look at: the zone, whether its reader vouches for it, the trusted time, what else was read."""

    mrz: Mrz
    doubtful: bool
    now: datetime
    beside: Beside = NOTHING_BESIDE


@dataclass(frozen=True, slots=True)
class Prior:
    """A decision "not the same person" that holds: at which post and by which supervisor it was made, and until when.

    ``post`` is a name, ``by`` an officer's id.
    """

    post: str
    by: str
    decided_at: datetime
    until: datetime

    def finding(self, entry: str) -> Finding:
        """Return what tells of it; ``entry`` is the caption of whom it is not."""
        at, until = (f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for moment in (self.decided_at, self.until))
        return Finding(CLEARED, {"entry": entry, "post": self.post, "by": self.by, "at": at, "until": until})


def cleared_until(answers: Sequence[Answer]) -> list[datetime]:
    """Return when the decisions end that ``answers`` rest on; those of an older program did not say."""
    told = (finding.params.get("until") for answer in answers for finding in answer.findings if finding.code == CLEARED)
    return [_end(until) for until in told if until is not None]


def _end(until: str) -> datetime:
    """Return the moment; one that can't be read, of whoever wrote it, is over."""
    try:
        return datetime.fromisoformat(until).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


Cleared = Callable[[str, Candidate], Prior | None]
"""Returns the decision "not the same person" that was made for (list name, candidate) and still holds, or None."""


Asks = Callable[[Requirement], Sequence[Answer]]
"""Answers a check that is none of this room's: rules, stays, manifests, the lot."""


def run_checks(
    examined: Examination,
    policy: Policy,
    lists: Sequence[LoadedList],
    cleared: Cleared,
    others: Mapping[Check, Asks] | None = None,
) -> tuple[Answer, ...]:
    """Answer every check that ``policy`` asks for, in its order; for a list check, one answer a list.

    ``others`` answer those that are none of this room's; where one breaks it costs its own answer alone.
    """
    answers: list[Answer] = []
    for requirement in (*policy.required, *policy.optional):
        ask = (others or {}).get(requirement.check)
        if ask is None:
            answers.extend(_answer(requirement, examined, policy, lists, cleared))
        else:
            answers.extend(_asked(requirement, examined, ask))
    return tuple(answers)


def _asked(requirement: Requirement, examined: Examination, ask: Asks) -> Sequence[Answer]:
    """Return what ``ask`` answers, which is never nothing: what is absent was not checked."""
    found = _guarded(requirement.check, THIS_BOOTH, examined, lambda: ask(requirement))
    return found or [_not_done(requirement.check, THIS_BOOTH, examined, NotDone.CHECK_FAILED)]


def run_list_checks(
    examined: Examination, policy: Policy, lists: Sequence[LoadedList], cleared: Cleared
) -> tuple[Answer, ...]:
    """Answer those checks of ``policy`` that lists answer: what the centre is asked, by the same code."""
    answers: list[Answer] = []
    for requirement in (*policy.required, *policy.optional):
        if requirement.check in KIND_OF_CHECK:
            answers.extend(_answer(requirement, examined, policy, lists, cleared))
    return tuple(answers)


def asks_for(policy: Policy, one: LoadedList) -> bool:
    """Tell whether a check of ``policy`` is made against this list."""
    return any(
        KIND_OF_CHECK.get(each.check) == one.kind and each.list_name in ("", one.source.name)
        for each in (*policy.required, *policy.optional)
    )


def _guarded(
    check: Check, source: Source, examined: Examination, ask: Callable[[], Sequence[Answer]]
) -> Sequence[Answer]:
    """Return what ``ask`` answers; where it breaks it costs its own answer, not another list's, nor the Encounter."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - see above
        log.error("check %s broke: %s", check, type(error).__name__)  # noqa: TRY400 - texts may be personal
        return [_not_done(check, source, examined, NotDone.CHECK_FAILED)]


def _answer(
    requirement: Requirement, examined: Examination, policy: Policy, lists: Sequence[LoadedList], cleared: Cleared
) -> Sequence[Answer]:
    check = requirement.check
    if check is Check.DOCUMENT:
        return _guarded(check, THIS_BOOTH, examined, lambda: [_document(examined, policy)])
    if check is Check.VISUAL:
        return _guarded(check, THIS_BOOTH, examined, lambda: [_visual(examined, policy)])
    kind = KIND_OF_CHECK.get(check)
    if kind is None:
        return [_not_done(check, THIS_BOOTH, examined, NOT_HERE.get(check, NotDone.NOT_INSTALLED))]
    asked = [one for one in lists if one.kind == kind and requirement.list_name in ("", one.source.name)]
    if not asked:
        missing = Source(name=requirement.list_name, version=0, engine=ENGINE)
        return [_not_done(check, missing, examined, NotDone.NO_LIST)]
    return [
        answer
        for one in asked
        for answer in _guarded(check, one.source, examined, partial(_consult, check, one, examined, policy, cleared))
    ]


def _consult(check: Check, one: LoadedList, examined: Examination, policy: Policy, cleared: Cleared) -> list[Answer]:
    bar = one.barred(policy, examined.now)
    if bar is not None:
        return [_not_done(check, one.source, examined, bar)]
    if one.persons is not None:
        return [_wanted(one, one.persons, examined, policy, cleared)]
    if one.numbers is not None:
        return [_lost_stolen(one, one.numbers, examined, policy)]
    return [_not_done(check, one.source, examined, NotDone.LIST_UNREADABLE)]


def _document(examined: Examination, policy: Policy) -> Answer:
    findings = [
        Finding(found.code, dict(found.params))
        for found in document_findings(examined.mrz, examined.now.date(), examined.beside)
    ]
    if examined.doubtful:
        findings.append(Finding("document.read_doubtful"))
    return _found(Check.DOCUMENT, THIS_BOOTH, examined, policy, findings)


def _visual(examined: Examination, policy: Policy) -> Answer:
    found = visual_findings(examined.mrz, examined.beside)
    if isinstance(found, NotDone):
        return _not_done(Check.VISUAL, THIS_BOOTH, examined, found)
    return _found(Check.VISUAL, THIS_BOOTH, examined, policy, found)


def _lost_stolen(one: LoadedList, numbers: Numbers, examined: Examination, policy: Policy) -> Answer:
    document = examined.mrz.document
    if not document.document_number:
        return _not_done(Check.LOST_STOLEN, one.source, examined, NotDone.FIELD_MISSING)
    matches = numbers.look_up(document.document_number, document.issuer or "")
    findings = [
        Finding(
            f"lost_stolen.{'listed' if match.exact else 'possible'}",
            {"category": match.category.value, "number": document.document_number},
        )
        for match in matches
    ]
    if not findings and _in_doubt(examined, "document_number"):
        return _not_done(Check.LOST_STOLEN, one.source, examined, NotDone.DOCUMENT_UNREADABLE)
    return _found(Check.LOST_STOLEN, one.source, examined, policy, findings)


def _wanted(one: LoadedList, persons: Persons, examined: Examination, policy: Policy, cleared: Cleared) -> Answer:
    subject = subject_of(examined.mrz)
    if subject is None:
        return _not_done(Check.WANTED, one.source, examined, NotDone.FIELD_MISSING)
    hits = _hits(persons, subject, MOST_SHOWN)
    if len(hits) == MOST_SHOWN:
        hits = _hits(persons, subject, MOST_CONSIDERED)
    told = _told(one.source.name, hits, cleared)
    before = [candidate for candidate, _prior in told]
    open_hits = [candidate for candidate in hits if candidate not in before]
    findings = _wanted_findings(len(open_hits), told)
    if not findings and not (subject.family_name or subject.given_names):
        return _not_done(Check.WANTED, one.source, examined, NotDone.FIELD_MISSING)
    if not findings and (
        _in_doubt(examined, "birth_date") or not _states_birth(examined.mrz) or _name_unread(examined.mrz)
    ):
        # Names and date decide a comparison: where one can't be relied on, "nobody found" would say too much.
        return _not_done(Check.WANTED, one.source, examined, NotDone.DOCUMENT_UNREADABLE)
    return _found(Check.WANTED, one.source, examined, policy, findings, (*open_hits, *before)[:MOST_SHOWN])


def settled(answer: Answer, policy: Policy, cleared: Cleared) -> Answer:
    """Return an answer that somebody else gave, with this booth's decisions "not the same person" taken into it.

    The centre is not told of them with each question: what was decided here holds here (invariant 13). May be done
    again to what it returned: one whose decision has ended since is open again.
    """
    if answer.check is not Check.WANTED or answer.not_done is not None:
        return answer
    count = open_count(answer)
    found, rest = answer.candidates[:count], answer.candidates[count:]
    told = _told(answer.source.name, answer.candidates, cleared)
    before = [candidate for candidate, _prior in told]
    if not any(one in before for one in found) and all(one in before for one in rest):
        return answer
    open_hits = [candidate for candidate in answer.candidates if candidate not in before]
    others = tuple(one for one in answer.findings if one.code not in (MATCH, CLEARED))
    left = count - len(found) + len(open_hits)
    findings = (*_wanted_findings(left, told), *others)
    # The first ones shown are those open: where more are open than shown, one that was cleared must not stand for them.
    shown = (*open_hits, *before) if left == len(open_hits) else tuple(open_hits)
    return replace(answer, outcome=policy.outcome_of(findings), findings=findings, candidates=shown)


def _told(list_name: str, candidates: Sequence[Candidate], cleared: Cleared) -> list[tuple[Candidate, Prior]]:
    """Return those candidates that were cleared before, each with the decision."""
    asked = [(candidate, cleared(list_name, candidate)) for candidate in candidates]
    return [(candidate, prior) for candidate, prior in asked if prior]


def _wanted_findings(count: int, told: Sequence[tuple[Candidate, Prior]]) -> list[Finding]:
    findings = [Finding(MATCH, {"count": str(count)})] if count > 0 else []
    return [*findings, *(prior.finding(candidate.caption) for candidate, prior in told)]


def _hits(persons: Persons, subject: Subject, limit: int) -> list[Candidate]:
    found = persons.screen(subject, limit, hits_only=True)
    return [candidate for candidate in found if candidate.score >= candidate.threshold]


def _in_doubt(examined: Examination, field: str) -> bool:
    return any(fault.field == field for fault in examined.mrz.faults)


def _name_unread(mrz: Mrz) -> bool:
    """Tell whether a part of the name could not be read, or is in letters that nothing here reads.

    What is left of it finds nobody, wanted or not.
    """
    parts = (mrz.document.family_name, mrz.document.given_names)
    return any(part is None or has_unread_letters(part) for part in parts)


def _states_birth(mrz: Mrz) -> bool:
    """Tell whether at least the year of birth is known; a zone may leave all six characters open."""
    return mrz.document.birth_date is not None and mrz.document.birth_date.year is not None


def subject_of(mrz: Mrz) -> Subject | None:
    """Return the traveller that the zone describes, or None when it gives neither a name nor a document number."""
    document = mrz.document
    if not (document.family_name or document.given_names or document.document_number):
        return None
    return Subject(
        family_name=document.family_name or "",
        given_names=document.given_names or "",
        name_truncated=document.name_truncated,
        birth=document.birth_date.raw if document.birth_date else "",
        sex=document.sex.value if document.sex else "",
        nationality=document.nationality or "",
        document_number=document.document_number or "",
        issuer=document.issuer or "",
        personal_number=_personal_number(document),
    )


def _personal_number(document: TravelDocument) -> str:
    """Return what in the optional data can be a number of the person (Doc 9303-4 §4.2.2, 9303-5 §4.2.2), or nothing.

    States put much else there, mostly shorter: an office, a check digit, an older number.
    """
    parts = [part for text in (document.optional_data, document.optional_data_2) if text for part in text.split("<")]
    longest = max(parts, key=len, default="")
    return longest if len(longest) >= LEAST_PERSONAL and sum(map(str.isdigit, longest)) * 2 >= len(longest) else ""


def _found(
    check: Check,
    source: Source,
    examined: Examination,
    policy: Policy,
    findings: Sequence[Finding],
    candidates: tuple[Candidate, ...] = (),
) -> Answer:
    found = tuple(findings)
    return Answer(check, policy.outcome_of(found), source, examined.now, findings=found, candidates=candidates)


def _not_done(check: Check, source: Source, examined: Examination, why: NotDone) -> Answer:
    return Answer(check, Outcome.NOT_CHECKED, source, examined.now, not_done=why)


def facts_of(mrz: Mrz) -> Mapping[str, str]:
    """Return the traveller's facts under the names that a candidate's facts use, for comparing side by side."""
    document = mrz.document
    facts = {
        "family_name": document.family_name,
        "given_names": document.given_names,
        "birth_date": str(document.birth_date) if document.birth_date else None,
        "sex": document.sex.value if document.sex else None,
        "nationality": document.nationality,
        "document_number": document.document_number,
    }
    return {name: value for name, value in facts.items() if value}
