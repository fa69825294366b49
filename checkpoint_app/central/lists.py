"""The list versions that are in use at the centre, and their records: what questions and events are answered by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.verdict.policy import Policy
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_untrusted_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.repository import PACKAGE_ENDING

SCREENED = (ListKind.PERSONS, ListKind.DOCUMENTS)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # a list's name is a file's, a role's and a part of URLs


class VersionState(StrEnum):
    """How a version stands: ``pending`` wants a second approver, ``retired`` is no more kept."""

    PENDING = "pending"
    READY = "ready"
    PUBLISHED = "published"
    REFUSED = "refused"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Published:
    """A version in use. ``content_key`` is empty where the package at ``path`` is not sealed.

    ``digest`` is that of the payload, ``agreement`` the term as it stands now, which may be another than when the
    package was made.
    """

    name: str
    version: int
    kind: ListKind
    silent: bool
    path: Path
    content_key: bytes = field(repr=False)
    digest: str = ""
    agreement: Agreement | None = None


def package_path(centre: Centre, name: str, version: int) -> Path:
    """Return where the package of a version lies."""
    return centre.folder / "lists" / f"{name}-{version}{PACKAGE_ENDING}"


def content_secret(name: str, version: int) -> str:
    """Return the name of the secret that is the version's content key."""
    return f"content {name} {version}"


def publisher_secret(name: str) -> str:
    """Return the name of the secret that is the raw Ed25519 key of the list's publisher."""
    return f"publisher {name}"


def newest(centre: Centre, connection: Connection) -> list[Published]:
    """Return what to screen by, in order of name: of each list of persons or documents the version a booth would get.

    Of a silent list it is the newest that is ready. Lists whose agreement has ended are among them, with that term.
    """
    return [one for one in in_use(centre, connection) if one.kind in SCREENED]


def in_use(centre: Centre, connection: Connection) -> list[Published]:
    """As ``newest``, for lists of every kind."""
    lists = database.lists
    rows = connection.execute(select(lists).order_by(lists.c.name)).all()
    terms = _terms(connection)
    found = []
    for row in rows:
        version = _newest_version(connection, row.name, silent=row.silent)
        if version is not None:
            term = terms.get(row.agreement) if row.agreement else None
            found.append(_published(centre, connection, row, version, term))
    return found


def open_records(_centre: Centre, one: Published) -> tuple[PackageHeader, Iterator[dict[str, Any]]]:
    """Return the header, with the agreement as it stands now, and the records one at a time.

    Only the end of the iteration proves that all were read and are those imported. Raises CentreError
    (``list_damaged``) here, a PackageError of `wire.header` while iterating.
    """
    header = _header(one)
    return replace(header, agreement=one.agreement or header.agreement), _records(one)


def policy(centre: Centre, connection: Connection) -> Policy | None:
    """Return the post's published policy, or None before there is one. Raises CentreError, PackageError."""
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
        .where(versions.c.state.in_((VersionState.READY, VersionState.PUBLISHED)))
        .group_by(versions.c.list, versions.c.state)
        .order_by(versions.c.list, versions.c.state)
    )
    terms = connection.execute(
        select(agreements.c.name, agreements.c.begins_at, agreements.c.ends_at).order_by(agreements.c.name)
    )
    return (*((name, state, str(version)) for name, state, version in rows), *(tuple(row) for row in terms))


def _newest_version(connection: Connection, name: str, *, silent: bool) -> Row[Any] | None:
    versions = database.versions
    states = (VersionState.READY, VersionState.PUBLISHED) if silent else (VersionState.PUBLISHED,)
    return connection.execute(
        select(versions)
        .where(versions.c.list == name, versions.c.state.in_(states))
        .order_by(versions.c.version.desc())
        .limit(1)
    ).one_or_none()


def _published(
    centre: Centre, connection: Connection, row: Row[Any], version: Row[Any], term: Agreement | None
) -> Published:
    key = centre.secret(connection, content_secret(row.name, version.version)) if version.key_id else b""
    if key is None:
        raise CentreError("key_missing", f"list {row.name} {version.version}: its content key is gone; import it again")
    return Published(
        name=row.name,
        version=version.version,
        kind=ListKind(row.kind),
        silent=row.silent,
        path=package_path(centre, row.name, version.version),
        content_key=key,
        digest=version.digest,
        agreement=term,
    )


def _terms(connection: Connection) -> dict[str, Agreement]:
    return {
        row.name: Agreement(row.name, from_plain(datetime, row.begins_at), from_plain(datetime, row.ends_at))
        for row in connection.execute(select(database.agreements))
    }


def _header(one: Published) -> PackageHeader:
    try:
        with one.path.open("rb") as stream:
            header = read_untrusted_header(stream)
    except (OSError, PackageError) as error:
        raise CentreError("list_damaged", f"list {one.name} {one.version}: its file is damaged or gone") from error
    if (header.name, header.version, header.payload_digest) != (one.name, one.version, one.digest):
        raise CentreError("list_damaged", f"list {one.name} {one.version}: its file is another than was imported")
    return header


def _records(one: Published) -> Iterator[dict[str, Any]]:
    with one.path.open("rb") as stream:
        header = read_untrusted_header(stream)
        if header.payload_digest != one.digest:
            raise CentreError("list_damaged", f"list {one.name} {one.version}: its file is another than was imported")
        yield from iter_records(stream, header, one.content_key or None)
