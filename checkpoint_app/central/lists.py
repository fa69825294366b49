"""The list versions that are in use at the centre, and their records: what questions and events are answered by."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Row, func, select

from checkpoint_app.central import agreements, database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.verdict.policy import Policy
from checkpoint_app.wire.canonical import read_canonical
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, TamperedError, read_untrusted_header
from checkpoint_app.wire.package import iter_records, verify_payload
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.repository import PACKAGE_ENDING

SCREENED = (ListKind.PERSONS, ListKind.DOCUMENTS)
MAX_CHANGE_BYTES = 4096
"""Most bytes of what a version's row tells of its change."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # a list's name is a file's, a role's and a part of URLs


class VersionState(StrEnum):
    """How a version stands: ``pending`` wants a second approver, ``retired`` is no more kept."""

    PENDING = "pending"
    READY = "ready"
    PUBLISHED = "published"
    REFUSED = "refused"
    RETIRED = "retired"


HERE = (VersionState.PENDING, VersionState.READY, VersionState.PUBLISHED)
"""States of versions whose packages are kept."""
_SERVED = (VersionState.PUBLISHED,)
_APPROVED = (VersionState.READY, VersionState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Published:
    """A version in use. ``content_key`` is empty where the package at ``path`` is not sealed.

    ``digest`` is that of the payload, ``agreement`` the term as it stands now, which may be another than when the
    package was made. ``withdrawn``: by this version the list is no more.
    ``purged``: its agreement has ended, and neither package nor key is here any more.
    """

    name: str
    version: int
    kind: ListKind
    silent: bool
    path: Path
    content_key: bytes = field(repr=False)
    digest: str = ""
    agreement: Agreement | None = None
    withdrawn: bool = False
    purged: bool = False

    def ended(self, now: datetime) -> bool:
        """Tell whether the agreement that lets the list be used has ended at ``now``."""
        return self.agreement is not None and now >= self.agreement.ends_at


def package_path(centre: Centre, name: str, version: int) -> Path:
    """Return where the package of a version lies."""
    return centre.folder / "lists" / f"{name}-{version}{PACKAGE_ENDING}"


def content_secret(name: str, first: int) -> str:
    """Return the name of the secret that is the content key of the series that began with version ``first``."""
    return f"content {name} {first}"


def first_of_series(connection: Connection, name: str, key_id: str) -> int:
    """Return the version that began the series whose content key has that id; there is one."""
    versions = database.versions
    mine = (versions.c.list == name) & (versions.c.key_id == key_id)
    first: int = connection.execute(select(func.min(versions.c.version)).where(mine)).scalar_one()
    return first


def publisher_secret(name: str) -> str:
    """Return the name of the secret that is the raw Ed25519 key of the list's publisher."""
    return f"publisher {name}"


def newest(centre: Centre, connection: Connection) -> list[Published]:
    """Return what to screen by, in order of name: of each list of persons or documents the version a booth would get.

    Of a silent list it is the newest that is ready. Lists whose agreement has ended are among them, with that term, and
    those that were purged, with the last version that there was.
    """
    return [one for one in in_use(centre, connection) if one.kind in SCREENED]


def in_use(centre: Centre, connection: Connection) -> list[Published]:
    """As ``newest``, for lists of every kind; a list that is withdrawn is in use no more."""
    lists = database.lists
    rows = connection.execute(select(lists).order_by(lists.c.name)).all()
    found = (
        _find(centre, connection, row, _APPROVED if row.silent else _SERVED) or _purged(centre, connection, row)
        for row in rows
    )
    return [one for one in found if one is not None and not one.withdrawn]


def going_out(centre: Centre, connection: Connection) -> list[Published]:
    """Return the newest ready version of each list that is not silent: what the next publication brings."""
    lists = database.lists
    rows = connection.execute(select(lists).where(lists.c.silent.is_(False)).order_by(lists.c.name)).all()
    found = (_find(centre, connection, row, (VersionState.READY,)) for row in rows)
    return [one for one in found if one is not None]


def approved(centre: Centre, connection: Connection, name: str) -> Published | None:
    """Return the newest version of the list that is ready or published, or None."""
    row = connection.execute(select(database.lists).where(database.lists.c.name == name)).one_or_none()
    return None if row is None else _find(centre, connection, row, _APPROVED)


def of_version(centre: Centre, connection: Connection, name: str, version: int) -> Published | None:
    """Return that version of the list while its package is kept, or None."""
    row = connection.execute(select(database.lists).where(database.lists.c.name == name)).one_or_none()
    return None if row is None else _find(centre, connection, row, _APPROVED, version)


def open_records(_centre: Centre, one: Published) -> tuple[PackageHeader, Iterator[dict[str, Any]]]:
    """Return the header, with the agreement as it stands now, and the records one at a time.

    Only the end of the iteration proves that all were read and are those imported. Raises CentreError
    (``list_damaged``), also while iterating.
    """
    header = header_of(one)
    return replace(header, agreement=one.agreement or header.agreement), records_of(one)


def policy(centre: Centre, connection: Connection) -> Policy | None:
    """Return the post's published policy, or None before there is one. Raises CentreError."""
    for one in in_use(centre, connection):
        if one.kind is ListKind.POLICY:
            (record,) = open_records(centre, one)[1]
            return from_plain(Policy, record)
    return None


def marks(connection: Connection) -> tuple[tuple[str, ...], ...]:
    """Return what changes when anything in ``newest`` or ``policy`` does; cheap to read and to compare."""
    versions, agreements = database.versions, database.agreements
    rows = connection.execute(
        select(versions.c.list, versions.c.state, func.max(versions.c.version))
        .where(versions.c.state.in_(_APPROVED))
        .group_by(versions.c.list, versions.c.state)
        .order_by(versions.c.list, versions.c.state)
    )
    terms = connection.execute(
        select(agreements.c.name, agreements.c.begins_at, agreements.c.ends_at).order_by(agreements.c.name)
    )
    return (*((name, state, str(version)) for name, state, version in rows), *(tuple(row) for row in terms))


def _find(
    centre: Centre, connection: Connection, row: Row[Any], states: tuple[VersionState, ...], version: int | None = None
) -> Published | None:
    """Return the newest version, or that one, in one of ``states``, of the list that ``row`` declares."""
    versions = database.versions
    wanted = select(versions).where(versions.c.list == row.name, versions.c.state.in_(states))
    if version is not None:
        wanted = wanted.where(versions.c.version == version)
    found = connection.execute(wanted.order_by(versions.c.version.desc()).limit(1)).one_or_none()
    return None if found is None else _published(centre, connection, row, found)


def _purged(centre: Centre, connection: Connection, row: Row[Any]) -> Published | None:
    """Return the last version of a list whose agreement has ended, and that was given up with all before it."""
    if row.agreement is None or centre.now() < agreements.get(connection, row.agreement).ends_at:
        return None
    versions = database.versions
    mine = select(versions).where(versions.c.list == row.name, versions.c.state != VersionState.REFUSED.value)
    last = connection.execute(mine.order_by(versions.c.version.desc()).limit(1)).one_or_none()
    if last is None or last.state != VersionState.RETIRED:
        return None
    return _described(centre, connection, row, last, b"", purged=True)


def _published(centre: Centre, connection: Connection, row: Row[Any], version: Row[Any]) -> Published:
    key: bytes | None = b""
    if version.key_id:
        key = centre.secret(connection, content_secret(row.name, first_of_series(connection, row.name, version.key_id)))
    if key is None:
        raise CentreError("key_missing", f"list {row.name} {version.version}: its content key is gone; import it again")
    return _described(centre, connection, row, version, key)


def _described(
    centre: Centre, connection: Connection, row: Row[Any], version: Row[Any], key: bytes, *, purged: bool = False
) -> Published:
    return Published(
        name=row.name,
        version=version.version,
        kind=ListKind(row.kind),
        silent=row.silent,
        path=package_path(centre, row.name, version.version),
        content_key=key,
        digest=version.digest,
        agreement=agreements.get(connection, row.agreement).term if row.agreement else None,
        withdrawn=read_canonical(version.change.encode(), MAX_CHANGE_BYTES).get("withdrawn") is True,
        purged=purged,
    )


def header_of(one: Published) -> PackageHeader:
    """Return the header of the version's package, as it was made. Raises CentreError (``list_damaged``)."""
    with _damage_of(one), one.path.open("rb") as stream:
        return _header(one, stream)


def check_whole(one: Published) -> None:
    """Read the version's package through. Raises CentreError (``list_damaged``) unless it is the one that was made."""
    with _damage_of(one), one.path.open("rb") as stream:
        verify_payload(stream, _header(one, stream))


def records_of(one: Published) -> Generator[dict[str, Any], None, None]:
    """Yield the records of the version. Raises CentreError (``list_damaged``), at the latest at their end."""
    with _damage_of(one), one.path.open("rb") as stream:
        yield from iter_records(stream, _header(one, stream), one.content_key or None)


def _header(one: Published, stream: BinaryIO) -> PackageHeader:
    header = read_untrusted_header(stream)
    if (header.name, header.version, header.payload_digest) != (one.name, one.version, one.digest):
        raise TamperedError("it is another package than the row names")
    return header


@contextlib.contextmanager
def _damage_of(one: Published) -> Iterator[None]:
    """Turn what is wrong with the version's file into the room's error."""
    try:
        yield
    except (OSError, PackageError) as error:
        message = f"list {one.name} {one.version}: its file is damaged or gone; import the list again"
        raise CentreError("list_damaged", message) from error
