"""The booth's state for scripts: a small file beside the store, kept current by the desk, with nothing personal in it.

It is there so that `checkpoint status` needs neither the store's key nor to disturb a running booth.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from checkpoint_app.booth.state import DeskState
from checkpoint_app.store.files import write_whole
from checkpoint_app.verdict import AgeSteps
from checkpoint_app.wire.plain import from_plain, to_plain

STATUS_FILE = "status.json"
MAX_STATUS_BYTES = 64 * 1024
NO_LINE_REASON = "not enrolled with a centre"


class StatusError(Exception):
    """There is no readable status; the message names the folder and the cure."""


@dataclass(frozen=True, slots=True)
class JournalState:
    """What the journal has to deliver: how many events, since when, and the chain's head."""

    count: int = 0
    oldest: datetime | None = None
    head: str = ""


def status_plain(state: DeskState, journal: JournalState) -> dict[str, Any]:
    """Return the status of the desk as plain data; ages are left to the reader of the file."""
    ages = state.policy.ages if state.policy else AgeSteps()
    return {
        "booth": state.post.booth,
        "line": {"state": "down", "since": None, "retry_at": None, "reason": NO_LINE_REASON},
        "outbox": {
            "count": journal.count,
            "oldest": to_plain(journal.oldest) if journal.oldest else None,
            "head": journal.head,
            "acknowledged": 0,
        },
        "lists": [
            {
                "name": one.source.name,
                "version": one.source.version,
                "issued_at": to_plain(one.source.issued_at),
                "ends_at": to_plain(one.agreement.ends_at) if one.agreement else None,
                "bar": one.bar.value if one.bar else None,
            }
            for one in state.lists
        ],
        "ages_s": [int(ages.fresh.total_seconds()), int(ages.usable.total_seconds())],
        "inbox": 0,
        "store": {"key": state.health.key_kind},
    }


def write_status(folder: Path, plain: Mapping[str, Any]) -> None:
    """Write the status file, whole. Raises the disk's StoreErrors."""
    write_whole(folder / STATUS_FILE, json.dumps(plain).encode())


def read_status(folder: Path, now: datetime) -> dict[str, Any]:
    """Return the status with the ages of ``now``, in the form of `checkpoint status --json`. Raises StatusError."""
    try:
        with (folder / STATUS_FILE).open("rb") as file:
            plain = json.loads(file.read(MAX_STATUS_BYTES))
        fresh, usable = (timedelta(seconds=seconds) for seconds in plain.pop("ages_s"))
        plain["lists"] = [_aged(one, AgeSteps(fresh, usable), now) for one in plain["lists"]]
    except FileNotFoundError as error:
        raise StatusError(f"no booth has run in {folder}; open its window once") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StatusError(f"{folder / STATUS_FILE} can't be read; open the booth's window once") from error
    return dict(plain)


def _aged(one: Mapping[str, Any], ages: AgeSteps, now: datetime) -> dict[str, Any]:
    issued_at = from_plain(datetime, one["issued_at"])
    ends_at = from_plain(datetime, one["ends_at"]) if one["ends_at"] else None
    state = one["bar"] or ages.step(issued_at, now).value
    if ends_at is not None and now >= ends_at:
        state = "agreement_ended"
    return {
        "name": one["name"],
        "version": one["version"],
        "age_s": max(0, int((now - issued_at).total_seconds())),
        "state": state,
    }
