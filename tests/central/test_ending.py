"""Agreements near their end, and past it: warned of, then not consulted, then purged with a record of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from checkpoint_app.central import acts, agreements, database, ending, keeping, lists, publishing
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.grants import grants_for
from checkpoint_app.central.lists import VersionState
from checkpoint_app.verdict import NotDone
from tests.central.helpers import ONE_DATABASE, START, Clock, FakeBooth
from tests.central.publishing_helpers import (
    END,
    OWN,
    THEIRS,
    Booth,
    bring,
    bring_policy,
    conclude,
    make_repository,
    wordy,
)

BOOTH = FakeBooth("demo-3")


def near(centre: Centre) -> list[str]:
    with centre.begin() as connection:
        return [one.name for one in ending.near(centre, connection)]


@ONE_DATABASE
def test_the_end_is_told_as_early_as_the_policy_says(centre: Centre, clock: Clock) -> None:
    make_repository(centre)
    conclude(centre)
    with centre.begin() as connection:
        for name, begins, ends in (("EC-CL", -9, 20), ("EC-PE", 5, 10), ("EC-CO", -9, -1)):
            one = Concluded(name, "CHL", START + timedelta(days=begins), START + timedelta(days=ends))
            agreements.add(centre, connection, one)
    assert near(centre) == []
    clock.move(days=6)
    assert near(centre) == ["EC-PE", "EC-CL"]  # in 14 days, before there is a policy
    clock.at = END - timedelta(days=3)
    assert near(centre) == ["EC-US"]
    bring_policy(centre, warn_days=2)
    publishing.publish(centre)
    assert near(centre) == []
    clock.move(days=1)
    assert near(centre) == ["EC-US"]
    clock.at = END
    assert near(centre) == []


def test_a_day_after_its_end_nothing_of_a_partners_list_is_left_but_the_record(
    centre: Centre, tmp_path: Path, clock: Clock
) -> None:
    booth = Booth(centre, make_repository(centre), tmp_path / "booth")
    conclude(centre)
    bring(centre, OWN)
    for mark in "ab":
        bring(centre, THEIRS, wordy(L7=mark))
        publishing.publish(centre)
    folders = (centre.folder / "lists", centre.folder / "repository" / "targets" / "USA")

    def files() -> list[str]:
        return sorted(path.name for folder in folders for path in folder.iterdir() if "USA" in path.name)

    def purges() -> list[dict[str, object]]:
        with centre.begin() as connection:
            return [dict(act.about) for act in acts.all(connection) if act.what == "list purged"]

    clock.at = END + ending.GRACE - timedelta(seconds=1)
    publishing.publish(centre)
    assert len(files()) == 4
    clock.move(seconds=1)
    publishing.publish(centre, restored=True)  # it may have been extended since the backup
    assert len(files()) == 4
    publishing.publish(centre)
    assert files() == []
    assert purges() == [{"name": "USA", "version": 2, "versions": 2}]
    with centre.begin() as connection:
        secrets = connection.scalars(select(database.secrets.c.name)).all()
        assert [name for name in secrets if name.startswith("content ")] == ["content ECU 1"]
        assert [one.state for one in keeping.versions(connection, "USA")] == [VersionState.RETIRED] * 2
    assert [one for one in grants_for(centre, "demo-3", BOOTH.keys.exchange, clock.now()).grants if "USA" in one] == []
    publishing.publish(centre)
    publishing.publish_clearances(centre)
    assert len(purges()) == 1
    assert booth.version("ECU") == 1
    assert any((centre.folder / "lists").glob("ECU-1.list"))

    with centre.begin() as connection:
        agreements.extend(centre, connection, "EC-US", END + timedelta(days=99))
    assert bring(centre, THEIRS, wordy()).header.version == 1002  # the gap that a restored centre leaves
    publishing.publish(centre)
    assert booth.version("USA") == 1002
    assert len(files()) == 2


@ONE_DATABASE
def test_the_centre_goes_on_saying_why_a_purged_list_is_not_consulted(centre: Centre, clock: Clock) -> None:
    make_repository(centre)
    conclude(centre)
    bring(centre, THEIRS)
    publishing.publish(centre)
    loaded = Lists(centre)
    loaded.refresh()
    clock.at = END + ending.GRACE
    publishing.publish(centre)
    for asked in (loaded, Lists(centre)):
        asked.refresh()
        (one,) = asked.public()
        assert (one.source.name, one.source.version, one.bar) == ("USA", 1, NotDone.AGREEMENT_ENDED)
        assert asked.complete
    with centre.begin() as connection:
        assert [one.purged for one in lists.newest(centre, connection)] == [True]
        assert "unreadable" not in str(connection.execute(select(database.alarms)).all())


@ONE_DATABASE
def test_what_waits_is_purged_too_and_a_list_of_the_posts_own_never(centre: Centre, clock: Clock) -> None:
    make_repository(centre)
    conclude(centre)
    bring(centre, OWN)
    bring(centre, THEIRS, wordy(200))
    assert bring(centre, THEIRS, wordy(100)).state is VersionState.PENDING
    clock.at = END + timedelta(days=400)
    publishing.publish(centre)
    with centre.begin() as connection:
        assert {one.state for one in keeping.versions(connection, "USA")} == {VersionState.RETIRED}
        assert [one.state for one in keeping.versions(connection, "ECU")] == [VersionState.PUBLISHED]
