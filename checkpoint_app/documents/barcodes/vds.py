"""Visible digital seals: the signed bytes of a DataMatrix, Aztec or QR code (ICAO Doc 9303-13 §2).

A header, features of one tag each, and at the end the signature over all before it. What the features mean is told by
the profile that the header names (`seal_profiles`); those of an unknown one are kept as bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from checkpoint_app.documents.barcodes.c40 import C40Error, decode_c40
from checkpoint_app.documents.barcodes.dates import three_bytes
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.seal_profiles import Read, SealKind, Stay, kind_of, read_features
from checkpoint_app.documents.values import Fault, Mrz

MAGIC = 0xDC
SIGNATURE_TAG = 0xFF
SEAL_FAULT_CODES = ("characters", "date", "duplicate", "length", "missing", "mrz", "tag")
_VERSIONS = {0x02: 3, 0x03: 4}
_HEXADECIMAL = re.compile(r"[0-9A-F]{2}")
_SIGNER_WIDTH, _FIXED_REFERENCE = 4, 5


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it lies in the seal: its tag (0 to 254) and its bytes."""

    tag: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """A visible digital seal, read and not verified: `seals.verify` does that.

    ``issuer`` is the state's code without fillers; ``signer`` (two letters of the country, two of the signer) and
    ``certificate`` (a serial number in hexadecimal) tell which certificate verifies it. ``document_issued`` and
    ``signed_on`` are None where they are no dates. ``number`` is the number the profile has beside the zone: of the
    passport a visa is stuck into, of the register, the sheet or the document. ``texts`` are a profile's other texts by
    name. ``entries`` is the number of entries of a visa, 0 for any number. ``signed`` are the exact bytes that
    ``signature`` (r and s, one after the other) is over.
    """

    version: int
    issuer: str
    signer: str
    certificate: str
    document_issued: date | None
    signed_on: date | None
    kind: SealKind
    feature_set: int
    document_type: int
    features: tuple[Feature, ...]
    mrz: Mrz | None
    number: str | None
    entries: int | None
    stay: Stay | None
    texts: tuple[tuple[str, str], ...]
    signed: bytes
    signature: bytes
    faults: tuple[Fault, ...] = ()


def is_vds(data: bytes) -> bool:
    """Tell whether ``data`` claims to be a seal: the magic byte and a version that there is or may come to be."""
    return len(data) > 1 and data[0] == MAGIC and data[1] < 0x10


def parse_vds(data: bytes, today: date) -> Seal:
    """Read a seal; ``today`` decides the century of dates in its machine readable zone.

    Raises BarcodeError: ``version``, ``header`` (issuer, signer), ``cut_short``, ``length``, ``missing`` (no
    signature), ``trailing``. Faults name a part of the header or a feature, with one of ``SEAL_FAULT_CODES``.
    """
    if not is_vds(data):
        raise BarcodeError("header", "seal")
    header = _Header(data)
    features, signed, signature = _features(data, header.end)
    kind = kind_of(header.feature_set, header.document_type)
    read = read_features(kind, [(feature.tag, feature.value) for feature in features], today)
    return _seal(header, kind, features, read, signed, signature)


def _seal(
    header: _Header, kind: SealKind, features: tuple[Feature, ...], read: Read, signed: bytes, signature: bytes
) -> Seal:
    return Seal(
        version=header.version,
        issuer=header.issuer,
        signer=header.signer,
        certificate=header.certificate,
        document_issued=header.document_issued,
        signed_on=header.signed_on,
        kind=kind,
        feature_set=header.feature_set,
        document_type=header.document_type,
        features=features,
        mrz=read.mrz,
        number=read.number,
        entries=read.entries,
        stay=read.stay,
        texts=tuple(read.texts),
        signed=signed,
        signature=signature,
        faults=(*header.faults, *read.faults),
    )


class _Header:
    """The header, read from the left."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.end = 1
        self.faults: list[Fault] = []
        version = _VERSIONS.get(self._take(1, "version")[0])
        if version is None:
            raise BarcodeError("version", "seal")
        self.version = version
        self.issuer = self._text(2, "issuer").rstrip()
        self.signer, self.certificate = self._signer()
        if not self.issuer or " " in self.signer + self.certificate:
            raise BarcodeError("header", "header")
        self.document_issued = self._date("document_issued")
        self.signed_on = self._date("signed_on")
        self.feature_set, self.document_type = self._take(2, "document type")

    def _take(self, width: int, field: str) -> bytes:
        taken = self.data[self.end : self.end + width]
        if len(taken) < width:
            raise BarcodeError("cut_short", field)
        self.end += width
        return taken

    def _text(self, width: int, field: str) -> str:
        try:
            return decode_c40(self._take(width, field))
        except C40Error as error:
            raise BarcodeError("header", field) from error

    def _signer(self) -> tuple[str, str]:
        """Return signer and certificate reference, which are one text: its first six characters tell how long it is."""
        start = self.end
        head = self._text(4, "signer")
        signer, told = head[:_SIGNER_WIDTH], head[_SIGNER_WIDTH:]
        if self.version == 3:
            width, skipped = _FIXED_REFERENCE, 0
        else:
            if not _HEXADECIMAL.fullmatch(told):
                raise BarcodeError("header", "certificate")
            width, skipped = int(told, 16), len(told)
        self.end = start
        whole = self._text((_SIGNER_WIDTH + skipped + width + 2) // 3 * 2, "certificate")
        if width < 1 or len(whole) != _SIGNER_WIDTH + skipped + width:
            raise BarcodeError("header", "certificate")
        return signer, whole[_SIGNER_WIDTH + skipped :]

    def _date(self, field: str) -> date | None:
        found = three_bytes(self._take(3, field))
        if found is None:
            self.faults.append(Fault(field, "date"))
        return found


def _features(data: bytes, at: int) -> tuple[tuple[Feature, ...], bytes, bytes]:
    """Return the features, the bytes that are signed, and the signature, which must end the data."""
    features: list[Feature] = []
    while at < len(data):
        tag, start, end = data[at], *_value(data, at + 1)
        if tag == SIGNATURE_TAG:
            if end != len(data):
                raise BarcodeError("trailing", "signature")
            return tuple(features), data[:at], data[start:end]
        features.append(Feature(tag, data[start:end]))
        at = end
    raise BarcodeError("missing", "signature")


def _value(data: bytes, at: int) -> tuple[int, int]:
    """Return where the value begins whose length stands at ``at``, and where it ends.

    Lengths are DER's (Doc 9303-13 §2.3.2): up to 127 in one byte, else 0x81 or 0x82 and one or two bytes.
    """
    head = data[at : at + 1]
    if not head:
        raise BarcodeError("cut_short", "feature")
    width = head[0] - 0x80 if head[0] >= 0x80 else 0
    if head[0] == 0x80 or width > 2 or len(data) < at + 1 + width:
        raise BarcodeError("length", "feature")
    length = int.from_bytes(data[at + 1 : at + 1 + width], "big") if width else head[0]
    start = at + 1 + width
    if start + length > len(data) or (width and length < (0x80, 0x100)[width - 1]):
        raise BarcodeError("length", "feature")
    return start, start + length
