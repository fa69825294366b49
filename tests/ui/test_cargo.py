"""A consignment on the screen: what stands where, what each sign is, and that nothing is left out unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import QApplication, QWidget

from checkpoint_app.booth.view.consignment import ConsignmentView, EquipmentRow, TableHead
from checkpoint_app.booth.view.screen import CheckRow, ChecksView, DeskView, Mark, Stage
from checkpoint_app.ui import cargo, cargo_tables, checks, symbols
from checkpoint_app.ui.canvas import Canvas, PaintedText
from checkpoint_app.ui.measures import MARGIN, Area, Grid
from checkpoint_app.ui.palette import PALETTES
from checkpoint_app.ui.window import DeskWindow
from checkpoint_app.verdict import Outcome
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk

Role, Text = QAccessible.Role, QAccessible.Text
SMALL, LARGE = (1280, 800), (1920, 1080)


@pytest.fixture
def recorder() -> Iterator[list[PaintedText]]:
    Canvas.recorder = []
    yield Canvas.recorder
    Canvas.recorder = None


def told(widget: QWidget, which: QAccessible.Text = Text.Name) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(which)


def role(widget: QWidget) -> QAccessible.Role:
    return QAccessible.queryAccessibleInterface(widget).role()


def consignment(view: DeskView) -> ConsignmentView:
    assert view.consignment is not None
    return view.consignment


def shown(lines: list[QWidget]) -> list[QWidget]:
    return [line for line in lines if line.isVisible()]


def painted(recorder: list[PaintedText], owner: str) -> list[str]:
    return [one.text for one in recorder if one.owner == owner]


def colours(image: QImage, area: Area) -> set[str]:
    columns = range(int(area.x), int(area.right))
    rows = range(int(area.y), int(area.bottom))
    return {image.pixelColor(x, y).name().upper() for x in columns for y in rows}


# -- where things stand ------------------------------------------------------------------------------------------------
def test_a_consignment_stands_where_document_and_person_do(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cargo("es"))
    there = (window.cargo, window.equipment, window.goods, window.checks, window.advice, window.reasons)
    assert all(part.isVisible() for part in there)
    assert not window.document.isVisible()
    assert not window.person.isVisible()
    tops = [part.geometry().top() for part in (window.equipment, window.goods, window.checks)]
    assert tops == [52, 210, 400]  # as in the picture of the specification
    desk.show(samples.refer("es"))
    assert not any(part.isVisible() for part in (window.cargo, window.equipment, window.goods))
    assert window.checks.geometry().top() == 235


def test_nothing_of_a_consignment_stays_behind_the_glass(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cargo("es"))
    desk.show(samples.empty("es"))
    lines = (*window.cargo.fields, *window.cargo.parties, *window.equipment.lines, *window.goods.lines)
    assert lines
    assert [told(line).strip(" .:") for line in lines] == [""] * len(lines)
    assert {line.toolTip() for line in lines} == {""}
    assert told(window.cargo) == ""


def test_a_party_is_compared_beside_its_consignment(window: DeskWindow, desk: FakeDesk) -> None:
    view = samples.cargo("es")
    compared = replace(samples.compare("es"), document=None, person=None, consignment=view.consignment)
    desk.show(compared)
    assert window.cargo.isVisible()
    assert window.compare.isVisible()
    assert not window.equipment.isVisible()
    assert not window.document.isVisible()


def test_the_checks_make_room_when_a_consignment_with_more_is_shown(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cargo("es"))
    before = window.checks.height()
    desk.show(samples.cargo_bare("es"))
    assert window.checks.height() > before
    assert window.goods.height() == window.equipment.height() == 48


@given(
    equipment=st.integers(0, 9), goods=st.integers(0, 9), checks=st.integers(0, 14), found=st.booleans(),
    more=st.booleans(), size=st.sampled_from([SMALL, (1536, 864)]),
)  # fmt: skip
def test_tables_and_checks_share_the_centre_whatever_there_is(
    equipment: int, goods: int, checks: int, found: bool, more: bool, size: tuple[int, int]
) -> None:
    head = TableHead("T", "1", ("a", "b", "c", "d"), "more" if more else "")
    row = CheckRow("Name", Outcome.HIT if found else Outcome.CLEAR, "list", "1 h", detail="detail" if found else "")
    centre = Grid(*size).columns[1]
    view = ChecksView("C", "", (row,) * checks, "")
    first, second, third = cargo_tables.shares(centre, (head, equipment), (head, goods), view)
    assert first.y == centre.y
    assert first.bottom + MARGIN == pytest.approx(second.y)
    assert second.bottom + MARGIN == pytest.approx(third.y)
    assert third.bottom == pytest.approx(centre.bottom)
    least = 48.0 + 30 * checks
    if checks <= 9:
        assert third.height >= least - 0.01  # a check is never closer than it reads
    for count, area in ((equipment, first), (goods, second)):
        if count:
            assert area.height >= 70 + 26  # one row at least
        else:
            assert area.height == 48


@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_what_has_no_room_is_counted(open_window: OpenWindow, recorder: list[PaintedText], lang: str) -> None:
    view = samples.cargo_crowded(lang)
    window = open_window(view)
    window.grab()
    for table, rows, head, owner in (
        (window.equipment, consignment(view).equipment, consignment(view).equipment_head, "EquipmentPanel"),
        (window.goods, consignment(view).goods, consignment(view).goods_head, "GoodsPanel"),
    ):
        hidden = len(rows) - len(shown(table.lines))
        assert hidden == 1
        assert painted(recorder, owner)[-1] == f"+1 · {head.more}"
        assert f"+1 · {head.more}" in told(table, Text.Description)
    assert len(shown(window.checks.lines)) == 8
    assert consignment(view).parties_more in painted(recorder, "ConsignmentPane")


def test_nothing_is_hidden_where_there_is_room(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    view = samples.cargo_crowded("es")
    window = open_window(view, size=LARGE)
    window.grab()
    assert not [text for text in painted(recorder, "GoodsPanel") if text.startswith("+")]
    assert len(shown(window.cargo.parties)) == 4


def test_parties_that_do_not_fit_are_counted_and_no_stop_of_tab(open_window: OpenWindow) -> None:
    view = samples.cargo_crowded("es")
    many = replace(consignment(view), parties=consignment(view).parties * 3)
    window = open_window(replace(view, consignment=many))
    visible = shown(window.cargo.parties)
    hidden = 12 - len(visible)
    assert hidden > 0
    assert f"+{hidden} · y 3 partes más" in told(window.cargo, Text.Description)
    assert all(party.geometry().bottom() <= window.cargo.height() for party in visible)
    assert [line for line in window.cargo.focusable if line in window.cargo.parties] == visible


# -- signs -------------------------------------------------------------------------------------------------------------
def test_the_digit_stands_apart_with_its_mark(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    window = open_window(samples.cargo("es"))
    window.grab()
    texts = painted(recorder, "EquipmentLine")
    assert texts[:4] == ["DMOU 304512", "0", "45G1", "SL-0044812"]


@pytest.mark.parametrize("palette", PALETTES)
def test_a_wrong_digit_is_a_note_and_another_seal_a_hit(open_window: OpenWindow, palette: str) -> None:
    window = open_window(samples.cargo("es"), palette=palette)
    inks = PALETTES[palette]
    wrong, right = (line.grab().toImage() for line in window.equipment.lines[:2])
    half = window.equipment.lines[0].width() // 2
    left_side, right_side = Area(0, 0, half, 30), Area(half, 0, half, 30)
    assert inks.look.ink in colours(wrong, left_side)
    assert inks.refer.ink in colours(wrong, right_side)
    assert inks.refer.ink not in colours(wrong, left_side)
    assert inks.proceed.ink in colours(right, left_side)
    assert inks.proceed.ink in colours(right, right_side)
    assert not {inks.look.ink, inks.refer.ink} & (colours(right, left_side) | colours(right, right_side))


def test_each_answer_of_a_party_has_a_sign_of_its_own(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window(samples.cargo_crowded("es"))
    drawn: list[tuple[str, bool]] = []
    monkeypatch.setattr(symbols, "draw", lambda _canvas, name, spot: drawn.append((name, spot.solid)))
    for party in window.cargo.parties:
        party.grab()
    assert drawn == [("tick", False), ("hit", True), ("waiting", False), ("not_checked", False)]
    party = window.cargo.parties[0]
    party.take(replace(party.row, outcome=Outcome.NOTE))
    drawn.clear()
    party.grab()
    assert drawn == [("note", True)]


@pytest.mark.parametrize("mark", list(Mark))
def test_every_mark_can_stand_at_digit_and_seal(
    open_window: OpenWindow, recorder: list[PaintedText], mark: Mark
) -> None:
    view = samples.cargo("es")
    row = EquipmentRow("DMOU 304512", "0", mark, "45G1", "SL-0044812", mark)
    window = open_window(replace(view, consignment=replace(consignment(view), equipment=(row,))))
    window.grab()
    assert not [one for one in recorder if one.owner == "EquipmentLine" and one.needed > one.room + 0.5]


# -- long, and said ----------------------------------------------------------------------------------------------------
def test_what_is_too_long_loses_its_middle_and_is_whole_in_tip_and_speech(
    open_window: OpenWindow, recorder: list[PaintedText]
) -> None:
    view = samples.cargo_long("es")
    window = open_window(view)
    window.grab()
    there = consignment(view)
    for line, whole in (
        (window.cargo.fields[0], there.fields[0].value),
        (window.cargo.parties[0], there.parties[0].name),
        (window.equipment.lines[0], there.equipment[0].seal),
        (window.goods.lines[0], there.goods[0].text),
        (window.cargo, there.number),
    ):
        assert whole in told(line)
        assert whole in line.toolTip()
        cut = [one.text for one in recorder if one.owner == type(line).__name__ and "…" in one.text]
        assert any(whole.startswith(text.split("…")[0]) and whole.endswith(text.split("…")[1]) for text in cut)
    assert consignment(samples.cargo("es")).number not in window.cargo.toolTip()


def test_a_number_that_fits_has_no_tip(open_window: OpenWindow) -> None:
    assert open_window(samples.cargo("es")).cargo.toolTip() == ""


def test_rows_are_list_items_of_lists_with_one_sentence_each(open_window: OpenWindow) -> None:
    window = open_window(samples.cargo("en"))
    for panel, name in (
        (window.cargo, "CONSIGNMENT DEMO 26-004417"),
        (window.equipment, "EQUIPMENT AND SEALS: 2 containers"),
        (window.goods, "GOODS: 3 lines"),
    ):
        assert role(panel) is Role.List
        assert told(panel) == name
    assert told(window.cargo, Text.Description) == "CUSCAR D.95B, read 14:30"
    assert told(window.goods.lines[0]) == "0803.90. Fresh bananas. Packages 520. kg 19\u00a0200"
    assert told(window.equipment.lines[0]) == "DMOU 304512 0. 45G1. SL-0044812"
    assert told(window.cargo.parties[3]) == "to order. Notify, no name: not searched"
    lines = (*window.cargo.fields, *window.cargo.parties, *window.equipment.lines, *window.goods.lines)
    assert {role(line) for line in lines} == {Role.ListItem}


def test_the_booths_own_sentence_comes_first(open_window: OpenWindow) -> None:
    view = samples.cargo("en")
    there = consignment(view)
    party = replace(there.parties[0], accessible="Consignor, Frutas Ejemplo: clear, list ECU 88")
    box = replace(there.equipment[0], accessible="DMOU 304512, digit 0 is wrong, computed 6")
    parties, equipment = (party, *there.parties[1:]), (box, there.equipment[1])
    window = open_window(replace(view, consignment=replace(there, parties=parties, equipment=equipment)))
    assert told(window.cargo.parties[0]) == party.accessible
    assert told(window.equipment.lines[0]) == box.accessible


def test_tab_goes_from_fields_to_parties_tables_and_findings(open_window: OpenWindow) -> None:
    window = open_window(samples.cargo("es"))
    names = [type(part).__name__ for part in window.focus_chain()]
    assert names == (
        ["FieldLine"] * 6 + ["PartyLine"] * 4 + ["EquipmentLine"] * 2 + ["GoodsLine"] * 3
        + ["CheckLine"] * 3 + ["ReasonsPanel"] + ["KeyButton"] * 9 + ["Switch", "OfficerKey"]
    )  # fmt: skip


def test_focus_goes_nowhere_when_its_row_is_gone(window: DeskWindow, desk: FakeDesk) -> None:
    desk.show(samples.cargo("es"))
    window.goods.lines[2].setFocus()
    desk.show(samples.cargo_bare("es"))
    assert QApplication.focusWidget() is window


# -- checks that are many ----------------------------------------------------------------------------------------------
def test_second_lines_stand_in_the_tip_where_they_have_no_room(
    open_window: OpenWindow, recorder: list[PaintedText]
) -> None:
    view = samples.cargo_crowded("es")
    assert view.checks is not None
    rows = tuple(replace(row, detail="un detalle", key_cap="F6") for row in view.checks.rows)
    window = open_window(replace(view, checks=replace(view.checks, rows=rows)))
    window.grab()
    lines = window.checks.lines[: len(rows)]
    told = sum(part == "un detalle" for part in painted(recorder, "CheckLine"))
    assert {line.toolTip() for line in lines} == {"", "un detalle"} if told else {"un detalle"}
    assert sum(line.toolTip() == "un detalle" for line in lines) == len(rows) - told > 0
    bottoms = [line.geometry().bottom() for line in window.checks.lines[: len(rows)]]
    assert bottoms == sorted(bottoms)
    assert bottoms[-1] < window.checks.height()


def test_a_terse_list_has_no_second_line_however_much_room_there_is(
    open_window: OpenWindow, recorder: list[PaintedText]
) -> None:
    view = samples.cargo("es")
    assert view.checks is not None
    rows = (*view.checks.rows[:2], replace(view.checks.rows[2], detail="un detalle"), *view.checks.rows[3:])
    window = open_window(replace(view, checks=replace(view.checks, rows=rows, terse=True)))
    window.grab()
    assert "un detalle" not in painted(recorder, "CheckLine")
    assert window.checks.lines[2].toolTip() == "un detalle"
    assert checks.height_at(replace(view.checks, rows=rows, terse=True), 472, 0) == checks.height_at(
        view.checks, 472, 0
    )


def test_where_not_all_second_lines_fit_notes_keep_theirs() -> None:
    """A hit is told beside in any case, and a row that was not done says so itself."""
    outcomes = (Outcome.HIT, Outcome.NOT_CHECKED, Outcome.NOTE, Outcome.CLEAR, Outcome.NOTE, Outcome.HIT)
    rows = tuple(CheckRow("Control", one, "lista", "6 h", detail="un detalle") for one in outcomes)
    view = ChecksView("", "", rows, "")
    plain, detail = checks.STEPS[-1]
    told = [bool(row.detail) for row in checks.settled(view, 472, 6 * plain + 3 * (detail - plain))]
    assert told == [True, False, True, False, True, False]
    assert checks.settled(view, 472, 1000) == rows


def test_second_lines_stay_while_they_fit(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    view = samples.cargo("es")
    assert view.checks is not None
    rows = (*view.checks.rows[:2], replace(view.checks.rows[2], detail="un detalle"), *view.checks.rows[3:])
    window = open_window(replace(view, checks=replace(view.checks, rows=rows)))
    window.grab()
    assert "un detalle" in painted(recorder, "CheckLine")
    assert len(shown(window.goods.lines)) == 3


def test_blanks_are_blank() -> None:
    assert cargo.more_text("", 0) == ""
    assert cargo.more_text("y 4 más", 2) == "+2 · y 4 más"
    assert cargo_tables.table_height(TableHead("", "", ()), 0, 32) == 48


def test_a_consignment_without_a_view_shows_no_table(open_window: OpenWindow) -> None:
    window = open_window(replace(samples.cargo("es"), consignment=None))
    assert window.checks.isVisible()
    assert not window.cargo.isVisible()
    assert window.checks.mapTo(window, QPoint(0, 0)).y() == 235
    assert samples.cargo("es").stage is Stage.CARGO
