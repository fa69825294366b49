"""Compare: traveller and entry side by side, with the letters that differ marked, and the sign between them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view import Action, CompareRow, CompareView
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
ROWS_TOP, ROW = 203.5, 49.5
Marks = tuple[tuple[int, int], ...]


NO_ROW = CompareRow("", "", "", Sign.UNKNOWN)


class CompareLine(Painted):
    """One fact: label, the traveller's value, the sign, the entry's value."""

    row = NO_ROW

    def paint(self, canvas: Canvas) -> None:
        """Paint the row with a thin rule above."""
        row, palette, middle = self.row, canvas.palette, self.room.height / 2
        inner = self.room.width - 2 * PADDING
        right_at = right_column(self.room.width)
        canvas.rule(PADDING, PADDING + inner, 0, palette.separator)
        canvas.text(row.label, fonts.LABEL, (PADDING, middle), LEFT_AT - PADDING - 4, palette.muted)
        room = right_at - LEFT_AT - 40
        self._value(canvas, (row.left, row.left_marks, row.left_missing), LEFT_AT, room)
        ink = palette.muted if row.sign is Sign.UNKNOWN else palette.text
        symbols.draw(canvas, row.sign.value, Spot(right_at - SIGN_FROM_RIGHT, middle, 18, ink))
        self._value(canvas, (row.right, row.right_marks, row.right_missing), right_at, self.room.width - right_at - 8)

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
            for begin, end in marks:
                self._mark(canvas, (line, max(begin - start, 0), min(end - start, len(line))), face, (left, at))
            canvas.text(line, face, (left, at), room, palette.text)
            start += len(line) + 1

    def _mark(self, canvas: Canvas, letters: tuple[str, int, int], face: Face, at: tuple[float, float]) -> None:
        """Put tint and underline on the letters from begin to end of a line."""
        line, begin, end = letters
        if begin >= end:
            return
        palette, (left, middle) = canvas.palette, at
        start, stop = fonts.width(line[:begin], face), fonts.width(line[:end], face)
        mark = Area(left + start - 2, middle - 14, stop - start + 4, 26)
        canvas.fill(mark, palette.look.tint, 2)
        canvas.rule(mark.x, mark.right, middle + 11, palette.look.ink, 2.5)

    def spoken(self) -> Spoken:
        """Return label and values, with the sign as a word between them."""
        row = self.row
        sign = f" {row.sign_text} " if row.sign_text else ", "
        return Spoken(Role.Row, f"{row.label}: {row.left}{sign}{row.right}")


def value_lines(text: str, room: float) -> tuple[Face, tuple[str, ...]]:
    """Return face and lines of a value: one line, a smaller one, or two of which the second may be cut."""
    for face in (fonts.BODY_STRONG, fonts.LABEL_STRONG):
        if fonts.width(text, face) <= room:
            return face, (text,)
    first, *rest = fonts.wrap(text, face, room)
    return face, (first, fonts.elide_right(" ".join(rest), face, room)) if rest else (first,)


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
        self.lines: list[CompareLine] = []

    def set_view(self, view: CompareView, portrait: bytes | None) -> None:
        """Show ``view`` with the traveller's ``portrait``."""
        if (view, portrait) == (self._view, self._portrait):
            return
        self._view, self._portrait = view, portrait
        while len(self.lines) < len(view.rows):
            self.lines.append(CompareLine(self, self.theme))
        for line, row in zip(self.lines, padded(view.rows, len(self.lines), NO_ROW), strict=True):
            line.row = row
            line.setToolTip(f"{row.left} {row.right}".strip())
        self.arrange()
        self.update()

    def arrange(self) -> None:
        """Place the rows; they close up where there are many."""
        count = len(self._view.rows)
        height = min(ROW, (self.room.height - ROWS_TOP - PADDING) / count) if count else ROW
        for number, line in enumerate(self.lines):
            line.setVisible(number < count)
            line.place(Area(0, ROWS_TOP + number * height, self.room.width, height))

    def paint(self, canvas: Canvas) -> None:
        """Paint head, the way back, column heads and both pictures."""
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
        pictures.portrait(canvas, self._portrait, Area(LEFT_AT, PHOTO_TOP, PHOTO_WIDTH, PHOTO_HEIGHT))
        self._paint_no_picture(canvas, second)

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
