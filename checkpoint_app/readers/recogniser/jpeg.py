"""Which JPEG of the child's may go to the screen: only the plain kind that this room writes (ISO/IEC 10918-1).

What a child that was taken over answers goes to the window's own decoder. A file of megabytes can make that busy for
minutes with a picture sent in ten thousand scans, and another format can bring in a decoder that nobody meant.
"""

from __future__ import annotations

import re

MOST_SIDE = 4096
_BEGIN, _END = b"\xff\xd8", b"\xff\xd9"
_FRAME, _SCAN = 0xC0, 0xDA  # baseline: others are progressive, lossless, arithmetic
_TABLES = frozenset({0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})
_MARK = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # within a scan only stuffed bytes and restarts are none


def is_plain_jpeg(data: bytes) -> bool:
    """Tell whether ``data`` is a baseline JPEG of one frame and one scan, of at most MOST_SIDE pixels a side."""
    at, frames = len(_BEGIN), 0
    if not data.startswith(_BEGIN):
        return False
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind, end = data[at + 1], at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == _SCAN:
            mark = _MARK.search(data, end)
            return frames == 1 and mark is not None and data[mark.start() :] == _END
        if kind == _FRAME:
            frames += 1
            high, wide = (int.from_bytes(data[at + start : at + start + 2], "big") for start in (5, 7))
            if not (0 < high <= MOST_SIDE and 0 < wide <= MOST_SIDE):
                return False
        elif kind not in _TABLES:
            return False
        at = end
    return False
