"""What crossings tell of an Encounter: the stay, the lot, and the history that rules read.

By this booth's own journal, or by all posts' where the centre has told of them; each answer says which it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.booth.arrivals.manifest_check import listed_of, manifest_ask
from checkpoint_app.booth.crossings import lot
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.rules.rules_in_force import Known, fields_in_doubt
from checkpoint_app.risk.fields_traveller import Vehicle
from checkpoint_app.risk.stays import (
    ENGINE,
    MONTH,
    QUARTER,
    Crossed,
    Links,
    Scope,
    is_unusual_hour,
    limit_of,
    link_fields,
    stay_answer,
    time_fields,
)
from checkpoint_app.screening.checks import Asks
from checkpoint_app.verdict import Answer, Check, LaneKind, NotDone, Outcome, Policy, Requirement, Source
from checkpoint_app.wire import subjects
from checkpoint_app.wire.plain import to_plain

UNUSUAL_HOUR = "hist.unusual_hour"
_NAMES = frozenset({"names", "family_name", "given_names"})
_OF_THE_STAY = _NAMES | {"birth_date", "nationality"}


@dataclass(frozen=True, slots=True)
class Past:
    """The crossings before an Encounter: the person's, from whose journal, since when, and what else is linked."""

    crossings: tuple[Crossed, ...]
    links: Links
    scope: Scope
    since: datetime


def vouched(encounter: Encounter) -> dict[str, Any]:
    """Return the document in plain form, without what is in doubt: whom a misread name finds is somebody else."""
    doubts = fields_in_doubt(encounter)
    in_doubt = doubts | (_NAMES if doubts & _NAMES else set())
    if "issuer" in in_doubt:  # a number is of its state
        in_doubt |= {"document_number"}
    plain: dict[str, Any] = to_plain(encounter.mrz.document)
    return {name: None if name in in_doubt else value for name, value in plain.items()}


def past_of(records: Records, encounter: Encounter, now: datetime) -> Past:
    """Return what is known of the crossings before ``encounter``. Raises StoreError."""
    vehicle_crossings, vehicle_persons = _vehicle(records, encounter, now)
    told, papers = encounter.national, None
    if told is not None:
        own = tuple(Crossed(one.at, one.entry) for one in told.crossings if one.same_person)
        document, others = vouched(encounter), None
        if subjects.document_bytes(document) is not None:
            papers = sum(one.same_document and now - one.at <= QUARTER for one in told.crossings)
            others = told.other_persons if subjects.person_bytes(document) is not None else None
        links = Links(papers, others, vehicle_crossings, vehicle_persons)
        return Past(own, links, Scope.NATIONAL, told.since)
    document, seen = vouched(encounter), records.store.crossed
    rows = seen.of(document, before=encounter.id)
    own = tuple(Crossed(row.at, row.entry) for row in rows if row.same_person)
    if subjects.document_bytes(document) is not None:
        papers = sum(row.same_document and now - row.at <= QUARTER for row in rows)
    links = Links(papers, seen.other_persons(document), vehicle_crossings, vehicle_persons)
    return Past(own, links, Scope.POST, seen.since(now))


def history_fields(
    records: Records, encounter: Encounter, policy: Policy, lane: str, now: datetime
) -> dict[str, object]:
    """Return the fields of rules that come from crossings. Raises StoreError."""
    past, local = past_of(records, encounter, now), now.astimezone()
    limit = limit_of(policy, vouched(encounter)["nationality"])
    since = past.since.astimezone().date()
    fields = time_fields(past.crossings, local, encounter.direction_in, past.scope, limit, since)
    if not _is_person_known(encounter):
        fields = {}  # whoever has no name or date of birth has no crossings of their own
    unusual = is_unusual_hour(records.store.crossed.hours(local.tzinfo, lane), local.hour)
    return {**fields, **link_fields(past.links), **({UNUSUAL_HOUR: unusual} if unusual is not None else {})}


def known_of(records: Records, encounter: Encounter, policy: Policy, lane: str, now: datetime) -> Known:
    """Return what rules may know of a traveller beside the document. Raises StoreError."""
    vehicle = Vehicle(plate=encounter.vehicle or None)
    history = history_fields(records, encounter, policy, lane, now)
    return Known(listed_of(records, encounter, now), history, vehicle)


def crossing_asks(
    records: Records, encounter: Encounter, policy: Policy, lane: str, now: datetime
) -> Mapping[Check, Asks]:
    """Return who answers the checks of an Encounter with a traveller that crossings tell of."""

    def stay(_requirement: Requirement) -> Sequence[Answer]:
        if (why := _no_stay(encounter)) is not None:
            return [Answer(Check.STAY, Outcome.NOT_CHECKED, Source("", 0, ENGINE), now, not_done=why)]
        past, local = past_of(records, encounter, now), now.astimezone()
        nationality, entry = encounter.mrz.document.nationality, encounter.direction_in
        since = past.since.astimezone().date()
        return [stay_answer(past.crossings, local, entry, past.scope, policy, nationality, now, since)]

    drawn = lot_ask(records, encounter, policy, lane, LaneKind.PEOPLE, now)
    return {Check.STAY: stay, Check.MANIFEST: manifest_ask(records, encounter, policy, now), Check.DRAW: drawn}


def lot_ask(records: Records, encounter: Encounter, policy: Policy, lane: str, kind: LaneKind, now: datetime) -> Asks:
    """Return who answers the check of the lot: the passage is drawn with the first answer, and never again.

    Whoever was drawn already, and is only read again, stays drawn: closing an Encounter is no second draw.
    """

    def drawn(_requirement: Requirement) -> Sequence[Answer]:
        profile = policy.lane(lane, kind)
        day = now.astimezone().date()
        name, post = lot.lane_name(lane, kind), records.post_name()
        row = lot.draw_passage(records.store, encounter.id, post, name, profile.draw_per_million, day)
        if not row.selected:
            row = records.store.draws.carried(row) or row
        return [lot.draw_answer(row, lot.source_of(records.store, row), policy, now)]

    return drawn


def _vehicle(records: Records, encounter: Encounter, now: datetime) -> tuple[int | None, int | None]:
    """Return how often the vehicle crossed here in a quarter, and with how many other people in a month."""
    if not encounter.vehicle:
        return None, None
    seen, document = records.store.crossed, vouched(encounter)
    crossed = seen.vehicle_crossings(encounter.vehicle, now - QUARTER, encounter.id)
    return crossed, seen.vehicle_other_persons(encounter.vehicle, document, now - MONTH)


def _is_person_known(encounter: Encounter) -> bool:
    return subjects.person_bytes(vouched(encounter)) is not None


def _no_stay(encounter: Encounter) -> NotDone | None:
    """Return why nothing can be said of the traveller's stay: nobody else may be taken for them; None where it can."""
    if fields_in_doubt(encounter) & _OF_THE_STAY:
        return NotDone.DOCUMENT_UNREADABLE
    return None if _is_person_known(encounter) else NotDone.FIELD_MISSING
