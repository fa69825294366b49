"""A confined child that only decodes: what the recogniser's child does first, without its networks."""

from __future__ import annotations

from collections.abc import Callable

import cv2

from checkpoint_app.readers.recogniser.pages import open_pages
from checkpoint_app.readers.recogniser.picture import preview


def factory() -> Callable[[bytes], bytes]:
    cv2.setNumThreads(1)
    return _decode


def _decode(data: bytes) -> bytes:
    pages = open_pages(data)
    shown = preview(pages.page(0))
    assert max(shown.width, shown.height) <= 1000
    return b"%d" % pages.count
