"""From the outcomes of a rule set to the check's answers, and to the record by which anyone can repeat them.

A set gives two answers at most: one of the rules that were evaluated, and one of those that could not be. Neither is a
score, and what could not be evaluated is never "nothing found".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from checkpoint_app.risk.evaluating import RuleOutcome
from checkpoint_app.risk.rules import Action, RuleResult
from checkpoint_app.verdict import Answer, Check, Finding, Mode, NotDone, Outcome, Policy, RuleMatch, Source, Truth

ENGINE = "risk/1"
MOST_UNKNOWN = 20
"""Rules that could not be evaluated and are named; all are counted."""
MOST_HITS = 100
MOST_TEXT_BYTES = 96 << 10
"""Rules that hit and are named, and the bytes of their texts, or of those not evaluated: an Encounter's answers
must find room in one event, whatever a set holds. Which others hit, the record of the evaluation tells."""
LETTER = {RuleResult.HIT: "h", RuleResult.CLEAR: "c", RuleResult.UNKNOWN: "u", RuleResult.NOT_IN_FORCE: "n"}
_TRUTH_LETTER = {Truth.TRUE: "t", Truth.FALSE: "f", Truth.UNKNOWN: "u"}

Suspended = Collection[tuple[str, int]]
"""Id and version of those rules of a set that may only inform, until their approver answers."""


def rule_answers(
    outcomes: Sequence[RuleOutcome], source: Source, policy: Policy, now: datetime, suspended: Suspended = ()
) -> list[Answer]:
    """Return the answers of one set, which ``source`` names; none where no rule of it was in force.

    The first stands for the rules that hit or are clear (``of`` counts them); ``policy`` makes of ``risk.inform``,
    ``risk.refer`` and ``risk.inspect`` a note or a hit. The second, NOT_EVALUATED, stands for the others.
    """
    hits = [_match(one, suspended) for one in outcomes if one.outcome is RuleResult.HIT]
    unknown = [one for one in outcomes if one.outcome is RuleResult.UNKNOWN]
    evaluated = len(hits) + sum(one.outcome is RuleResult.CLEAR for one in outcomes)
    answers = []
    if evaluated:
        outcome = policy.outcome_of(tuple(_finding(hit) for hit in hits))
        gravest = sorted(hits, key=lambda hit: policy.outcome_of((_finding(hit),)) is not outcome)  # stable
        told = _with_room(gravest, MOST_HITS) if _is_long(hits) else tuple(hits)
        found = tuple(_finding(hit) for hit in told)
        answers.append(Answer(Check.RISK, outcome, source, now, findings=found, rules=told, of=evaluated))
    if unknown:
        told = _with_room((_match(one, suspended) for one in unknown), MOST_UNKNOWN)
        answers.append(not_done(source, now, NotDone.NOT_EVALUATED, told, len(unknown)))
    return answers


def not_done(source: Source, now: datetime, why: NotDone, rules: tuple[RuleMatch, ...] = (), of: int = 0) -> Answer:
    """Return the answer of a set that was not consulted, or of those of its rules that could not be evaluated."""
    return Answer(Check.RISK, Outcome.NOT_CHECKED, source, now, not_done=why, rules=rules, of=of)


def _match(one: RuleOutcome, suspended: Suspended) -> RuleMatch:
    rule = one.rule
    held_back = (rule.id, rule.version) in suspended
    return RuleMatch(
        rule.id, rule.version, rule.title, rule.action.value, rule.question, one.conditions, suspended=held_back
    )


def _is_long(hits: Sequence[RuleMatch]) -> bool:
    return len(hits) > MOST_HITS or sum(map(_bytes_of, hits)) > MOST_TEXT_BYTES


def _with_room(matches: Iterable[RuleMatch], most: int) -> tuple[RuleMatch, ...]:
    """Return the first of ``matches``, at most so many, whose texts find room; the very first in any case."""
    told: list[RuleMatch] = []
    left = MOST_TEXT_BYTES
    for one in matches:
        left -= _bytes_of(one)
        if len(told) == most or (told and left < 0):
            break
        told.append(one)
    return tuple(told)


def _bytes_of(one: RuleMatch) -> int:
    """Count the bytes of a match's texts, its title twice: the finding repeats it."""
    texts = [one.title, one.title, one.question, *(name for asked in one.conditions for name in asked.missing)]
    texts += [text for asked in one.conditions for text in (asked.name, asked.says)]
    return sum(len(text.encode()) for text in texts)


def _finding(hit: RuleMatch) -> Finding:
    action = Action.INFORM.value if hit.suspended else hit.action
    return Finding(f"risk.{action}", {"rule": hit.rule, "title": hit.title})


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One set's evaluation for one subject: its list's name, version and digest, by what, and what came of it."""

    name: str
    version: int
    digest: str
    on: date
    mode: Mode
    purposes: tuple[str, ...]
    outcomes: tuple[RuleOutcome, ...]
    latency_us: int

    def to_plain(self, fields: Mapping[str, object]) -> dict[str, Any]:
        """Return what the event ``risk_evaluated`` holds of it: enough to evaluate again.

        Of ``fields`` only those are kept that hits and unknown conditions read: no value that decided nothing.
        ``outcomes`` has a letter a rule (h, c, u, n), ``conditions`` a letter a condition (t, f, u) of the rules in
        force, in their order. Canonical bytes know no fractions: a number with one is a text, as Python writes it.
        """
        read = used_fields(self.outcomes) & fields.keys()
        asked = (condition for one in self.outcomes for condition in one.conditions)
        return {
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "on": self.on.isoformat(),
            "mode": self.mode.value,
            "purposes": sorted(self.purposes),
            "fields": {name: plain_value(fields[name]) for name in sorted(read)},
            "outcomes": "".join(LETTER[one.outcome] for one in self.outcomes),
            "conditions": "".join(_TRUTH_LETTER[condition.value] for condition in asked),
            "latency_us": self.latency_us,
        }


def used_fields(outcomes: Sequence[RuleOutcome]) -> frozenset[str]:
    """Return the fields that the rules that hit, and conditions that are not known, read."""
    return frozenset(
        name
        for one in outcomes
        for condition, asked in zip(one.rule.conditions, one.conditions, strict=False)
        if one.outcome is RuleResult.HIT or asked.value is Truth.UNKNOWN
        for name in condition.reads
    )


def plain_value(value: object) -> object:
    """Return a field's value as canonical bytes hold it."""
    if isinstance(value, float):
        return repr(value)
    return list(value) if isinstance(value, tuple) else value
