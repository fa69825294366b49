"""Statements of the centre: a value with the centre's Ed25519 signature, for the reply of now or a bundle by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

MAX_STATEMENT_BYTES = 256 * 1024
_DOMAIN = b"checkpoint statement 1\x00"
T = TypeVar("T")


class StatementError(Exception):
    """The statement is not what this centre signed, or says something else than what was asked for."""


@dataclass(frozen=True, slots=True)
class Statement:
    """``text`` is the canonical JSON of the value; ``kind``, its class's name, is signed with it (RFC 8032)."""

    kind: str
    text: str
    signature: bytes


def state(value: Any, key: Ed25519PrivateKey) -> Statement:
    """Return ``value``, a frozen dataclass, as a statement signed with the centre's ``key``."""
    kind, data = type(value).__name__, canonical_bytes(to_plain(value))
    return Statement(kind, data.decode(), key.sign(_signed(kind, data)))


def read_statement(cls: type[T], statement: Statement, key: Ed25519PublicKey) -> T:
    """Return the ``cls`` that the centre of ``key`` stated. Raises StatementError."""
    data = statement.text.encode()
    if statement.kind != cls.__name__:
        raise StatementError(f"statement: it is no {cls.__name__}")
    try:
        key.verify(statement.signature, _signed(statement.kind, data))
        return from_plain(cls, read_canonical(data, MAX_STATEMENT_BYTES))
    except (InvalidSignature, CanonicalError, PlainError) as error:
        raise StatementError(f"statement: it is not a {cls.__name__} that this centre signed") from error


def _signed(kind: str, data: bytes) -> bytes:
    return _DOMAIN + kind.encode() + b"\x00" + data
