"""Seeds of the lot: committed at the centre before they are sent, for one booth alone, asked for once a day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.crossings.lot import draw_passage, reveal_past
from checkpoint_app.central import acts, seeds
from checkpoint_app.central.centre import Centre
from checkpoint_app.risk.draw import commit_of
from checkpoint_app.store.draws import CENTRE, SeedRow
from checkpoint_app.sync.seeds import bring_seeds, seeds_due, take_seeds
from checkpoint_app.wire.draw import Seeds, unwrap_seed, wrap_seed
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.sealing import SealError
from tests.central.helpers import START, FakeBooth
from tests.store.helpers import FakeClock, new_store
from tests.sync.fake_centre import FakeCentre, served
from tests.sync.helpers import directly, lined, stored

BOOTH = FakeBooth("demo-3")


def sent(centre: Centre, booth: FakeBooth = BOOTH) -> Seeds:
    with centre.begin() as connection:
        return seeds.seeds_for(centre, connection, booth.name, booth.keys.exchange)


def committed(centre: Centre, booth: str = BOOTH.name) -> dict[str, object]:
    with centre.begin() as connection:
        found = [
            one.about for one in acts.all(connection) if (one.what, one.about.get("booth")) == (seeds.COMMITTED, booth)
        ]
    return {day: commit for about in found for day, commit in about.items() if day != "booth"}


def test_every_seed_that_is_sent_was_committed_to_first(centre: Centre) -> None:
    answer = sent(centre)
    days = [one.day for one in answer.seeds]
    assert days == [START.date() + timedelta(days=step) for step in range(-1, 16)]
    for one in answer.seeds:
        seed = unwrap_seed(one, BOOTH.name, BOOTH.exchange)
        assert commit_of(seed) == one.commit == committed(centre)[one.day.isoformat()]
    assert len({one.commit for one in answer.seeds}) == len(days)


def test_a_commitment_is_written_once_whatever_is_asked(centre: Centre, clock) -> None:
    first = committed(centre) or (sent(centre) and committed(centre))
    assert [one.commit for one in sent(centre).seeds] == list(first.values())
    assert committed(centre) == first
    clock.move(hours=24)
    sent(centre)
    later = committed(centre)
    assert len(later) == len(first) + 1
    assert {day: later[day] for day in first} == first


def test_no_other_booth_opens_a_seed_and_none_is_of_another_day(centre: Centre) -> None:
    one, two = sent(centre).seeds[:2]
    other = FakeBooth("demo-4")
    with pytest.raises(SealError):
        unwrap_seed(one, BOOTH.name, other.exchange)
    moved = type(one)(two.day, one.commit, one.wrapped)
    with pytest.raises(SealError):
        unwrap_seed(moved, BOOTH.name, BOOTH.exchange)
    assert sent(centre, other).seeds[0].commit != one.commit


def test_a_booth_that_is_enrolled_anew_gets_other_seeds_which_are_committed_to(centre: Centre) -> None:
    """Its passages begin at 1 again: by the same seed it would draw what was seen in the morning."""
    anew = FakeBooth(BOOTH.name)
    first, second = sent(centre).seeds, sent(centre, anew).seeds
    assert not {one.commit for one in first} & {one.commit for one in second}
    with centre.begin() as connection:
        acted = [one.about for one in acts.all(connection) if one.what == seeds.COMMITTED]
    commits = {commit for about in acted for commit in about.values()}
    assert {one.commit for one in (*first, *second)} <= commits
    assert sent(centre, anew).seeds[0].commit == second[0].commit


def test_a_booth_keeps_what_is_its_own_and_draws_by_it(tmp_path: Path, centre: Centre) -> None:
    with new_store(tmp_path, FakeClock(START)) as store:
        own = seeds.seeds_for
        with centre.begin() as connection:
            answer = own(
                centre, connection, store.identity.booth, store.identity.exchange_key.public_key().public_bytes_raw()
            )
        assert take_seeds(store, answer) == len(answer.seeds)
        assert take_seeds(store, answer) == 0
        assert take_seeds(store, sent(centre)) == 0  # another booth's
        today = START.date()
        row = draw_passage(store, "e1", "P", "3", 500_000, today)
        assert row.commit == next(one.commit for one in answer.seeds if one.day == today)
        reveal_past(store, today + timedelta(days=1))
        last = list(store.journal.events(after=0))[-1].header
        assert last.kind is EventKind.DRAW_REVEALED
        revealed = bytes.fromhex(store.journal.body(last.seq)["seed"])
        assert commit_of(revealed) == committed(centre, store.identity.booth)[today.isoformat()]


def test_seeds_are_asked_for_once_a_day_and_an_older_centre_once_an_hour() -> None:
    centre = FakeCentre()
    with stored(0) as store, served(centre) as port, lined(centre, port, store.identity) as line:
        assert bring_seeds(line, directly(store)) == 0  # it knows no such path
        assert not seeds_due(store)
        store.draws.asked_at -= timedelta(hours=1)
        assert seeds_due(store)
        ahead: date = (store.time.now() + timedelta(days=13)).date()
        store.draws.keep(SeedRow("c" * 64, ahead, bytes(32), CENTRE))
        store.draws.asked_at = None
        assert not seeds_due(store)


def test_a_seed_of_a_far_day_is_not_kept(tmp_path: Path, centre: Centre) -> None:
    """It would lie here for ever, and its day would stand for all days before it."""
    with new_store(tmp_path, FakeClock(START)) as store:
        key = store.identity.exchange_key.public_key()
        days = [START.date() + timedelta(days=step) for step in (1, 400)]
        made = tuple(wrap_seed(bytes(32), store.identity.booth, day, commit_of(bytes(32)), key) for day in days)
        assert take_seeds(store, Seeds(store.identity.booth, made[1:])) == 0
        assert store.draws.last_day() is None
        assert take_seeds(store, Seeds(store.identity.booth, made)) == 1
