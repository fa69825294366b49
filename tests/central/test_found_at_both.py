"""A booth holds a list against its own Encounters, the centre screens them again: the same late hits, one case each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from checkpoint_app.booth.cases.late_hits import decided_encounter, may_be_listed, open_late
from checkpoint_app.booth.record.encounter import Disposition, Encounter, ReadSource
from checkpoint_app.booth.record.records import Decision, Records
from checkpoint_app.central import database, delivery
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.late_hits import screen_decided
from checkpoint_app.documents import parse_mrz
from checkpoint_app.store import Store
from checkpoint_app.verdict import fold
from checkpoint_app.wire.case import Case, marks
from checkpoint_app.wire.delivery import Batch
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.central.chains import OFFICER, zone
from tests.central.helpers import Clock, enrolled
from tests.central.line import made
from tests.central.listed import MUSTER, STOLEN, policy, publish, publish_policy
from tests.central.test_late_hits import all_cases, inbox, kinds_of_alarms, loaded
from tests.store.helpers import create

BOOTH = "booth-1"
TRAVELLERS = {
    "e-1": zone(),
    "e-2": zone("HARMLOS"),  # with a stolen document
    "e-3": zone("HARMLOS", "ANNA", number="Y7654321"),
    "e-4": zone(birth="<<<<<<", number="Z7654321"),  # born nobody knows when
    "e-5": zone(number="X123456<"),
}
FOUND = 6


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[tuple[Centre, Store]]:
    with made(tmp_path / "centre", Clock()) as centre, create(tmp_path / "booth") as store:
        publish_policy(centre)
        enrolled(centre, BOOTH)
        with centre.begin() as connection:
            connection.execute(update(database.booths).values(signing_key=store.identity.public_bytes))
        store.time.see(centre.now())
        records = Records(store)
        for name, lines in TRAVELLERS.items():
            let_pass(records, name, lines, centre)
        publish(centre, "ECU", [MUSTER])
        publish(centre, "INTL", [STOLEN])
        yield centre, store


def let_pass(records: Records, name: str, lines: tuple[str, ...], centre: Centre) -> None:
    now = centre.now()
    mrz = parse_mrz(lines, now.date())
    encounter = Encounter(
        name, now, ReadSource.IMAGE, direction_in=True, mrz=mrz, answers=(), verdict=fold((), policy(), now)
    )
    records.read(encounter, OFFICER, "2")
    records.answered(encounter, policy(), now)
    records.decided(encounter, Decision(Disposition.LET_PASS, "", "", OFFICER), direction_in=True)


def rescreen(store: Store, lists: Lists) -> int:
    """Let the booth do its part, by the search that comes before it too."""
    records, opened = Records(store), 0
    for loaded_list in lists.public():
        for name in TRAVELLERS:
            row = store.projections.encounter(name)
            assert row is not None
            assert row.document is not None
            decided = decided_encounter(records, name)
            assert decided is not None
            new = open_late(records, decided, loaded_list, policy())
            assert not new or may_be_listed(row.document, loaded_list.persons, loaded_list.numbers)
            opened += new
    return opened


def deliver(centre: Centre, store: Store) -> None:
    parcels = tuple(store.delivery.parcels(store.delivery.acknowledged().seq, 1 << 20))
    reply = delivery.receive(centre, BOOTH, Batch(BOOTH, parcels))
    store.delivery.acknowledge(reply.seq, reply.head, reply.wanted)


def told(cases_: list[Case]) -> set[tuple[str, str, str, str, frozenset[str]]]:
    """What a case is and says, but for the moments at which each end found it."""
    return {
        (one.case_id, one.encounter_id, f"{one.family_name} {one.given_names}", str(one.seen), marks(one.found))
        for one in cases_
    }


def test_the_booth_first(ends: tuple[Centre, Store]) -> None:
    centre, store = ends
    ready = loaded(centre)
    assert rescreen(store, ready) == FOUND
    assert rescreen(store, ready) == 0
    deliver(centre, store)
    assert told([case for _list, _silent, case in all_cases(centre)]) == told([row.case for row in store.cases.all()])
    assert screen_decided(centre, ready, 50) == len(TRAVELLERS)
    assert len(all_cases(centre)) == FOUND
    assert inbox(centre, BOOTH) == []  # the booth knows
    assert kinds_of_alarms(centre) == []


def test_the_centre_first(ends: tuple[Centre, Store]) -> None:
    centre, store = ends
    ready = loaded(centre)
    deliver(centre, store)
    assert screen_decided(centre, ready, 50) == len(TRAVELLERS)
    assert rescreen(store, ready) == FOUND  # before it read its inbox
    before = all_cases(centre)
    assert told([case for _list, _silent, case in before]) == told([row.case for row in store.cases.all()])
    deliver(centre, store)
    assert all_cases(centre) == before
    assert kinds_of_alarms(centre) == []


def test_a_silent_list_is_the_centres_alone(ends: tuple[Centre, Store]) -> None:
    centre, store = ends
    publish(centre, "UTO", [MUSTER], silent=True)
    ready = loaded(centre)
    rescreen(store, ready)
    deliver(centre, store)
    screen_decided(centre, ready, 50)
    with centre.begin() as connection:
        silent = connection.scalars(select(database.cases.c.list).where(database.cases.c.silent)).all()
    assert set(silent) == {"UTO"}
    assert {row.case.found[0].source.name for row in store.cases.all()} == {"ECU", "INTL"}


def test_what_a_booth_finds_where_it_is_not_is_alarmed(ends: tuple[Centre, Store]) -> None:
    centre, store = ends
    ready = loaded(centre)
    rescreen(store, ready)
    deliver(centre, store)
    screen_decided(centre, ready, 50)
    assert kinds_of_alarms(centre) == []
    case = next(row.case for row in store.cases.all() if row.case.found[0].candidates)
    (found,) = case.found
    invented = replace(found, candidates=(replace(found.candidates[0], entry_id="ECU-99"),))
    store.journal.append(EventKind.CASE_OPENED, {"case": to_plain(replace(case, found=(invented,)))})
    deliver(centre, store)
    assert screen_decided(centre, ready, 50) == 1
    assert kinds_of_alarms(centre) == ["case_unfounded"]
    assert screen_decided(centre, ready, 50) == 0
