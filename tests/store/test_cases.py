"""Cases: the newest number counts, what is done here counts from its place, and no body breaks the journal."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.store import CaseRow, Store
from checkpoint_app.verdict import Answer, Candidate, Check, Finding, Outcome, Source
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.case import CaseOutcome, CaseState
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import (
    START,
    acknowledge_all,
    case,
    document,
    dump,
    new_store,
    one_encounter,
    received_body,
    reopen,
)

OPENED, RECEIVED, TAKEN, CLOSED = (
    EventKind.CASE_OPENED,
    EventKind.CASE_RECEIVED,
    EventKind.CASE_TAKEN,
    EventKind.CASE_CLOSED,
)


def standing(store: Store, case_id: str = "c-1") -> tuple[CaseState, str, CaseOutcome | None]:
    row = store.cases.get(case_id)
    assert row is not None
    return row.case.state, row.case.owner, row.case.outcome


def test_the_life_of_a_case(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert (store.cases.last_number(), store.cases.all(), store.cases.get("c-1")) == (0, [], None)
        assert store.cases.last_digest() == ""
        first = store.journal.append(RECEIVED, received_body()).header.wall_time
        assert store.cases.all() == [CaseRow(case(), first)]
        store.journal.append(TAKEN, {"case_id": "c-1", "officer": "o-2"})
        assert standing(store) == (CaseState.TAKEN, "o-2", None)
        store.journal.append(CLOSED, {"case_id": "c-1", "officer": "o-3", "outcome": "not_same"})
        assert standing(store) == (CaseState.CLOSED, "o-3", CaseOutcome.NOT_SAME)
        store.journal.append(RECEIVED, received_body("c-2", 7, "b"))
        assert [row.case.case_id for row in store.cases.all()] == ["c-1", "c-2"]
        assert [row.case.case_id for row in store.cases.all(open_only=True)] == ["c-2"]
        assert store.cases.last_number() == 7


def test_a_higher_number_replaces_and_a_lower_or_equal_one_does_not(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        first = store.journal.append(RECEIVED, received_body(number=3)).header.wall_time
        store.journal.append(TAKEN, {"case_id": "c-1", "officer": "o-2"})
        for number in (3, 2):
            store.journal.append(RECEIVED, received_body(number=number, owner="late", family_name="OTRA"))
            assert standing(store) == (CaseState.TAKEN, "o-2", None)
        newer = case(number=4, state=CaseState.CLOSED, owner="o-9", outcome=CaseOutcome.PASSED_ON, family_name="MUSTER")
        store.journal.append(RECEIVED, received_body(**_fields(newer)))
        assert store.cases.get("c-1") == CaseRow(newer, first)
        store.journal.append(RECEIVED, received_body(number=5))  # opened again
        assert standing(store) == (CaseState.NEW, "", None)
        store.journal.append(CLOSED, {"case_id": "c-1", "outcome": "same_reported"})
        assert standing(store) == (CaseState.CLOSED, "", CaseOutcome.SAME_REPORTED)


def _fields(value: Any) -> dict[str, Any]:
    names = ("number", "state", "owner", "outcome", "family_name")
    return {name: getattr(value, name) for name in names}


def test_an_erased_body_leaves_what_a_rebuild_would(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(RECEIVED, received_body())
        store.journal.append(RECEIVED, received_body(number=2, state=CaseState.TAKEN, owner="o-1"))
        store.journal.append(CLOSED, {"case_id": "c-1", "officer": "o-1", "outcome": "not_same"})
        store.journal.append(RECEIVED, received_body("c-2", 10))
        last = hashlib.sha256(canonical_bytes(received_body("c-2", 10)["case"])).hexdigest()
        assert store.cases.last_digest() == last
        store.journal.append(RECEIVED, received_body("c-3", 9))
        for seq, expected in ((2, CaseState.CLOSED), (3, CaseState.NEW)):
            store.journal.erase_body(seq)
            assert standing(store)[0] is expected
            before = dump(store)
            store.journal.rebuild_projections()
            assert dump(store) == before
        store.journal.erase_bodies([1, 4, 5])
        assert store.cases.all() == []
        assert store.cases.last_number() == 10  # else the whole inbox would be brought again
        assert store.cases.last_digest() == last  # else a centre that lost it would not be found out
    with reopen(tmp_path) as store:
        store.journal.rebuild_projections()
        assert (store.cases.last_number(), store.cases.last_digest()) == (10, last)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"case": None},
        {"case": "c-1"},
        {"case": []},
        {"case": {"case_id": "c-1"}},
        {"case": {**received_body()["case"], "number": "1"}},
        {"case": {**received_body()["case"], "number": 0}},
        {"case": {**received_body()["case"], "case_id": ""}},
        {"case": {**received_body()["case"], "state": "lost"}},
        {"case": {**received_body()["case"], "more": 1}},
        {"case": {**received_body()["case"], "due_at": "tomorrow"}},
    ],
)
def test_a_hostile_or_partial_case_projects_nothing(tmp_path: Path, body: dict[str, Any]) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(RECEIVED, body)
        assert (store.cases.all(), store.cases.last_number()) == ([], 0)
        store.journal.append(RECEIVED, received_body())
        store.journal.append(RECEIVED, body)
        assert store.cases.all() == [CaseRow(case(), store.cases.all()[0].received_at)]
        store.journal.rebuild_projections()
        assert len(store.cases.all()) == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (TAKEN, {}),
        (TAKEN, {"case_id": "c-1"}),
        (TAKEN, {"case_id": 5, "officer": "o-1"}),
        (TAKEN, {"case_id": "other", "officer": "o-1"}),
        (CLOSED, {"case_id": "c-1"}),
        (CLOSED, {"case_id": "c-1", "outcome": "eaten"}),
        (CLOSED, {"case_id": "c-1", "outcome": ["not_same"]}),
        (CLOSED, {"case_id": {}, "outcome": "not_same"}),
    ],
)
def test_a_step_that_lacks_a_part_or_its_case_changes_nothing(
    tmp_path: Path, kind: EventKind, body: dict[str, Any]
) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(RECEIVED, received_body())
        store.journal.append(kind, body)
        assert [row.case for row in store.cases.all()] == [case()]


def test_the_contents_come_back_whole(tmp_path: Path) -> None:
    whole = replace(case(), family_name="MUÑOZ EJEMPLO", given_names="Ω 🛂")
    with new_store(tmp_path) as store:
        store.journal.append(RECEIVED, received_body(family_name=whole.family_name, given_names=whole.given_names))
        assert [row.case for row in store.cases.all()] == [whole]


def opened_body(case_id: str = "c-1", encounter: str = "a", entry: str = "e-1", **changes: Any) -> dict[str, Any]:
    candidate = Candidate(entry, "d" * 64, entry, 9, 8)
    source = Source("wanted", 4, "test", START)
    found = (Answer(Check.WANTED, Outcome.HIT, source, START, None, (Finding("wanted.match"),), (candidate,)),)
    return received_body(case_id, 0, encounter, found=found, **changes)


def test_a_case_that_the_booth_opened_stands_as_any_other(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        seq = store.journal.append(OPENED, opened_body()).header.seq
        (row,) = store.cases.all()
        assert (row.case.number, row.untold, store.cases.last_number()) == (0, seq, 0)
        store.journal.append(TAKEN, {"case_id": "c-1", "officer": "o-2"})
        store.journal.append(OPENED, opened_body())  # the same again
        assert standing(store) == (CaseState.TAKEN, "o-2", None)
        store.journal.append(OPENED, opened_body(entry="e-2"))
        assert standing(store) == (CaseState.NEW, "", None)
        (row,) = store.cases.of_encounter("a")
        assert [answer.candidates[0].entry_id for answer in row.case.found] == ["e-1", "e-2"]
        acknowledge_all(store)
        assert [row.untold for row in store.cases.all()] == [0]
        before = dump(store)
        store.journal.rebuild_projections()
        assert dump(store) == before


def test_what_was_done_after_what_the_centre_knew_counts_on_top_of_its_copy(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
        seq = store.journal.append(OPENED, opened_body()).header.seq
        store.journal.append(TAKEN, {"case_id": "c-1", "officer": "o-2"})
        copy = opened_body()["case"] | {"number": 1, "up_to": seq - 1}
        store.journal.append(RECEIVED, {"case": copy})
        assert standing(store) == (CaseState.TAKEN, "o-2", None)
        store.journal.append(RECEIVED, {"case": copy | {"number": 2, "up_to": seq + 2}})
        assert standing(store) == (CaseState.NEW, "", None)  # the centre knew of it, and says otherwise


@pytest.mark.parametrize("saw", [["of something else"], [], [1, None]])
def test_a_case_is_not_closed_by_who_did_not_see_all_of_it(tmp_path: Path, saw: list[Any]) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(OPENED, opened_body())
        store.journal.append(CLOSED, {"case_id": "c-1", "officer": "o-2", "outcome": "not_same", "saw": saw})
        assert standing(store) == (CaseState.NEW, "", None)


@pytest.mark.parametrize("body", [{}, {"case": 3}, received_body(number=1), received_body(case_id="", number=0)])
def test_a_case_opened_in_no_form_is_none(tmp_path: Path, body: dict[str, Any]) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(OPENED, body)
        assert store.cases.all() == []


def test_an_open_case_tells_where_the_person_was_since(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "before")
        one_encounter(store, "a")
        one_encounter(store, "nobody", "withdrawn")
        one_encounter(store, "since", "refer", lane="7")
        one_encounter(store, "other", document=document("X7654321", "OTRA"))
        store.journal.append(OPENED, opened_body())
        (row,) = store.cases.all()
        assert row.lane == "2"
        assert [(one.lane, one.disposition, one.direction_in, one.by) for one in row.later] == [
            ("7", "refer", True, "o-1")
        ]
        store.journal.append(CLOSED, {"case_id": "c-1", "officer": "o-2", "outcome": "not_same"})
        assert store.cases.all()[0].later == ()
