"""The checks: a fixed order, a count above that adds up, source and age of each in two columns at the right."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import AgeLook, CheckRow, ChecksView
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import RIGHT, SOFT, Canvas, Theme, cap_width
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import CHECK_ROW, CHIP_CORNER, CORNER, FINDING_ROW, PADDING, Area
from checkpoint_app.ui.painted import Painted, Panel, padded
from checkpoint_app.ui.palette import Palette, Tone
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.verdict import Outcome

ROWS_TOP, HEAD, FOOT = 40.0, 22.0, 22.0
SYMBOL, SYMBOL_AT, NAME_AT, OUT = 26.0, 29.0, 58.0, 4.0
SOURCE_END, CHIP_WIDTH, CHIP_HEIGHT = 97.0, 72.0, 28.0
DETAIL_LINE = 24.0
# Heights of a plain row and of one with a finding, from the wanted to the closest that still reads.
STEPS = ((CHECK_ROW, FINDING_ROW), (40, 64), (36, 60), (32, 56), (30, 54))
_FIRST: dict[Outcome | None, int] = {Outcome.NOTE: 0, Outcome.HIT: 1, Outcome.NOT_CHECKED: 2}
FINDINGS = (Outcome.NOTE, Outcome.HIT, Outcome.NOT_CHECKED)


def has_finding(row: CheckRow) -> bool:
    """Tell whether the row takes a second line: a note, a hit, or a check that was not done."""
    return row.outcome in FINDINGS and bool(row.detail)


def detail_lines(row: CheckRow, width: float) -> tuple[str, ...]:
    """Return the second line of a row ``width`` units wide; it becomes two where the words need them."""
    if not has_finding(row):
        return ()
    room = width - NAME_AT - PADDING - 1 - (cap_width(row.key_cap) + 8 if row.key_cap else 0)
    lines = fonts.wrap(row.detail, detail_face(row), room)
    return lines if len(lines) <= 2 else (lines[0], fonts.elide_right(" ".join(lines[1:]), detail_face(row), room))


def detail_face(row: CheckRow) -> Face:
    """Return the face of the second line: findings are strong, reasons for a check not done are plain."""
    return fonts.LABEL if row.outcome is Outcome.NOT_CHECKED else fonts.LABEL_STRONG


def _heights_at(rows: tuple[CheckRow, ...], width: float, step: int) -> list[float]:
    plain, finding = STEPS[step]
    more = [max(0, len(detail_lines(row, width)) - 1) * DETAIL_LINE for row in rows]
    return [float(finding if has_finding(row) else plain) + add for row, add in zip(rows, more, strict=True)]


def heights(rows: tuple[CheckRow, ...], width: float, room: float) -> list[float]:
    """Return the height of each row so that all fit ``room``; rows close up together, none is ever left out."""
    for step in range(len(STEPS)):
        result = _heights_at(rows, width, step)
        if sum(result) <= room:
            return result
    shrink = room / sum(result) if rows else 1.0
    return [height * shrink for height in result]


def fits(rows: tuple[CheckRow, ...], width: float, room: float) -> bool:
    """Tell whether the rows fit ``room`` with their second lines."""
    return sum(_heights_at(rows, width, len(STEPS) - 1)) <= room


def foot(view: ChecksView) -> float:
    """Return how much stands below the rows."""
    return 2 * FOOT if view.centre else 8


def height_at(view: ChecksView, width: float, step: int, *, terse: bool = False) -> float:
    """Return the height of a panel whose rows are at ``step`` of ``STEPS``, ``terse`` without their second lines."""
    rows = tuple(without_detail(row) for row in view.rows) if terse or view.terse else view.rows
    return ROWS_TOP + sum(_heights_at(rows, width, step)) + foot(view)


def settled(view: ChecksView, width: float, room: float) -> tuple[CheckRow, ...]:
    """Return the rows, with as many second lines as there is room for: those stay that only they tell.

    The panel beside tells each hit, and what was not done stands in the row itself: notes come first.
    """
    bare = tuple(without_detail(row) for row in view.rows)
    if view.terse:
        return bare
    if fits(view.rows, width, room):
        return view.rows
    kept = list(bare)
    told = [number for number, row in enumerate(view.rows) if has_finding(row)]
    for number in sorted(told, key=lambda place: _FIRST.get(view.rows[place].outcome, len(_FIRST))):
        trial = [*kept[:number], view.rows[number], *kept[number + 1 :]]
        if sum(_heights_at(tuple(trial), width, len(STEPS) - 1)) <= room:
            kept = trial
    return tuple(kept)


def without_detail(row: CheckRow) -> CheckRow:
    """Return ``row`` without its second line."""
    return replace(row, detail="", key_cap="")


NO_ROW = CheckRow("", None, "", "")


class CheckLine(Painted):
    """One row of the checks. ``outcome`` gives shape, tint and edge; waiting rows hold their place."""

    row = NO_ROW
    terse = False

    def _details(self) -> tuple[str, ...]:
        return () if self.terse else detail_lines(self.row, self.room.width)

    def paint(self, canvas: Canvas) -> None:
        """Paint ground, symbol, name, source, age, and the second line where there is a finding."""
        row, palette = self.row, canvas.palette
        if row.outcome is Outcome.NOT_CHECKED:
            self._paint_not_done(canvas)
        elif row.outcome in (Outcome.NOTE, Outcome.HIT):
            self._paint_finding(canvas, palette.look if row.outcome is Outcome.NOTE else palette.refer)
        else:
            canvas.rule(NAME_AT, self.room.right - PADDING, self.room.bottom - 1, palette.separator)
            name = "clear" if row.outcome is Outcome.CLEAR else "waiting"
            ink = palette.proceed.ink if row.outcome is Outcome.CLEAR else palette.muted
            symbols.draw(canvas, name, Spot(SYMBOL_AT, self.room.height / 2, SYMBOL, ink))
        self._paint_words(canvas, palette)

    def _ground(self) -> Area:
        return Area(OUT + 1, 1, self.room.width - 2 * OUT - 2, self.room.height - 2)

    def _paint_finding(self, canvas: Canvas, tone: Tone) -> None:
        ground = self._ground()
        canvas.fill(ground, tone.tint, CHIP_CORNER)
        path = QPainterPath()
        path.addRoundedRect(canvas.rect(ground), CHIP_CORNER, CHIP_CORNER)
        canvas.painter.save()
        canvas.painter.setClipPath(path)
        canvas.fill(Area(ground.x, ground.y, 4, ground.height), tone.ink)
        canvas.painter.restore()
        if canvas.palette.panel_edges:
            canvas.frame(ground, tone.ink, 2, CHIP_CORNER)
        symbol = "note" if self.row.outcome is Outcome.NOTE else "hit"
        ground_ink = canvas.palette.ground if canvas.palette.panel_edges else tone.tint
        symbols.draw(canvas, symbol, Spot(SYMBOL_AT, self.room.height / 2, SYMBOL, tone.ink, ground_ink))

    def _paint_not_done(self, canvas: Canvas) -> None:
        palette = canvas.palette
        area = Area(OUT, 0, self.room.width - 2 * OUT, self.room.height)
        canvas.fill(area, palette.incomplete.bg, CORNER)
        middle = self.room.height / 2
        shape = QPainterPath()
        shape.addRoundedRect(canvas.rect(area), CORNER, CORNER)
        cell = QPainterPath()
        cell.addRect(QRectF(OUT, 0, 46, area.height))
        around = SYMBOL / 2 + 4
        hole = QPainterPath()
        hole.addRect(QRectF(SYMBOL_AT - around, middle - around, 2 * around, 2 * around))
        canvas.hatch(shape.intersected(cell).subtracted(hole), palette.hatch)
        canvas.frame(area, palette.hatch, SOFT, CORNER, (9, 4.5))
        symbols.draw(canvas, "not_checked", Spot(SYMBOL_AT, middle, SYMBOL, palette.incomplete.ink))

    def _first_line(self) -> float:
        more = len(self._details())
        return self.room.height / 2 - (self._apart() if more else 0) - max(0, more - 1) * DETAIL_LINE / 2

    def _apart(self) -> float:
        """Return how far from the middle the two lines stand: closer where the row is low."""
        return 14 if self.room.height >= STEPS[2][1] else 12

    def _paint_words(self, canvas: Canvas, palette: Palette) -> None:
        row, middle = self.row, self._first_line()
        found = row.outcome in FINDINGS
        right = self.room.right - PADDING - 1
        quiet = palette.text if row.outcome is Outcome.NOT_CHECKED else palette.muted
        source_end = self.room.right - SOURCE_END if row.age else right
        self._paint_age(canvas, middle, quiet)
        face = fonts.BODY_STRONG if found else fonts.BODY
        name = canvas.text(row.name, face, (NAME_AT, middle - 0.5), source_end - NAME_AT, palette.text)
        room = source_end - NAME_AT - name - 12
        source = fonts.elide_middle(row.source, fonts.LABEL, room)
        canvas.text(source, fonts.LABEL, (source_end, middle), room, quiet, RIGHT)
        if self._details():
            self._paint_detail(canvas, middle + 2 * self._apart(), right)

    def _paint_detail(self, canvas: Canvas, middle: float, right: float) -> None:
        row, palette = self.row, canvas.palette
        room = right - NAME_AT
        if row.key_cap:
            wide = cap_width(row.key_cap)
            canvas.cap(row.key_cap, Area(right + 1 - wide, middle - 14, wide, 28))
            room -= wide + 8
        for number, line in enumerate(self._details()):
            canvas.text(line, detail_face(row), (NAME_AT, middle + number * DETAIL_LINE), room, palette.text)

    def _paint_age(self, canvas: Canvas, middle: float, quiet: str) -> None:
        row, palette = self.row, canvas.palette
        right = self.room.right - PADDING
        if row.age_look is AgeLook.PLAIN:
            canvas.text(row.age, fonts.LABEL, (right - 1, middle), SOURCE_END - PADDING - 6, quiet, RIGHT)
            return
        chip = Area(right - CHIP_WIDTH, middle - CHIP_HEIGHT / 2, CHIP_WIDTH, CHIP_HEIGHT)
        ink, ground = palette.text, palette.inset
        if row.age_look is AgeLook.AS_OF:
            canvas.fill(chip, ground, CHIP_CORNER)
            canvas.frame(chip, palette.edge, SOFT, CHIP_CORNER)
            symbols.draw(canvas, "clock", Spot(chip.x + 16, middle, 16, ink))
        else:
            canvas.fill(chip, palette.incomplete.bg, CHIP_CORNER)
            hatched = QPainterPath()
            hatched.addRoundedRect(QRectF(chip.x, chip.y, 36, chip.height), CHIP_CORNER, CHIP_CORNER)
            canvas.hatch(hatched, palette.hatch, 6, 1.5)
            canvas.frame(chip, palette.hatch, SOFT, CHIP_CORNER, (4.5, 2.5))
        canvas.text(row.age, fonts.LABEL_STRONG, (chip.right - 7, middle), CHIP_WIDTH - 32, ink, RIGHT)

    def spoken(self) -> Spoken:
        """Return the row as one sentence."""
        row = self.row
        return Spoken(
            Role.ListItem, row.accessible or f"{row.name}: {row.detail or row.source}. {row.age}", key=row.key_cap
        )


class ChecksPanel(Panel):
    """The list of checks."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._view = ChecksView("", "", (), "")
        self.online = True
        self.lines: list[CheckLine] = []

    def set_view(self, view: ChecksView, *, online: bool) -> None:
        """Show ``view``; ``online`` fills the dot of the foot line."""
        if (view, online) == (self._view, self.online):
            return
        self._view, self.online = view, online
        while len(self.lines) < len(view.rows):
            self.lines.append(CheckLine(self, self.theme))
        for line, row in zip(self.lines, padded(view.rows, len(self.lines), NO_ROW), strict=True):
            line.row = row
            line.setFocusPolicy(Qt.FocusPolicy.TabFocus if row.outcome in FINDINGS else Qt.FocusPolicy.NoFocus)
        self.arrange()
        self.update()

    @property
    def findings(self) -> list[CheckLine]:
        """The rows with a finding: those that Tab stops at."""
        return [line for line in self.lines[: len(self._view.rows)] if line.row.outcome in FINDINGS]

    def arrange(self) -> None:
        """Place the rows below each other; where they do not fit otherwise, their second lines stand in the tip."""
        room, top = self.room.height - ROWS_TOP - foot(self._view), ROWS_TOP
        rows = settled(self._view, self.room.width, room)
        each = heights(rows, self.room.width, room)
        for number, line in enumerate(self.lines):
            shown = number < len(rows)
            line.setVisible(shown)
            line.terse = shown and not rows[number].detail
            line.setToolTip(line.row.detail if line.terse else "")
            if shown:
                line.place(Area(0, top, self.room.width, each[number]))
                top += each[number]

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, head, count and foot line."""
        super().paint(canvas)
        view, palette = self._view, canvas.palette
        right = self.room.width - PADDING - 1
        head = canvas.text(view.title.upper(), fonts.LABEL_STRONG, (PADDING, HEAD), 200, palette.muted)
        canvas.text(view.count, fonts.LABEL, (right, HEAD), right - PADDING - head - 12, palette.muted, RIGHT)
        if view.centre:
            middle = self.room.height - FOOT
            name, ink = ("dot", palette.muted) if self.online else ("open", palette.text)
            symbols.draw(canvas, name, Spot(SYMBOL_AT, middle, 14, ink))
            canvas.text(view.centre, fonts.LABEL, (NAME_AT, middle), right - NAME_AT, palette.muted)

    def spoken(self) -> Spoken:
        """Return title and count; the centre's line is the description."""
        return Spoken(Role.List, f"{self._view.title}: {self._view.count}", self._view.centre)
