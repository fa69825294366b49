"""How rules fared on one day of one booth, counted out of the events' bodies; kept sealed, and anew where it changed.

A set's outcomes are counted by the rule's place in it (``risk_evaluated`` has a letter a rule), so that the set is not
needed. Nationality and naming custom are read of those alone whom a rule hit, and only sums are kept.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, and_, select, update

from checkpoint_app.central import database, encounters, evaluations, rule_fields
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.decided import BAD
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.evaluations import Told
from checkpoint_app.central.lineage import lineage
from checkpoint_app.central.transactions import retried
from checkpoint_app.risk.answering import LETTER
from checkpoint_app.risk.backtest import NATIONALITY, TOKENS
from checkpoint_app.risk.name_culture import culture_of
from checkpoint_app.risk.rules import RuleResult
from checkpoint_app.risk.standing import Result, RuleCount
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical

log = logging.getLogger(__name__)

PAGE = 500
MOST_RULES = 5_000
AWAITED = frozenset({"refer", "document_check", "scan", "opened"})
"""Dispositions after which somebody looks, and finds something or nothing."""
_MOST_BYTES = 64 << 20
_MOST_CODE = 3
_HIT, _UNKNOWN, _OUT = (ord(LETTER[one]) for one in (RuleResult.HIT, RuleResult.UNKNOWN, RuleResult.NOT_IN_FORCE))
_subjects, _days, _table = database.rule_subjects, database.rule_days, database.encounters
Numbers = npt.NDArray[np.int64]
SetKey = tuple[str, int, str, int]
"""A version of a set as booths tell it: list, version, digest, and how many rules it has."""


@dataclass
class PlaceTally:
    """Of the hits of one rule: results of inspections by word, those not told yet, and whom the hits fell upon."""

    results: Counter[str] = field(default_factory=Counter)
    unreported: int = 0
    nationalities: Counter[str] = field(default_factory=Counter)
    cultures: Counter[str] = field(default_factory=Counter)

    def add(self, other: PlaceTally) -> None:
        """Add what another sum counts of the same rule."""
        self.results.update(other.results)
        self.unreported += other.unreported
        self.nationalities.update(other.nationalities)
        self.cultures.update(other.cultures)


@dataclass
class SetTally:
    """Outcomes of one version of a set: subjects, hits and unknowns by the rule's place."""

    subjects: Numbers
    hits: Numbers
    unknowns: Numbers
    places: dict[int, PlaceTally] = field(default_factory=dict)

    @classmethod
    def empty(cls, rules: int) -> SetTally:
        """Return a tally of so many rules in which nothing is counted yet."""
        return cls(np.zeros(rules, np.int64), np.zeros(rules, np.int64), np.zeros(rules, np.int64))

    def take(self, outcomes: str) -> Sequence[int]:
        """Count one subject's letters; return the places of the rules that hit."""
        letters = np.frombuffer(outcomes.encode("ascii", "replace"), np.uint8)
        hits = letters == _HIT
        self.subjects += letters != _OUT
        self.hits += hits
        self.unknowns += letters == _UNKNOWN
        return [int(place) for place in np.flatnonzero(hits)]

    def add(self, other: SetTally) -> None:
        """Add what another sum counts of the same set."""
        self.subjects += other.subjects
        self.hits += other.hits
        self.unknowns += other.unknowns
        for place, one in other.places.items():
            self.places.setdefault(place, PlaceTally()).add(one)

    def count(self, place: int) -> RuleCount:
        """Return what is counted of the rule at ``place``."""
        one = self.places.get(place, PlaceTally())
        results = {Result(word): count for word, count in one.results.items()}
        subjects, hits, unknowns = (int(each[place]) for each in (self.subjects, self.hits, self.unknowns))
        return RuleCount(subjects, hits, unknowns, results, one.unreported)


@dataclass
class Day:
    """What is counted of a day: each version of a set, and what inspections found of whom the lot chose."""

    sets: dict[SetKey, SetTally] = field(default_factory=dict)
    lot: Counter[str] = field(default_factory=Counter)

    def tally(self, key: SetKey) -> SetTally:
        """Return the tally of that version of a set, made where there is none."""
        if key not in self.sets:
            self.sets[key] = SetTally.empty(key[3])
        return self.sets[key]


def changed(connection: Connection, since: date) -> list[tuple[str, str]]:
    """Return booth and day of those days from ``since`` on that are to be counted (anew)."""
    due = select(_days.c.booth, _days.c.day).where(_days.c.counted != _days.c.changes)
    rows = connection.execute(due.where(_days.c.day >= since.isoformat()).order_by(_days.c.day, _days.c.booth))
    return [(row.booth, row.day) for row in rows]


def count(centre: Centre, booth: str, day: str) -> Day:
    """Count a day of a booth and keep it; where it changes meanwhile it stays to be counted."""
    this = (_days.c.booth == booth) & (_days.c.day == day)
    with centre.begin() as connection:
        changes = connection.scalar(select(_days.c.changes).where(this)) or 0
    found, after = Day(), ""
    while page := retried(centre, partial(_page, centre, booth, day, after)):
        for one in page:
            _take(found, one)
        after = page[-1].name
    sealed = centre.vault.seal(canonical_bytes(_plain(found)), _use(booth, day))

    def keep(connection: Connection) -> None:
        kept = update(_days).where(this, _days.c.changes == changes)
        connection.execute(kept.values(counted=changes, sealed=sealed))

    retried(centre, keep)
    return found


def kept(centre: Centre, connection: Connection, since: date, until: date) -> Iterator[tuple[str, date, Day]]:
    """Yield booth, day and what was counted of it, as it was counted last. Raises SealError."""
    within = _days.c.sealed.is_not(None), _days.c.day >= since.isoformat(), _days.c.day <= until.isoformat()
    for row in connection.execute(select(_days).where(*within).order_by(_days.c.booth, _days.c.day)):
        plain = read_canonical(centre.vault.open(row.sealed, _use(row.booth, row.day)), _MOST_BYTES)
        yield row.booth, date.fromisoformat(row.day), _read(plain)


# -- one Encounter ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Subject:
    """One Encounter of the day: what its booth's last evaluation told, and what became of it."""

    name: str
    told: tuple[tuple[SetKey, Told], ...]
    result: str
    awaits: bool
    drawn: bool
    nationality: str
    culture: str


def _page(centre: Centre, booth: str, day: str, after: str, connection: Connection) -> list[_Subject]:
    beside = and_(_table.c.booth == _subjects.c.booth, _table.c.encounter_id == _subjects.c.encounter_id)
    asked = select(_subjects, _table.c.chain.label("own"), _table.c.read_seq, _table.c.decided_seq)
    asked = asked.join(_table, beside, isouter=True)
    asked = asked.where(_subjects.c.booth == booth, _subjects.c.day == day, _subjects.c.encounter_id > after)
    rows = connection.execute(asked.order_by(_subjects.c.encounter_id).limit(PAGE)).all()
    bodies = _Bodies(centre, connection, booth)
    told = bodies.of((row.chain, row.evaluated_seq) for row in rows)
    results = bodies.of((row.chain, row.result_seq) for row in rows)
    drawn = bodies.of((row.chain, row.drawn_seq) for row in rows if row.result_seq)
    sets = {row.encounter_id: _told(told.get((row.chain, row.evaluated_seq), {})) for row in rows}
    hit = [row for row in rows if any("h" in one.outcomes for _key, one in sets[row.encounter_id])]
    read = bodies.of((row.own, row.read_seq) for row in hit)
    decided = bodies.of((row.own, row.decided_seq) for row in hit if not row.result_seq)
    found = []
    for row in rows:
        of_it = sets[row.encounter_id]
        result = str(results.get((row.chain, row.result_seq), {}).get("result", ""))
        nationality, culture = _person(read.get((row.own, row.read_seq)), of_it)
        awaits = decided.get((row.own, row.decided_seq), {}).get("disposition") in AWAITED
        chosen = drawn.get((row.chain, row.drawn_seq), {}).get("selected") is True
        known = result if result in set(Result) else ""
        found.append(_Subject(row.encounter_id, of_it, known, awaits, chosen, nationality, culture))
    return found


class _Bodies:
    """Opens bodies of one booth, many at a time."""

    def __init__(self, centre: Centre, connection: Connection, booth: str) -> None:
        self._centre = centre
        self._connection = connection
        self._booth = booth

    def of(self, places: Iterable[tuple[int | None, int | None]]) -> dict[tuple[Any, Any], Mapping[str, Any]]:
        """Return the bodies that are here and have sense, by chain and number; both may be missing."""
        by_chain: dict[int, set[int]] = {}
        for chain, seq in places:
            if chain is not None and seq is not None:
                by_chain.setdefault(chain, set()).add(seq)
        return {
            (chain, seq): body for chain, numbers in by_chain.items() for seq, body in self._of_chain(chain, numbers)
        }

    def _of_chain(self, chain: int, numbers: set[int]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        bodies = database.bodies
        own = lineage(self._connection, self._booth, chain)
        asked = select(bodies.c.chain, bodies.c.seq, bodies.c.sealed)
        asked = asked.where(bodies.c.booth == self._booth, bodies.c.chain.in_(own), bodies.c.seq.in_(numbers))
        rows = self._connection.execute(asked.order_by(bodies.c.chain)).all()
        for row in {row.seq: row for row in rows}.values():
            try:
                if row.sealed is not None:
                    opened = self._centre.vault.open(row.sealed, Place(self._booth, row.chain, row.seq).use)
                    yield row.seq, encounters.read_body(opened)
            except BAD as error:  # it was told when the event came
                log.warning("a body of booth %r can't be read: %s", self._booth, type(error).__name__)


def _told(body: Mapping[str, Any]) -> tuple[tuple[SetKey, Told], ...]:
    """Return what an evaluation tells of each set; nothing where it has no sense, which the replay says."""
    found = []
    try:
        for name, version, _hit in evaluations.told(body) if body else ():
            one = evaluations.told_of(body, name)
            if len(one.outcomes) <= MOST_RULES:
                found.append(((name, version, one.digest, len(one.outcomes)), one))
    except (*BAD, StopIteration):
        return ()
    return tuple(found)


def _person(read: Mapping[str, Any] | None, of_it: Sequence[tuple[SetKey, Told]]) -> tuple[str, str]:
    """Return nationality and naming custom of whom a rule hit, empty where they are not known; goods have neither."""
    if read is None or not of_it or read.get("consignment"):
        return "", ""
    one = of_it[0][1]
    try:
        fields = {**one.fields, **rule_fields.derived(read, one.on, one.mode)}
    except BAD:
        return "", ""
    tokens, nationality = fields.get(TOKENS), fields.get(NATIONALITY)
    custom = culture_of([str(token) for token in tokens]) if isinstance(tokens, list) else ""
    told = isinstance(nationality, str) and nationality.isascii() and len(nationality) <= _MOST_CODE
    return str(nationality) if told else "", custom


def _take(found: Day, one: _Subject) -> None:
    if one.drawn and one.result:
        found.lot[one.result] += 1
    for key, told in one.told:
        tally = found.tally(key)
        for place in tally.take(told.outcomes):
            _hit(tally.places.setdefault(place, PlaceTally()), one)


def _hit(tally: PlaceTally, one: _Subject) -> None:
    if one.result:
        tally.results[one.result] += 1
    tally.unreported += one.awaits
    if one.nationality:
        tally.nationalities[one.nationality] += 1
    if one.culture:
        tally.cultures[one.culture] += 1


# -- the kept form ----------------------------------------------------------------------------------------------------


def _use(booth: str, day: str) -> str:
    """Return what the vault seals a day for."""
    return f"rule day {booth} {day}"


def _plain(one: Day) -> dict[str, Any]:
    sets = [
        [*key, *([int(each) for each in row] for row in (tally.subjects, tally.hits, tally.unknowns)),
         [[place, dict(at.results), at.unreported, dict(at.nationalities), dict(at.cultures)]
          for place, at in sorted(tally.places.items())]]
        for key, tally in one.sets.items()
    ]  # fmt: skip
    return {"sets": sets, "lot": dict(one.lot)}


def _read(plain: Any) -> Day:
    found = Day(lot=Counter(plain["lot"]))
    for name, version, digest, rules, subjects, hits, unknowns, places in plain["sets"]:
        tallies = {
            place: PlaceTally(Counter(results), unreported, Counter(nationalities), Counter(cultures))
            for place, results, unreported, nationalities, cultures in places
        }
        found.sets[name, version, digest, rules] = SetTally(
            np.array(subjects, np.int64), np.array(hits, np.int64), np.array(unknowns, np.int64), tallies
        )
    return found
