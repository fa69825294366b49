"""The empty desk: a page above its tray, one large line, and the devices. No traveller is named on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import DeviceView, EmptyDeskView
from checkpoint_app.ui import fonts, symbols
from checkpoint_app.ui.canvas import CENTRE, Canvas, Theme, cap_width, colour
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import CORNER, Area
from checkpoint_app.ui.painted import Panel, Pressable
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot

BASE_HEIGHT = 616.0
CARD_WIDTH, CARD_HEIGHT, CARD_GAP = 186.0, 64.0, 8.0
CARDS_TOP, CARDS_TOP_WITH_NOTICE = 512.0, 484.0
MOST_IN_A_ROW, IN_TWO_ROWS, WIDE_CARD_WIDTH = 4, 3, 248.0
NOTICE_TOP, NOTICE_WIDTH, NOTICE_HEIGHT, NOTICE_TEXT_AT = 558.0, 768.0, 44.0, 50.0


class NoticeLine(Pressable):
    """The late hit that nobody has yet, with its key."""

    text, cap = "", ""

    def paint(self, canvas: Canvas) -> None:
        """Paint it as a row with a hit is painted: tint, bar at the left, solid symbol, strong words."""
        palette, area, tone = canvas.palette, self.room, canvas.palette.refer
        ground = palette.inset if self.pressed else tone.tint
        canvas.fill(area, ground, CORNER)
        shape = QPainterPath()
        shape.addRoundedRect(canvas.rect(area), CORNER, CORNER)
        canvas.painter.save()
        canvas.painter.setClipPath(shape)
        canvas.fill(Area(0, 0, 4, area.height), tone.ink)
        canvas.painter.restore()
        if palette.panel_edges:
            canvas.frame(area, tone.ink, 2, CORNER)
        middle, right = area.height / 2, area.right - 8
        symbols.draw(canvas, "hit", Spot(26, middle, 26, tone.ink, ground))
        if self.cap:
            wide = cap_width(self.cap)
            canvas.cap(self.cap, Area(right - wide, middle - 14, wide, 28))
            right -= wide + 8
        room = right - NOTICE_TEXT_AT
        text = fonts.elide_right(self.text, fonts.BODY_STRONG, room)
        canvas.text(text, fonts.BODY_STRONG, (NOTICE_TEXT_AT, middle), room, palette.text)

    def spoken(self) -> Spoken:
        """Return the words and the key."""
        return Spoken(Role.Button if self.cap else Role.StaticText, self.text, key=self.cap)


class EmptyDesk(Panel):
    """What stands where document and checks will be."""

    def __init__(self, parent: QWidget | None, theme: Theme, on_cap: Callable[[str], object]) -> None:
        super().__init__(parent, theme)
        self.view = EmptyDeskView("", "", ())
        self._on_cap = on_cap
        self.notice = NoticeLine(self, theme, self._press_notice)
        self.notice.hide()

    def set_view(self, view: EmptyDeskView) -> None:
        """Show ``view``."""
        if view != self.view:
            self.view = view
            self.notice.text, self.notice.cap = view.notice, view.notice_cap
            self.arrange()
            self.update()

    def _press_notice(self) -> None:
        self._on_cap(self.view.notice_cap)

    def _down(self) -> float:
        """How far extra height moves everything: it is shared above and below."""
        return (self.room.height - BASE_HEIGHT) / 2

    def arrange(self) -> None:
        """Place the notice under the devices."""
        self.notice.setVisible(bool(self.view.notice))
        left = (self.room.width - NOTICE_WIDTH) / 2
        self.notice.place(Area(left, NOTICE_TOP + self._down(), NOTICE_WIDTH, NOTICE_HEIGHT))

    def paint(self, canvas: Canvas) -> None:
        """Paint the drawing, both lines and the devices."""
        super().paint(canvas)
        palette, middle = canvas.palette, self.room.width / 2
        rows = self._rows()
        down = self._down() - (len(rows) - 1) * (CARD_HEIGHT + CARD_GAP)
        (_draw_container if self.view.goods else _draw_page)(canvas, middle, 155.5 + down)
        _draw_tray(canvas, middle, 254 + down)
        room = self.room.width - 32
        face = next((f for f in TITLES if fonts.width(self.view.title, f) <= room), TITLES[-1])
        canvas.text(self.view.title, face, (middle, 367 + down), room, palette.text, CENTRE)
        hint = fonts.wrap(self.view.hint, Face(22), room)
        for number, line in enumerate(hint):
            canvas.text(line, Face(22), (middle, 423 + down + number * 29), room, palette.muted, CENTRE)
        top = (CARDS_TOP_WITH_NOTICE if self.view.notice else CARDS_TOP) + down
        for row in rows:
            self._paint_devices(canvas, row, top)
            top += CARD_HEIGHT + CARD_GAP

    def _rows(self) -> list[tuple[DeviceView, ...]]:
        """Return the devices in one row, or where they are many in rows of three: states need room for words."""
        devices = self.view.devices
        most = MOST_IN_A_ROW if len(devices) <= MOST_IN_A_ROW else IN_TWO_ROWS
        return [devices[at : at + most] for at in range(0, len(devices), most)]

    def _paint_devices(self, canvas: Canvas, devices: tuple[DeviceView, ...], top: float) -> None:
        wide = WIDE_CARD_WIDTH
        if len(self.view.devices) <= MOST_IN_A_ROW:
            needed = max((fonts.width(device.name, fonts.BODY_STRONG) for device in devices), default=0) + 56
            room = (self.room.width - 32 - CARD_GAP * (len(devices) - 1)) / max(1, len(devices))
            wide = min(max(CARD_WIDTH, needed), room)
        left = (self.room.width - wide * len(devices) - CARD_GAP * (len(devices) - 1)) / 2
        for device in devices:
            _draw_device(canvas, Area(left, top, wide, CARD_HEIGHT), device)
            left += wide + CARD_GAP

    def spoken(self) -> Spoken:
        """Return the large line; hint and devices as description."""
        devices = ". ".join(f"{device.name}: {device.state}" for device in self.view.devices)
        return Spoken(Role.Grouping, self.view.title, f"{self.view.hint} {devices}".strip())


TITLES = (fonts.HUGE, Face(44, fonts.BOLD), Face(32, fonts.BOLD))


def _draw_device(canvas: Canvas, area: Area, device: DeviceView) -> None:
    palette = canvas.palette
    canvas.fill(area, palette.inset, CORNER)
    if palette.panel_edges:
        canvas.frame(area, palette.separator, 2, CORNER)
    name, size, ink, ground = "not_checked", 24.0, palette.muted, ""
    if device.attention:
        name, ink, ground = "attention", palette.text, palette.inset
    elif device.ready:
        name, size, ink = "tick", 19.0, palette.proceed.ink
    symbols.draw(canvas, name, Spot(area.x + 26, area.y + 32, size, ink, ground))
    room = area.width - 50 - 6
    canvas.text(device.name, fonts.BODY_STRONG, (area.x + 50, area.y + 20.5), room, palette.text)
    face, ink = (fonts.LABEL_STRONG, palette.text) if device.attention else (fonts.LABEL, palette.muted)
    canvas.text(device.state, face, (area.x + 50, area.y + 46), room, ink)


def _draw_container(canvas: Canvas, middle: float, top: float) -> None:
    """A container, as wide and high as the page that a traveller lays down: ribs, and the doors' bars at its end."""
    palette, painter = canvas.palette, canvas.painter
    painter.setBrush(colour(palette.inset))
    painter.setPen(QPen(colour(palette.edge), 2.5))
    painter.drawRoundedRect(QRectF(middle - 84, top + 7.5, 168, 83), CORNER, CORNER)
    for pen, places, above, below in (
        (QPen(colour(palette.portrait_ink), 3), range(-64, 36, 20), 22.5, 76.5),
        (QPen(colour(palette.edge), 2.5), (46, 65), 13.5, 85.5),
    ):
        painter.setPen(pen)
        for place in places:
            painter.drawLine(QPointF(middle + place, top + above), QPointF(middle + place, top + below))


def _draw_page(canvas: Canvas, middle: float, top: float) -> None:
    palette, painter = canvas.palette, canvas.painter
    page = QRectF(middle - 84, top + 1.5, 168, 89)
    painter.setBrush(colour(palette.inset))
    painter.setPen(QPen(colour(palette.edge), 2.5))
    painter.drawRoundedRect(page, CORNER, CORNER)
    photo = QRectF(middle - 73, top + 12.5, 36, 41)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(palette.portrait_ground))
    painter.drawRoundedRect(photo, 3, 3)
    symbols.portrait(canvas, photo, palette.portrait_ink)
    pen = QPen(colour(palette.portrait_ink), 3)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setOpacity(0.65)
    for number, wide in enumerate((80, 66, 80, 66)):
        y = top + 16.5 + number * 11.2
        painter.setPen(pen)
        painter.drawLine(QPointF(middle - 23, y), QPointF(middle - 23 + wide, y))
    painter.setOpacity(1)
    line = QPen(colour(palette.edge), 3)
    line.setCapStyle(Qt.PenCapStyle.FlatCap)
    line.setDashPattern([2, 1])
    painter.setPen(line)
    for y in (top + 69, top + 79.5):
        painter.drawLine(QPointF(middle - 74.5, y), QPointF(middle + 74.5, y))


def _draw_tray(canvas: Canvas, middle: float, top: float) -> None:
    palette, painter = canvas.palette, canvas.painter
    arrow = QPen(colour(palette.accent_edge), 4)
    arrow.setCapStyle(Qt.PenCapStyle.RoundCap)
    arrow.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(arrow)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawLine(QPointF(middle, top + 2), QPointF(middle, top + 24.5))
    painter.drawPolyline(
        [QPointF(middle - 9.5, top + 14.5), QPointF(middle, top + 24.5), QPointF(middle + 9.5, top + 14.5)]
    )
    painter.setPen(QPen(colour(palette.edge), 2.5))
    painter.drawPolyline(
        [
            QPointF(middle - 123, top + 16.5),
            QPointF(middle - 123, top + 41),
            QPointF(middle + 123, top + 41),
            QPointF(middle + 123, top + 16.5),
        ]
    )
