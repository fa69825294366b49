"""A passenger list's whole way: laid down, screened, shown, met at the desk, closed, forgotten."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.arrivals import advance_screening
from checkpoint_app.booth.arrivals.arrival_events import close_over
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.rules.rules_in_force import Known
from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.cargo.values import Party, Pnr
from checkpoint_app.risk.fields_traveller import Listed
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.verdict import Advice, Answer, Check, Finding, NotDone, Outcome, Requirement
from checkpoint_app.wire.screening import Screened, Screening, ScreeningSubject, SubjectAnswers
from tests.booth import states
from tests.booth.arrival_samples import (
    ANA,
    FLIGHT,
    KLARA,
    ArrivalsBooth,
    ana,
    arrivals_booth,
    document,
    klara,
    listed,
    somebody,
)
from tests.booth.cargo_samples import consignment, message
from tests.booth.cases.test_rescreening import KLARA as KLARA_ENTRY
from tests.booth.helpers import ERIKSON, START, STOLEN, up


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArrivalsBooth]:
    made = arrivals_booth(tmp_path_factory.mktemp("booth"))
    made.open()
    yield made
    made.close()


@pytest.fixture
def booth(kept: ArrivalsBooth) -> Iterator[ArrivalsBooth]:
    """One booth for all: each test finds an empty desk, and no lists."""
    kept.sounds.clear()
    kept.since()
    yield kept
    kept.forget()
    kept.clear_desk()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[ArrivalsBooth]:
    made = arrivals_booth(tmp_path)
    made.open()
    yield made
    made.close()


def outcomes(booth: ArrivalsBooth, number: int = 0) -> dict[str, str]:
    return {one.name: one.outcome for one in booth.people(number)}


def listed_here(booth: ArrivalsBooth) -> Listed | None:
    state = booth.desk._core.state

    def known(records: Records) -> Known:
        return booth.desk._ruling.known(records, state.encounter, state.policy, state.post.lane, records.trusted_now())

    return booth._ask(known).listed


def codes(booth: ArrivalsBooth) -> list[str]:
    return [finding.code for answer in booth.manifest() for finding in answer.findings]


def test_a_list_is_screened_whole_and_hits_stand_first(booth: ArrivalsBooth) -> None:
    unread = klara(family="M\u2021STER", unreadable=True, documents=())
    nameless = klara(family=None, given=None)
    unborn = klara(birth="2090-01-01", documents=())
    stolen = klara(documents=(document(STOLEN.number),))
    booth.lay(listed(klara(), unread, nameless, unborn, stolen, ana()))
    booth.screened()
    people = booth.people()
    assert [one.outcome for one in people] == ["hit", "hit", *["not_checked"] * 3, "clear"]
    assert [one.place for one in people] == [4, 5, 1, 2, 3, 0]
    assert people[4].refused == "birth_date"
    counted = booth.last_body("manifest_screened")
    assert counted["counted"] == {"lines": 6, "hit": 2, "note": 0, "not_checked": 3, "clear": 1, "left_out": 0}
    assert [one["place"] for one in counted["found"]] == [4, 5]
    assert counted["found"][1]["answers"][-1]["candidates"][0]["entry_id"] == ERIKSON.id
    assert "possible matches" in booth.view.message.text
    assert Sound.LATE_HIT in booth.sounds


def test_a_name_that_could_not_be_read_is_found_by_its_letters(booth: ArrivalsBooth) -> None:
    booth.lay(listed(ana(family="ERI\u2021KSON", unreadable=True, documents=())))
    booth.screened()
    assert outcomes(booth) == {"ERI\u2021KSON, ANA MARIA": "hit"}


def test_who_is_on_the_list_as_stated_is_clear_and_appears_with_the_decision(booth: ArrivalsBooth) -> None:
    booth.lay(listed(klara(), ana()))
    booth.screened()
    view = booth.type(*KLARA)
    (answer,) = booth.manifest()
    assert (answer.outcome, answer.source.name) == (Outcome.CLEAR, f"{FLIGHT} PAXLST")
    row = next(row for row in view.checks.rows if row.name == "Passenger list")
    assert row.detail == f"on the list {FLIGHT}, as stated"
    assert all(one.appeared is None for one in booth.people())
    booth.let_pass()
    assert [one.appeared is not None for one in sorted(booth.people(), key=lambda one: one.place)] == [True, False]


def test_who_is_withdrawn_has_not_appeared(booth: ArrivalsBooth) -> None:
    booth.lay(listed(klara()))
    booth.screened()
    booth.type(*KLARA)
    booth.press(Action.PREVIOUS)
    booth.desk.choose(1)
    booth.clock.pass_(seconds=1)
    booth.desk.submit()
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert [one.appeared for one in booth.people()] == [None]


def test_who_could_not_be_told_wholly_is_never_clear(booth: ArrivalsBooth) -> None:
    guessed = klara(family="M\u00dcSTER", unreadable=True)
    booth.lay(listed(guessed, klara(nationality="ABCDE"), klara(documents=(document("A#\u00f1"),)), klara()))
    booth.screened()
    found = [(one.place, one.outcome, one.refused) for one in booth.people()]
    assert found == [
        (0, "not_checked", ""),
        (1, "not_checked", "nationality"),
        (2, "not_checked", "document_number"),
        (3, "clear", ""),
    ]


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"family": "OTRO"}, "manifest.name_differs"),
        ({"birth": "1980-01-02"}, "manifest.birth_differs"),
        ({"documents": (document("Z9"),)}, "manifest.document_differs"),
        ({"nationality": "CHL"}, "manifest.nationality_differs"),
    ],
)
def test_what_the_list_states_otherwise_is_a_finding(
    stated: dict[str, object], code: str, booth: ArrivalsBooth
) -> None:
    booth.lay(listed(klara(**stated)))
    booth.screened()
    view = booth.type(*KLARA)
    assert codes(booth) == [code]
    assert booth.manifest()[0].outcome is Outcome.NOTE
    assert any("The list states another" in row.text for section in view.panel for row in section.rows)


def test_a_list_that_was_sent_again_stands_for_the_one_before(booth: ArrivalsBooth) -> None:
    booth.lay(listed(klara(birth="1980-01-02"), prepared="1"))
    booth.screened()
    booth.clock.pass_(minutes=1)
    booth.lay(listed(klara(), prepared="2"))
    booth.screened()
    booth.type(*KLARA)
    assert [answer.outcome for answer in booth.manifest()] == [Outcome.CLEAR]
    booth.let_pass()
    assert all(one.appeared for number in (0, 1) for one in booth.people(number))  # on both


def test_a_document_that_others_bear_too_is_a_finding(booth: ArrivalsBooth) -> None:
    other = somebody(1)
    same = replace(other, documents=(document(),))
    elsewhere = replace(other, documents=(document(issuer="CHL"),))
    booth.lay(listed(klara(), same, elsewhere))
    booth.screened()
    booth.type(*KLARA)
    (answer,) = booth.manifest()
    assert [(one.code, dict(one.params)) for one in answer.findings] == [("manifest.document_shared", {"count": "1"})]


def test_not_listed_is_said_only_of_a_list_that_stands_at_the_lane(booth: ArrivalsBooth) -> None:
    booth.type(*KLARA)
    assert booth.manifest()[0].not_done is NotDone.NO_MANIFEST
    booth.let_pass()
    booth.lay(listed(somebody(1)))
    booth.screened()
    booth.type(*KLARA)  # the only list whose time it is
    assert codes(booth) == ["manifest.not_listed"]
    booth.let_pass_with_reason()
    booth.lay(listed(somebody(2), flight="XX200"))
    booth.screened()
    booth.type(*KLARA)
    assert booth.manifest()[0].not_done is NotDone.NO_MANIFEST
    booth.let_pass()
    booth.page()
    booth.opened()
    booth.press(Action.CHOOSE)
    view = booth.until(lambda v: "stands at the lane now" in v.message.text)
    assert "at the lane" in view.listing.title
    assert booth.last_body("manifest_viewed")["officer"] == "m.demo"
    assert booth.last_body("manifest_here")["here"] is True
    booth.press(Action.PREVIOUS)
    booth.until(lambda v: len(v.listing.heads) == 5)
    booth.press(Action.PREVIOUS)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.type(*KLARA)
    assert codes(booth) == ["manifest.not_listed"]


def test_who_comes_before_the_list_was_taken_in_is_answered_again(booth: ArrivalsBooth) -> None:
    booth.desk._arrivals.screening._busy = True  # it has something else to do
    booth.lay(listed(klara()))
    booth.type(*KLARA)
    assert booth.manifest()[0].not_done is NotDone.LIST_LOADING
    booth.desk._arrivals.screening._busy = False
    booth.desk._arrivals.look()
    booth.until(lambda _v: booth.manifest() and booth.manifest()[0].outcome is Outcome.CLEAR)


@pytest.mark.parametrize(
    "passenger",
    [
        klara(documents=(), birth=None),
        klara(documents=(document("Z9"),), birth=None),
        klara(family="M\u2021STER", unreadable=True, documents=()),
        klara(family="M\u2021STER", unreadable=True, documents=(), birth=None),
    ],
)
def test_who_may_be_on_the_list_is_never_called_not_listed(booth: ArrivalsBooth, passenger) -> None:
    booth.lay(listed(passenger, somebody(3)))
    booth.screened()
    booth.type(*KLARA)
    (answer,) = booth.manifest()
    assert (answer.outcome, answer.not_done) == (Outcome.NOT_CHECKED, NotDone.FIELD_MISSING)


def test_a_booking_is_known_to_the_rules(booth: ArrivalsBooth) -> None:
    pnr = Pnr("ABC123", (klara(), somebody(1)), paid_cash=True)
    booth.lay(listed(kind="PNRGOV", pnrs=(pnr,)))
    booth.screened()
    assert [one.name for one in booth.people()] == ["MUSTER, KLARA LUISA", somebody(1).family + ", PERSONA"]
    booth.type(*KLARA)
    found = listed_here(booth)
    assert (found.kind, found.pnr.locator, found.leg.flight, found.documents_shared) == ("PNRGOV", "ABC123", FLIGHT, 0)
    booth.let_pass()
    booth.type(*ANA)
    found = listed_here(booth)
    assert (found.kind, found.passenger) == ("PNRGOV", None)


def test_a_restart_in_the_middle_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = arrivals_booth(tmp_path)
    booth.open()
    searched: list[int] = []
    real = advance_screening.screened

    def counted(person, place, *others):
        searched.append(place)
        return real(person, place, *others)

    monkeypatch.setattr(advance_screening, "screened", counted)
    booth.lay(listed(*map(somebody, range(199)), ana()))
    booth.desk._arrivals.look()
    booth.until(lambda _v: booth.arrivals()[0].done >= 49)
    after = booth.again()
    try:
        done = len(searched)
        assert 50 <= done < 200
        after.open()
        after.screened()
        assert sorted(set(searched)) == list(range(200))
        assert len(searched) - 200 <= advance_screening.SLICE
        assert after.people()[0].place == 199
        assert after.kinds().count("manifest_screened") == 1
    finally:
        after.close()


def test_a_line_that_breaks_costs_its_own_answer(booth: ArrivalsBooth, monkeypatch: pytest.MonkeyPatch) -> None:
    real = advance_screening.screened

    def broken(person, *others):
        if person.passenger.family == "MUSTER":
            raise RuntimeError
        return real(person, *others)

    monkeypatch.setattr(advance_screening, "screened", broken)
    booth.lay(listed(klara(), ana(), somebody(2)))
    booth.screened()
    assert [(one.outcome, one.refused) for one in booth.people()] == [
        ("hit", ""),
        ("not_checked", "line"),
        ("clear", ""),
    ]


def test_another_version_of_a_list_screens_what_is_open_again(fresh: ArrivalsBooth) -> None:
    booth = fresh
    booth.lay(listed(klara()))
    booth.screened()
    booth.lay(listed(klara(), flight="XX200"))
    booth.screened()
    booth.page()
    booth.opened()
    booth.press(Action.TAKE_CASE)
    booth.press(Action.TAKE_CASE)
    booth.until(lambda v: "closed" in v.message.text)
    booth.press(Action.PREVIOUS)
    booth.press(Action.PREVIOUS)
    booth.bring(ERIKSON, KLARA_ENTRY, version=2)
    booth.until(lambda _v: booth.kinds().count("manifest_screened") == 3)
    booth.settle()
    assert [outcomes(booth, number)["MUSTER, KLARA LUISA"] for number in (0, 1)] == ["hit", "clear"]  # open, closed
    found = booth.last_body("manifest_screened")["found"][0]["answers"][-1]
    assert (found["source"]["version"], found["candidates"][0]["entry_id"]) == (2, "E-9")


def test_closing_tells_who_did_not_appear(booth: ArrivalsBooth) -> None:
    booth.lay(listed(klara(), ana(), somebody(5)))
    booth.screened()
    booth.type(*KLARA)
    booth.let_pass()
    booth.page()
    view = booth.opened()
    assert [row.cells[3][:8] for row in view.listing.rows] == ["awaited", "appeared", "awaited"]
    booth.press(Action.TAKE_CASE)
    assert any("2 have not appeared" in section.bold for section in booth.view.panel)
    booth.press(Action.TAKE_CASE, wait=0.1)  # too soon: it was meant for what stood here before
    assert booth.arrivals()[0].closed_at is None
    booth.press(Action.TAKE_CASE)
    view = booth.until(lambda v: "closed" in v.message.text)
    body = booth.last_body("manifest_closed")
    assert (body["places"], body["officer"], body["counted"]) == ([1, 2], "m.demo", {"lines": 3, "absent": 2})
    (section,) = view.panel
    assert section.head == "LISTED BUT DID NOT APPEAR"
    assert [row.text for row in section.rows] == ["ERIKSON, ANA MARIA", somebody(5).family + ", PERSONA"]
    assert [row.cells[3][:8] for row in view.listing.rows] == ["did not ", "appeared", "did not "]
    booth.press(Action.TAKE_CASE)
    assert booth.sounds[-1] is Sound.REFUSED_KEY
    assert booth.since().count("manifest_closed") == 1


def test_what_nobody_closes_closes_itself_a_day_after_its_time(booth: ArrivalsBooth) -> None:
    booth.lay(listed(klara(), hours=2))
    booth.screened()
    over = booth.arrivals()[0].ends
    assert booth._ask(lambda records: close_over(records, over - timedelta(seconds=1))) == 0
    assert booth._ask(lambda records: close_over(records, over)) == 1
    one = booth.arrivals()[0]
    assert one.ends - one.due == timedelta(days=1)
    assert (one.closed_at is not None, one.closed_by) == (True, "")
    assert booth.last_body("manifest_closed")["places"] == [0]


def test_it_goes_with_its_manifest(booth: ArrivalsBooth) -> None:
    booth.lay(listed(klara()))
    booth.screened()
    booth.type(*KLARA)
    booth.let_pass()
    later = booth.clock.now() + timedelta(days=31)
    assert booth._ask(lambda records: records.store.manifests.forget(later)) == 1

    def left(records) -> int:
        tables = ("arrivals", "arrival_lines", "arrival_keys", "arrival_matches")
        return sum(records.store._db.value(f"SELECT count(*) FROM {table}") for table in tables)

    assert booth._ask(left) == 0


def test_parties_of_a_manifest_are_screened_too(tmp_path: Path) -> None:
    booth = arrivals_booth(tmp_path, cargo_required=(Requirement(Check.PARTIES, "ECU"),))
    booth.open()
    try:
        named = Party("consignee", f"{ERIKSON.names[0].family}, {ERIKSON.names[0].given}")
        booth.lay(message(consignment("A-1", equipment=()), consignment("A-2", equipment=(), parties=(named,))))
        booth.desk._arrivals.look()
        booth.until(lambda _v: "manifest_screened" in booth.kinds())
        body = booth.last_body("manifest_screened")
        assert body["counted"]["hit"] == 1
        assert [one["place"] for one in body["found"]] == [1]
        view = booth.until(lambda v: v.listing and v.listing.rows[1].outcome is not None)
        container = view.listing.rows[2]  # of no consignment: it has no parties
        assert [row.outcome for row in view.listing.rows[:2]] == [Outcome.CLEAR, Outcome.HIT]
        assert container.outcome is Outcome.NOT_CHECKED
        assert view.listing.progress is None
        assert "a party is a possible match" in view.listing.rows[1].accessible
    finally:
        booth.close()


class Centre:
    """A line to a centre that knows more than this booth: Klara, by a version of its own."""

    def __init__(self, booth: ArrivalsBooth, *, fails: bool = False) -> None:
        self.asked: list[Screening] = []
        self.fails = fails
        self.booth = booth
        booth.desk._lining._line = self
        booth.desk._core.update(line=up())

    def post(self, _cls, path: str, piece: Screening, **_limits: object) -> Screened:
        assert path == "/v1/screenings"
        self.asked.append(piece)
        if self.fails:
            raise LineError(LineCode.CUT_OFF, "cut")
        return Screened(piece.id, tuple(map(self._about, piece.subjects)), START)

    def _about(self, subject: ScreeningSubject) -> SubjectAnswers:
        source = states.source("ECU", version=9)
        if subject.family_name != "MUSTER":
            return SubjectAnswers(subject.ref, (Answer(Check.WANTED, Outcome.CLEAR, source, START),))
        candidate = replace(states.candidate(), entry_id="C-1")
        found = Finding("wanted.match", {"count": "1"})
        answer = Answer(Check.WANTED, Outcome.HIT, source, START, findings=(found,), candidates=(candidate,))
        return SubjectAnswers(subject.ref, (answer,))

    def close(self) -> None:
        pass


def test_the_centre_is_asked_and_what_it_found_stands_at_the_desk(fresh: ArrivalsBooth) -> None:
    booth = fresh
    centre = Centre(booth)
    booth.desk._asking.about = lambda _encounter: None  # at the desk nobody asks: the answer is there already
    booth.lay(listed(*map(somebody, range(30)), klara()))
    booth.until(lambda _v: booth.arrivals() and booth.arrivals()[0].asked == 30)
    assert [len(piece.subjects) for piece in centre.asked] == [25, 6]
    assert outcomes(booth)["MUSTER, KLARA LUISA"] == "hit"
    assert booth.last_body("manifest_screened")["counted"]["hit"] == 1
    booth.type(*KLARA)
    encounter = booth.desk._core.state.encounter
    (wanted,) = [one for one in encounter.answers if one.check is Check.WANTED]
    assert (wanted.outcome, wanted.source.version, wanted.candidates[0].entry_id) == (Outcome.HIT, 9, "C-1")
    assert encounter.beyond == (wanted,)
    booth.desk._arrivals.look()
    booth.settle()
    assert len(centre.asked) == 2  # once


def test_what_the_centre_found_of_another_is_not_held(fresh: ArrivalsBooth) -> None:
    booth = fresh
    Centre(booth)
    booth.desk._asking.about = lambda _encounter: None
    booth.lay(listed(klara(given="OTRA PERSONA")))
    booth.until(lambda _v: booth.arrivals() and booth.arrivals()[0].asked == 0)
    booth.type(*KLARA)
    assert codes(booth) == ["manifest.name_differs"]
    assert booth.desk._core.state.encounter.beyond == ()


def test_a_cut_line_is_taken_up_where_it_broke(fresh: ArrivalsBooth) -> None:
    booth = fresh
    centre = Centre(booth, fails=True)
    booth.lay(listed(klara()))
    booth.until(lambda _v: centre.asked)
    booth.settle()
    assert outcomes(booth) == {"MUSTER, KLARA LUISA": "clear"}
    centre.fails = False
    booth.desk._arrivals.look()
    booth.until(lambda _v: booth.arrivals()[0].asked == 0)
    assert [piece.id for piece in centre.asked] == [centre.asked[0].id] * 2  # on record once
    assert outcomes(booth) == {"MUSTER, KLARA LUISA": "hit"}


def test_a_thousand_are_screened_while_the_officer_works(fresh: ArrivalsBooth) -> None:
    booth = fresh

    def pass_one() -> float:
        began = time.monotonic()
        booth.type(*KLARA)
        booth.let_pass_with_reason() if booth.view.advice.advice is not Advice.PROCEED else booth.let_pass()
        return time.monotonic() - began

    pass_one()
    alone = max(pass_one() for _ in range(5))
    booth.lay(listed(*map(somebody, range(999)), ana()))
    booth.desk._arrivals.look()
    beside = []
    while not booth.arrivals() or booth.arrivals()[0].done < 999:
        beside.append(pass_one())
    assert len(beside) > 3
    # Nobody waits for a list; whether it is never slow is the bench's to say.
    assert sorted(beside)[len(beside) // 2] < 10 * alone + 1.0
    assert booth.people()[0].outcome == "hit"
    assert booth.last_body("manifest_screened")["counted"]["lines"] == 1000
