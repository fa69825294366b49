"""HTTPS to one address, bounded in every way: time, size, redirects (none), trust (one authority).

Each thread has a connection of its own (`connection`). ``close`` ends what is under way in all of them.
"""

from __future__ import annotations

import io
import ipaddress
import logging
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import SKIP_HEADER, Timeout

from checkpoint_app import __version__
from checkpoint_app.sync.connection import CONNECT_S, READ_S, Exchange, Wire
from checkpoint_app.sync.errors import LineCode, LineError

_CHUNK_BYTES = 64 * 1024
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME: certificates are judged by the centre's time (`Received.ends`)
_UNSAID = {"Accept-Encoding": SKIP_HEADER, "User-Agent": SKIP_HEADER}
"""What urllib3 would say by itself: the centre does not ask, and a poll every few seconds is better short."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.IGNORECASE)

logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns with what a peer sent


def read_url(text: str) -> str:
    """Return the centre's address in its one form: ``https://HOST[:PORT]``. Raises ValueError with the cure."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{text}: this is no address") from error
    if parts.scheme != "https":
        raise ValueError(f"{text}: a centre's address begins with https://")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{text}: a centre's address is https://HOST or https://HOST:PORT, nothing more")
    if ":" in host:
        host = f"[{ipaddress.IPv6Address(host)}]"
    elif not _HOST.fullmatch(host):
        raise ValueError(f"{text}: it names no host")
    return f"https://{host}" + ("" if port in (None, 443) else f":{port}")


def pinned_context(ca: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the authority ``ca`` (PEM) alone, for the host asked for. Raises LineError.

    The machine's clock has no say in it: a wrong one must not lock the booth out.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= _NO_CHECK_TIME
    try:
        context.load_verify_locations(cadata=ca)
    except (ssl.SSLError, ValueError) as error:
        raise LineError(LineCode.WRONG_CENTRE, "its certificate authority cannot be read") from error
    return context


def untrusting_context() -> ssl.SSLContext:
    """Return a TLS context that trusts nobody and proves nothing: only for what is verified by other means."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Received:
    """The head of a reply; its body is read by ``body`` or ``chunks``. Close it (it is a context manager).

    ``begins`` and ``ends`` are the bounds of the certificate that the reply came under.
    """

    def __init__(self, exchange: Exchange, response: requests.Response, wire: Wire) -> None:
        self._exchange = exchange
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.begins, self.ends = wire.begins, wire.ends

    @property
    def media_type(self) -> str:
        """The reply's Content-Type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def chunks(self, most: int) -> Iterator[bytes]:
        """Yield the body as it arrives. Raises LineError, too_large as soon as it has more than ``most`` bytes."""
        raw: Any = self._response.raw
        if raw.length_remaining is None and not raw.chunked:
            raise LineError(LineCode.MALFORMED, "the reply does not say where it ends")
        if (raw.length_remaining or 0) > most:
            raise LineError(LineCode.TOO_LARGE, status=self.status)
        size = 0
        while True:
            try:
                data = raw.read1(_CHUNK_BYTES)
            except (HTTPError, OSError, ValueError) as error:
                raise self._exchange.fault(error) from error
            if not data:
                self._exchange.check()
                return
            size += len(data)
            if size > most:
                raise LineError(LineCode.TOO_LARGE, status=self.status)
            yield data

    def body(self, most: int) -> bytes:
        """Return the whole body. Raises LineError as ``chunks`` does."""
        return b"".join(self.chunks(most))

    def close(self) -> None:
        """End the exchange; a connection whose reply was not read to its end is closed with it."""
        self._response.close()
        self._exchange.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class Transport:
    """Sends requests to one address under one TLS context, from any thread.

    Nothing is sent to who proves itself by a certificate that ended before ``seen``.
    """

    def __init__(self, url: str, context: ssl.SSLContext, seen: datetime | None = None) -> None:
        self._url = url
        self._context = context
        self._seen = seen
        self._local = threading.local()
        self._lock = threading.Lock()
        self._wires: list[Wire] = []
        self._closed = False

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, within_s: float) -> Received:
        """Send one request and return its reply's head, all within ``within_s`` seconds, the body included.

        Nothing is repeated here. Raises LineError.
        """
        wire = self._wire()
        exchange = Exchange(wire, within_s)
        try:
            stream = None if body is None else io.BytesIO(body)  # so that it goes in pieces, each with its own bound
            sent = {**_UNSAID, **headers}
            request = requests.Request(method, self._url + path, headers=sent, data=stream).prepare()
            timeout: Any = Timeout(connect=CONNECT_S, read=READ_S)
            response = wire.adapter.send(request, stream=True, timeout=timeout, verify=True, proxies={})
            return Received(exchange, response, wire)
        except (LineError, HTTPError, HTTPException, OSError) as error:  # those of requests and ssl are OSErrors
            exchange.finish()
            raise exchange.fault(error) from error
        except BaseException:
            exchange.finish()
            raise

    @property
    def was_kept(self) -> bool:
        """Whether this thread's last exchange began on a connection kept from an earlier one."""
        return self._wire().was_kept

    def close(self) -> None:
        """End what is under way in every thread, and refuse what comes later."""
        with self._lock:
            self._closed = True
            wires = list(self._wires)
        for wire in wires:
            wire.close()

    def _wire(self) -> Wire:
        with self._lock:
            if self._closed:
                raise LineError(LineCode.CLOSED)
            wire: Wire | None = getattr(self._local, "wire", None)
            if wire is None:
                wire = self._local.wire = Wire(self._context, self._seen)
                self._wires.append(wire)
            return wire


def user_agent() -> str:
    """Return what the booth's requests call themselves."""
    return f"checkpoint/{__version__}"
