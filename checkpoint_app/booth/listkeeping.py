"""Bringing lists into force and keeping them loaded. Whatever goes wrong, the list in force stays; a word says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app.booth import segment_job
from checkpoint_app.booth.core import Core
from checkpoint_app.booth.records import Records
from checkpoint_app.booth.signed import MAX_PACKAGE_BYTES, SMALL_KINDS, put_small
from checkpoint_app.confined import Confined, ConfinedError, ConfinedRefusedError, Limits
from checkpoint_app.screening import ENGINE, DocumentList, PersonList, load
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store import DiskFailedError, DiskFullError, ListCopy, OlderVersionError
from checkpoint_app.verdict import NotDone, Policy, Source
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.grant import GrantError, open_grant, read_grant
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_header, read_untrusted_header
from checkpoint_app.wire.plain import PlainError

PACKAGE_ENDING = ".list"
GRANT_ENDING = ".grant"
MAX_GRANT_BYTES = 8192
BUILD_LIMITS = Limits(memory_bytes=4 << 30, cpu_s=1200, file_bytes=4 << 30)
BUILD_TIMEOUT_S = 1800.0
_UNREADABLE, _OLDER = "unreadable", "older"

Mark = tuple[str, int, int]
"""What tells one state of a package's file from another: its name, size and time."""


class ListRefusedError(Exception):
    """A list package is refused; ``code`` is below the words ``refused``. The list in force stays."""

    def __init__(self, code: str, name: str = "", version: int = 0) -> None:
        super().__init__(f"list refused: {code}")
        self.code = code
        self.name = name
        self.version = version


@dataclass(frozen=True, slots=True)
class Footing:
    """What a package is judged by: who may sign which list, this booth's key, the versions in force, trusted time."""

    trust: Mapping[str, Ed25519PublicKey]
    booth_key: X25519PrivateKey
    versions: Mapping[str, int]
    digests: Mapping[str, str]
    now: datetime
    segment: Path
    segment_key: bytes


@dataclass(frozen=True, slots=True)
class Built:
    """A complete segment of a verified package, not in force yet."""

    header: PackageHeader
    segment: Path
    segment_key: bytes


@dataclass(frozen=True, slots=True)
class Small:
    """A policy or a list of officers: applied as it is, without a segment."""

    header: PackageHeader
    package: bytes
    content_key: bytes | None = field(default=None, repr=False)


class ListKeeping:
    """Applies packages from a folder, one after the other, and loads what is in force."""

    def __init__(self, core: Core, inbox: Path) -> None:
        self._core = core
        self._inbox = inbox
        self._builder = Confined("checkpoint_app.booth.segment_job:start", BUILD_LIMITS)
        self._seen: set[Mark] = set()
        self._again: set[Mark] = set()
        self._lay_here: set[Mark] | None = None
        self._ended: frozenset[str] = frozenset()
        self.changed: Callable[[], None] = lambda: None
        self.small_changed: Callable[[], None] = lambda: None
        self._busy = False

    def load_all(self) -> None:
        """Load every list in force, the checks saying "loading" until it is there."""

        def done(found: tuple[list[ListCopy], frozenset[str]]) -> None:
            copies, self._ended = found
            self._core.update(lists=tuple(waiting(copy.header, NotDone.LIST_LOADING) for copy in copies))
            for copy in copies:
                self._load(copy)

        self._core.record(lambda records: (records.store.lists.in_force(), records.ended_lists()), done)

    def end(self, name: str) -> None:
        """The centre says that this list's agreement has ended before its time: it is consulted no more (invariant 9).

        Kept, so that a restart does not bring it back; a newer version, under a new term, does.
        """

        def done(ended: frozenset[str]) -> None:
            self._ended = ended
            self._core.update(lists=tuple(self._barred(one) for one in self._core.state.lists))
            self.changed()

        self._core.record(lambda records: records.end_list(name), done)

    def _barred(self, one: LoadedList) -> LoadedList:
        return replace(one, bar=NotDone.AGREEMENT_ENDED) if one.source.name in self._ended else one

    def look(self) -> None:
        """Apply the packages in the inbox that have not been looked at, one at a time.

        One that failed because the disk did, not for a fault of its own, is tried again.
        """
        if not self._busy:
            self._seen -= self._again
            self._again.clear()
            self._next()

    def _next(self) -> None:
        if self._busy or self._core.records is None or not self._inbox.is_dir():
            return
        if self._lay_here is None:
            self._lay_here = {mark for path in self._inbox.glob(f"*{PACKAGE_ENDING}") if (mark := _mark(path))}
        for path in sorted(self._inbox.glob(f"*{PACKAGE_ENDING}")):
            mark = _mark(path)
            if mark is not None and mark not in self._seen:
                self._seen.add(mark)
                self._apply(path, mark)
                return

    def _apply(self, path: Path, mark: Mark) -> None:
        """Verify, build beside, put in force in one transaction, load."""
        core = self._core
        self._busy = True

        def refused(error: Exception) -> None:
            if _refusal(error) == _OLDER and mark in (self._lay_here or ()):
                self._finished()  # a version that was superseded before this start is nobody's news
            else:
                self._refused(error, mark)

        def judged(footing: Footing) -> None:
            core.jobs.building(lambda: self._build(path, footing), built, refused)

        def built(one: Built | Small | None) -> None:
            if one is None:
                self._finished()
            elif isinstance(one, Small):
                core.record(lambda records: apply_small(records, one), small_in_force, refused)
            else:
                core.record(lambda records: put_in_force(records, one), in_force, refused)

        def small_in_force(now: tuple[Policy | None, str]) -> None:
            policy, post_name = now
            core.update(policy=policy, post=replace(core.state.post, name=post_name))
            self.changed()
            self.small_changed()
            self._finished()

        def in_force(copy: ListCopy) -> None:
            label = f"{copy.header.name}\u00a0{copy.header.version}"
            core.say("message.list_applied", "tick", list=label)
            self._ended -= {copy.header.name}
            self._load(copy)
            self._finished()

        core.record(footing_of, judged, refused)

    def close(self) -> None:
        """End the builder."""
        self._builder.close()

    def _finished(self) -> None:
        self._busy = False
        self._next()

    def _build(self, path: Path, footing: Footing) -> Built | Small | None:
        """Return what is ready to be put in force, or None when this version is already. Raises ListRefusedError."""
        header = verified_header(path, footing)
        if footing.versions.get(header.name) == header.version:
            if footing.digests.get(header.name) == header.payload_digest:
                return None
            raise ListRefusedError("other_content", header.name, header.version)
        if footing.versions.get(header.name, 0) > header.version:
            raise ListRefusedError(_OLDER, header.name, header.version)
        if header.agreement is not None and footing.now >= header.agreement.ends_at:
            raise ListRefusedError("agreement_ended", header.name, header.version)
        content_key = _content_key(path, header, footing) if header.sealed else b""
        if header.kind in SMALL_KINDS:
            if header.name != header.kind.value:
                raise ListRefusedError("other_kind", header.name, header.version)
            return Small(header, _whole(path, header), content_key or None)
        request = segment_job.request_of(path, header.payload_digest, content_key, footing.segment, footing.segment_key)
        try:
            self._builder.call(request, BUILD_TIMEOUT_S)
        except ConfinedRefusedError as error:
            if error.code == segment_job.DISK_FAILED:
                raise DiskFailedError("segment: the disk failed while a list was built") from error
            raise ListRefusedError(error.code, header.name, header.version) from error
        except ConfinedError as error:
            raise ListRefusedError(_UNREADABLE, header.name, header.version) from error
        return Built(header, footing.segment, footing.segment_key)

    def _refused(self, error: Exception, mark: Mark) -> None:
        core = self._core
        code = _refusal(error)
        if code is None:
            self._busy = False
            self._again.add(mark)
            core.failed(error)
            return
        name = getattr(error, "name", "") or ""
        version = getattr(error, "version", 0) or 0
        why = core.words.say(f"refused.{code}" if core.words.knows(f"refused.{code}") else f"refused.{_UNREADABLE}")
        core.say("message.list_refused", "attention", why=why)
        if code == segment_job.NO_SPACE:  # the disk's fault, and no place to write it down
            self._busy = False
            self._again.add(mark)
            return
        body = {"name": name, "version": version, "why": code}
        core.record(
            lambda records: records.write(EventKind.LIST_REFUSED, body), lambda _none: self._finished(), self._not_noted
        )

    def _not_noted(self, error: Exception) -> None:
        self._busy = False
        self._core.failed(error)

    def _load(self, copy: ListCopy) -> None:
        header = copy.header

        def done(read: LoadedList) -> None:
            loaded = self._barred(read)
            others = [one for one in self._core.state.lists if one.source.name != header.name]
            newer = [
                one
                for one in self._core.state.lists
                if one.source.name == header.name and one.source.version > header.version
            ]
            if not newer:
                self._core.update(lists=tuple(sorted((*others, loaded), key=lambda one: one.source.name)))
                self.changed()

        def failed(_error: Exception) -> None:
            done(waiting(header, NotDone.LIST_UNREADABLE))

        self._core.jobs.building(lambda: loaded_list(copy), done, failed)


def _mark(path: Path) -> Mark | None:
    """Return the state of a package's file; None where it has gone meanwhile."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return path.name, stat.st_size, stat.st_mtime_ns


def footing_of(records: Records) -> Footing:
    """Return what packages are judged by now."""
    store = records.store
    segment, segment_key = store.lists.new_segment()
    return Footing(
        trust=records.trust(),
        booth_key=store.identity.exchange_key,
        versions=records.versions(),
        digests=records.digests(),
        now=records.trusted_now(),
        segment=segment,
        segment_key=segment_key,
    )


def apply_small(records: Records, small: Small) -> tuple[Policy | None, str]:
    """Put a policy or a list of officers in force and write it down, as one act.

    Returns the policy in force, and the post's name by it.
    """
    header = small.header
    kind = EventKind.POLICY_APPLIED if header.kind is ListKind.POLICY else EventKind.OFFICERS_APPLIED
    with records.store.transaction():
        put_small(records.store, small.package, records.trust(), small.content_key)
        records.write(kind, {"name": header.name, "version": header.version, "digest": header.payload_digest})
    return records.policy(), records.post_name()


def _whole(path: Path, header: PackageHeader) -> bytes:
    with path.open("rb") as stream:
        package = stream.read(MAX_PACKAGE_BYTES + 1)
    if len(package) > MAX_PACKAGE_BYTES:
        raise ListRefusedError("too_large", header.name, header.version)
    return package


def put_in_force(records: Records, built: Built) -> ListCopy:
    """Put a built segment in force in one transaction. Raises StoreError; then the list in force stays."""
    header = built.header
    records.store.lists.stage(header, built.segment, built.segment_key)
    records.store.lists.put_in_force(header.name, header.version)
    return ListCopy(header, built.segment, built.segment_key)


def verified_header(path: Path, footing: Footing) -> PackageHeader:
    """Return the header of the package, signed by the key that this list is trusted to. Raises ListRefusedError."""
    try:
        with path.open("rb") as stream:
            return read_header(stream, footing.trust)
    except PackageError as error:
        name, version = _claimed(path)
        raise ListRefusedError(error.code, name, version) from error
    except OSError as error:
        raise ListRefusedError(_UNREADABLE) from error


def _claimed(path: Path) -> tuple[str, int]:
    """Return name and version that a refused package claims, for the record; empty where it tells none."""
    try:
        with path.open("rb") as stream:
            header = read_untrusted_header(stream)
    except (PackageError, OSError):
        return "", 0
    return header.name, header.version


def _content_key(path: Path, header: PackageHeader, footing: Footing) -> bytes:
    beside = path.with_suffix(GRANT_ENDING)
    try:
        with beside.open("rb") as file:
            grant = read_grant(file.read(MAX_GRANT_BYTES))
        if grant.key_id != header.key_id or grant.list_name != header.name:
            raise ListRefusedError("no_key", header.name, header.version)
        return open_grant(grant, footing.booth_key, footing.trust[header.name], footing.now)
    except GrantError as error:
        raise ListRefusedError(error.code, header.name, header.version) from error
    except OSError as error:
        raise ListRefusedError("no_key", header.name, header.version) from error


def _refusal(error: Exception) -> str | None:
    """Return the word for a refusal, or None for a failure that is not the package's."""
    if isinstance(error, ListRefusedError):
        return error.code
    if isinstance(error, PlainError):
        return _UNREADABLE
    if isinstance(error, OlderVersionError):
        return _OLDER
    if isinstance(error, PackageError):
        return error.code
    return segment_job.NO_SPACE if isinstance(error, DiskFullError) else None


def source_of(header: PackageHeader) -> Source:
    """Return how answers name the list."""
    return Source(
        name=header.name,
        version=header.version,
        engine=ENGINE,
        issued_at=header.issued_at,
        originator=header.originator,
        agreement=header.agreement.name if header.agreement else "",
        agreement_ends_at=header.agreement.ends_at if header.agreement else None,
        handling=header.handling,
    )


def waiting(header: PackageHeader, bar: NotDone) -> LoadedList:
    """Return the list as one that can't be consulted, and why."""
    return LoadedList(header.kind.value, source_of(header), header.agreement, bar=bar)


def loaded_list(copy: ListCopy) -> LoadedList:
    """Load the segment of a list in force. Raises SegmentError, and the engine's errors for a damaged one."""
    header = copy.header
    with copy.open() as segment:
        sections = {name: segment.read(name) for name in segment.sections()}
    loaded = load(header.kind.value, sections)
    return LoadedList(
        kind=header.kind.value,
        source=source_of(header),
        agreement=header.agreement,
        persons=loaded if isinstance(loaded, PersonList) else None,
        numbers=loaded if isinstance(loaded, DocumentList) else None,
    )
