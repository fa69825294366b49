"""The journal's head, and its keeper: tells a witness beside the key how far the journal has come, and asks it at open.

A witness is told after the commit, never before, so it can only be behind: what it names must be in the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from checkpoint_app.store.errors import KeyringUnavailableError, RolledBackError, StoreError
from checkpoint_app.store.keys import Witness

_SEQ_BYTES = 8
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: sequence of the last event and its chain hash; 0 and ``GENESIS`` before the first."""

    seq: int
    hash: str

    def to_bytes(self) -> bytes:
        """Return the head in 40 bytes, as a witness keeps it: always as many, so that one place holds it."""
        return self.seq.to_bytes(_SEQ_BYTES, "big") + bytes.fromhex(self.hash)

    @classmethod
    def from_bytes(cls, data: bytes) -> Head | None:
        """Return the head of ``to_bytes``; None for anything else."""
        if len(data) != _SEQ_BYTES + _HASH_BYTES:
            return None
        return cls(int.from_bytes(data[:_SEQ_BYTES], "big"), data[_SEQ_BYTES:].hex())


class WitnessState(StrEnum):
    """What the witness said at open, or does since. NONE: this kind of key has no witness."""

    NONE = "none"
    AGREES = "agrees"
    MISSING = "missing"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"


class HeadKeeper:
    """Keeps a witness informed. Its failure never undoes an event: that is durable already; ``state`` tells of it."""

    def __init__(self, witness: Witness | None) -> None:
        self._witness = witness
        self._untold = 0
        self.state = WitnessState.NONE

    def check(self, hash_at: Callable[[int], str | None], *, accept_rollback: bool) -> None:
        """Compare the witness with the journal. Raises RolledBackError, unless a supervisor accepts the loss."""
        if self._witness is None:
            return
        data = self._witness.read()
        known = None if data is None else Head.from_bytes(data)
        if known is None:
            self.state = WitnessState.AGREES if hash_at(1) is None else WitnessState.MISSING
            return
        if hash_at(known.seq) == known.hash:
            self.state = WitnessState.AGREES
            return
        if not accept_rollback:
            raise RolledBackError(
                f"the journal once held event {known.seq}, and now it does not: the disk was put back to an earlier"
                " state; a supervisor must decide"
            )
        self.state = WitnessState.ROLLED_BACK

    def tell(self, head: Head) -> None:
        """Count one more event; tell the witness when it is due."""
        self._untold += 1
        if self._witness is not None and self._untold >= self._witness.every:
            self.flush(head)

    def flush(self, head: Head) -> None:
        """Tell the witness now. A keyring that failed is left alone until the next open, since it may take seconds."""
        if self._witness is None or self.state is WitnessState.FAILED:
            return
        try:
            self._witness.write(head.to_bytes())
        except KeyringUnavailableError:
            self.state = WitnessState.FAILED  # shown to the officer; the event itself is durable
        except StoreError:
            return  # a full disk: the older state is a weaker witness, and the next event tells it again
        self._untold = 0
