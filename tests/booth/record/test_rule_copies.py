"""A booth's copies of rule sets: judged in the child, kept sealed, opened by their lease alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.booth.lists import list_updates, segment_build
from checkpoint_app.booth.lists.list_updates import ListRefusedError, apply_inbox, build, footing_of, new_builder
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.record.rule_copies import rules_of
from checkpoint_app.confined import Confined
from checkpoint_app.store import Store, create_passphrase_key
from checkpoint_app.store.passphrase_key import Stretching
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.exact import PART_BYTES
from checkpoint_app.wire.grant import grant_key, write_grant
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.rules import write_rules
from checkpoint_app.wire.sealing import new_key
from tests.booth.helpers import PASSPHRASE, START, FakeClock, Publisher
from tests.central.rule_sets import refused, rule, rule_set


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def store(tmp_path: Path, publisher: Publisher) -> Iterator[Store]:
    folder = tmp_path / "booth"
    folder.mkdir()
    key = create_passphrase_key(folder, PASSPHRASE, Stretching(time_cost=1, memory_kib=64, lanes=1))
    with Store.create(folder, key, booth="test-1", clock=FakeClock()) as opened:
        names = ("demo", "demo-2", "Demo", "policy", "ECU", "a b")
        put_trust(opened, dict.fromkeys(names, publisher.key.public_key()), 1)
        yield opened


@pytest.fixture(scope="module")
def builder() -> Iterator[Confined]:
    child = new_builder()
    yield child
    child.close()


def put(folder: Path, publisher: Publisher, store: Store, records: Any, **changes: Any) -> Path:
    """Write a package of rules and its grant as a centre would."""
    folder.mkdir(exist_ok=True)
    how: dict[str, Any] = {"name": "demo", "kind": ListKind.RULES, "version": 1, "originator": "ECU"}
    how |= {"issued_at": START - timedelta(hours=1), "content_key": new_key(), "handling": ("LE-ONLY",)} | changes
    path = folder / f"{how['name']}.list"
    with path.open("wb") as file:
        write_package(file, records, publisher.key, **how)
    if how["content_key"]:
        booth, until = store.identity.exchange_key.public_key(), START + timedelta(days=30)
        grant = grant_key(how["content_key"], list_name=how["name"], booth=booth, not_after=until, signer=publisher.key)
        path.with_suffix(".grant").write_bytes(write_grant(grant))
    return path


def test_a_large_set_comes_in_parts(tmp_path: Path, store: Store, publisher: Publisher) -> None:
    data = rule_set() + b" " * (2 * PART_BYTES)
    assert len(list(write_rules(data))) == 3
    put(tmp_path / "inbox", publisher, store, write_rules(data))
    assert [one.refused for one in apply_inbox(Records(store), tmp_path / "inbox")] == [""]
    (kept,) = rules_of(store)
    assert (kept.data, kept.bar, kept.lease_ends_at) == (data, None, START + timedelta(days=30))


@pytest.mark.parametrize(
    "records",
    [
        list(write_rules(rule_set([rule(), refused()]))),
        list(write_rules(rule_set([rule(tests=[{"subject": {}, "expect": "hit"}])]))),
        list(write_rules(rule_set(set="OTHER"))),
        list(write_rules(b"{}")),
        list(write_rules(b"\xff\xfe")),
        list(write_rules(b"[" * 100_000)),
        [{"rules": "no base64url!"}],
        [{"rules": 7}],
        [{"rules": ""}],
        [{"other": "e30="}],
        [{"rules": "e30=", "part": 0}],
        [{"rules": "e30="}, {"rules": "e30=", "part": 2}],
        [],
    ],
)
def test_what_is_no_good_rule_set_is_refused(
    tmp_path: Path, store: Store, publisher: Publisher, builder: Confined, records: list[dict[str, Any]]
) -> None:
    path = put(tmp_path / "inbox", publisher, store, records)
    with pytest.raises(ListRefusedError) as caught:
        build(path, footing_of(Records(store)), builder)
    assert (caught.value.code, caught.value.name, caught.value.version) == ("bad_rules", "demo", 1)
    assert rules_of(store) == ()


@pytest.mark.parametrize("name", ["Demo", "policy", "ECU", "a b"])
def test_a_set_has_the_name_of_its_list(
    tmp_path: Path, store: Store, publisher: Publisher, builder: Confined, name: str
) -> None:
    path = put(tmp_path / "inbox", publisher, store, write_rules(rule_set(set=name)), name=name)
    with pytest.raises(ListRefusedError, match="other_kind"):
        build(path, footing_of(Records(store)), builder)


def test_rules_that_are_not_sealed_are_refused(tmp_path: Path, store: Store, publisher: Publisher) -> None:
    put(tmp_path / "inbox", publisher, store, write_rules(rule_set()), content_key=None)
    assert [one.refused for one in apply_inbox(Records(store), tmp_path / "inbox")] == ["wrong_key"]
    assert rules_of(store) == ()


def test_a_set_that_takes_for_ever_costs_a_bounded_time(
    tmp_path: Path, store: Store, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "inbox", publisher, store, write_rules(rule_set()))
    monkeypatch.setattr(list_updates, "RULES_TIMEOUT_S", 0.5)
    child = Confined("tests.booth.record.test_rule_copies:sleeper", list_updates.BUILD_LIMITS)
    try:
        with pytest.raises(ListRefusedError, match="bad_rules"):
            build(path, footing_of(Records(store)), child)
    finally:
        child.close()


def sleeper() -> Any:
    """Return the handler of a child that has a set which never ends."""

    def handle(_request: bytes) -> bytes:
        time.sleep(60)
        return b""

    return handle


def test_without_a_lease_a_copy_is_closed(tmp_path: Path, store: Store, publisher: Publisher) -> None:
    data = rule_set()
    put(tmp_path / "inbox", publisher, store, write_rules(data))
    apply_inbox(Records(store), tmp_path / "inbox")
    (kept,) = store.signed.all("rules")
    assert b"T-001" not in kept.data
    assert [(one.data, one.bar) for one in rules_of(store)] == [(data, None)]
    assert store.leases.end_all() == ["demo"]  # as when the centre has revoked the booth
    assert [(one.data, one.bar) for one in rules_of(store)] == [(b"", NotDone.LEASE_ENDED)]


def test_the_child_says_no_more_than_a_word(tmp_path: Path, store: Store, publisher: Publisher) -> None:
    path = put(tmp_path / "inbox", publisher, store, write_rules(rule_set([refused("SECRET-RULE")])))
    footing = footing_of(Records(store))
    header = list_updates.verified_header(path, footing)
    lease = list_updates._lease(path, header, footing)
    request = segment_build.request_of(path, header, lease.content_key, footing.segment, footing.segment_key)
    with pytest.raises(segment_build.RefusalError) as caught:
        segment_build.build(request)
    assert caught.value.code == "bad_rules"
    assert "SECRET" not in str(caught.value)
    assert not footing.segment.exists()
