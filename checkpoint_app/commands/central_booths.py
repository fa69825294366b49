"""`checkpoint central enrol-code` and `booths`: codes for booths, and who of them is let in."""

from __future__ import annotations

import argparse
import json

from checkpoint_app.central import booths, publishing
from checkpoint_app.central.booths import Booth
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.commands.central_home import add_home, opened
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.confined.child import describe
from checkpoint_app.wire.enrolment import CODE_LIFETIME, MOST_TRIES
from checkpoint_app.wire.plain import to_plain

_STEPS = {
    "confirm": "let a booth in whose fingerprint is the same on both screens",
    "revoke": "shut a booth out",
    "new-chain": "let a booth begin a new chain after a fork",
}


def add_arguments(action: str, parser: argparse.ArgumentParser) -> None:
    """Declare what ``action`` takes."""
    if action == "enrol-code":
        parser.add_argument("booth", metavar="BOOTH", help="the booth that the code is for")
        parser.add_argument("--post", required=True, metavar="NAME", help="the post where it stands")
        add_home(parser)
        return
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="the list as one JSON object for scripts")
    steps = parser.add_subparsers(dest="step", metavar="STEP", help="none: list the booths")
    for step, text in _STEPS.items():
        one = steps.add_parser(step, help=text, description=text)
        one.add_argument("name", metavar="NAME")
        if step == "confirm":
            one.add_argument("fingerprint", metavar="FINGERPRINT")
        add_home(one, below=True)


def run(args: argparse.Namespace) -> int:
    """Run the action. Raises CommandError, CentreError."""
    if args.action == "enrol-code":
        return _enrol_code(args)
    if args.step is None:
        return _list(args)
    with opened(args) as centre:
        if args.step == "confirm":
            booths.confirm(centre, args.name, args.fingerprint)
            print(f"{args.name}: confirmed")
            _publish(centre)
        elif args.step == "revoke":
            booths.revoke(centre, args.name)
            print(f"{args.name}: revoked")
            _publish(centre)
        else:
            booths.allow_new_chain(centre, args.name)
            print(f"{args.name}: may begin a new chain, once")
    return 0


def _publish(centre: Centre) -> None:
    """Let all booths know how this one stands. What was decided holds even where that fails."""
    try:
        publishing.publish_booths(centre)
    except (CentreError, OSError) as error:
        why = error if isinstance(error, CentreError) else describe(error)
        raise CommandError(f"the list of booths was not published: {why}; see `checkpoint central publish`") from error


def _enrol_code(args: argparse.Namespace) -> int:
    with opened(args) as centre:
        code = booths.new_code(centre, args.booth, args.post)
        until = centre.now() + CODE_LIFETIME
    print(code.to_text())
    print(f"good for {args.booth} until {until:%Y-%m-%d %H:%M} UTC, once, and for {MOST_TRIES} tries")
    return 0


def _list(args: argparse.Namespace) -> int:
    with opened(args) as centre:
        found = booths.all_booths(centre)
    if args.json:
        print(json.dumps({"booths": [to_plain(booth) for booth in found]}))
        return 0
    heads = ("BOOTH", "POST", "STATE", "FINGERPRINT", "LAST SEEN", "EVENTS", "CHAIN")
    rows = [heads, *(_row(booth) for booth in found)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(heads))]
    for row in rows:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _row(booth: Booth) -> tuple[str, ...]:
    seen = f"{booth.last_seen:%Y-%m-%d %H:%M:%S}" if booth.last_seen else "never"
    chain = f"{booth.chain} (new allowed)" if booth.new_chain_allowed else str(booth.chain)
    return booth.name, booth.post, str(booth.state), booth.fingerprint, seen, str(booth.events), chain
