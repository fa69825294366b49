"""What the centre knows of a traveller's crossings at all posts, asked by the booth where one stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAX_ASKED_BYTES = 16 * 1024
MAX_KNOWN_BYTES = 128 * 1024
MOST_CROSSINGS = 200
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class CrossingsAsked:
    """Who is asked about: the fields of the document as read; an empty text is not known. ``birth`` as printed."""

    booth: str
    encounter_id: str
    issuer: str
    document_number: str
    family_name: str
    given_names: str
    birth: str

    def __post_init__(self) -> None:
        texts = (self.issuer, self.document_number, self.family_name, self.given_names, self.birth)
        if any(len(text) > MAX_TEXT for text in texts):
            raise ValueError(f"crossings: a text has at most {MAX_TEXT} characters")


@dataclass(frozen=True, slots=True)
class SeenCrossing:
    """One crossing that was decided. ``same_person`` by name and birth, ``same_document`` by issuer and number."""

    at: datetime
    entry: bool
    post: str
    same_person: bool
    same_document: bool


@dataclass(frozen=True, slots=True)
class CrossingsKnown:
    """The latest crossings, newest first. ``since``: nothing before is known. ``other_persons`` bore the document."""

    encounter_id: str
    crossings: tuple[SeenCrossing, ...]
    since: datetime
    other_persons: int
    answered_at: datetime
