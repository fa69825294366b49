"""How far a list is: the rate is that of the last seconds, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.sync.bringing import LEAST_BETWEEN_S, WINDOW_S, Bringing, Meter

MB = 1_000_000


class Watch:
    """A watch that stands until it is moved, and what was told."""

    def __init__(self, total: int = MB, done: int = 0) -> None:
        self.s = 100.0
        self.told: list[Bringing] = []
        self.meter = Meter("ECU", 7, total, done, self.told.append, lambda: self.s)

    def after(self, seconds: float, done: int) -> Bringing:
        self.s += seconds
        self.meter.at(done)
        return self.told[-1]


def test_at_first_nothing_is_known_of_the_rate() -> None:
    watch = Watch(done=400_000)
    assert watch.told == [Bringing("ECU", 7, 400_000, MB, 0.0, None)]
    assert watch.after(0.9, 407_200) == Bringing("ECU", 7, 407_200, MB, 0.0, None)


def test_what_was_here_before_is_not_in_the_rate() -> None:
    watch = Watch(done=400_000)
    told = watch.after(2, 416_000)
    assert (told.rate_bytes_s, told.left_s) == (8000.0, 584_000 / 8000)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    watch = Watch()
    for second in range(1, 21):
        watch.after(1, 20_000 * second)
    for second in range(1, int(WINDOW_S) + 1):
        told = watch.after(1, 400_000 + 2000 * second)
    assert told.rate_bytes_s == 2000.0
    assert told.left_s == (MB - 420_000) / 2000


def test_a_pause_counts() -> None:
    watch = Watch()
    watch.after(1, 8000)
    assert watch.after(60, 16_000).rate_bytes_s == pytest.approx(8000 / 60)


def test_words_come_no_faster_than_they_can_be_read_and_the_last_always() -> None:
    watch = Watch()
    for count in range(1, 1000):
        watch.after(LEAST_BETWEEN_S / 50, count)
    assert 20 <= len(watch.told) <= 21
    assert watch.after(0, MB).done == MB
    assert watch.after(1, MB) is watch.told[-1]


def test_what_begins_anew_is_told_as_it_is() -> None:
    watch = Watch()
    watch.after(5, 500_000)
    assert watch.after(1, 0) == Bringing("ECU", 7, 0, MB, 0.0, None)
    assert watch.after(2, 10_000).rate_bytes_s == 5000.0


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, MB)), max_size=200))
def test_whatever_comes_is_told_within_bounds(came: list[tuple[float, int]]) -> None:
    watch = Watch()
    for seconds, done in came:
        told = watch.after(seconds, done)
        assert 0 <= told.done <= told.total
        assert told.rate_bytes_s >= 0
        assert told.left_s is None or told.left_s >= 0
        assert len(watch.meter._points) <= WINDOW_S / LEAST_BETWEEN_S + 3
