"""What must hold at the centre after each step: each event of each booth once, in chains of which each fork is told."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from sqlalchemy import Connection, select

from checkpoint_app.central import alarms, database
from checkpoint_app.central.cases import opened
from checkpoint_app.wire.event import GENESIS
from tests.simulation.centre import SimCentre
from tests.simulation.model import Model, Row, must
from tests.simulation.people import entry_id


def check_centre(model: Model, centre: SimCentre) -> None:
    """Hold the centre against the model. Raises Broken."""
    with centre.centre.begin() as connection:
        check_events(model, connection)
        check_chains(model, connection)
        check_cases(model, centre, connection)


def stored(connection: Connection, booth: str) -> list[tuple[int, Row]]:
    """Return chain and row of each event that the table holds of a booth, in order."""
    events = database.events
    asked = select(events.c.chain, events.c.seq, events.c.event_id, events.c.hash).where(events.c.booth == booth)
    found = connection.execute(asked.order_by(events.c.chain, events.c.seq))
    return [(row.chain, Row(row.seq, row.event_id, row.hash)) for row in found]


def check_events(model: Model, connection: Connection) -> None:
    """Invariant 2: every event was written by its booth, stands there once, and none that stood there is gone."""
    for name, known in model.written.items():
        found = stored(connection, name)
        ids = Counter(row.event_id for _chain, row in found)
        doubled = [one for one, count in ids.items() if count > 1]
        must(not doubled, f"centre: {name}: {len(doubled)} events are doubled")
        strange = [row.seq for _chain, row in found if known.get(row.hash) != row]
        must(not strange, f"centre: {name}: events {strange[:3]} were never written there")
        lost = model.at_centre.get(name, set()) - set(found)
        must(not lost, f"centre: {name}: {len(lost)} stored events are gone")
        model.at_centre[name] = set(found)
        model.stored.setdefault(name, set()).update(row.hash for _chain, row in found)


def check_chains(model: Model, connection: Connection) -> None:
    """Invariant 3: chains are dense; there is more than one only where a supervisor allowed it, and alarmed."""
    told = Counter(one.booth for one in alarms.all(connection) if one.kind == "new_chain")
    for row in connection.execute(select(database.booths)):
        found = stored(connection, row.name)
        chains = {chain: [one for _chain, one in of] for chain, of in groupby(found, key=lambda pair: pair[0])}
        for chain, rows in chains.items():
            seqs = [one.seq for one in rows]
            must(seqs == list(range(seqs[0], seqs[0] + len(seqs))), f"centre: {row.name}: a gap in chain {chain}")
            must(chain > 1 or seqs[0] == 1, f"centre: {row.name}: chain 1 begins at {seqs[0]}")
        head = found[-1][1] if found else Row(0, "", GENESIS)
        must((row.seq, row.head) == (head.seq, head.hash), f"centre: {row.name}: its head is not its last event")
        allowed = model.allowed.get(row.name, 0)
        must(len(chains) <= 1 + allowed, f"centre: {row.name}: {len(chains)} chains, and {allowed} were allowed")
        must(told[row.name] >= len(chains) - 1, f"centre: {row.name}: a new chain without an alarm")


def check_cases(model: Model, centre: SimCentre, connection: Connection) -> None:
    """A case is of somebody who was on that list once; an Encounter has one of a list; silent ones go to no booth."""
    rows = connection.execute(select(database.cases)).all()
    twice = [
        key for key, count in Counter((r.booth, r.encounter_id, r.list, r.silent) for r in rows).items() if count > 1
    ]
    must(not twice, f"centre: {len(twice)} late hits are doubled")
    for row in rows:
        met = model.met.get(row.encounter_id)
        must(met is not None, f"centre: a case of an Encounter that nobody had: {row.encounter_id}")
        assert met is not None
        ever = {who for (name, _v), one in model.versions.items() if name == row.list for who in one.contents or ()}
        must(met.who in ever, f"centre: a case of traveller {met.who}, who never was on {row.list}")
        named = {one.entry_id for answer in opened(centre.centre, row).found for one in answer.candidates}
        must(named == {entry_id(met.who)}, f"centre: the case of traveller {met.who} names {sorted(named)}")
    silent = {row.case_id for row in rows if row.silent}
    posted = set(connection.scalars(select(database.inbox.c.case_id)))
    must(not silent & posted, "centre: a silent list's case is in a booth's inbox")
