"""Hears from the operating system that a line may be back: an address or a route came, or a cable carries again.

On Linux the kernel tells it over a netlink socket (rtnetlink(7), netlink(7)), to everybody and without rights.
Elsewhere nobody tells, and the pauses of `pace` run their time.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

SETTLES_S = 0.5
"""How long it is waited for more of the same: an address comes some moments before its route."""
LEAST_BETWEEN_S = 10.0
"""A line that comes and goes wakes no more often; `pace` tries by itself then, and routers repeat themselves."""
_LOOKS_EVERY_S = 30.0
_CLOSES_WITHIN_S = 2.0
_MOST_BYTES = 64 * 1024
_MOST_LINKS = 256
# linux/rtnetlink.h, linux/if.h
_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400  # links, addresses and routes of IPv4, and of IPv6
_NEWLINK, _NEWADDR, _NEWROUTE = 16, 20, 24
_LOWER_UP = 0x10000
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_LINK = struct.Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change


class Wakeup:
    """Calls ``wake``, on a thread of its own, soon after the system told that a line may be back."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._news = News()
        self._ended, self._end = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="wakeup", daemon=True)

    def start(self) -> bool:
        """Begin, and return whether there is anybody who tells."""
        try:
            told = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        except (AttributeError, OSError):  # not Linux, or not allowed: pauses run their time
            return False
        try:
            told.bind((0, _GROUPS))
            told.setblocking(False)
        except OSError as error:
            told.close()
            log.warning("the system does not tell when a line is back: %s", error.strerror)
            return False
        self._told = told
        self._thread.start()
        return True

    def close(self) -> None:
        """End, within two seconds."""
        if self._thread.ident is None:
            self._ended.close()
        else:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._end.send(b"x")
            self._thread.join(_CLOSES_WITHIN_S)
        self._end.close()

    def _run(self) -> None:
        may_wake = time.monotonic()
        try:
            while not self._waited(_LOOKS_EVERY_S):
                if not self._heard():
                    continue
                if self._paused(SETTLES_S + max(0.0, may_wake - time.monotonic())):
                    return
                self._heard()  # what belongs to the same
                may_wake = time.monotonic() + LEAST_BETWEEN_S
                self._wake()
        finally:
            self._told.close()
            self._ended.close()

    def _waited(self, seconds: float) -> bool:
        """Wait for news, or so many seconds, and return whether it is over."""
        return self._ended in select.select([self._told, self._ended], [], [], seconds)[0]

    def _paused(self, seconds: float) -> bool:
        """Wait so many seconds, and return whether it is over."""
        return bool(select.select([self._ended], [], [], seconds)[0])

    def _heard(self) -> bool:
        """Take all that was told, and return whether it says that a line may be back."""
        good = False
        for _ in range(_MOST_LINKS):
            try:
                data, (port, _groups) = self._told.recvfrom(_MOST_BYTES)
            except BlockingIOError:
                break
            except OSError:  # so much was told that some of it was lost
                good = True
                continue
            good = (port == 0 and self._news.is_good(data)) or good  # 0: it is the kernel who tells
        return good


class News:
    """Reads what the kernel tells; remembers which links carry nothing, so that one that carries again is news."""

    def __init__(self) -> None:
        self._down: set[int] = set()

    def is_good(self, data: bytes) -> bool:
        """Return whether one of the messages in ``data`` says that a line may be back."""
        found = [self._is_one(kind, body) for kind, body in _messages(data)]
        return any(found)

    def _is_one(self, kind: int, body: bytes) -> bool:
        if kind != _NEWLINK:
            return kind in (_NEWADDR, _NEWROUTE)
        if len(body) < _LINK.size:
            return False
        _family, _type, index, flags, _change = _LINK.unpack_from(body)
        if flags & _LOWER_UP:
            was_down = index in self._down
            self._down.discard(index)
            return was_down
        if len(self._down) < _MOST_LINKS:
            self._down.add(index)
        return False


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of each message; what is cut off is left out."""
    while len(data) >= _HEADER.size:
        length, kind, _flags, _sequence, _port = _HEADER.unpack_from(data)
        if not _HEADER.size <= length <= len(data):
            return
        yield kind, data[_HEADER.size : length]
        data = data[(length + 3) & ~3 :]
