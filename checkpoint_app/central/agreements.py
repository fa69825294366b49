"""Agreements: what lets a partner's lists be used, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from checkpoint_app.central import acts, database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.wire.header import MAX_TEXT
from checkpoint_app.wire.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Concluded:
    """An agreement with its partner (a state's code); both ends are UTC moments, the end itself is outside."""

    name: str
    partner: str
    begins_at: datetime
    ends_at: datetime

    @property
    def term(self) -> Agreement:
        """The agreement as lists and answers name it."""
        return Agreement(self.name, self.begins_at, self.ends_at)


def add(centre: Centre, connection: Connection, new: Concluded) -> Concluded:
    """Conclude an agreement, and return it. Raises CentreError where it is none, or its name is taken."""
    for word, text in (("name", new.name), ("partner", new.partner)):
        if not (0 < len(text) <= MAX_TEXT and text.isprintable()):
            raise CentreError("agreement_malformed", f"agreement: its {word} is a printable text")
    if new.ends_at <= new.begins_at:
        raise CentreError("agreement_malformed", f"agreement {new.name}: it ends before it begins")
    row = {"name": new.name, "partner": new.partner}
    row |= {"begins_at": to_plain(new.begins_at), "ends_at": to_plain(new.ends_at)}
    try:
        with connection.begin_nested():
            connection.execute(database.agreements.insert().values(**row))
    except IntegrityError as error:
        raise CentreError("agreement_known", f"agreement {new.name}: there is one already; extend or end it") from error
    acts.act(centre, connection, "agreement added", row)
    return new


def end(centre: Centre, connection: Connection, name: str) -> Concluded:
    """End an agreement now. Booths learn of it with the next publication. Raises CentreError."""
    one, now = get(connection, name), centre.now()
    if one.ends_at <= now:
        raise CentreError("agreement_ended", f"agreement {name}: it ended at {one.ends_at:%Y-%m-%d %H:%M} UTC")
    begins_at = min(one.begins_at, now - timedelta(seconds=1))  # one that has not begun never was in force
    return _set_term(centre, connection, Concluded(name, one.partner, begins_at, now), "agreement ended")


def extend(centre: Centre, connection: Connection, name: str, ends_at: datetime) -> Concluded:
    """Let an agreement end later, at ``ends_at``. Raises CentreError for an end that is not later."""
    one = get(connection, name)
    if ends_at <= max(one.ends_at, centre.now()):
        raise CentreError("agreement_shorter", f"agreement {name}: the new end is not later; `agreements end` ends it")
    return _set_term(centre, connection, Concluded(name, one.partner, one.begins_at, ends_at), "agreement extended")


def get(connection: Connection, name: str) -> Concluded:
    """Return the agreement of that name. Raises CentreError."""
    table = database.agreements
    row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
    if row is None:
        raise CentreError("agreement_unknown", f"agreement {name}: there is none; `agreements add` concludes one", 404)
    return _read(row)


def every(connection: Connection) -> list[Concluded]:
    """Return all agreements, by name, those that have ended too."""
    return [_read(row) for row in connection.execute(select(database.agreements).order_by(database.agreements.c.name))]


def _read(row: Row[Any]) -> Concluded:
    return Concluded(row.name, row.partner, from_plain(datetime, row.begins_at), from_plain(datetime, row.ends_at))


def _set_term(centre: Centre, connection: Connection, new: Concluded, what: str) -> Concluded:
    table = database.agreements
    values = {"begins_at": to_plain(new.begins_at), "ends_at": to_plain(new.ends_at)}
    connection.execute(update(table).where(table.c.name == new.name).values(**values))
    acts.act(centre, connection, what, {"name": new.name} | values)
    return new
