"""The lot of the day that was played, and its audit.

A seed is revealed when its day is over. The demonstration doesn't wait for midnight: it closes the day early, as the
booth does at the first look after it, and says so. The booth draws by another seed from then on.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from checkpoint_app.booth.crossings.lot import reveal_past
from checkpoint_app.demo.centre import DemoCentre
from checkpoint_app.demo.policy import BOOTH
from checkpoint_app.demo.remote import Told
from checkpoint_app.store import Store
from checkpoint_app.wire.event import EventKind

_SHOWN = 16


def close_day(store: Store) -> list[Told]:
    """Reveal the seeds by which was drawn up to now; return what was drawn, a row a lane. Raises StoreError."""
    today = store.time.now().astimezone().date()
    rows = _drawn(store, today)
    reveal_past(store, today + timedelta(days=1))
    return rows


def audited(centre: DemoCentre) -> list[Told]:
    """Return what the centre says of the days that are revealed. Raises DemoCentreError where one does not hold."""
    return [Told("the lot, drawn again by the centre", line) for line in centre.lots(BOOTH)]


def _drawn(store: Store, day: date) -> list[Told]:
    passages: Counter[str] = Counter()
    drawn: dict[str, list[str]] = {}
    commits: dict[str, str] = {}
    events = (one.header for one in store.journal.events())
    since = store.time.now() - timedelta(days=2)
    for seq in [one.seq for one in events if one.kind is EventKind.ENCOUNTER_DRAWN and one.wall_time > since]:
        body = store.journal.body(seq)
        if body["day"] != day.isoformat():
            continue
        lane = str(body["lane"])
        passages[lane] += 1
        commits[lane] = str(body["commit"])
        drawn.setdefault(lane, []).extend([str(body["number"])] if body["selected"] else [])
    return [
        Told(
            f"the lot, lane {lane}",
            f"{count} passages, drawn: {', '.join(drawn[lane]) or 'none'}; commitment {commits[lane][:_SHOWN]}…;"
            " the day was closed early for the demo, not by midnight",
        )
        for lane, count in passages.items()
    ]
