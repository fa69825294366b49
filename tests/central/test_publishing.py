"""Publishing: a real updater takes what the centre publishes, at whatever instant the publication was cut off."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from tuf.api.exceptions import ExpiredMetadataError, RepositoryError

from checkpoint_app.central import (
    agreements,
    database,
    files,
    keeping,
    lists,
    officers,
    publishing,
    repository,
    series,
    targets,
)
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.grants import grants_for
from checkpoint_app.central.lists import VersionState, package_path
from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.grant import open_grant, read_grant
from checkpoint_app.wire.header import PackageHeader, read_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.repository import BY_HAND, CUSTOM, ListTarget
from tests.central.helpers import START, Clock, enrolled
from tests.central.publishing_helpers import (
    END,
    NUMBERS,
    OWN,
    POLICY,
    SILENT,
    THEIRS,
    Booth,
    bring,
    bring_policy,
    conclude,
    make_repository,
    persons,
)
from tests.central.test_officers import END as OFFICERS_END
from tests.central.test_officers import OFFICER

one_database = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)  # what is tested lies in files


class CutError(Exception):
    """The process ends here."""


@pytest.fixture
def booth(centre: Centre, tmp_path: Path) -> Booth:
    return Booth(centre, make_repository(centre), tmp_path / "booth")


def fresh(centre: Centre, tmp_path: Path, name: str) -> Booth:
    """A booth that never spoke with the centre; its root is the first."""
    with centre.begin() as connection:
        return Booth(centre, publishing.root(centre, connection), tmp_path / name)


def states(centre: Centre, name: str) -> dict[int, VersionState]:
    with centre.begin() as connection:
        return {one.version: one.state for one in keeping.versions(connection, name)}


def repository_files(centre: Centre) -> list[str]:
    return [path.name for path in (centre.folder / "repository").rglob("*") if path.is_file()]


def test_what_is_imported_and_published_a_booth_takes_verifies_and_opens(centre: Centre, booth: Booth) -> None:
    assert booth.version("ECU") == 0
    bring(centre, OWN)
    bring(centre, NUMBERS)
    bring_policy(centre)
    assert booth.version("ECU") == 0
    assert publishing.publish(centre) == ["ECU 1", "INTL 1", "policy 1"]
    bring(centre, OWN, persons(21))
    assert booth.version("ECU") == 1
    assert publishing.publish(centre) == ["ECU 2"]
    assert (booth.version("ECU"), booth.version("INTL"), booth.version("policy")) == (2, 1, 1)

    package = booth.package("ECU")
    assert b"MUSTER" not in package
    asking = enrolled(centre, "demo-3")
    grants = {
        grant.list_name: grant
        for grant in map(
            read_grant, (t.encode() for t in grants_for(centre, "demo-3", asking.keys.exchange, START).grants)
        )
    }
    with centre.begin() as connection:
        trusted = keeping.publisher(centre, connection, "ECU").public_key()
    key = open_grant(grants["ECU"], asking.exchange, trusted, START)
    stream = io.BytesIO(package)
    header = read_header(stream, {"ECU": trusted})
    assert list(iter_records(stream, header, key)) == persons(21)
    info = booth.info("ECU")
    assert info is not None
    told = from_plain(ListTarget, info.custom[CUSTOM])
    expected = ListTarget("ECU", header.kind, 2, header.issued_at, header.key_id, header.payload_digest)
    assert told == expected
    assert header.handling == ("LE-ONLY",)


@one_database
def test_the_root_is_made_once_and_each_role_signs_with_a_key_of_its_own(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN)
    bring(centre, NUMBERS)
    publishing.publish(centre)
    with centre.begin() as connection:
        root = publishing.root(centre, connection)
        assert publishing.create_repository(centre, connection) == root
    trusted = booth.updater()
    trusted.refresh()
    top = trusted._trusted_set
    keys = {key for role in ("root", "targets", "snapshot", "timestamp") for key in top.root.roles[role].keyids}
    delegated = top.targets.delegations.roles
    keys |= {key for role in delegated.values() for key in role.keyids}
    assert len(keys) == 6
    assert {name: (role.threshold, role.paths) for name, role in delegated.items()} == {
        "ECU": (1, ["ECU/*"]),
        "INTL": (1, ["INTL/*"]),
    }


@one_database
def test_before_it_is_made_there_is_no_repository(centre: Centre) -> None:
    with centre.begin() as connection, pytest.raises(CentreError, match="central init"):
        publishing.root(centre, connection)
    with pytest.raises(CentreError, match="central init"):
        publishing.publish(centre)


def test_a_silent_list_never_is_written_to_the_repository_and_is_screened_by(centre: Centre, booth: Booth) -> None:
    bring(centre, SILENT)
    bring(centre, OWN)
    assert publishing.publish(centre) == ["ECU 1"]
    assert booth.info("QUIET") is None
    assert not [name for name in repository_files(centre) if "QUIET" in name]
    assert not [
        path for path in (centre.folder / "repository").rglob("*") if path.is_file() and b"QUIET" in path.read_bytes()
    ]
    grants = grants_for(centre, "demo-3", enrolled(centre, "demo-3").keys.exchange, START).grants
    assert [read_grant(text.encode()).list_name for text in grants] == ["ECU"]
    with centre.begin() as connection:
        found = {one.name: (one.version, one.silent) for one in lists.newest(centre, connection)}
        assert found == {"ECU": (1, False), "QUIET": (1, True)}


def test_marks_change_with_whatever_is_in_use(centre: Centre, booth: Booth) -> None:
    seen = []

    def marks() -> None:
        with centre.begin() as connection:
            seen.append(lists.marks(connection))
            assert lists.marks(connection) == seen[-1]

    marks()
    conclude(centre)
    marks()
    bring(centre, SILENT)
    marks()
    bring(centre, THEIRS)
    publishing.publish(centre)
    marks()
    bring_policy(centre)
    publishing.publish(centre)
    marks()
    with centre.begin() as connection:
        agreements.end(centre, connection, "EC-US")
    marks()
    assert len(set(seen)) == len(seen)


def test_the_records_in_use_come_with_the_term_as_it_stands(centre: Centre, booth: Booth, clock: Clock) -> None:
    conclude(centre)
    bring(centre, THEIRS)
    publishing.publish(centre)
    clock.move(days=2)
    with centre.begin() as connection:
        agreements.end(centre, connection, "EC-US")
        (one,) = lists.newest(centre, connection)
    header, records = lists.open_records(centre, one)
    assert isinstance(header, PackageHeader)
    assert header.agreement is not None
    assert header.agreement.ends_at == clock.now()
    assert list(records) == persons()
    assert one.ended(clock.now())


@one_database
def test_the_newest_policy_is_read_back_with_its_own_version(centre: Centre, booth: Booth) -> None:
    with centre.begin() as connection:
        assert lists.policy(centre, connection) is None
    bring_policy(centre, offline_days=9)
    publishing.publish(centre)
    with centre.begin() as connection:
        policy = lists.policy(centre, connection)
    assert policy is not None
    assert (policy.version, policy.offline_days) == (1, 9)
    assert b'"offline_days"' not in booth.package("policy")  # it is compressed, not sealed
    assert [one for one in (POLICY,) if one.silent] == []


# -- cut off at any instant -------------------------------------------------------------------------------------------


class Cutting:
    """Ends the process, as an exception, before or after the write of a given number."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> None:
        self.writes: list[str] = []
        self.at = at
        real = files.fill_whole

        def fill_whole(path, fill):  # type: ignore[no-untyped-def]
            self.writes.append(path.name)
            if len(self.writes) == self.at and not after:
                path.with_name(path.name + files.HALF).write_bytes(b"half")
                raise CutError
            result = real(path, fill)
            if len(self.writes) == self.at:
                raise CutError
            return result

        monkeypatch.setattr(files, "fill_whole", fill_whole)
        monkeypatch.setattr(targets, "fill_whole", fill_whole)
        monkeypatch.setattr(
            repository, "write_whole", lambda path, data: fill_whole(path, lambda file: file.write(data))
        )


@one_database
@pytest.mark.parametrize("after", [False, True])
def test_a_publication_cut_at_any_write_leaves_the_old_state_served_and_is_done_again(
    centre: Centre, booth: Booth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    assert booth.version("ECU") == 1
    records = 20
    for at in range(1, 20):
        records += 1
        bring(centre, OWN, persons(records))
        if at == 1:
            bring(centre, NUMBERS)
        served = booth.version("ECU")
        with monkeypatch.context() as patch:
            cutting = Cutting(patch, at, after=after)
            try:
                publishing.publish(centre)
            except CutError:
                cut = True
            else:
                cut = False
        led = cutting.writes[-1] == "timestamp.json" and (after or not cut)
        expected = served + 1 if led else served
        assert booth.version("ECU") == expected
        assert fresh(centre, tmp_path, f"fresh-{at}").version("ECU") == expected
        if not cut:
            break
        publishing.publish(centre)
        assert booth.version("ECU") == served + 1
        assert states(centre, "ECU")[served + 1] is VersionState.PUBLISHED
        assert booth.version("INTL") == 1
        assert booth.package("ECU")
        assert not [name for name in repository_files(centre) if name.endswith(files.HALF)]
    assert at > 4
    assert cutting.writes[-1] == "timestamp.json"


def test_a_publication_cut_before_its_note_is_noted_by_the_next(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise CutError

    bring(centre, OWN)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_note", cut)
        with pytest.raises(CutError):
            publishing.publish(centre)
    assert booth.version("ECU") == 1
    assert states(centre, "ECU") == {1: VersionState.READY}
    assert publishing.publish(centre) == []
    assert states(centre, "ECU") == {1: VersionState.PUBLISHED}


def test_two_publications_at_once_are_one_after_the_other(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN)
    bring(centre, NUMBERS)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(publishing.publish(centre))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[], [], ["ECU 1", "INTL 1"]]
    assert (booth.version("ECU"), booth.version("INTL")) == (1, 1)


@one_database
@pytest.mark.parametrize(
    ("folder", "work"),
    [
        ("lists", lambda centre: bring(centre, OWN)),
        ("lists", publishing.publish),
        ("repository", publishing.publish),
        ("repository", publishing.renew),
    ],
)
def test_whoever_would_work_on_a_folder_in_use_waits(
    centre: Centre, booth: Booth, folder: str, work: Callable[[Centre], object]
) -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(work(centre)))
    with files.locked(centre.folder / folder):
        thread.start()
        thread.join(0.15)
        assert found == []
        assert thread.is_alive()
    thread.join(10)
    assert len(found) == 1


@one_database
def test_a_package_that_was_damaged_is_not_published(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    bring(centre, OWN, persons(21))
    path = package_path(centre, "ECU", 2)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CentreError, match="ECU 2: its file is damaged"):
        publishing.publish(centre)
    assert booth.version("ECU") == 1
    with centre.begin() as connection:
        newest = lists.approved(centre, connection, "ECU")
        assert newest is not None
    with pytest.raises(CentreError, match="damaged or gone"):
        list(lists.open_records(centre, newest)[1])
    path.unlink()
    with pytest.raises(CentreError, match="damaged or gone"):
        lists.open_records(centre, newest)


@one_database
def test_a_damaged_repository_is_told_and_not_overwritten(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN)
    (centre.folder / "repository" / "metadata" / "timestamp.json").write_bytes(b"{}")
    for work in (publishing.publish, publishing.renew):
        with pytest.raises(CentreError, match="repository: its metadata is damaged"):
            work(centre)


# -- agreements -------------------------------------------------------------------------------------------------------


@one_database
def test_a_role_ends_with_its_agreement_and_stops_only_its_own_list(centre: Centre, booth: Booth, clock: Clock) -> None:
    conclude(centre)
    bring(centre, THEIRS)
    bring(centre, OWN)
    publishing.publish(centre)
    asking = enrolled(centre, "demo-3")
    clock.at = END - timedelta(days=1)
    publishing.renew(centre)
    assert booth.version("USA") == 1
    granted = [
        read_grant(text.encode()) for text in grants_for(centre, "demo-3", asking.keys.exchange, clock.now()).grants
    ]
    assert {one.list_name: one.not_after - clock.now() for one in granted} == {
        "ECU": timedelta(days=14),
        "USA": timedelta(days=1),
    }
    clock.at = END + timedelta(seconds=1)
    publishing.publish(centre)
    publishing.renew(centre)
    with pytest.raises(ExpiredMetadataError):
        booth.version("USA")
    assert booth.version("ECU") == 1
    granted = [
        read_grant(text.encode()) for text in grants_for(centre, "demo-3", asking.keys.exchange, clock.now()).grants
    ]
    assert [one.list_name for one in granted] == ["ECU"]


@one_database
def test_what_was_ready_when_its_agreement_ended_is_not_published(centre: Centre, booth: Booth, clock: Clock) -> None:
    conclude(centre)
    bring(centre, THEIRS)
    clock.at = END
    assert publishing.publish(centre) == []
    publishing.renew(centre)
    assert booth.info("USA") is None
    assert states(centre, "USA") == {1: VersionState.READY}


def test_an_agreement_ended_early_ends_its_role_with_the_next_publication(
    centre: Centre, booth: Booth, clock: Clock
) -> None:
    conclude(centre)
    bring(centre, THEIRS)
    bring(centre, OWN)
    publishing.publish(centre)
    assert booth.version("USA") == 1
    clock.move(hours=1)
    with centre.begin() as connection:
        agreements.end(centre, connection, "EC-US")
    publishing.publish(centre)
    clock.move(seconds=1)
    with pytest.raises(ExpiredMetadataError):
        booth.version("USA")
    assert booth.version("ECU") == 1
    assert publishing.publish(centre) == []


def test_an_extended_agreement_issues_its_lists_anew_with_the_same_entries_and_time(
    centre: Centre, booth: Booth, clock: Clock
) -> None:
    conclude(centre)
    bring(centre, THEIRS, version=88)
    publishing.publish(centre)
    clock.move(days=2)
    later = END + timedelta(days=300)
    with centre.begin() as connection:
        agreements.extend(centre, connection, "EC-US", later)
    assert publishing.publish(centre) == ["USA 89"]
    with centre.begin() as connection:
        (one,) = lists.newest(centre, connection)
        signer = keeping.publisher(centre, connection, "USA").public_key()
    header = read_header(io.BytesIO(booth.package("USA")), {"USA": signer})
    assert header.agreement == Agreement("EC-US", START - timedelta(days=1), later)
    assert (header.version, header.issued_at, header.calibration["threshold"]) == (89, START, 9400)
    assert list(lists.open_records(centre, one)[1]) == persons()
    bring(centre, THEIRS, version=89)
    assert publishing.publish(centre) == ["USA 90"]
    clock.at = END + timedelta(days=1)
    publishing.renew(centre)
    assert booth.version("USA") == 90


@one_database
def test_a_version_that_waits_is_not_overtaken_by_a_new_term(centre: Centre, booth: Booth, clock: Clock) -> None:
    conclude(centre)
    bring(centre, THEIRS)
    publishing.publish(centre)
    assert bring(centre, THEIRS, persons(40)).state is VersionState.PENDING
    with centre.begin() as connection:
        agreements.extend(centre, connection, "EC-US", END + timedelta(days=1))
    assert publishing.publish(centre) == []
    assert states(centre, "USA") == {1: VersionState.PUBLISHED, 2: VersionState.PENDING}


# -- time -------------------------------------------------------------------------------------------------------------


@one_database
def test_what_has_half_of_its_time_left_is_not_signed_anew_and_what_has_less_is(
    centre: Centre, booth: Booth, clock: Clock
) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    assert publishing.renew(centre) == []
    clock.move(days=6, hours=23)
    assert publishing.renew(centre) == []
    clock.move(hours=2)
    assert publishing.renew(centre) == ["snapshot", "timestamp"]
    assert booth.version("ECU") == 1
    clock.move(days=183)
    assert publishing.renew(centre) == ["root", "ECU", "targets", "snapshot", "timestamp"]
    for _ in range(3):
        assert booth.version("ECU") == 1
        clock.move(days=13)
        publishing.renew(centre)
    assert publishing.renew(centre) == []


@one_database
def test_without_renewal_a_booth_refuses_what_is_past_the_longest_way_by_hand(
    centre: Centre, booth: Booth, clock: Clock
) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    clock.at = START + BY_HAND - timedelta(seconds=1)
    assert booth.version("ECU") == 1
    clock.move(seconds=2)
    with pytest.raises(ExpiredMetadataError):
        booth.version("ECU")
    publishing.renew(centre)
    assert booth.version("ECU") == 1


@one_database
def test_a_booth_that_knows_a_newer_state_refuses_an_older_one(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    old = {path: path.read_bytes() for path in (centre.folder / "repository" / "metadata").iterdir()}
    bring(centre, OWN, persons(21))
    publishing.publish(centre)
    assert booth.version("ECU") == 2
    for path, data in old.items():
        path.write_bytes(data)
    with pytest.raises(RepositoryError):
        booth.version("ECU")


# -- officers, and what is given up -----------------------------------------------------------------------------------


def test_officers_are_published_when_they_changed_and_sealed(centre: Centre, booth: Booth) -> None:
    assert publishing.publish(centre) == []
    with centre.begin() as connection:
        officers.add(centre, connection, "EC-1", OFFICER, OFFICERS_END)
        officers.add(centre, connection, "EC-2", OFFICER, OFFICERS_END)
    assert publishing.publish(centre) == ["officers 1"]
    assert publishing.publish(centre) == []
    with centre.begin() as connection:
        officers.disable(centre, connection, "EC-2")
    assert publishing.publish(centre) == ["officers 2"]
    with centre.begin() as connection:
        (one,) = lists.in_use(centre, connection)
        assert lists.newest(centre, connection) == []
    header, records = lists.open_records(centre, one)
    assert header.sealed
    (record,) = records
    assert [officer["id"] for officer in record["officers"]] == ["EC-1"]
    grants = grants_for(centre, "demo-3", enrolled(centre, "demo-3").keys.exchange, START).grants
    assert [read_grant(text.encode()).key_id for text in grants] == [header.key_id]


@one_database
def test_old_versions_are_given_up_with_their_keys_but_not_the_one_before(centre: Centre, booth: Booth) -> None:
    for count in range(20, 28):
        with centre.begin() as connection:
            series.end(connection, "ECU")
        bring(centre, OWN, persons(count))
        publishing.publish(centre)
    assert {path.name for path in (centre.folder / "lists").iterdir()} == {"ECU-7.list", "ECU-8.list", "lock"}
    kept = [name for name in repository_files(centre) if name.endswith(".list")]
    assert len(kept) == 2
    roles = sorted(name for name in repository_files(centre) if name.endswith(".ECU.json"))
    assert len(roles) == 1 + repository.KEPT_VERSIONS
    assert "1.root.json" in repository_files(centre)
    assert states(centre, "ECU") == {
        version: VersionState.PUBLISHED if version > 6 else VersionState.RETIRED for version in range(1, 9)
    }
    with centre.begin() as connection:
        assert centre.secret(connection, lists.content_secret("ECU", 6)) is None
        assert centre.secret(connection, lists.content_secret("ECU", 7)) is not None
    assert booth.version("ECU") == 8


@one_database
def test_files_are_for_their_owner_alone(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    for folder in ("lists", "repository"):
        for path in [centre.folder / folder, *(centre.folder / folder).rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path


@one_database
def test_a_lost_content_key_is_told(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    with centre.begin() as connection:
        connection.execute(delete(database.secrets).where(database.secrets.c.name == lists.content_secret("ECU", 1)))
        with pytest.raises(CentreError, match="its content key is gone"):
            lists.newest(centre, connection)
