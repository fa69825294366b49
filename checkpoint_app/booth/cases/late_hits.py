"""A late hit as the booth finds it: an Encounter as it was decided, held against a list of now, by the centre's rules.

`screening.late` decides what is new; the case has the id and the shape that the centre would give it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.booth.record.records import Records
from checkpoint_app.documents import Mrz, TravelDocument, parse_mrz
from checkpoint_app.screening.checks import MOST_SHOWN, Examination, LoadedList, Numbers, Persons, subject_of
from checkpoint_app.screening.late import found_late, seen_lists
from checkpoint_app.store import BodyErasedError
from checkpoint_app.verdict import Answer, Candidate, Policy
from checkpoint_app.wire.case import DUE, Case, CaseKind, case_id, fitting, marks
from checkpoint_app.wire.event import EventHeader, EventKind
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

_READS = (EventKind.ENCOUNTER_READ, EventKind.ENCOUNTER_CORRECTED)
_LATEST = {**dict.fromkeys(_READS, EventKind.ENCOUNTER_READ)} | {
    kind: kind for kind in (EventKind.ENCOUNTER_ANSWERED, EventKind.DISPOSITION)
}


@dataclass(frozen=True, slots=True)
class Decided:
    """An Encounter as it was decided here. ``decided_at`` is by the booth's clock, or a later signed moment."""

    encounter_id: str
    begun_at: datetime
    mrz: Mrz | None
    doubtful: bool
    direction_in: bool
    answers: tuple[Answer, ...]
    disposition: str
    decided_at: datetime
    decided_by: str


def decided_encounter(records: Records, encounter_id: str) -> Decided | None:
    """Return the Encounter as its events tell it; None where one that is needed was erased, or it is not decided.

    Pictures are not opened for it. Raises what an old or damaged body raises: PlainError, KeyError, MrzError.
    """
    latest: dict[EventKind, EventHeader] = {}
    journal = records.store.journal
    for seq in records.store.projections.events_of(encounter_id):
        header = next(journal.events(seq - 1, 1)).header
        if header.kind in _LATEST:
            latest[_LATEST[header.kind]] = header
    if not {EventKind.ENCOUNTER_READ, EventKind.DISPOSITION} <= latest.keys():
        return None
    try:
        bodies = {kind: journal.body(header.seq) for kind, header in latest.items()}
    except BodyErasedError:
        return None
    decision = latest[EventKind.DISPOSITION]
    return _decided(encounter_id, bodies, max(decision.wall_time, decision.trusted_time or decision.wall_time))


def _decided(encounter_id: str, bodies: Mapping[EventKind, Mapping[str, Any]], decided_at: datetime) -> Decided:
    read, disposition = bodies[EventKind.ENCOUNTER_READ], bodies[EventKind.DISPOSITION]
    answered = bodies.get(EventKind.ENCOUNTER_ANSWERED, {"answers": ()})
    begun_at = from_plain(datetime, read["opened_at"])
    return Decided(
        encounter_id=encounter_id,
        begun_at=begun_at,
        mrz=parse_mrz(read["mrz"], begun_at.date()) if read["mrz"] else None,
        doubtful=read["doubtful"],
        direction_in=disposition.get("direction", read["direction"]) == "in",
        answers=tuple(from_plain(Answer, answer) for answer in answered["answers"]),
        disposition=disposition["disposition"],
        decided_at=decided_at,
        decided_by=disposition["officer"],
    )


def open_late(records: Records, one: Decided, loaded: LoadedList, policy: Policy) -> int:
    """Open a case, or widen the one there is, for what ``loaded`` says of an Encounter and nobody knew.

    Writes ``case_opened``, and returns how many: as good as always 0 or 1. Doing it twice opens nothing twice.
    """
    if one.mrz is None:
        return 0
    now = records.trusted_now()
    before = [answer for row in records.store.cases.of_encounter(one.encounter_id) for answer in row.case.found]
    examined = Examination(one.mrz, one.doubtful, now)
    found = found_late(examined, policy, (loaded,), (*one.answers, *before), _cleared(records, one.mrz, now))
    named, opened = marks(before), 0
    for answer in found:
        if not marks((answer,)) <= named:
            records.write(EventKind.CASE_OPENED, {"case": to_plain(_case(records, one, answer, now))})
            named |= marks((answer,))
            opened += 1
    return opened


def _cleared(records: Records, mrz: Mrz, now: datetime) -> Any:
    person = to_plain(mrz.document)

    def was_cleared(list_name: str, candidate: Candidate) -> bool:
        entry = list_name, candidate.entry_id, candidate.entry_digest
        return records.store.clearances.find(person, *entry, now) is not None

    return was_cleared


def _case(records: Records, one: Decided, answer: Answer, now: datetime) -> Case:
    document = one.mrz.document if one.mrz is not None else None
    booth, name = records.store.identity.booth, answer.source.name
    case = Case(
        case_id=case_id(one.begun_at.year, booth, one.encounter_id, name),
        number=0,
        kind=CaseKind.LATE_HIT,
        booth=booth,
        encounter_id=one.encounter_id,
        family_name=(document.family_name if document else None) or "",
        given_names=(document.given_names if document else None) or "",
        disposition=one.disposition,
        decided_at=one.decided_at,
        decided_by=one.decided_by,
        direction_in=one.direction_in,
        found=(answer,),
        seen=seen_lists(one.answers, name),
        opened_at=now,
        due_at=now + DUE,
    )
    return fitting(case)


def may_be_listed(document: str, persons: Persons | None, numbers: Numbers | None) -> bool:
    """Tell whether a list may say anything of a document (canonical JSON of its fields), whoever knew it.

    The search is that of the checks, with nothing else about it: it opens no body of the journal.
    """
    try:
        fields = from_plain(TravelDocument, json.loads(document))
    except (PlainError, ValueError):
        return True  # of an older program: its events tell
    subject = subject_of(Mrz((), fields, (), ()))
    if persons is not None:
        return subject is not None and bool(persons.screen(subject, MOST_SHOWN, hits_only=True))
    number = fields.document_number
    return numbers is not None and bool(number) and bool(numbers.look_up(number or "", fields.issuer or ""))
