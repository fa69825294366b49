"""A centre is made once, and opened by each command: the folder, its key file, the database and its schema."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from checkpoint_app.central import acts, database, files, identity, keys, tls
from checkpoint_app.central.centre import Centre, CentreError, fact, keep_fact, machine_time
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.passphrase import Stretching

SCHEMA = 6
_SCHEMA, _ID = "schema", "id"
_DATABASE_FILES = tuple(database.DATABASE_FILE + ending for ending in ("", "-wal", "-shm", "-journal"))
_FOLDERS = ("tls", "repository", "lists")


def create(
    folder: Path,
    passphrase: str,
    *,
    database_url: str = "",
    host_names: Sequence[str] = (),
    clock: Callable[[], datetime] = machine_time,
    stretching: Stretching | None = None,
) -> Centre:
    """Make a new centre in ``folder``, which belongs to its owner alone, and return it open.

    ``database_url`` names an empty PostgreSQL database; without one it is an encrypted file. What an earlier start
    left that was broken off is made anew. Raises CentreError, and then nothing stands in the way of another try.
    """
    folder = folder.absolute()  # children that build lists work elsewhere
    _prepare(folder)
    left_id = keys.half_id(folder)
    _remove_leftovers(folder)
    key = keys.write_half_key(folder, passphrase, database_url, stretching)
    if not database_url:
        files.create_private(folder / database.DATABASE_FILE).close()
    centre = Centre(folder, _engine(folder, key), key.vault, clock)
    try:
        with _database_errors(), centre.begin() as connection:
            _make_tables(connection, left_id)
            keep_fact(connection, _ID, key.id)
            keep_fact(connection, _SCHEMA, str(SCHEMA))
            tls.create(centre, connection, host_names)
            identity.create(centre, connection)
            _create_repository(centre, connection)
            acts.act(centre, connection, "centre made", {"id": key.id})
        keys.make_whole(folder)
    except BaseException:
        close(centre)
        raise
    return centre


def open_centre(folder: Path, passphrase: str, *, clock: Callable[[], datetime] = machine_time) -> Centre:
    """Return the centre in ``folder``. Raises CentreError; a newer program's database is left as it is."""
    folder = folder.absolute()
    key = keys.open_key(folder, passphrase)
    if not key.database_url and not (folder / database.DATABASE_FILE).exists():
        raise CentreError("database_missing", f"{folder}: its database is not there; restore it from a backup")
    centre = Centre(folder, _engine(folder, key), key.vault, clock)
    try:
        with _database_errors(), centre.begin() as connection:
            _check(connection, key.id)
            _bring_up(centre, connection)
    except BaseException:
        close(centre)
        raise
    return centre


def close(centre: Centre) -> None:
    """Close the centre's connections to its database."""
    centre.engine.dispose()


def _prepare(folder: Path) -> None:
    """Make the folder its owner's alone, and refuse one that has a centre, or what is left of one."""
    try:
        files.private_folder(folder).chmod(0o700)
        here = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise CentreError("folder_unusable", f"{folder}: cannot be used: {error.strerror}") from error
    if keys.KEY_FILE in here:
        raise CentreError("centre_exists", f"{folder}: there is a centre already; it is never overwritten")
    if keys.HALF_KEY_FILE not in here and here & {*_DATABASE_FILES, *_FOLDERS}:
        cure = "restore it from a backup, or take another folder"
        raise CentreError("key_missing", f"{folder}: there is a centre whose {keys.KEY_FILE} is missing; {cure}")


def _remove_leftovers(folder: Path) -> None:
    """Remove what a start made that was broken off: without its key file nothing of it can ever be opened."""
    for name in _DATABASE_FILES:
        (folder / name).unlink(missing_ok=True)
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)


def _engine(folder: Path, key: keys.CentreKey) -> Engine:
    if not key.database_url:
        return database.sqlite_engine(folder, key.vault.derived("database"))
    scheme, _, rest = key.database_url.partition("://")
    if scheme not in ("postgresql", "postgresql+psycopg") or not rest:
        raise CentreError("database_url", "the database's URL is not like postgresql://USER@HOST/NAME; correct it")
    try:
        return database.postgres_engine(f"postgresql+psycopg://{rest}")
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise CentreError("database_url", "the database's URL cannot be read; correct it") from error


def _make_tables(connection: Connection, left_id: str | None) -> None:
    """Make all tables. A database of another centre is refused; what this folder's broken start left there goes."""
    if inspect(connection).has_table(database.meta.name):
        if left_id is None or fact(connection, _ID) != left_id:
            raise CentreError("database_taken", "the database has a centre already; name an empty one")
        database.tables.drop_all(connection)
    database.tables.create_all(connection, checkfirst=False)


def _create_repository(centre: Centre, connection: Connection) -> None:
    from checkpoint_app.central import publishing

    publishing.create_repository(centre, connection)


def _check(connection: Connection, centre_id: str) -> None:
    """Refuse a database that is not this centre's, or that a newer program wrote."""
    schema = fact(connection, _SCHEMA) or ""
    if not schema.isdigit() or fact(connection, _ID) != centre_id:
        raise CentreError("database_other", "the database is not that of this centre; restore it from a backup")
    if int(schema) > SCHEMA:
        raise CentreError("centre_newer", "the centre's database was written by a newer program; install that one")


def _bring_up(centre: Centre, connection: Connection) -> None:
    """Bring an older program's database up: schema 2 has clearances, which are read anew out of the events' bodies.

    Schema 3 has screenings, and 4 early events and the chains of earlier keys, of which an older one knows none. Schema
    5 knows when Encounters were decided: of those before, when that was heard. Schema 6 has crossings, of goods
    too, and what rules came to.
    """
    schema = fact(connection, _SCHEMA)
    if schema == str(SCHEMA):
        return
    from checkpoint_app.central import encounters, rescreening

    if schema == "1":
        database.clearances.create(connection, checkfirst=True)
        encounters.project_again(centre, connection, EventKind.NOT_SAME_PERSON)
    for table in (database.screenings, database.early_events, database.chain_starts, database.left_chains):
        table.create(connection, checkfirst=True)
    for table in (database.crossings, database.goods_marks):
        table.create(connection, checkfirst=True)
    rescreening.bring_up(connection)
    database.evaluations.create(connection, checkfirst=True)
    bring_up_rules(centre, connection)
    encounters.project_crossings(centre, connection)
    keep_fact(connection, _SCHEMA, str(SCHEMA))


def bring_up_rules(centre: Centre, connection: Connection) -> None:
    """Make the tables by which rules are counted, out of the events that are here."""
    from checkpoint_app.central import encounters, rule_subjects

    for table in (database.rule_subjects, database.rule_days, database.rule_orders):
        table.create(connection, checkfirst=True)
    for kind in rule_subjects.COLUMNS:
        encounters.project_again(centre, connection, kind)


@contextlib.contextmanager
def _database_errors() -> Iterator[None]:
    """Say in one line that the database does not do it; the driver's own words may hold more than is anybody's."""
    try:
        yield
    except SQLAlchemyError as error:
        kind = type(error.orig if isinstance(error, DBAPIError) else error).__name__
        cure = "see that it is there, empty for a new centre, and its server up"
        raise CentreError("database_failed", f"the centre's database cannot be used ({kind}); {cure}") from error
