"""The zone in a chip: data group 1 (ICAO Doc 9303-10 §4.7.1), whose lines go the same way as those that are typed."""

from __future__ import annotations

from checkpoint_app.documents.errors import MrzError
from checkpoint_app.documents.glued import split_lines

_DG1, _MRZ = b"\x61", b"\x5f\x1f"
_LENGTHS = (90, 72, 88)  # TD1, TD2, TD3: Doc 9303-10 table of §4.7.1
_LARGEST = 110  # the largest, with the longest headers that are legal
_LONG_FORM = 0x80
_MOST_LENGTH_BYTES = 4


class Dg1Error(ValueError):
    """Bytes that are no data group 1. The message is one clear line without any personal data."""


def lines_of_dg1(data: bytes) -> tuple[str, ...]:
    """Return the lines in the file EF.DG1, ready for `parse_mrz`: tag 61, in it tag 5F1F with 90, 72 or 88 characters.

    Nothing may come before, between or after them. Raises Dg1Error where the bytes are no such file, and MrzError
    where what it holds is no zone.
    """
    if len(data) > _LARGEST:
        raise Dg1Error(f"{len(data)} bytes are too many for a data group 1, which has 95 at most: read the chip again")
    zone = _value(_value(data, _DG1), _MRZ)
    if len(zone) not in _LENGTHS:
        raise Dg1Error(f"data group 1 holds {len(zone)} characters; a zone has 90, 72 or 88: read the chip again")
    try:
        text = zone.decode("ascii")
    except UnicodeDecodeError as error:
        raise Dg1Error(f"data group 1 holds a byte above 7F at place {error.start + 1}: read the chip again") from None
    if not all("!" <= character <= "~" for character in text):  # no space or control character may shorten the lines
        raise MrzError("glued_length", "data group 1 holds spaces or control characters", length=str(len(zone)))
    return split_lines(text)


def _value(data: bytes, tag: bytes) -> bytes:
    """Return the value of the one object that ``data`` is, of ``tag``; its length in any form of BER (X.690 §8.1.3)."""
    name = tag.hex().upper()
    if not data.startswith(tag):
        raise Dg1Error(f"data group 1 has no tag {name} where it has to stand: read the chip again")
    body = data[len(tag) :]
    if not body:
        raise Dg1Error(f"data group 1 ends after tag {name}: read the chip again")
    first, rest = body[0], body[1:]
    length = first
    if first >= _LONG_FORM:
        count = first - _LONG_FORM
        if not 1 <= count <= _MOST_LENGTH_BYTES or len(rest) < count:
            raise Dg1Error(f"the length after tag {name} is none of a data group 1: read the chip again")
        length, rest = int.from_bytes(rest[:count], "big"), rest[count:]
    if length != len(rest):
        raise Dg1Error(f"tag {name} says {length} bytes, and {len(rest)} follow: read the chip again")
    return rest
