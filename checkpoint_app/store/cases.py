"""Cases as they stand: each event of a case is one row, and a case is the fold of its rows.

The centre's copy with the highest number counts, and what was done here after the event that it knew of, by the rules
of `wire.case.Stand`; before the first copy, what the booth opened itself. So erasing a body takes its row away, and
leaves what a rebuild without it would give.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import Happening, officer_id, text
from checkpoint_app.store.errors import CorruptError
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.case import Case, CaseOutcome, CaseState, Stand, marks
from checkpoint_app.wire.event import MAX_BODY_BYTES, EventKind
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

_LAST_NUMBER, _LAST_DIGEST = "last_case_number", "last_case_digest"
_COLUMNS = (
    "seq", "case_id", "at", "state", "owner", "outcome", "number", "up_to", "encounter_id", "marks", "data"
)  # fmt: skip
_SMALL = ", ".join(_COLUMNS[:-1])
_MOST_LATER = 3
_HERE = "disposition IN ('let_pass', 'refer', 'protect')"  # a withdrawn Encounter was nobody's crossing


@dataclass(frozen=True, slots=True)
class Sighting:
    """When, where and which way somebody was at this booth, and what was decided by whom."""

    at: datetime
    direction_in: bool
    lane: str
    disposition: str
    by: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with ``state``, ``owner`` and ``outcome`` as of now; ``received_at`` (UTC) is when it first was here.

    ``lane`` is where its Encounter was, empty where that is not known any more; ``later`` are other Encounters of the
    same document or person since, the latest first: both are told of cases that are open. ``untold`` is the event by
    which the booth opened it, as long as the centre does not have that; 0 otherwise.
    """

    case: Case
    received_at: datetime
    lane: str = ""
    later: tuple[Sighting, ...] = ()
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands, without its contents. ``seqs`` are the events that brought the contents, the first first.

    ``number`` is 0 while only the booth knows of it.
    """

    case_id: str
    seqs: tuple[int, ...]
    received_at: str
    received_at_seq: int
    number: int
    encounter_id: str
    stand: Stand
    marks: frozenset[str] = field(repr=False)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at it."""
        return self.stand.state is not CaseState.CLOSED


class Cases:
    """The booth's cases. Only the journal writes them; everybody may read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def last_number(self) -> int:
        """Return the highest number that ever came into the inbox; it outlives the case. 0 before the first."""
        return int(self._db.value("SELECT value FROM meta WHERE name = ?", (_LAST_NUMBER,)) or 0)

    def last_digest(self) -> str:
        """Return the SHA-256 (hex) of the item of that number, as the centre signed it; empty before the first.

        It outlives the case too: a centre that was put back to a backup is found out by it, and nobody else reads it.
        """
        return str(self._db.value("SELECT value FROM meta WHERE name = ?", (_LAST_DIGEST,)) or "")

    def all(self, *, open_only: bool = False) -> list[CaseRow]:
        """Return the cases, the one that came first here first; with ``open_only`` those not yet closed."""
        return [self._case(one) for one in self.standings() if one.is_open or not open_only]

    def get(self, case_id: str) -> CaseRow | None:
        """Return one case, or None."""
        found = self.standings(case_id)
        return self._case(found[0]) if found else None

    def standings(self, case_id: str | None = None) -> list[Standing]:
        """Return how all cases stand, or the one with this id; contents are not read for it."""
        return self._standings("1", ()) if case_id is None else self._standings("case_id = ?", (case_id,))

    def of_encounter(self, encounter_id: str) -> list[CaseRow]:
        """Return the cases of an Encounter."""
        within = "case_id IN (SELECT case_id FROM case_events WHERE encounter_id = ?)"
        return [self._case(one) for one in self._standings(within, (encounter_id,))]

    def _standings(self, condition: str, params: Sequence[Any]) -> list[Standing]:
        rows = self._db.rows(f"SELECT {_SMALL} FROM case_events WHERE {condition} ORDER BY seq", params)  # noqa: S608
        by_case: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_case.setdefault(row["case_id"], []).append(row)
        found = (_standing(of_case) for of_case in by_case.values())
        return sorted((one for one in found if one is not None), key=lambda one: one.received_at_seq)

    def _case(self, stands: Standing) -> CaseRow:
        try:
            received_at = from_plain(datetime, stands.received_at)
            case = reduce(Case.widened, (self._contents(seq) for seq in stands.seqs))
        except (CanonicalError, PlainError) as error:
            raise CorruptError("the database holds a damaged case; restore it from a backup") from error
        row = CaseRow(case.standing(stands.stand), received_at, untold=self._untold(stands))
        return self._with_whereabouts(row) if stands.is_open else row

    def _untold(self, stands: Standing) -> int:
        if stands.number:
            return 0
        delivered = self._db.value("SELECT seq FROM acknowledged") or 0
        return 0 if stands.seqs[0] <= delivered else stands.seqs[0]

    def _contents(self, seq: int) -> Case:
        data = self._db.value("SELECT data FROM case_events WHERE seq = ?", (seq,))
        return from_plain(Case, read_canonical(data, MAX_BODY_BYTES))

    def _with_whereabouts(self, row: CaseRow) -> CaseRow:
        known = "SELECT lane, last_seq, document_key, person_key FROM encounters WHERE encounter_id = ?"
        encounter = self._db.row(known, (row.case.encounter_id,))
        if encounter is None:
            return row
        rows = self._db.rows(
            "SELECT decided_at, direction, lane, disposition, decided_by FROM encounters"  # noqa: S608  a constant
            f" WHERE (document_key = ? OR person_key = ?) AND {_HERE} AND last_seq > ? AND encounter_id <> ?"
            " ORDER BY last_seq DESC LIMIT ?",
            (
                encounter["document_key"],
                encounter["person_key"],
                encounter["last_seq"],
                row.case.encounter_id,
                _MOST_LATER,
            ),
        )
        return replace(row, lane=encounter["lane"] or "", later=tuple(_sighting(one) for one in rows))


def _sighting(row: Mapping[str, Any]) -> Sighting:
    at = from_plain(datetime, row["decided_at"])
    return Sighting(at, row["direction"] == "in", row["lane"] or "", row["disposition"], row["decided_by"] or "")


def take_case(db: Database, happening: Happening) -> None:
    """Take in an event of a case, inside the transaction that records it; one that lacks a part says nothing."""
    row = _ROWS[happening.kind](happening.body) if happening.kind in _ROWS else None
    if row is None:
        return
    row = {"seq": happening.seq, "at": happening.at, **row}
    marks_here = ", ".join("?" for _ in _COLUMNS)
    statement = f"INSERT INTO case_events ({', '.join(_COLUMNS)}) VALUES ({marks_here})"  # noqa: S608  constants
    db.execute(statement, [row.get(name) for name in _COLUMNS])
    if row.get("number") and row["number"] >= Cases(db).last_number():
        digest = hashlib.sha256(row["data"]).hexdigest()
        for name, value in ((_LAST_NUMBER, str(row["number"])), (_LAST_DIGEST, digest)):
            db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value))


def _standing(rows: Sequence[Mapping[str, Any]]) -> Standing | None:
    """Fold the rows of one case, in the order of the journal; None where none tells what it is."""
    contents = [row for row in rows if row["number"] is not None]
    if not contents:
        return None
    base = max(contents, key=lambda row: (row["number"], -row["seq"]))
    # A copy that does not tell what the centre knew counts from its place in the journal.
    after = (base["up_to"] or base["seq"]) if base["number"] else base["seq"]
    first = contents[0]
    stands = Standing(
        case_id=base["case_id"],
        seqs=(base["seq"],),
        received_at=first["at"],
        received_at_seq=first["seq"],
        number=base["number"],
        encounter_id=base["encounter_id"],
        stand=Stand(CaseState(base["state"]), base["owner"], _outcome(base)),
        marks=_marks_of(base),
    )
    return reduce(_step, (row for row in rows if row["seq"] > after and not row["number"]), stands)


def _step(before: Standing, row: Mapping[str, Any]) -> Standing:
    """Take in what was done here: it was found out (number 0), taken or closed."""
    if row["number"] is not None:
        if _marks_of(row) <= before.marks:
            return before
        return replace(before, seqs=(*before.seqs, row["seq"]), stand=Stand(), marks=before.marks | _marks_of(row))
    owner = before.stand.owner if row["owner"] is None else row["owner"]
    if row["state"] == CaseState.TAKEN:
        return replace(before, stand=before.stand.taken(owner))
    saw_all = row["marks"] is None or before.marks <= _marks_of(row)
    return replace(before, stand=before.stand.closed(owner, CaseOutcome(row["outcome"]), saw_all=saw_all))


def _marks_of(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(json.loads(row["marks"] or "[]"))


def _outcome(row: Mapping[str, Any]) -> CaseOutcome | None:
    return None if row["outcome"] is None else CaseOutcome(row["outcome"])


def _received(body: Mapping[str, Any]) -> dict[str, Any] | None:
    case = _case_of(body)
    return None if case is None or case.number < 1 else _contents_row(case, case.number)


def _opened(body: Mapping[str, Any]) -> dict[str, Any] | None:
    case = _case_of(body)
    return None if case is None or case.number else _contents_row(case.standing(Stand()), 0)


def _case_of(body: Mapping[str, Any]) -> Case | None:
    try:
        case = from_plain(Case, body.get("case"))
    except PlainError:
        return None
    return case if case.case_id else None


def _contents_row(case: Case, number: int) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "state": case.state.value,
        "owner": case.owner,
        "outcome": case.outcome and case.outcome.value,
        "number": number,
        "up_to": case.up_to,
        "encounter_id": case.encounter_id,
        "marks": _marks_text(marks(case.found)),
        "data": canonical_bytes(to_plain(case)),
    }


def _marks_text(of: Iterable[str]) -> str:
    return json.dumps(sorted(of))


def _taken(body: Mapping[str, Any]) -> dict[str, Any] | None:
    case_id, owner = text(body, "case_id"), officer_id(body)
    if case_id is None or owner is None:
        return None
    return {"case_id": case_id, "state": CaseState.TAKEN.value, "owner": owner}


def _closed(body: Mapping[str, Any]) -> dict[str, Any] | None:
    case_id, outcome, saw = text(body, "case_id"), text(body, "outcome"), body.get("saw")
    if case_id is None or outcome not in {known.value for known in CaseOutcome}:
        return None
    seen = _marks_text(str(one) for one in saw) if isinstance(saw, list) else None
    owner = officer_id(body)
    return {"case_id": case_id, "state": CaseState.CLOSED.value, "owner": owner, "outcome": outcome, "marks": seen}


_ROWS = {
    EventKind.CASE_OPENED: _opened,
    EventKind.CASE_RECEIVED: _received,
    EventKind.CASE_TAKEN: _taken,
    EventKind.CASE_CLOSED: _closed,
}
