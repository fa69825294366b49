"""The centre's database: SQLAlchemy Core on SQLCipher's SQLite, or on PostgreSQL, by the same code.

Moments are texts in the plain form of `wire.plain`, so that both databases sort them alike. What is personal is sealed
by the vault before it comes here, so that nothing personal is in clear in a PostgreSQL's files either.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.pool import QueuePool

DATABASE_FILE = "centre.db"
BUSY_MS = 30_000
LASTING = "lasting"
"""The execution option of a transaction; without it SQLite does not wait for the disk: a power cut may undo it."""

tables = MetaData()

meta = Table("meta", tables, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

secrets = Table(
    "secrets", tables, Column("name", Text, primary_key=True), Column("sealed", LargeBinary, nullable=False)
)

acts = Table(
    "acts",
    tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),  # canonical JSON; nothing personal of travellers
    Column("hash", Text, nullable=False),  # over the act and the hash before it
)

alarms = Table(
    "alarms",
    tables,
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("booth", Text, nullable=False),
    Column("about", Text, nullable=False),
    UniqueConstraint("kind", "booth", "about"),
)

agreements = Table(
    "agreements",
    tables,
    Column("name", Text, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("begins_at", Text, nullable=False),
    Column("ends_at", Text, nullable=False),
)

lists = Table(
    "lists",
    tables,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("originator", Text, nullable=False),
    Column("agreement", Text),
    Column("partner_key", LargeBinary),  # raw Ed25519 key that signs the source; none: the post's own list
    Column("silent", Boolean, nullable=False, default=False),
    Column("handling", Text, nullable=False, default="[]"),
)

versions = Table(
    "versions",
    tables,
    Column("list", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),  # a partner's own number may be a date with a count
    Column("state", Text, nullable=False),  # pending (wants a second approver), ready, published, refused
    Column("issued_at", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("change", Text, nullable=False),  # canonical JSON: added, removed, changed, before
    Column("imported_at", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("approved_by", Text, nullable=False, default=""),
)

booths = Table(
    "booths",
    tables,
    Column("name", Text, primary_key=True),
    Column("post", Text, nullable=False),
    Column("state", Text, nullable=False),  # wire.enrolment.BoothState
    Column("signing_key", LargeBinary, nullable=False),
    Column("exchange_key", LargeBinary, nullable=False),
    Column("enrolled_at", Text, nullable=False),
    Column("decided_at", Text),
    Column("decided_by", Text),
    Column("last_seen", Text),
    Column("chain", Integer, nullable=False, default=1),
    Column("seq", Integer, nullable=False, default=0),
    Column("head", Text, nullable=False),
    Column("new_chain_allowed", Boolean, nullable=False, default=False),
)

codes = Table(
    "codes",
    tables,
    Column("id", Text, primary_key=True),
    Column("booth", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("used_at", Text),
)

used_tokens = Table(
    "used_tokens",
    tables,
    Column("booth", Text, primary_key=True),
    Column("token_id", Text, primary_key=True),
    Column("at", Text, nullable=False),
)
Index("used_tokens_at", used_tokens.c.at)

officers = Table(
    "officers",
    tables,
    Column("id", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # canonical JSON: name, role, verifier
    Column("ends_at", Text, nullable=False),
    Column("disabled_at", Text),
)

events = Table(
    "events",
    tables,
    Column("booth", Text, primary_key=True),
    Column("chain", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    UniqueConstraint("booth", "event_id"),
)

bodies = Table(
    "bodies",
    tables,
    Column("booth", Text, primary_key=True),
    Column("chain", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("state", Text, nullable=False),  # wanted, here, erased
    Column("sealed", LargeBinary),  # salt and canonical body
)
Index("bodies_wanted", bodies.c.booth, bodies.c.seq, sqlite_where=bodies.c.state == "wanted")

early_events = Table(
    "early_events",
    tables,
    Column("booth", Text, primary_key=True),
    Column("chain", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # salt and canonical body
    Column("received_at", Text, nullable=False),
    UniqueConstraint("booth", "event_id"),
)

chain_starts = Table(
    "chain_starts",
    tables,
    Column("booth", Text, primary_key=True),
    Column("chain", Integer, primary_key=True),
    Column("follows", Integer, nullable=False),  # where it is not the number before; 0: none
)

left_chains = Table(
    "left_chains",
    tables,
    Column("booth", Text, primary_key=True),
    Column("signing_key", LargeBinary, primary_key=True),
    Column("chain", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", Text, nullable=False),
)

encounters = Table(
    "encounters",
    tables,
    Column("booth", Text, primary_key=True),
    Column("encounter_id", Text, primary_key=True),
    Column("chain", Integer, nullable=False),
    Column("read_seq", Integer),
    Column("answered_seq", Integer),
    Column("decided_seq", Integer),
    Column("screened_seq", Integer, nullable=False, default=0),  # the disposition that it was screened for
    Column("decided_at", Text),  # no later than it was screened; none before that
)
Index("encounters_decided", encounters.c.decided_at, encounters.c.booth, encounters.c.encounter_id)

crossings = Table(
    "crossings",
    tables,
    Column("booth", Text, primary_key=True),
    Column("encounter_id", Text, primary_key=True),
    Column("person", Text),
    Column("document", Text),
    Column("at", Text, nullable=False),
    Column("entry", Integer, nullable=False),
)
Index("crossings_person", crossings.c.person, crossings.c.at)
Index("crossings_document", crossings.c.document, crossings.c.at)
Index("crossings_at", crossings.c.at)

goods_marks = Table(
    "goods_marks",
    tables,
    Column("booth", Text, primary_key=True),
    Column("encounter_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # container, consignee, vehicle
    Column("mark", Text, primary_key=True),
    Column("passage", Text, nullable=False),  # the manifest that it came with, or the Encounter
    Column("at", Text, nullable=False),
    Column("imported", Integer, nullable=False),
)
Index("goods_marks_mark", goods_marks.c.mark, goods_marks.c.at)
Index("goods_marks_at", goods_marks.c.at)

rescreened = Table(
    "rescreened",
    tables,
    Column("list", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("seen_at", Text, nullable=False),  # when that version was first here
    # The Encounter down to which it was held against them, as they stand in encounters_decided. Empty: all are done.
    Column("decided_at", Text, nullable=False),
    Column("booth", Text, nullable=False),
    Column("encounter_id", Text, nullable=False),
)

evaluations = Table(
    "evaluations",
    tables,
    Column("booth", Text, primary_key=True),
    Column("chain", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("list", Text, primary_key=True),  # the rule set
    Column("version", BigInteger, nullable=False),
    Column("encounter_id", Text, nullable=False),
    Column("hit", Boolean, nullable=False),  # a rule of it hit
    Column("state", Text, nullable=False),  # central.evaluations.Replay
)
Index("evaluations_state", evaluations.c.state, evaluations.c.booth, evaluations.c.chain, evaluations.c.seq)
Index("evaluations_encounter", evaluations.c.booth, evaluations.c.encounter_id)

rule_subjects = Table(
    "rule_subjects",
    tables,
    Column("booth", Text, primary_key=True),
    Column("encounter_id", Text, primary_key=True),
    Column("chain", Integer, nullable=False),
    Column("evaluated_seq", Integer),
    Column("drawn_seq", Integer),
    Column("result_seq", Integer),
    Column("day", Text),  # by which it is counted: the booth's own; none before it was evaluated or drawn
)
Index("rule_subjects_day", rule_subjects.c.booth, rule_subjects.c.day, rule_subjects.c.encounter_id)

rule_days = Table(
    "rule_days",
    tables,
    Column("booth", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("changes", Integer, nullable=False),  # events that changed what is counted of it
    Column("counted", Integer, nullable=False, default=0),  # after how many of them it was counted
    Column("sealed", LargeBinary),  # canonical JSON of central.rule_days.Day
)

rule_orders = Table(
    "rule_orders",
    tables,
    Column("list", Text, primary_key=True),  # the rule set
    Column("version", BigInteger, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # canonical JSON of central.rule_orders.Order
)

clearances = Table(
    "clearances",
    tables,
    Column("booth", Text, primary_key=True),
    Column("chain", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("subject", Text, nullable=False),  # keyed digest of the person
    Column("sealed", LargeBinary, nullable=False),  # canonical JSON of central.clearances.People
    Column("list", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("entry_digest", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("said_until", Text, nullable=False),  # as the booth says: until then it is told that it has ended
    Column("state", Text, nullable=False),  # central.clearances.ClearanceState
    Column("why", Text, nullable=False, default=""),
)
Index("clearances_subject", clearances.c.subject)

screenings = Table(
    "screenings",
    tables,
    Column("booth", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("digest", Text, nullable=False),  # keyed digest of the request
    Column("versions", Text, nullable=False),
)
Index("screenings_at", screenings.c.at)

cases = Table(
    "cases",
    tables,
    Column("case_id", Text, primary_key=True),
    Column("booth", Text, nullable=False),
    Column("encounter_id", Text, nullable=False),
    Column("list", Text, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False, default=""),
    Column("opened_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # canonical JSON of wire.case.Case
    UniqueConstraint("booth", "encounter_id", "list", "silent"),
)

inbox = Table(
    "inbox",
    tables,
    Column("booth", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # canonical JSON of wire.statement.Statement
)


def sqlite_engine(folder: Path, key: bytes) -> Engine:
    """Return the engine of the encrypted SQLite database in ``folder``; ``key`` has 32 bytes.

    It has one connection: of SQLite's transactions one at a time may write, and threads that wait for a connection are
    woken in turn, where those that wait for the lock would sleep and try again.
    """
    from sqlcipher3 import dbapi2

    path = folder / DATABASE_FILE

    def connect() -> Any:
        connection = dbapi2.connect(str(path), check_same_thread=False, isolation_level=None)
        for pragma in (
            "cipher_log_level = NONE",
            f"key = \"x'{key.hex()}'\"",
            f"busy_timeout = {BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = create_engine(
        "sqlite://", module=dbapi2, creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0
    )
    event.listen(engine, "begin", _begin_at_once)
    return engine


def postgres_engine(url: str) -> Engine:
    """Return the engine of a PostgreSQL database, such as ``postgresql+psycopg://…``; its reads are serializable."""
    return create_engine(url, isolation_level="SERIALIZABLE", pool_size=8, pool_pre_ping=True)


def _begin_at_once(connection: Any) -> None:
    """Take the write lock at the start: two transactions that both read first could otherwise not both go on."""
    lasting = connection.get_execution_options().get(LASTING, True)
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
