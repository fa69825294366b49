"""From a consignment to its advice on the desk: read and seals written down, checks made, answers kept and shown."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.goods.code_lists import Coding
from checkpoint_app.booth.goods.goods_checks import Inspected, cargo_policy, cross_checks, run_cargo_checks
from checkpoint_app.booth.goods.goods_links import goods_history
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.record.encounter import Encounter, ReadSource, no_document
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.rules.rules_in_force import Consultation, Ruling
from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.risk.fields_consignment import Seen, consignment_fields
from checkpoint_app.screening.checks import Asks, LoadedList
from checkpoint_app.verdict import Answer, Check, LaneKind, NotDone, Policy, fold
from checkpoint_app.wire.event import EventKind

Others = Callable[[Records, Encounter, Policy, str, datetime], Mapping[Check, Asks]]
"""Returns who answers the checks of other rooms about an Encounter, by a policy, in a lane, at the trusted time."""


class CargoExamining:
    """Opens Encounters of goods and makes their checks anew; ``others`` answer the checks of other rooms."""

    def __init__(self, core: Core, encountering: Encountering, ruling: Ruling, coding: Coding) -> None:
        self._core = core
        self._coding = coding
        self._ruling = ruling
        self._encountering = encountering
        self.others: Others = lambda _records, _encounter, _policy, _lane, _now: {}

    def open(self, read: ConsignmentRead) -> None:
        """Open an Encounter on a consignment."""
        core = self._core
        encounter = Encounter(
            id=str(uuid.uuid4()),
            opened_at=core.clock.now(),
            source=ReadSource.MESSAGE if read.kind else ReadSource.TYPED,
            direction_in=core.state.direction_in,
            mrz=no_document(),
            consignment=read,
        )
        self.examine(encounter, EventKind.ENCOUNTER_READ)

    def examine(self, encounter: Encounter, kind: EventKind | None, then: Callable[[], None] | None = None) -> None:
        """Write what is new of the Encounter (``kind`` says what), make the checks, write the answers; then show them.

        ``kind`` is a read, a correction, or ``CONSIGNMENT_SEEN``; None where nothing is new but the lists.
        """
        core = self._core
        state, policy = core.state, core.state.policy
        officer = state.officer.id if state.officer else ""
        read = encounter.consignment
        if policy is None or read is None:
            self._not_examined()
            core.say("not_done.no_answer", "attention")
            return

        def work(records: Records) -> Encounter:
            _write(records, encounter, kind, officer, state.post.lane)
            now = records.trusted_now()
            inspected = Inspected(read, policy, state.lists, now, self._coding.codes)
            linked = goods_history(records, encounter, now)
            rules = self.consult(inspected, state.post.lane, linked)
            others = self.others(records, encounter, policy, state.post.lane, now)
            answers = run_cargo_checks(inspected, {Check.RISK: rules.ask, **others})
            verdict = fold(answers, cargo_policy(policy), now)
            seen = replace(encounter, held=(), codes=inspected.codes, linked=linked)
            answered = replace(seen, answers=answers, own=answers, verdict=verdict)
            with records.store.transaction():
                records.answered(answered, policy, now)
                rules.write(records, encounter.id)
            return answered

        def done(answered: Encounter) -> None:
            self._encountering.forget_unread()
            core.update(
                encounter=answered,
                reading=False,
                stage=Stage.ENCOUNTER,
                form=None,
                reason=None,
                decided="",
                candidate=0,
                show_lists=False,
                slip=None,
                asked=None,
            )
            core.say("message.none")
            self._encountering.advised(answered)
            if then is not None:
                then()
            self._encountering.answered(answered)

        def failed(error: Exception) -> None:
            self._not_examined()
            core.failed(error)

        core.act(work, done, failed)

    def consult(self, inspected: Inspected, lane: str, history: Mapping[str, object]) -> Consultation:
        """Return the questions of the rules about a consignment: its message, what was seen of it, what was before."""
        read, policy = inspected.read, inspected.policy
        profile = policy.lane(lane, LaneKind.CARGO)
        seen = Seen(read.weighed_kg, read.seals)
        findings = cross_checks(inspected) if read.kind else None  # of a number alone nothing was cross-checked
        fields = consignment_fields(read.message, read.consignment, history, seen, profile.mode, findings)
        return self._ruling.consult(fields, profile, policy, inspected.now)

    def is_current(self, encounter: Encounter) -> bool:
        """Whether the answers are of the lists of persons, rules and codes in force, and fold to the same verdict."""
        policy, verdict, lane = self._core.state.policy, encounter.verdict, self._core.state.post.lane
        if policy is None or verdict is None:
            return False
        asked = [one for one in self._core.state.lists if one.kind == "persons" and _asks_for(policy, one)]
        answered = {one.source.name: one for one in encounter.answers if one.check is Check.PARTIES}
        now = max(self._core.trusted_now(), *(answer.answered_at for answer in encounter.answers))
        is_made = all(_is_of(answered.get(one.source.name), one) for one in asked)
        is_made = is_made and encounter.codes is self._coding.codes
        of_goods, profile = cargo_policy(policy), policy.lane(lane, LaneKind.CARGO)
        is_ruled = self._ruling.is_current(encounter.own, profile, of_goods, now)
        return is_made and is_ruled and fold(encounter.answers, of_goods, now) == verdict

    def _not_examined(self) -> None:
        """Leave the desk as it was before checks that could not be made."""
        still_open = self._core.state.encounter is not None
        self._core.update(reading=False, stage=Stage.ENCOUNTER if still_open else Stage.EMPTY, form=None)
        if still_open:
            self._core.gate.advice_changed()


def _write(records: Records, encounter: Encounter, kind: EventKind | None, officer: str, lane: str) -> None:
    if kind is EventKind.CONSIGNMENT_SEEN and encounter.consignment is not None:
        body = {"encounter_id": encounter.id, "officer": officer, **encounter.consignment.seen_plain()}
        records.write(EventKind.CONSIGNMENT_SEEN, body)
    elif kind is not None:
        records.read(encounter, officer, lane, kind)


def _asks_for(policy: Policy, one: LoadedList) -> bool:
    wanted = (*policy.cargo_required, *policy.cargo_optional)
    return any(each.check is Check.PARTIES and each.list_name in ("", one.source.name) for each in wanted)


def _is_of(answer: Answer | None, one: LoadedList) -> bool:
    """Tell whether an answer is what this list says now: of its version, and done if it can be done."""
    if answer is None or answer.source.version != one.source.version:
        return False
    return answer.not_done == one.bar if one.bar is not None else answer.not_done is not NotDone.LIST_LOADING
