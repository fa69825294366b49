"""Where a booth keeps its things. Apart, since the window must know it before the desk may be imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Where the booth keeps its data: ``data`` the store, ``inbox`` packages brought, ``tray`` a watched folder.

    ``frames`` is a watched folder as well: a camera's, with several pictures of each document.
    """

    data: Path
    inbox: Path
    tray: Path | None = None
    frames: Path | None = None
