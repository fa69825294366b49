"""A manifest of a million segments, read as a stream in a process of its own: segments a second, and its memory.

``python -m tests.bench.risk_manifest FILE`` is that process: it reads the manifest and prints what it took.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.segments import STREAMED, iter_segments
from checkpoint_app.cargo.streaming import stream_message
from checkpoint_app.cargo.values import Consignment
from tests.bench.peers import environment
from tests.bench.report import Report

SEGMENTS = 1_000_000
OF_PEER = 50_000
"""Segments that the peer is given: it holds all of them at once."""
LEAST_A_SECOND = 50_000.0
MOST_MIB = 100.0
A_CONSIGNMENT = 10


def measure() -> Report:
    """Segments a second and peak memory of the whole process; pydifact where it is in the peers' environment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.edi"
        _write(path, SEGMENTS)
        told = json.loads(_run([sys.executable, "-m", "tests.bench.risk_manifest", str(path)]))
        if told["consignments"] != SEGMENTS // A_CONSIGNMENT:
            raise RuntimeError(f"{told['consignments']} consignments were read")
        _write(path, OF_PEER)
        peers = _peer(path, told["split_s"] / SEGMENTS * OF_PEER)
    figures = {
        "manifest of 1,000,000 segments, a second": SEGMENTS / told["read_s"],
        "manifest, peak memory in MiB": told["mib"],
        "manifest only split, segments a second": SEGMENTS / told["split_s"],
    }
    least, most, _ = figures
    return Report(figures, {least: LEAST_A_SECOND, most: MOST_MIB}, peers)


def manifest(segments: int) -> Iterator[bytes]:
    """Yield a CUSCAR of about so many segments, ten to a consignment, the same at every call."""
    yield b"UNB+UNOA:4+LINE+CUSTOMS+260310:0900+1'UNH+1+CUSCAR:D:95B:UN'BGM+785+M1+9'TDT+20+123N+1++XX:172'"
    for number in range(segments // A_CONSIGNMENT):
        box = plain_number(f"MSKU{number:07}")
        yield (
            f"CNI+{number + 1}+BILL{number}'LOC+9+CLSAI'LOC+11+ECGYE'GIS+23'NAD+CN+++MUSTER SA'NAD+CZ+++EJEMPLO SA'"
            f"GID+1+10:CT'FTX+AAA+++MACHINE PARTS'MEA+AAE+G+KGM:900'SGP+{box}+10'"
        ).encode()
    yield b"UNT+9+1'UNZ+1+1'"


def _write(path: Path, segments: int) -> None:
    with path.open("wb") as file:
        file.writelines(manifest(segments))


def _peer(path: Path, ours_s: float) -> dict[str, float]:
    """Return what pydifact takes for the segments, as segments a second and as times of ours."""
    script = (
        "import sys, time; from pydifact.segmentcollection import Interchange as I; text = open(sys.argv[1]).read();"
        "began = time.process_time(); count = len(I.from_str(text).segments); print(time.process_time() - began, count)"
    )
    try:
        took, count = _run([str(environment()), "-c", script, str(path)]).split()
    except (OSError, subprocess.CalledProcessError, ValueError):
        print("bench: no pydifact in the peers' environment", file=sys.stderr)
        return {}
    return {"pydifact, segments a second": int(count) / float(took), "pydifact, times ours": float(took) / ours_s}


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _read(path: Path) -> dict[str, float]:
    """Return CPU seconds of reading and of splitting alone, what was read, and the most memory that it took."""
    began = time.process_time()
    with path.open("rb") as source:
        found = sum(isinstance(one, Consignment) for one in stream_message(source).parts)
    read_s = time.process_time() - began
    mib = _peak_mib()
    began = time.process_time()
    with path.open("rb") as source:
        for _ in itertools.islice(iter_segments(source, STREAMED), None):
            pass
    return {"read_s": read_s, "split_s": time.process_time() - began, "consignments": found, "mib": mib}


def _peak_mib() -> float:
    """Return the most memory that this program had; ``getrusage`` would tell of the process that began it too."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(match[1]) / 1024 if match else 0.0


if __name__ == "__main__":
    print(json.dumps(_read(Path(sys.argv[1]))))
