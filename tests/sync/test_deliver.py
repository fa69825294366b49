"""Delivery: whatever is lost, cut, late or doubled on the way, each event is at the centre exactly once."""

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from checkpoint_app.store import Store
from checkpoint_app.sync.deliver import deliver
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import api
from checkpoint_app.wire.batch import read_batch
from checkpoint_app.wire.delivery import BATCH_BYTES
from checkpoint_app.wire.event import EventKind
from tests.sync.fake_centre import Answer, FakeCentre, served
from tests.sync.helpers import BOOTH, OffClock, directly, lined, lost_and_doubled, stored, write_events
from tests.sync.light_store import LightStore
from tests.sync.proxy import Fault, proxied

URL = "https://centre.example"


# -- a line without sockets, which loses, cuts, delays and doubles ----------------------------------------------------


class PlainReply:
    """A reply that arrived."""

    begins = ends = None

    def __init__(self, answer: Answer) -> None:
        self.status, headers, self._body = answer
        self.headers = CaseInsensitiveDict(headers)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "")

    def body(self, most: int) -> bytes:
        assert len(self._body) <= most
        return self._body

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> "PlainReply":
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is open."""


class BadTransport:
    """Carries requests to a centre, badly: ``rate`` of a hundred go wrong, in one of five ways."""

    was_kept = False

    def __init__(self, centre: FakeCentre, chance: random.Random, rate: int) -> None:
        self._centre, self._chance, self._rate = centre, chance, rate
        self._late: list[tuple[str, str, Mapping[str, str], bytes]] = []
        self.faults = 0

    def send(self, method, path, headers, body, within_s):
        request = (method, path, headers, body or b"")
        if self._chance.randrange(100) >= self._rate:
            answer = self._centre.answer(*request)
            self._let_late_ones_arrive()
            return PlainReply(answer)
        self.faults += 1
        match self._chance.randrange(5):
            case 0:  # it never arrived
                raise LineError(LineCode.CUT_OFF)
            case 1:  # its reply never arrived
                self._centre.answer(*request)
                raise LineError(LineCode.CUT_OFF)
            case 2:  # it arrives when nobody waits for it any more, after what comes next
                self._late.append(request)
                raise LineError(LineCode.TIMED_OUT)
            case 3:  # its reply is cut
                status, told, data = self._centre.answer(*request)
                return PlainReply((status, told, data[: len(data) // 2]))
            case _:  # it arrives twice
                answer = self._centre.answer(*request)
                self._centre.answer(*request)
                return PlainReply(answer)

    def close(self) -> None:
        """Nothing is open."""

    def _let_late_ones_arrive(self) -> None:
        late, self._late = self._late, []
        for request in late:
            self._centre.answer(*request)


def bad_line(store: Store, centre: FakeCentre, seed: int, rate: int) -> tuple[Line, BadTransport]:
    if BOOTH not in centre.booths:
        centre.know(BOOTH, store.identity.public_key)
    transport = BadTransport(centre, random.Random(seed), rate)
    line = Line(centre.enrolled(URL), store.identity, OffClock(), transport)  # type: ignore[arg-type]
    return line, transport


def deliver_all(line: Line, store: Store, most_rounds: int = 100) -> int:
    """Deliver until nothing waits, round after round as the booth does; returns how many rounds it took."""
    for number in range(1, most_rounds):
        try:
            done = deliver(line, directly(store))
            if done.waiting == done.wanted == 0:
                return number
        except LineError as error:
            if error.code in (LineCode.FORK, LineCode.GAP):
                raise
    raise AssertionError("it never ends")


def test_ten_thousand_events_arrive_exactly_once():
    store = cast(Store, LightStore(10_000, BOOTH))
    centre = FakeCentre()
    line, transport = bad_line(store, centre, seed=7, rate=40)
    deliver_all(line, store)
    assert transport.faults > 50
    assert lost_and_doubled(centre, store) == (0, 0)
    assert len(centre.stored) == 10_000
    assert store.delivery.acknowledged() == store.journal.head()
    assert store.delivery.wanted() == []
    assert None not in centre.booths[BOOTH].bodies.values()


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), rate=st.integers(0, 80), bursts=st.lists(st.integers(0, 60), max_size=4))
def test_whatever_goes_wrong_nothing_is_lost_or_doubled(seed, rate, bursts):
    with stored() as store:
        centre = FakeCentre()
        line, _transport = bad_line(store, centre, seed, rate)
        for burst in bursts:
            write_events(store, burst)
            deliver_all(line, store)
        assert lost_and_doubled(centre, store) == (0, 0)


def test_the_checker_sees_a_centre_that_stores_again_what_it_has():
    """The negative control: without idempotence at the centre the same faults double events."""
    store = cast(Store, LightStore(2000, BOOTH))
    centre = FakeCentre()
    centre.idempotent = False
    line, _transport = bad_line(store, centre, seed=7, rate=40)
    deliver_all(line, store)
    lost, doubled = lost_and_doubled(centre, store)
    assert lost == 0
    assert doubled > 0


def test_the_checker_sees_a_lost_event():
    with stored(5) as store:
        centre = FakeCentre()
        line, _transport = bad_line(store, centre, seed=1, rate=0)
        deliver_all(line, store)
        del centre.stored[2]
        assert lost_and_doubled(centre, store) == (1, 0)


# -- over sockets -----------------------------------------------------------------------------------------------------


@contextmanager
def at_work(events: int = 0) -> Iterator[tuple[FakeCentre, Store, Line]]:
    centre = FakeCentre()
    with stored(events) as store, served(centre) as port, lined(centre, port, store.identity) as line:
        yield centre, store, line


def test_hundreds_of_events_survive_cuts_of_the_real_line():
    centre = FakeCentre()
    chance = random.Random(3)
    with stored(300) as store, served(centre) as port, proxied(port) as proxy:
        with lined(centre, proxy.port, store.identity) as line:
            for _ in range(25):
                proxy.fault = Fault(after=chance.randrange(1800, 6000), reset=chance.random() < 0.5)
                write_events(store, 5)
                try:
                    deliver(line, directly(store), limit=40)
                except LineError as error:
                    if error.code is not LineCode.CUT_OFF:
                        raise
            proxy.fault = Fault()
            assert deliver(line, directly(store)).waiting == 0
        assert lost_and_doubled(centre, store) == (0, 0)
        assert len(centre.stored) == 425


def test_a_lost_reply_is_cured_by_reading_how_far_the_centre_is():
    centre = FakeCentre()
    with stored(20) as store, served(centre) as port, proxied(port) as proxy:
        with lined(centre, proxy.port, store.identity) as line:
            real = centre._take

            def take_and_cut(booth, known, batch):
                real(booth, known, batch)
                proxy.cut()

            centre._take = take_and_cut
            done = deliver(line, directly(store))
        assert (done.sent, done.acknowledged, done.waiting) == (20, 20, 0)
        sent = [path for _method, path, _body in centre.requests]
        assert sent == [api.ACKNOWLEDGEMENT, api.EVENTS, api.ACKNOWLEDGEMENT]
        assert lost_and_doubled(centre, store) == (0, 0)


def test_batches_are_bounded_and_in_order():
    with at_work(600) as (centre, store, line):
        done = deliver(line, directly(store))
        assert (done.sent, done.waiting, done.acknowledged) == (600, 0, 600)
        batches = [body for _method, path, body in centre.requests if path == api.EVENTS]
        assert len(batches) > 1
        assert max(map(len, batches)) <= BATCH_BYTES
        assert len(batches[0]) > 0.8 * BATCH_BYTES
        assert [seq for _booth, seq, _id in centre.stored] == list(range(1, 601))


def test_late_bodies_go_compressed_to_a_centre_that_takes_it():
    sizes = []
    for takes_packed in (False, True):
        with at_work(6) as (centre, store, line):
            centre.takes_packed = takes_packed
            for number in range(2):
                picture = {"encounter_id": f"00000000-0000-4000-8000-00000000000{number}", "jpeg": "AAAA" * 999}
                store.journal.append(EventKind.ENCOUNTER_PICTURE, picture | {"boxes": []})
            done = deliver(line, directly(store))
            assert (done.sent, done.bodies, done.waiting, done.wanted) == (8, 2, 0, 0)
            assert lost_and_doubled(centre, store) == (0, 0)
            assert json.loads(centre.booths[BOOTH].bodies[8])["jpeg"] == "AAAA" * 999
            sizes.append(sum(len(body) for _method, _path, body in centre.requests))
    assert sizes[1] < 0.5 * sizes[0]


def test_nothing_to_send_is_one_small_request():
    with at_work(3) as (centre, store, line):
        deliver(line, directly(store))
        centre.requests.clear()
        done = deliver(line, directly(store))
        assert (done.sent, done.bodies, done.waiting, done.wanted) == (0, 0, 0, 0)
        assert [path for _method, path, _body in centre.requests] == [api.ACKNOWLEDGEMENT]


def test_a_limit_leaves_the_rest_for_the_next_round():
    with at_work(30) as (_centre, store, line):
        assert deliver(line, directly(store), limit=12).waiting == 18
        assert deliver(line, directly(store), limit=12).waiting == 6
        assert deliver(line, directly(store)).waiting == 0


def test_pictures_follow_at_their_own_pace():
    with at_work() as (centre, store, line):
        for number in range(3):
            picture = {"encounter_id": f"00000000-0000-4000-8000-00000000000{number}", "jpeg": "AAAA", "boxes": []}
            store.journal.append(EventKind.ENCOUNTER_PICTURE, picture)
        done = deliver(line, directly(store), most_bodies=0)
        assert (done.sent, done.bodies, done.waiting, done.wanted) == (3, 0, 0, 3)
        assert store.delivery.wanted() == [1, 2, 3]
        done = deliver(line, directly(store), most_bodies=2)
        assert (done.bodies, done.wanted) == (2, 1)
        store.journal.erase_body(3)
        done = deliver(line, directly(store))
        assert (done.bodies, done.wanted) == (1, 0)
        assert json.loads(centre.booths[BOOTH].bodies[1])["jpeg"] == "AAAA"
        assert centre.booths[BOOTH].bodies[3] == ""  # erased in its time: it says so


def test_a_body_that_is_refused_keeps_no_other_back():
    with at_work() as (centre, store, line):
        for number in range(3):
            picture = {"encounter_id": f"00000000-0000-4000-8000-00000000000{number}", "jpeg": "AAAA", "boxes": []}
            store.journal.append(EventKind.ENCOUNTER_PICTURE, picture)
        real = centre._confirmed

        def refuse_the_first(booth, known, path, bare, body):
            if bare == api.BODIES and json.loads(body)["seq"] == 1:
                return 422, {"Content-Type": "text/plain"}, b"no"
            return real(booth, known, path, bare, body)

        centre._confirmed = refuse_the_first
        with pytest.raises(LineError) as caught:
            deliver(line, directly(store))
        assert caught.value.code is LineCode.REFUSED_REQUEST
        assert store.delivery.wanted() == [1]


def test_a_fork_is_told_and_nothing_is_lost():
    with at_work(5) as (centre, store, line):
        deliver(line, directly(store))
        centre.booths[BOOTH].chain.head = "f" * 64
        write_events(store, 2)
        with pytest.raises(LineError) as caught:
            deliver(line, directly(store))
        assert caught.value.code is LineCode.FORK
        assert not caught.value.ends_round
        assert store.delivery.acknowledged().seq == 5
        assert store.journal.head().seq == 7


def test_where_both_agree_is_found_with_few_requests():
    store = cast(Store, LightStore(3000, BOOTH))
    centre = FakeCentre()
    line, _transport = bad_line(store, centre, seed=1, rate=0)
    deliver(line, directly(store), limit=1000)
    known = centre.booths[BOOTH]
    for common, most in ((1000, 2), (1001, 4), (1400, 20), (400, 13)):
        chain = LightStore.chain_of(store, common)
        known.chain.seq, known.chain.head = 2500, "f" * 64
        known.hashes = [*chain, *("e" * 64 for _ in range(2500 - common))]
        centre.requests.clear()
        with pytest.raises(LineError) as caught:
            deliver(line, directly(store))
        assert caught.value.code is LineCode.FORK
        sent = [read_batch(body).events for _method, path, body in centre.requests if path == api.EVENTS]
        numbers = [json.loads(event.header)["seq"] for events in sent for event in events]
        assert common + 1 in numbers  # the one that would begin a new chain
        assert len(sent) == len(numbers) == len(set(numbers)) <= most, (common, numbers)


def test_a_centre_that_is_ahead_of_the_journal_is_a_fork():
    """The disk was put back to an earlier state: the centre has events that the journal has lost."""
    with at_work(5) as (centre, store, line):
        centre.know(BOOTH, store.identity.public_key).chain.seq = 9
        with pytest.raises(LineError) as caught:
            deliver(line, directly(store))
        assert caught.value.code is LineCode.FORK


def test_a_centre_that_lost_events_gets_them_again():
    with at_work(10) as (centre, store, line):
        deliver(line, directly(store))
        hashes = centre.booths[BOOTH].hashes
        known = centre.know(BOOTH, store.identity.public_key)  # put back to a backup of event 4
        known.chain.seq, known.chain.head, known.hashes = 4, hashes[4], hashes[:5]
        del centre.stored[4:]
        assert deliver(line, directly(store), limit=0).waiting == 6
        assert store.delivery.acknowledged().seq == 4  # no body after it may be forgotten
        done = deliver(line, directly(store))
        assert (done.sent, done.acknowledged) == (6, 10)
        assert lost_and_doubled(centre, store) == (0, 0)


def test_an_acknowledgement_of_another_booth_is_refused():
    with at_work(1) as (centre, store, line):
        real = centre._acknowledged

        def for_another(booth):
            centre.know("booth-2", store.identity.public_key)
            return real("booth-2")

        centre._acknowledged = for_another
        with pytest.raises(LineError) as caught:
            deliver(line, directly(store))
        assert caught.value.code is LineCode.MALFORMED
        assert store.delivery.acknowledged().seq == 0


def test_the_moment_of_an_acknowledgement_is_trusted_time():
    with at_work(1) as (centre, store, line):
        assert store.time.seen is None
        deliver(line, directly(store))
        assert abs(store.time.seen - centre.clock.now()) < timedelta(seconds=5)


def test_a_moment_that_nobody_signed_is_none():
    with at_work(1) as (centre, store, line):
        centre.key = FakeCentre().key
        with pytest.raises(LineError):
            deliver(line, directly(store))
        assert store.time.seen is None
