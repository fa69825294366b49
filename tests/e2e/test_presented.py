"""What the booth itself presents, in both languages, has its room on the screen: real phrases, not samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from checkpoint_app.booth.cases.case_view import CLOSE_FORM
from checkpoint_app.booth.desk.state import Asked, AskedState, DeskState, Form, Health, Message, OnDuty, Post
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.encounter.decisions import CHOICES, SUBJECTS
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.record.encounter import Encounter, History, ReadSource
from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.demo.policy import demo_policy
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening import entry_to_plain, load
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.checks import Examination, LoadedList, Prior, run_checks
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import DocumentCategory, ListedNumber
from checkpoint_app.screening.numbers.build import blocks_of
from checkpoint_app.screening.plain import number_to_plain
from checkpoint_app.screening.segment import build_segment
from checkpoint_app.store.cases import CaseRow, Sighting
from checkpoint_app.sync.errors import LineCode
from checkpoint_app.sync.pace import LineState, Standing
from checkpoint_app.ui.canvas import Canvas, PaintedText
from checkpoint_app.verdict import Advice, Agreement, Check, NotDone, Source, fold
from checkpoint_app.wire.case import CaseOutcome, CaseState
from tests.booth.cases.test_cases import late_hit
from tests.booth.helpers import ERIKSON, OTHERS

NOW = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)
AGREEMENT = Agreement("Demo", NOW - timedelta(days=300), NOW + timedelta(days=68))
ANNA = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F2704159ZE184226B<<<<<18")
KLARA = ("P<UTOMUSTER<<KLARA<LUISA<<<<<<<<<<<<<<<<<<<<", "C01X00T478UTO8001014F3001019<<<<<<<<<<<<<<06")


def persons(threshold: int = 6_000):
    calibration = Calibration(ENGINE, threshold, 1000, 1000, 1000, 51, 1)
    return load("persons", dict(build_segment("persons", [entry_to_plain(e) for e in (*OTHERS, ERIKSON)], calibration)))


def numbers(*listed: str):
    records = [number_to_plain(ListedNumber(number, "UTO", DocumentCategory.STOLEN)) for number in listed or ("X1",)]
    return load("documents", dict(build_segment("documents", blocks_of(records), None)))


def lists(age: timedelta = timedelta(hours=6), *stolen: str, bar: NotDone | None = None) -> tuple[LoadedList, ...]:
    def source(name: str, version: int) -> Source:
        return Source(name, version, ENGINE, NOW - age, "Ecuador", "Demo", AGREEMENT.ends_at, ("LE-ONLY",))

    return (
        LoadedList("persons", source("ECU", 88), AGREEMENT, persons=persons(), bar=bar),
        LoadedList("documents", source("INTL", 4711), AGREEMENT, numbers=numbers(*stolen)),
    )


PRIOR = Prior("Rumichaca", "s.muster", NOW - timedelta(days=30), NOW + timedelta(days=335))


def encounter(lines: tuple[str, ...], known: tuple[LoadedList, ...], *, cleared: bool = False) -> Encounter:
    policy = demo_policy(NOW)
    mrz = parse_mrz(lines, NOW.date())
    answers = run_checks(
        Examination(mrz, doubtful=False, now=NOW), policy, known, lambda *_: PRIOR if cleared else None
    )
    return Encounter(
        "e", NOW, ReadSource.IMAGE, direction_in=True, mrz=mrz, answers=answers, verdict=fold(answers, policy, NOW),
        history=History(NOW - timedelta(days=53), NOW - timedelta(days=46)),
    )  # fmt: skip


def states(language: str) -> Iterator[tuple[str, DeskState]]:
    base = DeskState(
        language=language,
        now=NOW,
        post=Post("Paso Los Demo", "3", "demo-3"),
        stage=Stage.ENCOUNTER,
        officer=OnDuty("m.demo", "M. Demo", supervisor=False),
        policy=demo_policy(NOW),
        lists=lists(),
    )
    yield "proceed", replace(base, encounter=encounter(KLARA, lists()))
    yield (
        "proceed as of",
        replace(base, lists=lists(timedelta(days=3)), encounter=encounter(KLARA, lists(timedelta(days=3)))),
    )
    hit = replace(base, encounter=encounter(ANNA, lists()))
    yield "refer", hit
    yield "refer stolen too", replace(base, encounter=encounter(ANNA, lists(timedelta(hours=6), "L898902C3")))
    yield "compare", replace(hit, stage=Stage.COMPARE)
    yield "cleared before", replace(base, encounter=encounter(ANNA, lists(), cleared=True))
    yield "wrong digit", replace(base, encounter=encounter((KLARA[0], KLARA[1].replace("800101", "800102")), lists()))
    yield (
        "expired",
        replace(base, encounter=encounter((KLARA[0], "C01X00T478UTO8001014F2501014<<<<<<<<<<<<<<08"), lists())),
    )
    for bar in NotDone:
        known = lists(bar=bar)
        yield f"incomplete {bar}", replace(base, lists=known, encounter=encounter(KLARA, known))
    old = lists(timedelta(days=9))
    yield "incomplete too old", replace(base, lists=old, encounter=encounter(KLARA, old))
    yield "no lists", replace(base, lists=(), encounter=encounter(KLARA, ()))
    yield "reading", replace(base, reading=True)
    yield "empty", replace(base, stage=Stage.EMPTY)
    for name, choices in CHOICES.items():
        values = {"supervisor": "", "supervisor_pin": ""} if name == "not_same" else {}
        fault = Words(language).say("fault.reason_needed")
        form = Form(name, values, subject=SUBJECTS.get(name, name), choices=choices, chosen=1, fault=fault)
        yield f"reason {name}", replace(hit, reason=form)
    for name in ("opening", "unlock", "sign_in", "by_hand", "not_set_up"):
        yield name, replace(base, stage=Stage.FORM, form=Form(name, {"mrz": "\n".join(KLARA)}))
    yield from _line_states(base, hit)
    yield from _case_states(base)
    words = Words(language)
    for key in sorted(words.keys()):
        if key.startswith(("store.", "read.", "message.")) and not key.endswith(".one"):
            gaps = dict.fromkeys(
                ("why", "list", "time", "date", "code", "what", "count", "age", "left", "rule"), "ECU\u00a04711"
            )
            yield key, replace(base, stage=Stage.EMPTY, message=Message(key, gaps, "attention", cap="F10"))


def _line_states(base: DeskState, hit: DeskState) -> Iterator[tuple[str, DeskState]]:
    up = LineState(Standing.UP, NOW)
    for code in LineCode:
        down = LineState(Standing.DOWN, NOW - timedelta(minutes=30), code, NOW + timedelta(minutes=3))
        yield f"line {code}", replace(base, stage=Stage.EMPTY, line=down)
    for asked in AskedState:
        line = LineState(Standing.DOWN, NOW, "refused") if asked is AskedState.NO_LINE else up
        yield f"centre {asked}", replace(hit, line=line, latency_s=12.3, asked=Asked(1, asked))
    yield "centre not asked", replace(hit, line=up)
    waiting = Health(to_send=1234, oldest=NOW - timedelta(days=5))
    yield "clock", replace(base, stage=Stage.EMPTY, line=up, clock_off=timedelta(days=-3), health=waiting)
    locked = Words(base.language).say("fault.locked_challenge", challenge="4839 2045")
    yield "locked", replace(base, stage=Stage.FORM, form=Form("sign_in", {"officer": "m.demo"}, fault=locked))


def _case_states(base: DeskState) -> Iterator[tuple[str, DeskState]]:
    persons, documents = encounter(ANNA, lists()), encounter(ANNA, lists(timedelta(hours=6), "L898902C3"))
    wanted = tuple(one for one in persons.answers if one.candidates)
    stolen = tuple(one for one in documents.answers if one.check is Check.LOST_STOLEN)
    kinds = [(found, state) for found in (wanted, stolen) for state in CaseState]
    rows = tuple(
        CaseRow(
            replace(
                late_hit(number),
                given_names="ANNA MARIA MAGDALENA JOSEFINA",
                family_name="ERIKSSON MONTGOMERY-EJEMPLO",
                disposition=("let_pass", "refer", "protect", "withdrawn", "open")[number % 5],
                found=found,
                state=state,
                owner="" if state is CaseState.NEW else ("m.demo", "r.ejemplo")[number % 2],
                outcome=CaseOutcome.SAME_REPORTED if state is CaseState.CLOSED else None,
                opened_at=NOW - timedelta(hours=number),
                due_at=NOW + timedelta(minutes=25 * (number - 2)),
            ),
            NOW,
            lane="12",
            later=(Sighting(NOW - timedelta(hours=30), number % 3 > 0, "12", "let_pass", "r.ejemplo"),) * (number % 2),
            untold=number % 4,
        )
        for number, (found, state) in enumerate((*kinds, *kinds), 1)
    )
    yield "notice", replace(base, stage=Stage.EMPTY, cases=rows)
    listed = replace(base, stage=Stage.CASES, cases=rows)
    for place in range(len(rows)):
        yield f"case {place}", replace(listed, case=place)
    yield "no cases", replace(base, stage=Stage.CASES)
    fault = Words(base.language).say("fault.outcome_needed")
    outcomes = tuple(outcome.value for outcome in CaseOutcome)
    form = Form(CLOSE_FORM, subject=CLOSE_FORM, choices=outcomes, fault=fault)
    yield "closing", replace(listed, reason=form)


@pytest.fixture
def recorder() -> Iterator[list[PaintedText]]:
    Canvas.recorder = []
    yield Canvas.recorder
    Canvas.recorder = None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_presented_string_has_its_room(open_window, recorder: list[PaintedText], language: str) -> None:
    window = open_window()
    cut = []
    for name, state in states(language):
        recorder.clear()
        window.show_view(present(state))
        window.grab()
        cut += [
            (name, painted.owner, painted.text, round(painted.room), round(painted.needed))
            for painted in recorder
            if painted.needed > painted.room + 0.5 or painted.bottom_room < -0.5
        ]
    assert cut == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_add_up_and_nothing_absent_looks_clear(language: str) -> None:
    for name, state in states(language):
        view = present(state)
        if view.advice.advice is None or view.checks is None:
            continue
        done = [row for row in view.checks.rows if row.outcome]
        assert len(done) == len(view.checks.rows), name
        if view.advice.advice is Advice.PROCEED:
            required = {requirement.check for requirement in state.policy.required}
            answered = {answer.check for answer in state.encounter.answers if answer.outcome == "clear"}
            assert required <= answered, name
        if any(row.outcome == "not_checked" for row in done) and view.advice.advice is Advice.PROCEED:
            assert view.advice.line != Words(language).say("line.all_clear"), name
