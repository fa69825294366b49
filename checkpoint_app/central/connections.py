"""A connection to the centre, bounded in time and number, so that slow or idle ones cannot use the server up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS = 500
IDLE_S = 30.0
"""How long a connection may have no request under way: idle, or with a head that is not complete."""
STUCK_S = 120.0
"""How long the other side may take nothing of a reply: less than 400 bytes a second, on a line of any speed."""

_LEAVE_S, _FINISH_S = 0.2, 5.0  # at the server's end, for a goodbye that the other side may never answer


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it. The time of a request's body is bounded where it is read."""

    _idle: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.access_log = False  # a path or a query is nobody's but the booth's, whatever the loggers are set to

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the bounds."""
        self._end_idle()
        self._end_stuck()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def shutdown(self) -> None:
        """End at once if nothing is under way, else after the reply."""
        idle = not self._asked()
        super().shutdown()
        self._after(_LEAVE_S if idle else _FINISH_S)

    def pause_writing(self) -> None:
        """Give the other side time to take what was sent."""
        super().pause_writing()
        self._end_stuck()
        self._stuck = self._after(STUCK_S)

    def resume_writing(self) -> None:
        """Go on."""
        self._end_stuck()
        super().resume_writing()

    def _watch(self) -> None:
        """Bound the time without a request under way; more bytes of an incomplete one win no time."""
        if self._asked():
            self._end_idle()
        elif self._idle is None and not self.transport.is_closing():
            self._idle = self._after(IDLE_S)

    def _asked(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _after(self, seconds: float) -> asyncio.TimerHandle:
        abort: Callable[[], None] = self.transport.abort
        return self.loop.call_later(seconds, abort)

    def _end_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end_stuck(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
