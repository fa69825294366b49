"""Silent rule sets: evaluated at the centre alone, for each Encounter that comes; a hit is a case that stays here.

Booths have none of it, so that nobody who could look there evades it. What it reads is the Encounter's reading and the
fields that the booth's own evaluations told (`rule_fields`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from checkpoint_app.central import encounters, evaluations, rule_fields
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.evaluations import Told
from checkpoint_app.central.rules import ServedRules
from checkpoint_app.risk.answering import rule_answers
from checkpoint_app.verdict import Answer, LaneKind, Policy
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.sealing import SealError

log = logging.getLogger(__name__)

MOST_RULES = 100
"""Rules that a case shows; how many hit, its answer counts."""
_SUBJECTS = {LaneKind.PEOPLE: "traveller", LaneKind.CARGO: "consignment"}


@dataclass(frozen=True, slots=True)
class Standing:
    """An Encounter as rules see it: the body of its reading, and what its booth's evaluations told."""

    read: Mapping[str, Any]
    told: tuple[Told, ...] = ()

    @property
    def kind(self) -> LaneKind:
        """Whether it is of people or of goods."""
        return LaneKind.CARGO if self.read.get("consignment") else LaneKind.PEOPLE

    @property
    def on(self) -> date:
        """The day by which rules are in force: the booth's own, where it told it."""
        return self.told[0].on if self.told else from_plain(datetime, self.read["opened_at"]).date()


def standing(
    centre: Centre, connection: Connection, booth: str, encounter_id: str, read: Mapping[str, Any]
) -> Standing:
    """Return an Encounter as rules see it; what its booth told in another shape than it should is as if not told."""
    at = evaluations.of_encounter(connection, booth, encounter_id)
    if at is None:
        return Standing(read)
    try:
        found = encounters.body_at(centre, connection, Place(booth, *at))
        names = [] if found is None else [name for name, _version, _hit in evaluations.told(found[1])]
        return Standing(read, tuple(evaluations.told_of(found[1], name) for name in names) if found else ())
    except (SealError, ValueError, KeyError, TypeError) as error:
        log.warning("an evaluation of booth %r can't be read: %s", booth, type(error).__name__)
        return Standing(read)


def found(sets: Sequence[ServedRules], standing: Standing, policy: Policy, now: datetime) -> list[Answer]:
    """Return an answer for each set of which rules hit, with these alone. Raises what is in `decided.BAD`."""
    of_kind = [one for one in sets if one.rule_set.fields.subject == _SUBJECTS[standing.kind] and one.usable(now)]
    if not of_kind:
        return []
    lane = policy.lane(from_plain(str, standing.read["lane"]), standing.kind)
    people = standing.kind is LaneKind.PEOPLE
    own = rule_fields.derived(standing.read, standing.on, lane.mode) if people else {}
    told: dict[str, Any] = {name: value for one in standing.told for name, value in one.fields.items()}
    answers = []
    for one in of_kind:
        fields = {**rule_fields.told(told, one.rule_set.fields), **own}
        outcomes = one.evaluator.evaluate(fields, standing.on, lane.mode, lane.purposes)
        answers += [_shown(each) for each in rule_answers(outcomes, one.source, policy, now) if each.findings]
    return answers


def _shown(answer: Answer) -> Answer:
    return replace(answer, findings=answer.findings[:MOST_RULES], rules=answer.rules[:MOST_RULES])
