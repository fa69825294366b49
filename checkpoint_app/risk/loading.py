"""Loads a rule set from its exact bytes: all of it, its vectors run, or none of it and every fault by its code."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from checkpoint_app.risk.catalogue import Catalogue, catalogue
from checkpoint_app.risk.cel import language
from checkpoint_app.risk.faults import Code, RuleFault, RuleSetError
from checkpoint_app.risk.rule_reading import RuleReader
from checkpoint_app.risk.rules import FORMAT, Rule, RuleResult, RuleSet
from checkpoint_app.risk.subjects_file import JsonError, read_json, unknown_names

MOST_BYTES = 32 << 20
MOST_RULES = 5_000
# What a person is, and has not done: a rule that reads nothing else needs another pair of eyes.
_SENSITIVE = frozenset({"person.nationality", "person.age", "name.tokens"})


def load_rules(data: bytes) -> RuleSet:
    """Return the set of these bytes; raises RuleSetError with every fault, and nothing else.

    A fault of the file as a whole has an empty rule. The signature over the bytes is not looked at here.
    """
    top = _top(data)
    faults: list[RuleFault] = []
    name, version = (_text(top, key, faults) for key in ("set", "version"))
    issued = _issued(top.get("issued"))
    if issued is None:
        faults.append(RuleFault("", Code.BAD_DATES, "issued"))
    if top.get("format") != FORMAT:
        faults.append(RuleFault("", Code.SYNTAX_ERROR, "format"))
    plain = _plain_rules(top, faults)
    fields = catalogue(top.get("fields"))
    if fields is None:  # what rules read cannot be judged without
        faults.append(RuleFault("", Code.UNKNOWN_FIELD, "fields"))
        raise RuleSetError(tuple(faults))
    readers = [RuleReader(one, number, fields, language(fields.name)) for number, one in enumerate(plain, start=1)]
    rules = [rule for rule in [reader.read() for reader in readers] if rule is not None]
    faults += _with_duplicates(readers)
    if faults or issued is None:
        raise RuleSetError(tuple(faults))
    if review := tuple(_review(rules)):
        raise RuleSetError(review)
    return RuleSet(
        name, version, issued, fields, tuple(rules), hashlib.sha256(data).hexdigest(), _ignored(rules, fields)
    )


def _top(data: bytes) -> dict[str, Any]:
    where = "the file"
    try:
        if len(data) > MOST_BYTES:
            where = f"more than {MOST_BYTES >> 20} MiB"
        elif isinstance(top := read_json(data), dict):
            return top
    except JsonError as error:
        where = str(error)
    raise RuleSetError((RuleFault("", Code.SYNTAX_ERROR, where),))


def _text(top: dict[str, Any], key: str, faults: list[RuleFault]) -> str:
    value = top.get(key)
    if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= 100:
        return value
    faults.append(RuleFault("", Code.TYPE_ERROR, key))
    return ""


def _issued(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _plain_rules(top: dict[str, Any], faults: list[RuleFault]) -> list[object]:
    plain = top.get("rules")
    if not isinstance(plain, list):
        faults.append(RuleFault("", Code.TYPE_ERROR, "rules"))
        return []
    if len(plain) > MOST_RULES:
        faults.append(RuleFault("", Code.SYNTAX_ERROR, f"more than {MOST_RULES} rules"))
        return []
    return plain


def _with_duplicates(readers: Sequence[RuleReader]) -> Iterator[RuleFault]:
    """Yield the faults of all rules in their order; an id that stands twice is told once, at the second."""
    times: Counter[str] = Counter()
    for reader in readers:
        times[reader.id] += 1
        if times[reader.id] == 2:
            yield RuleFault(reader.id, Code.DUPLICATE_ID, "id")
        yield from reader.faults


def _review(rules: Sequence[Rule]) -> Iterator[RuleFault]:
    """Yield what a set without other faults is asked beyond its form."""
    for rule in rules:
        if _needs_second_approver(rule):
            yield RuleFault(rule.id, Code.NEEDS_SECOND_APPROVER, "conditions")
        if rule.tests and all(vector.expect is not RuleResult.HIT for vector in rule.tests):
            yield RuleFault(rule.id, Code.NEVER_FIRES, "tests")


def _needs_second_approver(rule: Rule) -> bool:
    """Tell whether it reads only what a person is, and nobody but its approver has looked. An approver counts once."""
    second = rule.second_approver
    seen = second is not None and second.strip().casefold() != rule.approver.strip().casefold()
    return bool(rule.reads) and set(rule.reads) <= _SENSITIVE and not seen


def _ignored(rules: Sequence[Rule], fields: Catalogue) -> tuple[str, ...]:
    return unknown_names({name for rule in rules for vector in rule.tests for name in vector.fields}, fields)
