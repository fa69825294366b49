"""What the screen says of consignments, listings and inspections, in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.desk.state import Arrivals, Counts, DeskState, Form, Message, OnDuty, Post
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.goods.form_names import NUMBER_FORM, RESULT_FORM, RESULTS, SEEN_FORM
from checkpoint_app.booth.goods.goods_checks import Inspected, cargo_policy, run_cargo_checks
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.present.keys import alive, key_views, main_action
from checkpoint_app.booth.record.consignment import ConsignmentRead, Listed
from checkpoint_app.booth.record.encounter import Encounter, ReadSource, no_document
from checkpoint_app.booth.view.consignment import MOST_EQUIPMENT, MOST_GOODS, MOST_PARTIES
from checkpoint_app.booth.view.screen import Action, DeskView, Mark, Stage
from checkpoint_app.cargo.values import Dangerous, Goods, MessageFault, Party
from checkpoint_app.screening.checks import THIS_BOOTH, LoadedList
from checkpoint_app.store.encounter_row import EncounterRow
from checkpoint_app.store.inspections import Awaited
from checkpoint_app.store.manifests import CONSIGNMENT, Manifest
from checkpoint_app.verdict import Answer, Candidate, Check, Finding, LaneKind, NotDone, Outcome, Requirement, fold
from tests.booth.cargo_samples import CARGO_POLICY, RIGHT, WRONG, consignment, container, read_of
from tests.booth.states import AGREEMENT, NOW, POLICY, candidate, source

pytestmark = pytest.mark.usefixtures("quito")

BOTH = (container(WRONG, "SL-0044821", type="45G1"), container(RIGHT, "SL-0051177"))
SEEN = {WRONG: ("SL-0044812",), RIGHT: ("SL-0051177",)}


class Listing:
    """A list of persons that finds ``found`` for everybody whose family name is FOUND."""

    def screen(self, subject: object, limit: int = 10, *, hits_only: bool = False) -> tuple[Candidate, ...]:
        return (candidate(),) if subject.family_name == "FOUND" else ()  # type: ignore[attr-defined]


def desk(
    read: ConsignmentRead | None, language: str = "en", policy: dict | None = None, **changes: object
) -> DeskState:
    asked = replace(POLICY, **{**CARGO_POLICY, **(policy or {})})
    lists = (LoadedList("persons", source("ECU"), AGREEMENT, persons=Listing()),)
    encounter = None
    if read is not None:
        answers = run_cargo_checks(Inspected(read, asked, lists, NOW))
        encounter = Encounter(
            id="e",
            opened_at=NOW,
            source=ReadSource.MESSAGE,
            direction_in=True,
            mrz=no_document(),
            answers=answers,
            own=answers,
            verdict=fold(answers, cargo_policy(asked), NOW),
            consignment=read,
        )
    made = DeskState(
        language=language,
        now=NOW,
        post=Post("Paso Test", "1", "test-1"),
        stage=Stage.ENCOUNTER if encounter else Stage.EMPTY,
        officer=OnDuty("m.demo", "M. Demo", supervisor=False),
        policy=asked,
        lists=lists,
        lane_kind=LaneKind.CARGO,
        encounter=encounter,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def risky(**changes: object) -> ConsignmentRead:
    read = read_of(consignment(equipment=(WRONG, RIGHT)), equipment=BOTH)
    return replace(read, seals=SEEN, weighed_kg=26_910.0, **changes)  # type: ignore[arg-type]


def texts(view: DeskView) -> list[str]:
    return [row.text for section in view.panel for row in section.rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_consignment_is_shown_with_its_parts(language: str) -> None:
    view = present(desk(risky(), language))
    shown = view.consignment
    assert (view.stage, view.document, view.person) == (Stage.CARGO, None, None)
    assert shown is not None
    assert shown.number == "DEMO26004417"
    weighed = next(row.value for row in shown.fields if "26" in row.value and "%" in row.value)
    assert weighed == {"en": "26,910\u00a0kg, +12\u00a0%", "es": "26\u00a0910\u00a0kg, +12\u00a0%"}[language]
    assert [(row.digit, row.digit_mark, row.seal, row.seal_mark) for row in shown.equipment] == [
        ("0", Mark.WRONG, "SL-0044812", Mark.WRONG),
        ("2", Mark.TICK, "SL-0051177", Mark.TICK),
    ]
    assert [row.outcome for row in shown.parties] == [Outcome.CLEAR, Outcome.CLEAR, Outcome.NOT_CHECKED]
    assert shown.goods[0].hs == "0803.90"
    assert all(row.accessible for row in (*shown.parties, *shown.equipment))


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_are_sentences_the_gravest_first_and_what_to_do_comes_last(language: str) -> None:
    view = present(desk(risky(faults=(MessageFault("x", 3, "GID"),)), language))
    words = Words(language)
    assert [section.head for section in view.panel] == [words.say("cargo.findings"), words.say("panel.what_to_do")]
    rows = view.panel[0].rows
    assert [row.symbol for row in rows] == ["hit", "hit", "note", "note"]  # the policy makes a weight a note
    assert any(f"{WRONG}" in row.text and "SL-0044812" in row.text for row in rows)
    assert words.say("step.inspect") == view.panel[-1].rows[-1].text


ROWS = {
    "en": [
        "Message: 2 findings",
        "Parties",
        "Weight and digit: 1 finding",
        "Seals: 1 differs",
        "Seals: 1 not looked at",
    ],
    "es": ["Mensaje: 2 hallazgos", "Partes", "Peso y dígito: 1 hallazgo", "Sellos: 1 distinto", "Sellos: 1 sin mirar"],
}


def crowded() -> ConsignmentRead:
    """Two hits in the message, one digit, one seal that differs, one that nobody looked at; two notes."""
    made = replace(risky(faults=(MessageFault("x", 3, "GID"),)), seals={WRONG: SEEN[WRONG]})
    goods = (Goods("PAINT UN 1263", ("320810",), 640, 24_080.0),)
    return replace(made, consignment=replace(made.consignment, transshipments=("PAPTY",), goods=goods))


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_of_goods_carry_their_counts_and_need_no_second_line(language: str) -> None:
    view = present(desk(crowded(), language))
    assert view.checks is not None
    assert [row.name for row in view.checks.rows] == ROWS[language]
    assert view.checks.terse
    assert all(row.detail for row in view.checks.rows if row.outcome is not Outcome.CLEAR)  # the tip has them
    assert all(row.accessible.startswith(row.name) for row in view.checks.rows)
    said = {"en": "1 clear · 3 with findings · 1 not done", "es": "1 sin hallazgo · 3 con hallazgo · 1 no hecho"}
    assert view.checks.count == said[language]
    assert view.advice.line.startswith({"en": "4 findings", "es": "4 hallazgos"}[language])


def test_an_answer_of_notes_and_one_of_rules_are_counted_too() -> None:
    base = desk(read_of(faults=(MessageFault("x", 3, "GID"),)))
    rules = Answer(Check.RISK, Outcome.NOT_CHECKED, source("demo"), NOW, NotDone.NOT_EVALUATED, of=3)
    drawn = Answer(Check.DRAW, Outcome.HIT, THIS_BOOTH, NOW, findings=(Finding("draw.selected", {"number": "4"}),))
    answers = (*base.encounter.answers, rules, drawn)  # type: ignore[union-attr]
    view = present(replace(base, encounter=replace(base.encounter, answers=answers)))  # type: ignore[type-var]
    assert view.checks is not None
    names = [row.name for row in view.checks.rows]
    assert names[0] == "Message: 1 note"
    assert names[-2:] == ["Rules: 3 not evaluated", "Random draw: chosen"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gravest_findings_come_first_and_the_others_are_counted(language: str) -> None:
    words = Words(language)
    panel = present(desk(crowded(), language)).panel
    heads = [section.head for section in panel]
    order = ("cargo.findings", "cargo.not_done", "panel.what_to_do", "cargo.findings_further")
    assert heads == [words.say(key) for key in order]
    assert [row.symbol for row in panel[0].rows] == ["hit"] * 4
    assert panel[0].muted == (words.say("cargo.findings_more", count=2),)
    assert [row.symbol for row in panel[-1].rows] == ["note"] * 2
    weight = {"en": "26,910\u00a0kg", "es": "26\u00a0910\u00a0kg"}[language]
    assert any(weight in row.text for row in panel[-1].rows)


def test_beside_a_match_what_to_do_keeps_its_room() -> None:
    found = (Party("driver", "FOUND"),)
    read = crowded()
    view = present(desk(replace(read, consignment=replace(read.consignment, parties=found))))
    words = Words("en")
    heads = [section.head for section in view.panel]
    order = ("cargo.findings", "panel.possible_match", "cargo.not_done", "panel.what_to_do", "cargo.findings_further")
    assert heads == [*(words.say(key) for key in order), words.say("panel.from")]
    assert len(view.panel[0].rows) == 2
    assert [row.text for row in view.panel[2].rows] == ["Seals: 1 not looked at"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_for_goods_name_no_person(language: str) -> None:
    words = Words(language)
    parties = (Party("driver", "FOUND"),)
    compared = present(replace(desk(read_of(consignment(parties=parties)), language), stage=Stage.COMPARE))
    assert compared.panel[-1].lines == (words.say("step.compare_party"),)
    assert "Ctrl+2" not in str(compared.panel)
    closing = Form("withdraw", subject="withdrawn", choices=("mistake", "other_document", "left"))
    asked = present(desk(read_of(), language, reason=closing)).panel_form
    assert asked is not None
    assert asked.fields[0].choices[2] == {"en": "The consignment left", "es": "El envío se fue"}[language]
    said = present(desk(read_of(), language, message=Message("message.decide_first", {}, "attention", "F10"))).message
    assert said.text == words.say("message.decide_first_goods")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_looked_at_is_told_before_what_to_do(language: str) -> None:
    view = present(desk(read_of(), language))
    words = Words(language)
    assert [section.head for section in view.panel][-2:] == [words.say("cargo.not_done"), words.say("panel.what_to_do")]
    assert any(words.say(f"not_done.{NotDone.NOT_SEEN}") in row.text for row in view.panel[-2].rows)
    assert view.panel[-1].rows[0].text == words.say("step.see_seals")


def test_every_finding_of_goods_has_its_sentence() -> None:
    read = read_of(
        consignment(
            goods=(Goods("PAINT UN 1263", packages=3, weight_kg=1.0), Goods("x", packages=4, weight_kg=2.0)),
            parties=(Party("consignee", "A LA ORDEN"), Party("shipper", "Nadie", country="QX9")),
            transshipments=("PAPTY",),
            origin_country="??",
        ),
        equipment=(container(seals=()),),
        declared=7,
        count_matches=False,
    )
    said = texts(present(desk(replace(read, left_out=3))))
    assert not [text for text in said if "{" in text or "other finding" in text.lower()]
    for part in ("UN 1263", "PAPTY", "??", "QX9", "to order", "without a declared seal", "3 lines had no room"):
        assert any(part in text for text in said), part


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_party_that_may_be_listed_comes_first_and_names_its_part(language: str) -> None:
    parties = (Party("shipper", "Frutas Ejemplo S.A."), Party("driver", "FOUND"))
    view = present(desk(read_of(consignment(parties=parties)), language))
    words = Words(language)
    assert view.consignment is not None
    assert (view.consignment.parties[0].name, view.consignment.parties[0].outcome) == ("FOUND", Outcome.HIT)
    assert any(words.say("role.driver") in text and "FOUND" in text for text in texts(view))
    assert any(section.bold == candidate().caption for section in view.panel)
    compared = present(replace(desk(read_of(consignment(parties=parties)), language), stage=Stage.COMPARE))
    assert compared.compare is not None
    assert compared.compare.rows[0].left == "FOUND"


def test_long_lists_are_cut_and_say_how_much_is_left() -> None:
    boxes = tuple(container(f"AAAU{n:07d}") for n in range(9))
    many = consignment(
        equipment=tuple(one.number or "" for one in boxes),
        parties=tuple(Party("notify", f"Muestra {n}") for n in range(9)),
        goods=tuple(Goods(f"goods {n}") for n in range(9)),
    )
    shown = present(desk(read_of(many, equipment=boxes))).consignment
    assert shown is not None
    assert (len(shown.parties), shown.parties_more) == (MOST_PARTIES, "and 5 more")
    assert (len(shown.equipment), shown.equipment_head.more) == (MOST_EQUIPMENT, "and 6 more")
    assert (len(shown.goods), shown.goods_head.more) == (MOST_GOODS, "and 6 more")


def test_what_was_not_stated_says_so() -> None:
    shown = present(
        desk(ConsignmentRead(consignment=replace(consignment(), number=None, goods=(), parties=()), read_at=NOW))
    )
    assert shown.consignment is not None
    assert shown.consignment.number == "no number"
    bare = desk(
        ConsignmentRead(consignment=replace(consignment(), load=None, packages=None, weight_kg=None), read_at=NOW)
    )
    fields = {row.label: row.value for row in present(bare).consignment.fields}  # type: ignore[union-attr]
    assert fields["From"] == fields["Packages"] == fields["Weight"] == "not stated"


def test_dangerous_goods_are_named_once() -> None:
    read = read_of(
        consignment(dangerous=(Dangerous("3", "1203"),), goods=(Goods("x", dangerous=(Dangerous("3", "1203"),)),))
    )
    shown = present(desk(read)).consignment
    assert [row.value for row in shown.fields if row.label == "Dangerous"] == ["UN\u00a01203 (3)"]  # type: ignore[union-attr]


def test_a_post_without_checks_of_goods_says_so_and_never_proceeds() -> None:
    view = present(desk(read_of(), policy={"cargo_required": ()}))
    assert view.advice.advice is not None
    assert view.advice.advice.value == "incomplete"
    assert any("no checks for goods" in text for text in texts(view))


def test_keys_of_a_consignment() -> None:
    state = desk(risky())
    words = Words("en")
    bar = [(key.cap, key.word) for key in key_views(state, words)]
    assert ("F5", "Release") in bar
    assert ("F7", "Inspect") in bar
    assert ("Ctrl+S", words.say("key.seen")) in bar
    assert Action.SEEN in alive(state)
    assert Action.CARGO not in alive(state)
    assert main_action(state) is Action.REFER
    assert Action.SEEN not in alive(replace(state, decided="release"))
    assert {Action.SAME_PERSON, Action.NOT_SAME_PERSON}.isdisjoint(alive(replace(state, stage=Stage.COMPARE)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_of_goods_have_words(language: str) -> None:
    words = Words(language)
    seen = present(desk(read_of(), language, form=Form(SEEN_FORM, {RIGHT: "A"}), stage=Stage.FORM)).form
    assert seen is not None
    assert [(field.name, field.value) for field in seen.fields] == [(RIGHT, "A"), ("weight", "")]
    assert "SL-0051177" in seen.fields[0].mark_text
    number = present(desk(None, language, form=Form(NUMBER_FORM, {"number": "X"}), stage=Stage.FORM)).form
    assert number is not None
    assert number.title == words.say("form.cargo_number")
    inspect = desk(
        risky(), language, reason=Form("refer", subject="inspect", choices=("document_check", "scan", "opened"))
    )
    asked = present(inspect).panel_form
    assert asked is not None
    assert (asked.title, asked.submit) == (words.say("form.why_inspect"), "F7")
    result = Form(RESULT_FORM, {"encounter": "e"}, subject=RESULT_FORM, choices=RESULTS, chosen=2)
    told = present(desk(None, language, reason=result, stage=Stage.INSPECTIONS)).panel_form
    assert told is not None
    assert (told.title, len(told.fields[0].choices)) == (words.say("form.inspection"), 6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_listings_have_pages_and_words(language: str) -> None:
    rows = tuple(Listed("m", n, f"DEMO-{n}", (RIGHT,), 5, 1_000.4, "fruit") for n in range(9))
    manifest = Manifest("m", CONSIGNMENT, "CUSCAR", "D:95B", NOW, "d", 1_200)
    arrivals = desk(None, language, stage=Stage.ARRIVALS, arrivals=Arrivals(manifest, rows, 1_200, selected=8))
    view = present(arrivals)
    assert view.listing is not None
    assert ([row.cells[0] for row in view.listing.rows], view.listing.selected) == (["DEMO-7", "DEMO-8"], 1)
    assert {"en": "1,191", "es": "1\u00a0191"}[language] in view.listing.page
    assert {"en": "1,200", "es": "1\u00a0200"}[language] in view.listing.title
    assert all(row.bare for row in view.listing.rows)  # nobody is looking at them: no sign says so
    keys = {key.action: (key.cap, key.word) for key in view.keys}
    assert keys[Action.CONFIRM] == {"en": ("Enter", "Open"), "es": ("Intro", "Abrir")}[language]
    assert keys[Action.CHOOSE][0] == "↑ ↓"
    assert Action.CONFIRM in alive(arrivals)
    assert Action.CONFIRM not in alive(replace(arrivals, arrivals=Arrivals(manifest, (), 0)))


def test_inspections_that_are_late_stand_out() -> None:
    old, young = NOW - timedelta(hours=25), NOW - timedelta(hours=1)
    rows = (
        Awaited(EncounterRow("a", 1, 2, disposition="opened", consignment="DEMO-1"), old),
        Awaited(EncounterRow("b", 3, 4, disposition="refer", document='{"family_name": "MUSTER"}'), young),
        Awaited(EncounterRow("c", 5, 6, disposition="scan", consignment=""), young),
    )
    state = desk(None, stage=Stage.INSPECTIONS, inspections=rows, inspection="b")
    view = present(state)
    assert view.listing is not None
    assert [row.cells[0] for row in view.listing.rows] == ["DEMO-1", "MUSTER", "no number"]
    assert ([row.strong for row in view.listing.rows], view.listing.selected) == ([True, False, False], 1)
    assert [row.bare for row in view.listing.rows] == [False, True, True]
    waiting = present(replace(state, stage=Stage.EMPTY)).message
    assert (waiting.text, waiting.cap) == ("1 inspection still has no result", "Ctrl+E")
    assert "result" not in present(replace(state, stage=Stage.EMPTY, inspections=rows[1:])).message.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_desk_of_a_lane_of_goods(language: str) -> None:
    words = Words(language)
    view = present(desk(None, language, counts=Counts(consignments=4, inspected=1)))
    assert view.desk is not None
    assert view.desk.title == words.say("desk.title_cargo")
    assert view.panel[0].table[:2] == (
        (words.say("panel.consignments"), "", "4"),
        (words.say("panel.inspected"), "", "1"),
    )


def test_waiting_checks_are_those_of_goods() -> None:
    state = replace(desk(read_of()), reading=True)
    view = present(replace(state, encounter=replace(state.encounter, answers=(), own=(), verdict=None)))  # type: ignore[type-var]
    assert view.checks is not None
    assert len(view.checks.rows) == len(CARGO_POLICY["cargo_required"])  # type: ignore[arg-type]
    assert all(row.outcome in (None, Outcome.NOT_CHECKED) for row in view.consignment.parties)  # type: ignore[union-attr]


def test_nobody_signed_in_sees_no_consignment() -> None:
    view = present(desk(risky(), officer=None))
    assert view.consignment is None
    assert "DEMO26004417" not in repr(view)


def test_a_list_that_cannot_be_consulted_hides_nothing_and_clears_nothing() -> None:
    state = desk(read_of(), policy={"cargo_required": (Requirement(Check.PARTIES, "CHL"),)})
    view = present(state)
    assert [row.outcome for row in view.consignment.parties][:2] == [Outcome.NOT_CHECKED] * 2  # type: ignore[union-attr]
