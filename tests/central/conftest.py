"""A centre for each test of this room, on each of the two databases that a centre may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.central import database
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.vault import Vault
from tests.central.helpers import Clock
from tests.central.postgres import NoPostgresError, new_database, running_postgres


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[str]:
    """The socket folder of a PostgreSQL of the tests' own. Without a server the tests skip, but never in CI."""
    try:
        with running_postgres() as socket:
            yield socket
    except NoPostgresError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture
def postgres_url(postgres_socket: str) -> str:
    """The URL of a fresh empty PostgreSQL database."""
    return new_database(postgres_socket)


@pytest.fixture
def clock() -> Clock:
    """The centre's clock: it stands still until it is moved."""
    return Clock()


@pytest.fixture(params=["sqlcipher", "postgresql"])
def centre(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Centre]:
    """An empty centre with a master key of its own, in ``tmp_path / "centre"``."""
    folder = tmp_path / "centre"
    folder.mkdir(mode=0o700)
    vault = Vault(os.urandom(32))
    if request.param == "sqlcipher":
        engine = database.sqlite_engine(folder, vault.derived("database"))
    else:
        engine = database.postgres_engine(request.getfixturevalue("postgres_url"))
    try:
        database.tables.create_all(engine)
        yield Centre(folder, engine, vault, clock.now)
    finally:
        engine.dispose()
