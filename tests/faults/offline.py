"""Booths and a centre made ready for acts without a line, and what must hold after any of these was broken off."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checkpoint_app.booth.lists.list_layers import loaded_list
from checkpoint_app.screening.checks import subject_of
from checkpoint_app.store import Store
from tests.faults.line_examine import stored, written
from tests.faults.offline_booth import DELTAS, DOWN, TAKE, UP, WRITE, act, open_store
from tests.simulation.booth import SimBooth
from tests.simulation.clocks import MachineClock, TrueTime
from tests.simulation.dice import one_thread
from tests.simulation.people import LISTS, Contents, zone
from tests.simulation.template import FIRST, Calm, Template, make_template

READY = {DELTAS: "b-1", TAKE: "b-2", WRITE: "b-1"}
CHANGES: tuple[Contents, ...] = ({0: 0, 1: 0, 4: 0}, {0: 0, 4: 0}, {0: 1, 4: 0, 5: 0})


@dataclass(frozen=True)
class Offline:
    """The folder with the centre and its booths at one moment, and what each version of the list ECU holds."""

    template: Template
    moment: datetime
    contents: Mapping[int, Contents]

    @property
    def newest(self) -> int:
        return max(self.contents)

    def lay(self, name: str, place: Path) -> Path:
        """Copy the booth that is ready for an act."""
        shutil.copytree(self.template.folder / READY[name], place)
        return place


def make_offline(folder: Path) -> Offline:
    """Make them: the first booth has deltas in its inbox and events to deliver, for the second there is a bundle."""
    folder.mkdir()
    with one_thread():
        template = make_template(folder)
        centre, time = template.centre, TrueTime()
        centre.time = time
        centre.open(folder / "centre", template.vault)
        for contents in CHANGES:
            time.move(minutes=5)
            centre.bring(LISTS[0], contents)
            centre.publish()
        clock = MachineClock(time)
        first = SimBooth(Calm(centre), folder / "b-1", "b-1", clock)  # type: ignore[arg-type]
        first.round()
        for who in (1, 5, 6):
            first.encounter(who, decide=True, picture=who == 5)
        first.close()
        centre.carry_down("b-2", folder / "b-2" / DOWN, whole=False)
        centre.close()
    return Offline(template, time.at, {1: FIRST["ECU"], **dict(enumerate(CHANGES, 2))})


def examine(offline: Offline, folder: Path, least: int) -> int:
    """Check the booth's store, and return the version of ECU in force: whole, and not older than ``least``."""
    with open_store(folder, offline.moment) as store:
        store.journal.verify()
        return _whole_version(offline, store, least)


def finish(offline: Offline, name: str, folder: Path) -> None:
    """Do the act again, to its end; then nothing is missing, at the booth or at the centre."""
    with one_thread(), open_store(folder, offline.moment) as store:
        left = (folder / UP).exists()
        if left and name == WRITE:
            shutil.copyfile(folder / UP, folder / f"first-{UP}")
        act(folder, store, name)
        if name == WRITE:
            _delivered_once(offline, folder, store, [f"first-{UP}", UP, UP] if left else [UP])
        else:
            assert _whole_version(offline, store, offline.newest) == offline.newest


def _whole_version(offline: Offline, store: Store, least: int) -> int:
    [copy] = [one for one in store.lists.in_force() if one.header.name == "ECU"]
    version = copy.header.version
    assert version >= least, f"version {version} after {least}"
    persons = loaded_list(copy).persons
    assert persons is not None
    subjects = {who: subject_of(zone(who)) for who in range(6)}
    found = {who for who, subject in subjects.items() if subject and persons.screen(subject, hits_only=True)}
    assert found == set(offline.contents[version]), f"half a version {version}: {sorted(found)}"
    return version


def _delivered_once(offline: Offline, folder: Path, store: Store, bundles: list[str]) -> None:
    """Let a copy of the centre take the bundles, the first of them twice over where a kill left one."""
    centre = offline.template.centre
    place = folder / "centre"
    shutil.copytree(offline.template.folder / "centre", place)
    centre.open(place, offline.template.vault)
    try:
        for bundle in bundles:
            taken = centre.take(folder / bundle)
            assert taken is not None, f"{bundle} is half"
            assert taken.refused == "", f"{bundle} is refused: {taken.refused}"
        there, here = Counter(stored(centre.centre, store.identity.booth)), Counter(written(store))
        assert not there - here, "doubled, or never written at the booth"
        lost = sorted((here - there).elements())
        assert len(lost) == 1, f"lost: {lost[:3]}"  # that it was written is not in it
    finally:
        centre.close()
        shutil.rmtree(place)
