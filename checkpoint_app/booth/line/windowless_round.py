"""The booth without its window: what a round brought is applied and held against Encounters, the status file told."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from checkpoint_app.booth.cases.rescreening import Held, hold, is_asked, next_slice
from checkpoint_app.booth.lists.list_layers import loaded_list
from checkpoint_app.booth.lists.list_updates import Outcome, apply_inbox
from checkpoint_app.booth.opening.status_file import BoothStatus, LineStatus, ListState, write_status
from checkpoint_app.booth.record.records import Records
from checkpoint_app.screening import ENGINE, SegmentError
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store import ListCopy, Store
from checkpoint_app.verdict import AgeSteps, NotDone, Policy
from checkpoint_app.wire.header import source_of
from checkpoint_app.wire.plain import to_plain

log = logging.getLogger(__name__)

RESCREEN_WITHIN_S = 30.0
"""What is left of a list after so long is held against Encounters at the next start."""


def apply_and_tell(
    store: Store, data: Path, inbox: Path, line: LineStatus, faults: Iterable[tuple[str, str]] = ()
) -> list[Outcome]:
    """Apply what lies in ``inbox``, write the status, and return what became of each package. Raises StoreError.

    ``faults`` are those of the round or bundle: a list whose role has ended is consulted no more. What is in force is
    held against the Encounters of the last days, for half a minute at most.
    """
    records = Records(store)
    records.end_lists(faults)
    records.end_what_is_over()
    outcomes = apply_inbox(records, inbox)
    rescreen(records)
    write_status(data, _status(records, line))
    return outcomes


def rescreen(records: Records, within_s: float = RESCREEN_WITHIN_S) -> int:
    """Hold the lists in force against Encounters as the desk does; returns how many cases were opened or widened.

    Takes ``within_s`` seconds at most, and as long as it takes to load a list. Raises StoreError.
    """
    policy, until = records.policy(), time.monotonic() + within_s
    if policy is None or not policy.rescreen_days:
        return 0
    ended = records.ended_lists()
    lists = (copy for copy in records.store.lists.in_force() if copy.header.name not in ended)
    return sum(_rescreen(records, copy, policy, until) for copy in lists if copy.layers and not copy.header.withdrawn)


def _rescreen(records: Records, copy: ListCopy, policy: Policy, until: float) -> int:
    header = copy.header
    unloaded = LoadedList(
        header.kind.value, source_of(header, ENGINE), header.agreement, lease_ends_at=copy.lease_ends_at
    )
    if copy.lease_ended or not is_asked(unloaded, policy, records):
        return 0
    held, opened = None, 0
    while time.monotonic() < until and (due := next_slice(records, unloaded, policy)) is not None:
        before, found = due
        if held is None and found.encounters:
            try:
                held = Held(loaded_list(copy))
            except SegmentError as error:
                log.warning("a list can't be held against Encounters: %s", type(error).__name__)
                return opened
        listed = [one for one in found.encounters if held is not None and held.may_name(one, before)]
        opened += sum(hold(records, held.loaded, policy, one) for one in listed if held is not None)
        records.store.rescreened.keep(found.after)
    return opened


def tell(store: Store, data: Path, line: LineStatus) -> None:
    """Write the status. Raises StoreError."""
    write_status(data, _status(Records(store), line))


def _status(records: Records, line: LineStatus) -> dict[str, Any]:
    store, policy = records.store, records.policy()
    ended = records.ended_lists()
    status = BoothStatus(
        booth=store.identity.booth,
        key=store.key_kind.value,
        journal=records.outbox(),
        lists=tuple(
            ListState(
                copy.header.name,
                copy.header.version,
                copy.header.issued_at,
                copy.header.agreement.ends_at if copy.header.agreement else None,
                _bar(copy, ended),
            )
            for copy in store.lists.in_force()
            if not copy.header.withdrawn
        ),
        ages=policy.ages if policy else AgeSteps(),
        line=line,
        inbox=sum(one.is_open for one in store.cases.standings()),
    )
    return dict(to_plain(status))


def _bar(copy: ListCopy, ended: Collection[str]) -> NotDone | None:
    """Return why a list can't be consulted, whatever its age."""
    if copy.header.name in ended:
        return NotDone.AGREEMENT_ENDED
    if not copy.layers:
        return NotDone.LIST_UNREADABLE if copy.missing else NotDone.AGREEMENT_ENDED
    return NotDone.LEASE_ENDED if copy.lease_ended else None
