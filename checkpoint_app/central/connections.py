"""A connection to the centre, bounded in time and number, so that slow or idle ones cannot use the server up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS = 500
"""How many are open; beyond that the one that has had no request under way for the longest time goes."""
MOST_HANDSHAKES = 250
"""How many are open besides that have not agreed on TLS; beyond that the oldest goes."""
IDLE_S = 30.0
"""How long a connection may have no request under way: idle, or with a head that is not complete."""
STUCK_S = 120.0
"""How long the other side may take nothing of a reply: less than 400 bytes a second, on a line of any speed."""

_LEAVE_S, _FINISH_S = 0.2, 5.0  # at the server's end, for a goodbye that the other side may never answer


class Door(socket.socket):
    """The listening socket. Whoever connects and then says nothing shuts nobody out: the newest always come in."""

    def __init__(self, listening: socket.socket) -> None:
        """Take over ``listening``, which is closed with this."""
        super().__init__(fileno=listening.detach())
        self._waiting: dict[int, socket.socket] = {}  # by descriptor, the oldest first; some may be closed by now

    def accept(self) -> tuple[socket.socket, Any]:
        """Take the next connection; the oldest that still shakes hands goes where there are too many."""
        taken, address = super().accept()
        self.passed(taken.fileno())  # another one's number, which was closed
        self._waiting[taken.fileno()] = taken
        if len(self._waiting) > MOST_HANDSHAKES:
            with contextlib.suppress(OSError):  # it is closed already
                self._waiting.pop(next(iter(self._waiting))).shutdown(socket.SHUT_RDWR)
        return taken, address

    def passed(self, descriptor: int) -> None:
        """The connection of this descriptor has agreed on TLS."""
        self._waiting.pop(descriptor, None)


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it. The time of a request's body is bounded where it is read."""

    _idle: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, door: Door, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._door = door
        self.access_log = False  # a path or a query is nobody's but the booth's, whatever the loggers are set to

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection; where there are too many, the one goes that was idle for the longest time."""
        super().connection_made(transport)
        self._door.passed(transport.get_extra_info("socket").fileno())
        if len(self.connections) > MOST_CONNECTIONS and not self._make_room():
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

    def _make_room(self) -> bool:
        """End the connection that was idle for the longest time; tell whether there was one."""
        others = cast("set[BoundedProtocol]", self.connections)
        idle = {one._idle.when(): one.transport for one in others if one._idle and not one.transport.is_closing()}
        if idle:
            idle[min(idle)].abort()
        return bool(idle)

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
