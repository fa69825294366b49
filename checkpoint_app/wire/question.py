"""The question that a booth asks the centre about the traveller at its desk, and the centre's reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checkpoint_app.verdict.answer import Answer
from checkpoint_app.verdict.raising import Gone

MAX_QUESTION_BYTES = 64 * 1024
MAX_REPLY_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class KnownHit:
    """A local hit: the centre is asked whether this entry is still on the list. For a document it is its number."""

    list_name: str
    version: int
    entry_id: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the booth read, as the lines of the zone; the centre parses them with the same code."""

    booth: str
    encounter_id: str
    mrz: tuple[str, ...]
    doubtful: bool
    direction_in: bool
    hits: tuple[KnownHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The centre's answers to the list checks of the post's policy, and which of the known hits are gone."""

    encounter_id: str
    answers: tuple[Answer, ...]
    gone: tuple[Gone, ...]
    answered_at: datetime
