"""Acts are dense and chained, said with the act itself; alarms sound once."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from checkpoint_app.central import acts, alarms, database
from checkpoint_app.central.centre import Centre, CentreError
from tests.central.helpers import START, Clock


def three(centre: Centre, clock: Clock) -> None:
    for number in range(1, 4):
        with centre.begin() as connection:
            acts.act(centre, connection, "booth confirmed", {"booth": f"demo-{number}", "count": number, "new": True})
        clock.move(minutes=1)


def test_acts_are_dense_and_say_who_did_what_and_when(
    centre: Centre, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKPOINT_ADMIN", "E. MUSTER")
    three(centre, clock)
    with centre.begin() as connection:
        found = acts.all(connection)
        assert acts.verify(connection) == 3
        assert acts.all(connection, after=1, limit=1) == found[1:2]
    assert [one.number for one in found] == [1, 2, 3]
    assert [one.at for one in found][:1] == [START]
    assert {(one.who, one.what) for one in found} == {("E. MUSTER", "booth confirmed")}
    assert found[2].about == {"booth": "demo-3", "count": 3, "new": True}


def test_an_act_is_there_only_with_what_was_done(centre: Centre) -> None:
    def broken_off() -> None:
        with centre.begin() as connection:
            acts.act(centre, connection, "booth confirmed", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    with centre.begin() as connection:
        assert acts.verify(connection) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"who": "somebody else"},
        {"what": "booth revoked"},
        {"at": "2026-11-27T09:01:00.000001Z"},
        {"about": '{"booth":"demo-9"}'},
        {"about": "none"},
        {"about": '{ "booth":"demo-2"}'},
        {"hash": "0" * 64},
        {"number": 7},
    ],
)
def test_a_changed_act_is_named(centre: Centre, clock: Clock, change: dict[str, object]) -> None:
    three(centre, clock)
    with centre.begin() as connection:
        connection.execute(update(database.acts).where(database.acts.c.number == 2).values(**change))
        with pytest.raises(CentreError, match="act 2 ") as caught:
            acts.verify(connection)
    assert caught.value.code == "acts_broken"


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_act_is_named(centre: Centre, clock: Clock, number: int) -> None:
    three(centre, clock)
    with centre.begin() as connection:
        connection.execute(delete(database.acts).where(database.acts.c.number == number))
        with pytest.raises(CentreError, match=f"act {number} is missing"):
            acts.verify(connection)


def test_an_act_moved_to_anothers_place_is_named(centre: Centre, clock: Clock) -> None:
    three(centre, clock)
    table = database.acts
    with centre.begin() as connection:
        connection.execute(delete(table).where(table.c.number == 2))
        connection.execute(update(table).where(table.c.number == 3).values(number=2))
        with pytest.raises(CentreError, match="act 2 was changed"):
            acts.verify(connection)


def test_an_act_made_up_with_a_hash_of_its_own_is_noticed_at_the_next(centre: Centre, clock: Clock) -> None:
    three(centre, clock)
    table = database.acts
    with centre.begin() as connection:
        first, second, _third = acts.all(connection)
        at = "2026-11-27T09:01:00.000000Z"
        digest = acts._digest(first.hash, 2, at, second.who, "booth revoked", dict(second.about))
        values = {"what": "booth revoked", "hash": digest}
        connection.execute(update(table).where(table.c.number == 2).values(**values))
        with pytest.raises(CentreError, match="act 3 was changed"):
            acts.verify(connection)


def test_who_is_the_user_of_the_system_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHECKPOINT_ADMIN", raising=False)
    assert acts.who() != ""
    monkeypatch.setenv("CHECKPOINT_ADMIN", " MUSTER ")
    assert acts.who() == "MUSTER"
    for wrong in ("a\nb", "x" * 65, "a\x1b[2J"):
        monkeypatch.setenv("CHECKPOINT_ADMIN", wrong)
        with pytest.raises(CentreError, match="CHECKPOINT_ADMIN"):
            acts.who()


def test_the_same_alarm_sounds_once(centre: Centre, caplog: pytest.LogCaptureFixture) -> None:
    with centre.begin() as connection:
        assert alarms.sound(centre, connection, "fork", "demo-1", {"seq": 7})
        assert not alarms.sound(centre, connection, "fork", "demo-1", {"seq": 7})
        assert alarms.sound(centre, connection, "fork", "demo-1", {"seq": 8})
        assert alarms.sound(centre, connection, "fork", "demo-2", {"seq": 7})
    with centre.begin() as connection:
        found = alarms.all(connection)
    assert [(one.number, one.kind, one.booth, one.about["seq"]) for one in found] == [
        (1, "fork", "demo-1", 7),
        (2, "fork", "demo-1", 8),
        (3, "fork", "demo-2", 7),
    ]
    assert found[0].at == START
    assert len(caplog.records) == 3
