"""Both answers: the centre is asked about the Encounter on the desk, and what it says is joined to the local answers.

The screen shows the local advice meanwhile and never waits. An answer that comes while the Encounter is open raises it;
one that comes later is nobody's here: the centre screens what is delivered, and a late hit comes back as a case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Asked, AskedState
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.present.matches import matches_of
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.screening.checks import CLEARED, KIND_OF_CHECK, settled
from checkpoint_app.store import StoreError
from checkpoint_app.verdict import Answer, Check, Outcome, Policy, fold
from checkpoint_app.verdict.raising import open_count, raised
from checkpoint_app.wire.question import KnownHit, Question, Reply

log = logging.getLogger(__name__)
_WEIGHT = {Outcome.NOT_CHECKED: 0, Outcome.CLEAR: 1, Outcome.NOTE: 2, Outcome.HIT: 3}
_NOTHING = 1, 0

Late = Callable[[], None]
Replied = Callable[[Reply], None]
Failed = Callable[[Exception], None]
Ask = Callable[[Question, Replied, Late, Failed], None]
"""Asks the centre: calls back, on the UI thread, with the reply, with "late" after two seconds, or with the failure."""


@dataclass(frozen=True, slots=True)
class Joined:
    """An Encounter with both answers, and what the centre's changed; ``unwritten`` where that can't be written down."""

    encounter: Encounter
    said: AskedState
    unwritten: StoreError | None = None


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
        question = question_of(encounter, core.state.post.booth)

        def failed(error: Exception) -> None:
            log.info("the centre did not answer: %s", type(error).__name__)
            self._note(serial, AskedState.NO_ANSWER)

        self._ask(
            question,
            lambda reply: core.when_free(lambda: self._replied(serial, encounter.id, reply)),
            lambda: self._note(serial, AskedState.NO_ANSWER),
            failed,
        )

    def line_came(self) -> None:
        """Ask about the Encounter on the desk, if the line was down when it was answered here."""
        self._core.when_free(self._ask_now)

    def _ask_now(self) -> None:
        state = self._core.state
        unasked = state.asked is not None and state.asked.state in (AskedState.NO_LINE, AskedState.NO_ANSWER)
        if state.encounter is not None and not state.decided and state.officer is not None and unasked:
            self.about(state.encounter)

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
        if state.officer is None:
            return  # nobody looks; whoever signs in gets the checks made anew, and the centre asked again

        def work(records: Records) -> Joined | None:
            if not records.is_open(encounter_id):
                return None
            joined = joined_with(local, policy, reply, records)
            if joined.encounter.answers != local.answers:
                try:
                    records.answered(joined.encounter, policy, records.trusted_now(), joined.said.value)
                except StoreError as error:
                    if joined.said is not AskedState.RAISED:
                        raise
                    return replace(joined, unwritten=error)  # what was found is shown all the same
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
            if joined.said not in (AskedState.RAISED, AskedState.LOWERED):
                return
        else:
            # Another advice: whatever was being answered, was answered to the one before.
            stage = Stage.ENCOUNTER if core.state.stage is Stage.COMPARE else core.state.stage
            core.update(encounter=encounter, asked=asked, reason=None, candidate=0, stage=stage)
        core.say(f"message.centre_{joined.said.value}", "attention")
        self._encountering.advised(encounter)
        if joined.unwritten is not None:
            core.failed(joined.unwritten)


def question_of(encounter: Encounter, booth: str) -> Question:
    """Return what the centre is asked about an Encounter of ``booth``."""
    return Question(
        booth=booth,
        encounter_id=encounter.id,
        mrz=encounter.mrz.lines,
        doubtful=encounter.doubtful,
        direction_in=encounter.direction_in,
        hits=known_hits(encounter.answers),
    )


def joined_with(local: Encounter, policy: Policy, reply: Reply, records: Records) -> Joined:
    """Return ``local`` with the centre's reply joined to its answers. Raises StoreError."""
    trusted = records.trusted_now()
    cleared = records.cleared(local, trusted)
    theirs = (settled(answer, policy, cleared) for answer in reply.answers if _is_of_list(answer))
    answers = raised(local.answers, [_seen_here(answer, local.own) for answer in theirs], reply.gone)
    encounter = replace(local, answers=answers, verdict=fold(answers, policy, trusted))
    return Joined(encounter, _said(local.answers, answers))


def _is_of_list(answer: Answer) -> bool:
    """Tell whether an answer is what the centre was asked for: of a list, which it names with version and date.

    Without a date it would never be too old.
    """
    source = answer.source
    named = bool(source.name) and source.version > 0 and source.issued_at is not None
    return answer.check in KIND_OF_CHECK and (named or answer.outcome is Outcome.NOT_CHECKED)


def _seen_here(theirs: Answer, own: Sequence[Answer]) -> Answer:
    """Return ``theirs``; or this booth's own answer where it has judged all that the centre counts and does not show.

    Of a long row of hits an answer shows the first alone, so that decisions about the others can't be taken into it.
    """
    count = open_count(theirs)
    for mine in own:
        same = mine.check is theirs.check is Check.WANTED and _version(mine) == _version(theirs)
        if same and count > len(theirs.candidates[:count]) and _judged(theirs) <= _judged(mine):
            opened = {one.entry_id for one in theirs.candidates[:count]}
            return mine if opened <= {one.entry_id for one in mine.candidates[: open_count(mine)]} else theirs
    return theirs


def _version(answer: Answer) -> tuple[str, int, str]:
    return answer.source.name, answer.source.version, answer.source.engine


def _judged(answer: Answer) -> int:
    """Return of how many entries an answer tells: those open, and those cleared before."""
    return open_count(answer) + sum(finding.code == CLEARED for finding in answer.findings)


def _said(before: tuple[Answer, ...], after: tuple[Answer, ...]) -> AskedState:
    """Tell what the centre's answers changed: the gravest first."""
    if before == after:
        return AskedState.SAME
    mine = {(one.check, one.source.name): _found(one) for one in before}
    theirs = {(one.check, one.source.name): _found(one) for one in after}
    if any(found > mine.get(question, _NOTHING) for question, found in theirs.items()):
        return AskedState.RAISED
    lowered = any(found < mine.get(question, _NOTHING) for question, found in theirs.items())
    return AskedState.LOWERED if lowered else AskedState.MORE


def _found(answer: Answer) -> tuple[int, int]:
    """Return how grave an answer is, and of how many entries. Not done or clear, nothing was found."""
    open_hits = open_count(answer) if answer.outcome is Outcome.HIT else 0
    return max(_NOTHING[0], _WEIGHT[answer.outcome]), open_hits


def _same_candidate(before: Encounter, after: Encounter, place: int) -> int | None:
    """Return where the candidate that the officer looks at stands now; None where it is gone."""
    seen, now = matches_of(before.answers), matches_of(after.answers)
    if not seen:
        return 0
    match = seen[min(place, len(seen) - 1)]
    looked_at = match.answer.source.name, match.candidate.entry_id, match.candidate.entry_digest
    places = (
        index
        for index, other in enumerate(now)
        if looked_at in [(other.answer.source.name, one.entry_id, one.entry_digest) for one in other.entries]
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
