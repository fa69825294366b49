"""The table of guards is true: its tests are there, each guard stands in its file, and the document says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guard import Guard
from tests.guarded import GUARDS
from tests.guards import DOCUMENT
from tests.mutants import ROOT

INVARIANTS = set(range(1, 15))
"""Those of DESIGN §6: all of them."""


def test_every_invariant_has_a_guard() -> None:
    assert {guard.invariant for guard in GUARDS} == INVARIANTS


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.what.replace(" ", "-"))
def test_guard_and_test_are_there(guard: Guard) -> None:
    source = (ROOT / "checkpoint_app" / guard.file).read_text()
    assert source.count(guard.text) == 1
    compile(source.replace(guard.text, guard.without), guard.file, "exec")
    file, _, name = guard.test.partition("::")
    assert f"def {name}(" in (ROOT / "tests" / file).read_text()


def test_document_has_a_row_of_each_guard_and_no_other() -> None:
    rows = [line for line in (ROOT / DOCUMENT).read_text().splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(GUARDS)
    for row, guard in zip(rows, GUARDS, strict=True):
        assert row.startswith(guard.row)
        how = row.removeprefix(guard.row).strip(" |")
        assert how
        assert "PASSES" not in how
        assert "NOT VALID" not in how


def test_paths_of_the_document_are_relative() -> None:
    assert not any(str(Path.home()) in line or "/tmp/" in line for line in (ROOT / DOCUMENT).read_text().splitlines())
