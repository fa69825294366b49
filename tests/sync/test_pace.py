"""How the line stands and when it is tried again."""

import random
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from checkpoint_app.sync.errors import LineCode
from checkpoint_app.sync.pace import FIRST_PAUSE_S, LONGEST_PAUSE_S, LineState, Pace, Standing
from tests.sync.fake_centre import NOW


class TestClock:
    """A clock that the test moves; the wall clock apart from the monotonic one."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds = 0.0
        self.jump = timedelta()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds) + self.jump

    def monotonic(self) -> float:
        return self.seconds


def pace(seed: int = 0) -> tuple[TestClock, Pace]:
    clock = TestClock()
    return clock, Pace(clock, random.Random(seed))


def test_before_the_first_try_nothing_is_known_and_nothing_is_waited_for():
    _clock, line = pace()
    assert line.state == LineState(Standing.NONE, None, "", None)
    assert line.wait_s == 0
    assert line.state.state == "none"


def test_a_failure_tells_since_when_why_and_when_it_is_tried_again():
    clock, line = pace()
    line.failed(LineCode.REFUSED)
    first = line.state
    assert (first.state, first.since, first.reason) == (Standing.DOWN, NOW, "refused")
    assert first.retry_at == NOW + timedelta(seconds=line.wait_s)
    clock.seconds = 60
    line.failed(LineCode.TIMED_OUT)
    assert (line.state.since, line.state.reason) == (NOW, "timed_out")


def test_pauses_double_up_to_five_minutes_with_jitter():
    clock, line = pace()
    pauses = []
    for _ in range(12):
        line.failed(LineCode.REFUSED)
        pauses.append(line.wait_s)
        clock.seconds += line.wait_s
    for number, pause in enumerate(pauses):
        whole = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**number)
        assert 0.75 * whole <= pause <= whole
    assert len({round(pause / LONGEST_PAUSE_S, 6) for pause in pauses[-4:]}) == 4


def test_success_begins_the_pauses_anew():
    _clock, line = pace()
    for _ in range(6):
        line.failed(LineCode.REFUSED)
    line.succeeded()
    assert line.state == LineState(Standing.UP, NOW)
    assert line.wait_s == 0
    line.failed(LineCode.REFUSED)
    assert line.wait_s <= FIRST_PAUSE_S


def test_the_line_is_up_since_it_came_up():
    clock, line = pace()
    line.succeeded()
    clock.seconds = 100
    line.succeeded()
    assert line.state.since == NOW


def test_waking_tries_now_and_keeps_what_is_shown():
    _clock, line = pace()
    for _ in range(6):
        line.failed(LineCode.REFUSED)
    shown = line.state
    line.wake()
    assert line.wait_s == 0
    assert line.state == shown
    line.failed(LineCode.REFUSED)
    assert line.wait_s <= FIRST_PAUSE_S


@given(jump=st.timedeltas(timedelta(days=-999), timedelta(days=999)))
def test_a_wall_clock_that_jumps_neither_delays_nor_hastens_the_next_try(jump):
    clock, line = pace()
    line.failed(LineCode.REFUSED)
    before = line.wait_s
    clock.jump = jump
    assert line.wait_s == before


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order, the state is one that the screen can show."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.line = pace(1)
        self.fails = 0

    @rule()
    def succeed(self) -> None:
        self.line.succeeded()
        self.fails = 0

    @rule(code=st.sampled_from(LineCode))
    def fail(self, code: LineCode) -> None:
        self.line.failed(code)
        self.fails += 1
        assert self.line.state.reason == code.value
        assert self.line.wait_s >= 0.75 * min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self.fails - 1))

    @rule()
    def wake(self) -> None:
        self.line.wake()
        self.fails = 0

    @rule(seconds=st.floats(0, 1000))
    def wait(self, seconds: float) -> None:
        self.clock.seconds += seconds

    @invariant()
    def it_can_be_shown(self) -> None:
        state = self.line.state
        assert 0 <= self.line.wait_s <= LONGEST_PAUSE_S
        assert (state.state is Standing.DOWN) == bool(state.reason) == (state.retry_at is not None)
        assert (state.since is None) == (state.state is Standing.NONE)
        if state.since is not None:
            assert state.since <= self.clock.now()


TestAnyOrder = AnyOrder.TestCase
