"""Entry by hand: lines, fields, and the check digits while typing."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import Format, MrzError
from checkpoint_app.readers.manual import FIELDS, read_fields, read_lines, typing
from tests.readers.helpers import TD1, TD3

TODAY = date(2026, 11, 24)
PERSON = {
    "document_code": "P",
    "issuer": "UTO",
    "document_number": "l898902c3",
    "nationality": "UTO",
    "birth_date": "1974-08-12",
    "sex": "f",
    "expiry_date": "2012-04-15",
    "family_name": "Eriksson",
    "given_names": "Anna Maria",
    "optional_data": "ZE184226B",
}


def test_lines_in_any_case_with_spaces() -> None:
    assert read_lines(" ".join(TD3[0].lower()) + "\n" + TD3[1], TODAY).lines == TD3
    assert read_lines("".join(TD1), TODAY).valid


def test_fields_make_the_zone_that_is_printed() -> None:
    assert read_fields(PERSON, TODAY).lines == TD3


def test_fields_of_a_card_with_a_partly_known_date() -> None:
    card = {**PERSON, "document_code": "I", "birth_date": "1974-08", "optional_data": ""}
    mrz = read_fields(card, TODAY, Format.TD1)
    assert mrz.valid
    assert mrz.lines[1].startswith("7408<<")
    assert str(mrz.document.birth_date) == "1974-08"
    assert read_fields({**card, "birth_date": "7408<<"}, TODAY, Format.TD1).lines == mrz.lines


@pytest.mark.parametrize(
    ("field", "value"),
    [("birth_date", "12.8.1974"), ("sex", "W"), ("document_number", "☺"), ("issuer", ""), ("colour", "red")],
)
def test_a_wrong_field_is_named_and_its_content_is_not(field: str, value: str) -> None:
    with pytest.raises(MrzError) as error:
        read_fields({**PERSON, field: value}, TODAY)
    assert error.value.params["field"] == field
    assert not value or value not in str(error.value)


def test_digits_are_judged_as_soon_as_they_are_typed() -> None:
    text = TD3[0] + "\n" + TD3[1]
    assert typing(TD3[0]).digits == ()
    assert typing(text[:45] + TD3[1][:9]).digits == ()
    assert [(d.field, d.ok) for d in typing(TD3[0] + "\n" + TD3[1][:10]).digits] == [("document_number", True)]
    wrong = TD3[0] + "\n" + TD3[1][:9] + "7"
    assert [(d.field, d.ok, d.computed) for d in typing(wrong).digits] == [("document_number", False, "6")]
    whole = typing(text.lower())
    assert whole.format is Format.TD3
    assert len(whole.digits) == 5
    assert all(digit.ok for digit in whole.digits)


@pytest.mark.parametrize(
    ("lines", "format_"),
    [
        (TD3, Format.TD3),
        (TD1, Format.TD1),
        (("V" + TD3[0][1:], TD3[1]), Format.MRVA),
        (("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"), Format.TD2),
        (("IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4"), Format.FRA2),
    ],
)
def test_the_format_is_told_from_whole_lines(lines: tuple[str, ...], format_: Format) -> None:
    seen = typing("\n".join(lines))
    assert seen.format is format_
    assert seen.digits


@given(st.text(max_size=200))
def test_typing_takes_anything(text: str) -> None:
    for digit in typing(text).digits:
        assert digit.computed == "" or len(digit.computed) == 1


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=20)))
def test_fields_take_anything_or_refuse_it(fields: dict[str, str]) -> None:
    with contextlib.suppress(MrzError):
        assert read_fields({**PERSON, **fields}, TODAY).lines
