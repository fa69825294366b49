"""Compare: long values take two lines, and the letters that differ stay marked on either."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from checkpoint_app.booth.view.screen import CompareRow
from checkpoint_app.ui import fonts
from checkpoint_app.ui.compare import CLOSE, MOST_LINES, ROW, CompareLine, heights_in, rooms, value_lines
from checkpoint_app.ui.palette import DAY
from checkpoint_app.ui.window import DeskWindow
from checkpoint_app.verdict import Sign
from tests.ui import samples
from tests.ui.conftest import OpenWindow
from tests.ui.helpers import FakeDesk

ROOM = 148.0


@pytest.mark.parametrize(
    ("text", "size", "count"),
    [("ERIKSSON", 20, 1), ("MUSTERMANN-BEI", 18, 1), ("ERIKSON Anna; ERICSON Ana", 18, 2), ("", 20, 1)],
)
def test_a_value_takes_the_lines_it_needs(text: str, size: int, count: int) -> None:
    face, lines = value_lines(text, ROOM)
    assert (face.size, len(lines)) == (size, count)
    assert " ".join(lines) == text
    assert all(fonts.width(line, face) <= ROOM for line in lines)


def test_a_long_value_takes_more_lines_and_is_cut_at_the_end_of_the_last() -> None:
    text = "ERIKSON Anna; ERICSON Ana; ERIXON Anne; ERIKSEN"
    face, lines = value_lines(text, ROOM)
    assert (" ".join(lines), face.size) == (text, 18)
    face, lines = value_lines("; ".join([text] * 5), ROOM)
    assert len(lines) == MOST_LINES
    assert lines[-1].endswith("…")
    assert "; ".join([text] * 5).startswith(" ".join(lines[:-1]))
    assert all(fonts.width(line, face) <= ROOM for line in lines)


@pytest.mark.parametrize("word", ["BEISPIELHAUSENERBERGDORFMUSTERINGENHOFE", "W" * 39, "MUSTERHAUSEN-BEISPIELBERGER"])
def test_a_name_without_a_blank_is_broken_between_its_letters(word: str) -> None:
    face, lines = value_lines(word, ROOM)
    assert "".join(lines) == word
    assert all(fonts.width(line, face) <= ROOM for line in lines)
    assert not word.startswith("MUSTERHAUSEN-") or lines[0] == "MUSTERHAUSEN-"


def underlined(line: CompareLine) -> set[int]:
    """Return the rows of pixels that carry the underline's ink."""
    image = line.grab().toImage()
    ink = DAY.look.ink.lower()
    return {y for y in range(image.height()) for x in range(image.width()) if image.pixelColor(x, y).name() == ink}


@pytest.mark.parametrize(("marks", "where"), [(((0, 3),), "first"), (((16, 18),), "second"), ((), "none")])
def test_marks_follow_their_letters_onto_the_second_line(
    open_window: OpenWindow, marks: tuple[tuple[int, int], ...], where: str
) -> None:
    view = samples.compare("es")
    assert view.compare is not None
    row = CompareRow("Alias", "", "ERIKSON Anna; ERICSON Ana", Sign.DIFFERS, right_marks=marks)
    window = open_window(replace(view, compare=replace(view.compare, rows=(row,) * 8)))
    line = window.compare.lines[0]
    rows = underlined(line)
    middle = line.height() / 2
    if where == "first":
        assert rows
        assert max(rows) < middle + 4
    elif where == "second":
        assert rows
        assert min(rows) > middle
    else:
        assert not rows
    assert line.toolTip() == row.right


@pytest.mark.parametrize("begin", [0, 21, 22, 38])
def test_marks_follow_their_letters_through_a_broken_name(open_window: OpenWindow, begin: int) -> None:
    view = samples.compare("es")
    assert view.compare is not None
    name = "BEISPIELHAUSENERBERGDORFMUSTERINGENHOFE"
    _, lines = value_lines(name, ROOM)
    at, left = 0, begin
    while left >= len(lines[at]):
        left -= len(lines[at])
        at += 1
    row = CompareRow("Alias", "", name, Sign.DIFFERS, right_marks=((begin, begin + 1),))
    window = open_window(replace(view, compare=replace(view.compare, rows=(row,))))
    line = window.compare.lines[0]
    rows = underlined(line)
    height = fonts.LABEL_STRONG.line
    middle = line.height() / 2 + (at - (len(lines) - 1) / 2) * height
    assert rows
    assert middle < min(rows) <= max(rows) < middle + height


def test_rows_close_up_no_more_than_they_must() -> None:
    assert heights_in([24.0, 24.0], 200) == [ROW, ROW]
    assert heights_in([24.0, 24.0], 2 * CLOSE) == [CLOSE, CLOSE]
    assert sum(heights_in([24.0, 72.0], 130)) == pytest.approx(130)
    assert heights_in([72.0], 10) == [80.0]
    assert heights_in([], 10) == []


@pytest.mark.parametrize("palette", ["day", "night", "contrast"])
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids=str)
@pytest.mark.parametrize("lang", samples.LANGUAGES)
def test_the_most_crowded_comparison_shows_every_row_and_none_over_another(
    open_window: OpenWindow, lang: str, size: tuple[int, int], palette: str
) -> None:
    view = samples.ALL["compare-crowded"](lang)
    assert view.compare is not None
    window = open_window(view, size=size, palette=palette)
    seen: list[str] = []
    for _ in view.compare.rows:
        shown = [line for line in window.compare.lines if line.isVisible()]
        seen += [line.row.label for line in shown if line.row.label not in seen]
        for one, other in pairwise(shown):
            assert one.geometry().bottom() <= other.geometry().top()
        assert shown[-1].geometry().bottom() <= window.compare.height()
        window.compare.page(+1)
    assert seen == [row.label for row in view.compare.rows]
    window.compare.page(-1)
    assert window.compare.lines[0].isVisible()


def test_page_keys_turn_the_comparison_where_not_all_rows_fit(window: DeskWindow, desk: FakeDesk, qtbot) -> None:
    window.show_view(samples.ALL["compare-crowded"]("es"))
    assert window.compare.has_pages
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert not window.compare.lines[0].isVisible()
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    assert window.compare.lines[0].isVisible()
    window.show_view(samples.compare("es"))
    assert not window.compare.has_pages


def test_a_row_over_both_columns_has_the_room_of_both() -> None:
    narrow, wide = CompareRow("", "", "x", Sign.UNKNOWN), CompareRow("", "", "x", Sign.UNKNOWN, wide=True)
    assert rooms(wide, 472)[1] > 2 * rooms(narrow, 472)[1]
