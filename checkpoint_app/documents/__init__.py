"""Travel documents as values: machine readable zones, check digits, codes, transliteration."""

from checkpoint_app.documents.barcodes.aamva import Licence
from checkpoint_app.documents.barcodes.bcbp import BoardingPass, Leg
from checkpoint_app.documents.barcodes.content import BarcodeContent, content_of
from checkpoint_app.documents.barcodes.errors import BARCODE_ERROR_CODES, BarcodeError
from checkpoint_app.documents.barcodes.seal_profiles import SealKind, Stay
from checkpoint_app.documents.barcodes.seals import (
    SEAL_REASONS,
    SealState,
    SealVerdict,
    Signers,
    SignersError,
    revocations,
    verify,
)
from checkpoint_app.documents.barcodes.vds import Seal
from checkpoint_app.documents.barcodes.vds_nc import SealedPerson, SealNc
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
    "BARCODE_ERROR_CODES",
    "COMPOSITE",
    "FINDING_CODES",
    "MRZ_CHARACTERS",
    "MRZ_ERROR_CODES",
    "NOTHING_BESIDE",
    "SEAL_REASONS",
    "BarcodeContent",
    "BarcodeError",
    "Beside",
    "BoardingPass",
    "CheckDigit",
    "Country",
    "DocumentFinding",
    "Fault",
    "Format",
    "Leg",
    "Licence",
    "Mrz",
    "MrzError",
    "PartialDate",
    "PrintedText",
    "Seal",
    "SealKind",
    "SealNc",
    "SealState",
    "SealVerdict",
    "SealedPerson",
    "Sex",
    "Signers",
    "SignersError",
    "Span",
    "Stay",
    "TravelDocument",
    "allowed_characters",
    "check_digit",
    "content_of",
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
    "revocations",
    "split_lines",
    "to_mrz",
    "to_mrz_characters",
    "unknown_characters",
    "verify",
]
