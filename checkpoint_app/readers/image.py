"""The image reader: pictures in, readings out. It never decodes one itself: the confined child does."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Self

from checkpoint_app.confined import (
    Confined,
    ConfinedClosedError,
    ConfinedError,
    ConfinedRefusedError,
    ConfinedSpentError,
    ConfinedTimeoutError,
    Limits,
)
from checkpoint_app.confined.limits import MIB
from checkpoint_app.documents import Mrz, MrzError, parse_mrz
from checkpoint_app.readers.protocol import Health
from checkpoint_app.readers.reading import READ_ERRORS, Barcode, Print, ReadError, Reading
from checkpoint_app.readers.recogniser.message import MOST_FRAMES, MOST_IMAGE_BYTES, Answer, MessageError, Request

ENTRY = "checkpoint_app.readers.recogniser.handler:factory"
LIMITS = Limits(memory_bytes=1536 * MIB, cpu_s=20, request_bytes=MOST_IMAGE_BYTES + 64, answer_bytes=4 * MIB)


_PAGED = (b"%PDF-", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # how PDF, TIFF and BigTIFF begin
_MORE_FRAME, _MORE_PAGES = 0.25, 2.0  # of the time for one picture: for each further frame, and for a file of pages
_MOST_PATIENCE = 4.0


def utc_today() -> date:
    """Return today's date by UTC."""
    return datetime.now(UTC).date()


class ImageReader:
    """Reads travel documents from pictures. Thread-safe; one picture at a time, in order.

    ``today`` gives the date that decides centuries. ``timeout_s`` is wall time for one picture on an idle machine:
    more for frames, for a file of pages, and where others keep the processors busy. After it the child is ended, and
    another is started at once in the background. ``budget_s`` is the CPU time that the search for a zone may take
    before the best found so far is the answer.
    """

    def __init__(self, today: Callable[[], date] = utc_today, timeout_s: float = 5.0, budget_s: float = 1.4) -> None:
        self._today = today
        self._timeout_s = timeout_s
        self._budget_s = budget_s
        self._confined = Confined(ENTRY, LIMITS)
        self._health = Health.STARTING

    @property
    def health(self) -> Health:
        """How it stands: READY after an answer, FAILED after a death of the child (the next call starts another)."""
        return self._health

    @property
    def pid(self) -> int | None:
        """Process id of the confined child, or None."""
        return self._confined.pid

    def start(self) -> None:
        """Load the recogniser in the background and return at once."""
        self._confined.start()

    def warm_up(self) -> None:
        """Wait until the recogniser is loaded, so that the first traveller does not; ``health`` is READY then.

        Takes some seconds. Raises ReadError where it does not load.
        """
        try:
            self._ask(Request((b"",), self._today(), self._budget_s))
        except ReadError as error:
            if error.code != "empty_file":  # the child's word on no picture: it has loaded and answers
                raise

    def close(self) -> None:
        """End the child."""
        self._health = Health.CLOSED
        self._confined.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, image: bytes) -> Reading:
        """Return what the picture ``image`` gives; a picture without a zone is a Reading without ``mrz``.

        Raises ReadError where it cannot be read.
        """
        return self.read_frames((image,))

    def read_frames(self, images: Sequence[bytes]) -> Reading:
        """Return what the pictures ``images`` (at most MOST_FRAMES) of one and the same document give together.

        Raises ReadError where none of them can be read.
        """
        began = time.monotonic()
        frames, today = _bounded(images), self._today()
        answer = self._ask(Request(frames, today, self._budget_s))
        mrz = _parsed(answer, today)
        return Reading(
            mrz=mrz,
            valid=mrz is not None and mrz.valid and answer.sure,
            confidence=answer.confidence,
            doubtful=answer.doubtful,
            boxes=answer.boxes,
            barcodes=tuple(Barcode(name, data) for name, data in answer.codes),
            preview=answer.preview,
            preview_size=answer.preview_size,
            strips=answer.strips,
            page=answer.page,
            pages=answer.pages,
            elapsed_ms=(time.monotonic() - began) * 1000,
        )

    def read_print(self, *images: bytes) -> Print:
        """Return what is printed beside the zone of a document's ``images``, and the portrait; nothing without a zone.

        In the images that were read last the zone is not looked for again. Raises ReadError as ``read`` does.
        """
        answer = self._ask(Request(_bounded(images), self._today(), self._budget_s, printed=True))
        return Print(answer.printed, answer.portrait)

    def _ask(self, request: Request) -> Answer:
        try:
            answer = Answer.unpack(self._confined.call(request.pack(), self._patience(request.images)))
        except ConfinedRefusedError as refusal:
            self._health = Health.READY
            raise ReadError(refusal.code if refusal.code in READ_ERRORS else "failed") from None
        except (ConfinedTimeoutError, ConfinedSpentError):
            self._fail()
            raise ReadError("too_slow") from None
        except (ConfinedError, MessageError) as error:
            self._fail()
            raise ReadError("failed") from error
        self._health = Health.READY
        return answer

    def _patience(self, images: Sequence[bytes]) -> float:
        """Return the seconds of wall time after which reading ``images`` is given up."""
        more = _MORE_FRAME * (len(images) - 1) + _MORE_PAGES * any(image.startswith(_PAGED) for image in images)
        busy = os.getloadavg()[0] / (os.cpu_count() or 1)
        return self._timeout_s * (1 + more) * min(_MOST_PATIENCE, max(1.0, busy))

    def _fail(self) -> None:
        """Start another child at once, so that the next traveller does not wait for it."""
        if self._health is not Health.CLOSED:
            self._health = Health.FAILED
            with contextlib.suppress(ConfinedClosedError):
                self._confined.renew()


def _bounded(images: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the frames that are read; raises ReadError where there are none, or too much of them."""
    frames = tuple(image for image in images if image)[:MOST_FRAMES]
    if not frames:
        raise ReadError("empty_file")
    if sum(map(len, frames)) > MOST_IMAGE_BYTES:
        raise ReadError("too_large")
    return frames


def _parsed(answer: Answer, today: date) -> Mrz | None:
    """Parse the lines anew on this side: the child's word on them is not taken."""
    if not answer.lines:
        return None
    try:
        return parse_mrz(answer.lines, today)
    except MrzError as error:
        raise ReadError("failed") from error
