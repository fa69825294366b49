"""`checkpoint bundle`: what a line would carry, in a file that a hand carries, at the booth and at the centre."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from checkpoint_app.commands.booth_store import open_store
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.home import DATA, INBOX, home
from checkpoint_app.commands.passphrases import BY_OPTION
from checkpoint_app.store import DiskFullError, StoreBusyError
from checkpoint_app.store.files import disk_errors, fill_whole, open_regular
from checkpoint_app.wire.bundle import BUNDLE_ENDING, BundleKind, read_bundle_header
from checkpoint_app.wire.bundle_parts import BundleCode, BundleError

if TYPE_CHECKING:
    from checkpoint_app.store import Store
    from checkpoint_app.sync.bundle_up import Exported

MIB = 1 << 20
ROOM = 64 * MIB
"""What the copy of a bundle must leave free: the window that is open goes on writing its journal."""
REFUSED = 3
METADATA = "repository"  # below the data folder; the window keeps it there too
_BAD_INPUT = frozenset({BundleCode.NOT_A_BUNDLE, BundleCode.UNREADABLE, BundleCode.NEWER})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the two steps."""
    steps = parser.add_subparsers(dest="step", metavar="export|import", required=True)
    export = steps.add_parser("export", help="write a bundle")
    export.add_argument("file", type=Path, metavar="FILE", help="the bundle; a folder where it goes to several booths")
    export.add_argument("--to", action="append", default=[], metavar="BOOTH",
                        help="a booth that it is for; without one, it is this booth's own, for the centre")  # fmt: skip
    export.add_argument("--pictures", type=_mebibytes, metavar="MIB", default=512,
                        help="the most that pictures may take in a bundle for the centre (512)")  # fmt: skip
    export.add_argument("--whole", action="store_true", help="from the centre: every list whole, for a first load")
    into = steps.add_parser("import", help="take in a bundle")
    into.add_argument("file", type=Path, metavar="FILE")
    for each in (export, into):
        each.add_argument(
            "--home", type=Path, metavar="DIR", help="work at the centre in this folder, not at the booth"
        )
        each.add_argument(BY_OPTION, type=Path, metavar="FILE",
                          help="file whose first line is the passphrase; else it is asked for")  # fmt: skip
        each.add_argument("--json", action="store_true", help="one JSON object for scripts")


def run(args: argparse.Namespace) -> int:
    """Run the step. Exit code 0; 1 when something in it was refused; raises CommandError: 3 for one refused whole."""
    from checkpoint_app.store import StoreError

    try:
        told, code = _at_centre(args) if args.home is not None else _at_booth(args)
    except BundleError as error:
        raise CommandError(f"{args.file}: {error}", 2 if error.code in _BAD_INPUT else REFUSED) from error
    except StoreError as error:
        raise CommandError(f"{args.file}: {error} ({error.code})") from error
    print(json.dumps(told) if args.json else _text(told))
    return code


def _at_centre(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from checkpoint_app.commands.central import EXTRA

    try:
        from checkpoint_app.commands import bundle_central
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in EXTRA:
            raise CommandError("the central service is not installed: install checkpoint-app[central]") from error
        raise
    return bundle_central.run(args)


def _at_booth(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from checkpoint_app.sync.bundle_up import NoBundleError

    if args.step == "export" and args.whole:
        raise CommandError("--whole: only the centre has every list whole; name its folder by --home")
    try:
        store = open_store(home() / DATA, args.passphrase_file)
    except CommandError as error:
        if not isinstance(error.__cause__, StoreBusyError):
            raise
        return _with_window(args, error)
    with store:
        try:
            return _import(store, args.file) if args.step == "import" else (_told(_export(store, args)), 0)
        except NoBundleError as error:
            raise CommandError(str(error), 1) from error


def _with_window(args: argparse.Namespace, busy: CommandError) -> tuple[dict[str, Any], int]:
    """Hand a bundle over to the window that has the store open: through the inbox folder, which it looks into."""
    if args.step == "export":
        raise CommandError("the booth's window is open; put the stick in, and it offers to write to it", 1) from busy
    with _opened(args.file) as file:
        header = read_bundle_header(file)
        if header.kind is BundleKind.UP:
            raise BundleError(BundleCode.OTHER_KIND, "it goes to the centre; import it there, with --home")
        file.seek(0)
        with disk_errors("inbox"):
            (home() / INBOX).mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.fstat(file.fileno()).st_size > shutil.disk_usage(home() / INBOX).free - ROOM:
                raise DiskFullError("inbox: no room for a copy of it; free some space, or close the window first")
            path = home() / INBOX / f"{header.bundle}{BUNDLE_ENDING}"
            fill_whole(path, lambda copy: shutil.copyfileobj(file, copy, MIB))
    return {"bundle": header.bundle, "kind": header.kind.value, "sender": header.sender, "handed_to": "window"}, 0


def _export(store: Store, args: argparse.Namespace) -> Exported:
    from checkpoint_app.booth.record.signed_objects import booths_of
    from checkpoint_app.sync.bundle_lists import export_lists
    from checkpoint_app.sync.bundle_up import export_up

    if len(args.to) > 1:
        raise CommandError("--to: a booth writes a bundle for one other booth at a time")
    if not args.to:
        return export_up(lambda work: work(store), args.file, most_picture_bytes=args.pictures * MIB)
    places = (home() / INBOX, home() / DATA / METADATA)
    return export_lists(lambda work: work(store), args.to[0], args.file, *places, known=booths_of(store))


def _import(store: Store, path: Path) -> tuple[dict[str, Any], int]:
    from checkpoint_app.booth.line.windowless_round import apply_and_tell
    from checkpoint_app.booth.opening.status_file import LineStatus
    from checkpoint_app.booth.record.signed_objects import booths_of
    from checkpoint_app.sync.bundle_down import import_bundle

    inbox = home() / INBOX
    with _opened(path) as file:
        known = booths_of(store)
        done = import_bundle(file, lambda work: work(store), inbox, home() / DATA / METADATA, known=known)
    line = LineStatus("down", store.time.wall(), None, "by_hand")
    applied = apply_and_tell(store, home() / DATA, inbox, line, done.faults)
    told = {
        "bundle": done.bundle,
        "kind": done.kind.value,
        "sender": done.sender,
        "fetched": [{"name": one.name, "version": one.version} for one in done.brought],
        "applied": [{"name": one.name, "version": one.version, "refused": one.refused} for one in applied],
        "cases": done.cases,
        "acknowledged": done.acknowledged,
        "leases": done.leases,
        "letters": done.letters,
        "faults": [{"part": part, "code": code} for part, code in done.faults],
        "damaged": done.damaged,
    }
    refused = done.faults or done.damaged or any(one.refused for one in applied)
    return told, 1 if refused else 0


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = open_regular(path)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
    with file:
        yield file


def _told(done: Exported) -> dict[str, Any]:
    counts = {"events": done.events, "pictures": done.pictures, "pictures_left": done.pictures_left}
    told = {"bundle": done.bundle, "receiver": done.receiver, **counts, "lists": done.lists}
    if done.not_whole:
        told["not_whole"] = list(done.not_whole)
        names = ", ".join(done.not_whole)
        print(f"not whole here: {names}; a booth that has none of it needs a bundle of the centre", file=sys.stderr)
    return told


def _text(told: dict[str, Any]) -> str:
    """Return the report in lines; what is nothing is left out. Of several bundles each has its own lines."""
    lines = []
    for name, value in told.items():
        for one in value if isinstance(value, list) else [value]:
            if name == "bundles":
                lines.append(_text(one))
            elif one not in ("", None):
                said = " ".join(str(each) for each in one.values()) if isinstance(one, dict) else str(one)
                lines.append(f"{name:14}{said.rstrip()}")
    return "\n".join(lines)


def _mebibytes(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1 << 20:
        raise argparse.ArgumentTypeError(f"{text}: from 0 to {1 << 20} MiB")
    return number
