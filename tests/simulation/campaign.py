"""Runs of the simulation: one seed, so many steps, then rest. A failure is told by its seed and its shortest prefix."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.dice import dice, one_thread
from tests.simulation.resting import come_to_rest
from tests.simulation.steps import STEPS, Step
from tests.simulation.template import Template, make_template
from tests.simulation.world import World
from tests.store.helpers import ram_folder

SHORT, LONG = 9, 30
"""Steps of a run in the short campaign and in the long one."""

HALF, LOST, DOUBLED = ("another content", "never made", "nobody can be"), ("lost", "gone", "never had"), ("doubled",)
"""By which words of a finding it counts as a half version, as lost, as doubled."""


@dataclass
class Played:
    """A run: its steps in words, how often machines were killed, and what broke after which step (None: nothing)."""

    seed: int
    trace: list[str] = field(default_factory=list)
    kills: int = 0
    events: int = 0
    versions: int = 0
    error: BaseException | None = None
    at_rest: bool = False

    def row(self) -> tuple[int | str, ...]:
        """Return it as a row of the campaign's table."""
        words = f"{type(self.error).__name__}: {self.error}" if self.error is not None else ""
        found = [int(any(word in words for word in of)) for of in (HALF, LOST, DOUBLED)]
        return self.seed, len(self.trace), self.kills, self.events, self.versions, *found, words[:200]

    def tell(self) -> str:
        """Return how to see it again, and what happened until then."""
        where = "at rest, after" if self.at_rest else "after"
        again = f"pytest tests/simulation --seed {self.seed} --steps {len(self.trace)}"
        steps = "\n".join(f"  {number:3} {words}" for number, words in enumerate(self.trace, 1))
        kind = type(self.error).__name__
        return f"seed {self.seed}: {where} {len(self.trace)} steps: {kind}: {self.error}\n{steps}\n  again: {again}"


@dataclass(frozen=True)
class Control:
    """A world that lacks something: ``prepare`` takes it out, ``often`` are steps that are likelier than else."""

    often: Mapping[Step, float] = field(default_factory=dict)
    prepare: Callable[[World], None] = lambda _world: None


@contextmanager
def prepared() -> Iterator[Template]:
    """Return a block with the beginning of all runs, on memory, in one thread."""
    folder = ram_folder()
    level = logging.getLogger("checkpoint_app").level
    try:
        with one_thread():
            logging.getLogger("checkpoint_app").setLevel(logging.CRITICAL)  # refusals are what runs are made of
            template = make_template(folder / "template")
            yield template
            template.centre.loop.close()
    finally:
        logging.getLogger("checkpoint_app").setLevel(level)
        shutil.rmtree(folder)


def play(template: Template, seed: int, steps: int, control: Control | None = None) -> Played:
    """Play ``steps`` steps of a seed, each followed by every check, and let the world come to rest."""
    played = Played(seed)
    folder = Path(tempfile.mkdtemp(dir=template.folder.parent))
    with dice(seed):
        world = World(seed, folder, template)
        weights = STEPS | (control.often if control else {})
        try:
            if control is not None:
                control.prepare(world)
            for _ in range(steps):
                _one(world, played, weights)
            played.at_rest = True
            come_to_rest(world)
        except Exception as error:  # noqa: BLE001 - a product's error is as much a finding as a broken invariant
            played.error = error
        finally:
            played.events = sum(len(rows) for rows in world.model.at_centre.values())
            played.versions = sum(len(ledger.versions) for ledger in world.model.ledgers.values())
            world.close()
            shutil.rmtree(folder)
    return played


def _one(world: World, played: Played, weights: Mapping[Step, float]) -> None:
    """Draw a step and do it. It is in the trace also where it breaks."""
    [step] = world.chance.choices(list(weights), list(weights.values()))
    world.time.move(minutes=world.chance.uniform(0.2, 3))
    world.touched = []
    played.trace.append(step.__name__)
    played.trace[-1] = words = step(world)
    played.kills += words.count("killed")
    world.check(world.touched)


def shortest(template: Template, failed: Played) -> Played:
    """Return the run with the fewest steps that still fails; one that broke on its way is as short as can be."""
    if not failed.at_rest:
        return failed
    low, high, best = 0, len(failed.trace), failed
    while low < high:  # a failure at rest mostly needs all steps up to one
        middle = (low + high) // 2
        again = play(template, failed.seed, middle)
        if again.error is None:
            low = middle + 1
        else:
            high, best = middle, again
    return best
