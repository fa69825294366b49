"""Of a list in layers only what is new is searched, where that is known to be all that can be found anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.cases.late_hits import may_be_listed
from checkpoint_app.booth.cases.rescreening import Added, Held, Versions
from checkpoint_app.documents import PartialDate, parse_mrz
from checkpoint_app.screening import Calibration, build_segment, entry_to_plain, load
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.layers import LayeredPersons, build_delta, load_delta
from checkpoint_app.store.rescreened import Pass, Passed
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from tests.booth import states
from tests.booth.cases.test_rescreening import CLEAR, KLARA
from tests.booth.helpers import ERIKSON, OTHERS, THRESHOLD

CALIBRATION = Calibration(ENGINE, THRESHOLD, 1000, 1000, 1000, 51, 1)
ANA = states.zone(family_name="ERIKSON", given_names="ANA MARIA", birth_date=PartialDate("740821"), nationality="ECU")


def passed(lines: tuple[str, ...], seq: int = 5) -> Passed:
    document = to_plain(parse_mrz(lines, states.NOW.date()).document)
    return Passed("e-1", seq, canonical_bytes(document).decode())


def loaded(persons: object, version: int) -> LoadedList:
    return LoadedList("persons", states.source(version=version), persons=persons)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def base():
    sections = dict(build_segment("persons", map(entry_to_plain, (*OTHERS, ERIKSON)), CALIBRATION))
    return load("persons", sections)


def delta(base, *entries, calibration=CALIBRATION):
    return load_delta(dict(build_delta(map(entry_to_plain, entries), (), calibration)), base)


def test_what_a_delta_brought_is_found_and_the_rest_is_not_searched_again(base):
    versions = Versions()
    assert versions.held(loaded(base, 1)).added is None
    held = versions.held(loaded(LayeredPersons(base, [delta(base, KLARA)]), 2))
    assert held.added is not None
    assert held.added.since == 1
    whole = Pass("ECU", 2, newest=9, oldest=9, base=1, base_newest=9)
    assert held.may_name(passed(CLEAR), whole)
    assert not held.may_name(passed(ANA), whole)  # version 1 was held against her
    assert held.may_name(passed(ANA, seq=9), whole)  # she came after that
    assert held.may_name(passed(ANA), replace(whole, base=0))  # version 1 was never held whole


def test_what_can_find_more_than_the_new_entries_is_searched_whole(base):
    lower = replace(CALIBRATION, threshold=THRESHOLD - 1)
    kinder = replace(CALIBRATION, offsets=(("UTO", -5),))
    stricter = replace(CALIBRATION, threshold=THRESHOLD + 1, offsets=(("UTO", 5),))
    for calibration, whole in ((lower, True), (kinder, True), (stricter, False)):
        versions = Versions()
        versions.held(loaded(base, 1))
        held = versions.held(loaded(LayeredPersons(base, [delta(base, KLARA, calibration=calibration)]), 2))
        assert (held.added is None) is whole


def test_layers_that_were_joined_are_told_from_new_ones(base):
    versions, first = Versions(), delta(base, KLARA)
    versions.held(loaded(base, 1))
    versions.held(loaded(LayeredPersons(base, [first, first]), 2))
    versions.held(loaded(LayeredPersons(base, [first]), 2))  # joined
    held = versions.held(loaded(LayeredPersons(base, [first, delta(base, replace(ERIKSON, remarks="new"))]), 3))
    assert held.added is not None
    assert len(held.added.persons._layers) == 1  # type: ignore[attr-defined]
    other = load("persons", dict(build_segment("persons", map(entry_to_plain, OTHERS), CALIBRATION)))
    assert versions.held(loaded(LayeredPersons(other, [delta(other, KLARA)]), 4)).added is None


def test_a_document_that_cannot_be_read_is_looked_at_closely(base):
    assert may_be_listed("{}", base, None)
    assert may_be_listed("[", base, None)
    assert Held(loaded(base, 1), Added(1, base)).may_name(Passed("e", 1, "{}"), Pass("ECU", 1, 1, 1))
