"""The environment that peers are measured in: made from its lock file under build/, apart from the product's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENVIRONMENT = Path("build/peers")
LOCK = Path("packaging/peers.lock")


def environment() -> Path:
    """Return its interpreter, made where it is not there yet. Raises CalledProcessError where it can't be installed."""
    python = ENVIRONMENT / "bin" / "python"
    ready = ENVIRONMENT / ".ready"
    if not ready.exists() or ready.stat().st_mtime < LOCK.stat().st_mtime:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        subprocess.run([str(python), "-m", "pip", "install", *options, "-r", str(LOCK)], check=True)
        ready.touch()
    return python
