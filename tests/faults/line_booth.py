"""A booth at the end of the line, without a desk: ``python -m tests.faults.line_booth FOLDER SEED DAYS FETCH``.

It writes Encounters as the booth does and runs rounds of the line. What it promised is what its journal holds.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType

from checkpoint_app.booth.record.encounter import Disposition, Encounter, Picture, ReadSource
from checkpoint_app.booth.record.records import Decision, Records
from checkpoint_app.confined.hardening import harden
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening.checks import Examination, run_checks
from checkpoint_app.store import Store, open_passphrase_key
from checkpoint_app.sync.deliver import Delivered, deliver
from checkpoint_app.sync.enrolled import Enrolled, enrolled_of
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.fetch import fetch_lists
from checkpoint_app.sync.line import MOST_STATEMENT_BYTES, Line
from checkpoint_app.sync.round import RoundDone, run_round
from checkpoint_app.sync.transport import Transport
from checkpoint_app.verdict import Check, Policy, Requirement, fold
from checkpoint_app.wire.api import EVENTS
from checkpoint_app.wire.batch import BATCH_TYPE, write_batch
from checkpoint_app.wire.delivery import BATCH_BYTES, Batch
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.statement import Statement
from tests.booth.helpers import OFFICER, PASSPHRASE
from tests.faults.template import FAMILY, GIVEN, STRANGER, passport
from tests.sync.helpers import directly

BORN = "740821"
STEPS = 5
POLICY = Policy(
    name="policy",
    version=1,
    issued_at=datetime(2026, 1, 1, tzinfo=UTC),
    required=(Requirement(Check.DOCUMENT), Requirement(Check.WANTED, "ECU")),
    outcomes={},
)


@dataclass(frozen=True)
class WrongClock:
    """A clock that is ``off`` from the machine's; its seconds are real."""

    off: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def monotonic(self) -> float:
        return monotonic()


@dataclass
class LineBooth:
    """The booth in ``folder`` (its store in ``data``), open until it is closed; ``seed`` chooses what it writes."""

    folder: Path
    seed: int
    off: timedelta = timedelta()
    transport: Callable[[Enrolled], Transport] | None = None
    store: Store = field(init=False)
    line: Line = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        data, clock = self.folder / "data", WrongClock(self.off)
        self.store = Store.open(data, open_passphrase_key(data, PASSPHRASE), clock=clock)
        self.records = Records(self.store)
        enrolled = enrolled_of(self.store)
        assert enrolled is not None, "this booth was not enrolled"
        self.line = Line(enrolled, self.store.identity, clock, self.transport and self.transport(enrolled))

    def __enter__(self) -> LineBooth:
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.line.close()
        self.store.close()

    def encounter(self, listed: bool) -> None:
        """Write one Encounter from the read to the disposition; no list was here, the centre may know better."""
        names = (FAMILY, GIVEN, BORN) if listed else (STRANGER, "KLARA", "800101")
        number = f"L{self.chance.randrange(10**8):08d}"
        now = self.store.time.now()
        mrz = parse_mrz(passport(names[0], names[1], number, names[2]), now.date())
        answers = run_checks(Examination(mrz, False, now), POLICY, (), lambda *_: None)
        picture = Picture(self.chance.randbytes(3000)) if self.chance.random() < 0.3 else None
        encounter = Encounter(
            str(uuid.uuid4()), now, ReadSource.IMAGE, True, mrz,
            answers=answers, verdict=fold(answers, POLICY, now), picture=picture,
        )  # fmt: skip
        self.records.read(encounter, OFFICER, "2")
        self.records.picture(encounter)
        self.records.answered(encounter, POLICY, now)
        self.records.decided(encounter, Decision(Disposition.LET_PASS, "", "", OFFICER), True)

    def some(self) -> None:
        """Write one to three Encounters, one in two of the listed person."""
        for _ in range(self.chance.randint(1, 3)):
            self.encounter(self.chance.random() < 0.5)

    def many(self, count: int) -> None:
        """Write ``count`` small events at once."""
        with self.store.transaction():
            for _ in range(count):
                self.store.journal.append(EventKind.CROSSING_CHANGED, {"direction": self.chance.choice(("in", "out"))})

    def tick(self) -> None:
        """Write one small event."""
        self.many(1)

    def round(self, *, fetch: bool = False) -> RoundDone | None:
        """Run one round; None where there is no line."""
        try:
            return run_round(
                self.line,
                directly(self.store),
                self.folder / "inbox",
                self.folder / "metadata",
                fetch_lists if fetch else None,
            )
        except LineError:
            return None

    def deliver(self) -> Delivered | None:
        """Deliver all; None where the line failed."""
        try:
            return deliver(self.line, directly(self.store))
        except LineError:
            return None

    def repeat(self) -> None:
        """Send a batch again that the centre has, from any event on: as where its reply was lost."""
        after = self.chance.randrange(max(1, self.store.delivery.acknowledged().seq))
        batch = write_batch(Batch(self.line.booth, tuple(self.store.delivery.parcels(after, BATCH_BYTES))))
        with contextlib.suppress(LineError):
            self.line.post_bytes(Statement, EVENTS, batch, BATCH_TYPE, most=MOST_STATEMENT_BYTES)

    def steps(self, *, fetch: bool) -> Iterable[RoundDone | None]:
        """Yield what came of each of some rounds, with Encounters before each."""
        for _ in range(STEPS):
            self.some()
            yield self.round(fetch=fetch)


def main() -> int:
    """Play the booth; nothing is said but that it ended."""
    harden()
    folder, seed, days, fetch = sys.argv[1:]
    with LineBooth(Path(folder), int(seed), timedelta(days=int(days))) as booth:
        for _ in booth.steps(fetch=bool(int(fetch))):
            pass
    os.write(1, b"end\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
