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

    ``refused`` is a code of READ_ERRORS where there is no picture. ``at`` is when it came, in seconds of whatever clock
    its source has: nobody may have asked for a while. ``repr`` shows nothing: a name may hold a person's.
    """

    document: str = field(repr=False)
    image: bytes = field(repr=False)
    refused: str = ""
    at: float = field(default_factory=time.monotonic, repr=False)


FrameSource = Callable[[], Iterable[Frame]]


class FolderFrames:
    """Frames from a folder: files whose names are alike up to a last ``-NN`` or ``_NN`` show one document.

    Any other file is a document of its own. Only complete, new files are given, as by `FolderReader`.
    """

    def __init__(self, folder: Path, remove: bool = False, existing: bool = False) -> None:
        self._arrivals = Arrivals(folder, remove, existing)

    def __call__(self) -> list[Frame]:
        """Return the frames that are complete since the last call, oldest first. Raises OSError: no such folder."""
        return [Frame(_document(name), image, refused, at) for name, image, refused, at in self._arrivals.take()]


@dataclass(slots=True)
class _Document:
    """Frames gathered so far, and when the last came: by itself, and by the reader's clock.

    ``over`` tells that there were enough of them: what still comes of it is let go.
    """

    images: list[bytes] = field(default_factory=list)
    at: float = 0.0
    last: float = 0.0
    over: bool = False

    @property
    def size(self) -> int:
        return sum(map(len, self.images))


class FramesReader:
    """Gathers frames into documents; a `Reader`, so ``poll`` it some times a second from one thread.

    A document is complete once it has MOST_FRAMES, or once PAUSE_S have passed without another frame of it. It comes as
    one input with ``images``. What is still seen of it after MOST_FRAMES, as long as there is no such pause, comes no
    more: it would open another Encounter on the document of a traveller who has gone. ``clock`` gives seconds that
    never go back.
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
        return done + [raw for name in paused for raw in self._end(name)]

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
        if document is not None and frame.at - document.at >= PAUSE_S:
            done += self._end(frame.document)
        elif document is None and len(self._documents) >= _MOST_DOCUMENTS:
            done += self._end(next(iter(self._documents)))
        document = self._documents.setdefault(frame.document, _Document())
        document.at, document.last = frame.at, now
        full = bool(document.images) and document.size + len(frame.image) > MOST_IMAGE_BYTES
        if not document.over and not full:
            document.images.append(frame.image)
        if not document.over and (full or len(document.images) >= MOST_FRAMES):
            done.append(_input(document))
            document.images, document.over = [], True
        return done

    def _end(self, name: str) -> list[RawInput]:
        """Return the document as it is, unless it came already, and await another."""
        document = self._documents.pop(name)
        return [] if document.over else [_input(document)]


def _input(document: _Document) -> RawInput:
    images = tuple(document.images)
    return RawInput(Source.FRAMES, image=images[0], images=images)


def _document(name: str) -> str:
    """Return what the names of all frames of one document have in common."""
    stem = Path(name).stem
    numbered = _NUMBERED.fullmatch(stem)
    return numbered[1] if numbered else stem
