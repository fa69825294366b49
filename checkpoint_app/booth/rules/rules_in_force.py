"""The rule sets at the desk: loaded beside, consulted with every examination, and written down with what came of it.

A set is loaded when the booth opens and whenever one comes into force or must not be consulted any more. Until a newer
one is loaded the one before goes on answering, under its own version and age; before the first, the answer is
"being loaded".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records, direction_word
from checkpoint_app.booth.record.rule_copies import KeptRules
from checkpoint_app.booth.record.zone_doubts import FIELDS, doubts_of
from checkpoint_app.risk.answering import ENGINE, Evaluated, Suspended, not_done, rule_answers
from checkpoint_app.risk.evaluating import Evaluator, RuleOutcome
from checkpoint_app.risk.faults import RuleSetError
from checkpoint_app.risk.fields import CrossingFacts, Listed, Vehicle, traveller_fields
from checkpoint_app.risk.fields_traveller import NO_VEHICLE
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.rules import Rule
from checkpoint_app.verdict import Agreement, Answer, Check, Lane, LaneKind, NotDone, Policy, Requirement, Source
from checkpoint_app.verdict.policy import bar_by_agreement
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import source_of

log = logging.getLogger(__name__)

SUBJECT_OF = {LaneKind.PEOPLE: "traveller", LaneKind.CARGO: "consignment"}
NOBODY = Source(name="", version=0, engine=ENGINE)


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """A rule set ready to be consulted, or barred by a reason that no clock tells. ``digest`` is of its list's payload.

    ``lease_ends_at`` is when the right to consult it ends, by trusted time; None: never.
    """

    source: Source
    digest: str
    agreement: Agreement | None = None
    evaluator: Evaluator | None = None
    bar: NotDone | None = None
    lease_ends_at: datetime | None = None

    @property
    def mark(self) -> tuple[str, int, str]:
        """What tells one set from another that is loaded already."""
        return self.source.name, self.source.version, self.digest

    def closed(self, now: datetime) -> NotDone | None:
        """Return why it may not be consulted at ``now``, in whatever lane: agreement, then lease. Rules don't age."""
        if self.bar is not None or self.evaluator is None or self.source.issued_at is None:
            return self.bar or NotDone.LIST_UNREADABLE
        over = self.lease_ends_at is not None and now >= self.lease_ends_at
        return bar_by_agreement(self.agreement, now) or (NotDone.LEASE_ENDED if over else None)

    def barred(self, lane: Lane, now: datetime) -> NotDone | None:
        """Return why it may not be consulted in this lane at ``now``: closed, or no rule is in force today."""
        on = local_day(now)
        in_force = any(rule.in_force(on, lane.mode) and rule.purpose in lane.purposes for rule in self._rules)
        return self.closed(now) or (None if in_force else NotDone.NO_RULES)

    def speaks_of(self, lane: Lane) -> bool:
        """Tell whether a rule of it is for this lane at all, whatever the day; a set that is not loaded may be."""
        if self.evaluator is None:
            return True
        return self.evaluator.rule_set.fields.subject == SUBJECT_OF[lane.kind] and any(
            lane.mode in rule.lanes and rule.purpose in lane.purposes for rule in self._rules
        )

    @property
    def _rules(self) -> tuple[Rule, ...]:
        return self.evaluator.rule_set.rules if self.evaluator is not None else ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a traveller beside the document: carriers' lists of this crossing, history, vehicle."""

    listed: Listed | None = None
    history: Mapping[str, object] | None = None
    vehicle: Vehicle = NO_VEHICLE


Knows = Callable[[Records, Encounter, Policy, str, datetime], Known]
"""Tells what is known of a traveller beside the document, by a policy, in a lane, at the trusted time."""


class Consultation:
    """One examination's questions to the rule sets: each set is evaluated once, however often it is asked."""

    def __init__(
        self,
        sets: Sequence[LoadedRules] | None,
        fields: Callable[[], Mapping[str, object]],
        lane: Lane,
        policy: Policy,
        now: datetime,
        suspended: Callable[[str], Suspended],
    ) -> None:
        self._sets = sets
        self._make = fields
        self._fields: Mapping[str, object] | None = None
        self._lane = lane
        self._policy = policy
        self._now = now
        self._on = local_day(now)
        self._suspended = suspended
        self._evaluated: dict[str, Evaluated] = {}

    def ask(self, requirement: Requirement) -> list[Answer]:
        """Return the answers of the sets that ``requirement`` asks for; where none speaks of this lane, that."""
        return [answer for one, bar in self.asked(requirement) for answer in self._consult(one, bar)]

    def asked(self, requirement: Requirement) -> list[tuple[LoadedRules, NotDone | None]]:
        """Return the sets that ``requirement`` asks for, each with why it may not be consulted; at least one."""
        nobody = LoadedRules(replace(NOBODY, name=requirement.list_name), "")
        if self._sets is None:
            return [(nobody, NotDone.LIST_LOADING)]
        named = [one for one in self._sets if requirement.list_name in ("", one.source.name)]
        speaking = [one for one in named if one.speaks_of(self._lane)]
        if speaking:
            return [(one, one.barred(self._lane, self._now)) for one in speaking]
        return [(named[0] if requirement.list_name and named else nobody, NotDone.NO_RULES)]

    def _consult(self, one: LoadedRules, bar: NotDone | None) -> list[Answer]:
        if bar is not None or one.evaluator is None:
            return [not_done(one.source, self._now, bar or NotDone.LIST_UNREADABLE)]
        try:
            outcomes = self._outcomes(one, one.evaluator)
            return rule_answers(outcomes, one.source, self._policy, self._now, self._suspended(one.source.name))
        except Exception as error:  # noqa: BLE001 - it costs this set's answer, not another's, nor the Encounter
            log.error("rules %s broke: %s", one.source.name, type(error).__name__)  # noqa: TRY400 - texts may be personal
            return [not_done(one.source, self._now, NotDone.CHECK_FAILED)]

    def _outcomes(self, one: LoadedRules, evaluator: Evaluator) -> tuple[RuleOutcome, ...]:
        done = self._evaluated.get(one.source.name)
        if done is not None:
            return done.outcomes
        if self._fields is None:
            self._fields = self._make()
        lane, began = self._lane, time.perf_counter_ns()
        outcomes = evaluator.evaluate(self._fields, self._on, lane.mode, lane.purposes)
        took_us = (time.perf_counter_ns() - began) // 1000
        self._evaluated[one.source.name] = Evaluated(
            *one.mark, on=self._on, mode=lane.mode, purposes=lane.purposes, outcomes=outcomes, latency_us=took_us
        )
        return outcomes

    def write(self, records: Records, encounter_id: str) -> None:
        """Write down what was evaluated, if anything was. Raises StoreError."""
        sets = [one.to_plain(self._fields or {}) for one in self._evaluated.values()]
        if sets:
            records.write(EventKind.RISK_EVALUATED, {"encounter_id": encounter_id, "sets": sets})


class Ruling:
    """Keeps the rule sets in force loaded. ``consult`` may be called from any thread; all else on the UI thread."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sets: tuple[LoadedRules, ...] | None = None  # None: what is in force is not known yet
        self._loading = False
        self._again = False
        self.changed: Callable[[], None] = lambda: None
        self.known: Knows = lambda _records, _encounter, _policy, _lane, _now: Known()

    @property
    def sets(self) -> tuple[LoadedRules, ...]:
        """The rule sets, loaded or not."""
        return self._sets or ()

    def load(self) -> None:
        """Load what is in force and not loaded yet; called again when rules, leases or agreements changed."""
        if self._loading:
            self._again = True
            return
        self._loading = True
        before = {one.mark: one for one in self.sets if one.evaluator is not None}

        def read(kept: tuple[KeptRules, ...]) -> None:
            if self._sets is None:
                self._show(tuple(_waiting(one) for one in kept))
            self._core.jobs.ruling(lambda: tuple(_loaded(one, before) for one in kept), self._loaded, failed)

        def failed(error: Exception) -> None:
            self._ended()
            self._core.failed(error)

        self._core.record(lambda records: records.rules(), read, failed)

    def _loaded(self, sets: tuple[LoadedRules, ...]) -> None:
        self._show(sets)
        self._ended()

    def _show(self, sets: tuple[LoadedRules, ...]) -> None:
        changed = sets != self._sets
        self._sets = sets
        self._core.update(rules=sets)
        if changed:
            self.changed()

    def _ended(self) -> None:
        self._loading = False
        if self._again:
            self._again = False
            self.load()

    def traveller(
        self, encounter: Encounter, lane: str, policy: Policy, records: Records, now: datetime
    ) -> Consultation:
        """Return the questions about the traveller of ``encounter``; ``now`` is the trusted time."""
        profile = policy.lane(lane, LaneKind.PEOPLE)

        def fields() -> Mapping[str, object]:
            known = self.known(records, encounter, policy, lane, now)
            return traveller_fields(
                encounter.mrz.document,
                local_day(now),
                CrossingFacts(direction_word(encounter.direction_in), lane, profile.mode),
                known.listed,
                known.history or {},
                known.vehicle,
                fields_in_doubt(encounter),
            )

        return Consultation(self._sets, fields, profile, policy, now, self._suspended)

    def consult(self, fields: Mapping[str, object], lane: Lane, policy: Policy, now: datetime) -> Consultation:
        """Return the questions about a subject of these fields, in a lane of this profile."""
        return Consultation(self._sets, lambda: fields, lane, policy, now, self._suspended)

    def _suspended(self, name: str) -> Suspended:
        """Return which rules of a set may inform only; on the store's thread alone."""
        if self._core.records is None:
            return ()
        counts = self._core.records.store.rule_counts
        return {(one.rule, one.version) for one in counts.suspended() if one.rule_set == name}

    def is_current(self, own: Sequence[Answer], lane: Lane, policy: Policy, now: datetime) -> bool:
        """Tell whether the booth's ``own`` answers are those of the sets as they are loaded now, all of them."""
        asked = [one for one in (*policy.required, *policy.optional) if one.check is Check.RISK]
        if not asked:
            return True
        consultation = self.consult({}, lane, policy, now)
        found = (one for requirement in asked for one in consultation.asked(requirement))
        expected = {(one.source.name, one.source.version, bar) for one, bar in found}
        return {_stand(one) for one in own if one.check is Check.RISK} == expected


def _stand(answer: Answer) -> tuple[str, int, NotDone | None]:
    """Return of which set in which version an answer is, and why it was not consulted, where it was not.

    A set that broke was consulted: asked again it would break again.
    """
    evaluated = answer.not_done in (NotDone.NOT_EVALUATED, NotDone.CHECK_FAILED)
    return answer.source.name, answer.source.version, None if evaluated else answer.not_done


def local_day(now: datetime) -> date:
    """Return the day that rules are in force by: the booth's own."""
    return now.astimezone().date()


def fields_in_doubt(encounter: Encounter) -> set[str]:
    """Return the fields of the document that nobody vouches for: in doubt to the reader, or wrong by their digit."""
    doubts = {one.field for one in doubts_of(encounter.mrz, encounter.doubts)}
    if encounter.doubtful and not doubts:  # a doubt that the reader gives no place for is about every field
        doubts = set(FIELDS)
    return doubts | {fault.field for fault in encounter.mrz.faults}


def _waiting(kept: KeptRules) -> LoadedRules:
    return _of(kept, bar=kept.bar or NotDone.LIST_LOADING)


def _loaded(kept: KeptRules, before: Mapping[tuple[str, int, str], LoadedRules]) -> LoadedRules:
    """Load one set, not on the UI thread; the same that is loaded already serves."""
    if kept.bar is not None:
        return _of(kept, bar=kept.bar)
    plain = _of(kept)
    if (loaded := before.get(plain.mark)) is not None:
        return replace(plain, evaluator=loaded.evaluator)
    try:
        return replace(plain, evaluator=Evaluator(load_rules(kept.data)))
    except RuleSetError as error:
        codes = ", ".join(sorted({fault.code for fault in error.faults}))
        log.warning("rules %s %d: they can't be loaded any more: %s", plain.source.name, plain.source.version, codes)
        return replace(plain, bar=NotDone.LIST_UNREADABLE)


def _of(kept: KeptRules, bar: NotDone | None = None) -> LoadedRules:
    header = kept.header
    return LoadedRules(
        source_of(header, ENGINE), header.payload_digest, header.agreement, bar=bar, lease_ends_at=kept.lease_ends_at
    )
