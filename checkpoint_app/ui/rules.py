"""The rules in force where document and checks stand otherwise: a plot each, four to a page.

Left what is said of the rule, in the middle a bar a day below the line of its limit, right what inspections found: the
interval of its precision with the share found, and below it the mark of the lot. Place and shape tell; colour repeats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.listing import MOST_PLOTS, RulePlot, RulesView
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import RIGHT, Canvas, Theme, colour
from checkpoint_app.ui.listing import choice_ground, paint_empty
from checkpoint_app.ui.measures import PADDING, Area
from checkpoint_app.ui.painted import Panel, Pressable, padded
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot

TITLE_MIDDLE, SAID_MIDDLE, ROWS_TOP, LEGEND_BELOW, END = 31.0, 58.0, 76.0, 24.0, 18.0
TEXT_AT, TEXT_SHARE, GAUGE, GAP = 18.0, 0.455, 150.0, 22.0
LINE, LINES, FLAG_AT = 25.0, 4, 27.0
BARS_TOP, BARS_FOOT, LEAST_BAR, SAMPLE = 14.0, 30.0, 3.0, 26.0
INTERVAL, TICK, LOT, CLEAR = 10.0, 22.0, 14.0, 3.0
DASHES = (6.0, 4.0)
NO_PLOT = RulePlot("", "", "", (), 0.0)
NO_RULES = RulesView("", "", (), -1, ("", "", "", ""))


class PlotLine(Pressable):
    """One rule: what is said of it, its days, its precision. A click selects it."""

    def __init__(self, parent: QWidget, theme: Theme, on_press: Callable[[], None]) -> None:
        super().__init__(parent, theme, on_press)
        self.plot, self.selected = NO_PLOT, False

    def take(self, plot: RulePlot, *, selected: bool) -> None:
        """Show ``plot``; only the selected one is a stop of Tab."""
        self.plot, self.selected = plot, selected
        self.setToolTip("\n".join(part for part in (f"{plot.rule} {plot.title}".strip(), plot.said, plot.flag) if part))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if selected else Qt.FocusPolicy.NoFocus)
        self.update()

    def _columns(self) -> tuple[Area, Area, Area]:
        area = self.room
        text = Area(TEXT_AT, 0, int(area.width * TEXT_SHARE) - TEXT_AT, area.height)
        gauge = Area(area.width - END - GAUGE, 0, GAUGE, area.height)
        left = text.right + GAP
        return text, Area(left, 0, gauge.x - GAP - left, area.height), gauge

    def paint(self, canvas: Canvas) -> None:
        """Paint ground, words, days and precision."""
        area = self.room
        ground = choice_ground(canvas, area, selected=self.selected, pressed=self.pressed)
        if not self.selected:
            canvas.rule(TEXT_AT, area.right - END, area.bottom - 1, canvas.palette.separator)
        text, days, gauge = self._columns()
        self._paint_words(canvas, text, ground)
        paint_days(canvas, self.plot, days, ground)
        paint_gauge(canvas, self.plot, gauge)

    def _paint_words(self, canvas: Canvas, area: Area, ground: str) -> None:
        """Rule and title, what is said, and the flag with its sign: as many lines of each as there is room for."""
        plot, palette = self.plot, canvas.palette
        rule = fonts.width(plot.rule, fonts.BODY_BOLD) + (10 if plot.rule else 0)
        flag = _lines(plot.flag, area.width - FLAG_AT, 2, fonts.LABEL_STRONG)
        said = _lines(plot.said, area.width, 1, fonts.LABEL)
        title = _lines(plot.title, area.width - rule, LINES - len(flag) - len(said), fonts.BODY_STRONG)
        middle = (area.height - (len(title) - 1 + len(said) + len(flag)) * LINE) / 2
        canvas.text(plot.rule, fonts.BODY_BOLD, (area.x, middle), rule + 1, palette.text)
        for number, line in enumerate(title):
            middle += LINE if number else 0
            canvas.text(line, fonts.BODY_STRONG, (area.x + rule, middle), area.width - rule, palette.text)
        for line in said:
            middle += LINE
            canvas.text(line, fonts.LABEL, (area.x, middle), area.width, palette.muted)
        for number, line in enumerate(flag):
            middle += LINE
            if not number:
                symbols.draw(canvas, "note", Spot(area.x + 11, middle, 22, palette.look.ink, ground))
            canvas.text(line, fonts.LABEL_STRONG, (area.x + FLAG_AT, middle), area.width - FLAG_AT, palette.text)

    def spoken(self) -> Spoken:
        """Return the rule as one sentence."""
        plot = self.plot
        parts = (f"{plot.rule} {plot.title}".strip(), plot.flag, plot.said, plot.limit_text, plot.precision_text)
        told = plot.accessible or ". ".join(part for part in parts if part)
        return Spoken(Role.ListItem, told, selected=self.selected)


def _lines(text: str, room: float, most: int, face: fonts.Face) -> tuple[str, ...]:
    """Return ``text`` on at most ``most`` lines, of which the last loses its middle where it has to."""
    lines = fonts.wrap(text, face, room) if text and most > 0 else ()
    if len(lines) <= most:
        return lines
    kept = lines[: most - 1]
    return (*kept, fonts.elide_middle(fonts.after(text, kept), face, room))


def paint_days(canvas: Canvas, plot: RulePlot, area: Area, ground: str) -> None:
    """Paint a bar a day above the base line, which is missing below days that nothing is known of, and the limit."""
    palette = canvas.palette
    inner = Area(area.x, area.y + BARS_TOP, area.width, area.height - BARS_TOP - BARS_FOOT)
    top = inner.bottom - min(1.0, max(0.0, plot.limit)) * inner.height
    step = inner.width / max(1, len(plot.days))
    gap = min(3.0, step / 4)
    for start, end in _known(plot.days):
        canvas.rule(inner.x + start * step, inner.x + end * step, inner.bottom, palette.edge, 2)
    for number, share in enumerate(plot.days):
        if share is None:
            continue
        left = inner.x + number * step
        high = min(inner.height, max(LEAST_BAR, share * inner.height)) if share > 0 else 0.0
        bar = Area(left + gap / 2, inner.bottom - high, step - gap, high)
        if high:
            canvas.fill(bar, palette.edge)
        if high and bar.y < top:
            canvas.fill(Area(bar.x, bar.y, bar.width, top - bar.y), palette.text)
    # Bars stop short of the line: dashes on a bar of the same ink could not be seen.
    canvas.rule(inner.x, inner.right, top - CLEAR, ground, 2 * CLEAR)
    paint_limit(canvas, inner.x, inner.right, top)
    middle = area.bottom - BARS_FOOT / 2 + 1
    first = canvas.text(plot.span[0], fonts.LABEL, (inner.x, middle), inner.width / 2, palette.muted)
    last = fonts.width(plot.span[1], fonts.LABEL)
    canvas.text(plot.span[1], fonts.LABEL, (inner.right, middle), inner.width / 2, palette.muted, RIGHT)
    room = inner.width - first - last - 24
    at = inner.x + first + 12 + room / 2
    if room > 0:
        text = fonts.elide_right(plot.limit_text, fonts.LABEL_STRONG, room)
        canvas.text(text, fonts.LABEL_STRONG, (at, middle), room, palette.text, "centre")


def _known(days: tuple[float | None, ...]) -> list[tuple[int, int]]:
    """Return the stretches of days that something is known of, as first and end: each has one line below it."""
    stretches: list[tuple[int, int]] = []
    at = 0
    for known, group in groupby(days, lambda day: day is not None):
        end = at + len(list(group))
        if known:
            stretches.append((at, end))
        at = end
    return stretches


def paint_limit(canvas: Canvas, left: float, right: float, y: float) -> None:
    """Paint the line of a limit: dashed, so that it is told from the base line."""
    canvas.painter.setPen(canvas.pen(canvas.palette.text, 2, DASHES))
    canvas.painter.drawLine(QPointF(left, canvas.snap(y)), QPointF(right, canvas.snap(y)))


def paint_gauge(canvas: Canvas, plot: RulePlot, area: Area) -> None:
    """Paint the scale of nothing to all found, on it the interval and the share found, below it the lot's mark."""
    palette, middle = canvas.palette, area.y + area.height / 2 + 6
    text = _lines(plot.precision_text, area.width, 1, fonts.LABEL)
    for line in text:
        canvas.text(line, fonts.LABEL, (area.x, middle - 30), area.width, palette.text)
    scale = Area(area.x + LOT / 2, middle, area.width - LOT, 0)
    known = plot.precision is not None
    canvas.painter.setPen(canvas.pen(palette.edge, 2, () if known else (3.0, 3.0)))
    canvas.painter.drawLine(QPointF(scale.x, canvas.snap(middle)), QPointF(scale.right, canvas.snap(middle)))
    for end in (scale.x, scale.right):
        canvas.fill(Area(end - 1, middle - 6, 2, 12), palette.edge)
    if plot.precision is not None:
        paint_interval(canvas, plot.precision, scale)
    if plot.drawn is not None:
        paint_lot(canvas, scale.x + _share(plot.drawn) * scale.width, middle + TICK / 2 + 1)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def paint_interval(canvas: Canvas, precision: tuple[float, float, float], scale: Area) -> None:
    """Paint the interval as a bar along the upper edge of ``scale``, and the share found as a tick through it."""
    palette = canvas.palette
    low, found, high = (scale.x + _share(value) * scale.width for value in precision)
    bar = Area(low, scale.y - INTERVAL / 2, max(4.0, high - low), INTERVAL)
    canvas.fill(bar, palette.inset, 3)
    canvas.frame(bar, palette.edge, 2, 3)
    canvas.fill(Area(found - 2, scale.y - TICK / 2, 4, TICK), palette.text)


def paint_lot(canvas: Canvas, x: float, top: float) -> None:
    """Paint the mark of the lot: a triangle that points up at the scale."""
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(colour(canvas.palette.text))
    points = [QPointF(x, top), QPointF(x + LOT / 2, top + LOT), QPointF(x - LOT / 2, top + LOT)]
    canvas.painter.drawPolygon(QPolygonF(points))


class RulesPanel(Panel):
    """Left and centre columns as one, with the rules."""

    def __init__(self, parent: QWidget | None, theme: Theme, on_move: Callable[[int], None]) -> None:
        super().__init__(parent, theme)
        self._view = NO_RULES
        self.lines: list[PlotLine] = []
        self._on_move = on_move

    def set_view(self, view: RulesView) -> None:
        """Show ``view``; lines are kept by place, and a focus on the list stays with the selected one."""
        if view == self._view:
            return
        self._view = view
        plots = view.plots[:MOST_PLOTS]
        while len(self.lines) < len(plots):
            self.lines.append(self._line(len(self.lines)))
        focused = any(line.hasFocus() for line in self.lines)
        for number, (line, plot) in enumerate(zip(self.lines, padded(plots, len(self.lines), NO_PLOT), strict=True)):
            line.take(plot, selected=number == view.selected and number < len(plots))
        self.arrange()
        self.update()
        if focused and self.selected is not None:
            self.selected.setFocus()

    def _line(self, number: int) -> PlotLine:
        return PlotLine(self, self.theme, lambda: self._select(number))

    def _select(self, number: int) -> None:
        if step := number - self._view.selected:
            self._on_move(step)

    @property
    def selected(self) -> PlotLine | None:
        """The selected line, if there is one."""
        return next((line for line in self.lines if line.selected), None)

    @property
    def focusable(self) -> list[QWidget]:
        """The widgets that Tab visits: the selected line."""
        return [self.selected] if self.selected is not None else []

    @property
    def has_pages(self) -> bool:
        """Whether there are more rules than those shown."""
        return bool(self._view.page)

    def arrange(self) -> None:
        """Place the plots below each other, four over the whole height."""
        high = (self.room.height - ROWS_TOP - 2 * LEGEND_BELOW) / MOST_PLOTS
        for number, line in enumerate(self.lines):
            line.setVisible(number < min(len(self._view.plots), MOST_PLOTS))
            line.place(Area(0, ROWS_TOP + number * high, self.room.width, high))

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, title, what is said of all, page and legend; or the line that there is no rule."""
        super().paint(canvas)
        view, palette, right = self._view, canvas.palette, self.room.width - PADDING
        page = canvas.text(view.page, fonts.LABEL, (right, TITLE_MIDDLE), 200, palette.muted, RIGHT)
        canvas.text(view.title, fonts.TITLE, (PADDING, TITLE_MIDDLE), right - page - 2 * PADDING, palette.text)
        said = fonts.elide_middle(view.said, fonts.LABEL, right - PADDING)
        canvas.text(said, fonts.LABEL, (PADDING, SAID_MIDDLE), right - PADDING, palette.muted)
        if view.plots:
            self._paint_legend(canvas)
        else:
            paint_empty(canvas, view.empty, self.room)

    def _paint_legend(self, canvas: Canvas) -> None:
        """A sample of each mark with its word, spread over the width."""
        middle, left = self.room.height - LEGEND_BELOW, TEXT_AT
        words = [fonts.width(word, fonts.LABEL) for word in self._view.legend]
        spare = self.room.width - TEXT_AT - END - sum(words) - len(words) * (SAMPLE + 8)
        for number, (word, wide) in enumerate(zip(self._view.legend, words, strict=True)):
            _paint_sample(canvas, number, Area(left, middle - 13, SAMPLE, 26))
            canvas.text(word, fonts.LABEL, (left + SAMPLE + 8, middle), wide + 1, canvas.palette.text)
            left += SAMPLE + 8 + wide + min(32.0, spare / (len(words) - 1))

    def spoken(self) -> Spoken:
        """Return title and what is said of all; the page, or the line that there is no rule, as description."""
        view = self._view
        title = ". ".join(part for part in (view.title, view.said) if part)
        return Spoken(Role.List, title, view.page if view.plots else view.empty)


def _paint_sample(canvas: Canvas, number: int, area: Area) -> None:
    """Paint what the legend's word at ``number`` names: bars, limit, interval, lot."""
    middle = area.y + area.height / 2
    if number == 0:
        for place, share in enumerate((0.4, 0.8, 0.6)):
            high = share * area.height
            canvas.fill(Area(area.x + place * 8 + 1, area.bottom - high, 6, high), canvas.palette.edge)
    elif number == 1:
        paint_limit(canvas, area.x, area.right, middle)
    elif number == 2:
        paint_interval(canvas, (0.1, 0.45, 0.9), replace(area, y=middle))
    else:
        paint_lot(canvas, area.x + area.width / 2, middle - LOT / 2)
