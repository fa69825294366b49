"""Series: a list's versions, one after the other, under one content key; document numbers under one hashing key too.

One grant then opens a whole package and all deltas that follow it. A series is named by the version that it began with,
and its versions are those whose rows name the same key. Why, and when a new one begins: `docs/decisions/0015`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from checkpoint_app.central import database, lists
from checkpoint_app.central.centre import Centre, fact, keep_fact
from checkpoint_app.central.lists import HERE, SCREENED, content_secret, first_of_series
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import from_plain

MOST_VERSIONS = 400
MOST_AGE = {ListKind.PERSONS: timedelta(days=31), ListKind.DOCUMENTS: timedelta(days=366)}
"""A hundred million document numbers are 580 MB, for which a remote booth needs a stick: not each month."""

_ENDED = "series ended up to"


@dataclass(frozen=True, slots=True)
class Series:
    """The series that a version belongs to: the version that it began with, and its content key."""

    first: int
    content_key: bytes = field(repr=False)


def going_on(centre: Centre, connection: Connection, name: str) -> Series | None:
    """Return the series of the list's newest approved version if the next version goes on with it.

    None where the next begins one of its own: there is none, it is long or old enough, it was ended, or the list's kind
    has none.
    """
    newest = lists.approved(centre, connection, name)
    if newest is None or newest.kind not in SCREENED or not newest.content_key:
        return None
    table = database.versions
    own = (table.c.list == name) & (table.c.version == newest.version)
    key_id = connection.execute(select(table.c.key_id).where(own)).scalar_one()
    mine = (table.c.list == name) & (table.c.key_id == key_id)
    first = first_of_series(connection, name, key_id)
    count = connection.execute(select(func.count()).select_from(table).where(mine)).scalar_one()
    began = connection.execute(select(table.c.imported_at).where(mine, table.c.version == first)).scalar_one()
    ended = first <= int(fact(connection, f"{_ENDED} {name}") or "0")
    if ended or count >= MOST_VERSIONS or centre.now() - from_plain(datetime, began) >= MOST_AGE[newest.kind]:
        return None
    return Series(first, newest.content_key)


def end(connection: Connection, name: str) -> None:
    """End all series that the list has: its next version begins a new one."""
    table = database.versions
    newest = connection.execute(select(func.max(table.c.version)).where(table.c.list == name)).scalar_one()
    keep_fact(connection, f"{_ENDED} {name}", str(newest or 0))


def end_all(connection: Connection) -> None:
    """End the series of every list: a centre put back to a backup does not know what went out under their keys."""
    kinds = [kind.value for kind in SCREENED]
    for name in connection.scalars(select(database.lists.c.name).where(database.lists.c.kind.in_(kinds))).all():
        end(connection, name)


def begin(centre: Centre, connection: Connection, name: str, version: int, content_key: bytes) -> None:
    """Let ``version`` begin a series."""
    centre.keep_secret(connection, content_secret(name, version), content_key)


def forget_unused(centre: Centre, connection: Connection, name: str, key_ids: Iterable[str]) -> None:
    """Forget those of the content keys that no version in use or waiting is under: no copy of a package opens then."""
    table = database.versions
    for key_id in sorted({one for one in key_ids if one}):
        used = (table.c.list == name) & (table.c.key_id == key_id) & table.c.state.in_(HERE)
        if connection.execute(select(table.c.version).where(used).limit(1)).one_or_none() is None:
            centre.forget_secret(connection, content_secret(name, first_of_series(connection, name, key_id)))
