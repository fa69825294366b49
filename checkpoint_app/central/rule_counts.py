"""How the rules fare at all posts together: rates, what inspections found, whom they fall upon; what stands out.

The sum over `central.rule_days`. A rule that stands out sounds an alarm once for each reason, and is an act on record;
the answer to it is its approver's: a new version of the rule.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from sqlalchemy import Connection, select

from checkpoint_app.central import acts, alarms, database, lists, rule_days, rule_orders
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.rule_days import Day, PlaceTally, SetKey, SetTally
from checkpoint_app.central.rule_orders import Order, Place
from checkpoint_app.central.transactions import retried
from checkpoint_app.risk.backtest import one_nation_of
from checkpoint_app.risk.standing import Result, RuleCount, flags_of
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.header import ListKind

log = logging.getLogger(__name__)

DAYS = 30
FLAGGED = "rule_flagged"
ONE_NATIONALITY = "one_nationality"
LOOK_EVERY_S = 600.0


@dataclass
class RuleSum:
    """One rule in one version, over all posts. ``list_version`` is the newest of its list's that had it.

    ``flags`` say why it stands out: ``rate``, ``precision``, ``retire``, ``one_nationality``. ``current``: it is in the
    version that is in service.
    """

    list_name: str
    list_version: int
    place: Place
    since: date
    count: RuleCount = field(default_factory=RuleCount)
    posts: dict[str, RuleCount] = field(default_factory=dict)
    nationalities: Counter[str] = field(default_factory=Counter)
    cultures: Counter[str] = field(default_factory=Counter)
    current: bool = False
    flags: tuple[str, ...] = ()

    @property
    def max_hit_rate(self) -> float:
        """The highest rate that its owner promised."""
        return float(self.place.max_hit_rate)


@dataclass(frozen=True, slots=True)
class Sums:
    """All rules counted, in order of list and place; ``lot`` is what inspections found of whom the lot chose.

    ``strange`` counts, by list, evaluations of a version that is, and was, not here, or is another here.
    """

    rules: tuple[RuleSum, ...]
    lot: RuleCount
    strange: Mapping[str, int]


def count_changed(centre: Centre, days: int = DAYS) -> int:
    """Count anew the days of which something changed, of the last ``days``; return how many there were."""
    due = _changed(centre, days)
    for booth, day in due:
        rule_days.count(centre, booth, day)
    return len(due)


def sums(centre: Centre, days: int = DAYS, policy: Policy | None = None) -> Sums:
    """Return the sums over the last ``days``, as they were counted last; flags by ``policy``, none without one."""
    today = centre.now().date()
    with centre.begin() as connection:
        posts = _posts(connection)
        kept = list(rule_days.kept(centre, connection, _since(centre, days), today + timedelta(days=1)))
        serving = {one.name: one.version for one in lists.in_use(centre, connection) if one.kind is ListKind.RULES}
    lot, by_post, first = _by_post(kept, posts)
    orders = rule_orders.orders(centre, {key[:2] for key, _post in by_post})
    found: dict[tuple[str, str, int], RuleSum] = {}
    strange: Counter[str] = Counter()
    for (key, post), tally in sorted(by_post.items(), key=lambda pair: (pair[0][0][:2], pair[0][1])):
        order = orders.get(key[:2])
        if order is None or order.digest != key[2] or len(order.rules) != key[3]:
            strange[key[0]] += int(tally.subjects.max(initial=0))
            continue
        _sum(found, key, post, tally, order, first[key])
    for one in found.values():
        one.current = serving.get(one.list_name) == one.list_version
        one.flags = _flags(one, lot, policy, today) if policy is not None else ()
    return Sums(tuple(found.values()), lot, dict(strange))


def tell_flagged(centre: Centre, found: Sums) -> int:
    """Sound an alarm, and keep an act, for each rule in service that stands out and was not told yet; how many."""
    told = 0
    for one in found.rules:
        for why in one.flags if one.current else ():
            told += retried(centre, partial(_tell, centre, one, why))
    return told


class RuleWatch:
    """Counts what changed and tells what stands out, every ten minutes; on the thread of late screening.

    One day of one booth at a time, seconds at most, so that what that thread is for does not wait.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._due = 0.0
        self._round: list[tuple[str, str]] | None = None

    def look(self, policy: Policy | None) -> bool:
        """Do the next of it if it is due, and tell whether there is more; without a policy nothing stands out."""
        if self._round is None:
            if time.monotonic() < self._due:
                return False
            rule_orders.keep_served(self._centre)
            self._round = _changed(self._centre, DAYS)
        if self._round:
            rule_days.count(self._centre, *self._round.pop())
            return True
        self._round, self._due = None, time.monotonic() + LOOK_EVERY_S
        if policy is not None:
            tell_flagged(self._centre, sums(self._centre, policy=policy))
        return False


# -- sums -------------------------------------------------------------------------------------------------------------


def _changed(centre: Centre, days: int) -> list[tuple[str, str]]:
    with centre.begin() as connection:
        return rule_days.changed(connection, _since(centre, days))


def _since(centre: Centre, days: int) -> date:
    return centre.now().date() - timedelta(days=days)


def _posts(connection: Connection) -> dict[str, str]:
    booths = database.booths
    return {row.name: row.post for row in connection.execute(select(booths.c.name, booths.c.post))}


def _by_post(
    kept: list[tuple[str, date, Day]], posts: Mapping[str, str]
) -> tuple[RuleCount, dict[tuple[SetKey, str], SetTally], dict[SetKey, date]]:
    """Return what the lot found, the tallies by set and post, and the first day of each set."""
    lot: Counter[str] = Counter()
    found: dict[tuple[SetKey, str], SetTally] = {}
    first: dict[SetKey, date] = {}
    for booth, day, one in kept:
        lot.update(one.lot)
        for key, tally in one.sets.items():
            found.setdefault((key, posts.get(booth, "")), SetTally.empty(key[3])).add(tally)
            first[key] = min(day, first.get(key, day))
    return RuleCount(results={Result(word): number for word, number in lot.items()}), found, first


def _sum(
    found: dict[tuple[str, str, int], RuleSum], key: SetKey, post: str, tally: SetTally, order: Order, first: date
) -> None:
    for at, place in enumerate(order.rules):
        name = key[0], place.rule, place.version
        one = found.setdefault(name, RuleSum(key[0], key[1], place, first))
        one.list_version, one.place, one.since = key[1], place, min(one.since, first)
        count, more = tally.count(at), tally.places.get(at, PlaceTally())
        one.count += count
        one.posts[post] = one.posts.get(post, RuleCount()) + count
        one.nationalities.update(more.nationalities)
        one.cultures.update(more.cultures)


def _flags(one: RuleSum, lot: RuleCount, policy: Policy, today: date) -> tuple[str, ...]:
    found = flags_of(one.count, one.max_hit_rate, policy, lot, day_over=one.since < today)
    nation = (ONE_NATIONALITY,) if one_nation_of(one.nationalities) else ()
    return (*(flag.value for flag in found), *nation)


def _tell(centre: Centre, one: RuleSum, why: str, connection: Connection) -> bool:
    place = one.place
    about: dict[str, str | int] = {"set": one.list_name, "rule": place.rule, "version": place.version, "why": why}
    if not alarms.sound(centre, connection, FLAGGED, "", about):
        return False
    count = one.count
    counted = {"subjects": count.subjects, "hits": count.hits, "inspected": count.inspected, "found": count.found}
    acts.act(centre, connection, "rule flagged", {**about, **counted})
    return True
