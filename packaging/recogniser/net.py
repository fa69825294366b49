"""The network: plain convolutions, one answer for each STEP pixels along the strip.

What an answer depends on is 71 pixels wide, two to five characters: too little to learn names, codes or check digits.
Of the rest of the strip it knows two numbers only, the mean and the spread of its brightness.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CLASSES = 38  # none, then the 37 characters
REACH = 71  # pixels along the strip that one answer sees
_LEAST = 1e-3  # variance: an empty strip's noise is not blown up


class _Layer(nn.Sequential):
    """Convolution, normalisation, rectifier."""

    def __init__(self, into: int, out: int, stride: tuple[int, int] = (1, 1), kernel: tuple[int, int] = (3, 3)) -> None:
        pad = (0 if kernel[0] == 6 else kernel[0] // 2, kernel[1] // 2)
        super().__init__(
            nn.Conv2d(into, out, kernel, stride, pad, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True)
        )


class _Twice(nn.Module):
    """A layer whose input is added to its output."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = _Layer(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        return x + self.layer(x)


class LineNet(nn.Module):
    """Strips (n, 3, 48, width) of -1 to 1 in; scores (n, width / 4, CLASSES) out."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _Layer(3, 32, (2, 2)),
            _Layer(32, 32, (2, 2)),
            _Twice(32),
            _Layer(32, 64, (2, 1)),
            _Twice(64),
            _Layer(64, 96),
            _Twice(96),
            _Layer(96, 192, kernel=(6, 3)),
            _Layer(192, 192, kernel=(1, 5)),
        )
        self.drop = nn.Dropout(0.1)
        self.head = nn.Conv2d(192, CLASSES, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Run the network."""
        x = x - x.mean(dim=(1, 2, 3), keepdim=True)
        x = x / torch.sqrt((x * x).mean(dim=(1, 2, 3), keepdim=True) + _LEAST)
        scores: Tensor = self.head(self.drop(self.body(x)))
        return scores.squeeze(2).transpose(1, 2)
