"""What stands for a person and for a document, in one form: whoever counts crossings makes a key of it.

The bytes name the traveller; only a keyed digest, or a row of an encrypted store, may be made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkpoint_app.wire.canonical import canonical_bytes


def document_bytes(document: Mapping[str, Any]) -> bytes | None:
    """Return what stands for the document with ``issuer`` and ``document_number``; None while the number is not known.

    ``document`` has the fields of a `TravelDocument` in plain form.
    """
    number = _text(document, "document_number").replace(" ", "")
    return canonical_bytes(["document", _text(document, "issuer"), number]) if number else None


def person_bytes(document: Mapping[str, Any]) -> bytes | None:
    """Return what stands for a name and a birth date, whatever the document; None while one of them is not known."""
    names = _text(document, "family_name"), _text(document, "given_names")
    birth = birth_text(document.get("birth_date"))
    return canonical_bytes(["person", *names, birth]) if any(names) and birth else None


def birth_text(value: Any) -> str:
    """Return a birth date as its characters printed (yymmdd), empty where nothing of it is known.

    ``value`` is the plain form of a `PartialDate` (raw, year, month, day) or the characters themselves.
    """
    raw = value.get("raw") if isinstance(value, Mapping) else value
    return raw.strip() if isinstance(raw, str) and raw.strip("< ") else ""


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return " ".join(value.replace("<", " ").upper().split()) if isinstance(value, str) else ""
