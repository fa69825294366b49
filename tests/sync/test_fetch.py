"""Lists come by The Update Framework: what is newer is brought whole, and nothing twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType
from tuf.ngclient.updater import Updater

from checkpoint_app.store import SignedObject
from checkpoint_app.store.trust import trust_of, trust_version
from checkpoint_app.sync.download import Partial
from checkpoint_app.sync.fetch import Fetched, fetch_lists
from checkpoint_app.wire.api import GRANTS, METADATA
from checkpoint_app.wire.header import PackageHeader, publisher_id, read_untrusted_header
from checkpoint_app.wire.package import content_key_id
from tests.booth.helpers import Publisher
from tests.store.helpers import create
from tests.sync.repository_server import Booth, RepositoryServer, TufRepository, booth_of, serving

KEY = bytes(range(32))
KEY_ID = content_key_id(KEY)
PACKAGE = b"package" * 20_000


@pytest.fixture
def repository() -> TufRepository:
    return TufRepository()


@pytest.fixture
def server(repository: TufRepository) -> Iterator[RepositoryServer]:
    with serving(repository) as server:
        yield server


@pytest.fixture
def booth(server: RepositoryServer) -> Iterator[Booth]:
    with booth_of(server) as booth:
        yield booth


def test_a_list_comes_whole(repository: TufRepository, booth: Booth) -> None:
    listed = repository.put("ECU", 7, PACKAGE)
    assert booth.fetch() == Fetched(brought=(listed,))
    assert booth.brought() == {"ECU.list": PACKAGE}
    assert list((booth.metadata / "partial").iterdir()) == []


def test_before_enrolment_nothing_is_asked(booth: Booth, tmp_path: Path) -> None:
    with create(tmp_path) as store:
        assert fetch_lists(booth.line, lambda work: work(store), booth.inbox, booth.metadata) == Fetched()
    assert booth.server.asked == []


def test_a_repository_without_lists_brings_none(booth: Booth) -> None:
    assert booth.fetch() == Fetched()
    assert trust_of(booth.store) == {}


@pytest.mark.parametrize("name", ["Lista de prueba", "a.b", "x" * 64, "100% #1", "tab(le)~&=+"])
def test_names_go_through_paths_and_files(repository: TufRepository, booth: Booth, name: str) -> None:
    listed = repository.put(name, 1, PACKAGE)
    assert booth.fetch().brought == (listed,)
    assert booth.brought() == {f"{name}.list": PACKAGE}


def test_a_repository_without_consistent_snapshots_serves_too() -> None:
    repository = TufRepository(consistent=False)
    repository.put("ECU", 1, PACKAGE)
    with serving(repository) as server, booth_of(server) as booth:
        booth.fetch()
        repository.put("ECU", 2, PACKAGE + b"2")
        assert [one.version for one in booth.fetch().brought] == [2]
        assert booth.brought() == {"ECU.list": PACKAGE + b"2"}


# -- nothing twice ----------------------------------------------------------------------------------------------------


def test_what_lies_in_the_inbox_is_not_brought_again(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.put("ECU", 1, PACKAGE)
    booth.fetch()
    asked = len(server.asked)
    assert booth.fetch() == Fetched()
    assert [one.path for one in server.asked[asked:]] == [METADATA + "2.root.json", METADATA + "timestamp.json"]
    assert server.times(repository.target_url("ECU")) == 1


def test_a_damaged_file_in_the_inbox_is_replaced(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 1, PACKAGE)
    booth.fetch()
    (booth.inbox / "ECU.list").write_bytes(b"x" * len(PACKAGE))
    assert len(booth.fetch().brought) == 1
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_newer_version_takes_the_place_of_the_older(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 1, PACKAGE)
    booth.fetch()
    listed = repository.put("ECU", 2, PACKAGE + b"2")
    assert booth.fetch().brought == (listed,)
    assert booth.brought() == {"ECU.list": PACKAGE + b"2"}


@pytest.mark.parametrize(("offered", "brought"), [(4, 0), (5, 0), (6, 1)])
def test_only_what_is_newer_than_the_version_in_force_is_brought(
    repository: TufRepository, booth: Booth, offered: int, brought: int
) -> None:
    header = _policy_in_force(booth, version=5)
    repository.put(header.name, offered, PACKAGE, digest=header.payload_digest)
    fetched = booth.fetch()
    assert (len(fetched.brought), fetched.faults) == (brought, ())


def test_the_version_in_force_with_another_content_is_told(repository: TufRepository, booth: Booth) -> None:
    header = _policy_in_force(booth, version=5)
    repository.put(header.name, 5, PACKAGE)
    repository.put("ECU", 1, PACKAGE)
    fetched = booth.fetch()
    assert fetched.faults == ((header.name, "other_content"),)
    assert [one.name for one in fetched.brought] == ["ECU"]


def _policy_in_force(booth: Booth, version: int) -> PackageHeader:
    package = Publisher().policy(version=version)
    header = read_untrusted_header(io.BytesIO(package))
    booth.store.signed.put(SignedObject("policy", header.name, version, package))
    return header


def test_the_smallest_comes_first(repository: TufRepository, booth: Booth) -> None:
    for name, size in (("large", 3), ("small", 1), ("middle", 2)):
        repository.put(name, 1, PACKAGE * size)
    assert [one.name for one in booth.fetch().brought] == ["small", "middle", "large"]


# -- trust ------------------------------------------------------------------------------------------------------------


def test_trust_is_what_the_targets_delegate(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 1, PACKAGE)
    booth.fetch()
    key = repository.publishers["ECU"].public_key()
    assert {name: publisher_id(each) for name, each in trust_of(booth.store).items()} == {"ECU": publisher_id(key)}
    assert trust_version(booth.store) == (1 << 32) | 2
    repository.put("CHL", 1, PACKAGE)
    booth.fetch()
    assert set(trust_of(booth.store)) == {"ECU", "CHL"}
    assert trust_version(booth.store) == (1 << 32) | 3


def test_a_list_that_is_no_longer_delegated_is_no_longer_trusted(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 1, PACKAGE)
    repository.put("CHL", 1, PACKAGE)
    booth.fetch()
    assert repository.targets.delegations is not None
    assert repository.targets.delegations.roles is not None
    del repository.targets.delegations.roles["CHL"]
    repository.publish_targets()
    booth.fetch()
    assert set(trust_of(booth.store)) == {"ECU"}


# -- grants -----------------------------------------------------------------------------------------------------------


def test_the_grant_lies_beside_a_sealed_list(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    repository.put("ECU", 1, PACKAGE, key_id=KEY_ID)
    repository.put("CHL", 1, PACKAGE, key_id=KEY_ID)
    repository.put("open", 1, PACKAGE)
    for name in ("ECU", "CHL"):
        booth.grant(name, KEY)
    fetched = booth.fetch()
    assert len(fetched.brought) == 3
    brought = booth.brought()
    assert set(brought) == {"ECU.list", "ECU.grant", "CHL.list", "CHL.grant", "open.list"}
    assert brought["ECU.grant"] == server.grants[0]
    assert server.times(GRANTS) == 1


def test_grants_are_asked_for_only_when_one_is_needed(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.put("open", 1, PACKAGE)
    booth.fetch()
    assert server.times(GRANTS) == 0


def test_without_its_grant_a_list_waits_and_is_not_sent_again(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.put("ECU", 1, PACKAGE, key_id=KEY_ID)
    repository.put("CHL", 1, PACKAGE, key_id=KEY_ID)
    booth.grant("CHL", KEY)
    fetched = booth.fetch()
    assert fetched.faults == (("ECU", "no_grant"),)
    assert [one.name for one in fetched.brought] == ["CHL"]
    assert set(booth.brought()) == {"CHL.list", "CHL.grant"}
    booth.grant("ECU", KEY)
    assert [one.name for one in booth.fetch().brought] == ["ECU"]
    assert server.sent(repository.target_url("ECU")) == len(PACKAGE)


def test_a_grant_that_does_not_fit_is_none(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    repository.put("ECU", 1, PACKAGE, key_id=KEY_ID)
    repository.put("CHL", 1, PACKAGE, key_id=KEY_ID)
    booth.grant("CHL", KEY)  # another list
    booth.grant("ECU", bytes(32))  # another key
    booth.grant("ECU", KEY, days=-1)  # ended
    with create(booth.inbox.parent / "other") as other:
        booth.grant("ECU", KEY, booth=other.identity.exchange_key.public_key())
    server.grants.append(b"no grant at all")
    assert booth.fetch().faults == (("ECU", "no_grant"),)
    booth.grant("ECU", KEY, days=3)
    booth.grant("ECU", KEY, days=5)
    booth.grant("ECU", KEY, days=4)
    assert booth.fetch().faults == ()
    assert booth.brought()["ECU.grant"] == server.grants[-2]  # of those that fit, the one that lasts longest


def test_an_ended_grant_beside_a_waiting_list_is_renewed(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.put("ECU", 1, PACKAGE, key_id=KEY_ID)
    booth.grant("ECU", KEY, days=2)
    booth.fetch()
    state = (booth.inbox / "ECU.list").stat()
    booth.clock.time += timedelta(days=1)
    assert booth.fetch() == Fetched()
    assert server.times(GRANTS) == 1
    assert (booth.inbox / "ECU.list").stat().st_mtime_ns == state.st_mtime_ns
    booth.clock.time += timedelta(days=1)
    assert booth.fetch().faults == (("ECU", "no_grant"),)
    booth.grant("ECU", KEY, days=2)
    assert booth.fetch() == Fetched()
    assert booth.brought()["ECU.grant"] == server.grants[-1]
    assert (booth.inbox / "ECU.list").stat().st_mtime_ns > state.st_mtime_ns  # the desk looks again
    assert server.times(repository.target_url("ECU")) == 1


class KilledError(BaseException):
    """The process ends here."""


def test_a_kill_between_grant_and_package_leaves_no_half(
    repository: TufRepository, server: RepositoryServer, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.put("ECU", 1, PACKAGE, key_id=KEY_ID)
    booth.grant("ECU", KEY)

    def killed(*_args: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Partial, "place", killed)
        with pytest.raises(KilledError):
            booth.fetch()
    assert set(booth.brought()) == {"ECU.grant"}
    assert len(booth.fetch().brought) == 1
    assert booth.brought() == {"ECU.grant": server.grants[0], "ECU.list": PACKAGE}
    assert server.sent(repository.target_url("ECU")) == len(PACKAGE)


# -- time -------------------------------------------------------------------------------------------------------------


def test_downloads_pause_when_something_else_has_its_turn(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.put("ECU", 1, PACKAGE * 20)
    repository.put("CHL", 1, PACKAGE * 21)
    turns = iter([True, True, False, False])
    fetched = booth.fetch(going_on=lambda: next(turns))
    assert fetched == Fetched(unfinished=("ECU", "CHL"))
    assert booth.brought() == {}
    assert {one.name for one in booth.fetch().brought} == {"ECU", "CHL"}
    assert set(booth.brought()) == {"ECU.list", "CHL.list"}
    assert [one.start for one in server.asked if one.path == repository.target_url("ECU")][1] > 0


@pytest.mark.parametrize("days", [0, 13])
@pytest.mark.parametrize("year", [2021, 2026, 2090])
def test_expiry_is_judged_at_the_booths_trusted_time(days: int, year: int) -> None:
    """Whatever the machine's clock says; when `tuf` changes where it looks at the time, this fails."""
    repository = TufRepository(TufRepository().now.replace(year=year))
    repository.put("ECU", 1, PACKAGE)
    with serving(repository) as server, booth_of(server) as booth:
        booth.clock.time += timedelta(days=days)
        assert [one.name for one in booth.fetch().brought] == ["ECU"]


@pytest.mark.parametrize("year", [2021, 2026, 2090])
def test_a_way_by_hand_of_fifteen_days_is_too_long(year: int) -> None:
    repository = TufRepository(TufRepository().now.replace(year=year))
    repository.put("ECU", 1, PACKAGE)
    with serving(repository) as server, booth_of(server) as booth:
        booth.clock.time += timedelta(days=15)
        assert booth.fetch() == Fetched(faults=(("", "metadata_expired"),))
        assert booth.brought() == {}


def test_a_clock_in_the_past_counts_from_the_latest_signed_moment(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 1, PACKAGE)
    booth.store.time.see(repository.now + timedelta(days=15))
    booth.clock.time -= timedelta(days=400)
    assert booth.fetch() == Fetched(faults=(("", "metadata_expired"),))


def test_what_is_used_of_tufs_own_is_still_there() -> None:
    """`sync.metadata` uses these; the tests above fail when they mean something else."""
    for name in ("_persist_file", "_persist_metadata", "_load_local_metadata", "_load_targets"):
        assert callable(getattr(Updater, name))
    repository = TufRepository()
    trusted = TrustedMetadataSet(repository.first_root, EnvelopeType.METADATA)
    assert trusted.reference_time.tzinfo is not None
    assert trusted.root.version == 1
    assert {"timestamp", "targets", "update_delegated_targets"} <= set(dir(TrustedMetadataSet))
