"""The lot at the booth: each reading is one passage, drawn by a seed that nobody here sees, and written down at once.

The centre's seed of the day is used where it has come, else one of the booth's own, which is committed to before it
draws anything. When a day is over its seed is revealed in the journal, so that anyone can draw its passages again.
"""

from __future__ import annotations

from datetime import date, datetime

from checkpoint_app.risk.draw import Lot, commit_of, draw, new_seed
from checkpoint_app.store import Store
from checkpoint_app.store.draws import LOCAL, Committed, DrawRow, SeedRow
from checkpoint_app.verdict import Answer, Check, Finding, LaneKind, NotDone, Outcome, Policy, Source
from checkpoint_app.wire.event import EventKind

ENGINE = "checkpoint-draw/1"
SELECTED = "draw.selected"


def lane_name(lane: str, kind: LaneKind) -> str:
    """Return the lane's name in the lot: people and cargo of one lane are numbered apart."""
    return lane if kind is LaneKind.PEOPLE else f"{lane}/{kind.value}"


def draw_passage(store: Store, encounter_id: str, post: str, lane: str, rate: int, today: date) -> DrawRow:
    """Draw the passage that a reading opened, or return what was drawn for it; one act with what the caller writes.

    ``rate`` is in millionths, ``today`` the local day by trusted time. Raises StoreError.
    """
    before = store.draws.drawn(encounter_id)
    if before is not None:
        return before
    with store.transaction():
        seed = _seed_of(store, lane, today)
        if not store.draws.is_committed(Committed(lane, today, seed.commit)):
            body = {"lane": lane, "day": today.isoformat(), "commit": seed.commit, "rate": rate, "source": seed.source}
            store.journal.append(EventKind.DRAW_COMMITTED, body)
        number = store.draws.next_number(lane, today)
        selected = draw(seed.seed, Lot(post, lane, today), number, rate)
        row = DrawRow(encounter_id, lane, today, number, seed.commit, rate, selected)
        store.journal.append(
            EventKind.ENCOUNTER_DRAWN,
            {
                "encounter_id": encounter_id,
                "lane": lane,
                "day": today.isoformat(),
                "number": number,
                "commit": seed.commit,
                "rate": rate,
                "selected": selected,
            },
        )
    return row


def reveal_past(store: Store, today: date) -> int:
    """Reveal the seeds of days that are over; returns for how many lanes and days. Raises StoreError."""
    due = store.draws.to_reveal(today)
    for one in due:
        seed = store.draws.seed_of(one.commit)
        if seed is None:  # a journal that was put back without its seeds: the audit says that it is not known
            continue
        with store.transaction():
            body = {"lane": one.lane, "day": one.day.isoformat(), "commit": one.commit, "seed": seed.seed.hex()}
            store.journal.append(EventKind.DRAW_REVEALED, body)
    with store.transaction():
        for commit in {one.commit for one in due}:
            store.draws.forget(commit)
        store.draws.forget_before(today)
    return len(due)


def give_up(store: Store, lane: str, today: date) -> int:
    """Reveal the seeds of ``today``, so that they draw nothing more; returns how many. Raises StoreError.

    For a journal that lost its end: what its day's seeds drew was seen, and the same numbers would come again. ``lane``
    stands for all where none was committed to.
    """
    seeds = store.draws.seeds(today)
    for seed in seeds:
        with store.transaction():
            lanes = store.draws.lanes(seed.commit)
            for name in lanes or [lane]:
                one = {"lane": name, "day": today.isoformat(), "commit": seed.commit}
                if not lanes:
                    store.journal.append(EventKind.DRAW_COMMITTED, {**one, "rate": 0, "source": seed.source})
                store.journal.append(EventKind.DRAW_REVEALED, {**one, "seed": seed.seed.hex()})
            store.draws.forget(seed.commit)
    return len(seeds)


def draw_answer(row: DrawRow | None, source: str, policy: Policy, now: datetime) -> Answer:
    """Return the answer of the lot for an Encounter; ``source`` tells whose seed it was."""
    named = Source(name=source, version=0, engine=ENGINE)
    if row is None:
        return Answer(Check.DRAW, Outcome.NOT_CHECKED, Source("", 0, ENGINE), now, not_done=NotDone.NO_ANSWER)
    found = (Finding(SELECTED, {"number": str(row.number)}),) if row.selected else ()
    return Answer(Check.DRAW, policy.outcome_of(found), named, now, findings=found)


def source_of(store: Store, row: DrawRow) -> str:
    """Return whose seed drew a passage."""
    seed = store.draws.seed_of(row.commit)
    return seed.source if seed is not None else ""


def _seed_of(store: Store, lane: str, today: date) -> SeedRow:
    kept = store.draws.seed(today, lane)
    if kept is not None:
        return kept
    seed = new_seed()
    own = SeedRow(commit_of(seed), today, seed, LOCAL)
    store.draws.keep(own)
    return own
