"""What the screen reads: the open Encounter, history, counts, cleared pairs, sign-in, crossing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import Crossing, DayCounts, History, SignIn, Store
from checkpoint_app.store.subject_keys import cleared_key, document_key, person_key
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.subjects import birth_text
from tests.store.helpers import (
    START,
    FakeClock,
    answered_body,
    decided_body,
    document,
    new_store,
    not_same_body,
    one_encounter,
    read_body,
)


def open_name(store: Store) -> str | None:
    row = store.projections.open_encounter()
    return None if row is None else row.encounter_id


def test_the_life_of_an_encounter(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        journal, tables = store.journal, store.projections
        assert open_name(store) is None
        assert tables.last_decided() is None
        journal.append(EventKind.ENCOUNTER_READ, read_body("a", direction="out", lane="4"))
        row = tables.encounter("a")
        assert row is not None
        assert (row.state, row.direction, row.lane, row.officer, row.is_open) == ("read", "out", "4", "o-1", True)
        assert row.document_fields() == document()
        corrected = read_body("a", direction="out", document=document("X7654321"))
        journal.append(EventKind.ENCOUNTER_CORRECTED, corrected)
        journal.append(EventKind.ENCOUNTER_PICTURE, {"encounter_id": "a", "jpeg": ""})
        journal.append(EventKind.ENCOUNTER_ANSWERED, answered_body("a", "look"))
        row = tables.encounter("a")
        assert row is not None
        assert (row.state, row.advice, row.document_key) == ("answered", "look", document_key(document("X7654321")))
        assert row.read_at == to_plain(next(journal.events(0, 1)).header.wall_time)
        assert open_name(store) == "a"
        journal.append(
            EventKind.DISPOSITION, decided_body("a", "refer", advice="refer", reason_code="r", direction="in")
        )
        row = tables.encounter("a")
        assert row is not None
        assert (row.state, row.disposition, row.advice, row.reason_code) == ("closed", "refer", "refer", "r")
        assert (row.decided_by, row.direction) == ("o-1", "in")
        assert open_name(store) is None
        assert tables.last_decided() == row
        journal.append(EventKind.ENCOUNTER_REOPENED, {"encounter_id": "a", "officer": "o-1"})
        assert open_name(store) == "a"
        assert tables.last_decided() is None
        assert tables.events_of("a") == [1, 2, 3, 4, 5, 6]


def test_several_open_encounters_come_latest_touched_first(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for name in ("a", "b", "c"):
            store.journal.append(EventKind.ENCOUNTER_READ, read_body(name))
        store.journal.append(EventKind.ENCOUNTER_ANSWERED, answered_body("a"))
        assert [row.encounter_id for row in store.projections.open_encounters()] == ["a", "c", "b"]
        assert [row.encounter_id for row in store.projections.recent(2)] == ["c", "b"]
        store.journal.append(EventKind.DISPOSITION, decided_body("a", "withdrawn"))
        assert open_name(store) == "c"


def test_history_of_a_document_and_of_a_person(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        history = store.projections.history
        assert history(document()) == History(0, None, None, None)
        one_encounter(store, "in-1", direction="in")
        one_encounter(store, "out-1", direction="out", document=document("OTHERDOC1"))  # same person, another document
        one_encounter(store, "in-2", direction="in", document=document(family="MARRIEDNAME"))  # same document
        one_encounter(store, "else", document=document("OTHERDOC2", "SOMEBODYELSE"))
        one_encounter(store, "gone", "withdrawn")
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("now"))
        seen = history(document(), before="now")
        assert seen.times == 3
        assert [row and row.encounter_id for row in (seen.last, seen.last_entry, seen.last_exit)] == [
            "in-2",
            "in-2",
            "out-1",
        ]
        store.journal.append(EventKind.DISPOSITION, decided_body("now"))
        assert history(document(), before="now").times == 3
        assert history(document()).times == 4
        assert history({}).times == 0
        assert history({"issuer": "UTO", "document_number": None, "family_name": "SOLO"}).times == 0


def test_counts_of_a_day(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        one_encounter(store, "yesterday", "refer")
        clock.time = START + timedelta(days=1)
        midnight = clock.time
        for name, disposition, advice in (
            ("a", "let_pass", "proceed"),
            ("b", "refer", "refer"),
            ("c", "let_pass", "incomplete"),
            ("d", "protect", "incomplete"),
            ("e", "withdrawn", "incomplete"),
        ):
            one_encounter(store, name, disposition, advice)
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("open"))
        assert store.projections.day_counts(midnight) == DayCounts(persons=4, referred=1, incomplete=2)
        # decided anew: still one person
        store.journal.append(EventKind.ENCOUNTER_REOPENED, {"encounter_id": "b", "officer": "o-1"})
        store.journal.append(EventKind.DISPOSITION, decided_body("b", "let_pass"))
        assert store.projections.day_counts(midnight) == DayCounts(persons=4, referred=0, incomplete=2)
        assert store.projections.day_counts(clock.time + timedelta(days=1)) == DayCounts(0, 0, 0)


def cleared(store: Store, **changes: object) -> bool:
    asked = {
        "person": document(),
        "list_name": "wanted",
        "entry_id": "e-1",
        "entry_digest": "d" * 64,
        "now": START + timedelta(days=300),
        **changes,
    }
    return store.clearances.find(**asked) is not None  # type: ignore[arg-type]


def test_not_the_same_person_holds_until_entry_person_or_time_changes(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert not cleared(store)
        store.journal.append(EventKind.NOT_SAME_PERSON, not_same_body("a"))
        assert cleared(store)
        assert not cleared(store, entry_digest="e" * 64)
        assert not cleared(store, entry_digest="c" * 64)
        assert not cleared(store, entry_id="e-2")
        assert not cleared(store, list_name="other")
        assert not cleared(store, now=START + timedelta(days=365))  # the end itself is outside
        assert cleared(store, now=START + timedelta(days=365) - timedelta(microseconds=1))
        # somebody else of the same name and birth date, or the same document under another name
        assert not cleared(store, person=document(number="X9999999"))
        assert not cleared(store, person=document(issuer="XXX"))
        assert not cleared(store, person=document(family="ZURRIAGO"))
        assert not cleared(store, person=document(birth="740813"))
        assert not cleared(store, person={})


def test_the_person_of_a_decision_may_carry_its_birth_date_as_printed(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(
            EventKind.NOT_SAME_PERSON, not_same_body("a", person={**document(), "birth_date": "740812"})
        )
        assert cleared(store)


@pytest.mark.parametrize("lacking", ["person", "list", "entry_id", "entry_digest", "until"])
def test_a_decision_that_lacks_a_part_clears_nothing(tmp_path: Path, lacking: str) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.NOT_SAME_PERSON, not_same_body("a", **{lacking: None}))
        assert not cleared(store)
        assert store._db.value("SELECT count(*) FROM cleared_pairs") == 0


@pytest.mark.parametrize("until", ["zzz", "2027-03-02", "2027-03-02T08:00:00Z", "9999"])
def test_an_end_that_is_no_moment_clears_nothing(tmp_path: Path, until: str) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.NOT_SAME_PERSON, not_same_body("a", until=until))
        assert not cleared(store)


@pytest.mark.parametrize("unknown", ["document_number", "birth_date", "family_name"])
def test_a_person_not_wholly_known_is_never_cleared(tmp_path: Path, unknown: str) -> None:
    person = {**document(), "given_names": None, unknown: None}
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.NOT_SAME_PERSON, not_same_body("a", person=person))
        assert not cleared(store, person=person)


def test_sign_in_and_crossing(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        tables, journal = store.projections, store.journal
        assert (tables.last_sign_in(), tables.crossing()) == (None, None)
        journal.append(EventKind.SIGNED_IN, {"officer": {"id": "o-1", "name": "Synthetic Officer"}})
        first = tables.last_sign_in()
        journal.append(EventKind.SIGNED_OUT, {"officer": "o-1"})
        journal.append(EventKind.SIGN_IN_REFUSED, {"officer": "o-2"})
        times = [to_plain(event.header.wall_time) for event in journal.events()]
        assert first == SignIn("o-1", times[0], True)
        assert tables.last_sign_in() == SignIn("o-1", times[1], False)
        journal.append(EventKind.CROSSING_CHANGED, {"direction": "in", "lane": "2"})
        journal.append(EventKind.CROSSING_CHANGED, {"direction": "out", "lane": "3"})
        crossing = tables.crossing()
        assert crossing == Crossing("out", "3", crossing.at if crossing else "")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"encounter_id": 5},
        {"encounter_id": "a", "document": "text", "direction": 3, "officer": {"id": 7}, "verdict": [], "person": "x"},
        {"encounter_id": "a", "document": {"birth_date": {"raw": 5}, "document_number": 9, "family_name": []}},
    ],
)
def test_bodies_of_another_form_do_not_stop_the_journal(tmp_path: Path, body: dict[str, object]) -> None:
    with new_store(tmp_path) as store:
        for kind in EventKind:
            store.journal.append(kind, body)
        store.journal.rebuild_projections()
        assert store.journal.verify().head.seq == len(EventKind)


def test_keys_of_documents_and_persons() -> None:
    assert document_key({"issuer": "UTO", "document_number": "ab 12<"}) == document_key(
        {"issuer": "uto", "document_number": "AB12"}
    )
    assert document_key({"issuer": "UTO", "document_number": "AB12"}) != document_key({"document_number": "AB12"})
    assert document_key({"document_number": "<<"}) is None
    assert person_key(document()) == person_key(document("OTHER"))
    assert person_key({**document(), "birth_date": {"raw": "<<<<<<"}}) is None
    assert person_key({"birth_date": "740812"}) is None
    # parts never run into each other
    assert person_key({"family_name": "A B", "given_names": "C", "birth_date": "1"}) != person_key(
        {"family_name": "A", "given_names": "B C", "birth_date": "1"}
    )
    assert len({document_key(document()), person_key(document()), cleared_key(document())}) == 3
    assert birth_text({"raw": "7408<<"}) == "7408<<"
    assert birth_text(None) == ""
