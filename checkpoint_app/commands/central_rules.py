"""`checkpoint central rules`: the rule sets in service, whose they are, when they end, and what came of them."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from checkpoint_app.central import evaluations, keeping, lists, rule_suspensions, rules
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.lists import Published
from checkpoint_app.central.rule_suspensions import Suspended
from checkpoint_app.commands import central_rule_counts
from checkpoint_app.commands.central_home import add_home, opened
from checkpoint_app.risk.faults import RuleSetError
from checkpoint_app.risk.rules import RuleSet
from checkpoint_app.wire.header import ListKind, PackageError
from checkpoint_app.wire.plain import PlainError


@dataclass(frozen=True, slots=True)
class Line:
    """A rule set: its newest approved version, what its booths told of each version, and what is wrong with it."""

    list_name: str
    version: int
    state: str
    silent: bool
    rule_set: RuleSet | None
    agreement_ends: str = ""
    counted: tuple[evaluations.Counted, ...] = field(default=())
    suspended: tuple[Suspended, ...] = field(default=())

    def to_plain(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        told: dict[str, Any] = {"list": self.list_name, "version": self.version, "state": self.state}
        told |= {"silent": self.silent, "agreement_ends": self.agreement_ends}
        if self.rule_set is not None:
            of = self.rule_set
            told |= {"set": of.set, "set_version": of.version, "digest": of.digest, "issued": of.issued.isoformat()}
            told |= {"rules": len(of.rules), "owners": _owners(of), "next_end": _next_end(of)}
        told["suspended"] = [asdict(one) for one in self.suspended]
        return told | {"counted": [asdict(one) for one in self.counted]}


def add_arguments(_action: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object for scripts")
    central_rule_counts.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Tell it; exit code 1 where a booth came to something else than the centre, or a set can't be read."""
    with opened(args) as centre:
        if args.counts or args.journal is not None:
            return central_rule_counts.run(centre, args)
        found = _lines(centre)
    if args.json:
        print(json.dumps({"rules": [one.to_plain() for one in found]}))
    else:
        print("\n".join(text for one in found for text in _text(one)) or "no rule set")
    fails = any(one.rule_set is None or any(each.differ for each in one.counted) for one in found)
    return 1 if fails else 0


def _lines(centre: Centre) -> list[Line]:
    with centre.begin() as connection:
        counts = evaluations.counted(connection)
        held = rule_suspensions.suspended(centre, connection)
        names = keeping.names_of(connection, ListKind.RULES)
        newest = [lists.approved(centre, connection, name) for name in names]
        rows = {name: keeping.newest_approved(connection, name) for name in names}
    return [
        Line(
            one.name,
            one.version,
            row.state.value,
            one.silent,
            _set_of(centre, one),
            one.agreement.ends_at.isoformat() if one.agreement else "",
            tuple(each for each in counts if each.list_name == one.name),
            tuple(each for each in held if each.list_name == one.name),
        )
        for one in newest
        if one is not None and not one.withdrawn and (row := rows[one.name]) is not None
    ]


def _set_of(centre: Centre, one: Published) -> RuleSet | None:
    try:
        return rules.load(centre, one).rule_set
    except (CentreError, PackageError, PlainError, RuleSetError, OSError):
        return None


def _owners(of: RuleSet) -> list[str]:
    return sorted({rule.owner for rule in of.rules})


def _next_end(of: RuleSet) -> str:
    """Return the last day of the rule that ends first."""
    return min((rule.ends.isoformat() for rule in of.rules), default="")


def _text(line: Line) -> list[str]:
    state = "silent, at the centre alone" if line.silent else line.state
    if line.rule_set is None:
        return [f"{line.list_name} {line.version}: {state}; it can't be read: import it again"]
    of = line.rule_set
    head = f"{line.list_name} {line.version}: {of.set} {of.version} of {of.issued:%Y-%m-%d}, {len(of.rules):,} rules"
    term = f", its agreement ends {line.agreement_ends[:10]}" if line.agreement_ends else ""
    rows = [f"{head}; {state}{term}", f"  owners {', '.join(_owners(of))}; the first rule ends {_next_end(of)}"]
    for one in line.counted:
        told = f"  version {one.version}: {one.encounters:,} Encounters, {one.hits:,} with a hit"
        same = f"{one.same:,} evaluations repeated and the same, {one.differ:,} not the same"
        rows.append(f"{told}; {same}, {one.not_here:,} not to be repeated, {one.waiting:,} waiting")
    held = (f"  {one.rule} {one.version} informs only at {one.booth} ({one.post}): {one.why}" for one in line.suspended)
    return [*rows, *held]
