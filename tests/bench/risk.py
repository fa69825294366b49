"""Rules over subjects: what a passage with every condition on record costs, what a load costs, and what peers take.

Every measurement of MEASUREMENTS gives a report of its own, and all are one area: the back-test of a month and the
reading of a long manifest among them.
`python -m tests.bench.risk [RULES]` runs it with fewer rules.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import cel

from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.rules import RuleSet
from checkpoint_app.verdict.lane import Mode
from tests.bench import risk_backtest, risk_manifest
from tests.bench.report import Report

DAY = date(2026, 3, 10)
SUBJECTS = 60
ROUNDS = 4
SIZES = {500: 8.0, 2_000: 40.0}
"""Rules of three conditions → the most milliseconds that a traveller may take, at the median."""
LOAD_S = 3.0


def run() -> Report:
    """Run all measurements of the area."""
    parts = [measure() for measure in MEASUREMENTS]
    return Report(*({name: value for part in parts for name, value in of(part).items()} for of in _PARTS))


def measure_rules(sizes: Mapping[int, float] = SIZES) -> Report:
    """Milliseconds a traveller at the median, seconds a load with its vectors; peers in milliseconds and as ratios."""
    figures: dict[str, float] = {}
    targets: dict[str, float] = {}
    peers: dict[str, float] = {}
    for rules, most in sizes.items():
        started = time.perf_counter()
        rule_set = load_rules(synthetic_set(rules))
        figures[f"{rules} rules: loaded with vectors, s"] = time.perf_counter() - started
        targets[f"{rules} rules: loaded with vectors, s"] = LOAD_S
        ours = _evaluated(rule_set)
        figures[f"{rules} rules: a traveller, ms"], targets[f"{rules} rules: a traveller, ms"] = ours, most
        shared = load_rules(synthetic_set(rules, kinds=rules // 10))
        figures[f"{rules} rules that share conditions: a traveller, ms"] = _evaluated(shared)
        if not peers:
            peers |= _peers(rule_set, rules, ours)
    return Report(figures, targets, peers)


def synthetic_set(rules: int, kinds: int | None = None) -> bytes:
    """Return a set of so many rules, three conditions and two vectors each, the same at every call.

    No condition stands in it twice, unless ``kinds`` says how many rules differ.
    """
    return json.dumps(
        {
            "format": "checkpoint-rules/1",
            "set": "bench",
            "version": "1",
            "issued": "2026-03-01T00:00:00Z",
            "fields": "traveller/2",
            "rules": [_rule(number, number % (kinds or rules)) for number in range(rules)],
        }
    ).encode()


def subjects(count: int) -> Iterator[dict[str, object]]:
    """Yield travellers of whom a part of the fields was received, the same at every call."""
    chance = random.Random(11)
    for _ in range(count):
        whole: dict[str, object] = {
            "trip.stay_days": chance.randrange(1, 30),
            "pnr.lead_hours": chance.randrange(1, 400),
            "pnr.paid_cash": chance.random() < 0.3,
            "doc.issuer": chance.choice(["UTO", "XXA", "GBR"]),
            "bag.weight_kg": chance.random() * 60,
            "trip.route": chance.sample(["AAA", "BBB", "CCC", "DDD"], 2),
        }
        yield {name: value for name, value in whole.items() if chance.random() < 0.8}


def _rule(number: int, kind: int) -> dict[str, Any]:
    third = (
        f"bag.weight_kg > {kind}.5 && !pnr.paid_cash",
        f'doc.issuer in ["UTO", "X{kind}"] || pnr.paid_cash',
        f'trip.route.exists(place, place == "AAA" || place.startsWith("B{kind}"))',
    )[kind % 3]
    texts = (f"trip.stay_days < {kind + 2}", f"pnr.lead_hours < {kind + 2}", third)
    return {
        "id": f"R-{number}",
        "version": 1,
        "title": f"rule {number}",
        "subject": "traveller",
        "purpose": "border_security",
        "legal_basis": "Ley 1, art. 4",
        "owner": "analyst",
        "approver": "chief",
        "starts": "2026-01-01",
        "ends": "2026-12-31",
        "lanes": ["land"],
        "max_hit_rate": 0.5,
        "action": "refer",
        "question": "Ask about the trip.",
        "match": "all",
        "conditions": [{"name": f"c{at}", "cel": text, "says": f"sentence {at}"} for at, text in enumerate(texts)],
        "tests": [
            {"subject": {"trip": {"stay_days": 99_999}}, "expect": "clear"},
            {
                "subject": {
                    "trip": {"stay_days": 1, "route": ["AAA"]},
                    "pnr": {"lead_hours": 1, "paid_cash": third.startswith("doc")},
                    "bag": {"weight_kg": 99_999},
                    "doc": {"issuer": "UTO"},
                },
                "expect": "hit",
            },
        ],
    }


def _evaluated(rule_set: RuleSet) -> float:
    evaluator = Evaluator(rule_set)
    return _median([lambda one=one: evaluator.evaluate(one, DAY, Mode.LAND) for one in subjects(SUBJECTS)])


def _median(tasks: list[Callable[[], object]]) -> float:
    """Return the median in milliseconds of all tasks, each by the best of its rounds: others use the machine too."""
    return statistics.median(min(took) for took in zip(*[_times(tasks) for _ in range(ROUNDS)], strict=True))


def _times(tasks: list[Callable[[], object]]) -> list[float]:
    took = []
    for task in tasks:
        started = time.perf_counter()
        task()
        took.append((time.perf_counter() - started) * 1e3)
    return took


def _peers(rule_set: RuleSet, rules: int, ours: float) -> dict[str, float]:
    """Return what others take for the same conditions of the same subjects, in milliseconds and as times of ours."""
    texts = [condition.cel for rule in rule_set.rules for condition in rule.conditions]
    rust = [cel.compile(text) for text in texts]
    nested = [_nested(one) for one in subjects(SUBJECTS)]
    common = _median([lambda one=one: [_asked(program, one) for program in rust] for one in nested[:5]])
    python = [compile(_python(text), "<rule>", "eval") for text in texts]
    plain = _median([lambda one=one: [_tried(code, one) for code in python] for one in subjects(SUBJECTS)])
    return {
        f"common-expression-language, {rules} rules, ms": common,
        "common-expression-language, times ours": common / ours,
        f"Python eval, {rules} rules, ms": plain,
        "Python eval, times ours": plain / ours,
    }


def _asked(program: Any, nested: dict[str, Any]) -> object:
    try:
        return program.execute(nested)
    except Exception:  # noqa: BLE001 - the peer's way to say unknown
        return None


def _nested(flat: dict[str, object]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for name, value in flat.items():
        first, _, last = name.partition(".")
        whole.setdefault(first, {})[last] = value
    return whole


def _python(text: str) -> str:
    """Return one of the texts above as Python: no three values, no limits, whatever the rule says is run."""
    if ".exists(" in text:
        start = text.rpartition("(")[2].rstrip(")")
        return f'any(place == "AAA" or place.startswith({start}) for place in s["trip.route"])'
    words = text.replace("&& !", "and not ").replace("||", "or").split()
    return " ".join(f's["{word}"]' if "." in word and word[0].isalpha() else word for word in words)


def _tried(code: Any, one: dict[str, object]) -> object:
    try:
        return eval(code, {"s": one})
    except KeyError:
        return None


MEASUREMENTS: tuple[Callable[[], Report], ...] = (
    measure_rules,
    lambda: risk_backtest.measure(synthetic_set(500), subjects(risk_backtest.PART)),
    risk_manifest.measure,
)
_PARTS: tuple[Callable[[Report], Mapping[str, float]], ...] = (
    lambda part: part.figures,
    lambda part: part.targets,
    lambda part: part.peers,
)


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(measure_rules({size: SIZES[500] * size / 500}).table("risk"))
