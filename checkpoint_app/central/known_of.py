"""What a booth has, as its own events told the centre: list versions in force, and the last case received."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, exists, select

from checkpoint_app.central import database, encounters
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.lineage import lineage
from checkpoint_app.wire.event import EventKind

_APPLIED = (
    EventKind.LIST_APPLIED,
    EventKind.POLICY_APPLIED,
    EventKind.OFFICERS_APPLIED,
    EventKind.SIGNERS_APPLIED,
    EventKind.CLEARANCES_APPLIED,
    EventKind.BOOTHS_APPLIED,
    EventKind.RULES_APPLIED,
    EventKind.CODES_APPLIED,
)
MOST_LOOKED_AT = 5000
"""How many of a booth's events are opened at most; of what is not found it is sent the whole."""


def versions_at(centre: Centre, connection: Connection, booth: str, names: Collection[str]) -> dict[str, int]:
    """Return the newest version of each list of ``names`` that the booth says was put in force there."""
    found: dict[str, int] = {}
    for body in _bodies(centre, connection, booth, _APPLIED):
        name, version = body.get("name"), body.get("version")
        if isinstance(name, str) and type(version) is int:
            found.setdefault(name, version)
        if found.keys() >= set(names):
            break
    return {name: version for name, version in found.items() if name in names}


def last_case_at(centre: Centre, connection: Connection, booth: str) -> int:
    """Return the number of the last item of its inbox that the booth says it has; 0 where it says of none."""
    for body in _bodies(centre, connection, booth, (EventKind.CASE_RECEIVED,)):
        case = body.get("case")
        number = case.get("number") if isinstance(case, Mapping) else None
        if type(number) is int:
            return number
    return 0


def _bodies(
    centre: Centre, connection: Connection, booth: str, kinds: Collection[EventKind]
) -> Iterator[Mapping[str, Any]]:
    """Yield the bodies of the booth's events of ``kinds`` in its present chain that are here, the latest first."""
    events, bodies, booths = database.events, database.bodies, database.booths
    newer = events.alias()
    own = lineage(connection, booth, connection.scalar(select(booths.c.chain).where(booths.c.name == booth)) or 0)
    later = (newer.c.chain > events.c.chain) & newer.c.chain.in_(own)
    in_chain = events.c.chain.in_(own) & ~exists().where(newer.c.booth == booth, newer.c.seq == events.c.seq, later)
    last = select(booths.c.seq).where(booths.c.name == booth).scalar_subquery()
    beside = (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq)
    rows = connection.execute(
        select(events.c.chain, events.c.seq, bodies.c.sealed)
        .join(bodies, beside)
        .where(events.c.booth == booth, events.c.seq <= last, events.c.kind.in_([str(kind) for kind in kinds]))
        .where(in_chain, bodies.c.sealed.is_not(None))
        .order_by(events.c.seq.desc())
        .limit(MOST_LOOKED_AT)
    )
    for row in rows:
        try:
            yield encounters.read_body(centre.vault.open(row.sealed, encounters.Place(booth, row.chain, row.seq).use))
        except encounters.BodyShapeError:  # such a body tells nothing
            continue
