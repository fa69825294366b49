"""Steps of cases: at the centre, each an act and told to the booth; at the booth, taken in without an echo."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, update

from checkpoint_app.central import acts, alarms, cases, database, delivery, identity
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.late_hits import screen_decided
from checkpoint_app.commands import central_cases
from checkpoint_app.wire import case as wire_case
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.case import Case, CaseOutcome, CaseState
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import read_statement
from tests.central.chains import OFFICER, Chain, zone
from tests.central.helpers import Clock, enrolled
from tests.central.listed import MUSTER, publish, publish_policy

ADMIN = "a.muster"
CASE, SILENT = "26-N62V4AH5", "26-QK8SE303"  # digests of what each is of
one_database = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)


@pytest.fixture(autouse=True)
def _administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(acts.ADMINISTRATOR, ADMIN)


@pytest.fixture
def chain(centre: Centre) -> Chain:
    """A booth with a late hit from a list (CASE), and one from a silent list (SILENT)."""
    with centre.begin() as connection:
        identity.create(centre, connection)
    publish_policy(centre)
    publish(centre, "ECU", [MUSTER])
    publish(centre, "UTO", [MUSTER], silent=True)
    chain = Chain.of(enrolled(centre, "demo-3"))
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    ready = Lists(centre)
    ready.refresh()
    assert screen_decided(centre, ready, 50) == 1
    return chain


def deliver(centre: Centre, chain: Chain) -> None:
    delivery.receive(centre, chain.booth, chain.batch())


def step(chain: Chain, kind: EventKind, case_id: str = CASE, **more: str) -> None:
    chain.add(kind, {"case_id": case_id, "officer": OFFICER} | more)


def lines(centre: Centre, open_only: bool = False) -> list[tuple[str, str, str, bool]]:
    with centre.begin() as connection:
        found = cases.all_cases(connection, open_only)
    return [(one.case_id, one.state.value, one.owner, one.silent) for one in found]


def asked(centre: Centre, after: int, last: Case | None = None) -> list[Case]:
    """What a booth is told that says which item it had last."""
    seen = hashlib.sha256(canonical_bytes(to_plain(last))).hexdigest() if last else ""
    with centre.begin() as connection:
        cases.find_place(centre, connection, "demo-3", after, seen)
    found = told(centre, after)
    assert [case.number for case in found] == list(range(after + 1, after + 1 + len(found)))
    return found


def told(centre: Centre, after: int = 0) -> list[Case]:
    with centre.begin() as connection:
        key = identity.statement_key(centre, connection).public_key()
        return [read_statement(Case, item, key) for item in cases.items(centre, connection, "demo-3", after).items]


def what(centre: Centre) -> list[str]:
    with centre.begin() as connection:
        acts.verify(connection)
        return [one.what for one in acts.all(connection)]


def test_steps_at_the_centre_are_acts_and_reach_the_booth_under_new_numbers(centre: Centre, chain: Chain) -> None:
    taken = cases.take(centre, CASE, ADMIN)
    closed = cases.close(centre, CASE, CaseOutcome.SAME_REPORTED, ADMIN)
    assert (taken.number, taken.state, taken.owner, taken.outcome) == (2, CaseState.TAKEN, ADMIN, None)
    assert (closed.number, closed.state, closed.outcome) == (3, CaseState.CLOSED, CaseOutcome.SAME_REPORTED)
    assert told(centre)[1:] == [taken, closed]
    assert lines(centre) == [(CASE, "closed", ADMIN, False), (SILENT, "new", "", True)]
    assert lines(centre, open_only=True) == [(SILENT, "new", "", True)]
    assert what(centre) == ["case opened", "case opened", "case taken", "case closed"]
    for again in (
        lambda: cases.take(centre, CASE, ADMIN),
        lambda: cases.close(centre, CASE, CaseOutcome.NOT_SAME, ADMIN),
    ):
        with pytest.raises(CentreError) as caught:
            again()
        assert caught.value.code == "case_closed"
    with pytest.raises(CentreError) as caught:
        cases.take(centre, "26-999999", ADMIN)
    assert (caught.value.code, caught.value.status) == ("case_unknown", 404)
    assert len(told(centre)) == 3


def test_steps_at_the_booth_are_taken_in_without_an_echo(centre: Centre, chain: Chain) -> None:
    step(chain, EventKind.CASE_TAKEN)
    deliver(centre, chain)
    assert lines(centre)[0] == (CASE, "taken", OFFICER, False)
    step(chain, EventKind.CASE_CLOSED, outcome="not_same")
    deliver(centre, chain)
    assert lines(centre)[0] == (CASE, "closed", OFFICER, False)
    assert cases.show(centre, CASE)[1].outcome is CaseOutcome.NOT_SAME
    assert [case.number for case in told(centre)] == [1]
    step(chain, EventKind.CASE_TAKEN)  # after the end
    deliver(centre, chain)
    assert lines(centre)[0][1] == "closed"


def test_what_the_centre_closed_stays_as_it_was_closed(centre: Centre, chain: Chain) -> None:
    cases.close(centre, CASE, CaseOutcome.SAME_REPORTED, ADMIN)
    step(chain, EventKind.CASE_CLOSED, outcome="not_same")
    deliver(centre, chain)
    line, case = cases.show(centre, CASE)
    assert (line.owner, case.outcome) == (ADMIN, CaseOutcome.SAME_REPORTED)


@one_database
def test_a_booth_changes_no_case_of_another_and_none_that_is_silent(centre: Centre, chain: Chain) -> None:
    other = Chain.of(enrolled(centre, "demo-4"))
    step(other, EventKind.CASE_CLOSED, outcome="not_same")
    step(chain, EventKind.CASE_CLOSED, SILENT, outcome="not_same")
    deliver(centre, other)
    deliver(centre, chain)
    assert [one[1] for one in lines(centre)] == ["new", "new"]
    with centre.begin() as connection:
        assert [(one.kind, one.booth) for one in alarms.all(connection)] == [
            ("bad_body", "demo-4"),
            ("bad_body", "demo-3"),
        ]


@one_database
def test_an_id_follows_from_what_the_case_is_of_and_is_no_other_cases(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.encounter("e-2", zone(), ())
    deliver(centre, chain)
    monkeypatch.setattr(wire_case, "_SIGNS_OF_ID", 1)  # few ids: many digests are alike
    ready = Lists(centre)
    ready.refresh()
    for number in range(3, 9):
        chain.encounter(f"e-{number}", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 7
    with centre.begin() as connection:
        ids = [one.case_id for one in cases.all_cases(connection)]
    assert len(ids) == len(set(ids)) == 16
    assert {CASE, SILENT} < set(ids)


@one_database
def test_an_inbox_comes_in_parts_that_a_reply_holds(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.take(centre, CASE, ADMIN)
    with centre.begin() as connection:
        assert cases.last_number(connection, "demo-3") == 2
        assert cases.last_number(connection, "demo-4") == 0
    assert [case.number for case in told(centre, 1)] == [2]
    assert told(centre, 2) == told(centre, 10**15) == []
    monkeypatch.setattr(cases, "MAX_INBOX_BYTES", 4_000)
    assert [case.number for case in told(centre)] == [1]
    monkeypatch.setattr(cases, "MAX_INBOX_BYTES", 1 << 20)
    monkeypatch.setattr(cases, "MOST_ITEMS", 1)
    assert [case.number for case in told(centre)] == [1]


@contextlib.contextmanager
def put_back(centre: Centre) -> Iterator[None]:
    """Let what happens in the block be lost at the centre, as by a backup put back; the booth keeps what it got."""
    tables = (database.cases, database.inbox)
    with centre.begin() as connection:
        kept = [connection.execute(select(table)).mappings().all() for table in tables]
    yield
    with centre.begin() as connection:
        for table, rows in zip(tables, kept, strict=True):
            connection.execute(delete(table))
            connection.execute(table.insert(), [dict(row) for row in rows])
        connection.execute(update(database.encounters).values(screened_seq=0))


def test_a_centre_put_back_gives_no_number_that_the_booth_has_to_another_case(centre: Centre, chain: Chain) -> None:
    ready = Lists(centre)
    ready.refresh()
    with put_back(centre):
        cases.take(centre, CASE, ADMIN)
        chain.encounter("e-2", zone(), ())
        deliver(centre, chain)
        assert screen_decided(centre, ready, 50) == 1
        had = told(centre)
        assert [case.number for case in had] == [1, 2, 3]
    for number in range(3, 7):  # the booth has 3; by now the centre has gone past it with other cases
        chain.encounter(f"e-{number}", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 6
    assert len(told(centre)) == 6
    last = had[-1]
    found = asked(centre, 3, last)
    assert {case.encounter_id for case in found} == {f"e-{n}" for n in range(1, 7)}
    assert last.case_id in {case.case_id for case in found}  # raised again, it is the case that the booth knows
    assert asked(centre, 3, last) == found  # once
    assert asked(centre, found[-1].number, found[-1]) == []
    with centre.begin() as connection:
        assert [(one.kind, one.about) for one in alarms.all(connection)] == [("inbox_lost", {"after": 3})]
    for after in (2, 1, 0):  # a booth that was itself put back
        again = asked(centre, after, had[after - 1] if after else None)
        assert {case.encounter_id for case in again} == {f"e-{n}" for n in range(1, 7)}, after
        assert asked(centre, after) == again


@one_database
def test_a_booth_that_has_more_than_the_centre_is_told_all_that_is_open(centre: Centre, chain: Chain) -> None:
    assert [case.number for case in asked(centre, 7)] == [8]
    assert asked(centre, 8) == []
    taken = cases.take(centre, CASE, ADMIN)
    assert asked(centre, 8) == [taken]
    cases.close(centre, CASE, CaseOutcome.NOT_SAME, ADMIN)
    assert asked(centre, 20) == []  # closed, and never under a number that it could not ask for
    assert told(centre, 10**15) == []
    with centre.begin() as connection:
        assert cases.last_number(connection, "demo-3") == 20
        cases.find_place(centre, connection, "demo-3", 10**15, "")  # beyond what a database numbers by
        assert cases.last_number(connection, "demo-3") == 20


def command(centre: Centre, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    @contextlib.contextmanager
    def opened(_args: argparse.Namespace) -> Iterator[Centre]:
        yield centre

    monkeypatch.setattr(central_cases, "opened", opened)
    parser = argparse.ArgumentParser()
    central_cases.add_arguments("cases", parser)
    return central_cases.run(parser.parse_args(words))


@one_database
def test_the_command_lists_without_names_and_marks_silent_cases(
    centre: Centre, chain: Chain, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(centre, monkeypatch) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{CASE}  2026-11-27 09:00  demo-3  ECU  new"
    assert second == f"{SILENT}  2026-11-27 09:00  demo-3  UTO  new  silent"
    clock.move(minutes=31)
    assert command(centre, monkeypatch, "take", CASE) == 0
    assert capsys.readouterr().out == f"{CASE}: taken by {ADMIN}\n"
    command(centre, monkeypatch)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(f"taken by {ADMIN}")
    assert second.endswith("silent  overdue")
    assert command(centre, monkeypatch, "close", CASE, "--outcome", "passed_on") == 0
    assert capsys.readouterr().out == f"{CASE}: closed, passed_on\n"
    command(centre, monkeypatch, "--open", "--json")
    (only,) = json.loads(capsys.readouterr().out)["cases"]
    assert (only["case_id"], only["silent"]) == (SILENT, True)
    with pytest.raises(SystemExit):
        command(centre, monkeypatch, "close", SILENT, "--outcome", "won")


@one_database
def test_showing_a_case_tells_all_of_it_and_is_an_act(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(centre, monkeypatch, "show", SILENT) == 0
    shown = capsys.readouterr().out
    for part in (
        "MUSTER, ERIKA",
        "silent: not told to the booth",
        "let_pass on entry",
        "no UTO",
        "ECU-1  MUSTER, Erika · 1974",
    ):
        assert part in shown
    assert command(centre, monkeypatch, "show", CASE, "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["case"]["family_name"], plain["silent"], plain["list"]) == ("MUSTER", False, "ECU")
    assert what(centre)[-2:] == ["case viewed", "case viewed"]
    with centre.begin() as connection:
        assert "MUSTER" not in repr(acts.all(connection)).upper().replace(ADMIN.upper(), "")
