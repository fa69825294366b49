"""The gate in front of decisions: no key meant for one person, or for an older advice, decides about another."""

from __future__ import annotations

from collections.abc import Callable

HOLD_S = 0.4
"""A decision is refused for this long after the advice changed (invariant 14)."""


class KeyGate:
    """Lets a decision key through only when the officer can have seen what it decides about.

    It is shut while nothing is on the desk, from a decision on until the next advice, within ``HOLD_S`` of a change
    of advice, and for a key that repeats because it is held down.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._advised_at: float | None = None

    def advice_changed(self) -> None:
        """An advice came, or changed: hold decisions back for a moment."""
        self._advised_at = self._monotonic()

    def shut(self) -> None:
        """A decision was taken, or the desk was cleared: the next key needs a new advice."""
        self._advised_at = None

    def allows(self, *, auto_repeat: bool) -> bool:
        """Tell whether a decision key pressed now may decide."""
        if auto_repeat or self._advised_at is None:
            return False
        return self._monotonic() - self._advised_at >= HOLD_S
