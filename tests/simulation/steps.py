"""What may happen next in a world. A step is drawn, done, told in a line; then everything is held against the model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from checkpoint_app.central import agreements, booths
from checkpoint_app.sync.enrol import booth_keys
from checkpoint_app.wire.event import EventKind
from tests.simulation.booth import CLEARED_DAYS, SimBooth
from tests.simulation.booth_checks import check_bodies, check_journal
from tests.simulation.centre import AGREEMENT
from tests.simulation.line import CALM
from tests.simulation.model import ClearedPair
from tests.simulation.people import EVERYBODY, LISTS, PUBLIC, entry_id
from tests.simulation.world import World

Step = Callable[[World], str]
MOST_DAYS_OFF = 40


def _booth(world: World) -> SimBooth:
    world.touched = [world.chance.choice(world.booths)]
    return world.touched[0]


def _kill(world: World, most: int) -> int:
    """Return at which step of its disk a machine is to die, mostly at none."""
    return world.chance.randint(1, most) if world.chance.random() < 0.3 else 0


# -- at a booth -------------------------------------------------------------------------------------------------------


def encounter(world: World) -> str:
    booth, who = _booth(world), world.chance.choice(EVERYBODY)
    decide, picture = world.chance.random() < 0.85, world.chance.random() < 0.3
    if booth.records.policy() is None:
        return f"{booth.label} has no policy"
    kill = _kill(world, 40)
    return f"{booth.label} meets {who}" + world.do(
        booth, lambda: booth.encounter(who, decide=decide, picture=picture), kill
    )


def decide_open(world: World) -> str:
    booth = _booth(world)
    return f"{booth.label} decides what was left open" + world.do(booth, booth.decide_open, _kill(world, 20))


def clear(world: World) -> str:
    """An officer finds that a traveller is not the listed person."""
    booth, who, name = _booth(world), world.chance.choice(EVERYBODY), world.chance.choice(PUBLIC)
    version = world.model.versions.get((name, booth.records.versions().get(name, 0)))
    if version is None or version.contents is None or who not in version.contents or booth.records.policy() is None:
        return f"{booth.label} clears nobody"
    until = booth.store.time.now() + timedelta(days=CLEARED_DAYS)
    ledger = world.model.ledgers[booth.label]
    said = world.do(booth, lambda: booth.clear(who, name), _kill(world, 6))
    after = len(world.model.ledgers[booth.label].rows)
    check_journal(world.model, booth, ledger)
    for row in ledger.rows[after:]:
        event = next(booth.store.journal.events(row.seq - 1, 1))
        if event.header.kind is EventKind.NOT_SAME_PERSON:
            made = ClearedPair(booth.name, who, name, version.contents[who], until, row)
            world.model.cleared.append(made)
    return f"{booth.label} clears {who} of {name}{said}"


def sign_in(world: World) -> str:
    booth = _booth(world)
    if not booth.store.officers.get("o.muster"):
        return f"{booth.label} knows no officers"
    return f"{booth.label} signs in" + world.do(booth, booth.sign_in, _kill(world, 8))


def work_cases(world: World) -> str:
    booth = _booth(world)
    return f"{booth.label} works its cases" + world.do(booth, booth.work_cases, _kill(world, 20))


def line_round(world: World) -> str:
    booth = _booth(world)
    if world.chance.random() < 0.15:
        return f"{booth.label} round" + world.round(booth, kill_centre=world.chance.randint(1, 200))
    return f"{booth.label} round" + world.round(booth, kill=_kill(world, 90))


def repeat(world: World) -> str:
    booth = _booth(world)
    after = world.chance.randrange(booth.store.delivery.acknowledged().seq + 1)
    if booth.name in world.revoked:
        return "nothing is sent again"
    booth.work(lambda: booth.repeat(after))
    return f"{booth.label} sends again what comes after {after}"


def apply(world: World) -> str:
    booth = _booth(world)
    return f"{booth.label} applies" + world.do(booth, booth.apply, _kill(world, 60))


def forget(world: World) -> str:
    booth = _booth(world)
    acknowledged = booth.store.delivery.acknowledged().seq
    said = world.do(booth, booth.forget, _kill(world, 20))
    check_bodies(booth, acknowledged)
    return f"{booth.label} forgets{said}"


def restart(world: World) -> str:
    booth = _booth(world)
    booth.close()
    booth.open()
    return f"{booth.label} starts anew"


# -- line and clocks --------------------------------------------------------------------------------------------------


def weather(world: World) -> str:
    calm = world.chance.choice((1.0, 1.0, 0.9, 0.6, 0.0))
    world.weather = CALM if calm == 1.0 else world.rough(calm)
    return f"the line goes well in {calm} of all requests"


def time_passes(world: World) -> str:
    hours = world.chance.choice((0.1, 0.5, 1, 4, 12, 30, 80))
    world.time.move(hours=hours)
    world.touched = list(world.booths)
    return f"{hours} h pass"


def clock_jumps(world: World) -> str:
    booth = _booth(world)
    off = world.chance.choice((0, 0, 0.01, -0.01, 1, -1, 9, -9, MOST_DAYS_OFF, -MOST_DAYS_OFF))
    booth.clock.off = timedelta(days=off)
    return f"{booth.label} clock is {off} days off"


# -- at the centre ----------------------------------------------------------------------------------------------------


def bring(world: World) -> str:
    name = world.chance.choice(LISTS).name
    contents = world.change(name)
    return f"centre brings {name} {dict(contents)}" + world.bring(name, contents, _kill(world, 60))


def withdraw(world: World) -> str:
    """One entry of a list is withdrawn, or the whole list, and published at once."""
    name = world.chance.choice(PUBLIC)
    contents = dict(world.model.newest[name])
    if not contents:
        return "nothing to withdraw"
    gone = [] if world.chance.random() < 0.15 else [world.chance.choice(sorted(contents))]
    left = {who: revision for who, revision in contents.items() if gone and who not in gone}
    said = world.at_centre(lambda: world.centre.withdraw(name, [entry_id(who) for who in gone]), _kill(world, 60))
    world.learn_versions({name: left})
    return f"centre withdraws {gone or 'all'} of {name}{said}" + world.publish()


def publish(world: World) -> str:
    return "centre publishes" + world.publish(_kill(world, 120))


def screen(world: World) -> str:
    return "centre screens" + world.at_centre(world.centre.screen, _kill(world, 40))


def end_agreement(world: World) -> str:
    said = world.at_centre(lambda: world.centre.transact(lambda c, k: agreements.end(c, k, AGREEMENT)))
    world.ended = True
    return f"the agreement ends{said}"


def extend_agreement(world: World) -> str:
    until = world.centre.now() + timedelta(days=30)
    return "the agreement is extended" + world.at_centre(
        lambda: world.centre.transact(lambda c, k: agreements.extend(c, k, AGREEMENT, until))
    )


def new_policy(world: World) -> str:
    said = world.at_centre(world.centre.bring_policy)
    world.learn_versions({})
    return f"centre brings a policy{said}"


def centre_clock(world: World) -> str:
    minutes = world.chance.choice((0, 0, 3, -3))
    world.centre.off = timedelta(minutes=minutes)
    return f"centre clock is {minutes} min off"


def back_up_centre(world: World) -> str:
    world.back_up_centre()
    return "centre is backed up"


def put_back_centre(world: World) -> str:
    if world.centre_backup is None:
        return "centre has no backup"
    world.put_back_centre()
    world.centre_backup = None  # put back twice, the same backup would give the same numbers to other versions
    return "centre is put back"


def revoke(world: World) -> str:
    booth = _booth(world)
    if booth.name in world.revoked:
        world.at_centre(lambda: world.centre.enrol(booth_keys(booth.store.identity)))
        world.revoked.discard(booth.name)
        return f"{booth.label} is enrolled again"
    world.at_centre(lambda: booths.revoke(world.centre.centre, booth.name))
    world.revoked.add(booth.name)
    world.model.doubtful.add(booth.name)
    return f"{booth.label} is revoked"


def allow_chain(world: World) -> str:
    booth = _booth(world)
    if booth.name not in world.model.doubtful or booth.name in world.revoked:
        return "no chain to allow"
    world.allow(booth)
    return f"{booth.label} is allowed a new chain"


# -- disks and sticks -------------------------------------------------------------------------------------------------


def back_up(world: World) -> str:
    booth = _booth(world)
    world.back_up(booth)
    return f"{booth.label} is backed up"


def put_back(world: World) -> str:
    booth = _booth(world)
    if booth.label not in world.backups:
        return f"{booth.label} has no backup"
    world.put_back(booth)
    return f"{booth.label} is put back"


def clone(world: World) -> str:
    if len(world.booths) > 3 or any("'" in one.label for one in world.booths):
        return "nothing is cloned"
    booth = _booth(world)
    world.clone(booth)
    return f"{booth.label} is cloned"


def fill_stick(world: World) -> str:
    """Somebody copies what lies in a booth's inbox."""
    booth = _booth(world)
    name = f"{booth.label.strip(chr(39))}-{world.chance.randrange(3)}"
    if booth.inbox.is_dir():
        shutil.copytree(booth.inbox, world.stick / name, dirs_exist_ok=True)
    return f"stick {name} is filled"


def lay_stick(world: World) -> str:
    """What lies on a stick is laid into a booth's inbox: late, twice, out of order, maybe at another booth."""
    found = sorted(world.stick.iterdir())
    if not found:
        return "the sticks are empty"
    booth, stick = _booth(world), world.chance.choice(found)
    booth.inbox.mkdir(exist_ok=True)
    shutil.copytree(stick, booth.inbox, dirs_exist_ok=True)
    return f"{booth.label} gets stick {stick.name}"


def carry_up(world: World) -> str:
    """A booth writes the bundle for the centre to a stick."""
    booth = _booth(world)
    path = world.bundle("up", booth.label)
    return f"{booth.label} writes {path.name}" + world.write(booth, booth.carry_up, path, _kill(world, 30))


def carry_lists(world: World) -> str:
    """A booth writes its lists for another booth to a stick."""
    booth, to = _booth(world), world.chance.choice(world.booths).name
    path = world.bundle("lists", to)

    def act(new: Path) -> None:
        booth.carry_lists(to, new)

    return f"{booth.label} writes {path.name}" + world.write(booth, act, path, _kill(world, 20))


def carry_down(world: World) -> str:
    """The centre writes a bundle for a booth."""
    name, whole = world.chance.choice(world.booths).name, world.chance.random() < 0.3
    path = world.bundle("down", name)
    return f"centre writes {path.name}" + world.at_centre(lambda: world.centre.carry_down(name, path, whole=whole))


def take_up(world: World) -> str:
    """A bundle of any booth, old or new, comes to the centre."""
    path = world.pick("up")
    return "no bundle comes to the centre" if path is None else world.take_up(path, _kill(world, 150))


def take_down(world: World) -> str:
    """A bundle for a booth comes there, or to another: old or new, whole or half, once more or for the first time."""
    booth = _booth(world)
    path = world.pick("down", "lists")
    return f"no bundle comes to {booth.label}" if path is None else world.take_down(booth, path, _kill(world, 90))


STEPS: dict[Step, float] = {
    encounter: 12,
    decide_open: 2,
    clear: 4,
    sign_in: 2,
    work_cases: 2,
    line_round: 16,
    repeat: 2,
    apply: 8,
    forget: 2,
    restart: 1.5,
    weather: 3,
    time_passes: 4,
    clock_jumps: 2,
    bring: 5,
    withdraw: 2,
    publish: 6,
    screen: 4,
    end_agreement: 0.7,
    extend_agreement: 0.7,
    new_policy: 1,
    centre_clock: 0.5,
    back_up_centre: 1.2,
    put_back_centre: 1.2,
    revoke: 0.8,
    allow_chain: 1.5,
    back_up: 1.5,
    put_back: 1.2,
    clone: 0.6,
    fill_stick: 2,
    lay_stick: 2,
    carry_up: 3,
    carry_lists: 1.5,
    carry_down: 3,
    take_up: 3,
    take_down: 4,
}
