"""Each attack on the way of the lists has its word, brings nothing, and keeps no other list back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import MetaFile, Targets

from checkpoint_app.store.trust import trust_of, trust_version
from checkpoint_app.sync import metadata
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.wire.api import METADATA
from checkpoint_app.wire.header import publisher_id
from tests.sync.repository_server import Booth, RepositoryServer, TufRepository, booth_of, public, serving, sign

PACKAGE = b"package" * 20_000
NEXT = PACKAGE + b"2"
TIMESTAMP = METADATA + "timestamp.json"
SLACK = 4 << 20  # what the sockets of both ends hold on their own


@pytest.fixture
def repository() -> TufRepository:
    """Two lists in their first versions."""
    repository = TufRepository()
    repository.put("CHL", 1, PACKAGE)
    repository.put("ECU", 1, PACKAGE)
    return repository


@pytest.fixture
def server(repository: TufRepository) -> Iterator[RepositoryServer]:
    with serving(repository) as server:
        yield server


@pytest.fixture
def booth(server: RepositoryServer) -> Iterator[Booth]:
    """A booth that has brought both."""
    with booth_of(server) as booth:
        assert len(booth.fetch().brought) == 2
        yield booth


def refused(code: str) -> Fetched:
    return Fetched(faults=(("", code),))


def url(repository: TufRepository, role: str) -> str:
    """Return where the newest file of a role lies."""
    signed = {**repository.roles, "snapshot": repository.snapshot, "targets": repository.targets}.get(role)
    return repository.url(role, signed.version if signed else 0)


# -- freeze, rollback, mix-and-match ----------------------------------------------------------------------------------


def test_freeze(repository: TufRepository, booth: Booth) -> None:
    booth.clock.time += timedelta(days=13)
    assert booth.fetch() == Fetched()
    booth.clock.time += timedelta(days=1)
    assert booth.fetch() == refused("metadata_expired")
    repository.timestamp.expires += timedelta(days=14)
    repository.publish_timestamp()  # a timestamp alone does not make an old snapshot new
    assert booth.fetch() == refused("metadata_expired")
    repository.snapshot.expires += timedelta(days=14)
    repository.put("ECU", 2, NEXT)
    assert len(booth.fetch().brought) == 1


@pytest.mark.parametrize("role", ["root", "targets"])
def test_an_ended_root_or_targets_stops_all(repository: TufRepository, role: str) -> None:
    repository = TufRepository()
    getattr(repository, role).expires = repository.now + timedelta(days=1)
    repository.publish_root()
    repository.put("ECU", 1, PACKAGE)
    with serving(repository) as server, booth_of(server) as booth:
        assert len(booth.fetch().brought) == 1
        booth.clock.time += timedelta(days=1)
        assert booth.fetch() == refused("metadata_expired")


def test_the_whole_state_put_back(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    before = dict(repository.files)
    repository.put("ECU", 2, NEXT)
    assert len(booth.fetch().brought) == 1
    server.files = before
    assert booth.fetch() == refused("rolled_back")
    server.files = repository.files
    assert booth.fetch() == Fetched()


def test_a_snapshot_put_back_by_who_has_the_timestamps_key(repository: TufRepository, booth: Booth) -> None:
    old, repository.timestamp.snapshot_meta = repository.timestamp.snapshot_meta, MetaFile(1)
    repository.publish_timestamp()
    assert booth.fetch() == refused("rolled_back")
    repository.timestamp.snapshot_meta = old
    repository.publish_timestamp()
    assert booth.fetch() == Fetched()


@pytest.mark.parametrize("role", ["targets", "ECU"])
def test_a_role_put_back_by_who_has_the_snapshots_key(repository: TufRepository, booth: Booth, role: str) -> None:
    repository.put("ECU", 2, NEXT)
    repository.publish_targets()
    booth.fetch()
    repository.snapshot.meta[f"{role}.json"] = MetaFile(1)
    repository.publish_snapshot()
    assert booth.fetch() == refused("rolled_back")


def test_a_role_left_out_of_the_snapshot(repository: TufRepository, booth: Booth) -> None:
    del repository.snapshot.meta["ECU.json"]
    repository.publish_snapshot()
    assert booth.fetch() == refused("rolled_back")


def test_a_role_that_no_snapshot_ever_named(repository: TufRepository, booth: Booth) -> None:
    repository.delegate("URY")
    repository.publish_targets()
    repository.put("ECU", 2, NEXT)
    fetched = booth.fetch()
    assert fetched.faults == (("URY", "mixed"),)
    assert [one.name for one in fetched.brought] == ["ECU"]


@pytest.mark.parametrize("named_by_hash", [True, False])
@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_an_older_piece_in_a_newer_state(
    repository: TufRepository, server: RepositoryServer, booth: Booth, role: str, named_by_hash: bool
) -> None:
    old = repository.files[url(repository, role)]
    repository.publish_targets()
    if not named_by_hash:
        repository.snapshot.meta["targets.json"] = MetaFile(repository.targets.version)
        repository.publish_snapshot()
        repository.timestamp.snapshot_meta = MetaFile(repository.snapshot.version)
        repository.publish_timestamp()
    server.files = {**repository.files, url(repository, role): old}
    assert booth.fetch() == refused("mixed")


@pytest.mark.parametrize("named_by_hash", [True, False])
def test_an_older_role_in_a_newer_state_stops_its_list_alone(
    repository: TufRepository, server: RepositoryServer, booth: Booth, named_by_hash: bool
) -> None:
    old = repository.files[url(repository, "CHL")]
    repository.put("CHL", 2, NEXT)
    repository.put("ECU", 2, NEXT)
    if not named_by_hash:
        repository.snapshot.meta["CHL.json"] = MetaFile(2)
        repository.publish_snapshot()
    server.files = {**repository.files, url(repository, "CHL"): old}
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "mixed"),)
    assert [one.name for one in fetched.brought] == ["ECU"]


@pytest.mark.parametrize("version", [1, 99])
def test_a_piece_of_another_kind(
    repository: TufRepository, server: RepositoryServer, booth: Booth, version: int
) -> None:
    repository.timestamp.snapshot_meta = MetaFile(99)
    repository.publish_timestamp()
    other = sign(Targets(version, expires=repository.targets.expires), repository.keys["snapshot"])
    server.files = {**repository.files, repository.url("snapshot", 99): other}
    assert booth.fetch() == refused("mixed")


# -- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_another_key(repository: TufRepository, booth: Booth, role: str) -> None:
    getattr(repository, f"publish_{role}")(key=Ed25519PrivateKey.generate())
    assert booth.fetch() == refused("signed_by_another")


def test_another_root(repository: TufRepository, booth: Booth) -> None:
    repository.publish_root(Ed25519PrivateKey.generate())
    assert booth.fetch() == refused("signed_by_another")


def test_a_root_of_another_number(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    server.files = {**repository.files, METADATA + "2.root.json": repository.first_root}
    assert booth.fetch() == refused("mixed")


def test_below_the_threshold(repository: TufRepository, booth: Booth) -> None:
    second = Ed25519PrivateKey.generate()
    repository.renew_keys("timestamp")
    repository.root.add_key(public(second), "timestamp")
    repository.root.roles["timestamp"].threshold = 2
    repository.publish_root()
    repository.publish_timestamp()
    assert booth.fetch() == refused("signed_by_another")


def test_a_list_signed_by_another_publisher_stops_alone(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 2, NEXT)
    repository.publish_role("CHL", key=repository.publishers["ECU"])
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "signed_by_another"),)
    assert [one.name for one in fetched.brought] == ["ECU"]


# -- size -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", ["root", "timestamp", "snapshot", "targets"])
def test_endless_metadata(repository: TufRepository, server: RepositoryServer, booth: Booth, piece: str) -> None:
    repository.publish_targets()
    path = METADATA + "2.root.json" if piece == "root" else url(repository, piece)
    server.attacks.endless.add(path)
    assert booth.fetch() == refused("too_large")
    assert server.sent(path) < SLACK


def test_a_stated_length_is_no_reason_to_fetch_for_ever(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.timestamp.snapshot_meta = MetaFile(repository.snapshot.version + 1, length=1 << 40)
    repository.publish_timestamp()
    path = repository.url("snapshot", repository.snapshot.version + 1)
    server.attacks.endless.add(path)
    assert booth.fetch() == refused("too_large")
    assert server.sent(path) < SLACK


def test_an_endless_role_stops_its_list_alone(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    for name in ("CHL", "ECU"):
        repository.put(name, 2, NEXT)
    server.attacks.endless.add(url(repository, "CHL"))
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "too_large"),)
    assert [one.name for one in fetched.brought] == ["ECU"]


def test_metadata_that_trickles(
    repository: TufRepository, server: RepositoryServer, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "METADATA_S", -1.0)
    assert booth.fetch() == refused("too_slow")


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: data + b"x", "too_large"),
        (lambda data: data[:-1], "cut_short"),
        (lambda _data: b"", "cut_short"),
        (lambda data: data[:-1] + b"x", "tampered"),
        (lambda data: b"x" + data[1:], "tampered"),
    ],
)
def test_a_package_that_is_not_what_was_signed_for(
    repository: TufRepository, server: RepositoryServer, booth: Booth, spoil: Spoil, code: str
) -> None:
    for name in ("CHL", "ECU"):
        repository.put(name, 2, PACKAGE * 2)
    path = repository.target_url("CHL")
    server.files = {**repository.files, path: spoil(PACKAGE * 2)}
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", code),)
    assert [one.name for one in fetched.brought] == ["ECU"]
    assert booth.brought() == {"CHL.list": PACKAGE, "ECU.list": PACKAGE * 2}
    server.files = repository.files
    assert [one.name for one in booth.fetch().brought] == ["CHL"]
    assert booth.brought()["CHL.list"] == PACKAGE * 2


def test_a_package_that_stays_short_is_begun_anew(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.put("ECU", 2, NEXT)
    server.files = {**repository.files, repository.target_url("ECU"): NEXT[:65_536]}
    for _ in range(2):  # the second time there is nothing after what came
        assert booth.fetch().faults == (("ECU", "cut_short"),)
    server.files = repository.files
    assert len(booth.fetch().brought) == 1
    assert [one.start for one in server.asked if one.path == repository.target_url("ECU")] == [0, 65_536, 0]


def test_an_endless_package(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    for name in ("CHL", "ECU"):
        repository.put(name, 2, NEXT)
    path = repository.target_url("CHL")
    server.attacks.endless.add(path)
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "too_large"),)
    assert [one.name for one in fetched.brought] == ["ECU"]
    assert server.sent(path) < SLACK
    assert list((booth.metadata / "partial").iterdir()) == []


# -- the end of an agreement, and recovery ----------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 3])  # before the role's end first seen, or after it
def test_an_ended_role_stops_its_list_alone(
    repository: TufRepository, server: RepositoryServer, booth: Booth, days: int
) -> None:
    repository.roles["CHL"].expires = repository.now + timedelta(days=2)
    for name in ("CHL", "ECU"):
        repository.put(name, 2, NEXT)
    if days == 1:
        booth.clock.time += timedelta(days=1)
        assert len(booth.fetch().brought) == 2
        repository.put("ECU", 3, PACKAGE)
    booth.clock.time += timedelta(days=2)
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "role_ended"),)
    assert [one.name for one in fetched.brought] == ["ECU"]
    assert booth.fetch().faults == (("CHL", "role_ended"),)
    assert server.times(url(repository, "CHL")) == 1
    repository.roles["CHL"].expires = repository.now + timedelta(days=9)
    repository.put("CHL", 3, NEXT + NEXT)
    assert [one.version for one in booth.fetch().brought] == [3]


def test_numbers_driven_up_by_a_thief_are_taken_back_by_a_new_root(repository: TufRepository, booth: Booth) -> None:
    """Fast-forward: without new keys the booth would wait for ever; with them it goes on, its trust too."""
    thief = Ed25519PrivateKey.generate()
    honest, repository.publishers["ECU"] = repository.publishers["ECU"], thief
    roles = (repository.timestamp, repository.snapshot, repository.targets, repository.roles["ECU"])
    versions = [role.version for role in roles]
    for role in roles:
        role.version = 1_000_000
    repository.delegate("ECU")
    repository.publish_role("ECU", lead=False)
    repository.publish_targets()
    assert booth.fetch().faults == ()
    assert publisher_id(trust_of(booth.store)["ECU"]) == publisher_id(thief.public_key())
    driven = trust_version(booth.store)

    repository.publishers["ECU"] = honest
    for role, version in zip(roles, versions, strict=True):
        role.version = version + 1
    repository.delegate("ECU")
    repository.put("ECU", 2, NEXT)
    repository.publish_targets()
    assert booth.fetch() == refused("rolled_back")
    repository.renew_keys("timestamp", "snapshot", "targets")
    repository.publish_targets()
    fetched = booth.fetch()
    assert fetched.faults == ()
    assert [one.version for one in fetched.brought] == [2]
    assert publisher_id(trust_of(booth.store)["ECU"]) == publisher_id(honest.public_key())
    assert trust_version(booth.store) > driven


# -- forms, and the line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"signed":{},"signatures":[]}', b"[" * 4000, b"9" * 5000])
@pytest.mark.parametrize("piece", ["root", "timestamp"])
def test_metadata_that_is_none(
    repository: TufRepository, server: RepositoryServer, booth: Booth, data: bytes, piece: str
) -> None:
    path = METADATA + "2.root.json" if piece == "root" else TIMESTAMP
    server.files = {**repository.files, path: data}
    assert booth.fetch() == refused("malformed")


def test_a_root_of_enrolment_that_is_none(server: RepositoryServer, booth: Booth) -> None:
    server.repository.first_root = b"{}"
    booth.enrol(server)
    assert booth.fetch() == refused("malformed")


def test_what_the_centre_does_not_have(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    for name in ("CHL", "ECU"):
        repository.put(name, 2, NEXT)
    server.files = dict(repository.files)
    del server.files[repository.target_url("CHL")]
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "missing"),)
    assert [one.name for one in fetched.brought] == ["ECU"]
    del server.files[TIMESTAMP]
    assert booth.fetch() == refused("missing")


def test_a_failure_of_the_centre_at_one_list_stops_it_alone(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    for name in ("CHL", "ECU"):
        repository.put(name, 2, NEXT)
    server.attacks.status[repository.target_url("CHL")] = 500
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "server_fault"),)
    assert [one.name for one in fetched.brought] == ["ECU"]


@pytest.mark.parametrize("piece", ["timestamp", "ECU", "package"])
def test_an_error_of_the_line_passes_as_it_is(
    repository: TufRepository, server: RepositoryServer, booth: Booth, piece: str
) -> None:
    repository.put("ECU", 2, NEXT)
    path = repository.target_url("ECU") if piece == "package" else url(repository, piece)
    server.attacks.cuts[path] = [10]
    with pytest.raises(LineError) as caught:
        booth.fetch()
    assert caught.value.code is LineCode.CUT_OFF
    assert len(booth.fetch().brought) == 1


def test_a_folder_for_metadata_that_cannot_be_written(server: RepositoryServer, booth: Booth) -> None:
    booth.metadata = booth.inbox.parent / "file"
    booth.metadata.write_bytes(b"")
    assert booth.fetch() == refused("disk")


def test_what_tuf_says_goes_no_further(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    server.files = {**repository.files, TIMESTAMP: b'{"signed":{"_type":"MUSTER"},"signatures":[]}'}
    assert "MUSTER" not in str(booth.fetch())
