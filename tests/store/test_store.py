"""Opening, creating, refusing: one process, one thread, the right key, no older state."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from checkpoint_app.store import (
    KeyKind,
    NewerDatabaseError,
    RolledBackError,
    Store,
    StoreBusyError,
    StoreError,
    StoreExistsError,
    StoreMissingError,
    WitnessState,
    WrongKeyError,
    WrongThreadError,
    create_passphrase_key,
    errors,
    key_kind,
    memory_key,
    open_passphrase_key,
)
from checkpoint_app.store.passphrase_key import Stretching
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import (
    FAMILY_NAME,
    GIVEN_NAMES,
    KEY,
    NUMBER,
    create,
    new_store,
    not_same_body,
    one_encounter,
    read_body,
    reopen,
    store_key,
)


def test_what_was_recorded_is_there_after_reopening(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
        public, head = store.identity.public_bytes, store.journal.head()
    with reopen(tmp_path) as store:
        assert store.journal.head() == head
        assert store.identity.public_bytes == public
        assert store.identity.booth == "booth-1"
        assert store.key_kind is KeyKind.PASSPHRASE
        assert store.witness_state is WitnessState.AGREES
        waiting = store.projections.open_encounter()
        assert waiting is not None
        assert waiting.encounter_id == "a"
        assert waiting.document_fields()["document_number"] == NUMBER


def test_nothing_personal_is_in_clear(tmp_path: Path) -> None:
    from tests.store.helpers import nothing_in_clear

    words = (FAMILY_NAME, *GIVEN_NAMES.split(), NUMBER, "encounter_id")  # long enough not to occur by chance
    with new_store(tmp_path) as store:
        for name in ("a", "b", "c"):
            one_encounter(store, name)
        store.journal.append(EventKind.NOT_SAME_PERSON, not_same_body("a"))
        nothing_in_clear(tmp_path, *words)  # while it is open: write-ahead log and shared memory too
    nothing_in_clear(tmp_path, *words)


def test_a_wrong_key_is_told_and_changes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    create(tmp_path).close()
    before = (tmp_path / "booth.db").read_bytes()
    with pytest.raises(WrongKeyError):
        Store.open(tmp_path, store_key(tmp_path, bytes(32)))
    assert (tmp_path / "booth.db").read_bytes() == before
    assert capfd.readouterr() == ("", "")
    reopen(tmp_path).close()  # the lock was let go


def test_a_newer_file_is_refused_untouched(tmp_path: Path) -> None:
    store = create(tmp_path)
    store._db.execute("INSERT INTO migrations (name) VALUES ('of_next_year')")
    store.close()
    before = (tmp_path / "booth.db").read_bytes()
    with pytest.raises(NewerDatabaseError, match="of_next_year"):
        reopen(tmp_path)
    assert (tmp_path / "booth.db").read_bytes() == before


def test_a_second_process_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from tests.store.helpers import reopen\n"
        "from checkpoint_app.store import StoreBusyError\n"
        "try: reopen(pathlib.Path(sys.argv[1]))\n"
        "except StoreBusyError as error: print(error.code, error.holder)\n"
    )
    with new_store(tmp_path):
        said = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout
        import os

        assert said.split() == ["store-busy", str(os.getpid())]
        with pytest.raises(StoreBusyError):
            reopen(tmp_path)
    reopen(tmp_path).close()


def test_another_thread_is_refused(tmp_path: Path) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            store.journal.head()
        except StoreError as error:
            caught.append(error)

    with new_store(tmp_path) as store:
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert isinstance(caught[0], WrongThreadError)


def test_a_store_is_never_overwritten_nor_invented(tmp_path: Path) -> None:
    assert not Store.exists(tmp_path)
    with pytest.raises(StoreMissingError):
        reopen(tmp_path)
    create(tmp_path).close()
    assert Store.exists(tmp_path)
    with pytest.raises(StoreExistsError):
        create(tmp_path)
    reopen(tmp_path).close()


def test_a_half_made_store_is_made_anew(tmp_path: Path) -> None:
    for name in ("booth.new", "booth.new-wal"):
        (tmp_path / name).write_bytes(b"half")
    create(tmp_path).close()
    assert sorted(path.name for path in tmp_path.glob("booth.*")) == ["booth.db"]


def test_a_key_in_memory_only_replaces_its_own_predecessor_and_no_other(tmp_path: Path) -> None:
    with Store.create(tmp_path, memory_key(), booth="b") as store:
        one_encounter(store, "a")
        assert store.key_kind is KeyKind.MEMORY
        assert store.witness_state is WitnessState.NONE
    assert key_kind(tmp_path) is KeyKind.MEMORY
    with Store.create(tmp_path, memory_key(), booth="b") as store:
        assert store.journal.head().seq == 0
    kept = tmp_path / "kept"
    create(kept).close()
    with pytest.raises(StoreExistsError):
        Store.create(kept, memory_key(), booth="b")
    half = tmp_path / "half"  # a key was made, its store not yet
    half.mkdir()
    wrapped = create_passphrase_key(half, "a synthetic passphrase", Stretching(1, 64, 1))
    with pytest.raises(StoreExistsError):
        Store.create(half, memory_key(), booth="b")
    assert open_passphrase_key(half, "a synthetic passphrase").key == wrapped.key


@pytest.mark.parametrize("events_later", [1, 5])
def test_a_database_put_back_is_noticed(tmp_path: Path, events_later: int) -> None:
    folder, copy = tmp_path / "data", tmp_path / "copy.db"
    with new_store(folder) as store:
        one_encounter(store, "a")
    shutil.copy(folder / "booth.db", copy)
    with reopen(folder) as store:
        for n in range(events_later):
            store.journal.append(EventKind.ENCOUNTER_READ, read_body(f"b{n}"))
    shutil.copy(copy, folder / "booth.db")
    with pytest.raises(RolledBackError):
        reopen(folder)
    with reopen(folder, accept_rollback=True) as store:
        assert store.witness_state is WitnessState.ROLLED_BACK
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("c"))
    with reopen(folder) as store:
        assert store.witness_state is WitnessState.AGREES


def test_a_fork_of_the_same_length_is_noticed(tmp_path: Path) -> None:
    folder, copy = tmp_path / "data", tmp_path / "copy.db"
    create(folder).close()
    shutil.copy(folder / "booth.db", copy)
    with reopen(folder) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("a"))
    witness = (folder / "head.sealed").read_bytes()
    shutil.copy(copy, folder / "booth.db")
    (folder / "head.sealed").unlink()
    with reopen(folder) as store:
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("b"))
    (folder / "head.sealed").write_bytes(witness)
    with pytest.raises(RolledBackError):
        reopen(folder)


def test_a_removed_database_is_not_quietly_replaced(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
    (tmp_path / "booth.db").unlink()
    with pytest.raises(RolledBackError):
        create(tmp_path)
    assert not Store.exists(tmp_path)


@pytest.mark.parametrize("harm", ["removed", "cut", "changed"])
def test_a_lost_witness_is_told(tmp_path: Path, harm: str) -> None:
    with new_store(tmp_path) as store:
        one_encounter(store, "a")
        assert store.witness_state is WitnessState.AGREES
    witness = tmp_path / "head.sealed"
    data = witness.read_bytes()
    witness.unlink()
    if harm != "removed":
        witness.write_bytes(data[:9] if harm == "cut" else data[:-1] + bytes([data[-1] ^ 1]))
    with reopen(tmp_path) as store:
        assert store.witness_state is WitnessState.MISSING
        store.journal.append(EventKind.ENCOUNTER_READ, read_body("b"))
    with reopen(tmp_path) as store:
        assert store.witness_state is WitnessState.AGREES


def test_importing_the_room_brings_no_slow_library() -> None:
    slow = ("sqlcipher3", "sqlite_utils", "keyring", "argon2")
    program = f"import sys, checkpoint_app.store; print([m for m in {slow!r} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_an_unencrypted_sqlite_is_refused() -> None:
    program = (
        "import sqlite_utils, pathlib, sys\n"
        "from checkpoint_app.store import StoreError, memory_key, Store\n"
        "try: Store.create(pathlib.Path(sys.argv[1]), memory_key(), booth='b')\n"
        "except StoreError as error: print(error.code)\n"
    )
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            [sys.executable, "-c", program, folder], capture_output=True, text=True, check=True
        ).stdout
    assert said.strip() == "store-misuse"


def test_codes_are_unique_and_told_once() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StoreError)]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes) >= 20
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)


def test_the_key_never_shows(tmp_path: Path) -> None:
    assert KEY.hex() not in repr(store_key(tmp_path))
    assert repr(KEY) not in repr(store_key(tmp_path))
