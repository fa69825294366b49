"""The key bar: seven to nine keys under the three columns, each with its key's name on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import Action, KeyState, KeyView
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import SOFT, Canvas, Theme
from checkpoint_app.ui.measures import CENTRE, CORNER, LEFT, MARGIN, RIGHT, Area, Grid
from checkpoint_app.ui.painted import Painted, Pressable
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot

WORD_AT, WORD_MIDDLE, CAP_AT, CAP_TOP, CAP_HEIGHT = 12.0, 52.5, 11.0, 8.0, 28.0
SIDE_KEYS = 3


def key_cap_width(text: str) -> float:
    """Return how wide the cap on a key is, in units."""
    return max(42.0, float(int(fonts.width(text, fonts.LABEL_STRONG) + 18)))


class KeyButton(Pressable):
    """One key. MAIN carries the accent, OFF is muted and stays in its place."""

    def __init__(self, parent: QWidget, theme: Theme, view: KeyView, on_key: Callable[[Action], None]) -> None:
        super().__init__(parent, theme, lambda: on_key(self.view.action))
        self.view = view

    def set_view(self, view: KeyView) -> None:
        """Show ``view``."""
        self.view = view
        self.setToolTip(view.description)
        self.update()

    def _inks(self, canvas: Canvas) -> tuple[str, str, str]:
        """Return the inks of the cap's name, of the word and of the edge."""
        palette = canvas.palette
        if self.view.state is KeyState.MAIN:
            return palette.accent_fg, palette.accent_fg, palette.accent_fg
        if self.view.state is KeyState.OFF:
            return palette.muted, palette.muted, palette.edge
        return palette.text, palette.text, palette.edge

    def _paint_ground(self, canvas: Canvas) -> None:
        palette, area = canvas.palette, self.room
        if self.view.state is KeyState.MAIN and not self.pressed:
            canvas.fill(area, palette.accent_bg, CORNER)
            if palette.fill_edges:
                canvas.frame(area, palette.accent_edge, 2, CORNER)
            return
        canvas.fill(area, palette.inset if self.pressed else palette.surface, CORNER)
        canvas.frame(area, palette.edge, SOFT, CORNER)

    def paint(self, canvas: Canvas) -> None:
        """Paint ground, cap, hint, icon and word."""
        view, area = self.view, self.room
        self._paint_ground(canvas)
        cap_ink, word_ink, edge = self._inks(canvas)
        if self.pressed:
            cap_ink = word_ink = canvas.palette.text
        cap = Area(CAP_AT, CAP_TOP, key_cap_width(view.cap), CAP_HEIGHT)
        canvas.cap(view.cap, cap, ink=cap_ink, edge=edge, width=SOFT)
        middle = CAP_TOP + CAP_HEIGHT / 2
        right = area.width - WORD_AT
        if view.icon:
            symbols.draw(canvas, view.icon, Spot(right - 13, middle, ICON_SIZES.get(view.icon, 20), word_ink))
            right -= 32
        if view.hint:
            hint_ink = word_ink if view.state is KeyState.MAIN else canvas.palette.muted
            canvas.text(view.hint, fonts.LABEL, (cap.right + 7, middle), right - cap.right - 7, hint_ink)
        dark = view.state is KeyState.MAIN and canvas.palette.dark_on_fill
        face = fonts.BODY_BOLD if dark else fonts.BODY_STRONG
        canvas.text(view.word, face, (WORD_AT, WORD_MIDDLE), area.width - WORD_AT - 6, word_ink)

    def spoken(self) -> Spoken:
        """Return the word as name, the key as binding, the hint and the reason as description."""
        view = self.view
        words = ". ".join(part for part in (view.hint, view.description) if part)
        return Spoken(Role.Button, view.word, words, view.cap, disabled=view.state is KeyState.OFF)


ICON_SIZES = {"shield": 24.5, "equal": 20.0, "differs": 20.0}


class KeyBar(Painted):
    """The bar: three keys under each column, however many the middle one holds."""

    def __init__(self, parent: QWidget, theme: Theme, on_key: Callable[[Action], None]) -> None:
        super().__init__(parent, theme)
        self._on_key = on_key
        self.buttons: list[KeyButton] = []
        self._grid = Grid(1280, 800)

    def set_grid(self, grid: Grid) -> None:
        """Take the columns that the keys stand under."""
        self._grid = grid

    def set_view(self, keys: tuple[KeyView, ...]) -> None:
        """Show ``keys``; buttons are kept by place, so that a finger never meets a new widget under it."""
        while len(self.buttons) > len(keys):
            gone = self.buttons.pop()
            gone.hide()
            gone.deleteLater()
        for number, key in enumerate(keys):
            if number == len(self.buttons):
                self.buttons.append(KeyButton(self, self.theme, key, self._on_key))
                self.buttons[-1].show()
            self.buttons[number].set_view(key)
        self.arrange()

    def arrange(self) -> None:
        """Place three keys under the right column, up to three under the left, the others under the centre."""
        left, centre, right = self._grid.columns
        buttons, first = self.buttons, self._left_keys()
        if len(buttons) <= 2 * SIDE_KEYS:
            groups = [(left, LEFT, buttons[:first]), (right, RIGHT, buttons[first:])]
        else:
            groups = [
                (left, LEFT, buttons[:first]),
                (centre, CENTRE, buttons[first:-SIDE_KEYS]),
                (right, RIGHT, buttons[-SIDE_KEYS:]),
            ]
        for column, base, group in groups:
            self._arrange_group(column, base, group)

    def _left_keys(self) -> int:
        """Return how many keys stand under the left column: three, or those before the wide one that takes a case."""
        taking = [number for number, button in enumerate(self.buttons) if button.view.action is Action.TAKE_CASE]
        return min([*taking, SIDE_KEYS])

    def _arrange_group(self, column: Area, base: int, group: Sequence[KeyButton]) -> None:
        if not group:
            return
        gaps = MARGIN * (len(group) - 1)
        # A key whose word would not fit an equal share of the narrowest column counts twice, at every width.
        share = (base - gaps) / len(group)
        weights = [2 if fonts.width(b.view.word, fonts.BODY_STRONG) + 2 * WORD_AT - 1 > share else 1 for b in group]
        if len(set(weights)) == 1 or len(group) > SIDE_KEYS:
            weights = [1] * len(group)
        unit = (column.width - gaps) / sum(weights)
        left = column.x
        for button, weight in zip(group, weights, strict=True):
            button.place(Area(left, 0, unit * weight, self.room.height))
            left += unit * weight + MARGIN
