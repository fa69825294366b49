"""The booth's state for scripts: a small file beside the store, kept current by the desk, with nothing personal in it.

It is there so that `checkpoint status` needs neither the store's key nor to disturb a running booth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.store.files import write_whole
from checkpoint_app.verdict import AgeSteps, NotDone
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.case import CaseState
from checkpoint_app.wire.plain import from_plain, to_plain

STATUS_FILE = "status.json"
MAX_STATUS_BYTES = 64 * 1024
NO_LINE_REASON = "not enrolled with a centre"


class StatusError(Exception):
    """There is no readable status; the message names the folder and the cure."""


@dataclass(frozen=True, slots=True)
class JournalState:
    """What the journal has to deliver: how many events, since when, the chain's head, and how far the centre has it.

    ``heard_at`` is the latest moment that the centre has signed, to the minute, by its own clock.
    """

    count: int = 0
    oldest: datetime | None = None
    head: str = ""
    acknowledged: int = 0
    heard_at: datetime | None = None

    @property
    def last(self) -> int:
        """The sequence number of the chain's head."""
        return self.acknowledged + self.count


@dataclass(frozen=True, slots=True)
class LineStatus:
    """The line as the desk knew it last."""

    state: str = "down"
    since: datetime | None = None
    retry_at: datetime | None = None
    reason: str = NO_LINE_REASON


@dataclass(frozen=True, slots=True)
class ListState:
    """A list of the booth; ``bar`` tells why it can't be consulted, whatever its age."""

    name: str
    version: int
    issued_at: datetime
    ends_at: datetime | None
    bar: NotDone | None


@dataclass(frozen=True, slots=True)
class BoothStatus:
    """What the file holds. Ages are left to its reader: the booth may have been off for days."""

    booth: str
    journal: JournalState
    lists: tuple[ListState, ...]
    ages: AgeSteps
    key: str
    line: LineStatus = field(default_factory=LineStatus)
    inbox: int = 0


def status_plain(state: DeskState, journal: JournalState) -> dict[str, Any]:
    """Return the status of the desk as plain data. A list of which not even the date is known is left out."""
    lists = [
        ListState(
            one.source.name,
            one.source.version,
            one.source.issued_at,
            one.agreement.ends_at if one.agreement else None,
            one.bar,
        )
        for one in state.lists
        if one.source.issued_at is not None
    ]
    ages = state.policy.ages if state.policy else AgeSteps()
    line = LineStatus()
    if state.line is not None:
        standing = "up" if state.line.state == "up" else "down"
        line = LineStatus(standing, state.line.since, state.line.retry_at, state.line.reason)
    inbox = sum(row.case.state is not CaseState.CLOSED for row in state.cases)
    key = state.health.key_kind
    return dict(to_plain(BoothStatus(state.post.booth, journal, tuple(lists), ages, key, line, inbox)))


def write_status(folder: Path, plain: Mapping[str, Any]) -> None:
    """Write the status file, whole. Raises the disk's StoreErrors."""
    write_whole(folder / STATUS_FILE, canonical_bytes(plain))


def read_status(folder: Path, now: datetime) -> dict[str, Any]:
    """Return the status with the ages of ``now``, in the form of `checkpoint status --json`. Raises StatusError."""
    try:
        with (folder / STATUS_FILE).open("rb") as file:
            data = file.read(MAX_STATUS_BYTES + 1)
        status = from_plain(BoothStatus, read_canonical(data, MAX_STATUS_BYTES))
    except FileNotFoundError as error:
        raise StatusError(f"no booth has run in {folder}; open its window once") from error
    except (OSError, ValueError) as error:
        raise StatusError(f"{folder / STATUS_FILE} can't be read; open the booth's window once") from error
    journal = status.journal
    now = max(now, journal.heard_at or now)  # a clock that was set back makes no list younger
    return {
        "booth": status.booth,
        "line": {
            "state": status.line.state,
            "since": to_plain(status.line.since),
            "retry_at": to_plain(status.line.retry_at),
            "reason": status.line.reason,
            "last_contact": to_plain(journal.heard_at),
        },
        "outbox": {
            "count": journal.count,
            "oldest": to_plain(journal.oldest),
            "head": journal.head,
            "acknowledged": journal.acknowledged,
        },
        "lists": [_aged(one, status.ages, now) for one in status.lists],
        "inbox": status.inbox,
        "store": {"key": status.key},
    }


def _aged(one: ListState, ages: AgeSteps, now: datetime) -> dict[str, Any]:
    state = one.bar.value if one.bar else ages.step(one.issued_at, now).value
    if one.ends_at is not None and now >= one.ends_at:
        state = NotDone.AGREEMENT_ENDED.value
    age_s = max(0, int((now - one.issued_at).total_seconds()))
    return {"name": one.name, "version": one.version, "age_s": age_s, "state": state}
