"""The beginning of each run: a centre that has published, and booths that work with its lists. Copied each time."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkpoint_app.central import identity
from checkpoint_app.store import Store
from checkpoint_app.sync.enrol import booth_keys
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.wire.enrolment import Anchors, BoothState
from tests.simulation.booth import SimBooth
from tests.simulation.centre import POST, SimCentre, new_centre
from tests.simulation.clocks import MachineClock, TrueTime
from tests.simulation.line import CALM
from tests.simulation.people import LISTS
from tests.store.helpers import store_key

URL = "https://centre.example"
NAMES = ("b-1", "b-2", "b-3")
FIRST: dict[str, dict[int, int]] = {"ECU": {0: 0, 1: 0}, "USA": {2: 0}, "QUIET": {3: 0}}


@dataclass(frozen=True)
class Template:
    """The folder with the centre and the booths; ``centre`` is the one that all runs work with, one after the other."""

    folder: Path
    centre: SimCentre
    vault: Any

    def lay(self, place: Path, booths: int) -> None:
        """Copy the centre and so many booths to ``place``."""
        for name in ("centre", *NAMES[:booths]):
            shutil.copytree(self.folder / name, place / name)


def make_template(folder: Path) -> Template:
    """Make the beginning in ``folder``: the centre has published, the booths work with its first lists."""
    time = TrueTime()
    centre = new_centre(folder / "centre", time)
    for one in LISTS:
        centre.bring(one, FIRST[one.name])
    centre.publish()
    audience = identity.audience(centre.centre)
    with centre.centre.begin() as connection:
        anchors = identity.anchors(centre.centre, connection)
    for name in NAMES:
        _new_booth(centre, folder / name, MachineClock(time), anchors, audience, name)
    centre.serve_as(audience)
    for name in NAMES:
        _first_round(centre, folder / name, name, MachineClock(time))
    vault = centre.centre.vault
    centre.close()
    return Template(folder, centre, vault)


class Calm:
    """A world in which nothing goes wrong, and that nobody looks at: a line to the centre."""

    weather = CALM

    def __init__(self, centre: SimCentre) -> None:
        self.serve = centre.answer

    def heard(self, _booth: SimBooth) -> None:
        """Nobody keeps a model yet."""

    def meet(self, _booth: SimBooth, _who: int, _encounter_id: str, _hit: frozenset[str]) -> None:
        """Nobody keeps a model yet."""


def _first_round(centre: SimCentre, folder: Path, name: str, clock: MachineClock) -> None:
    """Let a booth bring its first lists, and put them in force."""
    booth = SimBooth(Calm(centre), folder, name, clock)  # type: ignore[arg-type]
    booth.round()
    booth.apply()
    booth.close()


def _new_booth(
    centre: SimCentre, folder: Path, clock: MachineClock, anchors: Anchors, audience: str, name: str
) -> None:
    data = folder / "data"
    with Store.create(data, store_key(data), booth=name, clock=clock) as store:
        centre.enrol(booth_keys(store.identity))
        put_enrolled(store, Enrolled(URL, anchors, audience, POST, clock.now(), BoothState.CONFIRMED))
