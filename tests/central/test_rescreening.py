"""A list that changed is held against the Encounters of the last days: each once, across kills, and one case each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from checkpoint_app.central import agreements, booths, cases, database, delivery, rescreening
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.decided import Screened, this
from checkpoint_app.central.late_hits import Worker, screen_decided
from checkpoint_app.central.opening import close, open_centre
from checkpoint_app.central.rescreening import BOOTHS_FIRST, hold_changed
from checkpoint_app.commands.central_cases import _text
from checkpoint_app.verdict import Check
from checkpoint_app.wire.case import CaseOutcome, CaseState
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.central.chains import Chain, answered_body, disposition_body, read_body, zone
from tests.central.helpers import Clock, enrolled
from tests.central.line import PASSPHRASE, made
from tests.central.listed import EJEMPLO, MUSTER, STOLEN, policy, publish, publish_policy
from tests.central.test_late_hits import TWIN, all_cases, deliver, inbox, kinds_of_alarms, loaded, one_database
from tests.central.test_late_hits import chain as _chain

chain = _chain


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescreening, "MOST_PAUSE_S", 0.0)


def hold(centre: Centre, ready: Lists, limit: int = 50) -> int:
    """Hold until nothing is left to do; returns in how many slices."""
    ready.refresh()
    count = 0
    while hold_changed(centre, ready, limit):
        count += 1
        assert count < 50
    return count


def passes(centre: Centre) -> dict[str, tuple[int, bool]]:
    """The version that each list was held in, and whether all of it is done."""
    with centre.begin() as connection:
        return {
            row.list: (row.version, row.decided_at == "") for row in connection.execute(select(database.rescreened))
        }


def travelled(centre: Centre, chain: Chain, *names: str) -> Lists:
    """Let travellers through, of whom the list knows nobody; return the lists, all held."""
    publish(centre, "ECU", [EJEMPLO], 1)
    ready = loaded(centre)
    for name in names:
        chain.encounter(name, zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == len(names)
    hold(centre, ready)
    return ready


def found(centre: Centre) -> list[tuple[str, bool, str]]:
    return sorted((name, silent, case.encounter_id) for name, silent, case in all_cases(centre))


def test_a_silent_list_that_comes_after_the_encounter_finds_it_and_no_booth_hears(
    centre: Centre, chain: Chain, clock: Clock
) -> None:
    ready = travelled(centre, chain, "e-1", "e-2")
    publish(centre, "UTO", [MUSTER], silent=True)
    assert screen_decided(centre, ready, 50) == 0
    assert hold(centre, ready) == 1  # at once
    assert found(centre) == [("UTO", True, "e-1"), ("UTO", True, "e-2")]
    assert inbox(centre) == []
    cases.close(centre, all_cases(centre)[0][2].case_id, CaseOutcome.PASSED_ON, "a.muster")
    publish(centre, "UTO", [MUSTER, EJEMPLO], 2, silent=True)
    assert hold(centre, ready) == 1
    assert len(found(centre)) == 2  # nothing twice
    assert all_cases(centre)[0][2].state is CaseState.CLOSED
    publish(centre, "UTO", [MUSTER, TWIN], 3, silent=True)
    assert hold(centre, ready) == 1
    assert [case.state for _n, _s, case in all_cases(centre)] == [CaseState.NEW] * 2  # somebody else in it


def test_a_new_version_waits_for_the_booths_and_is_held_whatever_became_of_them(
    centre: Centre, chain: Chain, clock: Clock
) -> None:
    ready = travelled(centre, chain, "e-1")
    other = Chain.of(enrolled(centre, "demo-4"))
    other.encounter("e-9", zone(), ())
    deliver(centre, other)
    assert screen_decided(centre, ready, 50) == 1
    with centre.begin() as connection:
        lost = database.booths.c.name == "demo-4"
        connection.execute(update(database.booths).where(lost).values(state=BoothState.REVOKED.value))
    publish(centre, "ECU", [MUSTER], 2)
    publish(centre, "INTL", [STOLEN])
    assert hold(centre, ready) == 0
    assert passes(centre) == {"ECU": (2, False), "INTL": (1, False)}
    clock.at += BOOTHS_FIRST
    assert hold(centre, ready) == 1
    assert passes(centre) == {"ECU": (2, True), "INTL": (1, True)}
    each = [("ECU", False, "e-1"), ("ECU", False, "e-9"), ("INTL", False, "e-1"), ("INTL", False, "e-9")]
    assert found(centre) == each
    assert {case.booth for _n, _s, case in all_cases(centre)} == {"demo-3", "demo-4"}
    assert [case.number for case in inbox(centre)] == [1, 2]
    with centre.begin() as connection:
        lines = cases.all_cases(connection, open_only=True)
    assert [line.revoked for line in lines] == [line.booth == "demo-4" for line in lines]  # somebody here sees them
    assert hold(centre, ready) == 0
    with centre.begin() as connection:
        connection.execute(delete(database.rescreened))  # lost: held again, and nothing twice
    ready.refresh()
    assert hold_changed(centre, ready) is False
    clock.at += BOOTHS_FIRST
    assert hold(centre, ready) == 1
    assert found(centre) == each
    assert len(inbox(centre)) == 2
    assert kinds_of_alarms(centre) == []


@pytest.mark.parametrize("limit", [1, 2, 7])
@one_database
def test_a_kill_anywhere_skips_nobody_and_doubles_nothing(
    centre: Centre, chain: Chain, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"e-{number}" for number in range(5)]
    ready = travelled(centre, chain, *names)
    publish(centre, "UTO", [MUSTER], silent=True)
    ready.refresh()
    true: dict[str, Callable[..., Any]] = {name: getattr(rescreening, name) for name in ("_next", "_read", "_keep")}
    kills = 0
    for place in (*true, "after"):
        for _ in range(3):

            def killed(*args: Any, place: str = place) -> Any:
                if place == "after":
                    true["_keep"](*args)  # all of it is done, but not told
                raise KeyboardInterrupt

            with monkeypatch.context() as patched:
                patched.setattr(rescreening, "_keep" if place == "after" else place, killed)
                try:
                    hold_changed(centre, ready, limit)
                except KeyboardInterrupt:
                    kills += 1
            hold_changed(centre, ready, limit)
    hold(centre, ready, limit)
    assert kills >= 3
    assert found(centre) == [("UTO", True, name) for name in names]


@one_database
def test_who_was_decided_before_those_days_is_held_no_more(centre: Centre, chain: Chain, clock: Clock) -> None:
    ready = travelled(centre, chain, "e-1")
    clock.at += timedelta(days=6)
    ahead = clock.at + timedelta(days=99)  # by a clock that nobody set
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-2", zone()), wall_time=ahead)
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body("e-2"), wall_time=ahead)
    chain.add(EventKind.DISPOSITION, disposition_body("e-2"), wall_time=ahead)
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 1
    with centre.begin() as connection:
        assert connection.scalar(select(func.max(database.encounters.c.decided_at))) == to_plain(clock.at)
    clock.at += timedelta(days=1, hours=1)
    publish(centre, "UTO", [MUSTER], silent=True)
    hold(centre, ready)
    assert found(centre) == [("UTO", True, "e-2")]
    publish_policy(centre, replace(policy(version=2), rescreen_days=0))
    publish(centre, "USA", [MUSTER], silent=True)
    assert hold(centre, ready) == 0
    assert passes(centre) == {}
    publish_policy(centre, replace(policy(version=3), rescreen_days=30))
    hold(centre, ready)
    assert ("USA", True, "e-1") in found(centre)


@one_database
def test_a_newer_version_begins_anew_and_other_lists_are_met_on_the_way(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"e-{number}" for number in range(6)]
    ready = travelled(centre, chain, *names)
    asked: list[tuple[frozenset[str], str]] = []
    true = rescreening._may_be_named

    def watched(centre: Centre, row: Any, consulted: Any) -> bool:
        asked.append((frozenset(one.source.name for one in consulted.silent), row.encounter_id))
        return true(centre, row, consulted)

    monkeypatch.setattr(rescreening, "_may_be_named", watched)
    publish(centre, "UTO", [EJEMPLO], silent=True)
    ready.refresh()
    assert hold_changed(centre, ready, 2)
    publish(centre, "USA", [MUSTER], silent=True)
    publish(centre, "UTO", [MUSTER], 2, silent=True)
    ready.refresh()
    assert hold_changed(centre, ready, 1)
    assert asked[-1][0] == {"USA", "UTO"}
    publish(centre, "PER", [MUSTER], silent=True)
    hold(centre, ready, 4)
    assert found(centre) == sorted((name, True, one) for name in ("PER", "USA", "UTO") for one in names)
    each = [name for lists, name in asked[3:] for _ in lists]
    assert len(each) == 5 + 5 + 6  # none of them was asked about anybody twice
    assert passes(centre)["UTO"] == (2, True)


@one_database
def test_what_is_not_consulted_is_not_held_and_is_held_anew_when_it_is(
    centre: Centre, chain: Chain, clock: Clock
) -> None:
    ready = travelled(centre, chain, "e-1")
    publish_policy(centre, policy((Check.WANTED, "PER"), version=2))
    publish(centre, "ECU", [MUSTER], 2)
    publish(centre, "UTO", [MUSTER], silent=True)
    clock.at += BOOTHS_FIRST
    hold(centre, ready)
    assert set(passes(centre)) == {"UTO"}
    assert found(centre) == [("UTO", True, "e-1")]
    with centre.begin() as connection:
        withdrawn = (
            update(database.versions).where(database.versions.c.list == "UTO").values(change='{"withdrawn":true}')
        )
        connection.execute(withdrawn)
    publish_policy(centre, policy(version=3))
    hold(centre, ready)
    clock.at += BOOTHS_FIRST
    hold(centre, ready)
    assert passes(centre) == {"ECU": (2, True)}
    assert found(centre) == [("ECU", False, "e-1"), ("UTO", True, "e-1")]


@one_database
def test_an_encounter_that_changes_meanwhile_is_screened_by_itself_and_a_bad_one_costs_no_other(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = travelled(centre, chain, "e-1", "e-2", "e-3")
    publish(centre, "UTO", [MUSTER], silent=True)
    ready.refresh()
    true = rescreening._screen

    def meanwhile(row: Any, *args: Any) -> Any:
        if row.encounter_id == "e-2":
            return Screened(row, None, None)
        if row.encounter_id == "e-1":
            with centre.begin() as connection:
                connection.execute(update(database.encounters).where(this(row)).values(screened_seq=0))
        return true(row, *args)

    monkeypatch.setattr(rescreening, "_screen", meanwhile)
    assert hold_changed(centre, ready)
    assert found(centre) == [("UTO", True, "e-3")]
    assert kinds_of_alarms(centre) == ["not_screened"]
    assert screen_decided(centre, ready, 50) == 1
    assert found(centre) == [("UTO", True, "e-1"), ("UTO", True, "e-3")]


@one_database
def test_an_agreement_that_ended_is_not_consulted_and_one_that_is_prolonged_is_held_anew(
    centre: Centre, chain: Chain, clock: Clock
) -> None:
    ready = travelled(centre, chain, "e-1")
    publish(centre, "UTO", [MUSTER], silent=True)
    with centre.begin() as connection:
        ended = Concluded("UTO-ECU", "Utopia", clock.at - timedelta(days=9), clock.at - timedelta(seconds=1))
        agreements.add(centre, connection, ended)
        of_list = database.lists.c.name == "UTO"
        connection.execute(update(database.lists).where(of_list).values(agreement="UTO-ECU"))
    assert hold(centre, ready) == 0
    assert "UTO" not in passes(centre)
    with centre.begin() as connection:
        connection.execute(update(database.agreements).values(ends_at=to_plain(clock.at + timedelta(days=9))))
    assert hold(centre, ready) == 1
    assert found(centre) == [("UTO", True, "e-1")]


@one_database
def test_what_is_still_to_be_screened_is_left_to_that(centre: Centre, chain: Chain) -> None:
    ready = travelled(centre, chain, "e-1", "e-2")
    with centre.begin() as connection:
        one = database.encounters.c.encounter_id == "e-1"
        connection.execute(update(database.encounters).where(one).values(screened_seq=0))
    publish(centre, "UTO", [MUSTER], silent=True)
    hold(centre, ready)
    assert found(centre) == [("UTO", True, "e-2")]
    assert screen_decided(centre, ready, 50) == 1
    assert found(centre) == [("UTO", True, "e-1"), ("UTO", True, "e-2")]


@one_database
def test_an_encounter_that_was_read_in_an_earlier_chain_is_held_too(centre: Centre, chain: Chain) -> None:
    ready = travelled(centre, chain)
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-1", zone()))
    other = chain.copy()
    chain.add()
    deliver(centre, chain)
    booths.allow_new_chain(centre, "demo-3")
    other.add(EventKind.DISPOSITION, disposition_body("e-1"))
    deliver(centre, other)
    assert screen_decided(centre, ready, 50) == 1
    publish(centre, "UTO", [MUSTER], silent=True)
    hold(centre, ready)
    assert found(centre) == [("UTO", True, "e-1")]


@one_database
def test_the_worker_holds_them_after_those_newly_decided(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = travelled(centre, chain, "e-1")
    publish(centre, "UTO", [MUSTER], silent=True)
    ready.refresh()
    chain.encounter("e-2", zone(), ())
    deliver(centre, chain)
    order: list[str] = []
    true = cases.raise_case

    def watched(centre: Centre, connection: Any, list_name: str, case: Any, *, silent: bool) -> bool:
        order.append(case.encounter_id)
        return true(centre, connection, list_name, case, silent=silent)

    monkeypatch.setattr(cases, "raise_case", watched)
    worker = Worker(centre, ready)
    worker.start()
    try:
        until = time.monotonic() + 30
        while not passes(centre).get("UTO", (0, False))[1] and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        worker.stop()
    assert order == ["e-2", "e-1"]


@pytest.mark.parametrize("kind", ["sqlcipher", "postgresql"])
def test_a_centre_of_an_older_program_holds_what_it_had(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    clock = Clock()
    url = "" if kind == "sqlcipher" else request.getfixturevalue("postgres_url")
    with made(tmp_path / "centre", clock, database_url=url.replace("+psycopg", "")) as centre:
        publish_policy(centre)
        booth = Chain.of(enrolled(centre, "demo-3"))
        publish(centre, "ECU", [EJEMPLO])
        booth.encounter("e-1", zone(), ())
        delivery.receive(centre, "demo-3", booth.batch())
        screen_decided(centre, loaded(centre), 50)
        with centre.begin() as connection:  # as schema 4 was
            for step in (
                "DROP INDEX encounters_decided",
                "DROP TABLE rescreened",
                "ALTER TABLE encounters DROP COLUMN decided_at",
                "UPDATE meta SET value = '4' WHERE name = 'schema'",
            ):
                connection.execute(text(step))
    newer = open_centre(tmp_path / "centre", PASSPHRASE, clock=clock.now)
    try:
        publish(newer, "UTO", [MUSTER], silent=True)
        hold(newer, loaded(newer))
        assert found(newer) == [("UTO", True, "e-1")]
    finally:
        close(newer)


@one_database
def test_the_list_of_cases_says_which_ones_nobody_at_a_desk_will_look_into(centre: Centre, chain: Chain) -> None:
    ready = travelled(centre, chain, "e-1")
    publish(centre, "UTO", [MUSTER], silent=True)
    hold(centre, ready)
    with centre.begin() as connection:
        (line,) = cases.all_cases(connection)
    later = line.due_at + timedelta(seconds=1)
    heard = replace(line, silent=False, heard_at=centre.now())
    assert "booth" not in _text(line, later)
    assert "overdue" not in _text(heard, centre.now())
    assert _text(heard, later).endswith("overdue  its booth last asked 2026-11-27 09:00")
    assert _text(replace(heard, heard_at=None), later).endswith("overdue  its booth never asked")
    assert _text(replace(heard, revoked=True), centre.now()).endswith("its booth is revoked")
