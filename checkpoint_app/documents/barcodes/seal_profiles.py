"""What the features of a visible digital seal mean, by the kind of document it is on.

The visa and the emergency travel document are ICAO's (Doc 9303-13, 9303-7 §9); the others are Germany's, as published
in BSI TR-03137 part 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from checkpoint_app.documents.barcodes.c40 import C40Error, decode_c40
from checkpoint_app.documents.check_digits import FILLER
from checkpoint_app.documents.errors import MrzError
from checkpoint_app.documents.mrz import parse_mrz
from checkpoint_app.documents.values import Fault, Mrz


class SealKind(StrEnum):
    """The document a seal is on; UNKNOWN for a profile that is not published, or not known here."""

    VISA = "visa"
    EMERGENCY_TRAVEL_DOCUMENT = "emergency_travel_document"
    ARRIVAL_ATTESTATION = "arrival_attestation"
    RESIDENCE_PERMIT = "residence_permit"
    SUPPLEMENTARY_SHEET = "supplementary_sheet"
    SOCIAL_INSURANCE_CARD = "social_insurance_card"
    ADDRESS_STICKER = "address_sticker"
    RESIDENCE_STICKER = "residence_sticker"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stay:
    """How long the holder of a visa may stay, as its three bytes state it: days, months, years, each 0 to 255."""

    days: int
    months: int
    years: int


@dataclass(slots=True)
class Read:
    """What the features said."""

    mrz: Mrz | None = None
    number: str | None = None
    entries: int | None = None
    stay: Stay | None = None
    texts: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _BadFeatureError(ValueError):
    """A feature that is not of its form; the argument is the fault's code."""


_Reader = Callable[[Read, str, bytes, date], None]

# Lengths of a zone's lines as they stand in the seal. A visa's second line ends before its optional data.
_VISA_A, _VISA_B, _TWO_LINES = ((44, 28), 44), ((36, 28), 36), ((36, 36), 36)


def _zone(shape: tuple[tuple[int, ...], int]) -> _Reader:
    lengths, width = shape

    def read(found: Read, _name: str, value: bytes, today: date) -> None:
        text = _c40(value).replace(" ", FILLER)
        if len(text) != sum(lengths):
            raise _BadFeatureError("length")
        starts = [sum(lengths[:number]) for number in range(len(lengths))]
        lines = [text[at : at + length].ljust(width, FILLER) for at, length in zip(starts, lengths, strict=True)]
        try:
            found.mrz = parse_mrz(lines, today)
        except MrzError as error:
            raise _BadFeatureError("mrz") from error

    return read


def _number(found: Read, _name: str, value: bytes, _today: date) -> None:
    found.number = _c40(value).rstrip()


def _entries(found: Read, _name: str, value: bytes, _today: date) -> None:
    if len(value) != 1:
        raise _BadFeatureError("length")
    found.entries = value[0]


def _stay(found: Read, _name: str, value: bytes, _today: date) -> None:
    if len(value) != 3:
        raise _BadFeatureError("length")
    found.stay = Stay(*value)


def _text(found: Read, name: str, value: bytes, _today: date) -> None:
    found.texts.append((name, _c40(value).rstrip()))


def _unicode(found: Read, name: str, value: bytes, _today: date) -> None:
    try:
        found.texts.append((name, value.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise _BadFeatureError("characters") from error


def _bytes(_found: Read, _name: str, _value: bytes, _today: date) -> None:
    """Leave what has no published form as bytes among the features."""


def _c40(value: bytes) -> str:
    try:
        return decode_c40(value)
    except C40Error as error:
        raise _BadFeatureError("characters") from error


@dataclass(frozen=True, slots=True)
class _Profile:
    """Feature set and document type of a header, the features by tag, and the names of which one must be there."""

    kind: SealKind
    codes: tuple[int, int]
    features: dict[int, tuple[str, _Reader]]
    needed: tuple[str, ...] = ("mrz",)


_PROFILES = (
    _Profile(
        SealKind.VISA,
        (0x5D, 0x01),
        {
            1: ("mrz", _zone(_VISA_A)),
            2: ("mrz", _zone(_VISA_B)),
            3: ("entries", _entries),
            4: ("stay", _stay),
            5: ("number", _number),
            6: ("visa_type", _bytes),
            7: ("additional", _bytes),
        },
    ),
    _Profile(SealKind.EMERGENCY_TRAVEL_DOCUMENT, (0x5E, 0x03), {2: ("mrz", _zone(_TWO_LINES))}),
    _Profile(SealKind.ARRIVAL_ATTESTATION, (0xFD, 0x02), {2: ("mrz", _zone(_TWO_LINES)), 3: ("number", _number)}),
    _Profile(SealKind.RESIDENCE_PERMIT, (0xFB, 0x06), {2: ("mrz", _zone(_TWO_LINES)), 3: ("number", _number)}),
    _Profile(SealKind.SUPPLEMENTARY_SHEET, (0xFA, 0x06), {4: ("mrz", _zone(_TWO_LINES)), 5: ("number", _number)}),
    _Profile(
        SealKind.SOCIAL_INSURANCE_CARD,
        (0xFC, 0x04),
        {
            1: ("number", _number),
            2: ("family_name", _unicode),
            3: ("given_names", _unicode),
            4: ("birth_name", _unicode),
        },
        ("number", "family_name", "given_names"),
    ),
    _Profile(
        SealKind.ADDRESS_STICKER,
        (0xF9, 0x08),
        {1: ("number", _number), 2: ("municipality", _text), 3: ("address", _text)},
        ("number", "address"),
    ),
    _Profile(
        SealKind.RESIDENCE_STICKER,
        (0xF8, 0x0A),
        {1: ("number", _number), 2: ("municipality", _text), 3: ("postal_code", _text)},
        ("number", "postal_code"),
    ),
)
_BY_CODES = {profile.codes: profile for profile in _PROFILES}
_BY_KIND = {profile.kind: profile for profile in _PROFILES}


def kind_of(feature_set: int, document_type: int) -> SealKind:
    """Return the kind of document that the two codes of a header name."""
    profile = _BY_CODES.get((feature_set, document_type))
    return profile.kind if profile else SealKind.UNKNOWN


def read_features(kind: SealKind, features: Sequence[tuple[int, bytes]], today: date) -> Read:
    """Read the features, tags with their bytes, as the profile has them. Unknown tags are allowed, and left alone.

    A feature that is bad, or there twice, is a fault; the first good one of its name stands.
    """
    read = Read()
    profile = _BY_KIND.get(kind)
    if profile is None:
        return read
    seen: set[str] = set()
    for tag, value in features:
        name, reader = profile.features.get(tag, ("", _bytes))
        if name and name in seen:
            read.faults.append(Fault(name, "duplicate"))
            continue
        seen.add(name)
        try:
            reader(read, name, value, today)
        except _BadFeatureError as error:
            read.faults.append(Fault(name, str(error)))
    read.faults += [Fault(name, "missing") for name in profile.needed if name not in seen]
    return read
