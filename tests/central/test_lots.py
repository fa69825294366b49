"""The lot drawn again: a day that was drawn rightly holds, and every way around it is found."""

from __future__ import annotations

import json

import pytest

from checkpoint_app.central import delivery, lots, seeds
from checkpoint_app.central.centre import Centre
from checkpoint_app.risk.draw import Lot, commit_of, draw
from checkpoint_app.wire.event import EventKind
from tests.central import chains
from tests.central.helpers import POST, START, Clock, FakeBooth, enrolled
from tests.central.test_delivery import allow_new_chain

DAY = START.date()
LANE, RATE = "3", 300_000
PASSAGES = 12


class Day:
    """A booth's day of the lot, written as a booth writes it; each part can be left out or bent."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.booth: FakeBooth = enrolled(centre, "demo-3")
        self.chain = chains.Chain.of(self.booth)
        with centre.begin() as connection:
            seeds.seeds_for(centre, connection, self.booth.name, self.booth.keys.exchange)
        self.seed = seeds.seed_of(centre, self.booth.name, self.booth.keys.exchange, DAY)
        self.commit = commit_of(self.seed)

    def committed(self, source: str = "centre") -> None:
        body = {"lane": LANE, "day": DAY.isoformat(), "commit": self.commit, "rate": RATE, "source": source}
        self.chain.add(EventKind.DRAW_COMMITTED, body)

    def passage(
        self,
        number: int,
        *,
        turned: bool = False,
        drawn: bool = True,
        decided: bool = True,
        source: str = "typed",
        disposition: str = "let_pass",
    ) -> None:
        name = f"00000000-0000-4000-8000-{number if drawn else 999 - number:012d}"
        self.chain.add(EventKind.ENCOUNTER_READ, {"encounter_id": name, "lane": LANE, "source": source})
        if drawn:
            selected = draw(self.seed, Lot(POST, LANE, DAY), number, RATE) is not turned
            body = {"encounter_id": name, "lane": LANE, "day": DAY.isoformat(), "number": number}
            self.chain.add(
                EventKind.ENCOUNTER_DRAWN, {**body, "commit": self.commit, "rate": RATE, "selected": selected}
            )
        if decided:
            self.chain.add(EventKind.DISPOSITION, {"encounter_id": name, "disposition": disposition})

    def revealed(self, seed: bytes | None = None) -> None:
        seed = seed or self.seed
        body = {"lane": LANE, "day": DAY.isoformat(), "commit": self.commit, "seed": seed.hex()}
        self.chain.add(EventKind.DRAW_REVEALED, body)

    def told(self) -> list[lots.DayOfLot]:
        delivery.receive(self.centre, self.booth.name, self.chain.batch())
        return list(lots.days(self.centre))


@pytest.fixture
def day(centre: Centre) -> Day:
    return Day(centre)


def codes(found: list[lots.DayOfLot]) -> list[tuple[str, int]]:
    assert len(found) == 1
    return [(one.code, one.number) for one in found[0].faults]


def test_a_day_that_was_drawn_rightly_holds(day: Day) -> None:
    day.committed()
    for number in range(1, PASSAGES + 1):
        day.passage(number)
    day.revealed()
    (found,) = day.told()
    assert (found.booth, found.lane, found.day, found.passages, found.local) == ("demo-3", LANE, DAY, PASSAGES, False)
    assert found.faults == ()
    assert 0 < found.drawn < PASSAGES
    assert (found.passed, found.withdrawn) == (found.drawn, 0)


@pytest.mark.parametrize(
    ("bent", "expected"),
    [
        ({"turned": True}, [("wrong", 5)]),
        ({"drawn": False}, [("undrawn", 0), ("gap", 5)]),
        ({"decided": False}, [("undecided", 5)]),
    ],
)
def test_a_passage_that_was_bent_is_found(day: Day, bent: dict[str, bool], expected: list[tuple[str, int]]) -> None:
    day.committed()
    for number in range(1, PASSAGES + 1):
        day.passage(number, **(bent if number == 5 else {}))
    day.revealed()
    assert codes(day.told()) == expected


def test_a_seed_of_its_own_that_passes_for_the_centre_s_is_found(day: Day) -> None:
    day.seed = bytes(32)
    day.commit = commit_of(day.seed)
    day.committed()
    day.passage(1)
    day.revealed()
    assert codes(day.told()) == [("not_committed", 0)]


def test_whoever_is_protected_without_a_document_is_no_reading_left_out(day: Day) -> None:
    day.committed()
    day.passage(1)
    day.passage(1, drawn=False, source="none")
    day.passage(2)
    day.revealed()
    assert codes(day.told()) == []


def test_a_commitment_after_its_draw_is_none(day: Day) -> None:
    day.seed = bytes(32)
    day.commit = commit_of(day.seed)
    day.passage(1)
    day.committed("local")
    day.passage(2)
    day.revealed()
    assert codes(day.told()) == [("not_announced", 1)]


def test_a_draw_by_a_seed_that_was_shown_already_is_found(day: Day) -> None:
    day.committed()
    day.passage(1)
    day.revealed()
    day.passage(2)
    assert codes(day.told()) == [("foreseen", 2)]


def test_nobody_chooses_between_seeds(day: Day) -> None:
    day.committed()
    day.passage(1)
    centres = day.seed, day.commit
    day.seed = bytes(32)
    day.commit = commit_of(day.seed)
    day.committed("local")
    day.passage(2)
    day.revealed()
    day.seed, day.commit = centres
    day.revealed()
    assert codes(day.told()) == [("other_seed", 2)]


def test_another_seed_after_the_first_was_shown_is_right(day: Day) -> None:
    """A clock that ran ahead revealed the day's seed too early."""
    day.committed()
    day.passage(1)
    day.revealed()
    day.seed = bytes(32)
    day.commit = commit_of(day.seed)
    day.committed("local")
    day.passage(2)
    day.revealed()
    assert codes(day.told()) == []


def test_a_journal_put_back_to_an_earlier_state_goes_on_with_its_day(day: Day) -> None:
    """What it lost is a day of its own; what it goes on from is no gap, and its seed, seen, draws nothing more."""
    day.committed()
    for number in (1, 2, 3):
        day.passage(number)
    saved = day.chain.copy()
    for number in (4, 5, 6):
        day.passage(number)
    day.told()
    allow_new_chain(day.centre)
    day.chain = saved
    day.revealed()
    day.seed = bytes(32)
    day.commit = commit_of(day.seed)
    day.committed("local")
    for number in (4, 5):
        day.passage(number)
    day.revealed()
    assert [(one.passages, one.faults) for one in day.told()] == [(6, ()), (5, ())]


def test_what_became_of_the_drawn_is_counted(day: Day) -> None:
    day.committed()
    for number, disposition in enumerate(("let_pass", "withdrawn", "refer", "withdrawn"), 1):
        day.passage(number, disposition=disposition)
    day.revealed()
    drawn = [number for number in range(1, 5) if draw(day.seed, Lot(POST, LANE, DAY), number, RATE)]
    (found,) = day.told()
    assert (found.passed, found.withdrawn) == (len({1} & {*drawn}), len({2, 4} & {*drawn}))
    assert found.faults == ()


def test_a_day_that_a_later_chain_has_whole_is_told_once(day: Day) -> None:
    day.committed()
    day.passage(1)
    saved = day.chain.copy()
    day.chain.add()
    day.told()
    allow_new_chain(day.centre)
    day.chain = saved
    day.passage(2)
    day.revealed()
    assert [(one.passages, one.faults) for one in day.told()] == [(2, ())]


def test_a_local_seed_is_told_as_one(day: Day) -> None:
    day.seed = bytes(32)
    day.commit = commit_of(day.seed)
    day.committed("local")
    day.passage(1)
    day.revealed()
    (found,) = day.told()
    assert (found.local, found.faults) == (True, ())


def test_a_seed_that_is_not_the_one_committed_to_or_never_came_is_found(day: Day, clock: Clock) -> None:
    day.committed()
    day.passage(1)
    assert day.told() == []  # the day is not over
    clock.move(hours=48)
    assert codes(list(lots.days(day.centre))) == [("unrevealed", 1)]
    day.revealed(bytes(32))
    assert codes(day.told()) == [("commit", 0)]


def test_what_was_drawn_before_it_was_committed_to_is_found(day: Day) -> None:
    day.passage(1)
    day.revealed()
    assert codes(day.told()) == [("not_announced", 1)]


def test_what_has_no_sense_is_counted_and_stops_nothing(day: Day) -> None:
    day.committed()
    day.passage(1)
    day.chain.add(EventKind.ENCOUNTER_DRAWN, {"lane": LANE, "day": DAY.isoformat(), "number": "x"})
    day.chain.add(EventKind.ENCOUNTER_DRAWN, {"lane": 3, "day": "never"})
    day.revealed()
    assert codes(day.told()) == [("bad_body", 0)]


def test_the_command_tells_each_day(day: Day, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    from checkpoint_app.commands import central_audit

    day.committed()
    day.passage(1, turned=True)
    day.revealed()
    found = day.told()
    assert central_audit._lots(found, as_json=False) == 1
    passed = " (1 let pass, 0 withdrawn)" if found[0].drawn else ""
    assert capsys.readouterr().out == f"demo-3, lane 3, {DAY}: 1 passages, {found[0].drawn} drawn{passed}: wrong 1\n"
    assert central_audit._lots(found, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["lots"][0]["faults"] == [{"code": "wrong", "number": 1}]
    assert central_audit._lots([], as_json=False) == 0
