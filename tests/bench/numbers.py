"""A list of document numbers as long as asked: built, packed, written down, looked up, changed.

Each step is a process of its own, so that its memory is its own. All numbers are invented: a letter and eight digits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.screening.entry import DocumentCategory
from checkpoint_app.screening.numbers.build import NumberBuilder
from checkpoint_app.screening.numbers.delta import NumberDelta
from checkpoint_app.screening.numbers.form import Chunk, joined, key_id, ordered
from checkpoint_app.screening.numbers.look_up import PAGES, DocumentList, build_documents
from checkpoint_app.screening.segment import load
from checkpoint_app.store.segments import SegmentReader, SegmentWriter
from checkpoint_app.wire.header import ListKind, read_untrusted_header
from checkpoint_app.wire.package import iter_records, write_package

KEY = b"\x07" * 32
ISSUERS = ("ECU", "CHL", "PER", "COL", "UTO", "D", "", "BRA")
CATEGORIES = tuple(DocumentCategory)
BLOCK = 50_000
SAMPLE = 200_000
ABSENT = 1_000_000
COLD = 200
_LETTERS = "ABCDEFGH"  # listed ones; none of them is taken for a digit
_ABSENT_LETTER = "Z"
_SCATTER = 61_803_399  # has no divisor in common with 10**8, so each place gets digits of its own
_TENS = 10 ** np.arange(7, -1, -1)


def run_numbers(count: int) -> dict[str, float]:
    """Return the figures of a list of ``count`` numbers; needs 25 bytes of disk for each, below TMPDIR.

    Seconds (``_s``), milliseconds (``_ms``), microseconds (``_us``), MiB (``_mib``) and bytes; ``_found`` are counts.
    """
    figures: dict[str, float] = {"count": count}
    with tempfile.TemporaryDirectory(prefix="numbers") as folder:
        for step in _STEPS:
            command = [sys.executable, "-m", "tests.bench.numbers", step, str(count), folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            figures |= json.loads(done.stdout)
    return figures


def texts(first: int, last: int, letter: str = "") -> list[bytes]:
    """Return the invented numbers from ``first`` up to ``last``."""
    places = np.arange(first, last)
    made = np.empty((len(places), 9), np.uint8)
    letters = np.frombuffer((letter * len(_LETTERS) if letter else _LETTERS).encode(), np.uint8)
    made[:, 0] = letters[places // 10**8 % len(letters)]
    made[:, 1:] = (places * _SCATTER % 10**8)[:, None] // _TENS % 10 + ord("0")
    found: list[bytes] = made.view("S9").ravel().tolist()
    return found


def listed_as(place: int) -> tuple[str, DocumentCategory]:
    """Return issuer and category of a number by its place."""
    block = place // BLOCK
    return ISSUERS[block % len(ISSUERS)], CATEGORIES[block % len(CATEGORIES)]


# -- the steps, each in a child ----------------------------------------------------------------------------------------


def _build(count: int, folder: Path) -> dict[str, float]:
    """Hash and sort all numbers, and write the sealed package."""
    began = time.perf_counter()
    with tempfile.TemporaryFile(dir=folder) as scratch, tempfile.TemporaryFile(dir=folder) as payload:
        builder = NumberBuilder(scratch)
        for first in range(0, count, BLOCK):
            issuer, category = listed_as(first)
            builder.extend(texts(first, min(count, first + BLOCK)), issuer, category)
        hashed = time.perf_counter()
        head = builder.finish()
        sorted_at = time.perf_counter()
        with (folder / "package").open("wb") as file:
            write_package(
                file, builder.records(), Ed25519PrivateKey.generate(), name="INTL", kind=ListKind.DOCUMENTS, version=1,
                originator="INTL", issued_at=datetime(2026, 11, 1, tzinfo=UTC), content_key=KEY, scratch=payload,
                calibration=builder.counts,
            )  # fmt: skip
    packed = time.perf_counter()
    if head.count != count:
        raise RuntimeError(f"{count - head.count} numbers are lost")
    return {
        "hash_s": hashed - began,
        "sort_s": sorted_at - hashed,
        "pack_s": packed - sorted_at,
        "build_s": packed - began,
        "build_mib": _peak(),
        "package_bytes_a_number": (folder / "package").stat().st_size / count,
    }


def _write(count: int, folder: Path) -> dict[str, float]:
    """Do what a booth's child does: from the package to the segment."""
    began = time.perf_counter()
    with (folder / "package").open("rb") as stream:
        header = read_untrusted_header(stream)
        with SegmentWriter(folder / "segment", KEY) as writer:
            for name, data in build_documents(iter_records(stream, header, KEY)):
                (writer.add_clear if name == PAGES else writer.add)(name, data)
            writer.finish()
    (folder / "package").unlink()
    return {
        "write_s": time.perf_counter() - began,
        "write_mib": _peak(),
        "bytes_a_number": (folder / "segment").stat().st_size / count,
    }


def _look_up(count: int, folder: Path) -> dict[str, float]:
    """Look numbers up, warm and cold, and with a day's change."""
    dice = Random(5)
    before = _status("VmRSS")
    began = time.perf_counter()
    listed = _loaded(folder)
    loaded = time.perf_counter() - began
    sample = [dice.randrange(count) for _ in range(SAMPLE)]
    figures = {"load_ms": loaded * 1e3}
    for place in sample[:10_000]:
        _found(listed, place)
    figures |= {"rss_mib": _status("VmRSS") - before, "rss_file_mib": _status("RssFile")}
    found = sum(_found(listed, place) for place in sample)
    times = _times(lambda place: _found(listed, place), sample[:20_000])
    figures |= {"present_found": found, "warm_us": float(np.median(times)) * 1e6}
    figures |= _cold(listed, folder, [dice.randrange(count) for _ in range(COLD)])
    figures["probe_us"] = float(np.median(_times(listed.tags_of, [dice.getrandbits(64) for _ in range(20_000)]))) * 1e6
    absent = texts(0, ABSENT, _ABSENT_LETTER)
    began = time.perf_counter()
    figures["absent_found"] = sum(bool(listed.look_up(text.decode(), "")) for text in absent)
    figures["absent_us"] = (time.perf_counter() - began) / ABSENT * 1e6
    return figures | _changed(listed, count)


def _changed(listed: DocumentList, count: int) -> dict[str, float]:
    """Take in a day's change of one in a thousand, half of it new, half of it gone."""
    size = max(2, count // 2000)
    other = NumberBuilder(key=listed.head.key, issuers=listed.head.issuers[1:])
    other.extend(texts(0, size, "Y"), "UTO", DocumentCategory.STOLEN)
    other.finish()
    removed = ordered(*_first(listed, size))
    delta = NumberDelta(key_id(listed.head.key), listed.head.issuers, (), joined(other.chunks()), removed)
    sent = _packed(list(delta.to_records()))
    began = time.perf_counter()
    newer = listed.with_delta(NumberDelta.from_records(delta.to_records()))
    applied = time.perf_counter() - began
    new = [text.decode() for text in texts(0, min(size, 20_000), "Y")]
    times = _times(lambda text: newer.look_up(text, "UTO"), new)
    return {
        "delta_bytes": sent,
        "delta_changes": 2 * size,
        "delta_apply_ms": applied * 1e3,
        "delta_warm_us": float(np.median(times)) * 1e6,
        "delta_missing": sum(not newer.look_up(text, "UTO") for text in new),
        "delta_left_count": len(newer),
    }


def _first(listed: DocumentList, size: int) -> tuple[Any, Any]:
    parts: list[Chunk] = []
    for chunk in listed.chunks():
        step = max(1, len(listed) // size)
        parts.append(Chunk(chunk.hashes[::step], chunk.tags[::step]))
        if sum(map(len, parts)) >= size:
            break
    whole = joined(parts).part(0, size)
    return whole.hashes, whole.tags


def _packed(records: list[dict[str, Any]]) -> int:
    import io

    stream = io.BytesIO()
    write_package(
        stream, records, Ed25519PrivateKey.generate(), name="INTL", kind=ListKind.DOCUMENTS, version=2,
        originator="INTL", issued_at=datetime(2026, 11, 2, tzinfo=UTC), content_key=KEY,
    )  # fmt: skip
    return len(stream.getvalue())


def _cold(listed: DocumentList, folder: Path, places: list[int]) -> dict[str, float]:
    """Drop the file from the page cache before each look-up."""
    times = []
    file = os.open(folder / "segment", os.O_RDONLY)
    try:
        for place in places:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            times += _times(lambda one: _found(listed, one), [place])
    finally:
        os.close(file)
    return {"cold_ms": float(np.median(times)) * 1e3, "cold_worst_ms": max(times) * 1e3}


def _loaded(folder: Path) -> DocumentList:
    with SegmentReader(folder / "segment", KEY) as segment:
        listed = load("documents", {name: segment.section(name) for name in segment.sections()})
    assert isinstance(listed, DocumentList)
    return listed


def _found(listed: DocumentList, place: int) -> bool:
    issuer, category = listed_as(place)
    number = f"{_LETTERS[place // 10**8 % len(_LETTERS)]}{place * _SCATTER % 10**8:08}"
    return any(match.exact and match.category is category for match in listed.look_up(number, issuer))


def _times(act: Callable[[Any], object], about: list[Any]) -> list[float]:
    times = []
    for one in about:
        began = time.perf_counter()
        act(one)
        times.append(time.perf_counter() - began)
    return times


def _peak() -> float:
    return _status("VmHWM")


def _status(name: str) -> float:
    """Return a figure of /proc/self/status in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


_STEPS: dict[str, Callable[[int, Path], dict[str, float]]] = {"build": _build, "write": _write, "look_up": _look_up}


def _lines() -> Iterator[str]:
    step, count, folder = sys.argv[1:]
    yield json.dumps(_STEPS[step](int(count), Path(folder)))


if __name__ == "__main__":
    print("\n".join(_lines()))
