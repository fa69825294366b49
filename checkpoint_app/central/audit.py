"""The stored chains of the booths, verified anew: signatures, links, and the bodies that the centre holds.

The key of a chain is the booth's present one, or one that an act says it was enrolled with before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, select

from checkpoint_app.central import acts, database
from checkpoint_app.central.booths import ENROLLED
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.delivery import HERE
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.lineage import lineage
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.event import (
    GENESIS,
    MAX_HEADER_BYTES,
    SALT_BYTES,
    ChainError,
    ChainVerifier,
    EventHeader,
    EventKind,
    SignatureError,
    SignedEvent,
    chain_hash,
    verify_body,
    verify_event,
)
from checkpoint_app.wire.plain import PlainError, from_plain
from checkpoint_app.wire.sealing import SealError

_PAGE = 200  # a page is a transaction: a long chain never keeps the booths waiting


@dataclass(frozen=True, slots=True)
class Chain:
    """What became of one chain of a booth: how many events hold, how many of them with their body.

    ``fault`` is empty where all of it holds; else it says what does not, and ``broken_at`` at which sequence.
    """

    booth: str
    number: int
    events: int
    bodies: int
    broken_at: int = 0
    fault: str = ""


class _BrokenError(Exception):
    """The chain does not hold at ``seq``."""

    def __init__(self, seq: int, fault: str) -> None:
        super().__init__(fault)
        self.seq = seq


@dataclass
class _Progress:
    """How far a chain holds, and the centre's own word on where it ends: None for one that a later chain replaced."""

    verifier: ChainVerifier
    end: tuple[int, str] | None
    events: int = field(default=0)
    bodies: int = field(default=0)


def chains(centre: Centre, booth: str = "") -> Iterator[Chain]:
    """Verify every chain, or those of ``booth``, and tell of each as it is done. Raises CentreError: ``booth_unknown``.

    What arrives meanwhile is left for the next time.
    """
    table = database.booths
    wanted = select(table).order_by(table.c.name)
    with centre.begin() as connection:
        rows = connection.execute(wanted.where(table.c.name == booth) if booth else wanted).all()
        keys = _earlier_keys(connection)
    if booth and not rows:
        raise CentreError("booth_unknown", f"booth {booth}: no such booth is enrolled; see central booths", 404)
    for row in rows:
        candidates = [row.signing_key, *keys.get(row.name, ())]
        for number in range(1, row.chain + 1):
            end = (row.seq, row.head) if number == row.chain else None
            yield _verified(centre, row.name, number, end, candidates)


def _earlier_keys(connection: Connection) -> dict[str, list[bytes]]:
    """Return the raw signing keys that booths were enrolled with, by booth, the newest first."""
    found: dict[str, list[bytes]] = {}
    after = 0
    while page := acts.all(connection, after):
        after = page[-1].number
        for one in page:
            if one.what == ENROLLED and isinstance(key := one.about.get("signing_key"), str):
                found.setdefault(str(one.about["booth"]), []).insert(0, bytes.fromhex(key))
    return found


def _verified(centre: Centre, booth: str, number: int, end: tuple[int, str] | None, keys: Sequence[bytes]) -> Chain:
    """Verify one chain as far as ``end``, page by page."""
    progress: _Progress | None = None
    after = 0
    try:
        while page := _page(centre, booth, number, after, end):
            if progress is None:
                progress = _begun(centre, page[0], end, keys)
            for row in page:
                _accept(centre, row, progress)
            after = page[-1].seq
        if progress is not None or end is None or _hash_before(centre, booth, number, end[0]) != end[1]:
            _check_end(progress, end)  # but for a chain that goes on from others, of which nothing came yet
    except _BrokenError as error:
        events, bodies = (progress.events, progress.bodies) if progress else (0, 0)
        return Chain(booth, number, events, bodies, error.seq, str(error))
    return Chain(booth, number, progress.events if progress else 0, progress.bodies if progress else 0)


def _page(centre: Centre, booth: str, number: int, after: int, end: tuple[int, str] | None) -> Sequence[Row[Any]]:
    events, bodies = database.events, database.bodies
    beside = (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq)
    asked = (
        select(events, bodies.c.state, bodies.c.sealed)
        .outerjoin(bodies, beside)
        .where(events.c.booth == booth, events.c.chain == number, events.c.seq > after)
        .order_by(events.c.seq)
        .limit(_PAGE)
    )
    with centre.begin() as connection:
        return connection.execute(asked.where(events.c.seq <= end[0]) if end else asked).all()


def _begun(centre: Centre, first: Row[Any], end: tuple[int, str] | None, keys: Sequence[bytes]) -> _Progress:
    """Return the start of a chain: at the first event of all, or at an event of the chain that it replaced."""
    before = first.seq - 1
    event = _event(first)
    key = next((key for key in map(Ed25519PublicKey.from_public_bytes, keys) if _signed_by(event, key)), None)
    if key is None:
        raise _BrokenError(first.seq, "its signature is not that booth's")
    head = GENESIS if before == 0 else _base(centre, first.booth, first.chain, before)
    return _Progress(ChainVerifier(first.booth, key, before, head), end)


def _base(centre: Centre, booth: str, number: int, seq: int) -> str:
    """Return the hash of the event ``seq`` as it stood when chain ``number`` was opened after it."""
    found = _hash_before(centre, booth, number, seq)
    if found is None:
        raise _BrokenError(seq, "the event is missing")
    return found


def _hash_before(centre: Centre, booth: str, number: int, seq: int) -> str | None:
    events = database.events
    asked = select(events.c.hash).where(events.c.booth == booth, events.c.seq == seq, events.c.chain < number)
    with centre.begin() as connection:
        own = events.c.chain.in_(lineage(connection, booth, number))
        found: str | None = connection.scalar(asked.where(own).order_by(events.c.chain.desc()).limit(1))
    return found


def _signed_by(event: SignedEvent, key: Ed25519PublicKey) -> bool:
    try:
        verify_event(event, key)
    except SignatureError:
        return False
    return True


def _accept(centre: Centre, row: Row[Any], progress: _Progress) -> None:
    """Take the next event, or raise _BrokenError."""
    event, verifier = _event(row), progress.verifier
    if row.seq != verifier.seq + 1:
        raise _BrokenError(verifier.seq + 1, "the event is missing")
    header = event.header
    if (header.seq, header.event_id, header.kind) != (row.seq, row.event_id, row.kind):
        raise _BrokenError(row.seq, "its row tells of another event")
    try:
        verifier.accept(event)
    except SignatureError as error:
        raise _BrokenError(row.seq, "its signature is not that booth's") from error
    except ChainError as error:
        raise _BrokenError(row.seq, "it does not follow the event before it") from error
    if row.hash != chain_hash(event):
        raise _BrokenError(row.seq, "its stored hash is not its own")
    progress.bodies += _has_body(centre, row, event)
    progress.events += 1


def _has_body(centre: Centre, row: Row[Any], event: SignedEvent) -> bool:
    """Tell whether the body is here, which must then be the one that the event was signed for."""
    if row.state is None or (row.state == HERE) != (row.sealed is not None):
        raise _BrokenError(row.seq, "its body's row is missing")
    if row.sealed is None:
        return False
    try:
        salted = centre.vault.open(row.sealed, Place(row.booth, row.chain, row.seq).use)
        verify_body(event.header, salted[:SALT_BYTES], salted[SALT_BYTES:])
    except (SealError, ChainError) as error:
        raise _BrokenError(row.seq, "its body is not the one that it was signed for") from error
    return True


def _check_end(progress: _Progress | None, end: tuple[int, str] | None) -> None:
    """Raise _BrokenError where the chain ends before the event that the centre acknowledged last."""
    if end is None:
        return
    seq, head = (progress.verifier.seq, progress.verifier.head) if progress else (0, GENESIS)
    if (seq, head) != end:
        raise _BrokenError(seq + 1, "the event is missing, though it was acknowledged")


def _event(row: Row[Any]) -> SignedEvent:
    """Return a stored event, also one of a kind that only a newer booth knows."""
    try:
        plain = read_canonical(row.header.encode(), MAX_HEADER_BYTES)
        kind = from_plain(str, plain["kind"])
        header = from_plain(EventHeader, {**plain, "kind": EventKind.STARTED.value})
    except (CanonicalError, PlainError, KeyError, TypeError) as error:
        raise _BrokenError(row.seq, "its header is none") from error
    return SignedEvent(replace(header, kind=cast("EventKind", kind)), row.signature)
