"""A booth that was revoked, or whose place another machine took, enrols again: what was not delivered follows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta

import pytest

from checkpoint_app.central import alarms, audit, booths
from checkpoint_app.store import Store
from checkpoint_app.sync.deliver import Delivered, deliver
from checkpoint_app.sync.enrol import booth_keys, enrol
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire.enrolment import BoothState, EnrolmentCode
from checkpoint_app.wire.event import EventKind
from tests.central import line as central_line
from tests.central.helpers import POST, Clock
from tests.store.helpers import FakeClock
from tests.sync.helpers import directly, write_events
from tests.sync.test_line_central import PICTURE, new_store, stored

NAME = "losdemo-1"


class Machine:
    """A machine under the booth's name, with a store and keys of its own."""

    def __init__(self, real: central_line.Line, stack: ExitStack) -> None:
        self.real = real
        self.clock = FakeClock(real.clock.now(), step=timedelta(0))
        self.store: Store = stack.enter_context(new_store(NAME, self.clock))
        self.enrol()

    def enrol(self) -> None:
        """Enrol by a new code, and be confirmed."""
        code = EnrolmentCode.from_text(booths.new_code(self.real.centre, NAME, POST).to_text())
        print_ = booth_keys(self.store.identity).fingerprint
        confirming = threading.Thread(target=booths.confirm, args=(self.real.centre, NAME, print_))
        waits = confirming.start
        kept = enrol(self.real.url, code, directly(self.store), self.clock, wait_s=20, poll_s=0.05, waits=waits)
        confirming.join()
        assert kept.state is BoothState.CONFIRMED
        self.kept = kept

    def deliver(self) -> Delivered:
        with closing(Line(self.kept, self.store.identity, self.clock)) as line:
            return deliver(line, directly(self.store))

    def refused(self) -> LineCode:
        with pytest.raises(LineError) as caught:
            self.deliver()
        return caught.value.code

    @property
    def last(self) -> int:
        return self.store.journal.head().seq

    def picture(self) -> None:
        self.store.journal.append(EventKind.ENCOUNTER_PICTURE, PICTURE)


@pytest.fixture
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[central_line.Line]:
    with central_line.served(tmp_path_factory.mktemp("centre"), Clock()) as served:
        yield served


def sound(real: central_line.Line) -> bool:
    """Tell whether every chain holds, and nothing alarms."""
    with real.centre.begin() as connection:
        assert alarms.all(connection) == []
    return all(not one.fault for one in audit.chains(real.centre))


def test_a_revoked_booth_is_refused_and_delivers_all_once_it_is_enrolled_again(real: central_line.Line) -> None:
    with ExitStack() as stack:
        one = Machine(real, stack)
        write_events(one.store, 5)
        one.deliver()
        before = stored(real, NAME)
        booths.revoke(real.centre, NAME)
        write_events(one.store, 7)
        assert one.refused() is LineCode.BOOTH_REVOKED
        assert stored(real, NAME) == before
        assert one.store.delivery.outbox().count == 7
        one.enrol()
        done = one.deliver()
        assert (done.waiting, done.wanted) == (0, 0)
        assert stored(real, NAME) == list(range(1, one.last + 1))
        assert sound(real)


def test_a_machine_that_comes_back_goes_on_where_it_left_off(real: central_line.Line) -> None:
    with ExitStack() as stack:
        first = Machine(real, stack)
        write_events(first.store, 3)
        first.picture()
        with closing(Line(first.kept, first.store.identity, first.clock)) as line:
            deliver(line, directly(first.store), most_bodies=0)  # the picture is still owed
        delivered = first.last
        write_events(first.store, 6)  # never delivered: the machine breaks

        spare = Machine(real, stack)
        write_events(spare.store, 20)
        done = spare.deliver()
        assert (done.waiting, done.wanted, done.bodies) == (0, 0, 0)  # nothing of the other's is asked of it
        assert first.refused() is LineCode.TOKEN_REFUSED

        first.enrol()
        assert sound(real)
        done = first.deliver()
        assert (done.waiting, done.wanted, done.bodies) == (0, 0, 1)
        assert done.sent == first.last - delivered
        assert first.store.delivery.acknowledged() == first.store.journal.head()
        assert sorted(stored(real, NAME)) == sorted([*range(1, first.last + 1), *range(1, spare.last + 1)])
        assert spare.refused() is LineCode.TOKEN_REFUSED

        write_events(spare.store, 2)
        spare.enrol()
        assert spare.deliver().sent == 3  # with its enrolment
        assert sound(real)
