"""The splitter: every way in which senders bend the signs, and what is never lost."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo.segments import INTERACTIVE, Interchange, Limits, Segment, iter_segments, split
from checkpoint_app.cargo.values import MessageError

UNB = "UNB+UNOA:4+MUSTER+POST+260310:0600+1'"


def tags(interchange: Interchange) -> list[str]:
    return [one.tag for one in interchange.segments]


def codes(interchange: Interchange) -> list[str]:
    return [fault.code for fault in interchange.faults]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("UNA:+.? 'UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'NAD+FL+++EJEMPLO:JUAN'", id="all six signs"),
        pytest.param("UNA:*.? $UNB*UNOA:4*A$UNH*1*PAXLST:D:05B$NAD*FL***EJEMPLO:JUAN$", id="others than usual"),
        pytest.param("UNA:-.? *UNB-UNOA:4-A*UNH-1-PAXLST:D:05B*NAD-FL---EJEMPLO:JUAN*", id="a dash and a star"),
        pytest.param("UNA:+\\*'UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'NAD+FL+++EJEMPLO:JUAN'", id="one sign too few"),
        pytest.param("UNA:+'UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'NAD+FL+++EJEMPLO:JUAN'", id="three signs too few"),
        pytest.param("UNA:+.? \u2019UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'NAD+FL+++EJEMPLO:JUAN'", id="a quote never used"),
        pytest.param(
            "UNA:+.? \u2019UNB+UNOA:4+A\u2019UNH+1+PAXLST:D:05B\u2019NAD+FL+++EJEMPLO:JUAN\u2019", id="a quote used"
        ),
        pytest.param("UNA:+\\*'\nUNB+UNOA:4+A'\nUNH+1+PAXLST:D:05B'\nNAD+FL+++EJEMPLO:JUAN'\n", id="few, lines"),
        pytest.param("UNA:+.?' UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'NAD+FL+++EJEMPLO:JUAN'", id="too few, and a blank"),
        pytest.param("UNA:+.? \r\nUNB+UNOA:4+A\r\nUNH+1+PAXLST:D:05B\r\nNAD+FL+++EJEMPLO:JUAN\r\n", id="lines are it"),
        pytest.param("UNA:+.? \nUNB+UNOA:4+A\nUNH+1+PAXLST:D:05B\nNAD+FL+++EJEMPLO:JUAN\n", id="line feeds are it"),
        pytest.param("UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'NAD+FL+++EJEMPLO:JUAN'", id="no service string"),
        pytest.param("UNB*UNOA;4*A~UNH*1*PAXLST;D;05B~NAD*FL***EJEMPLO;JUAN~", id="other signs, and no service string"),
        pytest.param("UNA:+.? ' UNB +UNOA:4+A' UNH+1+PAXLST:D:05B' \nNAD +FL+++EJEMPLO:JUAN '", id="blanks around"),
        pytest.param("UNB+UNOA:4+A'UNH+1+PAXLST:D\r\n:05B'N\r\nAD+FL+++EJEM\r\nPLO:JUAN'", id="lines broken anywhere"),
        pytest.param("QU POSTXX\r\n.MUSTER 100600\r\nUNA:+.? 'UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'NAD+FL+++EJEMPLO:JUAN'"),
        pytest.param("\ufeffUNA:+.? 'UNB+UNOA:4+A'UNH+1+PAXLST:D:05B'nad+FL+++EJEMPLO:JUAN'", id="a mark of UTF-8"),
    ],
)
def test_signs_are_found_whatever_the_service_string_says(message: str) -> None:
    found = split(message.encode())
    assert tags(found) == ["UNB", "UNH", "NAD"]
    last = found.segments[-1]
    assert (last.get(0), last.get(3), last.get(3, 1)) == ("FL", "EJEMPLO", "JUAN")
    assert next(found.messages()).version == "D:05B"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("O?'HIGGINS ?+ CIA", "O'HIGGINS + CIA"),
        ("T?+50", "T+50"),
        ("WHY??", "WHY?"),
        ("WHY???'", "WHY?'"),
        ("A?:B", "A:B"),
        ("A?B", "AB"),
    ],
)
def test_the_release_sign_is_honoured_once(sent: str, read: str) -> None:
    found = split(f"{UNB}UNH+1+PAXLST'FTX+AAA+++{sent}+NEXT'BGM+745'".encode())
    assert tags(found)[2:] == ["FTX", "BGM"]
    assert found.segments[2].get(3) == read
    assert found.segments[2].get(4) == "NEXT"


def test_a_backslash_may_be_the_release_sign_and_then_a_question_mark_is_text() -> None:
    found = split(b"UNA:+.\\ 'UNB+UNOA:4+A'UNH+1+PNRGOV:11:1'LTS+14\\:30 WHY?'")
    assert found.segments[-1].get(0) == "14:30 WHY?"


def test_a_blank_for_the_release_sign_means_that_there_is_none() -> None:
    assert split(b"UNA:+.  'UNB+UNOA:4+A'UNH+1+PAXLST'FTX+WHY?'").segments[-1].get(0) == "WHY?"


@pytest.mark.parametrize(
    ("syntax", "sent", "read", "readable"),
    [
        ("UNOA", "MUÑOZ".encode(), "MUÑOZ", True),
        ("UNOC", "MUÑOZ".encode("latin-1"), "MUÑOZ", True),
        ("UNOC", "MUÑOZ".encode(), "MUÑOZ", True),
        ("UNOE", "ИВАНОВ".encode("iso8859-5"), "ИВАНОВ", True),
        ("UNOA", "MUÑOZ".encode("cp1252"), "MUÑOZ", False),
        ("UNOA", b"MU\x87OZ", "MU‡OZ", False),
        ("UNOA", b"MU\x81OZ", "MU\x81OZ", False),
    ],
)
def test_letters_are_read_by_the_syntax_identifier_else_flagged(syntax, sent, read, readable) -> None:
    found = split(f"UNB+{syntax}:4+A'UNH+1+PAXLST'NAD+FL+++".encode() + sent + b"'BGM+745'")
    name = found.segments[2]
    assert name.get(3) == read
    assert name.unreadable is not readable
    assert (name.raw is None) is readable
    assert not found.segments[3].unreadable


def test_a_segment_with_too_many_elements_is_cut_and_named_and_the_rest_is_kept() -> None:
    found = split(f"{UNB}UNH+1+PAXLST'FTX{'+A' * 200}'FTX{'+A' * 201}'BGM+745'".encode())
    assert tags(found) == ["UNB", "UNH", "FTX", "FTX", "BGM"]
    assert [len(one.elements) for one in found.segments[2:4]] == [200, 200]
    assert [(one.code, one.where, one.tag) for one in found.faults] == [("too_many_elements", 4, "FTX")]


def test_what_is_no_segment_is_named_by_its_place_and_the_numbers_go_on() -> None:
    found = split(f"{UNB}UNH+1+PAXLST'13NOV09'BGM+745'UNZ+1+1'\r\nEND OF FILE".encode())
    assert [(one.code, one.where) for one in found.faults] == [("not_a_segment", 3), ("not_a_segment", 6)]
    assert [one.number for one in found.segments] == [1, 2, 4, 5]


def test_a_last_segment_that_is_cut_is_kept_and_named() -> None:
    found = split(f"{UNB}UNH+1+PAXLST'NAD+FL+++EJEM".encode())
    assert found.segments[-1].get(3) == "EJEM"
    assert codes(found) == ["not_terminated"]


def test_a_release_sign_at_the_very_end_takes_nothing_away_but_itself() -> None:
    last = split(f"{UNB}UNH+1+PAXLST'FTX+AAA+++EJEM?".encode()).segments[-1]
    assert (last.get(0), last.get(3)) == ("AAA", "EJEM")


def test_a_segment_that_never_ends_is_cut_and_named() -> None:
    found = split(f"{UNB}UNH+1+PAXLST'FTX+{'A' * 300_000}'BGM+745'".encode())
    assert tags(found)[-1] == "BGM"
    assert codes(found) == ["segment_too_long"]


@pytest.mark.parametrize(
    ("limits", "code"),
    [(Limits(bytes=60, segments=99), "too_large"), (Limits(bytes=9999, segments=3), "too_many_segments")],
)
def test_limits_are_kept(limits: Limits, code: str) -> None:
    with pytest.raises(MessageError) as caught:
        split(f"{UNB}UNH+1+PAXLST'BGM+745'BGM+745'BGM+745'".encode(), limits)
    assert caught.value.code == code
    assert caught.value.where


def test_messages_are_told_apart_though_their_ends_are_missing() -> None:
    found = split(f"{UNB}UNH+1+PAXLST:D:02B:UN'BGM+745'UNH+2+CUSCAR:D:96B:UN'BGM+85'UNT+3+2'UNZ+2+1'".encode())
    assert [(one.kind, one.version, one.declared, one.counted) for one in found.messages()] == [
        ("PAXLST", "D:02B", None, 3),
        ("CUSCAR", "D:96B", 3, 3),
    ]


def test_without_any_unh_the_group_names_the_kind() -> None:
    found = split(f"{UNB}UNG+PAXLST+A+B'BGM+745'UNE+1+1'".encode())
    assert [(one.kind, len(one.segments)) for one in found.messages()] == [("PAXLST", 1)]


def test_absent_places_are_none_and_blanks_are_collapsed() -> None:
    segment = Segment("NAD", (("FL",), ("  A   B ",), ("",)))
    assert (segment.get(1), segment.get(2), segment.get(3), segment.get(0, 5)) == ("A B", None, None, None)


_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
_segment = st.tuples(
    st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True).filter(lambda tag: tag not in {"UNA", "UNB"}),
    st.lists(st.lists(_text, min_size=1, max_size=4), max_size=6),
)


@given(st.lists(_segment, max_size=12), st.integers(1, 40))
def test_split_gives_back_what_was_joined(segments, size) -> None:
    def escaped(text: str) -> str:
        return "".join(f"?{sign}" if sign in "?+:'" else sign for sign in text)

    def written(tag: str, elements: list[list[str]]) -> str:
        return "+".join([tag, *(":".join(map(escaped, element)) for element in elements)]) + "'"

    data = (UNB + "".join(written(*one) for one in segments)).encode()
    found = list(iter_segments(_Slow(data, size), INTERACTIVE))
    assert [(one.tag, _stripped(one.elements)) for one in found[1:]] == [
        (tag, _stripped(tuple(map(tuple, elements)))) for tag, elements in segments
    ]


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_raise_anything_but_a_message_error(tail: bytes, headed: bool) -> None:
    try:
        found = split((UNB.encode() + b"UNH+1+PAXLST'" if headed else b"") + tail)
    except MessageError:
        assert not headed
    else:
        numbers = {one.number for one in found.segments}
        unread = {one.where for one in found.faults if one.code == "not_a_segment"}
        assert not numbers & unread
        assert numbers | unread == set(range(1, max(numbers | unread) + 1))


def test_signs_of_several_bytes_are_found_across_the_borders_of_what_is_read() -> None:
    body = "".join(f"FTX+AAA+++MUÑOZ {number}\u2019" for number in range(30_000))
    data = f"UNA:+.? \u2019UNB+UNOY:4+A\u2019UNH+1+PAXLST\u2019{body}".encode()
    assert len(data) > 2 * 256 * 1024
    found = list(iter_segments(BytesIO(data)))
    assert [one.get(3) for one in found[2:]] == [f"MUÑOZ {number}" for number in range(30_000)]


class _Slow(BytesIO):
    """Gives the head whole, then few bytes at a time, so that every border falls everywhere."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size: int | None = None
        self._next = size

    def read(self, _size: int | None = -1) -> bytes:
        size, self._size = self._size or len(UNB) + 1, self._next
        return super().read(size)


def _stripped(elements: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    """Blanks around a segment, and what is empty at its end, mean nothing."""
    kept = [list(element) for element in elements]
    if kept:
        kept[-1][-1] = kept[-1][-1].rstrip()
    return kept
