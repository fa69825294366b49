"""How work reaches the store: only on the thread that owns it, while the network is waited for on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from checkpoint_app.store.store import Store

T = TypeVar("T")


class OnStore(Protocol):
    """Runs work on the store's thread and waits for it."""

    def __call__(self, work: Callable[[Store], T], /) -> T:
        """Return what ``work`` returned, or raise what it raised."""
