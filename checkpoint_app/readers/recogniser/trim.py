"""A line's box set to its ink: the detector's boxes are loose, and a recogniser wants capitals of one size."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.recognise import HEIGHT, cut_out

_WIDER = 0.3  # of the box's height: looked at above and below together
_EDGE = 0.45  # of the most ink in a row: above it is a row of capitals
_ACROSS = 1.55  # height of a strip, in capitals: what the own network was trained on in the mean
_LEAST, _MOST = 0.5, 1.25  # a box changes by no more than this


def trimmed(picture: Pixels, box: TextBox) -> TextBox:
    """Return ``box`` as high as its capitals want it, with its middle on theirs; unchanged where no ink stands out."""
    strip = cv2.cvtColor(cut_out(picture, box, 0.0, _WIDER), cv2.COLOR_BGR2GRAY)
    ink = np.abs(cv2.Sobel(strip, cv2.CV_32F, 1, 0)).mean(axis=1)
    ink = cv2.GaussianBlur(ink.reshape(-1, 1), (1, 5), 1.0).ravel()
    low = float(np.percentile(ink, 10))
    inner = slice(HEIGHT // 4, HEIGHT - HEIGHT // 4)
    peak = HEIGHT // 4 + int(ink[inner].argmax())
    level = low + _EDGE * (float(ink[peak]) - low)
    if ink[peak] <= 2 * low:
        return box
    top, bottom = peak, peak
    while top > 0 and ink[top - 1] > level:
        top -= 1
    while bottom < HEIGHT - 1 and ink[bottom + 1] > level:
        bottom += 1
    unit = box.height * (1 + _WIDER) / HEIGHT
    height = float(np.clip((bottom - top + 1) * unit * _ACROSS, _LEAST * box.height, _MOST * box.height))
    across = ((top + bottom) / 2 - (HEIGHT - 1) / 2) * unit
    angle = math.radians(box.angle)
    x, y = box.x - math.sin(angle) * across, box.y + math.cos(angle) * across
    return replace(box, x=x, y=y, height=height)
