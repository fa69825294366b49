"""Replays: what rules came to at a booth, evaluated again at the centre by the same version and code (invariant 10).

An event holds the values that hits and unknown conditions read, and no others: what decided nothing is kept by nobody.
So each condition is judged by what is there. One that was unknown must be unknown by the event's own fields, and of a
rule that hit each must be what was told. What else was told true or false must not be the contrary by those fields
together with the ones that the centre makes of the Encounter's reading (`rule_fields`), which the event must not
contradict either. A rule of which the centre has no field at all is believed: that its booth left it out on purpose is
seen by the journal alone. A version that no booth can have is a difference too. A difference is an alarm, with nothing
personal in it, and counted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, select

from checkpoint_app.central import alarms, database, encounters, evaluations, keeping, rule_fields
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.decided import BAD
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.evaluations import Replay, Told
from checkpoint_app.central.rules import RuleSets, ServedRules
from checkpoint_app.central.transactions import retried
from checkpoint_app.risk.evaluating import RuleOutcome, fold
from checkpoint_app.risk.rules import RuleResult
from checkpoint_app.verdict import Truth
from checkpoint_app.wire.header import ListKind

log = logging.getLogger(__name__)

BATCH = 100
DIFFERS = "rules_differ"
_RESULTS = {"h": RuleResult.HIT, "c": RuleResult.CLEAR, "u": RuleResult.UNKNOWN, "n": RuleResult.NOT_IN_FORCE}
_TRUTHS = {"t": Truth.TRUE, "f": Truth.FALSE, "u": Truth.UNKNOWN}


@dataclass(frozen=True, slots=True)
class _Due:
    """An evaluation to repeat: what its event tells of the set, and the reading it was of; None: not known here.

    ``may_be``: booths may have, or may have had, that version.
    """

    row: Row[Any]
    told: Told | None
    read: Mapping[str, Any] | None
    may_be: bool


def replay_waiting(centre: Centre, rules: RuleSets, limit: int = BATCH) -> int:
    """Repeat at most ``limit`` evaluations that booths delivered and that were not repeated yet; return how many."""
    due = retried(centre, partial(_due, centre, limit))
    states = [(one, _replayed(one, rules)) for one in due]
    retried(centre, partial(_keep, centre, states))
    return len(due)


def is_same(served: ServedRules, told: Told, derived: rule_fields.Fields) -> bool:
    """Tell whether the set comes to what is told, as far as the fields that are known here decide it."""
    if told.digest != served.published.digest:
        return False
    fields = served.rule_set.fields
    own, derived = fields.usable(rule_fields.told(told.fields, fields)), fields.usable(derived)
    if any(own[name] != derived[name] for name in own.keys() & derived.keys()):
        return False
    evaluate = served.evaluator.evaluate
    by_event = evaluate(own, told.on, told.mode, told.purposes)
    by_all = evaluate({**derived, **own}, told.on, told.mode, told.purposes) if derived else by_event
    if len(told.outcomes) != len(by_event) or len(told.conditions) != sum(len(one.conditions) for one in by_event):
        return False
    start = 0
    for letter, mine, more in zip(told.outcomes, by_event, by_all, strict=True):
        end = start + len(mine.conditions)
        if not _is_same_rule(letter, told.conditions[start:end], mine, more):
            return False
        start = end
    return True


def _is_same_rule(letter: str, conditions: str, mine: RuleOutcome, more: RuleOutcome) -> bool:
    """Tell whether a rule's outcome follows from its conditions, and these are not otherwise here."""
    result = _RESULTS.get(letter)
    if result is RuleResult.NOT_IN_FORCE or mine.outcome is RuleResult.NOT_IN_FORCE:
        return result is mine.outcome
    truths = [_TRUTHS.get(one) for one in conditions]
    known = [one for one in truths if one is not None]
    if len(known) != len(truths) or fold(mine.rule.match, known) is not result:
        return False
    is_hit = result is RuleResult.HIT
    return all(
        told is by_event.value if is_hit or told is Truth.UNKNOWN else by_all.value in (told, Truth.UNKNOWN)
        for told, by_event, by_all in zip(known, mine.conditions, more.conditions, strict=True)
    )


# -- rows -------------------------------------------------------------------------------------------------------------


def _due(centre: Centre, limit: int, connection: Connection) -> list[_Due]:
    found = []
    for row in evaluations.waiting(connection, limit):
        try:
            body = encounters.body_at(centre, connection, Place(row.booth, row.chain, row.seq))
            told = None if body is None else evaluations.told_of(body[1], row.list)
        except (*BAD, StopIteration):
            told = None
        found.append(_Due(row, told, _reading(centre, connection, row), _may_be(connection, row.list, row.version)))
    return found


def _may_be(connection: Connection, name: str, version: int) -> bool:
    """Tell whether there may have been such a version of a set for booths, also where a restored centre lost it."""
    declared = keeping.declared(connection, name)
    if declared is None or declared.silent or declared.kind is not ListKind.RULES:
        return False
    return version < keeping.next_version(connection, name, keeping.versions(connection, name))


def _reading(centre: Centre, connection: Connection, row: Row[Any]) -> Mapping[str, Any] | None:
    """Return the body of the reading that an evaluation was of: the last one, if none came after the evaluation."""
    table = database.encounters
    mine = (table.c.booth == row.booth) & (table.c.encounter_id == row.encounter_id)
    encounter = connection.execute(select(table).where(mine)).one_or_none()
    if encounter is None or encounter.read_seq is None or encounter.read_seq > row.seq:
        return None
    try:
        body = encounters.body_at(centre, connection, Place(row.booth, row.chain, encounter.read_seq))
    except BAD:
        return None
    return None if body is None else body[1]


def _replayed(one: _Due, rules: RuleSets) -> Replay:
    if one.told is None or not one.may_be:
        return Replay.DIFFERS
    served = rules.of_version(one.row.list, one.row.version)
    if served is None:
        return Replay.NOT_HERE
    try:
        derived = _derived(one, served)
        return Replay.SAME if is_same(served, one.told, derived) else Replay.DIFFERS
    except Exception as error:  # noqa: BLE001 - one evaluation, and an alarm says which
        log.error("rules: an evaluation can't be repeated: %s", type(error).__name__)  # noqa: TRY400 - may be personal
        return Replay.DIFFERS


def _derived(one: _Due, served: ServedRules) -> rule_fields.Fields:
    if one.read is None or one.told is None or served.rule_set.fields.subject != "traveller":
        return {}
    try:
        return rule_fields.derived(one.read, one.told.on, one.told.mode)
    except BAD:  # late screening says so
        return {}


def _keep(centre: Centre, states: list[tuple[_Due, Replay]], connection: Connection) -> None:
    for one, state in states:
        row = one.row
        evaluations.close(connection, row, state)
        if state is Replay.DIFFERS:
            about = {"chain": row.chain, "seq": row.seq, "set": row.list, "version": row.version}
            alarms.sound(centre, connection, DIFFERS, row.booth, about)
