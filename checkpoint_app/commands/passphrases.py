"""A passphrase: the first line of a file, or typed."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from checkpoint_app.commands.errors import CommandError

MAX_PASSPHRASE_BYTES = 1024
BY_OPTION = "--passphrase-file"


def passphrase_of(file: Path | None, *, whose: str = "booth", named_by: str = BY_OPTION, twice: bool = False) -> str:
    """Return the first line of ``file``, or what is typed; ``twice`` has it typed again. Raises CommandError.

    ``whose`` is said at the prompt; ``named_by`` where there is neither a file nor a terminal.
    """
    if file is not None:
        return _first_line(file)
    if not sys.stdin.isatty():
        raise CommandError(f"no passphrase: name a file by {named_by}")
    typed = getpass.getpass(f"passphrase of the {whose}: ")
    if twice and getpass.getpass("once more: ") != typed:
        raise CommandError("the two passphrases are not the same; type them again")
    return typed


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PASSPHRASE_BYTES + 1)
        text = data.decode()
    except OSError as error:
        raise CommandError(f"{path}: the passphrase cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: its first line is no passphrase in UTF-8") from error
    if len(data) > MAX_PASSPHRASE_BYTES:
        raise CommandError(f"{path}: too large for a passphrase")
    return text.partition("\n")[0].rstrip("\r")
