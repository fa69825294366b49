"""Keys under which travellers and documents are found again. Digests, so that tables and indexes stay small.

A *document key* stands for one document, a *person key* for a name and birth date across documents. A *cleared key*
stands for both together, as `wire.clearance` defines it: a decision "not the same person" never carries over to
somebody else of the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.clearance import person_bytes


def document_key(fields: Mapping[str, Any]) -> str | None:
    """Return the key of the document with ``issuer`` and ``document_number``; None while the number is not known."""
    number = _text(fields, "document_number").replace(" ", "")
    return _digest("document", _text(fields, "issuer"), number) if number else None


def person_key(fields: Mapping[str, Any]) -> str | None:
    """Return the key of ``family_name``, ``given_names``, ``birth_date``; None while a name or the date is missing."""
    names = _text(fields, "family_name"), _text(fields, "given_names")
    birth = birth_text(fields.get("birth_date"))
    return _digest("person", *names, birth) if any(names) and birth else None


def cleared_key(fields: Mapping[str, Any]) -> str | None:
    """Return the key of person and document together; None while either is not known, and then nothing is cleared."""
    person = person_bytes(fields)
    return None if person is None else hashlib.sha256(person).hexdigest()[:32]


def birth_text(value: Any) -> str:
    """Return a birth date as its characters printed (yymmdd), empty where nothing of it is known.

    ``value`` is the plain form of a `PartialDate` (raw, year, month, day) or the characters themselves.
    """
    raw = value.get("raw") if isinstance(value, Mapping) else value
    return raw.strip() if isinstance(raw, str) and raw.strip("< ") else ""


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return " ".join(value.replace("<", " ").upper().split()) if isinstance(value, str) else ""


def _digest(*parts: str) -> str:
    return hashlib.sha256(canonical_bytes(list(parts))).hexdigest()[:32]
