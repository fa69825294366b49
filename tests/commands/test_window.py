"""What the window's start costs: nothing slow is imported before first paint."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("requests", "keyring", "sqlite_utils", "sqlcipher3", "numpy", "cv2", "onnxruntime", "cryptography", "PIL")
BEFORE_FIRST_PAINT = (
    "checkpoint_app.cli",
    "checkpoint_app.commands.window",
    "checkpoint_app.commands.booth",
    "checkpoint_app.ui.app",
)


def test_without_a_display_one_line_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "checkpoint_app"], check=False, capture_output=True, text=True, env={}, timeout=60
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "DISPLAY" in done.stderr


def test_nothing_slow_is_imported_before_first_paint() -> None:
    program = f"import sys, {', '.join(BEFORE_FIRST_PAINT)}; print([name for name in {SLOW!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
