"""The demo's booth: what it says when its home can't be had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from checkpoint_app.demo.booth import PASSPHRASE
from checkpoint_app.store import Store, create_passphrase_key


def test_second_demo_on_the_same_home_is_told_in_one_line(tmp_path: Path) -> None:
    """Another process holds the store: one clear line and exit 2, no traceback."""
    data = tmp_path / "data"
    data.mkdir()
    with Store.create(data, create_passphrase_key(data, PASSPHRASE), booth="demo-3"):
        command = [sys.executable, "-m", "checkpoint_app.demo", "--home", str(tmp_path)]
        beside = subprocess.run(
            command, env={**os.environ, "DISPLAY": ":none"}, capture_output=True, text=True, timeout=120, check=False
        )
    assert beside.returncode == 2
    assert beside.stderr.count("\n") == 1
    assert "another window" in beside.stderr
