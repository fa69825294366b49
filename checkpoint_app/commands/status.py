"""`checkpoint status`: the booth's state, without its key and without disturbing it."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checkpoint_app.booth.opening.status_file import StatusError, read_status
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.home import DATA, home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--json", action="store_true", help="one JSON object for scripts")
    parser.add_argument("--history", action="store_true", help="a year's outages of the line, from the journal")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE",
                        help="for --history: file whose first line is the passphrase")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print the status, or a year's outages. Raises CommandError where no booth has run yet."""
    if args.history:
        from checkpoint_app.commands import history

        year = history.history(home() / DATA, args.passphrase_file)
        print(json.dumps(history.plain(year)) if args.json else history.text(year))
        return 0
    try:
        status = read_status(home() / DATA, datetime.now(UTC))
    except StatusError as error:
        raise CommandError(str(error)) from error
    print(json.dumps(status) if args.json else _text(status))
    return 0


def _text(status: dict[str, Any]) -> str:
    line, outbox = status["line"], status["outbox"]
    lines = [
        f"booth   {status['booth']}",
        f"line    {line['state']}: {line['reason']}",
        f"heard   {line['last_contact'] or 'never yet'}",
        f"outbox  {outbox['count']} to send" + (f", oldest {outbox['oldest']}" if outbox["oldest"] else ""),
        f"chain   {outbox['acknowledged']} acknowledged, head {outbox['head'] or 'none'}",
        f"store   key: {status['store']['key']}",
    ]
    lines += [
        f"list    {one['name']} {one['version']}, {one['age_s'] // 3600} h old, {one['state']}"
        for one in status["lists"]
    ]
    return "\n".join(lines)
