"""The line and the real centre: enrolment to the end, delivery through a line that cuts, questions, cases."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from checkpoint_app.central import booths, database, publishing
from checkpoint_app.store import Store
from checkpoint_app.sync.ask import ask
from checkpoint_app.sync.deliver import deliver
from checkpoint_app.sync.enrol import booth_keys, enrol
from checkpoint_app.sync.enrolled import unlock_key_of
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.inbox import read_inbox
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import packing
from checkpoint_app.wire.enrolment import BoothState, EnrolmentCode
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.question import Question, Reply
from tests.central import line as central_line
from tests.central.helpers import POST, Clock
from tests.central.publishing_helpers import bring_policy
from tests.store.helpers import FakeClock, ram_folder, store_key
from tests.sync.helpers import directly, write_events
from tests.sync.proxy import Fault, proxied, wait_until

SPECIMEN = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")  # ICAO 9303
PICTURE = {"encounter_id": "00000000-0000-4000-8000-000000000001", "jpeg": "AAAA" * 20_000, "boxes": []}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[central_line.Line]:
    with central_line.served(tmp_path_factory.mktemp("centre"), Clock()) as served:
        bring_policy(served.centre)
        publishing.publish(served.centre)
        yield served


@contextmanager
def new_store(name: str, clock: FakeClock) -> Iterator[Store]:
    folder = ram_folder()
    try:
        with Store.create(folder, store_key(folder), booth=name, clock=clock) as store:
            yield store
    finally:
        shutil.rmtree(folder)


@contextmanager
def cloned(store: Store, clock: FakeClock) -> Iterator[Store]:
    """Yield the store of a machine whose disk is a copy of that of ``store``."""
    folder = ram_folder() / "clone"
    try:
        shutil.copytree(store.folder, folder)
        with Store.open(folder, store_key(folder), clock=clock) as clone:
            yield clone
    finally:
        shutil.rmtree(folder.parent)


@contextmanager
def enrolled(
    real: central_line.Line, name: str, port: int = 0, off: timedelta = timedelta()
) -> Iterator[tuple[Store, Line]]:
    """Yield a booth that enrolled over the line and was confirmed meanwhile, and its line (through ``port``)."""
    clock = FakeClock(real.clock.now() + off, step=timedelta(0))
    url = f"https://127.0.0.1:{port}" if port else real.url
    with new_store(name, clock) as store:
        code = EnrolmentCode.from_text(booths.new_code(real.centre, name, POST).to_text())
        fingerprint = booth_keys(store.identity).fingerprint
        confirming = threading.Thread(target=booths.confirm, args=(real.centre, name, fingerprint))
        kept = enrol(url, code, directly(store), clock, wait_s=20, poll_s=0.05, waits=confirming.start)
        confirming.join()
        assert kept.state is BoothState.CONFIRMED
        with closing(Line(kept, store.identity, clock)) as line:
            yield store, line


def stored(real: central_line.Line, name: str) -> list[int]:
    """Return the sequences that the centre's database holds of a booth, each as often as it does."""
    events = database.events
    with real.centre.begin() as connection:
        return list(connection.scalars(select(events.c.seq).where(events.c.booth == name).order_by(events.c.seq)))


def answered(line: Line, question: Question) -> Reply:
    """Ask until the centre, which takes in what was published beside its work, has its policy."""
    replies: list[Reply] = []

    def asked() -> bool:
        try:
            replies.append(ask(line, question, 5.0))
        except LineError as error:
            if error.status != 503:
                raise
        return bool(replies)

    assert wait_until(asked, 10)
    return replies[0]


@pytest.mark.parametrize("days", [-3, 3])
def test_a_booth_enrols_delivers_asks_and_reads_its_inbox(real, days):
    name = f"booth{days}"
    with enrolled(real, name, off=timedelta(days=days)) as (store, line):
        assert len(unlock_key_of(store)) == 32
        write_events(store, 30)
        store.journal.append(EventKind.ENCOUNTER_PICTURE, PICTURE)
        done = deliver(line, directly(store))
        assert (done.sent, done.bodies, done.waiting, done.wanted) == (32, 1, 0, 0)
        assert stored(real, name) == list(range(1, 33))
        question = Question(name, "e-1", SPECIMEN, False, True)
        reply = answered(line, question)
        assert (reply.encounter_id, reply.gone) == ("e-1", ())
        assert reply.answers
        assert read_inbox(line, directly(store)) == []
        assert read_inbox(line, directly(store)) == []
        assert abs(line.time_off() - timedelta(days=days)) < timedelta(seconds=5)


def test_a_line_that_cuts_everywhere_loses_and_doubles_nothing(real):
    chance = random.Random(11)
    with proxied(int(real.url.rpartition(":")[2])) as proxy:
        with enrolled(real, "booth-cuts", proxy.port) as (store, line):
            cuts = 0
            for _ in range(20):
                write_events(store, 5)
                proxy.fault = Fault(after=chance.randrange(1500, 6000), reset=chance.random() < 0.5)
                try:
                    deliver(line, directly(store))
                except LineError as error:
                    cuts += error.code is LineCode.CUT_OFF
            proxy.fault = Fault()
            assert deliver(line, directly(store)).waiting == 0
            assert cuts > 2
            assert stored(real, "booth-cuts") == list(range(1, store.journal.head().seq + 1))


def test_what_is_delivered_goes_compressed(real, monkeypatch):
    sent = []

    true = packing.pack
    monkeypatch.setattr(packing, "pack", lambda data: sent.append((len(data), len(true(data)))) or true(data))
    with enrolled(real, "booth-packed") as (store, line):
        write_events(store, 60)
        done = deliver(line, directly(store))
        assert (done.sent, done.waiting) == (store.journal.head().seq, 0)
        assert len(sent) >= 1
        assert sum(small for _large, small in sent) < 0.6 * sum(large for large, _small in sent)


def test_a_cloned_disk_is_told_as_a_fork(real):
    with enrolled(real, "booth-fork") as (store, line):
        write_events(store, 5)
        deliver(line, directly(store))
        with cloned(store, FakeClock(real.clock.now(), step=timedelta(0))) as clone:
            write_events(store, 1)
            deliver(line, directly(store))
            write_events(clone, 4)
            with pytest.raises(LineError) as caught:
                deliver(line, directly(clone))
        assert caught.value.code is LineCode.FORK
        write_events(store, 2)
        assert deliver(line, directly(store)).waiting == 0  # the other side goes on


def test_a_revoked_booth_hears_it(real):
    with enrolled(real, "booth-revoked") as (store, line):
        booths.revoke(real.centre, "booth-revoked")
        with pytest.raises(LineError) as caught:
            deliver(line, directly(store))
        assert caught.value.code is LineCode.BOOTH_REVOKED


def test_a_code_of_another_booth_is_refused(real):
    clock = FakeClock(real.clock.now(), step=timedelta(0))
    code = booths.new_code(real.centre, "booth-a", POST)
    with new_store("booth-b", clock) as store, pytest.raises(LineError) as caught:
        enrol(real.url, code, directly(store), clock, wait_s=0)
    assert caught.value.code is LineCode.CODE_REFUSED


def test_closing_the_line_ends_a_request_at_the_real_centre(real):
    with proxied(int(real.url.rpartition(":")[2])) as proxy:
        with enrolled(real, "booth-closing", proxy.port) as (store, line):
            deliver(line, directly(store))
            proxy.fault = Fault(after=0, hang=True)
            codes = []

            def wait_for_it() -> None:
                try:
                    ask(line, Question("booth-closing", "e", (), False, True), 30.0)
                except LineError as error:
                    codes.append(error.code)

            before = proxy.connections
            thread = threading.Thread(target=wait_for_it)
            thread.start()
            wait_until(lambda: proxy.connections > before)
            line.close()
            thread.join(5)
            assert codes == [LineCode.CLOSED]
