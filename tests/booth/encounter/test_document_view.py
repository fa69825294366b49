"""The document pane and the person panel: what was read, and the mark of each check digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.encounter.document_view import (
    age_in_years,
    document_view,
    field_rows,
    history_text,
    person_view,
)
from checkpoint_app.booth.record.encounter import History, Picture, ReadSource, no_document
from checkpoint_app.booth.view.screen import Box, DocumentView, FieldRow, Mark, PersonView
from checkpoint_app.documents import PartialDate, Sex
from tests.booth.states import EN, NOW, encounter, mrz, spoilt, state, zone

pytestmark = pytest.mark.usefixtures("quito")


def test_rows_of_a_sound_passport() -> None:
    assert field_rows(encounter(), EN) == (
        FieldRow("Type", "Passport TD3"),
        FieldRow("Issuer", "UTO Utopia (specimen)"),
        FieldRow("Number", "L898902C3", Mark.TICK),
        FieldRow("Birth", "1974-08-12", Mark.TICK),
        FieldRow("Expiry", "2030-01-01", Mark.TICK),
        FieldRow("Overall", "5 of 5 digits", Mark.TICK),
    )


def test_personal_number_has_a_row_where_there_is_one() -> None:
    rows = field_rows(encounter(read=mrz(optional_data="ZE184226B")), EN)
    assert rows[5] == FieldRow("Personal", "ZE184226B", Mark.TICK)


def test_a_wrong_digit_is_told_with_what_was_read_and_computed() -> None:
    rows = field_rows(encounter(read=spoilt(2, 10, "1")), EN)
    assert rows[2] == FieldRow("Number", "L898902C3", Mark.WRONG, "read 1, computed 6")
    assert rows[3].mark is Mark.TICK
    assert rows[-1] == FieldRow("Overall", "3 of 5 digits", Mark.WRONG)


def test_what_was_corrected_by_hand_is_marked_so() -> None:
    rows = field_rows(encounter(by_hand=frozenset({"birth_date"})), EN)
    assert rows[3] == FieldRow("Birth", "1974-08-12", Mark.BY_HAND, "by hand")
    assert rows[2].mark is Mark.TICK


def test_what_is_missing_or_at_fault_without_a_digit_is_not_read() -> None:
    unread = FieldRow("Issuer", "not read", Mark.UNREAD, "not read")
    whole = mrz()
    nothing = replace(whole, document=replace(whole.document, issuer=None))
    assert field_rows(encounter(read=nothing), EN)[1] == unread
    unknown = field_rows(encounter(read=spoilt(1, 3, "Q")), EN)[1]
    assert (unknown.value, unknown.mark, unknown.mark_text) == ("QTO", Mark.UNREAD, "not read")
    undated = mrz(birth_date=PartialDate("<<<<<<"))
    assert field_rows(encounter(read=undated), EN)[3] == FieldRow("Birth", "<<<<<<", Mark.TICK)


def test_a_zone_without_check_digits_has_no_sum_of_them() -> None:
    rows = field_rows(encounter(read=no_document()), EN)
    assert [row.label for row in rows] == ["Type", "Issuer", "Number", "Birth", "Expiry"]
    assert {row.mark for row in rows[1:]} == {Mark.UNREAD}


def test_pane_with_and_without_picture() -> None:
    box = Box(0.1, 0.2, 0.3, 0.4)
    pictured = encounter(picture=Picture(b"jpeg", (box,), "tray-1"))
    assert document_view(state(pictured), EN) == DocumentView(
        "DOCUMENT", "", b"jpeg", (box,), zone(), field_rows(pictured, EN), "tray-1"
    )
    bare = document_view(state(encounter()), EN)
    assert (bare.image, bare.boxes, bare.image_name) == (None, (), "")


def test_pane_while_reading_shows_nothing_of_the_last_one() -> None:
    reading = DocumentView("DOCUMENT", "reading…", None, (), (), (), "")
    assert document_view(state(encounter(), reading=True), EN) == reading
    assert document_view(state(reading=True), EN) == reading


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, ""),
        ({"doubtful": True}, "reading in doubt"),
        ({"source": ReadSource.TYPED}, "by hand"),
        ({"by_hand": frozenset({"sex"}), "doubtful": True}, "by hand"),
    ],
)
def test_word_on_how_it_was_read(changes: dict, word: str) -> None:
    assert document_view(state(encounter(**changes)), EN).state == word


def test_person() -> None:
    assert person_view(encounter(), NOW.date(), EN) == PersonView(
        "ERIKSSON", "ANNA MARIA", "UTO  ·  F  ·  1974-08-12  ·  52\u00a0years", "Here: first time"
    )


def test_person_of_whom_little_was_read() -> None:
    only_given = encounter(read=mrz(family_name="ANNA", given_names=""))
    assert person_view(only_given, NOW.date(), EN).family_name == "ANNA"
    whole = mrz()
    swapped = encounter(read=replace(whole, document=replace(whole.document, family_name=None)))
    assert person_view(swapped, NOW.date(), EN).family_name == "ANNA MARIA"
    assert person_view(swapped, NOW.date(), EN).given_names == ""
    one = encounter(read=replace(whole, document=replace(whole.document, given_names=None)))
    assert (person_view(one, NOW.date(), EN).given_names) == ""
    partial = mrz(birth_date=PartialDate("74<<<<"), sex=Sex.UNSPECIFIED)
    assert person_view(encounter(read=partial), NOW.date(), EN).facts == "UTO  ·  1974"
    nobody = no_document()
    assert person_view(encounter(read=nobody), NOW.date(), EN) == PersonView("no name read", "", "", "Here: first time")
    without = encounter(read=nobody, source=ReadSource.NONE)
    assert person_view(without, NOW.date(), EN).family_name == "No document"


def test_history_is_in_local_days() -> None:
    entered, left = datetime(2026, 10, 3, 3, 0, tzinfo=UTC), datetime(2026, 10, 9, 15, 0, tzinfo=UTC)
    assert history_text(History(), EN) == "Here: first time"
    assert history_text(History(entered_at=entered), EN) == "Here: in 2026-10-02"
    assert history_text(History(left_at=left), EN) == "Here: out 2026-10-09"
    assert history_text(History(entered, left), EN) == "Here: in 2026-10-02, out 2026-10-09"


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2026, 8, 11), 51), (date(2026, 8, 12), 52), (date(2026, 9, 1), 52), (date(2026, 7, 31), 51)],
)
def test_age_in_full_years(today: date, years: int) -> None:
    assert age_in_years(PartialDate("740812", 1974, 8, 12), today) == years
    assert age_in_years(PartialDate("7408<<", 1974, 8), today) is None


def test_issuer_in_the_officers_language() -> None:
    german = encounter(read=mrz(issuer="D"))
    assert [field_rows(german, Words(one))[1].value for one in ("es", "en")] == ["D Alemania", "D Germany"]


def test_the_vehicle_stands_beside_the_history_where_it_has_room() -> None:
    view = person_view(encounter(vehicle="PDM-0417"), NOW.date(), EN)
    assert "PDM-0417" not in view.facts
    assert view.history.startswith(EN.say("person.vehicle", plate="PDM-0417"))
    assert view.history.endswith(EN.say("person.history_none"))
