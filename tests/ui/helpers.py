"""A desk that remembers, and the arithmetic of colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt

from checkpoint_app.booth.view.screen import Action, DeskView, Sound


@dataclass
class FakeDesk:
    """Shows one view after the other as told by ``show`` and keeps every call."""

    shown: DeskView
    calls: list[tuple[object, ...]] = field(default_factory=list)
    listener: Callable[[DeskView], None] | None = None

    def view(self) -> DeskView:
        return self.shown

    def on_view(self, callback: Callable[[DeskView], None]) -> None:
        self.listener = callback

    def on_sound(self, callback: Callable[[Sound], None]) -> None:
        self.calls.append(("on_sound",))

    def press(self, action: Action, *, auto_repeat: bool = False) -> None:
        self.calls.append(("press", action, auto_repeat))

    def edit(self, field: str, text: str) -> None:
        self.calls.append(("edit", field, text))

    def submit(self) -> None:
        self.calls.append(("submit",))

    def choose(self, number: int) -> None:
        self.calls.append(("choose", number))

    def move(self, step: int) -> None:
        self.calls.append(("move", step))

    def keyed(self, text: str) -> None:
        self.calls.append(("keyed", text))

    def drop(self, image: bytes, name: str) -> None:
        self.calls.append(("drop", image, name))

    def draw_slips_with(self, draw: object) -> None:
        pass

    def tick(self) -> None:
        self.calls.append(("tick",))

    def close(self) -> None:
        self.calls.append(("close",))

    def show(self, view: DeskView) -> None:
        """Hand ``view`` to the window."""
        self.shown = view
        if self.listener is not None:
            self.listener(view)


# -- colours ---------------------------------------------------------------------------------------------------------
Triple = tuple[float, float, float]

# Machado, Oliveira, Fernandes 2009, severity 1.0; they act on linear RGB.
SIMULATIONS: dict[str, tuple[Triple, Triple, Triple]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(name: str) -> Triple:
    """Return the linear RGB of #RRGGBB."""
    parts = [int(name[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(name: str) -> float:
    """Return the relative luminance (WCAG 2)."""
    red, green, blue = linear(name)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def simulated(name: str, simulation: str) -> Triple:
    """Return the linear RGB of ``name`` as seen under ``simulation``."""
    rgb = linear(name)
    seen = [sum(factor * part for factor, part in zip(row, rgb, strict=True)) for row in SIMULATIONS[simulation]]
    red, green, blue = (min(1.0, max(0.0, part)) for part in seen)
    return red, green, blue


def lab(rgb: Triple) -> Triple:
    """Return CIELAB (D65) of a linear RGB."""
    red, green, blue = rgb
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def delta_e(one: str, other: str, simulation: str) -> float:
    """Return the CIE76 distance of two colours as seen under ``simulation``."""
    pairs = zip(lab(simulated(one, simulation)), lab(simulated(other, simulation)), strict=True)
    return sqrt(sum((a - b) ** 2 for a, b in pairs))
