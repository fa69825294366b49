"""The reference messages and what is expected of each: compared field by field, so that a miss names its place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def folder(name: str) -> Path:
    """Return a folder of the reference data for risk; skips the test where there is none."""
    root = os.environ.get("CHECKPOINT_DATA")
    place = Path(root) / "risk" / name if root else None
    if place is None or not place.is_dir():
        pytest.skip("reference data not here: set CHECKPOINT_DATA to its folder")
    return place


def truth_of(path: Path) -> dict[str, Any]:
    """Return what is expected of a message."""
    truth: dict[str, Any] = json.loads(path.with_name(path.name + ".truth.json").read_text())
    return truth


def differences(expected: Any, got: Any, place: str = "") -> Iterator[str]:
    """Yield each place where ``got`` is not what is expected; further keys are fine, absent is None."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            yield from differences(value, got.get(key) if isinstance(got, dict) else None, f"{place}.{key}")
    elif isinstance(expected, list):
        have = got if isinstance(got, list) else []
        if len(have) != len(expected):
            yield f"{place}: {len(have)} for {len(expected)}"
        for number, (value, one) in enumerate(zip(expected, have, strict=False)):
            yield from differences(value, one, f"{place}[{number}]")
    elif expected != got:
        yield f"{place}: {got!r} for {expected!r}"
