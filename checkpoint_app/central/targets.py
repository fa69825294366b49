"""The targets of a list's role: the whole package of its newest version, and the deltas that lead to it.

Files lie under their digests, proven whole before metadata names them; what no state names is removed.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import TargetFile, Targets

from checkpoint_app.central import deltas
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.deltas import NoDeltaError
from checkpoint_app.central.files import fill_whole, private_folder, sync_folder
from checkpoint_app.central.lists import SCREENED, Published
from checkpoint_app.central.repository import Repository, Served
from checkpoint_app.wire.header import PackageError, PackageHeader, read_header
from checkpoint_app.wire.package import content_key_id, verify_payload
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.repository import (
    CUSTOM,
    DELTA_ENDING,
    MOST_DELTAS,
    DeltaTarget,
    ListTarget,
    delta_path,
    target_path,
)

log = logging.getLogger(__name__)

WORTH = 3
"""A delta that is not smaller than a third of the whole package is not worth it, and none before it is."""


def served_list(role: Targets, name: str) -> ListTarget:
    """Return what ``role`` says of the whole package that it serves."""
    return from_plain(ListTarget, role.targets[target_path(name)].custom[CUSTOM])


def put_package(repository: Repository, one: Published, signer: Ed25519PrivateKey) -> TargetFile:
    """Copy the package among the targets, under its digest, once it is proven whole. Raises CentreError, OSError."""
    header = _whole_header(one, signer)
    told = ListTarget(one.name, header.kind, header.version, header.issued_at, header.key_id, header.payload_digest,
                      header.withdrawn)  # fmt: skip
    target = _target(target_path(one.name), one.path, to_plain(told))
    place = _place(repository, target)
    if not place.exists():

        def copy(file: BinaryIO) -> None:
            with one.path.open("rb") as package:
                shutil.copyfileobj(package, file)

        fill_whole(place, copy)
    return target


def put_deltas(
    repository: Repository, role: Targets | None, base: Published | None, one: Published, signer: Ed25519PrivateKey
) -> list[TargetFile]:
    """Return the deltas by which booths come to ``one``, newest first: one from ``base``, which ``role`` serves, made
    and put among the targets, and those before it that still lead there.

    None where the two are of different series, or where the whole package is not much more. Where a version can't be
    read or has no delta, the log says so, and booths take the whole. Raises OSError.
    """
    if role is None or base is None or one.kind not in SCREENED or not one.content_key:
        return []
    if base.content_key != one.content_key:
        return []
    try:
        newest = _put_delta(repository, base, one, signer)
    except (CentreError, NoDeltaError) as error:
        log.warning("list %s %d: no delta from %d: %s", one.name, one.version, base.version, error)
        return []
    whole = one.path.stat().st_size
    return [] if newest.length * WORTH >= whole else _chain(newest, role, whole)


def prune(repository: Repository, before: Served, without: Collection[str] = ()) -> None:
    """Remove files that neither the served state nor the one before it names, and all of the lists ``without``.

    Of a list that is withdrawn nothing stays of the state before.
    """
    now = repository.served()
    gone = {name for name, role in now.roles.items() if served_list(role, name).withdrawn}
    states = ((now, frozenset(without)), (before, frozenset(without) | gone))
    roles = [role for state, out in states for name, role in state.roles.items() if name not in out]
    named = {_hashed(target) for role in roles for target in role.targets.values()}
    for path in repository.targets.glob("*/*"):
        if path.name not in named:
            path.unlink()


def _put_delta(repository: Repository, base: Published, one: Published, signer: Ed25519PrivateKey) -> TargetFile:
    """Make the delta and put it under its digest. Raises NoDeltaError, CentreError, OSError."""
    path = delta_path(one.name, base.version, one.version)
    made = repository.targets / path
    private_folder(made.parent)
    fill_whole(made, lambda file: deltas.write_delta(file, base, one, signer))
    key_id = content_key_id(one.content_key)
    target = _target(
        path, made, to_plain(DeltaTarget(one.name, base.version, base.digest, one.version, one.digest, key_id))
    )
    made.replace(_place(repository, target))
    sync_folder(made.parent)
    return target


def _chain(newest: TargetFile, role: Targets, whole: int) -> list[TargetFile]:
    """Return the newest delta and those of ``role`` that lead to it without a gap, newest first: as many as a role may
    have, while all together are smaller than the ``whole`` package. All are of one series: at its border none goes on.
    """
    before = {told.version: target for target in role.targets.values() if (told := _delta_of(target)) is not None}
    chain, size, at = [newest], newest.length, _delta_of(newest)
    while at is not None and len(chain) < MOST_DELTAS:
        earlier = before.get(at.base_version)
        told = _delta_of(earlier) if earlier is not None else None
        if earlier is None or told is None or size + earlier.length >= whole:
            break
        chain.append(earlier)
        size, at = size + earlier.length, told
    return chain


def _delta_of(target: TargetFile) -> DeltaTarget | None:
    """Return what a target says if it is a delta."""
    return from_plain(DeltaTarget, target.custom[CUSTOM]) if target.path.endswith(DELTA_ENDING) else None


def _whole_header(one: Published, signer: Ed25519PrivateKey) -> PackageHeader:
    try:
        with one.path.open("rb") as stream:
            header = read_header(stream, {one.name: signer.public_key()})
            verify_payload(stream, header)
    except (PackageError, FileNotFoundError) as error:
        raise CentreError("list_damaged", f"list {one.name} {one.version}: its file is damaged or gone") from error
    return header


def _target(path: str, source: Path, told: dict[str, object]) -> TargetFile:
    target = TargetFile.from_file(path, str(source), ["sha256"])
    target.unrecognized_fields["custom"] = {CUSTOM: told}
    return target


def _place(repository: Repository, target: TargetFile) -> Path:
    return private_folder((repository.targets / target.path).parent) / _hashed(target)


def _hashed(target: TargetFile) -> str:
    """Return the name of the target's file in a repository of consistent snapshots (TUF §6.2)."""
    return f"{target.hashes['sha256']}.{Path(target.path).name}"
