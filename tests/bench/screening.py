"""Screening: recall at fixed false-hit rates, the list's own answer, time, memory, peers, what each evidence buys.

Each part is a process of its own, two at a time; `python -m tests.bench.screening PART…` runs some by hand. What a part
found lies in build/bench/screening/PART.json, and its tables beside it.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.report import OUT, Report, SkippedError, data_folder
from tests.bench.screening_people import HOME

NUMBERS = 100_000_000
CENTRE_PERSONS, CENTRE_S = 200_000, 10.0
AT_ONCE = 2
_FRESH_S = 3600.0

TARGETS = {
    "10k_recall_at_1e-4": 0.985,
    "10k_false_hits_times_promised": 1.5,
    "real_recall_at_1e-4": 0.985,
    "200k_recall_at_1e-3": 0.98,
    "200k_recall_at_1e-4": 0.95,
    "200k_false_hits_times_promised": 1.5,
    "200k_ms_median": 2.0,
    "200k_ms_p99": 10.0,
    "200k_delta_ms_p99": 10.0,
    "200k_fairness_calibrated_worst": 2.0,
    "2m_recall_at_1e-3": 0.95,
    "2m_recall_at_1e-4": 0.75,
    "2m_false_hits_times_promised": 1.5,
    "2m_ms_median": 10.0,
    "2m_ms_p99": 50.0,
    "2m_build_s": 60.0,
    "2m_build_peak_mib": 1024.0,
    "2m_start_s": 2.0,
    "2m_index_bytes_a_person": 120.0,
    "numbers_absent_found": 0.0,
    "numbers_delta_bytes": 1e6,
    "centre_batch_screenings_s": 500.0,
    "parts_failed": 0.0,
}


@dataclass(frozen=True)
class Part:
    """A part: where its function is, and whether it needs the machine for itself. ``prefix`` begins its figures."""

    where: str
    prefix: str
    alone: bool = False


PARTS = {
    "2m": Part("screening_parts.two_million", "2m_"),
    "200k": Part("screening_parts.two_hundred_thousand", "200k_"),
    "ablation": Part("screening_ablation.ablation", ""),
    "10k": Part("screening_parts.ten_thousand", "10k_"),
    "peers": Part("screening_peers.peers", ""),
    "worse": Part("screening_parts.worse", "worse_"),
    "real": Part("screening_parts.real", "real_"),
    "numbers": Part("screening.numbers", "numbers_"),
    "centre": Part("screening.centre", "centre_", alone=True),
}
"""The longest first."""
WITHOUT_DATA = {
    "invented": Part("screening_parts.invented_names", "invented_"),
    "numbers": PARTS["numbers"],
    "centre": PARTS["centre"],
}
BY_HAND = {"ablation_long": Part("screening_ablation.ablation_long", "")}
_ALL = PARTS | WITHOUT_DATA | BY_HAND


@dataclass
class _Running:
    """Processes of parts, by name, and those that ended badly."""

    begun: dict[str, tuple[float, subprocess.Popen[bytes]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def start(self, name: str) -> None:
        print(f"screening: {name} begins", flush=True)
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.bench.screening", name]
        self.begun[name] = time.monotonic(), subprocess.Popen(command, env=environment)

    def wait(self, most: int) -> None:
        """Wait until no more than ``most`` run."""
        while len(self.begun) > most:
            for name, (begun, child) in list(self.begun.items()):
                if (code := child.poll()) is not None:
                    del self.begun[name]
                    print(f"screening: {name} ended after {time.monotonic() - begun:.0f} s", flush=True)
                    if code:
                        self.failed.append(name)
            time.sleep(0.2)


def run() -> Report:
    """Run every part and join what they found."""
    try:
        data_folder("matching")
        parts = PARTS
    except SkippedError as reason:
        print(f"screening: {reason}; the demonstration's names are used, 10,000 of them")
        parts = WITHOUT_DATA
    for name in parts:
        (HOME / f"{name}.json").unlink(missing_ok=True)
    running = _Running()
    for name in sorted(parts, key=lambda name: parts[name].alone):
        running.wait(0 if parts[name].alone else AT_ONCE - 1)
        running.start(name)
    running.wait(0)
    return joined([name for name in parts if name not in running.failed], len(running.failed))


def joined(names: Sequence[str], failed: int = 0) -> Report:
    """Return the report of the parts named, as they left their figures."""
    figures: dict[str, float] = {}
    peers: dict[str, float] = {}
    for name in names:
        found = json.loads((HOME / f"{name}.json").read_text(encoding="utf-8"))
        figures |= found["figures"]
        peers |= found["peers"]
    figures |= _ratios(figures, peers) | {"parts_failed": float(failed)}
    return Report(figures, {name: value for name, value in TARGETS.items() if name in figures}, peers)


def numbers() -> dict[str, float]:
    """Return the figures of the long list of document numbers; those of the last hour where there are some."""
    from tests.bench.numbers import run_numbers

    kept = OUT / "numbers.json"
    if kept.exists() and time.time() - kept.stat().st_mtime < _FRESH_S:
        print(f"screening: numbers: {kept} of the last hour is taken", flush=True)
        found = json.loads(kept.read_text(encoding="utf-8"))
        return dict(found.get("figures", found))
    return run_numbers(NUMBERS)


def centre() -> dict[str, float]:
    """Return the figures of the centre under load."""
    from tests.bench.centre import run_centre

    return run_centre(CENTRE_PERSONS, CENTRE_S)


def _ratios(figures: Mapping[str, float], peers: Mapping[str, float]) -> dict[str, float]:
    """Return our median milliseconds as a part of each peer's on the same list."""
    ratios = {}
    for size in ("10k", "200k"):
        own = figures.get(f"{size}_ms_median")
        for name, value in peers.items():
            if own is not None and name.endswith(f"_{size}_ms_median"):
                ratios[f"{size}_ms_part_of_{name.removesuffix(f'_{size}_ms_median')}"] = own / value
    return ratios


def _run_part(name: str) -> None:
    part = _ALL[name]
    module, _, function = part.where.rpartition(".")
    found = getattr(importlib.import_module(f"tests.bench.{module}"), function)()
    peers = {key.removeprefix("peer."): value for key, value in found.items() if key.startswith("peer.")}
    own = {part.prefix + key: value for key, value in found.items() if not key.startswith("peer.")}
    HOME.mkdir(parents=True, exist_ok=True)
    (HOME / f"{name}.json").write_text(json.dumps({"figures": own, "peers": peers}, indent=1), encoding="utf-8")


def main(names: Sequence[str]) -> int:
    """Run some parts by hand; 0 done, 1 where the reference data are missing, 2 on bad usage."""
    if unknown := [name for name in names if name not in _ALL]:
        print(f"screening: no part {unknown[0]}: give some of {', '.join(_ALL)}", file=sys.stderr)
        return 2
    for name in names:
        try:
            _run_part(name)
        except SkippedError as reason:
            print(f"screening: {name}: {reason}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
