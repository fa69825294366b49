"""The year of the line where document and checks stand otherwise: a row a month, a cell a day, as high as it lasted.

Height tells how long, the hatched part a drill, a dot a day with a line throughout; colour only repeats it.
"""

from __future__ import annotations

from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import HistoryDay, HistoryMonth, HistoryView
from checkpoint_app.ui import fonts
from checkpoint_app.ui.canvas import CENTRE, RIGHT, Canvas, Theme
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import PADDING, Area
from checkpoint_app.ui.painted import Painted, Panel, padded
from checkpoint_app.ui.spoken import Role, Spoken

LONGEST_MONTH = 31
TITLE_MIDDLE, NUMBERS_MIDDLE, ROWS_TOP, LEGEND_BELOW = 31.0, 68.0, 84.0, 24.0
LABEL_WIDTH, TOTAL_WIDTH, GAP = 70.0, 104.0, 2.0
LEAST_BAR, DOT, HATCH_STEP = 5.0, 4.0, 5.0
NUMBERED = (1, 5, 10, 15, 20, 25, 30)
NO_MONTH = HistoryMonth("", (), "", "")


class MonthRow(Painted):
    """One month: its name, a cell a day, what was lost in it."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent, theme)
        self.month = NO_MONTH

    @property
    def cell(self) -> float:
        """How wide a day is, in units."""
        return cell_width(self.room.width)

    def paint(self, canvas: Canvas) -> None:
        """Paint name, days and total."""
        middle, palette = self.room.height / 2, canvas.palette
        canvas.text(self.month.label, fonts.LABEL, (PADDING, middle), LABEL_WIDTH - 6, palette.muted)
        for number, day in enumerate(self.month.days):
            if day is not None:
                self._paint_day(canvas, day, PADDING + LABEL_WIDTH + number * self.cell)
        right = self.room.width - PADDING
        canvas.text(self.month.total, fonts.LABEL_STRONG, (right, middle), TOTAL_WIDTH - 6, palette.text, RIGHT)

    def _paint_day(self, canvas: Canvas, day: HistoryDay, left: float) -> None:
        area = Area(left + GAP / 2, 3, self.cell - GAP, self.room.height - 6)
        paint_day(canvas, day, area)

    def spoken(self) -> Spoken:
        """Return the month as one sentence."""
        return Spoken(Role.ListItem, self.month.accessible)


def cell_width(width: float) -> float:
    """Return how wide a day is in a panel of ``width`` units."""
    return (width - 2 * PADDING - LABEL_WIDTH - TOTAL_WIDTH) / LONGEST_MONTH


def paint_day(canvas: Canvas, day: HistoryDay, area: Area) -> None:
    """Paint one day: a bar from below for what was lost, a hatched one above it for a drill, else a dot or nothing."""
    palette = canvas.palette
    if day.known:
        canvas.fill(area, palette.inset)
    lost, drilled = _height(day.share, area), _height(day.drill, area)
    lost = min(lost, area.height - drilled)
    if lost:
        canvas.fill(Area(area.x, area.bottom - lost, area.width, lost), palette.refer.ink)
    if drilled:
        bar = Area(area.x, area.bottom - lost - drilled, area.width, drilled)
        path = QPainterPath()
        path.addRect(canvas.rect(bar))
        canvas.hatch(path, palette.text, HATCH_STEP, 1.5)
        canvas.frame(bar, palette.text)
    if day.known and not lost and not drilled:
        canvas.fill(Area(area.x + area.width / 2 - DOT / 2, area.bottom - 2 * DOT, DOT, DOT), palette.muted, DOT / 2)
    if day.today:
        canvas.frame(area, palette.accent_edge, 2)


def _height(share: float, area: Area) -> float:
    return max(LEAST_BAR, share * area.height) if share > 0 else 0.0


class HistoryPanel(Panel):
    """Left and centre columns as one, with the year."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._view = HistoryView("", (), ("", "", ""))
        self.rows: list[MonthRow] = []

    def set_view(self, view: HistoryView) -> None:
        """Show ``view``; rows are kept by place."""
        if view == self._view:
            return
        self._view = view
        while len(self.rows) < len(view.months):
            self.rows.append(MonthRow(self, self.theme))
        for row, month in zip(self.rows, padded(view.months, len(self.rows), NO_MONTH), strict=True):
            row.month = month
            row.setToolTip(month.accessible)
            row.update()
        self.arrange()
        self.update()

    @property
    def focusable(self) -> list[QWidget]:
        """The widgets that Tab visits: none, there is nothing to press."""
        return []

    def arrange(self) -> None:
        """Place the months below each other, over the whole height."""
        count = max(1, len(self._view.months))
        high = (self.room.height - ROWS_TOP - 2 * LEGEND_BELOW) / count
        for number, row in enumerate(self.rows):
            row.setVisible(number < len(self._view.months))
            row.place(Area(0, ROWS_TOP + number * high, self.room.width, high))

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, title, the numbers of days, and the legend; or the line that nothing is recorded."""
        super().paint(canvas)
        view, palette, room = self._view, canvas.palette, self.room
        canvas.text(view.title, fonts.TITLE, (PADDING, TITLE_MIDDLE), room.width - 2 * PADDING, palette.text)
        if not view.months:
            face = Face(22)
            canvas.text(view.empty, face, (room.width / 2, room.height / 2), room.width - 64, palette.muted, CENTRE)
            return
        cell = cell_width(room.width)
        for number in NUMBERED:
            at = PADDING + LABEL_WIDTH + (number - 0.5) * cell
            canvas.text(str(number), fonts.LABEL, (at, NUMBERS_MIDDLE), 3 * cell, palette.muted, CENTRE)
        self._paint_legend(canvas)

    def _paint_legend(self, canvas: Canvas) -> None:
        middle, at = self.room.height - LEGEND_BELOW, PADDING + LABEL_WIDTH
        samples = (
            HistoryDay(0.7, 0.0, known=True),
            HistoryDay(0.0, 0.7, known=True),
            HistoryDay(0.0, 0.0, known=False),
        )
        for day, word in zip(samples, self._view.legend, strict=True):
            area = Area(at, middle - 13, 20, 26)
            paint_day(canvas, day, area)
            if not day.known:
                canvas.frame(area, canvas.palette.edge, 1, dashes=(3, 3))
            wide = fonts.width(word, fonts.LABEL)
            canvas.text(word, fonts.LABEL, (area.right + 8, middle), wide + 1, canvas.palette.text)
            at = area.right + 8 + wide + 32

    def spoken(self) -> Spoken:
        """Return the title; the line that nothing is recorded as description."""
        return Spoken(Role.List, self._view.title, "" if self._view.months else self._view.empty)
