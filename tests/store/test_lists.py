"""List copies and signed objects: in force wholly or not at all, and never an older one (invariants 4 and 5)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import (
    CorruptError,
    DiskFullError,
    OlderVersionError,
    SegmentWriter,
    SignedObject,
    Store,
    StoreMisuseError,
)
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import PackageHeader
from tests.store.helpers import START, header, new_store, reopen


def segment(store: Store, data: bytes = b"entries") -> tuple[Path, bytes]:
    path, key = store.lists.new_segment()
    with SegmentWriter(path, key) as writer:
        writer.add("entries", data)
        writer.finish()
    return path, key


def apply(store: Store, new: PackageHeader, data: bytes = b"entries") -> Path:
    path, key = segment(store, data)
    store.lists.stage(new, path, key)
    store.lists.put_in_force(new.name, new.version)
    return path


def files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "segments").iterdir()}


def test_a_list_comes_into_force_with_its_event(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        path, key = segment(store)
        store.lists.stage(header(), path, key)
        assert store.lists.in_force() == []
        event = store.lists.put_in_force("wanted", 1)
        assert event.header.kind is EventKind.LIST_APPLIED
        assert store.journal.body(1) == {
            "name": "wanted",
            "kind": "persons",
            "version": 1,
            "digest": "b" * 64,
            "issued_at": "2026-03-02T08:00:00.000000Z",
        }
        assert store.time.seen == START
    with reopen(tmp_path) as store:
        (copy,) = store.lists.in_force()
        assert copy.header == header()
        with copy.layers[0].open() as reader:
            assert reader.read("entries") == b"entries"
        assert copy.layers[0].key.hex() not in repr(copy)


def test_a_newer_version_replaces_the_older_and_its_file(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        first = apply(store, header(1))
        other = apply(store, header(1, "stolen"))
        second = apply(store, header(2))
        assert [(copy.header.name, copy.header.version) for copy in store.lists.in_force()] == [
            ("stolen", 1),
            ("wanted", 2),
        ]
        assert files(tmp_path) == {other.name, second.name}
        assert not first.exists()


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_or_equal_version_is_refused_everywhere(tmp_path: Path, version: int) -> None:
    with new_store(tmp_path) as store:
        path, key = segment(store)
        store.lists.stage(header(version), path, key)  # staged while nothing was in force
        apply(store, header(2)) if version == 1 else store.lists.put_in_force("wanted", 2)
        head = store.journal.head()
        with pytest.raises(OlderVersionError, match="not newer than version 2"):
            store.lists.check_newer("wanted", version)
        with pytest.raises(OlderVersionError):
            store.lists.stage(header(version), *segment(store))
        with pytest.raises(OlderVersionError):
            store.lists.put_in_force("wanted", version)
        assert [copy.header.version for copy in store.lists.in_force()] == [2]
        assert store.journal.head() == head


def test_a_list_that_was_not_staged_is_not_put_in_force(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        with pytest.raises(StoreMisuseError, match="not staged"):
            store.lists.put_in_force("wanted", 1)
        elsewhere = tmp_path / "elsewhere.segment"
        elsewhere.write_bytes(b"")
        for path in (elsewhere, store.lists.new_segment()[0]):
            with pytest.raises(StoreMisuseError):
                store.lists.stage(header(), path, bytes(32))


def test_a_failed_event_leaves_the_list_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise DiskFullError("full")

    with new_store(tmp_path) as store:
        first = apply(store, header(1))
        path, key = segment(store)
        store.lists.stage(header(2, issued_at=START + timedelta(days=1)), path, key)
        monkeypatch.setattr(store.journal, "append", full)
        with pytest.raises(DiskFullError):
            store.lists.put_in_force("wanted", 2)
        monkeypatch.undo()
        assert [copy.layers[0].path for copy in store.lists.in_force()] == [first]
        assert store.time.seen == START
        assert first.exists()
        with pytest.raises(ZeroDivisionError), store._db.transaction():  # noqa: PT012
            store.lists.put_in_force("wanted", 2)
            raise ZeroDivisionError
        assert [copy.layers[0].path for copy in store.lists.in_force()] == [first]
        assert first.exists()  # a file goes only after the commit that needs it no more
        store.lists.put_in_force("wanted", 2)
        assert [copy.layers[0].path for copy in store.lists.in_force()] == [path]
        assert store.journal.verify().head.seq == 2


def test_what_a_kill_left_is_removed_at_start_and_nothing_else(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        kept = apply(store, header(1))
        store.lists.stage(header(2), *segment(store))
        segment(store)
        half = store.lists.new_segment()[0]
        half.with_name(half.name + ".half").write_bytes(b"half")
        assert len(files(tmp_path)) == 4
    with reopen(tmp_path) as store:
        assert files(tmp_path) == {kept.name}
        with pytest.raises(StoreMisuseError, match="not staged"):
            store.lists.put_in_force("wanted", 2)
        assert [copy.layers[0].path for copy in store.lists.in_force()] == [kept]


def test_staging_again_replaces_the_staged_file(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        first, second = segment(store), segment(store)
        store.lists.stage(header(), *first)
        store.lists.stage(header(), *second)
        store.lists.stage(header(), *second)  # the same again
        assert files(tmp_path) == {second[0].name}
        store.lists.put_in_force("wanted", 1)
        assert [copy.layers[0].path for copy in store.lists.in_force()] == [second[0]]


def test_file_names_tell_nothing(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        path = apply(store, header(1, "A telling name"))
        assert "telling" not in str(path)


def test_a_damaged_row_is_told(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply(store, header(1))
        store._db.execute("UPDATE list_copies SET header = x'7b7d'")
        with pytest.raises(CorruptError):
            store.lists.in_force()


# -- signed objects ------------------------------------------------------------------------------------------------


def test_signed_objects_are_kept_word_for_word(tmp_path: Path) -> None:
    policy = SignedObject("policy", "post", 3, b"\x00signed\xff", START)
    with new_store(tmp_path) as store:
        store.signed.put(policy)
        store.signed.put(SignedObject("policy", "other", 1, b""))
        assert store.time.seen == START
    with reopen(tmp_path) as store:
        assert store.signed.get("policy", "post") == policy
        assert store.signed.get("trust", "post") is None
        assert [one.name for one in store.signed.all("policy")] == ["other", "post"]
        assert store.signed.version("policy", "post") == 3
        assert store.signed.version("trust", "post") is None


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_signed_object_is_refused(tmp_path: Path, version: int) -> None:
    with new_store(tmp_path) as store:
        store.signed.put(SignedObject("policy", "post", 2, b"new"))
        with pytest.raises(OlderVersionError):
            store.signed.put(SignedObject("policy", "post", version, b"old", START + timedelta(days=9)))
        kept = store.signed.get("policy", "post")
        assert kept is not None
        assert kept.data == b"new"
        assert store.time.seen is None
        store.signed.put(SignedObject("trust", "post", version, b"another kind"))
        store.signed.put(SignedObject("policy", "post", 3, b"newer"))
        assert store.signed.version("policy", "post") == 3
