"""Several pictures of one document, as a camera or a scanner that films gives them: they are read together.

`FramesReader` gathers what any source of frames yields. A source is a callable without arguments: it returns what has
come since it was last asked, never waits, and raises OSError while its device is away. `FolderFrames` is one, a
folder of pictures that stands in for a live stream. A real camera's is as short: its driver's thread appends each
picture to a deque as JPEG, and the callable empties it, each picture a ``Frame`` whose ``document`` is always the same
word: the pause between two travellers parts their documents.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from checkpoint_app.readers.folder import Arrivals
from checkpoint_app.readers.protocol import Health, RawInput, Source
from checkpoint_app.readers.recogniser.message import MOST_FRAMES, MOST_IMAGE_BYTES

PAUSE_S = 1.5
_MOST_DOCUMENTS = 16  # under way at once
_NUMBERED = re.compile(r"(.+)[-_]\d+")


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a document; frames that name the same ``document`` belong together while they keep coming.

    ``refused`` is a code of READ_ERRORS where there is no picture. ``repr`` shows nothing: a name may hold a person's.
    """

    document: str = field(repr=False)
    image: bytes = field(repr=False)
    refused: str = ""


FrameSource = Callable[[], Iterable[Frame]]


class FolderFrames:
    """Frames from a folder: files whose names are alike up to a last ``-NN`` or ``_NN`` show one document.

    Any other file is a document of its own. Only complete, new files are given, as by `FolderReader`.
    """

    def __init__(self, folder: Path, remove: bool = False, existing: bool = False) -> None:
        self._arrivals = Arrivals(folder, remove, existing)

    def __call__(self) -> list[Frame]:
        """Return the frames that are complete since the last call, oldest first. Raises OSError: no such folder."""
        return [Frame(_document(name), image, refused) for name, image, refused in self._arrivals.take()]


@dataclass(slots=True)
class _Document:
    """Frames gathered so far, and when the last came (seconds of the clock)."""

    images: list[bytes] = field(default_factory=list)
    last: float = 0.0

    @property
    def size(self) -> int:
        return sum(map(len, self.images))


class FramesReader:
    """Gathers frames into documents; a `Reader`, so ``poll`` it some times a second from one thread.

    A document is complete once it has MOST_FRAMES, or once PAUSE_S have passed without another frame of it. It comes as
    one input with ``images``. ``clock`` gives seconds that never go back.
    """

    def __init__(self, source: FrameSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._health = Health.STARTING
        self._documents: dict[str, _Document] = {}

    @property
    def health(self) -> Health:
        """READY, or ABSENT while the source is away."""
        return self._health

    def close(self) -> None:
        """Stop reading; frames of a document that is not complete are let go."""
        self._health = Health.CLOSED
        self._documents.clear()

    def poll(self) -> list[RawInput]:
        """Return the documents that are complete, each with its frames in the order in which they came."""
        if self._health is Health.CLOSED:
            return []
        now = self._clock()
        done = []
        for frame in self._frames():
            done += [RawInput(Source.FRAMES, refused=frame.refused)] if frame.refused else self._add(frame, now)
        paused = [name for name, document in self._documents.items() if now - document.last >= PAUSE_S]
        return done + [self._complete(name) for name in paused]

    def _frames(self) -> Iterable[Frame]:
        try:
            frames = list(self._source())
        except OSError:
            self._health = Health.ABSENT
            return []
        self._health = Health.READY
        return frames

    def _add(self, frame: Frame, now: float) -> list[RawInput]:
        """Add a frame to its document; returns what is complete by that."""
        done = []
        document = self._documents.get(frame.document)
        if document is not None and document.size + len(frame.image) > MOST_IMAGE_BYTES:
            done.append(self._complete(frame.document))
        elif document is None and len(self._documents) >= _MOST_DOCUMENTS:
            done.append(self._complete(next(iter(self._documents))))
        document = self._documents.setdefault(frame.document, _Document())
        document.images.append(frame.image)
        document.last = now
        if len(document.images) >= MOST_FRAMES:
            done.append(self._complete(frame.document))
        return done

    def _complete(self, name: str) -> RawInput:
        images = tuple(self._documents.pop(name).images)
        return RawInput(Source.FRAMES, image=images[0], images=images)


def _document(name: str) -> str:
    """Return what the names of all frames of one document have in common."""
    stem = Path(name).stem
    numbered = _NUMBERED.fullmatch(stem)
    return numbered[1] if numbered else stem
