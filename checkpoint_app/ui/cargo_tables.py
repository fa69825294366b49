"""Equipment and goods of a consignment as tables above its checks, and how the three share the centre's height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.consignment import EquipmentRow, GoodsRow, TableHead
from checkpoint_app.booth.view.screen import ChecksView, Mark
from checkpoint_app.ui import checks, fonts, symbols
from checkpoint_app.ui.canvas import RIGHT, Canvas, Theme
from checkpoint_app.ui.cargo import NO_TABLE, more_text
from checkpoint_app.ui.document import MARKS
from checkpoint_app.ui.measures import MARGIN, PADDING, TABLE_ROW, Area
from checkpoint_app.ui.painted import Painted, Panel
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot

TITLE_MIDDLE, COLUMNS_MIDDLE, ROWS_TOP, BARE = 28.0, 56.0, 70.0, 48.0
MORE, FOOT, MORE_FOOT = 24.0, 16.0, 8.0
MARK, MARK_ROOM, COLUMN_GAP = 18.0, 26.0, 12.0
DIGIT_ROOM, MOST_NUMBER, MOST_SEAL, MOST_TYPE = 48.0, 200.0, 190.0, 64.0
NO_EQUIPMENT = EquipmentRow("", "", Mark.NONE, "", "", Mark.NONE)
NO_GOODS = GoodsRow("", "", "", "")
ROW_STEPS = (float(TABLE_ROW), 29.0, 26.0)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where columns begin or end, from the left: of equipment type and seal, of goods text, packages and weight."""

    second: float
    third: float
    fourth: float = 0.0


class Row(Painted):
    """A row of a table: paints itself at the table's columns."""

    columns = Columns(0, 0)

    @property
    def right(self) -> float:
        """Where the last column ends."""
        return self.room.width - PADDING


class EquipmentLine(Row):
    """A container, trailer or ULD: number, its last digit apart with its mark, type, seal with its mark."""

    row = NO_EQUIPMENT

    def paint(self, canvas: Canvas) -> None:
        """Paint the row."""
        row, palette, middle = self.row, canvas.palette, self.room.height / 2 - 0.5
        marked = MARK_ROOM if row.digit_mark is not Mark.NONE else 0.0
        digit = fonts.width(row.digit, fonts.BODY_BOLD) + 9 if row.digit else 0.0
        room = self.columns.second - COLUMN_GAP - PADDING - digit - marked
        number = fonts.elide_middle(row.number, fonts.BODY_STRONG, room)
        at = PADDING + canvas.text(number, fonts.BODY_STRONG, (PADDING, middle), room, palette.text) + 9
        at += canvas.text(row.digit, fonts.BODY_BOLD, (at, middle), digit, palette.text)
        self._paint_mark(canvas, row.digit_mark, at + 8 + MARK / 2, palette.look.ink)
        canvas.text(row.type, fonts.BODY, (self.columns.second, middle), MOST_TYPE, palette.text)
        self._paint_mark(canvas, row.seal_mark, self.right - MARK / 2, palette.refer.ink)
        end = self.right - (MARK_ROOM if row.seal_mark is not Mark.NONE else 0.0)
        seal = fonts.elide_middle(row.seal, fonts.BODY_STRONG, end - self.columns.third)
        canvas.text(seal, fonts.BODY_STRONG, (end, middle), end - self.columns.third, palette.text, RIGHT)

    def _paint_mark(self, canvas: Canvas, mark: Mark, x: float, wrong: str) -> None:
        """Paint the mark. A wrong digit is a note, a seal that differs is a hit: their inks say so too."""
        if mark is Mark.NONE:
            return
        palette = canvas.palette
        inks = {Mark.TICK: palette.proceed.ink, Mark.WRONG: wrong, Mark.DOUBT: palette.look.ink}
        symbols.draw(canvas, MARKS[mark], Spot(x, self.room.height / 2, MARK, inks.get(mark, palette.muted)))

    def spoken(self) -> Spoken:
        """Return the row as one sentence."""
        row = self.row
        told = row.accessible or ". ".join(part for part in (f"{row.number} {row.digit}", row.type, row.seal) if part)
        return Spoken(Role.ListItem, told)


class GoodsLine(Row):
    """A line of goods: code, text, packages, weight."""

    row = NO_GOODS
    heads: tuple[str, ...] = ()

    def paint(self, canvas: Canvas) -> None:
        """Paint the row."""
        row, palette, middle, at = self.row, canvas.palette, self.room.height / 2 - 0.5, self.columns
        code = fonts.elide_middle(row.hs, fonts.BODY_STRONG, at.second - PADDING - 6)
        canvas.text(code, fonts.BODY_STRONG, (PADDING, middle), at.second - PADDING - 6, palette.text)
        packages = fonts.width(row.packages, fonts.BODY)
        room = at.third - packages - COLUMN_GAP - at.second
        text = fonts.elide_middle(row.text, fonts.BODY, room)
        canvas.text(text, fonts.BODY, (at.second, middle), room, palette.text)
        canvas.text(row.packages, fonts.BODY, (at.third, middle), packages + 1, palette.text, RIGHT)
        canvas.text(row.weight, fonts.BODY, (self.right, middle), self.right - at.third, palette.text, RIGHT)

    def spoken(self) -> Spoken:
        """Return the row as one sentence, numbers with the heads of their columns."""
        row = self.row
        names = self.heads[2:4] if len(self.heads) >= 4 else ("", "")
        numbers = [f"{name} {value}".strip() for name, value in zip(names, (row.packages, row.weight), strict=True)]
        return Spoken(Role.ListItem, ". ".join(part for part in (row.hs, row.text, *numbers) if part))


def table_height(head: TableHead, rows: int, row_height: float, hidden: int = 0) -> float:
    """Return how high a table of ``rows`` is that ``row_height`` each takes; ``hidden`` of them are only counted."""
    if not rows:
        return BARE
    more = MORE + MORE_FOOT if more_text(head.more, hidden) else FOOT
    return ROWS_TOP + (rows - hidden) * row_height + more


class TablePanel(Panel):
    """A headed table: title, count at the right, column heads, rows as far as there is room, and how many are not."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self.head = NO_TABLE
        self.lines: list[Row] = []
        self.used = 0
        self.shown = 0

    def new_line(self) -> Row:
        """Return a new line of this table."""
        raise NotImplementedError

    def columns(self) -> Columns:
        """Return the columns for the rows shown."""
        raise NotImplementedError

    def _take(self, head: TableHead, count: int) -> None:
        self.head, self.used = head, count
        while len(self.lines) < count:
            self.lines.append(self.new_line())
            self.lines[-1].setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def focusable(self) -> list[QWidget]:
        """The rows that Tab visits."""
        return list(self.lines[: self.shown])

    def arrange(self) -> None:
        """Place the rows that fit, as high as there is room for."""
        room = self.room.height + 0.5
        self.shown, high = self.used, ROW_STEPS[0]
        for high in ROW_STEPS:
            if table_height(self.head, self.used, high) <= room:
                break
        while self.shown > 1 and table_height(self.head, self.used, high, self.used - self.shown) > room:
            self.shown -= 1
        columns = self.columns()
        for number, line in enumerate(self.lines):
            line.setVisible(number < self.shown)
            line.columns = columns
            line.place(Area(0, ROWS_TOP + number * high, self.room.width, high))

    def _more(self) -> str:
        return more_text(self.head.more, self.used - self.shown)

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, title, count, and the line that there are more."""
        super().paint(canvas)
        palette, right = canvas.palette, self.room.width - PADDING
        title = canvas.text(self.head.title.upper(), fonts.LABEL_STRONG, (PADDING, TITLE_MIDDLE), right, palette.muted)
        room = right - PADDING - title - COLUMN_GAP
        canvas.text(self.head.count, fonts.LABEL, (right, TITLE_MIDDLE), room, palette.muted, RIGHT)
        if self.used:
            self.paint_heads(canvas)
            below = self.lines[self.shown - 1].geometry().bottom() / self.theme.scale + MORE / 2
            canvas.text(self._more(), fonts.LABEL, (PADDING, below), right - PADDING, palette.muted)

    def paint_heads(self, canvas: Canvas) -> None:
        """Paint the heads of the columns."""
        raise NotImplementedError

    def spoken(self) -> Spoken:
        """Return title and count; that there are more is the description."""
        return Spoken(Role.List, f"{self.head.title}: {self.head.count}", self._more())


class EquipmentPanel(TablePanel):
    """Containers, trailers and ULDs with their seals."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._rows: tuple[EquipmentRow, ...] = ()

    def set_view(self, head: TableHead, rows: tuple[EquipmentRow, ...]) -> None:
        """Show ``rows`` below ``head``."""
        if (head, rows) == (self.head, self._rows):
            return
        self._rows = rows
        self._take(head, len(rows))
        for number, line in enumerate(self.lines):
            row = rows[number] if number < len(rows) else NO_EQUIPMENT
            if isinstance(line, EquipmentLine):
                line.row = row
            line.setToolTip("\n".join(part for part in (f"{row.number} {row.digit}".strip(), row.seal) if part))
            line.update()
        self.arrange()
        self.update()

    def new_line(self) -> Row:
        """Return a new line."""
        return EquipmentLine(self, self.theme)

    def columns(self) -> Columns:
        """Return where types and seals begin: seals take what they need, and at least what numbers leave."""
        number, kind, seal = (*self.head.columns, "", "", "")[:3]
        numbers = _widest(number, [row.number for row in self._rows], strong=True) + DIGIT_ROOM
        types = min(_widest(kind, [row.type for row in self._rows]), MOST_TYPE)
        seals = _widest(seal, [row.seal for row in self._rows], strong=True) + MARK_ROOM
        left = self.room.width - 2 * PADDING - min(numbers, MOST_NUMBER) - types - 2 * COLUMN_GAP
        third = self.room.width - PADDING - min(seals, max(left, MOST_SEAL))
        return Columns(third - COLUMN_GAP - types, third)

    def paint_heads(self, canvas: Canvas) -> None:
        """Paint the heads of number, type and seal; the seal's stands at the right."""
        at, muted, right = self.columns(), canvas.palette.muted, self.room.width - PADDING
        number, kind, seal = (*self.head.columns, "", "", "")[:3]
        canvas.text(number, fonts.LABEL, (PADDING, COLUMNS_MIDDLE), at.second - PADDING - 6, muted)
        room = right - at.second - fonts.width(seal, fonts.LABEL) - 8
        canvas.text(kind, fonts.LABEL, (at.second, COLUMNS_MIDDLE), room, muted)
        canvas.text(seal, fonts.LABEL, (right, COLUMNS_MIDDLE), right - at.second, muted, RIGHT)


class GoodsPanel(TablePanel):
    """Goods, a line each."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._rows: tuple[GoodsRow, ...] = ()

    def set_view(self, head: TableHead, rows: tuple[GoodsRow, ...]) -> None:
        """Show ``rows`` below ``head``."""
        if (head, rows) == (self.head, self._rows):
            return
        self._rows = rows
        self._take(head, len(rows))
        for number, line in enumerate(self.lines):
            row = rows[number] if number < len(rows) else NO_GOODS
            if isinstance(line, GoodsLine):
                line.row, line.heads = row, head.columns
            line.setToolTip("\n".join(part for part in (row.hs, row.text) if part))
            line.update()
        self.arrange()
        self.update()

    def new_line(self) -> Row:
        """Return a new line."""
        return GoodsLine(self, self.theme)

    def columns(self) -> Columns:
        """Return where texts begin, and where packages end."""
        code, _, packages, weight = (*self.head.columns, "", "", "", "")[:4]
        codes = _widest(code, [row.hs for row in self._rows], strong=True)
        weights = _widest(weight, [row.weight for row in self._rows])
        third = self.room.width - PADDING - weights - 13
        return Columns(PADDING + min(codes, 120.0) + COLUMN_GAP, third, third - _widest(packages, []))

    def paint_heads(self, canvas: Canvas) -> None:
        """Paint the heads of the four columns."""
        at, muted, right = self.columns(), canvas.palette.muted, self.room.width - PADDING
        code, text, packages, weight = (*self.head.columns, "", "", "", "")[:4]
        canvas.text(code, fonts.LABEL, (PADDING, COLUMNS_MIDDLE), at.second - PADDING, muted)
        canvas.text(text, fonts.LABEL, (at.second, COLUMNS_MIDDLE), at.fourth - at.second - COLUMN_GAP, muted)
        canvas.text(packages, fonts.LABEL, (at.third, COLUMNS_MIDDLE), at.third - at.fourth + 1, muted, RIGHT)
        canvas.text(weight, fonts.LABEL, (right, COLUMNS_MIDDLE), right - at.third, muted, RIGHT)


def _widest(head: str, values: Sequence[str], *, strong: bool = False) -> float:
    face = fonts.BODY_STRONG if strong else fonts.BODY
    return max([fonts.width(head, fonts.LABEL), *(fonts.width(value, face) for value in values)])


def shares(
    centre: Area, equipment: tuple[TableHead, int], goods: tuple[TableHead, int], view: ChecksView
) -> tuple[Area, Area, Area]:
    """Return the areas of equipment, goods and checks: tables close up, then lose their last rows, before checks do.

    ``equipment`` and ``goods`` are a table's head with its count of rows. What is left over goes to the checks' foot.
    """
    heights = _settled(centre, equipment, goods, view)
    first = Area(centre.x, centre.y, centre.width, heights[0])
    second = Area(centre.x, first.bottom + MARGIN, centre.width, heights[1])
    top = second.bottom + MARGIN
    return first, second, Area(centre.x, top, centre.width, centre.bottom - top)


def _settled(
    centre: Area, equipment: tuple[TableHead, int], goods: tuple[TableHead, int], view: ChecksView
) -> tuple[float, float]:
    room = centre.height - 2 * MARGIN
    steps = len(checks.STEPS)
    trials = [(ROW_STEPS[0], step, False) for step in range(3)]
    trials += [(high, step, False) for high in ROW_STEPS[1:] for step in range(2, steps)]
    trials += [(ROW_STEPS[-1], step, True) for step in range(steps)]
    hidden = (0, 0)
    for high, step, terse in trials:
        least = checks.height_at(view, centre.width, step, terse=terse)
        tables = table_height(*equipment, high), table_height(*goods, high)
        if sum(tables) + least <= room:
            return tables
    while sum(tables) + least > room and hidden != (max(0, equipment[1] - 1), max(0, goods[1] - 1)):
        fewer_goods = goods[1] - hidden[1] >= equipment[1] - hidden[0] and hidden[1] < goods[1] - 1
        hidden = (hidden[0], hidden[1] + 1) if fewer_goods else (hidden[0] + 1, hidden[1])
        tables = table_height(*equipment, high, hidden[0]), table_height(*goods, high, hidden[1])
    return tables
