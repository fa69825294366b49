"""The text of a slip, as its code holds it and a reader types it: letters and digits only (Base32, RFC 4648 §6).

Apart from `slip`, so that whoever only has to know it when it comes need not load what verifies it.
"""

from __future__ import annotations

import base64
import binascii

SLIP_BYTES = 124
PREFIX = "CKPSLIP1"
TEXT_LENGTH = len(PREFIX) + 199


def slip_text(data: bytes) -> str:
    """Return the text of a slip's bytes, as its code holds it and a reader types it: ``TEXT_LENGTH`` characters."""
    return PREFIX + base64.b32encode(data).decode().rstrip("=")


def claims_slip(text: str) -> bool:
    """Tell whether a text says that it is a slip, whole or not."""
    return text.strip().upper().startswith(PREFIX)


def read_slip_text(text: str) -> bytes | None:
    """Return the bytes of a slip's text, in either case and with blanks around it; None for any other text."""
    text = text[: 2 * TEXT_LENGTH].strip()
    if not text.isascii():  # before it is raised: some other letters have capitals of ASCII
        return None
    text = text.upper()
    if len(text) != TEXT_LENGTH or not text.startswith(PREFIX):
        return None
    try:
        data = base64.b32decode(text[len(PREFIX) :] + "=")
    except (binascii.Error, ValueError):  # not of the alphabet
        return None
    return data if slip_text(data) == text else None  # one slip has one text
