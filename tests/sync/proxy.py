"""A TCP proxy that misbehaves on order, between a booth and a centre. It sees no clear text: TLS passes through it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_PIECE = 65536


@dataclass
class Fault:
    """What goes wrong with the next connections. Byte counts are of the way back, from the centre to the booth.

    ``mute``: accept and never answer. ``after``: how many bytes still pass, then: ``reset`` it, or close it, or (with
    neither) hang. ``lose_reply``: the request reaches the centre and its reply reaches nobody, from byte ``after`` on.
    ``drip_s``: one byte back in so many seconds. ``delay_s``: this long before each piece back.
    ``connections``: the numbers of those, from 1 on, that it happens to.
    """

    mute: bool = False
    after: int | None = None
    reset: bool = False
    hang: bool = False
    drip_s: float = 0.0
    drip_after: int = 0
    delay_s: float = 0.0
    connections: range = range(1 << 30)


class Proxy:
    """Forwards to ``port``; ``fault`` is looked at for every piece, so it can be set while a connection lives."""

    def __init__(self, port: int) -> None:
        self.fault = Fault()
        self.connections = 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Close all."""
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(5)
        with self._lock:
            for sock in self._open:
                sock.close()

    def cut(self) -> None:
        """Cut every connection that is open now."""
        with self._lock:
            for sock in self._open:
                _shut(sock)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            far = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._open |= {near, far}
            there = threading.Thread(target=self._forward, args=(near, far), daemon=True)
            back = threading.Thread(target=_Back(self, self.connections, near, far, there).run, daemon=True)
            self._threads += [there, back]
            there.start()
            back.start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        while data := _read(near):
            if self.fault.mute:
                continue
            with contextlib.suppress(OSError):
                far.sendall(data)
        _shut(far)


class _Back:
    """The way back of one connection."""

    def __init__(
        self, proxy: Proxy, number: int, near: socket.socket, far: socket.socket, there: threading.Thread
    ) -> None:
        self._proxy, self._number, self._near, self._far, self._there = proxy, number, near, far, there
        self._passed = 0

    def run(self) -> None:
        while data := _read(self._far):
            fault = self._proxy.fault
            if self._number not in fault.connections:
                fault = Fault()
            if fault.delay_s and self._proxy._stopped.wait(fault.delay_s):
                break
            if fault.after is not None:
                left = max(0, fault.after - self._passed)
                self._send(data[:left], fault)
                if left < len(data):
                    self._end(fault)
                    return
            else:
                self._send(data, fault)
        _shut(self._near)

    def _send(self, data: bytes, fault: Fault) -> None:
        with contextlib.suppress(OSError):
            if fault.drip_s and self._passed + len(data) > fault.drip_after:
                for at in range(len(data)):
                    self._near.sendall(data[at : at + 1])
                    if self._proxy._stopped.wait(fault.drip_s):
                        return
            elif data:
                self._near.sendall(data)
        self._passed += len(data)

    def _end(self, fault: Fault) -> None:
        if fault.hang:
            while _read(self._far):  # the centre goes on; nobody hears it
                pass
            return
        if fault.reset:
            with contextlib.suppress(OSError):
                self._near.shutdown(socket.SHUT_RD)  # the way there lets go of it; nothing is sent yet
            self._there.join()
            self._near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with self._proxy._lock:
                self._proxy._open.discard(self._near)
            self._near.close()  # without lingering this is a reset
            return
        _shut(self._near)
        _shut(self._far)


def _read(sock: socket.socket) -> bytes:
    try:
        return sock.recv(_PIECE)
    except OSError:
        return b""


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(port: int) -> Iterator[Proxy]:
    """Put a proxy before ``port``."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()


def wait_until(condition: object, seconds: float = 5.0) -> bool:
    """Wait until ``condition()`` holds."""
    assert callable(condition)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.005)
    return False
