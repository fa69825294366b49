"""Booth and centre find the same late hit apart from each other: it is one case, and both see it stand alike.

A real journal and a real centre; between them each event and each item of the inbox passes when the test says so.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from checkpoint_app.central import alarms, cases, database, delivery, identity
from checkpoint_app.central.centre import Centre
from checkpoint_app.store import Store
from checkpoint_app.verdict import Answer, Candidate, Check, Finding, Outcome, Source
from checkpoint_app.wire.case import DUE, Case, CaseKind, CaseOutcome, CaseState, case_id, marks
from checkpoint_app.wire.delivery import Batch
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import read_statement
from tests.central.chains import OFFICER, answered_body, disposition_body, read_body, zone
from tests.central.helpers import START, Clock, enrolled
from tests.central.line import made
from tests.central.listed import MUSTER, STOLEN, publish, publish_policy
from tests.store.helpers import create, ram_folder

BOOTH = "booth-1"
ENTRIES = ("E-1", "E-2", "E-3")


def answer(entries: tuple[str, ...], *, booth: bool = False, name: str = "ECU", **changes: Any) -> Answer:
    """A hit as booth or centre gives it: at its own moment, about the same entries."""
    candidates = tuple(Candidate(one, f"digest of {one}", one, 9_000, 8_000) for one in entries)
    at = START if booth else START.replace(minute=1)
    findings = (Finding("wanted.match", {"count": str(len(entries))}),)
    parts = {"findings": findings, "candidates": candidates, **changes}
    return Answer(Check.WANTED, Outcome.HIT, Source(name, 1, "test", START), at, **parts)


def case_of(encounter: str, found: tuple[Answer, ...], **changes: Any) -> Case:
    name = found[0].source.name if found else "ECU"
    case = Case(
        case_id(2026, BOOTH, encounter, name),
        number=0,
        kind=CaseKind.LATE_HIT,
        booth=BOOTH,
        encounter_id=encounter,
        family_name="MUSTER",
        given_names="ERIKA",
        disposition="let_pass",
        decided_at=START,
        decided_by=OFFICER,
        direction_in=True,
        found=found,
        seen=(),
        opened_at=START,
        due_at=START + DUE,
    )
    return replace(case, **changes)


class Ends:
    """A booth's store and a centre, with what is between them."""

    def __init__(self, store: Store, centre: Centre) -> None:
        self.store, self.centre = store, centre
        self._count = itertools.count(1)

    def encounter(self) -> str:
        """Let somebody pass, and the centre know of it."""
        name = f"e-{next(self._count)}"
        for kind, body in (
            (EventKind.ENCOUNTER_READ, read_body(name, zone())),
            (EventKind.ENCOUNTER_ANSWERED, answered_body(name)),
            (EventKind.DISPOSITION, disposition_body(name)),
        ):
            self.store.journal.append(kind, body)
        self.deliver()
        return name

    def deliver(self) -> None:
        """Let the booth's events arrive."""
        after = self.store.delivery.acknowledged().seq
        parcels = tuple(self.store.delivery.parcels(after, 1 << 20))
        reply = delivery.receive(self.centre, BOOTH, Batch(BOOTH, parcels))
        self.store.delivery.acknowledge(reply.seq, reply.head, reply.wanted)

    def fetch(self) -> None:
        """Let the inbox be read."""
        with self.centre.begin() as connection:
            key = identity.statement_key(self.centre, connection).public_key()
            inbox = cases.items(self.centre, connection, BOOTH, self.store.cases.last_number())
        for item in inbox.items:
            self.store.journal.append(EventKind.CASE_RECEIVED, {"case": to_plain(read_statement(Case, item, key))})

    def at_booth(self, encounter: str) -> list[Case]:
        return [row.case for row in self.store.cases.of_encounter(encounter)]

    def at_centre(self, encounter: str) -> list[Case]:
        table = database.cases
        with self.centre.begin() as connection:
            rows = connection.execute(select(table).where(table.c.encounter_id == encounter)).all()
            return [cases.opened(self.centre, row) for row in rows]

    def alarms(self) -> list[str]:
        with self.centre.begin() as connection:
            return [one.kind for one in alarms.all(connection)]

    def do(self, what: str, encounter: str, entries: tuple[str, ...]) -> None:
        """Do one step, where it is possible now."""
        booth, centre = self.at_booth(encounter), self.at_centre(encounter)
        if what == "booth finds":
            found = answer(entries, booth=True)
            if not marks((found,)) <= marks(one for case in booth for one in case.found):
                self.store.journal.append(EventKind.CASE_OPENED, {"case": to_plain(case_of(encounter, (found,)))})
        elif what == "centre finds":
            known = marks(one for case in centre for one in case.found)
            found = answer(entries)
            if not marks((found,)) <= known:
                with self.centre.begin() as connection:
                    cases.raise_case(self.centre, connection, "ECU", case_of(encounter, (found,)), silent=False)
        elif what == "deliver":
            self.deliver()
        elif what == "fetch":
            self.fetch()
        elif what.startswith("booth") and booth and booth[0].state is not CaseState.CLOSED:
            self._step_at_booth(what, booth[0])
        elif what.startswith("centre") and centre and centre[0].state is not CaseState.CLOSED:
            if what == "centre takes":
                cases.take(self.centre, centre[0].case_id, "a.muster")
            else:
                cases.close(self.centre, centre[0].case_id, CaseOutcome.PASSED_ON, "a.muster")

    def _step_at_booth(self, what: str, case: Case) -> None:
        body: dict[str, Any] = {"case_id": case.case_id, "officer": OFFICER}
        if what == "booth takes":
            self.store.journal.append(EventKind.CASE_TAKEN, body)
        else:
            body |= {"outcome": "not_same", "saw": sorted(marks(case.found))}
            self.store.journal.append(EventKind.CASE_CLOSED, body)


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ends]:
    folder = ram_folder()
    try:
        with create(folder / "booth") as store, made(folder / "centre", Clock()) as centre:
            publish_policy(centre)
            publish(centre, "ECU", [MUSTER])
            publish(centre, "UTO", [MUSTER], silent=True)
            publish(centre, "INTL", [STOLEN])
            enrolled(centre, BOOTH)
            with centre.begin() as connection:
                key = store.identity.public_key.public_bytes_raw()
                connection.execute(update(database.booths).values(signing_key=key))
            yield Ends(store, centre)
    finally:
        shutil.rmtree(folder)


STEPS = (
    "booth finds", "centre finds", "deliver", "fetch", "booth takes", "booth closes", "centre takes", "centre closes"
)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sets(st.sampled_from(ENTRIES), min_size=1)), max_size=9))
def test_in_any_order_it_is_one_case_that_stands_alike_at_both_ends(
    ends: Ends, steps: list[tuple[str, set[str]]]
) -> None:
    encounter = ends.encounter()
    for what, entries in steps:
        ends.do(what, encounter, tuple(sorted(entries)))
    for _ in range(2):
        ends.deliver()
        ends.fetch()
    booth, centre = ends.at_booth(encounter), ends.at_centre(encounter)
    assert len(booth) == len(centre) <= 1
    for here, there in zip(booth, centre, strict=True):
        assert here.case_id == there.case_id
        assert here.stand == there.stand
        assert marks(here.found) == marks(there.found)
    assert "bad_body" not in ends.alarms()


def test_who_took_it_before_the_centres_copy_came_keeps_it(ends: Ends) -> None:
    encounter = ends.encounter()
    for what in ("booth finds", "booth takes", "centre finds", "fetch"):
        ends.do(what, encounter, ("E-1",))
    (case,) = ends.at_booth(encounter)
    assert (case.number > 0, case.state, case.owner) == (True, CaseState.TAKEN, OFFICER)
    ends.do("booth closes", encounter, ())
    ends.deliver()
    (case,) = ends.at_centre(encounter)
    assert (case.state, case.owner, case.outcome) == (CaseState.CLOSED, OFFICER, CaseOutcome.NOT_SAME)


def test_nobody_closes_what_he_did_not_see(ends: Ends) -> None:
    encounter = ends.encounter()
    for what, entries in (("booth finds", ("E-1",)), ("deliver", ()), ("centre finds", ("E-2",)), ("booth closes", ())):
        ends.do(what, encounter, entries)
    ends.deliver()
    ends.fetch()
    for (case,) in (ends.at_booth(encounter), ends.at_centre(encounter)):
        assert case.state is CaseState.NEW
        assert {one.entry_id for found in case.found for one in found.candidates} == {"E-1", "E-2"}


LONG = tuple(f"E-{number}" for number in range(11))
REFUSED = {
    "another booth's": lambda case: replace(case, booth="booth-2"),
    "of no Encounter": lambda case: case_of("e-none", case.found),
    "under another id": lambda case: replace(case, case_id="26-AAAAAAAA"),
    "under no id": lambda case: replace(case, case_id=""),
    "with a number": lambda case: replace(case, number=1),
    "of another kind": lambda case: replace(case, kind=CaseKind.ON_THE_WAY),
    "with nothing found": lambda case: case_of(case.encounter_id, ()),
    "of a silent list": lambda case: case_of(case.encounter_id, (answer(("E-1",), name="UTO"),)),
    "of an unknown list": lambda case: case_of(case.encounter_id, (answer(("E-1",), name="PER"),)),
    "of a list of another kind": lambda case: case_of(case.encounter_id, (answer(("E-1",), name="INTL"),)),
    "of two lists": lambda case: replace(case, found=(*case.found, answer(("E-1",), name="INTL"))),
    "of a version to come": lambda case: replace(
        case, found=(replace(case.found[0], source=replace(case.found[0].source, version=2)),)
    ),
    "of too many": lambda case: replace(case, found=(answer(LONG),)),
    "of nobody": lambda case: replace(case, found=(answer(()),)),
    "no hit": lambda case: replace(case, found=(replace(case.found[0], outcome=Outcome.NOTE),)),
    "too large": lambda case: replace(case, found=(replace(case.found[0], candidates=_large(case)),)),
}


def _large(case: Case) -> tuple[Candidate, ...]:
    return (replace(case.found[0].candidates[0], caption="x" * 300_000),)


@pytest.mark.parametrize("what", REFUSED)
def test_a_case_that_a_booth_may_not_open_is_none(ends: Ends, what: str) -> None:
    encounter = ends.encounter()
    case = case_of(encounter, (answer(("E-1",)),))
    ends.store.journal.append(EventKind.CASE_OPENED, {"case": to_plain(REFUSED[what](case))})
    before = len(ends.alarms())
    ends.deliver()
    assert ends.at_centre(encounter) == []
    assert ends.alarms()[before:] == ["bad_body"]
    ends.store.journal.append(EventKind.CASE_OPENED, {"case": to_plain(case)})
    ends.deliver()
    assert len(ends.at_centre(encounter)) == 1


def test_a_case_is_opened_as_nobodys_whatever_the_booth_says(ends: Ends) -> None:
    encounter = ends.encounter()
    case = case_of(encounter, (answer(("E-1",)),), state=CaseState.CLOSED, owner="x", outcome=CaseOutcome.NOT_SAME)
    ends.store.journal.append(EventKind.CASE_OPENED, {"case": to_plain(case)})
    ends.deliver()
    for (one,) in (ends.at_booth(encounter), ends.at_centre(encounter)):
        assert (one.state, one.owner, one.outcome) == (CaseState.NEW, "", None)


def test_a_case_that_grows_and_grows_stays_within_a_statement(ends: Ends) -> None:
    encounter = ends.encounter()
    for number in range(5):
        found = answer((f"E-{number}",))
        found = replace(found, candidates=(replace(found.candidates[0], caption="x" * 80_000),))
        ends.store.journal.append(EventKind.CASE_OPENED, {"case": to_plain(case_of(encounter, (found,)))})
    ends.deliver()
    (case,) = ends.at_centre(encounter)
    assert len(case.found) == 3


def test_what_the_booth_told_while_the_centre_searched_is_not_opened_anew(ends: Ends) -> None:
    encounter = ends.encounter()
    for what in ("booth finds", "booth takes", "deliver"):
        ends.do(what, encounter, ("E-1",))
    with ends.centre.begin() as connection:
        before = cases.last_number(connection, BOOTH)
        again = case_of(encounter, (answer(("E-1",)),))
        assert cases.raise_case(ends.centre, connection, "ECU", again, silent=False) is False
        assert cases.last_number(connection, BOOTH) == before
    (case,) = ends.at_centre(encounter)
    assert (case.state, case.owner) == (CaseState.TAKEN, OFFICER)
