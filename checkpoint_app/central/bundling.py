"""Bundles from the centre: for one booth, everything that a round of the line would have brought it.

With it go letters: the same without packages for each other booth of its post, sealed to that one. So one stick brings
lists to all of them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Row, select
from tuf.api.metadata import TargetFile, Targets

from checkpoint_app.central import acts, booths, cases, database, delivery, identity
from checkpoint_app.central.auth import Caller
from checkpoint_app.central.bundles import booth_row
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.files import fill_whole, locked
from checkpoint_app.central.grants import grants_for
from checkpoint_app.central.known_of import last_case_at, versions_at
from checkpoint_app.central.repository import Repository, Served
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.bundle import Address, BundleKind, begin_bundle
from checkpoint_app.wire.bundle_parts import DIGEST_BYTES, MAX_LETTER_BYTES, PartKind, PartWriter
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.case import Inbox
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.repository import CUSTOM, DeltaTarget, ListTarget
from checkpoint_app.wire.statement import state

MOST_PAGES = 20
MOST_LETTERS = 16
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Sent:
    """What went into a bundle. ``lists`` are (name, version) of what its packages lead to."""

    bundle: str
    receiver: str
    lists: tuple[tuple[str, int], ...]
    letters: int
    bytes: int


def export_down(centre: Centre, booth: str, path: Path, *, whole: bool = False) -> Sent:
    """Write the bundle for a confirmed booth to ``path``, whole or not at all; that it was is an act.

    It has the packages that lead from what the booth says it has to what is published; ``whole``: every list's whole
    package, as for a first load. Raises CentreError (``booth_unknown``, …), OSError.
    """
    with centre.begin() as connection:
        receiver = _confirmed(connection, booth)
        others = _others(connection, receiver)
    with ExitStack() as stack:
        lying = stack.enter_context(_Lying(centre))
        with centre.begin() as connection:
            known = {} if whole else versions_at(centre, connection, booth, lying.served.roles)
        packages = _packages(lying.served.roles, known, centre.now(), whole=whole)
        opened = [(target, stack.enter_context(lying.target(target))) for _listed, target in packages]
        lying.release()

        def fill(file: BinaryIO) -> Sent:
            header_id, parts = _begin(centre, file, receiver)
            _add_round(centre, parts, receiver, lying.metadata)
            letters = _letters(centre, others, lying.metadata)
            for letter in letters:
                parts.add(PartKind.LETTER, letter)
            for target, package in opened:
                parts.add_stream(PartKind.TARGET, DIGEST_BYTES + target.length, _pieces(target, package))
            parts.close()
            lists = tuple((listed.name, listed.version) for listed, _target in packages)
            return Sent(header_id, booth, lists, len(letters), file.tell())

        sent = fill_whole(path, fill)
    retried(centre, lambda connection: _note(centre, connection, sent))
    return sent


# -- to whom ----------------------------------------------------------------------------------------------------------


def _confirmed(connection: Connection, booth: str) -> Row[Any]:
    row = booth_row(connection, booth)
    if row is None:
        raise CentreError("booth_unknown", f"{booth}: no such booth is enrolled; see `checkpoint central booths`", 404)
    if row.state != BoothState.CONFIRMED:
        raise CentreError(f"booth_{row.state}", f"{booth}: it is {row.state}, so it gets no bundle; confirm it first")
    return row


def _others(connection: Connection, receiver: Row[Any]) -> list[Row[Any]]:
    """Return the other confirmed booths of the receiver's post."""
    table = database.booths
    there = (table.c.post == receiver.post) & (table.c.state == BoothState.CONFIRMED) & (table.c.name != receiver.name)
    return list(connection.execute(select(table).where(there).order_by(table.c.name).limit(MOST_LETTERS)))


def _begin(centre: Centre, stream: io.BytesIO | BinaryIO, receiver: Row[Any]) -> tuple[str, PartWriter]:
    with centre.begin() as connection:
        sender, signer = identity.audience_of(connection), identity.statement_key(centre, connection)
    address = Address(receiver.name, receiver.exchange_key)
    header, parts = begin_bundle(stream, BundleKind.DOWN, sender, signer, address, centre.now())
    return header.bundle, parts


def _letters(centre: Centre, others: Iterable[Row[Any]], metadata: list[bytes]) -> list[bytes]:
    """Return a letter to each of ``others``; one that would be longer than any goes without the inbox."""
    found = []
    for row in others:
        for pages in (MOST_PAGES, 0):
            stream = io.BytesIO()
            _id, parts = _begin(centre, stream, row)
            _add_round(centre, parts, row, metadata, pages)
            parts.close()
            if len(stream.getvalue()) <= MAX_LETTER_BYTES:
                found.append(stream.getvalue())
                break
    return found


# -- what a round brings ----------------------------------------------------------------------------------------------


def _add_round(
    centre: Centre, parts: PartWriter, row: Row[Any], metadata: Iterable[bytes], pages: int = MOST_PAGES
) -> None:
    """Write what is for one booth: how it stands, what is acknowledged, its grants, its inbox; and the metadata."""
    caller = Caller(row.name, row.post, BoothState(row.state), row.signing_key, row.exchange_key)
    acknowledged = delivery.acknowledgement(centre, row.name)
    with centre.begin() as connection:
        stated = state(acknowledged, identity.statement_key(centre, connection))
        exchange = identity.exchange_statement(centre, connection)
    grants = replace(grants_for(centre, row.name, row.exchange_key, centre.now()), exchange=exchange)
    for kind, value in (
        (PartKind.ENROLMENT, booths.reply_for(centre, caller)),
        (PartKind.ACKNOWLEDGEMENT, stated),
        (PartKind.GRANTS, grants),
        *((PartKind.INBOX, page) for page in _inbox(centre, row.name, pages)),
    ):
        parts.add(kind, canonical_bytes(to_plain(value)))
    for data in metadata:
        parts.add(PartKind.METADATA, data)


def _inbox(centre: Centre, booth: str, most: int) -> list[Inbox]:
    """Return the pages of the booth's inbox after the last item that it says it has."""

    def work(connection: Connection) -> list[Inbox]:
        pages, after = [], last_case_at(centre, connection, booth)
        for _ in range(most):
            page = cases.items(centre, connection, booth, after)
            if not page.items:
                break
            pages.append(page)
            after += len(page.items)
        return pages

    return retried(centre, work)


# -- lists ------------------------------------------------------------------------------------------------------------


class _Lying:
    """The repository as it is served at one moment: no publication removes anything until ``release``."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._stack = ExitStack()

    def __enter__(self) -> _Lying:
        self._stack.enter_context(locked(self._centre.folder / "repository"))
        try:
            self._repository = Repository(self._centre.folder / "repository", {}, self._centre.now())
            self.served: Served = self._repository.served()
            self.metadata = self._read()
        except BaseException:
            self.release()
            raise
        return self

    def __exit__(self, *_raised: object) -> None:
        self.release()

    def release(self) -> None:
        """Let others at the repository; files that are open stay readable."""
        self._stack.close()

    def target(self, target: TargetFile) -> BinaryIO:
        """Return the open file of a target. Raises OSError."""
        folder, _, file = target.path.rpartition("/")
        path = self._repository.targets / folder / f"{target.hashes['sha256']}.{file}"
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")

    def _read(self) -> list[bytes]:
        folder, served = self._repository.metadata, self.served
        names = [f"{version}.root.json" for version in range(1, self._repository.root().version + 1)]
        snapshot = served.timestamp.snapshot_meta.version
        names += ["timestamp.json", f"{snapshot}.snapshot.json"]
        names += [f"{meta.version}.{name}" for name, meta in served.snapshot.meta.items()]
        return [(folder / name).read_bytes() for name in names]


def _packages(
    roles: Mapping[str, Targets], known: Mapping[str, int], now: datetime, *, whole: bool
) -> list[tuple[ListTarget, TargetFile]]:
    """Return the packages that lead a booth to what is published, the smallest list first: deltas, or the whole.

    A list whose role, and with it the agreement, has ended goes to nobody.
    """
    found = []
    for name, role in roles.items():
        offered = _Offered(role)
        if offered.listed is not None and now < role.expires:
            way = [offered.package] if whole else offered.way_from(known.get(name, 0))
            found.append((sum(target.length for target in way), name, [(offered.listed, target) for target in way]))
    return [one for _size, _name, way in sorted(found, key=lambda each: each[:2]) for one in way]


class _Offered:
    """What the role of one list offers; ``listed`` is None where it offers nothing."""

    def __init__(self, role: Targets) -> None:
        self.listed: ListTarget | None = None
        self._deltas: list[tuple[DeltaTarget, TargetFile]] = []
        for target in role.targets.values():
            told = target.custom[CUSTOM]
            if "base_version" in told:
                self._deltas.append((from_plain(DeltaTarget, told), target))
            else:
                self.listed, self.package = from_plain(ListTarget, told), target

    def way_from(self, version: int) -> list[TargetFile]:
        """Return what leads from ``version`` to the newest by the fewest bytes; nothing where that is there."""
        if self.listed is None or self.listed.version <= version:
            return []
        ways: dict[int, list[TargetFile]] = {version: []}
        for step, target in sorted(self._deltas, key=lambda one: (one[0].base_version, one[0].version)):
            if step.base_version in ways:
                way = [*ways[step.base_version], target]
                if step.version not in ways or _size(way) < _size(ways[step.version]):
                    ways[step.version] = way
        chain = ways.get(self.listed.version)
        return chain if chain and _size(chain) < self.package.length else [self.package]


def _size(way: Iterable[TargetFile]) -> int:
    return sum(target.length for target in way)


def _pieces(target: TargetFile, package: BinaryIO) -> Iterator[bytes]:
    yield bytes.fromhex(target.hashes["sha256"])
    while piece := package.read(_COPY_BYTES):
        yield piece


def _note(centre: Centre, connection: Connection, sent: Sent) -> None:
    about: dict[str, str | int | bool] = {"booth": sent.receiver, "bundle": sent.bundle, "letters": sent.letters}
    about["lists"] = ", ".join(f"{name} {version}" for name, version in sorted(set(sent.lists)))
    acts.act(centre, connection, "bundle exported", about)
