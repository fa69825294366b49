"""The shape of the database: old files open and migrate, a broken step leaves nothing, order and names are fixed."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import migrations
from checkpoint_app.store.connection import Database, open_database
from checkpoint_app.store.errors import NewerDatabaseError, StoreMisuseError
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import KEY, START, document, dump, new_store, reopen
from tests.store.make_golden import GOLDEN


def schema(db: Database) -> list[tuple[str, str]]:
    rows = db.rows("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    return [(row["name"], " ".join(row["sql"].split())) for row in rows]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    shutil.copy(GOLDEN, folder / "booth.db")
    return folder


def test_the_golden_file_is_of_version_1(old: Path, tmp_path: Path) -> None:
    db = open_database(old / "booth.db", KEY)
    fresh = open_database(tmp_path / "fresh.db", KEY, create=True)
    assert migrations.migrate(fresh, migrations.STEPS[:1]) == ["first_schema"]
    assert schema(db) == schema(fresh)
    db.close()
    fresh.close()


def test_an_old_file_opens_with_all_that_was_in_it(old: Path) -> None:
    with reopen(old) as store:
        assert store.migrated == [step.__name__ for step in migrations.STEPS[1:]]
        assert store.journal.verify().head.seq == 10
        assert store.journal.verify().erased == 1
        waiting = store.projections.open_encounter()
        assert waiting is not None
        assert waiting.encounter_id == "third"
        crossing = store.projections.crossing()
        assert crossing is not None
        assert (crossing.direction, crossing.lane) == ("in", "2")
        assert store.projections.history(document()).times == 1
        # the pair was decided before there was a table for it
        assert store.clearances.find(document(), "wanted", "e-1", "d" * 64, START + timedelta(days=1))
    with reopen(old) as store:
        assert store.migrated == []
        store.journal.append(EventKind.SIGNED_OUT, {"officer": "o-1"})
        assert store.journal.verify().head.seq == 11


def test_a_migrated_file_has_the_shape_and_rows_of_a_new_one(old: Path, tmp_path: Path) -> None:
    with reopen(old) as migrated, new_store(tmp_path / "new") as new:
        assert schema(migrated._db) == schema(new._db)
        assert [row["name"] for row in migrated._db.rows("SELECT name FROM migrations ORDER BY place")] == [
            step.__name__ for step in migrations.STEPS
        ]
        before = dump(migrated)
        migrated.journal.rebuild_projections()
        assert dump(migrated) == before
        assert before["cleared_pairs"]


def test_a_kill_between_migration_and_rebuild_loses_nothing(old: Path) -> None:
    db = open_database(old / "booth.db", KEY)
    assert migrations.migrate(db) == [step.__name__ for step in migrations.STEPS[1:]]
    db.close()  # as if the process had ended here
    with reopen(old) as store:
        assert store.migrated == []
        assert store.clearances.find(document(), "wanted", "e-1", "d" * 64, START)
        assert not store.projections.rebuild_is_due()


def test_a_step_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def half_step(db: Database) -> None:
        db.execute("CREATE TABLE half (a) ")
        db.execute("INSERT INTO nowhere VALUES (1)")

    db = open_database(tmp_path / "a.db", KEY, create=True)
    with pytest.raises(StoreMisuseError):
        migrations.migrate(db, (migrations.first_schema, half_step))
    assert "half" not in db.table_names()
    assert migrations.migrate(db, (migrations.first_schema,)) == []
    db.close()


def test_a_newer_step_is_refused(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db", KEY, create=True)
    migrations.migrate(db)
    with pytest.raises(NewerDatabaseError, match="cleared_pairs"):
        migrations.migrate(db, migrations.STEPS[:1])
    db.close()


def test_released_steps_keep_their_names_and_order() -> None:
    assert [step.__name__ for step in migrations.STEPS][:7] == [
        "first_schema",
        "cleared_pairs",
        "delivery_and_cases",
        "clearances",
        "layers_and_leases",
        "rescreening",
        "urgent_encounters",
    ]


def test_events_cannot_be_changed_or_removed_by_sql(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.STARTED, {})
        with pytest.raises(StoreMisuseError):
            store._db.execute("UPDATE events SET header = x'00'")
        with pytest.raises(StoreMisuseError):
            store._db.execute("DELETE FROM events")
        assert store.journal.verify().head.seq == 1
