"""`checkpoint central officers`: keep the officers that booths let in, and answer a challenge by telephone."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from checkpoint_app.central import officers
from checkpoint_app.central.officers import Officer, Person, Role
from checkpoint_app.central.transactions import retried
from checkpoint_app.commands.central_home import add_home, opened
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.wire.pin import FEWEST_DIGITS, MOST_DIGITS, is_pin, make_verifier
from checkpoint_app.wire.plain import to_plain

_TERM = timedelta(days=365)
_MAX_PIN_BYTES = 64


def add_arguments(_action: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's options and its steps."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="the list as one JSON object for scripts")
    steps = parser.add_subparsers(dest="step", metavar="STEP", help="none: list the officers")
    ends = "the first day (UTC) on which they may sign in no more, as 2027-06-30"
    add = _step(steps, "add", "let an officer sign in at the booths")
    add.add_argument("--name", required=True, metavar="NAME", help="name that booths show")
    add.add_argument("--role", required=True, type=Role, choices=tuple(Role))
    add.add_argument("--ends", metavar="DATE", help=f"{ends}; a year from now if not given")
    _add_pin_file(add)
    _step(steps, "disable", "let an officer sign in no more, from the next list on")
    enable = _step(steps, "enable", "let an officer sign in again")
    enable.add_argument("--ends", metavar="DATE", help=f"{ends}; as it was if not given")
    _add_pin_file(_step(steps, "pin", "give an officer another PIN"))
    unlock = _step(steps, "unlock", "print the code that unlocks an officer at a booth without a line")
    unlock.add_argument("--booth", required=True, metavar="BOOTH", help="the booth that shows the challenge")
    unlock.add_argument("--challenge", required=True, metavar="DIGITS", help="the eight digits on its screen")
    unlock.add_argument("--supervisor", required=True, metavar="ID", help="who vouches for the officer")


def run(args: argparse.Namespace) -> int:
    """Run the step. Raises CommandError, CentreError."""
    if args.step is None:
        return _list(args)
    step: Callable[[argparse.Namespace], str] = _STEPS[args.step]
    print(step(args))
    return 0


def _step(steps: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    step = steps.add_parser(name, help=text, description=text)
    step.add_argument("id", metavar="ID", help="what the officer types to sign in")
    return step


def _add_pin_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pin-file", type=Path, metavar="FILE",
                        help="file whose first line is the PIN; it is asked for if not given")  # fmt: skip


def _list(args: argparse.Namespace) -> int:
    with opened(args) as centre:
        found = retried(centre, lambda connection: officers.all(centre, connection))
        now = centre.now()
    if args.json:
        print(json.dumps({"officers": [_plain(one, now) for one in found]}))
        return 0
    for one in found:
        print(f"{one.id:12}  {one.person.role:10}  {_state(one, now):8}  {one.ends_at:%Y-%m-%d}  {one.person.name}")
    if not found:
        print("no officers: `checkpoint central officers add` makes one")
    return 0


def _plain(one: Officer, now: datetime) -> dict[str, str]:
    about = {"id": one.id, "name": one.person.name, "role": one.person.role.value}
    return about | {"ends_at": to_plain(one.ends_at), "state": _state(one, now)}


def _state(one: Officer, now: datetime) -> str:
    return "disabled" if one.disabled_at else "enabled" if one.may_sign_in(now) else "ended"


def _add(args: argparse.Namespace) -> str:
    ends_at = _day(args.ends)
    with opened(args) as centre:
        person = Person(args.name, args.role, make_verifier(_pin(args.pin_file)))
        end = ends_at or centre.now() + _TERM
        retried(centre, lambda connection: officers.add(centre, connection, args.id, person, end))
    return f"{args.id}: added, until {end:%Y-%m-%d}; `checkpoint central publish` brings it to the booths"


def _disable(args: argparse.Namespace) -> str:
    with opened(args) as centre:
        retried(centre, lambda connection: officers.disable(centre, connection, args.id))
    return f"{args.id}: disabled; `checkpoint central publish` brings it to the booths"


def _enable(args: argparse.Namespace) -> str:
    ends_at = _day(args.ends)
    with opened(args) as centre:
        retried(centre, lambda connection: officers.enable(centre, connection, args.id, ends_at))
    return f"{args.id}: enabled; `checkpoint central publish` brings it to the booths"


def _change_pin(args: argparse.Namespace) -> str:
    with opened(args) as centre:
        retried(centre, lambda connection: officers.get(centre, connection, args.id))  # before a PIN is asked for
        verifier = make_verifier(_pin(args.pin_file))
        retried(centre, lambda connection: officers.set_verifier(centre, connection, args.id, verifier))
    return f"{args.id}: has another PIN; `checkpoint central publish` brings it to the booths"


def _unlock(args: argparse.Namespace) -> str:
    about = {"booth": args.booth, "challenge": args.challenge, "supervisor_id": args.supervisor}
    with opened(args) as centre:
        return retried(centre, lambda connection: officers.unlock(centre, connection, args.id, **about))


_STEPS = {"add": _add, "disable": _disable, "enable": _enable, "pin": _change_pin, "unlock": _unlock}


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise CommandError(f"--ends {text}: expected a day like 2027-06-30") from error


def _pin(path: Path | None) -> str:
    """Return the PIN of a file, or one that is typed twice. Raises CommandError, which never quotes it."""
    if path is None:
        if not sys.stdin.isatty():
            raise CommandError("no PIN: name a file by --pin-file")
        pin = getpass.getpass("PIN of the officer: ")
        if getpass.getpass("once more: ") != pin:
            raise CommandError("the two PINs are not the same; type them again")
    else:
        pin = _first_line(path)
    if not is_pin(pin):
        where = f"{path}: its first line" if path else "the PIN"
        raise CommandError(f"{where} is not {FEWEST_DIGITS} to {MOST_DIGITS} digits")
    return pin


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_PIN_BYTES)
    except OSError as error:
        raise CommandError(f"{path}: the PIN cannot be read: {error.strerror}") from error
    return data.partition(b"\n")[0].rstrip(b"\r").decode("ascii", "replace")
