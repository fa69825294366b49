"""What barcodes say, whatever they hold: a value, nothing, or the one error; and never for long."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.documents.barcodes.aamva import AAMVA_FAULT_CODES, Licence
from checkpoint_app.documents.barcodes.bcbp import BCBP_FAULT_CODES, BoardingPass
from checkpoint_app.documents.barcodes.content import MOST_BYTES, BarcodeContent, content_of
from checkpoint_app.documents.barcodes.errors import BARCODE_ERROR_CODES, BarcodeError
from checkpoint_app.documents.barcodes.seals import verify
from checkpoint_app.documents.barcodes.vds import SEAL_FAULT_CODES, Seal
from checkpoint_app.documents.barcodes.vds_nc import SEAL_NC_FAULT_CODES, SealNc
from tests.documents.barcode_samples import (
    NOW,
    TODAY,
    make_aamva,
    make_authority,
    make_bcbp,
    make_conditional,
    make_issuer,
    make_leg,
    make_vds,
    make_vds_nc,
    signers_of,
)

AUTHORITY = make_authority()
SIGNER = make_issuer()
KNOWN = signers_of(AUTHORITY, SIGNER)
SAMPLES = {
    BoardingPass: make_bcbp(legs=[make_leg(conditional=make_conditional("1WW6225BXX ", "0141234567890")), make_leg()]),
    Licence: make_aamva(),
    Seal: make_vds(SIGNER),
    SealNc: make_vds_nc(make_issuer(above=AUTHORITY)),
}
FAULT_CODES = {
    BoardingPass: BCBP_FAULT_CODES, Licence: AAMVA_FAULT_CODES, Seal: SEAL_FAULT_CODES, SealNc: SEAL_NC_FAULT_CODES
}  # fmt: skip
FORMATS = st.sampled_from(["PDF417", "Aztec", "QR Code", "Data Matrix", "Code 128", ""])
HEADS = [
    b"\xdc\x03",
    b"\xdc\x02",
    b"@\n\x1e\rANSI 63600110",
    b"M1MUSTER/ERIKA        E",
    b'{"data":{"hdr":',
    b'{"sigvl":',
]
ANYTHING = st.binary(max_size=300) | st.tuples(st.sampled_from(HEADS), st.binary(max_size=300)).map(b"".join)


def said(format_: str, data: bytes, today: date) -> BarcodeContent | BarcodeError | None:
    """Return what the barcode says, or the error that it raises; others pass through."""
    try:
        return content_of(format_, data, today)
    except BarcodeError as error:
        return error


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good sample with pieces of it changed, taken out, or doubled."""
    data = draw(st.sampled_from(list(SAMPLES.values())))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 20)))
        put = draw(st.binary(max_size=6) | st.sampled_from([data[start:end] * 2, b"FF", b"00", b"\xff", b"\n", b'"']))
        data = data[:start] + put + data[end:]
    return data


@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
def test_each_kind_is_told_by_its_bytes(kind: type) -> None:
    value = content_of("QR Code", SAMPLES[kind], TODAY)
    assert isinstance(value, kind)
    assert value.faults == ()


@pytest.mark.parametrize("data", [b"", b"https://example.org", b"WIFI:S:x;;", b"\xff\xfe", b'{"shop":1}', b"12345678"])
def test_what_is_of_no_kind(data: bytes) -> None:
    assert content_of("QR Code", data, TODAY) is None


def test_codes_of_lines_are_of_no_kind() -> None:
    assert content_of("Code 128", SAMPLES[BoardingPass], TODAY) is None
    assert content_of("EAN-13", SAMPLES[Licence], TODAY) is None


def test_what_is_too_long_for_a_barcode() -> None:
    with pytest.raises(BarcodeError) as caught:
        content_of("QR Code", bytes(MOST_BYTES + 1), TODAY)
    assert caught.value.code == "too_long"
    assert content_of("QR Code", bytes(MOST_BYTES), TODAY) is None


def test_every_error_is_a_line_that_says_nothing_of_the_holder() -> None:
    for code in BARCODE_ERROR_CODES:
        text = str(BarcodeError(code, "field"))
        assert text.startswith("barcode: field ")
        assert "\n" not in text


@settings(max_examples=600)
@given(FORMATS, ANYTHING | damaged(), st.dates())
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_anything_is_a_value_or_nothing_or_the_one_error(format_: str, data: bytes, today: date) -> None:
    started = time.process_time()
    value = said(format_, data, today)
    if isinstance(value, Seal | SealNc):
        verify(value, KNOWN, NOW)
    if isinstance(value, BarcodeError):
        assert value.code in BARCODE_ERROR_CODES
        assert "MUSTER" not in str(value)
    elif value is not None:
        assert {fault.code for fault in value.faults} <= set(FAULT_CODES[type(value)])
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(
    "filler", [b"\x00", b"[", b'{"a":', b"9", b"\n", b"DL", b"DAQ1\n", b"\x01\x00", b"ZZ00000000", b"/"]
)
def test_the_longest_of_anything_takes_no_time(head: bytes, filler: bytes) -> None:
    data = (head + filler * MOST_BYTES)[:MOST_BYTES]
    started = time.process_time()
    said("QR Code", data, TODAY)
    assert time.process_time() - started < 0.5
