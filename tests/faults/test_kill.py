"""The booth's process is killed (-9) at chosen system calls; whatever was promised is there, and nothing is half.

Invariants 1, 3 and 4. A first run of each seed, traced and not killed, tells the calls; the positions are drawn from
them, most inside commits and list swaps. Where each kill struck is told by its own trace: build/faults/kill.tsv.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.examine import Promises, examine, go_on
from tests.faults.template import Template
from tests.faults.tracing import (
    ROOT,
    Call,
    commits_of_last_act,
    first_to_reach,
    read_trace,
    traced,
    unsynced_acts,
    unsynced_segments,
)

SEEDS = {"short": (1, 2), "long": tuple(range(1, 9))}
POSITIONS = {"short": 5, "long": 17}
LEAST = {"short": (12, 4), "long": (120, 30)}
SHARES = (("list swap", 0.3), ("commit", 0.3), ("list build", 0.1), ("", 0.3))
"""What share of the positions lies where; the rest anywhere."""

Position = tuple[str, int]


@dataclass
class Campaign:
    """The log of all kills so far."""

    size: str
    rows: list[tuple[object, ...]] = field(default_factory=list)
    inside: int = 0

    def add(self, seed: int, struck: Call, promised: Promises) -> None:
        thread = "desk" if struck.by_desk else "builder"
        self.rows.append(
            (seed, struck.name, struck.number, thread, struck.under_way, struck.file or "-", promised.last)
        )
        self.inside += struck.inside

    def summary(self) -> str:
        where = Counter(row[4] for row in self.rows)
        calls = Counter(row[1] for row in self.rows)
        lines = [f"{len(self.rows)} kills, {self.inside} inside a commit or a list swap"]
        lines += [", ".join(f"{count} {word}" for word, count in counts.most_common()) for counts in (where, calls)]
        return "\n  ".join(lines)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = ("seed", "syscall", "number", "process", "under way", "file", "last word of the process")
        path.write_text("".join("\t".join(map(str, row)) + "\n" for row in (head, *self.rows)))


@pytest.fixture(scope="module")
def campaign(long_campaign: bool, pytestconfig: pytest.Config) -> Iterator[Campaign]:
    """Collect the log, write it, print its sum."""
    made = Campaign("long" if long_campaign else "short")
    yield made
    made.save(ROOT / "build" / "faults" / "kill.tsv")
    reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"\n{made.summary()}")


def choose(calls: list[Call], count: int, chance: random.Random) -> list[Position]:
    """Draw positions where a kill strikes the desk's own process."""
    reached = {position: call for position, call in first_to_reach(calls).items() if call.by_desk}
    chosen: list[Position] = []
    for word, share in SHARES:
        fitting = [position for position, call in reached.items() if word in call.under_way and position not in chosen]
        chance.shuffle(fitting)
        by_name = sorted(fitting, key=lambda position: sum(other[0] == position[0] for other in chosen))
        chosen += _mixed(by_name, round(count * share))
    rest = [position for position in reached if position not in chosen]
    return chosen + chance.sample(rest, max(0, count - len(chosen)))


def _mixed(positions: list[Position], count: int) -> list[Position]:
    """Take ``count``, each name in turn, so that frequent calls do not crowd out the rare ones."""
    taken: list[Position] = []
    left = list(positions)
    while left and len(taken) < count:
        for name in dict.fromkeys(name for name, _ in left):
            one = next(position for position in left if position[0] == name)
            left.remove(one)
            taken.append(one)
    return taken[:count]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a seed, as many as the campaign has."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS[metafunc.config.getoption("campaign", "short")])


@pytest.mark.timeout(1800)
def test_killed_at_any_call_nothing_promised_is_lost_and_nothing_is_half(
    seed: int, template: Template, campaign: Campaign, strace: str, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    positions = choose(dry_run(seed, template, strace, tmp_path), POSITIONS[campaign.size], chance)
    lives = [
        Lives(seed, position, again(chance) if turn % 3 == 0 else None, template, strace, tmp_path / f"life-{turn}")
        for turn, position in enumerate(positions)
    ]
    with ThreadPoolExecutor(2) as two_at_a_time:
        for kills in two_at_a_time.map(Lives.live, lives):
            for struck, promised in kills:
                campaign.add(seed, struck, promised)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("act", ["policy", "no_document", "ECU", "cleared"])
def test_killed_at_both_ends_of_each_commit_of_an_act(
    act: str, template: Template, campaign: Campaign, strace: str, tmp_path: Path
) -> None:
    """What belongs together is one commit: at none of its ends, and between no two of them, is there a half."""
    if campaign.size == "short":
        pytest.skip("part of the long campaign")
    ends = commits_of_last_act(dry_run(0, template, strace, tmp_path, act))
    assert ends
    for turn, end in enumerate(ends):
        life = Lives(0, (end.name, end.number), None, template, strace, tmp_path / f"life-{turn}", (act,))
        for struck, promised in life.live():
            campaign.add(0, struck, promised)


def again(chance: random.Random) -> Position:
    """Draw where the next start is killed too, while it still recovers from the first kill."""
    name, most = chance.choice((("pwrite64", 60), ("fsync", 4), ("fcntl", 60), ("ftruncate", 2), ("unlink", 2)))
    return name, chance.randint(1, most)


@dataclass
class Lives:
    """A booth folder whose process is killed once, or a second time at its next start; then examined."""

    seed: int
    first: Position
    second: Position | None
    template: Template
    strace: str
    place: Path
    acts: tuple[str, ...] = ()

    def live(self) -> list[tuple[Call, Promises]]:
        """Return where the kills struck the desk, and what it had promised."""
        folder = self.place / "booth"
        shutil.copytree(self.template.folder, folder)
        kills, promised = [], Promises()
        for position in (self.first, self.second):
            if position is None:
                continue
            struck, said = self._kill(folder, position)
            promised += said
            if struck is not None:
                kills.append((struck, said))
        try:
            examine(folder, promised, self.template.events)
            go_on(folder, promised)
        except BaseException as error:
            error.add_note(f"seed {self.seed}, killed at: {[struck for struck, _ in kills]}; said last {promised.last}")
            raise
        shutil.rmtree(self.place)
        return kills

    def _kill(self, folder: Path, position: Position) -> tuple[Call | None, Promises]:
        name, number = position
        log = self.place / "trace"
        done = traced(self.strace, log, driver(folder, self.seed, *self.acts), f"{name}:signal=SIGKILL:when={number}")
        said = Promises.read(done.stdout)
        struck = next((call for call in read_trace(log) if call.by_desk and (call.name, call.number) == position), None)
        if struck is None:  # it may have struck the builder alone, which the desk survives
            assert said.ended, f"seed {self.seed}, {position}: the driver failed: {done.stderr.decode()[-2000:]}"
        else:
            assert done.returncode == -9, f"seed {self.seed}, {struck}"
        return struck, said


def test_the_campaign_was_as_large_as_promised(campaign: Campaign, strace: str) -> None:
    kills, inside = LEAST[campaign.size]
    assert len(campaign.rows) >= kills
    assert campaign.inside >= inside


def dry_run(seed: int, template: Template, strace: str, tmp_path: Path, *acts: str) -> list[Call]:
    """Play the seed to its end and examine it too: all holds, and each act was synced before it was shown."""
    folder = tmp_path / "whole"
    shutil.copytree(template.folder, folder)
    log = tmp_path / "whole.trace"
    done = traced(strace, log, driver(folder, seed, *acts))
    promised = Promises.read(done.stdout)
    assert promised.ended, done.stderr.decode()[-2000:]
    examine(folder, promised, template.events)
    shutil.rmtree(folder)
    calls = list(read_trace(log))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [lines[place] for place in unsynced_acts(calls, [line["what"] for line in lines])] == []
    assert unsynced_segments(calls) == []
    return calls


def driver(folder: Path, seed: int, *acts: str) -> list[str]:
    return ["tests.faults.driver", str(folder), str(seed), *acts]
