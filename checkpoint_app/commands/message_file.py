"""Files of carriers and customs for the commands that read them: opened with care, refused in one form.

What can't be read: exit code 2, one line on standard error, and with JSON asked for ``{"error", "where"}``.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any, BinaryIO

from checkpoint_app.cargo.values import MessageError

NOT_READ = 2


def open_message(path: Path) -> BinaryIO:
    """Open a plain file for reading. Raises MessageError: a pipe would be waited for, and can't be wound back."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no name of a file"
        raise MessageError("not_readable", f"cannot be opened: {reason.lower()}: check the path") from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    what = "a folder" if stat.S_ISDIR(mode) else "no plain file"
    raise MessageError("not_a_file", f"{what}: give the path of one message")


def read_bytes(path: Path, most: int) -> bytes:
    """Return a file's bytes. Raises MessageError: it can't be read, or is larger than ``most`` bytes."""
    with open_message(path) as file:
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise MessageError("not_readable", f"cannot be read: {error.strerror}") from error
    if len(data) > most:
        raise MessageError("too_large", f"larger than {most >> 20} MiB: read it with --stream", byte=most)
    return data


def refuse(path: Path, error: MessageError, as_json: bool) -> int:
    """Say that ``path`` was not read, and return the exit code."""
    if as_json:
        print_line({"error": str(error), "code": error.code, "where": {"file": path.name, **error.where}})
    print(f"checkpoint: {shown(path.name)}: {shown(str(error))}", file=sys.stderr)
    return NOT_READ


def print_line(value: Any) -> None:
    """Print a value as one line of JSON. ASCII alone: a name in another script must not depend on the terminal."""
    print(json.dumps(value, ensure_ascii=True))


def shown(text: str) -> str:
    """Return ``text`` without what would steer a terminal: names in messages are a stranger's."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
