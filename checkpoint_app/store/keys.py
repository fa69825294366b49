"""Where the store's 256-bit key comes from: what a key is, its file in the data folder, and the witness beside it.

The key itself is always random. `passphrase_key` wraps it under a passphrase, `keyring_key` leaves it with the
operating system, `tpm_key` seals it to the machine; `memory_key` keeps it nowhere: what is recorded ends with the
process, and the screen says so.

The *witness* is the journal's last (sequence, head), kept beside the key and compared at each open. Beside a keyring's
key it lies outside the data folder: a data folder put back to an earlier state is noticed (a whole disk only where the
keyring lies elsewhere). Beside a passphrase or a TPM it can only be a sealed file in the same folder: that notices a
database file put back alone (a careless restore), never the folder put back whole, because then the witness went back
too. Only the centre, or hardware that counts, notices that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from checkpoint_app.store.errors import KeyMissingError
from checkpoint_app.store.files import disk_errors, write_whole
from checkpoint_app.wire.sealing import SealError, new_key, open_sealed, seal

KEY_FILE = "store.key"
WITNESS_FILE = "head.sealed"
_KEY_FILE_LIMIT_BYTES = 4096
_WITNESS_CONTEXT = b"checkpoint store witness v1"


class KeyKind(StrEnum):
    """Who keeps the store's key."""

    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105  a kind, no secret
    MEMORY = "memory"
    TPM = "tpm"


class Witness(Protocol):
    """A place that remembers the journal's last head. ``every`` tells after how many events it is told."""

    every: int

    def read(self) -> bytes | None:
        """Return what was last remembered, or None where there is nothing readable."""

    def write(self, state: bytes) -> None:
        """Remember ``state``. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class StoreKey:
    """The key of a store, who keeps it, and the witness beside it."""

    kind: KeyKind
    key: bytes = field(repr=False)
    witness: Witness | None = field(default=None, repr=False)


class FileWitness:
    """The witness as a small file of the data folder, sealed under the store's key."""

    every = 1

    def __init__(self, folder: Path, key: bytes) -> None:
        self._path = folder / WITNESS_FILE
        self._key = key

    def read(self) -> bytes | None:
        """Return the remembered state, or None where the file is missing, cut, or not of this key."""
        with disk_errors(WITNESS_FILE):
            if not self._path.exists():
                return None
            sealed = self._path.read_bytes()
        try:
            return open_sealed(self._key, sealed, _WITNESS_CONTEXT)
        except SealError:
            return None

    def write(self, state: bytes) -> None:
        """Remember ``state``, always of one length: overwritten in place, within one sector of the disk.

        Not synced: a power cut may leave an older state, which is only a weaker witness. (Renaming a new file over the
        old one would make the next commit wait for it.)
        """
        with disk_errors(WITNESS_FILE):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(descriptor, seal(self._key, state, _WITNESS_CONTEXT), 0)
            finally:
                os.close(descriptor)


def memory_key() -> StoreKey:
    """Return a key that nobody keeps: its store cannot be opened again once the process has ended.

    `Store.create` with such a key replaces the store of an earlier one in the same folder.
    """
    return StoreKey(KeyKind.MEMORY, new_key())


def key_kind(folder: Path) -> KeyKind | None:
    """Return who keeps the key of the store in ``folder``; None where no key file says so: there is no store yet.

    Raises KeyMissingError where the key file is damaged.
    """
    if not (folder / KEY_FILE).exists():
        return None
    return KeyKind(read_key_file(folder)["kind"])


def write_key_file(folder: Path, contents: Mapping[str, Any]) -> None:
    """Write the key file, whole and durable. Raises DiskFullError, ReadOnlyError, DiskFailedError."""
    write_whole(folder / KEY_FILE, json.dumps(contents, sort_keys=True).encode())


def read_key_file(folder: Path) -> dict[str, Any]:
    """Return the key file's contents with a known ``kind``. Raises KeyMissingError."""
    with disk_errors(KEY_FILE):
        try:
            with (folder / KEY_FILE).open("rb") as file:
                data = file.read(_KEY_FILE_LIMIT_BYTES)
        except FileNotFoundError as error:
            raise KeyMissingError(f"{KEY_FILE}: missing; restore it from a backup of the data folder") from error
    try:
        contents = json.loads(data)
        KeyKind(contents["kind"])
    except (ValueError, TypeError, KeyError) as error:
        raise KeyMissingError(f"{KEY_FILE}: damaged; restore it from a backup of the data folder") from error
    return dict(contents)
