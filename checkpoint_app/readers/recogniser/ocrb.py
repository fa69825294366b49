"""The own line recogniser: a small network that knows OCR-B and nothing else, trained on drawn lines.

Same call as the general recogniser, so that either can be the first or the second witness. What it answers for a
step depends on 71 pixels of the strip, and on the brightness of the whole: it knows glyphs, no words, no codes and no
check digits. Its model card is `resources/models/ocrb.md`; `packaging/recogniser/` makes it.
"""

from __future__ import annotations

import numpy as np

from checkpoint_app.readers.recogniser.models import Floats, OnnxNetwork, Pixels
from checkpoint_app.readers.recogniser.recognise import ALPHABET, HEIGHT
from checkpoint_app.resources import resource_path

OCRB = "models/ocrb.onnx"
STEP = 4  # pixels of the strip for one answer; the general recogniser's is 8


class OcrbRecogniser:
    """Reads strips of a machine readable zone. Not for other text."""

    def __init__(self, network: OnnxNetwork) -> None:
        """Use ``network``, as `load` makes it; raises ValueError where it was trained for other characters."""
        if network.metadata("alphabet") != ALPHABET:
            raise ValueError("the line recogniser was trained for another alphabet: make it again")
        self._network = network

    @classmethod
    def load(cls, threads: int = 1) -> OcrbRecogniser:
        """Load the shipped network; raises FileNotFoundError where the installation lacks it."""
        # An absolute path stands for itself where a name of rapidocr's folder is expected.
        return cls(OnnxNetwork(str(resource_path(OCRB).resolve()), threads))

    def __call__(self, crop: Pixels) -> Floats:
        """Return probabilities (steps, 1 + 37) for ``crop`` (48, width, 3; BGR); column 0 is "no character here".

        There are width ÷ 4 steps; raises ValueError for a crop of another height.
        """
        if crop.shape[0] != HEIGHT or crop.ndim != 3:
            raise ValueError(f"a strip is {HEIGHT} pixels high and in colour, not {crop.shape}")
        batch = (crop.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
        probabilities: Floats = self._network(np.ascontiguousarray(batch))[0]
        return probabilities
