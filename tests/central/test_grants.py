"""Grants: each sealed list that a booth gets opens with its own key, for its own time, and for no other booth."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from checkpoint_app.central import agreements, keeping, lists, publishing
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.grants import OFFLINE_DAYS, grants_for
from checkpoint_app.wire.grant import KeyGrant, OtherBoothError, open_grant, read_grant
from tests.central.helpers import START, Clock, FakeBooth
from tests.central.publishing_helpers import (
    END,
    NUMBERS,
    OWN,
    SILENT,
    THEIRS,
    bring,
    bring_policy,
    conclude,
    make_repository,
    persons,
)

BOOTH, OTHER = FakeBooth("demo-3"), FakeBooth("demo-4")


def granted(centre: Centre, now: datetime, booth: FakeBooth = BOOTH) -> dict[str, KeyGrant]:
    answer = grants_for(centre, booth.name, booth.keys.exchange, now)
    assert answer.booth == booth.name
    read = [read_grant(text.encode()) for text in answer.grants]
    assert len({one.list_name for one in read}) == len(read)
    return {one.list_name: one for one in read}


@pytest.fixture
def stocked(centre: Centre) -> Centre:
    """A centre that has published a list of each sort."""
    make_repository(centre)
    conclude(centre)
    for one in (OWN, NUMBERS, SILENT, THEIRS):
        bring(centre, one)
    bring_policy(centre, offline_days=5)
    publishing.publish(centre)
    return centre


def test_every_published_sealed_list_has_a_grant_and_no_other(stocked: Centre) -> None:
    bring(stocked, OWN, persons(21))
    found = granted(stocked, START)
    assert set(found) == {"ECU", "INTL", "USA"}
    with stocked.begin() as connection:
        for one in lists.newest(stocked, connection):
            if one.silent:
                continue
            publisher = keeping.publisher(stocked, connection, one.name).public_key()
            assert open_grant(found[one.name], BOOTH.exchange, publisher, START) == one.content_key
            assert one.version == 1
            with pytest.raises(OtherBoothError):
                open_grant(found[one.name], OTHER.exchange, publisher, START)


def test_grants_are_wrapped_to_the_booth_that_asks(stocked: Centre) -> None:
    ours, theirs = granted(stocked, START), granted(stocked, START, OTHER)
    assert ours["ECU"].booth == BOOTH.keys.exchange.hex()
    assert theirs["ECU"].booth == OTHER.keys.exchange.hex()
    assert ours["ECU"].wrapped != theirs["ECU"].wrapped


def test_they_hold_for_the_days_offline_and_no_longer_than_the_agreement(stocked: Centre, clock: Clock) -> None:
    assert {one.not_after for one in granted(stocked, START).values()} == {START + timedelta(days=5)}
    now = END - timedelta(days=2)
    ends = {name: one.not_after - now for name, one in granted(stocked, now).items()}
    assert ends == {"ECU": timedelta(days=5), "INTL": timedelta(days=5), "USA": timedelta(days=2)}
    assert set(granted(stocked, END)) == {"ECU", "INTL"}
    clock.move(hours=1)
    with stocked.begin() as connection:
        agreements.end(stocked, connection, "EC-US")
    assert set(granted(stocked, clock.now())) == {"ECU", "INTL"}


def test_before_there_is_a_policy_they_hold_for_two_weeks_and_before_a_list_there_is_none(centre: Centre) -> None:
    make_repository(centre)
    assert granted(centre, START) == {}
    bring(centre, OWN)
    publishing.publish(centre)
    assert granted(centre, START)["ECU"].not_after == START + timedelta(days=OFFLINE_DAYS)
