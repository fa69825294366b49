"""`checkpoint central rules --counts`: how the rules fare at all posts; and ``--journal``: passages for a back-test."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkpoint_app.central import acts, lists, rule_counts, rule_journal, rule_suspensions
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.rule_counts import DAYS, RuleSum, Sums
from checkpoint_app.central.rule_suspensions import Suspended
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.risk.standing import RuleCount, wilson

MOST_DAYS = 400
MOST_NAMED = 5
_FLAGS = {
    "rate": "hits more than its highest rate",
    "precision": "finds less than the policy's floor",
    "retire": "finds no more than the lot: to be retired",
    rule_counts.ONE_NATIONALITY: "more than 80 % of its hits are of one nationality",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of both."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--counts", action="store_true", help="how each rule fares at all posts, and what stands out")
    what.add_argument("--journal", type=Path, metavar="OUT", help="write passages for `checkpoint rules backtest`")
    parser.add_argument("--days", type=int, default=DAYS, help=f"of the last DAYS days (default {DAYS})")
    parser.add_argument("--set", dest="rule_set", metavar="NAME", default="", help="with --counts: this set alone")
    parser.add_argument("--post", metavar="NAME", default="", help="with --journal: this post alone")
    subjects, usual = tuple(rule_journal.SUBJECTS), "traveller"
    parser.add_argument("--subject", choices=subjects, default=usual, help=f"with --journal: whose (default {usual})")


def run(centre: Centre, args: argparse.Namespace) -> int:
    """Do what ``args`` ask for: exit code 1 where a rule stands out. Raises CommandError, CentreError."""
    if not 0 < args.days <= MOST_DAYS:
        raise CommandError(f"--days {args.days}: give a number of days from 1 to {MOST_DAYS}")
    if args.journal is not None:
        return _export(centre, args)
    return _tell(centre, args)


# -- counts -----------------------------------------------------------------------------------------------------------


def _tell(centre: Centre, args: argparse.Namespace) -> int:
    rule_counts.count_changed(centre, max(args.days, DAYS))
    with centre.begin() as connection:
        policy = lists.policy(centre, connection)
        held = rule_suspensions.suspended(centre, connection)
    rule_counts.tell_flagged(centre, rule_counts.sums(centre, policy=policy))
    found = rule_counts.sums(centre, args.days, policy)
    rules = [one for one in found.rules if args.rule_set in ("", one.list_name)]
    if args.json:
        print(json.dumps(_plain(found, rules, held, args)))
    else:
        print("\n".join(_table(found, rules, held, args)))
    return 1 if any(one.flags for one in rules) else 0


def _plain(found: Sums, rules: list[RuleSum], held: list[Suspended], args: argparse.Namespace) -> dict[str, Any]:
    lot, strange = found.lot, found.strange
    return {
        "days": args.days,
        "lot": {"inspected": lot.inspected, "found": lot.found, "results": dict(sorted(lot.results.items()))},
        "strange": {name: count for name, count in sorted(strange.items()) if args.rule_set in ("", name)},
        "rules": [_plain_rule(one, held) for one in rules],
    }


def _plain_rule(one: RuleSum, held: list[Suspended]) -> dict[str, Any]:
    low, high = wilson(one.count.found, one.count.inspected)
    return {
        "set": one.list_name,
        "list_version": one.list_version,
        "rule": one.place.rule,
        "version": one.place.version,
        "title": one.place.title,
        "in_service": one.current,
        **_plain_count(one.count),
        "max_hit_rate": one.max_hit_rate,
        "precision": {"low": round(low, 4), "high": round(high, 4)},
        "posts": [{"post": post, **_plain_count(count)} for post, count in sorted(one.posts.items())],
        "nationalities": dict(one.nationalities.most_common()),
        "cultures": dict(one.cultures.most_common()),
        "flags": list(one.flags),
        "suspended": [{"booth": each.booth, "post": each.post, "why": each.why} for each in _held(one, held)],
    }


def _plain_count(count: RuleCount) -> dict[str, Any]:
    return {
        "subjects": count.subjects,
        "hits": count.hits,
        "unknowns": count.unknowns,
        "rate": None if count.rate is None else round(count.rate, 6),
        "inspected": count.inspected,
        "found": count.found,
        "results": {result.value: number for result, number in sorted(count.results.items())},
        "unreported": count.unreported,
    }


def _held(one: RuleSum, held: list[Suspended]) -> list[Suspended]:
    this = one.list_name, one.place.rule, one.place.version
    return [each for each in held if (each.list_name, each.rule, each.version) == this]


def _table(found: Sums, rules: list[RuleSum], held: list[Suspended], args: argparse.Namespace) -> Iterator[str]:
    lot = found.lot
    yield f"the last {args.days} days; the lot found {_found(lot)}"
    for one in rules:
        yield from _rule(one, _held(one, held))
    if not rules:
        yield "no rule was evaluated"
    for name, count in sorted(found.strange.items()):
        if args.rule_set in ("", name):
            yield f"{name}: about {count:,} evaluations of a version that is not here, or is another here"


def _rule(one: RuleSum, held: list[Suspended]) -> Iterator[str]:
    count, place = one.count, one.place
    retired = "" if one.current else f" (no more in service, last in version {one.list_version})"
    yield f"{one.list_name} {place.rule} {place.version} {place.title}{retired}"
    rate = "no subject" if count.rate is None else f"{count.rate:.2%} of {count.subjects:,}"
    yield f"  hits {count.hits:,} ({rate}; at most {one.max_hit_rate:.2%}); could not be evaluated {count.unknowns:,}"
    yield f"  found {_found(count)}; without a result {count.unreported:,}"
    words = ", ".join(f"{result.value} {number:,}" for result, number in sorted(count.results.items()))
    if words:
        yield f"  results: {words}"
    for post, part in sorted(one.posts.items()):
        yield f"  at {post}: hits {part.hits:,} of {part.subjects:,}, found {part.found:,} of {part.inspected:,}"
    for what, counted in (("nationality", one.nationalities), ("naming custom", one.cultures)):
        if counted:
            yield f"  hits by {what}: {_named(counted)}"
    for each in held:
        yield f"  informs only at {each.booth} ({each.post}): {each.why}"
    for flag in one.flags:
        yield f"  ! {_FLAGS[flag]}"


def _found(count: RuleCount) -> str:
    if not count.inspected:
        return "nothing: nobody was inspected"
    low, high = wilson(count.found, count.inspected)
    return f"{count.found:,} of {count.inspected:,} ({low:.1%} to {high:.1%})"


def _named(counted: Counter[str]) -> str:
    named = ", ".join(f"{name} {number:,}" for name, number in counted.most_common(MOST_NAMED))
    rest = counted.total() - sum(number for _name, number in counted.most_common(MOST_NAMED))
    return f"{named}, others {rest:,}" if rest else named


# -- journal ----------------------------------------------------------------------------------------------------------


def _export(centre: Centre, args: argparse.Namespace) -> int:
    counted, out = rule_journal.Counted(), args.journal
    lines = rule_journal.passages(centre, args.days, counted, args.subject, args.post)
    _write(out, lines)
    about = {"days": args.days, "post": args.post, "subject": args.subject, "passages": counted.written}
    with centre.begin() as connection:
        acts.act(centre, connection, "passages written out", about)
    print(
        f"{out.name} holds personal data, as fields of each {args.subject} that passed. Keep it as the centre's own,"
        " and remove it after the back-test",
        file=sys.stderr,
    )
    told = {"passages": counted.written, "left_out": counted.left_out}
    left = f", {counted.left_out:,} Encounters whose events say nothing sensible left out" if counted.left_out else ""
    print(json.dumps(told) if args.json else f"{out.name}: {counted.written:,} passages{left}")
    return 0


def _write(out: Path, lines: Iterator[bytes]) -> None:
    """Write a new file that its owner alone reads; one that breaks off is removed. Raises CommandError."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise CommandError(f"{out.name}: it is there already; name a file that is not") from error
    except (OSError, ValueError) as error:
        raise CommandError(f"{out.name}: {getattr(error, 'strerror', None) or 'no name of a file'}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        out.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CommandError(f"{out.name}: {error.strerror}") from error
        raise
