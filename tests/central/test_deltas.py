"""Deltas: base and delta together are the newer version's records, for whatever two versions, in whatever order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.central import deltas
from checkpoint_app.central.deltas import NoDeltaError, person_changes
from checkpoint_app.screening import Calibration, build_segment
from checkpoint_app.screening.layers import build_delta, merge_sections
from checkpoint_app.wire.package import MAX_RECORD_BYTES
from tests.central.publishing_helpers import CALIBRATION

NAMES = ("L1", "L2", "ü", "removed", "a/../b", "x\x00y", "\U0001f600", "'; DROP", "L" * 4000, " ")
Record = dict[str, Any]

people = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 3)), max_size=8, unique_by=lambda one: one[0])


def records_of(chosen: Iterable[tuple[str, int]]) -> list[Record]:
    return [
        {"id": each, "schema": "Person", "names": [{"family": f"MUSTER{'AB'[form % 2]}"}], "remarks": f"{form}"}
        for each, form in chosen
    ]


def applied(old: list[Record], delta: Iterable[Record], calibration: Calibration = CALIBRATION) -> list[Record]:
    """Return what a booth has that puts ``delta`` over ``old``, by the code that it does it with."""
    removed, entries = parts(delta)
    base = dict(build_segment("persons", old, calibration))
    return list(merge_sections(base, [dict(build_delta(entries, removed, calibration))]))


def parts(delta: Iterable[Record]) -> tuple[list[str], list[Record]]:
    """Return the ids removed, and the entries; no record of ids comes after an entry."""
    every = list(delta)
    heads = [one for one in every if set(one) == {"removed"}]
    entries = every[len(heads) :]
    assert every[: len(heads)] == heads
    assert all("id" in one for one in entries)
    return [each for head in heads for each in head["removed"]], entries


def in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda one: str(one["id"]))


@given(people, people, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_base_and_delta_are_the_newer_version(
    before: list[tuple[str, int]], after: list[tuple[str, int]], drawn: random.Random
) -> None:
    old, new = records_of(before), records_of(after)
    drawn.shuffle(new)
    delta = list(person_changes(lambda: old, lambda: new))
    assert in_order(applied(old, delta)) == in_order(new)
    removed, entries = parts(delta)
    assert sorted(removed) == sorted({each for each, _ in before} - {each for each, _ in after})
    assert [one["id"] for one in entries] == [one["id"] for one in new if one not in old]


def test_a_change_of_any_field_is_one_and_the_order_of_fields_is_none() -> None:
    old = records_of([("L1", 0), ("L2", 0)])
    again = [dict(reversed(one.items())) for one in reversed(old)]
    assert list(person_changes(lambda: old, lambda: again)) == []
    other = [old[0], {**old[1], "handling": ["LE-ONLY"]}]
    assert list(person_changes(lambda: old, lambda: other)) == [other[1]]


def test_where_two_ids_share_a_hash_there_is_no_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deltas, "id_digest", lambda entry_id: entry_id[:1].encode().ljust(8))
    for old, new in (([("L1", 0), ("L2", 0)], []), ([], [("L1", 0), ("L2", 0)])):
        with pytest.raises(NoDeltaError):
            list(person_changes(lambda: records_of(old), lambda: records_of(new)))  # noqa: B023
    new = records_of([("L2", 0)])
    assert list(person_changes(lambda: records_of([("L1", 0)]), lambda: new)) == new  # a booth replaces by the hash


def test_ids_are_removed_some_at_a_time_however_long_they_are() -> None:
    old = records_of((f"{n:04}" + "ü" * 1998, 0) for n in range(300))
    old += records_of((f"{n}", 0) for n in range(2500))
    heads = list(person_changes(lambda: old, list))
    assert [each for head in heads for each in head["removed"]] == [one["id"] for one in old]
    sizes = [sum(len(each.encode()) for each in head["removed"]) for head in heads]
    assert max(len(head["removed"]) for head in heads) == 1000
    assert max(sizes) <= deltas.MOST_REMOVED_BYTES < MAX_RECORD_BYTES // 2
    assert len(heads) < 15


def test_both_versions_are_read_one_record_at_a_time() -> None:
    held: list[int] = []

    def read(count: int) -> Iterator[Record]:
        for n in range(count):
            held.append(n)
            yield {"id": f"L{n}", "remarks": "x" * (n % 7)}

    changes = person_changes(lambda: read(50), lambda: read(60))
    first = next(iter(changes))
    assert first["id"] == "L50"
    assert held[-1] == 50  # the newer version's last pass stands there
