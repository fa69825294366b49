"""Arrivals at the desk: screened when they come, asked about while there is a line, shown, closed when their time is
over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from checkpoint_app.booth.arrivals_asking import ArrivalsAsking
from checkpoint_app.booth.arrivals_events import close_over
from checkpoint_app.booth.arrivals_page import ArrivalsPage
from checkpoint_app.booth.arrivals_screening import ArrivalsScreening, Screened
from checkpoint_app.booth.cargo_desk import CargoDesk
from checkpoint_app.booth.core import Core
from checkpoint_app.booth.encountering import Encountering
from checkpoint_app.booth.view import Action, Sound, Stage
from checkpoint_app.verdict import Check, NotDone

if TYPE_CHECKING:
    from checkpoint_app.sync.line import Line

LOOK_EVERY_S = 5
CLOSE_EVERY_S = 60


class ArrivalsDesk:
    """Joins the parts of arrivals. Lives on the UI thread."""

    def __init__(
        self, core: Core, encountering: Encountering, cargo: CargoDesk, line: Callable[[], Line | None]
    ) -> None:
        self._core = core
        self._encountering = encountering
        self._ticks = 0
        self.page = ArrivalsPage(core)
        self.screening = ArrivalsScreening(core)
        self.asking = ArrivalsAsking(core, line)
        self.screening.kept = self._kept
        self.asking.kept = self.page.refresh
        cargo.people = self.page
        cargo.arriving.on_passenger_list = lambda _manifest, _list: self.look()

    def look(self) -> None:
        """A message came, or lists, policy or line changed."""
        self.screening.look()
        self.asking.look()

    def tick(self) -> None:
        """Once a second: now and then see what came, what was left, and whose time is over."""
        self._ticks += 1
        if self._ticks % LOOK_EVERY_S == 0:
            self.look()
        if self._ticks % CLOSE_EVERY_S == 0 and self._core.records is not None:
            self._core.record(lambda records: close_over(records, records.trusted_now()), self._closed)

    def close(self) -> None:
        """Ask nobody any more."""
        self.asking.close()

    def _answer_again(self) -> None:
        """Answer again whoever came to the desk before the list was taken in."""
        state = self._core.state
        encounter = state.encounter
        idle = state.stage is Stage.ENCOUNTER and state.reason is None and not state.decided
        if encounter is None or not idle or state.officer is None or self._core.occupied:
            return
        if any(one.check is Check.MANIFEST and one.not_done is NotDone.LIST_LOADING for one in encounter.answers):
            self._encountering.answer_again(encounter, lambda: None)

    def _closed(self, count: int) -> None:
        if count:
            self.page.refresh()

    def _kept(self, found: Screened) -> None:
        self.page.refresh()
        self._core.when_free(self._answer_again)
        if not found.whole:
            return
        self.asking.look()
        state = self._core.state
        quiet = state.encounter is None and state.stage in (Stage.EMPTY, Stage.ARRIVALS)
        if found.hits and quiet and state.officer is not None and not self._core.occupied:
            self._core.sound(Sound.LATE_HIT)
            count, of = str(found.hits), str(found.people)
            self._core.say(
                "passengers.screened", "attention", "Ctrl+M", Action.ARRIVALS, list=found.label, count=count, of=of
            )
