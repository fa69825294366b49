"""Screenings of people who are not at a desk: a passenger list, asked before the bus, the ship or the flight arrives.

Each subject is told by the lines of its zone, or by the fields of a list; each is answered or refused by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checkpoint_app.verdict.answer import Answer

MAX_SUBJECTS = 500
MAX_SCREENING_BYTES = 512 * 1024
MAX_SCREENED_BYTES = 16 << 20
MAX_REF = 64
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Purpose(StrEnum):
    """Why somebody is screened outside an Encounter. A closed list: a text of one's own could hold a name."""

    PASSENGER_LIST = "passenger_list"
    CREW_LIST = "crew_list"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True)
class ScreeningSubject:
    """One who is to be screened. ``ref`` is the asker's own mark (a seat, a line), unique in its request.

    Either ``mrz`` has the lines of the zone, or the fields what a list states; an empty text is not stated. Names in
    any script; ``birth_date`` is YYYY, YYYY-MM or YYYY-MM-DD; ``sex`` M, F or X; ``nationality`` and ``issuer`` are
    ICAO three-letter codes. A name whose parts nobody told apart stands in ``family_name``.
    """

    ref: str
    mrz: tuple[str, ...] = ()
    family_name: str = ""
    given_names: str = ""
    birth_date: str = ""
    sex: str = ""
    nationality: str = ""
    document_number: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Screening:
    """What is asked, under an ``id`` (a UUID) by which it may be asked again: it is on record once."""

    id: str
    purpose: Purpose
    subjects: tuple[ScreeningSubject, ...]

    def __post_init__(self) -> None:
        if not _UUID.fullmatch(self.id):
            raise ValueError("id: expected a UUID in lower case")
        if not 1 <= len(self.subjects) <= MAX_SUBJECTS:
            raise ValueError(f"subjects: from 1 to {MAX_SUBJECTS} in one request")
        refs = {one.ref for one in self.subjects}
        if len(refs) != len(self.subjects) or not all(map(_is_ref, refs)):
            raise ValueError(f"subjects: each has a ref of its own, of at most {MAX_REF} printable characters")


def _is_ref(text: str) -> bool:
    """Tell whether a ref can be kept and shown: no database and no terminal takes every character."""
    return 0 < len(text) <= MAX_REF and text.isprintable()


@dataclass(frozen=True, slots=True)
class SubjectAnswers:
    """The answers about one subject, an answer a list; or ``refused``, the name of the field that is wrong."""

    ref: str
    answers: tuple[Answer, ...]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Screened:
    """What is known of each subject, in the order in which they were asked."""

    id: str
    subjects: tuple[SubjectAnswers, ...]
    answered_at: datetime
