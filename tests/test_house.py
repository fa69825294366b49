"""The house keeps its own rules: sizes, room pages, documented commands, no machine paths, no index addresses."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from checkpoint_app import __version__
from checkpoint_app.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "checkpoint_app"
ROOMS = sorted(path for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists())
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MOST_LINES = 600
MOST_PAGE_LINES = 10


def tracked() -> list[Path]:
    """The files of the project; without git (an unpacked release), the sources."""
    try:
        listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], check=True, capture_output=True, text=True).stdout
        return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]


def test_no_source_file_is_longer_than_600_lines() -> None:
    long = {str(path.relative_to(ROOT)) for path in tracked() if path.suffix == ".py" and lines(path) > MOST_LINES}
    assert long == set()


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_every_room_has_a_page_of_ten_lines_at_most(room: Path) -> None:
    page = room / "README.md"
    assert page.exists()
    assert lines(page) <= MOST_PAGE_LINES


def test_documented_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for doc in DOCS for name in re.findall(r"\bmake ([a-z]+)\b", doc.read_text(encoding="utf-8"))}
    assert {"demo", "test", "setup", "check", "bench", "faults", "lock"} <= targets
    assert named - targets <= {"room", "itself", "the"}


def test_documented_commands_exist_and_all_are_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"bin/checkpoint ([a-z]+)\b", readme))
    assert named == set(COMMANDS)
    for command in COMMANDS:
        assert (PACKAGE / "commands" / f"{command}.py").exists()


def test_every_decision_is_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_linked_files_of_the_docs_exist() -> None:
    for doc in DOCS:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", doc.read_text(encoding="utf-8")):
            assert (doc.parent / target).exists(), f"{doc.name}: {target}"


def test_lock_file_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = re.findall(r"^[a-z0-9][\w.-]*==", lock, re.MULTILINE)
    assert len(pinned) > 40
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_version_is_told_once() -> None:
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_only_our_rooms_name_no_machine() -> None:
    """Paths of one machine, and its folders of data, have no place in the project."""
    machine = re.compile(r"/(?:home|root|work|Users)/\w")
    found = []
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".sh"} and path != Path(__file__):
            found += [path.name for line in path.read_text(encoding="utf-8").splitlines() if machine.search(line)]
    assert found == []


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
