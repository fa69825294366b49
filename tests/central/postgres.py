"""A real PostgreSQL for the tests: a cluster of their own in a folder of its own, on a socket nobody else finds."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

SERVERS = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"
_numbers = itertools.count(1)
_STARTS_WITHIN_S = 30
# Nothing of the tests' data outlives them, so nothing waits for the disk.
_SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60")


class NoPostgresError(Exception):
    """This machine has no PostgreSQL server."""


def programs() -> Path:
    """Return the folder of the newest server's programs. Raises NoPostgresError."""
    found = sorted(SERVERS.glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    if not found:
        raise NoPostgresError(f"no PostgreSQL server in {SERVERS}: apt-get install postgresql")
    return found[-1].parent


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Start a cluster and yield its socket folder; at the end it is stopped, by its own process, and removed."""
    binaries = programs()
    # A server refuses to run as root. A socket's path has at most 107 bytes, so not pytest's own long folders.
    user: dict[str, Any] = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if user:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)
        data, log = folder / "data", folder / "log"
        made = [binaries / "initdb", "-D", data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, *settings],
                stdout=output, stderr=output, cwd=folder, **user,
            )  # fmt: skip
        with server:
            try:
                _wait_for(folder, server, log)
                yield str(folder)
            finally:
                server.send_signal(signal.SIGINT)  # a fast shutdown: it ends its own children
                server.wait(_STARTS_WITHIN_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(socket: str) -> str:
    """Return the URL, for SQLAlchemy, of a fresh empty database."""
    name = f"centre_{next(_numbers)}"
    with psycopg.connect(host=socket, user=ACCOUNT, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql+psycopg://{ACCOUNT}@/{name}?host={socket}"


def _wait_for(socket: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            psycopg.connect(host=str(socket), user=ACCOUNT, dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text()}") from None
            time.sleep(0.02)
        else:
            return
