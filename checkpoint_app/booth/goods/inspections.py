"""What came of inspections: the list of those that nobody has told the result of, and the result, written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.goods.form_names import RESULT_FORM, RESULTS, place_of
from checkpoint_app.booth.present.ages import clock
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.store.inspections import Awaited
from checkpoint_app.verdict import Outcome
from checkpoint_app.wire.event import EventKind

MOST_TEXT = 500
_ID = "encounter"


class CargoInspecting:
    """Shows what awaits a result, and takes it."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def load(self) -> None:
        """Bring what awaits a result to the desk."""
        self._core.record(_awaited, lambda rows: self._core.update(inspections=rows))

    def open(self) -> None:
        """Show the list."""
        core = self._core

        def done(rows: tuple[Awaited, ...]) -> None:
            core.gate.advice_changed()
            core.update(inspections=rows, inspection="", stage=Stage.INSPECTIONS, encounter=None, decided="")
            core.say("message.none")

        core.act(_awaited, done)

    def leave(self) -> None:
        """Go back to the empty desk."""
        self._core.update(stage=Stage.EMPTY, reason=None, inspection="")
        self._core.say("message.none")

    def move(self, step: int) -> None:
        """Choose another inspection; not while its result is being told."""
        rows = self._core.state.inspections
        if self._core.state.reason is not None or not rows:
            return
        place = max(0, min(len(rows) - 1, place_of(self._core.state.inspection, rows) + step))
        self._core.gate.advice_changed()
        self._core.update(inspection=rows[place].row.encounter_id)

    @property
    def is_asked(self) -> bool:
        """Whether a number is the result of an inspection now: its list is up, and no other reason is asked there."""
        state = self._core.state
        return state.stage is Stage.INSPECTIONS and (state.reason is None or state.reason.name == RESULT_FORM)

    def choose(self, number: int) -> None:
        """Choose the result of this number (from 1) for the inspection chosen; Enter takes it, a text or none."""
        core, form = self._core, self._core.state.reason
        rows = core.state.inspections
        taken = 1 <= number <= len(RESULTS) and bool(rows) and not core.occupied
        if not taken or not core.gate.allows(auto_repeat=False):
            core.sound(Sound.REFUSED_KEY)
        elif form is not None:
            core.update(reason=replace(form, chosen=number, fault=""))
        else:
            name = rows[place_of(core.state.inspection, rows)].row.encounter_id
            asked = Form(RESULT_FORM, {_ID: name}, subject=RESULT_FORM, choices=RESULTS, chosen=number)
            core.gate.advice_changed()
            core.update(inspection=name, reason=asked)

    def enter(self) -> None:
        """Write the result that was chosen."""
        core = self._core
        form, officer = core.state.reason, core.state.officer
        if form is None or officer is None or not form.chosen or not core.gate.allows(auto_repeat=False):
            core.sound(Sound.REFUSED_KEY)
            return
        name, result = form.values[_ID], RESULTS[form.chosen - 1]
        text = form.values.get("text", "").strip()[:MOST_TEXT]
        core.gate.shut()

        def work(records: Records) -> tuple[Awaited, ...]:
            if any(one.row.encounter_id == name for one in _awaited(records)):
                told = {"encounter_id": name, "result": result, "text": text, "officer": officer.id}
                records.write(EventKind.INSPECTION_RESULT, {**told, **_reasons(records.encounter(name))})
            return _awaited(records)

        def done(rows: tuple[Awaited, ...]) -> None:
            core.gate.advice_changed()  # the list has moved: a second press was meant for what stood here before
            core.update(inspections=rows, reason=None)
            core.say("message.inspection_result", "tick", time=clock(core.clock.now()))

        def failed(error: Exception) -> None:
            core.gate.advice_changed()
            core.failed(error)

        core.act(work, done, failed)


def _awaited(records: Records) -> tuple[Awaited, ...]:
    return tuple(records.store.inspections.awaited())


def _reasons(encounter: Encounter) -> dict[str, Any]:
    """Return what had chosen it: the rules that found something. Of a lot, whoever draws adds it."""
    found = (answer for answer in encounter.answers if answer.outcome in (Outcome.NOTE, Outcome.HIT))
    rules = [[answer.source.name, match.rule, match.version] for answer in found for match in answer.rules]
    return {"rules": rules, "drawn": False}
