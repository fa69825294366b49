"""The check "document sound": what its zone itself tells against a document, as findings for the post's policy."""

from __future__ import annotations

from datetime import date

from checkpoint_app.documents.agreement import AGREEMENT_CODES, agreement_findings
from checkpoint_app.documents.beside import NOTHING_BESIDE, Beside
from checkpoint_app.documents.dates import UNKNOWN
from checkpoint_app.documents.findings import DocumentFinding
from checkpoint_app.documents.sanity import SANITY_CODES, sanity_findings
from checkpoint_app.documents.values import Fault, Format, Mrz

FINDING_CODES = (
    "document.check_digit",
    "document.unknown_code",
    "document.document_code",
    "document.characters",
    "document.date",
    "document.sex",
    "document.filler",
    "document.missing",
    "document.expired",
    "document.no_expiry",
    "document.born_in_future",
    "document.not_for_travel",
    *SANITY_CODES,
    *AGREEMENT_CODES,
)


def document_findings(mrz: Mrz, today: date, beside: Beside = NOTHING_BESIDE) -> tuple[DocumentFinding, ...]:
    """Return what is to be found on ``today``: faults, what dates and format say, what can't go together.

    An empty tuple means: each check digit, code and filler is right, the document has not expired, and nothing in it,
    nor what was read ``beside`` the zone, contradicts the rest.
    """
    faults = (_of_fault(fault, mrz) for fault in mrz.faults)
    alone = (*faults, *_of_dates(mrz, today), *_of_format(mrz), *sanity_findings(mrz, today))
    return (*alone, *agreement_findings(mrz, beside))


def _of_fault(fault: Fault, mrz: Mrz) -> DocumentFinding:
    params = {"field": fault.field}
    if fault.code == "check_digit":
        digit = next(digit for digit in mrz.check_digits if digit.field == fault.field)
        params |= {"read": digit.read, "computed": digit.computed}
    elif fault.detail:
        params["value"] = fault.detail
    return DocumentFinding(f"document.{fault.code}", params)


def _of_dates(mrz: Mrz, today: date) -> tuple[DocumentFinding, ...]:
    birth, expiry, now = mrz.document.birth_date, mrz.document.expiry_date, today.isoformat()
    found = []
    if expiry is not None and expiry.raw == UNKNOWN:
        found.append(DocumentFinding("document.no_expiry"))
    elif expiry is not None and str(expiry) < now:
        found.append(DocumentFinding("document.expired", {"date": str(expiry)}))
    # Of a birth with unknown parts only the known ones count: 1974 is in the future of 1973, and not of 1974-01-01.
    if birth is not None and str(birth) > now[: len(str(birth))]:
        found.append(DocumentFinding("document.born_in_future", {"date": str(birth)}))
    return tuple(found)


def _of_format(mrz: Mrz) -> tuple[DocumentFinding, ...]:
    """The French card states no expiry; a driving licence is no travel document and has no check digit at all."""
    if mrz.document.format is Format.FRA2:
        return (DocumentFinding("document.no_expiry"),)
    if mrz.document.format is Format.CHEDL:
        return (DocumentFinding("document.not_for_travel"),)
    return ()
