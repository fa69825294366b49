"""Trust, policy and officers: kept as they were signed, taken only when signed by the right one and not older."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.lists.list_updates import ListRefusedError, _whole
from checkpoint_app.booth.record.signed_objects import policy_of, put_small
from checkpoint_app.store import Store, create_passphrase_key
from checkpoint_app.store.errors import OlderVersionError
from checkpoint_app.store.passphrase_key import Stretching
from checkpoint_app.store.trust import put_trust, trust_of
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes
from checkpoint_app.wire.header import ListKind, PackageError, publisher_id, read_header
from checkpoint_app.wire.plain import PlainError
from tests.booth.helpers import OFFICER, PASSPHRASE, START, SUPERVISOR, FakeClock, Publisher


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    key = create_passphrase_key(tmp_path, PASSPHRASE, Stretching(time_cost=1, memory_kib=64, lanes=1))
    with Store.create(tmp_path, key, booth="test-1", clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


def test_before_enrolment_there_is_nothing(store: Store) -> None:
    assert trust_of(store) == {}
    assert policy_of(store) is None


def test_trust_comes_back_as_it_was_put(store: Store, publisher: Publisher) -> None:
    put_trust(store, publisher.trust(), 2)
    assert {name: publisher_id(key) for name, key in trust_of(store).items()} == dict.fromkeys(
        ("ECU", "INTL", "policy", "officers"), publisher_id(publisher.key.public_key())
    )
    with pytest.raises(OlderVersionError):
        put_trust(store, {}, 1)
    assert len(trust_of(store)) == 4


def test_policy_is_in_force_with_its_version_and_an_older_one_is_not_taken(store: Store, publisher: Publisher) -> None:
    """Invariant 5."""
    header = put_small(store, publisher.policy(version=2), publisher.trust())
    assert (header.kind, header.version) == (ListKind.POLICY, 2)
    policy = policy_of(store)
    assert (policy.version, policy.name) == (2, "Paso Test")
    assert len(policy.required) == 3
    with pytest.raises(OlderVersionError):
        put_small(store, publisher.policy(version=1, name="Paso Viejo"), publisher.trust())
    assert policy_of(store) == policy
    put_small(store, publisher.policy(version=3, name="Paso Nuevo"), publisher.trust())
    assert policy_of(store).name == "Paso Nuevo"


def test_officers_are_those_of_the_newest_list(store: Store, publisher: Publisher) -> None:
    """Invariant 5, for officers."""
    assert put_small(store, publisher.officers(version=2), publisher.trust()).kind is ListKind.OFFICERS
    assert [officer.id for officer in store.officers.all()] == [OFFICER, SUPERVISOR]
    with pytest.raises(OlderVersionError):
        put_small(store, publisher.officers(version=1), publisher.trust())
    assert store.signed.get(ListKind.OFFICERS, "officers").version == 2
    assert policy_of(store) is None


def test_what_another_signed_or_altered_is_refused(store: Store, publisher: Publisher) -> None:
    with pytest.raises(PackageError):
        put_small(store, Publisher().policy(), publisher.trust())
    altered = bytearray(publisher.policy())
    altered[-3] ^= 1
    with pytest.raises(PackageError):
        put_small(store, bytes(altered), publisher.trust())
    assert policy_of(store) is None


def test_a_policy_that_asks_for_nothing_is_refused_before_it_is_kept(store: Store, publisher: Publisher) -> None:
    package = publisher._small("policy", ListKind.POLICY, 1, START, {"name": "Empty"})
    with pytest.raises(PlainError):
        put_small(store, package, publisher.trust())
    assert store.signed.all(ListKind.POLICY) == []


def test_each_is_kept_as_it_was_signed(store: Store, publisher: Publisher) -> None:
    package = publisher.policy(issued_at=START - timedelta(days=1))
    put_small(store, package, publisher.trust())
    (kept,) = store.signed.all(ListKind.POLICY)
    assert (kept.kind, kept.name, kept.version, kept.data) == ("policy", "policy", 1, package)
    assert kept.issued_at == START - timedelta(days=1)
    assert replace(kept, version=1) == kept


def test_a_small_package_has_at_most_one_mebibyte(tmp_path: Path, publisher: Publisher) -> None:
    path = tmp_path / "policy-1.list"
    header = read_header(io.BytesIO(publisher.policy()), publisher.trust())
    path.write_bytes(bytes(1_048_576))
    assert len(_whole(path, header)) == 1_048_576
    path.write_bytes(bytes(1_048_577))
    with pytest.raises(ListRefusedError) as caught:
        _whole(path, header)
    assert caught.value.code == "too_large"


def test_trust_is_bounded(store: Store, publisher: Publisher) -> None:
    key = publisher.key.public_key()
    around = len(canonical_bytes({"": publisher_id(key)}))
    put_trust(store, {"n" * (65_536 - around): key}, 1)
    assert len(trust_of(store)) == 1
    put_trust(store, {"n" * (65_537 - around): key}, 2)
    with pytest.raises(CanonicalError):
        trust_of(store)
