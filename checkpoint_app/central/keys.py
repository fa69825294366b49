"""The centre's key file: its id, the master key wrapped under a passphrase, and where its database is.

While a centre is being made the file has the ending ``.half``; its renaming makes the centre one. So a kill before it
leaves a half file, which says what may be thrown away, and a kill after it leaves a whole centre.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkpoint_app.central import files
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.vault import Vault
from checkpoint_app.wire.passphrase import (
    ShortPassphraseError,
    Stretching,
    WrappedKeyError,
    WrongPassphraseError,
    unwrap_with,
    wrap_under,
)
from checkpoint_app.wire.sealing import SealError, new_key

KEY_FILE = "centre.key.json"
HALF_KEY_FILE = KEY_FILE + ".half"
_VERSION = 1
_CONTEXT = b"checkpoint centre key 1"
_URL = "database url"
_MAX_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class CentreKey:
    """An open key file. ``id`` also stands in the database, ``database_url`` is empty for the encrypted SQLite."""

    id: str
    vault: Vault = field(repr=False)
    database_url: str = field(default="", repr=False)


def write_half_key(folder: Path, passphrase: str, database_url: str, stretching: Stretching | None) -> CentreKey:
    """Make a new master key and write it as the half key file. Raises CentreError, OSError."""
    master = new_key()
    key = CentreKey(secrets.token_hex(16), Vault(master), database_url)
    try:
        wrapped = wrap_under(passphrase, master, _CONTEXT, stretching)
    except ShortPassphraseError as error:
        raise CentreError("passphrase_short", f"{error}; choose a longer one") from error
    url = key.vault.seal(database_url.encode(), _URL).hex()
    contents = {"version": _VERSION, "id": key.id, "database_url": url, **wrapped}
    files.write_whole(folder / HALF_KEY_FILE, json.dumps(contents, sort_keys=True).encode())
    return key


def make_whole(folder: Path) -> None:
    """Let the half key file be the key file: from here on there is a centre. Raises OSError."""
    (folder / HALF_KEY_FILE).replace(folder / KEY_FILE)
    files.sync_folder(folder)


def half_id(folder: Path) -> str | None:
    """Return the id in the half key file that a broken-off start has left; None where there is none to read."""
    try:
        return str(_contents(folder / HALF_KEY_FILE)["id"])
    except (CentreError, KeyError):
        return None


def open_key(folder: Path, passphrase: str) -> CentreKey:
    """Return the key of the centre in ``folder``. Raises CentreError."""
    contents = _contents(folder / KEY_FILE)
    if contents.get("version") != _VERSION:
        raise CentreError("centre_newer", f"{KEY_FILE}: written by another version of the program; use that one")
    try:
        vault = Vault(unwrap_with(passphrase, contents, _CONTEXT))
        url = vault.open(bytes.fromhex(contents["database_url"]), _URL).decode()
        return CentreKey(str(contents["id"]), vault, url)
    except WrongPassphraseError as error:
        raise CentreError("passphrase_wrong", "the passphrase of the centre is wrong; give the right one") from error
    except (WrappedKeyError, SealError, ValueError, KeyError, TypeError) as error:
        raise CentreError("key_damaged", f"{KEY_FILE}: damaged; restore it from a backup of the folder") from error


def _contents(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as error:
        cure = "make one by `checkpoint central init`, or name its folder by --home"
        raise CentreError("centre_missing", f"{path.parent}: there is no centre here; {cure}") from error
    except OSError as error:
        raise CentreError("key_unreadable", f"{path}: cannot be read: {error.strerror}") from error
    try:
        contents = json.loads(data) if len(data) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        contents = None
    if not isinstance(contents, dict):
        raise CentreError("key_damaged", f"{path.name}: damaged; restore it from a backup of the folder")
    return contents
