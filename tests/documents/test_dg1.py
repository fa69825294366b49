"""Data group 1 of a chip: its lines, and everything that it can't be."""

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import Format, MrzError, parse_mrz
from checkpoint_app.documents.dg1 import Dg1Error, lines_of_dg1
from tests.documents.helpers import SPECIMENS, TODAY

ON_CHIPS = [Format.TD1, Format.TD2, Format.TD3]


def ber(tag: bytes, value: bytes, form: int = 0) -> bytes:
    """Return an object with its length in the short form, or in the long one with ``form`` bytes."""
    length = bytes([len(value)]) if form == 0 else bytes([0x80 + form]) + len(value).to_bytes(form, "big")
    return tag + length + value


def dg1(zone: bytes, outer: int = 0, inner: int = 0) -> bytes:
    return ber(b"\x61", ber(b"\x5f\x1f", zone, inner), outer)


def glued(format_: Format) -> bytes:
    return "".join(SPECIMENS[format_]).encode()


@pytest.mark.parametrize("format_", ON_CHIPS)
@pytest.mark.parametrize(("outer", "inner"), [(0, 0), (1, 0), (1, 1), (2, 2), (4, 4)])
def test_the_lines_of_each_size(format_: Format, outer: int, inner: int) -> None:
    assert lines_of_dg1(dg1(glued(format_), outer, inner)) == SPECIMENS[format_]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no tag 61"),
        (b"\x60\x00", "no tag 61"),
        (b"\x61", "ends after tag 61"),
        (b"\x61\x80", "the length after tag 61"),  # indefinite
        (b"\x61\x85\x00\x00\x00\x00\x00", "the length after tag 61"),
        (b"\x61\x84\xff\xff\xff", "the length after tag 61"),
        (b"\x61\x84\xff\xff\xff\xff", "says 4294967295 bytes, and 0 follow"),
        (b"\x61\x00", "no tag 5F1F"),
        (b"\x61\x02\x5f\x1f", "ends after tag 5F1F"),
        (b"\x61\x03\x5f\x1f\x00", "holds 0 characters"),
        (dg1(b"A" * 89), "holds 89 characters"),
        (dg1("".join(SPECIMENS[Format.CHEDL]).encode()), "holds 69 characters"),
        (dg1(glued(Format.TD3)) + b"\x00", "says 91 bytes, and 92 follow"),
        (ber(b"\x61", ber(b"\x5f\x1f", glued(Format.TD3)) + b"\x90\x00"), "tag 5F1F says 88 bytes, and 90 follow"),
        (dg1(glued(Format.TD3))[:-1], "says 91 bytes, and 90 follow"),
        (dg1(b"\xc3\x91" + glued(Format.TD3)[2:]), "above 7F at place 1"),
        (b"\x61" * 111, "too many"),
    ],
)
def test_what_is_no_data_group_1(data: bytes, told: str) -> None:
    with pytest.raises(Dg1Error, match=told) as caught:
        lines_of_dg1(data)
    assert "\n" not in str(caught.value)


def test_no_character_may_shorten_the_lines() -> None:
    """88 characters with spaces in them are not the 72 of a smaller zone."""
    padded = glued(Format.TD2) + b" " * 16
    for zone in (padded, padded.replace(b" ", b"\r"), padded.replace(b" ", b"\x02")):
        with pytest.raises(MrzError):
            lines_of_dg1(dg1(zone))


def test_characters_of_no_zone() -> None:
    with pytest.raises(MrzError) as caught:
        lines_of_dg1(dg1(b"?" + glued(Format.TD3)[1:]))
    assert caught.value.code == "character"


@given(st.binary(max_size=120))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises((Dg1Error, MrzError)):
        lines_of_dg1(data)


@given(st.sampled_from(ON_CHIPS), st.integers(0, 94), st.integers(0, 255), st.booleans())
def test_one_byte_changed_gives_other_characters_or_a_refusal(format_: Format, at: int, byte: int, cut: bool) -> None:
    good = bytearray(dg1(glued(format_)))
    at %= len(good)
    changed = bytes(good[:at]) if cut else bytes(good[:at]) + bytes([byte]) + bytes(good[at + 1 :])
    try:
        lines = lines_of_dg1(changed)
    except (Dg1Error, MrzError) as error:
        told = str(error)
    else:
        told = ""
        assert "".join(lines).encode().lower() == changed[5:].lower()
    assert "\n" not in told
    assert "ERIKSSON" not in told


@pytest.mark.data
def test_the_chips_of_the_reference_data() -> None:
    folder = os.environ.get("CHECKPOINT_DATA")
    chips = Path(folder or "missing") / "chip"
    manifest = chips / "MANIFEST.tsv"
    if not manifest.exists():
        pytest.skip("reference data not here: set CHECKPOINT_DATA to its folder")
    with manifest.open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    samples = [path for path in paths if path.endswith(("/DG1.bin", "Datagroup1.bin"))]
    assert len(samples) > 20
    for path in samples:
        mrz = parse_mrz(lines_of_dg1((chips / path).read_bytes()), TODAY)
        assert all(digit.ok for digit in mrz.check_digits), path
    bsi = parse_mrz(lines_of_dg1((chips / "bsi-tr03105" / "Datagroup1.bin").read_bytes()), TODAY)
    assert (bsi.document.format, bsi.document.document_number) == (Format.TD3, "C11T002JM")
    assert (bsi.document.family_name, bsi.document.given_names) == ("MUSTERMANN", "ERIKA")
