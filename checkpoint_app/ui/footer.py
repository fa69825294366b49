"""The last line: one message with its key, and the state of lists, outbox and drill. It never covers anything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import Action, MessageView, StatusItem
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import RIGHT, Canvas, Theme, cap_width
from checkpoint_app.ui.measures import CORNER, Area
from checkpoint_app.ui.painted import Painted, Pressable
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot

SYMBOL_SIZES = {"envelope": 20.0, "tick": 18.0, "clock": 20.0, "attention": 22.0}
TEXT_AT, CAP_GAP, ITEM_GAP, EDGE = 40.0, 5.0, 24.0, 8.0
CAP_HEIGHT = 28.0


class MessageBar(Pressable):
    """One message: symbol, text, its key."""

    view = MessageView("")
    notice = ""

    def _text(self) -> str:
        return self.notice or self.view.text

    def paint(self, canvas: Canvas) -> None:
        """Paint the bar."""
        view, palette, area = self.view, canvas.palette, self.room
        middle = area.height / 2
        canvas.fill(area, palette.inset, CORNER)
        if palette.panel_edges:
            canvas.frame(area, palette.separator, 2, CORNER)
        name = "attention" if self.notice else view.symbol
        ground = palette.inset if name == "attention" else ""
        ink = palette.look.ink if name == "attention" else palette.text
        symbols.draw(canvas, name, Spot(22, middle, SYMBOL_SIZES.get(name, 20), ink, ground))
        right = area.right - EDGE
        if view.cap:
            wide = cap_width(view.cap)
            canvas.cap(view.cap, Area(right - wide, middle - CAP_HEIGHT / 2, wide, CAP_HEIGHT))
            right -= wide + 8
        canvas.text(self._text(), fonts.LABEL, (TEXT_AT, middle), right - TEXT_AT, palette.text)

    def spoken(self) -> Spoken:
        """Return the message."""
        role = Role.Button if self.view.action is not None else Role.StaticText
        return Spoken(role, self._text(), key=self.view.cap)


class Footer(Painted):
    """Message at the left, status at the right."""

    def __init__(self, parent: QWidget, theme: Theme, on_key: Callable[[Action], None]) -> None:
        super().__init__(parent, theme)
        self._status: tuple[StatusItem, ...] = ()
        self._on_key = on_key
        self.message = MessageBar(self, theme, self._press)

    def _press(self) -> None:
        if self.message.view.action is not None:
            self._on_key(self.message.view.action)

    def set_view(self, message: MessageView, status: tuple[StatusItem, ...]) -> None:
        """Show ``message`` and ``status``; a notice of the window stands until the booth has something to say."""
        if message != self.message.view and message.cap:
            self.message.notice = ""
        self.message.view, self._status = message, status
        self.message.setToolTip(message.text)
        self.arrange()
        self.update()

    def set_notice(self, text: str) -> None:
        """Show a notice of the window itself in the message's place."""
        self.message.notice = text
        self.message.update()

    def _widths(self) -> list[float]:
        return [
            fonts.width(item.text, fonts.LABEL_STRONG if item.bold else fonts.LABEL)
            + (CAP_GAP + cap_width(item.cap) if item.cap else 0)
            for item in self._status
        ]

    def arrange(self) -> None:
        """Give the message what the status leaves."""
        right = self.room.width - EDGE
        if self._status:
            right -= sum(self._widths()) + ITEM_GAP * (len(self._status) - 1) + 16
        else:
            right += EDGE
        self.message.place(Area(0, 0, max(120.0, right), self.room.height))

    def paint(self, canvas: Canvas) -> None:
        """Paint the status from the right."""
        palette, middle = canvas.palette, self.room.height / 2
        right = self.room.width - EDGE
        for item, wide in zip(reversed(self._status), reversed(self._widths()), strict=True):
            left, end = right - wide, right
            if item.cap:
                cap = cap_width(item.cap)
                canvas.cap(item.cap, Area(right - cap, middle - CAP_HEIGHT / 2, cap, CAP_HEIGHT))
                end -= cap + CAP_GAP
            face, ink = (fonts.LABEL_STRONG, palette.text) if item.bold else (fonts.LABEL, palette.muted)
            canvas.text(item.text, face, (end, middle), end - left + 1, ink, RIGHT)
            right = left - ITEM_GAP

    def spoken(self) -> Spoken:
        """Return the status as one line."""
        return Spoken(Role.StatusBar, ". ".join(item.text for item in self._status))
