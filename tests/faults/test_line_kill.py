"""Centre and booth are killed (-9) at seeded system calls while they talk; nothing is lost, nothing is done twice.

Invariants 2, 3, 4 and 8. After each kill the killed side starts anew, the line comes to rest, and both ends are
examined. Where each kill struck is told by its own trace: build/faults/line.tsv.
"""

from __future__ import annotations

import io
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.central import acts
from checkpoint_app.store.trust import trust_of
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.fetch import fetch_lists
from checkpoint_app.wire.grant import open_grant, read_grant
from checkpoint_app.wire.header import read_header
from checkpoint_app.wire.package import iter_records
from tests.e2e.centre import BOOTH
from tests.faults.line_booth import LineBooth
from tests.faults.line_centre import LineCentre, Position
from tests.faults.line_examine import due, examine_cases, examine_events, opened, received, unheard
from tests.faults.line_report import say
from tests.faults.line_trace import COMMIT, COMMITTED, ELSEWHERE, TRANSACTION, Struck, struck, unheard_positions
from tests.faults.template import FAMILY, GIVEN, STRANGER
from tests.faults.tracing import ROOT, traced
from tests.store.helpers import nothing_in_clear
from tests.sync.helpers import directly

DAYS = (-3, 3)
"""How far the booth's clock is off, in turn."""
ROUNDS = {"short": 1, "long": 6}
KILLS = {"short": {"centre": 2, "booth": 2, "publish": 2}, "long": {"centre": 20, "booth": 10, "publish": 5}}
LEAST = {"short": 6, "long": 200}
CENTRE_CALLS = (("pwrite64", 1, 60), ("fsync", 1, 8), ("fcntl", 1, 80), ("pwrite64", 1, 20), ("sendto", 1, 24))
"""A call's name, and from which number on to which. Every second kill strikes after a commit that nobody has heard of;
where that is, a first life tells that is traced and not ended by it.
"""
UNHEARD = 12
BOOTH_CALLS = (("pwrite64", 1, 150), ("fsync", 1, 25), ("sendto", 1, 25), ("recvfrom", 1, 40), ("fcntl", 1, 150))
PUBLISH_CALLS = (
    *(("rename", 1, 4), ("fsync", 1, 10), ("pwrite64", 1, 8), ("unlink", 1, 2), ("write", 1, 5), ("fcntl", 1, 50)),
)
REST_WITHIN_S = 60.0


MAY_ATTACH = os.geteuid() == 0
"""The serving process is hardened: no other process of its own user may trace it."""


@dataclass
class Campaign:
    """The log of all kills so far."""

    size: str
    began: float = field(default_factory=time.monotonic)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    inside: int = 0
    unheard: int = 0

    def add(self, who: str, seed: int, position: Position, where: Struck | None, came: str) -> bool:
        """Note a kill: whose, where it struck, and what came of it. Returns whether there was one.

        A centre that made no such call is killed at rest; the others have ended by then.
        """
        if where is None and who != "centre":
            return False
        under_way, file = (where.under_way, where.file) if where else ("at rest", "-")
        after = round(time.monotonic() - self.began, 1)
        self.rows.append((who, seed, position.name, position.number, under_way, file, came, after))
        self.inside += where is not None and where.inside
        self.unheard += who == "centre" and (came.startswith("stored, unheard") or under_way == COMMITTED)
        return True

    def summary(self) -> str:
        who, where = Counter(row[0] for row in self.rows), Counter((row[0], row[4]) for row in self.rows)
        came = Counter((row[0], str(row[6])) for row in self.rows)
        took = round(time.monotonic() - self.began)
        head = f"{len(self.rows)} kills on the line in {took} s, {self.inside} inside a transaction,"
        lines = [f"{head} {self.unheard} of the centre's between a commit and its reply"]
        lines += [", ".join(f"{count} {word}" for word, count in who.items())]
        lines += [
            ", ".join(f"{count} {' '.join(word)}" for word, count in counts.most_common()) for counts in (where, came)
        ]
        return "\n  ".join(lines)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = ("killed", "seed", "syscall", "number", "under way", "file", "outcome", "after s")
        path.write_text("".join("\t".join(map(str, row)) + "\n" for row in (head, *self.rows)))


@pytest.fixture(scope="module")
def campaign(long_campaign: bool, pytestconfig: pytest.Config) -> Iterator[Campaign]:
    """Collect the log, write it, print its sum."""
    made = Campaign("long" if long_campaign else "short")
    yield made
    made.save(ROOT / "build" / "faults" / "line.tsv")
    say(pytestconfig, made.summary())


@dataclass
class Pair:
    """A centre that serves, and a booth of it whose clock is off; ``strace`` sets the kills."""

    folder: Path
    seed: int
    strace: str
    campaign: Campaign

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.days = DAYS[self.seed % len(DAYS)]
        self.centre = LineCentre(self.folder / "centre")
        self.home = self.folder / "booth"
        self.log = self.folder / "trace"

    def begin(self) -> None:
        self.centre.start()
        self.centre.enrol(self.home / "data")
        self.unheard: list[Position] = []

    def learn(self) -> None:
        """Find out where the centre has stored a batch, and has not replied."""
        self._life(None, fetch=False)
        self.unheard = unheard_positions(self.log, UNHEARD)
        assert self.unheard, "no batch was stored"

    def booth(self) -> LineBooth:
        return LineBooth(self.home, self.chance.randrange(1 << 30), timedelta(days=self.days))

    def draw(self, calls: tuple[tuple[str, int, int], ...], turn: int) -> Position:
        """Return where the next kill is set: each of ``calls`` in turn, at one of its numbers."""
        name, first, last = calls[turn % len(calls)]
        return Position(name, self.chance.randint(first, last))

    def come_to_rest(self, booth: LineBooth) -> None:
        """Deliver everything, wait until the centre has screened it and the booth has its cases; then examine both."""
        ends = time.monotonic() + REST_WITHIN_S
        while not self._rests(booth):
            assert time.monotonic() < ends, f"seed {self.seed}: the line does not come to rest"
            time.sleep(0.1)
            booth.tick()  # what arrives at the centre wakes its screening
        examine_events(self.centre.centre, booth.store)
        examine_cases(self.centre.centre, booth.store)
        off = booth.line.time_off()
        assert off is not None
        assert abs(off - timedelta(days=self.days)) < timedelta(seconds=10), "the line does not know the booth's clock"

    def _rests(self, booth: LineBooth) -> bool:
        done = booth.round()
        if done is None or done.delivered is None or done.delivered.waiting or done.delivered.wanted:
            return False
        store, expected = booth.store, due(booth.store)
        if not received(store) == expected == opened(self.centre.centre, BOOTH):
            return False
        head = store.journal.head()
        return self.centre.acknowledged().seq == head.seq == store.delivery.acknowledged().seq

    # -- kills --------------------------------------------------------------------------------------------------------

    def kill_centre(self, turn: int) -> bool:
        """Kill the serving process while a booth talks to it."""
        odd = turn % 2
        if odd and not self.unheard:
            self.learn()
        position = self.chance.choice(self.unheard) if odd else self.draw(CENTRE_CALLS, turn // 2)
        where, came = self._life(position, fetch=turn % 4 == 0)
        return self.campaign.add("centre", self.seed, position, where, came)

    def _life(self, position: Position | None, *, fetch: bool) -> tuple[Struck | None, str]:
        """Let the centre serve until it dies there, or the booth is done; then start it anew, and let both rest."""
        with self.booth() as booth:
            booth.round()  # so that the kill falls into delivery, not into the first connection
            tracer = self.centre.kill_at(self.strace, position, self.log)
            for _done in booth.steps(fetch=fetch):
                if self.centre.dead:
                    break
            died = self.centre.dead
            self.centre.kill()
            tracer.communicate(timeout=30)
            count = unheard(self.centre.centre, booth.store)
            came = f"stored, unheard: {count}" if count else "nothing unheard"
            self.centre.start()
            self.come_to_rest(booth)
        return struck(self.log, position) if died and position else None, came

    def kill_booth(self, turn: int) -> bool:
        """Kill a booth's process while it writes and delivers."""
        position = self.draw(BOOTH_CALLS, turn)
        words = ["tests.faults.line_booth", str(self.home), str(self.chance.randrange(1 << 30)), str(self.days)]
        fetches = str(int(turn % 3 == 0))
        done = traced(self.strace, self.log, [*words, fetches], position.inject)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()[-2000:]
        self.centre.said += [done.stdout.decode(), done.stderr.decode()]
        where = struck(self.log, position) if done.returncode else None
        with self.booth() as booth:
            count = unheard(self.centre.centre, booth.store)
            came = f"stored, unheard: {count}" if count else "nothing unheard"
            self.come_to_rest(booth)
        return self.campaign.add("booth", self.seed, position, where, came)

    def kill_publish(self, turn: int) -> bool:
        """Kill a publication; a booth gets the old or the new version wholly, and the next publication completes."""
        position = self.draw(PUBLISH_CALLS, turn)
        version = self.centre.newer()
        died = self.centre.publish_killed(self.strace, position, self.log)
        where = struck(self.log, position) if died else None
        with self.booth() as booth:
            got = {self._fetched(booth, self.home), self._fetched(booth, self.folder / f"new-{turn}")}
            assert len(got) == 1, f"two booths got different versions: {got}"
            assert got <= {version - 1, version}
            done = self.centre.publish()
            assert (done == [f"ECU {version}"]) == (version - 1 in got)
            for place in (self.home, self.folder / f"new-{turn}"):
                assert self._fetched(booth, place) == version
            assert self._acts(version) == 1, (
                f"the record tells {self._acts(version)} times that {version} was published"
            )
            self.come_to_rest(booth)
        return self.campaign.add(
            "publish", self.seed, position, where, "new version" if version in got else "old version"
        )

    def _acts(self, version: int) -> int:
        """Return how many acts say that this version of the list was published."""
        after, count = 0, 0
        with self.centre.centre.begin() as connection:
            while page := acts.all(connection, after):
                after = page[-1].number
                count += sum((one.what, one.about.get("version")) == ("list published", version) for one in page)
        return count

    def _fetched(self, booth: LineBooth, place: Path) -> int:
        """Fetch into ``place``, and return which version lies there whole."""
        inbox = place / "inbox"
        try:
            fetched = fetch_lists(booth.line, directly(booth.store), inbox, place / "metadata")
        except LineError as error:
            raise AssertionError(f"nothing could be fetched: {error}") from error
        assert (fetched.faults, fetched.unfinished) == ((), ())
        trust = trust_of(booth.store)
        stream = io.BytesIO((inbox / "ECU.list").read_bytes())
        header = read_header(stream, trust)
        grant = read_grant((inbox / "ECU.grant").read_bytes())
        key = open_grant(grant, booth.store.identity.exchange_key, trust["ECU"], booth.store.time.now())
        ids = {record["id"] for record in iter_records(stream, header, key) if record["id"].startswith("E-")}
        assert ids == {f"E-{number}" for number in range(1, header.version + 1)}, "a version with another's content"
        return header.version


@contextmanager
def paired(folder: Path, seed: int, strace: str, campaign: Campaign) -> Iterator[Pair]:
    """Return a block with a pair; at its end nothing personal lies in clear, and no fault was logged."""
    pair = Pair(folder, seed, strace, campaign)
    try:
        pair.begin()
        yield pair
    finally:
        pair.centre.close()
    names = (FAMILY, *GIVEN.split(), STRANGER)
    nothing_in_clear(folder, *names)
    said = "\n".join(pair.centre.said)
    assert not [name for name in names if name.lower() in said.lower()], "a name was logged"
    assert "Traceback" not in said


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a round, as many as the campaign has."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(ROUNDS[metafunc.config.getoption("campaign", "short")]))


@pytest.mark.timeout(1200)
def test_killed_anywhere_nothing_is_lost_nothing_doubled_and_lists_are_whole(
    seed: int, campaign: Campaign, strace: str, tmp_path: Path
) -> None:
    kills = KILLS[campaign.size] | ({} if MAY_ATTACH else {"centre": 0})
    with paired(tmp_path, seed, strace, campaign) as pair:
        ways: dict[str, Callable[[int], bool]] = {
            "centre": pair.kill_centre,
            "booth": pair.kill_booth,
            "publish": pair.kill_publish,
        }
        for who, way in ways.items():
            killed = turn = 0
            while killed < kills[who]:
                assert turn < 3 * kills[who] + 3, f"{who}: the kills do not strike"
                try:
                    killed += way(seed + turn)
                except BaseException as error:
                    error.add_note(f"seed {seed}, {who}, turn {turn}, after {campaign.rows[-1:]}")
                    raise
                turn += 1


@pytest.mark.skipif(not MAY_ATTACH, reason="the serving centre can be traced by root alone")
def test_the_campaign_was_as_large_as_promised(campaign: Campaign, strace: str) -> None:
    assert len(campaign.rows) >= LEAST[campaign.size]
    if campaign.size == "long":
        assert campaign.inside >= 60
        assert campaign.unheard >= 20


TRACE = """\
7 fcntl(5</c/centre.db-shm>, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=120, l_len=1}) = 0
7 pread64(4</c/centre.db>, ""..., 4096, 0) = 4096
7 pwrite64(4</c/centre.db-wal>, ""..., 4096, 56 <unfinished ...>
9 fcntl(6</c/centre.db-shm>, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=124, l_len=1}) = 0
7 <... pwrite64 resumed>) = 4096
7 pwrite64(4</c/centre.db-wal>, ""..., 24, 4152) = 24
7 fsync(4</c/centre.db-wal>) = 0
7 fcntl(5</c/centre.db-shm>, F_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=120, l_len=1}) = 0
7 sendto(10<socket:[1]>, ""..., 1, 0, NULL, 0) = 1
9 sendto(11<socket:[2]>, ""..., 173, 0, NULL, 0) = 173
9 pread64(6</c/centre.db>, ""..., 4096, 0) = 4096
9 pread64(6</c/centre.db>, ""..., 4096, 4096) = ?
"""


@pytest.mark.parametrize(
    ("name", "number", "word"),
    [
        ("fcntl", 1, ELSEWHERE),
        ("pread64", 1, TRANSACTION),
        ("pwrite64", 2, COMMIT),
        ("fsync", 1, COMMIT),
        ("fcntl", 2, COMMITTED),
        ("sendto", 1, COMMITTED),
        ("pread64", 2, ELSEWHERE),
    ],
)
def test_a_trace_tells_what_was_under_way(name: str, number: int, word: str, tmp_path: Path) -> None:
    (tmp_path / "trace").write_text(TRACE)
    found = struck(tmp_path / "trace", Position(name, number))
    assert found is not None
    assert found.under_way == word
    assert struck(tmp_path / "trace", Position(name, 9)) is None
