"""One text to lines: wedges, data groups, pasted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import Format, MrzError, parse_mrz, split_lines
from tests.documents.helpers import CHEDL, MRVB, SPECIMENS, TD1, TD3, TODAY, refused


@pytest.mark.parametrize("separator", ["\n", "\r", "\r\n", "\t", "", "\n\n", "\r\n\r\n", " \n "])
@pytest.mark.parametrize("format_", list(Format))
def test_every_way_to_part_lines(format_: Format, separator: str) -> None:
    lines = SPECIMENS[format_]
    assert split_lines(separator.join(lines)) == lines
    assert split_lines(separator.join(lines) + "\r\n") == lines


def test_lower_case_and_spaces() -> None:
    assert split_lines("p<uto eriksson<<anna<maria<<<<<<<<<<<<<<<<<<<\n " + TD3[1].lower()) == TD3
    assert split_lines("\u00a0" + "".join(TD1).lower() + "  ") == TD1


def test_frame_marks_of_serial_readers() -> None:
    assert split_lines("\x02" + "\r".join(MRVB) + "\x03") == MRVB


def refusal(text: str) -> MrzError:
    with pytest.raises(MrzError) as caught:
        split_lines(text)
    return caught.value


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\t\r\n", "\x02\x03"])
def test_nothing(text: str) -> None:
    assert refusal(text).code == "empty"


@pytest.mark.parametrize("length", [1, 44, 68, 70, 71, 73, 87, 89, 91, 100])
def test_one_piece_of_no_length_of_a_zone(length: int) -> None:
    error = refusal("A" * length)
    assert error.code == "glued_length"
    assert error.params == {"length": str(length)}
    assert f"{length} characters" in str(error)


def test_too_much() -> None:
    assert refusal("A" * 401).code == "too_long"
    assert "401" in str(refusal("A" * 401))
    assert split_lines("\n".join(TD3) + " " * (400 - 89)) == TD3


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("😀", 1, 1),
        (TD3[0] + "\n" + TD3[1][:-1] + "😀", 2, 44),
        ("P«UTO", 1, 2),
        ("ı" * 88, 1, 1),  # no letter of a zone, though its capital is
        ("ß" * 88, 1, 1),
        ("\u0661" * 88, 1, 1),
        ("P\u200b", 1, 2),
    ],
)
def test_characters_that_no_zone_holds(text: str, line: int, column: int) -> None:
    error = refusal(text)
    assert error.code == "character"
    assert (error.params["line"], error.params["column"]) == (str(line), str(column))


def test_parted_lines_are_never_parted_anew() -> None:
    assert refusal(TD3[0] + "<\n" + TD3[1][:-1]).code == "line_length"


def test_the_swiss_licence_in_one_piece() -> None:
    assert split_lines("".join(CHEDL)) == CHEDL


ZONE = st.text(alphabet="ABCPVIDFR0123456789<< \n\r\tabc", max_size=130)


@given(st.text(max_size=450) | ZONE)
def test_any_text_gives_lines_of_a_format_or_one_clear_line(text: str) -> None:
    error = refused(split_lines, text)
    if error is None:
        lines = split_lines(text)
        assert parse_mrz(lines, TODAY).lines == lines
    else:
        assert "\n" not in error


@given(st.sampled_from([88, 90, 72, 69]).flatmap(lambda n: st.text(alphabet="APV1<", min_size=n, max_size=n)))
def test_one_piece_loses_nothing(text: str) -> None:
    assert "".join(split_lines(text)) == text
