"""Crossings of all posts: a row an Encounter that was decided, found again by keyed digests of person and document.

A row is what the bodies of the Encounter's last reading and last disposition say, in whatever order they came.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, or_, select

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre
from checkpoint_app.wire import subjects
from checkpoint_app.wire.crossings import MOST_CROSSINGS, CrossingsAsked, CrossingsKnown, SeenCrossing
from checkpoint_app.wire.plain import from_plain, to_plain

HERE = frozenset({"let_pass", "refer", "protect"})
"""Dispositions that are of a crossing; a withdrawn Encounter was nobody's."""
_KEPT = timedelta(days=400)
_table = database.crossings


def keys_of(centre: Centre, document: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the keyed digests of a person and of a document; None for what is not known."""
    key = centre.vault.derived("crossings")
    person, paper = subjects.person_bytes(document), subjects.document_bytes(document)
    return _digest(key, person), _digest(key, paper)


def keep(
    connection: Connection, row: Row[Any], keys: tuple[str | None, str | None], decided: Mapping[str, Any], at: str
) -> None:
    """Write the crossing of the Encounter ``row``; ``decided`` is its disposition's body, ``at`` when (plain form)."""
    drop(connection, row.booth, row.encounter_id)
    person, document = keys
    if decided.get("disposition") in HERE and (person or document) and decided.get("direction") in ("in", "out"):
        entry = decided["direction"] == "in"
        values = {"booth": row.booth, "encounter_id": row.encounter_id, "at": at, "entry": int(entry)}
        connection.execute(_table.insert().values(person=person, document=document, **values))


def drop(connection: Connection, booth: str, encounter_id: str) -> None:
    """Forget the crossing of an Encounter."""
    connection.execute(delete(_table).where(_table.c.booth == booth, _table.c.encounter_id == encounter_id))


def known(centre: Centre, connection: Connection, asked: CrossingsAsked) -> CrossingsKnown:
    """Return what is known of whom a booth asks about, its own Encounter left out."""
    document = {
        "issuer": asked.issuer,
        "document_number": asked.document_number,
        "family_name": asked.family_name,
        "given_names": asked.given_names,
        "birth_date": asked.birth,
    }
    person, paper = keys_of(centre, document)
    now = centre.now()
    since = max(_oldest(connection) or now, now - _KEPT)
    found = []
    if person or paper:
        posts = database.booths
        rows = connection.execute(
            select(_table, posts.c.post)
            .join(posts, posts.c.name == _table.c.booth)
            .where(or_(_same(_table.c.person, person), _same(_table.c.document, paper)))
            .where(_table.c.encounter_id != asked.encounter_id, _table.c.at >= to_plain(since))
            .order_by(_table.c.at.desc())
            .limit(MOST_CROSSINGS)
        )
        found = [_seen(row, person, paper) for row in rows]
    return CrossingsKnown(asked.encounter_id, tuple(found), since, _others(connection, person, paper), now)


def _seen(row: Row[Any], person: str | None, paper: str | None) -> SeenCrossing:
    at = from_plain(datetime, row.at)
    same_person, same_document = bool(person) and row.person == person, bool(paper) and row.document == paper
    return SeenCrossing(at, bool(row.entry), row.post, same_person, same_document)


def _others(connection: Connection, person: str | None, paper: str | None) -> int:
    """Count the other people who bore the document."""
    if not paper or not person:
        return 0
    asked = select(func.count(_table.c.person.distinct())).where(_table.c.document == paper)
    return int(connection.scalar(asked.where(_table.c.person != person)) or 0)


def _oldest(connection: Connection) -> datetime | None:
    at = connection.scalar(select(func.min(_table.c.at)))
    return from_plain(datetime, at) if at else None


def _same(column: Any, key: str | None) -> Any:
    return column == key if key else column.is_(None) & (column == "")  # nothing is like what is not known


def _digest(key: bytes, known_bytes: bytes | None) -> str | None:
    return None if known_bytes is None else hmac.digest(key, known_bytes, "sha256").hex()
