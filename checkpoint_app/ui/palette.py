"""The three palettes as data: day, night, high contrast. `tests/ui/test_palette.py` holds their contrasts.

Each state of an advice has a fill, a text colour on it, an ink for symbols and words on the plain surface, and a
tint for its row. Distances were chosen to stand under simulated colour blindness (Machado, Oliveira, Fernandes 2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from checkpoint_app.verdict import Advice


@dataclass(frozen=True, slots=True)
class Tone:
    """The colours of one advice: fill ``bg``, text on it ``fg``, ``ink`` on the surface, ``tint`` behind its row."""

    bg: str
    fg: str
    ink: str
    tint: str


@dataclass(frozen=True, slots=True)
class Palette:
    """A palette. ``edge_width`` in units; ``fill_edges`` asks for an ink edge around fills too dark for the
    ground; ``dark_on_fill`` for bolder words on fills, where dark letters look a weight thinner. ``box`` and ``page``
    lie on the picture of the page, which is light in every palette.
    """

    name: str
    ground: str
    surface: str
    inset: str
    text: str
    muted: str
    edge: str
    separator: str
    accent_bg: str
    accent_fg: str
    accent_edge: str
    hatch: str
    box: str
    page: str
    portrait_ground: str
    portrait_ink: str
    proceed: Tone
    look: Tone
    refer: Tone
    incomplete: Tone
    edge_width: int = 1
    fill_edges: bool = False
    dark_on_fill: bool = False
    panel_edges: bool = False

    def tone(self, advice: Advice) -> Tone:
        """Return the colours of ``advice``."""
        return {
            Advice.PROCEED: self.proceed,
            Advice.LOOK: self.look,
            Advice.REFER: self.refer,
            Advice.INCOMPLETE: self.incomplete,
        }[advice]


DAY = Palette(
    name="day",
    ground="#E1E5EA",
    surface="#F5F6F8",
    inset="#FFFFFF",
    text="#14181F",
    muted="#4A5565",
    edge="#5B6472",
    separator="#CBD2DB",
    accent_bg="#1B4B86",
    accent_fg="#FFFFFF",
    accent_edge="#1B4B86",
    hatch="#5B6472",
    box="#1B4B86",
    page="#FFFFFF",
    portrait_ground="#D3D6DB",
    portrait_ink="#7D818C",
    proceed=Tone("#147F6B", "#FFFFFF", "#147F6B", "#F5F6F8"),
    look=Tone("#7C4900", "#FFFFFF", "#7C4900", "#F6EBDD"),
    refer=Tone("#7C0031", "#FFFFFF", "#7C0031", "#F7E4EB"),
    incomplete=Tone("#E3E6EB", "#14181F", "#3E4856", "#E3E6EB"),
)

NIGHT = Palette(
    name="night",
    ground="#0A0D12",
    surface="#151A22",
    inset="#1E242D",
    text="#E6EAF0",
    muted="#A9B4C2",
    edge="#7C8897",
    separator="#2C3440",
    accent_bg="#234C79",
    accent_fg="#EAF3FF",
    accent_edge="#8DBBF0",
    hatch="#6B7685",
    box="#1B4B86",
    page="#C9C4B8",
    portrait_ground="#2A323D",
    portrait_ink="#667380",
    proceed=Tone("#0B3A2D", "#A7F3D0", "#A7F3D0", "#151A22"),
    look=Tone("#5B3C00", "#FFD89B", "#E0A83C", "#2E220F"),
    refer=Tone("#A43F6A", "#FFFFFF", "#F0679B", "#331520"),
    incomplete=Tone("#1E242D", "#E6EAF0", "#C2CAD4", "#1E242D"),
    fill_edges=True,
)

CONTRAST = Palette(
    name="contrast",
    ground="#000000",
    surface="#000000",
    inset="#000000",
    text="#FFFFFF",
    muted="#E6E6E6",
    edge="#FFFFFF",
    separator="#8C8C8C",
    accent_bg="#FFE14D",
    accent_fg="#000000",
    accent_edge="#FFE14D",
    hatch="#FFFFFF",
    box="#000000",
    page="#FFFFFF",
    portrait_ground="#383838",
    portrait_ink="#C8C8C8",
    proceed=Tone("#8CFFC8", "#000000", "#8CFFC8", "#000000"),
    look=Tone("#FFB300", "#000000", "#FFB300", "#000000"),
    refer=Tone("#FF6FAE", "#000000", "#FF6FAE", "#000000"),
    incomplete=Tone("#000000", "#FFFFFF", "#FFFFFF", "#000000"),
    edge_width=2,
    panel_edges=True,
    dark_on_fill=True,
)

PALETTES = MappingProxyType({palette.name: palette for palette in (DAY, NIGHT, CONTRAST)})
