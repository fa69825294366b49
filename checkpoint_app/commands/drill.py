"""`checkpoint drill`: the open window cuts its line on purpose; `--last` tells what would have been missed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from checkpoint_app.booth.drills.drill import MINUTES, MOST_MINUTES
from checkpoint_app.booth.drills.drill_report import report
from checkpoint_app.booth.drills.window_request import RefusedRequestError, Wants
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.history import length
from checkpoint_app.commands.home import DATA, home
from checkpoint_app.commands.store_facts import ask_window, facts

NO_WINDOW = "no window of this booth is open, so there is no line to cut; open it (`checkpoint`), then try again"
_REFUSED = {
    "running": "a drill goes on already, or is still being looked back at; F12 in the window ends it",
    "no_centre": "this booth has no centre, so there is no line to cut",
    "no_line": "there is no line to cut: it is down already",
    "failed": "the window can't write the drill down, so it does not begin; its screen says why",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--minutes", type=_minutes, default=MINUTES, metavar="N",
                        help=f"how long, from 1 to {MOST_MINUTES} minutes (default: {MINUTES})")  # fmt: skip
    parser.add_argument("--last", action="store_true", help="tell about the last drill instead")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE",
                        help="for --last without a window: file whose first line is the passphrase")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object for scripts")


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_MINUTES):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_MINUTES}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Begin a drill, or tell about the last. Exit code 0; 1 when refused, or there was none; raises CommandError."""
    if args.last:
        return _last(args)
    try:
        told = ask_window(home() / DATA, Wants.DRILL, args.minutes)
    except RefusedRequestError as error:
        raise CommandError(_REFUSED.get(error.why, f"the window refused: {error.why}"), 1) from error
    if told is None:
        raise CommandError(NO_WINDOW)
    text = (
        f"the line is cut for {length(args.minutes)}; F12 in the window ends it, `checkpoint drill --last` tells of it"
    )
    print(json.dumps({"minutes": args.minutes}) if args.json else text)
    return 0


def _last(args: argparse.Namespace) -> int:
    told = facts(
        home() / DATA, Wants.LAST_DRILL, args.passphrase_file, lambda store: report(store.line_history.last_drill())
    )
    drill = told.get("drill")
    if args.json:
        print(json.dumps({"drill": drill}))
    else:
        print("there was no drill yet" if drill is None else _text(drill))
    return 1 if drill is None else 0


def _text(drill: dict[str, Any]) -> str:
    how = {"over": "", "key": ", ended by F12", "closed": ", ended with the window", "crash": ", ended by a crash"}
    lines = [f"begun      {drill['begun']}, for {length(drill['minutes'])}{how.get(drill['why'], '')}"]
    if drill["state"] == "going_on":
        return "\n".join([*lines, f"decided    {drill['decided']} so far; it goes on, or is being looked back at"])
    lines += [
        f"decided    {drill['decided']} without the centre",
        f"asked      {drill['asked']} again: the centre knows more of {drill['raised']}, less of {drill['lowered']}",
        f"late hits  {drill['late_hits']} of them by now",
        f"unchecked  {drill['unchecked']} could not be asked about",
    ]
    lines += [f"list       {one['name']} {one['version']}, {one['age_s'] // 3600} h old" for one in drill["lists"]]
    return "\n".join(lines)
