"""Evaluates the rules of a set for one subject: three values, every condition, no short cut, never a score."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from checkpoint_app.risk.cel import language
from checkpoint_app.risk.rules import Match, Rule, RuleCondition, RuleResult, RuleSet
from checkpoint_app.verdict import Condition, Truth
from checkpoint_app.verdict.lane import Mode

MOST_CPU_S = 2.0
"""Of one subject, a hundred times what the largest true set takes; conditions not reached by then are unknown. Each is
bounded by the engine, but thousands that just keep within it would stop a desk for minutes."""
_ASKED_BETWEEN = 32


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule came to. ``conditions`` are all of the rule's, in its order; none where it is not in force."""

    rule: Rule
    outcome: RuleResult
    conditions: tuple[Condition, ...] = ()


class Evaluator:
    """A rule set ready to run; the same at booth, centre and back-test. Safe to use from several threads."""

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self._language = language(rule_set.fields.name)
        self._rules = tuple((rule, tuple(map(_Ready, rule.conditions))) for rule in rule_set.rules)

    def evaluate(
        self, fields: Mapping[str, object], on: date, mode: Mode, purposes: Collection[str] | None = None
    ) -> tuple[RuleOutcome, ...]:
        """Return the outcome of every rule, in the set's order.

        ``fields`` are flat dotted names; None, a wrong type and an unknown name count as not received. A rule for a
        purpose that is not in ``purposes`` (None: all) is not in force; its conditions are not looked at.
        """
        received = self.rule_set.fields.usable(fields)
        subject = _Subject(self._language.activation(received), received)
        return tuple(
            _outcome(rule, tuple([condition.ask(subject) for condition in conditions]))
            if rule.in_force(on, mode) and (purposes is None or rule.purpose in purposes)
            else RuleOutcome(rule, RuleResult.NOT_IN_FORCE)
            for rule, conditions in self._rules
        )


class _Subject:
    """One subject, and what each text of a condition came to for it: rules that share one ask once."""

    __slots__ = ("_activation", "_ends", "_known", "_over", "_received")

    def __init__(self, activation: object, received: Mapping[str, object]) -> None:
        self._activation = activation
        self._received = received
        self._known: dict[str, bool | None] = {}
        self._ends = time.thread_time() + MOST_CPU_S
        self._over = False

    def truth(self, condition: RuleCondition) -> bool | None:
        text = condition.cel
        if text not in self._known:
            if len(self._known) % _ASKED_BETWEEN == 0 and time.thread_time() > self._ends:
                self._over = True
            self._known[text] = None if self._over else condition.program.truth(self._activation)
        return self._known[text]

    def missing(self, condition: RuleCondition) -> tuple[str, ...]:
        return tuple([name for name in condition.reads if name not in self._received])


class _Ready:
    """A condition with its two known answers made beforehand: most evaluations need no other."""

    __slots__ = ("_condition", "_false", "_true")

    def __init__(self, condition: RuleCondition) -> None:
        self._condition = condition
        self._true = Condition(condition.name, condition.says, Truth.TRUE)
        self._false = Condition(condition.name, condition.says, Truth.FALSE)

    def ask(self, subject: _Subject) -> Condition:
        condition = self._condition
        truth = subject.truth(condition)
        if truth is None:
            return Condition(condition.name, condition.says, Truth.UNKNOWN, subject.missing(condition))
        return self._true if truth else self._false


def _outcome(rule: Rule, conditions: tuple[Condition, ...]) -> RuleOutcome:
    return RuleOutcome(rule, fold(rule.match, [condition.value for condition in conditions]), conditions)


def fold(match: Match, truths: Iterable[Truth]) -> RuleResult:
    """Return what the conditions' values come to: the stronger value decides, and unknown stays unknown."""
    found = set(truths)
    if match is Match.ALL:
        deciding, result, rest = Truth.FALSE, RuleResult.CLEAR, RuleResult.HIT
    else:
        deciding, result, rest = Truth.TRUE, RuleResult.HIT, RuleResult.CLEAR
    if deciding in found:
        return result
    return RuleResult.UNKNOWN if Truth.UNKNOWN in found else rest
