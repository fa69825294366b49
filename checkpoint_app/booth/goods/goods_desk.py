"""Goods at the desk: what the desk hands on of keys, forms and files, to the part that knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.goods.code_lists import Coding
from checkpoint_app.booth.goods.form_names import NUMBER_FORM, RESULT_FORM, SEEN_FORM
from checkpoint_app.booth.goods.goods_examiner import CargoExamining
from checkpoint_app.booth.goods.inspections import CargoInspecting
from checkpoint_app.booth.goods.manifests import forget_manifests
from checkpoint_app.booth.goods.messages import CargoArriving, ReadsMessages
from checkpoint_app.booth.goods.seals import CargoSeeing
from checkpoint_app.booth.rules.rules_in_force import Ruling
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.verdict import LaneKind


class Lists(Protocol):
    """A listing that has the place of arrivals."""

    @property
    def is_up(self) -> bool:
        """Whether it is the one on the screen."""
        ...

    def latest(self) -> None:
        """Show it."""
        ...

    def move(self, step: int) -> None:
        """Choose another row."""
        ...

    def choose(self) -> None:
        """Open the row chosen."""
        ...

    def leave(self) -> None:
        """Go back."""
        ...


class CargoDesk:
    """The parts of the desk that are of goods: arriving messages, examining, seals seen, results of inspections."""

    def __init__(self, core: Core, encountering: Encountering, ruling: Ruling, messages: ReadsMessages) -> None:
        self._core = core
        self.coding = Coding(core)
        self.coding.changed = lambda: core.when_free(encountering.refresh)
        self.examining = CargoExamining(core, encountering, ruling, self.coding)
        encountering.consigning = self.examining
        self.arriving = CargoArriving(core, encountering, self.examining, messages)
        self.inspecting = CargoInspecting(core)
        self._seeing = CargoSeeing(core, self.examining)
        self.people: Lists | None = None

    @property
    def is_open(self) -> bool:
        """Whether a consignment is on the desk."""
        encounter = self._core.state.encounter
        return encounter is not None and encounter.consignment is not None

    @property
    def listing(self) -> CargoArriving | Lists:
        """The listing of arrivals that is up: of people, or of goods."""
        return self.people if self.people is not None and self.people.is_up else self.arriving

    def deeds(self) -> Mapping[Action, Callable[[], None]]:
        """Return what the keys of goods do."""
        return {Action.ARRIVALS: self._arrivals, Action.INSPECTIONS: self._inspections}

    def seen(self) -> None:
        """Ask what was seen of the consignment on the desk."""
        self._seeing.form()

    def moves(self) -> Mapping[Stage, Callable[[int], None]]:
        """Return what goes to the next row, by the listing that is up."""
        return {Stage.ARRIVALS: self.listing.move, Stage.INSPECTIONS: self.inspecting.move}

    def leaves(self) -> Mapping[Stage, Callable[[], None]]:
        """Return what goes back to the empty desk, by the listing that is up."""
        return {Stage.ARRIVALS: self.listing.leave, Stage.INSPECTIONS: self.inspecting.leave}

    def submit(self, form: Form) -> bool:
        """Take Enter inside a form of goods; tell whether it is one."""
        takes = {NUMBER_FORM: self.arriving.number, SEEN_FORM: self._seeing.seen}
        if form.name == RESULT_FORM:
            self.inspecting.enter()
        elif (take := takes.get(form.name)) is not None:
            take(form)
        else:
            return False
        return True

    def enter(self) -> bool:
        """Take Enter in the listing of consignments; tell whether it is up."""
        state = self._core.state
        if state.stage is not Stage.ARRIVALS or state.reason is not None or self._core.occupied:
            return False
        self.listing.choose()
        return True

    def forget(self, keep: timedelta) -> None:
        """Delete the manifests that are older than ``keep``; and look what still awaits a result."""
        self._core.record(lambda records: forget_manifests(records, keep), lambda _count: None)
        self.inspecting.load()

    def _arrivals(self) -> None:
        if self._core.state.stage is Stage.ARRIVALS:
            self.listing.leave()
        elif self.people is not None and self._core.state.lane_kind is LaneKind.PEOPLE:
            self.people.latest()
        else:
            self.arriving.latest()

    def _inspections(self) -> None:
        if self._core.state.stage is Stage.INSPECTIONS:
            self.inspecting.leave()
        else:
            self.inspecting.open()
