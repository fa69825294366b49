"""Options of the simulation, the beginning that all runs share, and the campaign's one line of figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.options import add_campaign
from tests.simulation.campaign import prepared
from tests.simulation.template import Template

ROOT = Path(__file__).parents[2]
RUNS = "simulation runs"
HEAD = ("seed", "steps", "kills", "events", "versions", "half", "lost", "doubled", "finding")


def pytest_addoption(parser: pytest.Parser) -> None:
    add_campaign(parser)
    parser.addoption("--seed", type=int, default=None, help="play this seed of the simulation alone")
    parser.addoption("--steps", type=int, default=None, help="play so many steps of it")


@pytest.fixture(scope="module")
def beginning() -> Iterator[Template]:
    """The beginning of all runs; what it replaces of the machine is back before the next file's tests."""
    with prepared() as template:
        yield template


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write what each run came to, also those of other processes, and say the sum."""
    rows = [
        row
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, found in getattr(report, "user_properties", ())
        if name == RUNS and getattr(report, "when", "") == "call"
        for row in found
    ]
    if not rows:
        return
    path = ROOT / "build" / "faults" / "simulation.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in (HEAD, *sorted(rows))))
    steps, kills, events, versions, half, lost, doubled = (sum(row[place] for row in rows) for place in range(1, 8))
    terminalreporter.write_line(
        f"simulation: {len(rows)} runs, {steps} steps, {kills} kills, {events} events, {versions} versions in force,"
        f" {half} half versions, {lost} lost, {doubled} doubled"
    )
