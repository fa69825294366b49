"""Keys under which travellers and documents are found again. Digests, so that tables and indexes stay small.

A *document key* stands for one document, a *person key* for a name and birth date across documents. A *cleared key*
stands for both together, as `wire.clearance` defines it: a decision "not the same person" never carries over to
somebody else of the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from checkpoint_app.wire import clearance, subjects


def document_key(fields: Mapping[str, Any]) -> str | None:
    """Return the key of the document with ``issuer`` and ``document_number``; None while the number is not known."""
    return _digest(subjects.document_bytes(fields))


def person_key(fields: Mapping[str, Any]) -> str | None:
    """Return the key of ``family_name``, ``given_names``, ``birth_date``; None while a name or the date is missing."""
    return _digest(subjects.person_bytes(fields))


def cleared_key(fields: Mapping[str, Any]) -> str | None:
    """Return the key of person and document together; None while either is not known, and then nothing is cleared."""
    return _digest(clearance.person_bytes(fields))


def _digest(known: bytes | None) -> str | None:
    return None if known is None else hashlib.sha256(known).hexdigest()[:32]
