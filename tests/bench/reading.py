"""Reading travel documents from pictures: exact reads, wrongly valid ones, cost; on the reference pictures."""

from __future__ import annotations

import base64
import csv
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.reading import ReadError, Reading
from tests.bench.report import OUT, Report, data_folder

TARGETS = {
    "real_exact_pct": 80.0,
    "real_wrongly_valid": 2.0,
    "wall_s_median": 1.5,
    "no_zone_cpu_s_max": 2.0,
    "child_peak_mb": 600.0,
}


@dataclass(frozen=True)
class Case:
    """A reference picture; ``truth`` is the zone's lines, or none where there is no conforming zone."""

    path: Path
    group: str
    truth: tuple[str, ...]
    code: bytes


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
    def wrongly_valid(self) -> bool:
        """Whether it claims to be valid and is not the truth."""
        return self.reading is not None and self.reading.valid and not self.exact


def run() -> Report:
    """Read all pictures with one reader and count."""
    cases = list(load(data_folder("optics")))
    with ImageReader() as reader:
        reader.read(cases[0].path.read_bytes())  # the models are loaded; the booth has them warm too
        results = [_read(reader, case) for case in cases]
        peak_mb = _peak_mb(reader.pid)
    _write_failures(results)
    zones = [r for r in results if r.case.truth]
    nothing = [r for r in results if r.case.group in ("negative", "barcodes")]
    real = [r for r in zones if r.case.group == "real"]
    synth = [r for r in zones if r.case.group == "synth"]
    false_pct = _percent([r.wrongly_valid for r in results])
    exact_pct = _percent([r.exact for r in zones])
    right, wrong = _codes(r for r in results if r.case.group == "barcodes")
    figures = {
        "real_exact_pct": _percent([r.exact for r in real]),
        "real_valid_pct": _percent([r.exact and r.reading is not None and r.reading.valid for r in real]),
        "real_wrongly_valid": sum(r.wrongly_valid for r in results if r.case.group == "real"),
        "synth_exact_pct": _percent([r.exact for r in synth]),
        "synth_valid_pct": _percent([r.exact and r.reading is not None and r.reading.valid for r in synth]),
        "synth_wrongly_valid": sum(r.wrongly_valid for r in synth),
        "exact_pct": exact_pct,
        "false_accept_pct": false_pct,
        "score": exact_pct - 5 * false_pct,
        "cpu_s_median": median(r.cpu_s for r in real),
        "wall_s_median": median(r.reading.elapsed_ms / 1000 for r in real if r.reading),
        "no_zone_cpu_s_median": median(r.cpu_s for r in nothing),
        "no_zone_cpu_s_max": max(r.cpu_s for r in nothing),
        "child_peak_mb": peak_mb,
        "barcodes_exact_pct": right,
        "barcodes_wrong": wrong,
        "pictures": len(results),
    }
    return Report({name: round(float(value), 3) for name, value in figures.items()}, TARGETS)


def load(root: Path) -> Iterable[Case]:
    """Yield the reference pictures."""
    with (root / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        group = row["path"].split("/")[0]
        barcode = row["format"].startswith("barcode")
        truth = () if barcode or row["truth"] == "-" else tuple(row["truth"].split("|"))
        yield Case(root / row["path"], group, truth, base64.b64decode(row["truth"]) if barcode else b"")


def _read(reader: ImageReader, case: Case) -> Result:
    before = _cpu_s(reader.pid)
    try:
        reading = reader.read(case.path.read_bytes())
    except ReadError:
        return Result(case, None, 0.0)
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


def _write_failures(results: list[Result]) -> None:
    folder = OUT / "reading"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "failures.tsv").open("w", encoding="utf-8") as file:
        print("picture", "truth", "read", "valid", "faults", sep="\t", file=file)
        for result in results:
            if result.exact or not (result.case.truth or result.wrongly_valid):
                continue
            reading = result.reading
            faults = [f"{f.field} {f.code}" for f in reading.mrz.faults] if reading and reading.mrz else []
            lines = "|".join(reading.lines) if reading else ""
            shown = f"{result.case.group}/{result.case.path.name}"
            print(
                shown, "|".join(result.case.truth), lines, bool(reading and reading.valid), faults, sep="\t", file=file
            )
