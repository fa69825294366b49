"""What every action of `checkpoint central` needs: the centre's folder, its passphrase, and the open centre."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from checkpoint_app.commands import passphrases
from checkpoint_app.commands.passphrases import BY_OPTION

if TYPE_CHECKING:
    from checkpoint_app.central.centre import Centre

HOME = "CHECKPOINT_CENTRAL_HOME"
PASSPHRASE_FILE = "CHECKPOINT_CENTRAL_PASSPHRASE_FILE"  # noqa: S105  the name of a variable


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
    file = Path(named) if named else None
    return passphrases.passphrase_of(file, whose="centre", named_by=f"{BY_OPTION} or {PASSPHRASE_FILE}", twice=twice)


@contextlib.contextmanager
def opened(args: argparse.Namespace) -> Iterator[Centre]:
    """Return a block with the centre that ``args`` name, open. Raises CentreError, CommandError."""
    from checkpoint_app.central import opening

    centre = opening.open_centre(home_of(args), passphrase_of(args))
    try:
        yield centre
    finally:
        opening.close(centre)
