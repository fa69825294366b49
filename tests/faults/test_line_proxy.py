"""A line that loses replies, halves them, delays, resets and hangs: 0 lost, 0 doubled, over real sockets and processes.

Invariant 2. The faults are seeded. The same check is held against centres whose guard against doubles is switched off:
a check that finds nothing there would find nothing here either.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from checkpoint_app.central import delivery, server
from checkpoint_app.central.centre import Centre
from checkpoint_app.sync.enrolled import Enrolled
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.transport import Received, Transport, pinned_context
from checkpoint_app.wire.api import EVENTS
from checkpoint_app.wire.batch import read_batch
from checkpoint_app.wire.event import GENESIS
from tests.faults.line_booth import LineBooth
from tests.faults.line_centre import LineCentre
from tests.faults.line_examine import examine_cases, examine_events, lost_and_doubled
from tests.faults.line_report import say
from tests.faults.template import FAMILY, GIVEN, STRANGER
from tests.store.helpers import nothing_in_clear
from tests.sync.proxy import Fault, Proxy, wait_until

EVENTS_IN_ALL = {"short": 250, "long": 10_000}
AT_ONCE = {"short": (10, 40), "long": (20, 90)}
PATIENCE_S = 1.0
DAYS = (-3, 3)


@dataclass
class Sent:
    """What a booth sent: batches, those whose reply was not heard, those that went again; and what failed, by word."""

    batches: int = 0
    unheard: int = 0
    again: int = 0
    last: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def watch(self, line: Line) -> None:
        """Take note of each batch that ``line`` sends; it goes again where it begins with an event sent before."""
        post = line.post_bytes

        def noting(cls: type, path: str, body: bytes, media_type: str, **how: Any) -> Any:
            if path != EVENTS:
                return post(cls, path, body, media_type, **how)
            seqs = [json.loads(one.header)["seq"] for one in read_batch(body).events]
            self.batches += 1
            self.again += seqs[0] <= self.last
            self.last = max(self.last, *seqs)
            try:
                return post(cls, path, body, media_type, **how)
            except LineError:
                self.unheard += 1
                raise

        line.post_bytes = noting  # type: ignore[method-assign]

    def take_again(self) -> int:
        """Return how many batches went again since the last time."""
        count, self.again = self.again, 0
        return count


class Halving(Proxy):
    """Cuts requests too: ``there`` more bytes pass to the centre, once; None: all."""

    there: int | None = None

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                if self.fault.mute:
                    continue
                if self.there is not None and self.there < len(data):
                    left, self.there = self.there, None
                    far.sendall(data[:left])
                    near.shutdown(socket.SHUT_RDWR)
                    break
                self.there = None if self.there is None else self.there - len(data)
                far.sendall(data)
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)


class Hasty(Transport):
    """Waits for nothing longer than a second, so that a line that hangs takes no minutes; notes what fails."""

    def __init__(self, enrolled: Enrolled, sent: Sent) -> None:
        super().__init__(enrolled.url, pinned_context(enrolled.anchors.ca))
        self._sent = sent

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, within_s: float) -> Received:
        try:
            return super().send(method, path, headers, body, min(within_s, PATIENCE_S))
        except LineError as error:
            self._sent.failed[error.code.value] += 1
            raise


@contextmanager
def behind(
    folder: Path, proxy_to: int, centre: LineCentre, days: int, seed: int
) -> Iterator[tuple[Halving, LineBooth, Sent]]:
    """Return a block with a booth that enrolled through a proxy before the port ``proxy_to``."""
    with closing(Halving(proxy_to)) as proxy:
        centre.url = f"https://127.0.0.1:{proxy.port}"
        centre.enrol(folder / "data")
        sent = Sent()
        with LineBooth(folder, seed, timedelta(days=days), lambda enrolled: Hasty(enrolled, sent)) as booth:
            sent.watch(booth.line)
            yield proxy, booth, sent


def faults(chance: random.Random) -> Iterator[Fault]:
    """Yield what goes wrong next, for ever: most of it in the replies of the delivery."""
    in_handshake, in_replies = (0, 2400), (2400, 6000)
    while True:
        at = chance.randrange(*(in_replies if chance.random() < 0.8 else in_handshake))
        yield chance.choices(
            [
                Fault(after=at),
                Fault(after=at, reset=True),
                Fault(after=at, hang=True),
                Fault(delay_s=chance.choice((0.01, 0.05))),
                Fault(drip_s=0.0003, drip_after=in_replies[0]),
                Fault(mute=True),
                Fault(),
            ],
            weights=[8, 8, 1, 3, 2, 0.5, 2],
        )[0]


@pytest.mark.timeout(900)
def test_under_a_proxy_that_misbehaves_nothing_is_lost_and_nothing_doubled(
    long_campaign: bool, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    size, began, chance = "long" if long_campaign else "short", time.monotonic(), random.Random(7)
    count = EVENTS_IN_ALL[size]
    centre = LineCentre(tmp_path / "centre")
    with closing(centre):
        centre.start()
        with behind(tmp_path / "booth", centre.port, centre, DAYS[not long_campaign], seed=7) as (proxy, booth, sent):
            misbehaving, turns, own, asked = faults(chance), 0, 0, 0
            while booth.store.journal.head().seq < count:
                turns += 1
                booth.many(chance.randint(*AT_ONCE[size]))
                booth.some()
                # a line that is kept and the next one or two; so the acknowledgement that is read anew comes through
                hit = range(proxy.connections, proxy.connections + chance.randint(1, 3))
                proxy.fault = replace(next(misbehaving), connections=hit)
                proxy.there = chance.randrange(200, 8000) if chance.random() < 0.5 else None
                booth.round() if turns % 4 == 0 else booth.deliver()
                own += sent.take_again()
                if turns % 3 == 0:
                    booth.repeat()
                    asked += sent.take_again()
            proxy.fault, proxy.there = Fault(), None
            assert wait_until(lambda: _rests(booth, centre.centre), 60)
            examine_events(centre.centre, booth.store)
            examine_cases(centre.centre, booth.store)
            assert abs(booth.line.time_off() - timedelta(days=DAYS[not long_campaign])) < timedelta(seconds=10)
            head = booth.store.journal.head().seq
            words = (
                f"{head} events through {turns} faults in {time.monotonic() - began:.1f} s: 0 lost, 0 doubled;"
                f" {sent.batches} batches, {sent.unheard} of them unheard, {own} sent again by the booth,"
                f" {asked} by the test; requests failed: {dict(sent.failed)}"
            )
    names = (FAMILY, *GIVEN.split(), STRANGER)
    nothing_in_clear(tmp_path, *names)
    assert not [name for name in names if name.lower() in "".join(centre.said).lower()]
    assert head >= count
    assert own or not long_campaign
    assert asked > 0
    say(pytestconfig, words)


def _rests(booth: LineBooth, centre: Centre) -> bool:
    """Tell whether all is delivered, screened and received; a small event wakes the screening."""
    done = booth.round()
    if done is None or done.delivered is None or done.delivered.waiting or done.delivered.wanted:
        return False
    try:
        examine_cases(centre, booth.store)
    except AssertionError:
        booth.tick()
        return False
    return booth.store.delivery.acknowledged() == booth.store.journal.head()


# -- the check itself -------------------------------------------------------------------------------------------------


def without_guards(centre: Centre, patch: pytest.MonkeyPatch) -> None:
    """Switch off what keeps events from being stored twice: the code's look, the chain's, the table's constraints."""
    patch.setattr(delivery, "_hashes", lambda *_: {0: GENESIS})
    patch.setattr(delivery, "_refuse_known_ids", lambda *_: None)
    patch.setattr(delivery, "_after", lambda head, one: replace(head, seq=one.seq, hash=one.hash))
    with centre.begin() as connection:
        for table in ("events", "bodies"):
            connection.execute(text(f"CREATE TABLE {table}_bare AS SELECT * FROM {table}"))
            connection.execute(text(f"DROP TABLE {table}"))
            connection.execute(text(f"ALTER TABLE {table}_bare RENAME TO {table}"))


def forgetting_one(_centre: Centre, patch: pytest.MonkeyPatch) -> None:
    """Let the centre acknowledge an event of each larger batch that it did not store."""
    insert = delivery._insert
    patch.setattr(delivery, "_insert", lambda *a: insert(*a[:-1], a[-1][:-1] if len(a[-1]) > 10 else a[-1]))


@pytest.mark.parametrize(("broken", "found"), [(without_guards, "doubled"), (forgetting_one, "lost")])
def test_a_centre_without_its_guards_is_found_out(
    broken: Callable[[Centre, pytest.MonkeyPatch], None], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = LineCentre(tmp_path / "centre")
    with closing(centre), server.running(centre.centre) as url:
        port = int(url.rpartition(":")[2])
        with behind(tmp_path / "booth", port, centre, 0, seed=3) as (proxy, booth, sent):
            booth.deliver()
            broken(centre.centre, monkeypatch)
            for _ in range(3):
                booth.many(40)
                proxy.fault = Fault(after=0, connections=range(proxy.connections, proxy.connections + 1))
                booth.deliver()
                proxy.fault = Fault()
                booth.deliver()
                booth.repeat()
            assert sent.again
            lost, doubled = lost_and_doubled(centre.centre, booth.store)
            assert (bool(lost), bool(doubled)) == (found == "lost", found == "doubled")
            with pytest.raises(AssertionError, match=found):
                examine_events(centre.centre, booth.store)
