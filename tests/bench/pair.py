"""The demonstration's centre and its booth, whose store and line are open here; travellers to ask about."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlsplit

from checkpoint_app.demo.booth import DemoBooth, open_booth
from checkpoint_app.demo.centre import DemoCentre
from checkpoint_app.demo.lists import watchlist
from checkpoint_app.demo.names import invent_person
from checkpoint_app.demo.partners import PARTNER_LISTS, TRAVELLERS, read_json, source_digest
from checkpoint_app.demo.policy import WANTED_LIST
from checkpoint_app.documents import MrzError
from checkpoint_app.screening import ENGINE, calibrate, entry_to_plain
from checkpoint_app.screening.entry import Entry
from checkpoint_app.store import Store
from checkpoint_app.store.trusted_time import MachineClock
from checkpoint_app.sync.ask import ask
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.transport import Received, Transport, pinned_context
from checkpoint_app.verdict import Answer, Check
from checkpoint_app.wire.question import Question
from tests.bench.driver import cpu_s
from tests.bench.report import OUT
from tests.central.chains import zone

LOADED_WITHIN_S = IDLE_WITHIN_S = 180.0


class Counting(Transport):
    """Counts the bytes of requests, heads and bodies, before they are encrypted."""

    sent = 0

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, within_s: float) -> Received:
        """Send one request."""
        self.sent += len(f"{method} {path} HTTP/1.1\r\n") + sum(len(f"{k}: {v}\r\n") for k, v in headers.items())
        self.sent += len(body or b"")
        return super().send(method, path, headers, body, within_s)


@dataclass
class Pair:
    """The centre that serves, and the booth's store and line to it."""

    centre: DemoCentre
    store: Store
    line: Line
    transport: Counting

    @property
    def address(self) -> tuple[str, int]:
        """Where the centre listens."""
        parts = urlsplit(self.centre.url)
        return str(parts.hostname), int(parts.port or 0)

    @property
    def server_pid(self) -> int:
        """The centre's process."""
        process = self.centre._process
        assert process is not None
        return process.pid

    def question(self, lines: tuple[str, ...]) -> Question:
        """Return what this booth asks about a traveller."""
        return Question(self.store.identity.booth, str(uuid.uuid4()), lines, doubtful=False, direction_in=True)

    def wait_loaded(self, version: int = 1) -> None:
        """Wait until the centre answers by its list of persons of ``version``, or a later one."""
        deadline = time.monotonic() + LOADED_WITHIN_S
        while time.monotonic() < deadline:
            reply = ask(self.line, self.question(zone()), 20)
            if all(one.not_done is None and _version(one) >= version for one in reply.answers):
                return
            time.sleep(0.2)
        raise RuntimeError("the centre does not load its lists")

    def wait_idle(self) -> None:
        """Wait until the centre has done what it does beside requests, such as screening what was delivered."""
        before, pause = cpu_s(self.server_pid), 0.5
        deadline = time.monotonic() + IDLE_WITHIN_S
        while time.monotonic() < deadline:
            time.sleep(pause)
            now = cpu_s(self.server_pid)
            if now - before < pause / 10:
                return
            before = now
        raise RuntimeError("the centre does not come to rest")


@contextlib.contextmanager
def paired(made: DemoBooth) -> Iterator[Pair]:
    """Return a block with the booth's line open; the centre serves. Raises RuntimeError where it has no lists."""
    with open_booth(made.places.data) as store:
        enrolled = enrolled_of(store)
        assert enrolled is not None
        transport = Counting(enrolled.url, pinned_context(enrolled.anchors.ca))
        line = Line(enrolled, store.identity, MachineClock(), transport)
        try:
            pair = Pair(made.centre, store, line, transport)
            pair.wait_loaded()
            yield pair
        finally:
            line.close()


def bring_persons(pair: Pair, count: int) -> None:
    """Let the centre's list of persons grow to ``count`` invented entries, and wait until it answers by them."""
    entries = watchlist(count)
    calibration = calibrated(entries)
    text = json.dumps({**calibration, "made_of": source_digest()})
    (pair.centre.folder / "calibration.json").write_text(text, encoding="utf-8")
    one = next(one for one in PARTNER_LISTS if one.name == WANTED_LIST)
    larger = replace(one, records=lambda: map(entry_to_plain, entries))
    version = pair.centre.bring(larger, datetime.now(UTC).replace(microsecond=0))
    # So many changes want a second administrator.
    command = [sys.executable, "-m", "checkpoint_app", "central", "import", f"--list={one.name}"]
    environment = {**pair.centre._environment(), "CHECKPOINT_ADMIN": "second"}
    subprocess.run([*command, f"--approve={version}"], env=environment, check=True, capture_output=True, timeout=60)
    pair.centre.command("publish")
    pair.wait_loaded(version)


def calibrated(entries: tuple[Entry, ...]) -> dict[str, Any]:
    """Return the calibration of a list of the demo's entries: found once, and kept beside the reports."""
    path = OUT / f"calibration-{len(entries)}.json"
    kept = read_json(path)
    if kept.pop("made_of", "") == source_digest() and kept.get("engine") == ENGINE:
        return kept
    found: dict[str, Any] = calibrate(entries, travellers=TRAVELLERS).to_plain()
    OUT.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**found, "made_of": source_digest()}), encoding="utf-8")
    return found


def travellers(count: int, seed: int, entries: tuple[Entry, ...]) -> list[tuple[str, ...]]:
    """Return the zones of ``count`` different invented travellers, every tenth of them one of ``entries``."""
    rng, zones = Random(seed), dict[tuple[str, ...], None]()
    while len(zones) < count:
        family, given, birth = _listed(rng.choice(entries)) if len(zones) % 10 == 0 else _anybody(rng)
        with contextlib.suppress(MrzError):  # a name that no zone can state
            zones[zone(family, given, f"Z{rng.randrange(10**8):08d}", birth)] = None
    return list(zones)


def _anybody(rng: Random) -> tuple[str, str, str]:
    invented = invent_person(rng)
    birth = f"{rng.randrange(40, 99)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
    return invented.family, invented.given, birth


def _listed(entry: Entry) -> tuple[str, str, str]:
    stated = entry.birth_dates[0].first if entry.birth_dates else "1970-01-01"
    return entry.names[0].family, entry.names[0].given, (stated + "-07-15")[:10].replace("-", "")[2:]


def _version(answer: Answer) -> int:
    """Return the version of the list of persons; of others nothing is awaited."""
    return answer.source.version if answer.check is Check.WANTED else sys.maxsize
