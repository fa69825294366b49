"""Leases: content keys end by trusted time and are erased; copies close with them and open again with new ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from checkpoint_app.store import (
    Lease,
    LeaseEndedError,
    OlderVersionError,
    OutOfOrderError,
    SegmentWriter,
    Store,
)
from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import PackageHeader, Step
from checkpoint_app.wire.package import content_key_id
from checkpoint_app.wire.sealing import new_key
from tests.store.helpers import START, FakeClock, header, new_store, reopen

CONTENT_KEY = bytes(range(32))
KEY_ID = content_key_id(CONTENT_KEY)


def sealed(version: int = 1, **changes: object) -> PackageHeader:
    return replace(header(version), key_id=KEY_ID, **changes)


def lease(days: float = 14) -> Lease:
    return Lease("wanted", KEY_ID, CONTENT_KEY, START + timedelta(days=days))


def segment(store: Store) -> tuple[Path, bytes]:
    path, key = store.lists.new_segment()
    with SegmentWriter(path, key) as writer:
        writer.add("entries", b"entries")
        writer.finish()
    return path, key


def apply(store: Store, new: PackageHeader) -> Path:
    path, key = segment(store)
    store.lists.stage(new, path, key)
    store.lists.put_in_force(new.name, new.version)
    return path


def kinds(store: Store) -> list[EventKind]:
    return [event.header.kind for event in store.journal.events()]


def see(store: Store, moment: datetime) -> None:
    """Let trusted time come to ``moment``: somebody signed it."""
    store.time.see(moment)


def test_a_sealed_list_is_not_staged_without_its_lease(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        path, key = segment(store)
        with pytest.raises(LeaseEndedError):
            store.lists.stage(sealed(), path, key)
        assert store.lists.in_force() == []


def test_the_key_of_a_segment_rests_only_under_the_content_key(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        path, key = segment(store)
        store.lists.stage(sealed(), path, key)
        store.lists.put_in_force("wanted", 1)
        (row,) = store._db.rows("SELECT segment_key FROM list_layers")
        assert key not in row["segment_key"]
        assert key.hex() not in repr(store.lists.in_force())
        assert CONTENT_KEY.hex() not in repr(lease())


def test_when_the_lease_ends_the_copy_is_closed_and_a_new_lease_opens_it(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        apply(store, sealed())
        assert store.leases.expire() == []
        see(store, START + timedelta(days=14))
        (copy,) = store.lists.in_force()
        assert copy.lease_ended
        with pytest.raises(LeaseEndedError):
            copy.layers[0].open()
        assert store.leases.expire() == ["wanted"]
        assert store.leases.expire() == []
        assert kinds(store)[-1] is EventKind.LEASE_ENDED
        assert store._db.rows("SELECT * FROM leases") == []
    with reopen(tmp_path) as store:
        assert store.lists.in_force()[0].lease_ended
        store.leases.keep(lease(30))
        (copy,) = store.lists.in_force()
        assert copy.lease_ends_at == START + timedelta(days=30)
        with copy.layers[0].open() as reader:
            assert reader.read("entries") == b"entries"


def test_a_lease_never_becomes_shorter(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for days in (14, 30, 2):
            store.leases.keep(lease(days))
        assert store.leases.ends() == {KEY_ID: START + timedelta(days=30)}


def test_another_list_prolongs_no_lease(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        store.leases.keep(Lease("other", KEY_ID, bytes(32), START + timedelta(days=99)))
        assert store.leases.held() == {KEY_ID: lease()}


def test_a_clock_that_is_put_back_brings_no_lease_back(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.leases.keep(lease(1))
        apply(store, sealed())
        see(store, START + timedelta(days=2))
    with reopen(tmp_path) as store:  # its clock stands at START
        assert store.lists.in_force()[0].lease_ended


def test_a_revoked_booth_has_no_keys_any_more(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        apply(store, sealed())
        assert store.leases.end_all() == ["wanted"]
        assert store.lists.in_force()[0].lease_ended


def test_a_delta_is_laid_over_what_is_in_force_or_refused(tmp_path: Path) -> None:
    step = Step(1, "b" * 64, "c" * 64, 7)
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        base = apply(store, sealed())
        over = apply(store, sealed(2, step=step))
        (copy,) = store.lists.in_force()
        assert [layer.path for layer in copy.layers] == [base, over]
        assert (copy.header.payload_digest, copy.header.record_count, copy.header.step) == ("c" * 64, 7, None)
        for version, wrong in ((3, step), (3, replace(step, base_version=2, base_digest="d" * 64))):
            path, key = segment(store)
            with pytest.raises(OutOfOrderError):
                store.lists.stage(sealed(version, step=wrong), path, key)
        with pytest.raises(OlderVersionError):
            store.lists.stage(sealed(2, step=step), path, key)
        assert store.lists.in_force() == [copy]
    with reopen(tmp_path) as store:
        assert [layer.path for layer in store.lists.in_force()[0].layers] == [base, over]
        newer = apply(store, sealed(9))
        assert {each.name for each in (tmp_path / "segments").iterdir()} == {newer.name}


def test_a_purged_list_leaves_its_version_and_nothing_else(tmp_path: Path) -> None:
    over = Agreement("Demo", START - timedelta(days=30), START)
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        apply(store, sealed(4, agreement=over))
        assert store.lists.purge("wanted")
        assert not store.lists.purge("wanted")
        assert not store.lists.purge("nobody")
        (copy,) = store.lists.in_force()
        assert (copy.header.version, copy.layers) == (4, ())
        assert store.journal.body(store.journal.head().seq) == {
            "name": "wanted", "version": 4, "why": "agreement_ended",
        }  # fmt: skip
        assert list((tmp_path / "segments").iterdir()) == []
        assert store.leases.ends() == {}
        store.leases.keep(lease())
        with pytest.raises(OlderVersionError):
            store.lists.stage(sealed(4, agreement=over), *segment(store))
        path, key = segment(store)
        with pytest.raises(OutOfOrderError):
            store.lists.stage(sealed(5, step=Step(4, "b" * 64, "c" * 64, 7)), path, key)
        apply(store, sealed(5))
        assert len(store.lists.in_force()[0].layers) == 1


def test_a_withdrawn_list_is_gone_and_comes_again_only_newer(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply(store, header(1))
        store.lists.withdraw(replace(header(2), withdrawn=True, record_count=0))
        assert kinds(store)[-2:] == [EventKind.LIST_APPLIED, EventKind.LIST_PURGED]
        (copy,) = store.lists.in_force()
        assert copy.header.withdrawn
        assert copy.layers == ()
        assert list((tmp_path / "segments").iterdir()) == []
        with pytest.raises(OlderVersionError):
            store.lists.withdraw(replace(header(1), withdrawn=True))
        apply(store, header(3))
        assert not store.lists.in_force()[0].header.withdrawn


def test_a_key_of_a_series_that_is_over_is_forgotten(tmp_path: Path) -> None:
    other = new_key()
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        apply(store, sealed())
        store.leases.keep(Lease("wanted", content_key_id(other), other, START + timedelta(days=14)))
        apply(store, replace(header(2), key_id=content_key_id(other)))
        assert list(store.leases.ends()) == [content_key_id(other)]


def test_nothing_of_a_content_key_is_left_in_the_files(tmp_path: Path) -> None:
    """The database is encrypted, so look into it: no page that SQLite gives out holds the key after its end."""
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        apply(store, sealed())
        store.leases.end_all()
        assert (tmp_path / "booth.db-wal").stat().st_size == 0
        assert store._db.value("PRAGMA secure_delete") == 1


def test_a_list_that_was_given_up_is_taken_again_in_the_same_version_and_content_only(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply(store, header(4))
        assert store.lists.give_up(store.lists.in_force()[0])
        assert store.lists.missing() == {"wanted"}
        assert store.lists.in_force()[0].missing
        for other in (header(3), replace(header(4), payload_digest="e" * 64)):
            with pytest.raises(OlderVersionError):
                store.lists.stage(other, *segment(store))
        apply(store, header(4))
        assert store.lists.missing() == frozenset()
        assert len(store.lists.in_force()[0].layers) == 1
        with pytest.raises(OlderVersionError):
            store.lists.stage(header(4), *segment(store))
    with reopen(tmp_path) as store:
        assert [copy.header.version for copy in store.lists.in_force()] == [4]


def test_a_copy_that_was_overtaken_takes_nothing_with_it_that_is_in_force(tmp_path: Path) -> None:
    """It can't be read either, for its files are gone."""
    with new_store(tmp_path) as store:
        apply(store, header(4))
        (overtaken,) = store.lists.in_force()
        apply(store, header(5))
        assert not store.lists.give_up(overtaken)
        assert store.lists.missing() == frozenset()
        assert len(store.lists.in_force()[0].layers) == 1


def test_a_list_purged_by_a_clock_that_stood_too_far_on_may_be_brought_again(tmp_path: Path) -> None:
    """Else it would stay away until the partner's next version."""
    term = Agreement("Demo", START - timedelta(days=30), START + timedelta(days=5))
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        apply(store, replace(header(4), agreement=term))
        clock.time = START + timedelta(days=6)
        assert store.lists.purge("wanted")
        assert store.lists.missing() == frozenset()
        clock.time = START + timedelta(days=1)
        assert store.lists.missing() == {"wanted"}
        apply(store, replace(header(4), agreement=term))
        assert store.lists.missing() == frozenset()


def test_nothing_of_a_withdrawn_lists_key_is_left_in_the_log(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.leases.keep(lease())
        apply(store, sealed())
        store.lists.withdraw(replace(sealed(2), key_id="", withdrawn=True))
        assert store.leases.ends() == {}
        assert (tmp_path / "booth.db-wal").stat().st_size == 0
