"""A consignment where the document stands otherwise: its number, its fields, and who has a part in it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.consignment import ConsignmentView, PartyRow, TableHead
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import Canvas, Theme
from checkpoint_app.ui.document import NO_FIELD, FieldLine
from checkpoint_app.ui.fonts import BOLD
from checkpoint_app.ui.measures import FIELD_ROW_WIDE, PADDING, Area
from checkpoint_app.ui.painted import Painted, Panel, padded
from checkpoint_app.ui.palette import Palette
from checkpoint_app.ui.person import name_face
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.verdict import Outcome

HEAD_MIDDLE, NUMBER_MIDDLE, SAID_MIDDLE, FIELDS_TOP = 28.0, 66.0, 99.0, 121.0
PARTIES_HEAD, PARTIES_BELOW, MORE, FOOT = 26.0, 41.5, 26.0, 6.0
PARTY, LEAST_PARTY, LEAST_FIELD = 57.0, 49.0, 28.0
SYMBOL_AT, TEXT_AT, SYMBOL = 27.0, 50.0, 21.0
FINDINGS = (Outcome.NOTE, Outcome.HIT)
NO_PARTY = PartyRow("", "", None)
NO_TABLE = TableHead("", "", ())
NO_CONSIGNMENT = ConsignmentView("", "", "", (), "", (), "", NO_TABLE, (), NO_TABLE, ())


class PartyLine(Painted):
    """Somebody with a part: the sign of what was found, the name, and below it the part and what was found."""

    row = NO_PARTY

    def take(self, row: PartyRow) -> None:
        """Show ``row``; the tip holds it whole."""
        self.row = row
        self.setToolTip("\n".join(part for part in (row.name, row.said) if part))
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint symbol and both lines; what is too long loses its middle."""
        row, palette, middle = self.row, canvas.palette, self.room.height / 2
        name, ink, ground = _symbol(row.outcome, palette)
        symbols.draw(canvas, name, Spot(SYMBOL_AT, middle, SYMBOL, ink, ground))
        found = row.outcome in FINDINGS
        room = self.room.width - TEXT_AT - PADDING
        apart = min(13.0, middle / 2)
        shown = fonts.elide_middle(row.name, fonts.BODY_STRONG, room)
        canvas.text(shown, fonts.BODY_STRONG, (TEXT_AT, middle - apart), room, palette.text)
        face = fonts.LABEL_STRONG if found else fonts.LABEL
        said = fonts.elide_middle(row.said, face, room)
        canvas.text(said, face, (TEXT_AT, middle + apart), room, palette.text if found else palette.muted)

    def spoken(self) -> Spoken:
        """Return the row as one sentence."""
        return Spoken(Role.ListItem, self.row.accessible or f"{self.row.name}. {self.row.said}")


def _symbol(outcome: Outcome | None, palette: Palette) -> tuple[str, str, str]:
    """Return the symbol of what was found with its ink and ground: solid for findings, dashed for not searched."""
    if outcome is None:
        return "waiting", palette.muted, ""
    ink = {
        Outcome.CLEAR: palette.proceed.ink,
        Outcome.NOTE: palette.look.ink,
        Outcome.HIT: palette.refer.ink,
        Outcome.NOT_CHECKED: palette.incomplete.ink,
    }[outcome]
    name = "tick" if outcome is Outcome.CLEAR else outcome.value
    return name, ink, palette.surface if outcome in FINDINGS else ""


class ConsignmentPane(Panel):
    """The left column: number, what was read, fields, parties. Rows close up together; what is left out is counted."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._view = NO_CONSIGNMENT
        self._head_at = self._end = 0.0
        self._hidden = 0
        self.fields: list[FieldLine] = []
        self.parties: list[PartyLine] = []

    def set_view(self, view: ConsignmentView) -> None:
        """Show ``view``, reusing the lines there are."""
        if view == self._view:
            return
        self._view = view
        while len(self.fields) < len(view.fields):
            self.fields.append(FieldLine(self, self.theme))
            self.fields[-1].setFocusPolicy(Qt.FocusPolicy.TabFocus)
        while len(self.parties) < len(view.parties):
            self.parties.append(PartyLine(self, self.theme))
            self.parties[-1].setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for field, row in zip(self.fields, padded(view.fields, len(self.fields), NO_FIELD), strict=True):
            field.row = row
            field.setToolTip("\n".join(part for part in (row.value, row.mark_text) if part))
            field.update()
        for party, one in zip(self.parties, padded(view.parties, len(self.parties), NO_PARTY), strict=True):
            party.take(one)
        self.setToolTip(view.number if self._is_shortened() else "")
        self.arrange()
        self.update()

    def _is_shortened(self) -> bool:
        room = self.room.width - 2 * PADDING
        return fonts.width(self._view.number, name_face(self._view.number, BOLD, room)) > room

    @property
    def focusable(self) -> list[QWidget]:
        """The lines that Tab visits: fields, then parties."""
        return [*self.fields[: len(self._view.fields)], *self.parties[: len(self._view.parties) - self._hidden]]

    def arrange(self) -> None:
        """Place fields and parties below each other."""
        wide = self.room.width - 2 * PADDING
        shown = self.fields[: len(self._view.fields)]
        for field in self.fields:
            field.setVisible(field in shown)
            field.terse = False
            field.place(Area(PADDING, FIELDS_TOP, wide, FIELD_ROW_WIDE))
        squeeze = self._settle(shown)
        top = FIELDS_TOP
        for field in shown:
            high = _between(FIELD_ROW_WIDE, LEAST_FIELD, squeeze) + field.below
            field.place(Area(PADDING, top, wide, high))
            top += high
        self._head_at = top + _between(PARTIES_HEAD, 20, squeeze)
        self._end = self._place_parties(top + _between(PARTIES_BELOW, 34, squeeze), squeeze)

    def _place_parties(self, top: float, squeeze: float) -> float:
        high = _between(PARTY, LEAST_PARTY, squeeze)
        for number, party in enumerate(self.parties):
            party.setVisible(number < len(self._view.parties) - self._hidden)
            party.place(Area(0, top + number * high, self.room.width, high))
        return top + (len(self._view.parties) - self._hidden) * high

    def _settle(self, fields: list[FieldLine]) -> float:
        """Return how far rows close up, 0 to 1: first the words below fields go, then the last parties."""
        self._hidden = 0
        if self._needed(1.0) > self.room.height:
            for field in fields:
                field.terse = True
        while self._needed(1.0) > self.room.height and self._hidden < len(self._view.parties) - 1:
            self._hidden += 1
        loose, tight = self._needed(0.0), self._needed(1.0)
        over = loose - self.room.height
        return 0.0 if over <= 0 else min(1.0, over / max(1.0, loose - tight))

    def _needed(self, squeeze: float) -> float:
        """Return the height of everything, with rows closed up by ``squeeze``."""
        parties = len(self._view.parties) - self._hidden
        fields = self.fields[: len(self._view.fields)]
        high = sum(_between(FIELD_ROW_WIDE, LEAST_FIELD, squeeze) + field.below for field in fields)
        more = MORE if self._more() else 0.0
        below = _between(PARTIES_BELOW, 34, squeeze) if self._view.parties_head else 0.0
        return FIELDS_TOP + high + below + parties * _between(PARTY, LEAST_PARTY, squeeze) + more + FOOT

    def _more(self) -> str:
        return more_text(self._view.parties_more, self._hidden)

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, heads, number, what was read, and the line that there are more."""
        super().paint(canvas)
        view, palette = self._view, canvas.palette
        room = self.room.width - 2 * PADDING
        canvas.text(view.title.upper(), fonts.LABEL_STRONG, (PADDING, HEAD_MIDDLE), room, palette.muted)
        face = name_face(view.number, BOLD, room)
        number = fonts.elide_middle(view.number, face, room)
        canvas.text(number, face, (PADDING, NUMBER_MIDDLE), room, palette.text)
        said = fonts.elide_middle(view.said, fonts.LABEL, room)
        canvas.text(said, fonts.LABEL, (PADDING, SAID_MIDDLE), room, palette.muted)
        head = view.parties_head.upper()
        canvas.text(head, fonts.LABEL_STRONG, (PADDING, self._head_at), room, palette.muted)
        canvas.text(self._more(), fonts.LABEL, (TEXT_AT, self._end + 12), room - TEXT_AT + PADDING, palette.muted)

    def spoken(self) -> Spoken:
        """Return the number; what was read, and that there are more parties, as description."""
        view = self._view
        said = ". ".join(part for part in (view.said, self._more()) if part)
        return Spoken(Role.List, f"{view.title} {view.number}".strip(), said)


def _between(loose: float, tight: float, squeeze: float) -> float:
    return loose + (tight - loose) * squeeze


def more_text(more: str, hidden: int) -> str:
    """Return the line that not all is shown; ``hidden`` are those that had no room besides: they are counted."""
    return " · ".join(part for part in (f"+{hidden}" if hidden else "", more) if part)
