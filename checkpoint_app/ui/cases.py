"""The list of cases where document and checks stand otherwise: tabs, column heads, at most seven rows, the page."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import CaseMark, CaseRow, CasesView, CaseTab
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.advice import SYMBOLS
from checkpoint_app.ui.canvas import CENTRE, RIGHT, SOFT, Canvas, Theme, cap_width
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import CASE_ROW, CHIP_CORNER, CORNER, PADDING, Area
from checkpoint_app.ui.painted import Panel, Pressable, padded
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.verdict import Advice

MOST_ROWS = 7
"""How many rows a page has: Page Up and Page Down move the selection by as many."""

TITLE_MIDDLE, HEAD_MIDDLE, ROWS_TOP, OUT = 31.0, 70.0, 86.0, 4.0
TAB_TOP, TAB_HEIGHT, TAB_INNER, TAB_GAP = 13.0, 36.0, 15.0, 8.0
SYMBOL_AT, NAME_AT, NAME_MIDDLE, KIND_MIDDLE = 34.0, 60.0, 20.5, 46.0
# Measured from the right edge: extra width goes to the names.
STATE_FROM, CIRCLE_FROM, STATE_WORD_FROM, OWNER_FROM, END = 452.0, 441.0, 418.0, 250.0, 17.0
CHIP_WIDTH, CHIP_HEIGHT, CHIP_INNER, GAP = 104.0, 28.0, 35.0, 8.0
PAGE_BELOW = 28.0

CIRCLES = {CaseMark.NEW: "open", CaseMark.TAKEN: "half", CaseMark.WAITS: "dotted", CaseMark.CLOSED: "clear"}
SOLID = (Advice.LOOK, Advice.REFER)
NO_CASE = CaseRow(Advice.INCOMPLETE, "", "", CaseMark.NEW, "", "", False, "", False, "")


class TabKey(Pressable):
    """One tab: the active one is filled. Its key is Ctrl with its number."""

    def __init__(self, parent: QWidget, theme: Theme, number: int, on_choice: Callable[[int], None]) -> None:
        super().__init__(parent, theme, lambda: on_choice(number))
        self.number = number
        self.view = CaseTab("", False)

    def wanted_width(self) -> float:
        """Return the width it needs, in units."""
        return ceil(fonts.width(self.view.text, self._face()) + 2 * TAB_INNER)

    def _face(self, *, dark: bool = False) -> Face:
        if not self.view.active:
            return fonts.BODY
        return fonts.BODY_BOLD if dark else fonts.BODY_STRONG

    def paint(self, canvas: Canvas) -> None:
        """Paint ground and words."""
        palette, area = canvas.palette, self.room
        active = self.view.active
        if active:
            canvas.fill(area, palette.accent_bg, CORNER)
            if palette.fill_edges:
                canvas.frame(area, palette.accent_edge, 1, CORNER)
        else:
            canvas.fill(area, palette.inset if self.pressed else palette.surface, CORNER)
            canvas.frame(area, palette.edge, palette.edge_width, CORNER)
        ink, face = (palette.accent_fg if active else palette.text), self._face(dark=palette.dark_on_fill)
        canvas.text(self.view.text, face, (area.width / 2, area.height / 2 - 0.5), area.width - 8, ink, CENTRE)

    def spoken(self) -> Spoken:
        """Return the tab's words, its key, and whether it is the active one."""
        return Spoken(Role.PageTab, self.view.text, key=f"Ctrl+{self.number}", selected=self.view.active)


class CaseLine(Pressable):
    """One case: advice, person, state, owner, and the time left for an answer. A click selects it."""

    def __init__(self, parent: QWidget, theme: Theme, on_press: Callable[[], None]) -> None:
        super().__init__(parent, theme, on_press)
        self.row, self.selected = NO_CASE, False

    def take(self, row: CaseRow, *, selected: bool) -> None:
        """Show ``row``; only the selected one is a stop of Tab."""
        self.row, self.selected = row, selected
        self.setToolTip("\n".join(part for part in (row.name, row.kind, row.owner) if part))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if selected else Qt.FocusPolicy.NoFocus)
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint ground, symbol and the four columns."""
        palette, area = canvas.palette, self.room
        if self.selected or self.pressed:
            canvas.fill(Area(OUT, 0, area.width - 2 * OUT, area.height), palette.inset, CORNER)
        if self.selected:
            canvas.frame(Area(OUT, 0, area.width - 2 * OUT, area.height), palette.accent_edge, 3, CORNER)
        else:
            canvas.rule(NAME_AT, area.right - END + 5.5, area.bottom - 1, palette.separator)
        ink = palette.tone(self.row.advice).ink
        ground = self._ground(canvas) if self.row.advice in SOLID else ""
        symbols.draw(canvas, SYMBOLS[self.row.advice], Spot(SYMBOL_AT, area.height / 2, 28, ink, ground))
        self._paint_person(canvas)
        self._paint_state(canvas)
        self._paint_time(canvas, self._paint_owner(canvas))

    def _ground(self, canvas: Canvas) -> str:
        return canvas.palette.inset if self.selected or self.pressed else canvas.palette.surface

    def _paint_person(self, canvas: Canvas) -> None:
        row, palette = self.row, canvas.palette
        room = self.room.width - STATE_FROM - NAME_AT - GAP
        face = fonts.BODY_BOLD if self.selected else fonts.BODY_STRONG
        name = fonts.elide_middle(row.name, face, room)
        canvas.text(name, face, (NAME_AT, NAME_MIDDLE), room, palette.text)
        # When and which list stand at the end: the middle can be missed most.
        kind = fonts.elide_middle(row.kind, fonts.LABEL, room)
        canvas.text(kind, fonts.LABEL, (NAME_AT, KIND_MIDDLE), room, palette.muted)

    def _paint_state(self, canvas: Canvas) -> None:
        right, middle, ink = self.room.width, self.room.height / 2, canvas.palette.text
        symbols.draw(canvas, CIRCLES[self.row.mark], Spot(right - CIRCLE_FROM, middle, 22, ink))
        room = STATE_WORD_FROM - OWNER_FROM - GAP
        word = fonts.elide_right(self.row.state, fonts.BODY, room)
        canvas.text(word, fonts.BODY, (right - STATE_WORD_FROM, middle - 0.5), room, ink)

    def _paint_owner(self, canvas: Canvas) -> float:
        """Paint the owner in the room that the time leaves; return how wide the time is."""
        row, right = self.row, self.room.width
        face = fonts.BODY_STRONG if row.unowned else fonts.BODY
        time = _time_width(row)
        room = OWNER_FROM - END - time - (GAP if row.time_left else 0)
        owner = fonts.elide_middle(row.owner, face, room)
        canvas.text(owner, face, (right - OWNER_FROM, self.room.height / 2 - 0.5), room, canvas.palette.text)
        return time

    def _paint_time(self, canvas: Canvas, wide: float) -> None:
        row, palette, middle = self.row, canvas.palette, self.room.height / 2
        right = self.room.width - END
        if not row.urgent:
            canvas.text(row.time_left, fonts.LABEL, (right, middle), wide, palette.muted, RIGHT)
            return
        chip = Area(right + 1 - wide, middle - CHIP_HEIGHT / 2, wide, CHIP_HEIGHT)
        canvas.fill(chip, palette.inset, CHIP_CORNER)
        canvas.frame(chip, palette.edge, SOFT, CHIP_CORNER)
        symbols.draw(canvas, "clock", Spot(chip.x + 16, middle, 16, palette.text))
        canvas.text(row.time_left, fonts.LABEL_STRONG, (chip.right - 7, middle), wide - CHIP_INNER, palette.text, RIGHT)

    def spoken(self) -> Spoken:
        """Return the row as one sentence."""
        row = self.row
        told = row.accessible or ". ".join(p for p in (row.name, row.kind, row.state, row.owner, row.time_left) if p)
        return Spoken(Role.ListItem, told, selected=self.selected)


def _time_width(row: CaseRow) -> float:
    """Return how wide the time left is, its chip included where there is one."""
    if not row.urgent:
        return fonts.width(row.time_left, fonts.LABEL)
    return max(CHIP_WIDTH, ceil(fonts.width(row.time_left, fonts.LABEL_STRONG)) + CHIP_INNER)


class CasesPanel(Panel):
    """Left and centre columns as one, with the list of cases."""

    def __init__(
        self, parent: QWidget | None, theme: Theme, on_choice: Callable[[int], None], on_move: Callable[[int], None]
    ) -> None:
        super().__init__(parent, theme)
        self._view = CasesView("", (), ("", "", "", ""), (), 0)
        self.tabs: list[TabKey] = []
        self.lines: list[CaseLine] = []
        self._on_choice, self._on_move = on_choice, on_move

    def set_view(self, view: CasesView) -> None:
        """Show ``view``; lines are kept by place, and a focus on the list stays with the selected one."""
        if view == self._view:
            return
        self._view = view
        while len(self.tabs) < len(view.tabs):
            self.tabs.append(TabKey(self, self.theme, len(self.tabs) + 1, self._on_choice))
        for tab, choice in zip(self.tabs, padded(view.tabs, len(self.tabs), CaseTab("", False)), strict=True):
            tab.view = choice
            tab.update()
        rows = view.rows[:MOST_ROWS]
        while len(self.lines) < len(rows):
            self.lines.append(self._line(len(self.lines)))
        focused = any(line.hasFocus() for line in self.lines)
        for number, (line, row) in enumerate(zip(self.lines, padded(rows, len(self.lines), NO_CASE), strict=True)):
            line.take(row, selected=number == view.selected and number < len(rows))
        self.arrange()
        self.update()
        if focused and self.selected is not None:
            self.selected.setFocus()

    def _line(self, number: int) -> CaseLine:
        return CaseLine(self, self.theme, lambda: self._select(number))

    def _select(self, number: int) -> None:
        if step := number - self._view.selected:
            self._on_move(step)

    @property
    def selected(self) -> CaseLine | None:
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

    def arrange(self) -> None:
        """Place tabs beside the title, rows below each other."""
        left = float(round(PADDING + fonts.width(self._view.title, fonts.TITLE) + 25))
        for number, tab in enumerate(self.tabs):
            tab.setVisible(number < len(self._view.tabs))
            tab.place(Area(left, TAB_TOP, tab.wanted_width(), TAB_HEIGHT))
            left += tab.wanted_width() + TAB_GAP
        for number, line in enumerate(self.lines):
            line.setVisible(number < len(self._view.rows))
            line.place(Area(0, ROWS_TOP + number * CASE_ROW, self.room.width, CASE_ROW))

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, title, the key that finds, column heads, and page or the line that there is none."""
        super().paint(canvas)
        view, palette, right = self._view, canvas.palette, self.room.width
        canvas.text(view.title, fonts.TITLE, (PADDING, TITLE_MIDDLE), 300, palette.text)
        if view.find:
            cap = Area(right - PADDING - cap_width("Ctrl+K"), TITLE_MIDDLE - 14, cap_width("Ctrl+K"), 28)
            canvas.cap("Ctrl+K", cap)
            canvas.text(view.find, fonts.LABEL, (cap.x - 8, TITLE_MIDDLE), 90, palette.muted, RIGHT)
        if not view.rows:
            self._paint_empty(canvas)
            return
        starts = (NAME_AT, right - STATE_FROM, right - OWNER_FROM)
        ends = (right - STATE_FROM, right - OWNER_FROM, right - END - fonts.width(view.heads[3], fonts.LABEL))
        for head, start, end in zip(view.heads[:3], starts, ends, strict=True):
            canvas.text(head, fonts.LABEL, (start, HEAD_MIDDLE), end - start - GAP, palette.muted)
        canvas.text(view.heads[3], fonts.LABEL, (right - END, HEAD_MIDDLE), CHIP_WIDTH + 40, palette.muted, RIGHT)
        below = ROWS_TOP + MOST_ROWS * CASE_ROW + PAGE_BELOW
        canvas.text(view.page, fonts.LABEL, (right - END, below), right - END - NAME_AT, palette.muted, RIGHT)

    def _paint_empty(self, canvas: Canvas) -> None:
        face, room = Face(22), self.room.width - 8 * PADDING
        for number, line in enumerate(fonts.wrap(self._view.empty, face, room)):
            middle = self.room.height / 2 + number * face.line
            canvas.text(line, face, (self.room.width / 2, middle), room, canvas.palette.muted, CENTRE)

    def spoken(self) -> Spoken:
        """Return the title; the page, or the line that there is no case, as description."""
        return Spoken(Role.List, self._view.title, self._view.page if self._view.rows else self._view.empty)
