"""One round of the line: deliver, bring lists, renew leases, read the inbox.

What is wrong with one part does not stop the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from checkpoint_app.store.errors import StoreError
from checkpoint_app.sync.deliver import Delivered, deliver
from checkpoint_app.sync.enrol import settle
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.inbox import read_inbox
from checkpoint_app.sync.lease import renew_leases
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.sync.seeds import bring_seeds
from checkpoint_app.wire.case import Case
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.repository import GRANT_ENDING, ListTarget

if TYPE_CHECKING:
    from checkpoint_app.sync.fetch import Fetched

EVENTS_A_ROUND = 1000
BODIES_A_ROUND = 20
"""Bounds, so that a long outage's events keep neither lists nor cases waiting."""
T = TypeVar("T")


class Fetch(Protocol):
    """Brings lists (`fetch.fetch_lists`)."""

    def __call__(self, line: Line, on_store: OnStore, inbox_folder: Path, metadata_folder: Path, /) -> Fetched:
        """Bring what is newer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A part that failed (``deliver``, ``lists``, ``list NAME``, ``leases``, ``seeds``, ``inbox``,
    ``bodies``), and a word why."""

    part: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class RoundDone:
    """What a round did. ``delivered`` is None where delivery failed; ``renewed`` counts keys held for longer now."""

    delivered: Delivered | None
    cases: tuple[Case, ...]
    brought: tuple[ListTarget, ...]
    unfinished: tuple[str, ...]
    faults: tuple[Fault, ...]
    renewed: int = 0


def run_round(
    line: Line,
    on_store: OnStore,
    inbox_folder: Path,
    metadata_folder: Path,
    fetch: Fetch | None,
    *,
    most_events: int | None = EVENTS_A_ROUND,
    most_bodies: int | None = BODIES_A_ROUND,
    events_only: bool = False,
) -> RoundDone:
    """Run one round; without ``fetch`` no lists are brought. Pictures go last. ``events_only``: nothing is brought.

    A booth that was pending asks first whether it was confirmed; one that was revoked forgets its lists' keys. Raises
    the LineError that says that nothing more would go (`LineError.ends_round`). A part's own failure, the store's among
    them, is told in ``faults``. The moment of each acknowledgement is taken as trusted time.
    """
    try:
        if events_only:
            parts = _Parts()
            sent = parts.run("deliver", lambda: deliver(line, on_store, most_events, 0))
            return RoundDone(sent, (), (), (), tuple(parts.faults))
        return _run(line, on_store, inbox_folder, metadata_folder, fetch, most_events, most_bodies)
    except LineError as error:
        if error.code is LineCode.BOOTH_REVOKED:
            on_store(lambda store: store.leases.end_all())
            _remove_grants(inbox_folder)
        raise


def _remove_grants(inbox_folder: Path) -> None:
    """Leave no key in the inbox by which the next package there, whoever laid it, would open the list again."""
    with contextlib.suppress(OSError):  # what a failing disk keeps goes with the next round
        for path in inbox_folder.glob(f"*{GRANT_ENDING}"):
            path.unlink(missing_ok=True)


def _run(
    line: Line,
    on_store: OnStore,
    inbox_folder: Path,
    metadata_folder: Path,
    fetch: Fetch | None,
    most_events: int | None,
    most_bodies: int | None,
) -> RoundDone:
    if line.enrolled.state is BoothState.PENDING:
        settle(line, on_store)
    parts = _Parts()
    delivered = parts.run("deliver", lambda: deliver(line, on_store, most_events, 0))
    fetched = None
    if fetch is not None:
        fetched = parts.run("lists", lambda: fetch(line, on_store, inbox_folder, metadata_folder))
    if fetched is not None:
        parts.faults += [Fault(f"list {name}" if name else "lists", code, code) for name, code in fetched.faults]
    renewed = parts.run("leases", lambda: renew_leases(line, on_store))
    parts.run("seeds", lambda: bring_seeds(line, on_store))
    cases = parts.run("inbox", lambda: read_inbox(line, on_store))
    if delivered is not None and delivered.wanted:
        after = parts.run("bodies", lambda: deliver(line, on_store, 0, most_bodies))
        if after is not None:
            delivered = Delivered(delivered.sent, after.bodies, after.acknowledged, after.waiting, after.wanted)
    return RoundDone(
        delivered,
        tuple(cases or ()),
        fetched.brought if fetched else (),
        fetched.unfinished if fetched else (),
        tuple(parts.faults),
        renewed or 0,
    )


class _Parts:
    """Runs the parts, and keeps what went wrong with each."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def run(self, part: str, work: Callable[[], T]) -> T | None:
        """Return what ``work`` did, None where it failed. Raises a LineError that ends the round."""
        try:
            return work()
        except LineError as error:
            if error.ends_round:
                raise
            self.faults.append(Fault(part, str(error.code), str(error)))
        except StoreError as error:
            self.faults.append(Fault(part, error.code, str(error)))
        return None
