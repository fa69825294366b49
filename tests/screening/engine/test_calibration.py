"""Calibration: deterministic, honest about what it measured, and without anything personal."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from checkpoint_app.screening import Calibration, CalibrationError, build_segment, calibrate, entry_to_plain, load
from checkpoint_app.screening.calibrate import (
    FALSE_HITS_PER_10000,
    LEAST_THRESHOLD,
    QUICK_TRAVELLERS,
    TRAVELLERS,
    TravellerMaker,
)
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import Entry, Subject
from tests.screening.engine.helpers import CALIBRATION, KNOWN, entry, known_list, loaded, strangers

ENTRIES = [*KNOWN, *strangers(400)]
calibrating = sys.modules["checkpoint_app.screening.calibrate"]  # of that name the package has a function


def test_it_is_deterministic_and_follows_its_seed() -> None:
    one = calibrate(ENTRIES, travellers=300)
    assert one == calibrate(ENTRIES, travellers=300)
    assert (one.engine, one.persons, one.travellers, one.promised) == (ENGINE, len(ENTRIES), 300, 1000)
    assert (one.seed, calibrate(ENTRIES, travellers=300, seed=2).seed) == (1, 2)


def test_what_a_list_gets_that_says_nothing_else() -> None:
    """Lists are compared by these: another default is another scale."""
    assert (FALSE_HITS_PER_10000, TRAVELLERS, QUICK_TRAVELLERS, LEAST_THRESHOLD) == (10.0, 30_000, 5_000, 5_000)


def test_the_promise_is_kept_on_its_own_travellers() -> None:
    for rate in (10.0, 100.0, 1000.0):
        made = calibrate(ENTRIES, travellers=200, false_hits_per_10000=rate)
        assert made.expected <= made.promised == round(rate * 100)
    strict, lax = (calibrate(ENTRIES, travellers=200, false_hits_per_10000=rate) for rate in (10.0, 2000.0))
    assert strict.threshold > lax.threshold >= LEAST_THRESHOLD


def test_travellers_are_made_of_the_list_without_its_persons() -> None:
    index = known_list().index
    maker = TravellerMaker(index, 7)
    for _ in range(200):
        subject, givers = maker.traveller()
        assert subject.family_name or subject.given_names
        assert 1 <= len(givers) <= 2
        assert len(subject.birth) == 6
        assert subject.sex in {"M", "F"}


def test_travellers_of_persons_without_sex_have_either() -> None:
    index = loaded([entry(f"N{n}", f"MUSTER{n}", "KLARA", "1970-01-01") for n in range(20)]).index
    maker = TravellerMaker(index, 7)
    assert {maker.traveller()[0].sex for _ in range(60)} == {"M", "F"}


def test_travellers_after_persons_of_one_name_have_one_name() -> None:
    maker = TravellerMaker(loaded([entry(f"N{n}", "SUHARYANTO", born="1970-01-01") for n in range(20)]).index, 7)
    assert {(s.family_name, s.given_names) for s, _ in (maker.traveller() for _ in range(20))} == {("SUHARYANTO", "")}


def test_a_list_too_small_to_be_measured_has_the_least_threshold() -> None:
    for entries in ([], [Entry("NAMELESS", "Person", ())], [entry("A", "ERIKSON", "ANA")]):
        made = calibrate(entries, travellers=50)
        assert made.threshold == LEAST_THRESHOLD
        assert made.expected == 0
        assert made.travellers == (50 if entries and entries[0].names else 0)


def crowded() -> list[Entry]:
    """A list on which all of one people have the same birthday, which their names do not tell."""
    birthdays = (
        ("CHN", lambda _: "1960-01-02"),
        ("POL", lambda n: f"{1950 + n % 40}-{1 + n % 12:02d}-{1 + n % 28:02d}"),
    )
    return [
        entry(f"{state}{n}", _word(n % 40) + state, _word(n % 31) + state, birthday(n), "M", state)
        for state, birthday in birthdays
        for n in range(600)
    ]


def _word(number: int) -> str:
    return "".join("BCDFGHKLMNPRSTVZ"[number // 16**place % 16] + "AEIOU"[place] for place in range(3))


def test_a_people_whose_names_coincide_more_often_is_not_held_more_often() -> None:
    made = calibrate(crowded(), travellers=3_000, false_hits_per_10000=300)
    assert made.offset("CHN") > 0 > made.offset("POL")
    assert made.expected <= made.promised
    persons = load("persons", dict(build_segment("persons", map(entry_to_plain, crowded()), made)))
    level = load("persons", dict(build_segment("persons", map(entry_to_plain, crowded()), replace(made, offsets=()))))
    wang = Subject(f"{_word(3)}CHN", f"{_word(3)}CHN", birth="600102", nationality="CHN")
    other = replace(wang, nationality="")
    assert persons.screen(wang)[0].score == level.screen(wang)[0].score - made.offset("CHN")
    assert persons.screen(other)[0].score == level.screen(other)[0].score
    hits = {one.entry_id for one in level.screen(wang, 50) if one.score - made.offset("CHN") >= made.threshold}
    assert {one.entry_id for one in persons.screen(wang, 50, hits_only=True)} == hits


def test_few_travellers_tell_nothing_of_peoples() -> None:
    assert calibrate(crowded(), travellers=500).offsets == ()


def test_a_segment_without_one_gets_a_quick_one() -> None:
    plain = [entry_to_plain(e) for e in strangers(50)]
    quick = load("persons", dict(build_segment("persons", plain))).calibration
    assert quick.travellers == QUICK_TRAVELLERS
    assert quick.threshold >= LEAST_THRESHOLD


def test_plain_form_and_back() -> None:
    plain = CALIBRATION.to_plain()
    assert Calibration.from_plain(json.loads(json.dumps(plain))) == CALIBRATION
    assert all(isinstance(value, int) for key, value in plain.items() if key != "engine")
    uneven = replace(CALIBRATION, offsets=(("CHN", 1500), ("D", -200)))
    assert uneven.to_plain() == plain | {"offset.CHN": 1500, "offset.D": -200}
    assert Calibration.from_plain(uneven.to_plain()) == uneven
    assert [uneven.offset(state) for state in ("CHN", "D", "CHL", "")] == [1500, -200, 0, 0]
    wrong = ({}, plain | {"threshold": "9"}, plain | {"seed": True}, plain | {"engine": 1})
    for broken in (*wrong, plain | {"offset.CHN": 9_000}, plain | {"offset.CHN": "1"}):
        with pytest.raises(CalibrationError, match="not given as expected"):
            Calibration.from_plain(broken)


@pytest.mark.parametrize("wrong", [{"false_hits_per_10000": 0}, {"false_hits_per_10000": 10_000}, {"travellers": 0}])
def test_rates_that_are_none(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="the rate must lie between"):
        calibrate(ENTRIES, **wrong)


def test_a_short_list_allows_for_travellers_akin_to_nobody_on_it(monkeypatch) -> None:
    entries = strangers(400)
    short = calibrate(entries, travellers=2_000)
    monkeypatch.setattr(calibrating, "WHOLE_PEOPLES", 400)
    whole = calibrate(entries, travellers=2_000)
    assert short.threshold < whole.threshold
    assert short.expected <= short.promised == whole.promised


@pytest.mark.parametrize("threshold", [0, -1, 150_002])
def test_a_threshold_that_nobody_or_everybody_reaches_is_none(threshold: int) -> None:
    plain = CALIBRATION.to_plain() | {"threshold": threshold}
    with pytest.raises(CalibrationError):
        Calibration.from_plain(plain)
