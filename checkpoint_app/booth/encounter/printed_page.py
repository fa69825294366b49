"""The printed page: read after the advice is on the desk, and held against the zone.

It takes about a second that nobody should wait for. What comes of it is written down whatever has become of the
Encounter meanwhile, and shown where that is still open on the desk; of one that was decided it is told what differs.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Protocol

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.encounter.examiner import Encountering, Images
from checkpoint_app.booth.record.encounter import Encounter, Picture
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.documents.beside import PrintedText
from checkpoint_app.readers.reading import Print, ReadError
from checkpoint_app.screening.checks import Examination, run_checks
from checkpoint_app.screening.visual import visual_findings
from checkpoint_app.verdict import Answer, Check, NotDone, Outcome, Policy, Requirement, fold

log = logging.getLogger(__name__)


class ReadsPrint(Protocol):
    """A reader of what is printed beside the zone."""

    def read_print(self, *images: bytes) -> Print:
        """Read the print of pictures of one document. Raises ReadError."""
        ...


class Printing:
    """Reads the print of the Encounter on the desk, where the policy asks for it and there is a picture."""

    def __init__(self, core: Core, encountering: Encountering, reader: ReadsPrint) -> None:
        self._core = core
        self._encountering = encountering
        self._reader = reader
        self._begun: dict[str, Picture] = {}  # by the Encounter's id: what was read already, or is about to be

    def about(self, encounter: Encounter) -> None:
        """Read the print of ``encounter``, which has just been answered here; of each of its pictures once."""
        core = self._core
        picture, images = encounter.picture, self._encountering.images_of(encounter)
        if picture is None or not images or self._begun.get(encounter.id) is picture:
            return
        if encounter.beside.printed is None or not _asks_for_print(core.state.policy):
            return
        on_desk = {one.id for one in (core.state.encounter, core.state.parked) if one is not None}
        self._begun = {name: kept for name, kept in self._begun.items() if name in on_desk} | {encounter.id: picture}
        core.update(printing=encounter.id)
        self._read(encounter, images)

    def _read(self, encounter: Encounter, images: Images) -> None:
        core = self._core

        def work() -> Print | None:
            if core.state.reading:
                return None  # a document waits for the reader: it comes first
            return self._reader.read_print(*images)

        def done(printed: Print | None) -> None:
            if printed is None:
                core.when_free(lambda: self._read(encounter, images))
            else:
                core.when_free(lambda: self._came(encounter, printed))

        def failed(error: Exception) -> None:
            log.warning("no print read: %s", error.code if isinstance(error, ReadError) else type(error).__name__)
            self._over(encounter)

        core.jobs.reading(work, done, failed)

    def _over(self, encounter: Encounter) -> None:
        printing = self._core.state.printing
        self._core.update(printing="" if printing == encounter.id else printing)  # lets in what waits, in any case

    def _came(self, encounter: Encounter, printed: Print) -> None:
        """Write what was printed; where its Encounter is still open on the desk, answer the check and show it."""
        core = self._core
        state = core.state
        if self._begun.get(encounter.id, encounter.picture) is not encounter.picture:
            return  # it was read again meanwhile, and this is what was seen the time before
        now = next((one for one in (state.encounter, state.parked) if one and one.id == encounter.id), None)
        whole = _with_print(now or encounter, printed)
        shown = now is not None and now is state.encounter and not state.decided
        policy = state.policy if shown and state.officer is not None and whole.verdict is not None else None

        def work(records: Records) -> Encounter:
            records.printed(whole)
            if policy is None or not records.is_open(whole.id):
                return whole
            answered = _answered(whole, policy, records)
            records.answered(answered, policy, records.trusted_now())
            return answered

        def failed(error: Exception) -> None:
            self._over(encounter)
            core.failed(error)

        def done(answered: Encounter) -> None:
            self._show(now, answered)
            if now is None and _differs(whole):
                core.sound(Sound.LATE_HIT)
                core.say("message.print_late", "attention", cap="Esc")

        core.act(work, done, failed)

    def _show(self, before: Encounter | None, answered: Encounter) -> None:
        core = self._core
        self._over(answered)
        state = core.state
        if before is not None and before is state.parked:
            core.update(parked=answered)
        if before is None or before is not state.encounter or state.decided:
            return
        if answered.verdict is None or before.verdict is None or answered.verdict == before.verdict:
            core.update(encounter=answered)
            return
        if answered.verdict.advice is before.verdict.advice:
            core.update(encounter=answered)
            if answered.verdict.hits != before.verdict.hits or answered.verdict.notes != before.verdict.notes:
                core.gate.advice_changed()
            return
        # Another advice: whatever was being answered, was answered to the one before.
        stage = Stage.ENCOUNTER if state.stage is Stage.COMPARE else state.stage
        core.update(encounter=answered, reason=None, candidate=0, stage=stage)
        if any(one.check is Check.VISUAL and one.outcome is Outcome.HIT for one in answered.answers):
            core.say("message.print_differs", "attention")
        self._encountering.advised(answered)


def _differs(encounter: Encounter) -> bool:
    """Tell whether the print speaks against the zone."""
    found = visual_findings(encounter.mrz, encounter.beside)
    return not isinstance(found, NotDone) and bool(found)


def _asks_for_print(policy: Policy | None) -> bool:
    return policy is not None and any(one.check is Check.VISUAL for one in (*policy.required, *policy.optional))


def _with_print(encounter: Encounter, printed: Print) -> Encounter:
    texts = tuple(PrintedText(text, confidence) for text, confidence in printed.texts)
    return replace(encounter, beside=replace(encounter.beside, printed=texts), portrait=printed.portrait)


def _answered(encounter: Encounter, policy: Policy, records: Records) -> Encounter:
    """Return ``encounter`` with the check of its print answered anew, and all others as they are."""
    trusted = records.trusted_now()
    examined = Examination(encounter.mrz, encounter.doubtful, trusted, encounter.beside)
    only = replace(policy, required=(Requirement(Check.VISUAL),), optional=())
    (fresh,) = run_checks(examined, only, (), lambda _list, _candidate: None)
    answers, own = _in_place(encounter.answers, fresh), _in_place(encounter.own, fresh)
    return replace(encounter, answers=answers, own=own, verdict=fold(answers, policy, trusted))


def _in_place(answers: tuple[Answer, ...], fresh: Answer) -> tuple[Answer, ...]:
    return tuple(fresh if answer.check is fresh.check else answer for answer in answers)
