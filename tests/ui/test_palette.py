"""Contrast of text and edges, and the distance of the advice colours under simulated colour blindness."""

from __future__ import annotations

from itertools import combinations

import pytest

from checkpoint_app.ui.palette import CONTRAST, DAY, NIGHT, PALETTES, Palette
from checkpoint_app.verdict import Advice
from tests.ui.helpers import SIMULATIONS, contrast, delta_e

EACH = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
# The least distance between two of the four fills, as the specification states it, in the order of SIMULATIONS.
LEAST = {"day": (50, 22, 33, 24), "night": (23, 11, 15, 15), "contrast": (48, 16, 23, 28)}


def texts(palette: Palette) -> dict[str, tuple[str, str]]:
    pairs = {
        "text on surface": (palette.text, palette.surface),
        "text on ground": (palette.text, palette.ground),
        "text on inset": (palette.text, palette.inset),
        "muted on surface": (palette.muted, palette.surface),
        "muted on ground": (palette.muted, palette.ground),
        "muted on inset": (palette.muted, palette.inset),
        "accent": (palette.accent_fg, palette.accent_bg),
        "incomplete row": (palette.text, palette.incomplete.bg),
    }
    for advice in Advice:
        tone = palette.tone(advice)
        pairs[f"{advice} banner"] = (tone.fg, tone.bg)
        pairs[f"{advice} text on tint"] = (palette.text, tone.tint)
        pairs[f"{advice} muted on tint"] = (palette.muted, tone.tint)
    pairs["words of a wrong digit"] = (palette.look.ink, palette.surface)
    return pairs


def edges(palette: Palette) -> dict[str, tuple[str, str]]:
    pairs = {
        "edge on surface": (palette.edge, palette.surface),
        "edge on ground": (palette.edge, palette.ground),
        "accent edge on ground": (palette.accent_edge, palette.ground),
        "accent edge on inset": (palette.accent_edge, palette.inset),
        "accent edge on surface": (palette.accent_edge, palette.surface),
        "edge on inset": (palette.edge, palette.inset),
        "hatch": (palette.hatch, palette.incomplete.bg),
        "dashes on surface": (palette.hatch, palette.surface),
        "boxes on the page": (palette.box, palette.page),
    }
    for advice in Advice:
        tone = palette.tone(advice)
        pairs[f"{advice} symbol"] = (tone.ink, palette.surface)
        pairs[f"{advice} symbol on tint"] = (tone.ink, tone.tint)
        pairs[f"{advice} symbol on inset"] = (tone.ink, palette.inset)
    return pairs


@EACH
def test_text_stands_out_at_least_four_and_a_half_to_one(palette: Palette) -> None:
    weak = {name: round(contrast(*pair), 2) for name, pair in texts(palette).items() if contrast(*pair) < 4.5}
    assert not weak


@EACH
def test_symbols_and_edges_stand_out_at_least_three_to_one(palette: Palette) -> None:
    weak = {name: round(contrast(*pair), 2) for name, pair in edges(palette).items() if contrast(*pair) < 3}
    assert not weak


@EACH
@pytest.mark.parametrize("simulation", SIMULATIONS)
def test_proceed_and_refer_never_look_alike(palette: Palette, simulation: str) -> None:
    assert delta_e(palette.proceed.bg, palette.refer.bg, simulation) >= 20


@EACH
def test_the_four_fills_keep_the_distances_of_the_specification(palette: Palette) -> None:
    # In high contrast the inks carry the distance: incomplete has no fill of its own.
    fills = [palette.tone(a).ink if palette is CONTRAST else palette.tone(a).bg for a in Advice]
    for simulation, stated in zip(SIMULATIONS, LEAST[palette.name], strict=True):
        least = min(delta_e(one, other, simulation) for one, other in combinations(fills, 2))
        assert least >= stated - 1, (simulation, round(least, 1))


def test_dark_fills_at_night_have_an_edge_that_shows() -> None:
    dark = [a for a in Advice if contrast(NIGHT.tone(a).bg, NIGHT.ground) < 3]
    assert dark
    assert NIGHT.fill_edges
    assert all(contrast(NIGHT.tone(advice).ink, NIGHT.ground) >= 3 for advice in dark)


def test_fills_by_day_need_no_edge() -> None:
    filled = (Advice.PROCEED, Advice.LOOK, Advice.REFER)
    assert all(contrast(DAY.tone(advice).bg, DAY.ground) >= 3 for advice in filled)


def test_urgency_darkens_by_day() -> None:
    from tests.ui.helpers import luminance

    order = (Advice.PROCEED, Advice.LOOK, Advice.REFER)
    assert [luminance(DAY.tone(a).bg) for a in order] == sorted(
        (luminance(DAY.tone(a).bg) for a in order), reverse=True
    )
