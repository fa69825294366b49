"""Agreements near their end, of which administrators are warned; and what ends with them: a day later all is purged.

Of a purged list the rows of its versions stay: they tell what was in force when. What lies in the repository goes with
the publication.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, func, select

from checkpoint_app.central import acts, agreements, database, keeping, lists
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.lists import HERE

WARN_DAYS = 14
"""How early an agreement's end is told before there is a policy."""
GRACE = timedelta(days=1)
"""How long after its end an agreement can still be extended without its lists being imported anew."""


def near(centre: Centre, connection: Connection) -> list[Concluded]:
    """Return the agreements in force that end within the policy's ``warn_days``, the first to end first.

    Raises CentreError where the policy can't be read.
    """
    policy, now = lists.policy(centre, connection), centre.now()
    soon = now + timedelta(days=policy.warn_days if policy is not None else WARN_DAYS)
    found = [one for one in agreements.every(connection) if one.term.in_force(now) and one.ends_at <= soon]
    return sorted(found, key=lambda one: (one.ends_at, one.name))


def lists_of(connection: Connection, agreement: str) -> list[str]:
    """Return the names of the lists that rest on the agreement."""
    table = database.lists
    rows = connection.scalars(select(table.c.name).where(table.c.agreement == agreement).order_by(table.c.name))
    return list(rows.all())


def purged(centre: Centre, connection: Connection) -> frozenset[str]:
    """Return the lists that were purged and not imported since: of them no file stays."""
    table = database.versions
    here = set(connection.scalars(select(table.c.list).where(table.c.state.in_(HERE)).distinct()).all())
    return _over(centre, connection) - here


def purge(centre: Centre, connection: Connection) -> list[str]:
    """Give up all versions of the lists whose agreement is over, with their keys; return those that had any.

    Hold the lock of the lists' folder, and ``keeping.sweep`` afterwards.
    """
    table = database.versions
    names = []
    for name in sorted(_over(centre, connection)):
        here = (table.c.list == name) & table.c.state.in_(HERE)
        count, newest = connection.execute(select(func.count(), func.max(table.c.version)).where(here)).one()
        if count:
            keeping.retire(centre, connection, name, newest + 1)
            acts.act(centre, connection, "list purged", {"name": name, "version": newest, "versions": count})
            names.append(name)
    return names


def _over(centre: Centre, connection: Connection) -> frozenset[str]:
    """Return the lists whose agreement has ended by more than ``GRACE``."""
    table = database.lists
    rows = connection.execute(select(table.c.name, table.c.agreement).where(table.c.agreement.is_not(None))).all()
    ends = {one.name: one.ends_at for one in agreements.every(connection)}
    return frozenset(row.name for row in rows if centre.now() >= ends[row.agreement] + GRACE)
