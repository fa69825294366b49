"""A whole centre, made and served under TLS as `checkpoint central` does it, and requests to it."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from checkpoint_app.central import booths, identity, opening, server
from checkpoint_app.central.centre import Centre
from checkpoint_app.wire.api import TOKEN_SCHEME
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.enrolment import Anchors
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.plain import to_plain
from tests.central.helpers import POST, Clock, FakeBooth

LIGHT = Stretching(time_cost=1, memory_kib=64, lanes=1)
PASSPHRASE = "a synthetic passphrase"


@contextlib.contextmanager
def made(folder: Path, clock: Clock, **how: Any) -> Iterator[Centre]:
    """Return a block with a new centre."""
    centre = opening.create(folder, PASSPHRASE, clock=clock.now, stretching=LIGHT, **how)
    try:
        yield centre
    finally:
        opening.close(centre)


@dataclass
class Line:
    """A served centre. ``ca`` is the file with its authority's certificate."""

    centre: Centre
    url: str
    ca: Path
    audience: str
    clock: Clock

    def booth(self, name: str = "demo-1") -> FakeBooth:
        """Return a booth with new keys that the centre does not know."""
        return FakeBooth(name, self.url, self.audience, self.clock.now())

    def confirmed(self, name: str = "demo-1") -> FakeBooth:
        """Return a booth that enrolled by a code and was confirmed."""
        from checkpoint_app.wire.enrolment import request_enrolment

        booth = self.booth(name)
        booths.enrol(self.centre, request_enrolment(booths.new_code(self.centre, name, POST), booth.keys))
        booths.confirm(self.centre, name, booth.keys.fingerprint)
        return booth

    def ask(
        self, method: str, path: str, body: Any = b"", token: str | None = None, **headers: str
    ) -> requests.Response:
        """Ask the centre; ``body`` is bytes, or a dataclass of `wire`; ``token`` goes with it as it is."""
        data = body if isinstance(body, bytes) else canonical_bytes(to_plain(body))
        if token is not None:
            headers["Authorization"] = f"{TOKEN_SCHEME} {token}"
        return requests.request(method, self.url + path, data=data, headers=headers, timeout=10, verify=str(self.ca))

    def anchors(self) -> Anchors:
        """Return what the centre says a booth is to trust."""
        with self.centre.begin() as connection:
            return identity.anchors(self.centre, connection)

    def connect(self) -> ssl.SSLSocket:
        """Return a bare connection under TLS."""
        host, port = self.url.removeprefix("https://").split(":")
        context = ssl.create_default_context(cafile=self.ca)
        return context.wrap_socket(socket.create_connection((host, int(port)), timeout=10), server_hostname=host)


@contextlib.contextmanager
def served(folder: Path, clock: Clock, **how: Any) -> Iterator[Line]:
    """Return a block with a new centre that is served."""
    with made(folder / "centre", clock, **how) as centre, server.running(centre) as url:
        line = Line(centre, url, folder / "ca.pem", identity.audience(centre), clock)
        line.ca.write_text(line.anchors().ca)
        yield line
