"""Every decided Encounter is screened again; what nobody could know becomes one case, and a silent one stays here."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from checkpoint_app.booth.record.encounter import Disposition, Encounter, ReadSource
from checkpoint_app.booth.record.records import Decision, Records
from checkpoint_app.central import acts, alarms, booths, cases, database, delivery, identity, late_hits
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.late_hits import Worker, screen_decided
from checkpoint_app.central.officers import Role
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening import late
from checkpoint_app.screening.checks import Examination, run_checks
from checkpoint_app.screening.entry import Entry, ListedDate, Name
from checkpoint_app.verdict import Answer, Outcome, fold
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.case import Case, CaseKind, CaseOutcome, CaseState, SeenList
from checkpoint_app.wire.delivery import Batch, LateBody
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import read_statement
from tests.central.chains import OFFICER, Chain, answered_body, disposition_body, person, read_body, zone
from tests.central.helpers import Clock, enrolled, in_office
from tests.central.listed import EJEMPLO, MUSTER, STOLEN, policy, publish, publish_policy
from tests.store.helpers import create

one_database = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
TWIN = Entry("ECU-7", "Person", (Name("MUSTER", "Erika"),), (ListedDate("1974", "1974"),), "F", ("UTO",))


@pytest.fixture
def chain(centre: Centre) -> Chain:
    with centre.begin() as connection:
        centre.keep_secret(connection, "statement key", Ed25519PrivateKey.generate().private_bytes_raw())
    publish_policy(centre)
    return Chain.of(enrolled(centre, "demo-3"))


def loaded(centre: Centre) -> Lists:
    ready = Lists(centre)
    ready.refresh()
    return ready


def deliver(centre: Centre, chain: Chain) -> None:
    delivery.receive(centre, chain.booth, chain.batch())


def answers(centre: Centre, lists: Lists, lines: tuple[str, ...]) -> tuple[Answer, ...]:
    """What a booth with these lists would answer."""
    now = centre.now()
    examined = Examination(parse_mrz(lines, now.date()), False, now)
    return run_checks(examined, policy(), lists.public(), lambda *_: None)


def all_cases(centre: Centre) -> list[tuple[str, bool, Case]]:
    with centre.begin() as connection:
        rows = connection.execute(select(database.cases).order_by(database.cases.c.case_id)).all()
        return [(row.list, row.silent, cases.opened(centre, row)) for row in rows]


def inbox(centre: Centre, booth: str = "demo-3") -> list[Case]:
    with centre.begin() as connection:
        public = identity.statement_key(centre, connection).public_key()
        items = cases.items(centre, connection, booth, 0).items
    return [read_statement(Case, item, public) for item in items]


def kinds_of_alarms(centre: Centre) -> list[str]:
    with centre.begin() as connection:
        return [one.kind for one in alarms.all(connection)]


def test_a_hit_that_the_booth_could_not_know_is_a_case_in_its_inbox(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [EJEMPLO], 1)
    before = loaded(centre)
    chain.encounter("e-1", zone(), answers(centre, before, zone()))
    chain.encounter("e-2", zone("HARMLOS", "ANNA"), ())
    deliver(centre, chain)
    publish(centre, "ECU", [MUSTER], 2)
    ready = loaded(centre)
    assert screen_decided(centre, ready, 50) == 2
    ((name, silent, case),) = all_cases(centre)
    assert (name, silent) == ("ECU", False)
    assert inbox(centre) == [case]
    assert case == Case(
        case_id="26-N62V4AH5",
        number=1,
        kind=CaseKind.LATE_HIT,
        booth="demo-3",
        encounter_id="e-1",
        family_name="MUSTER",
        given_names="ERIKA",
        disposition="let_pass",
        decided_at=case.decided_at,
        decided_by=OFFICER,
        direction_in=True,
        found=case.found,
        seen=(SeenList("ECU", 1),),
        opened_at=centre.now(),
        due_at=centre.now() + timedelta(minutes=30),
        up_to=6,
    )
    (found,) = case.found
    assert (found.source.name, found.source.version, found.outcome) == ("ECU", 2, Outcome.HIT)
    assert [one.entry_id for one in found.candidates] == ["ECU-1"]
    assert screen_decided(centre, ready, 50) == 0
    with centre.begin() as connection:
        connection.execute(update(database.encounters).values(screened_seq=0))
    assert screen_decided(centre, ready, 50) == 2  # twice makes nothing twice
    assert len(all_cases(centre)) == len(inbox(centre)) == 1


@one_database
def test_what_the_booth_named_is_no_late_hit_unless_the_entry_changed(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [MUSTER])
    publish(centre, "INTL", [STOLEN])
    ready = loaded(centre)
    known = answers(centre, ready, zone())
    chain.encounter("e-1", zone(), known)
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 1
    assert all_cases(centre) == []
    publish(centre, "ECU", [replace(MUSTER, remarks="changed"), TWIN], 2)
    chain.encounter("e-2", zone(), known)
    deliver(centre, chain)
    ready.refresh()
    assert screen_decided(centre, ready, 50) == 1
    ((_name, _silent, case),) = all_cases(centre)
    assert {one.entry_id for one in case.found[0].candidates} == {"ECU-1", "ECU-7"}
    assert case.found[0].findings[0].params["count"] == "2"


@one_database
def test_only_what_is_new_in_an_answer_is_in_the_case(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [MUSTER])
    known = answers(centre, loaded(centre), zone())
    chain.encounter("e-1", zone(), known)
    deliver(centre, chain)
    publish(centre, "ECU", [MUSTER, TWIN], 2)
    assert screen_decided(centre, loaded(centre), 50) == 1
    ((_name, _silent, case),) = all_cases(centre)
    assert [one.entry_id for one in case.found[0].candidates] == ["ECU-7"]
    assert case.found[0].findings[0].params["count"] == "1"


@one_database
def test_a_listed_number_that_was_told_is_no_late_hit(centre: Centre, chain: Chain) -> None:
    publish(centre, "INTL", [STOLEN])
    ready = loaded(centre)
    chain.encounter("e-1", zone("HARMLOS"), answers(centre, ready, zone("HARMLOS")))
    chain.encounter("e-2", zone("HARMLOS"), ())
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 2
    ((name, _silent, case),) = all_cases(centre)
    assert (name, case.encounter_id, case.seen) == ("INTL", "e-2", (SeenList("INTL", 0),))
    assert case.found[0].findings[0].code == "lost_stolen.listed"


@one_database
def test_who_was_cleared_is_no_late_hit_while_it_holds(centre: Centre, chain: Chain, clock: Clock) -> None:
    publish(centre, "ECU", [MUSTER])
    ready = loaded(centre)
    hit = next(one for one in answers(centre, ready, zone()) if one.candidates).candidates[0]
    in_office(centre, OFFICER, Role.SUPERVISOR)
    body: dict[str, Any] = {
        "encounter_id": "e-0",
        "officer": OFFICER,
        "supervisor": OFFICER,
        "person": person(zone()),
        "list": "ECU",
        "entry_id": hit.entry_id,
        "entry_digest": hit.entry_digest,
        "until": to_plain(centre.now() + timedelta(days=1)),
    }
    chain.add(EventKind.NOT_SAME_PERSON, body)
    chain.encounter("e-1", zone(), ())
    chain.encounter("e-2", zone(number="Y7654321"), ())  # somebody else of the same name
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 2
    assert [case.encounter_id for _n, _s, case in all_cases(centre)] == ["e-2"]
    clock.move(days=2)
    chain.encounter("e-3", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 1
    assert {case.encounter_id for _n, _s, case in all_cases(centre)} == {"e-2", "e-3"}


def test_a_silent_list_makes_a_case_that_no_inbox_holds(centre: Centre, chain: Chain) -> None:
    publish(centre, "UTO", [replace(MUSTER, id="HIDDEN-7")], silent=True)
    publish_policy(centre, policy((policy().required[2].check, "ECU"), version=2))  # asks for another list only
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, loaded(centre), 50) == 1
    ((name, silent, case),) = all_cases(centre)
    assert (name, silent, case.number) == ("UTO", True, 0)
    assert inbox(centre) == []
    cases.take(centre, case.case_id, "a.muster")
    cases.close(centre, case.case_id, CaseOutcome.PASSED_ON, "a.muster")
    assert inbox(centre) == []
    chain.add(EventKind.CASE_TAKEN, {"case_id": case.case_id, "officer": OFFICER})  # a guess
    deliver(centre, chain)
    assert kinds_of_alarms(centre) == ["bad_body"]
    assert all_cases(centre)[0][2].owner == "a.muster"


def test_one_case_a_list_and_dense_numbers_a_booth(centre: Centre, chain: Chain) -> None:
    for name in ("ECU", "PER"):
        publish(centre, name, [MUSTER])
    publish(centre, "UTO", [MUSTER], silent=True)
    other = Chain.of(enrolled(centre, "demo-4"))
    for one in (chain, other):
        one.encounter("e-1", zone(), ())
        one.encounter("e-2", zone(), ())
        deliver(centre, one)
    assert screen_decided(centre, loaded(centre), 3) == 3
    assert screen_decided(centre, loaded(centre), 3) == 1
    found = all_cases(centre)
    assert len({case.case_id for _n, _s, case in found}) == len(found) == 12
    for booth in ("demo-3", "demo-4"):
        assert [case.number for case in inbox(centre, booth)] == [1, 2, 3, 4]
        assert {case.booth for case in inbox(centre, booth)} == {booth}
    assert sum(silent for _n, silent, _c in found) == 4


def test_booths_and_two_workers_at_once_make_nothing_twice(centre: Centre, chain: Chain) -> None:
    for name, silent in (("ECU", False), ("PER", False), ("UTO", True)):
        publish(centre, name, [MUSTER], silent=silent)
    chains = [chain, Chain.of(enrolled(centre, "demo-4"))]
    for one in chains:
        for number in range(3):
            one.encounter(f"e-{number}", zone(), ())
    ready = loaded(centre)

    def deliver_by_parts(one: Chain) -> None:
        for seq in range(1, one.seq + 1, 3):
            delivery.receive(centre, one.booth, one.batch(seq, seq + 2))

    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(deliver_by_parts, one) for one in chains]
        work += [pool.submit(lambda: [screen_decided(centre, ready, 2) for _ in range(4)]) for _ in range(2)]
        for one in work:
            one.result()
    while screen_decided(centre, ready, 50):
        pass
    assert len({case.case_id for _n, _s, case in all_cases(centre)}) == len(all_cases(centre)) == 18
    for one in chains:
        assert [case.number for case in inbox(centre, one.booth)] == [1, 2, 3, 4, 5, 6]
    with centre.begin() as connection:
        assert acts.verify(connection) == 18


def test_an_encounter_decided_again_is_screened_again(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [MUSTER, EJEMPLO])
    ready = loaded(centre)
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 1
    cases.close(centre, "26-N62V4AH5", CaseOutcome.NOT_SAME, "a.muster")
    chain.add(EventKind.ENCOUNTER_REOPENED, {"encounter_id": "e-1"})
    other = zone("EJEMPLO", "PEDRO", birth="800131")
    chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("e-1", other))
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body("e-1"))
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    deliver(centre, chain)
    assert screen_decided(centre, ready, 50) == 1
    ((_name, _silent, case),) = all_cases(centre)
    assert [one.entry_id for answer in case.found for one in answer.candidates] == ["ECU-1", "ECU-2"]
    assert (case.state, case.family_name, case.owner, case.outcome) == (CaseState.NEW, "EJEMPLO", "", None)
    assert [one.number for one in inbox(centre)] == [1, 2, 3]


BAD_BODIES = (
    ({"mrz": "P<UTO"}, {}, {}),
    ({"mrz": ["P<UTO", "short"]}, {}, {}),
    ({"opened_at": "yesterday"}, {}, {}),
    ({"doubtful": 1}, {}, {}),
    ({}, {"answers": {}}, {}),
    ({}, {"answers": [{"check": "wanted"}]}, {}),
    ({}, {}, {"officer": ["a"]}),
    ({}, {}, {"disposition": None}),
)


@one_database
def test_an_encounter_is_screened_as_its_own_chain_tells_it_after_two_new_ones(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [MUSTER])
    ready = loaded(centre)
    chain.add(EventKind.ENCOUNTER_READ, read_body("e-1", zone()))
    first = chain.copy()
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body("e-1"))
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    for _ in range(3):
        first.add()
    second = first.copy()
    first.add()
    second.add(EventKind.DISPOSITION, disposition_body("e-1"))
    for number, one in enumerate((chain, first, second), 1):
        if number > 1:
            booths.allow_new_chain(centre, "demo-3")
        assert delivery.receive(centre, "demo-3", one.batch()).chain == number
    assert screen_decided(centre, ready, 50) == 1  # the answers of the first chain are none of this one
    assert [case.encounter_id for _n, _s, case in all_cases(centre)] == ["e-1"]
    assert "not_screened" not in kinds_of_alarms(centre)


@one_database
def test_one_bad_encounter_is_marked_with_an_alarm_and_the_next_is_screened(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [MUSTER])
    for number, (read, answered, decided) in enumerate(BAD_BODIES):
        name = f"bad-{number}"
        chain.add(EventKind.ENCOUNTER_READ, read_body(name, zone()) | read)
        chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body(name) | answered)
        chain.add(EventKind.DISPOSITION, disposition_body(name) | decided)
    chain.encounter("e-0", (), ())  # a person without a document
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, loaded(centre), 50) == len(BAD_BODIES) + 2
    assert [case.encounter_id for _n, _s, case in all_cases(centre)] == ["e-1"]
    assert kinds_of_alarms(centre) == ["not_screened"] * len(BAD_BODIES)
    assert screen_decided(centre, loaded(centre), 50) == 0


def test_an_encounter_waits_for_its_bodies_but_not_for_ever(centre: Centre, chain: Chain, clock: Clock) -> None:
    publish(centre, "ECU", [MUSTER])
    ready = loaded(centre)
    for name in ("e-1", "e-2"):
        chain.encounter(name, zone(), answers(centre, ready, zone()))
    delivery.receive(centre, "demo-3", chain.batch(bare=(2, 5)))
    assert screen_decided(centre, ready, 50) == 0
    delivery.take_body(centre, "demo-3", chain.late(2))
    assert screen_decided(centre, ready, 50) == 1
    assert all_cases(centre) == []
    clock.move(minutes=11)
    assert screen_decided(centre, ready, 50) == 1
    assert [case.encounter_id for _n, _s, case in all_cases(centre)] == ["e-2"]
    delivery.take_body(centre, "demo-3", LateBody("demo-3", 5, erased=True))
    assert screen_decided(centre, ready, 50) == 0


@one_database
def test_a_fault_of_the_program_on_one_encounter_costs_no_other(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, "ECU", [MUSTER])
    true = late.run_list_checks

    def faulty(examined: Examination, *rest: Any) -> tuple[Answer, ...]:
        if examined.mrz.document.family_name == "EJEMPLO":
            raise RuntimeError("EJEMPLO")
        return true(examined, *rest)

    monkeypatch.setattr(late, "run_list_checks", faulty)
    chain.encounter("e-1", zone("EJEMPLO"), ())
    chain.encounter("e-2", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, loaded(centre), 50) == 2
    assert [case.encounter_id for _n, _s, case in all_cases(centre)] == ["e-2"]
    assert kinds_of_alarms(centre) == ["not_screened"]


@one_database
def test_what_changes_while_it_is_screened_is_screened_again(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, "ECU", [MUSTER])
    ready, true, other = loaded(centre), late.run_list_checks, []
    chain.encounter("e-1", zone("HARMLOS"), ())
    chain.encounter("e-2", zone(), ())
    deliver(centre, chain)

    def meanwhile(*args: Any) -> tuple[Answer, ...]:
        if not other:
            other.append(True)
            chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("e-1", zone()))
            chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
            deliver(centre, chain)
            assert screen_decided(centre, ready, 50) == 2  # another worker
        return true(*args)

    monkeypatch.setattr(late, "run_list_checks", meanwhile)
    assert screen_decided(centre, ready, 50) == 2
    assert screen_decided(centre, ready, 50) == 0
    assert {case.encounter_id for _n, _s, case in all_cases(centre)} == {"e-1", "e-2"}
    assert [len(case.found) for _n, _s, case in all_cases(centre)] == [1, 1]
    assert len(inbox(centre)) == 2


@one_database
def test_nothing_is_screened_before_lists_and_policy_are_there(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [MUSTER])
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, Lists(centre), 50) == 0
    with centre.begin() as connection:
        connection.execute(update(database.versions).where(database.versions.c.list == "policy").values(state="ready"))
    assert screen_decided(centre, loaded(centre), 50) == 0
    with centre.begin() as connection:
        connection.execute(update(database.versions).values(state="published"))
    assert screen_decided(centre, loaded(centre), 50) == 1


def test_cases_rest_sealed(centre: Centre, chain: Chain) -> None:
    publish(centre, "ECU", [MUSTER])
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    screen_decided(centre, loaded(centre), 50)
    with centre.begin() as connection:
        for table in (database.cases, database.inbox, database.acts, database.alarms, database.encounters):
            for row in connection.execute(select(table)):
                assert "MUSTER" not in repr(tuple(row)).upper()


@one_database
def test_a_case_of_endless_entries_still_fits_a_statement(centre: Centre, chain: Chain) -> None:
    long = [replace(MUSTER, id=f"ECU-{n}", birth_place="x" * 4000, nationalities=("y" * 4000,) * 3) for n in range(20)]
    publish(centre, "ECU", long)
    publish(centre, "PER", [replace(one, birth_place="\x01" * 4000) for one in long])
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    assert screen_decided(centre, loaded(centre), 50) == 1
    assert [len(case.found[0].candidates) for _n, _s, case in all_cases(centre)] == [10, 10]
    assert [0 < len(case.found[0].candidates) <= 10 for case in inbox(centre)] == [True, True]
    assert all(len(canonical_bytes(to_plain(case))) <= 256 * 1024 for case in inbox(centre))


@one_database
def test_the_worker_wakes_at_once_and_outlives_a_failure(
    centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, "ECU", [MUSTER])
    ready, tried, done = loaded(centre), threading.Event(), threading.Event()
    true = late_hits.screen_decided

    def watched(*args: Any) -> int:
        if not tried.is_set():
            tried.set()
            raise OSError("the database is away")
        count = true(*args)
        if count:
            done.set()
        return count

    monkeypatch.setattr(late_hits, "screen_decided", watched)
    worker = Worker(centre, ready)
    worker.start()
    try:
        assert tried.wait(10)
        chain.encounter("e-1", zone(), ())
        deliver(centre, chain)
        worker.wake()
        assert done.wait(4)  # before the five seconds
    finally:
        worker.stop()
    assert len(all_cases(centre)) == 1


@one_database
def test_a_worker_of_its_own_loads_its_lists(centre: Centre, chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_hits, "WAKE_EVERY_S", 0.02)
    publish(centre, "ECU", [MUSTER])
    done = threading.Event()
    true = late_hits.screen_decided
    monkeypatch.setattr(late_hits, "screen_decided", lambda *args: ((count := true(*args)) and done.set()) or count)
    chain.encounter("e-1", zone(), ())
    deliver(centre, chain)
    worker = Worker(centre)
    worker.start()
    try:
        assert done.wait(20)
    finally:
        worker.stop()
    assert len(all_cases(centre)) == 1


@one_database
def test_what_a_real_booth_writes_is_understood(centre: Centre, chain: Chain, tmp_path: Path) -> None:
    publish(centre, "ECU", [MUSTER])
    ready = loaded(centre)
    decision = Decision(Disposition.LET_PASS, "", "", OFFICER)
    opened_at, parcels = centre.now(), []
    in_office(centre, OFFICER, Role.SUPERVISOR)
    by_supervisor = {"officer": OFFICER, "supervisor": OFFICER}
    with create(tmp_path / "booth") as store:
        booth = enrolled(centre, "booth-1")
        public = store.identity.public_bytes
        with centre.begin() as connection:
            connection.execute(
                update(database.booths).where(database.booths.c.name == booth.name).values(signing_key=public)
            )
        records = Records(store)
        store.time.see(centre.now())  # as by the list of officers, without which nobody decides
        for name, found in (("e-1", ()), ("e-2", answers(centre, ready, zone())), ("e-3", ())):
            mrz = parse_mrz(zone(), opened_at.date())
            verdict = fold(found, policy(), opened_at)
            encounter = Encounter(
                name, opened_at, ReadSource.IMAGE, direction_in=False, mrz=mrz, answers=found, verdict=verdict
            )
            records.read(encounter, OFFICER, "2")
            records.answered(encounter, policy(), opened_at)
            if name == "e-3":
                hit = next(one for one in answers(centre, ready, zone()) if one.candidates).candidates[0]
                records.not_same(encounter, "ECU", hit, decided=by_supervisor, days=365)
            records.decided(encounter, decision, direction_in=False)
            parcels = store.delivery.parcels(0, 1 << 20)
            taken = delivery.receive(centre, booth.name, Batch(booth.name, tuple(parcels)))
            assert screen_decided(centre, ready, 50) == 1
        assert (taken.seq, taken.head, taken.wanted) == (len(parcels), store.journal.head().hash, ())
    ((_name, _silent, case),) = all_cases(centre)
    assert (case.encounter_id, case.family_name, case.direction_in) == ("e-1", "MUSTER", False)
    assert kinds_of_alarms(centre) == []
