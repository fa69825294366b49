"""Withdrawing entries and lists: at once, by one person up to 1 % and by two above; nobody goes off by mistake."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.central import acts, agreements, importing, keeping, lists, publishing, withdrawing
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.grants import grants_for
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.lists import VersionState
from checkpoint_app.screening.numbers.blocks import from_records
from checkpoint_app.wire.grant import read_grant
from checkpoint_app.wire.header import read_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.repository import CUSTOM, ListTarget
from tests.central.helpers import ONE_DATABASE, START, Clock, FakeBooth
from tests.central.publishing_helpers import (
    CALIBRATION,
    NUMBERS,
    OWN,
    SILENT,
    THEIRS,
    Booth,
    bring,
    bring_policy,
    conclude,
    make_repository,
    numbers,
    persons,
    wordy,
)

BOOTH = FakeBooth("demo-3")


@pytest.fixture
def booth(centre: Centre, tmp_path: Path) -> Booth:
    return Booth(centre, make_repository(centre), tmp_path / "booth")


@pytest.fixture(autouse=True)
def _administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")


def newest(centre: Centre, name: str) -> lists.Published:
    with centre.begin() as connection:
        found = lists.approved(centre, connection, name)
    assert found is not None
    return found


def states(centre: Centre, name: str) -> list[VersionState]:
    """Newest first."""
    with centre.begin() as connection:
        return [one.state for one in keeping.versions(connection, name)]


def approved(centre: Centre, monkeypatch: pytest.MonkeyPatch, name: str, version: int) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
        importing.approve(centre, name, version)


def last_act(centre: Centre) -> tuple[str, dict[str, Any]]:
    with centre.begin() as connection:
        act = acts.all(connection)[-1]
    return act.what, dict(act.about)


# -- entries ----------------------------------------------------------------------------------------------------------


def test_persons_are_taken_off_and_booths_get_a_delta(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN, wordy(), version=7, digest="d")
    publishing.publish(centre)
    made = withdrawing.withdraw_entries(centre, "ECU", ["L5", "L7", "L5"])
    header, change = made.imported.header, made.imported.change
    assert (made.imported.state, made.overtaken, header.version, header.entries) == (VersionState.READY, 0, 8, 198)
    assert (change.removed, change.added, change.changed, change.before, change.records_before) == (2, 0, 0, 7, 200)
    assert (change.source_version, change.source_digest, change.at_once) == (7, "d", True)
    assert (header.issued_at, header.calibration) == (START, CALIBRATION.to_plain())
    left = [one for one in wordy() if one["id"] not in ("L5", "L7")]
    assert list(lists.records_of(newest(centre, "ECU"))) == left
    what, about = last_act(centre)
    assert (what, about["entries"], about["ids"], about["removed"]) == ("entries withdrawn", 2, "L5 L7", 2)
    assert publishing.publish_list(centre, "ECU") == ["ECU 8"]
    data = booth.delta("ECU", 7, 8)
    assert data is not None
    stream = io.BytesIO(data)
    with centre.begin() as connection:
        trusted = {"ECU": keeping.publisher(centre, connection, "ECU").public_key()}
    step = read_header(stream, trusted, delta=True)
    assert list(iter_records(stream, step, newest(centre, "ECU").content_key)) == [{"removed": ["L5", "L7"]}]
    bring(centre, OWN, wordy(), version=8)  # the source's next version brings them back


def test_document_numbers_are_taken_off_by_number_and_issuer(centre: Centre) -> None:
    blank = {"first": "AB000100", "last": "AB000199", "issuer": "UTO", "category": "blank"}
    two = [
        {"number": "X0000007", "issuer": "CHL", "category": "lost"},
        {"number": "X0000009", "issuer": "UTO", "category": "lost"},
    ]
    bring(centre, NUMBERS, [*numbers(1000), *two, blank])
    before, old = from_records(lists.records_of(newest(centre, "INTL")))
    old_pairs = {pair for chunk in old for pair in zip(chunk.hashes.tolist(), chunk.tags.tolist(), strict=True)}
    made = withdrawing.withdraw_entries(centre, "INTL", ["X0000007:UTO", "x 0000009:UTO"])
    head, chunks = from_records(lists.records_of(newest(centre, "INTL")))
    pairs = {pair for chunk in chunks for pair in zip(chunk.hashes.tolist(), chunk.tags.tolist(), strict=True)}
    assert (head.key, head.issuers, head.ranges) == (before.key, before.issuers, before.ranges)
    assert head.count == len(pairs) == 999
    assert pairs < old_pairs
    assert made.imported.header.calibration == {"numbers": 999, "ranges": 1}
    assert made.imported.change.removed == 3  # one is listed as stolen and as lost
    assert "X0000007" not in str(last_act(centre))
    assert last_act(centre)[1]["entries"] == 2
    again = bring(centre, NUMBERS, [*numbers(1000), *two, blank])
    assert (again.change.added, again.change.removed, again.change.changed) == (3, 0, 0)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "wanted", "place"),
    [
        ("ECU", ["L1", "L2000"], 2),
        ("ECU", [""], 1),
        ("INTL", ["X0000001:UTO", "X0000002:ECU"], 2),
        ("INTL", ["X0000001:CHL"], 1),
        ("INTL", ["X0000001"], 1),
        ("INTL", ["AB000150:UTO"], 1),
        ("INTL", [":"], 1),
    ],
)
def test_an_entry_that_is_not_on_the_list_is_told_by_its_place_and_nothing_is_withdrawn(
    centre: Centre, name: str, wanted: list[str], place: int
) -> None:
    bring(centre, OWN, persons(300))
    blank = {"first": "AB000100", "last": "AB000199", "issuer": "UTO", "category": "blank"}
    bring(centre, NUMBERS, [*numbers(300), {**numbers(400)[399], "issuer": "CHL"}, blank])
    with pytest.raises(CentreError, match=f"list {name}: entry {place} of those given is not on it") as refused:
        withdrawing.withdraw_entries(centre, name, wanted)
    assert not any(each in str(refused.value) for each in wanted if len(each) > 1)
    assert newest(centre, name).version == 1
    assert {path.name for path in (centre.folder / "lists").iterdir()} == {"ECU-1.list", "INTL-1.list", "lock"}


@ONE_DATABASE
def test_one_person_withdraws_up_to_1_in_100_and_two_what_is_more(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(centre, OWN, persons(300))
    publishing.publish(centre)
    assert withdrawing.withdraw_entries(centre, "ECU", ["L0", "L1", "L2"]).imported.state is VersionState.READY
    made = withdrawing.withdraw_entries(centre, "ECU", ["L3", "L4", "L5"])
    assert made.imported.state is VersionState.PENDING
    publishing.publish(centre)
    assert booth.version("ECU") == 2
    with pytest.raises(CentreError, match="another administrator"):
        importing.approve(centre, "ECU", 3)
    approved(centre, monkeypatch, "ECU", 3)
    assert publishing.publish_list(centre, "ECU") == ["ECU 3"]


@ONE_DATABASE
def test_what_waited_is_overtaken_and_said(centre: Centre) -> None:
    bring(centre, OWN, persons(200))
    assert bring(centre, OWN, persons(300)).state is VersionState.PENDING
    assert withdrawing.withdraw_entries(centre, "ECU", ["L1"]).overtaken == 2
    assert states(centre, "ECU") == [VersionState.READY, VersionState.REFUSED, VersionState.READY]


@ONE_DATABASE
def test_only_one_list_goes_out(centre: Centre, booth: Booth) -> None:
    bring(centre, OWN, persons(200))
    publishing.publish(centre)
    bring(centre, NUMBERS)
    withdrawing.withdraw_entries(centre, "ECU", ["L1"])
    assert publishing.publish_list(centre, "ECU") == ["ECU 2"]
    assert booth.version("INTL") == 0


@ONE_DATABASE
def test_what_cannot_be_withdrawn_is_refused(centre: Centre, booth: Booth, clock: Clock) -> None:
    conclude(centre)
    bring(centre, THEIRS)
    bring(centre, OWN, persons(1))
    bring_policy(centre)
    publishing.publish(centre)
    for name, wanted, code in (
        ("none", ["L1"], "list_unknown"),
        ("policy", ["L1"], "list_kind"),
        ("ECU", ["L0"], "list_empty"),
        ("ECU", [f"L{n}" for n in range(1001)], "too_many"),
        ("ECU", ["ü" * 20_000], "too_many"),
    ):
        with pytest.raises(CentreError) as refused:
            withdrawing.withdraw_entries(centre, name, wanted)
        assert refused.value.code == code
    clock.move(days=300)
    for work in (
        lambda: withdrawing.withdraw_entries(centre, "USA", ["L1"]),
        lambda: withdrawing.withdraw_list(centre, "USA"),
    ):
        with pytest.raises(CentreError, match="its agreement EC-US ended"):
            work()


# -- a list -----------------------------------------------------------------------------------------------------------


def withdrawn(centre: Centre, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    made = withdrawing.withdraw_list(centre, name)
    assert made.imported.state is VersionState.PENDING
    approved(centre, monkeypatch, name, made.imported.header.version)
    publishing.publish_list(centre, name)


@pytest.mark.parametrize("one", [OWN, NUMBERS])
def test_a_withdrawn_list_is_gone_from_the_centre_and_booths_hear_of_it_without_a_key(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch, one: Declared
) -> None:
    records = wordy() if one is OWN else numbers(3000)
    bring(centre, one, records)
    bring_policy(centre)
    publishing.publish(centre)
    bring(centre, one, records[1:])
    publishing.publish(centre)
    with centre.begin() as connection:
        trusted = {one.name: keeping.publisher(centre, connection, one.name).public_key()}
    made = withdrawing.withdraw_list(centre, one.name)
    assert made.imported.state is VersionState.PENDING  # a list is more than 1 % of itself
    assert made.imported.change.removed == len(records) - 1
    assert last_act(centre)[0] == "list withdrawn"
    publishing.publish(centre)
    assert booth.version(one.name) == 2
    approved(centre, monkeypatch, one.name, 3)
    assert publishing.publish_list(centre, one.name) == [f"{one.name} 3"]

    info = booth.info(one.name)
    assert info is not None
    told = from_plain(ListTarget, info.custom[CUSTOM])
    assert (told.version, told.withdrawn, told.key_id) == (3, True, "")
    stream = io.BytesIO(booth.package(one.name))
    header = read_header(stream, trusted)
    assert (header.withdrawn, header.entries, list(iter_records(stream, header))) == (True, 0, [])
    assert booth.delta(one.name, 1, 2) is None
    with centre.begin() as connection:
        assert lists.newest(centre, connection) == []
        assert centre.secret(connection, lists.content_secret(one.name, 1)) is None
    assert grants_for(centre, "demo-3", BOOTH.keys.exchange, START).grants == ()
    assert {path.name for path in (centre.folder / "lists").iterdir() if one.name in path.name} == {
        f"{one.name}-3.list"
    }
    assert len([*(centre.folder / "repository" / "targets" / one.name).iterdir()]) == 1

    again = bring(centre, one, records)
    assert again.state is VersionState.PENDING  # and comes back only by two
    approved(centre, monkeypatch, one.name, 4)
    publishing.publish(centre)
    assert booth.version(one.name) == 4
    assert booth.delta(one.name, 3, 4) is None
    with centre.begin() as connection:
        assert [each.version for each in lists.newest(centre, connection)] == [4]
    granted = grants_for(centre, "demo-3", BOOTH.keys.exchange, START).grants
    assert [read_grant(text.encode()).key_id for text in granted] == [again.header.key_id]


@ONE_DATABASE
def test_no_question_is_answered_by_a_withdrawn_list(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(centre, OWN)
    bring(centre, SILENT)
    publishing.publish(centre)
    loaded = Lists(centre)
    loaded.refresh()
    assert [each.source.name for each in (*loaded.public(), *loaded.silent())] == ["ECU", "QUIET"]
    withdrawn(centre, monkeypatch, "ECU")
    withdrawn(centre, monkeypatch, "QUIET")
    loaded.refresh()
    assert (loaded.public(), loaded.silent()) == ((), ())


@ONE_DATABASE
def test_it_is_withdrawn_once_and_a_new_term_does_not_bring_it_back(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    conclude(centre)
    bring(centre, THEIRS)
    publishing.publish(centre)
    withdrawn(centre, monkeypatch, "USA")
    for work in (withdrawing.withdraw_list, lambda *given: withdrawing.withdraw_entries(*given, ["L1"])):
        with pytest.raises(CentreError, match="there is none to withdraw from"):
            work(centre, "USA")
    with centre.begin() as connection:
        agreements.extend(centre, connection, "EC-US", START + timedelta(days=900))
    assert publishing.publish(centre) == []
    assert bring(centre, replace(THEIRS), persons(3)).header.version == 3
