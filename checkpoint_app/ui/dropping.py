"""Files dropped on the window, pictures and messages alike: read whole, bounded, off the UI thread, never decoded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData

from checkpoint_app.ui.desk_protocol import Post

MAX_BYTES = 32 * 1024 * 1024

Deliver = Callable[[bytes, str], None]


def paths(data: QMimeData) -> list[Path]:
    """Return the local files in ``data``."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def contents(path: Path) -> bytes:
    """Return the file's bytes: one more than ``MAX_BYTES`` where it is larger, so that the booth refuses it by size.

    What cannot be read (a folder, a stick pulled out) comes as no bytes, which the booth tells as an empty picture.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return b""


def read(path: Path, deliver: Deliver, post: Post) -> None:
    """Read ``path`` on a thread of its own and post ``deliver(bytes, name)`` to the UI thread."""

    def work() -> None:
        data = contents(path)
        post(lambda: deliver(data, path.name))

    threading.Thread(target=work, name="dropped file", daemon=True).start()
