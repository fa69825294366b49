"""The option that makes the campaigns long, and the booth template that all of them copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.options import add_campaign, is_long
from tests.faults.template import Template, make_template
from tests.faults.tracing import may_trace


def pytest_addoption(parser: pytest.Parser) -> None:
    add_campaign(parser)


@pytest.fixture(scope="session")
def long_campaign(request: pytest.FixtureRequest) -> bool:
    """Whether the long campaign was asked for (`make faults`)."""
    return is_long(request.config)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A booth with its first lists in force and newer ones laid ready."""
    return make_template(tmp_path_factory.mktemp("template") / "booth")


@pytest.fixture
def fresh(template: Template, tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """Make copies of the template; they are removed at the end, since each holds a reserve of 8 MiB."""
    made: list[Path] = []

    def copy() -> Path:
        made.append(tmp_path / f"booth-{len(made)}")
        shutil.copytree(template.folder, made[-1])
        return made[-1]

    yield copy
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def strace() -> str:
    """The path of strace; skips where it is missing or may not trace."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not on this machine")
    if not may_trace(found):
        pytest.skip("strace may not trace here")
    return found
