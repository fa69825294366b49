"""A line with nothing new: what a poll costs, above TLS, with the real centre; and what makes it ask again."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from checkpoint_app.central import booths, publishing
from checkpoint_app.store import Store
from checkpoint_app.sync.deliver import Delivered, deliver
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.sync.fetch import fetch_lists
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.round import run_round
from checkpoint_app.wire import api
from checkpoint_app.wire.enrolment import BoothKeys, BoothState, request_enrolment
from tests.central import line as central_line
from tests.central.helpers import POST, Clock
from tests.central.publishing_helpers import OWN, bring, bring_policy
from tests.store.helpers import FakeClock, create
from tests.sync.fake_centre import FakeCentre, served
from tests.sync.helpers import Signing, directly, lined, stored, write_events

MOST_IDLE_BYTES = 1000


class Tap:
    """Counts what the client's side of TLS sends and reads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent = self.read = 0
        send, recv_into = ssl.SSLSocket.send, ssl.SSLSocket.recv_into

        def counted_send(sock: ssl.SSLSocket, data: bytes, flags: int = 0) -> int:
            count = send(sock, data, flags)
            self.sent += 0 if sock.server_side else count
            return count

        def counted_read(sock: ssl.SSLSocket, buffer: bytearray, nbytes: int | None = None, flags: int = 0) -> int:
            count = recv_into(sock, buffer, nbytes, flags)
            self.read += 0 if sock.server_side else count
            return count

        monkeypatch.setattr(ssl.SSLSocket, "send", counted_send)
        monkeypatch.setattr(ssl.SSLSocket, "recv_into", counted_read)

    def take(self) -> int:
        """Return how many bytes there were since the last time."""
        count, self.sent, self.read = self.sent + self.read, 0, 0
        return count


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[tuple[Line, Store, Path]]:
    """A booth of a real centre that has brought its lists and delivered its events."""
    clock = Clock()
    own = FakeClock(clock.now(), step=timedelta(0))
    own.now = clock.now  # type: ignore[method-assign]
    with central_line.served(tmp_path, clock) as centre, create(tmp_path / "booth", own) as store:
        code = booths.new_code(centre.centre, "booth-1", POST)
        keys = BoothKeys("booth-1", store.identity.public_bytes, store.identity.exchange_public_bytes)
        booths.enrol(centre.centre, request_enrolment(code, keys))
        booths.confirm(centre.centre, "booth-1", keys.fingerprint)
        enrolled = Enrolled(centre.url, centre.anchors(), centre.audience, POST, clock.now(), BoothState.CONFIRMED)
        put_enrolled(store, enrolled)
        bring(centre.centre, OWN)
        bring_policy(centre.centre)
        publishing.publish(centre.centre)
        write_events(store, 3)
        line = Line(enrolled, store.identity, own)
        line.settled_s = 60.0
        done = run_round(line, directly(store), tmp_path / "inbox", tmp_path / "metadata", fetch_lists)
        assert done.faults == ()
        yield line, store, tmp_path
        line.close()


def test_a_poll_with_nothing_new_is_within_a_kilobyte(
    idle: tuple[Line, Store, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, store, folder = idle
    tap = Tap(monkeypatch)
    for _ in range(3):
        done = run_round(line, directly(store), folder / "inbox", folder / "metadata", None)
        assert done.faults == ()
        count = tap.take()
        assert 300 < count <= MOST_IDLE_BYTES


def test_the_centre_sends_metadata_compressed(idle: tuple[Line, Store, Path]) -> None:
    line, _store, folder = idle
    name = next((folder / "centre" / "repository" / "metadata").glob("*.ECU.json"))
    with line._ask("GET", api.METADATA + name.name, None, {"Accept-Encoding": "zstd"}, 10) as received:
        assert received.headers["content-encoding"] == "zstd"
        assert len(received.body(8192)) < name.stat().st_size
    assert b"".join(line.get_bytes(api.METADATA + name.name, 8192)) == name.read_bytes()


def test_a_settled_centre_is_not_asked_again_until_something_comes() -> None:
    centre = FakeCentre()
    with served(centre) as port, stored(3) as store:
        signing = Signing(store.identity.booth, store.identity.signing_key)
        with lined(centre, port, signing) as line:
            line.settled_s = 60.0
            assert deliver(line, directly(store)).sent == 3
            asked = len(centre.requests)
            assert deliver(line, directly(store), 1000, 0) == Delivered(0, 0, 3, 0, 0)
            assert len(centre.requests) == asked
            write_events(store, 1)
            assert deliver(line, directly(store)).sent == 1
            assert centre.requests[asked][:2] == ("GET", api.ACKNOWLEDGEMENT)
            assert line.settled is not None
            line.settled = replace(line.settled, until=monotonic())  # its time is over
            asked = len(centre.requests)
            deliver(line, directly(store))
            assert len(centre.requests) == asked + 1  # a centre that lost something is noticed


def test_a_centre_that_wants_bodies_or_has_less_is_not_settled() -> None:
    centre = FakeCentre()
    with served(centre) as port, stored(3) as store:
        signing = Signing(store.identity.booth, store.identity.signing_key)
        with lined(centre, port, signing) as line:
            line.settled_s = 60.0
            deliver(line, directly(store), 2)
            assert line.settled is None
            deliver(line, directly(store))
            assert line.settled is not None
            centre.booths[signing.booth].bodies[2] = None
            line.settled = None
            deliver(line, directly(store), None, 0)
            assert line.settled is None
