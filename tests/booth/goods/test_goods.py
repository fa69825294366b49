"""A consignment's whole way over the desk, with a real store and real lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.booth.goods.manifests import passenger_list
from checkpoint_app.booth.view.screen import Action, Mark, Sound, Stage
from checkpoint_app.cargo.values import (
    Leg,
    ListedDocument,
    MessageError,
    MessageFault,
    Party,
    Passenger,
    PassengerList,
    Pnr,
)
from checkpoint_app.readers.folder import FolderReader
from checkpoint_app.screening.entry import Entry, Name
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import Advice, Check, Outcome, Requirement
from tests.booth.cargo_samples import (
    CARGO_POLICY,
    RIGHT,
    WRONG,
    CargoBooth,
    Messages,
    cargo_booth,
    consignment,
    container,
    message,
)
from tests.booth.helpers import CLEAR, ERIKSON, START, make_booth
from tests.booth.rules.test_rules_in_force import RULES, Post
from tests.risk.rule_files import condition, rule

WAY = ("manifest_received", "encounter_read", "encounter_answered", "consignment_seen", "disposition")
SEEN = {RIGHT: "sl-0051177", "weight": "24100"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CargoBooth]:
    made = cargo_booth(tmp_path_factory.mktemp("booth"))
    made.open()
    yield made
    made.close()


@pytest.fixture
def booth(kept: CargoBooth) -> Iterator[CargoBooth]:
    """One booth for all: each test finds an empty desk in a lane of people, and asks what is new in the journal."""
    kept.since()
    kept.sounds.clear()
    yield kept
    kept.clear_desk()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[CargoBooth]:
    made = cargo_booth(tmp_path)
    made.open()
    yield made
    made.close()


def outcomes(booth: CargoBooth) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for answer in booth.desk._core.state.encounter.answers:
        found.setdefault(answer.check.value, []).append(answer.outcome)
    return found


def codes(booth: CargoBooth) -> list[str]:
    return [one.code for answer in booth.desk._core.state.encounter.answers for one in answer.findings]


def test_a_consignment_is_opened_seen_and_released(booth: CargoBooth) -> None:
    booth.lay(message())
    view = booth.on_desk()
    assert view.consignment.number == "DEMO26004417"
    assert view.advice.advice is Advice.INCOMPLETE  # nobody has looked at the seals
    assert booth.see(**SEEN).advice.advice is Advice.PROCEED
    booth.press(Action.LET_PASS)
    view = booth.until(lambda v: v.stage is Stage.EMPTY)
    assert view.consignment is None
    assert "released" in view.message.text
    kinds = [kind for kind in booth.since() if kind in WAY]
    assert kinds == [*WAY[:4], "encounter_answered", "disposition"]
    assert booth.last_body("disposition")["disposition"] == "release"
    assert booth.last_body("manifest_received")["counted"] == {"consignment": 1, "faults": 0}


def test_what_was_read_and_seen_comes_back_after_a_crash(fresh: CargoBooth) -> None:
    booth = fresh
    booth.lay(message(consignment(weight_kg=24_080.125, value=10_000.55)))
    booth.on_desk()
    booth.see(**SEEN)
    before = booth.desk._core.state.encounter
    after = booth.again()
    try:
        after.open()
        view = after.on_desk()
        encounter = after.desk._core.state.encounter
        assert encounter.consignment == before.consignment
        assert encounter.consignment.consignment.weight_kg == 24_080.125
        assert encounter.id == before.id
        assert view.advice.advice is Advice.PROCEED
        after.press(Action.LET_PASS)
        after.until(lambda v: v.stage is Stage.EMPTY)
    finally:
        after.close()


def test_weights_and_money_are_whole_numbers_in_the_journal(booth: CargoBooth) -> None:
    booth.lay(message(consignment(weight_kg=24_080.125, value=10_000.55)))
    booth.on_desk()
    read = booth.last_body("encounter_read")["consignment"]["consignment"]
    assert (read["weight_g"], read["value_hundredths"]) == (24_080_125, 1_000_055)


def test_a_party_on_a_list_is_a_hit_that_can_be_compared(booth: CargoBooth) -> None:
    listed = Party("consignee", f"{ERIKSON.names[0].family}, {ERIKSON.names[0].given}")
    booth.lay(message(consignment(parties=(Party("shipper", "Frutas Ejemplo S.A."), listed))))
    view = booth.on_desk()
    assert view.advice.advice is Advice.REFER
    assert [(row.name, row.outcome) for row in view.consignment.parties] == [
        (listed.name, Outcome.HIT),
        ("Frutas Ejemplo S.A.", Outcome.CLEAR),
    ]
    assert any("Consignee" in row.text for section in view.panel for row in section.rows)
    booth.press(Action.COMPARE)
    view = booth.until(lambda v: v.compare)
    assert view.compare.rows[0].left == "ERIKSON"
    assert view.compare.left_head == "Party"
    booth.press(Action.NOT_SAME_PERSON)  # a party is no person with a document: the decision would bind nobody
    assert booth.sounds[-1] is Sound.REFUSED_KEY
    booth.press(Action.COMPARE)
    assert booth.until(lambda v: v.stage is Stage.CARGO).compare is None


def test_whoever_has_no_name_is_not_searched_and_is_told_so(booth: CargoBooth) -> None:
    booth.lay(message(consignment(parties=(Party("consignee", "TO ORDER"), Party("notify")))))
    view = booth.on_desk()
    assert [row.outcome for row in view.consignment.parties] == [Outcome.NOT_CHECKED] * 2
    assert all("not searched" in row.said for row in view.consignment.parties)
    assert Outcome.CLEAR not in outcomes(booth)[Check.PARTIES]


def test_a_seal_that_differs_is_a_finding(booth: CargoBooth) -> None:
    booth.lay(message())
    booth.on_desk()
    view = booth.see(**{RIGHT: "SL-0044812"})
    assert view.advice.advice is Advice.REFER
    assert view.consignment.equipment[0].seal_mark is Mark.WRONG
    assert "seals.differ" in codes(booth)
    view = booth.see(**{RIGHT: "-"})
    assert "seals.none" in codes(booth)
    assert booth.see(**{RIGHT: "sl 0051177"}).advice.advice is Advice.REFER  # two seals, none of them the declared one
    assert booth.see(**{RIGHT: "SL-0051177"}).advice.advice is Advice.PROCEED


def test_a_container_nobody_looked_at_is_not_checked_whatever_the_others_say(booth: CargoBooth) -> None:
    other = "DMOU3045126"
    both = (container(RIGHT, "A1"), container(other, "B2"))
    booth.lay(message(consignment(equipment=(RIGHT, other)), equipment=both))
    booth.on_desk()
    assert booth.see(**{RIGHT: "A1"}).advice.advice is Advice.INCOMPLETE
    assert booth.see(**{RIGHT: "A9"}).advice.advice is Advice.REFER
    assert outcomes(booth)[Check.SEALS] == [Outcome.HIT, Outcome.NOT_CHECKED]


def test_a_wrong_digit_and_a_wrong_weight_are_told_in_words(booth: CargoBooth) -> None:
    booth.lay(message(consignment(equipment=(WRONG,)), equipment=(container(WRONG, "S1"),)))
    booth.on_desk()
    view = booth.see(**{WRONG: "S1", "weight": "26910"})
    rows = [row.text for section in view.panel for row in section.rows]
    assert any("DMOU3045120" in row and "digit 0" in row for row in rows)
    assert any("26,910\u00a0kg" in row and "+12" in row for row in rows)
    assert view.consignment.equipment[0].digit_mark is Mark.WRONG


@pytest.mark.parametrize(
    ("fields", "fault"),
    [({"weight": "much"}, "kilograms"), ({"weight": "0"}, "kilograms"), ({RIGHT: "X" * 50}, "40 characters")],
)
def test_what_cannot_be_a_seal_or_a_weight_stays_in_the_form(
    booth: CargoBooth, fields: dict[str, str], fault: str
) -> None:
    booth.lay(message())
    booth.on_desk()
    view = booth.see(**fields)
    assert view.stage is Stage.FORM
    assert fault in view.form.fault
    booth.press(Action.PREVIOUS)
    assert booth.until(lambda v: v.stage is Stage.CARGO).consignment.number == "DEMO26004417"


@pytest.mark.parametrize(("number", "disposition"), [(1, "document_check"), (2, "scan"), (3, "opened")])
def test_an_inspection_says_how_and_why(booth: CargoBooth, number: int, disposition: str) -> None:
    booth.lay(message())
    booth.on_desk()
    booth.press(Action.REFER)
    assert booth.view.panel_form.title == "How is it inspected?"
    booth.press(Action.REFER)
    assert "how it is inspected" in booth.view.panel_form.fault
    booth.desk.choose(number)
    booth.press(Action.REFER)
    assert booth.view.panel_form.fault  # the advice does not say why
    booth.desk.edit("text", "odd smell")
    booth.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    body = booth.last_body("disposition")
    assert (body["disposition"], body["reason_code"], body["reason_text"]) == (disposition, "other", "odd smell")


def test_the_advice_to_refer_is_reason_enough(booth: CargoBooth) -> None:
    booth.lay(message())
    booth.on_desk()
    booth.see(**{RIGHT: "OTHER"})
    booth.press(Action.REFER)
    booth.desk.choose(3)
    booth.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert booth.last_body("disposition")["reason_code"] == "advice"


def test_releasing_against_the_advice_asks_a_reason(booth: CargoBooth) -> None:
    booth.lay(message())
    booth.on_desk()
    booth.press(Action.LET_PASS)
    assert booth.view.panel_form.title == "Why you release"
    booth.desk.choose(2)
    booth.press(Action.LET_PASS)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    body = booth.last_body("disposition")
    assert (body["disposition"], body["reason_code"]) == ("release", "papers_seen")


def test_no_key_within_400_ms_of_the_advice(booth: CargoBooth) -> None:
    booth.lay(message())
    booth.on_desk()
    booth.see(**SEEN)
    booth.press(Action.LET_PASS, wait=0.1)
    booth.settle(0.1)
    assert "disposition" not in booth.since()
    assert booth.sounds[-1] is Sound.REFUSED_KEY


def test_a_consignment_can_be_withdrawn_set_aside_and_protected(booth: CargoBooth) -> None:
    booth.lay(message())
    booth.on_desk()
    booth.press(Action.SECOND)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.type(*CLEAR)
    booth.press(Action.SECOND)
    booth.on_desk()
    booth.press(Action.PROTECT)
    booth.desk.choose(1)
    booth.press(Action.PROTECT)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert booth.last_body("disposition")["disposition"] == "protect"


def test_a_post_without_checks_of_goods_never_says_proceed(tmp_path: Path) -> None:
    booth = cargo_booth(tmp_path, cargo_required=())
    try:
        booth.open()
        booth.lay(message())
        view = booth.on_desk()
        assert view.advice.advice is Advice.INCOMPLETE
        assert any("no checks for goods" in row.text for section in view.panel for row in section.rows)
    finally:
        booth.close()


class TestMessages:
    def test_of_several_one_is_chosen(self, booth: CargoBooth) -> None:
        many = [consignment(f"DEMO-{n:02d}", equipment=()) for n in range(9)]
        view = booth.lay(message(*many))
        assert view.stage is Stage.ARRIVALS
        assert [row.cells[0] for row in view.listing.rows] == [f"DEMO-{n:02d}" for n in range(7)]
        for _ in range(8):
            booth.desk.move(1)
        assert booth.view.listing.selected == 1
        assert booth.view.listing.page == "2 of 2" or "2" in booth.view.listing.page
        booth.clock.pass_(seconds=1)
        booth.desk.submit()
        assert booth.on_desk().consignment.number == "DEMO-08"

    def test_choose_goes_on_and_the_key_of_enter_opens(self, booth: CargoBooth) -> None:
        view = booth.lay(message(*(consignment(f"MUSTER-{n}", equipment=()) for n in range(3))))
        assert [(key.cap, key.word) for key in view.keys if key.action is Action.CONFIRM] == [("Enter", "Open")]
        booth.press(Action.CHOOSE)
        assert (booth.view.stage, booth.view.listing.selected) == (Stage.ARRIVALS, 1)
        booth.press(Action.CONFIRM)
        assert booth.on_desk().consignment.number == "MUSTER-1"

    def test_containers_that_no_bill_names_stand_for_themselves(self, booth: CargoBooth) -> None:
        plan = message(equipment=(container(RIGHT), container("DMOU3045126")))
        view = booth.lay(replace(plan, consignments=(), kind="BAPLIE"))
        assert [row.cells[0] for row in view.listing.rows] == [RIGHT, "DMOU3045126"]

    def test_a_number_finds_a_consignment_of_any_message(self, booth: CargoBooth) -> None:
        booth.lay(message(consignment("A-1"), consignment("B-2", equipment=("DMOU8080800",))))
        booth.press(Action.PREVIOUS)
        booth.press(Action.CARGO)
        booth.until(lambda v: v.bar.lane.startswith("cargo"))
        booth.press(Action.CORRECT)
        booth.desk.edit("number", "dmou 808080-0")
        booth.desk.submit()
        assert booth.on_desk().consignment.number == "B-2"

    def test_a_number_that_no_message_names_is_opened_when_asked_twice(self, booth: CargoBooth) -> None:
        booth.press(Action.CARGO)
        booth.until(lambda v: v.bar.lane.startswith("cargo"))
        booth.press(Action.CORRECT)
        booth.desk.edit("number", "nobody 1")
        booth.desk.submit()
        assert "No message" in booth.until(lambda v: v.form and v.form.fault).form.fault
        booth.desk.submit()
        view = booth.on_desk()
        assert view.advice.advice is Advice.INCOMPLETE
        assert view.consignment.number == "NOBODY 1"
        assert outcomes(booth)[Check.MESSAGE] == [Outcome.NOT_CHECKED]

    def test_the_number_of_an_open_consignment_is_corrected(self, booth: CargoBooth) -> None:
        booth.lay(message())
        booth.on_desk()
        booth.press(Action.CORRECT)
        booth.desk.edit("number", "DEMO 26-004418")
        booth.desk.submit()
        view = booth.until(lambda v: v.stage is Stage.CARGO and v.advice.advice)
        assert view.consignment.number == "DEMO 26-004418"
        assert "encounter_corrected" in booth.since()

    def test_the_same_message_twice_is_kept_once(self, booth: CargoBooth) -> None:
        booth.lay(message(), "same")
        booth.on_desk()
        booth.see(**SEEN)
        booth.press(Action.LET_PASS)
        booth.until(lambda v: v.stage is Stage.EMPTY)
        booth.lay(message(), "same")
        booth.on_desk()
        assert booth.since().count("manifest_received") == 1

    def test_a_message_that_cannot_be_read_costs_one_clear_line(self, booth: CargoBooth) -> None:
        view = booth.lay(MessageError("no_such_form", "secret text", segment=7))
        assert view.stage is Stage.EMPTY
        assert "segment 7" in view.message.text
        assert "secret" not in view.message.text
        assert booth.lay(message()).stage is Stage.CARGO

    def test_faults_of_a_message_are_told(self, booth: CargoBooth) -> None:
        booth.lay(message(faults=(MessageFault("bad_segment", 4, "GID"), MessageFault("bad_segment", 9, "MEA"))))
        booth.on_desk()
        assert "message.faults" in codes(booth)
        assert booth.last_body("manifest_received")["faults"] == ["GID:bad_segment:4", "MEA:bad_segment:9"]

    def test_a_passenger_list_is_kept_for_whoever_screens_it(self, booth: CargoBooth) -> None:
        heard: list[tuple[str, PassengerList]] = []
        booth.desk.on_passenger_list(lambda manifest, people: heard.append((manifest, people)))
        booking = Pnr("ABC123", documents=(ListedDocument("P", "C01X00T47"),), bags_kg=23.5, paid_cash=False)
        klara = Passenger("MUSTER", "KLARA", birth="1980-01-01")
        people = PassengerList("PAXLST", "D:02B", (Leg("ZZ1"),), (klara,), (booking,), declared=1)
        view = booth.lay(people)
        assert "1 person" in view.message.text
        assert view.stage is Stage.EMPTY
        ((manifest, told),) = heard
        assert told == people
        assert booth.last_body("manifest_received")["manifest"] == manifest
        assert booth._ask(lambda records: passenger_list(records, manifest)) == people

    def test_none_is_taken_while_another_encounter_is_open(self, booth: CargoBooth) -> None:
        booth.type(*CLEAR)
        booth.lay(message())
        assert booth.view.stage is Stage.ENCOUNTER
        assert "manifest_received" not in booth.since()

    def test_a_picture_is_no_message(self, booth: CargoBooth) -> None:
        booth.desk.drop(b"\xff\xd8\xff\xe0 picture", "a.jpg")
        booth.settle(0.1)
        assert "manifest_received" not in booth.since()

    def test_a_watched_folder_brings_messages(self, booth: CargoBooth, tmp_path: Path) -> None:
        (tmp_path / "one.edi").write_bytes(booth.messages.lay("folder", message(consignment("FROM-FOLDER"))))
        booth.desk.watch(FolderReader(tmp_path, existing=True))
        assert booth.on_desk().consignment.number == "FROM-FOLDER"

    def test_manifests_go_when_their_days_are_over(self, booth: CargoBooth) -> None:
        booth.lay(message())
        booth.on_desk()
        store = booth.store()
        assert booth._ask(lambda _r: store.manifests.forget(START)) == 0
        assert booth._ask(lambda _r: store.manifests.forget(START.replace(year=2027))) > 0
        assert booth._ask(lambda _r: store.manifests.find("DEMO26004417")) == []


class TestInspections:
    def inspect(self, booth: CargoBooth) -> None:
        booth.lay(message())
        booth.on_desk()
        booth.see(**{RIGHT: "OTHER"})
        booth.press(Action.REFER)
        booth.desk.choose(3)
        booth.press(Action.REFER)
        booth.until(lambda v: v.stage is Stage.EMPTY)

    def test_what_awaits_a_result_is_listed_and_its_result_written(self, fresh: CargoBooth) -> None:
        booth = fresh
        self.inspect(booth)
        booth.type(*CLEAR)
        booth.press(Action.REFER)
        booth.desk.choose(2)
        booth.press(Action.REFER)
        booth.until(lambda v: v.stage is Stage.EMPTY)
        booth.press(Action.INSPECTIONS)
        view = booth.until(lambda v: v.stage is Stage.INSPECTIONS)
        assert [row.cells[:2] for row in view.listing.rows] == [
            ("DEMO26004417", "opened"),
            ("MUSTER, KLARA LUISA", "referred"),
        ]
        booth.clock.pass_(seconds=1)
        booth.desk.choose(3)
        booth.desk.edit("text", "two boxes more")
        booth.clock.pass_(seconds=1)
        booth.desk.submit()
        view = booth.until(lambda v: v.listing and len(v.listing.rows) == 1)
        assert view.panel_form is None
        body = booth.last_body("inspection_result")
        assert (body["result"], body["text"], body["rules"], body["drawn"]) == ("customs", "two boxes more", [], False)
        booth.press(Action.INSPECTIONS)
        assert booth.until(lambda v: v.stage is Stage.EMPTY)

    def test_what_is_late_is_told_and_survives_a_restart(self, fresh: CargoBooth) -> None:
        booth = fresh
        self.inspect(booth)
        after = booth.again()
        try:
            after.open()
            after.press(Action.PREVIOUS) if after.view.stage is not Stage.EMPTY else None
            after.until(lambda _v: after.desk._core.state.inspections)
            after.desk._core.say("message.none")
            assert "still" not in after.view.message.text
            after.clock.pass_(hours=25)
            after.desk._core.update()
            assert after.view.message.text == "1 inspection still has no result"
            assert after.view.message.action is Action.INSPECTIONS
            after.press(Action.INSPECTIONS)
            view = after.until(lambda v: v.stage is Stage.INSPECTIONS)
            assert view.listing.rows[0].strong
        finally:
            after.close()

    def test_another_reason_may_be_asked_over_the_list(self, booth: CargoBooth) -> None:
        booth.press(Action.INSPECTIONS)
        booth.until(lambda v: v.stage is Stage.INSPECTIONS)
        booth.press(Action.PROTECT)
        booth.desk.choose(1)
        booth.press(Action.PROTECT)
        booth.until(lambda v: v.stage is Stage.EMPTY)
        assert booth.last_body("disposition")["disposition"] == "protect"


class TestLists:
    def test_a_list_that_comes_is_asked_about_the_open_consignment(self, fresh: CargoBooth) -> None:
        listed = Entry("N-1", "Person", (Name("NUEVAPRUEBA", "Juan Ejemplo"),))
        fresh.lay(message(consignment(parties=(Party("driver", "NUEVAPRUEBA, JUAN EJEMPLO"),))))
        fresh.on_desk()
        fresh.see(**SEEN)
        assert fresh.view.advice.advice is Advice.PROCEED
        fresh.bring(ERIKSON, listed, version=2)
        view = fresh.until(lambda v: v.stage is Stage.CARGO and v.advice.advice is Advice.REFER)
        assert view.consignment.parties[0].outcome is Outcome.HIT

    def test_a_list_that_comes_later_finds_nobody_where_there_is_no_document(self, fresh: CargoBooth) -> None:
        fresh.lay(message(consignment(parties=(Party("driver", "NUEVAPRUEBA, JUAN"),))))
        fresh.on_desk()
        fresh.see(**SEEN)
        fresh.press(Action.LET_PASS)
        fresh.until(lambda v: v.stage is Stage.EMPTY)
        fresh.bring(ERIKSON, Entry("N-1", "Person", (Name("NUEVAPRUEBA", "Juan"),)), version=2)
        fresh.settle(0.5)
        assert "case_opened" not in fresh.kinds()

    def test_rules_of_consignments_speak_in_a_lane_of_goods(self, tmp_path: Path) -> None:
        required = (*CARGO_POLICY["cargo_required"], Requirement(Check.RISK))
        publisher, clock = make_booth(tmp_path, policy={**CARGO_POLICY, "cargo_required": required})
        post = Post(tmp_path, publisher, clock)
        with post.store() as store:
            put_trust(store, publisher.trust() | {RULES: publisher.key.public_key()}, 2)
        heavier = condition("weigh.delta_pct > 10.0", "heavier", "It weighs much more than declared")
        made = rule(id="C-1", subject="consignment", title="Heavier", ends="2027-12-31", conditions=[heavier])
        post.lay(made, top={"fields": "consignment/1"})
        booth = CargoBooth(tmp_path, clock, publisher, Messages())
        try:
            booth.open()
            booth.until(lambda _v: any(one.evaluator for one in booth.desk._ruling.sets))
            booth.lay(message())
            booth.on_desk()
            assert outcomes(booth)[Check.RISK] == [Outcome.NOT_CHECKED]  # nobody has weighed it
            view = booth.see(**{RIGHT: "SL-0051177", "weight": "28000"})
            assert outcomes(booth)[Check.RISK] == [Outcome.HIT]
            assert any("weighs much more" in row.text for section in view.panel for row in section.rows)
            booth.press(Action.REFER)
            booth.desk.choose(2)
            booth.press(Action.REFER)
            booth.until(lambda v: v.stage is Stage.EMPTY)
            assert "risk_evaluated" in booth.kinds()
            booth.press(Action.INSPECTIONS)
            booth.until(lambda v: v.stage is Stage.INSPECTIONS)
            booth.clock.pass_(seconds=1)
            booth.desk.choose(1)
            booth.clock.pass_(seconds=1)
            booth.desk.submit()
            booth.until(lambda v: v.listing and not v.listing.rows)
            assert booth.last_body("inspection_result")["rules"] == [[RULES, "C-1", 1]]
        finally:
            booth.close()


class TestLane:
    def test_a_lane_serves_people_or_goods_and_keeps_it(self, fresh: CargoBooth) -> None:
        booth = fresh
        assert booth.view.bar.lane == "lane 1"
        booth.press(Action.CARGO)
        view = booth.until(lambda v: v.bar.lane == "cargo 1")
        assert view.desk.title == "Lay down a cargo message"
        assert next(key.word for key in view.keys if key.action is Action.CARGO) == "People"
        assert booth.last_body("crossing_changed")["kind"] == "cargo"
        after = booth.again()
        try:
            after.open()
            assert after.view.bar.lane == "cargo 1"
            after.press(Action.DIRECTION)
            after.until(lambda v: not v.bar.direction_in)
            assert after.view.bar.lane == "cargo 1"
            after.press(Action.CARGO)
            after.until(lambda v: v.bar.lane == "lane 1")
        finally:
            after.close()

    def test_the_key_is_dead_while_somebody_stands_there(self, booth: CargoBooth) -> None:
        booth.lay(message())
        booth.on_desk()
        booth.press(Action.CARGO)
        assert booth.sounds[-1] is Sound.REFUSED_KEY
