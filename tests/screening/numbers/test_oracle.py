"""Look-ups agree with a plain search through all records: exact and possible, by issuer, in ranges, after changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.screening import SegmentError, build_segment, load
from checkpoint_app.screening.numbers import build
from checkpoint_app.screening.numbers.build import blocks_of
from checkpoint_app.screening.numbers.compare import changes
from checkpoint_app.screening.numbers.delta import NumberDelta, make_delta
from tests.screening.numbers.helpers import (
    ISSUERS,
    NUMBERS,
    RECORDS,
    Plain,
    built,
    expected,
    listing,
    ranges,
)

LISTS = st.lists(st.one_of(RECORDS, RECORDS, ranges()), max_size=25)
QUESTIONS = st.lists(st.tuples(NUMBERS, ISSUERS), min_size=1, max_size=12)


def about(records: list[Plain], questions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the questions, and one about each record."""
    return [*questions, *((one.get("number") or one["first"], one["issuer"]) for one in records)]


@given(LISTS, QUESTIONS)
@settings(max_examples=80, deadline=None)
def test_a_look_up_finds_what_a_plain_search_does(records: list[Plain], questions: list[tuple[str, str]]) -> None:
    documents = listing(records)
    for number, issuer in about(records, questions):
        found = documents.look_up(number, issuer)
        assert set(found) == expected(records, number, issuer)
        assert list(found) == sorted(found, key=lambda match: not match.exact)


@given(st.lists(LISTS, min_size=2, max_size=4), QUESTIONS)
@settings(max_examples=60, deadline=None)
def test_after_each_change_the_list_is_the_newer_version(
    versions: list[list[Plain]], questions: list[tuple[str, str]]
) -> None:
    documents = listing(versions[0])
    before = built(versions[0])
    for records in versions[1:]:
        after = built(records)
        delta = make_delta(before.head, before.chunks(), after.head, after.chunks())
        documents = documents.with_delta(NumberDelta.from_records(delta.to_records()))
        before = built(records, documents.head.issuers)
        assert len(documents) == before.head.count
        for number, issuer in about(records, questions):
            assert set(documents.look_up(number, issuer)) == expected(records, number, issuer)
    whole = {name: data if isinstance(data, bytes) else b"".join(data) for name, data in documents.sections()}
    merged = load("documents", whole)
    assert len(merged) == len(documents)
    for number, issuer in about(versions[-1], questions):
        assert merged.look_up(number, issuer) == documents.look_up(number, issuer)


@given(LISTS, LISTS)
@settings(max_examples=60, deadline=None)
def test_what_changed_is_counted_as_sets_count_it(old: list[Plain], new: list[Plain]) -> None:
    before = built(old)
    after = built(new, before.head.issuers)
    sets = [{(r["number"], r["issuer"], r["category"]) for r in records if "number" in r} for records in (old, new)]
    added, removed, changed = changes(before.chunks(), after.chunks())
    assert (added + changed, removed + changed) == (len(sets[1] - sets[0]), len(sets[0] - sets[1]))
    unequal = [{pair[:2] for pair in one - other} for one, other in (sets, sets[::-1])]
    assert len(unequal[0] & unequal[1]) <= changed
    assert bool(changed) == bool(unequal[0] & unequal[1])


@given(st.lists(RECORDS, max_size=80), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_runs_in_a_scratch_file_make_the_same_list(records: list[Plain], run: int) -> None:
    kept, build.RUN = build.RUN, run
    try:
        parted = built(records)
        found = [(chunk.hashes.tolist(), chunk.tags.tolist()) for chunk in parted.chunks()]
    finally:
        build.RUN = kept
    whole = built(records)
    pairs = [pair for hashes, tags in found for pair in zip(hashes, tags, strict=True)]
    assert pairs == [pair for c in whole.chunks() for pair in zip(c.hashes.tolist(), c.tags.tolist(), strict=True)]
    assert (parted.head, parted.duplicates) == (whole.head, whole.duplicates)
    assert parted.duplicates == len(records) - len({tuple(sorted(one.items())) for one in records})


def test_a_change_of_another_list_is_refused() -> None:
    old, new = built([]), built([{"number": "A1", "issuer": "PER", "category": "lost"}])
    delta = make_delta(old.head, old.chunks(), new.head, new.chunks())
    others = [listing([{"number": "A1", "issuer": "ECU", "category": "lost"}])]
    others.append(load("documents", dict(build_segment("documents", blocks_of([])))))  # the same, under another key
    for other in others:
        with pytest.raises(SegmentError, match="another list or snapshot"):
            other.with_delta(delta)
