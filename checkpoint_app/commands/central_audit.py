"""`checkpoint central audit`: who did what at the centre, its alarms, and whether the stored chains hold."""

from __future__ import annotations

import argparse
import json
from typing import Any

from checkpoint_app.central import acts, alarms, audit
from checkpoint_app.central.acts import Act
from checkpoint_app.central.alarms import Alarm
from checkpoint_app.central.audit import Chain
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.commands.central_home import add_home, opened
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.wire.plain import to_plain


def add_arguments(_action: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object for scripts")
    parser.add_argument("--booth", default="", metavar="NAME", help="the chains of this booth alone")
    parser.add_argument("--after", type=int, default=0, metavar="N", help="the acts after number N")
    parser.add_argument("--alarms", action="store_true", help="the alarms alone")


def run(args: argparse.Namespace) -> int:
    """Tell it; exit code 1 where a record does not hold. Raises CommandError, CentreError."""
    if args.after < 0:
        raise CommandError(f"--after {args.after}: acts are numbered from 1")
    with opened(args) as centre:
        told: dict[str, Any] = {}
        whole = True
        if not args.alarms and not args.booth:
            whole = _acts(centre, args.after, told, quiet=args.json)
        if not args.booth:
            _alarms(centre, told, quiet=args.json)
        if not args.alarms:
            whole = _chains(centre, args.booth, told, quiet=args.json) and whole
    if args.json:
        print(json.dumps(told))
    return 0 if whole else 1


def _acts(centre: Centre, after: int, told: dict[str, Any], *, quiet: bool) -> bool:
    fault, count = "", 0
    made: list[Act] = []
    with centre.begin() as connection:
        try:
            count = acts.verify(connection)
        except CentreError as error:
            fault = str(error)
        while not fault and (page := acts.all(connection, made[-1].number if made else after)):
            made += page
    told |= {"acts": [to_plain(one) for one in made], "acts_fault": fault}
    if not quiet:
        for one in made:
            print(f"{one.number:6}  {one.at:%Y-%m-%d %H:%M:%S}  {one.who}: {one.what}{_about(one)}")
        print(f"acts: {fault}" if fault else f"acts: {count}, hold")
    return not fault


def _alarms(centre: Centre, told: dict[str, Any], *, quiet: bool) -> None:
    with centre.begin() as connection:
        found = alarms.all(connection)
    told["alarms"] = [to_plain(one) for one in found]
    if not quiet:
        for one in found:
            booth = f" at booth {one.booth}" if one.booth else ""
            print(f"alarm {one.number}: {one.at:%Y-%m-%d %H:%M:%S}  {one.kind}{booth}{_about(one)}")
        if not found:
            print("alarms: none")


def _chains(centre: Centre, booth: str, told: dict[str, Any], *, quiet: bool) -> bool:
    found: list[Chain] = []
    for one in audit.chains(centre, booth):
        found.append(one)
        if not quiet:
            print(_line(one), flush=True)
    told["chains"] = [to_plain(one) for one in found]
    return not any(one.fault for one in found)


def _line(one: Chain) -> str:
    if one.fault:
        return f"booth {one.booth}: chain {one.number}, breaks at event {one.broken_at}: {one.fault}"
    return f"booth {one.booth}: chain {one.number}, {one.events} events, holds"


def _about(one: Act | Alarm) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in sorted(one.about.items()))
    return f" ({facts})" if facts else ""
