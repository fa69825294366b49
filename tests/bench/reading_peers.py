"""Other readers on the same pictures in the same run, in an environment of their own under build/."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.peers import LOCK, environment
from tests.bench.reading_cases import Case

NAMES = ("fastmrz", "passporteye")
PER_PICTURE_S = 20


@dataclass(frozen=True)
class PeerRead:
    """What a peer gave for a case, and its CPU seconds."""

    case: Case
    lines: tuple[str, ...]
    valid: bool
    cpu_s: float

    @property
    def exact(self) -> bool:
        """Whether the lines are the truth."""
        return bool(self.case.truth) and self.lines == self.case.truth


def figures(cases: Sequence[Case]) -> dict[str, float]:
    """Return each peer's figures over ``cases``; none, with a word, where the peers can't be installed."""
    if shutil.which("tesseract") is None:
        print("bench: no peers: the Debian package tesseract-ocr is not installed", file=sys.stderr)
        return {}
    try:
        python = environment()
    except subprocess.CalledProcessError:
        print(f"bench: no peers: {LOCK} could not be installed", file=sys.stderr)
        return {}
    found: dict[str, float] = {}
    for name in NAMES:
        reads = read(python, name, cases)
        zones = [one for one in reads if one.case.truth]
        exact = 100 * sum(one.exact for one in zones) / max(1, len(zones))
        wrong = 100 * sum(one.valid and not one.exact for one in reads) / max(1, len(reads))
        real = [one for one in reads if one.case.group == "real"]
        found |= {
            f"{name}_exact_pct": exact,
            f"{name}_real_exact_pct": 100 * sum(o.exact for o in real) / max(1, sum(bool(o.case.truth) for o in real)),
            f"{name}_false_accept_pct": wrong,
            f"{name}_score": exact - 5 * wrong,
            f"{name}_cpu_s_median": median(one.cpu_s for one in real),
        }
    return found


def read(python: Path, name: str, cases: Sequence[Case]) -> list[PeerRead]:
    """Let one peer read ``cases``; pictures after its end or its time count as not read."""
    script = Path(__file__).with_name("reading_peer.py")
    paths = [str(case.path) for case in (cases[0], *cases)]
    run = subprocess.run(
        [str(python), str(script), name],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        timeout=PER_PICTURE_S * len(paths),
        check=False,
    )
    rows = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    if len(rows) < len(cases):
        print(f"bench: {name} ended after {len(rows)} of {len(cases)} pictures", file=sys.stderr)
    pairs = zip(cases, rows, strict=False)
    return [PeerRead(case, tuple(row["mrz"]), bool(row["valid"]), float(row["cpu_s"])) for case, row in pairs]
