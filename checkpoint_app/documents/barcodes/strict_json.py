"""JSON from outside, strictly, and its canonical bytes (RFC 8785, the JSON Canonicalization Scheme).

No name twice, no number that is not whole or that others would round, few levels: what two programs could read in two
ways is refused, since a signature is over the one and an officer sees the other.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from checkpoint_app.documents.barcodes.errors import BarcodeError

MOST_LEVELS = 16
MOST_INTEGER = 2**53 - 1  # beyond it, others' numbers lose digits (RFC 8785 §3.1, RFC 7493 §2.2)


def read_json(data: bytes, field: str) -> Any:
    """Return the value of the text ``data``; floats are refused, as no seal that is published has any.

    Raises BarcodeError (``json``, ``duplicate_key``, ``number``) about ``field``. Bound the size before.
    """

    def refuse_number(_text: str) -> NoReturn:
        raise BarcodeError("number", field)

    def whole(text: str) -> int:
        # As many digits as the largest has: longer ones are refused before they are made out.
        if len(text) > 17 or abs(int(text)) > MOST_INTEGER:
            raise BarcodeError("number", field)
        return int(text)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise BarcodeError("duplicate_key", field)
        return found

    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_float=refuse_number,
            parse_constant=refuse_number,
            parse_int=whole,
            object_pairs_hook=once,
        )
        too_deep = _levels(value) > MOST_LEVELS
        canonical(value)
    except BarcodeError:
        raise
    except (ValueError, RecursionError) as error:  # UnicodeEncodeError, of half a surrogate pair, is a ValueError
        raise BarcodeError("json", field) from error
    if too_deep:
        raise BarcodeError("json", field)
    return value


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of a value from `read_json`. Raises UnicodeEncodeError for half a surrogate pair."""
    return _written(value).encode("utf-8")


def _written(value: Any) -> str:
    if isinstance(value, dict):
        # Names are in the order of their UTF-16 units, not of their characters (RFC 8785 §3.2.3).
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_written(name)}:{_written(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _levels(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_levels, value.values()), default=0)
    return 1 + max(map(_levels, value), default=0) if isinstance(value, list) else 0
