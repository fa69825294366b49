"""The typed values of a travel document as its machine readable zone states them (ICAO Doc 9303 parts 3 to 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Format(StrEnum):
    """Layouts of a machine readable zone. FRA2 and CHEDL are not ICAO's: French 2×36, Swiss driving licence."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRVA = "MRVA"
    MRVB = "MRVB"
    FRA2 = "FRA2"
    CHEDL = "CHEDL"


class Sex(StrEnum):
    """Sex as the MRZ states it; ``<`` reads as UNSPECIFIED, a printed X as X."""

    MALE = "M"
    FEMALE = "F"
    X = "X"
    UNSPECIFIED = ""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which parts may be unknown (None). ``raw`` keeps the six characters yymmdd as printed."""

    raw: str
    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        """ISO 8601, with unknown parts left out: 1974-08-12, 1974-08, 1974 or the empty text."""
        parts = [f"{self.year:04d}"] if self.year is not None else []
        if parts and self.month is not None:
            parts.append(f"{self.month:02d}")
            if self.day is not None:
                parts.append(f"{self.day:02d}")
        return "-".join(parts)

    def as_date(self) -> date | None:
        """Return the full date, or None where a part is unknown."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class TravelDocument:
    """A document's fields. A field that could not be read is None, and the zone's faults name it.

    ``document_number`` is whole (a long number of a card is joined); ``family_name`` and ``given_names`` use a space
    where the zone has one filler; ``name_truncated`` tells that the name field was full, so compare by prefix only.
    """

    format: Format
    document_code: str | None = None
    issuer: str | None = None
    document_number: str | None = None
    nationality: str | None = None
    birth_date: PartialDate | None = None
    sex: Sex | None = None
    expiry_date: PartialDate | None = None
    family_name: str | None = None
    given_names: str | None = None
    optional_data: str | None = None
    optional_data_2: str | None = None
    name_truncated: bool = False


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """One computed check digit: the field it covers, its place (line and column, 1-based), read and computed."""

    field: str
    line: int
    column: int
    read: str
    computed: str

    @property
    def ok(self) -> bool:
        """Whether the digit read is the digit computed."""
        return self.read == self.computed


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: ``code`` is a stable word such as ``check_digit`` or ``unknown_code``."""

    field: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a field stands in the zone: line (1-based) and columns (1-based, both inclusive)."""

    field: str
    line: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Mrz:
    """A parsed machine readable zone: the lines as read, the document, each check digit, and every fault."""

    lines: tuple[str, ...]
    document: TravelDocument
    check_digits: tuple[CheckDigit, ...]
    faults: tuple[Fault, ...]

    @property
    def valid(self) -> bool:
        """Whether every check digit, code list and filler rule holds."""
        return not self.faults
