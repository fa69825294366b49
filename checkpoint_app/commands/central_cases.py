"""`checkpoint central cases`: what a person has to look at, late hits first of all, also those from silent lists.

`cases --early` lists what booths told before its turn: hits and decisions of an outage whose events still come.

`cases clearances` lists the decisions "not the same person" that all booths follow, and withdraws one.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from checkpoint_app.central import acts, cases, clearances, early, publishing
from checkpoint_app.central.cases import CaseLine
from checkpoint_app.central.centre import Centre
from checkpoint_app.commands.central_home import add_home, opened
from checkpoint_app.verdict import RuleMatch, Truth
from checkpoint_app.wire.case import Case, CaseOutcome, CaseState
from checkpoint_app.wire.plain import to_plain

_STEPS = {
    "show": "tell all of one case; that somebody looked is kept",
    "take": "say that you look into a case",
    "close": "say how a case ended",
}


def add_arguments(_action: str, parser: argparse.ArgumentParser) -> None:
    """Declare what the action takes."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object for scripts")
    parser.add_argument("--open", action="store_true", help="without those that are closed")
    parser.add_argument("--early", action="store_true", help="what booths told ahead of their events, without names")
    steps = parser.add_subparsers(dest="step", metavar="STEP", help="none: list the cases, without names")
    for step, text in _STEPS.items():
        one = steps.add_parser(step, help=text, description=text)
        one.add_argument("case_id", metavar="ID")
        if step == "show":
            one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object")
        if step == "close":
            outcomes = [outcome.value for outcome in CaseOutcome]
            one.add_argument("--outcome", choices=outcomes, required=True, help="how it ended")
        add_home(one, below=True)
    text = 'list the decisions "not the same person", and those that are not carried; without names'
    clears = steps.add_parser("clearances", help=text, description=text)
    clears.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object")
    clears.add_argument("--withdraw", default="", metavar="ID", help="end this one, at all booths")
    add_home(clears, below=True)


def run(args: argparse.Namespace) -> int:
    """Run the action. Raises CommandError, CentreError."""
    with opened(args) as centre:
        if args.step is None and args.early:
            _early(centre, as_json=args.json)
        elif args.step is None:
            _list(centre, open_only=args.open, as_json=args.json)
        elif args.step == "clearances":
            _withdraw(centre, args.withdraw) if args.withdraw else _clearances(centre, as_json=args.json)
        elif args.step == "show":
            _show(*cases.show(centre, args.case_id), as_json=args.json)
        elif args.step == "take":
            case = cases.take(centre, args.case_id, acts.who())
            print(f"{case.case_id}: taken by {case.owner}")
        else:
            outcome = CaseOutcome(args.outcome)
            cases.close(centre, args.case_id, outcome, acts.who())
            print(f"{args.case_id}: closed, {outcome.value}")
    return 0


def _list(centre: Centre, *, open_only: bool, as_json: bool) -> None:
    with centre.begin() as connection:
        found = cases.all_cases(connection, open_only)
    if as_json:
        print(json.dumps({"cases": [to_plain(line) for line in found]}))
        return
    for line in found:
        print(_printable(_text(line, centre.now())))


def _early(centre: Centre, *, as_json: bool) -> None:
    with centre.begin() as connection:
        found = early.lines(centre, connection)
    if as_json:
        print(json.dumps({"early": [to_plain(line) for line in found]}))
        return
    for line in found:
        left = "  left: its booth's events went on without it" if line.is_left else ""
        told = f"{line.at:%Y-%m-%d %H:%M}  {line.booth}  {line.kind}  {line.of}  {line.said}"
        print(_printable(told.rstrip() + left))


def _withdraw(centre: Centre, event_id: str) -> None:
    line = clearances.withdraw(centre, event_id)
    brought = publishing.publish_clearances(centre)
    print(f"{line.event_id}: withdrawn; {', '.join(brought) or 'the list'} tells it to the booths")


def _clearances(centre: Centre, *, as_json: bool) -> None:
    with centre.begin() as connection:
        found = clearances.lines(centre, connection)
    if as_json:
        print(json.dumps({"clearances": [to_plain(line) for line in found]}))
        return
    for line in found:
        why = f" ({line.why})" if line.why else ""
        made = f"{line.decided_at:%Y-%m-%d %H:%M}  {line.booth} at {line.post}  not {line.list_name} {line.entry_id}"
        by = f"by {line.officer}, confirmed by {line.supervisor}"
        print(_printable(f"{line.event_id}  {made}  {by}  until {line.until:%Y-%m-%d}  {line.state.value}{why}"))


def _text(line: CaseLine, now: datetime) -> str:
    late = "  overdue" if line.state is CaseState.NEW and now > line.due_at else ""
    if line.revoked:
        late += "  its booth is revoked"
    elif late and not line.silent:
        late += f"  its booth last asked {line.heard_at:%Y-%m-%d %H:%M}" if line.heard_at else "  its booth never asked"
    silent = "  silent" if line.silent else ""
    owner = f" by {line.owner}" if line.owner else ""
    opened_at = f"{line.opened_at:%Y-%m-%d %H:%M}"
    return f"{line.case_id}  {opened_at}  {line.booth}  {line.list_name}  {line.state.value}{owner}{silent}{late}"


def _show(line: CaseLine, case: Case, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"case": to_plain(case), "silent": line.silent, "list": line.list_name}))
        return
    direction = "entry" if case.direction_in else "exit"
    rows: list[tuple[str, str]] = [
        ("case", f"{case.case_id}, {case.state.value}" + (", silent: not told to the booth" if line.silent else "")),
        ("person", f"{case.family_name}, {case.given_names}"),
        ("decided", f"{case.disposition} on {direction}, {case.decided_at:%Y-%m-%d %H:%M} UTC by {case.decided_by}"),
        ("booth", f"{case.booth}, Encounter {case.encounter_id}" + (", revoked" if line.revoked else "")),
        ("due", f"{case.due_at:%Y-%m-%d %H:%M} UTC"),
        ("owner", case.owner or "nobody"),
        ("outcome", case.outcome.value if case.outcome else "none yet"),
        *(("booth had", f"{seen.name} {seen.version}" if seen.version else f"no {seen.name}") for seen in case.seen),
    ]
    for answer in case.found:
        rows.append(("found", f"{answer.check.value} on {answer.source.name} {answer.source.version}"))
        rows += [("", f"{finding.code} {finding.params.get('number', '')}".rstrip()) for finding in answer.findings]
        rows += [("", f"{one.entry_id}  {one.caption}  {one.score / 1000:.1f}") for one in answer.candidates]
        rows += [("", row) for one in answer.rules for row in _rule_rows(one)]
    for name, value in rows:
        print(f"{name:10}{_printable(value)}")


def _rule_rows(one: RuleMatch) -> list[str]:
    """Return a rule that hit with the sentences of its true conditions, and what to ask."""
    says = [f"  {each.says}" for each in one.conditions if each.value is Truth.TRUE]
    return [f"{one.rule} {one.version}  {one.title}  {one.action}", *says, f"  {one.question}"]


def _printable(text: str) -> str:
    """Return ``text`` without what would move a terminal's cursor: parts of it are a booth's words."""
    return "".join(character if character.isprintable() else "?" for character in text)
