"""Who may see what rules found: the post's policy keeps handling codes to a role, wherever the screen could tell it."""

from __future__ import annotations

from collections.abc import Collection

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.verdict import HandlingCode, Policy

EVERYBODY = "officer"


def may_see(state: DeskState, handling: Collection[str]) -> bool:
    """Tell whether whoever is signed in may see what bears these codes; nobody signed in sees what an officer sees."""
    is_supervisor = state.officer is not None and state.officer.supervisor
    return is_supervisor or not is_reserved(state.policy, handling)


def is_reserved(policy: Policy | None, handling: Collection[str]) -> bool:
    """Tell whether the policy keeps one of these codes to more than an officer.

    A code that is not known is the strictest to `HandlingCode.read`, so that it is reserved where that one is; and a
    role that is not known here counts as a supervisor's.
    """
    kept = {code for code, role in policy.seen_by.items() if role != EVERYBODY} if policy is not None else set()
    return any(code in kept or HandlingCode.read(code).value in kept for code in handling)
