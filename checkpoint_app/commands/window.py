"""`checkpoint` without a command: the booth's window."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from checkpoint_app.booth.desk.words import LANGUAGES
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.home import DATA, INBOX, home

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")  # without any, Qt would end the process by a signal
SCAN_AREAS = {"glass": None, "passport": (125, 88)}  # millimetres; a passport's page is 125 × 88 (Doc 9303-3)
PALETTES = ("auto", "day", "night", "contrast")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the window's options."""
    parser.add_argument("--language", choices=LANGUAGES, default="es", help="language of the screen (default: es)")
    parser.add_argument("--palette", choices=PALETTES, default="auto", help="colours of the screen (default: auto)")
    parser.add_argument(
        "--scanner",
        default="auto",
        metavar="none|auto|DEVICE",
        help="document scanner: none, the first that SANE knows, or how its SANE name begins (default: auto)",
    )
    parser.add_argument(
        "--scan-dpi", type=_dots, default=300, metavar="N", help="dots an inch of a scan, 150 to 1200 (default: 300)"
    )
    parser.add_argument(
        "--scan-area", choices=SCAN_AREAS, default="glass", help="what of the glass is scanned (default: glass)"
    )
    parser.add_argument("--tray", type=Path, metavar="FOLDER", help="a folder to watch for document pictures")
    parser.add_argument(
        "--frames",
        type=Path,
        metavar="FOLDER",
        help="a folder where a camera lays frames; those named alike up to -1, -2, … are read together",
    )


def _dots(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 150 <= int(text) <= 1200):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 150 to 1200")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Open the window. Raises CommandError where it can't be shown."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="checkpoint: %(name)s: %(message)s")
    for option, folder in (("--tray", args.tray), ("--frames", args.frames)):
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{option} {folder}: no such folder; make it, or name another")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _DISPLAYS):
        raise CommandError("no display; start it on the booth's desktop, or set DISPLAY")
    from checkpoint_app.booth.desk.places import Places
    from checkpoint_app.commands.booth import desk_factory
    from checkpoint_app.readers.sane import Wanted
    from checkpoint_app.ui.app import run as run_window

    places = Places(home() / DATA, home() / INBOX, args.tray, args.frames)
    wanted = Wanted(args.scan_dpi, SCAN_AREAS[args.scan_area])
    return run_window(desk_factory(places, args.language, args.scanner, wanted), palette=args.palette)
