"""The officers' list at the centre: what reaches the booths, and the unlock of a booth without a line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from checkpoint_app.central import acts, database, officers
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.officers import Person, Role
from checkpoint_app.store import Officer as BoothOfficer
from checkpoint_app.store import PinResult, SignedObject
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.unlock import is_unlock_code
from tests.central.helpers import ONE_DATABASE, START, UNLOCK_KEY, Clock, enrolled
from tests.store.helpers import new_store

LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PIN = LIGHT.hash("2468")
OFFICER = Person("Muestra, María", Role.OFFICER, PIN)
SUPERVISOR = Person("Ejemplo, Eva", Role.SUPERVISOR, LIGHT.hash("1357"))
END = START + timedelta(days=30)


@pytest.fixture
def staffed(centre: Centre) -> Centre:
    """A centre with two officers, EC-1 and EC-2, and a supervisor, EC-9."""
    with centre.begin() as connection:
        officers.add(centre, connection, "EC-9", SUPERVISOR, END)
        officers.add(centre, connection, "EC-2", OFFICER, END)
        officers.add(centre, connection, "EC-1", OFFICER, END)
    return centre


def listed(centre: Centre) -> list[BoothOfficer]:
    """The officers as a booth reads them from the list."""
    with centre.begin() as connection:
        (record,) = officers.records(centre, connection)
    assert list(record) == ["officers"]
    return [from_plain(BoothOfficer, one) for one in record["officers"]]


def change(centre: Centre, name: str, *arguments: Any, **named: Any) -> Any:
    with centre.begin() as connection:
        return getattr(officers, name)(centre, connection, *arguments, **named)


def recorded(centre: Centre) -> list[tuple[str, dict[str, Any]]]:
    with centre.begin() as connection:
        assert acts.verify(connection)
        return [(one.what, dict(one.about)) for one in acts.all(connection)]


def test_the_list_is_in_the_booths_own_form_by_id(staffed: Centre) -> None:
    assert listed(staffed) == [
        BoothOfficer("EC-1", "Muestra, María", "officer", PIN, END),
        BoothOfficer("EC-2", "Muestra, María", "officer", PIN, END),
        BoothOfficer("EC-9", "Ejemplo, Eva", "supervisor", SUPERVISOR.verifier, END),
    ]


def test_a_booth_lets_in_exactly_who_is_on_the_list(staffed: Centre, tmp_path: Path) -> None:
    change(staffed, "disable", "EC-2")
    with new_store(tmp_path / "booth") as store:
        store.officers.put(listed(staffed), SignedObject("officers", "post", 1, b"signed", None))
        assert store.officers.verify_pin("EC-1", "2468") is PinResult.RIGHT
        assert store.officers.verify_pin("EC-1", "1357") is PinResult.WRONG
        assert store.officers.verify_pin("EC-2", "2468") is PinResult.UNKNOWN


def test_whoever_is_disabled_or_ended_is_left_out(staffed: Centre, clock: Clock) -> None:
    change(staffed, "add", "EC-3", OFFICER, START + timedelta(hours=1))
    change(staffed, "disable", "EC-2")
    assert [one.id for one in listed(staffed)] == ["EC-1", "EC-3", "EC-9"]
    clock.move(minutes=59, seconds=59)
    assert "EC-3" in [one.id for one in listed(staffed)]
    clock.move(seconds=1)
    assert [one.id for one in listed(staffed)] == ["EC-1", "EC-9"]
    change(staffed, "enable", "EC-2")
    change(staffed, "enable", "EC-3", END)
    assert [(one.id, one.ends_at) for one in listed(staffed)] == [(f"EC-{n}", END) for n in (1, 2, 3, 9)]
    with staffed.begin() as connection:
        assert [one.id for one in officers.all(staffed, connection)] == ["EC-1", "EC-2", "EC-3", "EC-9"]


def test_a_new_pin_replaces_the_old_one_alone(staffed: Centre) -> None:
    other = LIGHT.hash("8642")
    change(staffed, "set_verifier", "EC-1", other)
    assert [(one.id, one.verifier) for one in listed(staffed)][:2] == [("EC-1", other), ("EC-2", PIN)]
    assert listed(staffed)[0].name == "Muestra, María"


def test_each_change_is_an_act_without_names_or_verifiers(staffed: Centre, clock: Clock) -> None:
    change(staffed, "disable", "EC-1")
    change(staffed, "enable", "EC-1")
    change(staffed, "set_verifier", "EC-1", LIGHT.hash("8642"))
    made = recorded(staffed)
    assert [(what, about["officer"]) for what, about in made] == [
        ("officer added", "EC-9"),
        ("officer added", "EC-2"),
        ("officer added", "EC-1"),
        ("officer disabled", "EC-1"),
        ("officer enabled", "EC-1"),
        ("officer's PIN changed", "EC-1"),
    ]
    assert made[0][1] == {"officer": "EC-9", "role": "supervisor", "ends_at": to_plain(END)}
    assert not [text for text in ("Muestra", "Ejemplo", "argon2") if text in str(made)]


def test_names_and_verifiers_are_sealed_each_for_its_officer(staffed: Centre) -> None:
    with staffed.begin() as connection:
        rows = connection.execute(select(database.officers).order_by(database.officers.c.id)).all()
        assert not [row for row in rows if b"Muestra" in row.sealed or b"argon2" in row.sealed]
    assert "Muestra" not in repr(OFFICER)
    assert "argon2" not in repr(OFFICER)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"officer_id": "EC-1"}, "officer_exists"),
        ({"officer_id": ""}, "officer_id"),
        ({"officer_id": "-EC"}, "officer_id"),
        ({"officer_id": "E C"}, "officer_id"),
        ({"officer_id": "E" * 33}, "officer_id"),
        ({"officer_id": "EC\n"}, "officer_id"),
        ({"person": Person("", Role.OFFICER, PIN)}, "officer_name"),
        ({"person": Person(" María", Role.OFFICER, PIN)}, "officer_name"),
        ({"person": Person("M\n", Role.OFFICER, PIN)}, "officer_name"),
        ({"person": Person("M" * 101, Role.OFFICER, PIN)}, "officer_name"),
        ({"person": Person("María", Role.OFFICER, "2468")}, "officer_verifier"),
        ({"ends_at": START}, "officer_ends"),
    ],
)
def test_what_is_no_officer_is_refused_and_leaves_no_act(staffed: Centre, changes: dict[str, Any], code: str) -> None:
    before = listed(staffed), recorded(staffed)
    values = {"officer_id": "EC-5", "person": OFFICER, "ends_at": END} | changes
    with pytest.raises(CentreError) as caught:
        change(staffed, "add", values["officer_id"], values["person"], values["ends_at"])
    assert caught.value.code == code
    assert (listed(staffed), recorded(staffed)) == before


def test_the_longest_names_and_ids_are_taken(staffed: Centre) -> None:
    change(staffed, "add", "E" * 32, Person("M" * 100, Role.OFFICER, PIN), START + timedelta(microseconds=1))
    assert len(listed(staffed)) == 4


@ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("disable", ("EC-7",), "officer_unknown"),
        ("enable", ("EC-7",), "officer_unknown"),
        ("enable", ("EC-7", END), "officer_unknown"),
        ("enable", ("EC-1", START), "officer_ends"),
        ("set_verifier", ("EC-7", PIN), "officer_unknown"),
        ("set_verifier", ("EC-1", "2468"), "officer_verifier"),
    ],
)
def test_a_change_of_nobody_or_to_nothing_is_refused(
    staffed: Centre, name: str, arguments: tuple[Any, ...], code: str
) -> None:
    before = listed(staffed), recorded(staffed)
    with pytest.raises(CentreError) as caught:
        change(staffed, name, *arguments)
    assert caught.value.code == code
    assert (listed(staffed), recorded(staffed)) == before


def test_nobody_is_disabled_twice(staffed: Centre) -> None:
    change(staffed, "disable", "EC-1")
    with pytest.raises(CentreError, match="already disabled"):
        change(staffed, "disable", "EC-1")


UNLOCK = {"booth": "demo-3", "challenge": "12345678", "supervisor_id": "EC-9"}


def test_a_supervisor_unlocks_an_officer_at_one_booth_for_one_challenge(staffed: Centre) -> None:
    enrolled(staffed, "demo-3")
    code = change(staffed, "unlock", "EC-1", **UNLOCK)
    assert is_unlock_code(code, UNLOCK_KEY, "demo-3", "EC-1", "12345678")
    assert not is_unlock_code(code, UNLOCK_KEY, "demo-3", "EC-2", "12345678")
    assert not is_unlock_code(code, UNLOCK_KEY, "demo-3", "EC-1", "12345679")
    what, about = recorded(staffed)[-1]
    assert (what, about) == (
        "officer unlocked",
        {"officer": "EC-1", "booth": "demo-3", "supervisor": "EC-9", "challenge": "12345678"},
    )
    assert code not in str(recorded(staffed))


@ONE_DATABASE
@pytest.mark.parametrize(
    ("officer", "changes", "code"),
    [
        ("EC-1", {"booth": "demo-9"}, "booth_unknown"),
        ("EC-1", {"booth": "revoked"}, "booth_not_confirmed"),
        ("EC-1", {"booth": "pending"}, "booth_not_confirmed"),
        ("EC-1", {"challenge": "1234567"}, "challenge"),
        ("EC-1", {"challenge": "123456789"}, "challenge"),
        ("EC-1", {"challenge": "1234567a"}, "challenge"),
        ("EC-1", {"challenge": "12345678\n"}, "challenge"),
        ("EC-1", {"supervisor_id": "EC-2"}, "no_supervisor"),
        ("EC-1", {"supervisor_id": "EC-7"}, "officer_unknown"),
        ("EC-1", {"supervisor_id": "EC-8"}, "no_supervisor"),
        ("EC-9", {}, "no_supervisor"),
        ("EC-7", {}, "officer_unknown"),
        ("EC-3", {}, "officer_disabled"),
    ],
)
def test_an_unlock_that_nobody_may_give_is_refused_and_leaves_no_act(
    staffed: Centre, officer: str, changes: dict[str, str], code: str
) -> None:
    for booth, state in (
        ("demo-3", BoothState.CONFIRMED),
        ("revoked", BoothState.REVOKED),
        ("pending", BoothState.PENDING),
    ):
        enrolled(staffed, booth, state)
    change(staffed, "add", "EC-8", SUPERVISOR, END)
    change(staffed, "add", "EC-3", OFFICER, END)
    change(staffed, "disable", "EC-8")
    change(staffed, "disable", "EC-3")
    before = recorded(staffed)
    with pytest.raises(CentreError) as caught:
        change(staffed, "unlock", officer, **(UNLOCK | changes))
    assert caught.value.code == code
    assert recorded(staffed) == before


def test_a_supervisor_whose_time_is_over_vouches_for_nobody(staffed: Centre, clock: Clock) -> None:
    enrolled(staffed, "demo-3")
    change(staffed, "add", "EC-4", SUPERVISOR, START + timedelta(hours=1))
    clock.move(hours=1)
    with pytest.raises(CentreError, match="not a supervisor in office"):
        change(staffed, "unlock", "EC-1", **(UNLOCK | {"supervisor_id": "EC-4"}))


def test_a_booth_without_a_key_is_to_be_enrolled_anew(staffed: Centre) -> None:
    enrolled(staffed, "demo-3")
    with staffed.begin() as connection:
        connection.execute(database.secrets.delete())
    with pytest.raises(CentreError, match="enrol it anew"):
        change(staffed, "unlock", "EC-1", **UNLOCK)
