"""`checkpoint bundle` at the centre: takes what booths send by hand, and writes what goes to them."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from checkpoint_app.central.bundles import receive_bundle
from checkpoint_app.central.bundling import export_down
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.commands.central_home import opened
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.wire.bundle import BUNDLE_ENDING

_REFUSED = frozenset({"booth_unknown", "booth_other_key", "booth_revoked", "booth_pending"})


def run(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Run the step; returns what is told of it and the exit code. Raises CommandError, BundleError."""
    try:
        with opened(args) as centre:
            return _import(centre, args) if args.step == "import" else _export(centre, args)
    except CentreError as error:
        raise CommandError(str(error), 3 if error.code in _REFUSED else 2) from error


def _import(centre: Centre, args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    received = receive_bundle(centre, args.file)
    return asdict(received), 1 if received.refused else 0


def _export(centre: Centre, args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Write one file for one booth, or a folder with one for each."""
    if not args.to:
        raise CommandError("--to: name the booth, or the booths, that the bundle is for")
    folder = args.file.is_dir() or len(args.to) > 1
    sent = []
    for booth in args.to:
        path = args.file / f"{booth}{BUNDLE_ENDING}" if folder else args.file
        try:
            if folder:
                args.file.mkdir(parents=True, exist_ok=True)
            one = export_down(centre, booth, path, whole=args.whole)
        except OSError as error:
            raise CommandError(f"{path}: cannot be written: {error.strerror}") from error
        lists = [{"name": name, "version": version} for name, version in one.lists]
        told = {"bundle": one.bundle, "receiver": one.receiver, "lists": lists, "letters": one.letters}
        sent.append({**told, "bytes": one.bytes, "file": str(path)})
    return {"bundles": sent}, 0
