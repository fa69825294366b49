"""What stands behind and over a line: security ground, stamps, writing. Drawn once from a seed, cut up often."""

from __future__ import annotations

import math
import string
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Rng = np.random.Generator

_SIZE = (400, 1400)
_GROUNDS, _OVERS = 70, 60


@cache
def grounds(seed: int) -> list[Floats]:
    """Return patterns of 0 to 1 (400, 1400) as paper and plastic are printed with."""
    rng = np.random.default_rng([seed, 1])
    makers = (_waves, _waves, _rosettes, _clouds, _micro_text, _weave, _picture)
    return [makers[index % len(makers)](rng) for index in range(_GROUNDS)]


@cache
def overs(seed: int) -> list[Floats]:
    """Return marks of 0 to 1 (400, 1400) as they lie over a line: stamps, writing, scratches, folds."""
    rng = np.random.default_rng([seed, 2])
    makers = (_stamp, _stamp, _writing, _scratches, _foil)
    return [makers[index % len(makers)](rng) for index in range(_OVERS)]


def piece(pool: list[Floats], shape: tuple[int, int], grain: float, rng: Rng) -> Floats:
    """Return a piece of one of ``pool``, ``grain`` times as large as drawn, of the asked shape."""
    whole = pool[int(rng.integers(len(pool)))]
    turn, cos, sin = 0.0, 1.0, 0.0
    if rng.random() < 0.5:
        turn = rng.normal(0, 0.3)
        cos, sin = math.cos(turn), math.sin(turn)
    x, y = rng.uniform(0, _SIZE[1]), rng.uniform(0, _SIZE[0])
    matrix = np.array([[cos / grain, -sin / grain, x], [sin / grain, cos / grain, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(whole, matrix, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REFLECT)  # type: ignore[return-value]


def _curve(sheet: Pixels, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], thick: int, depth: float) -> None:
    points = (np.stack([x, y], axis=1) * 16).astype(np.int32)
    cv2.polylines(sheet, [points], False, (depth,), thick, cv2.LINE_AA, 4)


def _empty() -> Pixels:
    return np.zeros(_SIZE, np.uint8)


def _drawn(sheet: npt.NDArray[Any]) -> Floats:
    return np.clip(sheet / np.float32(255), 0, 1).astype(np.float32)


def _waves(rng: Rng) -> Floats:
    sheet = _empty()
    along = np.linspace(0, _SIZE[1], 300)
    for _ in range(int(rng.integers(1, 4))):
        gap, high, long = rng.uniform(5, 30), rng.uniform(0, 60), rng.uniform(60, 900)
        drift, slope, thick = rng.uniform(-0.2, 0.2), rng.normal(0, 0.25), int(rng.integers(1, 4))
        for number, top in enumerate(np.arange(-300, 700, gap)):
            _curve(
                sheet, along, top + slope * along + high * np.sin(along / long * math.tau + drift * number), thick, 255
            )
    return _drawn(sheet)


def _rosettes(rng: Rng) -> Floats:
    sheet = _empty()
    turn = np.linspace(0, math.tau, 500)
    for _ in range(int(rng.integers(3, 9))):
        centre, radius = rng.uniform((0, 0), (_SIZE[1], _SIZE[0])), rng.uniform(60, 260)
        petals, thick = int(rng.integers(5, 20)), int(rng.integers(1, 3))
        for ring in np.linspace(0.2, 1, int(rng.integers(6, 18))):
            bend = radius * ring * (0.8 + 0.2 * np.cos(petals * turn + 4 * ring))
            _curve(sheet, centre[0] + bend * np.cos(turn), centre[1] + bend * np.sin(turn), thick, 255)
    return _drawn(sheet)


def _clouds(rng: Rng) -> Floats:
    sheet = np.zeros(_SIZE, np.float32)
    for size in (2, 6, 30, 120):
        small = rng.random((_SIZE[0] // size + 2, _SIZE[1] // size + 2)).astype(np.float32)
        sheet += cv2.resize(small, (_SIZE[1], _SIZE[0]), interpolation=cv2.INTER_CUBIC) * float(rng.uniform(0, 1))
    low, high = float(sheet.min()), float(sheet.max())
    return ((sheet - low) / (high - low)).astype(np.float32)


def _micro_text(rng: Rng) -> Floats:
    sheet = _empty()
    size = rng.uniform(0.25, 0.9)
    word = "".join(rng.choice(list(string.ascii_uppercase + "   "), 14)) + " "
    for top in np.arange(8, _SIZE[0], rng.uniform(16, 40) * size + 6):
        cv2.putText(
            sheet,
            word * 20,
            (int(rng.integers(-80, 0)), int(top)),
            cv2.FONT_HERSHEY_SIMPLEX,
            size,
            (255,),
            1,
            cv2.LINE_AA,
        )
    return _drawn(sheet)


def _weave(rng: Rng) -> Floats:
    y, x = np.mgrid[: _SIZE[0], : _SIZE[1]].astype(np.float32)
    a, b = math.tau / rng.uniform(3, 24, 2)
    way = rng.uniform(0, math.pi)
    along, over = x * math.cos(way) + y * math.sin(way), y * math.cos(way) - x * math.sin(way)
    return (0.5 + 0.25 * np.sin(a * along) + 0.25 * np.sin(b * over + 2 * np.sin(along / 50))).astype(np.float32)


def _picture(rng: Rng) -> Floats:
    sheet = (_clouds(rng) * 120).astype(np.uint8)
    for _ in range(30):
        at = rng.uniform((0, 0), (_SIZE[1], _SIZE[0])).astype(int)
        shape = (int(rng.integers(10, 300)), int(rng.integers(5, 120)))
        cv2.ellipse(
            sheet,
            (int(at[0]), int(at[1])),
            shape,
            float(rng.uniform(0, 180)),
            0,
            360,
            (float(rng.uniform(0, 255)),),
            -1,
            cv2.LINE_AA,
        )
    return _drawn(cv2.GaussianBlur(sheet, (0, 0), float(rng.uniform(0.5, 6))))


def _stamp(rng: Rng) -> Floats:
    sheet = _empty()
    for _ in range(5):
        x, y = int(rng.integers(0, _SIZE[1])), int(rng.integers(0, _SIZE[0]))
        radius, thick = int(rng.integers(40, 170)), int(rng.integers(2, 7))
        if rng.random() < 0.5:
            cv2.circle(sheet, (x, y), radius, (255,), thick, cv2.LINE_AA)
            cv2.circle(sheet, (x, y), int(radius * 0.75), (255,), 2, cv2.LINE_AA)
        else:
            cv2.rectangle(
                sheet, (x - radius, y - radius // 2), (x + radius, y + radius // 2), (255,), thick, cv2.LINE_AA
            )
        for row in range(-1, 2):
            word = "".join(rng.choice(list(string.ascii_uppercase + string.digits + " "), 9))
            cv2.putText(
                sheet, word, (x - radius // 2, y + row * 30), cv2.FONT_HERSHEY_DUPLEX, 0.8, (255,), 2, cv2.LINE_AA
            )
    grain = cv2.resize(rng.random((_SIZE[0] // 5, _SIZE[1] // 5)).astype(np.float32), (_SIZE[1], _SIZE[0]))
    return _drawn(sheet * np.clip(0.4 + 1.2 * grain, 0, 1))


def _writing(rng: Rng) -> Floats:
    sheet = _empty()
    for _ in range(6):
        steps = int(rng.integers(20, 60))
        x = rng.uniform(0, _SIZE[1]) + np.cumsum(rng.normal(8, 14, steps))
        y = rng.uniform(0, _SIZE[0]) + np.cumsum(rng.normal(0, 16, steps))
        fine = np.linspace(0, steps - 1, steps * 8)
        smooth = [np.convolve(np.interp(fine, np.arange(steps), v), np.ones(9) / 9, "valid") for v in (x, y)]
        _curve(sheet, smooth[0], smooth[1], int(rng.integers(2, 6)), 255)
    return _drawn(sheet)


def _scratches(rng: Rng) -> Floats:
    sheet = _empty()
    for _ in range(int(rng.integers(8, 40))):
        a, b = rng.uniform((0, 0), (_SIZE[1], _SIZE[0]), (2, 2))
        ends = np.linspace(a, a + (b - a) * rng.uniform(0.1, 0.8), 12) + rng.normal(0, 1.5, (12, 2))
        _curve(sheet, ends[:, 0], ends[:, 1], 1 + int(rng.random() < 0.25), float(rng.uniform(80, 255)))
    return _drawn(sheet)


def _foil(rng: Rng) -> Floats:
    sheet = _empty()
    for _ in range(12):
        centre, sides = rng.uniform((0, 0), (_SIZE[1], _SIZE[0])), int(rng.integers(3, 9))
        turn = np.sort(rng.uniform(0, math.tau, sides))
        points = centre + rng.uniform(30, 160) * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        cv2.fillPoly(sheet, [points.astype(np.int32)], (float(rng.uniform(60, 200)),), cv2.LINE_AA)
    return _drawn(sheet)
