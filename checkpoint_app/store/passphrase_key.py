"""A store key wrapped under a passphrase, as `wire.passphrase` does it, in the key file of the data folder."""

from __future__ import annotations

from pathlib import Path

from checkpoint_app.store.errors import KeyMissingError, StoreExistsError, StoreMisuseError, WrongPassphraseError
from checkpoint_app.store.keys import (
    KEY_FILE,
    FileWitness,
    KeyKind,
    StoreKey,
    read_key_file,
    write_key_file,
)
from checkpoint_app.wire import passphrase as wrapping
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.sealing import new_key

_CONTEXT = b"checkpoint store key v1"


def create_passphrase_key(folder: Path, passphrase: str, stretching: Stretching | None = None) -> StoreKey:
    """Make a new store key for ``folder`` and wrap it under ``passphrase``.

    Raises StoreExistsError where a key file is there already, StoreMisuseError for a passphrase that is too short,
    DiskFullError, ReadOnlyError, DiskFailedError.
    """
    if (folder / KEY_FILE).exists():
        raise StoreExistsError(f"{KEY_FILE}: there is a key already; it is never overwritten")
    key = new_key()
    _wrap(folder, passphrase, key, stretching)
    return StoreKey(KeyKind.PASSPHRASE, key, FileWitness(folder, key))


def open_passphrase_key(folder: Path, passphrase: str) -> StoreKey:
    """Return the store key of ``folder``. Raises WrongPassphraseError, KeyMissingError, DiskFailedError."""
    contents = read_key_file(folder)
    if contents["kind"] != KeyKind.PASSPHRASE:
        raise KeyMissingError(f"{KEY_FILE}: the key of this store is kept by the {contents['kind']}")
    try:
        key = wrapping.unwrap_with(passphrase, contents, _CONTEXT)
    except wrapping.WrongPassphraseError as error:
        raise WrongPassphraseError(str(error)) from error
    except wrapping.WrappedKeyError as error:
        raise KeyMissingError(f"{KEY_FILE}: {error}; restore it from a backup of the data folder") from error
    return StoreKey(KeyKind.PASSPHRASE, key, FileWitness(folder, key))


def change_passphrase(folder: Path, old: str, new: str, stretching: Stretching | None = None) -> None:
    """Wrap the same store key under ``new``. Raises what opening and creating raise."""
    _wrap(folder, new, open_passphrase_key(folder, old).key, stretching)


def _wrap(folder: Path, passphrase: str, key: bytes, stretching: Stretching | None) -> None:
    try:
        wrapped = wrapping.wrap_under(passphrase, key, _CONTEXT, stretching)
    except wrapping.ShortPassphraseError as error:
        raise StoreMisuseError(str(error)) from error
    write_key_file(folder, {"version": 1, "kind": str(KeyKind.PASSPHRASE), **wrapped})
