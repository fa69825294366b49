"""Travel documents as values: machine readable zones, check digits, codes, transliteration."""

from checkpoint_app.documents.beside import NOTHING_BESIDE, Beside, PrintedText
from checkpoint_app.documents.build import to_mrz
from checkpoint_app.documents.check_digits import MRZ_CHARACTERS, check_digit, indistinguishable
from checkpoint_app.documents.checks import FINDING_CODES, document_findings
from checkpoint_app.documents.codes import Country, countries, country_name, icao_from_iso2, is_known_code
from checkpoint_app.documents.errors import MRZ_ERROR_CODES, MrzError
from checkpoint_app.documents.findings import DocumentFinding
from checkpoint_app.documents.glued import split_lines
from checkpoint_app.documents.layout import COMPOSITE, allowed_characters, digit_spans, field_spans
from checkpoint_app.documents.mrz import parse_mrz
from checkpoint_app.documents.transliterate import to_mrz_characters, unknown_characters
from checkpoint_app.documents.typed import digits_while_typing
from checkpoint_app.documents.values import (
    CheckDigit,
    Fault,
    Format,
    Mrz,
    PartialDate,
    Sex,
    Span,
    TravelDocument,
)

__all__ = [
    "COMPOSITE",
    "FINDING_CODES",
    "MRZ_CHARACTERS",
    "MRZ_ERROR_CODES",
    "NOTHING_BESIDE",
    "Beside",
    "CheckDigit",
    "Country",
    "DocumentFinding",
    "Fault",
    "Format",
    "Mrz",
    "MrzError",
    "PartialDate",
    "PrintedText",
    "Sex",
    "Span",
    "TravelDocument",
    "allowed_characters",
    "check_digit",
    "countries",
    "country_name",
    "digit_spans",
    "digits_while_typing",
    "document_findings",
    "field_spans",
    "icao_from_iso2",
    "indistinguishable",
    "is_known_code",
    "parse_mrz",
    "split_lines",
    "to_mrz",
    "to_mrz_characters",
    "unknown_characters",
]
