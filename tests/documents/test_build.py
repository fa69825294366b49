"""From a document back to its lines."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import (
    Format,
    MrzError,
    PartialDate,
    Sex,
    TravelDocument,
    countries,
    parse_mrz,
    to_mrz,
    to_mrz_characters,
)
from checkpoint_app.documents.transliterate import _TABLE
from tests.documents.helpers import CHEDL, FRA2, LONG_TD1, LONG_TD2, SPECIMENS, TD3, TODAY, parsed, passport


@pytest.mark.parametrize("lines", [*SPECIMENS.values(), LONG_TD1, LONG_TD2], ids=[*SPECIMENS, "long 1", "long 2"])
def test_specimens_come_back_as_printed(lines: tuple[str, ...]) -> None:
    assert to_mrz(parsed(lines).document) == lines


def test_an_unused_optional_field_gets_a_filler_as_digit() -> None:
    assert to_mrz(passport())[1] == "L898902C36UTO7408122F2704151<<<<<<<<<<<<<<<6"
    assert to_mrz(passport(optional_data=None)) == to_mrz(passport())


def test_national_characters_are_transliterated() -> None:
    lines = to_mrz(passport(family_name="Müller-Ñandú", given_names="Jürgen O'Hara"))
    assert lines[0] == "P<UTOMUELLER<NANDU<<JUERGEN<OHARA<<<<<<<<<<<"
    assert to_mrz(passport(family_name="Щукин", given_names=""))[0].startswith("P<UTOSHCHUKIN<<<")


def test_numbers_are_written_with_fillers_for_gaps() -> None:
    assert to_mrz(passport(document_number=" ab 12-3 "))[1].startswith("AB<12<3<<")


def test_dates_without_a_printed_form_are_written_from_their_parts() -> None:
    lines = to_mrz(passport(birth_date=PartialDate("", 1974, 8)))
    assert lines[1][13:19] == "7408<<"


def test_a_long_name_ends_with_a_letter() -> None:
    lines = to_mrz(passport(family_name="Nilavadhanananda", given_names="Chayapa Dejthamrong Krasuang"))
    assert lines[0] == "P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"
    assert parsed(lines).document.name_truncated


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [
        ({"document_code": None}, "document_code", "is missing"),
        ({"issuer": None}, "issuer", "is missing"),
        ({"nationality": ""}, "nationality", "is missing"),
        ({"document_number": None}, "document_number", "is missing"),
        ({"document_number": ""}, "document_number", "is missing"),
        ({"birth_date": None}, "birth_date", "is missing"),
        ({"expiry_date": None}, "expiry_date", "is missing"),
        ({"family_name": None}, "family_name", "is missing"),
        ({"family_name": "李"}, "family_name", "is missing"),
        ({"document_number": "L898902C3X"}, "document_number", "has 10 characters; this zone holds 9"),
        ({"optional_data": "A" * 15}, "optional_data", "has 15 characters; this zone holds 14"),
        ({"document_code": "PXX"}, "document_code", "has 3 characters; this zone holds 2"),
        ({"document_number": "L89É"}, "document_number", "holds a character"),
        ({"document_number": "l89ß"}, "document_number", "holds a character"),
        ({"document_number": " "}, "document_number", "is missing"),
        ({"optional_data": "A_B"}, "optional_data", "holds a character"),
        ({"birth_date": PartialDate("7408xx")}, "birth_date", ""),
        ({"family_name": "LOUIS 14"}, "family_name", "holds a character"),
        ({"given_names": "Ana 李"}, "given_names", "holds a character"),
    ],
)
def test_what_cannot_be_written_is_named(fields: dict[str, object], field: str, word: str) -> None:
    if field == "birth_date" and word == "":
        assert to_mrz(passport(**fields))[1][13:19] == "7408XX"  # as it was printed, wrong or not
        return
    with pytest.raises(MrzError) as caught:
        to_mrz(passport(**fields))
    assert caught.value.code == "field"
    assert caught.value.params == {"field": field}
    assert str(caught.value).startswith(f"{field} {word}")
    assert "L898902C3" not in str(caught.value)


def test_sex_given_names_and_optional_data_may_be_unstated() -> None:
    lines = to_mrz(passport(sex=Sex.UNSPECIFIED, given_names=None))
    assert lines[0] == "P<UTOERIKSSON".ljust(44, "<")
    assert lines[1][20] == "<"
    assert to_mrz(passport(sex=None)) == to_mrz(passport(sex=Sex.UNSPECIFIED))


def test_a_long_number_with_optional_data_must_fit() -> None:
    card = dataclasses.replace(parsed(LONG_TD1).document, optional_data="A" * 10)
    assert to_mrz(card)[0] == "I<UTOD23145890<7349<AAAAAAAAAA"
    with pytest.raises(MrzError, match="optional_data has 16 characters"):
        to_mrz(dataclasses.replace(card, optional_data="A" * 11))


@pytest.mark.parametrize("number", ["D2314589 07", "D23145890-7", "D23145890 7", "D231458907<"])
def test_a_long_number_cannot_have_a_gap_where_it_goes_on(number: str) -> None:
    card = dataclasses.replace(parsed(LONG_TD1).document, document_number=number)
    with pytest.raises(MrzError, match="document_number holds a character"):
        to_mrz(card)
    written = to_mrz(dataclasses.replace(card, document_number="D2314-5890"))
    assert written[0].startswith("I<UTOD2314<589<0")


def test_a_card_number_of_nine_characters_is_no_long_number() -> None:
    card = dataclasses.replace(parsed(LONG_TD1).document, document_number="D23145890")
    assert to_mrz(card)[0] == "I<UTOD231458907<<<<<<<<<<<<<<<"


# What documents can hold, by ICAO format.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MIXED = LETTERS + "0123456789"
# Doc 9303-3 §6: every letter of tables B and C, those of table A that have rows of their own, and accented ones of it.
NATIONAL = "".join(sorted(_TABLE)) + (
    "AÁÄÅÆBCÇĆDÐĐEÉĘFGĞHĦIİÍJKLŁMNÑŇOÖØŒPQRŘSŠŞßTŢÞUÜŮVWXYÝZŽБВГДЖЙЛФЦЧШЩЪЫЭЮЯЄЇЉЊЋЏبتثجحخدذرزسشصضطظعغفقكلمنهوي"
)
NAME = st.lists(st.text(alphabet=NATIONAL, min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)
CODE = st.sampled_from(sorted(countries()))
BIRTH = st.dates(date(1927, 11, 25), TODAY).map(lambda d: PartialDate(f"{d:%y%m%d}", d.year, d.month, d.day))
PARTIAL = st.sampled_from(
    [
        PartialDate("<<<<<<"),
        PartialDate("74<<<<", 1974),
        PartialDate("7408<<", 1974, 8),
        PartialDate("<<0812", None, 8, 12),
    ]
)
EXPIRY = st.dates(date(1977, 1, 1), date(2076, 11, 24)).map(
    lambda d: PartialDate(f"{d:%y%m%d}", d.year, d.month, d.day)
)
CODES_OF = {
    Format.TD1: ["I", "ID", "AC", "C"],
    Format.TD2: ["I", "ID", "A", "CR"],
    Format.TD3: ["P", "PD"],
    Format.MRVA: ["V", "VC"],
    Format.MRVB: ["V", "VC"],
}
OPTIONAL_WIDTH = {Format.TD1: 15, Format.TD2: 7, Format.TD3: 14, Format.MRVA: 16, Format.MRVB: 8}


@st.composite
def documents(draw: st.DrawFn) -> TravelDocument:
    format_ = draw(st.sampled_from(sorted(CODES_OF)))
    card = format_ in (Format.TD1, Format.TD2)
    number = draw(st.text(alphabet=MIXED, min_size=1, max_size=13 if card else 9))
    used = len(number) - 9 + 2 if len(number) > 9 else 0
    optional = draw(st.text(alphabet=MIXED, max_size=max(0, OPTIONAL_WIDTH[format_] - used)))
    return TravelDocument(
        format=format_,
        document_code=draw(st.sampled_from(CODES_OF[format_])),
        issuer=draw(CODE),
        document_number=number,
        nationality=draw(CODE),
        birth_date=draw(BIRTH | PARTIAL),
        sex=draw(st.sampled_from(list(Sex))),
        expiry_date=draw(EXPIRY | st.just(PartialDate("<<<<<<"))) if card else draw(EXPIRY),
        family_name=draw(NAME.filter(to_mrz_characters)),
        given_names=draw(NAME | st.just("")),
        optional_data=optional,
        optional_data_2=draw(st.text(alphabet=MIXED, max_size=11)) if format_ is Format.TD1 else None,
    )


@given(documents())
def test_round_trip(document: TravelDocument) -> None:
    lines = to_mrz(document)
    mrz = parse_mrz(lines, TODAY)
    if document.issuer == "FRA" and document.format is Format.TD2 and document.document_code == "ID":
        assert mrz.document.format is Format.FRA2  # the French card of 1988 has these beginnings for itself
        return
    assert mrz.faults == ()
    read = mrz.document
    named = {"family_name", "given_names", "name_truncated"}
    for field in set(document.__slots__) - named:
        assert getattr(read, field) == getattr(document, field)
    family, given_names = (to_mrz_characters(n or "") for n in (document.family_name, document.given_names))
    width = 30 if read.format is Format.TD1 else len(lines[0]) - 5
    whole = family + ("<<" + given_names if given_names else "")
    assert read.name_truncated == (len(whole) >= width)
    if len(whole) <= width:
        assert (read.family_name, read.given_names) == (family.replace("<", " "), given_names.replace("<", " "))
    assert to_mrz(read) == lines


SHORT = st.text(alphabet=NATIONAL, min_size=1, max_size=2).filter(to_mrz_characters)


@given(SHORT, SHORT, st.text(alphabet=MIXED, min_size=12, max_size=12), BIRTH | PARTIAL, st.sampled_from(list(Sex)))
def test_round_trip_of_the_french_card(
    family: str, given_names: str, number: str, birth: PartialDate, sex: Sex
) -> None:
    document = dataclasses.replace(
        parsed(FRA2).document,
        family_name=family,
        given_names=given_names,
        document_number=number,
        birth_date=birth,
        sex=sex,
        optional_data=number[:6],
    )
    lines = to_mrz(document)
    mrz = parsed(lines)
    names = {"family_name": to_mrz_characters(family), "given_names": to_mrz_characters(given_names)}
    assert mrz.faults == ()
    assert mrz.document == dataclasses.replace(document, **names)


@given(SHORT, SHORT, st.text(alphabet="0123456789", min_size=12, max_size=12), BIRTH | PARTIAL)
def test_round_trip_of_the_swiss_licence(family: str, given_names: str, number: str, birth: PartialDate) -> None:
    document = dataclasses.replace(
        parsed(CHEDL).document,
        family_name=family,
        given_names=given_names,
        document_number=number,
        birth_date=birth,
    )
    mrz = parsed(to_mrz(document))
    names = {"family_name": to_mrz_characters(family), "given_names": to_mrz_characters(given_names)}
    assert mrz.faults == ()
    assert mrz.document == dataclasses.replace(document, **names)


@pytest.mark.parametrize("letter", sorted(_TABLE))
def test_every_letter_of_the_tables_goes_through_every_format(letter: str) -> None:
    for specimen in SPECIMENS.values():
        document = dataclasses.replace(parsed(specimen).document, family_name=f"A{letter}B", name_truncated=False)
        read = parsed(to_mrz(document)).document
        assert read.family_name == to_mrz_characters(f"A{letter}B")


def test_french_given_names_are_written_two_fillers_apart() -> None:
    card = dataclasses.replace(parsed(FRA2).document, given_names="ANNE MARIE", family_name="LE GOFF")
    lines = to_mrz(card)
    assert lines[1][13:27] == "ANNE<<MARIE<<<"
    assert lines[0][5:30] == "LE<GOFF".ljust(25, "<")
    assert parsed(lines).document == card


@pytest.mark.parametrize("field", ["family_name", "given_names"])
def test_french_names_that_cannot_be_written_are_named(field: str) -> None:
    with pytest.raises(MrzError) as caught:
        to_mrz(dataclasses.replace(parsed(FRA2).document, **{field: "LOUIS 14"}))
    assert caught.value.params == {"field": field}


def test_lines_of_a_document_read_are_those_printed() -> None:
    assert to_mrz(parsed(TD3).document) == TD3
