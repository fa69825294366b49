"""The reader of messages: bytes in, values out. It never decodes one itself: the confined child does."""

from __future__ import annotations

import json
from typing import Any

from checkpoint_app.booth.record.cargo_values import value_of
from checkpoint_app.cargo.values import CargoMessage, Message, MessageError, PassengerList
from checkpoint_app.confined import (
    Confined,
    ConfinedError,
    ConfinedRefusedError,
    ConfinedSpentError,
    ConfinedTimeoutError,
    Limits,
)
from checkpoint_app.confined.limits import MIB
from checkpoint_app.wire.plain import PlainError

ENTRY = "checkpoint_app.booth.goods.message_child:start"
MOST_BYTES = 16 * MIB
"""Of a message that an officer waits for."""
LIMITS = Limits(memory_bytes=1536 * MIB, cpu_s=30, request_bytes=MOST_BYTES, answer_bytes=128 * MIB)
WITHIN_S = 45.0


class MessageReader:
    """Reads messages in a child that starts with the first of them. Thread-safe; one message at a time, in order."""

    def __init__(self) -> None:
        self._confined = Confined(ENTRY, LIMITS)

    def read(self, data: bytes) -> Message:
        """Return what a message says. Raises MessageError: too_large, too_slow, unreadable, or its reader's own."""
        if len(data) > MOST_BYTES:
            raise MessageError("too_large", f"larger than {MOST_BYTES} bytes", byte=MOST_BYTES)
        try:
            said = json.loads(self._confined.call(data, WITHIN_S))
            return _message(said)
        except (ConfinedTimeoutError, ConfinedSpentError) as error:
            raise MessageError("too_slow", "it took too long") from error
        except ConfinedRefusedError as error:
            raise MessageError("unreadable", "the reader refused it") from error
        except (ConfinedError, PlainError, ValueError) as error:
            raise MessageError("unreadable", "the reader gave no answer") from error

    def close(self) -> None:
        """End the child."""
        self._confined.close()


def _message(said: Any) -> Message:
    """Return the message that the child's answer holds. Raises MessageError, PlainError for what is out of form."""
    if not isinstance(said, dict):
        raise PlainError("the child's answer is out of form")
    if "error" in said:
        raise MessageError(str(said["error"])[:64], "the message can't be read", **_places(said.get("where")))
    if "passengers" in said:
        return value_of(PassengerList, said["passengers"])
    return value_of(CargoMessage, said.get("cargo"))


PLACES = ("byte", "line", "segment")


def _places(where: Any) -> dict[str, int]:
    """Return the places that a refusal names, as numbers: a child that was taken over says what it likes."""
    told = where if isinstance(where, dict) else {}
    return {name: told[name] for name in PLACES if type(told.get(name)) is int}
