"""`checkpoint rules`: check a rule set before it is signed, run it as booth and centre would, back-test it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from checkpoint_app.commands import rules_backtest
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.risk import loading, subjects_file
from checkpoint_app.risk.evaluating import Evaluator, RuleOutcome
from checkpoint_app.risk.faults import RuleFault, RuleSetError
from checkpoint_app.risk.rule_reading import read_day
from checkpoint_app.risk.rules import RuleResult, RuleSet
from checkpoint_app.risk.subjects_file import JsonError, Subject
from checkpoint_app.verdict import Truth
from checkpoint_app.verdict.lane import Mode

REFUSED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the steps."""
    steps = parser.add_subparsers(dest="step", metavar="check|run|backtest", required=True)
    check = steps.add_parser("check", help="say whether a rule set loads, and list every fault")
    run_over = steps.add_parser("run", help="run a rule set over subjects")
    past = steps.add_parser("backtest", help="run a rule set over passages of the past, before it goes live")
    for step in (check, run_over, past):
        step.add_argument("set", type=Path, metavar="SET", help="a rule set, checkpoint-rules/1")
    past.add_argument("--journal", required=True, type=Path, metavar="FILE", help="passages, a JSON object a line")
    past.add_argument("--json", action="store_true", help="one JSON object with everything counted")
    check.add_argument("--json", action="store_true", help="accepted for scripts; the answer is JSON in any case")
    run_over.add_argument("subjects", type=Path, metavar="SUBJECTS", help='{"subjects":[{"id":"a","doc":{…}}]}')
    run_over.add_argument("--on", required=True, type=_day, metavar="YYYY-MM-DD", help="the day of the passage")
    run_over.add_argument("--lane", required=True, type=_lane, metavar="air|land|sea", help="how they come")
    run_over.add_argument("--json", action="store_true", help="one JSON object with every condition")


def run(args: argparse.Namespace) -> int:
    """Run the step. Exit code 0; 3 for a set refused whole, with its faults; raises CommandError for bad input.

    Where JSON was asked for, bad input is told as JSON, too: ``error`` and ``where``.
    """
    try:
        return _run(args)
    except CommandError as error:
        if args.json or args.step == "check":
            cause = error.__cause__
            _print({"error": str(error), "where": cause.where if isinstance(cause, JsonError) else {}})
        raise


def _run(args: argparse.Namespace) -> int:
    data = _bytes(args.set, loading.MOST_BYTES)
    subjects = _bytes(args.subjects, subjects_file.MOST_BYTES) if args.step == "run" else b""
    try:
        rule_set = loading.load_rules(data)
    except RuleSetError as error:
        print(f"checkpoint: {args.set.name}: refused whole: {error}", file=sys.stderr)
        _print({"loaded": False, "errors": [_error(fault) for fault in error.faults]})
        return REFUSED
    if args.step == "check":
        _print(_about(rule_set))
        return 0
    if args.step == "backtest":
        return rules_backtest.run(rule_set, args.journal, as_json=args.json)
    try:
        read = subjects_file.read_subjects(subjects, rule_set.fields)
    except JsonError as error:
        raise CommandError(f"{args.subjects.name}: {error}") from error
    evaluator = Evaluator(rule_set)
    found = [(subject, evaluator.evaluate(subject.fields, args.on, args.lane)) for subject in read]
    if args.json:
        _print(_results(found))
    else:
        _print_table(found)
    return 0


def _day(text: str) -> date:
    day = read_day(text)
    if day is None:
        raise argparse.ArgumentTypeError(f"{text} is no day: give YYYY-MM-DD")
    return day


def _lane(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no lane: give {', '.join(Mode)}") from None


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise CommandError(f"{path.name or path}: cannot be read: {reason}") from error
    if len(data) > most:
        raise CommandError(f"{path.name}: larger than {most >> 20} MiB: split it")
    return data


def _print(content: object) -> None:
    print(json.dumps(content))


def _error(fault: RuleFault) -> dict[str, str]:
    return {"rule": fault.rule, "code": fault.code.value, "where": fault.where}


def _about(rule_set: RuleSet) -> dict[str, object]:
    return {
        "loaded": True,
        "set": rule_set.set,
        "version": rule_set.version,
        "issued": rule_set.issued.isoformat(),
        "fields": rule_set.fields.name,
        "rules": len(rule_set.rules),
        "tests": sum(len(rule.tests) for rule in rule_set.rules),
        "digest": rule_set.digest,
        "ignored": list(rule_set.ignored),
    }


_Found = Sequence[tuple[Subject, tuple[RuleOutcome, ...]]]


def _results(found: _Found) -> dict[str, object]:
    results = [_result(subject, outcome) for subject, outcomes in found for outcome in outcomes]
    ignored = [{"subject": subject.id, "names": list(subject.ignored)} for subject, _ in found if subject.ignored]
    return {"loaded": True, "results": results, "ignored": ignored}


def _result(subject: Subject, outcome: RuleOutcome) -> dict[str, object]:
    conditions = [
        {"name": one.name, "value": one.value.value, "missing": list(one.missing)} for one in outcome.conditions
    ]
    return {
        "subject": subject.id,
        "rule": outcome.rule.id,
        "outcome": outcome.outcome.value,
        "conditions": conditions,
    }


def _print_table(found: _Found) -> None:
    """Print what an officer would be told: a line a rule in force that hit or could not be evaluated."""
    for subject, outcomes in found:
        told = [one for one in outcomes if one.outcome in {RuleResult.HIT, RuleResult.UNKNOWN}]
        in_force = sum(one.outcome is not RuleResult.NOT_IN_FORCE for one in outcomes)
        print(f"{subject.id}: {in_force} rules in force, {len(told)} to tell")
        for outcome in told:
            print(f"  {outcome.outcome.value}: {outcome.rule.id} {outcome.rule.title}: {'; '.join(_said(outcome))}")


def _said(outcome: RuleOutcome) -> Iterable[str]:
    for one in outcome.conditions:
        if one.value is Truth.TRUE:
            yield one.says
        elif one.value is Truth.UNKNOWN:
            why = f"{', '.join(one.missing)} not received" if one.missing else "it comes to no value"
            yield f"could not be checked: {one.says} ({why})"
