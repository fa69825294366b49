"""How far a list on its way is, how fast it comes and how long it will take, told while its bytes come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_S = 10.0
"""The rate is that of the last seconds: what the line did a minute ago tells nothing of now."""
LEAST_BETWEEN_S = 0.25
"""How long one word stands before the next: a fast line brings more than anybody reads."""
KNOWN_AFTER_S = 1.0
"""From how many seconds on a rate is one."""


@dataclass(frozen=True, slots=True)
class Bringing:
    """How far the ``version`` of list ``name`` is that is being brought.

    Of ``total`` bytes, those of the whole chain where deltas lead there, ``done`` are here, what an earlier round or
    run brought among them. ``rate_bytes_s`` is that of the last ten seconds, 0 while unknown, and ``left_s`` the time
    still to go at that rate, None while unknown.
    """

    name: str
    version: int
    done: int
    total: int
    rate_bytes_s: float = 0.0
    left_s: float | None = None


OnBytes = Callable[[Bringing], None]


def nobody(_bringing: Bringing) -> None:
    """Nobody watches."""


class Meter:
    """Tells ``tell`` how far one list is; ``done`` are the bytes that are here before any come."""

    def __init__(
        self,
        name: str,
        version: int,
        total: int,
        done: int,
        tell: OnBytes,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._version, self._total = name, version, total
        self._tell = tell
        self._monotonic = monotonic
        self._points: deque[tuple[float, int]] = deque([(monotonic(), done)])
        tell(Bringing(name, version, done, total))

    def at(self, done: int) -> None:
        """So many bytes of all are here now."""
        now, (told_at, told) = self._monotonic(), self._points[-1]
        if done < told:  # something had to be begun anew
            self._points.clear()
        elif done == told or (now - told_at < LEAST_BETWEEN_S and done < self._total):
            return
        self._points.append((now, done))
        while len(self._points) > 2 and now - self._points[1][0] >= WINDOW_S:
            self._points.popleft()
        rate = self._rate()
        left = (self._total - done) / rate if rate else None
        self._tell(Bringing(self._name, self._version, done, self._total, rate, left))

    def _rate(self) -> float:
        (began_at, began), (now, done) = self._points[0], self._points[-1]
        return (done - began) / (now - began_at) if now - began_at >= KNOWN_AFTER_S else 0.0
