"""`checkpoint rules backtest`: what a rule set would have done to the passages of the past."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.risk.backtest import BackTest, RuleTally, back_test, shares
from checkpoint_app.risk.passages import MOST_LINE_BYTES, read_passages
from checkpoint_app.risk.rules import RuleSet
from checkpoint_app.risk.standing import RuleCount, wilson
from checkpoint_app.risk.subjects_file import JsonError
from checkpoint_app.verdict import Truth

TELL_EVERY_S = 2.0
MOST_OVERLAPS = 5


def run(rule_set: RuleSet, journal: Path, *, as_json: bool) -> int:
    """Run it, telling now and then how far it is, on stderr. Raises CommandError for a file that can't be used."""
    try:
        size = journal.stat().st_size
        with journal.open("rb") as file:
            counted = _Counted(file)
            telling = _Telling(size, counted)
            found = back_test(rule_set, read_passages(counted.lines()), telling.done)
    except (OSError, ValueError) as error:
        reason = error if isinstance(error, JsonError) else getattr(error, "strerror", None) or "no name of a file"
        raise CommandError(f"{journal.name}: {reason}") from error
    if not found.passages:
        raise CommandError(f"{journal.name}: no passages in it: give one JSON object a line")
    if as_json:
        print(json.dumps(_plain(rule_set, found)))
    else:
        _print_table(found)
    return 0


class _Counted:
    """Lines of a file, and how many bytes of it were read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read = 0

    def lines(self) -> Iterator[bytes]:
        while line := self._file.readline(MOST_LINE_BYTES + 2):
            self.read += len(line)
            yield line


class _Telling:
    """Tells on stderr how far the back-test is, every two seconds."""

    def __init__(self, size: int, counted: _Counted) -> None:
        self._size = size
        self._counted = counted
        self._begun = self._told = time.monotonic()

    def done(self, passages: int) -> None:
        """Hear that so many passages are done."""
        now = time.monotonic()
        if now - self._told < TELL_EVERY_S:
            return
        self._told = now
        share = min(1.0, self._counted.read / self._size) if self._size else 1.0
        left = (now - self._begun) * (1 - share) / share if share else 0.0
        print(f"{passages:,} passages, {share:.0%}, about {left:.0f} s left", file=sys.stderr, flush=True)


def _plain(rule_set: RuleSet, found: BackTest) -> dict[str, Any]:
    lot = RuleCount(results=dict(found.drawn))
    return {
        "set": rule_set.set,
        "version": rule_set.version,
        "digest": rule_set.digest,
        "passages": found.passages,
        "days": len(found.days),
        "hit": found.hit,
        "lot": {"inspected": lot.inspected, "found": lot.found},
        "nationalities": dict(found.nationalities.most_common()),
        "cultures": dict(found.cultures.most_common()),
        "rules": [_rule(one, found) for one in found.rules],
    }


def _rule(one: RuleTally, found: BackTest) -> dict[str, Any]:
    count, days = one.count, max(1, len(found.days))
    low, high = wilson(count.found, count.inspected)
    return {
        "rule": one.rule.id,
        "version": one.rule.version,
        "title": one.rule.title,
        "outcomes": {result.value: number for result, number in sorted(one.outcomes.items())},
        "hits_per_day": {"mean": round(count.hits / days, 3), "most": max(one.days.values(), default=0)},
        "days": dict(sorted(one.days.items())),
        "lanes": {mode.value: number for mode, number in one.modes.most_common()},
        "rate": count.rate,
        "max_hit_rate": one.rule.max_hit_rate,
        "conditions": [
            {"name": each.name, **{truth.value: each.counts[truth] for truth in Truth}} for each in one.conditions
        ],
        "overlaps": [{"rule": other, "hits": hits} for other, hits in found.overlaps(one.rule.id)[:MOST_OVERLAPS]],
        "results": {result.value: number for result, number in sorted(one.results.items())},
        "precision": {
            "inspected": count.inspected,
            "found": count.found,
            "low": round(low, 4),
            "high": round(high, 4),
        },
        "nationalities": _shares(shares(one.nationalities, found.nationalities)),
        "cultures": _shares(shares(one.cultures, found.cultures)),
        "flags": list(_flags(one)),
    }


def _shares(rows: Iterable[tuple[str, int, float | None]]) -> list[dict[str, Any]]:
    return [{"name": name, "hits": hits, "rate": None if rate is None else round(rate, 4)} for name, hits, rate in rows]


def _flags(one: RuleTally) -> Iterator[str]:
    """Yield why a rule should not go live as it is."""
    rate = one.count.rate
    if rate is not None and rate > one.rule.max_hit_rate:
        yield "above_max_hit_rate"
    if one.one_nation:
        yield "one_nationality"
    if one.mostly_unknown:
        yield "mostly_unknown"
    if not one.count.hits:
        yield "never_hit"


_FLAGS = {
    "above_max_hit_rate": "hits more than its highest rate",
    "one_nationality": "more than 80 % of its hits are of one nationality",
    "mostly_unknown": "a condition could not be evaluated for more than half",
    "never_hit": "hit nobody",
}


def _print_table(found: BackTest) -> None:
    days = max(1, len(found.days))
    print(f"{found.passages:,} passages on {days} days; {found.hit:,} hit by a rule ({found.hit / found.passages:.2%})")
    for one in found.rules:
        count = one.count
        low, high = wilson(count.found, count.inspected)
        rate = "no passage" if count.rate is None else f"{count.rate:.2%} of {count.subjects:,}"
        print(f"{one.rule.id} {one.rule.title}")
        print(
            f"  hits {count.hits:,} ({rate}), {count.hits / days:.1f} a day, most {max(one.days.values(), default=0)}"
        )
        print(f"  could not be evaluated for {count.unknowns:,}")
        if count.inspected:
            print(f"  found {count.found} of {count.inspected} inspected ({low:.1%} to {high:.1%})")
        for other, hits in found.overlaps(one.rule.id)[:MOST_OVERLAPS]:
            print(f"  {hits:,} of its hits are hits of {other} too")
        for what, counted, of in (
            ("nationality", one.nationalities, found.nationalities),
            ("naming custom", one.cultures, found.cultures),
        ):
            if counted:
                named = (f"{name} {hits:,}" + ("" if share is None else f" ({share:.1%})")
                         for name, hits, share in list(shares(counted, of))[:MOST_OVERLAPS])  # fmt: skip
                print(f"  by {what}: {', '.join(named)}")
        for flag in _flags(one):
            print(f"  ! {_FLAGS[flag]}")
