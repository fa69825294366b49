"""Where the files of `resources/` are: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOTS = (_HERE / "_resources", _HERE.parent / "resources")


def resource_path(name: str) -> Path:
    """Return the path of the resource ``name`` (relative, with slashes); raises FileNotFoundError if there is none."""
    for root in _ROOTS:
        if (path := root / name).exists():
            return path
    raise FileNotFoundError(f"resource {name} is missing from this installation")
