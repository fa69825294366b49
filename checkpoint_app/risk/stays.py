"""Crossings in time: entries and exits paired into stays, how often and when somebody crosses, and what stands out.

Pure: crossings come from whoever has a journal. A booth knows its own, the centre those of all posts; ``scope`` tells
which it was, and what only the whole country can know is not told from one booth's journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from checkpoint_app.verdict import Answer, Check, Finding, NotDone, Outcome, Policy, Source

ENGINE = "stay/1"
QUARTER, WEEK, MONTH = timedelta(days=90), timedelta(days=7), timedelta(days=30)
LEAST_FOR_HOURS = 200
"""Crossings that must be known before an hour of the day can be called unusual."""
UNUSUAL_SHARE = 100
"""An hour is unusual when fewer than one in so many crossings fall into it and its neighbours."""
_HOURS = 24


class Scope(StrEnum):
    """Whose journal the crossings are from."""

    POST = "post"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Crossed:
    """One crossing that was decided: when (with its zone), and whether it was an entry."""

    at: datetime
    entry: bool


@dataclass(frozen=True, slots=True)
class Links:
    """What else the journal knows of a document and a vehicle; None where there is none, or it is not known."""

    document_crossings: int | None = None
    document_other_persons: int | None = None
    vehicle_crossings: int | None = None
    vehicle_other_persons: int | None = None


def days_of(entered: datetime, left: datetime) -> int:
    """Return the days of a stay, the first and the last counted both; of the local calendar of ``left``."""
    return max(0, (left.date() - entered.astimezone(left.tzinfo).date()).days) + 1


def limit_of(policy: Policy, nationality: str | None) -> int | None:
    """Return how many days this nationality may stay: 0 without end, None where the post's table does not say.

    Where the nationality is not known it says so only if all may stay as long.
    """
    if not nationality:
        limits = set(policy.stay_days.values())
        return policy.stay_days.get("") if len(limits) == 1 else None
    return policy.stay_days.get(nationality, policy.stay_days.get(""))


def time_fields(
    crossings: Sequence[Crossed],
    now: datetime,
    entry: bool,
    scope: Scope,
    limit: int | None = None,
    since: date | None = None,
) -> dict[str, object]:
    """Return the fields ``hist.*`` of rules for a crossing at ``now`` (with the post's zone), before it is decided.

    ``crossings`` are the traveller's earlier ones. What one booth can't know is left out where ``scope`` is POST; an
    entry that is missing also where the journal, which goes back to ``since``, may be too young to tell of it.
    """
    before = sorted((one for one in crossings if one.at < now), key=lambda crossed: crossed.at)
    found: dict[str, object] = {
        "hist.scope": scope.value,
        "hist.crossings_90d": sum(now - one.at <= QUARTER for one in before),
        "hist.crossings_7d": sum(now - one.at <= WEEK for one in before),
    }
    last = before[-1] if before else None
    if last is not None:
        hours = int((now - last.at) / timedelta(hours=1))
        found["hist.last_crossing_hours"] = hours
        if last.entry is not entry:
            found["hist.turn_round_hours"] = hours
    without = last is None or not last.entry
    if scope is Scope.NATIONAL and not entry and not (last is None and _is_young(since, now, limit)):
        found["hist.exit_without_entry"] = without
    if not entry and last is not None and last.entry:
        days = days_of(last.at, now)
        found["hist.days_stayed"] = days
        if limit is not None:
            found["hist.days_over"] = max(0, days - limit) if limit else 0
    return found


def _is_young(since: date | None, now: datetime, limit: int | None) -> bool:
    """Tell whether somebody may have come, and stayed as long as allowed, from before the journal begins."""
    return since is not None and (now.date() - since).days < (limit or QUARTER.days)


def link_fields(links: Links) -> dict[str, object]:
    """Return the fields ``doc.*`` and ``vehicle.*`` of what else is known."""
    named = {
        "doc.crossings_90d": links.document_crossings,
        "doc.other_persons": links.document_other_persons,
        "vehicle.crossings_90d": links.vehicle_crossings,
        "vehicle.other_persons_30d": links.vehicle_other_persons,
    }
    return {name: value for name, value in named.items() if value is not None}


def is_unusual_hour(hours: Counter[int], hour: int) -> bool | None:
    """Tell whether hardly anybody crosses here at this local hour; None while too few crossings are known."""
    known = hours.total()
    if known < LEAST_FOR_HOURS:
        return None
    around = sum(hours[(hour + step) % _HOURS] for step in (-1, 0, 1))
    return around * UNUSUAL_SHARE < known


def stay_answer(
    crossings: Sequence[Crossed],
    now: datetime,
    entry: bool,
    scope: Scope,
    policy: Policy,
    nationality: str | None,
    answered_at: datetime,
    since: date | None = None,
) -> Answer:
    """Answer the check of the stay: days against the post's table, and what does not pair. Notes, never refusals.

    ``since`` is how far back the journal goes. One booth alone can tell the days of whoever entered there; the rest is
    not checked until the centre tells. That somebody never entered is a finding only of who may not stay for ever, and
    where the journal goes back as far as they may stay.
    """
    name = f"{scope.value} {since.isoformat()}" if since else scope.value
    source = Source(name=name, version=0, engine=ENGINE)
    before = sorted((one for one in crossings if one.at < now), key=lambda crossed: crossed.at)
    last = before[-1] if before else None
    limit = limit_of(policy, nationality)
    found: list[Finding] = []
    if scope is Scope.NATIONAL and entry and last is not None and last.entry:
        found.append(Finding("stay.entry_without_exit", {"date": last.at.astimezone(now.tzinfo).date().isoformat()}))
    without = not entry and (last is None or not last.entry)
    known = not without if scope is Scope.POST and not entry else scope is Scope.NATIONAL
    if not known or (without and last is None and limit != 0 and _is_young(since, now, limit)):
        return Answer(Check.STAY, Outcome.NOT_CHECKED, source, answered_at, not_done=NotDone.NO_HISTORY)
    if without and limit != 0:
        found.append(Finding("stay.exit_without_entry"))
    if not entry and last is not None and last.entry:
        if limit is None:
            return Answer(Check.STAY, Outcome.NOT_CHECKED, source, answered_at, not_done=NotDone.FIELD_MISSING)
        days = days_of(last.at, now)
        if limit and days > limit:
            found.append(Finding("stay.over", {"days": str(days), "limit": str(limit)}))
    return Answer(Check.STAY, policy.outcome_of(tuple(found)), source, answered_at, findings=tuple(found))
