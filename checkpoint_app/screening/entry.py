"""A watchlist's entries and the travellers compared with them, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Quality(StrEnum):
    """How far the originator trusts a name."""

    STRONG = "strong"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Name:
    """A name of an entry. ``whole`` marks a name whose parts could not be told apart; it then stands in ``family``."""

    family: str
    given: str = ""
    quality: Quality = Quality.STRONG
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ListedDate:
    """A listed date of birth: ISO texts of equal form (YYYY, YYYY-MM or YYYY-MM-DD); a range when ``last`` differs."""

    first: str
    last: str
    circa: bool = False


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of an entry. ``issuer`` is the ICAO three-letter code or empty."""

    number: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a watchlist. ``schema`` is Person, Entity, Vessel or Aircraft; travellers are compared with persons.

    ``nationalities`` are ICAO three-letter codes.
    """

    id: str
    schema: str
    names: tuple[Name, ...]
    birth_dates: tuple[ListedDate, ...] = ()
    sex: str = ""
    nationalities: tuple[str, ...] = ()
    documents: tuple[ListedDocument, ...] = ()
    birth_place: str = ""
    handling: tuple[str, ...] = ()
    remarks: str = ""


class DocumentCategory(StrEnum):
    """Why a document number is listed."""

    LOST = "lost"
    STOLEN = "stolen"
    BLANK = "blank"
    REVOKED = "revoked"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class ListedNumber:
    """One lost, stolen, blank, revoked or void document number with its issuer (ICAO code or empty)."""

    number: str
    issuer: str
    category: DocumentCategory


@dataclass(frozen=True, slots=True)
class Subject:
    """A traveller to be screened. Names are as the MRZ states them (spaces between parts); ``birth`` is yymmdd as
    printed, with ``<`` for unknown parts, or an ISO date where it was typed. Empty text means not known.
    """

    family_name: str
    given_names: str
    name_truncated: bool = False
    birth: str = ""
    sex: str = ""
    nationality: str = ""
    document_number: str = ""
    issuer: str = ""
    personal_number: str = ""
