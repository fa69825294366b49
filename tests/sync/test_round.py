"""A round: what is wrong with one part does not stop the others, and a line that is down ends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import Store
from checkpoint_app.store.errors import DiskFullError
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.round import RoundDone, run_round
from checkpoint_app.wire import api
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.repository import ListTarget
from tests.sync.fake_centre import FakeCentre, served
from tests.sync.helpers import BOOTH, directly, lined, stored, write_events

INBOX, METADATA = Path("inbox"), Path("metadata")
PICTURE = {"encounter_id": "00000000-0000-4000-8000-000000000001", "jpeg": "AAAA", "boxes": []}


@contextmanager
def at_work(events: int = 3) -> Iterator[tuple[FakeCentre, Store, Line]]:
    centre = FakeCentre()
    with stored(events) as store, served(centre) as port, lined(centre, port, store.identity) as line:
        yield centre, store, line


def nothing_to_fetch(*_args: object) -> Fetched:
    return Fetched()


def a_round(line: Line, store: Store, fetch=nothing_to_fetch, **bounds) -> RoundDone:
    return run_round(line, directly(store), INBOX, METADATA, fetch, **bounds)


def test_a_round_delivers_fetches_and_receives():
    with at_work() as (centre, store, line):
        sent = centre.send_case(BOOTH)
        seen = []

        def fetch(*args: object) -> Fetched:
            seen.append(args[2:])
            return Fetched(unfinished=("ECU",))

        done = a_round(line, store, fetch)
        assert (done.delivered.sent, done.cases, done.unfinished, done.faults) == (3, (sent,), ("ECU",), ())
        assert seen == [(INBOX, METADATA)]
        assert abs(store.time.seen - centre.clock.now()) < timedelta(seconds=5)


def test_without_fetching_no_list_is_asked_for():
    with at_work() as (_centre, store, line):
        done = a_round(line, store, None)
        assert (done.brought, done.unfinished, done.faults) == ((), (), ())


def test_while_a_stick_has_the_turn_events_go_and_nothing_is_brought():
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH)
        done = run_round(line, directly(store), INBOX, METADATA, None, events_only=True)
        assert (done.delivered.sent, done.cases, done.faults) == (3, (), ())
        assert len(a_round(line, store).cases) == 1


def test_a_list_that_is_refused_is_told_and_the_rest_goes_on():
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH)
        faults = (("ECU", "expired"), ("", "rollback"))
        done = a_round(line, store, lambda *_args: Fetched(faults=faults))
        assert [(fault.part, fault.code) for fault in done.faults] == [("list ECU", "expired"), ("lists", "rollback")]
        assert (done.delivered.sent, len(done.cases)) == (3, 1)


def test_a_fork_stops_neither_lists_nor_cases():
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH)
        centre.booths[BOOTH].chain.seq = 9
        fetched = []
        done = a_round(line, store, lambda *_args: fetched.append(1) or Fetched())
        assert [(fault.part, fault.code) for fault in done.faults] == [("deliver", "fork")]
        assert (done.delivered, len(done.cases), fetched) == (None, 1, [1])


def test_a_full_disk_is_told_and_ends_nothing_else(monkeypatch):
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH)

        def full(*_args: object) -> None:
            raise DiskFullError("the disk is full")

        monkeypatch.setattr(store.journal, "append", full)
        done = a_round(line, store)
        assert [(fault.part, fault.code) for fault in done.faults] == [("inbox", "store-disk-full")]
        assert done.delivered.waiting == 0


@pytest.mark.parametrize("at", [api.ACKNOWLEDGEMENT, api.EVENTS, api.INBOX])
def test_a_centre_that_is_away_ends_the_round(at):
    with at_work() as (centre, store, line):
        centre.override[at] = (503, {"Content-Type": "text/html"}, b"<h1>no server is available</h1>")
        with pytest.raises(LineError) as caught:
            a_round(line, store)
        assert (caught.value.code, caught.value.status) == (LineCode.SERVER_FAULT, 503)


def test_of_a_revoked_booth_no_key_stays_in_the_inbox(tmp_path: Path):
    """Else the next package that is laid there, by whoever has one, opens the list again."""
    with at_work() as (centre, store, line):
        centre.booths[BOOTH].state = BoothState.REVOKED
        for name in ("ECU.grant", "ECU.list"):
            (tmp_path / name).write_bytes(b"sealed")
        with pytest.raises(LineError) as caught:
            run_round(line, directly(store), tmp_path, METADATA, nothing_to_fetch)
        assert caught.value.code is LineCode.BOOTH_REVOKED
        assert [path.name for path in tmp_path.iterdir()] == ["ECU.list"]


def test_a_line_that_is_down_ends_the_round():
    with at_work() as (_centre, store, line):

        def fetch(*_args: object) -> Fetched:
            raise LineError(LineCode.TIMED_OUT)

        with pytest.raises(LineError) as caught:
            a_round(line, store, fetch)
        assert caught.value.code is LineCode.TIMED_OUT
        assert store.delivery.acknowledged().seq == 3


def test_pictures_go_after_lists_and_cases():
    with at_work(0) as (centre, store, line):
        for _ in range(3):
            store.journal.append(EventKind.ENCOUNTER_PICTURE, PICTURE)
        done = a_round(line, store, most_bodies=2)
        assert (done.delivered.sent, done.delivered.bodies, done.delivered.wanted) == (3, 2, 1)
        paths = [path.partition("?")[0] for _method, path, _body in centre.requests]
        assert paths.index(api.INBOX) < paths.index(api.BODIES)
        assert paths.count(api.BODIES) == 2


def test_a_long_outage_does_not_keep_cases_waiting():
    with at_work(0) as (centre, store, line):
        write_events(store, 40)
        centre.send_case(BOOTH)
        done = a_round(line, store, most_events=25)
        assert (done.delivered.sent, done.delivered.waiting, len(done.cases)) == (25, 15, 1)


def test_what_was_brought_is_told():
    with at_work() as (_centre, store, line):
        target = ListTarget.__new__(ListTarget)
        assert a_round(line, store, lambda *_args: Fetched(brought=(target,))).brought == (target,)
