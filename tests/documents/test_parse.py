"""From lines to a typed document: the specimens, and one thing wrong at a time."""

from datetime import date

import pytest

from checkpoint_app.documents import (
    COMPOSITE,
    CheckDigit,
    Fault,
    Format,
    Mrz,
    MrzError,
    PartialDate,
    Sex,
    TravelDocument,
    field_spans,
    parse_mrz,
)
from tests.documents.helpers import (
    CHEDL,
    FRA2,
    LONG_TD1,
    LONG_TD2,
    MRVA,
    MRVB,
    SPECIMENS,
    TD1,
    TD2,
    TD3,
    TODAY,
    changed,
    faults,
    parsed,
)

ANNA = {
    "issuer": "UTO",
    "nationality": "UTO",
    "birth_date": PartialDate("740812", 1974, 8, 12),
    "sex": Sex.FEMALE,
    "expiry_date": PartialDate("120415", 2012, 4, 15),
    "family_name": "ERIKSSON",
    "given_names": "ANNA MARIA",
}
VISITOR = ANNA | {
    "nationality": "XXX",
    "birth_date": PartialDate("400907", 1940, 9, 7),
    "expiry_date": PartialDate("961210", 1996, 12, 10),
    "document_code": "V",
    "document_number": "L8988901C",
}
DOCUMENTS = [
    (
        TD3,
        {
            **ANNA,
            "format": Format.TD3,
            "document_code": "P",
            "document_number": "L898902C3",
            "optional_data": "ZE184226B",
        },
    ),
    (TD2, {**ANNA, "format": Format.TD2, "document_code": "I", "document_number": "D23145890", "optional_data": ""}),
    (
        TD1,
        {
            **ANNA,
            "format": Format.TD1,
            "document_code": "I",
            "document_number": "D23145890",
            "optional_data": "",
            "optional_data_2": "",
        },
    ),
    (MRVA, {**VISITOR, "format": Format.MRVA, "optional_data": "6ZE184226B"}),
    (MRVB, {**VISITOR, "format": Format.MRVB, "optional_data": ""}),
    (
        FRA2,
        {
            "format": Format.FRA2,
            "document_code": "ID",
            "issuer": "FRA",
            "document_number": "880692310285",
            "birth_date": PartialDate("651206", 1965, 12, 6),
            "sex": Sex.FEMALE,
            "family_name": "BERTHIER",
            "given_names": "CORINNE",
            "optional_data": "",
        },
    ),
    (
        CHEDL,
        {
            "format": Format.CHEDL,
            "document_code": "FA",
            "issuer": "CHE",
            "document_number": "000123456789",
            "birth_date": PartialDate("740812", 1974, 8, 12),
            "family_name": "ERIKSSON",
            "given_names": "ANNA MARIA",
            "optional_data": "AAA001D",
        },
    ),
]


@pytest.mark.parametrize(("lines", "fields"), DOCUMENTS, ids=[fields["format"] for _, fields in DOCUMENTS])
def test_specimens_are_typed_whole(lines: tuple[str, ...], fields: dict[str, object]) -> None:
    mrz = parsed(lines)
    assert mrz.document == TravelDocument(**fields)  # type: ignore[arg-type]
    assert mrz.lines == lines
    assert mrz.faults == ()
    assert mrz.valid


def test_every_digit_is_reported_with_its_place() -> None:
    assert parsed(TD3).check_digits == (
        CheckDigit("document_number", 2, 10, "6", "6"),
        CheckDigit("birth_date", 2, 20, "2", "2"),
        CheckDigit("expiry_date", 2, 28, "9", "9"),
        CheckDigit("optional_data", 2, 43, "1", "1"),
        CheckDigit(COMPOSITE, 2, 44, "0", "0"),
    )
    assert parsed(TD1).check_digits == (
        CheckDigit("document_number", 1, 15, "7", "7"),
        CheckDigit("birth_date", 2, 7, "2", "2"),
        CheckDigit("expiry_date", 2, 15, "9", "9"),
        CheckDigit(COMPOSITE, 2, 30, "6", "6"),
    )
    assert parsed(CHEDL).check_digits == ()


@pytest.mark.parametrize("format_", [f for f in Format if f is not Format.CHEDL])
def test_each_digit_wrong_is_a_fault_of_its_field_alone_and_of_the_composite(format_: Format) -> None:
    lines = SPECIMENS[format_]
    composite = any(digit.field == COMPOSITE for digit in parsed(lines).check_digits)
    for digit in parsed(lines).check_digits:
        wrong = str((int(digit.read) + 1) % 10) if digit.read != "<" else "1"
        bad = parsed(changed(lines, digit.line, digit.column, wrong))
        expected = {digit.field} | ({COMPOSITE} if composite else set())
        assert {fault.field for fault in bad.faults} == expected
        assert {fault.code for fault in bad.faults} == {"check_digit"}
        assert bad.document == parsed(lines).document
        assert not bad.valid
        assert Fault(digit.field, "check_digit", f"read {wrong}, computed {digit.computed}") in bad.faults


@pytest.mark.parametrize("format_", list(Format))
def test_a_failed_field_never_loses_the_others(format_: Format) -> None:
    lines = SPECIMENS[format_]
    good = parsed(lines).document
    for field, bad in (("birth_date", "991332"), ("birth_date", "A40812"), ("sex", "Q"), ("issuer", "U1O")):
        span = next((s for s in field_spans(format_) if s.field == field), None)
        if span is None or (format_ is Format.FRA2 and field == "issuer"):  # there, the issuer makes the format
            continue
        read = parsed(changed(lines, span.line, span.first, bad)).document
        assert getattr(read, field) is None
        assert [n for n in good.__slots__ if getattr(read, n) != getattr(good, n)] == [field]


def test_a_letter_for_a_digit_is_a_wrong_digit() -> None:
    assert faults(changed(TD3, 2, 44, "O")) == [(COMPOSITE, "check_digit")]


@pytest.mark.parametrize(
    ("line", "column", "text", "fault"),
    [
        (2, 14, "7A0812", ("birth_date", "characters")),
        (2, 14, "741312", ("birth_date", "date")),
        (2, 22, "2704<<", ("expiry_date", "date")),
        (2, 22, "2O0415", ("expiry_date", "characters")),
        (2, 22, "<<<<<<", ("expiry_date", "missing")),
        (2, 21, "A", ("sex", "sex")),
        (2, 21, "1", ("sex", "sex")),
        (2, 11, "U1O", ("nationality", "characters")),
        (2, 11, "DEU", ("nationality", "unknown_code")),
        (2, 11, "<<<", ("nationality", "missing")),
        (2, 11, "U<O", ("nationality", "unknown_code")),
        (2, 1, "<<<<<<<<<", ("document_number", "missing")),
        (2, 1, "<12345678", ("document_number", "filler")),
        (1, 3, "BDR", ("issuer", "unknown_code")),
        (1, 3, "0TO", ("issuer", "characters")),
        (1, 1, "QP", ("document_code", "document_code")),
        (1, 1, "1P", ("document_code", "characters")),
        (1, 1, "P1", ("document_code", "characters")),
        (1, 6, "ER1KSSON", ("family_name", "characters")),
        (1, 16, "ANN4", ("given_names", "characters")),
    ],
)
def test_faults_by_field(line: int, column: int, text: str, fault: tuple[str, str]) -> None:
    found = [f for f in faults(changed(TD3, line, column, text)) if f[1] != "check_digit"]
    assert found == [fault]


def test_faults_say_what_was_read() -> None:
    details = {(f.field, f.code): f.detail for f in parsed(changed(TD3, 2, 11, "IBZ7413321Q")).faults}
    assert details["nationality", "unknown_code"] == "IBZ"
    assert details["birth_date", "date"] == "741332"
    assert details["sex", "sex"] == "Q"
    assert parsed(changed(TD3, 1, 1, "QX")).faults == (Fault("document_code", "document_code", "QX"),)


def test_an_unknown_code_is_shown_but_not_valid() -> None:
    mrz = parsed(changed(TD3, 1, 3, "BDR"))
    assert mrz.document.issuer == "BDR"
    assert not mrz.valid


@pytest.mark.parametrize("code", ["D<<", "RKS", "XXA", "GBD", "UNO"])
def test_own_codes_are_valid(code: str) -> None:
    mrz = parsed(changed(changed(TD3, 1, 3, code), 2, 11, code))
    assert mrz.valid
    assert mrz.document.issuer == mrz.document.nationality == code.rstrip("<")


@pytest.mark.parametrize(
    ("lines", "code", "legal"),
    [
        (TD3, "PD", True),
        (TD3, "P<", True),
        (TD3, "PV", True),  # only cards keep V from the second place
        (TD3, "I<", False),
        (TD3, "<P", False),
        (TD3, "<<", False),
        (TD1, "AC", True),
        (TD1, "C<", True),
        (TD1, "ID", True),
        (TD1, "IV", False),
        (TD1, "P<", False),
        (TD2, "AC", True),
        (TD2, "CV", False),
        (TD2, "X<", False),
        (TD2, "P<", False),
        (MRVA, "VC", True),
        (MRVB, "VV", True),
        (CHEDL, "XA", False),
    ],
)
def test_document_codes(lines: tuple[str, ...], code: str, legal: bool) -> None:
    line = 2 if lines is CHEDL else 1
    found = parsed(changed(lines, line, 1, code))
    assert found.document.document_code == (code.rstrip("<") or None)
    assert (("document_code", "document_code") not in [(f.field, f.code) for f in found.faults]) == legal


@pytest.mark.parametrize(("read", "sex"), [("M", Sex.MALE), ("F", Sex.FEMALE), ("X", Sex.X), ("<", Sex.UNSPECIFIED)])
def test_sexes(read: str, sex: Sex) -> None:
    mrz = parsed(changed(TD3, 2, 21, read))
    assert mrz.document.sex is sex
    assert mrz.valid


def test_an_unused_optional_field_of_a_passport_may_have_filler_or_zero_as_digit() -> None:
    for digit in "<0":
        lines = changed(TD3, 2, 29, "<" * 14 + digit + "8")
        mrz = parsed(lines)
        composite = mrz.check_digits[-1].computed
        mrz = parsed(changed(lines, 2, 44, composite))
        assert mrz.valid
        assert mrz.document.optional_data == ""
        assert mrz.check_digits[3] == CheckDigit("optional_data", 2, 43, digit, digit)
    wrong = changed(lines, 2, 43, "1")
    assert ("optional_data", "check_digit") in faults(wrong)


def test_a_used_optional_field_needs_its_digit_even_if_that_is_zero() -> None:
    lines = changed(TD3, 2, 29, "A" + "<" * 13)
    assert parsed(lines).check_digits[3].computed == "0"
    assert ("optional_data", "check_digit") in faults(changed(lines, 2, 43, "<"))


def test_only_a_card_may_go_without_expiry() -> None:
    for digit in "<0":
        lines = changed(TD1, 2, 9, "<" * 6 + digit)
        mrz = parsed(changed(lines, 2, 30, parsed(lines).check_digits[-1].computed))
        assert mrz.valid
        assert mrz.document.expiry_date == PartialDate("<<<<<<")
    assert ("expiry_date", "missing") not in faults(changed(TD2, 2, 22, "<<<<<<0"))
    for lines in (TD3, MRVA, MRVB):
        assert ("expiry_date", "missing") in faults(changed(lines, 2, 22, "<<<<<<0"))


def test_a_birth_all_unknown_keeps_its_digit() -> None:
    lines = changed(TD3, 2, 14, "<<<<<<0")
    mrz = parsed(changed(lines, 2, 44, parsed(lines).check_digits[-1].computed))
    assert mrz.valid
    assert mrz.document.birth_date == PartialDate("<<<<<<")
    assert ("birth_date", "check_digit") in faults(changed(lines, 2, 20, "<"))


def test_the_given_day_decides_the_century() -> None:
    early, late = (
        parse_mrz(changed(TD3, 2, 14, "300101"), day).document for day in (date(2029, 1, 1), date(2031, 1, 1))
    )
    assert (str(early.birth_date), str(late.birth_date)) == ("1930-01-01", "2030-01-01")
    assert str(parse_mrz(TD3, date(1990, 1, 1)).document.expiry_date) == "2012-04-15"


class TestLongNumbers:
    """Numbers over nine characters go on in the optional data of cards."""

    @pytest.mark.parametrize(("lines", "line", "column"), [(LONG_TD1, 1, 19), (LONG_TD2, 2, 32)], ids=["TD1", "TD2"])
    def test_joined_and_checked(self, lines: tuple[str, ...], line: int, column: int) -> None:
        mrz = parsed(lines)
        assert mrz.document.document_number == "D23145890734"
        assert mrz.document.optional_data == ""
        assert mrz.check_digits[0] == CheckDigit("document_number", line, column, "9", "9")
        assert mrz.valid
        assert mrz.document.family_name == "STEVENSON"

    def test_the_rest_of_the_optional_data_follows_a_filler(self) -> None:
        mrz = parsed(changed(LONG_TD1, 1, 20, "<AB<1"))
        assert mrz.document.document_number == "D23145890734"
        assert mrz.document.optional_data == "AB<1"

    def test_a_wrong_digit_shows(self) -> None:
        assert ("document_number", "check_digit") in faults(changed(LONG_TD1, 1, 19, "8"))

    @pytest.mark.parametrize("tail", ["<" * 15, "9" + "<" * 14, "73A" + "<" * 12, "1" * 15])
    def test_a_filler_as_digit_alone_makes_no_long_number(self, tail: str) -> None:
        mrz = parsed(changed(LONG_TD1, 1, 16, tail))
        assert mrz.document.document_number == "D23145890"
        assert mrz.document.optional_data == tail.rstrip("<")
        assert mrz.check_digits[0] == CheckDigit("document_number", 1, 15, "<", "7")

    def test_two_characters_are_enough(self) -> None:
        mrz = parsed(changed(LONG_TD1, 1, 16, "70<" + "<" * 12))
        assert mrz.document.document_number == "D231458907"
        assert mrz.check_digits[0].column == 17

    def test_a_short_number_with_filler_as_digit_is_not_joined(self) -> None:
        assert parsed(changed(LONG_TD1, 1, 14, "<<")).document.document_number == "D2314589"

    def test_a_number_with_its_digit_is_not_joined(self) -> None:
        assert parsed(changed(LONG_TD1, 1, 15, "7")).document.document_number == "D23145890"

    def test_passports_and_visas_have_none(self) -> None:
        for lines in (TD3, MRVA, MRVB):
            mrz = parsed(changed(changed(lines, 2, 9, "3<"), 2, 29, "7349<"))
            assert len(mrz.document.document_number or "") == 9
            assert mrz.check_digits[0].column == 10


class TestOtherLayouts:
    """The French card and the Swiss licence."""

    def test_the_french_composite_covers_both_lines(self) -> None:
        assert faults(changed(FRA2, 1, 31, "1")) == [(COMPOSITE, "check_digit")]
        assert faults(changed(FRA2, 2, 14, "D")) == [(COMPOSITE, "check_digit")]

    def test_french_given_names_are_two_fillers_apart(self) -> None:
        document = parsed(changed(FRA2, 2, 14, "ANNE<<MARIE<<<")).document
        assert document.given_names == "ANNE MARIE"
        assert not document.name_truncated

    def test_french_names_that_fill_their_field_may_be_cut(self) -> None:
        assert parsed(changed(FRA2, 2, 14, "ANNE<<MARIE<JO")).document.name_truncated
        assert parsed(changed(FRA2, 1, 6, "A" * 25)).document.name_truncated

    def test_french_department_and_office(self) -> None:
        assert parsed(changed(FRA2, 1, 31, "2A1012")).document.optional_data == "2A1012"

    def test_french_names_with_faults(self) -> None:
        assert ("given_names", "filler") in faults(changed(FRA2, 2, 14, "ANNE<<<MARIE<<"))
        assert ("family_name", "filler") in faults(changed(FRA2, 1, 6, "<BERTHIER"))
        assert ("family_name", "missing") in faults(changed(FRA2, 1, 6, "<" * 25))
        assert ("family_name", "characters") in faults(changed(FRA2, 1, 6, "B3RTHIER"))
        assert not parsed(changed(FRA2, 1, 6, "B3RTHIER")).document.family_name
        assert ("given_names", "characters") in faults(changed(FRA2, 2, 14, "C0RINNE"))
        assert not parsed(changed(FRA2, 2, 14, "C0RINNE")).document.given_names

    def test_a_french_card_of_the_new_kind_is_a_plain_card(self) -> None:
        assert parsed(changed(TD1, 1, 1, "IDFRA")).document.format is Format.TD1
        assert parsed(changed(TD2, 1, 1, "IDD<<")).document.format is Format.TD2

    @pytest.mark.parametrize(
        ("line", "column", "field"), [(1, 8, "optional_data"), (2, 18, "document_number"), (2, 30, "birth_date")]
    )
    def test_the_swiss_licence_keeps_its_fillers(self, line: int, column: int, field: str) -> None:
        assert faults(changed(CHEDL, line, column, "A")) == [(field, "filler")]


def bad(*lines: str) -> MrzError:
    with pytest.raises(MrzError) as caught:
        parse_mrz(lines, TODAY)
    assert "\n" not in str(caught.value)
    return caught.value


class TestRefusals:
    """What is no zone at all is refused with one clear line."""

    def test_no_line(self) -> None:
        assert bad().code == "empty"
        assert str(bad()).startswith("no line")

    @pytest.mark.parametrize("count", [1, 4, 9])
    def test_number_of_lines(self, count: int) -> None:
        error = bad(*["A" * 44] * count)
        assert (error.code, error.params) == ("line_count", {"count": str(count)})

    @pytest.mark.parametrize(
        ("lines", "line", "length", "expected"),
        [
            ((TD3[0], TD3[1][:-1]), 2, 43, 44),
            ((TD3[0][:-1], TD3[1]), 1, 43, 44),
            ((TD3[0], TD3[1] + "<"), 2, 45, 44),
            ((TD3[0][:38], TD3[1][:38]), 1, 38, 44),  # P is a passport
            ((TD2[0], TD2[1][:-1]), 2, 35, 36),
            ((TD2[0] + "<<<", TD2[1]), 1, 39, 36),
            ((TD2[0] + "<<<<", TD2[1]), 1, 40, 44),
            ((TD2[0], TD3[1]), 1, 36, 44),
            (("P" + TD2[0][1:], TD2[1][:-1]), 1, 36, 44),
            ((TD1[0], TD1[1], TD1[2][:-1]), 3, 29, 30),
            ((TD1[0][:10], TD1[1], TD1[2]), 1, 10, 30),
            ((CHEDL[0], CHEDL[1], CHEDL[2][:-1]), 3, 29, 30),
            ((TD3[0], "A" * 5000), 2, 5000, 44),
            (("", ""), 1, 0, 36),
        ],
    )
    def test_lengths(self, lines: tuple[str, ...], line: int, length: int, expected: int) -> None:
        error = bad(*lines)
        assert error.code == "line_length"
        assert error.params == {"line": str(line), "length": str(length), "expected": str(expected)}
        assert str(error) == f"line {line} has {length} characters instead of {expected}: type or read it again"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("é", "U+00E9 é"),
            ("😀", "U+1F600 😀"),
            ("a", "U+0061 a"),
            ("\x07", "U+0007"),
            (" ", "U+0020  "),
            ("\u0660", "U+0660 ٠"),
        ],
    )
    def test_characters(self, text: str, shown: str) -> None:
        error = bad(TD3[0], changed(TD3, 2, 5, text)[1])
        assert error.code == "character"
        assert error.params == {"line": "2", "column": "5", "character": shown}
        assert shown in str(error)

    def test_nothing_personal_in_the_message(self) -> None:
        for lines in ((TD3[0][:-1], TD3[1]), (TD3[0], TD3[1] + "!"), (TD3[0],)):
            assert "ERIKSSON" not in str(bad(*lines))
            assert "L898902C3" not in str(bad(*lines))


def test_the_values_can_be_kept_and_compared() -> None:
    assert parsed(TD3) == parsed(TD3)
    assert isinstance(parsed(TD3), Mrz)
    assert hash(parsed(TD3).document) == hash(parsed(TD3).document)
