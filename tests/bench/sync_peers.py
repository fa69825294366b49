"""What else brings a changed list to a booth: the whole file again, and rsync of the SQLite file that holds it.

Both get the same people in the same two versions. Bytes are those that the tool itself tells, times follow from them.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack

from checkpoint_app.screening import entry_to_plain
from tests.bench.sync_lists import people

if TYPE_CHECKING:
    from tests.bench.sync import World

_TABLE = "CREATE TABLE people (id TEXT PRIMARY KEY, family TEXT, given TEXT, birth TEXT, entry BLOB) WITHOUT ROWID"
_SENT = re.compile(r"Total bytes (?:sent|received): ([0-9,]+)")


def peers_of(world: World, bytes_s: float) -> dict[str, float]:
    """Return bytes, and seconds at ``bytes_s``, of a full download and of rsync with and without compression."""
    whole = world.package(3).stat().st_size
    peers = {"full_download_bytes": whole, "full_download_s": whole / bytes_s}
    if shutil.which("rsync") is None:
        return peers
    there, here = world.folder / "people-new.db", world.folder / "people.db"
    _write(here, world.persons, 1)
    shutil.copyfile(here, there)
    _update(there, world.persons)
    for name, options in (("rsync", ()), ("rsync_z", ("-z",))):
        copy = world.folder / f"{name}.db"
        shutil.copyfile(here, copy)
        sent = _rsync(there, copy, options)
        peers |= {f"{name}_bytes": sent, f"{name}_s": sent / bytes_s}
        copy.unlink()
    return peers


def _rows(count: int, version: int) -> Iterator[tuple[str, str, str, str, bytes]]:
    for entry in people(count, version):
        name = entry.names[0]
        yield entry.id, name.family, name.given, entry.birth_dates[0].first, msgpack.packb(entry_to_plain(entry))


def _write(path: Path, count: int, version: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute(_TABLE)
        db.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", _rows(count, version))
    db.close()


def _update(path: Path, count: int) -> None:
    """Bring the file to the second version as a program would that keeps it: rows that changed, and no others."""
    with sqlite3.connect(path) as db:
        db.execute("CREATE TEMP TABLE newer (id TEXT PRIMARY KEY, family, given, birth, entry)")
        db.executemany("INSERT INTO newer VALUES (?, ?, ?, ?, ?)", _rows(count, 2))
        db.execute("DELETE FROM people WHERE id NOT IN (SELECT id FROM newer)")
        db.execute(
            "INSERT OR REPLACE INTO people SELECT * FROM newer AS n WHERE NOT EXISTS"
            " (SELECT 1 FROM people AS p WHERE p.id = n.id AND p.entry = n.entry)"
        )
    db.close()


def _rsync(source: Path, target: Path, options: tuple[str, ...]) -> float:
    command = ["rsync", "--ignore-times", "--no-whole-file", "--inplace", "--stats", *options, str(source), str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(sum(int(found.replace(",", "")) for found in _SENT.findall(done.stdout)))
