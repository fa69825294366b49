"""A list to choose from where document and checks stand otherwise: arrivals, who is on one, inspections."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.listing import MOST_LISTED, ListingRow, ListingView
from checkpoint_app.booth.view.screen import CaseTab
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import CENTRE, LEFT, RIGHT, Canvas, Theme
from checkpoint_app.ui.cases import ROWS_TOP, TAB_GAP, TAB_HEIGHT, TAB_TOP, TabKey
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import CASE_ROW, CORNER, PADDING, Area
from checkpoint_app.ui.painted import Painted, Panel, Pressable, padded
from checkpoint_app.ui.palette import Palette
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.verdict import Outcome

TITLE_MIDDLE, HEAD_MIDDLE, PAGE_BELOW, FOOT_HEIGHT = 31.0, 70.0, 28.0, 56.0
SYMBOL_AT, CELLS_AT, BARE_AT, SYMBOL, OUT, GAP, END = 34.0, 60.0, 18.0, 28.0, 4.0, 20.0, 17.0
BAR, SECOND_LINE = 12.0, 13.0
NO_ROW = ListingRow(None, ())
NO_LISTING = ListingView("", (), (), (), -1)
FINDINGS = (Outcome.NOTE, Outcome.HIT)
_WORDS = re.compile(r"[^\d\s.,]")


def column_widths(heads: Sequence[str], rows: Sequence[ListingRow], room: float) -> tuple[float, ...]:
    """Return how wide each column is, ``GAP`` included: what it needs, and what is left goes to the first.

    Where not all have what they need the widest give up, down to one width; no narrow column loses anything.
    """
    wanted = [fonts.width(head, fonts.LABEL) + GAP for head in heads]
    for row in rows:
        for number, cell in enumerate(row.cells[: len(heads)]):
            wanted[number] = max(wanted[number], fonts.width(cell, _face(row, number)) + GAP)
    if not wanted:
        return ()
    left = room - sum(wanted)
    if left >= 0:
        return (wanted[0] + left, *wanted[1:])
    most = _cap(wanted, room)
    return tuple(min(width, most) for width in wanted)


def number_columns(heads: Sequence[str], rows: Sequence[ListingRow]) -> tuple[bool, ...]:
    """Return which columns hold numbers alone: those end below each other."""
    cells = [[row.cells[column] for row in rows if column < len(row.cells)] for column in range(len(heads))]
    return tuple(any(column) and not any(_WORDS.search(cell) for cell in column) for column in cells)


def _cap(wanted: Sequence[float], room: float) -> float:
    """Return the width at which the columns, each cut down to it, take just ``room``."""
    narrow, others = 0.0, sorted(wanted)
    while others and others[0] <= (room - narrow) / len(others):
        narrow += others.pop(0)
    return (room - narrow) / len(others) if others else room


def _face(row: ListingRow, column: int, *, selected: bool = False) -> Face:
    if column == 0:
        return fonts.BODY_BOLD if selected or row.strong else fonts.BODY_STRONG
    return fonts.BODY_STRONG if row.strong else fonts.BODY


def symbol_of(outcome: Outcome | None, palette: Palette, ground: str) -> tuple[str, str, str]:
    """Return symbol, ink and ground of what was found: solid on findings, dotted while it waits."""
    if outcome is None:
        return "waiting", palette.muted, ""
    inks = {
        Outcome.CLEAR: palette.proceed.ink,
        Outcome.NOTE: palette.look.ink,
        Outcome.HIT: palette.refer.ink,
        Outcome.NOT_CHECKED: palette.incomplete.ink,
    }
    return outcome.value, inks[outcome], ground if outcome in FINDINGS else ""


def two_lines(text: str, face: Face, room: float) -> tuple[str, ...]:
    """Return ``text`` on one line, or on two, of which the second loses its middle where it has to."""
    lines = fonts.wrap(text, face, room)
    if len(lines) <= 2:
        return lines
    return lines[0], fonts.elide_middle(fonts.after(text, lines[:1]), face, room)


class ListingLine(Pressable):
    """One row: symbol and cells. A click selects it."""

    def __init__(self, parent: QWidget, theme: Theme, on_press: Callable[[], None]) -> None:
        super().__init__(parent, theme, on_press)
        self.row, self.selected = NO_ROW, False
        self.widths: tuple[float, ...] = ()
        self.left = CELLS_AT
        self.numbers: tuple[bool, ...] = ()

    def take(self, row: ListingRow, *, selected: bool) -> None:
        """Show ``row``; only the selected one is a stop of Tab."""
        self.row, self.selected = row, selected
        self.setToolTip("\n".join(cell for cell in row.cells if cell))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if selected else Qt.FocusPolicy.NoFocus)
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint ground, symbol and cells."""
        palette, area = canvas.palette, self.room
        ground = choice_ground(canvas, area, selected=self.selected, pressed=self.pressed)
        if not self.selected:
            canvas.rule(self.left, area.right - END + 5.5, area.bottom - 1, palette.separator)
        name, ink, through = symbol_of(self.row.outcome, palette, ground)
        if not self.row.bare:
            symbols.draw(canvas, name, Spot(SYMBOL_AT, area.height / 2, SYMBOL, ink, through))
        left = self.left
        for number, (cell, wide) in enumerate(zip(self.row.cells, self.widths, strict=False)):
            face, room = _face(self.row, number, selected=self.selected), wide - GAP
            if self.numbers[number]:
                at = (left + room, area.height / 2 - 0.5)
                canvas.text(fonts.elide_middle(cell, face, room), face, at, room, palette.text, RIGHT)
            else:
                self._paint_cell(canvas, cell, face, left, room)
            left += wide

    def _paint_cell(self, canvas: Canvas, cell: str, face: Face, left: float, room: float) -> None:
        lines = two_lines(cell, face, room)
        first = self.room.height / 2 - 0.5 - (SECOND_LINE if len(lines) > 1 else 0)
        for number, line in enumerate(lines):
            canvas.text(line, face, (left, first + number * 2 * SECOND_LINE), room, canvas.palette.text)

    def spoken(self) -> Spoken:
        """Return the row as one sentence."""
        told = self.row.accessible or ". ".join(cell for cell in self.row.cells if cell)
        return Spoken(Role.ListItem, told, selected=self.selected)


def choice_ground(canvas: Canvas, area: Area, *, selected: bool, pressed: bool) -> str:
    """Paint the ground of something to choose, framed where it is selected; return the ground's colour."""
    palette, inner = canvas.palette, Area(OUT, 0, area.width - 2 * OUT, area.height)
    if selected or pressed:
        canvas.fill(inner, palette.inset, CORNER)
    if selected:
        canvas.frame(inner, palette.accent_edge, 3, CORNER)
    return palette.inset if selected or pressed else palette.surface


class ProgressLine(Painted):
    """How far what is listed has been screened: words, and a bar below them."""

    share, text = 0.0, ""

    def paint(self, canvas: Canvas) -> None:
        """Paint words and bar."""
        palette, wide = canvas.palette, self.room.width
        canvas.text(self.text, fonts.LABEL, (0, 12), wide, palette.text)
        bar = Area(0, 28, wide, BAR)
        canvas.fill(bar, palette.inset, BAR / 2)
        canvas.fill(Area(0, bar.y, wide * min(1.0, max(0.0, self.share)), BAR), palette.edge, BAR / 2)
        canvas.frame(bar, palette.edge, 1, BAR / 2)

    def spoken(self) -> Spoken:
        """Return the words."""
        return Spoken(Role.ProgressBar, self.text)


class ListingPanel(Panel):
    """Left and centre columns as one, with the list."""

    def __init__(
        self, parent: QWidget | None, theme: Theme, on_choice: Callable[[int], None], on_move: Callable[[int], None]
    ) -> None:
        super().__init__(parent, theme)
        self._view = NO_LISTING
        self.tabs: list[TabKey] = []
        self.lines: list[ListingLine] = []
        self.progress = ProgressLine(self, theme)
        self._on_choice, self._on_move = on_choice, on_move

    def set_view(self, view: ListingView) -> None:
        """Show ``view``; lines are kept by place, and a focus on the list stays with the selected one."""
        if view == self._view:
            return
        self._view = view
        while len(self.tabs) < len(view.tabs):
            self.tabs.append(TabKey(self, self.theme, len(self.tabs) + 1, self._on_choice))
        for tab, choice in zip(self.tabs, padded(view.tabs, len(self.tabs), CaseTab("", False)), strict=True):
            tab.view = choice
            tab.update()
        rows = view.rows[:MOST_LISTED]
        while len(self.lines) < len(rows):
            self.lines.append(self._line(len(self.lines)))
        focused = any(line.hasFocus() for line in self.lines)
        for number, (line, row) in enumerate(zip(self.lines, padded(rows, len(self.lines), NO_ROW), strict=True)):
            line.take(row, selected=number == view.selected and number < len(rows))
        self.progress.share, self.progress.text = view.progress or 0.0, view.progress_text
        self.arrange()
        self.update()
        if focused and self.selected is not None:
            self.selected.setFocus()

    def _line(self, number: int) -> ListingLine:
        return ListingLine(self, self.theme, lambda: self._select(number))

    def _select(self, number: int) -> None:
        if step := number - self._view.selected:
            self._on_move(step)

    @property
    def selected(self) -> ListingLine | None:
        """The selected line, if there is one."""
        return next((line for line in self.lines if line.selected), None)

    @property
    def focusable(self) -> list[QWidget]:
        """The widgets that Tab visits: the tabs, then the selected line."""
        return [*self.tabs, *([self.selected] if self.selected is not None else [])]

    @property
    def has_pages(self) -> bool:
        """Whether there are more rows than those shown."""
        return bool(self._view.page)

    def _title_room(self) -> float:
        """Return how wide the title may be beside the tabs."""
        shown = self.tabs[: len(self._view.tabs)]
        tabs = sum(tab.wanted_width() + TAB_GAP for tab in shown) + (25 if shown else 0)
        return max(100.0, self.room.width - PADDING - END - tabs)

    def _left(self) -> float:
        """Return where cells begin: beside the signs, and at the edge where no row has one."""
        rows = self._view.rows
        return BARE_AT if rows and all(row.bare for row in rows) else CELLS_AT

    def _widths(self) -> tuple[float, ...]:
        room = self.room.width - self._left() - END + GAP
        return column_widths(self._view.heads, self._view.rows[:MOST_LISTED], room)

    def _numbers(self) -> tuple[bool, ...]:
        return number_columns(self._view.heads, self._view.rows[:MOST_LISTED])

    def arrange(self) -> None:
        """Place tabs beside the title, rows below each other, the progress at the foot."""
        title = min(fonts.width(self._view.title, fonts.TITLE), self._title_room())
        self.setToolTip(self._view.title if title < fonts.width(self._view.title, fonts.TITLE) else "")
        left = float(round(PADDING + title + 25))
        for number, tab in enumerate(self.tabs):
            tab.setVisible(number < len(self._view.tabs))
            tab.place(Area(left, TAB_TOP, tab.wanted_width(), TAB_HEIGHT))
            left += tab.wanted_width() + TAB_GAP
        widths, numbers = self._widths(), self._numbers()
        for number, line in enumerate(self.lines):
            line.setVisible(number < min(len(self._view.rows), MOST_LISTED))
            line.widths, line.numbers, line.left = widths, numbers, self._left()
            line.place(Area(0, ROWS_TOP + number * CASE_ROW, self.room.width, CASE_ROW))
        self.progress.setVisible(self._view.progress is not None)
        page = fonts.width(self._view.page, fonts.LABEL) + GAP if self._view.page else 0.0
        wide = self.room.width - PADDING - END - page
        self.progress.place(Area(PADDING, ROWS_TOP + MOST_LISTED * CASE_ROW + 18, wide, FOOT_HEIGHT))

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, title, column heads, and page or the line that there is nothing."""
        super().paint(canvas)
        view, palette, right = self._view, canvas.palette, self.room.width
        room = self._title_room()
        title = fonts.elide_middle(view.title, fonts.TITLE, room)
        canvas.text(title, fonts.TITLE, (PADDING, TITLE_MIDDLE), room, palette.text)
        if not view.rows:
            paint_empty(canvas, view.empty, self.room)
            return
        left = self._left()
        for head, wide, ends in zip(view.heads, self._widths(), self._numbers(), strict=True):
            at, align = (left + wide - GAP, RIGHT) if ends else (left, LEFT)
            canvas.text(head, fonts.LABEL, (at, HEAD_MIDDLE), wide - GAP, palette.muted, align)
            left += wide
        below = ROWS_TOP + MOST_LISTED * CASE_ROW + PAGE_BELOW
        canvas.text(view.page, fonts.LABEL, (right - END, below), right - END - CELLS_AT, palette.muted, RIGHT)

    def spoken(self) -> Spoken:
        """Return the title; the page, or the line that there is nothing, as description."""
        return Spoken(Role.List, self._view.title, self._view.page if self._view.rows else self._view.empty)


def paint_empty(canvas: Canvas, text: str, area: Area) -> None:
    """Paint the line that there is nothing, in the middle of ``area``."""
    face, room = Face(22), area.width - 8 * PADDING
    for number, line in enumerate(fonts.wrap(text, face, room)):
        middle = area.height / 2 + number * face.line
        canvas.text(line, face, (area.width / 2, middle), room, canvas.palette.muted, CENTRE)
