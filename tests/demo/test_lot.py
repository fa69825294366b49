"""The demo's day of the lot: told as it was drawn, closed early, and sound when it is drawn again."""

from __future__ import annotations

from checkpoint_app.booth.crossings.lot import draw_passage
from checkpoint_app.demo.lot import close_day
from checkpoint_app.demo.policy import POST
from checkpoint_app.risk.draw import Drawn, Lot, audit
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import new_store

RATE = 400_000


def drawn_today(store, lanes=("3",), count=12, start=0):
    day = store.time.now().astimezone().date()
    return [
        draw_passage(store, f"{lane}-{n}", POST, lane, RATE, day) for lane in lanes for n in range(start, start + count)
    ]


def seeds(store):
    events = [one.header.seq for one in store.journal.events() if one.header.kind is EventKind.DRAW_REVEALED]
    return {store.journal.body(seq)["commit"]: bytes.fromhex(store.journal.body(seq)["seed"]) for seq in events}


def test_each_lane_is_told_with_what_was_drawn(tmp_path):
    with new_store(tmp_path) as store:
        rows = drawn_today(store, lanes=("3", "3/cargo"))
        told = close_day(store)
        assert [row.story for row in told] == ["the lot, lane 3", "the lot, lane 3/cargo"]
        for row, lane in zip(told, ("3", "3/cargo"), strict=True):
            numbers = ", ".join(str(one.number) for one in rows if one.lane == lane and one.selected)
            assert row.figures.startswith(f"12 passages, drawn: {numbers or 'none'}; commitment ")
            assert "closed early" in row.figures


def test_a_closed_day_can_be_drawn_again_and_goes_on_with_another_seed(tmp_path):
    with new_store(tmp_path) as store:
        rows = drawn_today(store)
        close_day(store)
        rows += drawn_today(store, start=12)
        close_day(store)
        assert [row.number for row in rows] == list(range(1, 25))
        assert len({row.commit for row in rows}) == len(seeds(store)) == 2
        drawn = [Drawn(row.number, row.commit, row.rate, row.selected) for row in rows]
        assert audit(seeds(store), Lot(POST, "3", rows[0].day), drawn) == ()


def test_nothing_drawn_is_nothing_told(tmp_path):
    with new_store(tmp_path) as store:
        assert close_day(store) == []
