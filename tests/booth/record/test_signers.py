"""The signers of seals: a small signed list like the policy, kept as it was signed, and never an older one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.lists.list_updates import Outcome, apply_inbox
from checkpoint_app.booth.record import signed_objects
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.record.signed_objects import put_small, signers_of
from checkpoint_app.documents import Signers, SignersError
from checkpoint_app.store import Store, create_passphrase_key
from checkpoint_app.store.errors import OlderVersionError
from checkpoint_app.store.passphrase_key import Stretching
from checkpoint_app.store.trust import put_trust
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.plain import PlainError
from tests.booth.helpers import PASSPHRASE, START, FakeClock, Publisher
from tests.documents.barcode_samples import make_authority, make_issuer

ONE, OTHER = make_issuer(), make_issuer(serial=0x33)


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def store(tmp_path: Path, publisher: Publisher) -> Iterator[Store]:
    key = create_passphrase_key(tmp_path, PASSPHRASE, Stretching(time_cost=1, memory_kib=64, lanes=1))
    with Store.create(tmp_path, key, booth="test-1", clock=FakeClock()) as opened:
        put_trust(opened, {"signers": publisher.key.public_key(), "other": publisher.key.public_key()}, 1)
        yield opened


def package(publisher: Publisher, record: object, version: int = 1, name: str = "signers") -> bytes:
    stream = io.BytesIO()
    write_package(
        stream, [record], publisher.key, name=name, kind=ListKind.SIGNERS, version=version, originator="Test",
        issued_at=START,
    )  # type: ignore[list-item]  # fmt: skip
    return stream.getvalue()


def pem(*issuers: object) -> dict[str, str]:
    return {"pem": b"".join(issuer.pem for issuer in issuers).decode()}  # type: ignore[attr-defined]


def test_before_there_is_a_list_nobody_is_believed(store: Store) -> None:
    assert Records(store).signers() == Signers()


def test_signers_are_those_of_the_newest_list(store: Store, publisher: Publisher) -> None:
    """Invariant 5, for signers."""
    trust = {"signers": publisher.key.public_key()}
    put_small(store, package(publisher, pem(ONE, make_authority()), 2), trust)
    assert [one.serial for one in signers_of(store).signers] == [0x32]
    assert len(signers_of(store).authorities) == 1
    with pytest.raises(OlderVersionError):
        put_small(store, package(publisher, pem(OTHER), 1), trust)
    assert [one.serial for one in signers_of(store).signers] == [0x32]
    put_small(store, package(publisher, pem(OTHER), 3), trust)
    assert [one.serial for one in Records(store).signers().signers] == [0x33]


@pytest.mark.parametrize("record", [{"pem": ""}, {"pem": ONE.pem.decode()[:-50]}, {}, {"pem": 1}, {"pem": None}])
def test_a_list_that_cannot_be_used_leaves_the_one_in_force(
    store: Store, publisher: Publisher, record: dict[str, object]
) -> None:
    trust = {"signers": publisher.key.public_key()}
    put_small(store, package(publisher, pem(ONE)), trust)
    with pytest.raises(PlainError):
        put_small(store, package(publisher, record, 2), trust)
    assert [one.serial for one in signers_of(store).signers] == [0x32]


def test_a_kept_list_that_is_read_no_more_stops_no_encounter(
    store: Store, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_small(store, package(publisher, pem(ONE)), {"signers": publisher.key.public_key()})

    def stricter(_pem: str) -> Signers:
        raise SignersError("signers: number 1: certificate: it cannot be read")

    monkeypatch.setattr(signed_objects, "_read_signers", stricter)
    assert signers_of(store) == Signers()


def test_a_list_from_the_inbox_is_written_down(store: Store, publisher: Publisher, tmp_path: Path) -> None:
    inbox, records = tmp_path / "inbox", Records(store)
    inbox.mkdir()
    (inbox / "signers.list").write_bytes(package(publisher, pem(ONE)))
    (inbox / "other.list").write_bytes(package(publisher, pem(OTHER), name="other"))
    outcomes = apply_inbox(records, inbox)
    assert sorted(outcomes, key=lambda one: one.name) == [Outcome("other", 1, "other_kind"), Outcome("signers", 1)]
    assert records.versions() == {"signers": 1}
    assert [event.header.kind for event in store.journal.events()].count(EventKind.SIGNERS_APPLIED) == 1
    (inbox / "signers.list").write_bytes(package(publisher, {"pem": "none"}, 2))
    assert "unreadable" in {outcome.refused for outcome in apply_inbox(records, inbox)}
    assert [one.serial for one in records.signers().signers] == [0x32]
