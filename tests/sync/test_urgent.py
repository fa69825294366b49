"""Hits and decisions go before what is clear, where more waits than a batch holds; nothing is lost or doubled by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checkpoint_app.store import Store
from checkpoint_app.sync.deliver import deliver
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import api
from checkpoint_app.wire.batch import read_batch
from checkpoint_app.wire.delivery import BATCH_BYTES, Early
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.statement import state
from tests.store.helpers import answered_body, decided_body, read_body
from tests.sync.fake_centre import FakeCentre, _ok
from tests.sync.helpers import BOOTH, OffClock, directly, lost_and_doubled, stored, write_events
from tests.sync.test_deliver import URL, PlainReply

MANY = 800


class Losing:
    """Carries requests; the reply to the urgent request number ``lost`` never arrives."""

    was_kept = False

    def __init__(self, centre: FakeCentre) -> None:
        self.centre, self.lost, self.urgent = centre, 0, 0

    def send(self, method, path, headers, body, _within_s):
        reply = PlainReply(self.centre.answer(method, path, headers, body or b""))
        self.urgent += (method, path) == ("POST", api.URGENT)
        if (method, path) == ("POST", api.URGENT) and self.urgent == self.lost:
            raise LineError(LineCode.CUT_OFF)
        return reply

    def close(self) -> None:
        """Nothing is open."""


def one_encounter(store: Store, name: str, advice: str, disposition: str, note: str = "") -> None:
    store.journal.append(EventKind.ENCOUNTER_READ, read_body(name))
    store.journal.append(EventKind.ENCOUNTER_ANSWERED, {**answered_body(name, advice), "note": note})
    store.journal.append(EventKind.DISPOSITION, decided_body(name, disposition))


@pytest.fixture
def outage() -> Iterator[tuple[FakeCentre, Store, Line, Losing]]:
    """A store with 800 plain events, then one hit (803 and 804 are urgent), one under protection, one clear."""
    centre = FakeCentre()
    with stored(MANY) as store:
        one_encounter(store, "a", "refer", "let_pass")
        one_encounter(store, "b", "proceed", "protect")
        one_encounter(store, "c", "proceed", "let_pass")
        centre.know(BOOTH, store.identity.public_key)
        transport = Losing(centre)
        yield centre, store, Line(centre.enrolled(URL), store.identity, OffClock(), transport), transport  # type: ignore[arg-type]


URGENT = [802, 803, 805, 806]


def sent(centre: FakeCentre) -> list[tuple[str, list[int], list[int]]]:
    """Return path, sequences, and those without a body, of each batch that came."""
    found = []
    for method, path, body in centre.requests:
        if method == "POST" and path in (api.EVENTS, api.URGENT):
            assert len(body) <= BATCH_BYTES
            events = read_batch(body).events
            seqs = [int(one.header.partition('"seq":')[2].partition(",")[0]) for one in events]
            bare = [seq for seq, one in zip(seqs, events, strict=True) if one.body is None]
            found.append((path, seqs, bare))
    return found


def test_hits_and_protection_go_first_and_with_the_chain_their_headers_alone(outage):
    centre, store, line, _transport = outage
    done = deliver(line, directly(store))
    assert (done.sent, done.waiting, done.wanted) == (MANY + 9, 0, 0)
    first, *chain = sent(centre)
    assert first == (api.URGENT, URGENT, [])
    assert [seq for _path, seqs, _bare in chain for seq in seqs] == list(range(1, MANY + 10))
    assert [seq for _path, _seqs, bare in chain for seq in bare] == URGENT
    assert lost_and_doubled(centre, store) == (0, 0)
    assert None not in centre.booths[BOOTH].bodies.values()


def test_where_one_batch_holds_all_nothing_goes_ahead(outage):
    centre, store, line, _transport = outage
    deliver(line, directly(store), limit=MANY)
    centre.requests.clear()
    deliver(line, directly(store))
    assert [path for path, _seqs, _bare in sent(centre)] == [api.EVENTS]
    assert [path for _method, path, _body in centre.requests] == [api.ACKNOWLEDGEMENT, api.EVENTS]


def test_a_lost_reply_sends_nothing_twice(outage):
    centre, store, line, transport = outage
    transport.lost = 1
    done = deliver(line, directly(store), limit=100)
    assert (done.sent, done.acknowledged) == (100, 100)
    deliver(line, directly(store))
    assert [seqs for path, seqs, _bare in sent(centre) if path == api.URGENT] == [URGENT]
    assert lost_and_doubled(centre, store) == (0, 0)
    assert None not in centre.booths[BOOTH].bodies.values()


def test_what_the_centre_lost_meanwhile_it_gets_as_a_late_body(outage):
    centre, store, line, _transport = outage
    real = centre._take

    def forgetful(booth, known, batch):
        known.early.clear()
        real(booth, known, batch)

    centre._take = forgetful
    done = deliver(line, directly(store))
    assert (done.waiting, done.wanted, done.bodies) == (0, 0, len(URGENT))
    assert None not in centre.booths[BOOTH].bodies.values()


@pytest.mark.parametrize("status", [404, 409, 422, 500])
def test_a_centre_that_takes_none_of_it_gets_the_chain_all_the_same(outage, status):
    centre, store, line, _transport = outage
    centre.override[api.URGENT] = (status, {"Content-Type": "text/plain"}, b"no")
    done = deliver(line, directly(store))
    assert (done.waiting, done.wanted) == (0, 0)
    assert lost_and_doubled(centre, store) == (0, 0)


def test_a_centre_that_keeps_none_is_asked_once(outage):
    centre, store, line, transport = outage
    centre._take_early = lambda _known, _batch: None
    assert deliver(line, directly(store)).waiting == 0
    assert transport.urgent == 1


def test_what_another_booth_has_early_is_not_believed(outage):
    centre, store, line, _transport = outage
    centre.override[api.URGENT] = _ok(state(Early("booth-2", tuple(range(1, 800)), centre.clock.now()), centre.key))
    assert deliver(line, directly(store)).waiting == 0
    assert [bare for _path, _seqs, bare in sent(centre)] == [[]] * len(sent(centre))


def test_more_than_a_batch_of_it_goes_in_as_many_as_it_takes():
    centre = FakeCentre()
    with stored() as store:
        with store.transaction():
            for number in range(400):
                one_encounter(store, f"e-{number}", "refer", "refer", note=f"{number * 7919**5:x}" * 6)
        centre.know(BOOTH, store.identity.public_key)
        transport = Losing(centre)
        line = Line(centre.enrolled(URL), store.identity, OffClock(), transport)  # type: ignore[arg-type]
        assert deliver(line, directly(store)).waiting == 0
        early = [seqs for path, seqs, _bare in sent(centre) if path == api.URGENT]
        assert len(early) == transport.urgent > 1
        assert sorted(seq for seqs in early for seq in seqs) == [n for n in range(1, 751) if n % 3 != 1]
        assert lost_and_doubled(centre, store) == (0, 0)
        assert None not in centre.booths[BOOTH].bodies.values()


def test_no_more_goes_ahead_than_the_centre_keeps(outage, monkeypatch):
    centre, store, line, _transport = outage
    monkeypatch.setattr("checkpoint_app.sync.deliver.MOST_EARLY", 3)
    deliver(line, directly(store), limit=100)
    deliver(line, directly(store), limit=100)
    assert [seqs for path, seqs, _bare in sent(centre) if path == api.URGENT] == [URGENT[:3]]
    assert deliver(line, directly(store)).waiting == 0
    assert lost_and_doubled(centre, store) == (0, 0)


def test_new_plain_events_make_nothing_urgent():
    centre = FakeCentre()
    with stored(MANY) as store:
        centre.know(BOOTH, store.identity.public_key)
        line = Line(centre.enrolled(URL), store.identity, OffClock(), Losing(centre))  # type: ignore[arg-type]
        write_events(store, 3)
        assert deliver(line, directly(store)).waiting == 0
        assert {path for path, _seqs, _bare in sent(centre)} == {api.EVENTS}
