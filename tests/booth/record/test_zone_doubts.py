"""Doubtful cells in the booth's terms: field, twin, whether a check digit can tell, what an eye compares at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.booth.record.encounter import no_document
from checkpoint_app.booth.record.zone_doubts import doubts_of, field_at, parts_of
from checkpoint_app.documents import Mrz, indistinguishable, parse_mrz
from tests.booth.states import NOW, mrz

PASSPORT = mrz(optional_data="ZE184226B")
CARD = parse_mrz(
    ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"), NOW.date()
)
VISA = parse_mrz(
    ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"), NOW.date()
)
LICENCE = parse_mrz(("AAA001D<<", "FACHE123456789012<<740812<<<<<", "MUSTER<<KLARA<<<<<<<<<<<<<<<<<"), NOW.date())


@pytest.mark.parametrize(
    ("zone", "cell", "field", "twin", "told"),
    [
        (PASSPORT, (1, 5), "document_number", "O", True),  # 0 in L898902C3
        (PASSPORT, (1, 8), "document_number", "", True),  # 3
        (PASSPORT, (1, 9), "document_number", "", True),  # its check digit
        (PASSPORT, (1, 35), "optional_data", "G", False),  # 6 or G: equal modulo 10
        (PASSPORT, (1, 19), "birth_date", "", True),
        (PASSPORT, (1, 43), "composite", "", True),
        (PASSPORT, (1, 10), "nationality", "", False),  # no digit covers it
        (PASSPORT, (1, 20), "sex", "", False),
        (PASSPORT, (0, 7), "family_name", "", False),  # I: 1 may not stand there
        (PASSPORT, (0, 8), "family_name", "<", False),  # K
        (PASSPORT, (0, 20), "given_names", "W", False),  # M
        (PASSPORT, (0, 0), "document_code", "", False),
        (CARD, (0, 5), "document_number", "0", True),  # D
        (CARD, (1, 29), "composite", "", True),
        (CARD, (2, 4), "family_name", "", False),
        (VISA, (1, 30), "optional_data", "", False),  # a visa's optional data have no digit
        (VISA, (1, 29), "optional_data", "2", False),
        (LICENCE, (1, 5), "document_number", "I", False),
        (LICENCE, (0, 3), "optional_data", "O", False),
    ],
)
def test_field_twin_and_whether_a_digit_can_tell(
    zone: Mrz, cell: tuple[int, int], field: str, twin: str, told: bool
) -> None:
    (doubt,) = doubts_of(zone, [cell])
    assert (doubt.field, doubt.twin, doubt.told) == (field, twin, told)
    assert doubt.read == zone.lines[cell[0]][cell[1]]
    assert field_at(zone, cell) == field


def test_a_twin_that_a_digit_cannot_tell_is_of_its_class() -> None:
    for zone in (PASSPORT, CARD, VISA, LICENCE):
        cells = [(line, at) for line, text in enumerate(zone.lines) for at in range(len(text))]
        for doubt in doubts_of(zone, cells):
            assert not (doubt.told and doubt.twin in indistinguishable(doubt.read))


def test_stretches_hold_what_an_eye_compares_at_once() -> None:
    first, second, third = parts_of(PASSPORT, [(1, 5), (0, 43), (1, 8), (1, 30)])
    assert (first.line, first.first, first.last) == (0, 34, 43)
    assert (second.line, second.first, second.last) == (1, 2, 11)
    assert [doubt.cell for doubt in second.doubts] == [(1, 5), (1, 8)]
    assert (third.first, third.last) == (25, 34)
    (short,) = parts_of(LICENCE, [(0, 8)])
    assert (short.first, short.last) == (0, 8)


ANYWHERE = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000))
CELLS = st.lists(ANYWHERE | st.tuples(st.integers(0, 2), st.integers(0, 43)))


@given(CELLS, st.sampled_from([PASSPORT, CARD, VISA, LICENCE, no_document()]))
def test_whatever_the_child_says_each_doubt_is_in_one_stretch(cells: list[tuple[int, int]], zone: Mrz) -> None:
    doubts = doubts_of(zone, cells)
    assert {doubt.cell for doubt in doubts} == {
        (line, at) for line, at in cells if line < len(zone.lines) and at < len(zone.lines[line])
    }
    parts = parts_of(zone, cells)
    assert [doubt for part in parts for doubt in part.doubts] == list(doubts)
    for part in parts:
        length = len(zone.lines[part.line])
        assert part.last - part.first + 1 == min(10, length)
        assert 0 <= part.first <= part.last < length
        assert all(part.first <= doubt.cell[1] <= part.last for doubt in part.doubts)
