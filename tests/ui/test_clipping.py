"""No string is clipped or cut: every painted string of every state is compared with the room it has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from PySide6.QtWidgets import QApplication

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.ui import fonts
from checkpoint_app.ui.canvas import Canvas, PaintedText
from checkpoint_app.ui.inputs import MRZ_FACE, MrzInput
from tests.ui import samples
from tests.ui.conftest import OpenWindow

SIZES = ((1280, 800), (1920, 1080))
SHORTENED = ("long", "cargo-long", "listed")
"""Where names are longer than any column: they lose their middle."""


@pytest.fixture
def recorder() -> Iterator[list[PaintedText]]:
    Canvas.recorder = []
    yield Canvas.recorder
    Canvas.recorder = None


@pytest.mark.parametrize("palette", ["day", "contrast"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_every_string_of_every_state_has_its_room(
    open_window: OpenWindow, recorder: list[PaintedText], lang: str, size: tuple[int, int], palette: str
) -> None:
    window = open_window(size=size, palette=palette)
    for state, view_in in samples.ALL.items():
        recorder.clear()
        window.show_view(view_in(lang))
        window.grab()
        assert len(recorder) > 20
        cut = [(p.owner, p.text, round(p.room), round(p.needed)) for p in recorder if p.needed > p.room + 0.5]
        assert not cut, state
        below = [(p.owner, p.text, round(p.bottom_room, 1)) for p in recorder if p.bottom_room < -0.5]
        assert not below, state
        shortened = [p.text for p in recorder if "…" in p.text and not p.text.startswith(("preguntando", "asking"))]
        assert state in SHORTENED or not shortened, state


@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_no_reason_is_left_out(open_window: OpenWindow, recorder: list[PaintedText], lang: str) -> None:
    window = open_window()
    for state, view_in in samples.ALL.items():
        recorder.clear()
        view = view_in(lang)
        window.show_view(view)
        window.grab()
        if view.panel_form is None:
            for _ in view.panel:  # as many parts as there may be
                window.reasons.page(+1)
                window.grab()
            painted = "".join(p.text for p in recorder if p.owner == "ReasonsPanel").replace(" ", "")
            texts = [text for section in view.panel for text in (*(r.text for r in section.rows), *section.lines)]
            assert [text for text in texts if text.replace(" ", "") not in painted] == [], state


def test_recorder_notices_a_string_that_is_too_long(open_window: OpenWindow, recorder: list[PaintedText]) -> None:
    from dataclasses import replace

    view = samples.refer("es")
    long = replace(view, advice=replace(view.advice, word="DERIVAR A LA SEGUNDA LÍNEA"))
    open_window(long).grab()
    assert any(p.needed > p.room for p in recorder)


@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_advice_words_of_the_booth_fit_their_banner(lang: str) -> None:
    from checkpoint_app.ui.advice import WORD
    from checkpoint_app.verdict import Advice

    words = [Words(lang).say(f"advice.{advice.value}").upper() for advice in Advice]
    assert max(fonts.width(word, WORD) for word in words) <= 376
    assert fonts.width("INDETERMINADOS", WORD) <= 376


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_full_machine_readable_line_fits_its_input(open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window(samples.by_hand("es"), size=size)
    made = window.form.inputs["mrz"]
    assert isinstance(made, MrzInput)
    needed = made.fontMetrics().horizontalAdvance("<" * 44) + 2 * 8 * window.theme.scale
    assert needed <= made.viewport().width()
    assert 3 * made.fontMetrics().lineSpacing() <= made.viewport().height()
    assert MRZ_FACE.ocr


@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_parts_stay_inside_the_window_and_apart(open_window: OpenWindow, lang: str) -> None:
    window = open_window()
    for state, view_in in samples.ALL.items():
        window.show_view(view_in(lang))
        assert (window.width(), window.height()) == (1280, 800)
        shown = [part for part in window.parts if part.isVisible() and part is not window.ring]
        for part in shown:
            assert window.rect().contains(part.geometry()), (state, type(part).__name__)
        for one, other in combinations(shown, 2):
            assert not one.geometry().intersects(other.geometry()), (state, type(one).__name__, type(other).__name__)


def test_fonts_are_there() -> None:
    assert fonts.missing_packages() == ()
    QApplication.processEvents()


def test_names_step_down_then_lose_their_middle() -> None:
    from checkpoint_app.ui.person import name_face

    room = 328
    assert name_face("ERIKSSON", 700, room).size == 32
    assert name_face("MUSTERMANN-BEISPIEL", 700, room).size == 28
    longest = "WOLFESCHLEGELSTEINHAUSENBERGERDORFF"
    face = name_face(longest, 700, room)
    assert face.size == 24
    shown = fonts.elide_middle(longest, face, room)
    assert "…" in shown
    assert fonts.width(shown, face) <= room
    assert longest.startswith(shown.split("…")[0])
    assert longest.endswith(shown.split("…")[1])


def test_wrap_keeps_no_break_spaces_together() -> None:
    lines = fonts.wrap("Pesó 2\u00a0830\u00a0kg más de lo declarado", fonts.BODY, 150)
    assert any("2\u00a0830\u00a0kg" in line for line in lines)
    assert " ".join(lines) == "Pesó 2\u00a0830\u00a0kg más de lo declarado"
