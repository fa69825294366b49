"""The booth without its window: what a round brought is applied, and the status file told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from checkpoint_app.booth.applying import Outcome, apply_inbox
from checkpoint_app.booth.records import Records
from checkpoint_app.booth.status import BoothStatus, LineStatus, ListState, write_status
from checkpoint_app.store import Store
from checkpoint_app.verdict import AgeSteps, NotDone
from checkpoint_app.wire.plain import to_plain


def apply_and_tell(store: Store, data: Path, inbox: Path, line: LineStatus) -> list[Outcome]:
    """Apply what lies in ``inbox``, write the status, and return what became of each package. Raises StoreError."""
    records = Records(store)
    outcomes = apply_inbox(records, inbox)
    write_status(data, _status(records, line))
    return outcomes


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
                NotDone.AGREEMENT_ENDED if copy.header.name in ended else None,
            )
            for copy in store.lists.in_force()
        ),
        ages=policy.ages if policy else AgeSteps(),
        line=line,
        inbox=sum(one.is_open for one in store.cases.standings()),
    )
    return dict(to_plain(status))
