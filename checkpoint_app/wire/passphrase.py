"""A key wrapped under a passphrase: argon2id (RFC 9106) stretches the passphrase, AES-256-GCM wraps the key.

The parameters rest beside the salt, so a later version may raise them without losing an old file. What is read back is
bounded, since the file may have been written by somebody else.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from checkpoint_app.wire.sealing import SealError, open_sealed, seal

SHORTEST_PASSPHRASE = 8
_SALT_BYTES = 16
_MEMORY_LIMIT_KIB = 1024 * 1024
_TIME_LIMIT = 64
_LANES_LIMIT = 16


class PassphraseError(Exception):
    """Root of what can go wrong between a passphrase and a key."""


class ShortPassphraseError(PassphraseError):
    """The new passphrase is too short."""


class WrongPassphraseError(PassphraseError):
    """The passphrase does not unwrap the key, or what was wrapped was changed."""


class WrappedKeyError(PassphraseError):
    """This is no wrapped key: damaged, or with parameters out of bounds."""


@dataclass(frozen=True, slots=True)
class Stretching:
    """Parameters of argon2id: passes, memory in KiB, lanes. The default takes about 0.3 s on a booth's processor."""

    time_cost: int = 3
    memory_kib: int = 128 * 1024
    lanes: int = 2


def wrap_under(passphrase: str, key: bytes, context: bytes, stretching: Stretching | None = None) -> dict[str, Any]:
    """Return the 32-byte ``key`` wrapped for the use ``context``: JSON data with argon2id, salt and wrapped.

    Raises ShortPassphraseError.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise ShortPassphraseError(f"a passphrase has at least {SHORTEST_PASSPHRASE} characters")
    salt, parameters = secrets.token_bytes(_SALT_BYTES), stretching or Stretching()
    return {
        "argon2id": asdict(parameters),
        "salt": base64.b64encode(salt).decode(),
        "wrapped": base64.b64encode(seal(_stretch(passphrase, salt, parameters), key, context)).decode(),
    }


def unwrap_with(passphrase: str, contents: Mapping[str, Any], context: bytes) -> bytes:
    """Return the key of ``wrap_under``; other members of ``contents`` are not looked at.

    Raises WrongPassphraseError, WrappedKeyError.
    """
    salt, wrapped, parameters = _parts(contents)
    try:
        return open_sealed(_stretch(passphrase, salt, parameters), wrapped, context)
    except SealError as error:
        raise WrongPassphraseError("the passphrase is wrong; type it again") from error


def _parts(contents: Mapping[str, Any]) -> tuple[bytes, bytes, Stretching]:
    try:
        salt, wrapped = (base64.b64decode(contents[name], validate=True) for name in ("salt", "wrapped"))
        parameters = Stretching(**{name: int(value) for name, value in contents["argon2id"].items()})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, binascii.Error) as error:
        raise WrappedKeyError("damaged") from error
    bounded = (
        1 <= parameters.time_cost <= _TIME_LIMIT
        and 1 <= parameters.lanes <= _LANES_LIMIT
        and 8 * parameters.lanes <= parameters.memory_kib <= _MEMORY_LIMIT_KIB
        and len(salt) == _SALT_BYTES
    )
    if not bounded:
        raise WrappedKeyError("its parameters are out of bounds")
    return salt, wrapped, parameters


def _stretch(passphrase: str, salt: bytes, parameters: Stretching) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=parameters.time_cost,
        memory_cost=parameters.memory_kib,
        parallelism=parameters.lanes,
        hash_len=32,
        type=Type.ID,
    )
