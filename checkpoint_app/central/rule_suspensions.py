"""Which booths let which rules inform only (``rule_suspended``), as long as none of them wrote that it is over."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.decided import BAD
from checkpoint_app.central.encounters import Place, read_body
from checkpoint_app.central.lineage import lineage
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import from_plain

_KINDS = (EventKind.RULE_SUSPENDED.value, EventKind.RULE_RESUMED.value)


@dataclass(frozen=True, slots=True)
class Suspended:
    """A rule that informs only at a booth, and why: ``rate``, ``precision``."""

    booth: str
    post: str
    list_name: str
    rule: str
    version: int
    why: str


def suspended(centre: Centre, connection: Connection) -> list[Suspended]:
    """Return them by list, rule and booth; what has no sense is passed over."""
    booths = database.booths
    rows = connection.execute(select(booths.c.name, booths.c.post, booths.c.chain).order_by(booths.c.name)).all()
    found = [one for row in rows for one in _at(centre, connection, row.name, row.post, row.chain)]
    return sorted(found, key=lambda one: (one.list_name, one.rule, one.version, one.booth))


def _at(centre: Centre, connection: Connection, booth: str, post: str, chain: int) -> list[Suspended]:
    events, bodies = database.events, database.bodies
    beside = (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq)
    asked = select(events.c.kind, events.c.chain, events.c.seq, bodies.c.sealed).join(bodies, beside)
    asked = asked.where(events.c.booth == booth, events.c.kind.in_(_KINDS), bodies.c.sealed.is_not(None))
    asked = asked.where(events.c.chain.in_(lineage(connection, booth, chain)))
    standing: dict[tuple[str, str, int], Suspended | None] = {}
    for row in connection.execute(asked.order_by(events.c.seq, events.c.chain)):
        try:
            body = read_body(centre.vault.open(row.sealed, Place(booth, row.chain, row.seq).use))
            name, rule = from_plain(str, body["set"]), from_plain(str, body["rule"])
            version, why = from_plain(int, body["version"]), str(body.get("why", ""))
        except BAD:
            continue
        holds = row.kind == EventKind.RULE_SUSPENDED.value
        standing[name, rule, version] = Suspended(booth, post, name, rule, version, why) if holds else None
    return [one for one in standing.values() if one is not None]
