"""What the commands for messages share: a file that is opened with care, and an error as JSON and as one line."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from checkpoint_app.cargo.values import MessageError

FAILED = 2


def open_message(path: Path, most: int) -> BinaryIO:
    """Open a file of at most ``most`` bytes. Raises MessageError: ``not_found``, ``not_a_file`` (a folder, a pipe, a
    device: none of them is waited for), ``not_readable``, ``too_large``.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise MessageError("not_found", "there is no such file") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise MessageError("not_readable", f"cannot be read: {reason}") from error
    file = os.fdopen(descriptor, "rb", closefd=True) if _is_regular(descriptor) else None
    if file is None:
        os.close(descriptor)
        raise MessageError("not_a_file", "no file, but a folder, a pipe or a device: give a file")
    if os.fstat(descriptor).st_size > most:
        file.close()
        raise MessageError("too_large", f"larger than {most >> 20} MiB: give --stream, or split it", byte=most)
    return file


def read_file(path: Path, most: int) -> bytes:
    """Return a file's bytes; raises MessageError as `open_message` does."""
    with open_message(path, most) as file:
        try:
            return file.read(most + 1)
        except OSError as error:
            raise MessageError("not_readable", f"cannot be read: {error.strerror}") from error


def tell_failure(path: Path, error: MessageError) -> int:
    """Print the error, as JSON on standard output and as one line on standard error. Returns the exit code."""
    print(json.dumps({"error": str(error), "code": error.code, "where": error.where}))
    place = ", ".join(f"{name} {value}" for name, value in error.where.items())
    line = f"checkpoint: {path.name}: {error}" + (f" ({place})" if place else "")
    print(plain(line), file=sys.stderr)
    return FAILED


def plain(text: str | None) -> str:
    """Return a text for a terminal: what would steer it is shown as a sign that stands for nothing."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text or "")


def _is_regular(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)
