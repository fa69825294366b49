"""What an area of the benchmark gives back, how it is written and shown, and where the reference data are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

OUT = Path("build/bench")


class SkippedError(Exception):
    """The area cannot run here; the message says why in one line."""


@dataclass(frozen=True)
class Report:
    """Figures by name, targets of the same names where there are any, and what peers reach in the same run."""

    figures: Mapping[str, float]
    targets: Mapping[str, float] = field(default_factory=dict)
    peers: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.targets) - set(self.figures)
        if unknown:
            raise ValueError(f"targets without a figure: {', '.join(sorted(unknown))}")

    def write(self, area: str) -> Path:
        """Write the report to build/bench/AREA.json and return the path."""
        OUT.mkdir(parents=True, exist_ok=True)
        path = OUT / f"{area}.json"
        content = {"figures": dict(self.figures), "targets": dict(self.targets), "peers": dict(self.peers)}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        return path

    def table(self, area: str) -> str:
        """Return the report as a table for people."""
        rows = [f"{area:<40} {'figure':>12} {'target':>12}"]
        for name, value in self.figures.items():
            target = _number(self.targets[name]) if name in self.targets else ""
            rows.append(f"  {name:<38} {_number(value):>12} {target:>12}".rstrip())
        rows += [f"  peer: {name:<32} {_number(value):>12}" for name, value in self.peers.items()]
        return "\n".join(rows)


def data_folder(name: str) -> Path:
    """Return the folder ``name`` of the reference data; raises SkippedError where there are none."""
    root = os.environ.get("CHECKPOINT_DATA", "")
    path = Path(root) / name
    if not root or not path.is_dir():
        raise SkippedError(f"no reference data: set CHECKPOINT_DATA to the folder that holds {name}/")
    return path


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"
