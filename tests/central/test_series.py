"""Series of versions: one content key until a new series begins, and kept for as long as a version is under it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from checkpoint_app.central import (
    acts,
    agreements,
    database,
    importing,
    keeping,
    lists,
    publishing,
    series,
    withdrawing,
)
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.grants import grants_for
from checkpoint_app.central.lists import VersionState
from checkpoint_app.screening.numbers.blocks import from_records
from checkpoint_app.wire.grant import read_grant
from tests.central.helpers import ONE_DATABASE, START, Clock, FakeBooth
from tests.central.publishing_helpers import (
    END,
    NUMBERS,
    OWN,
    THEIRS,
    bring,
    bring_policy,
    conclude,
    make_repository,
    numbers,
    persons,
)

BOOTH = FakeBooth("demo-3")


def key_ids(centre: Centre, name: str) -> list[str]:
    """Return the content keys of all versions, oldest first."""
    table = database.versions
    with centre.begin() as connection:
        rows = connection.scalars(select(table.c.key_id).where(table.c.list == name).order_by(table.c.version))
        return list(rows.all())


def content_secrets(centre: Centre) -> set[str]:
    with centre.begin() as connection:
        names = connection.scalars(select(database.secrets.c.name)).all()
    return {name for name in names if name.startswith("content ")}


def granted(centre: Centre) -> list[str]:
    return [
        read_grant(text.encode()).key_id for text in grants_for(centre, "demo-3", BOOTH.keys.exchange, START).grants
    ]


@pytest.mark.parametrize("one", [OWN, NUMBERS])
def test_versions_share_a_key_that_one_grant_gives(centre: Centre, one: keeping.Declared) -> None:
    make_repository(centre)
    for _ in range(4):
        bring(centre, one)
        publishing.publish(centre)
    (key_id,) = set(key_ids(centre, one.name))
    assert granted(centre) == [key_id]
    assert content_secrets(centre) == {f"content {one.name} 1"}
    with centre.begin() as connection:
        (newest,) = lists.newest(centre, connection)
    assert newest.version == 4
    assert list(lists.records_of(newest))


@ONE_DATABASE
def test_what_is_served_and_not_noted_has_no_second_grant_of_the_same_key(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(centre)
    bring(centre, OWN)
    publishing.publish(centre)
    bring(centre, OWN)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_note", lambda *_: None)
        publishing.publish(centre)
    assert granted(centre) == key_ids(centre, "ECU")[:1]


@ONE_DATABASE
def test_a_series_is_over_after_so_many_versions(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    assert series.MOST_VERSIONS == 400
    monkeypatch.setattr(series, "MOST_VERSIONS", 4)
    for _ in range(6):
        bring(centre, OWN)
    found = key_ids(centre, "ECU")
    assert len(set(found[:4])) == 1
    assert len(set(found[4:])) == 1
    assert found[3] != found[4]


@ONE_DATABASE
def test_a_series_is_over_after_31_days(centre: Centre, clock: Clock) -> None:
    bring(centre, OWN)
    clock.move(days=31, seconds=-1)
    bring(centre, OWN)
    clock.move(seconds=1)
    bring(centre, OWN)
    first, second, third = key_ids(centre, "ECU")
    assert first == second != third


@ONE_DATABASE
def test_a_series_ends_when_it_is_asked_for_and_with_a_restored_centre(centre: Centre) -> None:
    make_repository(centre)
    bring(centre, OWN)
    with centre.begin() as connection:
        series.end(connection, "ECU")
    bring(centre, OWN)
    bring(centre, OWN)
    publishing.publish(centre, restored=True)
    bring(centre, OWN)
    bring(centre, OWN)
    first, *second, third, fourth = key_ids(centre, "ECU")
    assert len({first, *second, third}) == 3
    assert len(set(second)) == 1
    assert third == fourth


@ONE_DATABASE
def test_the_key_of_a_series_goes_with_the_last_version_that_is_kept(centre: Centre) -> None:
    make_repository(centre)
    for version in range(1, 7):
        if version == 4:
            with centre.begin() as connection:
                series.end(connection, "ECU")
        bring(centre, OWN)
        publishing.publish(centre)
        kept = {"content ECU 1"} if version < 4 else {"content ECU 4"}
        assert content_secrets(centre) == (kept | {"content ECU 1"} if version == 4 else kept)
    with centre.begin() as connection:
        states = [one.state for one in keeping.versions(connection, "ECU")]
    assert states == [VersionState.PUBLISHED] * 2 + [VersionState.RETIRED] * 4


@ONE_DATABASE
def test_the_key_of_a_version_that_waited_in_vain_is_forgotten_if_it_is_nobody_elses(centre: Centre) -> None:
    bring(centre, OWN)
    assert bring(centre, OWN, persons(40)).state is VersionState.PENDING
    bring(centre, OWN)
    assert content_secrets(centre) == {"content ECU 1"}
    with centre.begin() as connection:
        series.end(connection, "ECU")
    assert bring(centre, OWN, persons(40)).state is VersionState.PENDING
    assert content_secrets(centre) == {"content ECU 1", "content ECU 4"}
    bring(centre, OWN)  # and the series that was ended does not go on for that
    assert content_secrets(centre) == {"content ECU 1", "content ECU 5"}
    bring(centre, OWN)
    first, *waited, fifth, sixth = key_ids(centre, "ECU")
    assert fifth == sixth
    assert fifth not in (first, *waited)


@ONE_DATABASE
def test_a_series_goes_on_from_what_was_approved(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(centre, OWN)
    with centre.begin() as connection:
        series.end(connection, "ECU")
    bring(centre, OWN, persons(40))
    monkeypatch.setenv("CHECKPOINT_ADMIN", "b.ejemplo")
    importing.approve(centre, "ECU", 2)
    bring(centre, OWN, persons(41))
    first, second, third = key_ids(centre, "ECU")
    assert first != second == third


def test_a_new_term_goes_on_with_the_series_and_the_posts_own_lists_have_none(centre: Centre) -> None:
    make_repository(centre)
    conclude(centre)
    bring(centre, THEIRS)
    bring_policy(centre)
    publishing.publish(centre)
    with centre.begin() as connection:
        agreements.extend(centre, connection, "EC-US", END.replace(year=2028))
    assert publishing.publish(centre) == ["USA 2"]
    assert len(set(key_ids(centre, "USA"))) == 1
    with centre.begin() as connection:
        assert series.going_on(centre, connection, "policy") is None
        assert series.going_on(centre, connection, "none") is None


@ONE_DATABASE
def test_no_import_goes_on_under_a_hashing_key_that_was_given_up(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that is withdrawn meanwhile is no new beginning: whoever stole the key would read on for a year."""
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    make_repository(centre)

    def hashing_key() -> bytes:
        with centre.begin() as connection:
            newest = lists.approved(centre, connection, "INTL")
        assert newest is not None
        return from_records(lists.records_of(newest))[0].key

    bring(centre, NUMBERS, numbers(300))
    given_up = hashing_key()
    publishing.publish(centre, new_keys=["INTL"])
    withdrawing.withdraw_entries(centre, "INTL", ["X0000007:UTO"])
    assert hashing_key() == given_up  # here there are no numbers to hash
    bring(centre, NUMBERS, numbers(301))
    assert hashing_key() != given_up
    bring(centre, NUMBERS, numbers(302))
    assert len(set(key_ids(centre, "INTL"))) == 3
