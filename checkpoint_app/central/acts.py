"""The administrators' acts: a dense, hash-chained record of who did what at the centre, and when.

The hash of an act is SHA-256 over the hash before it and the act's canonical bytes, so that one changed, moved or
dropped is noticed by whoever has noted a later hash. Nothing personal of travellers belongs in an act.
"""

from __future__ import annotations

import hashlib
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

FIRST_HASH = "0" * 64
ADMINISTRATOR = "CHECKPOINT_ADMIN"  # overrides the operating system's name of the user
_MAX_NAME = 64
_LAST = select(database.acts.c.number, database.acts.c.hash).order_by(database.acts.c.number.desc()).limit(1)
_APPEND = database.acts.insert()
_MAX_ABOUT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Act:
    """One act: ``what`` is a stable phrase such as ``booth confirmed``, ``hash`` covers this act and all before it."""

    number: int
    at: datetime
    who: str
    what: str
    about: Mapping[str, str | int | bool]
    hash: str


def who() -> str:
    """Return who acts: the name in CHECKPOINT_ADMIN, else the operating system's user. Raises CentreError."""
    name = os.environ.get(ADMINISTRATOR, "").strip()
    if not name:
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:  # a user of a container without an entry
            name = f"user {os.getuid()}"
    if len(name) > _MAX_NAME or not name.isprintable():
        raise CentreError("who_unclear", f"{ADMINISTRATOR}: give a name of at most {_MAX_NAME} printable characters")
    return name


def act(centre: Centre, connection: Connection, what: str, about: Mapping[str, str | int | bool], by: str = "") -> None:
    """Append the act ``what``, within the transaction of what was done, so that neither is there without the other.

    ``by`` names a booth that did it; else it is whoever runs this process.
    """
    last = connection.execute(_LAST).one_or_none()
    number, before = (1, FIRST_HASH) if last is None else (last.number + 1, last.hash)
    at, name = to_plain(centre.now()), by or who()
    digest = _digest(before, number, at, name, what, dict(about))
    text = canonical_bytes(dict(about)).decode()
    row = {"number": number, "at": at, "who": name, "what": what, "about": text, "hash": digest}
    connection.execute(_APPEND, row)


def verify(connection: Connection) -> int:
    """Return the number of acts, if they are whole. Raises CentreError (``acts_broken``), naming the first bad."""
    number, before = 0, FIRST_HASH
    for row in connection.execute(select(database.acts).order_by(database.acts.c.number)):
        number += 1
        if row.number != number:
            raise CentreError("acts_broken", f"act {number} is missing; compare with a backup")
        if not _is_whole(row, before):
            raise CentreError("acts_broken", f"act {number} was changed; compare with a backup")
        before = row.hash
    return number


def all(connection: Connection, after: int = 0, limit: int = 1000) -> list[Act]:  # noqa: A001 - read as acts.all
    """Return the acts after number ``after``, in order, at most ``limit`` of them."""
    acts = database.acts
    rows = connection.execute(select(acts).where(acts.c.number > after).order_by(acts.c.number).limit(limit))
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> Act:
    try:
        about = read_canonical(row.about.encode(), _MAX_ABOUT_BYTES)
        return Act(row.number, from_plain(datetime, row.at), row.who, row.what, about, row.hash)
    except (CanonicalError, PlainError) as error:
        raise CentreError("acts_broken", f"act {row.number} was changed; compare with a backup") from error


def _is_whole(row: Row[Any], before: str) -> bool:
    about = dict(_read(row).about)
    return bool(row.hash == _digest(before, row.number, row.at, row.who, row.what, about))


def _digest(before: str, number: int, at: str, name: str, what: str, about: dict[str, Any]) -> str:
    plain = {"number": number, "at": at, "who": name, "what": what, "about": about}
    return hashlib.sha256(bytes.fromhex(before) + canonical_bytes(plain)).hexdigest()
