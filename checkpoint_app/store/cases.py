"""Cases as they stand: each event of a case is one row, and a case is the fold of its rows in journal order.

A case that comes again under a higher number replaces what was known of it; what is taken or closed here counts from
its own place in the journal. So erasing a body takes its row away, and leaves what a rebuild without it would give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.encounter_row import Happening, officer_id, text
from checkpoint_app.store.errors import CorruptError
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.case import Case, CaseOutcome, CaseState
from checkpoint_app.wire.event import MAX_BODY_BYTES, EventKind
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

_LAST_NUMBER, _LAST_DIGEST = "last_case_number", "last_case_digest"
_SMALL = "seq, case_id, at, state, owner, outcome, number, encounter_id"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with ``state``, ``owner`` and ``outcome`` as of now; ``received_at`` (UTC) is when it first came."""

    case: Case
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands, without its contents. ``seq`` is the event that brought the contents."""

    case_id: str
    seq: int
    received_at: str
    number: int
    encounter_id: str
    state: CaseState
    owner: str
    outcome: CaseOutcome | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at it."""
        return self.state is not CaseState.CLOSED


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
        of_case = "" if case_id is None else " WHERE case_id = ?"
        rows = self._db.rows(
            f"SELECT {_SMALL} FROM case_events{of_case} ORDER BY seq",  # noqa: S608  constants
            () if case_id is None else (case_id,),
        )
        stands: dict[str, Standing] = {}
        for row in rows:
            if (after := _step(stands.get(row["case_id"]), row)) is not None:
                stands[row["case_id"]] = after
        return list(stands.values())

    def _case(self, stands: Standing) -> CaseRow:
        data = self._db.value("SELECT data FROM case_events WHERE seq = ?", (stands.seq,))
        try:
            case = from_plain(Case, read_canonical(data, MAX_BODY_BYTES))
            received_at = from_plain(datetime, stands.received_at)
        except (CanonicalError, PlainError) as error:
            raise CorruptError("the database holds a damaged case; restore it from a backup") from error
        return CaseRow(replace(case, state=stands.state, owner=stands.owner, outcome=stands.outcome), received_at)


def take_case(db: Database, happening: Happening) -> None:
    """Take in an event of a case, inside the transaction that records it; one that lacks a part says nothing."""
    row = _ROWS[happening.kind](happening.body) if happening.kind in _ROWS else None
    if row is None:
        return
    row = {"seq": happening.seq, "at": happening.at, **row}
    names = ("seq", "case_id", "at", "state", "owner", "outcome", "number", "encounter_id", "data")
    values = [row.get(name) for name in names]
    db.execute("INSERT INTO case_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    if row.get("number") is not None and row["number"] >= Cases(db).last_number():
        digest = hashlib.sha256(row["data"]).hexdigest()
        for name, value in ((_LAST_NUMBER, str(row["number"])), (_LAST_DIGEST, digest)):
            db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value))


def _step(before: Standing | None, row: Mapping[str, Any]) -> Standing | None:
    if row["number"] is None:
        if before is None:
            return None
        owner = before.owner if row["owner"] is None else row["owner"]
        return replace(before, state=CaseState(row["state"]), owner=owner, outcome=_outcome(row))
    if before is not None and row["number"] <= before.number:
        return before
    return Standing(
        row["case_id"],
        row["seq"],
        row["at"] if before is None else before.received_at,
        row["number"],
        row["encounter_id"],
        CaseState(row["state"]),
        row["owner"],
        _outcome(row),
    )


def _outcome(row: Mapping[str, Any]) -> CaseOutcome | None:
    return None if row["outcome"] is None else CaseOutcome(row["outcome"])


def _received(body: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        case = from_plain(Case, body.get("case"))
    except PlainError:
        return None
    if not case.case_id or case.number < 1:
        return None
    return {
        "case_id": case.case_id,
        "state": case.state.value,
        "owner": case.owner,
        "outcome": case.outcome and case.outcome.value,
        "number": case.number,
        "encounter_id": case.encounter_id,
        "data": canonical_bytes(to_plain(case)),
    }


def _taken(body: Mapping[str, Any]) -> dict[str, Any] | None:
    case_id, owner = text(body, "case_id"), officer_id(body)
    if case_id is None or owner is None:
        return None
    return {"case_id": case_id, "state": CaseState.TAKEN.value, "owner": owner}


def _closed(body: Mapping[str, Any]) -> dict[str, Any] | None:
    case_id, outcome = text(body, "case_id"), text(body, "outcome")
    if case_id is None or outcome not in {known.value for known in CaseOutcome}:
        return None
    return {"case_id": case_id, "state": CaseState.CLOSED.value, "owner": officer_id(body), "outcome": outcome}


_ROWS = {EventKind.CASE_RECEIVED: _received, EventKind.CASE_TAKEN: _taken, EventKind.CASE_CLOSED: _closed}
