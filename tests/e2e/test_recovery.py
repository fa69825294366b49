"""Booths and centres that were put back to a backup: nothing is lost, nothing is doubled, and each is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import alarms, database, officers, opening
from checkpoint_app.store import Store
from checkpoint_app.store.errors import RolledBackError
from checkpoint_app.store.keys import WITNESS_FILE
from checkpoint_app.store.passphrase_key import open_passphrase_key
from checkpoint_app.store.trusted_time import MachineClock
from checkpoint_app.sync.ask import ask
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.sync.fetch import fetch_lists
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.round import RoundDone, run_round
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.question import Question
from tests.booth.helpers import ERIKSON, OFFICER, PASSPHRASE, STOLEN, SUPERVISOR
from tests.central.chains import answered_body, disposition_body, read_body, zone
from tests.e2e.centre import CENTRE_PASSPHRASE, RealCentre

HIT = zone("ERIKSON", "ANA MARIA", "A00000000", "740821", nationality="ECU")
PICTURE = {"encounter_id": "00000000-0000-4000-8000-000000000001", "jpeg": "AAAA" * 100, "boxes": []}
pytestmark = pytest.mark.timeout(300)


class Machine:
    """A booth's machine: its folder, which can be copied and put back, and the line."""

    def __init__(self, real: RealCentre, home: Path, booth: str) -> None:
        self.real, self.home, self.booth = real, home, booth
        if not home.exists():
            real.enrol(home / "data", booth)

    @contextmanager
    def open(self) -> Iterator[Store]:
        data = self.home / "data"
        with Store.open(data, open_passphrase_key(data, PASSPHRASE), accept_rollback=True) as store:
            yield store

    def write(self, count: int = 1, kind: EventKind = EventKind.SIGNED_OUT) -> None:
        with self.open() as store:
            for _ in range(count):
                body = PICTURE if kind is EventKind.ENCOUNTER_PICTURE else {"officer": "m.muster"}
                store.journal.append(kind, body)

    def meet(self, name: str) -> None:
        """Let somebody pass who is on a list that this booth did not have."""
        with self.open() as store:
            store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, HIT))
            store.journal.append(EventKind.ENCOUNTER_ANSWERED, answered_body(name))
            store.journal.append(EventKind.DISPOSITION, disposition_body(name))

    def round(self, *, lists: bool = False) -> RoundDone:
        with self.open() as store, self.line(store) as line:
            fetch = fetch_lists if lists else None
            return run_round(line, lambda work: work(store), self.home / "inbox", self.home / "metadata", fetch)

    @contextmanager
    def line(self, store: Store) -> Iterator[Line]:
        line = Line(enrolled_of(store), store.identity, MachineClock())
        try:
            yield line
        finally:
            line.close()

    def copy(self, name: str) -> Machine:
        home = self.home.with_name(name)
        shutil.copytree(self.home, home)
        return Machine(self.real, home, self.booth)

    def put_back(self, backup: Machine, *, with_witness: bool = True) -> None:
        """Put the folder back as it was; without its witness that of now stays, as one kept elsewhere would."""
        witness = (self.home / "data" / WITNESS_FILE).read_bytes()
        shutil.rmtree(self.home)
        shutil.copytree(backup.home, self.home)
        if not with_witness:
            (self.home / "data" / WITNESS_FILE).write_bytes(witness)

    def events(self) -> list[tuple[int, str]]:
        """Sequence and id of all events in the journal."""
        with self.open() as store:
            return [(one.header.seq, one.header.event_id) for one in store.journal.events()]

    def cases(self) -> dict[str, str]:
        """Encounter and id of the cases that it knows."""
        with self.open() as store:
            return {row.case.encounter_id: row.case.case_id for row in store.cases.all()}

    def versions(self, *refused: str) -> dict[str, int]:
        """Bring lists, put them in force, and tell which are; none but ``refused`` are refused."""
        with self.open() as store:
            with self.line(store) as line:
                done = run_round(
                    line, lambda work: work(store), self.home / "inbox", self.home / "metadata", fetch_lists
                )
            outcomes = apply_inbox(Records(store), self.home / "inbox")
            assert (done.faults, [one.name for one in outcomes if one.refused]) == ((), list(refused))
            found = {one.header.name: one.header.version for one in store.lists.in_force()}
            return found | {one.name: one.version for kind in ("policy", "officers") for one in store.signed.all(kind)}


def faults(done: RoundDone) -> list[tuple[str, str]]:
    return [(fault.part, fault.code) for fault in done.faults]


def stored(real: RealCentre, booth: str) -> list[tuple[int, int, str]]:
    """Chain, sequence and id of the booth's events at the centre."""
    table = database.events
    with real.centre.begin() as connection:
        rows = connection.execute(
            select(table.c.chain, table.c.seq, table.c.event_id)
            .where(table.c.booth == booth)
            .order_by(table.c.chain, table.c.seq)
        )
        return [tuple(row) for row in rows]


def present(real: RealCentre, booth: str) -> list[tuple[int, str]]:
    """Sequence and id of the booth's present chain at the centre."""
    last = real.acknowledged(booth).seq
    return sorted({seq: event_id for _chain, seq, event_id in stored(real, booth) if seq <= last}.items())


def bodies(real: RealCentre, booth: str) -> dict[int, str]:
    """Sequence → state of the bodies of a booth's events at the centre."""
    table = database.bodies
    with real.centre.begin() as connection:
        rows = connection.execute(select(table.c.seq, table.c.state).where(table.c.booth == booth))
        return {row.seq: row.state for row in rows}


def sounded(real: RealCentre, booth: str) -> list[str]:
    with real.centre.begin() as connection:
        return [one.kind for one in alarms.all(connection) if one.booth == booth]


def case_of(real: RealCentre, encounter: str) -> list[str]:
    with real.centre.begin() as connection:
        table = database.cases
        return list(connection.scalars(select(table.c.case_id).where(table.c.encounter_id == encounter)))


def until(found: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.05)


def command(real: RealCentre, *words: str, code: int = 0) -> str:
    """Run `checkpoint central …` as an administrator does."""
    passphrase = real.folder.parent / "centre.passphrase"
    done = subprocess.run(
        [sys.executable, "-m", "checkpoint_app", "central", *words],
        env={
            **os.environ,
            "CHECKPOINT_CENTRAL_HOME": str(real.folder),
            "CHECKPOINT_CENTRAL_PASSPHRASE_FILE": str(passphrase),
            "CHECKPOINT_ADMIN": "a.muster",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout


# -- a booth that was put back ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCentre]:
    real = RealCentre(tmp_path_factory.mktemp("served") / "centre")
    real.persons([ERIKSON])
    real.publish()
    real.start()
    yield real
    real.close()


@pytest.mark.parametrize("with_witness", [True, False])
def test_a_booth_that_was_put_back_goes_on_in_a_new_chain(
    served: RealCentre, tmp_path: Path, with_witness: bool
) -> None:
    name = f"back-{int(with_witness)}"
    booth = Machine(served, tmp_path / "booth", name)
    booth.write(3)
    assert booth.round().faults == ()
    booth.write(2)  # in the backup, but not yet delivered when it was taken
    backup = booth.copy("backup")
    booth.write(4)
    assert booth.round().faults == ()
    lost = booth.events()
    booth.put_back(backup, with_witness=with_witness)
    if not with_witness:
        data = booth.home / "data"
        with pytest.raises(RolledBackError):
            Store.open(data, open_passphrase_key(data, PASSPHRASE))

    done = booth.round()  # it has nothing new to say yet
    assert (faults(done), sounded(served, name)) == ([("deliver", "fork")], [])
    encounter = f"{name}-1"
    booth.meet(encounter)
    rounds = [booth.round(lists=True) for _ in range(3)]
    assert [faults(done) for done in rounds] == 3 * [[("deliver", "fork")]]
    assert {one.name for one in rounds[0].brought} == {"ECU", "officers", "policy"}  # all else goes on
    with booth.open() as store, booth.line(store) as line:
        assert ask(line, Question(name, encounter, HIT, False, True), 5).encounter_id == encounter
        assert store.delivery.outbox().count > 0
    assert sounded(served, name) == ["fork"]
    assert present(served, name) == lost

    command(served, "booths", "new-chain", name)
    done = booth.round()
    assert (done.faults, done.delivered.waiting) == ((), 0)
    until(lambda: case_of(served, encounter))
    found = [case.encounter_id for done in (done, booth.round()) for case in done.cases]
    assert found == [encounter]
    assert booth.round().faults == ()
    assert present(served, name) == booth.events()
    all_ids = [event_id for *_place, event_id in stored(served, name)]
    assert len(all_ids) == len(set(all_ids)) == len({*lost, *booth.events()})
    kept = len(set(lost) & set(booth.events()))
    assert [place[:2] for place in stored(served, name)] == [
        *((1, seq) for seq in range(1, len(lost) + 1)),
        *((2, seq) for seq in range(kept + 1, len(booth.events()) + 1)),
    ]
    assert served.acknowledged(name).chain == 2
    assert f"{name}" in command(served, "audit", "--booth", name)
    assert sounded(served, name) == ["fork", "new_chain"]


def test_a_booth_that_wrote_more_than_it_lost_finds_where_both_agree(served: RealCentre, tmp_path: Path) -> None:
    booth = Machine(served, tmp_path / "booth", "more-1")
    booth.write(5)
    booth.round()
    booth.write(40)
    backup = booth.copy("backup")
    booth.write(3)
    booth.round()
    lost = booth.events()
    booth.put_back(backup)
    booth.write(30)
    assert faults(booth.round()) == [("deliver", "fork")]
    command(served, "booths", "new-chain", "more-1")
    done = booth.round()
    assert (done.faults, done.delivered.waiting) == ((), 0)
    assert present(served, "more-1") == booth.events()
    assert len(stored(served, "more-1")) == len({*lost, *booth.events()})
    command(served, "audit", "--booth", "more-1")

    booth.put_back(backup)  # an allowance is used once
    booth.write(1)
    assert faults(booth.round()) == [("deliver", "fork")]
    assert sounded(served, "more-1") == ["fork", "new_chain", "fork"]


def test_of_two_machines_with_one_identity_the_second_is_refused_and_nothing_is_lost(
    served: RealCentre, tmp_path: Path
) -> None:
    first = Machine(served, tmp_path / "first", "twin-1")
    first.write(2)
    first.round()
    second = first.copy("second")
    second.write(3)
    first.write(1)
    assert second.round().faults == ()
    for _ in range(2):
        assert faults(first.round()) == [("deliver", "fork")]
        assert second.round().faults == ()
    assert sounded(served, "twin-1") == ["fork"]
    command(served, "booths", "new-chain", "twin-1")
    first.write(1)
    assert first.round().faults == ()
    second.write(2)
    for _ in range(2):
        assert faults(second.round()) == [("deliver", "fork")]
        assert first.round().faults == ()
    assert sounded(served, "twin-1") == ["fork", "new_chain", "fork"]
    assert present(served, "twin-1") == first.events()
    delivered = {event_id for *_place, event_id in stored(served, "twin-1")}
    with second.open() as store:
        waiting = [one.header.event_id for one in store.journal.events(store.delivery.acknowledged().seq)]
    assert {event_id for _seq, event_id in second.events()} <= delivered | set(waiting)
    command(served, "audit", "--booth", "twin-1")


# -- a centre that was put back ---------------------------------------------------------------------------------------


@pytest.fixture
def real(tmp_path: Path) -> Iterator[RealCentre]:
    real = RealCentre(tmp_path / "centre")
    real.persons([ERIKSON])
    real.publish()
    real.start()
    yield real
    real.close()


def put_back(real: RealCentre, backup: Path, *, restored: bool = True) -> None:
    """Stop the centre, put its folder back as it was, and serve again."""
    real.stop()
    opening.close(real.centre)
    shutil.rmtree(real.folder)
    shutil.copytree(backup, real.folder)
    real.centre = opening.open_centre(real.folder, CENTRE_PASSPHRASE)
    if restored:
        command(real, "publish", "--restored")
    real.start()


def backed_up(real: RealCentre) -> Path:
    real.stop()
    backup = real.folder.with_name("centre.backup")
    shutil.copytree(real.folder, backup)
    real.start()
    return backup


def test_a_centre_that_was_put_back_gets_again_what_it_lost_once(real: RealCentre, tmp_path: Path) -> None:
    booth, other = Machine(real, tmp_path / "booth", "booth-1"), Machine(real, tmp_path / "other", "booth-2")
    booth.meet("e-1")
    until(lambda: booth.round().faults == () and set(booth.cases()) == {"e-1"})
    booth.write(1, EventKind.ENCOUNTER_PICTURE)
    assert booth.round().delivered.wanted == 0
    at_backup = real.acknowledged("booth-1").seq
    backup = backed_up(real)

    for number in (2, 3):
        booth.meet(f"e-{number}")
        until(lambda number=number: booth.round().faults == () and f"e-{number}" in booth.cases())
    booth.write(2, EventKind.ENCOUNTER_PICTURE)
    assert booth.round().delivered.wanted == 0
    assert booth.round().delivered.waiting == 0
    had = booth.cases()
    acknowledged = real.acknowledged("booth-1").seq
    with booth.open() as store:
        store.journal.erase_body(acknowledged)  # a picture whose time is over

    put_back(real, backup)
    assert real.acknowledged("booth-1").seq == at_backup
    other.meet("o-1")
    until(lambda: other.round().faults == () and set(other.cases()) == {"o-1"})
    booth.meet("e-4")  # its late hit would take the number, and once the id, of one that the booth knows
    booth.meet("e-5")
    until(lambda: booth.round().faults == () and set(booth.cases()) == {f"e-{n}" for n in range(1, 6)})
    until(lambda: booth.round().delivered.waiting == 0)
    now = booth.cases()
    assert {name: now[name] for name in had} == had  # each is the case that it was
    assert len(set(now.values())) == 5
    assert present(real, "booth-1") == booth.events()
    assert len(stored(real, "booth-1")) == len(booth.events())
    assert bodies(real, "booth-1")[acknowledged] == "erased"
    assert [state for seq, state in bodies(real, "booth-1").items() if seq != acknowledged] == ["here"] * (
        len(booth.events()) - 1
    )
    assert (sounded(real, "booth-1").count("inbox_lost"), sounded(real, "booth-2")) == (1, [])
    command(real, "audit")


def test_lists_of_a_centre_that_was_put_back_are_newer_than_all_that_booths_have(
    real: RealCentre, tmp_path: Path
) -> None:
    booth = Machine(real, tmp_path / "booth", "booth-1")
    assert booth.versions() == {"ECU": 1, "officers": 1, "policy": 1}
    backup = backed_up(real)
    real.persons([ERIKSON, replace(ERIKSON, id="E-2")])
    real.numbers([STOLEN])  # a list that the backup does not know
    with real.centre.begin() as connection:
        officers.disable(real.centre, connection, OFFICER)
    real.publish()
    real.publish()
    assert booth.versions() == {"ECU": 2, "INTL": 1, "officers": 2, "policy": 1}

    put_back(real, backup, restored=False)
    assert ("lists", "rolled_back") in faults(booth.round(lists=True))
    command(real, "publish", "--restored")
    done = booth.round(lists=True)
    assert (done.faults, done.brought) == ((), ())
    held = {"ECU": 2, "INTL": 1, "officers": 2, "policy": 1}
    assert booth.versions() == held  # nothing newer is here; a list that the backup does not know is kept in force

    real.persons([ERIKSON])
    with real.centre.begin() as connection:
        officers.disable(real.centre, connection, SUPERVISOR)
    assert real.publish() == ["ECU 1001", "officers 1001"]
    assert booth.versions() == held | {"ECU": 1001, "officers": 1001}
    real.numbers([STOLEN])
    real.publish()
    newest = {"ECU": 1001, "INTL": 1001, "officers": 1001, "policy": 1}
    assert booth.versions() == newest
    command(real, "audit")
    assert Machine(real, tmp_path / "fresh", "booth-2").versions() == newest
