"""The back-test: what a rule set would have done to the passages of the past, before anybody is held by it.

Every condition is evaluated as in service; what a condition came to is remembered by the values that it reads, since
thousands of passages share them. Hits are told by day, lane, nationality and naming custom, beside what inspections
found, so that a rule that merely selects a people is seen before it goes live.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from checkpoint_app.risk.cel import language
from checkpoint_app.risk.evaluating import fold
from checkpoint_app.risk.name_culture import culture_of
from checkpoint_app.risk.passages import Passage
from checkpoint_app.risk.rules import Rule, RuleCondition, RuleResult, RuleSet
from checkpoint_app.risk.standing import Result, RuleCount
from checkpoint_app.verdict import Truth
from checkpoint_app.verdict.lane import Mode

MOST_REMEMBERED = 4096
"""Answers kept of one condition; then they are forgotten and begin anew."""
MOST_TOGETHER = 60
"""Of more rules hit by one passage only so many are counted as overlapping: the rest says nothing new."""
NATIONALITY, TOKENS = "person.nationality", "name.tokens"
ONE_NATION_PERCENT = 80
UNKNOWN_PERCENT = 50
LEAST_HITS = 10
"""Hits from which on it is told that they fall upon one nationality: of three, three may be chance."""
_ABSENT = object()


@dataclass
class ConditionTally:
    """What one condition came to, over the passages at which its rule was in force."""

    name: str
    counts: Counter[Truth] = field(default_factory=Counter)


@dataclass
class RuleTally:
    """What one rule came to. ``days`` counts hits by day, ``modes`` by lane, the next two whom they fell upon."""

    rule: Rule
    conditions: list[ConditionTally]
    outcomes: Counter[RuleResult] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    modes: Counter[Mode] = field(default_factory=Counter)
    nationalities: Counter[str] = field(default_factory=Counter)
    cultures: Counter[str] = field(default_factory=Counter)
    results: Counter[Result] = field(default_factory=Counter)

    @property
    def count(self) -> RuleCount:
        """The same as it is counted in service."""
        evaluated = sum(self.outcomes.values()) - self.outcomes[RuleResult.NOT_IN_FORCE]
        hits, unknowns = self.outcomes[RuleResult.HIT], self.outcomes[RuleResult.UNKNOWN]
        return RuleCount(evaluated, hits, unknowns, dict(self.results))

    @property
    def one_nation(self) -> str:
        """The nationality that more than four in five of enough hits fell upon; empty where there is none."""
        return one_nation_of(self.nationalities)

    @property
    def mostly_unknown(self) -> tuple[str, ...]:
        """The conditions that could not be evaluated for more than half of the passages."""
        return tuple(
            one.name
            for one in self.conditions
            if one.counts[Truth.UNKNOWN] * 100 > UNKNOWN_PERCENT * one.counts.total()
        )


@dataclass
class BackTest:
    """What came of it. ``together`` counts passages that two rules hit, by their ids; ``drawn`` what the lot found."""

    rules: list[RuleTally]
    passages: int = 0
    hit: int = 0
    days: Counter[str] = field(default_factory=Counter)
    nationalities: Counter[str] = field(default_factory=Counter)
    cultures: Counter[str] = field(default_factory=Counter)
    together: Counter[tuple[str, str]] = field(default_factory=Counter)
    drawn: Counter[Result] = field(default_factory=Counter)

    def overlaps(self, rule: str) -> list[tuple[str, int]]:
        """Return the other rules that hit the same passages, with how many, the most first."""
        found = (
            (one if two == rule else two, count) for (one, two), count in self.together.items() if rule in (one, two)
        )
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


class _Remembered:
    """A condition that remembers what it came to."""

    __slots__ = ("_known", "_reads", "_truth")

    def __init__(self, condition: RuleCondition) -> None:
        self._reads = condition.reads
        self._truth = condition.program.truth
        self._known: dict[Any, Truth] = {}

    def ask(self, values: Mapping[str, Any], activation: Callable[[], object]) -> Truth:
        key = tuple([values.get(name, _ABSENT) for name in self._reads])
        found = self._known.get(key)
        if found is None:
            truth = self._truth(activation())
            found = Truth.UNKNOWN if truth is None else Truth.TRUE if truth else Truth.FALSE
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found


def back_test(
    rule_set: RuleSet, passages: Iterable[Passage], progress: Callable[[int], None] | None = None
) -> BackTest:
    """Run ``rule_set`` over ``passages``; ``progress`` hears after each how many are done."""
    found = BackTest(
        [RuleTally(rule, [ConditionTally(one.name) for one in rule.conditions]) for rule in rule_set.rules]
    )
    seen: dict[str, _Remembered] = {}
    ready = [[seen.setdefault(one.cel, _Remembered(one)) for one in rule.conditions] for rule in rule_set.rules]
    for passage in passages:
        _take(found, rule_set, ready, passage)
        if progress is not None:
            progress(found.passages)
    return found


def _take(found: BackTest, rule_set: RuleSet, ready: list[list[_Remembered]], passage: Passage) -> None:
    received = rule_set.fields.usable(passage.fields)
    activation = _once(lambda: language(rule_set.fields.name).activation(received))
    values = {name: _keyed(value) for name, value in received.items()}
    nationality = str(received.get(NATIONALITY, ""))
    tokens = received.get(TOKENS)
    culture = culture_of([str(one) for one in tokens]) if isinstance(tokens, list) else ""
    day, hits = passage.on.isoformat(), []
    for tally, conditions in zip(found.rules, ready, strict=True):
        rule = tally.rule
        if not rule.in_force(passage.on, passage.mode):
            tally.outcomes[RuleResult.NOT_IN_FORCE] += 1
            continue
        truths = [one.ask(values, activation) for one in conditions]
        for counted, truth in zip(tally.conditions, truths, strict=True):
            counted.counts[truth] += 1
        result = fold(rule.match, truths)
        tally.outcomes[result] += 1
        if result is RuleResult.HIT:
            hits.append(rule.id)
            _hit(tally, passage, day, nationality, culture)
    _whole(found, passage, day, nationality, culture, hits)


def _hit(tally: RuleTally, passage: Passage, day: str, nationality: str, culture: str) -> None:
    tally.days[day] += 1
    tally.modes[passage.mode] += 1
    if nationality:
        tally.nationalities[nationality] += 1
    if culture:
        tally.cultures[culture] += 1
    if passage.result is not None:
        tally.results[passage.result] += 1


def _whole(found: BackTest, passage: Passage, day: str, nationality: str, culture: str, hits: list[str]) -> None:
    found.passages += 1
    found.hit += bool(hits)
    found.days[day] += 1
    if nationality:
        found.nationalities[nationality] += 1
    if culture:
        found.cultures[culture] += 1
    if passage.drawn and passage.result is not None:
        found.drawn[passage.result] += 1
    found.together.update(combinations(sorted(hits[:MOST_TOGETHER]), 2))


def _keyed(value: object) -> Any:
    """Return what stands for a value among what is remembered: True is not 1, and a list can't be a key."""
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, bool) else value


def _once(make: Callable[[], object]) -> Callable[[], object]:
    made: list[object] = []

    def get() -> object:
        if not made:
            made.append(make())
        return made[0]

    return get


def one_nation_of(hits: Counter[str]) -> str:
    """Return the nationality that more than four in five of enough hits fell upon; empty where there is none."""
    known = hits.total()
    top = hits.most_common(1)
    if known < LEAST_HITS or not top or top[0][1] * 100 <= ONE_NATION_PERCENT * known:
        return ""
    return top[0][0]


def shares(counted: Counter[str], of: Counter[str]) -> Iterator[tuple[str, int, float | None]]:
    """Yield name, hits and rate among that name's passages, the most hits first."""
    for name, count in counted.most_common():
        yield name, count, count / of[name] if of[name] else None
