"""Seeds of the lot: one a booth and a day, made from the centre's own secret, committed to in an act before it is sent.

Nothing of a seed is kept: it follows from the master key, the booth with its key, and the day. So a booth that is
enrolled anew within a day, and numbers its passages from 1 again, doesn't draw what it has drawn before. The act holds
the commitment, so that the seed which the booth reveals afterwards can be proven to be the one that was set before
anybody crossed.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import date, timedelta

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import Connection

from checkpoint_app.central import acts
from checkpoint_app.central.centre import Centre, fact, keep_fact
from checkpoint_app.risk.draw import commit_of
from checkpoint_app.wire.draw import Seeds, wrap_seed

DAYS_AHEAD = 15
"""A booth's calendar may be a day before or after the centre's: fourteen days without a line, and one more."""
COMMITTED = "lot committed"


def seed_of(centre: Centre, booth: str, exchange_key: bytes, day: date) -> bytes:
    """Return the 32-byte seed of a booth, as it is enrolled with this key, and a local day."""
    message = f"{booth}\n{exchange_key.hex()}\n{day.isoformat()}".encode()
    return hmac.digest(centre.vault.derived("lot"), message, "sha256")


def seeds_for(centre: Centre, connection: Connection, booth: str, exchange_key: bytes) -> Seeds:
    """Return the seeds of the days from yesterday on, wrapped to the booth; new commitments are an act first."""
    receiver = X25519PublicKey.from_public_bytes(exchange_key)
    today = centre.now().date()
    days = [today + timedelta(days=step) for step in range(-1, DAYS_AHEAD + 1)]
    made = [(day, seed, commit_of(seed)) for day in days for seed in [seed_of(centre, booth, exchange_key, day)]]
    _commit(centre, connection, booth, exchange_key, ((day, commit) for day, _seed, commit in made))
    return Seeds(booth, tuple(wrap_seed(seed, booth, day, commit, receiver) for day, seed, commit in made))


def _commit(
    centre: Centre, connection: Connection, booth: str, exchange_key: bytes, made: Iterable[tuple[date, str]]
) -> None:
    """Write down the commitments that no act has yet."""
    name = f"lot {booth} {exchange_key.hex()}"
    last = fact(connection, name) or ""
    new = {day.isoformat(): commit for day, commit in made if day.isoformat() > last}
    if new:
        acts.act(centre, connection, COMMITTED, {"booth": booth, **new}, by=booth)
        keep_fact(connection, name, max(new))
