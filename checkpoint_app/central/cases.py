"""Cases: opened by the centre's late screening, or by the booth's; taken and closed by a person there or here.

A case from a silent list stays at the centre: no booth is ever told of it, nor can it change it. Every step at the
centre is an act; each change at the centre goes to the booth's inbox as the same case under a new number.

A centre that was put back to a backup must neither give a booth's ids nor its numbers to other cases, which would then
never reach it. So an id follows from what the case is of (`wire.case`), and a booth says which item it had last. By the
same id, what booth and centre find out apart from each other is one case.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from checkpoint_app.central import acts, alarms, database, identity
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.transactions import retried
from checkpoint_app.screening.checks import KIND_OF_CHECK, MOST_SHOWN
from checkpoint_app.verdict.answer import Answer, Outcome
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.case import (
    MAX_INBOX_BYTES,
    MOST_ITEMS,
    Case,
    CaseKind,
    CaseOutcome,
    CaseState,
    Inbox,
    Stand,
    case_id,
    fitting,
    marks,
)
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.statement import MAX_STATEMENT_BYTES, Statement, state

MAX_CASE_BYTES = 8 << 20
_ENVELOPE_BYTES = 1024
_MOST_NAME = 200
_MOST_ITEMS_EVER = 1 << 30  # what a booth may say that it has: the numbers after it still fit the database
_BREAK = ""  # in the place of a case's id: the item that the booth had last when the centre had lost it


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list: nothing personal.

    ``revoked`` tells that its booth is no more, ``heard_at`` when it last asked: where nobody is there who could, it is
    for the centre to look into.
    """

    case_id: str
    booth: str
    list_name: str
    silent: bool
    state: CaseState
    owner: str
    opened_at: datetime
    due_at: datetime
    revoked: bool = False
    heard_at: datetime | None = None


def all_cases(connection: Connection, open_only: bool = False) -> list[CaseLine]:
    """Return the cases, the oldest first, silent ones among them, and those of booths that were revoked."""
    cases = database.cases
    asked = select(cases).order_by(cases.c.opened_at, cases.c.case_id)
    if open_only:
        asked = asked.where(cases.c.state != CaseState.CLOSED.value)
    booths = {row.name: row for row in connection.execute(select(database.booths))}
    return [_line(row, booths.get(row.booth)) for row in connection.execute(asked)]


def show(centre: Centre, case_id: str) -> tuple[CaseLine, Case]:
    """Return a case with its person; that somebody looked is an act. Raises CentreError for a case that is none."""

    def work(connection: Connection) -> tuple[CaseLine, Case]:
        row = _found(connection, case_id)
        acts.act(centre, connection, "case viewed", {"case": case_id})
        booths = database.booths
        booth = connection.execute(select(booths).where(booths.c.name == row.booth)).one_or_none()
        return _line(row, booth), opened(centre, row)

    return retried(centre, work)


def take(centre: Centre, case_id: str, who: str) -> Case:
    """Note that ``who`` looks into a case, at the centre. Raises CentreError for one that is none, or is closed."""

    def work(connection: Connection) -> Case:
        row = _found(connection, case_id, lock=True)
        if row.state == CaseState.CLOSED:
            raise CentreError("case_closed", f"case {case_id} is closed")
        acts.act(centre, connection, "case taken", {"case": case_id, "owner": who})
        return _changed(centre, connection, row, state=CaseState.TAKEN, owner=who)

    return retried(centre, work)


def close(centre: Centre, case_id: str, outcome: CaseOutcome, who: str) -> Case:
    """Close a case at the centre. Raises CentreError for one that is none, or is closed."""

    def work(connection: Connection) -> Case:
        row = _found(connection, case_id, lock=True)
        if row.state == CaseState.CLOSED:
            raise CentreError("case_closed", f"case {case_id} is closed already")
        acts.act(centre, connection, "case closed", {"case": case_id, "owner": who, "outcome": outcome.value})
        return _changed(centre, connection, row, state=CaseState.CLOSED, owner=who, outcome=outcome)

    return retried(centre, work)


# -- what the booth does ----------------------------------------------------------------------------------------------


def taken_at_booth(centre: Centre, connection: Connection, booth: str, name: str, officer: str) -> bool:
    """Take in that an officer took a case; tells whether it is one that this booth knows of. Nothing is echoed."""
    row = _of_booth(connection, booth, name)
    if row is not None:
        case = opened(centre, row)
        _stands(centre, connection, case, case.stand.taken(officer))
    return row is not None


def closed_at_booth(
    centre: Centre,
    connection: Connection,
    booth: str,
    name: str,
    officer: str,
    outcome: CaseOutcome,
    saw: frozenset[str] | None = None,
) -> bool:
    """Take in that an officer closed a case; what the centre closed before stays as it was closed.

    ``saw`` are the marks of what the officer knew to be found: with something else in it the case stays open.
    """
    row = _of_booth(connection, booth, name)
    if row is not None:
        case = opened(centre, row)
        saw_all = saw is None or marks(fitting(case).found) <= saw
        _stands(centre, connection, case, case.stand.closed(officer, outcome, saw_all=saw_all))
    return row is not None


def opened_at_booth(centre: Centre, connection: Connection, booth: str, case: Case) -> bool:
    """Take in that the booth found a late hit itself; tells whether it is a case that it may open.

    It may of an Encounter of its own, against a list that is not silent, in a version that there was. What is in it is
    the booth's word, as the Encounter is, until the late screening looks at it. Where there is that case already, only
    what is new in it counts.
    """
    name = _list_of(case)
    year = case.case_id[:2]
    if case.booth != booth or case.number or case.kind is not CaseKind.LATE_HIT or not year.isdecimal():
        return False
    if case.case_id != case_id(int(year), booth, case.encounter_id, name) or not _may_be(connection, case, name):
        return False
    encounters = database.encounters
    mine = (encounters.c.booth == booth) & (encounters.c.encounter_id == case.encounter_id)
    connection.execute(update(encounters).where(mine).values(screened_seq=0))
    row = _row_of(connection, case, name, silent=False)
    if row is None:
        case = _with_free_id(connection, name, replace(case.standing(Stand()), up_to=0), silent=False)
        _insert(centre, connection, name, case, silent=False)
        acts.act(centre, connection, "case opened", {"case": case.case_id, "booth": booth, "list": name}, by=booth)
        return True
    before = opened(centre, row)
    wider = before.widened(case)
    if not _fits(wider):
        return False
    if wider is not before:
        _keep(centre, connection, wider)
        acts.act(centre, connection, "case widened", {"case": wider.case_id}, by=booth)
    return True


def _may_be(connection: Connection, case: Case, name: str) -> bool:
    """Tell whether there is such an Encounter, and such a list for booths, and the answers are as they should be."""
    encounters, lists, versions = database.encounters, database.lists, database.versions
    mine = (encounters.c.booth == case.booth) & (encounters.c.encounter_id == case.encounter_id)
    if not _fits(case) or connection.scalar(select(encounters.c.booth).where(mine)) is None:
        return False
    kind = connection.scalar(select(lists.c.kind).where(lists.c.name == name, lists.c.silent.is_(False)))
    newest = connection.scalar(select(func.max(versions.c.version)).where(versions.c.list == name)) or 0
    return kind is not None and all(_is_hit(answer, kind, newest) for answer in case.found)


def _is_hit(answer: Answer, kind: str, newest: int) -> bool:
    """Tell whether an answer is a hit of a list of this kind, in a version up to the newest, that names something."""
    return (
        answer.outcome is Outcome.HIT
        and KIND_OF_CHECK.get(answer.check) == kind
        and 1 <= answer.source.version <= newest
        and len(answer.candidates) <= MOST_SHOWN
        and bool(marks((answer,)))
    )


def _list_of(case: Case) -> str:
    """Return the list that all answers are of; empty where that is not one, or no name that a database can hold."""
    names = {answer.source.name for answer in case.found}
    name = names.pop() if len(names) == 1 else ""
    return "" if "\x00" in name or len(name) > _MOST_NAME else name


def _fits(case: Case) -> bool:
    return len(canonical_bytes(to_plain(case))) <= MAX_STATEMENT_BYTES


def _of_booth(connection: Connection, booth: str, case_id: str) -> Row[Any] | None:
    row = connection.execute(select(database.cases).where(database.cases.c.case_id == case_id)).one_or_none()
    return row if row is not None and row.booth == booth and not row.silent else None


# -- opening ----------------------------------------------------------------------------------------------------------


def raise_case(centre: Centre, connection: Connection, list_name: str, case: Case, *, silent: bool) -> bool:
    """Open ``case`` (its number is given here), or add what is new to the one of that list; tells which.

    The one that is there is looked at anew, for somebody closed it without knowing what was found since.
    """
    row = _row_of(connection, case, list_name, silent=silent)
    if row is None:
        case = _with_free_id(connection, list_name, case, silent=silent)
        _insert(centre, connection, list_name, case, silent)
        about: dict[str, str | int | bool] = {"case": case.case_id, "booth": case.booth, "list": list_name}
        acts.act(centre, connection, "case opened", about)
    else:
        before = opened(centre, row)
        wider = before.widened(case)
        if wider is before:  # the booth told of it in this moment
            return False
        case = replace(
            case, case_id=before.case_id, number=before.number, opened_at=before.opened_at, found=wider.found
        )
        _keep(centre, connection, case)
        acts.act(centre, connection, "case widened", {"case": case.case_id})
    if not silent:
        _post(centre, connection, case)
    return row is None


def found_before(centre: Centre, connection: Connection, booth: str, encounter_id: str) -> tuple[Answer, ...]:
    """Return what cases of an Encounter name already, silent ones too."""
    cases = database.cases
    rows = connection.execute(select(cases).where(cases.c.booth == booth, cases.c.encounter_id == encounter_id))
    return tuple(answer for row in rows for answer in opened(centre, row).found)


def opened(centre: Centre, row: Row[Any]) -> Case:
    """Return the case of its sealed row."""
    return from_plain(Case, read_canonical(centre.vault.open(row.sealed, f"case {row.case_id}"), MAX_CASE_BYTES))


# -- the inbox --------------------------------------------------------------------------------------------------------


def last_number(connection: Connection, booth: str) -> int:
    """Return the number of the last item in the booth's inbox, 0 where there is none."""
    inbox = database.inbox
    return connection.scalar(select(func.max(inbox.c.number)).where(inbox.c.booth == booth)) or 0


def find_place(
    centre: Centre, connection: Connection, booth: str, after: int, seen: str, *, again: bool = True
) -> bool:
    """Let the inbox go on after the last item that the booth has, where the centre has lost that, or has another.

    Tells whether it had to be laid anew; where it must not be now (``again`` is False) that raises CentreError.

    ``seen`` is the SHA-256 (hex) of the canonical item number ``after``; empty where the booth no longer has it. Then
    every case comes again that is open, or that had a number which the booth can't ask for: once too often rather than
    never. What is not so is a centre that was put back to a backup, and sounds an alarm.
    """
    if after > _MOST_ITEMS_EVER or _has(centre, connection, booth, after, seen):
        return False
    if not again:
        raise CentreError("too_often", "the inbox was laid anew a moment ago; ask in a minute", 429)
    booths, inbox = database.booths, database.inbox
    connection.execute(select(booths.c.name).where(booths.c.name == booth).with_for_update())
    unseen = (inbox.c.booth == booth) & (inbox.c.number >= after)
    lost = set(connection.scalars(select(inbox.c.case_id).where(unseen)))
    connection.execute(delete(inbox).where(unseen))
    if after:
        sealed = centre.vault.seal(seen.encode(), f"inbox {booth} {after}")
        connection.execute(inbox.insert().values(booth=booth, number=after, case_id=_BREAK, sealed=sealed))
    of_booth = select(database.cases).where(database.cases.c.booth == booth, database.cases.c.silent.is_(False))
    for row in connection.execute(of_booth.order_by(database.cases.c.opened_at, database.cases.c.case_id)).all():
        if row.state != CaseState.CLOSED or row.case_id in lost:
            _post(centre, connection, opened(centre, row))
    alarms.sound(centre, connection, "inbox_lost", booth, {"after": after})
    return True


def _has(centre: Centre, connection: Connection, booth: str, after: int, seen: str) -> bool:
    """Tell whether item ``after`` is the one that the booth has seen, and those that follow it are without a gap."""
    inbox = database.inbox
    at_break = select(inbox.c.number).where(inbox.c.booth == booth, inbox.c.case_id == _BREAK, inbox.c.number > after)
    if connection.scalar(at_break.limit(1)) is not None:
        return False
    if after == 0:
        return True
    here = select(inbox).where(inbox.c.booth == booth, inbox.c.number == after)
    row = connection.execute(here).one_or_none()
    if row is None:
        return False
    data = centre.vault.open(row.sealed, f"inbox {booth} {after}")
    if row.case_id == _BREAK:
        return not seen or data.decode() in ("", seen)
    return not seen or hashlib.sha256(_statement(data).text.encode()).hexdigest() == seen


def items(centre: Centre, connection: Connection, booth: str, after: int) -> Inbox:
    """Return the booth's items after number ``after``, as many as one reply holds."""
    inbox, last = database.inbox, last_number(connection, booth)
    after = min(after, last)  # one that is far beyond may be more than the database can compare
    rows = connection.execute(
        select(inbox).where(inbox.c.booth == booth, inbox.c.number > after).order_by(inbox.c.number).limit(MOST_ITEMS)
    )
    found: list[Statement] = []
    size = 0
    for row in rows:
        data = centre.vault.open(row.sealed, f"inbox {booth} {row.number}")
        size += len(data) + _ENVELOPE_BYTES
        if size > MAX_INBOX_BYTES:
            break
        found.append(_statement(data))
    return Inbox(booth, last, tuple(found))


def _statement(data: bytes) -> Statement:
    return from_plain(Statement, read_canonical(data, 2 * MAX_STATEMENT_BYTES + _ENVELOPE_BYTES))


def _post(centre: Centre, connection: Connection, case: Case) -> Case:
    """Put ``case`` into its booth's inbox, under the next number. The booth's row is locked, so numbers stay dense."""
    booths = database.booths
    up_to = connection.scalar(select(booths.c.seq).where(booths.c.name == case.booth).with_for_update()) or 0
    case = replace(case, number=last_number(connection, case.booth) + 1, up_to=up_to)
    statement = state(fitting(case), identity.statement_key(centre, connection))
    sealed = centre.vault.seal(canonical_bytes(to_plain(statement)), f"inbox {case.booth} {case.number}")
    row = {"booth": case.booth, "number": case.number, "case_id": case.case_id, "sealed": sealed}
    connection.execute(database.inbox.insert().values(**row))
    _keep(centre, connection, case)
    return case


# -- rows -------------------------------------------------------------------------------------------------------------


def _row_of(connection: Connection, case: Case, list_name: str, *, silent: bool) -> Row[Any] | None:
    """Return the row of what ``case`` is of."""
    cases = database.cases
    same = (cases.c.booth == case.booth) & (cases.c.encounter_id == case.encounter_id) & (cases.c.list == list_name)
    return connection.execute(select(cases).where(same, cases.c.silent == silent)).one_or_none()


def _with_free_id(connection: Connection, list_name: str, case: Case, *, silent: bool) -> Case:
    """Return ``case`` with its id, or the next one where a case of something else has that."""
    year, of = int(case.case_id[:2]), (case.booth, case.encounter_id, list_name)
    for number in range(1 << 10):
        found = case_id(year, *of, silent=silent, number=number)
        taken = select(database.cases.c.case_id).where(database.cases.c.case_id == found)
        if connection.scalar(taken) is None:
            break
    return replace(case, case_id=found)


def _stands(centre: Centre, connection: Connection, case: Case, stand: Stand) -> None:
    if stand != case.stand:
        _keep(centre, connection, case.standing(stand))


def _insert(centre: Centre, connection: Connection, list_name: str, case: Case, silent: bool) -> None:
    row = {
        "case_id": case.case_id,
        "booth": case.booth,
        "encounter_id": case.encounter_id,
        "list": list_name,
        "silent": silent,
        "opened_at": to_plain(case.opened_at),
        **_values(centre, case),
    }
    connection.execute(database.cases.insert().values(**row))


def _keep(centre: Centre, connection: Connection, case: Case) -> None:
    this = database.cases.c.case_id == case.case_id
    connection.execute(update(database.cases).where(this).values(**_values(centre, case)))


def _values(centre: Centre, case: Case) -> dict[str, Any]:
    return {
        "state": case.state.value,
        "owner": case.owner,
        "due_at": to_plain(case.due_at),
        "sealed": centre.vault.seal(canonical_bytes(to_plain(case)), f"case {case.case_id}"),
    }


def _changed(centre: Centre, connection: Connection, row: Row[Any], **changes: Any) -> Case:
    case = replace(opened(centre, row), **changes)
    _keep(centre, connection, case)
    return case if row.silent else _post(centre, connection, case)


def _found(connection: Connection, case_id: str, *, lock: bool = False) -> Row[Any]:
    asked = select(database.cases).where(database.cases.c.case_id == case_id)
    row = connection.execute(asked.with_for_update() if lock else asked).one_or_none()
    if row is None:
        raise CentreError("case_unknown", f"there is no case {case_id}; `checkpoint central cases` lists them", 404)
    return row


def _line(row: Row[Any], booth: Row[Any] | None) -> CaseLine:
    heard = None if booth is None else booth.last_seen
    return CaseLine(
        row.case_id,
        row.booth,
        row.list,
        row.silent,
        CaseState(row.state),
        row.owner,
        from_plain(datetime, row.opened_at),
        from_plain(datetime, row.due_at),
        revoked=booth is not None and booth.state == BoothState.REVOKED,
        heard_at=None if heard is None else from_plain(datetime, heard),
    )
