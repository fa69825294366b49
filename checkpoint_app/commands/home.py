"""Where a booth keeps its things: the folder named by CHECKPOINT_HOME, else the user's data folder."""

from __future__ import annotations

import os
from pathlib import Path

DATA, INBOX = "data", "inbox"


def home() -> Path:
    """Return the booth's home; it need not exist."""
    if named := os.environ.get("CHECKPOINT_HOME"):
        return Path(named).expanduser()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "checkpoint"
