"""Both answers: the centre is asked about the Encounter on the desk, and what it says is joined to the local answers.

The screen shows the local advice meanwhile and never waits. An answer that comes while the Encounter is open raises it;
one that comes later is nobody's here: the centre screens what is delivered, and a late hit comes back as a case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from checkpoint_app.booth.core import Core
from checkpoint_app.booth.encounter import Encounter
from checkpoint_app.booth.encountering import Encountering
from checkpoint_app.booth.present.panel import candidates_of
from checkpoint_app.booth.records import Records
from checkpoint_app.booth.state import Asked, AskedState
from checkpoint_app.booth.view import Stage
from checkpoint_app.screening.checks import settled
from checkpoint_app.verdict import Answer, Check, Outcome, Policy, fold
from checkpoint_app.verdict.raising import raised
from checkpoint_app.wire.question import KnownHit, Question, Reply

log = logging.getLogger(__name__)
_WEIGHT = {Outcome.NOT_CHECKED: 0, Outcome.CLEAR: 1, Outcome.NOTE: 2, Outcome.HIT: 3}

Late = Callable[[], None]
Replied = Callable[[Reply], None]
Failed = Callable[[Exception], None]
Ask = Callable[[Question, Replied, Late, Failed], None]
"""Asks the centre: calls back, on the UI thread, with the reply, with "late" after two seconds, or with the failure."""


@dataclass(frozen=True, slots=True)
class Joined:
    """An Encounter with both answers, and what the centre's changed."""

    encounter: Encounter
    said: AskedState


class Asking:
    """Asks about what was answered here, and joins the centre's answers to it."""

    def __init__(self, core: Core, encountering: Encountering, ask: Ask) -> None:
        self._core = core
        self._encountering = encountering
        self._ask = ask
        self._serial = 0

    def about(self, encounter: Encounter) -> None:
        """Ask the centre about ``encounter``, which has just been answered here."""
        core = self._core
        line = core.state.line
        if line is None or not encounter.mrz.lines:
            core.update(asked=None)
            return
        self._serial += 1
        serial = self._serial
        if line.state != "up":
            core.update(asked=Asked(serial, AskedState.NO_LINE))
            return
        core.update(asked=Asked(serial, AskedState.ASKING))
        question = Question(
            booth=core.state.post.booth,
            encounter_id=encounter.id,
            mrz=encounter.mrz.lines,
            doubtful=encounter.doubtful,
            direction_in=encounter.direction_in,
            hits=known_hits(encounter.answers),
        )

        def failed(error: Exception) -> None:
            log.info("the centre did not answer: %s", type(error).__name__)
            self._note(serial, AskedState.NO_ANSWER)

        self._ask(
            question,
            lambda reply: core.when_free(lambda: self._replied(serial, encounter.id, reply)),
            lambda: self._note(serial, AskedState.NO_ANSWER),
            failed,
        )

    def _note(self, serial: int, state: AskedState) -> None:
        """Note that there is no answer (yet) to the question that the desk still waits for."""
        if self._core.state.asked == Asked(serial, AskedState.ASKING):
            self._core.update(asked=Asked(serial, state))

    def _replied(self, serial: int, encounter_id: str, reply: Reply) -> None:
        """Join the reply to the Encounter, if that is still open on the desk and nothing newer was asked."""
        core = self._core
        state = core.state
        local, policy = state.encounter, state.policy
        waited_for = state.asked is not None and state.asked.serial == serial
        if local is None or local.id != encounter_id or state.decided or policy is None or not waited_for:
            return

        def work(records: Records) -> Joined | None:
            if not records.is_open(encounter_id):
                return None
            joined = _joined(local, policy, reply, records)
            if joined.encounter.answers != local.answers:
                records.answered(joined.encounter, policy, records.trusted_now(), joined.said.value)
            return joined

        core.act(work, lambda joined: self._show(serial, local, joined), core.failed)

    def _show(self, serial: int, local: Encounter, joined: Joined | None) -> None:
        core = self._core
        if joined is None:
            return
        encounter = joined.encounter
        asked = Asked(serial, joined.said)
        place = _same_candidate(local, encounter, core.state.candidate)
        if _advice(encounter) is _advice(local) and place is not None:
            core.update(encounter=encounter, asked=asked, candidate=place)
            return
        # Another advice: whatever was being answered, was answered to the one before.
        stage = Stage.ENCOUNTER if core.state.stage is Stage.COMPARE else core.state.stage
        core.update(encounter=encounter, asked=asked, reason=None, candidate=0, stage=stage)
        core.say(f"message.centre_{joined.said.value}", "attention")
        self._encountering.advised(encounter)


def _joined(local: Encounter, policy: Policy, reply: Reply, records: Records) -> Joined:
    trusted = records.trusted_now()
    cleared = records.cleared(local, trusted)
    theirs = tuple(settled(answer, policy, cleared) for answer in reply.answers)
    answers = raised(local.answers, theirs, reply.gone)
    encounter = replace(local, answers=answers, verdict=fold(answers, policy, trusted))
    return Joined(encounter, _said(local.answers, answers))


def _said(before: tuple[Answer, ...], after: tuple[Answer, ...]) -> AskedState:
    """Tell what the centre's answers changed: the gravest first."""
    if before == after:
        return AskedState.SAME
    hits_before, hits_after = (sum(one.outcome is Outcome.HIT for one in answers) for answers in (before, after))
    if hits_after < hits_before:
        return AskedState.LOWERED
    mine = {(one.check, one.source.name): _WEIGHT[one.outcome] for one in before}
    grown = any(
        _WEIGHT[one.outcome] > max(1, mine.get((one.check, one.source.name), 0)) for one in after
    )  # from "not done" to "clear" nothing was found: the centre did what could not be done here
    return AskedState.RAISED if grown else AskedState.MORE


def _same_candidate(before: Encounter, after: Encounter, place: int) -> int | None:
    """Return where the candidate that the officer looks at stands now; None where it is gone."""
    seen, now = candidates_of(before.answers), candidates_of(after.answers)
    if not seen:
        return 0
    answer, candidate = seen[min(place, len(seen) - 1)]
    looked_at = answer.source.name, candidate.entry_id, candidate.entry_digest
    places = (
        index
        for index, (other, one) in enumerate(now)
        if (other.source.name, one.entry_id, one.entry_digest) == looked_at
    )
    return next(places, None)


def _advice(encounter: Encounter) -> object:
    return encounter.verdict.advice if encounter.verdict else None


def known_hits(answers: tuple[Answer, ...]) -> tuple[KnownHit, ...]:
    """Return the local hits by entry, so that the centre can name those that are gone."""
    hits = [answer for answer in answers if answer.outcome is Outcome.HIT and answer.source.version]
    found = [
        KnownHit(answer.source.name, answer.source.version, candidate.entry_id)
        for answer in hits
        if answer.check is Check.WANTED
        for candidate in answer.candidates
    ]
    found += [
        KnownHit(answer.source.name, answer.source.version, finding.params["number"])
        for answer in hits
        if answer.check is Check.LOST_STOLEN
        for finding in answer.findings
        if "number" in finding.params
    ]
    return tuple(dict.fromkeys(found))
