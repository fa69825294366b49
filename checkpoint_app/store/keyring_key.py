"""A store key kept by the operating system's keyring, by a backend that is allowed by name and has proved itself.

`keyring` chooses for itself among everything installed, plaintext files included, and reports a good priority for a
service that then fails. So nothing is left to its choice: only the backends named here are made, by exact class, and
each must write, read back and delete a random secret within five seconds, on a thread that nobody waits for longer.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from checkpoint_app.store.connection import KEY_BYTES
from checkpoint_app.store.errors import (
    KeyMissingError,
    KeyringRefusedError,
    KeyringUnavailableError,
    StoreExistsError,
)
from checkpoint_app.store.keys import KEY_FILE, KeyKind, StoreKey, read_key_file, write_key_file
from checkpoint_app.wire.sealing import new_key

ALLOWED: Mapping[str, str] = {
    "keyring.backends.SecretService": "Keyring",
    "keyring.backends.kwallet": "DBusKeyring",
    "keyring.backends.macOS": "Keyring",
    "keyring.backends.Windows": "WinVaultKeyring",
}
SERVICE = "checkpoint"
_PROOF_SECONDS = 5.0
_Result = TypeVar("_Result")


class KeyringWitness:
    """The witness as an entry of the keyring, outside the data folder. Told seldom: a keyring's write is slow."""

    every = 32

    def __init__(self, backend: Any, account: str) -> None:
        self._backend = backend
        self._account = f"{account} head"

    def read(self) -> bytes | None:
        """Return the remembered state, or None where the keyring has none. Raises KeyringUnavailableError."""
        text = _within(lambda: self._backend.get_password(SERVICE, self._account))
        return None if text is None else _decoded(text)

    def write(self, state: bytes) -> None:
        """Remember ``state``. Raises KeyringUnavailableError."""
        text = base64.b64encode(state).decode()
        _within(lambda: self._backend.set_password(SERVICE, self._account, text))


def proven_backend() -> Any:
    """Return the first allowed backend of this machine that proves itself. Raises KeyringUnavailableError."""
    for module, name in ALLOWED.items():
        try:
            backend = getattr(importlib.import_module(module), name)()
            prove(backend)
        except (KeyringUnavailableError, ImportError, RuntimeError, OSError):
            continue
        return backend
    raise KeyringUnavailableError("no keyring of this machine keeps a secret; use a passphrase")


def prove(backend: Any, allowed: Mapping[str, str] = ALLOWED, seconds: float = _PROOF_SECONDS) -> None:
    """Raise KeyringRefusedError unless ``backend`` is allowed by its exact class, and KeyringUnavailableError unless it
    writes, reads back and deletes a random secret within ``seconds``.
    """
    kind = type(backend)
    if allowed.get(kind.__module__) != kind.__name__:
        raise KeyringRefusedError(f"the keyring {kind.__module__}.{kind.__name__} does not keep a secret")
    account, secret = f"proof {secrets.token_hex(8)}", secrets.token_hex(16)

    def round_trip() -> bool:
        backend.set_password(SERVICE, account, secret)
        kept = backend.get_password(SERVICE, account) == secret
        backend.delete_password(SERVICE, account)
        return kept and backend.get_password(SERVICE, account) is None

    if not _within(round_trip, seconds):
        raise KeyringUnavailableError("the keyring did not give back what was put into it")


def create_keyring_key(folder: Path, backend: Any | None = None) -> StoreKey:
    """Make a new store key for ``folder`` and leave it with the keyring: ``backend``, or the first that proves itself.

    Raises KeyringUnavailableError, StoreExistsError where a key file is there already, and the disk's errors.
    """
    if (folder / KEY_FILE).exists():
        raise StoreExistsError(f"{KEY_FILE}: there is a key already; it is never overwritten")
    backend = backend or proven_backend()
    account, key = f"store {secrets.token_hex(8)}", new_key()
    _within(lambda: backend.set_password(SERVICE, account, base64.b64encode(key).decode()))
    write_key_file(folder, {"version": 1, "kind": str(KeyKind.KEYRING), "account": account})
    return StoreKey(KeyKind.KEYRING, key, KeyringWitness(backend, account))


def open_keyring_key(folder: Path, backend: Any | None = None) -> StoreKey:
    """Return the store key of ``folder`` from the keyring. Raises KeyringUnavailableError, KeyMissingError."""
    contents = read_key_file(folder)
    account = contents.get("account")
    if contents["kind"] != KeyKind.KEYRING or not isinstance(account, str):
        raise KeyMissingError(f"{KEY_FILE}: the key of this store is kept by a {contents['kind']}")
    backend = backend or proven_backend()
    text = _within(lambda: backend.get_password(SERVICE, account))
    key = None if text is None else _decoded(text)
    if key is None or len(key) != KEY_BYTES:
        raise KeyMissingError("the keyring no longer has this store's key; restore the keyring")
    return StoreKey(KeyKind.KEYRING, key, KeyringWitness(backend, account))


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _within(act: Callable[[], _Result], seconds: float = _PROOF_SECONDS) -> _Result:
    """Run ``act`` on a thread of its own for at most ``seconds``: a keyring may wait for a prompt for ever."""
    results: list[_Result] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            results.append(act())
        except Exception as error:  # noqa: BLE001  a backend raises what its desktop raises; it is raised again below
            faults.append(error)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if results:
        return results[0]
    if faults:
        raise KeyringUnavailableError(f"the keyring failed ({type(faults[0]).__name__})") from faults[0]
    raise KeyringUnavailableError(f"the keyring did not answer within {seconds:.0f} s")
