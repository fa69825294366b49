"""Whose turn it is: what waits to be answered, bounded, and shared out so that nobody starves another.

A question comes first, for somebody stands at a desk; of each kind the booths take turns, a piece of work at a time.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Generic, TypeVar

from checkpoint_app.central.centre import CentreError

T = TypeVar("T")

MOST_QUESTIONS = 256
MOST_SUBJECTS = 4_000
MOST_OF_BOOTH = 1_500
"""Subjects that wait for one booth: three requests of the largest size."""


class Turns(Generic[T]):
    """Work that waits, of two kinds: ``urgent`` and not. Not thread-safe."""

    def __init__(self) -> None:
        self._urgent: _Round[T] = _Round(MOST_QUESTIONS, MOST_QUESTIONS // 4)
        self._others: _Round[T] = _Round(MOST_SUBJECTS, MOST_OF_BOOTH)

    def __bool__(self) -> bool:
        return bool(self._urgent) or bool(self._others)

    def check(self, booth: str, size: int, *, urgent: bool) -> None:
        """Raise CentreError (``busy``, 503) where so much work of ``booth`` has no room."""
        (self._urgent if urgent else self._others).check(booth, size)

    def put(self, booth: str, size: int, work: T, *, urgent: bool) -> None:
        """Let ``work`` wait for its turn; whether there is room was asked before."""
        (self._urgent if urgent else self._others).put(booth, size, work)

    def pop(self) -> T:
        """Return the work whose turn it is. Raises IndexError where none waits."""
        return (self._urgent or self._others).pop()


class _Round(Generic[T]):
    """Booths in a circle, each with its work in the order in which it came."""

    def __init__(self, most: int, most_of_booth: int) -> None:
        self._most = most
        self._most_of_booth = most_of_booth
        self._waiting: dict[str, deque[tuple[int, T]]] = {}
        self._sizes: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def check(self, booth: str, size: int) -> None:
        if self._sizes.total() + size > self._most or self._sizes[booth] + size > self._most_of_booth:
            raise CentreError("busy", "too much waits to be screened here; try again later", 503)

    def put(self, booth: str, size: int, work: T) -> None:
        self._waiting.setdefault(booth, deque()).append((size, work))
        self._sizes[booth] += size

    def pop(self) -> T:
        for booth, of_booth in self._waiting.items():
            size, work = of_booth.popleft()
            del self._waiting[booth]
            if of_booth:  # behind the others
                self._waiting[booth] = of_booth
            self._less(booth, size)
            return work
        raise IndexError("nothing waits")

    def _less(self, booth: str, size: int) -> None:
        self._sizes[booth] -= size
        if not self._sizes[booth]:
            del self._sizes[booth]
