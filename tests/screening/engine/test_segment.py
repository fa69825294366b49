"""Segments: built once, loaded in place, refused when they are not whole."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from checkpoint_app.screening import (
    RecordError,
    SegmentError,
    build,
    build_segment,
    entry_digest,
    entry_from_plain,
    entry_to_plain,
    load,
)
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.numbers.build import blocks_of
from tests.screening.engine.helpers import CALIBRATION, KNOWN, entry, known_list, loaded, strangers
from tests.screening.engine.test_search import ENTRIES

PLAIN = [entry_to_plain(e) for e in (*KNOWN, *strangers(40))]


def test_building_twice_gives_the_same_bytes() -> None:
    assert list(build_segment("persons", PLAIN, CALIBRATION)) == list(build_segment("persons", PLAIN, CALIBRATION))


def test_a_segment_loads_from_memory_views_without_a_copy() -> None:
    sections = {name: memoryview(data) for name, data in build_segment("persons", PLAIN, CALIBRATION)}
    persons = load("persons", sections)
    assert np.shares_memory(persons.index.arrays.token_numbers, np.frombuffer(sections["token.numbers"], np.uint32))
    assert len(persons) == len(PLAIN)
    assert persons.calibration == CALIBRATION


@given(ENTRIES)
@settings(max_examples=60, deadline=None)
def test_every_entry_comes_back_as_it_was(entries: list[Entry]) -> None:
    persons = loaded(entries)
    back = [persons.entry(person) for person in range(len(persons))]
    assert sorted(back, key=repr) == sorted(entries, key=repr)


def test_persons_stand_in_birth_date_order_with_the_flexible_first() -> None:
    births = known_list().index.arrays.person_birth
    assert (np.diff(births) >= 0).all()
    assert (births[: known_list().index.flexible] <= 0).all()
    assert (births[known_list().index.flexible :] > 0).all()


def test_a_list_of_nobody() -> None:
    nobody = loaded([])
    assert (
        nobody.screen(Subject("ERIKSON", "ANA", birth="740812", document_number="X1", sex="F", nationality="D")) == ()
    )
    assert loaded([], None).threshold > 0


def test_the_digest_is_of_the_canonical_entry() -> None:
    first = KNOWN[0]
    found = known_list().screen(Subject("ERIKSON", "ANA MARIA", birth="740812"))[0]
    assert found.entry_digest == entry_digest(first)
    assert entry_digest(first) != entry_digest(entry(first.id, "ERIKSON", "Ana María", "1974-08-13"))
    assert entry_digest(entry_from_plain(json.loads(json.dumps(entry_to_plain(first))))) == entry_digest(first)


@pytest.mark.parametrize("kind", ["persons", "documents"])
def test_a_segment_that_is_not_whole_is_refused(kind: str) -> None:
    records = PLAIN if kind == "persons" else blocks_of([{"number": "A1", "issuer": "D", "category": "lost"}])
    sections = dict(build_segment(kind, records, CALIBRATION))
    for name in sections:
        with pytest.raises(SegmentError, match="build it again"):
            load(kind, {key: data for key, data in sections.items() if key != name})
    other = json.dumps(json.loads(sections["meta"]) | {"engine": "screening/0"}).encode()
    with pytest.raises(SegmentError, match="screening/0"):
        load(kind, sections | {"meta": other})


def test_a_calibration_by_another_engine_is_refused() -> None:
    with pytest.raises(SegmentError, match=r"screening/0.*publish it again"):
        list(build_segment("persons", PLAIN, replace(CALIBRATION, engine="screening/0")))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SegmentError, match="expected persons or documents"):
        list(build_segment("cargo", []))
    with pytest.raises(SegmentError, match="expected persons or documents"):
        load("cargo", {})


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "without an id"),
        ({"id": 7}, "id: expected a text"),
        ({"id": "x", "sex": "M" * 5000}, "sex: expected a text"),
        ({"id": "x", "names": {}}, None),
        ({"id": "x", "names": "ANA"}, "names: expected a list"),
        ({"id": "x", "names": ["ANA"]}, "names: expected a list of objects"),
        ({"id": "x", "names": [{"family": "A", "quality": "good"}]}, "quality: expected one of strong, weak"),
        ({"id": "x", "nationalities": ["D"] * 201}, "nationalities: expected a list of at most 200"),
        ({"id": "x", "birth_place": "\ud800"}, "birth_place: holds half a character"),
        ({"id": "x", "sex": None, "birth_dates": [{"first": "soon"}]}, None),
    ],
)
def test_a_record_that_is_not_right_is_named_by_its_number(record: dict[str, object], words: str | None) -> None:
    build = build_segment("persons", [{"id": "first"}, record], CALIBRATION)
    if words is None:
        assert dict(build)
        return
    with pytest.raises(RecordError, match=rf"record 2: .*{words}"):
        list(build)


def test_a_list_of_too_many_nationalities_is_refused_and_a_full_table_still_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(build, "MAX_STATES", 3)  # the empty one among them
    entries = [entry(code, "MUSTER", "KLARA", state=code) for code in ("CHL", "PER")]
    full = loaded([*entries, entry("again", "MUSTER", "ANA", state="CHL")])
    assert full.index.states == ["", "CHL", "PER"]
    with pytest.raises(RecordError, match="too many different codes"):
        loaded([*entries, entry("third", "MUSTER", "ANA", state="BOL")])
