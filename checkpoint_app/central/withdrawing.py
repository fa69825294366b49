"""Withdrawing: entries that a list must not hold any more, or the whole list, go at once, without a new source.

The version is made of the newest approved one, is as old as that, and counts by the same rule: what removes more than
1 % of a list waits for a second person, since a list without its entries lets the wanted pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from checkpoint_app.central import importing, keeping, lists, series
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.files import locked
from checkpoint_app.central.importing import Imported
from checkpoint_app.central.keeping import Change, Declared, Record, Version
from checkpoint_app.central.lists import SCREENED, Published, VersionState
from checkpoint_app.central.series import Series
from checkpoint_app.screening.fold import fold_number, fold_state
from checkpoint_app.screening.numbers.blocks import from_records, to_records
from checkpoint_app.screening.numbers.form import CATEGORY_BITS, Chunk, number_hash
from checkpoint_app.wire.header import ListKind, PackageHeader

MOST_AT_ONCE = 1000
MOST_BYTES = 32 * 1024
"""Most bytes of the ids withdrawn at once: the act names them."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was made. ``overtaken`` is a version that waited for approval and does no more, 0 where none did."""

    imported: Imported
    overtaken: int


@dataclass(frozen=True, slots=True)
class _From:
    """The list, the version that is withdrawn from, its header and row, and what the next version is."""

    one: Declared
    before: Published
    header: PackageHeader
    row: Version
    version: int
    series: Series | None
    overtaken: int


def withdraw_entries(centre: Centre, name: str, wanted: Sequence[str]) -> Withdrawn:
    """Make a version of the list without the entries ``wanted``: persons by id, document numbers as NUMBER:ISSUER.

    Ranges stay. Raises CentreError: for a list that is none or cannot be, for an entry that is not on it (told by its
    place among those wanted, never by its text), and where none would be left; OSError. Then nothing is kept.
    """
    asked = list(dict.fromkeys(wanted))
    if len(asked) > MOST_AT_ONCE or sum(len(each.encode()) for each in asked) > MOST_BYTES:
        raise CentreError("too_many", f"list {name}: withdraw at most {MOST_AT_ONCE} entries at once, and short ids")
    with locked(centre.folder / "lists"):
        start = _start(centre, name, SCREENED)
        made = (_numbers if start.one.kind is ListKind.DOCUMENTS else _persons)(start, asked)
        about: dict[str, str | int] = {"entries": len(asked)}
        if start.one.kind is ListKind.PERSONS:  # a document number is personal
            about["ids"] = " ".join(asked)

        def judge(header: PackageHeader) -> Change:
            made.check()
            if not header.entries:
                raise CentreError("list_empty", f"list {name}: nothing would be left; withdraw the list itself")
            return _change(start, start.header.entries - header.entries)

        header, change, state = keeping.keep(
            centre, start.one, made.records, version=start.version, issued_at=start.header.issued_at,
            calibration=made.calibration, judge=judge, goes_on=start.series, hashed_anew=False,
            act="entries withdrawn", about=about,
        )  # fmt: skip
    return Withdrawn(Imported(header, state, change), start.overtaken)


def withdraw_list(centre: Centre, name: str) -> Withdrawn:
    """Make the version by which the list is no more; a later import brings it back. Raises CentreError, OSError."""
    with locked(centre.folder / "lists"):
        start = _start(centre, name, (*SCREENED, ListKind.RULES, ListKind.CODES))
        change = replace(_change(start, start.header.entries), withdrawn=True)
        header, change, state = keeping.keep(
            centre, start.one, (), version=start.version, issued_at=start.header.issued_at, calibration={},
            judge=lambda _header: change, withdrawn=True, act="list withdrawn",
        )  # fmt: skip
    return Withdrawn(Imported(header, state, change), start.overtaken)


def _start(centre: Centre, name: str, kinds: Collection[ListKind]) -> _From:
    keeping.sweep(centre)
    with centre.begin() as connection:
        one, before = keeping.declared(connection, name), lists.approved(centre, connection, name)
        if one is None or before is None or before.withdrawn:
            raise CentreError("list_unknown", f"list {name}: there is none to withdraw from", 404)
        if one.kind not in kinds:
            raise CentreError("list_kind", f"list {name}: of a list of this kind no entries are withdrawn, and only "
                              "persons, document numbers, codes and rule sets are withdrawn whole")  # fmt: skip
        importing.check_term(centre, connection, one)
        every = keeping.versions(connection, name)
        row = next(each for each in every if each.version == before.version)
        version, goes_on = keeping.next_version(connection, name, every), series.going_on(centre, connection, name)
    overtaken = every[0].version if every[0].state is VersionState.PENDING else 0
    return _From(one, before, lists.header_of(before), row, version, goes_on, overtaken)


def _change(start: _From, removed: int) -> Change:
    row, entries = start.row, start.header.entries
    return Change(
        removed=removed,
        before=row.version,
        records_before=entries,
        source_version=row.change.source_version,
        source_digest=row.change.source_digest,
        at_once=True,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """The records that are left. ``check`` raises CentreError for an entry that was not there, once all were read."""

    records: Iterable[Record]
    calibration: Mapping[str, int | str]
    check: Callable[[], None]


def _persons(start: _From, wanted: Sequence[str]) -> _Made:
    missing = dict.fromkeys(wanted)

    def left() -> Iterator[Record]:
        gone = frozenset(wanted)
        for record in lists.records_of(start.before):
            if record["id"] in gone:
                missing.pop(record["id"], None)
            else:
                yield record

    return _Made(left(), start.header.calibration, lambda: _check_all(start, wanted, missing))


def _numbers(start: _From, wanted: Sequence[str]) -> _Made:
    """Read the numbers twice: what is left has to be counted before its head can be written."""
    with closing(lists.records_of(start.before)) as records:
        head, chunks = from_records(records)
        asked = [_identity(head.key, head.issuers, each) for each in wanted]
        hashes = np.array([number for number, _issuer in asked], np.uint64)
        found: set[tuple[int, int]] = set()
        removed = 0
        for chunk in chunks:
            places = _places(chunk, hashes, asked)
            gone = Chunk(chunk.hashes[places], chunk.tags[places])
            found |= set(zip(gone.hashes.tolist(), (gone.tags >> CATEGORY_BITS).tolist(), strict=True))
            removed += len(gone)
    _check_all(start, wanted, [each for each, identity in zip(wanted, asked, strict=True) if identity not in found])
    kept = replace(head, count=head.count - removed)

    def left() -> Iterator[Record]:
        with closing(lists.records_of(start.before)) as again:
            yield from to_records(kept, (_without(each, hashes, asked) for each in from_records(again)[1]))

    return _Made(left(), {"numbers": kept.count, "ranges": len(kept.ranges)}, lambda: None)


def _identity(key: bytes, issuers: Sequence[str], text: str) -> tuple[int, int]:
    """Return hash and issuer of NUMBER:ISSUER; the issuer is -1 where the list names it nowhere."""
    number, _, issuer = text.rpartition(":") if ":" in text else (text, "", "")
    state = fold_state(issuer)
    place = issuers.index(state) if state in issuers else -1
    return int.from_bytes(number_hash(key, fold_number(number).encode()), "little"), place


def _places(chunk: Chunk, hashes: npt.NDArray[np.uint64], asked: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Return which numbers of the chunk are asked for."""
    wanted = frozenset(asked)
    places = np.isin(chunk.hashes, hashes)
    for place in np.flatnonzero(places).tolist():
        identity = (int(chunk.hashes[place]), int(chunk.tags[place]) >> CATEGORY_BITS)
        places[place] = identity in wanted
    return places


def _without(chunk: Chunk, hashes: npt.NDArray[np.uint64], asked: Sequence[tuple[int, int]]) -> Chunk:
    kept = ~_places(chunk, hashes, asked)
    return Chunk(chunk.hashes[kept], chunk.tags[kept])


def _check_all(start: _From, wanted: Sequence[str], missing: Iterable[Any]) -> None:
    """Raise CentreError, naming the first that is ``missing`` by its place."""
    first = next(iter(missing), None)
    if first is not None:
        message = (
            f"list {start.one.name}: entry {wanted.index(first) + 1} of those given is not on it; nothing is withdrawn"
        )
        raise CentreError("entry_unknown", message, 404)
