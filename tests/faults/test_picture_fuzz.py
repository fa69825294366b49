"""Mutated picture files: each is read or refused by name; no traceback, no hang, no growth, and a child after each.

The bulk goes through a child that only decodes, under the recogniser's own limits, since it is decoding that meets
what comes from outside; some go the whole way through the image reader. Long form: 100,000 and 1,000 files.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from checkpoint_app.confined import Confined, ConfinedDiedError, ConfinedRefusedError, ConfinedTimeoutError
from checkpoint_app.readers.image import LIMITS, ImageReader
from checkpoint_app.readers.reading import READ_ERRORS, ReadError
from tests.faults.mutator import mutants, seeds
from tests.readers.helpers import TD3, encoded, page

_SEED = 20_261
_MOST_MB = 600
_TIME_S = 60.0  # the machine may have other things to do; a hang is no matter of minutes


def peak_mb(pid: int | None) -> float:
    """Return the most memory that a process has had resident so far, 0 where there is none."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return 0.0
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match[1]) / 1024 if match else 0.0


def decoded(child: Confined, data: bytes) -> str:
    """Return in one word what became of ``data``; a failure of our own code is raised."""
    try:
        child.call(data, _TIME_S)
    except ConfinedRefusedError as refusal:
        return refusal.code
    except ConfinedTimeoutError:
        return "hung"
    except ConfinedDiedError as death:
        if "failed: " in str(death):
            raise
        return "died"
    return "read"


def read(reader: ImageReader, data: bytes) -> str:
    """Return in one word what the reader says about ``data``."""
    try:
        return "valid" if reader.read(data).valid else "nothing"
    except ReadError as error:
        return error.code


@pytest.mark.timeout(3000)
def test_mutated_files_are_decoded_or_refused_by_name(long_campaign: bool) -> None:
    count = 100_000 if long_campaign else 600
    became: Counter[str] = Counter()
    most = 0.0
    with Confined("tests.faults.decoding:factory", LIMITS) as child:
        for name, data in seeds().items():
            assert decoded(child, data) == "read", name
        for number, (_, data) in enumerate(mutants(_SEED, count)):
            became[decoded(child, data)] += 1
            if number % 50 == 0:
                most = max(most, peak_mb(child.pid))
    assert set(became) <= {"read", "died", *READ_ERRORS}, became
    assert became["died"] <= count // 1000, became  # by a native decoder's own abort: another child was started
    assert became["read"] > count // 20
    assert became["unreadable"] > count // 20
    assert most <= _MOST_MB


@pytest.mark.timeout(1500)
def test_mutated_files_through_the_reader_leave_it_ready(long_campaign: bool) -> None:
    count = 1_000 if long_campaign else 12
    with ImageReader(today=lambda: date(2026, 11, 24), timeout_s=_TIME_S) as reader:
        became = {read(reader, data) for _, data in mutants(_SEED + 1, count)}
        assert became <= {"nothing", *READ_ERRORS} - {"too_slow"}
        assert reader.read(encoded(page(TD3))).lines == TD3
        assert peak_mb(reader.pid) <= _MOST_MB
