"""The part of the desk that knows crossings: of the person, the document and the vehicle; and the lot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from checkpoint_app.booth.crossings.crossing_checks import known_of, lot_ask
from checkpoint_app.booth.crossings.lot import reveal_past
from checkpoint_app.booth.crossings.national_crossings import AskCrossings, National
from checkpoint_app.booth.crossings.national_goods import AskGoods, NationalGoods
from checkpoint_app.booth.crossings.vehicles import Vehicles
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.goods.goods_desk import CargoDesk
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.rules.rules_in_force import Ruling, local_day
from checkpoint_app.screening.checks import Asks
from checkpoint_app.verdict import Check, LaneKind, Policy


class CrossingDesk:
    """Joins what crossings tell to rules and checks. Lives on the UI thread; its hooks run on the database's."""

    def __init__(
        self,
        core: Core,
        encountering: Encountering,
        ruling: Ruling,
        cargo: CargoDesk,
        asks: tuple[AskCrossings, AskGoods],
    ) -> None:
        self._core = core
        self._cargo = cargo
        self.vehicles = Vehicles(core, encountering)
        self.national = National(core, encountering, ruling, asks[0])
        self.national_goods = NationalGoods(core, encountering, cargo.examining, asks[1])
        ruling.known = known_of
        cargo.examining.others = _of_goods

    def about(self, encounter: Encounter) -> None:
        """Ask the centre for the crossings of whom or what was just answered here."""
        (self.national if encounter.consignment is None else self.national_goods).about(encounter)

    def line_came(self) -> None:
        """Ask about the Encounter on the desk, which was answered here without a line."""
        self._core.when_free(self._ask_now)

    def _ask_now(self) -> None:
        state = self._core.state
        if state.encounter is not None and state.encounter.verdict is not None and not state.decided and state.officer:
            self.about(state.encounter)

    def seen(self) -> None:
        """Ctrl+S: what stands in the lane: seals and weight of goods, else the vehicle's plate."""
        (self._cargo.seen if self._cargo.is_open else self.vehicles.form)()

    def reveal(self) -> None:
        """Reveal the lots of days that are over, once the store is open."""
        if self._core.records is None:
            return

        def work(records: Records) -> int:
            return reveal_past(records.store, local_day(records.trusted_now()))

        self._core.record(work, lambda _count: None)


def _of_goods(records: Records, encounter: Encounter, policy: Policy, lane: str, now: datetime) -> Mapping[Check, Asks]:
    return {Check.DRAW: lot_ask(records, encounter, policy, lane, LaneKind.CARGO, now)}
