"""Trusted time under clocks that jump, stand still or lie, over restarts, to 2038 and beyond."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from checkpoint_app.booth.desk.clock import SystemClock
from checkpoint_app.store.errors import LeaseEndedError
from checkpoint_app.store.leases import Lease
from checkpoint_app.store.trusted_time import MachineClock, TrustedTime
from checkpoint_app.verdict import AgeStep, AgeSteps
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from tests.store.helpers import START, FakeClock, acknowledge_all, create, new_store, one_encounter, reopen

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
JUMPS = st.sampled_from((HOUR, DAY, 40 * DAY, YEAR, 20 * YEAR)).flatmap(lambda d: st.sampled_from((d, -d)))
AHEAD = st.integers(-100_000_000, 400_000_000).map(lambda s: timedelta(seconds=s))


class Meta:
    """As much of a database as trusted time needs."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    def value(self, _query: str, params: tuple[str, ...]) -> str | None:
        return self.rows.get(params[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.waiting: list[Callable[[], None]] = []
        yield
        for each in self.waiting:
            each()

    def execute(self, _query: str, params: tuple[str, str]) -> None:
        name, value = params
        self.rows[name] = max(value, self.rows.get(name, ""))

    def after_commit(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)


class Time(RuleBasedStateMachine):
    """A booth whose clock anybody may set, that is switched off and on, and hears signed moments in any order."""

    @initialize()
    def begin(self) -> None:
        self.clock, self.db = FakeClock(step=timedelta(0)), Meta()
        self.elapsed = 0.0  # of all runs
        self.heard: list[tuple[datetime, float]] = []  # moment, and when by ``elapsed``
        self.proofs: list[tuple[datetime, float]] = []  # of this run
        self.open()

    def open(self) -> None:
        self.time = TrustedTime(self.db, self.clock)  # type: ignore[arg-type]
        self.proofs = [(max(moment for moment, _at in self.heard), self.elapsed)] if self.heard else []
        self.before: datetime | None = None

    @rule(seconds=st.floats(0, 5_000_000))
    def runs(self, seconds: float) -> None:
        self.clock.ticks += seconds
        self.clock.time += timedelta(seconds=seconds)
        self.elapsed += seconds

    @rule(by=JUMPS)
    def jumps(self, by: timedelta) -> None:
        self.clock.time += by

    @rule(by=AHEAD)
    def hears(self, by: timedelta) -> None:
        self.see(START + by)

    @precondition(lambda self: self.heard)
    @rule(part=st.floats(0.1, 0.9), back=st.booleans())
    def hears_what_is_newer_and_proves_less(self, part: float, back: bool) -> None:
        latest = max(moment for moment, _at in self.heard)
        if back:
            self.clock.time = START - 20 * YEAR
        self.see(latest + part * (self.time.now() - latest))

    def see(self, moment: datetime) -> None:
        self.time.see(moment)
        self.heard.append((moment, self.elapsed))
        self.proofs.append((moment, self.elapsed))

    @rule(off=st.integers(0, 10**7), ticks=st.floats(0, 1000))
    def restarts(self, off: int, ticks: float) -> None:
        self.clock.time += timedelta(seconds=off)
        self.clock.ticks = ticks  # counted from the machine's start
        self.open()

    @invariant()
    def holds(self) -> None:
        now = self.time.now()
        if not self.heard:
            assert now == self.clock.time
            return
        latest = max(moment for moment, _at in self.heard)
        assert now >= latest
        assert self.time.seen == latest
        slack = timedelta(milliseconds=1)  # sums of fractions of a second
        for moment, at in self.proofs:
            assert now >= moment + timedelta(seconds=self.elapsed - at) - slack
        furthest = max(moment + timedelta(seconds=self.elapsed - at) for moment, at in self.heard)
        assert now <= max(self.clock.time, furthest) + slack
        # What is trusted without the wall clock never goes back within a run.
        assert self.before is None or max(now, self.before) - self.before >= timedelta(0)
        if self.clock.time <= now - slack:
            self.before = now


TestTime = Time.TestCase
TestTime.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


def test_a_moment_later_than_all_others_takes_nothing_from_what_was_carried_on() -> None:
    clock = FakeClock(step=timedelta(0))
    trusted = TrustedTime(Meta(), clock)  # type: ignore[arg-type]
    trusted.see(START + DAY)
    clock.ticks += 3600
    trusted.see(START + DAY + timedelta(minutes=30))
    assert trusted.now() == START + DAY + HOUR
    assert trusted.seen == START + DAY + timedelta(minutes=30)


def test_the_running_clock_goes_on_in_sleep() -> None:
    for clock in (MachineClock(), SystemClock()):
        before = clock.monotonic()
        assert abs(before - time.clock_gettime(time.CLOCK_BOOTTIME)) < 5
        assert clock.monotonic() >= before


@given(by=JUMPS, back=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_list_never_becomes_younger_than_the_latest_signed_moment_makes_it(by: timedelta, back: bool) -> None:
    clock, steps = FakeClock(step=timedelta(0)), AgeSteps()
    trusted = TrustedTime(Meta(), clock)  # type: ignore[arg-type]
    issued, heard = START - 8 * DAY, START
    trusted.see(heard)
    clock.time += by
    if back:
        clock.time -= by
    assert steps.step(issued, trusted.now()) is AgeStep.TOO_OLD


def test_a_lease_that_ended_never_comes_back_by_a_clock(tmp_path: Path) -> None:
    clock = FakeClock(step=timedelta(0))
    lease = Lease("ECU", "k-1", b"k" * 32, START + 14 * DAY)
    with create(tmp_path, clock) as store:
        store.leases.keep(lease)
        store.time.see(START + 13 * DAY)
        clock.time = START - YEAR
        assert store.leases.content_key("k-1") == lease.content_key
        clock.ticks += (DAY + HOUR).total_seconds()  # it runs on through the set-back clock
        with pytest.raises(LeaseEndedError):
            store.leases.content_key("k-1")
        assert store.leases.expire() == ["ECU"]
        clock.time = START
    with reopen(tmp_path, clock) as store:
        with pytest.raises(LeaseEndedError):
            store.leases.content_key("k-1")
        store.leases.keep(Lease("ECU", "k-1", b"k" * 32, START + 30 * DAY))  # the next grants cure it
        assert store.leases.content_key("k-1") == lease.content_key


def test_a_clock_that_once_stood_in_the_future_locks_nobody_out(tmp_path: Path) -> None:
    clock = FakeClock(step=timedelta(0))
    with create(tmp_path, clock) as store:
        store.time.see(START)
        clock.time = START + 20 * YEAR
        store.journal.append(EventKind.STARTED, {})
        store.leases.renewed(store.time.now())
        assert store.time.now() == START + 20 * YEAR
        clock.time = START + HOUR
        assert store.time.now() == START + HOUR
    with reopen(tmp_path, clock) as store:
        assert store.time.now() == START + HOUR
        assert store.journal.append(EventKind.STARTED, {}).header.trusted_time == START


@pytest.mark.parametrize("jump", [-20 * YEAR, -DAY, DAY, 20 * YEAR])
def test_nothing_is_forgotten_early_by_a_clock_that_jumps(tmp_path: Path, jump: timedelta) -> None:
    clock = FakeClock(step=timedelta(0))
    keep = 30 * DAY
    with new_store(tmp_path, clock) as store:
        one_encounter(store, "a")
        acknowledge_all(store)
        store.time.see(START + DAY)
        clock.time = START + DAY + jump
        assert store.delivery.forget(store.time.wall(), keep) == 0
        clock.time = START + 32 * DAY
        store.time.see(START + 32 * DAY)
        assert store.delivery.forget(store.time.wall(), keep) == 3


# -- beyond 2038 -------------------------------------------------------------------------------------------------------
LATE = [
    datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2100, 3, 1, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", LATE, ids=str)
def test_the_store_works_beyond_2038(tmp_path: Path, moment: datetime) -> None:
    clock = FakeClock(time=moment, step=timedelta(0))
    with create(tmp_path, clock) as store:
        store.time.see(moment)
        event = store.journal.append(EventKind.STARTED, {})
        assert (event.header.wall_time, event.header.trusted_time) == (moment, moment)
        store.leases.keep(Lease("ECU", "k-1", b"k" * 32, moment + 14 * DAY))
        assert set(store.leases.held()) == {"k-1"}
        assert from_plain(datetime, to_plain(moment)) == moment
        clock.time += 15 * DAY
        assert store.leases.held() == {}
    with reopen(tmp_path, clock) as store:
        assert store.journal.verify().head.seq == 1
        assert store.time.seen == moment


@pytest.mark.parametrize(
    "odd",
    [
        "2016-12-31T23:59:60.000000Z",  # a leap second
        "2016-12-31T23:59:60Z",
        "2017-02-29T00:00:00.000000Z",
        "2026-11-24T24:00:00.000000Z",
        "2026-11-24T08:00:00.000000+00:00",
        "2026-11-24T08:00:00.000000",
        "0000-01-01T00:00:00.000000Z",
        "10000-01-01T00:00:00.000000Z",
        "+12026-11-24T08:00:00.000000Z",
    ],
)
def test_a_moment_from_outside_that_is_none_is_refused(odd: Any) -> None:
    with pytest.raises(PlainError):
        from_plain(datetime, odd)


def test_texts_of_moments_sort_as_the_moments_do() -> None:
    moments = sorted([*LATE, START, datetime(1999, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
    assert sorted(to_plain(moment) for moment in moments) == [to_plain(moment) for moment in moments]
