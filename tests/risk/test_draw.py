import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.risk.draw import DrawFault, Drawn, Lot, audit, commit_of, draw, is_selected, new_seed, value_of

SEED = bytes(range(32))
LOT = Lot("EC-DEMO-01", "3", date(2026, 3, 10))
RATE = 100_000
COMMIT = commit_of(SEED)


def a_day(count=60):
    return [Drawn(number, COMMIT, RATE, draw(SEED, LOT, number, RATE)) for number in range(1, count + 1)]


@pytest.mark.data
def test_the_reference_vectors_are_met():
    file = Path(os.environ.get("CHECKPOINT_DATA", "missing")) / "risk" / "rules" / "draw_vectors.json"
    if not file.exists():
        pytest.skip("reference data not here: set CHECKPOINT_DATA to its folder")
    vectors = json.loads(file.read_text())["vectors"]
    assert sum(len(one["first"]) for one in vectors) == 80
    for one in vectors:
        seed = bytes.fromhex(one["seed_hex"])
        lot = Lot(one["post"], one["lane"], date.fromisoformat(one["day"]))
        assert commit_of(seed) == one["commit_hex"]
        for drawn in one["first"]:
            value = value_of(seed, lot, drawn["seq"])
            assert f"{value:016x}" == drawn["value_hex"]
            assert is_selected(value, round(one["rate"] * 1_000_000)) is drawn["selected"]


def test_a_value_depends_on_everything_that_it_is_of():
    values = {
        value_of(SEED, LOT, 1),
        value_of(SEED, LOT, 2),
        value_of(SEED, replace(LOT, post="EC-DEMO-02"), 1),
        value_of(SEED, replace(LOT, lane="3/cargo"), 1),
        value_of(SEED, replace(LOT, day=date(2026, 3, 11)), 1),
        value_of(new_seed(), LOT, 1),
    }
    assert len(values) == 6


@pytest.mark.parametrize(("rate", "expected"), [(0, 0), (1_000_000, 20_000)])
def test_nobody_or_everybody_is_drawn_at_the_ends(rate, expected):
    assert sum(draw(SEED, LOT, number, rate) for number in range(20_000)) == expected


def test_about_the_share_asked_for_is_drawn():
    assert 2_700 < sum(draw(SEED, LOT, number, 30_000) for number in range(100_000)) < 3_300


def test_a_day_that_was_drawn_rightly_holds():
    assert audit({COMMIT: SEED}, LOT, a_day()) == ()
    assert audit({COMMIT: SEED}, LOT, []) == ()


@given(st.integers(1, 60), st.sampled_from(["turn", "drop", "double", "leave", "recommit"]))
def test_every_tampering_with_a_day_is_found(number, how):
    day = a_day()
    one = day[number - 1]
    expected = {
        "turn": DrawFault("wrong", number),
        "drop": DrawFault("gap", number),
        "double": DrawFault("twice", number),
        "leave": DrawFault("undecided", number),
        "recommit": DrawFault("unrevealed", number),
    }[how]
    if how == "turn":
        day[number - 1] = replace(one, selected=not one.selected)
    elif how == "drop":
        del day[number - 1]
    elif how == "double":
        day.append(one)
    elif how == "leave":
        day[number - 1] = replace(one, decided=False)
    else:
        day[number - 1] = replace(one, commit="0" * 64)
    found = audit({COMMIT: SEED}, LOT, day)
    # The last number of a day leaves no gap behind it: the journal's own order shows that reading, not the lot.
    assert found == ((expected,) if (how, number) != ("drop", 60) else ())


def test_another_seed_than_the_one_committed_to_is_refused():
    assert audit({COMMIT: new_seed()}, LOT, a_day()) == (DrawFault("commit"),)


def test_a_day_with_two_seeds_is_drawn_by_both():
    other = new_seed()
    day = a_day(10) + [Drawn(n, commit_of(other), RATE, draw(other, LOT, n, RATE)) for n in range(11, 21)]
    assert audit({COMMIT: SEED, commit_of(other): other}, LOT, day) == ()
    assert audit({COMMIT: SEED}, LOT, day) == tuple(DrawFault("unrevealed", number) for number in range(11, 21))
