"""Guards of the invariants (DESIGN §6): each is taken out once, in a copy, to see that its test fails without it.

    python -m tests.guards

Prints the table of docs/invariants.md. Exit code 1 when a test passes without its guard.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.guard import Guard
from tests.guarded import GUARDS
from tests.mutants import FAILED, PASSED, PYTEST, Copy

DOCUMENT = Path("docs/invariants.md")


def main() -> int:
    """Take each guard out and run its test; returns the exit code."""
    os.nice(10)
    passed = 0
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        copy = Copy(Path(folder).resolve(), "")
        print("| invariant | guard | test | without the guard |\n|---|---|---|---|")
        for guard in GUARDS:
            how = without(guard, copy.folder)
            passed += not how
            print(f"{guard.row} {how or 'PASSES'} |", flush=True)
    return 1 if passed else 0


def without(guard: Guard, folder: Path) -> str:
    """Return how the test fails in ``folder`` without the guard; empty where it passes."""
    path = folder / "checkpoint_app" / guard.file
    source = path.read_text()
    path.write_text(source.replace(guard.text, guard.without))
    try:
        surroundings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
        command = [sys.executable, "-c", PYTEST, "-x", "-q", "--no-header", f"tests/{guard.test}"]
        done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    finally:
        path.write_text(source)
    if done.returncode == PASSED:
        return ""
    if done.returncode != FAILED:
        return f"NOT VALID: pytest ended with {done.returncode}"
    return next(_how(done.stdout), "fails")


def _how(output: str) -> Iterator[str]:
    """Yield the lines that tell of the failure, fit for a cell of a table."""
    for line in output.splitlines():
        if line.startswith("E  "):
            said = re.sub(r"/\S+/", "…/", line[1:].strip()).replace("|", "¦")
            yield f"`{said[:90].replace('`', chr(39))}`"


if __name__ == "__main__":
    sys.exit(main())
