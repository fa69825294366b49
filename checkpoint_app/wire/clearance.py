"""Decisions "not the same person": whom one binds, and the small signed list that brings them to all booths.

A decision binds a person, by one document (number and issuer) with whole name and birth date, to one version of one
entry of one list, until a moment. The list names a person only by an HMAC under a key that is new with each version
and travels inside the sealed records: who holds the file alone can't try names. Its records, in this order: one with
the key; one a decision in force; one an event whose decision has ended before its time.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.sealing import KEY_BYTES

CLEARANCES = "clearances"
"""The name of the one list of this kind."""
MOST_CLEARANCES = 20_000
MARK_BYTES = 16
_KEY, _HELD, _ENDED = "key", "held", "ended"


@dataclass(frozen=True, slots=True)
class Clearance:
    """One decision in force. ``mark`` stands for the person, ``event_id`` for the event that it was made by.

    ``by`` is the supervisor's id; ``until`` is the first moment at which it holds no more (UTC).
    """

    mark: bytes
    list_name: str
    entry_id: str
    entry_digest: str
    decided_at: datetime
    until: datetime
    booth: str
    post: str
    by: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Clearances:
    """All that the list says: the ``key`` of its marks, decisions ``held``, and ids of events whose decision ``ended``.

    What has ended and is over anyway need not be named.
    """

    key: bytes = field(repr=False)
    held: tuple[Clearance, ...]
    ended: tuple[str, ...]


def person_bytes(document: Mapping[str, Any]) -> bytes | None:
    """Return what stands for a person: document number, issuer, whole name and birth date, in one form.

    ``document`` has the fields of a TravelDocument in plain form. None while one of these is not known: then nobody is
    cleared, and nobody is found to be.
    """
    number, issuer = _folded(document.get("document_number")).replace(" ", ""), _folded(document.get("issuer"))
    family, given = document.get("family_name"), document.get("given_names")
    birth = _birth(document.get("birth_date"))
    if not isinstance(family, str) or not isinstance(given, str):  # a part could not be read: not the whole name
        return None
    names = _folded(family), _folded(given)
    if not (number and issuer and any(names) and birth):
        return None
    return canonical_bytes(["person", issuer, number, *names, birth])


def mark_of(key: bytes, person: bytes) -> bytes:
    """Return how a person, given by ``person_bytes``, is named under ``key``: 16 bytes of an HMAC-SHA256."""
    return hmac.digest(key, b"checkpoint clearance 1\x00" + person, "sha256")[:MARK_BYTES]


def write_clearances(all_: Clearances) -> Iterator[dict[str, Any]]:
    """Yield the records of the list."""
    yield {_KEY: to_plain(all_.key)}
    for one in all_.held:
        yield {_HELD: to_plain(one)}
    for event_id in all_.ended:
        yield {_ENDED: event_id}


def read_clearances(records: Iterable[Mapping[str, Any]]) -> Clearances:
    """Return what the records say. Raises PlainError for what is no such list, or longer than any."""
    key, held, ended = b"", list[Clearance](), list[str]()
    for record in records:
        ((name, value),) = _only(record)
        if name == _KEY and not key:
            key = from_plain(bytes, value)
        elif name == _HELD and key:
            held.append(_mark_checked(from_plain(Clearance, value)))
        elif name == _ENDED and key:
            ended.append(from_plain(str, value))
        else:
            raise PlainError("clearances: a record is of another kind, or out of order")
        if max(len(held), len(ended)) > MOST_CLEARANCES:
            raise PlainError(f"clearances: more than {MOST_CLEARANCES} of a kind")
    if len(key) != KEY_BYTES:
        raise PlainError(f"clearances: its key has not {KEY_BYTES} bytes")
    return Clearances(key, tuple(held), tuple(ended))


def _only(record: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    if len(record) != 1:
        raise PlainError("clearances: a record holds not one thing")
    return tuple(record.items())


def _mark_checked(one: Clearance) -> Clearance:
    if len(one.mark) != MARK_BYTES:
        raise PlainError(f"clearances: a mark has not {MARK_BYTES} bytes")
    return one


def _folded(value: Any) -> str:
    return " ".join(value.replace("<", " ").upper().split()) if isinstance(value, str) else ""


def _birth(value: Any) -> str:
    """Return a birth date as its characters printed; empty where nothing of it is known."""
    raw = value.get("raw") if isinstance(value, Mapping) else value
    return raw.strip() if isinstance(raw, str) and raw.strip("< ") else ""
