"""What is written down of arrivals: what screening came to, and who did not appear."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from checkpoint_app.booth.arrivals.screening_results import from_text, with_centre
from checkpoint_app.booth.record.records import Records
from checkpoint_app.store.arrivals import Arrival
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain

MOST_FOUND, MOST_FOUND_BYTES = 200, 256 << 10
"""Of how many lines an event tells what was found, and in how many bytes; the others are counted."""
MOST_ABSENT = 20_000


def tell_screened(records: Records, one: Arrival) -> None:
    """Write what screening came to, if that is not what the last event said. Raises StoreError."""
    now, arrivals = records.trusted_now(), records.store.arrivals
    outcomes = arrivals.counted(one.manifest).outcomes
    found: list[dict[str, Any]] = []
    size = 0
    for place, own, centre in arrivals.found(one.manifest, MOST_FOUND):
        answers = with_centre(from_text(own), from_text(centre), now)
        plain = {"place": place, "answers": to_plain(answers)}
        size += len(canonical_bytes(plain))
        if size > MOST_FOUND_BYTES:
            break
        found.append(plain)
    findings = outcomes.get("hit", 0) + outcomes.get("note", 0)
    counted = {
        "lines": one.people,
        **{name: outcomes.get(name, 0) for name in ("hit", "note", "not_checked", "clear")},
        "left_out": findings - len(found),
    }
    body = {"manifest": one.manifest, "counted": counted, "found": found}
    told = hashlib.sha256(canonical_bytes(body)).hexdigest()
    if told != one.told:
        records.write(EventKind.MANIFEST_SCREENED, body)
        arrivals.tell(one.manifest, told)


def close(records: Records, manifest: str, officer: str) -> int | None:
    """Close an arrival and write who did not appear; returns how many, None where it is closed. Raises StoreError.

    ``officer`` is empty where nobody closed it: its time was over.
    """
    arrivals = records.store.arrivals
    one = arrivals.get(manifest)
    if one is None or one.closed_at is not None:
        return None
    absent = arrivals.absent(manifest, MOST_ABSENT)
    missing = one.people - arrivals.counted(manifest).appeared
    body = {
        "manifest": manifest,
        "officer": officer,
        "places": absent,
        "counted": {"lines": one.people, "absent": missing},
    }
    with records.store.transaction():
        arrivals.close(manifest, records.trusted_now(), officer)
        records.write(EventKind.MANIFEST_CLOSED, body)
    return missing


def close_over(records: Records, now: datetime) -> int:
    """Close what nobody closed until its time was over; returns how many. Raises StoreError."""
    return sum(close(records, one.manifest, "") is not None for one in records.store.arrivals.over(now))
