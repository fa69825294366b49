"""What is asked of the lists, as bytes in and bytes out: done alike in this process and in a worker.

A question's body goes to whoever answers it as it came, and the reply's bytes go out as they come back: the process
that speaks HTTP neither parses nor writes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.held import InForce, SilentHit
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.question import MAX_QUESTION_BYTES, Question
from checkpoint_app.wire.screening import MAX_SCREENED_BYTES, MAX_SCREENING_BYTES, ScreeningSubject

T = TypeVar("T")
_SPLIT = b"\n"


class Kind(StrEnum):
    """What is asked: about the traveller at a desk, or about some of those who are on their way."""

    QUESTION = "question"
    SUBJECTS = "subjects"


@dataclass(frozen=True, slots=True)
class Asked:
    """One piece of work: ``body`` as it came (a question), or a canonical list of subjects. ``size``: how many."""

    kind: Kind
    booth: str
    now: datetime
    size: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply's bytes: a canonical ``Reply``, or the subjects' answers as a canonical list.

    ``silent`` is what the silent lists know; it is for the centre alone.
    """

    body: bytes
    silent: tuple[SilentHit, ...] = ()

    def to_bytes(self) -> bytes:
        """Return it as it comes from a worker."""
        return (canonical_bytes(to_plain(self.silent)) if self.silent else b"") + _SPLIT + self.body

    @classmethod
    def from_bytes(cls, data: bytes) -> Answered:
        """Read what ``to_bytes`` wrote. Raises CanonicalError, PlainError."""
        silent, _, body = data.partition(_SPLIT)
        if not silent:
            return cls(body)
        return cls(body, from_plain(tuple[SilentHit, ...], read_canonical(silent, MAX_SCREENED_BYTES)))


def answered(asked: Asked, in_force: InForce) -> Answered:
    """Return the answer of the lists in force. Raises CentreError."""
    return _HOW[asked.kind](asked, in_force)


def parsed(cls: type[T], body: bytes, most: int) -> T:
    """Return the ``cls`` that ``body`` is the canonical JSON of. Raises CentreError."""
    try:
        return from_plain(cls, read_canonical(body, most))
    except (CanonicalError, PlainError) as error:
        raise CentreError("malformed", f"the body is no {cls.__name__}: {error}", 422) from error


def to_request(asked: Asked, generation: int) -> bytes:
    """Return the work as it goes to a worker, to be done by the lists of ``generation``."""
    head = {"kind": asked.kind.value, "booth": asked.booth, "now": to_plain(asked.now), "generation": generation}
    return json.dumps(head).encode() + _SPLIT + asked.body


def from_request(data: bytes) -> tuple[Asked, int]:
    """Read what ``to_request`` wrote."""
    head, _, body = data.partition(_SPLIT)
    told = json.loads(head)
    asked = Asked(Kind(told["kind"]), told["booth"], from_plain(datetime, told["now"]), 0, body)
    return asked, int(told["generation"])


def _question(asked: Asked, in_force: InForce) -> Answered:
    question = parsed(Question, asked.body, MAX_QUESTION_BYTES)
    if question.booth != asked.booth:
        raise CentreError("other_booth", "a booth asks in its own name only", 403)
    return Answered(canonical_bytes(to_plain(in_force.answer(question, in_force.ruled(), asked.now))))


def _subjects(asked: Asked, in_force: InForce) -> Answered:
    plain = read_canonical(asked.body, MAX_SCREENING_BYTES)
    subjects = from_plain(tuple[ScreeningSubject, ...], plain)
    body = canonical_bytes(to_plain(in_force.screen(subjects, asked.now)))
    return Answered(body, in_force.hits_of_silent(subjects, asked.now))


_HOW: dict[Kind, Callable[[Asked, InForce], Answered]] = {Kind.QUESTION: _question, Kind.SUBJECTS: _subjects}
