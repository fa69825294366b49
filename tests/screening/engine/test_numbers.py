"""Lists of lost, stolen, blank, revoked and void document numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.screening import (
    DocumentList,
    ListedMatch,
    RecordError,
    build_segment,
    load,
    number_from_plain,
    number_to_plain,
)
from checkpoint_app.screening.entry import DocumentCategory, ListedNumber
from checkpoint_app.screening.numbers import build as build_module
from checkpoint_app.screening.numbers.build import blocks_of


def listing(*records: tuple[str, str, str]) -> DocumentList:
    plain = [number_to_plain(ListedNumber(n, i, DocumentCategory(c))) for n, i, c in records]
    documents = load("documents", dict(build_segment("documents", blocks_of(plain))))
    assert isinstance(documents, DocumentList)
    return documents


LISTED = listing(
    ("A0012345", "ECU", "stolen"),
    ("AB 12-O1", "", "lost"),
    ("X77", "D", "blank"),
    ("X77", "D", "revoked"),
    ("9", "", "void"),
)
STOLEN, LOST = DocumentCategory.STOLEN, DocumentCategory.LOST


def test_exact_with_and_without_issuer() -> None:
    assert LISTED.look_up("A0012345", "ECU") == (ListedMatch(STOLEN, exact=True, issuer_matched=True),)
    assert LISTED.look_up("a00-123 45<", "") == (ListedMatch(STOLEN, exact=True, issuer_matched=False),)
    assert LISTED.look_up("AB12O1", "PER") == (ListedMatch(LOST, exact=True, issuer_matched=False),)
    assert LISTED.look_up("X77", "DEU")[0].issuer_matched


def test_another_issuer_another_number_and_leading_zeros() -> None:
    assert LISTED.look_up("A0012345", "PER") == ()
    assert LISTED.look_up("A0012346", "ECU") == ()
    assert LISTED.look_up("A012345", "ECU") == ()
    assert LISTED.look_up("", "ECU") == LISTED.look_up("<<<", "ECU") == ()


def test_every_category_comes_back_with_every_issuer() -> None:
    records = [(f"N{i}{c}", issuer, c) for i, issuer in enumerate(("", "D", "ECU")) for c in DocumentCategory]
    documents = listing(*records)
    for number, issuer, category in records:
        assert documents.look_up(number, issuer) == (ListedMatch(DocumentCategory(category), True, bool(issuer)),)


def test_swapped_letters_are_possible_only() -> None:
    assert LISTED.look_up("AOO12345", "ECU") == (ListedMatch(STOLEN, exact=False, issuer_matched=True),)
    assert LISTED.look_up("AO0I2345", "ECU") == (ListedMatch(STOLEN, exact=False, issuer_matched=True),)
    assert LISTED.look_up("ABI201", "") == (ListedMatch(LOST, exact=False, issuer_matched=False),)


def test_many_swappable_places_stay_bounded() -> None:
    documents = listing(("O" + "0" * 30, "D", "lost"))
    assert documents.look_up("0" * 31, "D")[0].exact is False
    assert documents.look_up("OO" + "0" * 29, "D")[0].exact is False
    assert documents.look_up("OOO" + "0" * 28, "D") == ()


def test_a_number_listed_twice_gives_both_categories() -> None:
    assert [m.category.value for m in LISTED.look_up("X77", "D")] == ["blank", "revoked"]


def test_the_key_is_new_with_each_segment_and_no_number_is_in_clear() -> None:
    record = [number_to_plain(ListedNumber("A0012345", "ECU", STOLEN))]
    one, other = (dict(build_segment("documents", blocks_of(record))) for _ in range(2))
    assert one["number.pages"] != other["number.pages"]
    assert not any(b"A0012345" in data for data in one.values())
    assert (len(one["number.pages"]), len(one["number.fences"]), len(one["number.digests"])) == (4096, 8, 8)


@given(
    st.sets(st.from_regex(r"[A-Z0-9]{1,9}", fullmatch=True), max_size=300),
    st.from_regex(r"[A-Z0-9]{1,9}", fullmatch=True),
)
@settings(max_examples=40, deadline=None)
def test_exactly_the_listed_numbers_are_found(listed: set[str], other: str) -> None:
    documents = listing(*((number, "D", "lost") for number in sorted(listed)))
    assert len(documents) == len(listed)
    for number in [*sorted(listed)[:20], other]:
        assert any(m.exact for m in documents.look_up(number, "D")) is (number in listed)


@given(st.text(max_size=40), st.text(max_size=5))
@settings(deadline=None)
def test_no_number_whatever_makes_it_raise(number: str, issuer: str) -> None:
    assert isinstance(LISTED.look_up(number, issuer), tuple)


@pytest.mark.parametrize(
    ("record", "words"),
    [({}, "without a number"), ({"number": "A1", "category": "mislaid"}, "category: expected one of lost, stolen")],
)
def test_a_record_that_is_not_right_is_named(record: dict[str, object], words: str) -> None:
    with pytest.raises(RecordError, match=f"record 1: .*{words}"):
        blocks_of([record])


def test_too_many_issuers_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(build_module, "MOST_ISSUERS", 3)
    records = [{"number": "A1", "issuer": f"X{n}", "category": "lost"} for n in range(3)]
    with pytest.raises(RecordError, match="record 3: issuer: more than 3"):
        blocks_of(records)


def test_plain_form_and_back() -> None:
    listed = ListedNumber("A1", "D", DocumentCategory.VOID)
    assert number_from_plain(number_to_plain(listed)) == listed
