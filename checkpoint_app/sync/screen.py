"""Asks the centre about people who are on their way: a passenger list, in pieces, as far as the line goes.

What the line does not bring the booth answers by its own lists, with the same code (`screening.subjects`).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence

from checkpoint_app.store.trusted_time import MachineClock
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import WITHIN_S, Line
from checkpoint_app.sync.pace import Pace
from checkpoint_app.wire.api import SCREENINGS
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.screening import (
    MAX_SCREENING_BYTES,
    Purpose,
    Screened,
    Screening,
    ScreeningSubject,
    SubjectAnswers,
)

PIECE = 25
"""So many subjects go in one request: about 25 kB come back, four seconds at 64 kbit/s, and a cut costs no more."""
MAX_PIECE_REPLY_BYTES = 4 << 20
BUSY_FOR_S = 120.0
"""So long a centre that has too much to do is asked again, with the pauses of the line."""
_BUSY = 503


def screen(
    line: Line,
    list_id: uuid.UUID,
    purpose: Purpose,
    subjects: Sequence[ScreeningSubject],
    *,
    within_s: float = WITHIN_S,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[SubjectAnswers, ...]]:
    """Yield the answers about ``subjects``, a piece after the other, in their order; each piece within ``within_s``.

    The same list under the same ``list_id`` may be asked again: it is on record at the centre once. Raises LineError
    at the piece that does not go; those before it hold. ValueError: two subjects of a piece have one ``ref``.
    """
    for first in range(0, len(subjects), PIECE):
        piece = Screening(str(uuid.uuid5(list_id, str(first))), purpose, tuple(subjects[first : first + PIECE]))
        if len(canonical_bytes(to_plain(piece))) > MAX_SCREENING_BYTES:
            raise LineError(LineCode.TOO_LARGE, "the list itself")
        yield _asked(line, piece, within_s, sleep)


def _asked(line: Line, piece: Screening, within_s: float, sleep: Callable[[float], None]) -> tuple[SubjectAnswers, ...]:
    """Return the answers to one piece; a centre that is busy is asked again after a while. Raises LineError."""
    pace, waited = Pace(MachineClock()), 0.0
    while True:
        try:
            reply = line.post(Screened, SCREENINGS, piece, most=MAX_PIECE_REPLY_BYTES, within_s=within_s)
        except LineError as error:
            pace.failed(error.code)
            pause = pace.wait_s
            if error.status != _BUSY or waited + pause > BUSY_FOR_S:
                raise
            waited += pause
            sleep(pause)
            continue
        if (reply.id, [one.ref for one in reply.subjects]) != (piece.id, [one.ref for one in piece.subjects]):
            raise LineError(LineCode.MALFORMED, "it answers about others")
        return reply.subjects
