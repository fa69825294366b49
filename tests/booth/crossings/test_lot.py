"""The lot: numbered by the journal, committed before it draws, revealed after its day, checked by anyone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint_app.booth.crossings.lot import draw_answer, draw_passage, give_up, lane_name, reveal_past, source_of
from checkpoint_app.risk.draw import Drawn, Lot, audit, commit_of, draw
from checkpoint_app.store import Store
from checkpoint_app.store.draws import CENTRE, LOCAL, Committed, DrawRow, SeedRow
from checkpoint_app.verdict import Check, LaneKind, NotDone, Outcome, Policy, Requirement
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import create, decided_body, document, dump, new_store, read_body, reopen

POST, LANE, RATE = "Paso Los Demo", "3", 300_000
TODAY = date(2026, 3, 2)
SEED = SeedRow(commit_of(bytes(range(32))), TODAY, bytes(range(32)), CENTRE)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = Policy("P", 1, NOW, (Requirement(Check.DRAW),), {"draw.selected": Outcome.NOTE})


def passages(store: Store, count: int, day: date = TODAY, lane: str = LANE, start: int = 0) -> list:
    return [draw_passage(store, f"{lane} {day} {n}", POST, lane, RATE, day) for n in range(start, start + count)]


def told(store: Store) -> list:
    events = store.journal.events(after=0)
    return [(one.header.kind, store.journal.body(one.header.seq)) for one in events]


def drawn(rows: list) -> list[Drawn]:
    return [Drawn(row.number, row.commit, row.rate, row.selected) for row in rows]


def test_the_centre_s_seed_draws_each_passage_once_and_the_journal_says_so(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert store.draws.keep(SEED)
        rows = passages(store, 20)
        assert [row.number for row in rows] == list(range(1, 21))
        assert [row.selected for row in rows] == [
            draw(SEED.seed, Lot(POST, LANE, TODAY), number, RATE) for number in range(1, 21)
        ]
        assert len({row.selected for row in rows}) == 2
        again = draw_passage(store, rows[4].encounter_id, POST, LANE, RATE, TODAY)
        assert again == rows[4]
        kinds = [kind for kind, _body in told(store)]
        assert kinds == [EventKind.DRAW_COMMITTED] + [EventKind.ENCOUNTER_DRAWN] * 20
        assert told(store)[0][1] == {
            "lane": LANE,
            "day": "2026-03-02",
            "commit": SEED.commit,
            "rate": RATE,
            "source": "centre",
        }
        before = dump(store)
        store.journal.rebuild_projections()
        assert dump(store) == before


def test_no_seed_is_in_the_journal_before_its_day_is_over(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.draws.keep(SEED)
        rows = passages(store, 5)
        assert reveal_past(store, TODAY) == 0
        assert SEED.seed.hex() not in str(told(store))
        assert reveal_past(store, TODAY + timedelta(days=1)) == 1
        kind, body = told(store)[-1]
        assert (kind, body["seed"]) == (EventKind.DRAW_REVEALED, SEED.seed.hex())
        assert reveal_past(store, TODAY + timedelta(days=2)) == 0
        assert audit({body["commit"]: bytes.fromhex(body["seed"])}, Lot(POST, LANE, TODAY), drawn(rows)) == ()


def test_without_a_seed_of_the_centre_the_booth_commits_to_its_own(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        first = passages(store, 1)[0]
        (kind, body), _drawn = told(store)
        assert (kind, body["source"], body["commit"]) == (EventKind.DRAW_COMMITTED, LOCAL, first.commit)
        assert source_of(store, first) == LOCAL
        store.draws.keep(SEED)  # comes later in the day: the lane goes on as it began
        assert passages(store, 1, start=1)[0].commit == first.commit
        assert passages(store, 1, lane="4")[0].commit == SEED.commit


def test_a_seed_that_was_revealed_draws_nothing_more(tmp_path: Path) -> None:
    """A clock that ran ahead revealed today's seed: whoever read it could foretell the rest of the day."""
    with new_store(tmp_path) as store:
        store.draws.keep(SEED)
        rows = passages(store, 3)
        reveal_past(store, TODAY + timedelta(days=1))
        assert not store.draws.keep(SEED)
        rows += passages(store, 3, start=3)
        assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
        assert rows[3].commit != SEED.commit
        reveal_past(store, TODAY + timedelta(days=1))
        seeds = {
            body["commit"]: bytes.fromhex(body["seed"]) for kind, body in told(store) if kind is EventKind.DRAW_REVEALED
        }
        assert audit(seeds, Lot(POST, LANE, TODAY), drawn(rows)) == ()


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    create(tmp_path).close()
    for n in range(3):
        with reopen(tmp_path) as store:
            assert draw_passage(store, f"e{n}", POST, LANE, RATE, TODAY).number == n + 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["3", "3/cargo"]), st.integers(0, 2)), max_size=12))
def test_any_days_and_lanes_are_drawn_so_that_an_audit_holds(tmp_path_factory, steps) -> None:
    with new_store(tmp_path_factory.mktemp("lot")) as store:
        rows, latest = [], 0
        for place, (lane, ahead) in enumerate(steps):
            latest = max(latest, ahead)
            day = TODAY + timedelta(days=latest)
            reveal_past(store, day)
            rows.append(draw_passage(store, f"e{place}", POST, lane, RATE, day))
        reveal_past(store, TODAY + timedelta(days=9))
        seeds = {
            body["commit"]: bytes.fromhex(body["seed"]) for kind, body in told(store) if kind is EventKind.DRAW_REVEALED
        }
        for lot in {(row.lane, row.day) for row in rows}:
            of_it = [row for row in rows if (row.lane, row.day) == lot]
            assert audit(seeds, Lot(POST, *lot), drawn(of_it)) == ()
            assert [row.number for row in of_it] == list(range(1, len(of_it) + 1))


def test_seeds_of_days_that_nobody_crossed_are_forgotten(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.draws.keep(SEED)
        reveal_past(store, TODAY + timedelta(days=1))
        assert store.draws.seed_of(SEED.commit) is None
        assert told(store) == []


def test_the_answer_tells_whether_the_passage_was_drawn(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.draws.keep(SEED)
        row = passages(store, 1)[0]
        chosen = draw_answer(replace(row, selected=True), CENTRE, POLICY, NOW)
        assert (chosen.outcome, chosen.findings[0].code) == (Outcome.NOTE, "draw.selected")
        assert draw_answer(replace(row, selected=False), CENTRE, POLICY, NOW).outcome is Outcome.CLEAR
        assert draw_answer(None, "", POLICY, NOW).not_done is NotDone.NO_ANSWER


@pytest.mark.parametrize(("kind", "name"), [(LaneKind.PEOPLE, "3"), (LaneKind.CARGO, "3/cargo")])
def test_people_and_cargo_are_numbered_apart(kind, name) -> None:
    assert lane_name("3", kind) == name


def test_a_commitment_is_of_one_lane_and_day(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.draws.keep(SEED)
        passages(store, 1)
        assert store.draws.is_committed(Committed(LANE, TODAY, SEED.commit))
        assert not store.draws.is_committed(Committed("4", TODAY, SEED.commit))


def read(store: Store, name: str, number: str = "A1", family: str = "MUSTER") -> None:
    store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, document=document(number, family)))


def decided(store: Store, name: str, disposition: str) -> None:
    store.journal.append(EventKind.DISPOSITION, decided_body(name, disposition))


def always(store: Store, name: str, rate: int = 1_000_000, day: date = TODAY) -> DrawRow:
    return draw_passage(store, name, POST, LANE, rate, day)


def test_whoever_was_drawn_stays_so_when_the_encounter_is_closed_and_read_again(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        read(store, "e1")
        first = always(store, "e1")
        decided(store, "e1", "withdrawn")
        for name, number, family in (("e2", "A1", "MUSTER"), ("e3", "B2", "MUSTER"), ("e4", "A1", "OTRA")):
            read(store, name, number, family)  # the same document, or another of the same person
            assert store.draws.carried(always(store, name, 0)) == first
            decided(store, name, "withdrawn")
        read(store, "e5", "C3", "EJEMPLO")
        assert store.draws.carried(always(store, "e5", 0)) is None
        before = dump(store)
        store.journal.rebuild_projections()
        assert dump(store) == before


def test_whoever_was_drawn_and_decided_on_is_drawn_no_more(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for name, rate, disposition in (("e1", 1_000_000, "withdrawn"), ("e2", 0, "refer")):
            read(store, name)
            always(store, name, rate)
            decided(store, name, disposition)
        read(store, "e3")
        assert store.draws.carried(always(store, "e3", 0)) is None
        read(store, "e4")
        assert store.draws.carried(always(store, "e4", 0, TODAY + timedelta(days=1))) is None


def test_an_encounter_left_open_is_no_way_out_of_the_lot(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        read(store, "e1")
        first = always(store, "e1")
        read(store, "e2")
        assert store.draws.carried(always(store, "e2", 0)) == first


def test_goods_read_again_stay_drawn(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for name in ("e1", "e2"):
            plain = {"consignment": {"number": "PDM-1"}, "equipment": []}
            store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, document={}, consignment=plain))
            assert store._db.value("SELECT consignment FROM encounters WHERE encounter_id = ?", (name,)) == "PDM-1"
            row = always(store, name, 1_000_000 if name == "e1" else 0)
            if name == "e1":
                decided(store, name, "withdrawn")
        assert store.draws.carried(row).encounter_id == "e1"


@pytest.mark.parametrize("drawn_before", [True, False])
def test_a_journal_that_lost_its_end_draws_by_another_seed(tmp_path: Path, drawn_before: bool) -> None:
    """What its day's seed drew was seen, and the same numbers would come again."""
    with new_store(tmp_path) as store:
        store.draws.keep(SEED)
        rows = passages(store, 3) if drawn_before else []
        assert give_up(store, LANE, TODAY) == 1
        assert give_up(store, LANE, TODAY) == 0
        assert not store.draws.keep(SEED)  # nor when the centre sends it once more
        rows += passages(store, 3, start=len(rows))
        assert rows[-1].commit != SEED.commit
        reveal_past(store, TODAY + timedelta(days=1))
        seeds = {
            body["commit"]: bytes.fromhex(body["seed"]) for kind, body in told(store) if kind is EventKind.DRAW_REVEALED
        }
        assert SEED.commit in seeds
        assert audit(seeds, Lot(POST, LANE, TODAY), drawn(rows)) == ()
