"""What a command wants to know of the booth's store: from the window where it is open, else from the store itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from checkpoint_app.booth.drills.window_request import RefusedRequestError, SilentWindowError, Wants, ask, is_in_use
from checkpoint_app.commands.booth_store import open_store
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.store import Store, StoreError

SILENT = "the booth is in use by something that does not answer (another command?); try again in a moment"


def ask_window(folder: Path, wants: Wants, minutes: int = 0) -> dict[str, Any] | None:
    """Return what the open window says; None where none is open. Raises CommandError and RefusedRequestError."""
    try:
        return ask(folder, wants, minutes) if Store.exists(folder) and is_in_use(folder) else None
    except SilentWindowError as error:
        raise CommandError(SILENT, 1) from error
    except StoreError as error:
        raise CommandError(f"{error} ({error.code})") from error


def facts(
    folder: Path, wants: Wants, passphrase_file: Path | None, of: Callable[[Store], dict[str, Any]]
) -> dict[str, Any]:
    """Return what the window tells, or ``of`` the store opened with its key. Raises CommandError."""
    try:
        told = ask_window(folder, wants)
    except RefusedRequestError as error:
        raise CommandError(f"the window can't tell: {error.why}", 1) from error
    if told is not None:
        return told
    with open_store(folder, passphrase_file) as store:
        try:
            return of(store)
        except StoreError as error:
            raise CommandError(f"{error} ({error.code})") from error
