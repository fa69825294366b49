"""The back-test of a month: 30 days of 5,000 travellers by 500 rules, measured on a part of it and scaled."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, timedelta

from checkpoint_app.risk.backtest import back_test
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.passages import Passage, passage_line, read_passages
from checkpoint_app.risk.standing import Result
from checkpoint_app.verdict.lane import Mode
from tests.bench.report import Report

DAYS, A_DAY = 30, 5_000
PART = 3_000
"""Passages that are measured; what they take is scaled to all days."""
MOST_MIN = 20.0


def measure(rules: bytes, subjects: Iterable[dict[str, object]]) -> Report:
    """Minutes of one core for all passages, by what the first ``PART`` of ``subjects`` take, their lines read too."""
    rule_set, first = load_rules(rules), date(2026, 3, 1)
    results = (None, None, None, Result.NOTHING, Result.CUSTOMS)
    lines = [
        passage_line(
            Passage(first + timedelta(days=at % DAYS), Mode.LAND, fields, results[at % len(results)], at % 50 == 0)
        )
        for at, fields in zip(range(PART), subjects, strict=False)
    ]
    started = time.process_time()
    found = back_test(rule_set, read_passages(lines))
    took_s = time.process_time() - started
    if found.passages != PART:
        raise RuntimeError(f"{found.passages} of {PART} passages were counted")
    name = f"back-test of {DAYS} x {A_DAY} x {len(rule_set.rules)} rules, min (of {PART} scaled)"
    minutes = took_s / PART * DAYS * A_DAY / 60
    return Report({name: minutes, "back-test, ms a passage": took_s / PART * 1e3}, {name: MOST_MIN})
