"""Visible digital seals for non-constrained environments, VDS-NC: signed JSON in a QR code (ICAO Doc 9303-13 part II).

``{"data": {"hdr": {"t", "v", "is"}, "msg": {…}}, "sig": {"alg", "cer", "sigvl"}}``; the signature is over the canonical
JSON (RFC 8785) of ``data``, and the signer's certificate travels in ``cer``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checkpoint_app.documents.barcodes.dates import iso_date
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.strict_json import canonical, read_json
from checkpoint_app.documents.codes import is_known_code
from checkpoint_app.documents.values import Fault, PartialDate, Sex

SEAL_NC_FAULT_CODES = ("characters", "date", "missing", "sex", "unknown_code")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE, "X": Sex.X, "": Sex.UNSPECIFIED, "U": Sex.UNSPECIFIED}
_MARK = b'"sigvl"'
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class SealedPerson:
    """Whom the message is about (``pid`` of proofs of vaccination and test); what is not stated is None."""

    name: str | None
    birth_date: PartialDate | None
    document_number: str | None
    sex: Sex | None


@dataclass(frozen=True, slots=True)
class SealNc:
    """A VDS-NC, read and not verified: `seals.verify` does that.

    ``type`` is such as ``icao.vacc``, ``icao.test`` or ``icao.dta``; ``issuer`` the state's code; ``identifier`` the
    proof's own number. ``message`` is all of ``msg``, to read only. ``signed`` are the canonical bytes that
    ``signature`` (r and s, one after the other) is over; ``certificate`` is the signer's, DER.
    """

    type: str
    version: int
    issuer: str
    identifier: str | None
    person: SealedPerson | None
    message: Mapping[str, Any]
    algorithm: str
    certificate: bytes
    signature: bytes
    signed: bytes
    faults: tuple[Fault, ...] = ()


def parse_vds_nc(data: bytes) -> SealNc | None:
    """Read a seal; None where ``data`` is no JSON, or JSON of something else.

    Raises BarcodeError where it says to be one: ``json``, ``duplicate_key``, ``number``, ``missing`` (a part that
    none can do without). Faults name header's, message's or person's fields, with one of ``SEAL_NC_FAULT_CODES``.
    """
    text = data.strip(_SPACE)
    if not text.startswith(b"{"):
        return None
    try:
        value = read_json(text, "seal")
    except BarcodeError:
        if _MARK in text:
            raise
        return None
    if not isinstance(value, dict) or not {"data", "sig"} <= value.keys():
        return None
    return _seal(value)


def _seal(value: dict[str, Any]) -> SealNc:
    content, signature = _part(value, "data", dict), _part(value, "sig", dict)
    header, message = _part(content, "hdr", dict), _part(content, "msg", dict)
    faults: list[Fault] = []
    issuer = _part(header, "is", str)
    if not is_known_code(issuer):
        faults.append(Fault("issuer", "unknown_code"))
    return SealNc(
        type=_part(header, "t", str),
        version=_part(header, "v", int),
        issuer=issuer,
        identifier=next((v for k in ("uvci", "utci") if isinstance(v := message.get(k), str)), None),
        person=_person(message.get("pid"), faults),
        message=message,
        algorithm=_part(signature, "alg", str),
        certificate=_decoded(signature, "cer"),
        signature=_decoded(signature, "sigvl"),
        signed=canonical(content),
        faults=tuple(faults),
    )


def _part(value: Mapping[str, Any], name: str, kind: type) -> Any:
    """Return what stands under ``name``. Raises BarcodeError where there is nothing of that type."""
    found = value.get(name)
    if type(found) is not kind:
        raise BarcodeError("missing", name)
    return found


def _decoded(value: Mapping[str, Any], name: str) -> bytes:
    """Return the bytes of a text in base64url, or in plain base64, which is seen too; with its padding or without.

    Bits that say nothing must be zero, so that one value has one text. Raises BarcodeError.
    """
    text = _part(value, name, str)
    bare = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        found = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)) if _BASE64.fullmatch(text) else None
    except binascii.Error:
        found = None
    if not found or base64.urlsafe_b64encode(found).rstrip(b"=") != bare.encode():
        raise BarcodeError("missing", name)
    return found


def _person(value: Any, faults: list[Fault]) -> SealedPerson | None:
    if not isinstance(value, dict):
        return None
    texts: dict[str, str | None] = {}
    for name, field in (
        ("n", "name"),
        ("dob", "birth_date"),
        ("i", "document_number"),
        ("dn", "number"),
        ("sex", "sex"),
    ):
        found = value.get(name)
        if found is not None and not isinstance(found, str):
            faults.append(Fault(f"person.{field}", "characters"))
            found = None
        texts[name] = found
    birth = iso_date(texts["dob"]) if texts["dob"] is not None else None
    if birth is None and texts["dob"] is not None:
        faults.append(Fault("person.birth_date", "date"))
    sex = _SEXES.get(texts["sex"]) if texts["sex"] is not None else None
    if sex is None and texts["sex"] is not None:
        faults.append(Fault("person.sex", "sex"))
    if not texts["n"]:
        faults.append(Fault("person.name", "missing"))
    return SealedPerson(texts["n"] or None, birth, texts["i"] or texts["dn"] or None, sex)
