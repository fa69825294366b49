"""Drives a server over TLS: some kept connections, each with one request under way, and the driver's own cost.

The requests are whole and ready, tokens included: what is timed is the server, and as little of the driver as can be.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TIMEOUT_S = 60.0
_CHUNK = 65_536
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Load:
    """What came of it. ``replies`` are status and body in the requests' order; 0 where a connection failed.

    ``driver_cpu_ms`` and ``server_cpu_ms`` are CPU time a request, of this process and of the server's.
    """

    replies: tuple[tuple[int, bytes], ...]
    requests_s: float
    median_ms: float
    p99_ms: float
    driver_cpu_ms: float
    server_cpu_ms: float

    @property
    def failed(self) -> int:
        """How many were not answered with 200."""
        return sum(status != 200 for status, _body in self.replies)


def drive(address: tuple[str, int], server_pid: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send ``requests`` to the server as fast as it answers them."""
    replies: list[tuple[int, bytes]] = [(0, b"")] * len(requests)
    took = np.zeros(len(requests))
    places, lock = iter(range(len(requests))), threading.Lock()
    ready = threading.Barrier(connections + 1)

    def mine() -> Iterator[int]:
        while True:
            with lock:
                place = next(places, None)
            if place is None:
                return
            yield place

    def run() -> None:
        with _connected(address) as line:
            ready.wait()
            for place in mine():
                began = time.perf_counter()
                replies[place] = _exchange(line, requests[place])
                took[place] = time.perf_counter() - began

    threads = [threading.Thread(target=run, daemon=True) for _ in range(connections)]
    for thread in threads:
        thread.start()
    ready.wait(TIMEOUT_S)
    own, theirs, began = time.process_time(), cpu_s(server_pid), time.perf_counter()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    own, theirs = time.process_time() - own, cpu_s(server_pid) - theirs
    return Load(
        tuple(replies),
        len(requests) / wall,
        1000 * float(np.median(took)),
        1000 * float(np.percentile(took, 99)),
        1000 * own / len(requests),
        1000 * theirs / len(requests),
    )


def request(method: str, path: str, host: str, body: bytes = b"", **headers: str) -> bytes:
    """Return an HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + _END_OF_HEAD + body


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process so far, all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _connected(address: tuple[str, int]) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    line = socket.create_connection(address, TIMEOUT_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(line)


def _exchange(line: ssl.SSLSocket, data: bytes) -> tuple[int, bytes]:
    """Send one request; its reply must say how long it is."""
    line.sendall(data)
    read = b""
    while (end := read.find(_END_OF_HEAD)) < 0:
        read += _some(line)
    head = read[:end].lower()
    at = head.index(b"content-length:") + len(b"content-length:")
    length = int(head[at:].split(b"\r\n", 1)[0])
    begin = end + len(_END_OF_HEAD)
    while len(read) < begin + length:
        read += _some(line)
    return int(head.split(b" ", 2)[1]), read[begin:]


def _some(line: ssl.SSLSocket) -> bytes:
    data = line.recv(_CHUNK)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data
