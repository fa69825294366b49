"""Driving licences and identity cards of the United States and Canada: AAMVA card design standard, versions 1 to 10.

A header, a table of subfiles, and in each subfile elements of a three-letter name and a value, one a line. Tables with
wrong places and lengths are common, so where the table does not fit what it points at, all elements found are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checkpoint_app.documents.barcodes.dates import eight_digits
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.values import Fault, PartialDate, Sex

AAMVA_FAULT_CODES = ("characters", "date", "duplicate", "missing", "sex", "subfiles")
_HEADER = re.compile(rb"@?[\r\n\x1c-\x1e ]{0,8}(?:ANSI ?|AAMVA)(\d{6})(\d\d)")
_ENTRY = re.compile(r"(DL|ID|EN|Z[A-Z])(\d{4})(\d{4})")
_KINDS = ("DL", "ID", "EN")  # EN: an enhanced licence
_SEPARATORS = re.compile(r"[\r\n\x1c-\x1e]")
_ELEMENT = re.compile(r"(?:DL|ID|EN)?(D[A-D][A-Z])(.*)")
_LONGEST_VALUE = 126  # the full name of version 1 with room to spare
_NOTHING = frozenset(("", "NONE", "UNAVL", "UNAVAIL", "N/A"))
_SEXES = {"1": Sex.MALE, "2": Sex.FEMALE, "9": Sex.UNSPECIFIED, "0": Sex.UNSPECIFIED, "M": Sex.MALE, "F": Sex.FEMALE,
          "X": Sex.X, "U": Sex.UNSPECIFIED}  # fmt: skip
_TRUNCATED = {"T": True, "N": False}
_NUMBER = re.compile(r"[A-Z0-9* /.-]+")
_STATE = re.compile(r"[A-Z]{2}")
_COUNTRY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Licence:
    """A driving licence or identity card. A field that is absent or cannot be read is None.

    ``kind`` is DL (licence), ID (identity card) or EN (enhanced licence); ``issuer_number`` is the jurisdiction's six
    digits, ``version`` the standard's. ``given_names`` holds first and middle names. The three ``*_truncated`` are None
    where the card does not tell; ``discriminator`` tells this very card from others of the same holder.
    """

    kind: str
    issuer_number: str
    version: int
    number: str | None = None
    family_name: str | None = None
    given_names: str | None = None
    suffix: str | None = None
    birth_date: PartialDate | None = None
    expiry_date: PartialDate | None = None
    issue_date: PartialDate | None = None
    sex: Sex | None = None
    jurisdiction: str | None = None
    country: str | None = None
    discriminator: str | None = None
    family_name_truncated: bool | None = None
    first_name_truncated: bool | None = None
    middle_name_truncated: bool | None = None
    faults: tuple[Fault, ...] = ()


def is_aamva(data: bytes) -> bool:
    """Tell whether ``data`` claims to be of the standard: the file type and the issuer's number at its beginning."""
    return _HEADER.match(data) is not None


def parse_aamva(data: bytes) -> Licence:
    """Read a licence. Raises BarcodeError (``header``, ``no_elements``).

    Faults name the licence's field, or ``subfiles``, with one of ``AAMVA_FAULT_CODES``.
    """
    header = _HEADER.match(data)
    if header is None:
        raise BarcodeError("header", "header")
    # Latin-1 has as many characters as bytes, so the places of the table hold; names in UTF-8 are made out later.
    return _Parser(data.decode("latin-1"), int(header[2]), header[1].decode(), header.end()).parse()


def _letters(value: str) -> str:
    """Return the text of a name: the standard has Latin-1, and some write UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


class _Parser:
    """One licence being read; collects the faults."""

    def __init__(self, text: str, version: int, issuer_number: str, at: int) -> None:
        self.text = text
        self.version = version
        self.issuer_number = issuer_number
        self.at = at
        self.faults: list[Fault] = []
        self.found: dict[str, str] = {}

    def parse(self) -> Licence:
        kinds = self._read_elements()
        if not self.found:
            raise BarcodeError("no_elements", "elements")
        family, given = self._names()
        return Licence(
            kind=kinds[0] if kinds else "DL",
            issuer_number=self.issuer_number,
            version=self.version,
            number=self._matching("number", self._value("DAQ", "DBJ"), _NUMBER, needed=True),
            family_name=family,
            given_names=given,
            suffix=self._value("DCU", "DAE"),
            birth_date=self._date("birth_date", "DBB", needed=True),
            expiry_date=self._date("expiry_date", "DBA"),
            issue_date=self._date("issue_date", "DBD"),
            sex=self._sex(),
            jurisdiction=self._matching("jurisdiction", self._value("DAJ", "DAO"), _STATE),
            country=self._matching("country", self._value("DCG"), _COUNTRY),
            discriminator=self._value("DCF"),
            family_name_truncated=_TRUNCATED.get(self.found.get("DDE", "")),
            first_name_truncated=_TRUNCATED.get(self.found.get("DDF", "")),
            middle_name_truncated=_TRUNCATED.get(self.found.get("DDG", "")),
            faults=tuple(self.faults),
        )

    def _fault(self, field: str, code: str) -> None:
        self.faults.append(Fault(field, code))

    # -- elements ------------------------------------------------------------------------------------------------------

    def _read_elements(self) -> list[str]:
        """Take the elements of the subfiles that the table points at, or all; returns the kinds that it names."""
        entries, end = self._table()
        known = [entry for entry in entries if entry[0] in _KINDS]
        kinds = ("", *(entry[0] for entry in entries))
        pieces = [self._subfile(*entry, kinds) for entry in known]
        if known and all(piece is not None for piece in pieces):
            for piece in pieces:
                self._take(piece or "")
        else:
            self._fault("subfiles", "subfiles")
            self._take(self.text[end:])
        return [kind for kind, _, _ in known]

    def _table(self) -> tuple[list[tuple[str, int, int]], int]:
        """Return the table's entries, and where it ends.

        Version 1 has no version of the jurisdiction before the count, though some write one: the first entry's kind
        tells where the table begins.
        """
        for skipped in (2, 4, 0):
            entries = list(self._entries(self.at + skipped))
            if entries:
                return entries, self.at + skipped + 10 * len(entries)
        return [], self.at

    def _entries(self, at: int) -> Iterator[tuple[str, int, int]]:
        while entry := _ENTRY.match(self.text, at):
            yield entry[1], int(entry[2]), int(entry[3])
            at = entry.end()

    def _subfile(self, kind: str, offset: int, length: int, kinds: tuple[str, ...]) -> str | None:
        """Return what is in the subfile, or None where the entry does not point at one, whole.

        After it comes nothing or the next: then the length cut no element off.
        """
        piece, rest = self.text[offset : offset + length], self.text[offset + length :].lstrip("\r\n\x1c\x1d\x1e ")
        return piece[len(kind) :] if len(piece) == length and piece.startswith(kind) and rest[:2] in kinds else None

    def _take(self, piece: str) -> None:
        for line in _SEPARATORS.split(piece):
            element = _ELEMENT.fullmatch(line)
            if element is None or len(element[2]) > _LONGEST_VALUE:
                continue
            name, value = element[1], element[2].strip()
            if self.found.setdefault(name, value) != value:
                self._fault(_FIELDS.get(name, name), "duplicate")

    def _value(self, *names: str) -> str | None:
        """Return the first of these elements that says something."""
        for name in names:
            value = self.found.get(name, "")
            if value.upper() not in _NOTHING:
                return value
        return None

    # -- values --------------------------------------------------------------------------------------------------------

    def _matching(self, field: str, value: str | None, form: re.Pattern[str], *, needed: bool = False) -> str | None:
        if value is None:
            if needed:
                self._fault(field, "missing")
            return None
        if not form.fullmatch(value):
            self._fault(field, "characters")
            return None
        return value

    def _names(self) -> tuple[str | None, str | None]:
        """Return family and given names: each an element of its own, or in version 1 often all in one with commas."""
        family, given = self._name(self._value("DCS", "DAB")), self._given()
        whole = self._value("DAA")
        if whole is not None and (family is None or given is None):
            parts = [self._name(part) for part in re.split(r"[,$]", whole)]
            family = family or parts[0]
            given = given or " ".join(part for part in parts[1:3] if part) or None
        if family is None:
            self._fault("family_name", "missing")
        return family, given

    def _given(self) -> str | None:
        first, middle = self._value("DAC"), self._value("DAD")
        joined = self._value("DCT")
        parts = [first, middle] if first is not None else [joined, None] if joined is not None else [None, middle]
        return self._name(" ".join(part for part in parts if part))

    def _name(self, value: str | None) -> str | None:
        """Return the name with single spaces; commas part given names in some versions."""
        return " ".join(_letters(value).replace(",", " ").split()) or None if value else None

    def _date(self, field: str, name: str, *, needed: bool = False) -> PartialDate | None:
        value = self._value(name)
        if value is None:
            if needed:
                self._fault(field, "missing")
            return None
        found = eight_digits(value.replace("/", "").replace("-", ""))
        if found is None:
            self._fault(field, "date")
        return found

    def _sex(self) -> Sex | None:
        value = self._value("DBC")
        if value is None:
            return None
        if value not in _SEXES:
            self._fault("sex", "sex")
        return _SEXES.get(value)


_FIELDS = {
    "DAQ": "number",
    "DCS": "family_name",
    "DAB": "family_name",
    "DAC": "given_names",
    "DAD": "given_names",
    "DCT": "given_names",
    "DBB": "birth_date",
    "DBA": "expiry_date",
    "DBD": "issue_date",
    "DBC": "sex",
    "DAJ": "jurisdiction",
    "DCG": "country",
    "DCF": "discriminator",
}
