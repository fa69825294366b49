"""Five days without a line, a tenth of them really delivered over the slow line: Encounters without pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checkpoint_app.booth.record.encounter import Disposition, Encounter, ReadSource
from checkpoint_app.booth.record.records import Decision, Records
from checkpoint_app.demo.lists import watchlist
from checkpoint_app.demo.policy import LANE, OFFICERS, demo_policy
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening.checks import Examination, run_checks
from checkpoint_app.verdict import fold
from checkpoint_app.wire.event import EventKind
from tests.bench.pair import travellers

if TYPE_CHECKING:
    from tests.bench.sync import World

OUTAGE, PART = 10_000, 1_000
"""Encounters of five days, and how many of them are delivered here."""
_AT_ONCE = 50


def delivered_outage(world: World) -> dict[str, float]:
    """Write Encounters as the booth does and deliver them over the line; figures for five days follow from these."""
    written = _write(world)
    before, began = world.line.bytes(), time.monotonic()
    command = [sys.executable, "-m", "checkpoint_app", "sync", f"--passphrase-file={world.passphrase_file}", "--json"]
    done = subprocess.run(
        world.line.command(*command), env={**os.environ, "CHECKPOINT_HOME": str(world.home)},
        check=False, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    told = json.loads(done.stdout)
    took, after = time.monotonic() - began, world.line.bytes()
    if told["sent"] < written:
        raise RuntimeError(f"the outage was not delivered: {told} {done.stderr}")
    wire = after[0] - before[0] + after[1] - before[1]
    return {
        "outage_events": told["sent"] * OUTAGE / PART,
        "outage_bytes_an_encounter": wire / PART,
        "outage_min": took * OUTAGE / PART / 60,
    }


def _write(world: World) -> int:
    """Write what the booth writes of each: read, answered, decided; every fifth is corrected and answered anew.

    Returns how many events wait for the centre now.
    """
    now = datetime.now(UTC)
    policy, officer = demo_policy(now), OFFICERS[0].id
    zones = travellers(PART, 7, watchlist(PART))
    with world.open_store() as store:
        records = Records(store)
        for first in range(0, PART, _AT_ONCE):
            with store.transaction():
                for place, lines in enumerate(zones[first : first + _AT_ONCE], first):
                    mrz = parse_mrz(lines, now.date())
                    answers = run_checks(Examination(mrz, False, now), policy, (), lambda *_: None)
                    encounter = Encounter(
                        str(uuid.uuid4()), now, ReadSource.IMAGE, True, mrz,
                        answers=answers, verdict=fold(answers, policy, now),
                    )  # fmt: skip
                    again = (EventKind.ENCOUNTER_CORRECTED,) if place % 5 == 0 else ()
                    for kind in (EventKind.ENCOUNTER_READ, *again):
                        records.read(encounter, officer, LANE, kind)
                        records.answered(encounter, policy, now)
                    records.decided(encounter, Decision(Disposition.REFER, "", "", officer), True)
        return store.delivery.outbox().count
