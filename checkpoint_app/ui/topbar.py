"""The top bar: post, lane, direction switch, officer, clock and line."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import Action, LineView, TopBarView
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import Canvas, Theme, cap_width
from checkpoint_app.ui.measures import CORNER, Area
from checkpoint_app.ui.painted import Painted, Pressable
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot

MIDDLE, EDGE, GAP, INNER = 24.0, 16.0, 32.0, 9.0
CAP_TOP, CAP_HEIGHT = 10.0, 28.0
NO_BAR = TopBarView("", "", True, "", "", "", "", LineView(False, ""))
SWITCH_TOP, SWITCH_HEIGHT, WORD_AT, WORD_END = 6.0, 36.0, 39.0, 12.0
# The line keeps the room of its longest usual words ("sin línea desde 21 nov"), so that losing it moves nothing else.
LINE_WORDS, LINE_SYMBOL = 188.0, 24.0


class Switch(Pressable):
    """The direction, in two parts with arrows; the one in force is filled."""

    view = NO_BAR

    def wanted_width(self) -> float:
        """Return the width it needs, in units."""
        entry, leave = self._widths()
        return entry + 8 + leave + 8 + cap_width("F2")

    def _words(self) -> tuple[str, str]:
        return self.view.entry_word.upper(), self.view.exit_word.upper()

    def _widths(self) -> tuple[float, float]:
        is_entry = self.view.direction_in
        faces = (fonts.BODY_BOLD, fonts.BODY) if is_entry else (fonts.BODY, fonts.BODY_BOLD)
        entry, leave = (
            round(WORD_AT + fonts.width(word, face) + WORD_END) for word, face in zip(self._words(), faces, strict=True)
        )
        return entry, leave

    def paint(self, canvas: Canvas) -> None:
        """Paint both parts and the key."""
        entry, leave = self._widths()
        words = self._words()
        self._part(canvas, Area(0, 0, entry, SWITCH_HEIGHT), words[0], "arrow_in", chosen=self.view.direction_in)
        part = Area(entry + 8, 0, leave, SWITCH_HEIGHT)
        self._part(canvas, part, words[1], "arrow_out", chosen=not self.view.direction_in)
        canvas.cap("F2", Area(part.right + 8, CAP_TOP - SWITCH_TOP, cap_width("F2"), CAP_HEIGHT))

    def _part(self, canvas: Canvas, area: Area, word: str, arrow: str, *, chosen: bool) -> None:
        palette = canvas.palette
        ink = palette.accent_fg if chosen else palette.muted
        if chosen:
            canvas.fill(area, palette.accent_bg, CORNER)
            if palette.fill_edges:
                canvas.frame(area, palette.accent_edge, 1, CORNER)
        else:
            canvas.frame(area, palette.edge, palette.edge_width, CORNER)
        middle = area.height / 2
        symbols.draw(canvas, arrow, Spot(area.x + (20.5 if arrow == "arrow_in" else 21.5), middle, 20, ink))
        face = fonts.BODY_BOLD if chosen else fonts.BODY
        canvas.text(word, face, (area.x + WORD_AT, middle), area.width - WORD_AT - WORD_END + 1, ink)

    def spoken(self) -> Spoken:
        """Return the direction in force as the name."""
        words = self._words()
        return Spoken(Role.Button, words[0 if self.view.direction_in else 1], key="F2")


class OfficerKey(Pressable):
    """The officer's name with its key."""

    officer = ""

    def wanted_width(self) -> float:
        """Return the width it needs, in units."""
        name = fonts.width(self.officer, fonts.BODY)
        return (name + INNER if self.officer else 0) + cap_width("F11")

    def paint(self, canvas: Canvas) -> None:
        """Paint name and key."""
        cap = Area(self.room.right - cap_width("F11"), 0, cap_width("F11"), CAP_HEIGHT)
        canvas.text(self.officer, fonts.BODY, (0, CAP_HEIGHT / 2), cap.x - INNER + 1, canvas.palette.text)
        canvas.cap("F11", cap)

    def spoken(self) -> Spoken:
        """Return the officer as the name."""
        return Spoken(Role.Button, self.officer or "F11", key="F11")


class LineMark(Painted):
    """The line to the centre: a dot, filled while it is up, and its words, at the right end of the room it keeps."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent, theme)
        self.view = NO_BAR.line

    def set_view(self, view: LineView) -> None:
        """Show ``view``."""
        self.view = view
        self.setToolTip(view.detail)
        self.update()

    def _words(self) -> float:
        return float(ceil(fonts.width(self.view.text, fonts.BODY if self.view.up else fonts.BODY_STRONG)))

    def wanted_width(self) -> float:
        """Return the width it keeps, in units; only words longer than the usual ones take more."""
        return LINE_SYMBOL + max(LINE_WORDS, self._words())

    def paint(self, canvas: Canvas) -> None:
        """Paint dot and words."""
        view, ink = self.view, canvas.palette.text
        left, middle = self.room.right - self._words(), self.room.height / 2
        symbols.draw(canvas, "dot" if view.up else "open", Spot(left - 16, middle, 16, ink))
        face = fonts.BODY if view.up else fonts.BODY_STRONG
        canvas.text(view.text, face, (left, middle), self.room.right - left, ink)

    def spoken(self) -> Spoken:
        """Return the words; since when, why and what next as description."""
        return Spoken(Role.StaticText, self.view.text, self.view.detail)


class TopBar(Painted):
    """The bar itself."""

    def __init__(self, parent: QWidget, theme: Theme, on_key: Callable[[Action], None]) -> None:
        super().__init__(parent, theme)
        self._view = NO_BAR
        self.switch = Switch(self, theme, lambda: on_key(Action.DIRECTION))
        self.officer = OfficerKey(self, theme, lambda: on_key(Action.OFFICER))
        self.line = LineMark(self, theme)

    def set_view(self, view: TopBarView) -> None:
        """Show ``view``."""
        self._view = self.switch.view = view
        self.officer.officer = view.officer
        self.line.set_view(view.line)
        self.arrange()
        self.update()

    def arrange(self) -> None:
        """Place switch and officer beside the words, and the line at the right edge."""
        self.line.place(Area(self._line_left(), 0, self.line.wanted_width(), self.room.height))
        self.switch.place(Area(self._lane_end() + GAP, SWITCH_TOP, self.switch.wanted_width(), SWITCH_HEIGHT))
        wide = ceil(self.officer.wanted_width())
        self.officer.place(Area(self._clock_left() - GAP - wide, CAP_TOP, wide, CAP_HEIGHT))

    def _lane_end(self) -> float:
        view = self._view
        return round(self._lane_left() + fonts.width(view.lane, fonts.BODY))

    def _lane_left(self) -> float:
        """The lane follows the post; where the post is not known yet, it takes its place."""
        post = self._view.post
        return EDGE + (fonts.width(post, fonts.BODY_STRONG) + INNER if post else 0)

    def _line_left(self) -> float:
        return self.room.right - EDGE - self.line.wanted_width()

    def _clock_left(self) -> float:
        return self._line_left() - GAP - ceil(fonts.width(self._view.clock, fonts.BODY_STRONG))

    def paint(self, canvas: Canvas) -> None:
        """Paint post and lane at the left, the clock at the right."""
        view, palette = self._view, canvas.palette
        room = self.officer.x() / self.theme.scale - self.switch.wanted_width() - 2 * GAP - EDGE
        post = canvas.text(view.post, fonts.BODY_STRONG, (EDGE, MIDDLE), room, palette.text)
        canvas.text(view.lane, fonts.BODY, (self._lane_left(), MIDDLE), room - post, palette.muted)
        canvas.text(view.clock, fonts.BODY_STRONG, (self._clock_left(), MIDDLE), 100, palette.text)

    def spoken(self) -> Spoken:
        """Return post, lane and clock; the line is told by its own mark."""
        view = self._view
        return Spoken(Role.ToolBar, f"{view.post}, {view.lane}. {view.clock}")
