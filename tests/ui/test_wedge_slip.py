"""A slip that a reader types goes to the desk from wherever the cursor is, and into no field."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtWidgets import QApplication

from checkpoint_app.readers.wedge import MOST, Burst, Stroke
from checkpoint_app.ui.window import DeskWindow
from checkpoint_app.wire.slip_text import PREFIX, SLIP_BYTES, TEXT_LENGTH, slip_text
from tests.ui import samples
from tests.ui.helpers import FakeDesk
from tests.ui.keyboard import Keyboard
from tests.ui.test_wedge import FIELDS, PLACES, board, content, door, focused

__all__ = ["board", "door"]  # fixtures
SLIP = slip_text(bytes((31 * n * n + 7 * n) % 256 for n in range(SLIP_BYTES)))


@pytest.mark.parametrize("sent", [f"{SLIP}\r", f"{SLIP}\t", SLIP, f"\x02{SLIP}\x03", f"]Q1{SLIP}\r\r"])
def test_a_slip_goes_to_the_desk(window: DeskWindow, desk: FakeDesk, board: Keyboard, sent: str) -> None:
    desk.show(samples.refer("es"))
    desk.calls.clear()
    board.device(sent)
    board.quiet()
    assert desk.calls == [("keyed", SLIP)]


@pytest.mark.parametrize("place", FIELDS)
def test_no_field_keeps_any_of_it(
    window: DeskWindow,
    desk: FakeDesk,
    board: Keyboard,
    place: str,
) -> None:
    view, number = FIELDS[place]
    field = focused(window, desk, view("es"), number)
    before = content(field)
    board.device(SLIP + "\r")
    board.quiet()
    assert desk.calls == [("keyed", SLIP)]
    assert content(field) == before
    assert QApplication.focusWidget() is field


@pytest.mark.parametrize("place", PLACES)
def test_a_slip_read_in_part_is_told_as_one(
    window: DeskWindow,
    desk: FakeDesk,
    board: Keyboard,
    place: str,
) -> None:
    desk.show(PLACES[place]("es"))
    desk.calls.clear()
    board.device(SLIP[:-30] + "\r")
    board.quiet()
    assert desk.calls == [("keyed", SLIP[:-30])]


@pytest.mark.parametrize(
    ("typed", "slip"),
    [(SLIP, SLIP), (SLIP.lower(), SLIP.lower()), (f"xx{SLIP}yy", SLIP), (PREFIX, PREFIX), ("CKPSLIP", ""), ("", "")],
)
def test_what_of_a_burst_is_a_slip(typed: str, slip: str) -> None:
    strokes = tuple(Stroke(sign, at * 0.003, at) for sign, at in zip(typed, itertools.count(), strict=False))
    assert Burst(strokes).slip == slip
    assert TEXT_LENGTH < MOST
