"""Keeping lists: what each was declared to be, and its versions, each a package in the folder and a row that names it.

The file is complete and durable before its row is there, so a row never names half of one; a file without a row is a
stray of a crash and is swept away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, func, select, update

from checkpoint_app.central import acts, agreements, database, series
from checkpoint_app.central.centre import Centre, CentreError, fact, keep_fact
from checkpoint_app.central.files import HALF, create_private, fill_whole, private_folder
from checkpoint_app.central.lists import HERE, MAX_CHANGE_BYTES, NAME, VersionState, package_path, publisher_secret
from checkpoint_app.central.series import Series
from checkpoint_app.central.transactions import retried
from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.codes import CODE_LISTS
from checkpoint_app.wire.header import MAX_TEXT, ListKind, PackageHeader
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.rules import list_name_of
from checkpoint_app.wire.sealing import new_key

Record = Mapping[str, Any]
OFFICERS = "officers"
_RESERVED = frozenset({"root", "targets", "snapshot", "timestamp"})  # roles of The Update Framework itself
_FLOOR = "list versions from"
_PROMISE, _PROMISED = "promise of", "promised"
_GAP = 1000  # more versions of a list than are ever made between two backups


@dataclass(frozen=True, slots=True)
class Declared:
    """What a list was declared to be. ``partner_key`` (raw Ed25519) signs its sources; without one it is the post's."""

    name: str
    kind: ListKind
    originator: str
    agreement: str | None = None
    partner_key: bytes | None = None
    silent: bool = False
    handling: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a version changes in the version ``before`` (0: it is the first), and the source that it was made from.

    ``kinds`` counts the changed persons by what changed in them (`comparing.KINDS`). ``withdrawn``: the list is no
    more. ``at_once``: booths get it as soon as it is approved, or needs no approval.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    before: int = 0
    records_before: int = 0
    source_version: int = 0
    source_digest: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict)
    withdrawn: bool = False
    at_once: bool = False

    @property
    def wants_approval(self) -> bool:
        """Whether a second person must look: more than 5 % added or changed, or more than 1 % removed."""
        touched = self.added + self.changed
        return self.before > 0 and (100 * touched > 5 * self.records_before or 100 * self.removed > self.records_before)


@dataclass(frozen=True, slots=True)
class Version:
    """A version as its row tells it."""

    name: str
    version: int
    state: VersionState
    issued_at: datetime
    records: int
    change: Change
    imported_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class _Told:
    """The act that is written of a version, and what it tells beside what every such act does."""

    act: str
    about: Mapping[str, str | int]


def check(connection: Connection, one: Declared) -> None:
    """Raise CentreError unless the list is declared so, or can be."""
    known = declared(connection, one.name)
    if known is None:
        _check_new(connection, one)
    elif known != one:
        raise CentreError("list_declared", f"list {one.name}: it is declared otherwise, for good; take another name")


def _declare(centre: Centre, connection: Connection, new: Declared) -> None:
    row = {
        "name": new.name,
        "kind": new.kind.value,
        "originator": new.originator,
        "agreement": new.agreement,
        "partner_key": new.partner_key,
        "silent": new.silent,
        "handling": canonical_bytes(list(new.handling)).decode(),
    }
    connection.execute(database.lists.insert().values(**row))
    about = {"name": new.name, "kind": new.kind.value, "agreement": new.agreement or "", "silent": new.silent}
    acts.act(centre, connection, "list declared", about)


def _check_new(connection: Connection, new: Declared) -> None:
    if not NAME.fullmatch(new.name) or new.name in _RESERVED:
        raise CentreError("list_name", "a list is named by 1 to 64 letters, digits, dots and dashes; take another name")
    if not all(0 < len(text) <= MAX_TEXT and text.isprintable() for text in (new.originator, *new.handling)):
        raise CentreError("list_text", f"list {new.name}: originator and handling codes are printable texts")
    rules = new.kind is ListKind.RULES
    _check_own_name(new)
    if (new.partner_key is None) != (new.agreement is None) and not (rules and new.agreement is None):
        raise CentreError(
            "list_partner", f"list {new.name}: a partner's list needs --agreement and --partner-key, both"
        )
    if new.agreement is not None:
        agreements.get(connection, new.agreement)
    small = new.kind not in (ListKind.PERSONS, ListKind.DOCUMENTS, ListKind.RULES)
    if small and (new.silent or new.agreement is not None):
        raise CentreError(
            "list_kind", f"list {new.name}: a list of this kind is the post's own, and reaches every booth"
        )
    one_alone = small and new.kind is not ListKind.CODES
    if one_alone and connection.execute(select(database.lists).where(database.lists.c.kind == new.kind.value)).first():
        raise CentreError("list_kind", f"list {new.name}: there is a list of this kind already, and one is the most")


def _check_own_name(new: Declared) -> None:
    """Raise CentreError where a list of this kind has another name."""
    name = new.name
    if new.kind is ListKind.CODES and name not in CODE_LISTS:
        raise CentreError("list_name", f"list {name}: a list of codes is named {' or '.join(CODE_LISTS)}")
    if new.kind is not ListKind.RULES:
        return
    try:
        right = list_name_of(name) == name
    except ValueError:
        right = False
    if not right:
        raise CentreError("list_name", f"list {name}: a list of rules is named as its set is, in lower case, by "
                          "letters, digits and dashes")  # fmt: skip


def declared(connection: Connection, name: str) -> Declared | None:
    """Return what the list was declared to be, or None."""
    row = connection.execute(select(database.lists).where(database.lists.c.name == name)).one_or_none()
    if row is None:
        return None
    handling = tuple(read_canonical(row.handling.encode(), MAX_CHANGE_BYTES))
    return Declared(row.name, ListKind(row.kind), row.originator, row.agreement, row.partner_key, row.silent, handling)


def names_of(connection: Connection, kind: ListKind) -> list[str]:
    """Return the names of the lists of a kind, in their order."""
    table = database.lists
    return list(connection.scalars(select(table.c.name).where(table.c.kind == kind.value).order_by(table.c.name)))


def publisher(centre: Centre, connection: Connection, name: str) -> Ed25519PrivateKey:
    """Return the key of the list's publisher, made where there is none."""
    kept = centre.secret(connection, publisher_secret(name))
    if kept is None:
        kept = Ed25519PrivateKey.generate().private_bytes_raw()
        centre.keep_secret(connection, publisher_secret(name), kept)
    return Ed25519PrivateKey.from_private_bytes(kept)


def term_of(connection: Connection, one: Declared) -> Agreement | None:
    """Return the agreement that the list rests on, with its term as it stands now."""
    return agreements.get(connection, one.agreement).term if one.agreement else None


# -- versions ---------------------------------------------------------------------------------------------------------


def versions(connection: Connection, name: str) -> list[Version]:
    """Return all versions of the list ever made, newest first."""
    table = database.versions
    rows = connection.execute(select(table).where(table.c.list == name).order_by(table.c.version.desc()))
    return [_read(row) for row in rows]


def next_version(connection: Connection, name: str, every: Sequence[Version]) -> int:
    """Return the number that the next version of a list has, where its source has none that is higher."""
    floor = fact(connection, f"{_FLOOR} of {name}") or fact(connection, _FLOOR) or "1"
    return max(every[0].version + 1 if every else 1, int(floor))


def leave_gap(connection: Connection) -> int:
    """Let all lists go on above what booths may hold of versions that a restored centre has lost; return how far above.

    A list that the centre does not know any more begins there.
    """
    table = database.versions
    newest = connection.execute(select(table.c.list, func.max(table.c.version).label("version")).group_by(table.c.list))
    for row in newest.all():
        before = int(fact(connection, f"{_FLOOR} of {row.list}") or "0")
        keep_fact(connection, f"{_FLOOR} of {row.list}", str(max(row.version, before) + _GAP))
    keep_fact(connection, _FLOOR, str(int(fact(connection, _FLOOR) or "1") + _GAP))
    return _GAP


def promised(connection: Connection, name: str, version: int) -> int | None:
    """Return the false hits in a million clean travellers that a version was calibrated for; None: not known.

    It stays known when the package is gone: Encounters of years ago are measured by it.
    """
    kept = fact(connection, f"{_PROMISE} {name} {version}")
    return None if kept is None else int(kept)


def newest_approved(connection: Connection, name: str) -> Version | None:
    """Return the newest version that is ready or published: the one that the next is compared with."""
    approved = (VersionState.READY, VersionState.PUBLISHED)
    return next((one for one in versions(connection, name) if one.state in approved), None)


def waiting(centre: Centre) -> list[str]:
    """Return the versions that wait for a second person, such as ``ECU 89``."""
    table = database.versions
    with centre.begin() as connection:
        pending = select(table.c.list, table.c.version).where(table.c.state == VersionState.PENDING.value)
        return [f"{row.list} {row.version}" for row in connection.execute(pending.order_by(table.c.list))]


def keep(
    centre: Centre,
    one: Declared,
    records: Iterable[Record],
    *,
    version: int,
    issued_at: datetime,
    calibration: Mapping[str, int | str],
    judge: Callable[[PackageHeader], Change],
    goes_on: Series | None = None,
    withdrawn: bool = False,
    hashed_anew: bool = True,
    act: str = "list imported",
    about: Mapping[str, str | int] | None = None,
) -> tuple[PackageHeader, Change, VersionState]:
    """Write the package of a version, then its row, and declare the list with its first.

    The version ``goes_on`` with that series; without one it gets a content key of its own, and begins a series unless
    its document numbers are not ``hashed_anew``: nothing goes on under a hashing key that was given up. One by which
    the list is ``withdrawn`` has no records and is not sealed. ``act`` is written of it, with ``about`` beside what
    every such act tells. ``judge`` tells what it changes, once all records are through. Hold the lock of the lists'
    folder meanwhile. Raises what ``records`` and ``judge`` raise, OSError, and what the database raises; then there is
    no row, and at most a stray that nobody has a name for.
    """
    public = (ListKind.POLICY, ListKind.SIGNERS, ListKind.BOOTHS, ListKind.CODES)  # nothing in these is secret
    sealed = one.kind not in public and not withdrawn
    own_key = new_key() if sealed and goes_on is None else None
    content_key = own_key if goes_on is None else goes_on.content_key
    with centre.begin() as connection:
        signer, term = publisher(centre, connection, one.name), term_of(connection, one)
    path = package_path(centre, one.name, version)

    def write(file: BinaryIO, scratch: BinaryIO | None) -> PackageHeader:
        return write_package(
            file, records, signer, name=one.name, kind=one.kind, version=version, originator=one.originator,
            issued_at=issued_at, agreement=term, handling=one.handling, calibration=calibration,
            content_key=content_key, scratch=scratch, withdrawn=withdrawn,
        )  # fmt: skip

    private_folder(path.parent)
    header = fill_whole(path, lambda file: _with_scratch(path, file, write, sealed=sealed))
    try:
        change = judge(header)
    except BaseException:
        path.unlink()
        raise
    state = VersionState.PENDING if change.wants_approval else VersionState.READY
    told = _Told(act, dict(about or {}))
    is_last = own_key is not None and one.kind is ListKind.DOCUMENTS and not hashed_anew
    retried(centre, lambda connection: _note(centre, connection, one, header, change, state, own_key, told, is_last))
    return header, change, state


def _with_scratch(
    path: Path, file: BinaryIO, write: Callable[[BinaryIO, BinaryIO | None], PackageHeader], *, sealed: bool
) -> PackageHeader:
    """Let a sealed payload wait in a file rather than in memory; what is not sealed is small, and never rests twice."""
    if not sealed:
        return write(file, None)
    scratch_path = path.with_name(path.name + ".payload" + HALF)
    try:
        with create_private(scratch_path) as scratch:
            return write(file, scratch)
    finally:
        scratch_path.unlink(missing_ok=True)


def _note(
    centre: Centre,
    connection: Connection,
    one: Declared,
    header: PackageHeader,
    change: Change,
    state: VersionState,
    own_key: bytes | None,
    told: _Told,
    is_last: bool,
) -> None:
    """Note the version, with the content key that it begins a series with; one that still waited is overtaken by it.

    ``is_last``: the series ends with it.
    """
    if declared(connection, one.name) is None:
        _declare(centre, connection, one)
    promise = header.calibration.get(_PROMISED)
    if isinstance(promise, int):
        keep_fact(connection, f"{_PROMISE} {header.name} {header.version}", str(promise))
    table = database.versions
    overtaken = (table.c.list == header.name) & (table.c.state == VersionState.PENDING)
    key_ids = connection.scalars(select(table.c.key_id).where(overtaken)).all()
    connection.execute(update(table).where(overtaken).values(state=VersionState.REFUSED.value))
    row = {
        "list": header.name,
        "version": header.version,
        "state": state.value,
        "issued_at": to_plain(header.issued_at),
        "records": header.entries,
        "key_id": header.key_id,
        "digest": header.payload_digest,
        "change": canonical_bytes(to_plain(change)).decode(),
        "imported_at": to_plain(centre.now()),
        "imported_by": acts.who(),
        "approved_by": "",
    }
    connection.execute(table.insert().values(**row))
    about: dict[str, str | int] = {"name": header.name, "version": header.version, "state": state.value}
    about |= {"records": header.entries, "before": change.before}
    about |= {"added": change.added, "changed": change.changed, "removed": change.removed}
    acts.act(centre, connection, told.act, {**about, **told.about})
    if own_key is not None:
        series.begin(centre, connection, header.name, header.version, own_key)
    if is_last:
        series.end(connection, header.name)
    series.forget_unused(centre, connection, header.name, key_ids)


def sweep(centre: Centre) -> None:
    """Remove every file in the lists' folder that no version in use or waiting names. Hold the folder's lock."""
    folder = private_folder(centre.folder / "lists")
    table = database.versions
    with centre.begin() as connection:
        rows = connection.execute(select(table.c.list, table.c.version).where(table.c.state.in_(HERE)))
        named = {package_path(centre, row.list, row.version).name for row in rows}
    for path in folder.iterdir():
        if path.name not in named and path.name != "lock":
            path.unlink()


def retire(centre: Centre, connection: Connection, name: str, oldest: int) -> None:
    """Give up the versions before ``oldest``, and the keys of series that none is left of. ``sweep`` afterwards."""
    table = database.versions
    gone = (table.c.list == name) & (table.c.version < oldest) & table.c.state.in_(HERE)
    key_ids = connection.scalars(select(table.c.key_id).where(gone)).all()
    connection.execute(update(table).where(gone).values(state=VersionState.RETIRED.value))
    series.forget_unused(centre, connection, name, key_ids)


def _read(row: Row[Any]) -> Version:
    return Version(
        name=row.list,
        version=row.version,
        state=VersionState(row.state),
        issued_at=from_plain(datetime, row.issued_at),
        records=row.records,
        change=from_plain(Change, read_canonical(row.change.encode(), MAX_CHANGE_BYTES)),
        imported_by=row.imported_by,
        approved_by=row.approved_by,
    )
