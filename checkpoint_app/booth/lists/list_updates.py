"""Applying one list package: verify, build beside, put in force. Whatever goes wrong, the list in force stays.

The desk does it in three steps on three threads (`listkeeping`); `apply_inbox` does it in one go, without a desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app.booth.lists import segment_build
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.record.signed_objects import SMALL_KINDS, most_bytes, put_small
from checkpoint_app.confined import Confined, ConfinedError, ConfinedRefusedError, Limits
from checkpoint_app.store import DiskFailedError, DiskFullError, Lease, ListCopy, OlderVersionError, OutOfOrderError
from checkpoint_app.store.files import open_regular, write_whole
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.canonical import read_canonical
from checkpoint_app.wire.codes import CODE_LISTS
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.grant import GrantEndedError, GrantError, KeyGrant, open_grant, read_grant
from checkpoint_app.wire.header import ListKind, PackageError, PackageHeader, read_header, read_untrusted_header
from checkpoint_app.wire.plain import PlainError
from checkpoint_app.wire.progress import read_progress
from checkpoint_app.wire.repository import DELTA_ENDING, GRANT_ENDING, PACKAGE_ENDING, REFUSED_ENDING, read_delta_file
from checkpoint_app.wire.rules import list_name_of

MAX_GRANT_BYTES = 8192
BUILD_LIMITS = Limits(
    memory_bytes=4 << 30, cpu_s=1200, file_bytes=4 << 30, open_files=64 + 2 * segment_build.MAX_DELTAS
)
"""Two files a layer: as many deltas as a role has may come at once."""
BUILD_TIMEOUT_S = 1800.0
RULES_TIMEOUT_S = 60.0
"""How long a rule set, or a table of codes, may take to be judged: many times what the largest true one takes."""
_APPLIED = {
    ListKind.POLICY: EventKind.POLICY_APPLIED,
    ListKind.OFFICERS: EventKind.OFFICERS_APPLIED,
    ListKind.SIGNERS: EventKind.SIGNERS_APPLIED,
    ListKind.CLEARANCES: EventKind.CLEARANCES_APPLIED,
    ListKind.BOOTHS: EventKind.BOOTHS_APPLIED,
    ListKind.RULES: EventKind.RULES_APPLIED,
    ListKind.CODES: EventKind.CODES_APPLIED,
}
_BAD = {ListKind.RULES: segment_build.BAD_RULES, ListKind.CODES: segment_build.BAD_CODES}
"""Small lists that the child judges first, and the word where it can't."""
UNREADABLE, OLDER, OUT_OF_ORDER = "unreadable", "older", "out_of_order"


class ListRefusedError(Exception):
    """A list package is refused; ``code`` is below the words ``refused``. The list in force stays."""

    def __init__(self, code: str, name: str = "", version: int = 0) -> None:
        super().__init__(f"list refused: {code}")
        self.code = code
        self.name = name
        self.version = version


@dataclass(frozen=True, slots=True)
class Footing:
    """What a package is judged by: who may sign which list, this booth's key, the versions in force, trusted time.

    ``leases`` are those that the booth holds, by the content key's id; ``missing`` lists are taken
    again in the version that is in force, but for those that the centre let end in it.
    """

    trust: Mapping[str, Ed25519PublicKey]
    booth_key: X25519PrivateKey
    versions: Mapping[str, int]
    digests: Mapping[str, str]
    now: datetime
    leases: Mapping[str, Lease]
    missing: frozenset[str]
    segment: Path
    segment_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Built:
    """A complete segment of a verified package, whole or a delta, not in force yet; ``lease`` came with it."""

    header: PackageHeader
    segment: Path
    segment_key: bytes = field(repr=False)
    lease: Lease | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A version by which a list is no more."""

    header: PackageHeader


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a list is that is being built: so many of its records are done."""

    name: str
    version: int
    done: int
    total: int


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Small:
    """A policy, a list of officers, of signers, of clearances or codes, a rule set: applied as it is, no segment.

    The ``lease`` of a rule set is kept with it: by that alone it opens again.
    """

    header: PackageHeader
    package: bytes
    content_key: bytes | None = field(default=None, repr=False)
    lease: Lease | None = None


@dataclass(frozen=True, slots=True)
class SmallInForce:
    """What is in force of the small lists: the policy, the post's name by it, the clearances' version (0: none)."""

    policy: Policy | None
    post_name: str
    clearances: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one package: the name and version it is of, and the word for its refusal, empty when applied."""

    name: str
    version: int
    refused: str = ""


def new_builder() -> Confined:
    """Return the child that builds segments; its owner closes it."""
    return Confined("checkpoint_app.booth.lists.segment_build:start", BUILD_LIMITS)


def apply_inbox(records: Records, inbox: Path) -> list[Outcome]:
    """Apply every package of ``inbox`` that is newer than what is in force; what is refused is written down.

    A version that was superseded before is nobody's news. Raises the store's StoreErrors.
    """
    outcomes: list[Outcome] = []
    builder = new_builder()
    seen: set[Path] = set()
    try:
        while waiting := [path for path in packages_due(inbox, records.versions()) if path not in seen]:
            seen.add(waiting[0])
            outcome = _apply(records, waiting[0], builder)
            if outcome is not None:
                outcomes.append(outcome)
    finally:
        builder.close()
    return outcomes


def packages_due(inbox: Path, versions: Mapping[str, int]) -> list[Path]:
    """Return the packages of ``inbox`` that can be applied now, in order: deltas first, where they are the next step.

    ``versions`` are those in force, by name. A delta from another version waits, or is left behind.
    """
    if not inbox.is_dir():
        return []
    deltas = []
    for path in sorted(inbox.glob(f"*{DELTA_ENDING}")):
        named = read_delta_file(path.name)
        if named is not None and versions.get(named[0]) == named[1] and not refused_mark(path).exists():
            deltas.append(path)
    return [*deltas, *sorted(inbox.glob(f"*{PACKAGE_ENDING}"))]


def refused_mark(path: Path) -> Path:
    """Return what lies beside a delta that was refused."""
    return path.with_name(path.name + REFUSED_ENDING)


def _apply(records: Records, path: Path, builder: Confined) -> Outcome | None:
    try:
        one = build(path, footing_of(records), builder)
        if one is None:
            return None
        if isinstance(one, Small):
            apply_small(records, one)
        elif isinstance(one, Withdrawn):
            records.store.lists.withdraw(one.header)
        else:
            put_in_force(records, one)
        return Outcome(one.header.name, one.header.version)
    except Exception as error:
        code = refusal(error)
        if code is None or code == segment_build.NO_SPACE:
            raise
        if code == OLDER:
            return None
        name, version = getattr(error, "name", "") or "", getattr(error, "version", 0) or 0
        write_refused(records, path, {"name": name, "version": version, "why": code})
        return Outcome(name, version, code)


def join_layers(layers: segment_build.Layers, footing: Footing, builder: Confined) -> int:
    """Build the one segment that ``layers`` make at the footing's place; returns the count of its records.

    Raises ConfinedError.
    """
    request = segment_build.layers_request_of(layers, footing.segment, footing.segment_key)
    return int(read_canonical(builder.call(request, BUILD_TIMEOUT_S), MAX_GRANT_BYTES)["records"])


def write_refused(records: Records, path: Path, body: Mapping[str, str | int]) -> None:
    """Write down that a package was refused; a delta is not tried again, unless a key is all it wants.

    Raises StoreError.
    """
    records.write(EventKind.LIST_REFUSED, body)
    if path.name.endswith(DELTA_ENDING) and body["why"] not in KEYLESS:
        write_whole(refused_mark(path), b"")


KEYLESS = frozenset({"no_key", GrantEndedError.code})
"""Refusals that the next grant cures: for them nobody has to send the whole list."""
Ready = Built | Small | Withdrawn


def build(path: Path, footing: Footing, builder: Confined, on_progress: OnProgress | None = None) -> Ready | None:
    """Return what is ready to be put in force, or None when this version is already. Raises ListRefusedError.

    ``on_progress`` hears now and then, on another thread, how far the list is.
    """
    claimed = _claimed(path)
    if claimed is not None and _in_force(claimed, footing):
        return None  # whoever may sign the list since: nothing comes of it
    header = verified_header(path, footing)
    if footing.versions.get(header.name) == header.version and header.name not in footing.missing:
        raise ListRefusedError("other_content", header.name, header.version)
    if footing.versions.get(header.name, 0) > header.version:
        raise ListRefusedError(OLDER, header.name, header.version)
    if header.agreement is not None and footing.now >= header.agreement.ends_at:
        raise ListRefusedError("agreement_ended", header.name, header.version)
    if header.withdrawn and header.kind not in SMALL_KINDS:
        return Withdrawn(header)
    _check_step(header, footing)
    lease = _lease(path, header, footing) if header.sealed else None
    content_key = lease.content_key if lease else b""
    request = segment_build.request_of(path, header, content_key, footing.segment, footing.segment_key)
    if header.kind in SMALL_KINDS:
        if not _is_named_right(header):
            raise ListRefusedError("other_kind", header.name, header.version)
        package = _whole(path, header)
        if header.kind in _BAD and not header.withdrawn:
            _judge(builder, request, header)
        return Small(header, package, content_key or None, lease if header.kind is ListKind.RULES else None)
    _in_child(builder, request, header, on_progress)
    return Built(header, footing.segment, footing.segment_key, lease)


def _is_named_right(header: PackageHeader) -> bool:
    """Tell whether a small list has the name of its kind; of rule sets and code lists there are several."""
    if header.kind is ListKind.CODES:
        return header.name in CODE_LISTS
    if header.kind is not ListKind.RULES:
        return header.name == header.kind.value
    try:
        return list_name_of(header.name) == header.name
    except ValueError:
        return False


def _judge(builder: Confined, request: bytes, header: PackageHeader) -> None:
    """Have a rule set loaded and its vectors run, or a table read, in the child: a hostile one costs a bounded time.

    Raises ListRefusedError.
    """
    try:
        _in_child(builder, request, header, None, RULES_TIMEOUT_S)
    except ListRefusedError as error:
        code = _BAD[header.kind] if error.code == UNREADABLE else error.code
        raise ListRefusedError(code, header.name, header.version) from error


def _in_force(header: PackageHeader, footing: Footing) -> bool:
    """Tell whether this very version, with this content, is in force."""
    here = footing.versions.get(header.name), footing.digests.get(header.name)
    return here == (header.version, header.whole.payload_digest) and header.name not in footing.missing


def _check_step(header: PackageHeader, footing: Footing) -> None:
    """Refuse a delta that is no step from what is in force."""
    step = header.step
    if step is None:
        return
    in_force = footing.versions.get(header.name), footing.digests.get(header.name)
    if in_force != (step.base_version, step.base_digest):
        raise ListRefusedError(OUT_OF_ORDER, header.name, header.version)


def _in_child(
    builder: Confined,
    request: bytes,
    header: PackageHeader,
    on_progress: OnProgress | None,
    within_s: float = BUILD_TIMEOUT_S,
) -> None:
    try:
        builder.call(request, within_s, _told(on_progress, header) if on_progress else None)
    except ConfinedRefusedError as error:
        if error.code == segment_build.DISK_FAILED:
            raise DiskFailedError("segment: the disk failed while a list was built") from error
        raise ListRefusedError(error.code, header.name, header.version) from error
    except ConfinedError as error:
        raise ListRefusedError(UNREADABLE, header.name, header.version) from error


def _told(on_progress: OnProgress, header: PackageHeader) -> Callable[[bytes], None]:
    def tell(message: bytes) -> None:
        if (told := read_progress(message)) is not None:
            on_progress(Progress(header.name, header.version, *told))

    return tell


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
        leases=store.leases.held(),
        missing=store.lists.missing() - records.ended_lists(),
        segment=segment,
        segment_key=segment_key,
    )


def apply_small(records: Records, small: Small) -> SmallInForce:
    """Put a small list in force and write it down, as one act."""
    header = small.header
    with records.store.transaction():
        if small.lease is not None:
            records.store.leases.keep(small.lease)
        put_small(records.store, small.package, records.trust(), small.content_key)
        records.write(
            _APPLIED[header.kind], {"name": header.name, "version": header.version, "digest": header.payload_digest}
        )
    return SmallInForce(records.policy(), records.post_name(), records.clearances_version())


def _whole(path: Path, header: PackageHeader) -> bytes:
    most = most_bytes(header.kind)
    with open_regular(path) as stream:
        package = stream.read(most + 1)
    if len(package) > most:
        raise ListRefusedError("too_large", header.name, header.version)
    return package


def put_in_force(records: Records, built: Built) -> ListCopy:
    """Put a built segment in force in one transaction. Raises StoreError; then the list in force stays."""
    store, header = records.store, built.header
    with store.transaction():
        if built.lease is not None:
            store.leases.keep(built.lease)
        store.lists.stage(header, built.segment, built.segment_key)
        store.lists.put_in_force(header.name, header.version)
    return next(copy for copy in store.lists.in_force() if copy.header.name == header.name)


def verified_header(path: Path, footing: Footing) -> PackageHeader:
    """Return the header of the package, signed by the key that this list is trusted to. Raises ListRefusedError."""
    try:
        with open_regular(path) as stream:
            return read_header(stream, footing.trust, delta=path.name.endswith(DELTA_ENDING))
    except PackageError as error:
        claimed = _claimed(path)
        name, version = (claimed.name, claimed.version) if claimed else ("", 0)
        raise ListRefusedError(error.code, name, version) from error
    except OSError as error:
        raise ListRefusedError(UNREADABLE) from error


def _claimed(path: Path) -> PackageHeader | None:
    """Return the header that a package claims, proven by nobody; None where it has none."""
    try:
        with open_regular(path) as stream:
            return read_untrusted_header(stream, delta=path.name.endswith(DELTA_ENDING))
    except (PackageError, OSError):
        return None


def _lease(path: Path, header: PackageHeader, footing: Footing) -> Lease:
    """Return the content key with its end: of the grant beside the package, else of the lease that the booth holds.

    Raises ListRefusedError.
    """
    try:
        grant = _grant_beside(path, header)
        key = open_grant(grant, footing.booth_key, footing.trust[header.name], footing.now)
    except (GrantError, ListRefusedError, OSError) as error:
        if held := footing.leases.get(header.key_id):
            return held
        code = "no_key" if isinstance(error, OSError) else error.code
        raise ListRefusedError(code, header.name, header.version) from error
    return Lease(header.name, header.key_id, key, grant.not_after)


def _grant_beside(path: Path, header: PackageHeader) -> KeyGrant:
    """Return the grant of this package's key. Raises OSError, GrantError, ListRefusedError for another's."""
    beside = path.with_name(header.name + GRANT_ENDING) if header.step else path.with_suffix(GRANT_ENDING)
    with open_regular(beside) as file:
        grant = read_grant(file.read(MAX_GRANT_BYTES))
    if (grant.key_id, grant.list_name) != (header.key_id, header.name):
        raise ListRefusedError("no_key", header.name, header.version)
    return grant


def refusal(error: Exception) -> str | None:
    """Return the word for a refusal, or None for a failure that is not the package's."""
    if isinstance(error, ListRefusedError):
        return error.code
    if isinstance(error, PlainError):
        return UNREADABLE
    if isinstance(error, OlderVersionError):
        return OLDER
    if isinstance(error, OutOfOrderError):
        return OUT_OF_ORDER
    if isinstance(error, PackageError):
        return error.code
    return segment_build.NO_SPACE if isinstance(error, DiskFullError) else None
