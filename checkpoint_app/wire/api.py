"""The centre's paths, headers and refusals, as both sides write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checkpoint_app.wire.statement import Statement

PREFIX = "/v1"
ANCHORS = f"{PREFIX}/anchors"
ENROLMENTS = f"{PREFIX}/enrolments"
ENROLMENT = f"{PREFIX}/enrolment"
METADATA = f"{PREFIX}/repository/metadata/"
TARGETS = f"{PREFIX}/repository/targets/"
GRANTS = f"{PREFIX}/grants"
ACKNOWLEDGEMENT = f"{PREFIX}/acknowledgement"
EVENTS = f"{PREFIX}/events"
BODIES = f"{PREFIX}/bodies"
URGENT = f"{PREFIX}/urgent"
QUESTIONS = f"{PREFIX}/questions"
SCREENINGS = f"{PREFIX}/screenings"
INBOX = f"{PREFIX}/inbox"
SEEDS = f"{PREFIX}/seeds"
CROSSINGS = f"{PREFIX}/crossings"
GOODS = f"{PREFIX}/goods"

TOKEN_SCHEME = "Booth"  # noqa: S105  Authorization: Booth <token>
TIME_HEADER = "Centre-Time"
LISTS_HEADER = "Lists-Version"
"""In each authenticated reply: the version of ``timestamp.json``, which grows whenever there is something to fetch."""
JSON = "application/json"
PROBLEM = "application/problem+json"
MAX_PROBLEM_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal (RFC 9457): ``code`` is a stable word, ``detail`` one clear line without anything personal.

    ``at`` is the centre's time, so that a booth with a wrong clock can sign anew.
    """

    code: str
    detail: str
    status: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Grants:
    """The keys of this booth to the lists in force: the texts of grant files, as `wire.grant` writes them.

    ``exchange`` states the centre's `ExchangeKey`.
    """

    booth: str
    grants: tuple[str, ...]
    exchange: Statement | None = None
