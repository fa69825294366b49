"""The rule sets in service at the centre, kept loaded: those that booths have, and the silent ones that none may have.

Looked for anew before each use, which is cheap where nothing changed. Used by one thread, that of late screening.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from checkpoint_app.central import alarms, lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.lists import Published
from checkpoint_app.central.transactions import retried
from checkpoint_app.risk.answering import ENGINE
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.faults import RuleSetError
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.rules import RuleSet
from checkpoint_app.verdict import Source
from checkpoint_app.wire.header import ListKind, PackageError, source_of
from checkpoint_app.wire.plain import PlainError
from checkpoint_app.wire.rules import read_rules

log = logging.getLogger(__name__)

_UNLOADABLE = (CentreError, PackageError, PlainError, RuleSetError, OSError)
_MOST_OLDER = 8
"""So many versions that are no more in service stay loaded: booths without a line go on by them."""


@dataclass(frozen=True, slots=True)
class ServedRules:
    """A version of a rule set, loaded."""

    published: Published
    source: Source
    evaluator: Evaluator = field(repr=False)

    @property
    def rule_set(self) -> RuleSet:
        """The set."""
        return self.evaluator.rule_set

    def usable(self, now: datetime) -> bool:
        """Tell whether its agreement lets it be consulted at ``now``."""
        term = self.published.agreement
        return not self.published.purged and (term is None or term.in_force(now))


class RuleSets:
    """The rule sets of one centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._marks: object = None
        self._served: Mapping[str, ServedRules] = {}
        self._older: dict[tuple[str, int], ServedRules | None] = {}

    def refresh(self) -> None:
        """Load what is new and forget what is in service no more; one that can't be loaded leaves the one before."""
        with self._centre.begin() as connection:
            marks = lists.marks(connection)
            if marks == self._marks:
                return
            newest = [one for one in lists.in_use(self._centre, connection) if one.kind is ListKind.RULES]
        served = {}
        for one in newest:
            loaded = self._loaded(one)
            if loaded is not None:
                served[one.name] = loaded
        self._served, self._marks = served, marks
        self._older.clear()

    def silent(self) -> tuple[ServedRules, ...]:
        """Return the sets of which nothing may leave the centre."""
        return tuple(one for one in self._served.values() if one.published.silent)

    def of_version(self, name: str, version: int) -> ServedRules | None:
        """Return that version of a set that booths may have, while its package is here."""
        served = self._served.get(name)
        if served is not None and served.published.version == version:
            return None if served.published.silent else served
        if (name, version) not in self._older:
            if len(self._older) >= _MOST_OLDER:
                self._older.clear()
            self._older[name, version] = self._find(name, version)
        return self._older[name, version]

    def _find(self, name: str, version: int) -> ServedRules | None:
        try:
            with self._centre.begin() as connection:
                one = lists.of_version(self._centre, connection, name, version)
            if one is None or one.kind is not ListKind.RULES or one.silent or one.withdrawn:
                return None
            return load(self._centre, one)
        except _UNLOADABLE as error:
            log.warning("rules %s %d: they can't be loaded: %s", name, version, type(error).__name__)
            return None

    def _loaded(self, one: Published) -> ServedRules | None:
        """Return the set loaded; one that can't be sounds an alarm, and what was loaded before of it serves."""
        before = self._served.get(one.name)
        if before is not None and (before.published.version, before.published.digest) == (one.version, one.digest):
            return replace(before, published=one)
        if one.purged:
            return None
        try:
            return load(self._centre, one)
        except _UNLOADABLE as error:
            log.error("rules %s %d: they can't be loaded: %s", one.name, one.version, type(error).__name__)  # noqa: TRY400
        about = {"list": one.name, "version": str(one.version)}
        retried(self._centre, lambda connection: alarms.sound(self._centre, connection, "list_unreadable", "", about))
        return before


def load(centre: Centre, one: Published) -> ServedRules:
    """Return the set of that version. Raises CentreError, PackageError, PlainError, RuleSetError, OSError."""
    header, records = lists.open_records(centre, one)
    return ServedRules(one, source_of(header, ENGINE), Evaluator(load_rules(read_rules(records))))
