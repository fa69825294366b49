"""A slice of the reference data: most of the listed are found, almost none of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checkpoint_app.screening import build_segment, calibrate, entry_to_plain, load
from checkpoint_app.screening.importers import read_entries
from tests.bench.screening_people import read_cases

pytestmark = pytest.mark.data
DATA = Path(os.environ.get("CHECKPOINT_DATA", "")) / "matching" / "dev10k"


@pytest.mark.skipif(not os.environ.get("CHECKPOINT_DATA"), reason="CHECKPOINT_DATA names no reference data")
def test_recall_and_false_hits_at_the_calibrated_threshold() -> None:
    entries = list(read_entries(DATA / "list.jsonl", on_refused=lambda line, reason: pytest.fail(f"{line}: {reason}")))
    plain = [entry_to_plain(entry) for entry in entries]
    persons = load("persons", dict(build_segment("persons", plain, calibrate(entries, travellers=5000))))
    cases = list(read_cases(DATA))
    listed = [case for case in cases if case.expected is not None][::5]
    clean = [case for case in cases if case.kind == "clean"][::5]
    found = sum(
        any(c.entry_id == case.expected and c.score >= c.threshold for c in persons.screen(case.subject))
        for case in listed
    )
    assert found / len(listed) >= 0.98
    assert sum(persons.best_score(case.subject) >= persons.threshold for case in clean) <= 8
