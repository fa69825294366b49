"""Frames on the pipes between a confined child and its parent: kind (1 byte), length (8 bytes, big-endian), body."""

from __future__ import annotations

import struct
from enum import IntEnum

HEADER = struct.Struct(">BQ")


class Kind(IntEnum):
    """What a frame is. CALL goes to the child, all others come from it."""

    CALL = 1
    READY = 2
    PROGRESS = 3
    RESULT = 4
    REFUSED = 5
    FAILED = 6


class FrameError(Exception):
    """A frame is out of form: unknown kind, or longer than agreed."""


def pack_header(kind: Kind, length: int) -> bytes:
    """Return the header of a frame with a body of ``length`` bytes."""
    return HEADER.pack(kind, length)


def unpack_header(header: bytes, most: int) -> tuple[Kind, int]:
    """Return kind and length of the frame that ``header`` opens; raises FrameError when it is out of form."""
    number, length = HEADER.unpack(header)
    try:
        kind = Kind(number)
    except ValueError:
        raise FrameError("frame of unknown kind") from None
    if length > most:
        raise FrameError(f"frame of {length} bytes, more than the {most} agreed")
    return kind, length
