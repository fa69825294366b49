"""The database's shape, as a list of named steps. Each step and its record are one transaction.

A step once released never changes; a new shape is a new step. A file that has a step unknown here was written by a
newer program and is refused untouched. A step that changes a projection asks for a rebuild, which reads the journal
once all steps are done, so that no step depends on the program's present idea of a projection.
"""

from __future__ import annotations

from collections.abc import Callable

from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import NewerDatabaseError

RECORDS = "migrations"
REBUILD_DUE = "rebuild_due"


def first_schema(db: Database) -> None:
    """Everything of version 1: identity, journal, projections, officers, signed objects, list copies."""
    for statement in _FIRST_SCHEMA.split(";\n\n"):
        db.execute(statement)


def cleared_pairs(db: Database) -> None:
    """Decisions "not the same person", found by the person they were made for."""
    db.execute(
        """CREATE TABLE cleared_pairs (
            seq INTEGER PRIMARY KEY,
            subject_key TEXT NOT NULL,
            list TEXT NOT NULL,
            entry_id TEXT NOT NULL,
            entry_digest TEXT NOT NULL,
            until TEXT NOT NULL
        ) STRICT"""
    )
    db.execute("CREATE INDEX cleared_pairs_subject ON cleared_pairs (subject_key)")
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def delivery_and_cases(db: Database) -> None:
    """What the centre has acknowledged, from when a body's retention counts, cases, and challenges for an unlock."""
    for statement in _DELIVERY_AND_CASES.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def clearances(db: Database) -> None:
    """Decisions "not the same person" that other booths made; of one's own also when, and by which supervisor."""
    for statement in _CLEARANCES.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def layers_and_leases(db: Database) -> None:
    """List copies in layers, their keys wrapped; content keys with their ends."""
    for statement in _LAYERS_AND_LEASES.split(";\n\n"):
        db.execute(statement)


def rescreening(db: Database) -> None:
    """Cases that the booth opened itself, and how far each list was held against Encounters."""
    for statement in _RESCREENING.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def urgent_encounters(db: Database) -> None:
    """Find what is told before its turn, without looking through all that waits."""
    db.execute(
        "CREATE INDEX encounters_urgent ON encounters (last_seq) WHERE advice = 'refer' OR disposition = 'protect'"
    )


def line_and_drills(db: Database) -> None:
    """Changes of the line, and drills."""
    for statement in _LINE_AND_DRILLS.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def consignments(db: Database) -> None:
    """Manifests, the consignment that an Encounter is about, results of inspections, and what a lane serves."""
    for statement in _CONSIGNMENTS.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def lots(db: Database) -> None:
    """Seeds of the lot, and what was committed to, drawn and revealed."""
    for statement in _LOTS.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def rules_judged(db: Database) -> None:
    """What rules came to, and which may only inform."""
    for statement in _RULES_JUDGED.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def vehicles(db: Database) -> None:
    """The vehicle of an Encounter."""
    db.execute("ALTER TABLE encounters ADD COLUMN vehicle TEXT")
    db.execute("CREATE INDEX encounters_vehicle ON encounters (vehicle, decided_at) WHERE vehicle IS NOT NULL")
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def crossed_goods(db: Database) -> None:
    """What goods are found again by: containers, consignee and truck of each reading."""
    for statement in _CROSSED_GOODS.split(";\n\n"):
        db.execute(statement)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (REBUILD_DUE,))


def arrivals(db: Database) -> None:
    """Messages on their way, by whom they name: what screening found of each, and who appeared."""
    for statement in _ARRIVALS.split(";\n\n"):
        db.execute(statement)


def crossed_index(db: Database) -> None:
    """Crossings of people by lane and time."""
    db.execute(
        "CREATE INDEX encounters_crossed ON encounters (lane, decided_at, disposition)"
        " WHERE disposition IN ('let_pass', 'refer', 'protect')"
    )


STEPS: tuple[Callable[[Database], None], ...] = (
    first_schema,
    cleared_pairs,
    delivery_and_cases,
    clearances,
    layers_and_leases,
    rescreening,
    urgent_encounters,
    line_and_drills,
    consignments,
    lots,
    rules_judged,
    vehicles,
    crossed_goods,
    arrivals,
    crossed_index,
)


def migrate(db: Database, steps: tuple[Callable[[Database], None], ...] = STEPS) -> list[str]:
    """Bring the database to its newest shape; returns the names of the steps done now.

    Raises NewerDatabaseError, and the disk's errors; a step that failed has left nothing.
    """
    done = _done(db)
    unknown = done - {step.__name__ for step in steps}
    if unknown:
        raise NewerDatabaseError(
            f"the database was written by a newer version ({', '.join(sorted(unknown))}); update this program"
        )
    fresh = [step for step in steps if step.__name__ not in done]
    for step in fresh:
        with db.transaction():
            step(db)
            db.execute(f"INSERT INTO {RECORDS} (name) VALUES (?)", (step.__name__,))  # noqa: S608  a constant
    return [step.__name__ for step in fresh]


def _done(db: Database) -> set[str]:
    if RECORDS not in db.table_names():
        db.execute(f"CREATE TABLE {RECORDS} (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT")
    return {row["name"] for row in db.rows(f"SELECT name FROM {RECORDS}")}  # noqa: S608  a constant


_FIRST_SCHEMA = """\
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    booth TEXT NOT NULL,
    signing_key BLOB NOT NULL,
    exchange_key BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE events (seq INTEGER PRIMARY KEY, header BLOB NOT NULL, signature BLOB NOT NULL) STRICT;

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE bodies (seq INTEGER PRIMARY KEY REFERENCES events, sealed BLOB NOT NULL) STRICT;

CREATE TABLE body_keys (seq INTEGER PRIMARY KEY REFERENCES events, body_key BLOB NOT NULL) STRICT;

CREATE TABLE encounters (
    encounter_id TEXT PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    read_at TEXT,
    direction TEXT,
    lane TEXT,
    officer TEXT,
    document TEXT,
    document_key TEXT,
    person_key TEXT,
    advice TEXT,
    answered_at TEXT,
    disposition TEXT,
    reason_code TEXT,
    decided_at TEXT,
    decided_by TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX encounters_open ON encounters (last_seq) WHERE state <> 'closed';

CREATE INDEX encounters_begun ON encounters (first_seq);

CREATE INDEX encounters_closed ON encounters (last_seq) WHERE state = 'closed';

CREATE INDEX encounters_document ON encounters (document_key) WHERE document_key IS NOT NULL;

CREATE INDEX encounters_person ON encounters (person_key) WHERE person_key IS NOT NULL;

CREATE INDEX encounters_decided ON encounters (decided_at) WHERE decided_at IS NOT NULL;

CREATE TABLE encounter_events (seq INTEGER PRIMARY KEY, encounter_id TEXT NOT NULL) STRICT;

CREATE INDEX encounter_events_of ON encounter_events (encounter_id, seq);

CREATE TABLE sign_ins (
    seq INTEGER PRIMARY KEY, officer TEXT NOT NULL, at TEXT NOT NULL, signed_in INTEGER NOT NULL
) STRICT;

CREATE TABLE crossings (seq INTEGER PRIMARY KEY, direction TEXT NOT NULL, lane TEXT NOT NULL, at TEXT NOT NULL) STRICT;

CREATE TABLE officers (
    officer_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    verifier TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    wrong_tries INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE signed_objects (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    data BLOB NOT NULL,
    issued_at TEXT,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE list_copies (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    header BLOB NOT NULL,
    segment TEXT NOT NULL,
    segment_key BLOB NOT NULL,
    issued_at TEXT NOT NULL,
    in_force INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX list_copies_in_force ON list_copies (name) WHERE in_force = 1
"""

_DELIVERY_AND_CASES = """\
CREATE TABLE acknowledged (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL, head TEXT NOT NULL) STRICT;

CREATE TABLE wanted_bodies (seq INTEGER PRIMARY KEY) STRICT;

ALTER TABLE body_keys ADD COLUMN kept_from TEXT;

UPDATE body_keys SET kept_from = (
    SELECT max(
        json_extract(CAST(header AS TEXT), '$.wall_time'),
        coalesce(json_extract(CAST(header AS TEXT), '$.trusted_time'), '')
    )
    FROM events WHERE events.seq = body_keys.seq
);

CREATE INDEX body_keys_kept_from ON body_keys (kept_from);

CREATE TABLE case_events (
    seq INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT,
    outcome TEXT,
    number INTEGER,
    encounter_id TEXT,
    data BLOB
) STRICT;

CREATE INDEX case_events_of ON case_events (case_id);

CREATE TABLE unlock_challenges (
    officer_id TEXT PRIMARY KEY,
    challenge TEXT NOT NULL,
    wrong_tries INTEGER NOT NULL DEFAULT 0,
    spent_at TEXT
) STRICT, WITHOUT ROWID
"""

_CLEARANCES = """\
DROP TABLE cleared_pairs;

CREATE TABLE cleared_pairs (
    seq INTEGER PRIMARY KEY,
    subject_key TEXT NOT NULL,
    list TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    entry_digest TEXT NOT NULL,
    until TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    supervisor TEXT NOT NULL
) STRICT;

CREATE INDEX cleared_pairs_subject ON cleared_pairs (subject_key);

CREATE TABLE clearance_key (only INTEGER PRIMARY KEY CHECK (only = 1), key BLOB NOT NULL) STRICT;

CREATE TABLE carried_clearances (
    event_id TEXT PRIMARY KEY,
    mark BLOB NOT NULL,
    list TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    entry_digest TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    until TEXT NOT NULL,
    booth TEXT NOT NULL,
    post TEXT NOT NULL,
    decided_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX carried_clearances_mark ON carried_clearances (mark);

CREATE TABLE ended_clearances (event_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID
"""

_RESCREENING = """\
DROP TABLE case_events;

CREATE TABLE case_events (
    seq INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT,
    outcome TEXT,
    number INTEGER,
    up_to INTEGER,
    encounter_id TEXT,
    marks TEXT,
    data BLOB
) STRICT;

CREATE INDEX case_events_of ON case_events (case_id);

CREATE INDEX case_events_encounter ON case_events (encounter_id) WHERE encounter_id IS NOT NULL;

CREATE TABLE rescreened (
    list TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    oldest INTEGER NOT NULL,
    base INTEGER NOT NULL,
    base_newest INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""

_LAYERS_AND_LEASES = """\
CREATE TABLE leases (
    key_id TEXT PRIMARY KEY, list TEXT NOT NULL, content_key BLOB NOT NULL, not_after TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE list_layers (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    place INTEGER NOT NULL,
    segment TEXT NOT NULL,
    key_id TEXT NOT NULL,
    segment_key BLOB NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (name, version, place)
) STRICT, WITHOUT ROWID;

INSERT INTO list_layers
SELECT name, version, 0, segment, '', segment_key, json_extract(CAST(header AS TEXT), '$.record_count')
FROM list_copies WHERE in_force = 1;

ALTER TABLE list_copies DROP COLUMN segment;

ALTER TABLE list_copies DROP COLUMN segment_key
"""

_LINE_AND_DRILLS = """\
CREATE TABLE line_events (
    seq INTEGER PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL, lasted_s INTEGER
) STRICT;

CREATE TABLE drill_events (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, begun INTEGER NOT NULL, body TEXT NOT NULL
) STRICT
"""

_CONSIGNMENTS = """\
ALTER TABLE encounters ADD COLUMN consignment TEXT;

ALTER TABLE crossings ADD COLUMN kind TEXT NOT NULL DEFAULT 'people';

CREATE INDEX encounters_disposition ON encounters (disposition, decided_at) WHERE disposition IS NOT NULL;

CREATE TABLE inspection_results (
    seq INTEGER PRIMARY KEY, encounter_id TEXT NOT NULL, result TEXT NOT NULL, at TEXT NOT NULL
) STRICT;

CREATE INDEX inspection_results_of ON inspection_results (encounter_id);

CREATE TABLE manifests (
    manifest TEXT PRIMARY KEY,
    holds TEXT NOT NULL,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    received_at TEXT NOT NULL,
    digest TEXT NOT NULL,
    items INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX manifests_digest ON manifests (digest);

CREATE TABLE manifest_items (
    manifest TEXT NOT NULL, place INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (manifest, place)
) STRICT;

CREATE TABLE manifest_numbers (
    number TEXT NOT NULL, manifest TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (number, manifest, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX manifest_numbers_of ON manifest_numbers (manifest)
"""

_LOTS = """\
CREATE TABLE draw_seeds (
    commitment TEXT PRIMARY KEY, day TEXT NOT NULL, seed BLOB NOT NULL, source TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE draw_commits (
    seq INTEGER PRIMARY KEY, lane TEXT NOT NULL, day TEXT NOT NULL, commitment TEXT NOT NULL, revealed INTEGER NOT NULL
) STRICT;

CREATE TABLE draws (
    seq INTEGER PRIMARY KEY,
    encounter_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    day TEXT NOT NULL,
    number INTEGER NOT NULL,
    commitment TEXT NOT NULL,
    rate INTEGER NOT NULL,
    selected INTEGER NOT NULL
) STRICT;

CREATE INDEX draws_encounter ON draws (encounter_id);

CREATE INDEX draws_day ON draws (lane, day)
"""

_RULES_JUDGED = """\
CREATE TABLE rule_evaluations (
    seq INTEGER PRIMARY KEY, encounter_id TEXT NOT NULL, at TEXT NOT NULL, sets TEXT NOT NULL
) STRICT;

CREATE INDEX rule_evaluations_encounter ON rule_evaluations (encounter_id);

CREATE INDEX rule_evaluations_at ON rule_evaluations (at);

CREATE TABLE rule_orders (digest TEXT PRIMARY KEY, rules TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE rule_standings (
    seq INTEGER PRIMARY KEY,
    rule_set TEXT NOT NULL,
    rule TEXT NOT NULL,
    version INTEGER NOT NULL,
    suspended INTEGER NOT NULL,
    why TEXT NOT NULL
) STRICT
"""

_CROSSED_GOODS = """\
CREATE TABLE goods_marks (
    seq INTEGER NOT NULL, encounter_id TEXT NOT NULL, passage TEXT NOT NULL, kind TEXT NOT NULL, mark TEXT NOT NULL
) STRICT;

CREATE INDEX goods_marks_seq ON goods_marks (seq);

CREATE INDEX goods_marks_encounter ON goods_marks (encounter_id, seq);

CREATE INDEX goods_marks_mark ON goods_marks (mark)
"""

_ARRIVALS = """\
CREATE TABLE arrivals (
    manifest TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    route TEXT NOT NULL,
    due TEXT NOT NULL,
    ends TEXT NOT NULL,
    indexed INTEGER NOT NULL,
    whole INTEGER NOT NULL DEFAULT 0,
    people INTEGER NOT NULL DEFAULT 0,
    mark TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT -1,
    asked_mark TEXT NOT NULL DEFAULT '',
    asked INTEGER NOT NULL DEFAULT -1,
    told TEXT NOT NULL DEFAULT '',
    here INTEGER NOT NULL DEFAULT 0,
    closed_at TEXT,
    closed_by TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE arrival_lines (
    manifest TEXT NOT NULL,
    place INTEGER NOT NULL,
    item INTEGER NOT NULL,
    within INTEGER NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT '',
    refused TEXT NOT NULL DEFAULT '',
    answers TEXT NOT NULL DEFAULT '',
    centre TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (manifest, place)
) STRICT;

CREATE INDEX arrival_lines_outcome ON arrival_lines (manifest, outcome);

CREATE TABLE arrival_keys (
    key TEXT NOT NULL, manifest TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (manifest, key, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE arrival_matches (
    encounter_id TEXT NOT NULL, manifest TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (encounter_id, manifest)
) STRICT, WITHOUT ROWID;

CREATE INDEX arrival_matches_of ON arrival_matches (manifest, place);

CREATE TRIGGER arrivals_go_with_their_manifests AFTER DELETE ON manifests BEGIN
    DELETE FROM arrivals WHERE manifest = OLD.manifest;
    DELETE FROM arrival_lines WHERE manifest = OLD.manifest;
    DELETE FROM arrival_keys WHERE manifest = OLD.manifest;
    DELETE FROM arrival_matches WHERE manifest = OLD.manifest;
END
"""
