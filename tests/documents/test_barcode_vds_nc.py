"""VDS-NC: strict JSON, its canonical form, and what it says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import PartialDate, Sex
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.strict_json import MOST_LEVELS, canonical, read_json
from checkpoint_app.documents.barcodes.vds_nc import SealedPerson, SealNc, parse_vds_nc
from tests.documents.barcode_samples import MESSAGE, make_authority, make_issuer, make_vds_nc

SIGNER = make_issuer(above=make_authority())
GOOD = make_vds_nc(SIGNER)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def read(data: bytes) -> SealNc:
    seal = parse_vds_nc(data)
    assert seal is not None
    return seal


def changed(**parts: Any) -> bytes:
    """The good seal's message with ``parts`` in the person's place."""
    return make_vds_nc(SIGNER, MESSAGE | {"pid": MESSAGE["pid"] | parts})  # type: ignore[operator]


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(BarcodeError) as caught:
        parse_vds_nc(data)
    return caught.value.code, caught.value.field


def test_what_it_says() -> None:
    seal = read(GOOD)
    assert (seal.type, seal.version, seal.issuer, seal.identifier) == ("icao.vacc", 1, "UTO", "U32870")
    assert seal.person == SealedPerson("MUSTER ERIKA", PartialDate("740812", 1974, 8, 12), "L898902C3", Sex.FEMALE)
    assert (seal.algorithm, seal.certificate, len(seal.signature), seal.faults) == ("ES256", SIGNER.der, 64, ())
    assert seal.message["ve"][0]["vd"][0]["seq"] == 1


def test_what_is_signed_is_the_canonical_form_whatever_the_order_and_spaces() -> None:
    value = json.loads(GOOD)
    turned = {"sig": value["sig"], "data": {"msg": value["data"]["msg"], "hdr": value["data"]["hdr"]}}
    assert read(json.dumps(turned, indent=2).encode()).signed == read(GOOD).signed
    assert read(GOOD).signed.startswith(b'{"hdr":{"is":"UTO","t":"icao.vacc","v":1},"msg":{"pid":{"dob":')


def test_a_test_s_person_is_named_by_the_number_of_a_document() -> None:
    seal = read(make_vds_nc(SIGNER, {"utci": "T1", "pid": {"n": "MUSTER", "dt": "P", "dn": "X12"}}, "icao.test"))
    assert (seal.identifier, seal.person) == ("T1", SealedPerson("MUSTER", None, "X12", None))


def test_a_message_about_nobody() -> None:
    seal = read(make_vds_nc(SIGNER, {"id": "A1"}, "icao.dta"))
    assert (seal.person, seal.identifier, seal.faults) == (None, None, ())


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"dob": "1974-13-01"}, ("person.birth_date", "date")),
        ({"dob": 1974}, ("person.birth_date", "characters")),
        ({"sex": "W"}, ("person.sex", "sex")),
        ({"n": ""}, ("person.name", "missing")),
        ({"i": ["L"]}, ("person.document_number", "characters")),
    ],
)
def test_a_bad_element_is_named_and_the_rest_kept(parts: dict[str, Any], fault: tuple[str, str]) -> None:
    seal = read(changed(**parts))
    assert [(one.field, one.code) for one in seal.faults] == [fault]
    assert seal.identifier == "U32870"


def test_an_issuer_on_no_list() -> None:
    faults = read(make_vds_nc(SIGNER, country="ZZ")).faults
    assert [(one.field, one.code) for one in faults] == [("issuer", "unknown_code")]


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        (b'"v":1', b'"v":1,"v":1', ("duplicate_key", "seal")),
        (b'"v":1', b'"v":1.0', ("number", "seal")),
        (b'"v":1', b'"v":NaN', ("number", "seal")),
        (b'"v":1', b'"v":-Infinity', ("number", "seal")),
        (b'"v":1', b'"v":9007199254740992', ("number", "seal")),
        (b'"v":1', b'"v":' + b"9" * 5000, ("number", "seal")),
        (b'"v":1', b'"v":true', ("missing", "v")),
        (b'"v":1', b'"v":"1"', ("missing", "v")),
        (b'"MUSTER ERIKA"', b'"\\ud800"', ("json", "seal")),
        (b'"MUSTER ERIKA"', b'"\xff"', ("json", "seal")),
        (b'"MUSTER ERIKA"', b'"MUSTER\nERIKA"', ("json", "seal")),
        (b'"MUSTER ERIKA"', b"[" * 40 + b"]" * 40, ("json", "seal")),
        (b'"hdr"', b'"hdx"', ("missing", "hdr")),
        (b'"cer":"', b'"cer":"*', ("missing", "cer")),
        (b'"sigvl":"', b'"sigvl":"AAA', ("missing", "sigvl")),
        (b'"alg"', b'"alx"', ("missing", "alg")),
        (b"}}", b"}", ("json", "seal")),
    ],
)
def test_what_two_programs_could_read_in_two_ways_is_refused(old: bytes, new: bytes, refused: tuple[str, str]) -> None:
    assert old in GOOD
    assert refusal(GOOD.replace(old, new)) == refused


def test_one_signature_has_one_text_but_for_padding_and_alphabet() -> None:
    value = json.loads(GOOD)
    text = value["sig"]["sigvl"]
    value["sig"]["sigvl"] = text.replace("-", "+").replace("_", "/") + "=="
    assert read(json.dumps(value).encode()).signature == read(GOOD).signature
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    value["sig"]["sigvl"] = text[:-1] + alphabet[alphabet.index(text[-1]) + 1]  # bits that no byte has
    assert refusal(json.dumps(value).encode()) == ("missing", "sigvl")


def test_deep_nesting_is_refused_without_a_traceback() -> None:
    data = b'{"sigvl":' + b"[" * 8000
    assert refusal(data) == ("json", "seal")
    assert parse_vds_nc(b"[" * 8000) is None
    assert parse_vds_nc(b'{"a":' * 1600) is None


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b'{"data":{}}', b"[]", b"https://example.org", b'{"data":1.5,"sig":1}']
)
def test_what_is_none(data: bytes) -> None:
    assert parse_vds_nc(data) is None


def test_the_most_levels() -> None:
    deep = b"[" * MOST_LEVELS + b"]" * MOST_LEVELS
    assert read_json(deep, "seal") is not None
    with pytest.raises(BarcodeError):
        read_json(b"[" + deep + b"]", "seal")
    named = b'{"a":' * (MOST_LEVELS - 1) + b"{}" + b"}" * (MOST_LEVELS - 1)
    assert read_json(named, "seal") is not None
    with pytest.raises(BarcodeError):
        read_json(b'{"a":' + named + b"}", "seal")


@given(JSON)
def test_the_canonical_form_says_the_same(value: Any) -> None:
    data = canonical(value)
    assert read_json(data, "seal") == value
    assert canonical(read_json(json.dumps(value, indent=1).encode(), "seal")) == data


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"\u20ac": 1, "\r": 2, "1": 3, "\x80": 4, "ö": 5, "\ufb33": 6, "\U0001f600": 7},
            "\r1\x80ö\u20ac\U0001f600\ufb33",
        ),
    ],
)
def test_names_are_in_the_order_of_their_utf_16_units(value: dict[str, int], expected: str) -> None:
    # The example of RFC 8785 §3.2.3.
    assert "".join(json.loads(canonical(value))) == expected


def test_texts_are_written_as_ecmascript_does() -> None:
    assert (
        canonical('\u20ac$\x0f\nA\'B"\\\\"/\x7f\t\b\f')
        == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\\t\\b\\f"'.encode()
    )
    assert canonical({"b": [True, None, -1], "a": {}}) == b'{"a":{},"b":[true,null,-1]}'
