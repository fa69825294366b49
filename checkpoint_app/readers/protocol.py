"""What all readers have in common: they give raw input, say how they stand, and can be closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Source(StrEnum):
    """Where an input came from; the journal keeps this word."""

    IMAGE = "image"
    FOLDER = "folder"
    TYPED = "typed"
    WEDGE = "wedge"
    SCANNER = "scanner"
    FRAMES = "frames"


class Health(StrEnum):
    """How a reader stands, in one word."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    ABSENT = "absent"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RawInput:
    """One input as it came: a picture's bytes, lines of a zone, or why it was refused.

    ``refused`` is a code of READ_ERRORS, or from a scanner one of SCANNER_ERRORS.

    ``images`` are the frames of one document where there are several; ``image`` is then the first of them.
    ``repr`` shows neither picture nor lines, since logs would keep them.
    """

    source: Source
    image: bytes = field(default=b"", repr=False)
    lines: tuple[str, ...] = field(default=(), repr=False)
    refused: str = ""
    images: tuple[bytes, ...] = field(default=(), repr=False)


class Reader(Protocol):
    """A device or place that inputs come from."""

    @property
    def health(self) -> Health:
        """How it stands now."""
        ...

    def poll(self) -> Iterable[RawInput]:
        """Return what has come since the last call; never waits. Called from one thread only."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...
