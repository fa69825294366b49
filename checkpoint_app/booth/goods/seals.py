"""What the officer saw of a consignment: seals by container, and what it weighed. Until then no seal is checked."""

from __future__ import annotations

import re
from dataclasses import replace

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.goods.form_names import SEEN_FORM, WEIGHT, containers_of
from checkpoint_app.booth.goods.goods_examiner import CargoExamining
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.wire.event import EventKind

MOST_SEALS, MOST_SEAL = 10, 40
MOST_KG = 10_000_000
NO_SEAL = "-"
_WEIGHT = re.compile(r"\d{1,8}(?:[.,]\d{1,3})?", re.ASCII)


class CargoSeeing:
    """Asks what was seen, and has the checks made anew with it."""

    def __init__(self, core: Core, examining: CargoExamining) -> None:
        self._core = core
        self._examining = examining

    def form(self) -> None:
        """Open the form, with what was seen before in it."""
        core = self._core
        read = core.state.encounter.consignment if core.state.encounter else None
        if read is None:
            core.sound(Sound.REFUSED_KEY)
            return
        values = {number: _said(read.seals.get(number)) for number in containers_of(read)}
        weight = "" if read.weighed_kg is None else f"{read.weighed_kg:g}"
        core.gate.advice_changed()
        core.update(stage=Stage.FORM, form=Form(SEEN_FORM, {**values, WEIGHT: weight}))

    def seen(self, form: Form) -> None:
        """Take what was typed; a fault stays in the form."""
        encounter = None if self._core.state.decided else self._core.state.encounter
        read = encounter.consignment if encounter else None
        if encounter is None or read is None:
            self._core.sound(Sound.REFUSED_KEY)
            return
        weight = form.values.get(WEIGHT, "").strip()
        kg = weight_of(weight)
        seals = {number: seals_of(form.values.get(number, "")) for number in containers_of(read)}
        if weight and kg is None:
            self._fault(form, "cargo_weight")
        elif any(not _is_in_form(each) for each in seals.values() if each is not None):
            self._fault(form, "cargo_seals")
        else:
            kept = {number: each for number, each in read.seals.items() if number not in seals}
            looked = {number: each for number, each in seals.items() if each is not None}
            seen = replace(read, seals={**kept, **looked}, weighed_kg=kg)
            changed = replace(encounter, consignment=seen, verdict=None)
            self._examining.examine(changed, EventKind.CONSIGNMENT_SEEN)

    def _fault(self, form: Form, fault: str) -> None:
        self._core.sound(Sound.REFUSED_KEY)
        self._core.update(form=replace(form, fault=self._core.words.say(f"fault.{fault}")))


def seals_of(text: str) -> tuple[str, ...] | None:
    """Return the seals typed for a container: None where nothing was typed, empty where there is none on it."""
    parts = tuple(part.upper() for part in re.split(r"[\s,;]+", text) if part)
    if parts == (NO_SEAL,):
        return ()
    return parts or None


def weight_of(text: str) -> float | None:
    """Return a weight in kilograms as typed, with a point or a comma; None where it is none."""
    if not _WEIGHT.fullmatch(text):
        return None
    kg = float(text.replace(",", "."))
    return kg if 0 < kg <= MOST_KG else None


def _is_in_form(seals: tuple[str, ...]) -> bool:
    return len(seals) <= MOST_SEALS and all(len(seal) <= MOST_SEAL and seal.isprintable() for seal in seals)


def _said(seals: tuple[str, ...] | None) -> str:
    return "" if seals is None else " ".join(seals) or NO_SEAL
