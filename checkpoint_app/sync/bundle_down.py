"""The bundles that come to a booth: from the centre, and from another booth of the post that has the lists.

A bundle is taken as a round of the line is: acknowledgement, lists, inbox, by the same code. Whoever sends lists need
not be trusted: metadata and packages prove themselves, and what is for this booth alone comes in the centre's letter.
"""

from __future__ import annotations

import hmac
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from checkpoint_app.store.identity import Identity
from checkpoint_app.store.letters import keep_letter
from checkpoint_app.store.store import Store
from checkpoint_app.store.trusted_time import Clock, MachineClock
from checkpoint_app.sync.bundle_up import NoBundleError
from checkpoint_app.sync.carried import Carried, Lying, look_into
from checkpoint_app.sync.centre_key import learn_exchange_key
from checkpoint_app.sync.deliver import deliver
from checkpoint_app.sync.enrol import settle
from checkpoint_app.sync.enrolled import Enrolled, enrolled_of
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.fetch import Fetched, fetch_lists
from checkpoint_app.sync.inbox import read_inbox
from checkpoint_app.sync.lease import take_grants
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.sync.stick_line import StickLine
from checkpoint_app.wire.api import Grants
from checkpoint_app.wire.booths import KnownBooth
from checkpoint_app.wire.bundle import BundleHeader, BundleKind, open_bundle, read_bundle_header
from checkpoint_app.wire.bundle_parts import BundleCode, BundleError, ReadsAt
from checkpoint_app.wire.delivery import Acknowledgement
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.repository import ListTarget

_MOST_FETCHES = 50
Told = Callable[[int, int], None]


@dataclass
class Imported:
    """What a bundle brought. ``faults`` are what was refused of it: the part, and a stable word.

    ``brought`` are the packages that lie in the inbox folder now, for the desk to put in force. ``damaged`` is why the
    rest could not be read, empty when all was.
    """

    bundle: str
    kind: BundleKind
    sender: str
    brought: list[ListTarget] = field(default_factory=list)
    cases: int = 0
    acknowledged: int | None = None
    leases: int = 0
    letters: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    damaged: str = ""


def nothing_told(_done: int, _of: int) -> None:
    """Tell nobody."""


def import_bundle(
    file: BinaryIO,
    on_store: OnStore,
    inbox_folder: Path,
    metadata_folder: Path,
    *,
    known: Sequence[KnownBooth] = (),
    clock: Clock | None = None,
    told: Told = nothing_told,
) -> Imported:
    """Take what the bundle in ``file`` brings, and write down that it was.

    ``known`` is the list of booths in force. ``told`` hears how many bytes of packages were read, of how many. To take
    it twice, an older one later, or half of one does no harm. Raises BundleError where nothing of it is this booth's
    to take, NoBundleError before enrolment, and StoreError.
    """
    own = on_store(_known)
    header, parts = open_bundle(file, own.identity.exchange_key)
    _check_sender(header, own.enrolled, known)
    carried = look_into(parts)
    taking = _Taking(own, on_store, inbox_folder, metadata_folder, clock or MachineClock(), Imported(
        header.bundle, header.kind, header.sender
    ))  # fmt: skip
    taking.run(header, carried, told)
    on_store(lambda store: _note(store, taking.done))
    return taking.done


@dataclass(frozen=True, slots=True)
class _Known:
    identity: Identity
    enrolled: Enrolled


def _known(store: Store) -> _Known:
    enrolled = enrolled_of(store)
    if enrolled is None:
        raise NoBundleError("not_enrolled", "this booth is not enrolled; `checkpoint enrol` does it")
    return _Known(store.identity, enrolled)


def _check_sender(header: BundleHeader, enrolled: Enrolled, known: Sequence[KnownBooth]) -> None:
    """Refuse a bundle that is not for a booth, and one whose sender is not who it says, as far as this booth knows."""
    if header.kind is BundleKind.UP:
        raise BundleError(BundleCode.OTHER_KIND, "it goes to the centre; import it there, with --home")
    if header.kind is BundleKind.DOWN:
        if not _is_of_centre(header, enrolled):
            raise BundleError(BundleCode.OTHER_SENDER, "it is not from the centre that this booth is enrolled with")
        return
    sender = next((one for one in known if one.name == header.sender), None)
    if sender is not None and not (sender.let_in and hmac.compare_digest(sender.signing_key, header.sender_key)):
        raise BundleError(BundleCode.OTHER_SENDER, f"{header.sender} is let in no more, or another key signed for it")


def _is_of_centre(header: BundleHeader, enrolled: Enrolled) -> bool:
    return header.sender == enrolled.audience and hmac.compare_digest(header.sender_key, enrolled.anchors.key)


class _Taking:
    """One bundle on its way in."""

    def __init__(
        self, known: _Known, on_store: OnStore, inbox: Path, metadata: Path, clock: Clock, done: Imported
    ) -> None:
        self._known = known
        self._on_store = on_store
        self._inbox = inbox
        self._metadata = metadata
        self._clock = clock
        self.done = done

    def run(self, header: BundleHeader, carried: Carried, told: Told) -> None:
        """Take the bundle's own parts, and the letter to this booth that is in it."""
        if carried.fault is not None:
            self.done.damaged = str(carried.fault.code)
        rounds = [(header, carried)]
        if header.kind is BundleKind.DOWN:
            self._keep_letters(carried.letters)
        else:
            rounds += self._own_letters(carried.letters)
            # The older metadata first: after the newer it would be a step back, and be refused.
            rounds.sort(key=lambda one: one[1].metadata.newest.get("timestamp", 0))
        granted = next((one.grants for _header, one in reversed(rounds) if one.grants is not None), None)
        came = _counting(told, sum(lying.part.size for lying in carried.targets.values()))
        for made_by, one in rounds:
            one.grants = one.grants or granted
            self._round(made_by, one, carried.targets, came)

    def _round(
        self, header: BundleHeader, carried: Carried, targets: Mapping[str, Lying], came: Callable[[int], None]
    ) -> None:
        enrolled = self._on_store(_known).enrolled
        of_centre = self.done.kind is BundleKind.DOWN  # whoever made the letter in it, the packages are the sender's
        line = StickLine(enrolled, self._known.identity, self._clock, carried, targets, came, of_centre=of_centre)
        if header.kind is BundleKind.DOWN:
            self._part("acknowledgement", lambda: self._acknowledge(line, header, carried))
        if carried.metadata.by_digest:
            self._part("lists", lambda: self._fetch(line))
        if carried.grants is not None and header.kind is BundleKind.DOWN:
            self._renew(header, carried.grants)
        if carried.inboxes:
            self._part("inbox", lambda: self._read_inbox(line))
        if line.fault is not None:
            self.done.damaged = str(line.fault.code)

    def _part(self, name: str, work: Callable[[], None]) -> None:
        """Take one part; what is wrong with it does not stop the others."""
        try:
            work()
        except LineError as error:
            self.done.faults.append((name, str(error.code)))

    def _acknowledge(self, line: StickLine, header: BundleHeader, carried: Carried) -> None:
        """Take what the centre said of this booth: that it is confirmed, its own key, and what it has."""
        if line.enrolled.state is BoothState.PENDING and carried.enrolment is not None:
            settle(line, self._on_store)
        if carried.grants is not None:
            learn_exchange_key(line, self._on_store, carried.grants.exchange)
        if carried.acknowledgement is None:
            return
        at = line.read_stated(Acknowledgement, carried.acknowledgement).at
        heard = self._on_store(lambda store: store.time.seen)
        self._on_store(lambda store: store.time.see(header.created_at))
        if heard is not None and at < heard:
            return  # the centre has said something newer since, which an older word must not take back
        self.done.acknowledged = deliver(line, self._on_store, 0, 0).acknowledged

    def _fetch(self, line: StickLine) -> None:
        for _time in range(_MOST_FETCHES):  # each ends after a time, so that a line has its turn
            fetched = fetch_lists(line, self._on_store, self._inbox, self._metadata, carries=line.carries)
            self._add(fetched)
            if not fetched.unfinished:
                break

    def _add(self, fetched: Fetched) -> None:
        self.done.brought += [one for one in fetched.brought if one not in self.done.brought]
        self.done.faults += [(f"list {name}" if name else "lists", code) for name, code in fetched.faults]

    def _renew(self, header: BundleHeader, grants: Grants) -> None:
        def work(store: Store) -> int:
            last, at = store.leases.renewed_at, header.created_at
            # An older bundle must not look like a fresh answer, nor one be old by a clock that stood in the future.
            is_newer = last is None or at > last or last > store.time.now()
            return take_grants(store, grants, at) if is_newer else 0

        self.done.leases += self._on_store(work)

    def _read_inbox(self, line: StickLine) -> None:
        self.done.cases += len(read_inbox(line, self._on_store))

    def _keep_letters(self, letters: Sequence[bytes]) -> None:
        """Keep the centre's letters to other booths, unopened."""
        for data in letters:
            try:
                header = read_bundle_header(io.BytesIO(data))
            except BundleError as error:
                self.done.faults.append(("letter", str(error.code)))
                continue
            if header.kind is BundleKind.DOWN and _is_of_centre(header, self._known.enrolled):
                self.done.letters += self._on_store(_keeping(header, data))

    def _own_letters(self, letters: Sequence[bytes]) -> list[tuple[BundleHeader, Carried]]:
        """Return the letters that the centre wrote to this booth."""
        found = []
        for data in letters:
            try:
                stream: ReadsAt = io.BytesIO(data)
                header, parts = open_bundle(stream, self._known.identity.exchange_key)
            except BundleError as error:
                self.done.faults.append(("letter", str(error.code)))
                continue
            if header.kind is BundleKind.DOWN and _is_of_centre(header, self._known.enrolled):
                found.append((header, look_into(parts)))
            else:
                self.done.faults.append(("letter", BundleCode.OTHER_SENDER.value))
        return found


def _keeping(header: BundleHeader, data: bytes) -> Callable[[Store], bool]:
    return lambda store: keep_letter(store, header.receiver, header.created_at, data)


def _counting(told: Told, total: int) -> Callable[[int], None]:
    """Return what adds up bytes as they come, and tells them."""
    done = 0

    def came(more: int) -> None:
        nonlocal done
        done = min(total, done + more)
        told(done, total)

    return came


def _note(store: Store, done: Imported) -> None:
    lists = [{"name": one.name, "version": one.version} for one in done.brought]
    body = {
        "bundle": done.bundle,
        "kind": done.kind.value,
        "sender": done.sender,
        "lists": lists,
        "cases": done.cases,
        "damaged": done.damaged,
        "faults": [list(one) for one in done.faults],
    }
    store.journal.append(EventKind.BUNDLE_IMPORTED, body)
