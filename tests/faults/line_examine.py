"""What must hold at both ends of the line once it has come to rest: each event and each case once, here and there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from checkpoint_app.central import audit, database
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.delivery import acknowledgement
from checkpoint_app.store import Store
from checkpoint_app.wire.event import EventKind, chain_hash
from tests.faults.template import FAMILY

Row = tuple[int, str, str]


def stored(centre: Centre, booth: str) -> list[Row]:
    """Return sequence, id and hash of each event that the centre's table holds of a booth, each as often as it does."""
    events = database.events
    asked = select(events.c.seq, events.c.event_id, events.c.hash).where(events.c.booth == booth).order_by(events.c.seq)
    with centre.begin() as connection:
        return [(row.seq, row.event_id, row.hash) for row in connection.execute(asked)]


def written(store: Store) -> list[Row]:
    """Return the same of each event that the booth's journal holds."""
    return [(one.header.seq, one.header.event_id, chain_hash(one)) for one in store.journal.events()]


def lost_and_doubled(centre: Centre, store: Store) -> tuple[list[Row], list[Row]]:
    """Return the journal's events that the centre has not, and those that it has more often than the journal."""
    there, here = Counter(stored(centre, store.identity.booth)), Counter(written(store))
    return sorted((here - there).elements()), sorted((there - here).elements())


def examine_events(centre: Centre, store: Store) -> None:
    """Check that both ends hold the same events, once, in one whole chain, and that both know it."""
    store.journal.verify()
    head, booth = store.journal.head(), store.identity.booth
    lost, doubled = lost_and_doubled(centre, store)
    assert not lost, f"lost: {lost[:3]} and {len(lost)} in all"
    assert not doubled, f"doubled, or never written at the booth: {doubled[:3]} and {len(doubled)} in all"
    assert [seq for seq, _id, _hash in stored(centre, booth)] == list(range(1, head.seq + 1))
    told = acknowledgement(centre, booth)
    assert (told.chain, told.seq, told.head, told.wanted) == (1, head.seq, head.hash, ())
    assert store.delivery.acknowledged() == head
    chains = [(one.number, one.events, one.bodies, one.fault) for one in audit.chains(centre, booth)]
    assert chains == [(1, head.seq, head.seq, "")]


def due(store: Store) -> Counter[str]:
    """Return the Encounters that a late hit is due for: of the listed person, and decided."""
    read = {body["encounter_id"] for body in _bodies(store, EventKind.ENCOUNTER_READ) if _is_listed(body)}
    return Counter(body["encounter_id"] for body in _bodies(store, EventKind.DISPOSITION)) & Counter(read)


def received(store: Store) -> Counter[str]:
    """Return the Encounters of the cases that the booth's journal says came."""
    return Counter(body["case"]["encounter_id"] for body in _bodies(store, EventKind.CASE_RECEIVED))


def opened(centre: Centre, booth: str) -> Counter[str]:
    """Return the Encounters of the cases that the centre opened."""
    table = database.cases
    with centre.begin() as connection:
        return Counter(connection.scalars(select(table.c.encounter_id).where(table.c.booth == booth)).all())


def examine_cases(centre: Centre, store: Store) -> None:
    """Check that each late hit that is due is one case at the centre, and one at the booth."""
    expected = due(store)
    assert opened(centre, store.identity.booth) == expected, "a late hit is missing at the centre, or doubled"
    assert received(store) == expected, "a late hit is missing at the booth, or came twice"
    assert Counter(row.case.encounter_id for row in store.cases.all()) == expected


def unheard(centre: Centre, store: Store) -> int:
    """Return how many events the centre has whose acknowledgement the booth never took in."""
    return acknowledgement(centre, store.identity.booth).seq - store.delivery.acknowledged().seq


def _is_listed(body: dict[str, Any]) -> bool:
    return bool(body["document"]["family_name"] == FAMILY)


def _bodies(store: Store, kind: EventKind) -> Sequence[dict[str, Any]]:
    found = [one.header.seq for one in store.journal.events() if one.header.kind is kind]
    bodies: Callable[[int], Any] = store.journal.body
    return [bodies(seq) for seq in found]
