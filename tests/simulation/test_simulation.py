"""Seeds played one after the other: after each step every invariant holds, and at rest nothing is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.options import LONG as LONG_CAMPAIGN
from tests.simulation.campaign import LONG, SHORT, Played, play, shortest
from tests.simulation.conftest import RUNS
from tests.simulation.template import Template

SEEDS = {"short": 30, "long": 10_000}
AT_ONCE = {"short": 15, "long": 50}
STEPS = {"short": SHORT, "long": LONG}
FIRST_LONG = 1_000
"""The long campaign plays other seeds than the short one."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a handful of seeds."""
    if "seeds" in metafunc.fixturenames:
        config = metafunc.config
        size, one = config.getoption("campaign", "short"), config.getoption("seed", None)
        steps = config.getoption("steps", None) or STEPS[size]
        first = FIRST_LONG if size == LONG_CAMPAIGN else 0
        groups = [range(one, one + 1)] if one is not None else _groups(first, SEEDS[size], AT_ONCE[size])
        metafunc.parametrize(("seeds", "steps"), [(seeds, steps) for seeds in groups], ids=_name)


def _groups(first: int, count: int, size: int) -> list[range]:
    return [range(begin, begin + size) for begin in range(first, first + count, size)]


def _name(value: object) -> str:
    return f"{value[0]}-{value[-1]}" if isinstance(value, range) else f"{value}-steps"


@pytest.mark.timeout(1800)
def test_whatever_happens_each_invariant_holds(
    seeds: range, steps: int, beginning: Template, record_property: Callable[[str, object], None]
) -> None:
    played = [play(beginning, seed, steps) for seed in seeds]
    record_property(RUNS, [one.row() for one in played])
    failed = [one for one in played if one.error is not None]
    assert not failed, _findings(beginning, failed)


def _findings(beginning: Template, failed: list[Played]) -> str:
    told = shortest(beginning, failed[0]).tell()
    return told + (f"\n  and {len(failed) - 1} more: seeds {[one.seed for one in failed[1:]]}" if failed[1:] else "")


def test_a_seed_plays_the_same_again(beginning: Template) -> None:
    first, again = play(beginning, 7, 12), play(beginning, 7, 12)
    assert first.error is None
    assert first.trace == again.trace
    assert first.row() == again.row()


def test_seeds_play_differently(beginning: Template) -> None:
    assert play(beginning, 1, 6).trace != play(beginning, 2, 6).trace
