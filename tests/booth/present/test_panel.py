"""The right panel: why, where from, what is missing and what to do, for each advice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.desk.state import Counts, DeskState, Health
from checkpoint_app.booth.present.panel import from_section, panel_sections
from checkpoint_app.booth.view.screen import PanelSection, ReasonRow
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.verdict import Answer, Check, NotDone, Outcome, Reason, Sign
from tests.booth.states import (
    EN,
    EXPIRED,
    MATCH,
    NO_CAMERA,
    NOBODY,
    NOT_LISTED,
    NOW,
    POLICY,
    SOUND,
    STOLEN,
    another,
    answer,
    candidate,
    encounter,
    source,
    state,
    undone,
)

pytestmark = pytest.mark.usefixtures("quito")

SEXES = {"left": "F", "right": "M"}
TODAY = PanelSection("THIS BOOTH, TODAY", table=(("Persons", "", "12"), ("Referred", "", "3"), ("Incomplete", "", "1")))
LISTS = PanelSection(
    "LISTS",
    table=(
        ("Wanted persons", "ECU 7", "6\u00a0h"),
        ("Lost and stolen", "INTL 7", "2\u00a0h"),
    ),
)
COUNTS = Counts(12, 3, 1)
NO_LIST = undone(Check.WANTED, NotDone.NO_LIST)
LATER = "The centre looks again when the line is back."


def steps(*texts: str, later: bool = True) -> PanelSection:
    rows = tuple(ReasonRow(text, number=str(n)) for n, text in enumerate(texts, start=1))
    return PanelSection("WHAT TO DO", rows=rows, muted=(LATER,) if later else ())


def sections(*answers: Answer, **changes: object) -> tuple[PanelSection, ...]:
    return panel_sections(state(encounter(*answers), **changes), EN)


# -- the day ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "desk",
    [
        state(counts=COUNTS),
        state(encounter(), counts=COUNTS),
        state(encounter(SOUND), counts=COUNTS, show_lists=True),
        state(encounter(SOUND), counts=COUNTS, reading=True),
    ],
)
def test_without_an_advice_the_panel_is_of_the_day(desk: DeskState) -> None:
    assert panel_sections(desk, EN) == (TODAY, LISTS)


def test_no_lists_and_a_key_in_memory_are_told() -> None:
    today, lists, key = panel_sections(state(lists=(), health=Health(key_kind="memory")), EN)
    assert today.table[0] == ("Persons", "", "0")
    assert (lists.table, lists.lines) == ((), ("There is no list at this booth",))
    assert key == PanelSection("KEY", lines=("Key in memory only: what is stored is lost at power-off",))
    undated = panel_sections(state(lists=(LoadedList("persons", source(issued_at=None)),)), EN)
    assert undated[1].table == (("Wanted persons", "ECU 7", "unreadable"),)
    assert undated[1].lines == ()


# -- refer ------------------------------------------------------------------------------------------------------------

FROM_ECUADOR = PanelSection(
    "WHERE IT COMES FROM",
    lines=("Ecuador, list ECU\u00a07, 6\u00a0h old",),
    muted=("Agreement until 2027-01-23. ASK-ORIGINATOR: ask its owner first",),
)


def test_refer_for_a_match() -> None:
    assert sections(SOUND, NOT_LISTED, MATCH) == (
        PanelSection(
            "POSSIBLE MATCH",
            count="1 of 1",
            bold="ERIKSON, Ana (E-1)",
            rows=(ReasonRow("Sex the same", Sign.SAME),),
        ),
        FROM_ECUADOR,
        steps("Compare (F6). It is not proof.", "If the doubt stays, refer (F7).", later=False),
    )


def test_refer_for_a_stolen_document() -> None:
    assert sections(SOUND, STOLEN, NOBODY) == (
        PanelSection("FINDING", rows=(ReasonRow("Document listed: stolen", symbol="hit"),)),
        PanelSection(
            "WHERE IT COMES FROM",
            lines=("Ecuador, list INTL\u00a07, 2\u00a0h old",),
            muted=("Agreement until 2027-01-23. LE-ONLY: police use",),
        ),
        steps("Keep the document.", "Refer (F7).", later=False),
    )


def test_refer_for_a_finding_tells_the_notes_beside_it_but_a_match_takes_their_room() -> None:
    drawn = answer(Check.DRAW, Outcome.NOTE, "draw.selected:number=7")
    beside = PanelSection("LOOK AT THIS", rows=(ReasonRow("Drawn by lot, passage 7", symbol="note"),))
    assert beside in sections(SOUND, STOLEN, drawn)
    assert "LOOK AT THIS" not in [one.head for one in sections(SOUND, STOLEN)]
    assert "LOOK AT THIS" not in [one.head for one in sections(SOUND, MATCH, drawn)]


def test_refer_for_both_names_the_match_s_source_and_holds_six_reasons() -> None:
    many = replace(candidate(), reasons=tuple(Reason(Sign.DIFFERS, "reason.sex.differs", SEXES) for _ in range(9)))
    match = replace(MATCH, candidates=(many,))
    finding, possible, where, what = sections(SOUND, STOLEN, match)
    assert finding.head == "FINDING"
    assert len(possible.rows) == 5
    assert where == FROM_ECUADOR
    assert what.rows[0].text.startswith("Compare")
    assert len(sections(SOUND, NOT_LISTED, match)[0].rows) == 6


def test_refer_shows_the_chosen_candidate_and_never_beyond_the_last() -> None:
    two = replace(MATCH, candidates=(candidate("A"), another("B")))
    chosen = [sections(SOUND, NOT_LISTED, two, candidate=at)[0] for at in (0, 1, 5)]
    assert [(one.count, one.bold[-3:]) for one in chosen] == [("1 of 2", "(A)"), ("2 of 2", "(B)"), ("2 of 2", "(B)")]


def test_where_it_comes_from() -> None:
    here = from_section(SOUND.source, (), NOW, EN)
    assert here == PanelSection("WHERE IT COMES FROM", lines=("This booth, from what was read of the document",))
    codes = from_section(source(), ("OPEN", "never heard of", "ASK-ORIGINATOR"), NOW, EN)
    assert codes.muted == ("Agreement until 2027-01-23. OPEN: no limit ASK-ORIGINATOR: ask its owner first",)
    bare = from_section(source(agreement_ends_at=None, handling=(), originator=""), (), NOW, EN)
    assert bare == PanelSection("WHERE IT COMES FROM", lines=("ECU, list ECU\u00a07, 6\u00a0h old",))
    assert from_section(source(originator="ECU"), (), NOW, EN).lines == ("Ecuador, list ECU\u00a07, 6\u00a0h old",)


# -- incomplete -------------------------------------------------------------------------------------------------------

ASK = steps("Ask the centre by radio or phone.", "Refer (F7), or let pass with a reason (F5).")


def test_incomplete_says_what_is_missing_and_what_was_done() -> None:
    assert sections(SOUND, NOT_LISTED, NO_LIST, NO_CAMERA) == (
        PanelSection(
            "WHAT IS MISSING",
            rows=(ReasonRow("Wanted persons (ECU). Not checked: there is no list", symbol="not_checked"),),
            muted=("Also not done, not required here: Face",),
        ),
        PanelSection(
            "WHAT WAS DONE",
            rows=(ReasonRow("Document sound, lost and stolen: nothing found", symbol="clear"),),
        ),
        ASK,
    )


def test_incomplete_with_a_note_and_with_nothing_done() -> None:
    missing, done, _ = sections(EXPIRED, undone(Check.LOST_STOLEN, NotDone.NO_LIST), NO_LIST)
    assert missing.muted == ()
    assert len(missing.rows) == 2
    nothing, note = done.rows
    assert nothing == ReasonRow("No check gave an answer", symbol="not_checked")
    assert (note.symbol, "2025-01-01" in note.text) == ("note", True)


# -- look -------------------------------------------------------------------------------------------------------------


def test_look_at_the_document() -> None:
    look, what = sections(EXPIRED, NOT_LISTED, NOBODY, NO_CAMERA)
    assert (look.head, look.muted) == ("LOOK AT THIS", ("Not done, not required here: Face",))
    assert look.rows == (ReasonRow("Expired on 2025-01-01", symbol="note"),)
    second = "Let pass with a reason (F5), or refer (F7)."
    assert what == steps("Look at the document with your own eyes.", second)
    doubtful = answer(Check.DOCUMENT, Outcome.NOTE, "document.read_doubtful")
    assert sections(doubtful, NOT_LISTED, NOBODY)[-1] == steps("Correct what was read (F3).", second)
    cleared = answer(Check.WANTED, Outcome.NOTE, "wanted.cleared_before:entry=X", candidates=(candidate(),))
    compare, done = sections(SOUND, NOT_LISTED, cleared)
    assert compare.rows == (ReasonRow("Cleared before: not X", symbol="note"),)
    assert compare.muted == ()
    assert done == steps("Compare (F6). It is not proof.", second)


def test_what_to_do_is_what_the_note_asks() -> None:
    drawn = answer(Check.DRAW, Outcome.NOTE, "draw.selected:number=7")
    stay = answer(Check.STAY, Outcome.NOTE, "stay.over:days=95,limit=90")
    second = "Let pass with a reason (F5), or refer (F7)."
    lot = "Inspect: the lot chose this passage. It is no suspicion."
    assert sections(SOUND, NOT_LISTED, NOBODY, drawn)[-1] == steps(lot, second)
    ask = "Ask about the journey. Nobody is refused for it."
    assert sections(SOUND, NOT_LISTED, NOBODY, drawn, stay)[-1] == steps(ask, lot, second)


# -- proceed ----------------------------------------------------------------------------------------------------------

WHY = (
    ReasonRow("All 3 required checks were made", symbol="clear"),
    ReasonRow("Nothing was found in them", symbol="clear"),
)
LET_PASS = PanelSection("WHAT TO DO", lines=(f"Let pass with F5. {LATER}",))


def test_proceed_says_what_it_rests_on() -> None:
    assert sections(SOUND, NOT_LISTED, NOBODY) == (PanelSection("WHY", rows=WHY), LET_PASS)
    with_camera = sections(SOUND, NOT_LISTED, NOBODY, NO_CAMERA)
    assert with_camera[0].muted == ("Not done, not required here: Face",)


def test_proceed_as_of_tells_the_age() -> None:
    old = answer(Check.WANTED, Outcome.CLEAR, of=source(hours=30))
    age = ReasonRow("Lists are from 23\u00a0Nov 03:00. What came since is not in them.", symbol="clock")
    section = PanelSection("HOW OLD IS THE ANSWER", rows=(age,))
    assert sections(SOUND, NOT_LISTED, old) == (PanelSection("WHY", rows=WHY), section, LET_PASS)
    assert section in sections(EXPIRED, NOT_LISTED, old)


def test_proceed_counts_what_the_policy_requires() -> None:
    one = replace(POLICY, required=POLICY.required[:1])
    said = [sections(SOUND, NOT_LISTED, NOBODY, policy=policy)[0].rows[0].text for policy in (one, None)]
    assert said == ["The one required check was made", "All 0 required checks were made"]


def test_one_whom_the_lot_chose_keeps_the_document() -> None:
    drawn = answer(Check.DRAW, Outcome.HIT, "draw.selected:number=417")
    told = [row.text for row in panel_sections(state(encounter(SOUND, drawn)), EN)[-1].rows]
    assert told == [EN.say("step.refer")]
    stolen = [row.text for row in panel_sections(state(encounter(STOLEN, drawn)), EN)[-1].rows]
    assert stolen == [EN.say("step.keep_document"), EN.say("step.refer")]
