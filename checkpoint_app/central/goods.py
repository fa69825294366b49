"""Goods at all posts: a row for each thing that a consignment is found again by, once it was decided about.

The rows hold keyed digests of containers, consignees and plates, no name and no number. What came with one manifest
came once.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre
from checkpoint_app.wire.goods import GoodsAsked, GoodsCounted, GoodsKnown, GoodsMarks
from checkpoint_app.wire.plain import from_plain, to_plain

CROSSED = frozenset({"release", "document_check", "scan", "opened", "refer", "protect"})
"""Dispositions after which goods were here; what was withdrawn was nobody's."""
QUARTER, _KEPT = timedelta(days=90), timedelta(days=400)
_MOST_ROWS = 200
_RELEASED = "release"
_CONTAINER, _CONSIGNEE, _VEHICLE = "container", "consignee", "vehicle"
_table = database.goods_marks


def keep(
    centre: Centre, connection: Connection, row: Row[Any], marks: GoodsMarks, decided: Mapping[str, Any], at: str
) -> None:
    """Write the goods of the Encounter ``row``; ``decided`` is its disposition's body, ``at`` when (plain form)."""
    drop(connection, row.booth, row.encounter_id)
    if decided.get("disposition") not in CROSSED:
        return
    imported = decided.get("disposition") == _RELEASED and decided.get("direction") == "in"
    told = [(_CONTAINER, one) for one in marks.containers]
    told += [(kind, one) for kind, one in ((_CONSIGNEE, marks.consignee), (_VEHICLE, marks.vehicle)) if one is not None]
    this = {
        "booth": row.booth,
        "encounter_id": row.encounter_id,
        "passage": marks.passage or row.encounter_id,
        "at": at,
    }
    rows = [
        {**this, "kind": kind, "mark": _digest(centre, one), "imported": int(imported)}
        for kind, one in told[:_MOST_ROWS]
    ]
    if rows:
        connection.execute(_table.insert(), rows)


def drop(connection: Connection, booth: str, encounter_id: str) -> None:
    """Forget the goods of an Encounter."""
    connection.execute(delete(_table).where(_table.c.booth == booth, _table.c.encounter_id == encounter_id))


def known(centre: Centre, connection: Connection, asked: GoodsAsked) -> GoodsKnown:
    """Return what is known of the goods that a booth asks about, its own Encounter and manifest left out."""
    now, marks = centre.now(), asked.marks
    since = max(_oldest(connection) or now, now - _KEPT)
    own = None if marks.consignee is None else _digest(centre, marks.consignee)
    containers = [_digest(centre, one) for one in marks.containers]
    vehicle = None if marks.vehicle is None else _digest(centre, marks.vehicle)
    before = _before(asked, now - QUARTER)
    counted = GoodsCounted(
        equipment=_most(containers, lambda one: _times(connection, one, before)),
        other_consignees=None if own is None else _most(containers, lambda one: _others(connection, one, own, before)),
        consignee=None if own is None else _times(connection, own, before),
        imported=None if own is None else _was_imported(connection, own, _before(asked, since)),
        vehicle=None if vehicle is None else _times(connection, vehicle, before),
    )
    return GoodsKnown(asked.encounter_id, since, now, counted)


def _before(asked: GoodsAsked, since: datetime) -> ColumnElement[bool]:
    """Return the condition for rows of earlier passages since a moment."""
    own = and_(_table.c.booth == asked.booth, _table.c.encounter_id == asked.encounter_id)
    found = and_(_table.c.at >= to_plain(since), ~own)
    if asked.manifest:
        found = and_(found, ~and_(_table.c.booth == asked.booth, _table.c.passage == asked.manifest))
    return found


def _times(connection: Connection, mark: str, before: ColumnElement[bool]) -> int:
    passages = select(_table.c.booth, _table.c.passage).where(_table.c.mark == mark, before).distinct().subquery()
    return int(connection.scalar(select(func.count()).select_from(passages)) or 0)


def _others(connection: Connection, container: str, own: str, before: ColumnElement[bool]) -> int:
    """Count the other consignees that a container came for."""
    came = select(_table.c.booth, _table.c.encounter_id).where(_table.c.mark == container, before).subquery()
    beside = and_(came.c.booth == _table.c.booth, came.c.encounter_id == _table.c.encounter_id)
    counted = select(func.count(_table.c.mark.distinct())).select_from(_table.join(came, beside))
    return int(connection.scalar(counted.where(_table.c.kind == _CONSIGNEE, _table.c.mark != own)) or 0)


def _was_imported(connection: Connection, consignee: str, before: ColumnElement[bool]) -> bool:
    found = select(_table.c.mark).where(_table.c.mark == consignee, _table.c.imported == 1, before).limit(1)
    return connection.scalar(found) is not None


def _oldest(connection: Connection) -> datetime | None:
    at = connection.scalar(select(func.min(_table.c.at)))
    return from_plain(datetime, at) if at else None


def _most(containers: list[str], count: Callable[[str], int]) -> int | None:
    return max(map(count, containers), default=None)


def _digest(centre: Centre, mark: bytes) -> str:
    return hmac.digest(centre.vault.derived("crossings"), mark, "sha256").hex()
