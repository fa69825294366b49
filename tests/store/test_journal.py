"""The journal: signed, chained, durable; bodies that can be erased and nothing else; trusted time."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import (
    BodyErasedError,
    ChainBrokenError,
    DiskFullError,
    Head,
    StoreError,
    StoreMisuseError,
)
from checkpoint_app.store.connection import open_database
from checkpoint_app.wire.event import GENESIS, EventKind, chain_hash, verify_event
from tests.store.helpers import (
    FAMILY_NAME,
    KEY,
    START,
    FakeClock,
    create,
    decided_body,
    dump,
    new_store,
    one_encounter,
    read_body,
    reopen,
)


def test_events_are_dense_chained_and_signed(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert store.journal.head() == Head(0, GENESIS)
        one_encounter(store, "a")
        events = list(store.journal.events())
        assert [event.header.seq for event in events] == [1, 2, 3]
        assert [event.header.previous for event in events] == [GENESIS, *map(chain_hash, events[:2])]
        assert len({event.header.event_id for event in events}) == 3
        for event in events:
            verify_event(event, store.identity.public_key)
        assert store.journal.head() == Head(3, chain_hash(events[2]))
        assert store.journal.hash_at(2) == chain_hash(events[1])
        assert store.journal.hash_at(4) is None
        assert store.journal.verify().head == store.journal.head()


def test_a_body_comes_back_as_it_was(tmp_path: Path) -> None:
    body = read_body("a", mrz=["P<UTO", "X"], by_hand=[], note="ñ Ω 🛂")
    with new_store(tmp_path) as store:
        assert store.journal.append(EventKind.ENCOUNTER_READ, body).header.seq == 1
        assert store.journal.body(1) == body
        with pytest.raises(StoreMisuseError, match="no event 2"):
            store.journal.body(2)
        with pytest.raises(StoreMisuseError):
            store.journal.body(0)


def test_events_come_in_pages_without_end_or_doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkpoint_app.store.journal._PAGE", 3)
    with new_store(tmp_path) as store:
        for n in range(10):
            store.journal.append(EventKind.STARTED, {"n": n})
        assert [event.header.seq for event in store.journal.events()] == list(range(1, 11))
        assert [event.header.seq for event in store.journal.events(4, 5)] == [5, 6, 7, 8, 9]
        assert list(store.journal.events(10)) == []
        assert list(store.journal.events(0, 0)) == []


def test_the_outbox_is_what_is_not_acknowledged(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        assert store.journal.outbox().count == 0
        assert store.journal.outbox().oldest is None
        one_encounter(store, "a")
        outbox = store.journal.outbox(1)
        second = next(store.journal.events(1, 1))
        assert (outbox.count, outbox.oldest, outbox.head) == (2, second.header.wall_time, store.journal.head())
        assert store.journal.outbox(3).count == 0
        assert store.journal.outbox(3).oldest is None


def test_an_erased_body_is_gone_and_the_chain_holds(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
        one_encounter(store, "b")
        assert store.journal.erase_body(1)
        assert not store.journal.erase_body(1)
        with pytest.raises(BodyErasedError):
            store.journal.body(1)
        assert store.journal.body(2)["encounter_id"] == "a"
        checked = store.journal.verify()
        assert (checked.head.seq, checked.erased) == (6, 1)
        row = store.projections.encounter("a")
        assert row is not None
        assert (row.document, row.person_key, row.disposition) == (None, None, "let_pass")
        assert store.journal.erase_bodies([2, 3]) == 2
        assert store.projections.encounter("a") is None
        assert store.projections.encounter("b") is not None


def test_an_erased_body_is_in_neither_file(tmp_path: Path) -> None:
    """Looks at the pages in clear: what SQLCipher would decrypt must not hold the body either."""
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
        sealed = store._db.value("SELECT sealed FROM bodies WHERE seq = 1")
        key = store._db.value("SELECT body_key FROM body_keys WHERE seq = 1")
        store.journal.erase_bodies([1, 2, 3])
        assert (tmp_path / "booth.db-wal").stat().st_size == 0
        store._db.execute(f"ATTACH DATABASE '{tmp_path / 'clear'}' AS clear KEY ''")
        store._db.row("SELECT sqlcipher_export('clear')")
        store._db.execute("DETACH DATABASE clear")
    clear = (tmp_path / "clear").read_bytes()
    assert b"encounter_events" in clear  # it is in clear indeed
    for trace in (sealed, key, FAMILY_NAME.encode()):
        assert trace not in clear


def test_the_encounter_of_an_erased_read_is_not_open(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        store.journal.append(EventKind.ENCOUNTER_ANSWERED, {"encounter_id": "a", "verdict": {"advice": "look"}})
        assert store.projections.open_encounter() is not None
        store.journal.erase_body(1)
        assert store.projections.open_encounter() is None


@pytest.mark.parametrize("body", [{"x": 1.5}, {"x": b"bytes"}, {"ñ": 1}, {"x": "a" * (1 << 20)}, {"x": "\ud800"}])
def test_a_body_without_canonical_form_is_refused_and_nothing_written(tmp_path: Path, body: dict[str, object]) -> None:
    with new_store(tmp_path) as store:
        with pytest.raises(StoreMisuseError) as caught:
            store.journal.append(EventKind.STARTED, body)
        assert "aaaa" not in str(caught.value)
        assert store.journal.head().seq == 0


def damage(folder: Path, statement: str) -> None:
    """Change the database as somebody with the key would, around the triggers."""
    db = open_database(folder / "booth.db", KEY)
    for each in (
        "DROP TRIGGER events_are_not_changed",
        "DROP TRIGGER events_are_not_removed",
        "PRAGMA foreign_keys=OFF",
        statement,
    ):
        db._database.conn.execute(each)
    db.close()


@pytest.mark.parametrize(
    ("harm", "where"),
    [
        ("DELETE FROM events WHERE seq = 2", 3),
        ("UPDATE events SET signature = zeroblob(64) WHERE seq = 2", 2),
        ("UPDATE events SET header = CAST(replace(CAST(header AS TEXT), 'signed_in', 'started') AS BLOB)", 1),
        ("UPDATE events SET header = x'7b7d' WHERE seq = 2", 2),
        ("UPDATE bodies SET sealed = zeroblob(80) WHERE seq = 2", 2),
        ("UPDATE bodies SET sealed = (SELECT sealed FROM bodies WHERE seq = 1) WHERE seq = 2", 2),
        ("UPDATE body_keys SET body_key = zeroblob(32) WHERE seq = 3", 3),
    ],
)
def test_every_change_by_hand_breaks_the_chain(tmp_path: Path, harm: str, where: int) -> None:
    with new_store(tmp_path) as store:
        for _ in range(4):
            store.journal.append(EventKind.SIGNED_IN, {"officer": "o-1"})
    damage(tmp_path, harm)
    with reopen(tmp_path, accept_rollback=True) as store, pytest.raises(ChainBrokenError) as caught:
        store.journal.verify()
    assert str(where) in str(caught.value) or "no event" in str(caught.value)


def test_a_swapped_body_of_the_same_key_breaks_the_chain(tmp_path: Path) -> None:
    from checkpoint_app.wire.canonical import canonical_bytes
    from checkpoint_app.wire.sealing import open_sealed, seal

    with new_store(tmp_path) as store:
        event = store.journal.append(EventKind.SIGNED_IN, {"officer": "o-1"})
        row = store._db.row("SELECT sealed, body_key FROM bodies JOIN body_keys USING (seq)")
        assert row is not None
        context = b"checkpoint event body 1 " + event.header.event_id.encode()
        salt = open_sealed(row["body_key"], row["sealed"], context)[:32]
        forged = seal(row["body_key"], salt + canonical_bytes({"officer": "o-2"}), context)
        store._db.execute("UPDATE bodies SET sealed = ?", (forged,))
        with pytest.raises(ChainBrokenError):
            store.journal.verify()


def test_a_failed_projection_takes_the_event_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_store(tmp_path) as store:
        monkeypatch.setattr(store.projections, "_put", lambda row: store._db.execute("INSERT INTO nowhere VALUES (1)"))
        with pytest.raises(StoreMisuseError):
            store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        monkeypatch.undo()
        assert store.journal.head().seq == 0
        assert store._db.value("SELECT count(*) FROM bodies") == 0
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        assert store.journal.verify().head.seq == 1


def test_a_full_disk_spends_the_reserve_to_finish_and_begins_nothing_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_store(tmp_path) as store:
        journal = store.journal
        journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        assert store.reserve.is_held
        append = journal._append

        def full(kind: EventKind, body: dict[str, object]) -> object:
            if store.reserve.is_held:
                raise DiskFullError("full")
            return append(kind, body)

        monkeypatch.setattr(journal, "_append", full)
        with pytest.raises(DiskFullError):
            journal.append(EventKind.ENCOUNTER_READ, read_body("b"))
        assert store.reserve.is_held  # nothing new is worth it
        journal.append(EventKind.DISPOSITION, decided_body("a"))
        assert not store.reserve.is_held
        monkeypatch.setattr("os.posix_fallocate", no_room)
        with pytest.raises(DiskFullError):
            journal.append(EventKind.ENCOUNTER_READ, read_body("b"))
        monkeypatch.undo()
        journal.append(EventKind.ENCOUNTER_READ, read_body("b"))  # room is back
        assert store.reserve.is_held
        assert journal.verify().head.seq == 3


def no_room(*_args: object) -> None:
    raise OSError(28, "no room")


def test_trusted_time_never_goes_behind_a_signed_moment(tmp_path: Path) -> None:
    clock = FakeClock(step=timedelta(0))
    later = START + timedelta(days=3)
    with new_store(tmp_path, clock) as store:
        first = store.journal.append(EventKind.STARTED, {})
        assert first.header.trusted_time is None
        assert store.time.now() == START
        store.time.see(later)
        store.time.see(START - timedelta(days=9))  # an older moment proves nothing
        assert store.time.now() == later
        clock.ticks += 60
        assert store.time.now() == later + timedelta(seconds=60)
        event = store.journal.append(EventKind.STARTED, {})
        assert (event.header.wall_time, event.header.trusted_time) == (START, later)
        assert event.header.monotonic_ms == 60_000
        clock.time = later + timedelta(days=1)
        assert store.time.now() == later + timedelta(days=1)
    with reopen(tmp_path, FakeClock(step=timedelta(0))) as store:
        assert store.time.now() == later


def test_the_latest_of_several_moments_counts_in_any_order(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        with store._db.transaction():
            store.time.see(START + timedelta(days=3))
            store.time.see(START + timedelta(days=2))
        assert store.time.seen == START + timedelta(days=3)
    with reopen(tmp_path) as store:
        assert store.time.seen == START + timedelta(days=3)


def test_a_signed_moment_of_a_failed_transaction_was_not_seen(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        with pytest.raises(ZeroDivisionError), store._db.transaction():  # noqa: PT012
            store.time.see(START + timedelta(days=3))
            raise ZeroDivisionError
        assert store.time.seen is None


def test_replay_after_a_copy_of_the_folder(tmp_path: Path) -> None:
    """A backup of the whole folder is a whole store."""
    with new_store(tmp_path / "a") as store:
        one_encounter(store, "a")
        rows = dump(store)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    with reopen(tmp_path / "b") as store:
        assert dump(store) == rows
        store.journal.verify()


def test_the_witness_is_told_after_the_commit_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.STARTED, {})
        with pytest.raises(ZeroDivisionError), store._db.transaction():  # noqa: PT012
            store.journal.append(EventKind.STARTED, {})
            raise ZeroDivisionError

        def full(*_args: object, **_options: object) -> None:
            raise DiskFullError("full")

        monkeypatch.setattr("checkpoint_app.store.keys.seal", full)
        store.journal.append(EventKind.STARTED, {})  # a witness that fails undoes nothing
        monkeypatch.undo()
        assert store.journal.head().seq == 2
    with reopen(tmp_path) as store:
        assert store.journal.head().seq == 2


def test_close_lets_go_even_when_the_last_write_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = create(tmp_path)
    monkeypatch.setattr(store._db, "checkpoint", lambda: (_ for _ in ()).throw(DiskFullError("full")))
    with pytest.raises(StoreError):
        store.close()
    reopen(tmp_path).close()
