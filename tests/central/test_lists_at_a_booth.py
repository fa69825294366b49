"""What the centre publishes, taken by a booth's own code: whole, by deltas, across a series' border, and withdrawn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checkpoint_app.booth.lists.list_layers import loaded_list
from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import acts, importing, keeping, publishing, series, withdrawing
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.grants import grants_for
from checkpoint_app.screening import entry_to_plain
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.screening.entry import Entry, ListedDate, Name, Subject
from checkpoint_app.store import Store
from checkpoint_app.store.trust import put_trust
from checkpoint_app.sync.lease import take_grants
from checkpoint_app.wire.repository import DELTA_ENDING, PACKAGE_ENDING
from tests.booth.helpers import FakeClock
from tests.central.clearing import store_key
from tests.central.helpers import ONE_DATABASE, START, FakeBooth
from tests.central.publishing_helpers import NUMBERS, OWN, bring, make_repository, numbers

pytestmark = ONE_DATABASE
TOWNS = ("ARBOL", "BARCO", "CAMPO", "DRAGO", "FUEGO", "GRANO", "HIELO", "LUNAR")


def entry(number: int) -> Entry:
    """Return an invented person of whom there is one."""
    family = TOWNS[number % 8] + TOWNS[number // 8 % 8]
    born = f"19{40 + number % 50}-0{1 + number % 9}-1{number % 10}"
    remarks = f"{(number * 7919) ** 9:x}"
    return Entry(
        f"L{number}",
        "Person",
        (Name(family, f"EVA{TOWNS[number % 5]}"),),
        (ListedDate(born, born),),
        "F",
        remarks=remarks,
    )


def traveller(number: int) -> Subject:
    of = entry(number)
    return Subject(of.names[0].family, of.names[0].given, birth=of.birth_dates[0].first, sex="F")


@dataclass
class Desk:
    """A booth's store and inbox, and where the centre's targets lie."""

    centre: Centre
    store: Store
    inbox: Path
    taken: set[str] = field(default_factory=set)

    def fetch(self, ending: str) -> list[tuple[str, int, str]]:
        """Take what is served and was not yet, packages or deltas, with new grants; return what became of each."""
        public = self.store.identity.exchange_public_bytes
        take_grants(self.store, grants_for(self.centre, "demo-3", public, START))
        served = (self.centre.folder / "repository" / "targets").glob(f"*/*{ending}")
        for path in sorted(served, key=lambda path: path.stat().st_mtime_ns):  # of two whole ones the newer stays
            name = path.name.split(".", 1)[1]
            if path.name not in self.taken:
                shutil.copyfile(path, self.inbox / name)
                self.taken.add(path.name)
        return [(one.name, one.version, one.refused) for one in apply_inbox(Records(self.store), self.inbox)]

    def loaded(self, name: str) -> LoadedList:
        return loaded_list(next(copy for copy in self.store.lists.in_force() if copy.header.name == name))

    def found(self, number: int) -> bool:
        persons = self.loaded("ECU").persons
        assert persons is not None
        return f"L{number}" in [one.entry_id for one in persons.screen(traveller(number))]


@pytest.fixture
def desk(centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    make_repository(centre)
    folder = tmp_path / "booth"
    folder.mkdir()
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with Store.create(folder, store_key(folder), booth="demo-3", clock=FakeClock(START)) as store:
        with centre.begin() as connection:
            trust = {name: keeping.publisher(centre, connection, name).public_key() for name in ("ECU", "INTL")}
        put_trust(store, trust, 1)
        yield Desk(centre, store, inbox)


def publish(centre: Centre, numbers_of: list[int]) -> None:
    bring(centre, OWN, [entry_to_plain(entry(number)) for number in numbers_of])
    assert publishing.publish(centre)


def test_persons_come_by_deltas_and_a_withdrawn_one_goes(centre: Centre, desk: Desk) -> None:
    publish(centre, [*range(200)])
    assert desk.fetch(PACKAGE_ENDING) == [("ECU", 1, "")]
    publish(centre, [*range(1, 203)])
    withdrawing.withdraw_entries(centre, "ECU", ["L7"])
    publishing.publish_list(centre, "ECU")
    assert desk.fetch(DELTA_ENDING) == [("ECU", 2, ""), ("ECU", 3, "")]
    assert [desk.found(number) for number in (0, 1, 7, 199, 202)] == [False, True, False, True, True]
    (copy,) = desk.store.lists.in_force()
    with centre.begin() as connection:
        newest = keeping.newest_approved(connection, "ECU")
    assert newest is not None
    assert (copy.header.version, copy.header.record_count, len(copy.layers)) == (3, newest.records, 3)

    with centre.begin() as connection:
        series.end(connection, "ECU")
    publish(centre, [*range(1, 204)])
    assert desk.fetch(DELTA_ENDING) == []
    assert desk.fetch(PACKAGE_ENDING) == [("ECU", 4, "")]
    assert [desk.found(number) for number in (0, 7, 203)] == [False, True, True]


def test_document_numbers_come_by_deltas(centre: Centre, desk: Desk) -> None:
    def listed(number: str, issuer: str) -> bool:
        look_up = desk.loaded("INTL").numbers
        assert look_up is not None
        return bool(look_up.look_up(number, issuer))

    bring(centre, NUMBERS, numbers(3000))
    publishing.publish(centre)
    assert desk.fetch(PACKAGE_ENDING) == [("INTL", 1, "")]
    bring(centre, NUMBERS, [{"number": "A1234", "issuer": "CHL", "category": "lost"}, *numbers(3001)[1:]])
    publishing.publish(centre)
    assert desk.fetch(DELTA_ENDING) == [("INTL", 2, "")]
    assert [listed(*of) for of in (("X0000000", "UTO"), ("X0003000", "UTO"), ("A1234", "CHL"))] == [False, True, True]


def test_a_booth_without_a_grant_hears_that_a_list_is_withdrawn(
    centre: Centre, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, [*range(200)])
    assert desk.fetch(PACKAGE_ENDING) == [("ECU", 1, "")]
    withdrawing.withdraw_list(centre, "ECU")
    monkeypatch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
    importing.approve(centre, "ECU", 2)
    publishing.publish_list(centre, "ECU")
    assert grants_for(centre, "demo-3", FakeBooth("demo-3").keys.exchange, START).grants == ()
    assert desk.fetch(PACKAGE_ENDING) == [("ECU", 2, "")]
    (copy,) = desk.store.lists.in_force()
    assert copy.header.withdrawn
    assert copy.layers == ()
