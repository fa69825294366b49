"""`checkpoint central audit`: who did what at the centre, its alarms, and whether the stored chains hold.

`audit --hits` tells instead how many hits each list gave in service, and how officers decided, without names.
`audit --lots` draws every past day of the lot again, and says what does not hold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from checkpoint_app.central import acts, alarms, audit, evaluations, in_service, lots
from checkpoint_app.central.acts import Act
from checkpoint_app.central.alarms import Alarm
from checkpoint_app.central.audit import Chain
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.in_service import MILLION, TEN_THOUSAND, Counts, InService, Measured
from checkpoint_app.central.lots import DayOfLot
from checkpoint_app.commands.central_home import add_home, opened
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.verdict import Check
from checkpoint_app.wire.plain import to_plain

_COUNTS = tuple(each.name for each in fields(Counts))


def add_arguments(_action: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object for scripts")
    parser.add_argument("--booth", default="", metavar="NAME", help="the chains of this booth alone")
    parser.add_argument("--after", type=int, default=0, metavar="N", help="the acts after number N")
    parser.add_argument("--alarms", action="store_true", help="the alarms alone")
    parser.add_argument("--hits", action="store_true", help="the hits of each list in service, as officers decided")
    parser.add_argument("--lots", action="store_true", help="each past day of the lot, drawn again")


def run(args: argparse.Namespace) -> int:
    """Tell it; exit code 1 where a record does not hold. Raises CommandError, CentreError."""
    if args.after < 0:
        raise CommandError(f"--after {args.after}: acts are numbered from 1")
    with opened(args) as centre:
        if args.hits:
            _hits(in_service.measured(centre, args.booth), as_json=args.json)
            return 0
        if args.lots:
            return _lots(lots.days(centre, args.booth), as_json=args.json)
        told: dict[str, Any] = {}
        whole = True
        if not args.alarms and not args.booth:
            whole = _acts(centre, args.after, told, quiet=args.json)
        if not args.booth:
            _alarms(centre, told, quiet=args.json)
            _rules(centre, told, quiet=args.json)
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


def _rules(centre: Centre, told: dict[str, Any], *, quiet: bool) -> None:
    """Tell what came of evaluating again what rules came to at booths."""
    with centre.begin() as connection:
        found = evaluations.counted(connection)
    told["rules"] = [asdict(one) for one in found]
    if not quiet:
        for one in found:
            text = (
                f"rules {one.list_name} {one.version}: {one.same:,} evaluations the same, {one.differ:,} not the same"
            )
            print(_printable(f"{text}, {one.not_here:,} of a version that is not here, {one.waiting:,} waiting"))


def _chains(centre: Centre, booth: str, told: dict[str, Any], *, quiet: bool) -> bool:
    found: list[Chain] = []
    for one in audit.chains(centre, booth):
        found.append(one)
        if not quiet:
            print(_line(one), flush=True)
    told["chains"] = [to_plain(one) for one in found]
    return not any(one.fault for one in found)


def _hits(found: InService, *, as_json: bool) -> None:
    if as_json:
        lists = [_plain(one) for one in found.lists]
        print(json.dumps({"lists": lists, "unread": found.unread}))
        return
    rows = [("list", "post", *(name.replace("_", " ") for name in _COUNTS))]
    for one in found.lists:
        name = f"{one.list_name} {one.version}"
        rows += [(name, post, *map(str, _numbers(counts))) for post, counts in one.posts.items()]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        left = (text.ljust(width) for text, width in zip(row[:2], widths[:2], strict=True))
        right = (text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True))
        print("  ".join(map(_printable, (*left, *right))))
    for one in found.lists:
        if one.check is Check.WANTED:
            print(_printable(_rate(one)))
    if found.unread:
        print(f"events that could not be counted: {found.unread}")


def _lots(days: Iterable[DayOfLot], *, as_json: bool) -> int:
    """Tell each day; exit code 1 where one does not hold."""
    found = list(days)
    if as_json:
        print(json.dumps({"lots": [to_plain(one) for one in found]}))
    else:
        for one in found:
            faults = ", ".join(f"{each.code} {each.number}" if each.number else each.code for each in one.faults)
            seed = ", local seed" if one.local else ""
            after = f" ({one.passed} let pass, {one.withdrawn} withdrawn)" if one.passed or one.withdrawn else ""
            count = f"{one.passages} passages, {one.drawn} drawn{after}{seed}"
            print(_printable(f"{one.booth}, lane {one.lane}, {one.day}: {count}: {faults or 'holds'}"))
        if not found:
            print("lots: no day is over yet")
    return 1 if any(one.faults for one in found) else 0


def _numbers(counts: Counts) -> list[int]:
    return [getattr(counts, name) for name in _COUNTS]


def _rate(one: Measured) -> str:
    """Return the false hits of a list in words: what was promised, and what it gives."""
    promised = "no promise known" if one.promised is None else f"promised {_promised(one):.1f} in 10,000"
    of_all = f"{one.all.not_same:,} of {one.all.screened:,}"
    text = f"{one.list_name} {one.version}: {promised}, in service {one.in_ten_thousand:.1f} ({of_all})"
    if one.is_above:
        return f"{text}: clearly more false hits than promised; have the list calibrated anew, or ask its originator"
    return text


def _promised(one: Measured) -> float:
    return (one.promised or 0) * TEN_THOUSAND / MILLION


def _plain(one: Measured) -> dict[str, Any]:
    return {
        "list": one.list_name,
        "version": one.version,
        "check": one.check.value,
        "posts": [{"post": post, **dict(zip(_COUNTS, _numbers(c), strict=True))} for post, c in one.posts.items()],
        "screened": one.all.screened,
        "false_hits": one.all.not_same,
        "promised_in_10000": None if one.promised is None else _promised(one),
        "in_service_in_10000": round(one.in_ten_thousand, 3),
        "above_promise": one.is_above,
    }


def _printable(text: str) -> str:
    """Return ``text`` without what would move a terminal's cursor: names of lists are a booth's words."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _line(one: Chain) -> str:
    if one.fault:
        return f"booth {one.booth}: chain {one.number}, breaks at event {one.broken_at}: {one.fault}"
    return f"booth {one.booth}: chain {one.number}, {one.events} events, holds"


def _about(one: Act | Alarm) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in sorted(one.about.items()))
    return f" ({facts})" if facts else ""
