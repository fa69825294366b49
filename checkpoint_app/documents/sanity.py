"""What a sound zone may still tell against its document: dates, codes and numbers that do not go together.

Every character can be right and the document still be one that its issuer never made. What issuers do is data
(``resources/passports.tsv``), with its sources there; an issuer that is not in it is not judged.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from checkpoint_app.documents.codes import countries
from checkpoint_app.documents.findings import DocumentFinding
from checkpoint_app.documents.values import Format, Mrz, TravelDocument
from checkpoint_app.resources import resource_path

SANITY_CODES = (
    "document.issued_in_future",
    "document.valid_too_long",
    "document.adult_for_child",
    "document.nationality_differs",
    "document.number_format",
)

# Doc 9303-2 recommends ten years at most; some issuers have added what was left of the passport before, up to nine
# months, and a booth's clock may be a little slow.
_LONGEST_MONTHS = 10 * 12 + 10
_LEEWAY_MONTHS = 1
# Only ordinary passports: aliens, refugees, diplomats and officials of organisations travel on others' documents.
_ORDINARY = ("P", "PP")
_NO_STATES = ("EU", "UN")  # they have ISO codes, and their laissez-passer tells the nationality of an official


@dataclass(frozen=True, slots=True)
class Issuer:
    """What is publicly known of an issuer's ordinary passports.

    ``number`` matches whole document numbers, old and new; None where sources disagree. Below ``adult_age`` (years)
    a passport is valid for ``child_years`` at most; both 0 where that is not known.
    """

    number: re.Pattern[str] | None
    adult_age: int
    child_years: int


@cache
def issuers() -> dict[str, Issuer]:
    """Return what is known, by issuer code, read once from ``resources/passports.tsv``."""
    with resource_path("passports.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return {
            row["issuer"]: Issuer(
                re.compile(row["number"]) if row["number"] else None,
                int(row["adult_age"] or 0),
                int(row["child_years"] or 0),
            )
            for row in rows
        }


def sanity_findings(mrz: Mrz, today: date) -> tuple[DocumentFinding, ...]:
    """Return what does not go together in ``mrz`` on ``today``. Fields that are missing or faulty are not judged."""
    document = mrz.document
    faulty = {fault.field for fault in mrz.faults}
    found = [*_french_issue(document, today)] if "document_number" not in faulty else []
    if document.format is Format.TD3 and document.document_code in _ORDINARY:
        if "expiry_date" not in faulty:
            found += _validity(document, today)
        if not faulty & {"issuer", "nationality"}:
            found += _nationality(document)
        if not faulty & {"issuer", "document_number"}:
            found += _number(document)
    return tuple(found)


def _french_issue(document: TravelDocument, today: date) -> list[DocumentFinding]:
    """The number of a French card of 1988 to 2021 begins with year and month of issue."""
    number = document.document_number or ""
    if document.format is not Format.FRA2 or not number[:4].isdecimal():
        return []
    year, month = int(number[:2]), int(number[2:4])
    full_year = 1900 + year if year >= 88 else 2000 + year
    if (full_year, month) <= (today.year, today.month):
        return []
    return [DocumentFinding("document.issued_in_future", {"date": f"{full_year:04d}-{month:02d}"})]


def _validity(document: TravelDocument, today: date) -> list[DocumentFinding]:
    expiry = document.expiry_date.as_date() if document.expiry_date else None
    if expiry is None:
        return []
    left = _months(today, expiry)
    if left > _LONGEST_MONTHS:
        return [DocumentFinding("document.valid_too_long", {"date": expiry.isoformat()})]
    born = document.birth_date.as_date() if document.birth_date else None
    known = issuers().get(document.issuer or "")
    if born is None or known is None or not known.adult_age:
        return []
    is_child = (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < known.adult_age
    if born > today or not is_child or left <= known.child_years * 12 + _LEEWAY_MONTHS:
        return []
    params = {"date": expiry.isoformat(), "years": str(known.child_years)}
    return [DocumentFinding("document.adult_for_child", params)]


def _months(start: date, end: date) -> int:
    """Return the whole months from ``start`` to ``end``."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _nationality(document: TravelDocument) -> list[DocumentFinding]:
    """A state gives its ordinary passport to its own nationals; ICAO's own codes stand for none or several states."""
    issuer, nationality = document.issuer or "", document.nationality or ""
    states = [countries()[code].iso2 if code in countries() else "" for code in (issuer, nationality)]
    if not all(states) or states[0] == states[1] or any(state in _NO_STATES for state in states):
        return []
    return [DocumentFinding("document.nationality_differs", {"issuer": issuer, "nationality": nationality})]


def _number(document: TravelDocument) -> list[DocumentFinding]:
    known = issuers().get(document.issuer or "")
    number = document.document_number or ""
    if known is None or known.number is None or not number or known.number.fullmatch(number):
        return []
    return [DocumentFinding("document.number_format", {"issuer": document.issuer or "", "value": number})]
