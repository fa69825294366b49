"""A store key wrapped under a passphrase: argon2id (RFC 9106) stretches the passphrase, AES-256-GCM wraps the key.

The parameters rest beside the salt, so a later version may raise them without losing an old file. What is read back is
bounded, since the file may have been written by somebody else.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from checkpoint_app.store.errors import KeyMissingError, StoreExistsError, StoreMisuseError, WrongPassphraseError
from checkpoint_app.store.keys import (
    KEY_FILE,
    FileWitness,
    KeyKind,
    StoreKey,
    read_key_file,
    write_key_file,
)
from checkpoint_app.wire.sealing import SealError, new_key, open_sealed, seal

_SALT_BYTES = 16
_CONTEXT = b"checkpoint store key v1"
_MEMORY_LIMIT_KIB = 1024 * 1024
_TIME_LIMIT = 64
_LANES_LIMIT = 16
SHORTEST_PASSPHRASE = 8


@dataclass(frozen=True, slots=True)
class Stretching:
    """Parameters of argon2id: passes, memory in KiB, lanes. The default takes about 0.3 s on a booth's processor."""

    time_cost: int = 3
    memory_kib: int = 128 * 1024
    lanes: int = 2


def create_passphrase_key(folder: Path, passphrase: str, stretching: Stretching | None = None) -> StoreKey:
    """Make a new store key for ``folder`` and wrap it under ``passphrase``.

    Raises StoreExistsError where a key file is there already, StoreMisuseError for a passphrase that is too short,
    DiskFullError, ReadOnlyError, DiskFailedError.
    """
    if (folder / KEY_FILE).exists():
        raise StoreExistsError(f"{KEY_FILE}: there is a key already; it is never overwritten")
    key = new_key()
    _wrap(folder, passphrase, key, stretching or Stretching())
    return StoreKey(KeyKind.PASSPHRASE, key, FileWitness(folder, key))


def open_passphrase_key(folder: Path, passphrase: str) -> StoreKey:
    """Return the store key of ``folder``. Raises WrongPassphraseError, KeyMissingError, DiskFailedError."""
    contents = read_key_file(folder)
    if contents["kind"] != KeyKind.PASSPHRASE:
        raise KeyMissingError(f"{KEY_FILE}: the key of this store is kept by the {contents['kind']}")
    salt, wrapped, stretching = _parts(contents)
    try:
        key = open_sealed(_stretch(passphrase, salt, stretching), wrapped, _CONTEXT)
    except SealError as error:
        raise WrongPassphraseError("the passphrase is wrong; type it again") from error
    return StoreKey(KeyKind.PASSPHRASE, key, FileWitness(folder, key))


def change_passphrase(folder: Path, old: str, new: str, stretching: Stretching | None = None) -> None:
    """Wrap the same store key under ``new``. Raises what opening and creating raise."""
    _wrap(folder, new, open_passphrase_key(folder, old).key, stretching or Stretching())


def _wrap(folder: Path, passphrase: str, key: bytes, stretching: Stretching) -> None:
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise StoreMisuseError(f"a passphrase has at least {SHORTEST_PASSPHRASE} characters")
    salt = secrets.token_bytes(_SALT_BYTES)
    contents = {
        "version": 1,
        "kind": str(KeyKind.PASSPHRASE),
        "argon2id": asdict(stretching),
        "salt": base64.b64encode(salt).decode(),
        "wrapped": base64.b64encode(seal(_stretch(passphrase, salt, stretching), key, _CONTEXT)).decode(),
    }
    write_key_file(folder, contents)


def _parts(contents: dict[str, Any]) -> tuple[bytes, bytes, Stretching]:
    try:
        salt, wrapped = (base64.b64decode(contents[name], validate=True) for name in ("salt", "wrapped"))
        stretching = Stretching(**{name: int(value) for name, value in contents["argon2id"].items()})
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise KeyMissingError(f"{KEY_FILE}: damaged; restore it from a backup of the data folder") from error
    bounded = (
        1 <= stretching.time_cost <= _TIME_LIMIT
        and 1 <= stretching.lanes <= _LANES_LIMIT
        and 8 * stretching.lanes <= stretching.memory_kib <= _MEMORY_LIMIT_KIB
        and len(salt) == _SALT_BYTES
    )
    if not bounded:
        raise KeyMissingError(f"{KEY_FILE}: its parameters are out of bounds; restore it from a backup")
    return salt, wrapped, stretching


def _stretch(passphrase: str, salt: bytes, stretching: Stretching) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=stretching.time_cost,
        memory_cost=stretching.memory_kib,
        parallelism=stretching.lanes,
        hash_len=32,
        type=Type.ID,
    )
