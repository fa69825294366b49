"""Which chains of a booth go on from which: after a fork from the one before, after new keys from none.

A booth's name may pass to another machine, with other keys and a journal of its own, and come back with the first: then
its chain goes on where those keys left off, and what it had not delivered yet follows. So of the chains with lower
numbers a chain's past are those alone that its own keys wrote.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from checkpoint_app.central import database
from checkpoint_app.wire.event import GENESIS

_starts, _left = database.chain_starts, database.left_chains


def lineage(connection: Connection, booth: str, chain: int) -> tuple[int, ...]:
    """Return the numbers of the chains that hold the events up to the end of ``chain``, itself first."""
    rows = connection.execute(select(_starts.c.chain, _starts.c.follows).where(_starts.c.booth == booth))
    follows = {row.chain: row.follows for row in rows}
    found: list[int] = []
    while chain > 0:
        found.append(chain)
        chain = follows.get(chain, chain - 1)
    return tuple(found)


def gone_from(connection: Connection, booth: str, chain: int, later: int) -> int | None:
    """Return from which event on what ``chain`` holds is none of the chain ``later``; None: nothing of that is known.

    0 where other keys wrote it: then all of it is.
    """
    own = lineage(connection, booth, later)
    if chain not in own:
        return 0
    events = database.events
    since = (events.c.booth == booth) & (events.c.chain > chain) & events.c.chain.in_(own)
    first: int | None = connection.scalar(select(func.min(events.c.seq)).where(since))
    return first


def change_keys(connection: Connection, booth: Row[Any], signing_key: bytes) -> dict[str, Any]:
    """Return what changes in a booth's row as other keys take its place: chain, sequence and head.

    They are those that ``signing_key`` left, under a new number, where it was the booth's before.
    """
    left_by = (_left.c.booth == booth.name) & (_left.c.signing_key == signing_key)
    back = connection.execute(select(_left).where(left_by)).one_or_none()
    connection.execute(delete(_left).where(left_by))
    here = {"booth": booth.name, "signing_key": booth.signing_key}
    connection.execute(_left.insert().values(**here, chain=booth.chain, seq=booth.seq, head=booth.head))
    follows, seq, head = (0, 0, GENESIS) if back is None else (back.chain, back.seq, back.head)
    number = booth.chain + 1
    connection.execute(_starts.insert().values(booth=booth.name, chain=number, follows=follows))
    return {"chain": number, "seq": seq, "head": head, "new_chain_allowed": False}
