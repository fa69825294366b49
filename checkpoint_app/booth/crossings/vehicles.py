"""The vehicle that stands in the lane: its plate goes with every traveller, until another is typed or it is cleared."""

from __future__ import annotations

import re
from dataclasses import replace

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.wire.event import EventKind

VEHICLE_FORM = "vehicle"
_PLATE = re.compile(r"[A-Z0-9ÑÄÖÜ]{2,12}")


class Vehicles:
    """Asks the plate, and has the checks of whoever is on the desk made anew with it. Lives on the UI thread."""

    def __init__(self, core: Core, encountering: Encountering) -> None:
        self._core = core
        self._encountering = encountering

    def form(self) -> None:
        """Open the form, with the plate of now in it."""
        core = self._core
        core.gate.advice_changed()
        core.update(stage=Stage.FORM, form=Form(VEHICLE_FORM, {"plate": core.state.vehicle}))

    def seen(self, form: Form) -> None:
        """Take the plate; nothing typed: there is no vehicle. A fault stays in the form."""
        core = self._core
        plate = plain_plate(form.values.get("plate", ""))
        if plate and not _PLATE.fullmatch(plate):
            core.sound(Sound.REFUSED_KEY)
            core.update(form=replace(form, fault=core.words.say("fault.plate")))
            return
        encounter = None if core.state.decided else core.state.encounter
        core.update(vehicle=plate, form=None, stage=Stage.ENCOUNTER if encounter is not None else Stage.EMPTY)
        if encounter is not None and encounter.vehicle != plate:
            self._encountering.answer_again(replace(encounter, vehicle=plate), kind=EventKind.ENCOUNTER_CORRECTED)
        elif encounter is not None:
            core.gate.advice_changed()


def plain_plate(text: str) -> str:
    """Return a plate as it is compared: capitals, without blanks, dashes and dots."""
    return re.sub(r"[\s\-.·]", "", text).upper()
