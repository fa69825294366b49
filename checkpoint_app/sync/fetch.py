"""Brings the centre's lists: whatever is wrong with one is told in a word and keeps none of the others back.

What is brought lies whole in the inbox folder, a package as ``NAME.list`` or deltas as ``NAME-BASE-VERSION.delta``, its
key grant beside it as ``NAME.grant``, which comes first; the booth's desk puts it in force. The desk removes nothing
there, so what lies there already (in force, waiting, or refused) is not brought again; what still waits has its grant
renewed when that has ended.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from time import monotonic

from checkpoint_app.store.store import Store
from checkpoint_app.store.trust import put_trust, trust_version
from checkpoint_app.sync.bringing import Meter, OnBytes, nobody
from checkpoint_app.sync.download import Came, Partial, sweep
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.grants import RoundGrants
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.sync.metadata import Repository
from checkpoint_app.sync.offers import NAMELESS, Delegated, Offer, Package, delegated_in, offer_in
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.sync.shelf import Shelf
from checkpoint_app.sync.ways import Way, shortest
from checkpoint_app.wire.api import TARGETS
from checkpoint_app.wire.grant import booth_id
from checkpoint_app.wire.header import ListKind, Trust, read_untrusted_header
from checkpoint_app.wire.repository import ListTarget

DOWNLOADS_S = 120.0
"""How long the packages of one round may take: then events have their turn, and the next round goes on."""
_PARTIAL = "partial"
_SMALL_KINDS = (
    ListKind.POLICY,
    ListKind.OFFICERS,
    ListKind.SIGNERS,
    ListKind.CLEARANCES,
    ListKind.BOOTHS,
    ListKind.RULES,
    ListKind.CODES,
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a round brought into the inbox, and what it could not.

    Of a chain of deltas that is not whole yet, ``brought`` names the version that it leads to so far.
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


def whatever(_sha256: str) -> bool:
    """A centre has what its metadata names."""
    return True


def fetch_lists(
    line: Line,
    on_store: OnStore,
    inbox_folder: Path,
    metadata_folder: Path,
    *,
    going_on: Callable[[], bool] = always,
    on_bytes: OnBytes = nobody,
    carries: Callable[[str], bool] = whatever,
) -> Fetched:
    """Bring every list that is newer than the one in force; nothing before enrolment.

    ``metadata_folder`` keeps verified metadata and packages on their way; it lies on the inbox's file system. Downloads
    pause when ``going_on()`` is false, and after DOWNLOADS_S; ``on_bytes`` hears, on this thread, how far each list is.
    ``carries`` tells, by SHA-256, which packages can be had at all: a bundle has some only.
    Raises LineError when nothing else would go either, and StoreError from the store; all else is told in `Fetched`.
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

    def in_time() -> bool:
        return monotonic() < ends and going_on()

    partial = metadata_folder / _PARTIAL
    fetching = _Fetching(line, known, repository, Shelf(inbox_folder), partial, in_time, on_bytes, carries)
    return fetching.run(delegated)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows: the root of enrolment, trusted time, this booth in grants, and what is in force.

    ``emptied`` are lists of which only the version is known: their data was purged, so no delta leads on from there;
    of those ``missing`` the version in force is brought again.
    """

    root: bytes
    now: datetime
    booth: str
    versions: dict[str, int]
    digests: dict[str, str]
    emptied: frozenset[str]
    missing: frozenset[str]


class _Fetching:
    """One round's way through the lists."""

    def __init__(
        self,
        line: Line,
        known: _Known,
        repository: Repository,
        shelf: Shelf,
        partial: Path,
        going_on: Callable[[], bool],
        on_bytes: OnBytes,
        carries: Callable[[str], bool],
    ) -> None:
        self._line = line
        self._known = known
        self._repository = repository
        self._shelf = shelf
        self._partial = partial
        self._going_on = going_on
        self._on_bytes = on_bytes
        self._carries = carries
        self._grants = RoundGrants(line, known.booth, known.now)
        self._offers: list[Offer] = []
        self._offered: set[str] = set()
        self._named: set[str] = set()
        self._newest: dict[str, int] = {}
        self._ways: list[tuple[int, Way]] = []
        self._brought: dict[str, ListTarget] = {}
        self._unfinished: list[str] = []
        self._faults: list[tuple[str, str]] = []

    def run(self, delegated: Delegated) -> Fetched:
        """Bring what is newer, the smallest first: a policy never waits behind two million persons."""
        self._each(NAMELESS, self._shelf.make)
        self._faults += [(name, Fault.MALFORMED.value) for name in delegated.refused]
        self._offered |= {*delegated.trust, *delegated.refused}
        for name in delegated.trust:
            self._each(name, functools.partial(self._look, name))
        self._each(NAMELESS, self._tidy)
        for offer in self._offers:
            self._each(offer.name, functools.partial(self._choose, offer))
        for _missing, way in sorted(self._ways, key=itemgetter(0)):
            self._each(way.offer.name, functools.partial(self._bring, way))
        return Fetched(tuple(self._brought.values()), tuple(self._faults), tuple(self._unfinished))

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
            self._offered.discard(name)
            return
        self._named |= {package.file for package in offer.packages}
        self._newest[name] = offer.listed.version
        in_force = self._known.versions.get(name, 0)
        if offer.listed.version == in_force and offer.listed.digest != self._known.digests.get(name):
            raise FetchError(Fault.OTHER_CONTENT, f"list {name}")
        if offer.listed.version > in_force or name in self._known.missing:
            self._offers.append(offer)

    def _tidy(self) -> None:
        """Remove what nobody needs any more: neither folder grows without bound."""
        unknown = {name for name, code in self._faults if code != Fault.ROLE_ENDED}
        sweep(self._partial, (package for offer in self._offers for package in offer.packages), unknown)
        self._shelf.tidy(self._known.versions, self._offered, self._named)
        for name, newest in self._newest.items():
            self._shelf.clear_overtaken(name, self._known.versions.get(name, 0), newest)

    def _choose(self, offer: Offer) -> None:
        """Note the way by which the fewest bytes are still to come."""
        version = 0 if offer.name in self._known.emptied else self._known.versions.get(offer.name, 0)
        way = shortest(offer, version, self._known.digests.get(offer.name, ""), self._missing, self._is_barred)
        if not all(map(self._can_be_had, way.packages)):
            raise FetchError(Fault.MISSING, f"list {offer.name}")
        self._ways.append((sum(map(self._missing, way.packages)), way))

    def _is_barred(self, package: Package) -> bool:
        return self._shelf.is_refused(package) or not self._can_be_had(package)

    def _can_be_had(self, package: Package) -> bool:
        return self._carries(package.sha256) or self._shelf.has(package)

    def _missing(self, package: Package) -> int:
        """Return how many bytes of ``package`` are still to come."""
        return 0 if self._shelf.has(package) else package.length - Partial(package, self._partial).here

    def _bring(self, way: Way) -> None:
        """Bring what is missing, each file as soon as it is whole: the desk applies the steps of a chain one by one."""
        offer, missing = way.offer, [package for package in way.packages if not self._shelf.has(package)]
        if not missing:
            self._renew_grant(way)
            return
        here = {package.file: package.length - self._missing(package) for package in way.packages}
        meter = Meter(offer.name, offer.listed.version, way.total, sum(here.values()), self._on_bytes)

        def came(file: str, length: int) -> None:
            here[file] = length
            meter.at(sum(here.values()))

        for package in missing:
            if not (self._going_on() and self._came_whole(way, package, functools.partial(came, package.file))):
                self._unfinished.append(offer.name)
                return
            self._brought[offer.name] = way.led_to(package)

    def _came_whole(self, way: Way, package: Package, came: Came) -> bool:
        """Bring one file into the inbox, its grant first, and return whether it is there."""
        partial = Partial(package, self._partial)
        path = TARGETS + package.path(hashed=self._repository.hashed_paths)
        try:
            if not partial.bring(self._line, path, self._going_on, came):
                return False
        except FetchError as error:
            if way.steps and error.fault is not Fault.DISK:
                self._shelf.refuse(package)
            raise
        if not (way.steps and self._grants.serve_in(self._shelf.folder, way.offer)):
            self._grants.put(self._shelf.folder, way.offer)
        partial.place(self._shelf.place(package))
        return True

    def _renew_grant(self, way: Way) -> None:
        """Renew the grant beside what waits, where it has ended."""
        if not self._grants.serve_in(self._shelf.folder, way.offer):
            self._grants.put(self._shelf.folder, way.offer)
            for package in way.packages:
                self._shelf.show_again(package)


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
    emptied = frozenset(copy.header.name for copy in in_force if not copy.layers)
    now, missing = store.time.now(), store.lists.missing()
    return _Known(enrolled.anchors.root.encode(), now, booth, versions, digests, emptied, missing)


def _keep_trust(store: Store, trust: Trust, version: int) -> None:
    if version > trust_version(store):
        put_trust(store, trust, version)
