"""Alarms: what an administrator must look at, such as a fork of a booth's chain. Each is kept once, however often it
comes again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.plain import from_plain, to_plain

log = logging.getLogger(__name__)
_MAX_ABOUT_BYTES = 64 * 1024
MOST_OF_A_KIND = 1000
MANY = "many_alarms"
"""The alarm that a booth has ``MOST_OF_A_KIND`` of one kind: no more of that kind are kept of it."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm: ``kind`` is a stable word such as ``fork``, ``booth`` may be empty, ``about`` is nothing personal."""

    number: int
    at: datetime
    kind: str
    booth: str
    about: Mapping[str, str | int | bool]


def sound(centre: Centre, connection: Connection, kind: str, booth: str, about: Mapping[str, str | int | bool]) -> bool:
    """Keep an alarm, and say it in the log. Returns whether it is new: the same one sounds once.

    What a booth sends can sound it, so there are only so many of a kind for each booth.
    """
    alarms, text = database.alarms, canonical_bytes(dict(about)).decode()
    same = (alarms.c.kind == kind) & (alarms.c.booth == booth) & (alarms.c.about == text)
    if connection.scalar(select(alarms.c.number).where(same)) is not None:
        return False
    alike = select(func.count()).where(alarms.c.kind == kind, alarms.c.booth == booth)
    if kind != MANY and (connection.scalar(alike) or 0) >= MOST_OF_A_KIND:
        return sound(centre, connection, MANY, booth, {"kind": kind})
    number = (connection.scalar(select(func.max(alarms.c.number))) or 0) + 1
    row = {"number": number, "at": to_plain(centre.now()), "kind": kind, "booth": booth, "about": text}
    connection.execute(alarms.insert().values(**row))
    log.warning("alarm %d: %s at booth %r", number, kind, booth)
    return True


def all(connection: Connection) -> list[Alarm]:  # noqa: A001 - read as alarms.all
    """Return all alarms, oldest first."""
    rows = connection.execute(select(database.alarms).order_by(database.alarms.c.number))
    return [Alarm(row.number, from_plain(datetime, row.at), row.kind, row.booth, _read(row.about)) for row in rows]


def _read(about: str) -> dict[str, str | int | bool]:
    read: dict[str, str | int | bool] = read_canonical(about.encode(), _MAX_ABOUT_BYTES)
    return read
