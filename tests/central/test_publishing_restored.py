"""Publishing by a centre that was put back to a backup: above everything that booths have seen, and nothing undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from checkpoint_app.central import acts, booths, database, officers, publishing
from checkpoint_app.central.centre import Centre
from checkpoint_app.wire.enrolment import BoothState
from tests.central.helpers import Clock, enrolled
from tests.central.publishing_helpers import NUMBERS, OWN, Booth, bring, make_repository, persons
from tests.central.test_officers import END as OFFICERS_END
from tests.central.test_officers import OFFICER
from tests.central.test_publishing import (
    CutError,
    Cutting,
    fresh,
    one_database,
    repository_files,
)


@pytest.fixture
def booth(centre: Centre, tmp_path: Path) -> Booth:
    return Booth(centre, make_repository(centre), tmp_path / "booth")


@one_database
def test_versions_of_metadata_grow_with_time_and_the_roots_are_dense(
    centre: Centre, booth: Booth, clock: Clock
) -> None:
    seconds = []
    for count in (20, 21, 22):
        bring(centre, OWN, persons(count))
        publishing.publish(centre)
        seconds.append(int(clock.now().timestamp()))
        clock.move(days=1)
    roles = {name for name in repository_files(centre) if not name.endswith((".list", "lock"))}
    for role in ("snapshot", "ECU"):
        assert {f"{second}.{role}.json" for second in seconds} <= roles
    clock.move(days=-1)  # in the same second as the last
    bring(centre, OWN, persons(23))
    publishing.publish(centre)
    assert f"{seconds[-1] + 1}.snapshot.json" in repository_files(centre)
    assert booth.version("ECU") == 4
    assert [name for name in sorted(roles) if name.endswith("root.json")] == ["1.root.json"]


@one_database
def test_what_is_published_as_restored_can_be_cut_and_done_again(
    centre: Centre, booth: Booth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(centre, OWN)
    publishing.publish(centre)
    enrolled(centre, "demo-3", BoothState.PENDING)
    booths.allow_new_chain(centre, "demo-3")
    for at in range(1, 20):
        with monkeypatch.context() as patch:
            cutting = Cutting(patch, at, after=False)
            try:
                publishing.publish(centre, restored=True)
            except CutError:
                continue
            break
    assert cutting.writes[-1] == "timestamp.json"
    assert at > 5
    assert booth.version("ECU") == 1
    assert fresh(centre, tmp_path, "fresh").version("ECU") == 1
    assert publishing.publish(centre) == []
    with centre.begin() as connection:
        assert connection.scalar(select(database.booths.c.new_chain_allowed)) is False
        assert acts.all(connection)[-1].about == {"versions_left_out": 1000}
    bring(centre, NUMBERS)
    bring(centre, OWN, persons(21))
    assert publishing.publish(centre) == [f"ECU {1 + 1000 * at}", f"INTL {1 + 1000 * at}"]


@one_database
def test_nothing_is_issued_before_what_was_decided_since_is_decided_again(centre: Centre, booth: Booth) -> None:
    with centre.begin() as connection:
        for name in ("EC-1", "EC-2"):
            officers.add(centre, connection, name, OFFICER, OFFICERS_END)
    publishing.publish(centre)
    with centre.begin() as connection:
        officers.disable(centre, connection, "EC-2")
    assert publishing.publish(centre, restored=True) == []
    assert publishing.publish(centre) == ["officers 1001"]
