"""Compare: long values take two lines, and the letters that differ stay marked on either."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.view import CompareRow
from checkpoint_app.ui import fonts
from checkpoint_app.ui.compare import CompareLine, value_lines
from checkpoint_app.ui.palette import DAY
from checkpoint_app.verdict import Sign
from tests.ui import samples
from tests.ui.conftest import OpenWindow

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


def test_a_value_too_long_for_two_lines_is_cut_at_its_end() -> None:
    face, lines = value_lines("ERIKSON Anna; ERICSON Ana; ERIXON Anne; ERIKSEN", ROOM)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert fonts.width(lines[1], face) <= ROOM


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
