"""Puts a drawn line on paper and before a camera, and cuts the strip of 48 pixels that the recogniser is given.

`Dials` holds one number for each way a picture is spoiled; the defaults spoil nothing, `random_dials` turns several.
Lengths are in capitals (the height of a capital letter is 1) unless they say pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from lines import ALPHABET, CAP, SPACE, Drawn, Ink
from props import grounds, overs, piece

HEIGHT = 48
STEP = 4  # pixels of the strip for one answer
UNKNOWN = -100  # a step for which no answer is asked
_PROPS_SEED = 7
_SYMMETRIC = "0O8XHINSZ25169MW"  # these, turned by 180 degrees, look like one of the alphabet

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Targets = npt.NDArray[np.int64]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Dials:
    """How the picture of a line is spoiled and how its strip is cut.

    ``seen``: pixels of a capital before the camera; ``across``: height of the strip; ``off``: its centre above the
    line's; ``stretch``: along the line; ``turn``: degrees; ``growth``: how much of the pitch is gained along the strip;
    ``curve``, ``wave``, ``blur`` (sigma), ``defocus`` (radius), ``motion``: capitals; ``noise``: grey levels; ``jpeg``:
    quality, 0 for none; ``contrast``: of ink to paper, 1 is black on white; ``ground``, ``shadow``, ``glare``,
    ``stamp``, ``foil``: 0 to 1; ``dark``: share of the light that is missing; ``blotch``: grey levels of coarse colour
    noise; ``shift``: pixels between the colours; ``grey``: no colour; ``crisp``: sharpened.
    """

    seen: float = 36.0
    across: float = 1.45
    off: float = 0.0
    stretch: float = 1.0
    turn: float = 0.0
    growth: float = 0.0
    curve: float = 0.0
    wave: float = 0.0
    blur: float = 0.0
    defocus: float = 0.0
    motion: float = 0.0
    noise: float = 0.0
    jpeg: int = 0
    gamma: float = 1.0
    contrast: float = 0.85
    ground: float = 0.0
    shadow: float = 0.0
    glare: float = 0.0
    stamp: float = 0.0
    foil: float = 0.0
    dark: float = 0.0
    blotch: float = 0.0
    shift: float = 0.0
    grey: bool = False
    crisp: float = 0.0


@dataclass(frozen=True, slots=True)
class Strip:
    """A cut strip (48, width, 3), and for each cell its character, its middle along the strip and how washed out."""

    pixels: Pixels
    text: str
    middles: Floats
    washed: Floats

    def targets(self) -> Targets:
        """Return for each step the place in ALPHABET + 1 of the character there, 0 for none, UNKNOWN between."""
        width = self.pixels.shape[1]
        at = np.arange(width // STEP) * STEP + (STEP - 1) / 2
        answer = np.zeros(len(at), np.int64)
        if len(self.middles) < 2:
            return answer
        pitch = np.gradient(self.middles)
        for character, middle, own, washed in zip(self.text, self.middles, pitch, self.washed, strict=True):
            if character == SPACE or washed > 0.93:
                continue
            apart = np.abs(at - middle) / own
            answer[(apart < 0.37) & (answer == 0)] = UNKNOWN
            edge = min(middle, width - 1 - middle) / own
            if edge > 0.25 and washed < 0.8:
                answer[apart <= max(0.22, STEP / 2 / own)] = ALPHABET.index(character) + 1
        return answer

    def upside_down(self) -> tuple[Pixels, Targets]:
        """Return the strip turned by 180 degrees, and its targets: none, but for what may pass for a character."""
        answer = self.targets()
        symmetric = np.isin(answer, [ALPHABET.index(character) + 1 for character in _SYMMETRIC])
        turned = np.where(symmetric | (answer == UNKNOWN), UNKNOWN, 0)[::-1].copy()
        return np.ascontiguousarray(self.pixels[::-1, ::-1]), turned


def random_dials(rng: Rng) -> Dials:
    """Return what may befall a picture: mostly a few things at once, seldom everything."""

    def some(share: float, low: float, high: float, power: float = 1.5) -> float:
        return low + (high - low) * float(rng.random()) ** power if rng.random() < share else 0.0

    seen = float(np.exp(rng.uniform(np.log(8.5), np.log(60))))
    contrast = float(np.clip(rng.beta(4, 1.8), 0.1, 1))
    dark = some(0.25, 0.2, 0.85, 1.0)
    blurs = [some(0.6, 0.01, 0.13), some(0.2, 0.03, 0.16), some(0.25, 0.05, 0.32)]
    if rng.random() < 0.8:  # all three at once are seldom legible
        main = int(rng.integers(3))
        blurs = [value if index == main else value * 0.3 for index, value in enumerate(blurs)]
    return Dials(
        seen=seen,
        across=float(np.clip(rng.normal(1.55, 0.32), 1.02, 2.6)),
        off=float(rng.normal(0, 0.09)),
        stretch=float(np.clip(np.exp(rng.normal(0, 0.2)), 0.6, 1.9)),
        turn=float(rng.normal(0, 1.0)),
        growth=float(rng.normal(0, 0.08)) if rng.random() < 0.5 else 0.0,
        curve=float(rng.normal(0, 0.06)) if rng.random() < 0.4 else 0.0,
        wave=some(0.4, 0.005, 0.03),
        blur=blurs[0] + 0.25 / seen,
        defocus=blurs[1],
        motion=blurs[2],
        noise=min(some(0.6, 1, 28, 2.0), 80 * contrast * (1 - dark)),
        jpeg=int(rng.integers(18, 96)) if rng.random() < 0.75 else 0,
        gamma=float(np.exp(rng.normal(0, 0.3))),
        contrast=contrast,
        ground=some(0.7, 0.05, 0.75),
        shadow=some(0.5, 0.1, 1.0),
        glare=some(0.15, 0.2, 1.0, 1.0),
        stamp=some(0.15, 0.1, 0.9),
        foil=some(0.12, 0.1, 0.7),
        dark=dark,
        blotch=min(some(0.25, 2, 16), 50 * contrast * (1 - dark)),
        shift=some(0.2, 0.2, 1.2),
        grey=bool(rng.random() < 0.3),
        crisp=some(0.2, 0.3, 2.0),
    )


def width_of(drawn: Drawn, dials: Dials, ends: tuple[float, float]) -> int:
    """Return the width of a strip that shows the whole line and ``ends`` more of it (capitals)."""
    long = len(drawn.text) * drawn.pitch / CAP + sum(ends)
    return max(2 * STEP, round(long * HEIGHT / dials.across * dials.stretch))


def photograph(drawn: Drawn, dials: Dials, start: float, width: int, rng: Rng) -> Strip:
    """Return the strip, ``width`` pixels from ``start`` (capitals from the first cell's left edge) on."""
    along, lift = _way(dials, width)
    along = along + np.float32(start)
    margin = 0.4
    left = float(along.min()) - margin
    half = dials.across / 2 + abs(dials.off) + float(np.abs(lift).max()) + margin
    shape = (math.ceil(2 * half * dials.seen), math.ceil((float(along.max()) + margin - left) * dials.seen))
    ink = _laid(drawn, dials.seen, left, half, shape)
    seen, wash = _seen(ink, dials, rng)
    reach = np.arange(HEIGHT, dtype=np.float32)[:, None]
    x = (along[None, :] - np.float32(left)) * dials.seen + 0 * reach
    y = ((reach - (HEIGHT - 1) / 2) * (dials.across / HEIGHT) + dials.off + lift[None, :] + half) * dials.seen
    lean = math.tan(math.radians(dials.turn))  # what stands upright in the strip leans in the picture
    x = x - lean * (y - half * dials.seen)
    if dials.wave:
        phase = rng.uniform(0, math.tau, 2)
        x = x + dials.wave * dials.seen * np.sin(x / dials.seen * rng.uniform(0.4, 2.5) + phase[0])
        y = y + dials.wave * dials.seen * np.sin(x / dials.seen * rng.uniform(0.4, 2.5) + phase[1])
    pixels = _cut(seen, x, y, dials)
    cells = (np.arange(len(drawn.text)) + 0.5) * drawn.pitch / CAP
    middles = np.interp(cells, along, np.arange(width), left=-1e3, right=1e3 + width).astype(np.float32)
    pitch = np.float32(drawn.pitch / CAP * HEIGHT / dials.across * dials.stretch)
    outside = (middles < 0) | (middles > width)
    middles = np.where(outside, np.where(middles < 0, -pitch, width + pitch), middles)
    column = np.clip((cells - left) * dials.seen, 0, shape[1] - 1).astype(int)
    row = min(shape[0] - 1, max(0, round(half * dials.seen)))
    washed = wash[row, column] if wash is not None else np.zeros(len(cells), np.float32)
    keep = ~outside
    text = "".join(character for character, kept in zip(drawn.text, keep, strict=True) if kept)
    return Strip(pixels, text, middles[keep], washed[keep])


def _way(dials: Dials, width: int) -> tuple[Floats, Floats]:
    """Return where along the line each column of the strip looks, and how far off the line (capitals)."""
    unit = dials.across / HEIGHT / dials.stretch
    column = np.arange(width, dtype=np.float32)
    share = column / max(1, width - 1) - 0.5
    along = unit * (column + dials.growth * width * (share**2 - 0.25) / 2)
    turned = math.tan(math.radians(dials.turn)) * unit * (column - width / 2)
    reach = 0.27 / max(1e-6, float(np.abs(turned).max()))  # a strip keeps to its line
    lift = turned * min(1.0, reach) + dials.curve * (4 * share**2 - 0.5)
    return along.astype(np.float32), lift.astype(np.float32)


def _laid(drawn: Drawn, seen: float, left: float, half: float, shape: tuple[int, int]) -> Ink:
    scale = seen / CAP
    ink = drawn.ink
    if scale < 0.9:
        ink = cv2.GaussianBlur(ink, (0, 0), 0.42 * math.sqrt(1 / scale**2 - 0.7))
    origin = drawn.first - drawn.pitch / 2 + left * CAP
    matrix = np.array([[scale, 0, -origin * scale], [0, scale, half * seen - drawn.middle * scale]])
    return cv2.warpAffine(ink, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)  # type: ignore[return-value]


def _seen(ink: Ink, dials: Dials, rng: Rng) -> tuple[Pixels, Floats | None]:
    """Return what the camera took (height, width, 3), and how far glare washed each pixel out."""
    shape = ink.shape[:2]
    picture = _inked(ink, dials, rng)
    if dials.stamp:
        mark = piece(overs(_PROPS_SEED), shape, dials.seen / 40 * float(rng.uniform(0.7, 2)), rng)[:, :, None]
        colour = rng.uniform(0.1, 0.9, 3).astype(np.float32)
        picture = picture * (1 - mark * np.float32(dials.stamp) * (1 - colour))
    if dials.shadow:
        picture = picture * _light(shape, dials.shadow, rng)[:, :, None]
    if dials.foil:
        mark = piece(overs(_PROPS_SEED)[4::5] + grounds(_PROPS_SEED)[3::7], shape, dials.seen / 30, rng)
        rainbow = 0.5 + 0.5 * np.cos(mark[:, :, None] * 9 + rng.uniform(0, math.tau, 3))
        picture = picture + np.float32(dials.foil) * mark[:, :, None] * (255 * rainbow.astype(np.float32) - picture)
    wash = None
    if dials.glare:
        wash = _spot(shape, dials.glare, rng)
        picture = picture + wash[:, :, None] * (np.float32(rng.uniform(235, 262)) - picture)
    if dials.dark:
        picture = picture * np.float32(1 - dials.dark)
    return _camera(picture, dials, rng), wash


def _inked(ink: Ink, dials: Dials, rng: Rng) -> Floats:
    paper = np.clip(rng.uniform(120, 255) + rng.normal(0, 14, 3), 60, 255).astype(np.float32)
    dark = np.clip(rng.uniform(0, 45) + rng.normal(0, 12, 3), 0, 110).astype(np.float32)
    dark = paper + np.float32(dials.contrast) * (dark - paper)
    ground = np.broadcast_to(paper, (*ink.shape, 3))
    if dials.ground:
        for _ in range(1 + (rng.random() < 0.4)):
            print_ = np.clip(rng.uniform(20, 230) + rng.normal(0, 50, 3), 0, 255).astype(np.float32)
            pattern = piece(grounds(_PROPS_SEED), ink.shape, dials.seen / 40 * float(rng.uniform(0.4, 2.5)), rng)
            # A ground darker than the line's ink would hide it: security print is paler than that.
            share = np.float32(dials.ground * 0.75 * dials.contrast) * pattern[:, :, None]
            ground = ground + share * (print_ - ground)
    over = ink[:, :, None]
    return (ground * (1 - over) + np.minimum(dark, ground) * over).astype(np.float32)


def _light(shape: tuple[int, int], strength: float, rng: Rng) -> Floats:
    coarse = rng.uniform(1 - 0.65 * strength, 1.08, (2, 4)).astype(np.float32)
    light = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.3:  # the edge of a shadow
        x = np.arange(shape[1], dtype=np.float32) - np.float32(rng.uniform(0, shape[1]))
        slant = (np.arange(shape[0], dtype=np.float32) * np.float32(rng.normal(0, 0.8)))[:, None]
        soft = np.float32(rng.uniform(2, 40))
        light = light * (1 - np.float32(0.55 * strength) / (1 + np.exp(np.clip((x + slant) / soft, -30, 30))))
    return np.clip(light, 0.12, 1.2).astype(np.float32)


def _spot(shape: tuple[int, int], strength: float, rng: Rng) -> Floats:
    way = rng.uniform(0, math.pi)
    x = np.arange(shape[1], dtype=np.float32)[None, :] - np.float32(rng.uniform(0, shape[1]))
    y = np.arange(shape[0], dtype=np.float32)[:, None] - np.float32(rng.uniform(0, shape[0]))
    sizes = shape[0] * rng.uniform((0.3, 0.2), (3.0, 1.0))
    along = (math.cos(way) * x + math.sin(way) * y) / sizes[0]
    aside = (math.cos(way) * y - math.sin(way) * x) / sizes[1]
    sharp = rng.uniform(1, 3)
    return np.clip(strength * sharp * np.exp(-(along**2 + aside**2) / 2), 0, 1).astype(np.float32)


def _camera(picture: Floats, dials: Dials, rng: Rng) -> Pixels:
    picture = _noisy(_coloured(_blurred(picture, dials, rng), dials, rng), dials, rng)
    if dials.crisp:
        soft = cv2.GaussianBlur(picture, (0, 0), max(0.8, 0.03 * dials.seen))
        picture = picture + np.float32(dials.crisp) * (picture - soft)
    taken = np.clip(picture, 0, 255).astype(np.uint8)
    if dials.jpeg:
        _, data = cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, dials.jpeg])
        taken = cv2.imdecode(data, cv2.IMREAD_COLOR)  # type: ignore[assignment]
    return taken


def _blurred(picture: Floats, dials: Dials, rng: Rng) -> Floats:
    if (sigma := dials.blur * dials.seen) > 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), sigma)  # type: ignore[assignment]
    if (radius := dials.defocus * dials.seen) > 0.6:
        picture = cv2.filter2D(picture, -1, _disc(radius))  # type: ignore[assignment]
    if (long := dials.motion * dials.seen) > 1.2:
        picture = cv2.filter2D(picture, -1, _trail(long, rng.uniform(0, math.pi)))  # type: ignore[assignment]
    return picture


def _coloured(picture: Floats, dials: Dials, rng: Rng) -> Floats:
    if dials.gamma != 1.0:
        picture = 255 * (np.clip(picture, 0, 255) / 255) ** np.float32(dials.gamma)
    if dials.grey:
        return np.repeat(picture @ np.array([[0.114], [0.587], [0.299]], np.float32), 3, axis=2)
    if dials.shift:
        moved = np.array([[1, 0, rng.normal(0, dials.shift)], [0, 1, rng.normal(0, dials.shift / 2)]])
        size = (picture.shape[1], picture.shape[0])
        channel = int(rng.integers(3))
        one = cv2.warpAffine(np.ascontiguousarray(picture[:, :, channel]), moved, size, borderMode=cv2.BORDER_REPLICATE)
        picture = np.dstack([one if index == channel else picture[:, :, index] for index in range(3)])
    return picture


def _noisy(picture: Floats, dials: Dials, rng: Rng) -> Floats:
    height, width = picture.shape[:2]
    if dials.noise:
        shape = (height, width, 1 if dials.grey else 3)
        picture = picture + np.float32(dials.noise) * rng.standard_normal(shape, dtype=np.float32)
    if dials.blotch and not dials.grey:
        coarse = rng.standard_normal((height // 4 + 2, width // 4 + 2, 3), dtype=np.float32)
        picture = picture + np.float32(dials.blotch) * cv2.resize(
            coarse, (width, height), interpolation=cv2.INTER_CUBIC
        )
    return picture.astype(np.float32)


def _cut(seen: Pixels, x: Floats, y: Floats, dials: Dials) -> Pixels:
    """Sample the strip; where it shrinks the picture, average first, as `cut_out` does."""
    scale = HEIGHT / (dials.across * dials.seen)
    flag = cv2.INTER_CUBIC if scale > 0.6 else cv2.INTER_LINEAR
    if scale <= 0.6:
        factor = scale * 1.3
        seen = cv2.resize(seen, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        x, y = x * factor + (factor - 1) / 2, y * factor + (factor - 1) / 2
    return cv2.remap(seen, x.astype(np.float32), y.astype(np.float32), flag, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def _disc(radius: float) -> Floats:
    side = math.ceil(radius)
    y, x = np.mgrid[-side : side + 1, -side : side + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return (disc / disc.sum()).astype(np.float32)


def _trail(long: float, way: float) -> Floats:
    side = math.ceil(long / 2)
    kernel = np.zeros((2 * side + 1, 2 * side + 1), np.float32)
    for step in np.linspace(-long / 2, long / 2, 4 * side + 5):
        kernel[round(side + step * math.sin(way)), round(side + step * math.cos(way))] += 1
    return (kernel / kernel.sum()).astype(np.float32)
