"""Whoever stands at the desk against the lists of this crossing: found on them, as stated or not, or not listed.

A list is of this crossing while it is open and its time is near. That somebody is not on it is a finding only of a list
that stands at the lane: the one an officer named, or the only one whose time it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checkpoint_app.booth.arrivals.passenger_match import (
    BIRTH,
    DOCUMENT,
    NAME,
    NATIONALITY,
    SHARED,
    Traveller,
    best,
    differing,
    is_unsettled,
    sharing,
    traveller_of,
)
from checkpoint_app.booth.arrivals.passengers import PeopleOf, Person, number_key
from checkpoint_app.booth.arrivals.screening_results import from_text
from checkpoint_app.booth.goods.manifests import HEAD
from checkpoint_app.booth.record.cargo_values import value_of
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.rules.rules_in_force import fields_in_doubt
from checkpoint_app.cargo.values import Leg, PassengerList
from checkpoint_app.risk.fields_traveller import Listed
from checkpoint_app.screening.checks import Asks
from checkpoint_app.store.arrivals import Arrival, Line
from checkpoint_app.store.manifests import PASSENGER
from checkpoint_app.verdict import Answer, Check, Finding, NotDone, Outcome, Policy, Requirement, Source
from checkpoint_app.wire.plain import PlainError

ENGINE = "manifest/1"
AS_STATED, NOT_LISTED = "manifest.as_stated", "manifest.not_listed"
EARLY, SOON = timedelta(days=2), timedelta(hours=12)
"""How long before it is due somebody may be found on a list; and when it counts as the one whose time it is."""
MOST_ANSWERS = 3
_MOST_SHARING = 20


@dataclass(frozen=True, slots=True)
class Found:
    """Who somebody is on one list, and how many others on it bear a document of theirs."""

    arrival: Arrival
    place: int
    person: Person
    others: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a traveller stands to the lists: where they were found; and, where nowhere, of which crossing's lists that is
    said, or why nothing can be.
    """

    traveller: Traveller
    found: tuple[Found, ...]
    here: tuple[Arrival, ...] = ()
    not_done: NotDone | None = None


def standing_of(records: Records, encounter: Encounter, now: datetime) -> Standing:
    """Return how the traveller of ``encounter`` stands to the lists of this crossing. Raises StoreError."""
    doubts = fields_in_doubt(encounter)
    traveller = traveller_of(encounter.mrz.document, doubts)
    near = records.store.arrivals.open_at(now, now + EARLY)
    found: list[Found] = []
    unsettled: set[str] = set()
    for one in near:
        people = _candidates(records, one, traveller)
        place = best(traveller, people)
        if place is not None:
            person = dict(people)[place]
            found.append(Found(one, place, person, _others(records, one, place, person)))
        elif any(is_unsettled(traveller, person) for _place, person in people):
            unsettled.add(one.manifest)
    found.sort(key=lambda each: (not each.arrival.here, abs(each.arrival.due - now), each.arrival.manifest))
    here = _here(near, now)
    if found:
        return Standing(traveller, tuple(found), here)
    if records.store.arrivals.unknown((PASSENGER,)) is not None:  # it may be of this crossing, too
        return Standing(traveller, (), here, NotDone.LIST_LOADING)
    if not here:
        return Standing(traveller, (), here, NotDone.NO_MANIFEST)
    return Standing(traveller, (), here, _not_done(traveller, here, unsettled, doubts=bool(doubts)))


def _here(near: Sequence[Arrival], now: datetime) -> tuple[Arrival, ...]:
    """Return the lists of the one crossing that stands at the lane; nothing where that could be several."""
    due = [one for one in near if one.due - SOON <= now]
    labels = {one.label for one in near if one.here} or {one.label for one in due}
    return tuple(one for one in near if one.label in labels) if len(labels) == 1 else ()


def _not_done(traveller: Traveller, here: Sequence[Arrival], unsettled: set[str], *, doubts: bool) -> NotDone | None:
    """Return why it can't be said that somebody is not on a list; None where it can."""
    if not all(one.whole for one in here):
        return NotDone.LIST_LOADING
    if traveller.number is None or not traveller.tokens or traveller.birth is None or traveller.birth.as_date() is None:
        return NotDone.DOCUMENT_UNREADABLE if doubts else NotDone.FIELD_MISSING
    return NotDone.FIELD_MISSING if unsettled & {one.manifest for one in here} else None


def _candidates(records: Records, one: Arrival, traveller: Traveller) -> list[tuple[int, Person]]:
    keys = traveller.keys
    return _people(records, one, records.store.arrivals.find(one.manifest, keys)) if keys else []


def _people(records: Records, one: Arrival, lines: Sequence[Line]) -> list[tuple[int, Person]]:
    people = PeopleOf(lambda item: records.store.manifests.item(one.manifest, item))
    found = ((line.place, people.get(line)) for line in lines)
    return [(place, person) for place, person in found if person is not None]  # of the others screening tells


def _others(records: Records, one: Arrival, place: int, person: Person) -> int:
    keys = [key for each in person.held if (key := number_key(each.number))]
    lines = records.store.arrivals.find(one.manifest, keys, _MOST_SHARING) if keys else []
    others = [other for other_place, other in _people(records, one, lines) if other_place != place]
    return sharing(person, others)


# -- the check ---------------------------------------------------------------------------------------------------------


def manifest_ask(records: Records, encounter: Encounter, policy: Policy, now: datetime) -> Asks:
    """Return who answers the check of the lists: an answer a list that names the traveller, else one."""

    def manifest(_requirement: Requirement) -> Sequence[Answer]:
        standing = standing_of(records, encounter, now)
        newest: dict[str, Found] = {}  # a list that was sent again stands for the one before
        for one in sorted(standing.found, key=lambda each: each.arrival.received_at, reverse=True):
            newest.setdefault(source_of(one.arrival).name, one)
        told = [one for one in standing.found if one in newest.values()][:MOST_ANSWERS]
        answers = [_of_list(standing.traveller, one, policy, now) for one in told]
        return answers or [_of_nobody(standing, policy, now)]

    return manifest


def source_of(one: Arrival) -> Source:
    """Return what names a list."""
    name = one.label if one.label == one.kind else f"{one.label} {one.kind}"
    return Source(name, 0, ENGINE)


def _of_list(traveller: Traveller, one: Found, policy: Policy, now: datetime) -> Answer:
    findings = differing(traveller, one.person)
    if one.others:
        findings = (*findings, Finding(SHARED, {"count": str(one.others)}))
    if findings:
        return Answer(Check.MANIFEST, policy.outcome_of(findings), source_of(one.arrival), now, findings=findings)
    stated = Finding(AS_STATED, {"list": one.arrival.label})
    return Answer(Check.MANIFEST, Outcome.CLEAR, source_of(one.arrival), now, findings=(stated,))


def _of_nobody(standing: Standing, policy: Policy, now: datetime) -> Answer:
    source = source_of(standing.here[0]) if standing.here else Source("", 0, ENGINE)
    if standing.not_done is not None:
        return Answer(Check.MANIFEST, Outcome.NOT_CHECKED, source, now, not_done=standing.not_done)
    findings = (Finding(NOT_LISTED, {"list": standing.here[0].label}),)
    return Answer(Check.MANIFEST, policy.outcome_of(findings), source, now, findings=findings)


# -- beside the check --------------------------------------------------------------------------------------------------


def listed_of(records: Records, encounter: Encounter, now: datetime) -> Listed | None:
    """Return what rules may know of the lists. Raises StoreError."""
    standing = standing_of(records, encounter, now)
    if not standing.found:
        return Listed(standing.here[0].kind) if standing.not_done is None else None
    first = standing.found[0]
    booked = next((one for one in standing.found if one.person.pnr is not None), None)
    named = next((one for one in standing.found if one.person.held), first)
    return Listed(
        kind=(booked or first).arrival.kind,
        passenger=named.person.passenger,
        leg=_leg(records, named),
        pnr=booked.person.pnr if booked is not None else None,
        documents_shared=named.others,
    )


def _leg(records: Records, one: Found) -> Leg | None:
    """Return the leg by which somebody came: the one to where they leave, else the last."""
    try:
        legs = value_of(PassengerList, records.store.manifests.item(one.arrival.manifest, HEAD)).legs
    except PlainError:
        return None
    debark = one.person.passenger.debark
    return next((leg for leg in legs if debark and leg.destination == debark), legs[-1] if legs else None)


def met(records: Records, encounter: Encounter, now: datetime) -> tuple[Answer, ...]:
    """Keep where the traveller stands on the lists: they have appeared once they are decided on. Raises StoreError.

    Returns what the centre found of them before they came, as far as it was about the same: what the list states of
    name, birth or state is another's where the document differs; so is its document.
    """
    answers: list[Answer] = []
    standing = standing_of(records, encounter, now)
    records.store.arrivals.match(encounter.id, [(one.arrival.manifest, one.place) for one in standing.found])
    for one in standing.found:
        other = {finding.code for finding in differing(standing.traveller, one.person)}
        centre = from_text(records.store.arrivals.own_and_centre(one.arrival.manifest, one.place)[1])
        for answer in centre:
            about = {DOCUMENT} if answer.check is Check.LOST_STOLEN else {NAME, BIRTH, NATIONALITY}
            known = any((each.check, each.source.name) == (answer.check, answer.source.name) for each in answers)
            if not about & other and not known:
                answers.append(answer)
    held = {(each.check, each.source.name) for each in encounter.held}
    return tuple(one for one in answers if (one.check, one.source.name) not in held)
