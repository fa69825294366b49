"""What the tests of the centre share: a clock to move, a server on loopback, and a booth that is none."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import uvicorn
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi import FastAPI

from checkpoint_app.central import database, officers
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.officers import Person, Role
from checkpoint_app.wire.api import EVENTS, TOKEN_SCHEME, URGENT
from checkpoint_app.wire.batch import BATCH_TYPE, write_batch
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.delivery import Batch
from checkpoint_app.wire.enrolment import BoothKeys, BoothState
from checkpoint_app.wire.event import GENESIS
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.token import Asked, Claims, make_token

START = datetime(2026, 11, 27, 9, tzinfo=UTC)
AUDIENCE = "centre-test"
POST = "Rumichaca"
UNLOCK_KEY = bytes(range(32))
ONE_DATABASE = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
"""For many small cases in which the database plays no part."""


class Clock:
    """The centre's time, which stands until a test moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the time."""
        return self.at

    def move(self, **by: float) -> None:
        """Move it, as ``move(hours=2)``."""
        self.at += timedelta(**by)


@contextlib.contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` by a real server on a free port of the loopback, without TLS; yields its base URL."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", server_header=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("the server does not start")
                time.sleep(0.005)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass
class FakeBooth:
    """A booth's keys, and requests signed with them. ``base`` is the server's URL, ``now`` the booth's time."""

    name: str
    base: str = ""
    audience: str = AUDIENCE
    now: datetime = START
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)
    exchange: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate, repr=False)

    @property
    def keys(self) -> BoothKeys:
        """The public keys, as a booth enrols with them."""
        signing, exchange = self.signing.public_key(), self.exchange.public_key()
        return BoothKeys(self.name, signing.public_bytes_raw(), exchange.public_bytes_raw())

    def token(self, method: str, path: str, body: bytes = b"") -> str:
        """Return a fresh token for one request; ``path`` with its query."""
        claims = Claims(self.name, str(uuid.uuid4()), self.now)
        return make_token(self.signing, claims, Asked(method, path, body, self.audience))

    def request(self, method: str, path: str, body: Any = b"", **headers: str) -> requests.Response:
        """Ask the centre, with a token; ``body`` is bytes, a batch, or another dataclass of `wire`."""
        told = {"Content-Type": BATCH_TYPE} if path in (EVENTS, URGENT) and method == "POST" else {}
        if isinstance(body, Batch):
            data = write_batch(body)
        else:
            data = body if isinstance(body, bytes) else canonical_bytes(to_plain(body))
        sent = {"Authorization": f"{TOKEN_SCHEME} {self.token(method, path, data)}"} | told | headers
        return requests.request(method, self.base + path, data=data, headers=sent, timeout=10)


def in_office(centre: Centre, officer_id: str, role: Role = Role.OFFICER) -> None:
    """Put an officer in office, for a year from now on."""
    verifier = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("24680")
    with centre.begin() as connection:
        person = Person("Muster, Eva", role, verifier)
        officers.add(centre, connection, officer_id, person, centre.now() + timedelta(days=365))


def enrolled(centre: Centre, name: str, state: BoothState = BoothState.CONFIRMED, base: str = "") -> FakeBooth:
    """Return a booth that ``centre`` knows, put straight into its database."""
    booth = FakeBooth(name, base, now=centre.now())
    keys = booth.keys
    row = {
        "name": name,
        "post": POST,
        "state": str(state),
        "signing_key": keys.signing,
        "exchange_key": keys.exchange,
        "enrolled_at": to_plain(centre.now()),
        "decided_at": to_plain(centre.now()),
        "decided_by": "admin",
        "head": GENESIS,
    }
    with centre.begin() as connection:
        connection.execute(database.booths.insert().values(**row))
        centre.keep_secret(connection, f"unlock {name}", UNLOCK_KEY)
    return booth
