"""Saves a screenshot of each state: ``python -m tests.ui.screens [--all] [FOLDER]``; without a folder, build/screens.

The first eleven answer the pictures of the specification, in its sizes and palettes; then each state in both languages,
and with ``--all`` in every palette and both sizes.
"""

from __future__ import annotations

import os
import sys
from itertools import product
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from checkpoint_app.booth.view.screen import DeskView
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
    ("cargo", "cargo", "es", "day", SMALL),
)


def window_of(view: DeskView, palette: str, size: tuple[int, int]) -> DeskWindow:
    """Return a shown window of ``size`` pixels that paints ``view``."""
    window = DeskWindow(PALETTES[palette], lambda call: call())
    window.resize(*size)
    window.show()
    window.show_view(view)
    return window


def jobs_of(state: str, *, every: bool) -> list[tuple[str, str, str, str, tuple[int, int]]]:
    """Return what to save of ``state``: file, state, language, palette, size."""
    if not every:
        small = [(f"{state}-{lang}-day", state, lang, "day", SMALL) for lang in samples.LANGUAGES]
        return [*small, (f"{state}-es-night-1920", state, "es", "night", LARGE)]
    return [
        (f"{state}-{lang}-{palette}-{size[0]}", state, lang, palette, size)
        for lang, palette, size in product(samples.LANGUAGES, PALETTES, (SMALL, LARGE))
    ]


def main(folder: Path, *, every: bool) -> None:
    """Save all screenshots into ``folder``."""
    application = app.application()
    folder.mkdir(parents=True, exist_ok=True)
    jobs = list(PICTURES)
    for name in samples.ALL:
        jobs += jobs_of(name, every=every)
    for file, state, lang, palette, size in jobs:
        window = window_of(samples.ALL[state](lang), palette, size)
        application.processEvents()
        window.grab().save(str(folder / f"{file}.png"))
        window.close()
        window.deleteLater()


if __name__ == "__main__":
    folders = [argument for argument in sys.argv[1:] if argument != "--all"]
    main(Path(folders[0] if folders else "build/screens"), every="--all" in sys.argv)
