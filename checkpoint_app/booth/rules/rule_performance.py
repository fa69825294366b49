"""How the rules stand at this booth: their days, what inspections found, and which may inform only from now on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo

import numpy as np
import numpy.typing as npt

from checkpoint_app.risk.answering import LETTER
from checkpoint_app.risk.rules import Rule, RuleResult, RuleSet
from checkpoint_app.risk.standing import LEAST_SUBJECTS, Flag, Result, RuleCount, flags_of, suspends
from checkpoint_app.store import Store
from checkpoint_app.store.rule_counts import EvaluatedRow
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.event import EventKind

DAYS = 30
DAY = timedelta(days=1)
HIT = LETTER[RuleResult.HIT]
_UNKNOWN, _OUT = ord(LETTER[RuleResult.UNKNOWN]), ord(LETTER[RuleResult.NOT_IN_FORCE])
Letters = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Standing:
    """One rule of a set in force: counted over ``DAYS`` days, by day (subjects and hits), with why it stands out.

    ``lot`` has the inspections of those whom the lot chose.
    """

    rule_set: str
    rule: Rule
    count: RuleCount
    days: tuple[tuple[int, int], ...]
    flags: tuple[Flag, ...]
    suspended: bool
    lot: RuleCount = field(default_factory=RuleCount)


@dataclass(frozen=True, slots=True)
class SetInForce:
    """A set, under its list's name and the digest by which events name it."""

    name: str
    digest: str
    rules: RuleSet


class Tallies:
    """Outcomes of one set's rules over many Encounters, whichever versions of the set they were made by."""

    def __init__(self, store: Store, rows: Sequence[EvaluatedRow], now: datetime, zone: tzinfo | None = None) -> None:
        self._tables: list[tuple[dict[tuple[str, int], int], Letters, npt.NDArray[np.int64], list[EvaluatedRow]]] = []
        for digest in dict.fromkeys(row.digest for row in rows):
            order = store.rule_counts.order(digest)
            of_it = [row for row in rows if row.digest == digest and len(row.outcomes) == len(order)]
            if of_it:
                days = np.array([_days_ago(row.at, now, zone) for row in of_it], dtype=np.int64)
                places = {rule: place for place, rule in enumerate(order)}
                told = [row for row in of_it if row.result is not None or row.awaits]
                self._tables.append((places, _matrix(of_it), days, told))

    def count(self, rule: Rule) -> RuleCount:
        """Return what was counted of a rule, in its present version alone."""
        found = RuleCount()
        for places, letters, _days, inspected in self._tables:
            place = places.get((rule.id, rule.version))
            if place is not None:
                found += _count(letters[:, place], [row for row in inspected if row.outcomes[place] == HIT])
        return found

    def days(self, rule: Rule) -> tuple[tuple[int, int], ...]:
        """Return subjects and hits of each of the last ``DAYS`` days, the oldest first."""
        asked, hit = np.zeros(DAYS, np.int64), np.zeros(DAYS, np.int64)
        for places, letters, days, _inspected in self._tables:
            place = places.get((rule.id, rule.version))
            if place is not None:
                column = letters[:, place]
                asked += np.bincount(days[column != _OUT], minlength=DAYS)
                hit += np.bincount(days[column == ord(HIT)], minlength=DAYS)
        return tuple((int(asked[ago]), int(hit[ago])) for ago in range(DAYS - 1, -1, -1))


def standings(
    store: Store, sets: Sequence[SetInForce], policy: Policy, now: datetime, zone: tzinfo | None = None
) -> tuple[Standing, ...]:
    """Return how every rule in force stands at ``now`` (trusted time), by days of ``zone``. Raises StoreError."""
    since = now - DAYS * DAY
    lot = RuleCount(results=_results(store.rule_counts.lot_results(since)))
    held = {(one.rule_set, one.rule, one.version) for one in store.rule_counts.suspended()}
    found: list[Standing] = []
    for one in sets:
        tallies = Tallies(store, store.rule_counts.evaluated(one.name, since), now, zone)
        for rule in one.rules.rules:
            count = tallies.count(rule)
            flags = flags_of(count, rule.max_hit_rate, policy, lot)
            suspended = (one.name, rule.id, rule.version) in held
            found.append(Standing(one.name, rule, count, tallies.days(rule), flags, suspended, lot))
    return tuple(found)


def suspend_new(store: Store, sets: Sequence[SetInForce], policy: Policy, now: datetime) -> tuple[Standing, ...]:
    """Let rules inform only that are above their rate, or below the policy's precision; returns those new.

    Looks at the last 24 hours and the last ``LEAST_SUBJECTS`` subjects, and at inspections with a result: cheap enough
    for every minute. Raises StoreError.
    """
    held = {(one.rule_set, one.rule, one.version) for one in store.rule_counts.suspended()}
    found = []
    for one in sets:
        counts = store.rule_counts
        day = counts.evaluated(one.name, now - DAY)
        last = day if len(day) >= LEAST_SUBJECTS else counts.evaluated(one.name, now - DAYS * DAY, LEAST_SUBJECTS)
        rate = Tallies(store, last, now)
        precision = Tallies(store, counts.inspected(one.name, now - DAYS * DAY), now)
        day_over = bool(last) and now - last[-1].at >= DAY
        for rule in one.rules.rules:
            if (one.name, rule.id, rule.version) in held:
                continue
            count = replace(rate.count(rule), results=precision.count(rule).results)
            flags = flags_of(count, rule.max_hit_rate, policy, day_over=day_over)
            if suspends(flags, policy):
                found.append(Standing(one.name, rule, count, (), flags, suspended=True))
    with store.transaction():
        for each in found:
            store.journal.append(EventKind.RULE_SUSPENDED, _body(each))
    return tuple(found)


def resume_answered(store: Store, sets: Sequence[SetInForce]) -> int:
    """Write down which suspended rules their approver has answered: by another version, or by taking them out."""
    in_force = {(one.name, rule.id, rule.version) for one in sets for rule in one.rules.rules}
    names = {one.name for one in sets}
    gone = [
        one
        for one in store.rule_counts.suspended()
        if one.rule_set in names and (one.rule_set, one.rule, one.version) not in in_force
    ]
    with store.transaction():
        for one in gone:
            body = {"set": one.rule_set, "rule": one.rule, "version": one.version, "why": "approver", "counted": {}}
            store.journal.append(EventKind.RULE_RESUMED, body)
    return len(gone)


def _body(one: Standing) -> dict[str, object]:
    counted = {"subjects": one.count.subjects, "hits": one.count.hits}
    counted |= {"inspected": one.count.inspected, "found": one.count.found}
    why = next(flag.value for flag in one.flags if flag is not Flag.RETIRE)
    return {
        "set": one.rule_set,
        "rule": one.rule.id,
        "version": one.rule.version,
        "why": why,
        "counted": counted,
    }


def _matrix(rows: Sequence[EvaluatedRow]) -> Letters:
    """Return the outcomes as letters, a row an Encounter and a column a rule."""
    if not rows:
        return np.zeros((0, 0), np.uint8)
    text = "".join(row.outcomes for row in rows).encode()
    return np.frombuffer(text, np.uint8).reshape(len(rows), -1)


def _count(column: Letters, hit: Sequence[EvaluatedRow]) -> RuleCount:
    """Count a rule's letters; ``hit`` are the Encounters that it hit and that were inspected, or are to be."""
    results = Counter(row.result for row in hit if row.result is not None)
    hits, unknown, out = (int(np.count_nonzero(column == one)) for one in (ord(HIT), _UNKNOWN, _OUT))
    return RuleCount(len(column) - out, hits, unknown, _results(results), sum(row.awaits for row in hit))


def _days_ago(at: datetime, now: datetime, zone: tzinfo | None) -> int:
    today: date = now.astimezone(zone).date()
    return min(DAYS - 1, max(0, (today - at.astimezone(zone).date()).days))


def _results(told: Mapping[str, int]) -> dict[Result, int]:
    """Return the results by their word; one that nobody here knows is left out."""
    return {Result(word): count for word, count in told.items() if word in set(Result)}
