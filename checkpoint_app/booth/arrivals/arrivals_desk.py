"""Arrivals at the desk: screened when they come, asked about while there is a line, shown, closed when their time is
over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from checkpoint_app.booth.arrivals.advance_screening import ArrivalsScreening, Screened
from checkpoint_app.booth.arrivals.arrival_events import close_over
from checkpoint_app.booth.arrivals.centre_screening import ArrivalsAsking
from checkpoint_app.booth.arrivals.passenger_page import ArrivalsPage
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.goods.goods_desk import CargoDesk
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.verdict import Check, NotDone

if TYPE_CHECKING:
    from checkpoint_app.sync.line import Line

LOOK_EVERY_S = 5
CLOSE_EVERY_S = 60
MOST_GOODS = 1_000


def goods_found(records: Records, manifests: Collection[str]) -> tuple[Mapping[tuple[str, int], str], tuple[int, int]]:
    """Return what screening of parties came to, by manifest and place; and how many are done of how many. StoreError.

    Nothing is under way where the post's policy asks for no parties.
    """
    found: dict[tuple[str, int], str] = {}
    done = of = 0
    for one in (records.store.arrivals.get(name) for name in sorted(manifests)):
        if one is None:
            continue
        outcomes = records.store.arrivals.outcomes(one.manifest, MOST_GOODS)
        found |= {(one.manifest, place): outcome for place, outcome in outcomes.items()}
        done, of = done + one.done + 1, of + one.people
    return found, (done, of)


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
        self.asking.kept = lambda: self.page.refresh(at_once=False)
        cargo.people = self.page
        cargo.arriving.shown = self._goods_shown
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

    def _goods_shown(self) -> None:
        self.look()
        self._mark_goods()

    def _mark_goods(self) -> None:
        """Show what screening of the parties came to, in the listing of goods that is up."""
        arrivals = self._core.state.arrivals
        if arrivals is None or self._core.state.stage is not Stage.ARRIVALS:
            return
        names = {one.manifest for one in arrivals.consignments}

        def done(found: tuple[Mapping[tuple[str, int], str], tuple[int, int]]) -> None:
            now = self._core.state.arrivals
            if now is not None and now.consignments == arrivals.consignments:
                self._core.update(arrivals=replace(now, found=found[0], screened=found[1]))

        self._core.record(lambda records: goods_found(records, names), done)

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
        self.page.refresh(at_once=found.whole)
        self._mark_goods()
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
