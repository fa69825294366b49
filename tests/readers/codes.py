"""Barcodes that the tests draw: a page with one code, turned, tilted, blurred, made dark, with noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

Pixels = npt.NDArray[np.uint8]

BOARDING_PASS = (
    b"M1MUSTERMANN/ERIKA MS EABC123 UIOBOGAV 1234 045Y012A0033 147>5181WM5044BAV 2A1342117283220 AV 123456789    N"
)
LICENCE = (
    b"@\n\x1e\rANSI 636001100001DL00310120DLDAQD12345678\nDCSMUSTERMANN\nDACERIKA\nDBB07021969\nDBA01012031\nDBC2\n"
    b"DAG123 EXAMPLE ST\nDAISPRINGFIELD\nDAJNY\nDAK123450000  \nDCGUSA\r"
)
SEAL = b"\xdc\x03" + bytes((7 * n * n + 31 * n) % 256 for n in range(130))
SEAL_NC = (
    b'{"data":{"hdr":{"is":"UTO","t":"icao.vacc","v":1},"msg":{"pid":{"dob":"1990-01-02","n":"EJEMPLO ANA"},'
    b'"uvci":"U32870"}},"sig":{"alg":"ES256","cer":"MIIBeTCCAR2gAwIBAgIBaDAKBggqhkjOPQQDAjAdMRAwDgYDVQQDDAdVVCBDU0NB",'
    b'"sigvl":"Aa5q1mZ0cR8wOSkyb7ud9gxUJ1nQWwNaeL0pAe4S8v9i0Jm6Hj0nGmTj2bD6xKjUuFh4c2lq0v3q6ZkR4mM0Yw"}}'
)


@dataclass(frozen=True)
class Drawing:
    """How a code is laid on its page and what the camera does to it. Sizes in pixels, angle in degrees."""

    module: float = 3.0
    angle: float = 0.0
    tilt: float = 0.0  # how much nearer the left edge is than the right, as a share
    blur: float = 0.0
    noise: float = 3.0
    light: float = 1.0
    inverted: bool = False
    quiet: int = 2  # modules


def symbol(data: bytes, format_: str, **options: str) -> Pixels:
    """Return the symbol of ``data``, one pixel a module, 0 or 255, without quiet zone."""
    kind = zxingcpp.barcode_format_from_str(format_)
    content = data if data.startswith(b"\xdc") else data.decode()
    drawn = zxingcpp.create_barcode(content, kind, **options)
    return np.array(zxingcpp.write_barcode_to_image(drawn, scale=1, add_quiet_zones=False))


def draw(modules: Pixels, drawing: Drawing, ground: Pixels | None = None, seed: int = 1) -> Pixels:
    """Return a BGR picture of ``modules`` drawn that way in the middle of ``ground`` (grey), or of a plain page."""
    if drawing.inverted:
        modules = 255 - modules
    edge = drawing.quiet
    modules = cv2.copyMakeBorder(
        modules, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=0 if drawing.inverted else 255
    )
    large = cv2.resize(modules, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    large = cv2.GaussianBlur(large, (0, 0), 2.5)
    corners = _corners(large, drawing)
    if ground is None:
        side = int(max(np.ptp(corners, axis=0)) * 1.3) + 60
        ground = np.full((side, side), 150, np.uint8)
    corners += np.array(ground.shape[::-1]) / 2
    height, width = large.shape
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32), corners.astype(np.float32)
    )
    size = ground.shape[::-1]
    code = cv2.warpPerspective(large, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpPerspective(np.full_like(large, 255), matrix, size) > 127
    picture = np.where(inside, code, ground).astype(np.float32)
    if drawing.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), drawing.blur)
    picture = picture * drawing.light + np.random.default_rng(seed).normal(0, drawing.noise, picture.shape)
    return cv2.cvtColor(np.clip(picture, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def _corners(large: Pixels, drawing: Drawing) -> npt.NDArray[np.float64]:
    half = np.array(large.shape[::-1]) * drawing.module / 16
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    corners *= np.array(
        [[1 + drawing.tilt / 2], [1 - drawing.tilt / 2], [1 - drawing.tilt / 2], [1 + drawing.tilt / 2]]
    )
    turn = np.deg2rad(drawing.angle)
    return corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


def bend(picture: Pixels, sag: float) -> Pixels:
    """Return ``picture`` curled about an upright axis: its middle stands lower by ``sag`` of its width."""
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    down = (down - sag * width * np.sin(np.pi * across / width)).astype(np.float32)
    return cv2.remap(picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8, copy=False
    )
