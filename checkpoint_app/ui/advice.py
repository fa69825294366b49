"""The advice: four places, of which the active one grows into a banner with one large word and one line."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import AdviceView
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import CENTRE, Canvas, Theme, colour
from checkpoint_app.ui.fonts import BOLD, Face
from checkpoint_app.ui.measures import BANNER, CORNER, TABS, Area
from checkpoint_app.ui.painted import Painted, panel
from checkpoint_app.ui.palette import Tone
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.verdict import Advice

PLACES = (Advice.PROCEED, Advice.LOOK, Advice.REFER, Advice.INCOMPLETE)
SYMBOLS = {Advice.PROCEED: "clear", Advice.LOOK: "note", Advice.REFER: "hit", Advice.INCOMPLETE: "not_checked"}
TAB_GAP, BANNER_TOP = 8.0, 56.0
WORD, WORD_AS_OF = Face(40, BOLD), Face(32, BOLD)
HATCHED, WORD_AT = 12.0, 20.0
STRIP_TOP, STRIP_HEIGHT, STRIP_EDGE = 128.0, 28.0, 6.0


class AdvicePanel(Painted):
    """Tabs and banner. Place, shape, word and colour each tell the advice by itself."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._view = AdviceView(None, "")

    def set_view(self, view: AdviceView) -> None:
        """Show ``view``."""
        self._view = view
        self.update()

    def _tab(self, place: int) -> Area:
        wide = (self.room.width - 3 * TAB_GAP) / 4
        return Area(place * (wide + TAB_GAP), 0, wide, TABS)

    def _banner(self) -> Area:
        return Area(0, BANNER_TOP, self.room.width, BANNER)

    def paint(self, canvas: Canvas) -> None:
        """Paint the quiet places, then the banner."""
        active = self._view.advice
        for place, advice in enumerate(PLACES):
            if advice is not active:
                tab = self._tab(place)
                panel(canvas, tab)
                ink = canvas.palette.edge
                symbols.draw(canvas, SYMBOLS[advice], Spot(tab.x + tab.width / 2, 24, 28, ink))
        if active is None:
            self._paint_none(canvas)
        else:
            self._paint_active(canvas, active)

    def _paint_none(self, canvas: Canvas) -> None:
        banner = self._banner()
        panel(canvas, banner)
        middle = (banner.width / 2, banner.y + banner.height / 2)
        canvas.text(self._view.word, Face(22), middle, banner.width - 40, canvas.palette.muted, CENTRE)

    def _shape(self, canvas: Canvas, tab: Area) -> QPainterPath:
        """Tab and banner as one path: two would show a hairline between them at some scales."""
        path = QPainterPath()
        path.addRoundedRect(canvas.rect(self._banner()), CORNER, CORNER)
        arm = QPainterPath()
        arm.addRoundedRect(canvas.rect(Area(tab.x, 0, tab.width, BANNER_TOP + 4 * CORNER)), CORNER, CORNER)
        return path.united(arm).simplified()

    def _paint_active(self, canvas: Canvas, active: Advice) -> None:
        tone = canvas.palette.tone(active)
        tab = self._tab(PLACES.index(active))
        shape = self._shape(canvas, tab)
        canvas.painter.setPen(Qt.PenStyle.NoPen)
        canvas.painter.setBrush(colour(tone.bg))
        canvas.painter.drawPath(shape)
        middle = tab.x + tab.width / 2
        if active is Advice.INCOMPLETE:
            self._paint_hatch(canvas, shape, middle)
            symbols.draw(canvas, "not_checked", Spot(middle, 27, 34, tone.fg))
        else:
            if canvas.palette.fill_edges:
                self._edge(canvas, shape, tone.ink)
            symbols.draw(canvas, SYMBOLS[active], Spot(middle, 27, 34, tone.fg, tone.bg))
        self._paint_words(canvas, tone, WORD_AT + (HATCHED - 4 if active is Advice.INCOMPLETE else 0))

    def _edge(self, canvas: Canvas, shape: QPainterPath, ink: str, dashes: tuple[float, ...] = ()) -> None:
        """Draw an edge two units wide inside the shape: twice as wide, and clipped to it."""
        canvas.painter.save()
        canvas.painter.setClipPath(shape)
        canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
        canvas.painter.setPen(canvas.pen(ink, 4, dashes))
        canvas.painter.drawPath(shape)
        canvas.painter.restore()

    def _paint_hatch(self, canvas: Canvas, shape: QPainterPath, middle: float) -> None:
        plain = QPainterPath()
        inner = self._banner().inner(HATCHED)
        plain.addRoundedRect(QRectF(inner.x, inner.y, inner.width, inner.height), 2, 2)
        plain.addRect(QRectF(middle - 22, 5, 44, 44))
        canvas.hatch(shape.subtracted(plain), canvas.palette.hatch)
        self._edge(canvas, shape, canvas.palette.hatch, (10, 4))

    def _paint_words(self, canvas: Canvas, tone: Tone, left: float) -> None:
        view = self._view
        room = self.room.width - left - 16
        word, line, face = (80.5, 110.5, WORD_AS_OF) if view.as_of else (91, 129, WORD)
        strong = fonts.BOLD if canvas.palette.dark_on_fill else fonts.STRONG
        canvas.text(view.word.upper(), face, (left, word), room, tone.fg)
        canvas.text(view.line, Face(20 if view.as_of else 22, strong), (left, line), room, tone.fg)
        if view.as_of:
            self._paint_strip(canvas)

    def _paint_strip(self, canvas: Canvas) -> None:
        """The date of the lists on a plain strip inside the banner."""
        palette = canvas.palette
        strip = Area(STRIP_EDGE, STRIP_TOP, self.room.width - 2 * STRIP_EDGE, STRIP_HEIGHT)
        middle = strip.y + strip.height / 2
        canvas.fill(strip, palette.inset, 3)
        symbols.draw(canvas, "clock", Spot(28, middle, 20, palette.text))
        canvas.text(self._view.as_of, fonts.LABEL_STRONG, (46, middle), strip.right - 54, palette.text)

    def spoken(self) -> Spoken:
        """Return word and line, as an alert; the date of the lists is the description."""
        view = self._view
        line = view.line.replace(" · ", ", ")
        return Spoken(Role.AlertMessage, f"{view.word}. {line}" if line else view.word, view.as_of)
