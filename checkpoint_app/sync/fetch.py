"""Brings the centre's lists: whatever is wrong with one is told in a word and keeps none of the others back.

What is brought lies whole in the inbox folder as ``NAME.list``, its key grant beside it as ``NAME.grant``, which comes
first; the booth's desk puts it in force. The desk removes nothing there, so a package that lies there already (in
force, waiting, or refused) is not brought again; one that still waits has its grant renewed when that has ended.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from checkpoint_app.store.store import Store
from checkpoint_app.store.trust import put_trust, trust_version
from checkpoint_app.sync.download import Partial, disk_faults, sweep
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.grants import RoundGrants
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.sync.metadata import Repository
from checkpoint_app.sync.offers import MAX_LISTS, NAMELESS, Delegated, Offer, delegated_in, offer_in
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.api import TARGETS
from checkpoint_app.wire.grant import booth_id
from checkpoint_app.wire.header import ListKind, Trust, read_untrusted_header
from checkpoint_app.wire.repository import PACKAGE_ENDING, ListTarget

DOWNLOADS_S = 120.0
"""How long the packages of one round may take: then events have their turn, and the next round goes on."""
_PARTIAL = "partial"
_SMALL_KINDS = (ListKind.POLICY, ListKind.OFFICERS, ListKind.SIGNERS, ListKind.CLEARANCES, ListKind.BOOTHS)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a round brought into the inbox, and what it could not.

    ``faults`` are (list, code): a `Fault`, or the `LineCode` of an error that concerned one list alone. The list is ""
    where the fault lies in what holds for all of them, and for a delegation to what can be no list's name. The packages
    of ``unfinished`` lists are on their way: the next round goes on with them.
    """

    brought: tuple[ListTarget, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    unfinished: tuple[str, ...] = ()


def always() -> bool:
    """Go on."""
    return True


def fetch_lists(
    line: Line,
    on_store: OnStore,
    inbox_folder: Path,
    metadata_folder: Path,
    *,
    going_on: Callable[[], bool] = always,
) -> Fetched:
    """Bring every list that is newer than the one in force; nothing before enrolment.

    ``metadata_folder`` keeps verified metadata and packages on their way; it lies on the inbox's file system. Downloads
    pause when ``going_on()`` is false, and after DOWNLOADS_S. Raises LineError when nothing else would go either, and
    StoreError from the store; all else is told in `Fetched`.
    """
    known = on_store(_known)
    if known is None:
        return Fetched()
    try:
        repository = Repository(line, known.root, metadata_folder, known.now)
        delegated = delegated_in(repository.refresh())
        version = repository.version
    except FetchError as error:
        return Fetched(faults=((NAMELESS, error.fault.value),))
    on_store(lambda store: _keep_trust(store, delegated.trust, version))
    ends = monotonic() + DOWNLOADS_S
    fetching = _Fetching(
        line, known, repository, inbox_folder, metadata_folder / _PARTIAL, lambda: monotonic() < ends and going_on()
    )
    return fetching.run(delegated)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows: the root of enrolment, trusted time, this booth in grants, and what is in force."""

    root: bytes
    now: datetime
    booth: str
    versions: dict[str, int]
    digests: dict[str, str]


class _Fetching:
    """One round's way through the lists."""

    def __init__(
        self,
        line: Line,
        known: _Known,
        repository: Repository,
        inbox: Path,
        partial: Path,
        going_on: Callable[[], bool],
    ) -> None:
        self._line = line
        self._known = known
        self._repository = repository
        self._inbox = inbox
        self._partial = partial
        self._going_on = going_on
        self._grants = RoundGrants(line, known.booth, known.now)
        self._offers: list[Offer] = []
        self._brought: list[ListTarget] = []
        self._unfinished: list[str] = []
        self._faults: list[tuple[str, str]] = []

    def run(self, delegated: Delegated) -> Fetched:
        """Bring what is newer, the smallest first: a policy never waits behind two million persons."""
        self._each(NAMELESS, self._make_inbox)
        self._faults += [(name, Fault.MALFORMED.value) for name in delegated.refused]
        for name in delegated.trust:
            self._each(name, functools.partial(self._look, name))
        unknown = {name for name, _code in self._faults}
        self._each(NAMELESS, lambda: sweep(self._partial, {offer.name for offer in self._offers} | unknown))
        for offer in sorted(self._offers, key=lambda offer: offer.target.length):
            self._each(offer.name, functools.partial(self._bring, offer))
        return Fetched(tuple(self._brought), tuple(self._faults), tuple(self._unfinished))

    def _make_inbox(self) -> None:
        with disk_faults("inbox"):
            self._inbox.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _each(self, name: str, step: Callable[[], None]) -> None:
        """Do one list's step; what goes wrong with it is noted and stops nothing else."""
        try:
            step()
        except FetchError as error:
            self._faults.append((name, error.fault.value))
        except LineError as error:
            if error.ends_round:
                raise
            self._faults.append((name, error.code.value))

    def _look(self, name: str) -> None:
        """Note what is offered, where it is newer than what is in force."""
        offer = offer_in(self._repository.role(name), name)
        if offer is None:
            return
        in_force = self._known.versions.get(name, 0)
        if offer.listed.version == in_force and offer.listed.digest != self._known.digests.get(name):
            raise FetchError(Fault.OTHER_CONTENT, f"list {name}")
        if offer.listed.version > in_force:
            self._offers.append(offer)

    def _bring(self, offer: Offer) -> None:
        path = self._inbox / f"{offer.name}{PACKAGE_ENDING}"
        if _lies_at(path, offer):
            if not self._grants.serve_in(self._inbox, offer):
                self._grants.put(self._inbox, offer)
                with disk_faults(f"list {offer.name}"):
                    os.utime(path)  # so that the desk, which refused it without a key, looks again
            return
        if not self._going_on():
            self._unfinished.append(offer.name)
            return
        partial = Partial(offer, self._partial)
        if not partial.bring(self._line, TARGETS + offer.path(hashed=self._repository.hashed_paths), self._going_on):
            self._unfinished.append(offer.name)
            return
        self._grants.put(self._inbox, offer)
        partial.place(path)
        self._brought.append(offer.listed)


def _lies_at(path: Path, offer: Offer) -> bool:
    """Return whether exactly this package lies at ``path``."""
    try:
        stat = path.stat()
        if stat.st_size != offer.target.length:
            return False
        return _sha256(path, stat.st_ino, stat.st_size, stat.st_mtime_ns) == offer.sha256
    except OSError:  # whatever lies there, it cannot be read
        return False


@functools.lru_cache(maxsize=MAX_LISTS)
def _sha256(path: Path, _inode: int, _size: int, _mtime_ns: int) -> str:
    """Return the digest of a file in one state; remembered, since a refused package may lie there for ever."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- on the store's thread --------------------------------------------------------------------------------------------


def _known(store: Store) -> _Known | None:
    enrolled = enrolled_of(store)
    if enrolled is None:
        return None
    in_force = store.lists.in_force()
    versions = {copy.header.name: copy.header.version for copy in in_force}
    digests = {copy.header.name: copy.header.payload_digest for copy in in_force}
    for kept in (kept for kind in _SMALL_KINDS for kept in store.signed.all(kind)):
        versions[kept.name] = kept.version
        digests[kept.name] = read_untrusted_header(io.BytesIO(kept.data)).payload_digest
    booth = booth_id(store.identity.exchange_key.public_key())
    return _Known(enrolled.anchors.root.encode(), store.time.now(), booth, versions, digests)


def _keep_trust(store: Store, trust: Trust, version: int) -> None:
    if version > trust_version(store):
        put_trust(store, trust, version)
