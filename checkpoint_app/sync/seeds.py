"""The seeds of the lot, fetched while there is a line, so that a booth without one draws by the centre's for days."""

from __future__ import annotations

from datetime import timedelta

from checkpoint_app.store import Store
from checkpoint_app.store.draws import CENTRE, SeedRow
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.api import SEEDS
from checkpoint_app.wire.draw import MAX_SEEDS_BYTES, MOST_SEEDS, Seeds, unwrap_seed
from checkpoint_app.wire.sealing import SealError

FEWEST_AHEAD = timedelta(days=13)
"""Asked again once a day has gone by since they came."""
FARTHEST = timedelta(days=60)
"""What is for a day farther off would lie here for ever, and nobody would be asked again until then."""
ASK_AGAIN = timedelta(hours=1)
NOT_FOUND = 404


def bring_seeds(line: Line, on_store: OnStore) -> int:
    """Ask for seeds where those of the coming days are not here; returns how many are new.

    A centre that has none, as an older one, is asked again after an hour. Raises LineError, StoreError.
    """
    if not on_store(seeds_due):
        return 0
    try:
        reply = line.get(Seeds, SEEDS, most=MAX_SEEDS_BYTES).value
    except LineError as error:
        if error.status != NOT_FOUND:
            raise
        return 0
    return 0 if reply is None else on_store(lambda store: take_seeds(store, reply))


def seeds_due(store: Store) -> bool:
    """Tell whether it is time to ask, and take note that it was asked."""
    now, asked = store.time.now(), store.draws.asked_at
    last = store.draws.last_day()
    if last is not None and last >= (now + FEWEST_AHEAD).date():
        return False
    if asked is not None and timedelta(0) <= now - asked < ASK_AGAIN:
        return False
    store.draws.asked_at = now
    return True


def take_seeds(store: Store, seeds: Seeds) -> int:
    """Keep the seeds that are this booth's, and told as what they are; returns how many are new."""
    booth, key, kept = store.identity.booth, store.identity.exchange_key, 0
    today = store.time.now().date()
    with store.transaction():
        for sent in seeds.seeds[:MOST_SEEDS]:
            if abs(sent.day - today) > FARTHEST:
                continue
            try:
                seed = unwrap_seed(sent, booth, key)
            except SealError:  # its day is then drawn by a seed of the booth's own
                continue
            kept += store.draws.keep(SeedRow(sent.commit, sent.day, seed, CENTRE))
    return kept
