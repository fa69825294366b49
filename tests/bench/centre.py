"""The centre under load: a real service on the loopback, real tokens under TLS, several kept connections.

The load's own process runs on the same cores, so that the figures are less than what the service could do alone; the
CPU times of both are told beside. The list holds invented people, every tenth traveller is one of them.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from checkpoint_app.central import identity, opening
from checkpoint_app.demo.lists import listed_numbers, watchlist
from checkpoint_app.screening import calibrate
from checkpoint_app.screening.entry import Entry
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.api import JSON, QUESTIONS, SCREENINGS, TOKEN_SCHEME
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.question import Question, Reply
from checkpoint_app.wire.screening import MAX_SCREENED_BYTES, Purpose, Screened, Screening, ScreeningSubject
from tests.bench.driver import Load, cpu_s, drive, request
from tests.bench.pair import travellers
from tests.central.helpers import FakeBooth, enrolled
from tests.central.listed import publish, publish_policy

CONNECTIONS, BATCH_CONNECTIONS, BATCH = 8, 4, 100
NUMBERS, QUICK_TRAVELLERS = 100_000, 1_000
WITHIN_S = 300.0
_PASSPHRASE = "a synthetic passphrase"
_LIGHT = Stretching(time_cost=1, memory_kib=64, lanes=1)
_WARM_UP = 60
Zone = tuple[str, ...]


def run_centre(persons: int, seconds: float) -> dict[str, float]:
    """Return screenings a second, median and p99 in ms, for questions, screenings of one, and batches of a hundred.

    Each kind is driven for about ``seconds``. Raises RuntimeError where a reply is not the answer to its request.
    """
    entries = watchlist(persons)
    with tempfile.TemporaryDirectory() as name, _served(Path(name), entries) as one:
        figures = {}
        for kind, size, connections, ask in (
            ("question", 1, CONNECTIONS, one.question),
            ("single", 1, CONNECTIONS, one.screening),
            ("batch", BATCH, BATCH_CONNECTIONS, one.screening),
        ):
            load = one.driven(ask, size, connections, seconds)
            figures |= {f"{kind}_{name}": round(value, 2) for name, value in _told(load, size).items()}
        figures["workers"] = len(_descendants(one.pid)) - 1
        figures["load_average"] = round(os.getloadavg()[0], 2)
    return figures


@dataclass
class _Centre:
    """A served centre, and a booth that asks it about travellers."""

    address: tuple[str, int]
    pid: int
    booth: FakeBooth
    entries: tuple[Entry, ...]
    seed: int = 0

    def question(self, zones: Sequence[Zone]) -> bytes:
        """Return the whole request about one traveller at the desk."""
        return self._signed(QUESTIONS, Question(self.booth.name, str(uuid.uuid4()), zones[0], False, True))

    def screening(self, zones: Sequence[Zone]) -> bytes:
        """Return the whole request about travellers who are still on their way."""
        subjects = tuple(ScreeningSubject(str(place), mrz=lines) for place, lines in enumerate(zones))
        return self._signed(SCREENINGS, Screening(str(uuid.uuid4()), Purpose.EXERCISE, subjects))

    def driven(
        self, ask: Callable[[Sequence[Zone]], bytes], size: int, connections: int, seconds: float
    ) -> tuple[Load, float]:
        """Ask for about ``seconds``, after a few to warm up; returns also the CPU seconds of the service."""
        warm = max(2 * connections, _WARM_UP // size)
        rate = drive(self.address, self.pid, self._requests(ask, size, warm), connections).requests_s
        requests = self._requests(ask, size, max(warm, int(rate * seconds)))
        before = sum(map(cpu_s, _descendants(self.pid)))
        load = drive(self.address, self.pid, requests, connections)
        used = sum(map(cpu_s, _descendants(self.pid))) - before
        for status, body in load.replies:
            if status != 200 or not _whole(body, size):
                raise RuntimeError(f"the centre answered {status}, {len(body)} bytes: not an answer by every list")
        return load, used

    def _requests(self, ask: Callable[[Sequence[Zone]], bytes], size: int, count: int) -> list[bytes]:
        self.seed += 1
        zones = travellers(size * count, self.seed, self.entries)
        self.booth.now = datetime.now(UTC)
        return [ask(zones[begin : begin + size]) for begin in range(0, len(zones), size)]

    def _signed(self, path: str, value: object) -> bytes:
        body = canonical_bytes(to_plain(value))
        token = f"{TOKEN_SCHEME} {self.booth.token('POST', path, body)}"
        host = "{}:{}".format(*self.address)
        return request("POST", path, host, body, Content_Type=JSON, Authorization=token)

    def wait_loaded(self) -> None:
        """Wait until the centre answers by its lists."""
        ends = time.monotonic() + WITHIN_S
        while time.monotonic() < ends:
            ((status, body),) = drive(self.address, self.pid, self._requests(self.question, 1, 1), 1).replies
            if status == 200 and _whole(body, 1):
                return
            time.sleep(0.5)
        raise RuntimeError("the centre does not load its lists")


@contextlib.contextmanager
def _served(folder: Path, entries: tuple[Entry, ...]) -> Iterator[_Centre]:
    """Return a block with a service of its own, in a process of its own, as `checkpoint central serve` runs it."""
    centre = opening.create(folder / "centre", _PASSPHRASE, stretching=_LIGHT)
    try:
        calibration = calibrate(entries[:10_000], travellers=QUICK_TRAVELLERS)
        publish(centre, "ECU", entries, calibration=calibration)
        publish(centre, "INTL", listed_numbers(NUMBERS))
        publish_policy(centre)
        booth = enrolled(centre, "bench-1")
        booth.audience = identity.audience(centre)
    finally:
        opening.close(centre)
    file = folder / "passphrase"
    file.write_text(_PASSPHRASE)
    command = [sys.executable, "-m", "checkpoint_app", "central", "serve", "--port=0"]
    options = [f"--home={folder / 'centre'}", f"--passphrase-file={file}"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = urlsplit(process.stdout.readline().strip().removeprefix("serving on "))
            one = _Centre((url.hostname or "", url.port or 0), process.pid, booth, entries)
            one.wait_loaded()
            yield one
        finally:
            process.terminate()
            process.wait(60)


def _whole(body: bytes, size: int) -> bool:
    """Tell whether a reply answers about ``size`` travellers by every list."""
    plain = read_canonical(body, MAX_SCREENED_BYTES)
    if "subjects" in plain:
        answers = [one.answers for one in from_plain(Screened, plain).subjects]
    else:
        answers = [from_plain(Reply, plain).answers]
    return len(answers) == size and all(
        len(of_one) == 2 and not {one.not_done for one in of_one} & set(NotDone) for of_one in answers
    )


def _told(driven: tuple[Load, float], size: int) -> dict[str, float]:
    load, used = driven
    screened = size * len(load.replies)
    return {
        "screenings_s": load.requests_s * size,
        "median_ms": load.median_ms,
        "p99_ms": load.p99_ms,
        "service_cpu_ms": 1000 * used / screened,
        "front_cpu_ms": load.server_cpu_ms / size,
        "driver_cpu_ms": load.driver_cpu_ms / size,
    }


def _descendants(pid: int) -> list[int]:
    """Return a process and all that it started, which still run."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            found += _descendants(int(child))
    return found


if __name__ == "__main__":
    for name, value in run_centre(int(sys.argv[1]), float(sys.argv[2])).items():
        print(f"{name:32} {value:12,.2f}")
