"""The booth's store for commands that work without the window: opened, or made where there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.passphrases import passphrase_of
from checkpoint_app.store import (
    KeyKind,
    Store,
    StoreBusyError,
    StoreError,
    StoreKey,
    create_keyring_key,
    create_passphrase_key,
    create_tpm_key,
    key_kind,
    open_keyring_key,
    open_passphrase_key,
    open_tpm_key,
)
from checkpoint_app.store.files import disk_errors
from checkpoint_app.wire.event import is_booth_name

KEYS = (KeyKind.PASSPHRASE, KeyKind.KEYRING, KeyKind.TPM)


def open_store(folder: Path, passphrase_file: Path | None) -> Store:
    """Return the open store. Raises CommandError: 2 where there is none or the key is wrong, 1 where it is in use."""
    if not Store.exists(folder):
        raise CommandError("no booth is set up here; `checkpoint enrol` sets it up")
    return _opened(lambda: Store.open(folder, _key(folder, passphrase_file)))


def make_store(folder: Path, booth: str, kind: KeyKind, passphrase_file: Path | None) -> Store:
    """Make the store of ``booth``, its key kept as ``kind`` says, and return it open. Raises CommandError."""
    if not is_booth_name(booth):
        raise CommandError(f"--booth {booth!r}: a booth is named by 1 to 64 letters, digits, dots, dashes, underscores")

    def make() -> Store:
        with disk_errors("data folder"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A key without a store is left by a set-up that was broken off.
        key = _key(folder, passphrase_file) if key_kind(folder) else _new_key(folder, kind, passphrase_file)
        return Store.create(folder, key, booth=booth)

    return _opened(make)


def _opened(work: Callable[[], Store]) -> Store:
    try:
        return work()
    except StoreBusyError as error:
        raise CommandError("the booth's window is open, and syncs by itself; nothing else is needed", 1) from error
    except StoreError as error:
        raise CommandError(f"{error} ({error.code})") from error


def _key(folder: Path, passphrase_file: Path | None) -> StoreKey:
    kind = key_kind(folder)
    if kind is KeyKind.PASSPHRASE:
        return open_passphrase_key(folder, passphrase_of(passphrase_file))
    if kind is KeyKind.KEYRING:
        return open_keyring_key(folder)
    if kind is KeyKind.TPM:
        return open_tpm_key(folder)
    raise CommandError("the key of the booth's store is kept by nobody; set the booth up anew in an empty folder")


def _new_key(folder: Path, kind: KeyKind, passphrase_file: Path | None) -> StoreKey:
    if kind is KeyKind.KEYRING:
        return create_keyring_key(folder)
    if kind is KeyKind.TPM:
        return create_tpm_key(folder)
    return create_passphrase_key(folder, passphrase_of(passphrase_file, twice=True))
