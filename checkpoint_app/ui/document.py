"""The document pane: the page with its boxes, the machine readable lines where they fit, and the fields."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import DocumentView, FieldRow, Mark
from checkpoint_app.ui import fonts, pictures, symbols
from checkpoint_app.ui.canvas import RIGHT, SOFT, Canvas, Theme
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import CORNER, FIELD_ROW, FIELD_ROW_WIDE, LEFT_WIDE, PADDING, Area
from checkpoint_app.ui.painted import Painted, Panel, padded
from checkpoint_app.ui.palette import Palette
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot

PICTURE, PICTURE_WIDE, RATIO = 336.0, 400.0, 88 / 125
HEAD, PICTURE_TOP, FIELDS_GAP = 28.0, 48.0, 10.0
VALUE_AT, WORDS_LINE = 104.0, 22.0
MRZ_FACE, MRZ_LINE, MRZ_EDGE = Face(15, ocr=True), 18.5, 6.0


class Page(Painted):
    """The picture of the page, with the boxes of its machine readable fields."""

    view: DocumentView | None = None

    def paint(self, canvas: Canvas) -> None:
        """Paint the picture, its frame and the boxes."""
        view, palette, area = self.view, canvas.palette, self.room
        if view is None:
            return
        shown = pictures.page(canvas, view.image, area)
        if shown is None:
            canvas.text(
                view.state, fonts.BODY, (area.width / 2, area.height / 2), area.width - 32, palette.muted, "centre"
            )
        else:
            for box in view.boxes:
                spot = Area(
                    shown.x() + box.x * shown.width(),
                    shown.y() + box.y * shown.height(),
                    box.width * shown.width(),
                    box.height * shown.height(),
                )
                dashes = (6.0, 4.0) if box.doubtful else ()
                canvas.frame(spot, palette.box, SOFT, 2, dashes)

    def spoken(self) -> Spoken:
        """Return what the picture is."""
        return Spoken(Role.Graphic, self.view.image_name) if self.view else Spoken()


NO_FIELD = FieldRow("", "")


class FieldLine(Painted):
    """One field: label, value and mark."""

    row = NO_FIELD
    terse = False

    def paint(self, canvas: Canvas) -> None:
        """Paint label, value, and the mark at the right with its words where it has some."""
        palette, row = canvas.palette, self.row
        below = self.words_below()
        middle = self.room.height / 2 - WORDS_LINE / 2 * len(below)
        canvas.text(row.label, fonts.LABEL, (0, middle), VALUE_AT - 6, palette.muted)
        right = self.room.right
        if row.mark is not Mark.NONE:
            symbol, ink = MARKS[row.mark], self._ink(palette)
            symbols.draw(canvas, symbol, Spot(right - 10, middle, 18, ink))
            right -= 28
        room = right - VALUE_AT
        for number, words in enumerate(below, 1):
            canvas.text(words, fonts.LABEL, (VALUE_AT, middle + number * WORDS_LINE), room, self._ink(palette))
        if not below and not self.terse and row.mark in SPELT and row.mark_text:
            room -= canvas.text(row.mark_text, fonts.LABEL, (right, middle), room, self._ink(palette), RIGHT) + 12
        value = fonts.elide_middle(row.value, fonts.BODY_STRONG, room)
        canvas.text(value, fonts.BODY_STRONG, (VALUE_AT, middle - 0.5), room, palette.text)

    @property
    def below(self) -> float:
        """How high the words below the value are."""
        return WORDS_LINE * len(self.words_below())

    def words_below(self) -> tuple[str, ...]:
        """Return the words of the mark that stand below the value: beside it they would not fit."""
        row, room = self.row, self.room.width - 28 - VALUE_AT
        if row.mark not in SPELT or not row.mark_text or self.terse:
            return ()
        beside = fonts.width(row.value, fonts.BODY_STRONG) + 12 + fonts.width(row.mark_text, fonts.LABEL)
        return fonts.wrap(row.mark_text, fonts.LABEL, room) if beside > room else ()

    def _ink(self, palette: Palette) -> str:
        if self.row.mark is Mark.TICK:
            return palette.proceed.ink
        return palette.look.ink if self.row.mark in (Mark.WRONG, Mark.DOUBT) else palette.muted

    def spoken(self) -> Spoken:
        """Return label and value; the words of the mark are the description."""
        return Spoken(Role.ListItem, f"{self.row.label}: {self.row.value}", self.row.mark_text)


MARKS = {
    Mark.TICK: "tick",
    Mark.WRONG: "differs",
    Mark.UNREAD: "not_checked",
    Mark.DOUBT: "doubt",
    Mark.CONFIRMED: "eye",
    Mark.BY_HAND: "pencil",
}
SPELT = (Mark.WRONG, Mark.UNREAD, Mark.DOUBT, Mark.CONFIRMED, Mark.BY_HAND)
LEAST_SQUEEZE = 0.72
"""Rows that would stand closer give up their second line: its words are still in the tip, and spoken."""


class DocumentPane(Panel):
    """The left column."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._view: DocumentView | None = None
        self.page = Page(self, theme)
        self.fields: list[FieldLine] = []

    def set_view(self, view: DocumentView) -> None:
        """Show ``view``, reusing the field lines there are."""
        if view == self._view:
            return
        self._view = self.page.view = view
        while len(self.fields) < len(view.fields):
            line = FieldLine(self, self.theme)
            line.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.fields.append(line)
        for line, row in zip(self.fields, padded(view.fields, len(self.fields), NO_FIELD), strict=True):
            line.row = row
            line.setToolTip(row.mark_text)
        self.arrange()
        self.update()

    @property
    def shown_fields(self) -> list[FieldLine]:
        """The field lines in use."""
        return self.fields[: len(self._view.fields)] if self._view else []

    def _is_wide(self) -> bool:
        return self.room.width >= LEFT_WIDE

    def _mrz(self) -> Area | None:
        if self._view is None or not self._view.mrz or not self._is_wide():
            return None
        picture = self._picture()
        height = len(self._view.mrz) * MRZ_LINE + 2 * MRZ_EDGE
        return Area(PADDING, picture.bottom + 13, self.room.width - 2 * PADDING, height)

    def _picture(self) -> Area:
        wide = PICTURE_WIDE if self._is_wide() else PICTURE
        return Area(PADDING, PICTURE_TOP, wide, int(wide * RATIO))

    def arrange(self) -> None:
        """Place the page and the fields below it; rows close up where many fields would not fit."""
        self.page.place(self._picture())
        above = self._mrz() or self._picture()
        top = above.bottom + FIELDS_GAP
        wide = self.room.width - 2 * PADDING
        shown = self.shown_fields
        for line in self.fields:
            line.setVisible(line in shown)
            line.terse = False
            line.place(Area(PADDING, top, wide, FIELD_ROW))
        heights = self._heights()
        squeeze = min(1.0, (self.room.height - top - 8) / sum(heights)) if shown else 1.0
        if squeeze < LEAST_SQUEEZE:
            for line in shown:
                line.terse = line.row.mark is not Mark.WRONG
            heights = self._heights()
            squeeze = min(1.0, (self.room.height - top - 8) / sum(heights))
        for line, height in zip(shown, heights, strict=True):
            line.place(Area(PADDING, top, wide, height * squeeze))
            top += height * squeeze

    def _heights(self) -> list[float]:
        row = FIELD_ROW_WIDE if self._is_wide() else FIELD_ROW
        return [row + line.below for line in self.shown_fields]

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, head, state and machine readable lines."""
        super().paint(canvas)
        view, palette = self._view, canvas.palette
        if view is None:
            return
        head = canvas.text(view.title.upper(), fonts.LABEL_STRONG, (PADDING, HEAD), self.room.width / 2, palette.muted)
        if view.image is not None:
            right = self.room.width - PADDING
            canvas.text(view.state, fonts.LABEL, (right, HEAD), right - head - 32, palette.muted, RIGHT)
        if (box := self._mrz()) is not None:
            canvas.fill(box, palette.inset, CORNER)
            for number, line in enumerate(view.mrz):
                middle = box.y + MRZ_EDGE + (number + 0.5) * MRZ_LINE
                canvas.text(line, MRZ_FACE, (box.x + 9, middle), box.width - 12, palette.text)

    def spoken(self) -> Spoken:
        """Return the title, with the state as description."""
        return Spoken(Role.List, self._view.title, self._view.state) if self._view else Spoken()
