"""Which rule has which place in a version of a set: kept, since events tell outcomes by place and packages don't stay.

Sealed, for whoever knows rules evades them. Silent sets have none: no booth evaluates them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, select

from checkpoint_app.central import database, lists, rules
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.transactions import retried
from checkpoint_app.risk.faults import RuleSetError
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.header import ListKind, PackageError
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

_MOST_BYTES = 16 << 20
_table = database.rule_orders


@dataclass(frozen=True, slots=True)
class Place:
    """A rule where it stands: id, version, title; its highest rate as Python writes it."""

    rule: str
    version: int
    title: str
    max_hit_rate: str


@dataclass(frozen=True, slots=True)
class Order:
    """The rules of one version of a set, in its order; ``digest`` names the version as events do."""

    digest: str
    rules: tuple[Place, ...]


def orders(centre: Centre, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Order]:
    """Return the orders of these versions (list, version), as far as they are, or were, here."""
    found = {}
    for name, version in sorted(set(wanted)):
        with centre.begin() as connection:
            order = _kept(centre, connection, name, version)
        order = order or _loaded(centre, name, version)
        if order is not None:
            found[name, version] = order
    return found


def keep_served(centre: Centre) -> None:
    """Keep the orders of all sets that booths may have now, before a newer version takes their place."""
    with centre.begin() as connection:
        served = [one for one in lists.in_use(centre, connection) if one.kind is ListKind.RULES and not one.silent]
    orders(centre, [(one.name, one.version) for one in served])


def _kept(centre: Centre, connection: Connection, name: str, version: int) -> Order | None:
    asked = select(_table.c.sealed).where(_table.c.list == name, _table.c.version == version)
    sealed = connection.scalar(asked)
    if sealed is None:
        return None
    return from_plain(Order, read_canonical(centre.vault.open(sealed, _use(name, version)), _MOST_BYTES))


def _loaded(centre: Centre, name: str, version: int) -> Order | None:
    """Return the order out of the version's package, and keep it; None where that is not here."""
    try:
        with centre.begin() as connection:
            one = lists.of_version(centre, connection, name, version)
        if one is None or one.kind is not ListKind.RULES or one.silent or one.withdrawn:
            return None
        rule_set = rules.load(centre, one).rule_set
    except (CentreError, PackageError, PlainError, RuleSetError, OSError):  # `checkpoint central rules` tells it
        return None
    order = Order(one.digest, tuple(Place(r.id, r.version, r.title, repr(r.max_hit_rate)) for r in rule_set.rules))
    retried(centre, partial(_keep, centre, name, version, order))
    return order


def _keep(centre: Centre, name: str, version: int, order: Order, connection: Connection) -> None:
    if _kept(centre, connection, name, version) is None:
        sealed = centre.vault.seal(canonical_bytes(to_plain(order)), _use(name, version))
        connection.execute(_table.insert().values(list=name, version=version, sealed=sealed))


def _use(name: str, version: int) -> str:
    """Return what the vault seals an order for."""
    return f"rule order {name} {version}"
