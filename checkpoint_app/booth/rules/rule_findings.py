"""Rules on the screen: each that found something with its sentences, and apart from them what could not be evaluated.

Nothing like a score is ever shown, and never the sentences of what a handling code keeps to a supervisor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.rules.handling_codes import may_see
from checkpoint_app.booth.view.screen import PanelSection, ReasonRow
from checkpoint_app.verdict import Answer, Check, NotDone, Outcome, Policy, RuleMatch, Truth

MOST_TOLD = 5
"""Rules that are told with their sentences; what is more is named."""
MOST_QUESTIONS = 2
_MOST_NAMED = 3
MOST_UNKNOWN = 2


def is_withheld(answer: Answer, state: DeskState) -> bool:
    """Tell whether what ``answer`` says is a supervisor's to see, and somebody else is signed in."""
    return answer.check is Check.RISK and not may_see(state, answer.source.handling)


def row_name(answer: Answer, words: Words) -> str:
    """Return the name of a row of rules, with how many rules it stands for."""
    name = words.say("check.risk")
    if answer.not_done is NotDone.NOT_EVALUATED and answer.of:
        return words.say("rules.unknown", count=answer.of)
    return words.say("rules.counted", name=name, count=answer.of) if answer.of else name


def row_detail(answer: Answer, state: DeskState, words: Words) -> str:
    """Return which rules found something, or what fields were not received."""
    if is_withheld(answer, state):
        return words.say("rules.withheld")
    if answer.outcome is Outcome.NOT_CHECKED:
        fields = dict.fromkeys(name for rule in answer.rules for name in _missing(rule))
        return words.say("rules.missing", fields=_fields(fields, words)) if fields else ""
    if len(answer.rules) == 1:
        return rule_title(answer.rules[0], words)
    return words.say("rules.several", count=len(answer.rules), rules=_named([one.rule for one in answer.rules], words))


def rule_title(rule: RuleMatch, words: Words) -> str:
    """Return a rule's number and title."""
    return words.say("rules.titled", rule=rule.rule, title=rule.title)


def rule_sections(
    state: DeskState, answers: Sequence[Answer], words: Words, most: int = MOST_TOLD
) -> tuple[PanelSection, ...]:
    """Return a section for each rule that found something, the gravest first: title, sentences, what was not so."""
    found = sorted(_found(state, answers), key=lambda one: one[1] is not Outcome.HIT)
    told = [_section(rule, outcome, words) for answer, outcome, rule in found if not is_withheld(answer, state)]
    if len(told) > most:
        rest = [rule for answer, _outcome, rule in found if not is_withheld(answer, state)][most:]
        lines = tuple(rule_title(rule, words) for rule in rest)
        told = [*told[:most], PanelSection(words.say("rules.further"), lines=lines)]
    kept = [outcome for answer, outcome, _rule in found if is_withheld(answer, state)]
    if kept:
        row = ReasonRow(words.say("rules.withheld"), symbol=kept[0].value)
        told.insert(0, PanelSection(words.say("rules.head_withheld"), rows=(row,)))
    return tuple(told)


def questions(state: DeskState, answers: Sequence[Answer], words: Words) -> tuple[str, ...]:
    """Return what the officer is to ask or look at, by the gravest rules that found something."""
    found = sorted(_found(state, answers), key=lambda one: one[1] is not Outcome.HIT)
    asked = (
        words.say("rules.call") if is_withheld(answer, state) else rule.question for answer, _outcome, rule in found
    )
    return tuple(dict.fromkeys(asked))[:MOST_QUESTIONS]


def unknown_section(
    state: DeskState, answers: Sequence[Answer], words: Words, most: int = MOST_UNKNOWN
) -> tuple[PanelSection, ...]:
    """Return what could not be evaluated and why: the fields that nobody sent, each lack once; () where all could be.

    The first ``most`` are told, and how many rules more there are.

    A rule that found something by one condition may have another that is not known: that is told, too.
    """
    of_rules = [one for one in answers if one.check is Check.RISK]
    rows: list[str] = []
    lacks: dict[tuple[str, ...], list[RuleMatch]] = {}
    for answer in of_rules:
        rules = [rule for rule in answer.rules if any(one.value is Truth.UNKNOWN for one in rule.conditions)]
        if is_withheld(answer, state):
            rows += [words.say("rules.withheld")] if rules else []
            continue
        for rule in rules:
            lacks.setdefault(_missing(rule), []).append(rule)
    rows += [_lack(fields, rules, words) for fields, rules in lacks.items()]
    if not rows:
        return ()
    counted = sum(one.of - len(one.rules) for one in of_rules if one.not_done is NotDone.NOT_EVALUATED)
    more = counted + sum(len(rules) for rules in list(lacks.values())[most:])
    shown = tuple(ReasonRow(text, symbol=Outcome.NOT_CHECKED.value) for text in rows[:most])
    muted = (words.say("rules.more", count=more),) if more else ()
    return (PanelSection(words.say("rules.not_evaluated"), rows=shown, muted=muted),)


def hits_of(answer: Answer, policy: Policy | None) -> int:
    """Return how many findings of an answer of rules are hits by the policy; at least one of a hit."""
    weights = policy.outcomes if policy is not None else {}
    return max(1, sum(weights.get(finding.code, Outcome.HIT) is Outcome.HIT for finding in answer.findings))


def field_name(name: str, words: Words) -> str:
    """Return a field's name in the officer's language; a newer catalogue's as its authors write it."""
    key = f"field.{name}"
    return words.say(key) if words.knows(key) else name


def _found(state: DeskState, answers: Iterable[Answer]) -> list[tuple[Answer, Outcome, RuleMatch]]:
    """Return the rules that found something, each with its answer and what the policy makes of it."""
    weights = state.policy.outcomes if state.policy is not None else {}
    found = []
    for answer in answers:
        if answer.check is not Check.RISK or answer.outcome not in (Outcome.NOTE, Outcome.HIT):
            continue
        codes = {finding.params.get("rule"): finding.code for finding in answer.findings}
        found += [(answer, weights.get(codes.get(rule.rule, ""), Outcome.HIT), rule) for rule in answer.rules]
    return found


def _section(rule: RuleMatch, outcome: Outcome, words: Words) -> PanelSection:
    true = [one.says for one in rule.conditions if one.value is Truth.TRUE]
    false = [one.says for one in rule.conditions if one.value is Truth.FALSE]
    title = ReasonRow(rule.title, symbol=outcome.value, strong=True)
    muted = [words.say("rules.not_met", conditions="; ".join(false))] if false else []
    if rule.suspended:
        muted.append(words.say("rules.suspended"))
    return PanelSection(
        words.say("rules.head", rule=rule.rule),
        rows=(title, *(ReasonRow(text) for text in true)),
        muted=tuple(muted),
    )


def _missing(rule: RuleMatch) -> tuple[str, ...]:
    """Return the fields that the unknown conditions of a rule lack, in their order."""
    unknown = (one for one in rule.conditions if one.value is Truth.UNKNOWN)
    return tuple(dict.fromkeys(name for one in unknown for name in one.missing))


def _lack(fields: tuple[str, ...], rules: Sequence[RuleMatch], words: Words) -> str:
    """Return one row of what could not be evaluated, as the words of the language order it."""
    named = rule_title(rules[0], words) if len(rules) == 1 else _named([one.rule for one in rules], words)
    if not fields:  # all was received, and yet it has no value, as a division by zero
        return words.say("rules.no_value", rules=named)
    return words.say("rules.not_received", rules=named, fields=_fields(fields, words))


def _fields(fields: Iterable[str], words: Words) -> str:
    return ", ".join(field_name(name, words) for name in fields)


def _named(rules: Sequence[str], words: Words) -> str:
    """Return the numbers of rules, the first ones and how many more."""
    shown = ", ".join(rules[:_MOST_NAMED])
    left = len(rules) - _MOST_NAMED
    return words.say("rules.and_more", rules=shown, count=left) if left > 0 else shown
