"""Re-screening: a list that changed is held against the Encounters of the last days, also of booths that never return.

Booths do it themselves, and first; what both find is one case (`wire.case`). Here it is done too for booths that are
lost, revoked or off, and for silent lists, which booths do not have. How far each list is rests in the database, in the
transaction of what was found on the way: a kill neither skips an Encounter nor doubles one.

A pass goes from the Encounters decided last down to the oldest of the policy's ``rescreen_days``; lists that are
equally far go together. Encounters that are screened after it began are none of it: they are screened by the lists of
that moment. A list that is not consulted for a while is held anew afterwards.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    inspect,
    literal,
    select,
    text,
    tuple_,
    update,
)

from checkpoint_app.central import database, decided, encounters
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.decided import Consulted, Decided, Screened
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.held import InForce
from checkpoint_app.central.transactions import retried
from checkpoint_app.screening.checks import LoadedList, asks_for
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.plain import to_plain

log = logging.getLogger(__name__)

SLICE = 100
"""Encounters that are read at a time: some milliseconds of the database."""
BOOTHS_FIRST = timedelta(minutes=15)
"""So long booths may hold a new version of theirs against their own Encounters before the centre does."""
MOST_PAUSE_S = 0.01
"""After each search as long a pause as it took, up to this: whoever answers questions must not wait for this."""
_encounters, _bodies, _passes = database.encounters, database.bodies, database.rescreened
_Key = tuple[str, str, str]
"""Where a pass is: an Encounter's ``decided_at``, booth and id. The database compares them, by its own order."""
_TOP: _Key = (to_plain(datetime.max.replace(tzinfo=UTC)), "", "")
_WHOLE: _Key = ("", "", "")


@dataclass(frozen=True, slots=True)
class _Slice:
    """The next Encounters for the lists ``names``, which are at ``before`` now, and at ``after`` when they are done."""

    names: tuple[str, ...]
    before: _Key
    after: _Key
    rows: Sequence[Row[Any]]


def hold_changed(centre: Centre, lists: Lists, limit: int = SLICE) -> bool:
    """Hold at most ``limit`` Encounters against lists that changed; tell whether there may be more to do.

    Nothing is done while there is no policy, or a list is still being loaded.
    """
    in_force = lists.in_force
    policy = in_force.policy
    if policy is None or not lists.complete:
        return False
    asked = _asked(in_force, policy, centre.now()) if policy.rescreen_days else {}
    since = centre.now() - timedelta(days=policy.rescreen_days)
    found = retried(centre, partial(_next, centre, {name: one.source.version for name, one in asked.items()},
                                    frozenset(one.source.name for one in in_force.silent), since, limit))  # fmt: skip
    if found is None:
        return False
    consulted = Consulted(
        policy,
        [one for one in in_force.public if one.source.name in asked and one.source.name in found.names],
        [one for one in in_force.silent if one.source.name in asked and one.source.name in found.names],
    )
    named = [row for row in found.rows if _may_be_named(centre, row, consulted)]
    looked_at = retried(centre, partial(_read, centre, named)) if named else []
    screened = [_screen(row, one, consulted, centre.now()) for row, one in looked_at]
    retried(centre, partial(_keep, centre, found, {name: asked[name].source.version for name in found.names}, screened))
    return True


def bring_up(connection: Connection) -> None:
    """Bring up an older program's database: of Encounters that were screened it takes when their end was heard."""
    events = database.events
    if "decided_at" not in {column["name"] for column in inspect(connection).get_columns("encounters")}:
        connection.execute(text("ALTER TABLE encounters ADD COLUMN decided_at TEXT"))
    for index in _encounters.indexes:
        index.create(connection, checkfirst=True)
    _passes.create(connection, checkfirst=True)
    heard = select(events.c.received_at).where(
        events.c.booth == _encounters.c.booth, events.c.chain == _encounters.c.chain, events.c.seq == _last()
    )
    screened = _encounters.c.screened_seq > 0
    connection.execute(update(_encounters).where(screened).values(decided_at=heard.scalar_subquery()))


# -- which are next ---------------------------------------------------------------------------------------------------


def _asked(in_force: InForce, policy: Policy, now: datetime) -> Mapping[str, LoadedList]:
    """Return the lists that may be consulted now: of those that booths may hear of the ones that the policy asks."""
    lists = (*(one for one in in_force.public if asks_for(policy, one)), *in_force.silent)
    return {one.source.name: one for one in lists if one.barred(policy, now) is None}


def _next(
    centre: Centre,
    versions: Mapping[str, int],
    silent: frozenset[str],
    since: datetime,
    limit: int,
    connection: Connection,
) -> _Slice | None:
    """Return the Encounters decided last that a list has before it; None where none has."""
    _begin(connection, versions, to_plain(centre.now()))
    key = _passes.c.decided_at, _passes.c.booth, _passes.c.encounter_id
    under_way = select(_passes).where(_passes.c.decided_at != "").order_by(*(column.desc() for column in key))
    young = to_plain(centre.now() - BOOTHS_FIRST), to_plain(centre.now())
    due = [
        (row.list, (row.decided_at, row.booth, row.encounter_id))
        for row in connection.execute(under_way)
        if row.list in silent or not young[0] < row.seen_at <= young[1]
    ]
    if not due:
        return None
    before = due[0][1]
    floor = next((at for _name, at in due if at != before), None)
    rows = connection.execute(_between(before, floor, since, limit)).all()
    after = (rows[-1].decided_at, rows[-1].booth, rows[-1].encounter_id) if len(rows) == limit else floor or _WHOLE
    return _Slice(tuple(name for name, at in due if at == before), before, after, rows)


def _begin(connection: Connection, versions: Mapping[str, int], now: str) -> None:
    """Let each list that is of another version than before begin; forget those that are not consulted."""
    here = {row.list: row.version for row in connection.execute(select(_passes))}
    changed = [name for name, version in versions.items() if here.get(name) != version]
    gone = [*changed, *(here.keys() - versions.keys())]
    if gone:
        connection.execute(delete(_passes).where(_passes.c.list.in_(gone)))
    for name in changed:
        row = {"list": name, "version": versions[name], "seen_at": now}
        connection.execute(_passes.insert().values(**row, **_at(_TOP)))


def _between(before: _Key, floor: _Key | None, since: datetime, limit: int) -> Any:
    """Return the question for the Encounters that were screened and lie before ``before``, down to ``floor``.

    With the body of the reading, so that one question is enough for a slice.
    """
    columns = _encounters.c.decided_at, _encounters.c.booth, _encounters.c.encounter_id
    beside = and_(
        _bodies.c.booth == _encounters.c.booth,
        _bodies.c.chain == _encounters.c.chain,
        _bodies.c.seq == _encounters.c.read_seq,
    )
    asked = select(_encounters, _bodies.c.sealed).outerjoin(_bodies, beside)
    asked = asked.where(columns[0] >= to_plain(since), tuple_(*columns) < _literals(before))
    if floor is not None:
        asked = asked.where(tuple_(*columns) >= _literals(floor))
    screened = _last() <= _encounters.c.screened_seq  # others will be, by the lists of then
    return asked.where(screened).order_by(*(column.desc() for column in columns)).limit(limit)


def _literals(key: _Key) -> Any:
    return tuple_(*map(literal, key))


def _last() -> ColumnElement[Any]:
    return func.coalesce(_encounters.c.decided_seq, _encounters.c.answered_seq, _encounters.c.read_seq)


def _at(key: _Key) -> dict[str, str]:
    return dict(zip(("decided_at", "booth", "encounter_id"), key, strict=True))


# -- a slice ----------------------------------------------------------------------------------------------------------


def _may_be_named(centre: Centre, row: Row[Any], consulted: Consulted) -> bool:
    """Tell whether the lists may say anything of an Encounter, whoever knew it: by its reading alone.

    Then a pause, for this thread takes turns with those that answer.
    """
    if row.sealed is None:  # it stands in an earlier chain
        return True
    began = time.monotonic()
    try:
        read = encounters.read_body(centre.vault.open(row.sealed, Place(row.booth, row.chain, row.read_seq).use))
        examined = decided.examined_of(read, centre.now())
        return examined is not None and bool(consulted.new(examined, (), _nobody))
    except Exception:  # noqa: BLE001 - it is looked at closely, and an alarm says so if that fails too
        return True
    finally:
        time.sleep(min(time.monotonic() - began, MOST_PAUSE_S))


def _nobody(_list_name: str, _candidate: Any) -> bool:
    return False


def _read(centre: Centre, rows: Sequence[Row[Any]], connection: Connection) -> list[tuple[Row[Any], Decided | None]]:
    """Return the Encounters as their events tell them; None for one whose events say nothing sensible."""
    found: list[tuple[Row[Any], Decided | None]] = []
    for one in rows:
        row = connection.execute(select(_encounters).where(decided.this(one))).one()
        if decided.last_event(row) > row.screened_seq:  # it changed meanwhile, and is screened by itself
            continue
        try:
            found.append((row, decided.decided_of(centre, connection, row)))
        except decided.BAD:
            found.append((row, None))
    return found


def _screen(row: Row[Any], one: Decided | None, consulted: Consulted, now: datetime) -> Screened:
    try:
        return Screened(row, one, None if one is None else one.new(consulted, now))
    except Exception as error:  # noqa: BLE001 - one Encounter; an alarm says which
        log.error("re-screening: an Encounter can't be screened: %s", type(error).__name__)  # noqa: TRY400 - personal
        return Screened(row, one, None)


def _keep(
    centre: Centre, found: _Slice, versions: Mapping[str, int], screened: Sequence[Screened], connection: Connection
) -> None:
    """Open the cases and keep how far the lists are, in one transaction. A row that changed is screened by itself."""
    for one in screened:
        if decided.is_as_read(connection, one.row):
            decided.open_cases(centre, connection, one)
    for name, version in versions.items():
        mine = _passes.c.list == name, _passes.c.version == version
        here = (getattr(_passes.c, column) == value for column, value in _at(found.before).items())
        connection.execute(update(_passes).where(*mine, *here).values(**_at(found.after)))
