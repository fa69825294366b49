"""Compare: traveller and entry side by side, with the characters that differ marked, and the sign between them.

Rows take the lines that their values need. Where not all rows fit, they close up, then the pictures make room, and then
the table pages with a mark at its foot: nothing is cut without saying so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import Action, CompareRow, CompareView
from checkpoint_app.ui import fonts, pictures, symbols
from checkpoint_app.ui.canvas import CENTRE, SOFT, Canvas, Theme, cap_width
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import CHIP_CORNER, PADDING, Area
from checkpoint_app.ui.painted import Painted, Panel, padded
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.verdict import Sign

LEFT_AT, SIGN_FROM_RIGHT, HEAD, COLUMN_HEAD = 120.0, 20.0, 30.0, 66.0
PHOTO_TOP, PHOTO_WIDTH, PHOTO_HEIGHT = 84.0, 84.0, 108.0
ROWS_TOP, ROWS_TOP_BARE, ROW = 203.5, 88.0, 49.5
CLOSE, MORE = 34.0, 26.0
"""The least height of a row that closes up, and the height of the mark that more follows."""
AROUND, AROUND_CLOSE = 14.0, 8.0
"""What a row is higher than its lines, and the least of it."""
MOST_LINES = 6
Marks = tuple[tuple[int, int], ...]


NO_ROW = CompareRow("", "", "", Sign.UNKNOWN)


class CompareLine(Painted):
    """One fact: label, the traveller's value, the sign, the entry's value; or the entry's value over both columns."""

    row = NO_ROW

    def paint(self, canvas: Canvas) -> None:
        """Paint the row with a thin rule above."""
        row, palette, middle = self.row, canvas.palette, self.room.height / 2
        inner = self.room.width - 2 * PADDING
        right_at = right_column(self.room.width)
        canvas.rule(PADDING, PADDING + inner, 0, palette.separator)
        canvas.text(row.label, fonts.LABEL, (PADDING, middle), LEFT_AT - PADDING - 4, palette.muted)
        left_room, right_room = rooms(row, self.room.width)
        if row.wide:
            self._value(canvas, (row.right, (), row.right_missing), LEFT_AT, right_room)
            return
        self._value(canvas, (row.left, row.left_marks, row.left_missing), LEFT_AT, left_room)
        ink = palette.muted if row.sign is Sign.UNKNOWN else palette.text
        symbols.draw(canvas, row.sign.value, Spot(right_at - SIGN_FROM_RIGHT, middle, 18, ink))
        self._value(canvas, (row.right, row.right_marks, row.right_missing), right_at, right_room)

    def _value(self, canvas: Canvas, value: tuple[str, Marks, bool], left: float, room: float) -> None:
        text, marks, missing = value
        palette, middle = canvas.palette, self.room.height / 2
        if missing:
            canvas.text(text, fonts.LABEL, (left, middle), room, palette.muted)
            return
        face, lines = value_lines(text, room)
        start = 0
        for number, line in enumerate(lines):
            at = middle + (number - (len(lines) - 1) / 2) * face.line
            start += text[start : start + 1] == " " and not line.startswith(" ")
            for begin, end in marks:
                self._mark(canvas, (line, max(begin - start, 0), min(end - start, len(line))), face, (left, at))
            canvas.text(line, face, (left, at), room, palette.text)
            start += len(line)

    def _mark(self, canvas: Canvas, letters: tuple[str, int, int], face: Face, at: tuple[float, float]) -> None:
        """Put tint and underline on the letters from begin to end of a line."""
        line, begin, end = letters
        if begin >= end:
            return
        palette, (left, middle) = canvas.palette, at
        start, stop = fonts.width(line[:begin], face), fonts.width(line[:end], face)
        mark = Area(left + start - 1, middle - 14, stop - start + 2, 26)
        canvas.fill(mark, palette.look.tint, 2)
        canvas.rule(mark.x, mark.right, middle + 11, palette.look.ink, 2.5)

    def spoken(self) -> Spoken:
        """Return label and values, with the sign as a word between them."""
        row = self.row
        sign = f" {row.sign_text} " if row.sign_text else ", "
        return Spoken(Role.Row, f"{row.label}: {row.left}{sign}{row.right}")


def value_lines(text: str, room: float) -> tuple[Face, tuple[str, ...]]:
    """Return face and lines of a value: one line, a smaller one, or as many as it needs up to MOST_LINES."""
    for face in (fonts.BODY_STRONG, fonts.LABEL_STRONG):
        if fonts.width(text, face) <= room:
            return face, (text,)
    lines = fonts.wrap(text, face, room)
    if len(lines) <= MOST_LINES:
        return face, lines
    rest = text[text.index(lines[MOST_LINES - 1], sum(map(len, lines[: MOST_LINES - 1]))) :]
    return face, (*lines[: MOST_LINES - 1], fonts.elide_right(rest, face, room))


def rooms(row: CompareRow, width: float) -> tuple[float, float]:
    """Return how wide the values of ``row`` may be, for a panel of ``width`` units: the traveller's, the entry's."""
    right_at = right_column(width)
    right = width - 8 - (LEFT_AT if row.wide else right_at)
    return right_at - LEFT_AT - 40, right


def content_height(row: CompareRow, width: float) -> float:
    """Return how high the lines of ``row`` are."""
    left, right = rooms(row, width)
    values = [(row.right, right, row.right_missing)]
    if not row.wide:
        values.append((row.left, left, row.left_missing))
    heights = [fonts.LABEL.line]
    for text, room, missing in values:
        if not missing:
            face, lines = value_lines(text, room)
            heights.append(len(lines) * face.line)
    return max(heights)


def heights_in(contents: Sequence[float], room: float) -> list[float]:
    """Return the heights of rows with such contents: easy to read, or closed up as far as ``room`` asks for it."""
    easy = [max(ROW, content + AROUND) for content in contents]
    close = [max(CLOSE, content + AROUND_CLOSE) for content in contents]
    over, gain = sum(easy) - room, sum(easy) - sum(close)
    share = 0.0 if over <= 0 else min(1.0, over / gain) if gain else 1.0
    return [wide - share * (wide - least) for wide, least in zip(easy, close, strict=True)]


def right_column(width: float) -> float:
    """Return where the entry's column begins, for a panel of ``width`` units: 104 + 152 + 32 at the narrowest."""
    return PADDING + 288 + (width - 472) / 2


class ComparePanel(Panel):
    """The centre while comparing."""

    def __init__(self, parent: QWidget | None, theme: Theme, on_key: Callable[[Action], None]) -> None:
        super().__init__(parent, theme)
        self._view = CompareView("", "", "", "", "", "", (), None)
        self._portrait: bytes | None = None
        self._on_key = on_key
        self._first = 0
        self._shown = 0
        self._pictured = True
        self.lines: list[CompareLine] = []

    def set_view(self, view: CompareView, portrait: bytes | None) -> None:
        """Show ``view`` with the traveller's ``portrait``."""
        if (view, portrait) == (self._view, self._portrait):
            return
        self._view, self._portrait, self._first = view, portrait, 0
        while len(self.lines) < len(view.rows):
            self.lines.append(CompareLine(self, self.theme))
        for line, row in zip(self.lines, padded(view.rows, len(self.lines), NO_ROW), strict=True):
            line.row = row
            line.setToolTip(f"{row.left} {row.right}".strip())
        self.arrange()
        self.update()

    @property
    def has_pages(self) -> bool:
        """Whether not all rows fit at once."""
        return self._first > 0 or self._shown < len(self._view.rows)

    def page(self, step: int) -> None:
        """Turn to the rows that follow (+1), or back to the first ones (-1)."""
        following = self._first + self._shown
        self._first = following if step > 0 and following < len(self._view.rows) else self._first if step > 0 else 0
        self.arrange()
        self.update()

    def arrange(self) -> None:
        """Place the rows: they close up where there are many, and the pictures make room where that is not enough."""
        contents = [content_height(row, self.room.width) for row in self._view.rows[self._first :]]
        bottom = self.room.height - PADDING / 2
        top = ROWS_TOP
        heights = heights_in(contents, bottom - top)
        self._pictured = not self._first and sum(heights) <= bottom - top + 0.5
        if not self._pictured:
            top = ROWS_TOP_BARE
            heights = heights_in(contents, bottom - top)
        if sum(heights) > bottom - top + 0.5:
            bottom -= MORE
        self._place(top, heights, bottom)

    def _place(self, top: float, heights: Sequence[float], bottom: float) -> None:
        self._shown = 0
        for number, line in enumerate(self.lines):
            at = number - self._first
            fits = 0 <= at < len(heights) and at == self._shown and (at == 0 or top + heights[at] <= bottom + 0.5)
            line.setVisible(fits)
            if fits:
                line.place(Area(0, top, self.room.width, heights[at]))
                top += heights[at]
                self._shown += 1

    def paint(self, canvas: Canvas) -> None:
        """Paint head, the way back, column heads, both pictures where they have room, and whether more follows."""
        super().paint(canvas)
        view, palette = self._view, canvas.palette
        right = self.room.width - PADDING - 2
        head = canvas.text(view.title.upper(), fonts.LABEL_STRONG, (PADDING, HEAD), 200, palette.muted)
        canvas.text(view.count, fonts.LABEL_STRONG, (PADDING + head + 8, HEAD), 120, palette.muted)
        back = fonts.width(view.back, fonts.LABEL)
        canvas.text(view.back, fonts.LABEL, (right - back, HEAD), back + 1, palette.muted)
        cap = cap_width("F6")
        canvas.cap("F6", Area(right - back - 8 - cap, HEAD - 14, cap, 28))
        second = right_column(self.room.width)
        room = second - LEFT_AT - 12
        canvas.text(view.left_head, fonts.LABEL_STRONG, (LEFT_AT, COLUMN_HEAD), room, palette.muted)
        canvas.text(view.right_head, fonts.LABEL_STRONG, (second, COLUMN_HEAD), right - second, palette.muted)
        if self._pictured:
            pictures.portrait(canvas, self._portrait, Area(LEFT_AT, PHOTO_TOP, PHOTO_WIDTH, PHOTO_HEIGHT))
            self._paint_no_picture(canvas, second)
        if self.has_pages:
            self._paint_more(canvas)

    def _paint_more(self, canvas: Canvas) -> None:
        """The mark that more follows, or came before: turn with Page Down and Page Up."""
        follows = self._first + self._shown < len(self._view.rows)
        spot = Spot(self.room.width / 2, self.room.height - MORE / 2, 16, canvas.palette.text)
        symbols.draw(canvas, "arrow_down" if follows else "arrow_up", spot)

    def _paint_no_picture(self, canvas: Canvas, left: float) -> None:
        palette = canvas.palette
        area = Area(left, PHOTO_TOP, PHOTO_WIDTH, PHOTO_HEIGHT)
        middle = area.y + area.height / 2
        canvas.fill(area, palette.incomplete.bg, CHIP_CORNER)
        canvas.frame(area, palette.edge, SOFT, CHIP_CORNER, (9, 4.5))
        face, room = fonts.LABEL, area.width - 10
        lines = fonts.wrap(self._view.no_picture, face, room)
        for number, line in enumerate(lines):
            down = (number - (len(lines) - 1) / 2) * face.line
            canvas.text(line, face, (left + area.width / 2, middle + down), room, palette.text, CENTRE)
        symbols.draw(canvas, "unknown", Spot(left - SIGN_FROM_RIGHT, middle, 18, palette.text))

    def spoken(self) -> Spoken:
        """Return title and count, as a table."""
        view = self._view
        return Spoken(Role.Table, f"{view.title} {view.count}", f"{view.left_head}, {view.right_head}")
