"""The lot as an auditor sees it: every past day of every lane drawn again from the seeds that were revealed.

What is compared are the booth's own signed events in their order, the commitments among the centre's acts, and the
dispositions. A booth can leave a passage out only by leaving its reading out, which breaks the chain. A booth that was
enrolled anew numbers anew, and a journal that lost its end goes on from where it was put back to: each chain is a day
of its own, with what it goes on from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from checkpoint_app.central import acts, database
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.decided import BAD
from checkpoint_app.central.encounters import BodyShapeError, Place, body_at, read_body
from checkpoint_app.central.lineage import gone_from
from checkpoint_app.central.seeds import COMMITTED
from checkpoint_app.risk.draw import SEED_BYTES, DrawFault, Drawn, Lot, audit
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import PlainError, from_plain

_KINDS = (EventKind.DRAW_COMMITTED, EventKind.ENCOUNTER_DRAWN, EventKind.DRAW_REVEALED)
_FROM_CENTRE = "centre"
_NOBODY_READ = "none"
"""The source of an Encounter without a document, as the protection path opens one: it is no reading, and not drawn."""
_PASSED = ("let_pass", "release")
_Key = tuple[int, str, date]
"""Chain, lane and day."""


@dataclass(frozen=True, slots=True)
class DayOfLot:
    """One day of a lane: how many passages and drawn ones, whose seed, and what does not hold.

    ``passed`` and ``withdrawn`` count those of the drawn who were let pass or released, and whose Encounter was closed
    without a decision: no fault, but what an auditor asks about first.
    """

    booth: str
    lane: str
    day: date
    passages: int
    drawn: int
    local: bool
    faults: tuple[DrawFault, ...]
    passed: int = 0
    withdrawn: int = 0


@dataclass
class _Day:
    """What the events say of a lane and a day."""

    commits: dict[str, str] = field(default_factory=dict)  # commitment → whose seed
    seeds: dict[str, bytes] = field(default_factory=dict)
    drawn: list[Drawn] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    selected: set[str] = field(default_factory=set)
    dispositions: Counter[str] = field(default_factory=Counter)  # of those selected
    places: list[int] = field(default_factory=list)  # numbers of the events that drew
    events: set[tuple[int, int]] = field(default_factory=set)  # chain and number of all
    disorder: list[DrawFault] = field(default_factory=list)
    bad: int = 0
    undrawn: int = 0


def days(centre: Centre, booth: str = "") -> Iterator[DayOfLot]:
    """Yield every day that is over, of every booth's lanes, or of ``booth``'s; the oldest first."""
    table = database.booths
    asked = select(table.c.name, table.c.post).order_by(table.c.name)
    with centre.begin() as connection:
        rows = connection.execute(asked.where(table.c.name == booth) if booth else asked).all()
        set_before = _set_before(connection)
    today = centre.now().date() - timedelta(days=1)  # a booth's calendar may be a day behind
    for row in rows:
        with centre.begin() as connection:
            found = _days(centre, connection, row.name)
        for (_chain, lane, day), one in sorted(found.items(), key=lambda pair: (pair[0][2], pair[0][1], pair[0][0])):
            if day <= today or one.seeds:
                yield _judged(row.name, Lot(row.post, lane, day), one, set_before)


def _judged(booth: str, lot: Lot, one: _Day, set_before: Mapping[tuple[str, str], set[str]]) -> DayOfLot:
    known = set_before.get((booth, lot.day.isoformat()), set())
    faults = [DrawFault("not_committed") for commit, source in one.commits.items()
              if source == _FROM_CENTRE and commit not in known]  # fmt: skip
    faults += one.disorder
    faults += [DrawFault("bad_body")] * one.bad + [DrawFault("undrawn")] * one.undrawn
    faults += audit(one.seeds, lot, one.drawn)
    return DayOfLot(
        booth,
        lot.lane,
        lot.day,
        passages=len(one.drawn),
        drawn=sum(each.selected for each in one.drawn),
        local=any(source != _FROM_CENTRE for source in one.commits.values()),
        faults=tuple(faults),
        passed=sum(one.dispositions[word] for word in _PASSED),
        withdrawn=one.dispositions["withdrawn"],
    )


def _set_before(connection: Connection) -> dict[tuple[str, str], set[str]]:
    """Return the commitments among the acts, by booth and day."""
    found: dict[tuple[str, str], set[str]] = {}
    after = 0
    while page := acts.all(connection, after):
        after = page[-1].number
        for one in page:
            if one.what == COMMITTED:
                booth = str(one.about["booth"])
                for day, commit in one.about.items():
                    found.setdefault((booth, day), set()).add(str(commit))
    return found


def _days(centre: Centre, connection: Connection, booth: str) -> dict[_Key, _Day]:
    events, bodies, table = database.events, database.bodies, database.encounters
    decided = set(
        connection.scalars(select(table.c.encounter_id).where(table.c.booth == booth, table.c.decided_seq.is_not(None)))
    )
    beside = (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq)
    asked = select(events.c.kind, events.c.chain, events.c.seq, bodies.c.sealed).join(bodies, beside)
    asked = asked.where(events.c.booth == booth, events.c.kind.in_([kind.value for kind in _KINDS]))
    told = []
    for row in connection.execute(asked.where(bodies.c.sealed.is_not(None)).order_by(events.c.chain, events.c.seq)):
        place = Place(booth, row.chain, row.seq)
        told.append((place, EventKind(row.kind), centre.vault.open(row.sealed, place.use)))
    found: dict[_Key, _Day] = {}
    chains = sorted({place.chain for place, _kind, _salted in told})
    for chain in chains:
        left = {one: gone_from(connection, booth, one, chain) for one in chains if one < chain}
        for place, kind, salted in told:
            first = left.get(place.chain)
            if place.chain == chain or (place.chain < chain and (first is None or place.seq < first)):
                _take(found, chain, kind, place, salted, decided)
    _count_undrawn(centre, connection, booth, found)
    whole = _whole(found)
    for one in whole.values():
        one.dispositions.update(_disposition(centre, connection, booth, name) for name in one.selected & decided)
    return whole


def _disposition(centre: Centre, connection: Connection, booth: str, name: str) -> str:
    """Return what was decided of an Encounter; nothing where its body is not here any more."""
    table = database.encounters
    mine = (table.c.booth == booth) & (table.c.encounter_id == name)
    row = connection.execute(select(table.c.chain, table.c.decided_seq).where(mine)).one()
    return str(_body(centre, connection, Place(booth, row.chain, row.decided_seq)).get("disposition", ""))


def _body(centre: Centre, connection: Connection, place: Place) -> Mapping[str, Any]:
    """Return the body of an event; nothing where it is not here any more, or has no sense."""
    try:
        found = body_at(centre, connection, place)
    except BAD:
        return {}
    return {} if found is None else found[1]


def _whole(found: dict[_Key, _Day]) -> dict[_Key, _Day]:
    """Leave out what a later chain goes on from and has whole; a seed that any of them reveals is revealed."""
    whole = {
        key: one
        for key, one in found.items()
        if not any(
            key[1:] == other[1:] and key[0] < other[0] and one.events <= it.events for other, it in found.items()
        )
    }
    for key, one in whole.items():
        for other, it in found.items():
            if key[1:] == other[1:]:
                one.seeds = {**it.seeds, **one.seeds}
    return whole


def _count_undrawn(centre: Centre, connection: Connection, booth: str, found: dict[_Key, _Day]) -> None:
    """Count the readings between a day's first draw and its last that were given no number."""
    table = database.encounters
    rows = connection.execute(select(table).where(table.c.booth == booth, table.c.read_seq.is_not(None))).all()
    drawn = set[str]().union(*(one.names for one in found.values()))
    for row in rows:
        if row.encounter_id in drawn:
            continue
        around = [
            key
            for key, one in found.items()
            if key[0] == row.chain and one.places and one.places[0] < row.read_seq < one.places[-1]
        ]
        read = _body(centre, connection, Place(booth, row.chain, row.read_seq)) if around else {}
        for key in around:
            if read and _lane_of(read) == key[1] and read.get("source") != _NOBODY_READ:
                found[key].undrawn += 1


def _lane_of(read: Mapping[str, Any]) -> str:
    return f"{read.get('lane')}/cargo" if read.get("consignment") else str(read.get("lane"))


def _take(found: dict[_Key, _Day], chain: int, kind: EventKind, place: Place, salted: bytes, decided: set[str]) -> None:
    """Take one event in; what has no sense is counted where its day can be read."""
    try:
        body = read_body(salted)
        key = chain, from_plain(str, body["lane"]), date.fromisoformat(from_plain(str, body["day"]))
    except (BodyShapeError, PlainError, KeyError, ValueError):
        return
    one = found.setdefault(key, _Day())
    one.events.add((place.chain, place.seq))
    try:
        _STEPS[kind](one, body, decided)
        if kind is EventKind.ENCOUNTER_DRAWN:
            one.places.append(place.seq)
    except (PlainError, KeyError, ValueError):
        one.bad += 1


def _on_committed(one: _Day, body: Mapping[str, Any], _decided: set[str]) -> None:
    one.commits[from_plain(str, body["commit"])] = from_plain(str, body["source"])


def _on_revealed(one: _Day, body: Mapping[str, Any], _decided: set[str]) -> None:
    seed = bytes.fromhex(from_plain(str, body["seed"]))
    if len(seed) != SEED_BYTES:
        raise ValueError("a seed has 32 bytes")
    one.seeds[from_plain(str, body["commit"])] = seed


def _on_drawn(one: _Day, body: Mapping[str, Any], decided: set[str]) -> None:
    number, rate = from_plain(int, body["number"]), from_plain(int, body["rate"])
    selected, commit = from_plain(bool, body["selected"]), from_plain(str, body["commit"])
    name = from_plain(str, body["encounter_id"])
    if commit not in one.commits:  # whoever commits afterwards can choose
        one.disorder.append(DrawFault("not_announced", number))
    if commit in one.seeds:
        one.disorder.append(DrawFault("foreseen", number))
    before = one.drawn[-1].commit if one.drawn else commit
    if before != commit and before not in one.seeds:  # nobody may choose between two seeds that both are secret
        one.disorder.append(DrawFault("other_seed", number))
    one.drawn.append(Drawn(number, commit, rate, selected, name in decided))
    one.names.add(name)
    if selected:
        one.selected.add(name)


_STEPS = {
    EventKind.DRAW_COMMITTED: _on_committed,
    EventKind.DRAW_REVEALED: _on_revealed,
    EventKind.ENCOUNTER_DRAWN: _on_drawn,
}
