"""The peer of the centre: FastAPI and uvicorn that answer nothing, under the same TLS.

As a process of its own: ``python -m tests.bench.peer FOLDER``, which prints the port it serves on.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI

HOST = "127.0.0.1"


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[tuple[str, int], int]]:
    """Return a block during which the peer serves; gives its address and its process."""
    command = [sys.executable, "-m", "tests.bench.peer", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield (HOST, int(process.stdout.readline())), process.pid  # type: ignore[union-attr]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def main(folder: Path) -> None:
    """Serve until SIGTERM."""
    app = FastAPI()

    @app.post("/")
    async def nothing() -> dict[str, str]:
        return {}

    certificate, key = _certificate(folder)
    config = uvicorn.Config(app, log_config=None, access_log=False, ssl_certfile=certificate, ssl_keyfile=key)
    with socket.create_server((HOST, 0), backlog=512) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as uvicorn's own sockets have it
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(config).run([listening])


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate of the same kind as the centre's, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    paths = folder / "peer.pem", folder / "peer.key.pem"
    paths[0].write_bytes(certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    plain = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    paths[1].write_bytes(plain)
    return paths


if __name__ == "__main__":
    main(Path(sys.argv[1]))
