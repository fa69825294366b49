"""The lists of the benchmark of the line: invented people in versions of which a thousandth changes, and numbers.

`python -m tests.bench.sync_lists import FOLDER VERSION COUNT`: a process of its own, whose memory is its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from checkpoint_app.central import opening
from checkpoint_app.central.importing import Material, import_version
from checkpoint_app.central.keeping import Declared
from checkpoint_app.demo.lists import SYNTHETIC
from checkpoint_app.demo.names import invent_person
from checkpoint_app.demo.policy import NUMBERS_LIST, WANTED_LIST
from checkpoint_app.screening import ENGINE, Calibration, entry_to_plain
from checkpoint_app.screening.entry import Entry, ListedDate, ListedDocument, Name
from checkpoint_app.screening.numbers.form import Chunk, Head
from checkpoint_app.screening.numbers.look_up import PAGES, sections_of
from checkpoint_app.store import SegmentWriter, Store
from checkpoint_app.wire.header import ListKind, PackageHeader

PASSPHRASE = "the benchmark's own"
THRESHOLD = 14_000
CHANGES_IN = 1_000
"""One entry in so many is added, changed or removed from each version to the next."""
_SEED = 20_261_127
_FIRST_BIRTH, _BIRTH_DAYS = date(1944, 1, 1), 22_000
_CHUNK = 1 << 20
_LETTERS = "ABCDEFGH"


def people(count: int, version: int) -> Iterator[Entry]:
    """Yield ``count`` invented people as they stand in ``version``."""
    rng = Random(_SEED)
    for number in range(count):
        invented = invent_person(rng)
        born = (_FIRST_BIRTH + timedelta(days=rng.randrange(_BIRTH_DAYS))).isoformat()
        entry = Entry(
            id=f"P-{number:07d}",
            schema="Person",
            names=(Name(invented.family, invented.given),),
            birth_dates=(ListedDate(born, born),),
            sex=invented.sex,
            nationalities=(invented.nationality,),
            birth_place=invented.birth_place,
            documents=(ListedDocument(f"{rng.choice(_LETTERS)}{rng.randrange(10**8):08d}", invented.nationality),),
            remarks=f"{SYNTHETIC} {rng.randrange(16**8):08x}",
        )
        yield from _as_in(version, number, entry)


def _as_in(version: int, number: int, entry: Entry) -> Iterator[Entry]:
    """Yield the entry as the versions after the first left it: gone, moved, renamed, or with another beside it."""
    place, turn = number % CHANGES_IN, number // CHANGES_IN % 4
    if not 1 <= place < version:  # in each version another thousandth
        yield entry
        return
    if turn == 0:
        return
    if turn == 1:
        yield replace(entry, birth_dates=(*entry.birth_dates, ListedDate("1999-12-31", "1999-12-31")))
    elif turn == 2:
        yield replace(entry, names=(*entry.names, Name(entry.names[0].family + "EZ", entry.names[0].given)))
    else:
        yield entry
        yield replace(entry, id=f"{entry.id}-{version}")


def import_people(folder: Path, version: int, count: int) -> None:
    """Import a version of the list of persons into the centre in ``folder``."""
    calibration = Calibration(ENGINE, THRESHOLD, 1_000, 1_000, 10_000, count, 1)
    centre = opening.open_centre(folder, PASSPHRASE)
    try:
        made = Material(
            records=lambda _version: map(entry_to_plain, people(count, version)),
            issued_at=datetime.now(UTC).replace(microsecond=0),
            calibration=calibration,
        )
        import_version(centre, Declared(WANTED_LIST, ListKind.PERSONS, "UTO"), made)
    finally:
        opening.close(centre)


def lay_numbers(store: Store, count: int) -> None:
    """Put a list of ``count`` document numbers in force, as a stick would have brought it.

    Their hashes are random, as those of true numbers are.
    """
    head = Head(bytes(range(32)), ("",), count)
    path, key = store.lists.new_segment()
    with SegmentWriter(path, key) as writer:
        for name, data in sections_of(head, _chunks(count)):
            (writer.add_clear if name == PAGES else writer.add)(name, data)
        writer.finish()
    header = PackageHeader(
        name=NUMBERS_LIST, kind=ListKind.DOCUMENTS, version=1, originator="UTO",
        issued_at=datetime.now(UTC).replace(microsecond=0), publisher="0" * 64, record_count=1, plain_bytes=0,
        payload_bytes=0, payload_digest="0" * 64, calibration={"numbers": count, "ranges": 0},
    )  # fmt: skip
    store.lists.stage(header, path, key)
    store.lists.put_in_force(header.name, header.version)


def _chunks(count: int) -> Iterator[Chunk]:
    rng, parts = np.random.default_rng(_SEED), -(-count // _CHUNK)
    width = (1 << 64) // parts
    for part in range(parts):
        size = min(_CHUNK, count - part * _CHUNK)
        hashes = np.unique(rng.integers(0, width, size, np.uint64)) + np.uint64(part * width)
        yield Chunk(hashes, np.zeros(len(hashes), np.uint16))


if __name__ == "__main__":
    import_people(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
