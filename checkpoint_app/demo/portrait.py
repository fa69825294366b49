"""A portrait and a signature that are nobody's: plain shapes from a generator."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from checkpoint_app.demo.drawing import PX_PER_MM, Colour, Pixels, Place, gradient, px

_SKINS: tuple[Colour, ...] = ((238, 205, 180), (222, 178, 144), (190, 140, 104), (146, 100, 72), (104, 70, 52))
_HAIRS: tuple[Colour, ...] = ((38, 30, 28), (70, 48, 34), (112, 78, 46), (24, 22, 26), (142, 136, 132))
_CLOTHES: tuple[Colour, ...] = ((52, 64, 92), (86, 46, 56), (58, 78, 66), (70, 70, 76), (110, 96, 74))
_Oval = Callable[[Place, Place, Colour], None]


def portrait(width: float, height: float, rng: np.random.Generator, *, long_hair: bool) -> Pixels:
    """Return a drawn head and shoulders, ``width`` × ``height`` mm; shapes are placed in shares of the picture."""
    picture = gradient(px(width), px(height), (214, 220, 226), (188, 197, 206))
    skin, hair, cloth = (_tinged(pool[rng.integers(len(pool))], rng) for pool in (_SKINS, _HAIRS, _CLOTHES))
    half = (float(rng.uniform(0.185, 0.215)), float(rng.uniform(0.20, 0.23)))
    hairline = float(rng.uniform(0.31, 0.345))

    def oval(at: Place, axes: Place, colour: Colour, top_only: bool = False) -> None:
        centre, lengths = _scaled(picture, at), _scaled(picture, axes)
        cv2.ellipse(picture, centre, lengths, 0, 180 if top_only else 0, 360, colour, -1, cv2.LINE_AA)

    oval((0.5, 1.06), (0.44, 0.30), cloth)
    if long_hair:
        oval((0.5, 0.50), (half[0] + 0.085, half[1] + 0.12), hair)
    oval((0.5, 0.72), (0.095, 0.13), _lit(skin, 0.86))
    for side in (-1, 1):
        oval((0.5 + side * half[0], 0.46), (0.03, 0.05), _lit(skin, 0.86))
    oval((0.5, 0.36), (half[0] + 0.03, half[1] * 0.95), hair, top_only=True)
    oval((0.5, 0.45), half, skin)
    oval((0.5, hairline), (half[0] + 0.012, hairline - 0.435 + half[1]), hair, top_only=True)
    _features(oval, half[0], skin, hair)
    return _printed(picture, rng)


def signature(width: float, height: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return an invented signature as points (n×2, mm) in a field of ``width`` × ``height`` mm."""
    t = np.linspace(0, 1, 240)
    loops, phase = rng.uniform(5, 8), rng.uniform(0, math.tau)
    fall = np.exp(-1.2 * t)
    x = width * (t + 0.05 * np.cos(math.tau * loops * t + phase))
    y = height * (0.5 + 0.45 * fall * np.sin(math.tau * loops * t + phase) * np.cos(math.tau * 1.7 * t))
    return np.stack([x, y], axis=1)


def _features(oval: _Oval, half_width: float, skin: Colour, hair: Colour) -> None:
    for side in (-1, 1):
        x = 0.5 + side * half_width * 0.45
        oval((x, 0.445), (0.036, 0.014), _lit(skin, 1.1))
        oval((x, 0.445), (0.015, 0.014), (52, 44, 42))
        oval((x, 0.412), (0.045, 0.009), hair)
    oval((0.5, 0.52), (0.022, 0.014), _lit(skin, 0.86))
    oval((0.5, 0.575), (0.055, 0.012), _lit(skin, 0.68))


def _scaled(picture: Pixels, shares: Place) -> tuple[int, int]:
    height, width = picture.shape[:2]
    return round(shares[0] * width), round(shares[1] * height)


def _tinged(colour: Colour, rng: np.random.Generator) -> Colour:
    return _lit(colour, float(rng.uniform(0.93, 1.05)))


def _lit(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(part * factor)) for part in colour)
    return red, green, blue


def _printed(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Soften the shapes and light them from one side, so that the portrait looks printed, not cut out."""
    soft = cv2.GaussianBlur(picture, (0, 0), PX_PER_MM * 0.16).astype(np.float32)
    light = np.linspace(1.07, 0.88, picture.shape[1], dtype=np.float32)[None, :, None]
    grain = rng.normal(0, 3.0, picture.shape).astype(np.float32)
    return np.asarray(np.clip(soft * light + grain, 0, 255).astype(np.uint8))
