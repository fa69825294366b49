"""Ctrl+M in a lane of people: the passenger lists, who is on one, which one stands at the lane, and its closing."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.arrivals.arrival_events import close
from checkpoint_app.booth.arrivals.passenger_state import ArrivalRow, Passengers
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.present.ages import clock
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.wire.event import EventKind

MOST_ARRIVALS, MOST_PEOPLE = 60, 1_000
LEAST_BETWEEN_S = 0.5
"""How far screening is is shown no more often: numbers that run can't be read."""


class ArrivalsPage:
    """Lives on the UI thread."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._reading = False
        self._shown_at = 0.0

    @property
    def is_up(self) -> bool:
        """Whether the page is up: not the listing of goods, which has the same place."""
        state = self._core.state
        return state.stage is Stage.ARRIVALS and state.passengers is not None and state.arrivals is None

    @property
    def _officer(self) -> str:
        officer = self._core.state.officer
        return officer.id if officer is not None else ""

    def latest(self) -> None:
        """Show the lists."""
        core = self._core

        def done(page: Passengers) -> None:
            core.gate.advice_changed()
            core.update(passengers=page, arrivals=None, stage=Stage.ARRIVALS, encounter=None, decided="", form=None)
            core.say("message.none")

        core.act(lambda records: page_of(records, Passengers(())), done)

    def refresh(self, *, at_once: bool = True) -> None:
        """Show how far screening is, and who has appeared; what is chosen stays chosen."""
        page, now = self._core.state.passengers, self._core.clock.monotonic()
        if not self.is_up or page is None or self._reading:
            return
        if not at_once and now - self._shown_at < LEAST_BETWEEN_S:
            return
        self._reading, self._shown_at = True, now

        def done(found: Passengers) -> None:
            self._reading = False
            now = self._core.state.passengers
            if self.is_up and now is not None and now.opened == found.opened:
                self._core.update(passengers=_kept(found, now))

        def failed(error: Exception) -> None:
            self._reading = False
            self._core.failed(error)

        self._core.record(lambda records: page_of(records, page), done, failed)

    def move(self, step: int) -> None:
        """Choose another row."""
        page = self._core.state.passengers
        if page is None:
            return
        if page.opened:
            place = max(0, min(len(page.people) - 1, page.person + step))
            self._core.update(passengers=replace(page, person=place, closing=False))
        else:
            self._core.update(passengers=replace(page, selected=max(0, min(len(page.rows) - 1, page.selected + step))))

    def choose(self) -> None:
        """Enter: open the list chosen; in it: it is these who stand at the lane now, or no longer."""
        page, core = self._core.state.passengers, self._core
        if page is None or not page.rows or core.occupied or not core.gate.allows(auto_repeat=False):
            core.sound(Sound.REFUSED_KEY)
        elif not page.opened:
            self._open(replace(page, opened=page.rows[page.selected].arrival.manifest, person=0, people=()))
        elif page.row is None or page.row.arrival.closed_at is not None:
            core.sound(Sound.REFUSED_KEY)
        else:
            self._stand(page, page.row)

    def _open(self, page: Passengers) -> None:
        """Show who is on a list: it is written who looks, before anybody sees it."""
        body = {"manifest": page.opened, "officer": self._officer}

        def work(records: Records) -> Passengers:
            records.write(EventKind.MANIFEST_VIEWED, body)
            return page_of(records, page)

        self._core.act(work, self._show)

    def _stand(self, page: Passengers, row: ArrivalRow) -> None:
        here, name = row.arrival.here, row.arrival.manifest
        body = {"manifest": name, "officer": self._officer, "here": not here}

        def work(records: Records) -> Passengers:
            with records.store.transaction():
                records.store.arrivals.stand("" if here else name)
                records.write(EventKind.MANIFEST_HERE, body)
            return page_of(records, page)

        def done(found: Passengers) -> None:
            self._show(found)
            self._core.say("passengers.not_here" if here else "passengers.here", "tick", list=row.arrival.label)

        self._core.act(work, done)

    def close(self) -> None:
        """Ctrl+T: tell what closing means; again: close, and tell who did not appear."""
        page, core = self._core.state.passengers, self._core
        row = page.row if page is not None else None
        officer = core.state.officer
        if page is None or row is None or officer is None or row.arrival.closed_at is not None:
            core.sound(Sound.REFUSED_KEY)
            return
        if not core.gate.allows(auto_repeat=False):
            core.sound(Sound.REFUSED_KEY)
        elif not page.closing:
            core.gate.advice_changed()
            core.update(passengers=replace(page, closing=True))
        else:
            self._close(replace(page, closing=False), row, officer.id)

    def _close(self, page: Passengers, row: ArrivalRow, officer: str) -> None:
        def work(records: Records) -> tuple[Passengers, int | None]:
            absent = close(records, row.arrival.manifest, officer)
            return page_of(records, page), absent

        def done(found: tuple[Passengers, int | None]) -> None:
            self._show(found[0])
            time, absent = clock(self._core.clock.now()), str(found[1] or 0)
            self._core.say("passengers.closed_now", "tick", list=row.arrival.label, time=time, count=absent)

        self._core.act(work, done)

    def leave(self) -> None:
        """Esc: out of the question, out of the list, then back to the empty desk."""
        page, core = self._core.state.passengers, self._core
        if page is not None and page.closing:
            core.update(passengers=replace(page, closing=False))
        elif page is not None and page.opened:
            self._load(replace(page, opened="", people=(), person=0))
        else:
            core.update(passengers=None, stage=Stage.EMPTY)
            core.say("message.none")

    def _load(self, page: Passengers) -> None:
        self._core.act(lambda records: page_of(records, page), self._show)

    def _show(self, page: Passengers) -> None:
        self._core.gate.advice_changed()
        self._core.update(passengers=page)


def page_of(records: Records, page: Passengers) -> Passengers:
    """Return the page as the store has it now. Raises StoreError."""
    arrivals = records.store.arrivals
    rows = []
    for one in arrivals.of_people(MOST_ARRIVALS):
        counted = arrivals.counted(one.manifest)
        rows.append(ArrivalRow(one, counted.outcomes, counted.appeared))
    people = tuple(arrivals.page(page.opened, MOST_PEOPLE)) if page.opened else ()
    return _kept(replace(page, rows=tuple(rows), people=people), page)


def _kept(found: Passengers, page: Passengers) -> Passengers:
    """Return what was found with the rows chosen that are chosen on ``page``, wherever they stand now."""
    chosen = page.rows[page.selected].arrival.manifest if page.selected < len(page.rows) else ""
    manifests = [row.arrival.manifest for row in found.rows]
    selected = manifests.index(chosen) if chosen in manifests else 0
    place = page.people[page.person].place if page.person < len(page.people) else -1
    places = [one.place for one in found.people]
    person = places.index(place) if place in places and page.person else 0
    return replace(found, selected=selected, person=person, closing=page.closing)
