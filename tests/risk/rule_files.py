"""Rule sets for tests, written as their authors would: plain JSON, one thing changed at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from checkpoint_app.risk.faults import RuleSetError
from checkpoint_app.risk.loading import load_rules

DAY = date(2026, 3, 10)


def condition(cel: object = "trip.stay_days < 3", name: object = "short", says: object = "Stay under 3 days") -> Any:
    return {"name": name, "cel": cel, "says": says}


def rule(**changes: Any) -> dict[str, Any]:
    """A rule without a fault, changed; a change to ... takes the key away."""
    plain = {
        "id": "T-001",
        "version": 1,
        "title": "A short stay",
        "subject": "traveller",
        "purpose": "border_security",
        "legal_basis": "Ley 1, art. 4",
        "owner": "analyst.muster",
        "approver": "chief.ejemplo",
        "starts": "2026-01-01",
        "ends": "2026-12-31",
        "lanes": ["air", "land", "sea"],
        "max_hit_rate": 0.02,
        "action": "refer",
        "question": "Ask about the trip.",
        "match": "all",
        "conditions": [condition()],
        "tests": [],
        **changes,
    }
    return {key: value for key, value in plain.items() if value is not ...}


def of_cel(*texts: str, **changes: Any) -> dict[str, Any]:
    """A rule with these conditions, named c0, c1 …"""
    return rule(conditions=[condition(text, f"c{at}") for at, text in enumerate(texts)], **changes)


def rule_set(*rules: object, **changes: Any) -> bytes:
    plain = {
        "format": "checkpoint-rules/1",
        "set": "muster",
        "version": "2026.03.1",
        "issued": "2026-03-01T00:00:00Z",
        "fields": "traveller/1",
        "rules": list(rules),
        **changes,
    }
    return json.dumps({key: value for key, value in plain.items() if value is not ...}).encode()


def faults(data: bytes) -> list[tuple[str, str]]:
    """What the loader says of it: (rule, code); nothing for a set that loads."""
    try:
        load_rules(data)
    except RuleSetError as error:
        return [(fault.rule, fault.code.value) for fault in error.faults]
    return []


def codes(plain: Mapping[str, Any]) -> set[str]:
    """The codes of a set that has this rule alone."""
    return {code for _, code in faults(rule_set(plain))}
