"""Saves a screenshot of each state: ``python -m tests.ui.screens [FOLDER]``; without a folder, build/screens.

The first ten answer the pictures of the specification, in its sizes and palettes; then each state in both languages.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from checkpoint_app.booth.view import DeskView
from checkpoint_app.ui import app
from checkpoint_app.ui.palette import PALETTES
from checkpoint_app.ui.window import DeskWindow
from tests.ui import samples

SMALL, LARGE = (1280, 800), (1920, 1080)
PICTURES = (
    ("day-proceed", "proceed", "en", "day", SMALL),
    ("day-proceed-as-of", "proceed-as-of", "en", "day", SMALL),
    ("day-look-as-of", "look-as-of", "en", "day", SMALL),
    ("day-refer", "refer", "es", "day", SMALL),
    ("day-refer-1920", "refer", "es", "day", LARGE),
    ("night-incomplete", "incomplete", "es", "night", SMALL),
    ("compare", "compare", "es", "day", SMALL),
    ("contrast", "refer", "en", "contrast", SMALL),
    ("empty-desk", "empty", "es", "day", SMALL),
    ("cases", "cases", "en", "day", SMALL),
)


def window_of(view: DeskView, palette: str, size: tuple[int, int]) -> DeskWindow:
    """Return a shown window of ``size`` pixels that paints ``view``."""
    window = DeskWindow(PALETTES[palette], lambda call: call())
    window.resize(*size)
    window.show()
    window.show_view(view)
    return window


def main(folder: Path) -> None:
    """Save all screenshots into ``folder``."""
    application = app.application()
    folder.mkdir(parents=True, exist_ok=True)
    jobs = list(PICTURES)
    for name in samples.ALL:
        jobs += [(f"{name}-{lang}-day", name, lang, "day", SMALL) for lang in samples.LANGUAGES]
        jobs.append((f"{name}-es-night-1920", name, "es", "night", LARGE))
    for file, state, lang, palette, size in jobs:
        window = window_of(samples.ALL[state](lang), palette, size)
        application.processEvents()
        window.grab().save(str(folder / f"{file}.png"))
        window.close()
        window.deleteLater()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/screens"))
