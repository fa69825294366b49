"""Words of this room: there in each language, and taking the parameters that the values bring."""

import string
import tomllib

import pytest

from checkpoint_app.documents import COMPOSITE, FINDING_CODES, MRZ_ERROR_CODES, Format, field_spans
from checkpoint_app.documents.barcodes.seals import SEAL_REASONS
from checkpoint_app.resources import resource_path

# Parameters each finding and error brings.
PARAMS = {
    "finding.document.check_digit": {"field", "read", "computed"},
    "finding.document.unknown_code": {"field", "value"},
    "finding.document.document_code": {"field", "value"},
    "finding.document.characters": {"field"},
    "finding.document.date": {"field", "value"},
    "finding.document.sex": {"field", "value"},
    "finding.document.filler": {"field"},
    "finding.document.missing": {"field"},
    "finding.document.expired": {"date"},
    "finding.document.issued_in_future": {"date"},
    "finding.document.valid_too_long": {"date"},
    "finding.document.adult_for_child": {"date", "years"},
    "finding.document.nationality_differs": {"issuer", "nationality"},
    "finding.document.seal_wrong": {"reason", "signer"},
    "finding.document.seal_unverified": {"reason", "signer"},
    "finding.document.seal_differs": {"field"},
    "finding.document.barcode_differs": {"field"},
    "finding.document.barcode_broken": set(),  # its value is a code, in no language of an officer's
    "finding.visual.differs": {"field", "seen"},
    "finding.document.number_format": {"issuer", "value"},
    "finding.document.born_in_future": {"date"},
    "mrz_error.line_count": {"count"},
    "mrz_error.line_length": {"line", "length", "expected"},
    "mrz_error.glued_length": {"length"},
    "mrz_error.character": {"line", "column", "character"},
    "mrz_error.field": {"field"},
}


def phrases(language: str) -> dict[str, str]:
    def flat(table: dict[str, object], prefix: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in table.items():
            found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": str(value)}
        return found

    return flat(tomllib.loads(resource_path(f"words/{language}/documents.toml").read_text("utf-8")), "")


@pytest.mark.parametrize("language", ["es", "en"])
def test_each_value_has_its_phrase(language: str) -> None:
    keys = set(phrases(language))
    assert {f"finding.{code}" for code in FINDING_CODES} <= keys
    assert {f"seal_reason.{reason}" for reason in SEAL_REASONS} <= keys
    assert {f"mrz_error.{code}" for code in MRZ_ERROR_CODES} <= keys
    assert {f"document.format.{format_}" for format_ in Format} <= keys
    fields = {span.field for format_ in Format for span in field_spans(format_)} - {"names"}
    assert {f"document.field.{field}" for field in fields | {COMPOSITE, "family_name", "given_names"}} <= keys


@pytest.mark.parametrize("language", ["es", "en"])
def test_phrases_ask_only_for_what_they_get(language: str) -> None:
    for key, phrase in phrases(language).items():
        asked = {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}
        assert asked <= PARAMS.get(key, set()), key


def test_both_languages_have_the_same_keys() -> None:
    assert set(phrases("es")) == set(phrases("en"))
