"""An open centre: its folder, database, vault and clock. Everything else in this room works on one of these."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, select

from checkpoint_app.central import database
from checkpoint_app.central.vault import Vault


class CentreError(Exception):
    """Something asked of the centre can't be done; the message names it and the cure, and is nothing personal.

    ``code`` is a stable word for replies, ``status`` the HTTP status where a request asked.
    """

    def __init__(self, code: str, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def machine_time() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Centre:
    """``folder`` holds packages, repository and certificates; ``now`` is the centre's time, which booths take over."""

    folder: Path
    engine: Engine
    vault: Vault
    now: Callable[[], datetime] = field(default=machine_time)

    @contextlib.contextmanager
    def begin(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Return a block that is one transaction: committed at its end, or nothing of it happened.

        Not ``lasting``: a power cut may undo the last of them. For what is worth nothing after a minute.
        """
        engine = self.engine if lasting else self.engine.execution_options(**{database.LASTING: False})
        with engine.begin() as connection:
            yield connection

    def secret(self, connection: Connection, name: str) -> bytes | None:
        """Return a kept secret, or None."""
        sealed = connection.scalar(select(database.secrets.c.sealed).where(database.secrets.c.name == name))
        return None if sealed is None else self.vault.open(sealed, f"secret {name}")

    def keep_secret(self, connection: Connection, name: str, value: bytes) -> None:
        """Keep a new secret. An existing one is never overwritten: that raises the database's IntegrityError."""
        row = {"name": name, "sealed": self.vault.seal(value, f"secret {name}")}
        connection.execute(database.secrets.insert().values(**row))

    def forget_secret(self, connection: Connection, name: str) -> None:
        """Forget a secret, as before a new one takes its name; one that isn't there is none to forget."""
        connection.execute(delete(database.secrets).where(database.secrets.c.name == name))


def fact(connection: Connection, name: str) -> str | None:
    """Return what ``meta`` says of the centre under ``name``; it is no secret."""
    return connection.scalar(select(database.meta.c.value).where(database.meta.c.name == name))


def keep_fact(connection: Connection, name: str, value: str) -> None:
    """Let ``meta`` say ``value`` under ``name``, whatever it said before."""
    connection.execute(delete(database.meta).where(database.meta.c.name == name))
    connection.execute(database.meta.insert().values(name=name, value=value))
