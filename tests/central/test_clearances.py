"""Decisions "not the same person" on their way: from a booth to the centre, and as a signed list to all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from checkpoint_app.central import acts, alarms, booths, carrying, clearances, database, officers, opening
from checkpoint_app.central import encounters as central_encounters
from checkpoint_app.central.centre import Centre, CentreError, fact, keep_fact
from checkpoint_app.central.clearances import ClearanceState
from checkpoint_app.central.officers import Role
from checkpoint_app.central.publishing import publish_clearances
from checkpoint_app.store import OlderVersionError
from checkpoint_app.wire.clearance import CLEARANCES, MOST_CLEARANCES, mark_of, person_bytes, read_clearances
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import TamperedError, WrongKeyError
from checkpoint_app.wire.plain import PlainError, to_plain
from tests.central.chains import person, zone
from tests.central.clearing import ENTRY, OFFICER, SUPERVISOR, Booth, OneClock, issue, new_booth
from tests.central.helpers import in_office
from tests.central.line import made
from tests.central.publishing_helpers import OWN, bring
from tests.central.publishing_helpers import Booth as Fetching


@pytest.fixture
def clock() -> OneClock:
    return OneClock()


@pytest.fixture
def centre(tmp_path: Path, clock: OneClock) -> Iterator[Centre]:
    with made(tmp_path / "centre", clock) as whole:
        in_office(whole, OFFICER)
        in_office(whole, SUPERVISOR, Role.SUPERVISOR)
        yield whole


@pytest.fixture
def here(centre: Centre, tmp_path: Path, clock: OneClock) -> Iterator[Booth]:
    booth = new_booth(centre, "A", tmp_path / "A", clock, "Rumichaca")
    yield booth
    booth.store.close()


@pytest.fixture
def there(centre: Centre, tmp_path: Path, clock: OneClock) -> Iterator[Booth]:
    booth = new_booth(centre, "B", tmp_path / "B", clock, "Huaquillas")
    yield booth
    booth.store.close()


def alarmed(centre: Centre) -> list[tuple[str, object]]:
    with centre.begin() as connection:
        return [(one.kind, one.about.get("why")) for one in alarms.all(connection)]


def lines_of(centre: Centre) -> list[tuple[ClearanceState, str]]:
    with centre.begin() as connection:
        return [(one.state, one.why) for one in clearances.lines(centre, connection)]


def travel(centre: Centre, *, by: Booth, to: Booth) -> None:
    by.deliver(centre)
    issued = issue(centre)
    assert issued is not None
    to.take(issued)


def test_what_one_booth_decided_is_cleared_at_another_with_post_day_and_supervisor(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    clock.move(hours=1)
    decided_at = clock.at
    here.decide(zone())
    prior = here.prior(zone())
    assert prior is not None
    assert (prior.by, prior.decided_at) == (SUPERVISOR, decided_at)
    assert there.prior(zone()) is None
    clock.move(hours=1)
    travel(centre, by=here, to=there)
    prior = there.prior(zone())
    assert prior is not None
    assert (prior.post, prior.by, prior.decided_at) == ("Rumichaca", SUPERVISOR, decided_at)
    assert (prior.until - decided_at).days == 365
    for other in (zone(number="X7654321"), zone(birth="740813"), zone(given="EVA"), zone(issuer="ECU")):
        assert there.prior(other) is None
    for entry in (("USA", *ENTRY[1:]), ("ECU", "E-2", ENTRY[2]), ("ECU", "E-1", "b" * 64)):
        assert there.prior(zone(), entry) is None
    assert alarmed(centre) == []
    assert [event.header.kind for event in there.store.journal.events()][-1] == "clearances_applied"


def test_a_decision_ends_everywhere_when_its_time_is_over(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    here.decide(zone(), days=30)
    travel(centre, by=here, to=there)
    clock.move(days=30, seconds=-1)
    assert here.prior(zone())
    assert there.prior(zone())
    clock.move(seconds=1)
    assert here.prior(zone()) is None
    assert there.prior(zone()) is None


def test_a_decision_holds_no_longer_than_the_centre_lets_it_whatever_the_booths_clock_was(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    """A clock that stood in 2031 when it was decided must not silence a hit until 2032."""
    here.decide(zone(), days=1800)
    travel(centre, by=here, to=there)
    here.take(issue(centre))  # type: ignore[arg-type]
    clock.move(days=364)
    assert here.prior(zone())
    assert there.prior(zone())
    clock.move(days=2)
    assert here.prior(zone()) is None
    assert there.prior(zone()) is None
    ended = issue(centre)
    assert ended is not None
    here.take(ended)  # no more among those held: the booth must not take up its own longer word again
    assert ended.said.held == ()
    assert len(ended.said.ended) == 1
    assert here.prior(zone()) is None


def test_a_withdrawn_decision_ends_at_its_booth_too_and_is_never_taken_up_again(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    event_id = here.decide(zone())
    travel(centre, by=here, to=there)
    held = issue(centre)
    assert held is not None
    clock.move(minutes=1)
    clearances.withdraw(centre, event_id)
    with pytest.raises(CentreError, match="withdrawn already"):
        clearances.withdraw(centre, event_id)
    with pytest.raises(CentreError, match="there is none"):
        clearances.withdraw(centre, "another")
    assert here.prior(zone())  # nobody told it yet
    withdrawn = issue(centre)
    assert withdrawn is not None
    for booth in (here, there):
        booth.take(withdrawn)
        assert booth.prior(zone()) is None
        with pytest.raises(OlderVersionError):
            booth.take(held)
        assert booth.prior(zone()) is None
    here.deliver(centre)
    assert issue(centre) == withdrawn
    with centre.begin() as connection:
        assert acts.all(connection)[-1].what == "list imported"
        assert "clearance withdrawn" in [one.what for one in acts.all(connection)]
    # Decided again, it is another decision.
    here.decide(zone())
    assert here.prior(zone())


def test_a_list_of_a_restored_centre_that_forgot_a_withdrawal_changes_nothing(
    centre: Centre, here: Booth, there: Booth
) -> None:
    event_id = here.decide(zone())
    travel(centre, by=here, to=there)
    held = issue(centre)
    assert held is not None
    clearances.withdraw(centre, event_id)
    withdrawn = issue(centre)
    assert withdrawn is not None
    there.take(withdrawn)
    there.store.clearances.put(held.said, replace(there.store.signed.all(CLEARANCES)[0], version=9_000))
    assert there.prior(zone()) is None


def test_who_was_no_supervisor_then_clears_nobody_elsewhere_and_an_alarm_tells_it(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    here.decide(zone(), supervisor=OFFICER)
    here.decide(zone(), officer="x.muster")
    assert here.prior(zone())  # here the booth's own list of officers decided
    travel(centre, by=here, to=there)
    assert there.prior(zone()) is None
    assert alarmed(centre) == [("clearance_refused", "no_supervisor"), ("clearance_refused", "officer_not_in_office")]
    refused = ClearanceState.REFUSED
    assert sorted(lines_of(centre)) == [(refused, "no_supervisor"), (refused, "officer_not_in_office")]
    here.take(issue(centre))  # type: ignore[arg-type]
    assert here.prior(zone()) is None
    key = central_encounters.subject_key(centre, person(zone()))
    with centre.begin() as connection:
        assert clearances.holding(connection, key, clock.at) == set()


def test_a_supervisor_counts_as_of_the_moment_of_the_decision(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    here.decide(zone())
    clock.move(hours=1)
    with centre.begin() as connection:
        officers.disable(centre, connection, SUPERVISOR)
    clock.move(hours=1)
    here.decide(zone("EJEMPLO"))  # the booth has no newer list yet
    clock.move(hours=1)
    with centre.begin() as connection:
        officers.enable(centre, connection, SUPERVISOR)
    travel(centre, by=here, to=there)
    assert there.prior(zone())
    assert there.prior(zone("EJEMPLO")) is None
    assert alarmed(centre) == [("clearance_refused", "no_supervisor")]
    clock.move(hours=1)
    here.decide(zone("EJEMPLO"))
    clock.move(days=400)  # their term is over
    here.decide(zone("SPECIMEN"))
    travel(centre, by=here, to=there)
    assert sorted(lines_of(centre)) == [(ClearanceState.REFUSED, "officer_not_in_office")]


def test_nothing_of_a_revoked_booth_is_carried_even_after_it_was_enrolled_again(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    here.decide(zone())
    travel(centre, by=here, to=there)
    assert there.prior(zone())
    booths.revoke(centre, "A")
    issued = issue(centre)
    assert issued is not None
    there.take(issued)
    assert there.prior(zone()) is None
    assert alarmed(centre) == [("clearance_refused", "booth_revoked")]
    with centre.begin() as connection:
        connection.execute(database.booths.update().values(state="confirmed"))
    assert issue(centre) == issued


def test_nothing_of_an_abandoned_branch_is_carried(centre: Centre, here: Booth) -> None:
    here.decide(zone())
    here.deliver(centre)
    with centre.begin() as connection:
        clearances.abandon(centre, connection, "A", 1, 2)
    assert lines_of(centre) == [(ClearanceState.HELD, "")]
    with centre.begin() as connection:
        clearances.abandon(centre, connection, "A", 1, 1)
    assert lines_of(centre) == [(ClearanceState.REFUSED, "chain_abandoned")]


def test_events_that_come_again_decide_nothing_again(centre: Centre, here: Booth, there: Booth) -> None:
    here.decide(zone())
    travel(centre, by=here, to=there)
    first = issue(centre)
    here.deliver(centre)
    here.deliver(centre)
    assert issue(centre) == first
    assert len(lines_of(centre)) == 1


def test_without_a_whole_person_nothing_is_decided(centre: Centre, here: Booth, there: Booth) -> None:
    here.decide(zone())
    here.decide(zone(number="<<<<<<<<<"))
    travel(centre, by=here, to=there)
    assert len(lines_of(centre)) == 1
    assert here.prior(zone(number="<<<<<<<<<")) is None


def test_the_list_names_nobody_and_each_version_has_another_key(
    centre: Centre, here: Booth, there: Booth, clock: OneClock
) -> None:
    here.decide(zone())
    here.deliver(centre)
    first = issue(centre)
    clock.move(minutes=1)
    here.decide(zone("EJEMPLO"))
    here.deliver(centre)
    second = issue(centre)
    assert first is not None
    assert second is not None
    known = person_bytes(person(zone()))
    assert known is not None
    assert first.said.key != second.said.key
    assert first.said.held[0].mark == mark_of(first.said.key, known)
    marks = {one.mark for one in second.said.held}
    assert mark_of(second.said.key, known) in marks
    assert first.said.held[0].mark not in marks
    plain = str(to_plain(second.said)).upper() + str(second.small.package)
    for personal in ("MUSTER,", "ERIKA", "EJEMPLO", "X1234567", "740812"):
        assert personal not in plain
    assert second.small.header.sealed
    with pytest.raises(WrongKeyError):
        there.take(replace(second, small=replace(second.small, content_key=bytes(32))))
    damaged = bytearray(second.small.package)
    damaged[-1] ^= 1
    with pytest.raises(TamperedError):
        there.take(replace(second, small=replace(second.small, package=bytes(damaged))))
    assert there.prior(zone()) is None


def test_clearances_are_published_alone_and_only_when_they_say_something_new(
    centre: Centre, here: Booth, tmp_path: Path, clock: OneClock
) -> None:
    bring(centre, OWN)
    assert not carrying.is_due(centre)
    assert publish_clearances(centre) == []
    here.decide(zone())
    here.deliver(centre)
    assert carrying.is_due(centre)
    assert publish_clearances(centre) == ["clearances 1"]
    assert not carrying.is_due(centre)
    assert publish_clearances(centre) == []
    with centre.begin() as connection:
        root = fact(connection, "repository root")
    assert root is not None
    fetching = Fetching(centre, root.encode(), tmp_path / "fetching")
    assert fetching.version(CLEARANCES) == 1
    assert fetching.info("ECU") is None  # what an administrator has not published stays where it is
    assert fetching.package(CLEARANCES)


def test_a_carrier_publishes_by_itself(centre: Centre, here: Booth) -> None:
    here.decide(zone())
    here.deliver(centre)
    carrier = carrying.Carrier(centre)
    carrier.start()
    for _ in range(200):
        if not carrying.is_due(centre):
            break
        carrier._stopped.wait(0.05)
    carrier.stop()
    assert publish_clearances(centre) == []


def test_an_older_centres_events_are_read_anew(centre: Centre, here: Booth, tmp_path: Path, clock: OneClock) -> None:
    here.decide(zone())
    here.deliver(centre)
    before = lines_of(centre)
    with centre.begin() as connection:
        database.clearances.drop(connection)
        keep_fact(connection, "schema", "1")
        opening._bring_up(centre, connection)
    assert lines_of(centre) == before
    with centre.begin() as connection:
        assert fact(connection, "schema") == str(opening.SCHEMA)
        assert len(connection.execute(select(database.clearances)).all()) == 1


def test_a_hostile_list_is_refused_by_its_shape() -> None:
    key = {"key": to_plain(bytes(32))}
    assert read_clearances([key]).held == ()
    assert read_clearances([key, {"ended": "e"}]).ended == ("e",)
    for records in (
        [],
        [{"ended": "e"}],
        [key, key],
        [key, {"held": {}}],
        [key, {"ended": 1}],
        [key, {"ended": "e", "held": {}}],
        [key, {"other": 1}],
        [{"key": to_plain(bytes(31))}],
        [key, *({"ended": "e"} for _ in range(MOST_CLEARANCES + 1))],
    ):
        with pytest.raises(PlainError):
            read_clearances(records)


@pytest.mark.parametrize(
    "long", [{"family_name": "M" * 20_000}, {"birth_date": "1" * 20_000}, {"document_number": "Z" * 600_000}]
)
def test_a_person_longer_than_any_keeps_nobody_else_from_being_carried(
    centre: Centre, here: Booth, there: Booth, long: dict[str, str]
) -> None:
    list_name, entry_id, digest = ENTRY
    body = {"encounter_id": "e-9", "person": person(zone()) | long, "list": list_name, "entry_id": entry_id}
    body |= {"entry_digest": digest, "officer": OFFICER, "supervisor": SUPERVISOR}
    here.store.journal.append(EventKind.NOT_SAME_PERSON, body | {"until": "2027-06-01T00:00:00.000000Z"})
    here.deliver(centre)
    assert [kind for kind, _why in alarmed(centre)] == ["bad_body"]
    there.decide(zone())
    there.deliver(centre)
    issued = issue(centre)
    assert issued is not None
    assert [one.booth for one in issued.said.held] == ["B"]
    with centre.begin() as connection:
        assert len(clearances.lines(centre, connection)) == 1


def test_long_words_of_one_booth_leave_a_list_that_booths_take_and_sound_an_alarm(
    centre: Centre, here: Booth, there: Booth, clock: OneClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "MOST_BYTES", 20_000)
    for number in range(20):
        here.decide(zone(), ("ECU", f"E-{number} " + "\N{CJK UNIFIED IDEOGRAPH-6797}" * 180, "a" * 200))
    here.deliver(centre)
    clock.move(minutes=1)
    there.decide(zone())
    there.deliver(centre)
    issued = issue(centre)
    assert issued is not None
    assert 10 < len(issued.said.held) < 21
    assert issued.said.held[0].booth == "B"
    assert sum(len(f"{one.entry_id}{one.entry_digest}".encode()) for one in issued.said.held) <= 20_000
    assert alarmed(centre) == [("clearances_full", None)]
    assert issue(centre) == issued


def test_what_was_withdrawn_is_told_though_a_booth_has_any_number_refused(
    centre: Centre, here: Booth, there: Booth, clock: OneClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "MOST_CLEARANCES", 5)
    event_id = there.decide(zone())
    there.deliver(centre)
    clock.move(minutes=1)
    for number in range(10):
        here.decide(zone(), ("ECU", f"E-{number}", "a" * 64), supervisor=OFFICER)
    here.deliver(centre)
    clearances.withdraw(centre, event_id)
    issued = issue(centre)
    assert issued is not None
    assert len(issued.said.ended) == 5
    there.take(issued)
    assert there.prior(zone()) is None
