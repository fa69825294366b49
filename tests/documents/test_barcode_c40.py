"""C40, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents.barcodes.c40 import C40_CHARACTERS, C40Error, decode_c40, encode_c40

TEXTS = st.text(alphabet=C40_CHARACTERS, max_size=80)


@pytest.mark.parametrize(("text", "coded"), [("XK CD", "eb0466a9"), ("XKCD", "eb11fe45"), ("", ""), ("D  ", "6abc")])
def test_the_examples_of_the_standards(text: str, coded: str) -> None:
    assert encode_c40(text).hex() == coded
    assert decode_c40(bytes.fromhex(coded)) == text


def test_a_filler_is_written_as_a_space() -> None:
    assert encode_c40("D<<") == encode_c40("D  ")


@given(TEXTS)
def test_a_text_comes_back(text: str) -> None:
    assert decode_c40(encode_c40(text)) == text
    assert len(encode_c40(text)) == -(-len(text) // 3) * 2


@given(st.binary(max_size=40) | TEXTS.map(encode_c40))
def test_bytes_that_are_a_text_are_what_it_is_written_as(data: bytes) -> None:
    try:
        text = decode_c40(data)
    except C40Error:
        return
    assert encode_c40(text) == data


@pytest.mark.parametrize(
    "coded",
    [
        "eb",  # half a pair
        "0000",  # no triple
        "fa01",  # beyond the last triple
        "fe45eb04",  # one character left over, and more after it
        "fe00",
        "fe62",  # a small letter
        "5a01eb04",  # padded in the middle
        "0059",  # a shift
    ],
)
def test_what_is_no_text_is_refused(coded: str) -> None:
    with pytest.raises(C40Error):
        decode_c40(bytes.fromhex(coded))


@pytest.mark.parametrize("text", ["a", "Ä", "A-B", "\n"])
def test_what_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(C40Error):
        encode_c40(text)
