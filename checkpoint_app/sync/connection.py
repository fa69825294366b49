"""One thread's HTTPS connection to the centre, and the second handle on its socket by which other threads cut it.

A socket's timeout bounds one read, not an exchange that drips a byte a second; nothing bounds the look-up of a name.
So a timer ends the whole exchange, through a handle that works whatever layer is reading: the connection, the
handshake, `http.client`. The same handle lets a closing window end what is under way.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.faults import code_of_fault

CONNECT_S = 3.0
"""How long a name, a connection or one step of the handshake may take."""
READ_S = 10.0
"""How long nothing may arrive, or 16 kB may take to go."""
_MOST_ADDRESSES = 4


class Exchange:
    """One request and its reply; ends itself when its time is over."""

    def __init__(self, wire: Wire, within_s: float) -> None:
        self._wire = wire
        self.ended: LineCode | None = None
        wire.begin(self)
        self._timer = threading.Timer(max(within_s, 0.001), self.end, (LineCode.TIMED_OUT,))
        self._timer.daemon = True
        self._timer.start()

    def end(self, code: LineCode) -> None:
        """End it from another thread."""
        self._wire.cut(self, code)

    def check(self) -> None:
        """Raise LineError where it was ended: a body may look whole only because its connection was cut."""
        if self.ended is not None:
            raise LineError(self.ended)

    def fault(self, error: Exception) -> LineError:
        """Return what ``error`` means on the line."""
        if self.ended is not None:
            return LineError(self.ended)
        return error if isinstance(error, LineError) else LineError(code_of_fault(error))

    def finish(self) -> None:
        """Stop the clock."""
        self._timer.cancel()
        self._wire.done(self)


class Wire:
    """One thread's connection, with the second handle by which other threads cut it."""

    def __init__(self, context: ssl.SSLContext, seen: datetime | None = None) -> None:
        self._seen = seen
        self.adapter = _Adapter(context, self)
        self.begins: datetime | None = None
        self.ends: datetime | None = None
        self.was_kept = False
        self._lock = threading.Lock()
        self._exchange: Exchange | None = None
        self._handle: socket.socket | None = None
        self._resolved = threading.Event()
        self._closed = False

    def begin(self, exchange: Exchange) -> None:
        """An exchange begins, on the connection that is open or on one it opens."""
        with self._lock:
            self._exchange = exchange
            self.was_kept = self._handle is not None
            if self._closed:
                exchange.ended = LineCode.CLOSED

    def done(self, exchange: Exchange) -> None:
        """The exchange is over: its clock may no longer cut the connection."""
        with self._lock:
            if self._exchange is exchange:
                self._exchange = None
            closed = self._closed
        if closed:
            self.adapter.close()

    def cut(self, exchange: Exchange, code: LineCode) -> None:
        """Cut the connection, if ``exchange`` is still under way."""
        with self._lock:
            if self._exchange is exchange:
                exchange.ended = exchange.ended or code
                self._shut()

    def close(self) -> None:
        """Cut what is under way; its own thread then closes the connection. An idle connection is closed here."""
        with self._lock:
            self._closed = True
            exchange = self._exchange
            if exchange is not None:
                exchange.ended = exchange.ended or LineCode.CLOSED
                self._shut()
        if exchange is None:
            self.adapter.close()

    def connect(self, host: str, port: int) -> socket.socket:
        """Return a connected socket. Raises LineError."""
        self.was_kept = False
        fault: OSError | None = None
        for family, kind, protocol, _name, address in self._addresses(host, port)[:_MOST_ADDRESSES]:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(CONNECT_S)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._hold(sock)
                sock.connect(address)
                self._check()
            except OSError as error:
                fault = error
            except LineError:
                sock.close()
                raise
            else:
                return sock
            sock.close()
            self._check()
        raise LineError(LineCode.UNREACHABLE if fault is None else code_of_fault(fault)) from fault

    def proven(self, certificate: Mapping[str, Any] | None) -> None:
        """Take note of the bounds of the certificate that the other side proved.

        Raises LineError where it ended before the latest moment that is known: what time a thief tells does not count.
        """
        self.begins, self.ends = (_moment((certificate or {}).get(name)) for name in ("notBefore", "notAfter"))
        if self.ends is not None and self._seen is not None and self.ends < self._seen:
            raise LineError(LineCode.CERTIFICATE_TIME)

    def release(self) -> None:
        """The connection is closed."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def _hold(self, sock: socket.socket) -> None:
        self.release()
        with self._lock:
            self._handle = sock.dup()

    def _check(self) -> None:
        with self._lock:
            ended = self._exchange.ended if self._exchange else None
        if ended is not None:
            raise LineError(ended)

    def _addresses(self, host: str, port: int) -> list[Any]:
        """Resolve ``host`` on a thread of its own: the system's resolver has no bound and cannot be cut."""
        results: list[list[Any]] = []
        faults: list[Exception] = []
        resolved = self._resolved = threading.Event()

        def run() -> None:
            try:
                results.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                faults.append(error)
            resolved.set()

        threading.Thread(target=run, name="resolver", daemon=True).start()
        resolved.wait(CONNECT_S)
        self._check()
        if results:
            return results[0]
        if faults:
            raise LineError(LineCode.NAME_NOT_FOUND) from faults[0]
        raise LineError(LineCode.TIMED_OUT, "the name was not resolved in time")

    def _shut(self) -> None:
        self._resolved.set()
        if self._handle is not None:
            with contextlib.suppress(OSError):  # it is not connected yet, or no longer
                self._handle.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPSConnection):
    """A connection that its wire can cut, and whose trust is its context's alone. Each wire has a class of its own."""

    wire: Wire

    def _new_conn(self) -> socket.socket:
        return self.wire.connect(self._dns_host, self.port)

    def connect(self) -> None:
        """Connect and shake hands. Raises LineError."""
        try:
            super().connect()
        except OSError as error:  # those of ssl among them
            raise LineError(code_of_fault(error)) from error
        sock: Any = self.sock
        sock.settimeout(READ_S)
        self.wire.proven(sock.getpeercert())
        self.is_verified = True  # or its context asked for no proof; a warning helps nobody

    def close(self) -> None:
        """Close the connection and its second handle."""
        super().close()
        self.wire.release()


class _Adapter(HTTPAdapter):
    """Requests' adapter with the line's own trust: no file of authorities, none of the system's."""

    def __init__(self, context: ssl.SSLContext, wire: Wire) -> None:
        self._context = context
        self._wire = wire
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool manager, of which each connection belongs to the wire."""
        super().init_poolmanager(*args, **options)
        connection = type("_WireConnection", (_Connection,), {"wire": self._wire})
        pool = type("_WirePool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
        self.poolmanager.pool_classes_by_scheme = {"https": pool}

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> tuple[Any, Any]:
        """Return what tells pools apart: the address, and the line's own context."""
        host, _trust = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._context}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave it to the context (requests would load its own file of authorities into it)."""


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
