"""Rule sets as their owners write them, small; and the keys that sign them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.wire.plain import to_plain
from tests.central.helpers import START

OWNER = Ed25519PrivateKey.from_private_bytes(b"\x0a" * 32)
ISSUED = to_plain(START)
PURPOSE = "border_security"


def rule(name: str = "T-001", cel: str = 'doc.issuer == "UTO"', **changes: Any) -> dict[str, Any]:
    """Return a rule that asks for a second look at documents of Utopia, unless ``cel`` says otherwise."""
    subject = {"doc": {"issuer": "UTO", "type": "P"}, "hist": {"refusals_5y": 3}}
    return {
        "id": name,
        "version": 1,
        "title": f"rule {name}",
        "subject": "traveller",
        "purpose": PURPOSE,
        "legal_basis": "Ley 1, art. 4",
        "owner": "analyst.muestra",
        "approver": "chief.ejemplo",
        "starts": "2026-01-01",
        "ends": "2027-12-31",
        "lanes": ["air", "land", "sea"],
        "max_hit_rate": 0.5,
        "action": "refer",
        "question": "Ask about the way here.",
        "match": "all",
        "conditions": [{"name": "first", "cel": cel, "says": f"says {name}"}],
        "tests": [{"subject": subject, "expect": "hit"}, {"subject": {}, "expect": "unknown"}],
        **changes,
    }


def rule_set(rules: Sequence[dict[str, Any]] = (), **changes: Any) -> bytes:
    """Return the bytes of a set; without ``rules`` it has one."""
    top = {
        "format": "checkpoint-rules/1",
        "set": "DEMO",
        "version": "2026.11.1",
        "issued": ISSUED,
        "fields": "traveller/1",
        "rules": list(rules) or [rule()],
        **changes,
    }
    return json.dumps(top, indent=1).encode()


def refused(name: str = "T-002") -> dict[str, Any]:
    """Return a rule that no set may have: it reads a field that is none."""
    return rule(name, "person.religion == 1", tests=[])
