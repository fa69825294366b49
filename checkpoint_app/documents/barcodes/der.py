"""As much of DER (ITU-T X.690) as it takes to find a public key in a certificate. Bounds are checked."""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, BIT_STRING, OCTETS, OID, SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30


class DerError(ValueError):
    """Bytes that are not what is looked for."""


@dataclass(frozen=True, slots=True)
class Item:
    """One element: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def items(self) -> list[Item]:
        """Return what a sequence holds. Raises DerError."""
        if self.tag != SEQUENCE:
            raise DerError
        return items_of(self.content)

    def number(self) -> int:
        """Return a positive integer's value. Raises DerError."""
        if self.tag != INTEGER or not self.content or self.content[0] & 0x80:
            raise DerError
        return int.from_bytes(self.content, "big")


def items_of(data: bytes) -> list[Item]:
    """Return the elements that ``data`` is made of. Raises DerError where it is not, to the last byte."""
    found = []
    at = 0
    while at < len(data):
        item = _item(data, at)
        found.append(item)
        at += len(item.whole)
    return found


def _item(data: bytes, at: int) -> Item:
    if len(data) < at + 2 or data[at] & 0x1F == 0x1F:
        raise DerError
    head, start = data[at + 1], at + 2
    if head & 0x80:
        width = head & 0x7F
        if not 0 < width <= 4 or len(data) < start + width:
            raise DerError
        length = int.from_bytes(data[start : start + width], "big")
        start += width
    else:
        length = head
    if len(data) < start + length:
        raise DerError
    return Item(data[at], data[start : start + length], data[at : start + length])
