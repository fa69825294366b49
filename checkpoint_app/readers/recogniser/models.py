"""The two networks, as the installed package `rapidocr` ships them. Its code is never imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNISER = "PP-OCRv6_rec_small.onnx"

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


class Network(Protocol):
    """One loaded network: a batch of images in, its one output out."""

    def __call__(self, batch: Floats) -> Floats:
        """Run the network."""
        ...


class ModelMissingError(Exception):
    """A network's file is not there; the message names it and the package that brings it."""


def model_path(name: str) -> Path:
    """Return where the file ``name`` of the installed package lies; raises ModelMissingError."""
    spec = find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise ModelMissingError(f"{name} is missing: install the package rapidocr 3.10 or newer")


class OnnxNetwork:
    """A network under onnxruntime, set for a small shared machine: two threads that don't spin, no memory arena."""

    def __init__(self, name: str, threads: int = 2) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        # Spinning threads on a loaded two-core machine cost several times the wall time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = ort.InferenceSession(str(model_path(name)), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: Floats) -> Floats:
        """Run the network over ``batch`` (n, 3, height, width)."""
        output: Floats = self._session.run(None, {self._input: batch})[0]
        return output

    def metadata(self, key: str) -> str:
        """Return a text that the file carries about itself, such as the recogniser's alphabet."""
        return str(self._session.get_modelmeta().custom_metadata_map[key])
