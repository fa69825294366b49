"""Answers, policy and the fold of answers into one advice."""

from checkpoint_app.verdict.agreement import Agreement, HandlingCode
from checkpoint_app.verdict.answer import (
    Answer,
    Candidate,
    Check,
    Condition,
    Finding,
    NotDone,
    Outcome,
    Reason,
    RuleMatch,
    Sign,
    Source,
    Truth,
)
from checkpoint_app.verdict.fold import Advice, Verdict, fold
from checkpoint_app.verdict.lane import Lane, LaneKind, Mode
from checkpoint_app.verdict.policy import AgeStep, AgeSteps, Policy, Requirement

__all__ = [
    "Advice",
    "AgeStep",
    "AgeSteps",
    "Agreement",
    "Answer",
    "Candidate",
    "Check",
    "Condition",
    "Finding",
    "HandlingCode",
    "Lane",
    "LaneKind",
    "Mode",
    "NotDone",
    "Outcome",
    "Policy",
    "Reason",
    "Requirement",
    "RuleMatch",
    "Sign",
    "Source",
    "Truth",
    "Verdict",
    "fold",
]
