"""What every action of `checkpoint central` needs: the centre's folder, its passphrase, and the open centre."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from checkpoint_app.commands.errors import CommandError

if TYPE_CHECKING:
    from checkpoint_app.central.centre import Centre

HOME = "CHECKPOINT_CENTRAL_HOME"
PASSPHRASE_FILE = "CHECKPOINT_CENTRAL_PASSPHRASE_FILE"  # noqa: S105  the name of a variable
_MAX_PASSPHRASE_BYTES = 1024


def add_home(parser: argparse.ArgumentParser, *, below: bool = False) -> None:
    """Declare where the centre is and how it opens. ``below``: a parser above declares it too, and either may say."""
    default = argparse.SUPPRESS if below else None
    home = f"the centre's folder; else {HOME}, else the user's data folder"
    file = f"file whose first line is the passphrase; else {PASSPHRASE_FILE}, else it is asked for"
    parser.add_argument("--home", type=Path, metavar="DIR", default=default, help=home)
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", default=default, help=file)


def home_of(args: argparse.Namespace) -> Path:
    """Return the centre's folder; it need not exist."""
    named = args.home or os.environ.get(HOME)
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "checkpoint-central"


def passphrase_of(args: argparse.Namespace, *, twice: bool = False) -> str:
    """Return the passphrase; ``twice`` has it typed again where it is asked for. Raises CommandError."""
    named = args.passphrase_file or os.environ.get(PASSPHRASE_FILE)
    if named:
        return _first_line(Path(named))
    if not sys.stdin.isatty():
        raise CommandError(f"no passphrase: name a file by --passphrase-file or {PASSPHRASE_FILE}")
    typed = getpass.getpass("passphrase of the centre: ")
    if twice and getpass.getpass("once more: ") != typed:
        raise CommandError("the two passphrases are not the same; type them again")
    return typed


@contextlib.contextmanager
def opened(args: argparse.Namespace) -> Iterator[Centre]:
    """Return a block with the centre that ``args`` name, open. Raises CentreError, CommandError."""
    from checkpoint_app.central import opening

    centre = opening.open_centre(home_of(args), passphrase_of(args))
    try:
        yield centre
    finally:
        opening.close(centre)


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_PASSPHRASE_BYTES + 1)
        text = data.decode()
    except OSError as error:
        raise CommandError(f"{path}: the passphrase cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: its first line is no passphrase in UTF-8") from error
    if len(data) > _MAX_PASSPHRASE_BYTES:
        raise CommandError(f"{path}: too large for a passphrase")
    return text.partition("\n")[0].rstrip("\r")
