"""What is wrong with a rule set: every fault by its code, in the words that scripts outside compare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The codes of checkpoint-rules/1; docs/rules.md says of each what it stands for."""

    UNKNOWN_FIELD = "unknown_field"
    TYPE_ERROR = "type_error"
    NOT_BOOLEAN = "not_boolean"
    SYNTAX_ERROR = "syntax_error"
    DUPLICATE_ID = "duplicate_id"
    APPROVER_IS_OWNER = "approver_is_owner"
    MISSING_LEGAL_BASIS = "missing_legal_basis"
    BAD_DATES = "bad_dates"
    BAD_MAX_HIT_RATE = "bad_max_hit_rate"
    TEST_FAILED = "test_failed"
    NO_CONDITIONS = "no_conditions"
    DUPLICATE_CONDITION = "duplicate_condition"
    BAD_MATCH = "bad_match"
    NEEDS_SECOND_APPROVER = "needs_second_approver"
    NEVER_FIRES = "never_fires"


@dataclass(frozen=True, slots=True)
class RuleFault:
    """One fault: the rule's id (empty: of the file as a whole), its code, and where in the rule to look."""

    rule: str
    code: Code
    where: str = ""


class RuleSetError(Exception):
    """The set is refused whole. ``faults`` are all that were found, in the order of the rules."""

    def __init__(self, faults: tuple[RuleFault, ...]) -> None:
        super().__init__(f"the rule set has {len(faults)} fault{'s' if len(faults) != 1 else ''}")
        self.faults = faults
