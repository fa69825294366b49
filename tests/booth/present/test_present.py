"""The whole screen: which of its parts are there in each state, its top bar, its message and its status."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.desk.state import DeskState, Form, Health, Message
from checkpoint_app.booth.lists.list_updates import Progress
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.view.screen import (
    Action,
    DeskView,
    DeviceView,
    EmptyDeskView,
    LineView,
    MessageView,
    PersonView,
    Stage,
    StatusItem,
    TopBarView,
)
from checkpoint_app.readers.protocol import Health as ReaderHealth
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.verdict import Advice, Check, Outcome
from tests.booth.states import MATCH, NOBODY, NOT_LISTED, SOUND, answer, encounter, source, state

pytestmark = pytest.mark.usefixtures("quito")

HIT = encounter(SOUND, NOT_LISTED, MATCH)
PARTS = ("document", "person", "checks", "compare", "form", "panel_form", "desk")


def parts(desk: DeskState) -> set[str]:
    view = present(desk)
    return {name for name in PARTS if getattr(view, name) is not None}


@pytest.mark.parametrize(
    ("desk", "expected"),
    [
        (state(), {"desk"}),
        (state(reading=True), {"desk", "document", "person", "checks"}),
        (state(stage=Stage.FORM, form=Form("unlock"), officer=None), {"form"}),
        (state(stage=Stage.FORM), set()),
        (state(form=Form("unlock")), {"desk"}),
        (state(HIT), {"document", "person", "checks"}),
        (state(HIT, stage=Stage.EMPTY), {"document", "person", "desk"}),
        (state(HIT, reading=True), {"document", "person", "checks"}),
        (state(HIT, reason=Form("refer", subject="refer")), {"document", "person", "checks", "panel_form"}),
        (state(HIT, stage=Stage.COMPARE), {"document", "person", "checks", "compare"}),
        (state(HIT, stage=Stage.COMPARE, reading=True), {"document", "person", "checks"}),
    ],
)
def test_parts_of_the_screen(desk: DeskState, expected: set[str]) -> None:
    assert parts(desk) == expected


def test_while_reading_nobody_elses_name_is_there() -> None:
    view = present(state(HIT, reading=True))
    assert view.person == PersonView("", "", "", "")
    assert view.advice.advice is None
    assert view.announcements == ()
    assert "ERIKS" not in repr(view)


def test_stage_language_and_what_screen_readers_are_told() -> None:
    view = present(state(HIT))
    assert (view.stage, view.language, view.advice.advice) == (Stage.ENCOUNTER, "en", Advice.REFER)
    assert view.announcements == ("REFER. 1 possible match", "")
    old = answer(Check.WANTED, Outcome.CLEAR, of=source(hours=30))
    assert present(state(encounter(SOUND, NOT_LISTED, old))).announcements[1].startswith("as of 23")
    assert present(state()).announcements == ()


def test_panel_is_that_of_compare_while_comparing() -> None:
    assert present(state(HIT, stage=Stage.COMPARE)).panel[1].head == "FOR, AGAINST, NOT KNOWN"
    assert present(state(HIT)).panel[1].head == "WHERE IT COMES FROM"


def test_top_bar() -> None:
    assert present(state()).bar == TopBarView(
        "Paso Test", "lane 3", True, "ENTRY", "EXIT", "M. Demo", "09:00", LineView(False, "no centre")
    )
    bare = state(officer=None, direction_in=False)
    bar = present(replace(bare, post=replace(bare.post, lane=""))).bar
    assert (bar.lane, bar.direction_in, bar.officer) == ("", False, "nobody signed in")


def test_empty_desk_tells_each_device() -> None:
    ready = present(state(health=Health(ReaderHealth.READY, ReaderHealth.READY))).desk
    assert ready == EmptyDeskView(
        "Lay down a document",
        "Open at the photo page, face down. Or drop a picture here.",
        (
            DeviceView("Reader", "ready", True),
            DeviceView("Scanner", "not used", False),
            DeviceView("Folder", "watching", True),
            DeviceView("Chip", "not connected", False),
            DeviceView("Camera", "not connected", False),
        ),
    )
    starting = present(state()).desk
    assert starting.devices[::2][:2] == (
        DeviceView("Reader", "starting", False),
        DeviceView("Folder", "no folder", False),
    )


# -- message and status -----------------------------------------------------------------------------------------------


def with_lists(*hours: float, **changes: object) -> DeskView:
    lists = tuple(LoadedList("persons", source(f"L{n}", hours=age)) for n, age in enumerate(hours))
    return present(state(lists=lists, **changes))


def test_message_of_the_moment() -> None:
    message = Message("message.list_refused", {"why": "it was altered"}, "attention", "F2", Action.LISTS)
    assert present(state(message=message)).message == MessageView(
        "List refused: it was altered", "attention", "F2", Action.LISTS
    )
    assert present(state()).message == MessageView("No messages", "envelope")


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        ((), "No messages"),
        ((24, 2), "No messages"),
        ((2, 24.01), "Lists become too old on 30\u00a0Nov, 08:59"),
        ((24 * 7, 2), "Lists become too old on 24\u00a0Nov, 09:00"),
        ((24 * 7 + 1, 2), "Bring lists on a USB stick, or wait for the line"),
    ],
)
def test_lists_that_grow_old_are_announced_where_nothing_else_is_said(hours: tuple[float, ...], text: str) -> None:
    assert with_lists(*hours).message.text == text
    said = with_lists(*hours, message=Message("message.list_applied", {"list": "ECU 7"})).message.text
    assert said == "List ECU 7 in force"


def test_ages_are_announced_only_to_an_officer_and_with_a_policy() -> None:
    assert with_lists(30, officer=None).message.text == "No messages"
    assert with_lists(30, policy=None).message.text == "No messages"


@pytest.mark.parametrize(
    ("hours", "item"),
    [
        ((), StatusItem("No lists", bold=True)),
        ((2, 24), StatusItem("Lists young, oldest 24\u00a0h")),
        ((2, 24.01), StatusItem("Lists 24\u00a0h old", bold=True)),
        ((24 * 7 + 1, 2), StatusItem("1 list too old, 7\u00a0d", bold=True)),
        ((24 * 9, 24 * 8, 2), StatusItem("2 lists too old, 9\u00a0d", bold=True)),
    ],
)
def test_status_tells_the_age_of_the_lists(hours: tuple[float, ...], item: StatusItem) -> None:
    view = with_lists(*hours, health=Health(to_send=12))
    assert view.status == (item, StatusItem("To send 12"), StatusItem("Drill", cap="F12"))


def test_status_without_policy_or_dates_knows_of_no_lists() -> None:
    none = StatusItem("No lists", bold=True)
    assert with_lists(2, policy=None).status[0] == none
    undated = (LoadedList("persons", source(issued_at=None)),)
    assert present(state(lists=undated)).status[0] == none
    assert present(state(lists=(*undated, LoadedList("persons", source())))).status[0] == StatusItem(
        "Lists young, oldest 6\u00a0h"
    )


def test_clear_desk_has_its_document_and_no_compare() -> None:
    assert parts(state(encounter(SOUND, NOT_LISTED, NOBODY))) == {"document", "person", "checks"}


@pytest.mark.parametrize(
    ("language", "line", "short"),
    [
        ("en", "Building ECU\u00a088: 1,240,000 of 2,000,000 (62\u00a0%)", "Building ECU\u00a088: 62\u00a0%"),
        (
            "es",
            "Preparando ECU\u00a088: 1\u00a0240\u00a0000 de 2\u00a0000\u00a0000 (62\u00a0%)",
            "Preparando ECU\u00a088: 62\u00a0%",
        ),
    ],
)
def test_how_far_a_list_is_that_is_being_built(language: str, line: str, short: str) -> None:
    one = Progress("ECU", 88, 1_240_000, 2_000_000)
    first = present(state(lists=(), building=one, language=language))
    assert line in [text for section in first.panel for text in section.lines]
    assert first.status[0] == StatusItem(short)
    beside = present(state(building=one, language=language))
    assert (beside.status[0], beside.announcements) == (StatusItem(short), ())
    old = with_lists(24 * 9, building=one)
    assert old.status[0].text.startswith("1 list too old")
