"""What crossings tell of an Encounter: the stay, the lot, and the history that rules read.

By this booth's own journal, or by all posts' where the centre has told of them; each answer says which it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from checkpoint_app.booth import drawing
from checkpoint_app.booth.arrivals_here import listed_of, manifest_ask
from checkpoint_app.booth.encounter import Encounter
from checkpoint_app.booth.records import Records
from checkpoint_app.booth.ruling import Known
from checkpoint_app.risk.fields_traveller import Vehicle
from checkpoint_app.risk.stays import (
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
from checkpoint_app.verdict import Answer, Check, LaneKind, Policy, Requirement
from checkpoint_app.wire.plain import to_plain

UNUSUAL_HOUR = "hist.unusual_hour"


@dataclass(frozen=True, slots=True)
class Past:
    """The crossings before an Encounter: the person's, from whose journal, since when, and what else is linked."""

    crossings: tuple[Crossed, ...]
    links: Links
    scope: Scope
    since: datetime


def past_of(records: Records, encounter: Encounter, now: datetime) -> Past:
    """Return what is known of the crossings before ``encounter``. Raises StoreError."""
    vehicle_crossings, vehicle_persons = _vehicle(records, encounter, now)
    told, papers = encounter.national, None
    if told is not None:
        own = tuple(Crossed(one.at, one.entry) for one in told.crossings if one.same_person)
        papers = sum(one.same_document and now - one.at <= QUARTER for one in told.crossings)
        links = Links(papers, told.other_persons, vehicle_crossings, vehicle_persons)
        return Past(own, links, Scope.NATIONAL, told.since)
    document, seen = to_plain(encounter.mrz.document), records.store.crossed
    rows = seen.of(document, before=encounter.id)
    own = tuple(Crossed(row.at, row.entry) for row in rows if row.same_person)
    has_number = bool(encounter.mrz.document.document_number)
    if has_number:
        papers = sum(row.same_document and now - row.at <= QUARTER for row in rows)
    links = Links(papers, seen.other_persons(document), vehicle_crossings, vehicle_persons)
    return Past(own, links, Scope.POST, seen.since(now))


def history_fields(
    records: Records, encounter: Encounter, policy: Policy, lane: str, now: datetime
) -> dict[str, object]:
    """Return the fields of rules that come from crossings. Raises StoreError."""
    past, local = past_of(records, encounter, now), now.astimezone()
    limit = limit_of(policy, encounter.mrz.document.nationality)
    fields = time_fields(past.crossings, local, encounter.direction_in, past.scope, limit)
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
        past, local = past_of(records, encounter, now), now.astimezone()
        crossings = past.crossings if _is_person_known(encounter) else ()
        scope = past.scope if _is_person_known(encounter) else Scope.POST
        nationality = encounter.mrz.document.nationality
        entry = encounter.direction_in
        since = past.since.astimezone().date()
        return [stay_answer(crossings, local, entry, scope, policy, nationality, now, since)]

    lot = lot_ask(records, encounter, policy, lane, LaneKind.PEOPLE, now)
    return {Check.STAY: stay, Check.MANIFEST: manifest_ask(records, encounter, policy, now), Check.DRAW: lot}


def lot_ask(records: Records, encounter: Encounter, policy: Policy, lane: str, kind: LaneKind, now: datetime) -> Asks:
    """Return who answers the check of the lot: the passage is drawn with the first answer, and never again."""

    def lot(_requirement: Requirement) -> Sequence[Answer]:
        profile = policy.lane(lane, kind)
        day = now.astimezone().date()
        name, post = drawing.lane_name(lane, kind), records.post_name()
        row = drawing.draw_passage(records.store, encounter.id, post, name, profile.draw_per_million, day)
        return [drawing.draw_answer(row, drawing.source_of(records.store, row), policy, now)]

    return lot


def _vehicle(records: Records, encounter: Encounter, now: datetime) -> tuple[int | None, int | None]:
    """Return how often the vehicle crossed here in a quarter, and with how many other people in a month."""
    if not encounter.vehicle:
        return None, None
    seen, document = records.store.crossed, to_plain(encounter.mrz.document)
    crossed = seen.vehicle_crossings(encounter.vehicle, now - QUARTER, encounter.id)
    return crossed, seen.vehicle_other_persons(encounter.vehicle, document, now - MONTH)


def _is_person_known(encounter: Encounter) -> bool:
    document = encounter.mrz.document
    return bool(document.family_name or document.given_names) and document.birth_date is not None
