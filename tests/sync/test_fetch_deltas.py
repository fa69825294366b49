"""Deltas: the fewest bytes are chosen, they come in order and resumable, and what leads nowhere is removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from checkpoint_app.sync.bringing import Bringing
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.wire.api import GRANTS
from checkpoint_app.wire.package import content_key_id
from tests.sync.repository_server import (
    Booth,
    RepositoryServer,
    TufRepository,
    booth_of,
    delta_bytes,
    digest_of,
    serving,
)

KEY = bytes(range(32))
KEY_ID = content_key_id(KEY)
PACKAGE = b"package" * 100_000
STEP = 90_000
DELTAS = {f"ECU-{base}-{base + 1}.delta": delta_bytes("ECU", base, STEP) for base in range(1, 9)}


@pytest.fixture
def repository() -> TufRepository:
    """A list whose versions 3 to 6 are led to by deltas."""
    repository = TufRepository()
    repository.put_chain("ECU", 2, 6, PACKAGE, STEP)
    return repository


@pytest.fixture
def server(repository: TufRepository) -> Iterator[RepositoryServer]:
    with serving(repository) as server:
        yield server


@pytest.fixture
def booth(server: RepositoryServer) -> Iterator[Booth]:
    with booth_of(server) as booth:
        yield booth


def steps(first: int, last: int) -> dict[str, bytes]:
    return {file: DELTAS[file] for file in (f"ECU-{base}-{base + 1}.delta" for base in range(first, last))}


def versions(fetched: Fetched) -> list[int]:
    return [one.version for one in fetched.brought]


def order(server: RepositoryServer) -> list[str]:
    """Return the deltas asked for, in that order."""
    return [one.path.rpartition(".ECU")[2] for one in server.asked if one.path.endswith(".delta")]


# -- which way --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [2, 3, 5])
def test_a_chain_leads_from_the_version_in_force(server: RepositoryServer, booth: Booth, first: int) -> None:
    booth.in_force(ECU=first)
    fetched = booth.fetch()
    assert (versions(fetched), fetched.faults, fetched.unfinished) == ([6], (), ())
    assert fetched.brought[0].digest == digest_of("ECU", 6)
    assert booth.brought() == steps(first, 6)
    assert order(server) == [f"-{base}-{base + 1}.delta" for base in range(first, 6)]
    assert booth.fetch() == Fetched()
    assert len(order(server)) == 6 - first


def test_without_a_version_in_force_the_whole_comes(booth: Booth) -> None:
    assert versions(booth.fetch()) == [6]
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_booth_older_than_the_first_delta_takes_the_whole(booth: Booth) -> None:
    booth.in_force(ECU=1)
    booth.fetch()
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_chain_that_is_longer_than_the_whole_is_not_taken(repository: TufRepository, booth: Booth) -> None:
    repository.put_delta("ECU", 2, 3, bytes(len(PACKAGE) - 3 * STEP))
    booth.in_force(ECU=2)
    booth.fetch()
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_leap_is_taken_where_it_is_shorter(repository: TufRepository, booth: Booth) -> None:
    repository.put_delta("ECU", 3, 5, b"leap")
    booth.in_force(ECU=2)
    booth.fetch()
    assert booth.brought() == {**steps(2, 3), "ECU-3-5.delta": b"leap", **steps(5, 6)}


def test_what_came_of_the_whole_counts(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    server.attacks.cuts[repository.target_url("ECU")] = [len(PACKAGE) - STEP]
    with pytest.raises(LineError):
        booth.fetch()
    booth.in_force(ECU=2)  # by hand, meanwhile
    booth.fetch()
    assert booth.brought() == {"ECU.list": PACKAGE}
    assert server.sent(repository.target_url("ECU")) == len(PACKAGE)


def test_what_came_of_the_whole_is_kept_beside_a_chain(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    server.attacks.cuts[repository.target_url("ECU")] = [STEP]
    with pytest.raises(LineError):
        booth.fetch()
    booth.in_force(ECU=3)
    server.files = {**repository.files, repository.delta_url("ECU", 4, 5): b"x" * STEP}
    assert booth.fetch().faults == (("ECU", "tampered"),)
    assert versions(booth.fetch()) == [6]
    assert booth.brought()["ECU.list"] == PACKAGE
    assert server.sent(repository.target_url("ECU")) == len(PACKAGE)


def test_an_old_series_leads_nowhere(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 6, PACKAGE, digest=digest_of("ECU", 6), key_id=KEY_ID)
    booth.grant("ECU", KEY)
    booth.in_force(ECU=5)
    booth.fetch()
    assert set(booth.brought()) == {"ECU.list", "ECU.grant"}


def test_a_withdrawn_list_comes_whole(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU", 7, b"withdrawn" * 20, digest=digest_of("ECU", 7), withdrawn=True)
    repository.put_delta("ECU", 6, 7, b"")
    booth.in_force(ECU=6)
    fetched = booth.fetch()
    assert [(one.version, one.withdrawn) for one in fetched.brought] == [(7, True)]
    assert booth.brought() == {"ECU.list": b"withdrawn" * 20}


def test_a_list_whose_data_was_purged_comes_whole(booth: Booth) -> None:
    """Under a new term, or no longer withdrawn: its version is known, and nothing of it is here to build on."""
    booth.in_force(ECU=5, layers=0)
    assert versions(booth.fetch()) == [6]
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_list_that_was_damaged_is_brought_again_in_the_version_in_force(booth: Booth) -> None:
    booth.in_force(ECU=6, layers=0)
    assert booth.fetch().brought == ()
    booth.store.lists.missing = lambda: frozenset({"ECU"})  # type: ignore[method-assign]
    assert versions(booth.fetch()) == [6]
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_pipe_in_the_inbox_holds_up_no_list(booth: Booth) -> None:
    """Nobody ever writes to it: the round would end never, and silently."""
    for file in ("ECU.list", "ECU.grant"):
        os.mkfifo(booth.inbox / file)
    assert versions(booth.fetch()) == [6]
    assert (booth.inbox / "ECU.list").read_bytes() == PACKAGE


def test_the_shortest_way_comes_first(repository: TufRepository, booth: Booth) -> None:
    repository.put("CHL", 1, b"x" * (STEP + 1))
    booth.in_force(ECU=5)
    assert [one.name for one in booth.fetch().brought] == ["ECU", "CHL"]


# -- in pieces --------------------------------------------------------------------------------------------------------


def test_a_cut_chain_goes_on_at_the_byte(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    booth.in_force(ECU=2)
    path = repository.delta_url("ECU", 3, 4)
    server.attacks.cuts[path] = [40_001, 5]
    for _ in range(2):
        with pytest.raises(LineError):
            booth.fetch()
    assert booth.brought() == steps(2, 3)
    assert versions(booth.fetch()) == [6]
    assert booth.brought() == steps(2, 6)
    assert [one.start for one in server.asked if one.path == path] == [0, 40_001, 40_006]
    assert sum(server.sent(repository.delta_url("ECU", base, base + 1)) for base in range(2, 6)) == 4 * STEP


def test_a_chain_that_pauses_tells_how_far_it_leads(booth: Booth) -> None:
    booth.in_force(ECU=2)
    fetched = booth.fetch(going_on=lambda: not (booth.inbox / "ECU-3-4.delta").exists())
    assert (versions(fetched), fetched.unfinished) == ([4], ("ECU",))
    assert fetched.brought[0].digest == digest_of("ECU", 4)
    assert booth.brought() == steps(2, 4)
    assert versions(booth.fetch()) == [6]


def test_a_newer_version_lengthens_the_chain(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    booth.in_force(ECU=4)
    booth.fetch()
    repository.put("ECU", 7, PACKAGE, digest=digest_of("ECU", 7))
    repository.put_delta("ECU", 6, 7, DELTAS["ECU-6-7.delta"])
    assert versions(booth.fetch()) == [7]
    assert booth.brought() == steps(4, 7)
    assert order(server) == ["-4-5.delta", "-5-6.delta", "-6-7.delta"]


def test_a_damaged_delta_in_the_inbox_is_replaced(booth: Booth) -> None:
    booth.in_force(ECU=4)
    booth.fetch()
    (booth.inbox / "ECU-4-5.delta").write_bytes(b"x" * STEP)
    assert booth.fetch().faults == ()
    assert booth.brought() == steps(4, 6)


# -- refused ----------------------------------------------------------------------------------------------------------


def test_a_delta_that_the_desk_refused_is_gone_around(booth: Booth) -> None:
    booth.in_force(ECU=4)
    booth.fetch()
    (booth.inbox / "ECU-5-6.delta.refused").touch()
    assert versions(booth.fetch()) == [6]
    assert booth.brought() == {**steps(4, 6), "ECU-5-6.delta.refused": b"", "ECU.list": PACKAGE}
    assert booth.fetch() == Fetched()


def test_a_mark_beside_another_delta_stops_no_chain(booth: Booth) -> None:
    for file in ("ECU-1-2.delta.refused", "CHL-5-6.delta.refused", "ECU-4-6.delta.refused"):
        (booth.inbox / file).touch()
    booth.in_force(ECU=4)
    booth.fetch()
    assert set(steps(4, 6)) < set(booth.brought())
    assert "ECU.list" not in booth.brought()


# -- grants -----------------------------------------------------------------------------------------------------------


def test_one_grant_serves_a_series(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    repository.put_chain("ECU", 2, 6, PACKAGE, STEP, key_id=KEY_ID)
    booth.grant("ECU", KEY)
    booth.in_force(ECU=4)
    booth.fetch()
    assert booth.brought() == {**steps(4, 6), "ECU.grant": server.grants[0]}
    booth.in_force(ECU=6)
    repository.put("ECU", 7, PACKAGE, digest=digest_of("ECU", 7), key_id=KEY_ID)
    repository.put_delta("ECU", 6, 7, DELTAS["ECU-6-7.delta"])
    booth.fetch()
    assert booth.brought() == {**steps(4, 7), "ECU.grant": server.grants[0]}
    assert server.times(GRANTS) == 1


def test_the_grant_lies_there_before_the_delta(repository: TufRepository, booth: Booth) -> None:
    repository.put_chain("ECU", 2, 6, PACKAGE, STEP, key_id=KEY_ID)
    booth.in_force(ECU=5)
    assert booth.fetch().faults == (("ECU", "no_grant"),)
    assert booth.brought() == {}
    booth.grant("ECU", KEY)
    assert versions(booth.fetch()) == [6]
    assert booth.server.sent(repository.delta_url("ECU", 5, 6)) == STEP


def test_an_ended_grant_beside_waiting_deltas_is_renewed(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    repository.put_chain("ECU", 2, 6, PACKAGE, STEP, key_id=KEY_ID)
    booth.grant("ECU", KEY, days=2)
    booth.in_force(ECU=4)
    booth.fetch()
    before = {path.name: path.stat().st_mtime_ns for path in booth.inbox.glob("*.delta")}
    booth.clock.time += timedelta(days=3)
    booth.grant("ECU", KEY, days=2)
    assert booth.fetch() == Fetched()
    assert booth.brought() == {**steps(4, 6), "ECU.grant": server.grants[-1]}
    after = {path.name: path.stat().st_mtime_ns for path in booth.inbox.glob("*.delta")}
    assert all(after[name] > before[name] for name in before)  # the desk looks again


# -- tidy -------------------------------------------------------------------------------------------------------------


def test_deltas_that_lead_to_no_newer_version_are_removed(repository: TufRepository, booth: Booth) -> None:
    repository.put("A-1", 9, PACKAGE, digest=digest_of("A-1", 9))
    kept = ("ECU-6-7.delta", "ECU-5-7.delta.refused", "A-1-8-9.delta", "A-1-8-9.delta.refused", "ECU-0-1.delta", "x")
    kept = (*kept, "ECU-5-6.delta")  # still offered: another booth of the post may want it
    gone = ("ECU-1-2.delta", "ECU-5-6.delta.refused", "A-1-7-8.delta", "A-1-7-8.delta.refused")
    for file in (*kept, *gone):
        (booth.inbox / file).touch()
    booth.in_force(**{"ECU": 6, "A-1": 8})
    booth.fetch(going_on=lambda: False)
    assert set(booth.brought()) == set(kept)


def test_what_no_role_offers_any_more_is_removed(repository: TufRepository, booth: Booth) -> None:
    repository.put("CHL", 1, PACKAGE)
    repository.put("PER", 1, PACKAGE)
    booth.fetch()
    for file in ("CHL.grant", "CHL-1-2.delta", "CHL-1-2.delta.refused", "PER.grant"):
        (booth.inbox / file).touch()
    assert repository.targets.delegations is not None
    assert repository.targets.delegations.roles is not None
    del repository.targets.delegations.roles["CHL"]
    repository.roles["PER"].targets = {}
    repository.publish_role("PER")
    repository.publish_targets()
    assert booth.fetch() == Fetched()
    assert set(booth.brought()) == {"ECU.list"}


def test_what_cannot_be_told_now_stays(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    repository.put("CHL", 1, PACKAGE)
    booth.fetch()
    server.attacks.status[repository.url("CHL", 2)] = 500
    repository.publish_role("CHL")
    assert booth.fetch().faults == (("CHL", "server_fault"),)
    assert set(booth.brought()) == {"ECU.list", "CHL.list"}


def test_nothing_is_removed_on_the_word_of_who_is_not_believed(repository: TufRepository, booth: Booth) -> None:
    booth.fetch()
    assert repository.targets.delegations is not None
    repository.targets.delegations.roles = {}
    repository.publish_targets(key=repository.keys["snapshot"])
    assert booth.fetch().faults == (("", "signed_by_another"),)
    assert set(booth.brought()) == {"ECU.list"}


# -- how far ----------------------------------------------------------------------------------------------------------


def test_how_far_a_chain_is_counts_what_was_here_before(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    booth.in_force(ECU=2)
    server.attacks.cuts[repository.delta_url("ECU", 3, 4)] = [40_001]
    told: list[Bringing] = []
    with pytest.raises(LineError):
        booth.fetch(on_bytes=told.append)
    assert told[0] == Bringing("ECU", 6, 0, 4 * STEP)
    told.clear()
    booth.fetch(on_bytes=told.append)
    assert told[0] == Bringing("ECU", 6, STEP + 40_001, 4 * STEP)
    assert (told[-1].done, told[-1].total) == (4 * STEP, 4 * STEP)
    assert [one.done for one in told] == sorted(one.done for one in told)
