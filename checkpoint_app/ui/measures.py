"""The screen's grid in units: one unit is one pixel at 1280×800; every size is multiplied by the scale of the window.

Extra width goes to the left column (up to 528, which holds a full MRZ line), then to the centre; extra height becomes
space at the foot of the panels, never larger rows.
"""

from __future__ import annotations

from dataclasses import dataclass

BASE_WIDTH, BASE_HEIGHT = 1280, 800
SCALES = (2.0, 1.75, 1.5, 1.25, 1.0)
WIDE = 1536

TOP_BAR, KEY_BAR, MESSAGE_BAR, JOIN, MARGIN = 48, 84, 48, 4, 8
KEY_HEIGHT, MESSAGE_HEIGHT = 72, 36
PADDING, CORNER, CHIP_CORNER = 16, 6, 4
LEFT, LEFT_WIDE, CENTRE, CENTRE_WIDE, RIGHT, RIGHT_WIDE = 368, 528, 472, 536, 408, 440
PERSON, ADVICE, TABS, BANNER = 175, 160, 48, 104
FIELD_ROW, FIELD_ROW_WIDE = 38, 34
CHECK_ROW, FINDING_ROW, CASE_ROW, TABLE_ROW = 44, 70, 64, 32


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def inner(self, across: float, down: float | None = None) -> Area:
        """Return the area less ``across`` at left and right, and ``down`` (or the same) above and below."""
        down = across if down is None else down
        return Area(self.x + across, self.y + down, self.width - 2 * across, self.height - 2 * down)


def scale_for(width: int, height: int) -> float:
    """Return the largest scale at which the grid fits ``width`` × ``height`` pixels; 1 also below 1280×800."""
    return next((s for s in SCALES if s * BASE_WIDTH <= width and s * BASE_HEIGHT <= height), 1.0)


def is_supported(width: int, height: int) -> bool:
    """Tell whether a screen of this many pixels holds the grid."""
    return width >= BASE_WIDTH and height >= BASE_HEIGHT


@dataclass(frozen=True, slots=True)
class Grid:
    """Where each part of the window is, in units, for a window of ``width`` × ``height`` units."""

    width: float
    height: float

    @property
    def wide(self) -> bool:
        """Whether the left column holds a full MRZ line."""
        return self.width >= WIDE

    @property
    def columns(self) -> tuple[Area, Area, Area]:
        """The three columns of the body: document, person and checks, advice and reasons."""
        left, centre, right = self._widths()
        top, height = TOP_BAR + JOIN, self._body_height()
        second = MARGIN + left + MARGIN
        return (
            Area(MARGIN, top, left, height),
            Area(second, top, centre, height),
            Area(second + centre + MARGIN, top, right, height),
        )

    def _widths(self) -> tuple[float, float, float]:
        room = self.width - 4 * MARGIN
        if self.wide:
            left, right = float(LEFT_WIDE), float(RIGHT_WIDE)
        else:
            right = float(RIGHT)
            left = min(float(LEFT_WIDE), room - CENTRE - right)
        return max(left, LEFT), max(room - max(left, LEFT) - right, CENTRE), right

    def _body_height(self) -> float:
        return self.height - TOP_BAR - JOIN - KEY_BAR - MESSAGE_BAR

    @property
    def body(self) -> Area:
        """Left and centre columns as one."""
        left, centre, _ = self.columns
        return Area(left.x, left.y, centre.right - left.x, left.height)

    @property
    def top_bar(self) -> Area:
        """The top bar."""
        return Area(0, 0, self.width, TOP_BAR)

    @property
    def person(self) -> Area:
        """The person panel."""
        centre = self.columns[1]
        return Area(centre.x, centre.y, centre.width, PERSON)

    @property
    def checks(self) -> Area:
        """The checks, below the person."""
        centre = self.columns[1]
        return Area(centre.x, centre.y + PERSON + MARGIN, centre.width, centre.height - PERSON - MARGIN)

    @property
    def advice(self) -> Area:
        """Tabs and banner of the advice."""
        right = self.columns[2]
        return Area(right.x, right.y, right.width, ADVICE)

    @property
    def panel(self) -> Area:
        """The reasons, below the advice."""
        right = self.columns[2]
        return Area(right.x, right.y + ADVICE + MARGIN, right.width, right.height - ADVICE - MARGIN)

    @property
    def key_bar(self) -> Area:
        """The keys themselves, 72 high."""
        return Area(0, self.columns[0].bottom + MARGIN, self.width, KEY_HEIGHT)

    @property
    def footer(self) -> Area:
        """Message and status, 36 high."""
        return Area(MARGIN, self.height - MESSAGE_BAR + MARGIN - 2, self.width - 2 * MARGIN, MESSAGE_HEIGHT)
