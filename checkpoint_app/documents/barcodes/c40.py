"""C40: three characters in two bytes, as seals write text (Doc 9303-13 appendix, after ISO/IEC 16022).

Only its basic set is used there: space, digits, capital letters. Shifts to other sets are no text of a seal.
"""

from __future__ import annotations

C40_CHARACTERS = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIRST_VALUE = 3  # 0 to 2 are the shifts
_PADDING = 0
_UNLATCH = 0xFE
_ASCII_OFFSET = 1


class C40Error(ValueError):
    """Bytes that are no such text, or a text that has no such bytes."""


def decode_c40(data: bytes) -> str:
    """Return the text. Raises C40Error; what is accepted is exactly what ``encode_c40`` writes for some text."""
    if len(data) % 2:
        raise C40Error
    last = len(data) - 2
    return "".join(_pair(data[at], data[at + 1], last=at == last) for at in range(0, len(data), 2))


def encode_c40(text: str) -> bytes:
    """Return the bytes of ``text``; a filler is written as a space. Raises C40Error on other characters."""
    values = [C40_CHARACTERS.find(character) + _FIRST_VALUE for character in text.replace("<", " ")]
    if values and min(values) < _FIRST_VALUE:
        raise C40Error
    whole = len(values) - len(values) % 3
    pairs = [_packed(values[at : at + 3]) for at in range(0, whole, 3)]
    rest = values[whole:]
    if len(rest) == 2:
        pairs.append(_packed([*rest, _PADDING]))
    elif rest:
        pairs.append(bytes((_UNLATCH, ord(C40_CHARACTERS[rest[0] - _FIRST_VALUE]) + _ASCII_OFFSET)))
    return b"".join(pairs)


def _packed(values: list[int]) -> bytes:
    return (1600 * values[0] + 40 * values[1] + values[2] + 1).to_bytes(2, "big")


def _pair(high: int, low: int, *, last: bool) -> str:
    if high == _UNLATCH:
        return _single(low, last=last)
    packed = (high << 8 | low) - 1
    if not 0 <= packed < 64_000:
        raise C40Error
    values = [packed // 1600, packed // 40 % 40, packed % 40]
    if last and values[2] == _PADDING:
        values.pop()
    if min(values) < _FIRST_VALUE:
        raise C40Error
    return "".join(C40_CHARACTERS[value - _FIRST_VALUE] for value in values)


def _single(low: int, *, last: bool) -> str:
    """Return the one character left over, which stands in the ASCII encoding of the symbology."""
    character = chr(low - _ASCII_OFFSET) if low else ""
    if not last or not character or character not in C40_CHARACTERS:
        raise C40Error
    return character
