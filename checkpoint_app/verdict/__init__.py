"""Answers, policy and the fold of answers into one advice."""

from checkpoint_app.verdict.agreement import Agreement, HandlingCode
from checkpoint_app.verdict.answer import Answer, Candidate, Check, Finding, NotDone, Outcome, Reason, Sign, Source
from checkpoint_app.verdict.fold import Advice, Verdict, fold
from checkpoint_app.verdict.policy import AgeStep, AgeSteps, Policy, Requirement

__all__ = [
    "Advice",
    "AgeStep",
    "AgeSteps",
    "Agreement",
    "Answer",
    "Candidate",
    "Check",
    "Finding",
    "HandlingCode",
    "NotDone",
    "Outcome",
    "Policy",
    "Reason",
    "Requirement",
    "Sign",
    "Source",
    "Verdict",
    "fold",
]
