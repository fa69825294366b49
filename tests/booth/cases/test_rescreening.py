"""A newer list is held against the Encounters of the last days: by the booth itself, once, and before the centre."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.cases import rescreening
from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.documents import PartialDate
from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedDate, ListedNumber, Name
from checkpoint_app.wire.case import CaseState, case_id
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.booth import states
from tests.booth.helpers import OFFICER, STOLEN, SUPERVISOR, Booth, make_booth

CLEAR = states.zone(
    family_name="MUSTER", given_names="KLARA LUISA", document_number="C01X00T47", birth_date=PartialDate("800101")
)
KLARA = Entry(
    id="E-9",
    schema="Person",
    names=(Name("MUSTER", "Klara Luisa"),),
    birth_dates=(ListedDate("1980-01-01", "1980-01-01"),),
    sex="F",
    nationalities=("UTO",),
)


@pytest.fixture
def booth(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    yield booth
    booth.close()


def pass_through(booth: Booth, times: int = 1) -> None:
    """Let Klara pass, whom no list names yet."""
    for _ in range(times):
        booth.type(*CLEAR)
        booth.let_pass()


def rows(booth: Booth):
    return booth.desk._core.state.cases


def wait_for_cases(booth: Booth, count: int = 1):
    booth.until(lambda _v: len(rows(booth)) >= count)
    return rows(booth)


def opened(booth: Booth) -> int:
    return booth.kinds().count("case_opened")


def test_who_passed_and_is_listed_since_is_a_case_heard_at_the_desk(booth):
    pass_through(booth)
    booth.bring(KLARA, version=2)
    (row,) = wait_for_cases(booth)
    case = row.case
    assert (case.number, case.state, case.owner, case.disposition) == (0, CaseState.NEW, "", "let_pass")
    assert (case.family_name, case.given_names, case.decided_by) == ("MUSTER", "KLARA LUISA", OFFICER)
    assert [one.entry_id for one in case.found[0].candidates] == ["E-9"]
    assert (case.found[0].source.version, {seen.name: seen.version for seen in case.seen}["ECU"]) == (2, 1)
    assert case.case_id == case_id(2026, "test-1", case.encounter_id, "ECU")
    assert Sound.LATE_HIT in booth.sounds
    assert booth.view.message.text == "1 late hit, nobody has it yet"
    assert row.untold


def test_what_was_held_once_is_not_held_again_by_a_restart_or_another_list(tmp_path):
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    pass_through(booth, 3)
    booth.bring(KLARA, version=2)
    wait_for_cases(booth, 3)
    booth.settle()
    booth.close()
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    booth.settle()
    assert opened(booth) == 3
    booth.desk._rescreening.look()
    booth.bring(KLARA, version=3)  # the entry is as it was
    booth.settle()
    assert opened(booth) == 3
    booth.bring(replace(KLARA, remarks="changed"), version=4)
    booth.until(lambda _v: any(len(row.case.found) == 2 for row in rows(booth)))
    booth.settle()
    assert (opened(booth), len(rows(booth))) == (6, 3)  # the same cases, widened
    booth.close()


def test_what_the_officer_was_told_is_no_late_hit(booth):
    booth.bring(KLARA, version=2)
    booth.type(*CLEAR)
    booth.refer()
    booth.bring(KLARA, version=3)
    booth.settle()
    assert opened(booth) == 0


def test_who_was_found_not_to_be_the_entrys_person_is_no_late_hit(booth):
    pass_through(booth)
    booth.desk._rescreening._go = lambda: None  # the list is not held against anybody yet
    booth.bring(KLARA, version=2)
    booth.type(*CLEAR)
    candidate = booth.desk._core.state.encounter.answers[-1].candidates[0]
    encounter = booth.desk._core.state.encounter
    decided = {"officer": OFFICER, "supervisor": SUPERVISOR}
    booth._ask(lambda records: records.not_same(encounter, "ECU", candidate, decided=decided, days=30))
    del booth.desk._rescreening._go
    booth.desk._rescreening.look()
    booth.settle()
    assert opened(booth) == 0


def test_what_is_decided_meanwhile_on_the_older_list_is_held_too(booth):
    """The list came while the officer was deciding: the answers are older than the list in force."""
    booth.desk._rescreening._go = lambda: None
    booth.type(*CLEAR)
    booth.desk._encountering.is_current = lambda _encounter: True  # in the moment before the desk heard of it
    booth.bring(KLARA, version=2)
    del booth.desk._rescreening._go
    booth.desk._rescreening.look()
    booth.settle()
    assert opened(booth) == 0  # it is open
    booth.let_pass()
    booth.desk._rescreening.look()
    wait_for_cases(booth)
    assert opened(booth) == 1


def test_it_waits_while_the_officer_waits(booth):
    pass_through(booth)
    core = booth.desk._core
    core.busy = True  # an act is under way
    booth.bring(KLARA, version=2)
    booth.settle()
    assert opened(booth) == 0
    core.busy = False
    core.update()
    wait_for_cases(booth)


def test_a_case_found_here_is_heard_once_though_the_centre_finds_it_too(booth):
    pass_through(booth)
    booth.bring(KLARA, version=2)
    (row,) = wait_for_cases(booth)
    booth.press(Action.COMPARE)
    booth.until(lambda v: v.stage is Stage.CASES)
    texts = [line.text for section in booth.view.panel for line in section.rows]
    assert "The centre does not know it yet" in texts
    assert any("let pass here, in" in text for text in texts)
    assert "Is in the country: tell the supervisor, and the centre by phone or radio." in texts
    booth.press(Action.TAKE_CASE)
    booth.until(lambda _v: rows(booth)[0].case.state is CaseState.TAKEN)
    heard = booth.sounds.count(Sound.LATE_HIT)
    theirs = {"case": to_plain(replace(row.case, number=1, up_to=row.untold - 1))}  # before it had this booth's
    booth._ask(lambda records: records.write(EventKind.CASE_RECEIVED, theirs))
    booth.desk._casekeeping.arrived()
    booth.until(lambda _v: not rows(booth)[0].untold)
    booth.settle()
    (row,) = rows(booth)
    assert (row.case.state, row.case.owner, row.case.number) == (CaseState.TAKEN, OFFICER, 1)
    assert booth.sounds.count(Sound.LATE_HIT) == heard == 1


def test_the_centre_knows_it_as_soon_as_it_has_the_event(booth):
    pass_through(booth)
    booth.bring(KLARA, version=2)
    wait_for_cases(booth)
    head = booth._ask(lambda records: records.store.journal.head())
    booth._ask(lambda records: records.store.delivery.acknowledge(head.seq, head.hash))
    booth.desk.tick()
    booth.until(lambda _v: not rows(booth)[0].untold)


def test_a_listed_document_is_found_too(booth):
    pass_through(booth)
    store = booth.store()
    number = ListedNumber("C01X00T47", "UTO", DocumentCategory.STOLEN)
    booth.publisher.numbers(booth.folder / "inbox", store, (STOLEN, number), version=2)
    booth.desk._keeping.look()
    (row,) = wait_for_cases(booth)
    assert row.case.found[0].findings[0].code == "lost_stolen.listed"


def test_nobody_looks_back_further_than_the_policy_says(booth):
    pass_through(booth)
    booth.clock.pass_(days=8)
    booth.bring(KLARA, version=2, issued_at=booth.clock.now())
    booth.settle()
    assert opened(booth) == 0


def test_a_kill_in_the_middle_skips_nobody_and_doubles_nothing(booth, monkeypatch):
    monkeypatch.setattr(rescreening, "SLICE", 2)
    pass_through(booth, 5)
    done = []
    true = rescreening.hold

    def killed(records, loaded, policy, one):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(one)
        return true(records, loaded, policy, one)

    def broken(records, loaded, policy, one):
        try:
            return killed(records, loaded, policy, one)
        except KeyboardInterrupt:
            raise OSError from None

    monkeypatch.setattr(rescreening, "hold", broken)
    booth.bring(KLARA, version=2)
    wait_for_cases(booth, 3)
    booth.settle()
    assert opened(booth) == 3
    monkeypatch.setattr(rescreening, "hold", true)
    booth.desk._rescreening.look()
    wait_for_cases(booth, 5)
    booth.settle()
    assert opened(booth) == len({row.case.encounter_id for row in rows(booth)}) == 5


def test_nothing_is_kept_in_memory_of_a_list_that_ended(booth):
    booth.settle()
    assert "ECU" in booth.desk._rescreening._held
    booth.desk._keeping.end("ECU")
    booth.settle()
    booth.desk._rescreening.look()
    booth.settle()
    assert "ECU" not in booth.desk._rescreening._held
    assert "ECU" not in booth.desk._rescreening._versions._last
    booth.desk._rescreening.look()
