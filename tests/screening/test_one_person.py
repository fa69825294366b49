"""Several entries of one person are one hit; nothing else is joined."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.screening.one_person import by_person
from checkpoint_app.verdict import Candidate

FACTS = {
    "family_name": "MUSTER",
    "given_names": "Ana María",
    "birth_date": "1974-08-12",
    "sex": "F",
    "nationality": "CHL",
}
ONE = Candidate("A", "da", "MUSTER, Ana María · 1974", 20_000, 9_000, (), FACTS, ())


def with_facts(entry_id: str, **facts: str) -> Candidate:
    merged = {key: value for key, value in (FACTS | facts).items() if value}
    return replace(ONE, entry_id=entry_id, facts=merged)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"family_name": "Muster", "given_names": "ANA MARIA"},
        {"family_name": "", "given_names": "Ana María Muster"},
        {"sex": ""},
        {"nationality": ""},
        {"nationality": "ARG, CHL"},
    ],
)
def test_entries_of_one_person_are_one_hit_the_best_first(facts: dict[str, str]) -> None:
    other = with_facts("D", given_names="Eva")
    hits = [ONE, with_facts("B", **facts), other, with_facts("C", **facts)]
    assert by_person(hits) == [(hits[0], hits[1], hits[3]), (other,)]


@pytest.mark.parametrize(
    "facts",
    [
        {"given_names": "Ana"},
        {"birth_date": "1974-08-13"},
        {"birth_date": "1974"},
        {"birth_date": ""},
        {"sex": "M"},
        {"nationality": "ARG"},
        {"document_number": "AB1234567", "birth_date": "1974-08-13"},
    ],
)
def test_others_are_hits_of_their_own(facts: dict[str, str]) -> None:
    hits = [ONE, with_facts("B", **facts)]
    assert by_person(hits) == [(hit,) for hit in hits]


def test_a_document_joins_what_names_do_not() -> None:
    first = with_facts("A", document_number="X1, AB 1234567")
    alias = with_facts("B", family_name="OTRA", birth_date="1975", document_number="ab1234567")
    assert by_person([first, alias]) == [(first, alias)]
    assert len(by_person([first, replace(alias, facts=dict(alias.facts) | {"sex": "M"})])) == 2
    short = [
        with_facts("A", document_number="123", birth_date=""),
        with_facts("B", document_number="123", birth_date=""),
    ]
    assert len(by_person(short)) == 2


def test_how_many_more_are_not_told_is_no_value_of_theirs() -> None:
    hits = [with_facts("A", nationality="CHL, +2"), with_facts("B", nationality="ARG, +2")]
    assert by_person(hits) == [(hit,) for hit in hits]


def test_a_date_and_one_name_alone_join_nobody() -> None:
    hits = [with_facts(entry_id, family_name="MUSTER", given_names="") for entry_id in "AB"]
    assert by_person(hits) == [(hit,) for hit in hits]
