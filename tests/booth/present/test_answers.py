"""The rows of the checks, their count, and the advice banner: what was not done is always among what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.answers import advice_view, check_row, checks_view, finding_text, finding_texts
from checkpoint_app.booth.view.screen import AdviceView, AgeLook, CheckRow
from checkpoint_app.verdict import Advice, Answer, Check, Finding, NotDone, Outcome
from tests.booth.states import (
    EN,
    EXPIRED,
    MATCH,
    NO_CAMERA,
    NOBODY,
    NOT_LISTED,
    NOW,
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

TWO = answer(Check.WANTED, Outcome.HIT, "wanted.match:count=2", candidates=(candidate("A"), another("B")))
CLEARED = answer(Check.WANTED, Outcome.NOTE, "wanted.cleared_before:entry=ERIKSON", candidates=(candidate(),))
NO_LIST = undone(Check.WANTED, NotDone.NO_LIST, replace(source(), version=0, issued_at=None))
RISK = answer(Check.RISK, Outcome.NOTE, "document.expired:date=2025-01-01")


def view(*answers: Answer, **changes: object):
    return checks_view(state(encounter(*answers), **changes), EN)


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ((SOUND, NOT_LISTED, NOBODY), "3 clear · 0 findings"),
        ((SOUND, NOT_LISTED, NOBODY, NO_CAMERA), "3 clear · 1 not done"),
        ((SOUND, NOT_LISTED, MATCH), "2 clear · 1 possible"),
        ((SOUND, STOLEN, NOBODY), "2 clear · 1 finding"),
        ((SOUND, STOLEN, MATCH), "1 clear · 2 findings"),
        ((EXPIRED, NOT_LISTED, NOBODY), "2 clear · 1 to look at"),
        ((EXPIRED, NOT_LISTED, MATCH, NO_CAMERA), "1 clear · 1 possible · 1 note · 1 not done"),
        ((EXPIRED, RISK, MATCH, NO_CAMERA), "0 clear · 1 possible · 2 notes · 1 not done"),
        ((EXPIRED, NOT_LISTED, NO_LIST, NO_CAMERA), "1 clear · 1 to look at · 2 not done"),
    ],
)
def test_count_adds_up(answers: tuple[Answer, ...], count: str) -> None:
    checks = view(*answers)
    assert checks.count == count
    assert checks.title == "CHECKS"
    assert checks.centre == "Centre: not asked, this booth decides alone"
    assert [row.outcome for row in checks.rows] == [one.outcome for one in answers]


def test_what_is_being_read_is_a_part_of_the_count_and_takes_its_room() -> None:
    page = undone(Check.VISUAL, NotDone.PRINT_UNREAD)
    read_now = encounter(EXPIRED, NOT_LISTED, NO_CAMERA, page)
    assert checks_view(state(read_now, printing=read_now.id), EN).count == "1 clear · 1 note · 1 not done · 1 waiting"
    assert checks_view(state(read_now), EN).count == "1 clear · 1 to look at · 2 not done"


def test_rows_wait_while_a_document_is_read() -> None:
    waiting = view(SOUND, NOT_LISTED, NOBODY, reading=True)
    assert waiting.count == "4 waiting"
    assert [row.name for row in waiting.rows] == ["Document sound", "Lost and stolen", "Wanted persons", "Face"]
    assert waiting.rows[0] == CheckRow("Document sound", None, "asking…", "")
    assert checks_view(state(), EN) == waiting
    assert checks_view(state(policy=None), EN).rows == ()


def row(one: Answer, **changes: object) -> CheckRow:
    return check_row(one, state(encounter(one), **changes), EN)


def test_row_of_a_clear_list() -> None:
    assert row(NOBODY) == CheckRow(
        name="Wanted persons",
        outcome=Outcome.CLEAR,
        source="ECU 7",
        age="6\u00a0h",
        accessible="Wanted persons: clear. ECU 7, 6\u00a0h.",
    )


def test_row_of_this_booth_and_of_a_desk_without_policy() -> None:
    assert row(SOUND) == CheckRow(
        "Document sound", Outcome.CLEAR, "this booth", "now", accessible="Document sound: clear. this booth, now."
    )
    assert row(NOBODY, policy=None).source == "this booth"


def test_row_of_a_hit_names_its_key() -> None:
    assert row(TWO) == CheckRow(
        "Wanted persons",
        Outcome.HIT,
        "ECU 7",
        "6\u00a0h",
        AgeLook.PLAIN,
        "2 possible matches",
        "F6",
        "Wanted persons: 2 possible matches. ECU 7, 6\u00a0h. F6",
    )
    assert row(CLEARED).key_cap == "F6"
    assert row(STOLEN).key_cap == ""
    assert row(STOLEN).detail == "Document listed: stolen"


def test_row_of_what_was_not_done() -> None:
    missing = row(NO_LIST)
    assert (missing.source, missing.age, missing.age_look) == ("ECU", "not done", AgeLook.PLAIN)
    assert missing.detail == "Not checked: there is no list"
    loading = row(replace(undone(Check.WANTED, NotDone.LIST_LOADING), candidates=(candidate(),)))
    assert (loading.source, loading.age, loading.key_cap) == ("ECU 7", "not done", "")
    camera = row(NO_CAMERA)
    assert (camera.source, camera.age, camera.detail) == ("", "not done", "Not compared: there is no device")


def test_row_of_a_list_that_is_too_old_shows_how_old() -> None:
    old = row(undone(Check.WANTED, NotDone.LIST_TOO_OLD, source(hours=24 * 8)))
    assert (old.source, old.age, old.age_look) == ("ECU 7", "8\u00a0d", AgeLook.TOO_OLD)
    assert old.detail == "Not checked: list too old, limit 7\u00a0d"
    assert row(undone(Check.WANTED, NotDone.LIST_TOO_OLD), policy=None).detail.endswith("limit ")
    ageing = row(answer(Check.WANTED, Outcome.CLEAR, of=source(hours=30)))
    assert (ageing.age, ageing.age_look) == ("30\u00a0h", AgeLook.AS_OF)


def test_findings_in_words() -> None:
    digits = [
        Finding("document.check_digit", {"field": name, "read": "1", "computed": "2"}) for name in ("birth_date",)
    ]
    (one,) = finding_texts(tuple(digits), EN)
    assert "1" in one
    assert "2" in one
    digits.append(Finding("document.check_digit", {"field": "document_number", "read": "1", "computed": "2"}))
    expired = Finding("document.expired", {"date": "2025-01-01"})
    both, other = finding_texts((expired, *digits), EN)
    assert both.startswith("Check digits differ: ")
    labels = [EN.say(f"document.field.{name}") for name in ("birth_date", "document_number")]
    assert both.endswith(", ".join(labels))
    assert "2025-01-01" in other
    match = Finding("wanted.match", {"count": "1"})
    assert finding_texts((match,), EN) == ["1 possible match"]
    assert (
        row(
            answer(Check.DOCUMENT, Outcome.NOTE, "document.read_doubtful", "document.expired:date=2025-01-01")
        ).detail.count(" · ")
        == 1
    )


# -- the banner -------------------------------------------------------------------------------------------------------


def banner(*answers: Answer, **changes: object) -> AdviceView:
    return advice_view(state(encounter(*answers), **changes), EN)


@pytest.mark.parametrize(
    ("answers", "advice", "word", "line"),
    [
        ((SOUND, NOT_LISTED, NOBODY), Advice.PROCEED, "PROCEED", "Nothing found, all checked"),
        ((SOUND, NOT_LISTED, NOBODY, NO_CAMERA), Advice.PROCEED, "PROCEED", "Nothing found · 1 not done"),
        ((SOUND, NOT_LISTED, NO_LIST, NO_CAMERA), Advice.INCOMPLETE, "INCOMPLETE", "1 required check missing"),
        ((SOUND, NO_CAMERA), Advice.INCOMPLETE, "INCOMPLETE", "2 required checks missing"),
        ((SOUND, NOT_LISTED, MATCH), Advice.REFER, "REFER", "1 possible match"),
        ((SOUND, NOT_LISTED, TWO, NO_CAMERA), Advice.REFER, "REFER", "2 possible matches · 1 not done"),
        ((SOUND, STOLEN, TWO), Advice.REFER, "REFER", "2 matches · 1 finding"),
        ((SOUND, STOLEN, NOBODY), Advice.REFER, "REFER", "1 finding"),
        ((EXPIRED, RISK, NOT_LISTED, NOBODY, NO_CAMERA), Advice.LOOK, "LOOK", "2 notes"),
    ],
)
def test_banner(answers: tuple[Answer, ...], advice: Advice, word: str, line: str) -> None:
    assert banner(*answers) == AdviceView(advice, word, line)


def test_one_note_is_named() -> None:
    said = banner(EXPIRED, NOT_LISTED, NOBODY, NO_CAMERA)
    assert said.line.startswith("1 note: ")
    assert "2025-01-01" in said.line


def test_no_advice_yet() -> None:
    nothing = AdviceView(None, "No advice yet")
    assert advice_view(state(), EN) == nothing
    assert advice_view(state(encounter()), EN) == nothing
    assert banner(SOUND, NOT_LISTED, NOBODY, reading=True) == nothing


def test_as_of_is_told_with_date_and_age_where_somebody_may_pass() -> None:
    old = answer(Check.WANTED, Outcome.CLEAR, of=source(hours=30))
    assert banner(SOUND, NOT_LISTED, old).as_of == "as of 23\u00a0Nov, 03:00, lists 30\u00a0hours old"
    assert banner(EXPIRED, NOT_LISTED, old).as_of
    assert banner(SOUND, STOLEN, old).as_of == ""
    assert banner(SOUND, NO_CAMERA, old).as_of == ""
    assert banner(SOUND, NOT_LISTED, NOBODY, now=NOW + timedelta(hours=1)).as_of == ""


def test_a_seals_reason_is_told_in_words() -> None:
    found = Finding("document.seal_unverified", {"reason": "no_signer", "signer": "UTTS 1F"})
    assert finding_text(found, Words("en")) == "The digital seal could not be verified (signer not known here): UTTS 1F"
    newer = Finding("document.seal_wrong", {"reason": "of_a_newer_program", "signer": ""})
    assert "document.seal_wrong" in finding_text(newer, Words("en"))
