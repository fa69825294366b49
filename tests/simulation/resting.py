"""In the end the line is whole and the clocks are right: everything comes to rest, and then nothing may be missing."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from checkpoint_app.central import audit, database
from checkpoint_app.store.errors import BodyErasedError
from checkpoint_app.store.projections import TABLES
from checkpoint_app.sync.enrol import booth_keys
from checkpoint_app.sync.errors import LineCode
from checkpoint_app.sync.round import RoundDone
from checkpoint_app.wire.event import EventKind
from tests.simulation.booth import SimBooth, is_refused
from tests.simulation.booth_checks import USABLE
from tests.simulation.centre_checks import stored
from tests.simulation.line import CALM
from tests.simulation.model import Model, Row, must
from tests.simulation.people import EVERYBODY, LISTS, PUBLIC
from tests.simulation.world import World

MOST_ROUNDS = 8
RESCREENED = timedelta(days=6)


def come_to_rest(world: World) -> None:
    """Mend the line and the clocks, take clones away, and let all deliver, fetch and apply; then look at both ends."""
    world.weather, world.centre.off = CALM, timedelta()
    _take_clones_away(world)
    world.time.move(hours=2)
    for booth in world.booths:
        booth.clock.off = timedelta()
        booth.close()
        booth.open()
        if booth.name in world.revoked:
            world.centre.enrol(booth_keys(booth.store.identity))
            world.revoked.discard(booth.name)
    world.publish()
    for booth in world.booths:
        _settle(world, booth)
    world.time.move(minutes=20)
    screened = [world.centre.screen() for _ in range(3)]
    must(screened[-1] == 0, "centre: it has no end of Encounters to screen")
    brought = world.centre.publish()  # decisions that came meanwhile are carried
    world.learn_versions({})
    for booth in world.booths if any(screened) or brought else ():
        _settle(world, booth)
    world.check(world.booths)
    for booth in world.booths:
        check_delivered(world, booth)
        check_lists(world, booth)
        check_projections(booth)
        check_late_hits(world, booth)
        check_screened_again(world, booth)


def _take_clones_away(world: World) -> None:
    for booth in [one for one in world.booths if one.label != one.name]:
        booth.close()
        world.booths.remove(booth)


def _settle(world: World, booth: SimBooth) -> None:
    """Let a booth run rounds until nothing is left to do; a supervisor allows what a fork needs."""
    for _ in range(MOST_ROUNDS):
        world.time.move(minutes=2)
        began, before = world.centre.now(), world.model.at_centre.get(booth.name)
        done = booth.round()
        world.judge_round(booth, done, began, before)
        if is_refused(done, LineCode.FORK):
            world.allow(booth)
        booth.work(booth.apply)
        if (
            isinstance(done, RoundDone)
            and _is_done(done)
            and booth.store.delivery.acknowledged() == booth.store.journal.head()
        ):
            return
    must(False, f"{booth.label}: it does not come to rest: {done}")


def _is_done(done: RoundDone) -> bool:
    """Tell whether a round found nothing to do any more; a list whose role has ended stays so."""
    delivered, faults = done.delivered, {fault.code for fault in done.faults}
    new = done.brought or done.cases or faults - {"role_ended"}
    return delivered is not None and not new and not delivered.waiting and not delivered.wanted


def check_delivered(world: World, booth: SimBooth) -> None:
    """Invariants 2 and 3: the centre's present chain is the journal, each event once, and both know it."""
    journal, rows = booth.store.journal, world.model.ledgers[booth.label].rows
    journal.verify()
    with world.centre.centre.begin() as connection:
        present: dict[int, Row] = {}
        for _chain, row in stored(connection, booth.name):
            present = {seq: one for seq, one in present.items() if seq < row.seq} | {row.seq: row}
    lost = [row.seq for row in rows if present.get(row.seq) != row]
    must(not lost, f"{booth.label}: {len(lost)} events are lost, from {lost[:1]} on")
    must(
        len(present) == len(rows), f"centre: {booth.name}: {len(present) - len(rows)} events more than the journal has"
    )
    must(booth.store.delivery.acknowledged() == journal.head(), f"{booth.label}: it does not know what is delivered")
    faults = [one.fault for one in audit.chains(world.centre.centre, booth.name) if one.fault]
    must(not faults, f"centre: {booth.name}: {faults}")


def check_lists(world: World, booth: SimBooth) -> None:
    """Every list that booths may have is in force in its newest version; only a list that has ended may be older."""
    for name in ("policy", "officers", *PUBLIC):
        newest, here = world.newest_published(name), booth.records.versions().get(name, 0)
        over = name == "USA" and _over(world)
        newer = world.restored and here > newest
        must(here == newest or over or newer, f"{booth.label}: {name} {here} is in force, and {newest} is the newest")
    stranger = booth.screened(EVERYBODY[-1])
    for answer in stranger.answers:
        name = answer.source.name
        if name in PUBLIC and not _may_be_silent(world, name):
            why = f"{name} {answer.source.version} is not asked: {answer.not_done}"
            must(answer.not_done is None, f"{booth.label}: the line is whole and the clock right, and {why}")


def _may_be_silent(world: World, name: str) -> bool:
    """Tell whether a list in its newest version can't be asked by anybody: it is old, ended, or withdrawn."""
    if name == "USA" and _over(world):
        return True
    newest = world.model.versions[name, world.newest_published(name)]
    too_old = world.centre.now() - newest.issued_at > USABLE
    return too_old or newest.withdrawn or world.restored


def check_projections(booth: SimBooth) -> None:
    """What the screen reads follows from the journal alone."""
    database_ = booth.store._db
    tables = [name for name in TABLES if name in database_.table_names()]

    def told() -> dict[str, list[dict[str, object]]]:
        return {name: database_.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables}

    before = told()
    booth.store.journal.rebuild_projections()
    after = told()
    wrong = [name for name in tables if before[name] != after[name]]
    must(not wrong, f"{booth.label}: projections differ from the journal: {wrong}")


def check_late_hits(world: World, booth: SimBooth) -> None:
    """Whom a list held all the time, and nobody at the booth was told of, is a case: one at the centre, one here."""
    cases = database.cases
    with world.centre.centre.begin() as connection:
        rows = connection.execute(select(cases).where(cases.c.booth == booth.name)).all()
    here = {row.case.case_id for row in booth.store.cases.all()}
    missing = [row.case_id for row in rows if not row.silent and row.case_id not in here]
    must(not missing, f"{booth.label}: {len(missing)} of its cases never came")
    if world.restored or booth.name in world.model.doubtful:
        return
    opened = Counter((row.encounter_id, row.list) for row in rows)
    for encounter_id, name in due(world.model, booth, world.centre.now(), ended=_over(world)):
        must(opened[encounter_id, name] == 1, f"centre: a hit of {name} for {encounter_id} was told to nobody")


def check_screened_again(world: World, booth: SimBooth) -> None:
    """Whom a list in force holds, who was here within some days and of whom nobody was told, is a case at the booth."""
    if world.restored or booth.name in world.model.doubtful:
        return
    told = {(row.case.encounter_id, one.source.name) for row in booth.store.cases.all() for one in row.case.found}
    cleared = {(one.who, one.list_name) for one in world.model.cleared}
    versions = world.model.ledgers[booth.label].versions
    for encounter_id in _decided_since(booth, world.centre.now() - RESCREENED):
        met = world.model.met[encounter_id]
        for name in PUBLIC:
            held = world.model.versions[name, versions[name]].contents or {}
            known = name in met.hit or (met.who, name) in cleared or (encounter_id, name) in told
            silent = _may_be_silent(world, name)
            must(known or silent or met.who not in held, f"{booth.label}: nobody is told of {encounter_id} by {name}")


def _decided_since(booth: SimBooth, since: datetime) -> set[str]:
    """Return the Encounters that were decided since then, by both clocks, as far as they are not forgotten."""
    found = set()
    for event in booth.store.journal.events():
        header = event.header
        if header.kind is EventKind.DISPOSITION and min(header.wall_time, header.trusted_time or since) > since:
            with suppress(BodyErasedError):
                found.add(booth.store.journal.body(header.seq)["encounter_id"])
    return found


def _over(world: World) -> bool:
    ends = [one.ends_at for (name, _), one in world.model.versions.items() if name == "USA"]
    return world.ended or any(end is None or world.centre.now() >= end for end in ends)


def due(model: Model, booth: SimBooth, now: datetime, *, ended: bool) -> list[tuple[str, str]]:
    """Return the Encounters in the journal, and lists, of whom every version ever held the traveller, unheard here."""
    met = _read_here(booth)
    cleared = {(one.who, one.list_name) for one in model.cleared}
    found = []
    for encounter_id in sorted(met):
        one = model.met[encounter_id]
        for each in LISTS:
            versions = [version for (name, _), version in model.versions.items() if name == each.name]
            fresh = now - min(version.issued_at for version in versions) <= USABLE
            always = fresh and all(one.who in (version.contents or {}) for version in versions)
            told = each.name in one.hit or (one.who, each.name) in cleared
            if always and not told and not (each.lent and ended):
                found.append((encounter_id, each.name))
    return found


def _read_here(booth: SimBooth) -> set[str]:
    """Return the Encounters that the journal tells of, but for those whose time is over."""
    met = set()
    for event in booth.store.journal.events():
        if event.header.kind is EventKind.ENCOUNTER_READ:
            with suppress(BodyErasedError):
                met.add(booth.store.journal.body(event.header.seq)["encounter_id"])
    return met
