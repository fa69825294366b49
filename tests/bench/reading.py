"""Reading travel documents from pictures: exact reads, wrongly valid ones, cost; on the reference pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.reading import ReadError, Reading
from tests.bench import reading_failures, reading_peers
from tests.bench.reading_cases import Case, load, peer_sample
from tests.bench.report import OUT, Report, data_folder

TARGETS = {
    "real_exact_pct": 96.0,
    "synth_exact_pct": 97.0,
    "wrongly_valid": 0.0,
    "cpu_part_of_fastmrz": 0.5,
    "wall_s_median": 0.7,
    "no_zone_cpu_s_max": 2.0,
    "child_peak_mb": 600.0,
    "barcodes_exact_pct": 90.0,
    "barcodes_wrong": 0.0,
}


@dataclass(frozen=True)
class Result:
    """What reading a case gave and cost."""

    case: Case
    reading: Reading | None
    cpu_s: float

    @property
    def exact(self) -> bool:
        """Whether the lines are the truth, character by character."""
        return self.reading is not None and bool(self.case.truth) and self.reading.lines == self.case.truth

    @property
    def valid(self) -> bool:
        """Whether it claims to be valid."""
        return self.reading is not None and self.reading.valid

    @property
    def wrongly_valid(self) -> bool:
        """Whether it claims to be valid and is not the truth."""
        return self.valid and not self.exact


def run() -> Report:
    """Read all pictures with one reader and count; then let the peers read a part of them."""
    cases = list(load(data_folder("optics")))
    with ImageReader() as reader:
        reader.read(cases[0].path.read_bytes())  # the models are loaded; the booth has them warm too
        results = [_read(reader, case) for case in cases]
        peak_mb = _peak_mb(reader.pid)
    wrong = [r for r in results if r.wrongly_valid or (r.case.truth and not r.exact)]
    reading_failures.write(OUT / "reading", [(r.case, r.reading) for r in wrong])
    _show_confusions(wrong)
    sample = peer_sample(cases)
    peers = reading_peers.figures(sample)
    figures = _figures(results) | {"child_peak_mb": peak_mb, "score_on_peers_pictures": _score(results, sample)}
    targets = dict(TARGETS)
    if peers:
        figures["cpu_part_of_fastmrz"] = figures["cpu_s_median"] / peers["fastmrz_cpu_s_median"]
    else:
        del targets["cpu_part_of_fastmrz"]
    return Report(_rounded(figures), targets, _rounded(peers))


def _figures(results: Sequence[Result]) -> dict[str, float]:
    zones = [r for r in results if r.case.truth]
    nothing = [r for r in results if r.case.group in ("negative", "barcodes")]
    real = [r for r in zones if r.case.group == "real"]
    synth = [r for r in zones if r.case.group == "synth"]
    right, wrong = _codes(r for r in results if r.case.group == "barcodes")
    return {
        "real_exact_pct": _percent([r.exact for r in real]),
        "real_valid_pct": _percent([r.exact and r.valid for r in real]),
        "synth_exact_pct": _percent([r.exact for r in synth]),
        "synth_valid_pct": _percent([r.exact and r.valid for r in synth]),
        "wrongly_valid": sum(r.wrongly_valid for r in results),
        "exact_pct": _percent([r.exact for r in zones]),
        "false_accept_pct": _percent([r.wrongly_valid for r in results]),
        "score": _score(results, [r.case for r in results]),
        "cpu_s_median": median(r.cpu_s for r in real),
        "wall_s_median": median(r.reading.elapsed_ms / 1000 for r in real if r.reading),
        "no_zone_cpu_s_median": median(r.cpu_s for r in nothing),
        "no_zone_cpu_s_max": max(r.cpu_s for r in nothing),
        "refused": sum(r.reading is None for r in results),
        "barcodes_exact_pct": right,
        "barcodes_wrong": wrong,
        "pictures": len(results),
    }


def _score(results: Sequence[Result], cases: Sequence[Case]) -> float:
    """Return exact % less five times false accept %, over ``cases``: one figure that orders readers."""
    among = [r for r in results if r.case in cases]
    exact = _percent([r.exact for r in among if r.case.truth])
    return exact - 5 * _percent([r.wrongly_valid for r in among])


def _show_confusions(wrong: Sequence[Result]) -> None:
    counted = reading_failures.confusions([(r.case, r.reading) for r in wrong])
    for (truth, read, field, kind), count in counted.most_common(12):
        print(f"  {truth} read as {read}: {count} in {field}, {kind}")
    print(f"  {len(wrong)} failures: {OUT / 'reading'}\n")


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in figures.items()}


def _read(reader: ImageReader, case: Case) -> Result:
    before = _cpu_s(reader.pid)
    reading: Reading | None
    try:
        reading = reader.read(case.path.read_bytes())
    except ReadError:
        reading = None
    return Result(case, reading, _cpu_s(reader.pid) - before)


def _cpu_s(pid: int | None) -> float:
    """CPU time of the child so far, all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int | None) -> float:
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(match[1]) / 1024 if match else 0.0


def _percent(flags: list[bool]) -> float:
    return 100 * sum(flags) / max(1, len(flags))


def _codes(results: Iterable[Result]) -> tuple[float, int]:
    """Return the share of barcodes read exactly, in percent, and the number of wrong payloads."""
    right, wrong = [], 0
    for result in results:
        found = [code.data for code in result.reading.barcodes] if result.reading else []
        right.append(result.case.code in found)
        wrong += sum(data != result.case.code for data in found)
    return _percent(right), wrong
