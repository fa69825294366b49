"""In the confined child: bytes of a message to what it says, in plain form. Messages are decoded here and nowhere else.

The answer is JSON: ``{"cargo": …}``, ``{"passengers": …}``, or ``{"error": code, "where": {…}}`` with places alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from checkpoint_app.booth.record.cargo_values import plain_of
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.values import MessageError, PassengerList

MOST_PLACE = 40


def start() -> Callable[[bytes], bytes]:
    """Return the handler."""
    return answer


def answer(data: bytes) -> bytes:
    """Return what the message says, or why it can't be read."""
    return json.dumps(_said(data), ensure_ascii=False).encode("utf-8", "replace")


def _said(data: bytes) -> dict[str, Any]:
    try:
        message = read_message(data)
    except MessageError as error:
        where = {name: place if isinstance(place, int) else place[:MOST_PLACE] for name, place in error.where.items()}
        return {"error": error.code, "where": where}
    return {"passengers" if isinstance(message, PassengerList) else "cargo": plain_of(message)}
