"""One simulated world: its machines, what may happen to them, and the one seeded scheduler that decides what does."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import select

from checkpoint_app.central import booths, database, keeping
from checkpoint_app.central.bundles import Received
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.lists import VersionState, package_path
from checkpoint_app.store.errors import StoreError
from checkpoint_app.sync import deliver
from checkpoint_app.sync.bundle_down import Imported
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.round import RoundDone
from checkpoint_app.wire.header import read_untrusted_header
from checkpoint_app.wire.plain import from_plain
from tests.simulation.booth import SimBooth, is_refused
from tests.simulation.booth_checks import check_booth, check_journal
from tests.simulation.centre import TERM
from tests.simulation.centre_checks import check_centre, stored
from tests.simulation.clocks import BEGIN, MachineClock, TrueTime
from tests.simulation.line import CALM, Fate, Weather
from tests.simulation.model import Broken, Ledger, Met, Model, Row, Version
from tests.simulation.people import LISTS, Contents
from tests.simulation.template import FIRST, NAMES, Template

APPROVED = (VersionState.READY.value, VersionState.PUBLISHED.value)


@dataclass(frozen=True)
class Backup:
    """A copy of a machine's folder, and what the model knew of it then."""

    place: Path
    ledger: Ledger


@dataclass(frozen=True)
class CentreBackup:
    """A copy of the centre's folder, and what the model knew of it then."""

    place: Path
    at_centre: Mapping[str, set[tuple[int, Row]]]
    newest: Mapping[str, Contents]
    revoked: frozenset[str]


class World:
    """Machines on one time. ``chance`` is the only source of what happens; ``trace`` tells what did."""

    def __init__(self, seed: int, folder: Path, template: Template) -> None:
        self.seed, self.folder = seed, folder
        self.chance = random.Random(f"world {seed}")
        self.time = TrueTime()
        self.model = Model(ends_at=BEGIN + TERM)
        self.touched: list[SimBooth] = []
        self.weather = CALM
        self.revoked: set[str] = set()
        self.restored = self.ended = False
        self.backups: dict[str, Backup] = {}
        self.centre_backup: CentreBackup | None = None
        self.stick, self.bundles = folder / "stick", folder / "bundles"
        self.stick.mkdir()
        self.bundles.mkdir()
        self.patches = ExitStack()
        self.patches.enter_context(mock.patch.object(deliver, "monotonic", self.time.seconds))
        self.centre = template.centre
        count = self.chance.choice((1, 2, 2, 3))
        template.lay(folder, count)
        self.centre.time, self.centre.off = self.time, timedelta()
        self.centre.open(folder / "centre", template.vault)
        self.learn_versions({name: FIRST[name] for name in FIRST})
        self.booths: list[SimBooth] = []
        for name in NAMES[:count]:
            self.add(SimBooth(self, folder / name, name, MachineClock(self.time)), Ledger())
        self.check(())

    def add(self, booth: SimBooth, ledger: Ledger) -> None:
        """Let a machine join."""
        self.model.ledgers[booth.label] = ledger
        self.booths.append(booth)

    def close(self) -> None:
        """Stop every machine, whatever state it is in."""
        for booth in self.booths:
            with suppress(StoreError):
                booth.store.close()
        self.centre.close()
        self.patches.close()

    # -- the line ----------------------------------------------------------------------------------------------------

    def serve(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, arrives: int | None
    ) -> tuple[int, Mapping[str, str], bytes] | None:
        """Answer a booth's request at the centre."""
        return self.centre.answer(method, path, headers, body, arrives)

    def rough(self, calm: float) -> Weather:
        """Return a line on which a request goes well with probability ``calm``."""
        others = [fate for fate in Fate if fate is not Fate.WHOLE]

        def draw() -> tuple[Fate, float]:
            fate = Fate.WHOLE if self.chance.random() < calm else self.chance.choice(others)
            return fate, self.chance.random()

        return Weather(draw)

    # -- acts --------------------------------------------------------------------------------------------------------

    def do(self, booth: SimBooth, act: Callable[[], object], kill: int) -> str:
        """Let a booth do something; ``kill``: at which of its steps the machine dies, 0 for never."""
        if not kill:
            booth.work(act)
            return ""
        return " killed" if booth.killed(kill, act) else ""

    def heard(self, booth: SimBooth) -> None:
        """Note that a booth may have heard of the centre now, or of what the centre has said until now."""
        ledger = self.model.ledgers.get(booth.label)
        if ledger is not None:
            ledger.contact = max(filter(None, (ledger.contact, self.centre.now())))

    def meet(self, booth: SimBooth, who: int, encounter_id: str, hit: frozenset[str]) -> None:
        """Note who stood at the desk."""
        self.model.met[encounter_id] = Met(who, booth.label, hit)

    def round(self, booth: SimBooth, kill: int = 0, kill_centre: int = 0) -> str:
        """Let a booth run a round of its line, and take note of what it learned by it."""
        began, ended = self.centre.now(), []
        before = self.model.at_centre.get(booth.name)
        died = False

        def act() -> None:
            ended.append(booth.round())

        if kill_centre:
            said = ""
            died = self.centre.killed(kill_centre, lambda: self.do(booth, act, 0))
        else:
            said = self.do(booth, act, kill)
        self.judge_round(booth, ended[-1] if ended and not said else None, began, before)
        return said + (" centre killed" if died else "") + _told(ended[-1] if ended else None)

    def judge_round(
        self, booth: SimBooth, done: RoundDone | LineError | None, began: object, before: set[tuple[int, Row]] | None
    ) -> None:
        """Hold the outcome of a round against the model: what is learned, who is let in."""
        ledger = self.model.ledgers[booth.label]
        if isinstance(done, RoundDone):
            if done.delivered is not None:
                ledger.learned = max(filter(None, (ledger.learned, began)))  # type: ignore[type-var]
            self._learn_ended(booth, [(fault.part.removeprefix("list "), fault.code) for fault in done.faults])
        if booth.name in self.revoked:
            self._check_shut_out(booth.name, before)
            if isinstance(done, RoundDone):
                raise Broken(f"centre: a revoked booth was let in: {booth.name}")
        if is_refused(done, LineCode.FORK) and booth.name not in self.model.doubtful:
            raise Broken(f"{booth.label}: it is told of a fork, and its disk was never put back nor cloned")

    # -- bundles -----------------------------------------------------------------------------------------------------

    def bundle(self, way: str, name: str) -> Path:
        """Return where a bundle is written; one of three of its kind, in the place of an older one."""
        return self.bundles / f"{way} {name} {self.chance.randrange(3)}"

    def pick(self, *ways: str) -> Path | None:
        """Return one of the bundles that lie about; one in five is cut, as where a stick was pulled too early."""
        found = sorted(path for path in self.bundles.iterdir() if path.name.split(" ")[0] in ways)
        if not found:
            return None
        path = self.chance.choice(found)
        if self.chance.random() > 0.2:
            return path
        cut = self.folder / f"{path.name} cut"
        data = path.read_bytes()
        cut.write_bytes(data[: int(self.chance.random() * len(data))])
        return cut

    def write(self, booth: SimBooth, act: Callable[[Path], None], path: Path, kill: int) -> str:
        """Let a booth write a bundle. Where it dies, what lay on the stick at that instant lies there."""
        new, whole = self.folder / "new bundle", []
        booth.disk.struck = lambda: whole.append(new.exists())
        said = self.do(booth, lambda: act(new), kill)
        booth.disk.struck = lambda: None
        if new.exists():
            if not said or whole == [True]:
                new.replace(path)
            else:
                new.unlink()
        return said

    def take_up(self, path: Path, kill: int) -> str:
        """Let the centre take a booth's bundle."""
        name = path.name.split(" ")[1].strip("'")
        before = self.model.at_centre.get(name)
        took: list[Received | None] = []
        said = self.at_centre(lambda: took.append(self.centre.take(path)), kill)
        received = took[0] if took and not said else None
        if received is not None and name in self.revoked:
            raise Broken(f"centre: a revoked booth's bundle was taken: {name}")
        if received is not None and received.refused == "fork" and name not in self.model.doubtful:
            raise Broken(f"centre: a bundle of {name} is told to fork, and its disk was never put back nor cloned")
        self._check_shut_out(name, before)
        told = f": {received.events} events {received.refused}" if received else ""
        return f"centre takes {path.name}{said}{told}"

    def take_down(self, booth: SimBooth, path: Path, kill: int) -> str:
        """Let a booth take a bundle, and take note of what it learned by it."""
        took: list[Imported | None] = []
        self.heard(booth)
        said = self.do(booth, lambda: took.append(booth.take(path)), kill)
        done = took[0] if took and not said else None
        if done is None:
            return f"{booth.label} takes {path.name}{said}"
        self._learn_ended(booth, [(part.removeprefix("list "), code) for part, code in done.faults])
        if ("acknowledgement", "fork") in done.faults and booth.name not in self.model.doubtful:
            raise Broken(f"{booth.label}: a bundle tells of a fork, and its disk was never put back nor cloned")
        faults = "".join(f" {part}:{code}" for part, code in done.faults)
        return f"{booth.label} takes {path.name}{said}: {len(done.brought)} lists, {done.cases} cases{faults}"

    def _learn_ended(self, booth: SimBooth, faults: Iterable[tuple[str, str]]) -> None:
        for name, code in faults:
            if code == "role_ended":
                ended = self.model.ledgers[booth.label].ended
                ended[name] = booth.records.versions().get(name, 0)

    def _check_shut_out(self, name: str, before: set[tuple[int, Row]] | None) -> None:
        """Nothing of a revoked booth is taken, whichever way it comes."""
        if name in self.revoked and before is not None:
            with self.centre.centre.begin() as connection:
                now = set(stored(connection, name))
            if now != before:
                raise Broken(f"centre: a revoked booth's events were taken: {name}")

    # -- lists -------------------------------------------------------------------------------------------------------

    def change(self, name: str) -> Contents:
        """Return what a list may hold next: somebody more, somebody less, or another text about one of them."""
        contents = dict(self.model.newest[name])
        others = [who for who in range(6) if who not in contents]
        way = self.chance.choice(("add", "add", "remove", "alter"))
        if way == "add" and others:
            contents[self.chance.choice(others)] = self.chance.randrange(3)
        elif way == "remove" and len(contents) > 1:
            del contents[self.chance.choice(sorted(contents))]
        elif contents:
            who = self.chance.choice(sorted(contents))
            contents[who] = (contents[who] + 1) % 3
        return contents

    def bring(self, name: str, contents: Contents, kill: int = 0) -> str:
        """Import a version of a list at the centre."""
        one = next(each for each in LISTS if each.name == name)
        said = self.at_centre(lambda: self.centre.bring(one, contents), kill)
        self.learn_versions({name: contents})
        return said

    def publish(self, kill: int = 0) -> str:
        said = self.at_centre(self.centre.publish, kill)
        self.learn_versions({})
        return said

    def at_centre(self, act: Callable[[], object], kill: int = 0) -> str:
        """Do something at the centre; what it refuses in its own words is an answer too."""
        try:
            if kill:
                return " killed" if self.centre.killed(kill, act) else ""
            act()
        except CentreError as error:
            return f" refused: {error.code}"
        return ""

    def learn_versions(self, brought: Mapping[str, Contents]) -> None:
        """Take note of the versions that the centre has now; a number that comes again must be the same version."""
        model, versions = self.model, database.versions
        with self.centre.centre.begin() as connection:
            rows = connection.execute(select(versions).order_by(versions.c.list, versions.c.version)).all()
        for row in rows:
            key = row.list, row.version
            known = model.versions.get(key)
            if known is not None:
                if known.digest != row.digest:
                    raise Broken(f"centre: {row.list} {row.version} was made twice")
                continue
            contents = brought.get(row.list, model.newest.get(row.list))
            made = self._version(row, contents)
            if made is not None:
                model.versions[key] = made
        for row in rows:
            made = model.versions.get((row.list, row.version))
            if made is not None and row.state in APPROVED and made.contents is not None:
                model.newest[row.list] = made.contents

    def _version(self, row: Any, contents: Contents | None) -> Version | None:
        """Return what a row of the centre's versions is; None where its file is gone before anybody saw it."""
        issued_at = from_plain(type(BEGIN), row.issued_at)
        try:
            with package_path(self.centre.centre, row.list, row.version).open("rb") as stream:
                header = read_untrusted_header(stream)
        except FileNotFoundError:
            return None
        ends_at = header.agreement.ends_at if header.agreement else None
        if header.withdrawn:
            contents = {}
        return Version(header.payload_digest, contents, issued_at, ends_at, header.withdrawn)

    # -- disks -------------------------------------------------------------------------------------------------------

    def back_up(self, booth: SimBooth) -> None:
        """Copy a booth's disk."""
        place = self.folder / f"backup-{booth.label}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(booth.disk.folder, place)
        self.backups[booth.label] = Backup(place, self.model.ledgers[booth.label].copy())

    def put_back(self, booth: SimBooth) -> None:
        """Put an older state of a booth's disk back."""
        backup = self.backups[booth.label]
        self.model.doubtful.add(booth.name)
        self.model.ledgers[booth.label] = backup.ledger.copy()
        booth.put_back(backup.place)

    def clone(self, booth: SimBooth) -> None:
        """Let a copy of a booth's disk run as a second machine of the same name."""
        label = f"{booth.label}'"
        place = self.folder / label
        shutil.copytree(booth.disk.folder, place)
        self.model.doubtful.add(booth.name)
        ledger = self.model.ledgers[booth.label].copy()
        self.add(SimBooth(self, place, label, replace(booth.clock)), ledger)

    def back_up_centre(self) -> None:
        place = self.folder / "backup-centre"
        self.centre.back_up(place)
        model = self.model
        at_centre = {name: set(rows) for name, rows in model.at_centre.items()}
        self.centre_backup = CentreBackup(place, at_centre, dict(model.newest), frozenset(self.revoked))

    def put_back_centre(self) -> None:
        """Put the centre back to its backup; its administrator revokes again who was revoked since."""
        backup, model = self.centre_backup, self.model
        assert backup is not None
        self.restored = True
        model.at_centre = {name: set(rows) for name, rows in backup.at_centre.items()}
        model.newest = dict(backup.newest)
        self.revoked = set(backup.revoked)
        self.centre.put_back(backup.place)
        self.learn_versions({})

    # -- what holds --------------------------------------------------------------------------------------------------

    def check(self, probed: Collection[SimBooth]) -> None:
        """Hold every machine against the model; those ``probed`` also by what they say of each traveller."""
        for booth in self.booths:
            check_journal(self.model, booth, self.model.ledgers[booth.label])
        check_centre(self.model, self.centre)
        for booth in self.booths:
            check_booth(self.model, booth, probing=booth in probed)

    def allow(self, booth: SimBooth) -> None:
        """Let a supervisor allow a booth one new chain."""
        self.at_centre(lambda: booths.allow_new_chain(self.centre.centre, booth.name))
        self.model.allowed[booth.name] = self.model.allowed.get(booth.name, 0) + 1

    def newest_published(self, name: str) -> int:
        """Return the newest approved version of a list at the centre."""
        with self.centre.centre.begin() as connection:
            newest = keeping.newest_approved(connection, name)
        return newest.version if newest else 0


def _told(done: RoundDone | LineError | None) -> str:
    if done is None:
        return ""
    if isinstance(done, LineError):
        return f" {done.code}"
    sent = done.delivered.sent if done.delivered else 0
    faults = "".join(f" {fault.part}:{fault.code}" for fault in done.faults)
    return f" sent {sent}, {len(done.brought)} lists, {len(done.cases)} cases{faults}"
