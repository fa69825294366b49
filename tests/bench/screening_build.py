"""A list built by a child, as a booth's is: from its package to a sealed segment; opened, and asked.

Each step is a process of its own, so that its memory is its own: `python -m tests.bench.screening_build STEP PATH…`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from checkpoint_app.screening import ENGINE, Calibration, PersonList, build_segment, load
from checkpoint_app.screening.blocks import BLOCKS
from checkpoint_app.screening.calibrate import TRAVELLERS, calibrate_index
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.layers import build_delta
from checkpoint_app.store.segments import SegmentReader, SegmentWriter
from checkpoint_app.wire.header import read_untrusted_header
from checkpoint_app.wire.package import iter_records
from tests.bench.report import OUT

KEY = b"\x07" * 32
NOT_YET = Calibration(ENGINE, 8_000, 1_000, 0, 0, 1, 1)
"""What a list is built with before its threshold is known."""
DELTA_SIZE, DELTA_REMOVED = 2_000, 100
ASKED = Subject("ERIKSON", "ANNA MARIA", birth="740812", sex="F", nationality="UTO")


def built(package: Path) -> tuple[PersonList, dict[str, float]]:
    """Build the list of a package in a child, open it in another, and load it here; returns it with the figures."""
    segment = package.with_name("segment")
    figures = in_child("build", package, segment) | in_child("start", segment)
    with SegmentReader(segment, KEY) as reader:
        sizes = reader.sections()
        persons = load("persons", {name: reader.read(name) for name in sizes})
    assert isinstance(persons, PersonList)
    details = sizes[BLOCKS]
    figures["index_bytes_a_person"] = (sum(sizes.values()) - details) / len(persons)
    figures["details_bytes_a_person"] = details / len(persons)
    return persons, figures


def fresh(package: Path, calibration: Calibration) -> PersonList:
    """Return the list of ``built`` once more, with empty caches and its threshold."""
    with SegmentReader(package.with_name("segment"), KEY) as reader:
        persons = load("persons", {name: reader.read(name) for name in reader.sections()})
    assert isinstance(persons, PersonList)
    return persons.beneath(calibration, frozenset())


def calibrated(
    persons: PersonList, figures: dict[str, float], travellers: int = TRAVELLERS
) -> tuple[PersonList, Calibration]:
    """Calibrate a list and return it with its threshold in force; the seconds go into ``figures``."""
    begun = time.process_time()
    calibration = calibrate_index(persons.index, persons.details, travellers=travellers)
    figures["calibrate_cpu_s"] = time.process_time() - begun
    return persons.beneath(calibration, frozenset()), calibration


def in_child(step: str, *paths: Path) -> dict[str, float]:
    """Run one step in a process of its own and return its figures."""
    command = [sys.executable, "-m", "tests.bench.screening_build", step, *map(str, paths)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def delta_builder(package: Path, segment: Path) -> subprocess.Popen[bytes]:
    """Start a child that builds a delta of DELTA_SIZE changes over and over until it is ended."""
    command = [sys.executable, "-m", "tests.bench.screening_build", "deltas", str(package), str(segment)]
    return subprocess.Popen(command)


def _build(package: str, segment: str) -> dict[str, float]:
    before, used = time.perf_counter(), time.process_time()
    with Path(package).open("rb") as stream:
        header = read_untrusted_header(stream)
        _write(Path(segment), build_segment("persons", iter_records(stream, header), NOT_YET))
    return {
        "build_s": time.perf_counter() - before,
        "build_cpu_s": time.process_time() - used,
        "build_peak_mib": _peak_mib(),
    }


def _start(segment: str) -> dict[str, float]:
    """Time a booth's start: from the sealed file to the first answer. Details stay at rest."""
    begun, used = time.perf_counter(), time.process_time()
    with SegmentReader(Path(segment), KEY) as reader:
        persons = load("persons", {n: reader.section(n, at_rest=n == BLOCKS) for n in reader.sections()})
    assert isinstance(persons, PersonList)
    persons.screen(ASKED)
    return {
        "start_s": time.perf_counter() - begun,
        "start_cpu_s": time.process_time() - used,
        "loaded_peak_mib": _peak_mib(),
    }


def _deltas(package: str, segment: str) -> dict[str, float]:
    while True:
        _delta(package, segment)


def _delta(package: str, segment: str) -> dict[str, float]:
    """Build one delta: the list's first entries, said to be others'; and some ids gone."""
    begun = time.perf_counter()
    with Path(package).open("rb") as stream:
        header = read_untrusted_header(stream)
        records = iter_records(stream, header)
        some = [dict(next(records)) for _ in range(min(DELTA_SIZE, header.record_count))]
    removed = [str(record["id"]) for record in some[:DELTA_REMOVED]]
    changed = [record | {"id": f"{record['id']}-new"} for record in some[DELTA_REMOVED:]]
    calibration = replace(NOT_YET, seed=2)
    _write(Path(segment), build_delta(changed, removed, calibration))
    return {"delta_build_s": time.perf_counter() - begun, "delta_build_peak_mib": _peak_mib()}


def _write(path: Path, sections: Iterator[tuple[str, bytes]]) -> None:
    with SegmentWriter(path, KEY) as writer:
        for name, data in sections:
            writer.add(name, data)
        writer.finish()


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


_STEPS: dict[str, Callable[..., dict[str, float]]] = {
    "build": _build,
    "start": _start,
    "delta": _delta,
    "deltas": _deltas,
}

if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    print(json.dumps(_STEPS[sys.argv[1]](*sys.argv[2:])))
