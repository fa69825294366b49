"""The zone held against what else the document states: who alters the one seldom alters the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checkpoint_app.documents.barcodes.aamva import Licence
from checkpoint_app.documents.barcodes.bcbp import BoardingPass
from checkpoint_app.documents.barcodes.seals import SealState
from checkpoint_app.documents.barcodes.vds import Seal
from checkpoint_app.documents.barcodes.vds_nc import SealNc
from checkpoint_app.documents.beside import Beside, ReadBarcode
from checkpoint_app.documents.check_digits import FILLER
from checkpoint_app.documents.findings import DocumentFinding
from checkpoint_app.documents.transliterate import to_mrz_characters
from checkpoint_app.documents.values import Format, Mrz, PartialDate, Sex, TravelDocument

AGREEMENT_CODES = (
    "document.seal_wrong",
    "document.seal_unverified",
    "document.seal_differs",
    "document.barcode_differs",
    "document.barcode_broken",
    "document.boarding_pass_differs",
)

_VISAS = (Format.MRVA, Format.MRVB)
_SEALED_FIELDS = ("issuer", "document_number", "nationality", "birth_date", "sex", "expiry_date", "family_name")


def agreement_findings(mrz: Mrz, beside: Beside) -> tuple[DocumentFinding, ...]:
    """Return what the barcodes of a document tell against it: seals that are wrong, values that differ.

    Values are compared where both sides state them and the zone's own digits hold; what only one side states is no
    difference. Names are compared as far as the shorter one goes, in the characters of a zone, MÜLLER as MULLER too.
    """
    found: list[DocumentFinding] = []
    for barcode in beside.barcodes:
        found += _of_seal(barcode)
        found += _of_content(mrz, barcode)
    return tuple(one for place, one in enumerate(found) if one not in found[:place])


def _of_seal(barcode: ReadBarcode) -> list[DocumentFinding]:
    if barcode.fault:
        return [DocumentFinding("document.barcode_broken", {"value": barcode.fault})]
    verdict = barcode.seal
    if verdict is None or verdict.state is SealState.PASS:
        return []
    code = "document.seal_wrong" if verdict.state is SealState.FAIL else "document.seal_unverified"
    return [DocumentFinding(code, {"reason": verdict.reason, "signer": verdict.signer})]


def _of_content(mrz: Mrz, barcode: ReadBarcode) -> list[DocumentFinding]:
    faulty = {fault.field for fault in mrz.faults}
    document, content = mrz.document, barcode.content
    if isinstance(content, BoardingPass):
        own = not faulty & {"family_name", "given_names"}
        differs = own and not _is_part(content.family_name, document.family_name)
        return [DocumentFinding("document.boarding_pass_differs")] if differs else []
    code = "document.barcode_differs"
    if isinstance(content, Seal):
        code, pairs = "document.seal_differs", _sealed(document, content)
    elif isinstance(content, SealNc):
        pairs = _of_person(document, content)
    elif isinstance(content, Licence):
        pairs = _licensed(document, content)
    else:
        return []
    differing = (field for field, here, there in pairs if field not in faulty and _differ(field, here, there))
    return [DocumentFinding(code, {"field": field}) for field in dict.fromkeys(differing)]


Pair = tuple[str, object, object]


def _sealed(document: TravelDocument, seal: Seal) -> Iterator[Pair]:
    """A visa's seal repeats its zone; beside it stands the number of the passport that the visa is stuck into."""
    if seal.mrz is not None and seal.mrz.document.format is document.format:
        sealed = seal.mrz.document
        yield from ((name, getattr(document, name), getattr(sealed, name)) for name in _SEALED_FIELDS)
    elif seal.mrz is not None:
        yield "birth_date", document.birth_date, seal.mrz.document.birth_date
        yield "family_name", document.family_name, seal.mrz.document.family_name
    if seal.number and seal.mrz is not None and seal.mrz.document.format in _VISAS and document.format is Format.TD3:
        yield "document_number", document.document_number, seal.number


def _of_person(document: TravelDocument, seal: SealNc) -> Iterator[Pair]:
    person = seal.person
    if person is not None:
        yield "document_number", document.document_number, person.document_number
        yield "birth_date", document.birth_date, person.birth_date
        yield "sex", document.sex, person.sex


def _licensed(document: TravelDocument, licence: Licence) -> Iterator[Pair]:
    """A licence may lie beside a passport, which ends at a time of its own; only a card's zone can be the licence's."""
    yield "birth_date", document.birth_date, licence.birth_date
    if document.format is Format.TD1:
        yield "expiry_date", document.expiry_date, licence.expiry_date
    yield "family_name", document.family_name, licence.family_name
    yield "given_names", document.given_names, licence.given_names
    yield "sex", document.sex, licence.sex


def _differ(field: str, here: object, there: object) -> bool:
    if isinstance(here, Sex) and isinstance(there, Sex):
        return {here, there} == {Sex.MALE, Sex.FEMALE}
    if isinstance(here, PartialDate) and isinstance(there, PartialDate):
        parts = zip((here.year, here.month, here.day), (there.year, there.month, there.day), strict=True)
        return any(None not in pair and pair[0] != pair[1] for pair in parts)
    if not isinstance(here, str) or not isinstance(there, str) or not here or not there:
        return False
    if field in ("family_name", "given_names"):
        return not _same_start(here, there)
    return _plain(here) != _plain(there)


def _same_start(a: str | None, b: str | None) -> bool:
    """Tell whether the shorter name is the start of the longer; a name that is not stated agrees with all."""
    return any(longer.startswith(shorter) for shorter, longer in _spellings(a, b))


def _is_part(a: str | None, b: str | None) -> bool:
    """Tell whether the shorter name is in the longer: airlines leave out VON, DE LA, and one of two family names."""
    return any(shorter in longer for shorter, longer in _spellings(a, b))


def _spellings(a: str | None, b: str | None) -> Iterator[list[str]]:
    """Yield both names, the shorter first: as they are, and with the plain letter for AE, OE, UE and AA.

    Doc 9303-3 §6 allows a zone either for Ä, Ö, Ü, Å and Ø; whoever prints a pass or a licence took the other one.
    """
    names = [_plain(a or ""), _plain(b or "")]
    yield sorted(names, key=len)
    yield sorted((re.sub(r"A[AE]|OE|UE", lambda found: found[0][0], name) for name in names), key=len)


def _plain(text: str) -> str:
    return to_mrz_characters(text).replace(FILLER, "")
