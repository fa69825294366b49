"""Licences and identity cards of the United States and Canada, as they are and as they should be."""

from datetime import date

import pytest

from checkpoint_app.documents import Sex
from checkpoint_app.documents.barcodes.aamva import Licence, is_aamva, parse_aamva
from checkpoint_app.documents.barcodes.errors import BarcodeError
from tests.documents.barcode_samples import make_aamva


def faults(data: bytes) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in parse_aamva(data).faults]


def day(licence: Licence, field: str) -> date | None:
    value = getattr(licence, field)
    return value.as_date() if value else None


@pytest.mark.parametrize("version", range(1, 11))
@pytest.mark.parametrize("kind", ["DL", "ID", "EN"])
def test_every_field_of_every_version(version: int, kind: str) -> None:
    one = parse_aamva(make_aamva(version=version, kind=kind))
    assert (one.kind, one.version, one.issuer_number, one.faults) == (kind, version, "636001", ())
    assert (one.number, one.family_name, one.given_names, one.suffix) == ("T64235789", "MUSTER", "ERIKA MARIA", None)
    assert day(one, "birth_date") == date(1974, 8, 12)
    assert day(one, "expiry_date") == date(2030, 12, 10)
    assert day(one, "issue_date") == date(2019, 6, 6)
    assert (one.sex, one.jurisdiction, one.country, one.discriminator) == (Sex.FEMALE, "NY", "USA", "24244747")
    truncated = (one.family_name_truncated, one.first_name_truncated, one.middle_name_truncated)
    assert truncated == (False, False, False)


def test_a_birth_date_is_equal_to_the_zone_s() -> None:
    assert parse_aamva(make_aamva()).birth_date.raw == "740812"  # type: ignore[union-attr]


def test_a_canadian_one() -> None:
    data = make_aamva({"DBB": "19740812", "DBA": "20301210", "DBD": "20190606", "DAJ": "ON", "DCG": "CAN"})
    one = parse_aamva(data)
    assert (day(one, "birth_date"), day(one, "expiry_date")) == (date(1974, 8, 12), date(2030, 12, 10))
    assert (one.country, one.jurisdiction, one.faults) == ("CAN", "ON", ())


@pytest.mark.parametrize(
    ("elements", "family", "given"),
    [
        ({"DCS": None, "DAC": None, "DAD": None, "DAA": "MUSTER,ERIKA,MARIA,JR"}, "MUSTER", "ERIKA MARIA"),
        ({"DCS": None, "DAB": "MUSTER", "DAC": "ERIKA", "DAD": "NONE"}, "MUSTER", "ERIKA"),
        ({"DAC": None, "DAD": None, "DCT": "ERIKA,MARIA"}, "MUSTER", "ERIKA MARIA"),
        ({"DAC": None, "DAD": None, "DCT": "ERIKA MARIA "}, "MUSTER", "ERIKA MARIA"),
        ({"DCS": "MU\xd1OZ"}, "MUÑOZ", "ERIKA MARIA"),
        ({"DCS": "MUÑOZ".encode().decode("latin-1")}, "MUÑOZ", "ERIKA MARIA"),
        ({"DAC": None, "DAD": None}, "MUSTER", None),
    ],
)
def test_names(elements: dict[str, str | None], family: str, given: str | None) -> None:
    one = parse_aamva(make_aamva(elements))
    assert (one.family_name, one.given_names, one.faults) == (family, given, ())


@pytest.mark.parametrize(
    ("code", "sex"),
    [("1", Sex.MALE), ("2", Sex.FEMALE), ("9", Sex.UNSPECIFIED), ("M", Sex.MALE), ("F", Sex.FEMALE), ("X", Sex.X)],
)
def test_sexes(code: str, sex: Sex) -> None:
    assert parse_aamva(make_aamva({"DBC": code})).sex is sex


def test_truncated_names() -> None:
    one = parse_aamva(make_aamva({"DDE": "T", "DDF": "U", "DDG": None}))
    assert (one.family_name_truncated, one.first_name_truncated, one.middle_name_truncated) == (True, None, None)


@pytest.mark.parametrize("moved", [-3, 1, 40, 9000 - 100])
def test_a_table_that_points_elsewhere(moved: int) -> None:
    data = make_aamva(moved=moved)
    one = parse_aamva(data)
    assert faults(data) == [("subfiles", "subfiles")]
    assert (one.number, one.family_name, one.kind) == ("T64235789", "MUSTER", "DL")


@pytest.mark.parametrize("length", ["0020", "0000", "9999"])
def test_a_length_that_cuts_elements_off(length: str) -> None:
    good = make_aamva()
    place = good.index(b"DL") + 6
    data = good[:place] + length.encode() + good[place + 4 :]
    assert faults(data) == [("subfiles", "subfiles")]
    assert parse_aamva(data).country == "USA"


def test_elements_of_the_jurisdiction_s_own_subfile_are_not_the_card_s() -> None:
    one = parse_aamva(make_aamva(other="ZNZNA01\nDAQOTHER"))
    assert (one.number, one.faults) == ("T64235789", ())


@pytest.mark.parametrize(
    "head", ["@\r\n\x1e\rANSI ", "@\n\x1c\rANSI ", "@\n\x1e\rAAMVA", "ANSI ", "@\n\rANSI ", "@\n\x1e\rANSI"]
)
def test_headers_that_are_seen(head: str) -> None:
    data = head.encode() + make_aamva()[9:]
    assert is_aamva(data)
    assert parse_aamva(data).number == "T64235789"


def test_no_table_at_all() -> None:
    one = parse_aamva(b"@\n\x1e\rANSI 6360010500\nDAQ123\nDCSMUSTER\nDBB08121974\r")
    assert (one.number, one.family_name, [fault.code for fault in one.faults]) == ("123", "MUSTER", ["subfiles"])


@pytest.mark.parametrize(
    ("elements", "fault"),
    [
        ({"DAQ": None}, ("number", "missing")),
        ({"DAQ": "T6?"}, ("number", "characters")),
        ({"DCS": None}, ("family_name", "missing")),
        ({"DBB": None}, ("birth_date", "missing")),
        ({"DBB": "NONE"}, ("birth_date", "missing")),
        ({"DBB": "13321974"}, ("birth_date", "date")),
        ({"DBA": "never"}, ("expiry_date", "date")),
        ({"DBC": "7"}, ("sex", "sex")),
        ({"DCG": "U5A"}, ("country", "characters")),
        ({"DAJ": "N"}, ("jurisdiction", "characters")),
        ({"DCF": "1\nDBB01011990"}, ("birth_date", "duplicate")),
    ],
)
def test_a_bad_element_is_named_and_the_rest_kept(elements: dict[str, str | None], fault: tuple[str, str]) -> None:
    data = make_aamva(elements)
    assert faults(data) == [fault]
    assert parse_aamva(data).given_names == "ERIKA MARIA"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"@\n\x1e\rANSI 636001100001", "no_elements"), (make_aamva()[:44], "no_elements"), (b"@", "header")],
)
def test_what_is_broken_beyond_use(data: bytes, code: str) -> None:
    with pytest.raises(BarcodeError) as caught:
        parse_aamva(data)
    assert caught.value.code == code
