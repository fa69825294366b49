"""Outside data: whatever comes, `parse_mrz` gives a zone or a MrzError."""

import dataclasses
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import (
    COMPOSITE,
    FINDING_CODES,
    Format,
    TravelDocument,
    document_findings,
    parse_mrz,
    to_mrz,
)
from tests.documents.helpers import SPECIMENS, refused

FIELDS = {field.name for field in dataclasses.fields(TravelDocument)} | {COMPOSITE}
ANY_LINES = st.lists(st.text(max_size=50), max_size=5)
DAYS = st.dates()


def shaped(lengths: tuple[int, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<<<<<<"
    return st.tuples(*(st.text(alphabet=alphabet, min_size=n, max_size=n) for n in lengths))


SHAPED = st.sampled_from([(44, 44), (36, 36), (30, 30, 30), (9, 30, 30)]).flatmap(shaped)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, ...]:
    """A specimen with a few characters changed."""
    lines = [list(line) for line in SPECIMENS[draw(st.sampled_from(list(Format)))]]
    for _ in range(draw(st.integers(0, 6))):
        line = draw(st.sampled_from(lines))
        line[draw(st.integers(0, len(line) - 1))] = draw(st.sampled_from("AKV019<<<X"))
    return tuple("".join(line) for line in lines)


@given(ANY_LINES, DAYS)
def test_any_lines(lines: list[str], today: date) -> None:
    error = refused(parse_mrz, lines, today)
    assert error is None or "\n" not in error


@given(SHAPED | damaged(), DAYS)
def test_any_zone_of_the_right_shape_is_typed(lines: tuple[str, ...], today: date) -> None:
    mrz = parse_mrz(lines, today)
    assert {fault.field for fault in mrz.faults} <= FIELDS
    assert mrz.valid == (not mrz.faults)
    assert all(digit.ok for digit in mrz.check_digits) or not mrz.valid
    assert all(0 < d.line <= len(lines) and 0 < d.column <= len(lines[d.line - 1]) for d in mrz.check_digits)
    assert all(lines[d.line - 1][d.column - 1] == d.read for d in mrz.check_digits)
    assert {finding.code for finding in document_findings(mrz, today)} <= set(FINDING_CODES)
    for finding in document_findings(mrz, today):
        assert finding.params.get("field", COMPOSITE) in FIELDS
    for field in ("issuer", "birth_date", "sex", "family_name", "given_names", "document_code"):
        absent = getattr(mrz.document, field) is None
        stated = mrz.document.format is not Format.CHEDL or field != "sex"
        assert not (absent and stated) or any(fault.field == field for fault in mrz.faults)


@given(damaged())
def test_a_valid_zone_is_written_as_it_was_read(lines: tuple[str, ...]) -> None:
    mrz = parse_mrz(lines, date(2026, 11, 24))
    if mrz.valid:
        written = to_mrz(mrz.document)
        assert parse_mrz(written, date(2026, 11, 24)).document == mrz.document
