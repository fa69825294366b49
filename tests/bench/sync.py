"""The line at 64 kbit/s: a day's delta with two cuts, look-ups meanwhile, an idle poll, an outage, and what peers cost.

Everything is real: the centre serves by its own command, the booth is a desk without its window in a network namespace.
Bytes are counted at the interface, with all headers, and times run from the publication until the list is consulted.
`python -m tests.bench.sync [PERSONS [NUMBERS]]` runs it smaller.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checkpoint_app.booth.line.connection import ROUND_EVERY_S
from checkpoint_app.demo.policy import NUMBERS_LIST, WANTED_LIST, demo_policy
from checkpoint_app.store import Store, open_passphrase_key
from checkpoint_app.wire.plain import to_plain
from tests.bench.report import Report
from tests.bench.slow_line import HERE, SlowLine
from tests.bench.sync_lists import PASSPHRASE, lay_numbers
from tests.bench.sync_outage import delivered_outage
from tests.bench.sync_peers import peers_of

PERSONS, NUMBERS = 2_000_000, 100_000_000
CUTS_AT, CUT_S = (0.3, 0.65), 4.0
"""The line is cut when so much of the delta is there, for so long."""
IDLE_S = 60.0
PORT = 18_443
BOOTH = "bench-1"
SLOW_BYTES_S = 8_000
_LOADED_S, _BROUGHT_S, _COMMAND_S = 900.0, 900.0, 1_200.0
TARGETS = {
    "delta_bytes": 500_000,
    "delta_s": 90,
    "slowest_lookup_ms": 20,
    "resent_bytes_a_cut": 64_000,
    "idle_poll_bytes": 1_000,
    "outage_min": 15,
    "client_mib": 600,
}


def run(persons: int = PERSONS, numbers: int = NUMBERS) -> Report:
    """Run all of it. Raises SkippedError where there is no root."""
    with SlowLine() as line, tempfile.TemporaryDirectory(prefix="sync-bench", dir=_roomy()) as name:
        world = World(Path(name), line, persons)
        figures = world.make()
        with world.serving():
            world.enrol()
            figures |= world.first_load(numbers)
            world.command("import", "--list=policy", str(world.policy(2)))
            line.slow_down()
            with world.client() as client:
                client.wait(lambda told: set(told["versions"]) >= {WANTED_LIST, NUMBERS_LIST}, _LOADED_S)
                figures |= world.day(client, 2, CUTS_AT) | world.day(client, 3, ())
                figures["resent_bytes_a_cut"] = max(0, figures["delta_wire_bytes"] - figures["uncut_wire_bytes"]) / 2
                figures |= world.idle(client)
                figures["client_mib"] = client.most_rss
                figures["client_with_children_mib"] = client.most_family
                figures["slowest_lookup_ms"] = client.slowest_while_applying
            figures |= delivered_outage(world)
        figures["load_average"] = os.getloadavg()[0]
        return Report({k: round(v, 3) for k, v in figures.items()}, TARGETS, peers_of(world, SLOW_BYTES_S))


class World:
    """The centre and its one booth, in ``folder``."""

    def __init__(self, folder: Path, line: SlowLine, persons: int) -> None:
        self.folder = folder
        self.line = line
        self.persons = persons
        self.home = folder / "booth"
        self.url = f"https://{HERE}:{PORT}"
        self.passphrase_file = folder / "passphrase"
        self.passphrase_file.touch(mode=0o600)
        self.passphrase_file.write_text(PASSPHRASE)

    @property
    def centre(self) -> Path:
        """The centre's folder."""
        return self.folder / "centre"

    @property
    def data(self) -> Path:
        """The booth's data folder."""
        return self.home / "data"

    def package(self, version: int) -> Path:
        """Return the centre's package of a version of the list of persons."""
        return self.centre / "lists" / f"{WANTED_LIST}-{version}.list"

    def make(self) -> dict[str, float]:
        """Make the centre with the first version of its list."""
        self.home.mkdir(mode=0o700)
        self.command("init", f"--host-name={HERE}")
        self.command("import", "--list=policy", str(self.policy(1)))
        began = time.perf_counter()
        self.import_people(1)
        figures = {"persons": self.persons, "import_s": time.perf_counter() - began}
        self.command("publish")
        return figures | {"whole_bytes": self.package(1).stat().st_size}

    def policy(self, number: int) -> Path:
        """Return a file with the demonstration's policy."""
        path = self.folder / f"policy-{number}.json"
        path.write_text(json.dumps(to_plain(demo_policy(datetime.now(UTC).replace(microsecond=0)))))
        return path

    def import_people(self, version: int) -> None:
        """Import a version of the list of persons."""
        command = [sys.executable, "-m", "tests.bench.sync_lists", "import", str(self.centre)]
        subprocess.run([*command, str(version), str(self.persons)], check=True, timeout=_COMMAND_S)

    def command(self, *arguments: str) -> str:
        """Run `checkpoint central …` and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "checkpoint_app", "central", *arguments],
            env=self._environment(), capture_output=True, text=True, timeout=_COMMAND_S, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"central {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Let the centre serve; at the block's end it ends."""
        command = [sys.executable, "-m", "checkpoint_app", "central", "serve", f"--host={HERE}", f"--port={PORT}"]
        with subprocess.Popen([*command, "--workers=1"], env=self._environment(), stdout=subprocess.PIPE) as server:
            try:
                assert server.stdout is not None
                if not server.stdout.readline().startswith(b"serving on"):
                    raise RuntimeError("the centre does not serve")
                yield
            finally:
                server.send_signal(signal.SIGTERM)

    def enrol(self) -> None:
        """Enrol the booth over the fast line."""
        code = self.command("enrol-code", BOOTH, "--post=Paso").splitlines()[0]
        command = [sys.executable, "-m", "checkpoint_app", "enrol", f"--central={self.url}", f"--code={code}"]
        command += [f"--booth={BOOTH}", f"--passphrase-file={self.passphrase_file}", "--wait=60"]
        environment = {**os.environ, "CHECKPOINT_HOME": str(self.home)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as enrolling:
            assert enrolling.stdout is not None
            said = ""
            while "booths confirm" not in said and (text := enrolling.stdout.readline()):
                said += text
            fingerprint = next(text.split()[1] for text in said.splitlines() if text.startswith("fingerprint"))
            self.command("booths", "confirm", BOOTH, fingerprint)
            enrolling.communicate(timeout=60)

    def first_load(self, numbers: int) -> dict[str, float]:
        """Bring the whole list over the fast line, and lay the numbers down, as a stick would."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "checkpoint_app", "sync", f"--passphrase-file={self.passphrase_file}"]
        environment = {**os.environ, "CHECKPOINT_HOME": str(self.home)}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=_COMMAND_S)
        whole_s = time.perf_counter() - began
        began = time.perf_counter()
        with self.open_store() as store:
            lay_numbers(store, numbers)
        return {"whole_load_s": whole_s, "numbers": numbers, "numbers_laid_s": time.perf_counter() - began}

    def open_store(self) -> Store:
        """Open the booth's store."""
        return Store.open(self.data, open_passphrase_key(self.data, PASSPHRASE))

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Run the booth in the namespace."""
        command = self.line.command(sys.executable, "-m", "tests.bench.sync_client", str(self.home))
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield Client(process)
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(30)

    def day(self, client: Client, version: int, cuts: tuple[float, ...]) -> dict[str, float]:
        """Publish a day's change and wait until the booth consults it; the line is cut on the way."""
        self.import_people(version)
        client.rest(20)
        before = self.line.bytes()
        self.command("publish")
        began = time.monotonic()
        client.applying = True
        for at in cuts:
            client.wait(lambda told, at=at: _share(told) >= at, _BROUGHT_S)
            self.line.cut(CUT_S)
        client.wait(lambda told: told["versions"].get(WANTED_LIST) == version, _BROUGHT_S)
        took, after = time.monotonic() - began, self.line.bytes()
        client.rest(3)
        client.applying = False
        wire = float(after[0] - before[0] + after[1] - before[1])
        if not cuts:
            return {"uncut_s": took, "uncut_wire_bytes": wire}
        [delta] = (self.centre / "repository" / "targets" / WANTED_LIST).glob("*.delta")
        return {"delta_bytes": delta.stat().st_size, "delta_wire_bytes": wire, "delta_s": took, "cuts": len(cuts)}

    def idle(self, client: Client) -> dict[str, float]:
        """Count what passes while there is nothing to say, for each poll."""
        client.rest(20)
        before = self.line.bytes()
        client.rest(IDLE_S)
        after = self.line.bytes()
        wire = after[0] - before[0] + after[1] - before[1]
        return {"idle_poll_bytes": wire * ROUND_EVERY_S / IDLE_S, "idle_bytes_an_hour": wire * 3600 / IDLE_S}

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CHECKPOINT_CENTRAL_HOME": str(self.centre),
            "CHECKPOINT_CENTRAL_PASSPHRASE_FILE": str(self.passphrase_file),
            "CHECKPOINT_ADMIN": "bench",
        }


class Client:
    """What the booth tells, a line a second."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.applying = False
        self.most_rss = self.most_family = self.slowest_while_applying = 0.0

    def wait(self, condition: Any, within_s: float) -> dict[str, Any]:
        """Listen until ``condition`` of what is told. Raises RuntimeError."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            told = self._listen()
            if condition(told):
                return told
        raise RuntimeError("the booth never came to it")

    def rest(self, seconds: float) -> None:
        """Listen for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._listen()

    def _listen(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        text = self._process.stdout.readline()
        if not text:
            raise RuntimeError("the booth has ended")
        told: dict[str, Any] = json.loads(text)
        self.most_rss = max(self.most_rss, told["rss_mib"])
        self.most_family = max(self.most_family, told["family_mib"])
        if self.applying:
            self.slowest_while_applying = max(self.slowest_while_applying, told["slowest_ms"])
        return told


def _share(told: dict[str, Any]) -> float:
    """Return how much of the list on its way is there."""
    done, total = told["bringing"] or (0, 1)
    return float(done / max(1, total))


def _roomy() -> str | None:
    """Return a folder with room for the numbers."""
    build = Path("build")
    build.mkdir(exist_ok=True)
    return str(build.absolute()) if shutil.disk_usage(build).free > 8 << 30 else None


if __name__ == "__main__":
    report = run(*(int(argument) for argument in sys.argv[1:]))
    print(report.table("sync"))
