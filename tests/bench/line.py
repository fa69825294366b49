"""The line between a booth and a real centre: screenings under load, one question's time, delivery of many Encounters.

The centre is the demonstration's, a process of its own under TLS with an encrypted database; requests come from a booth
that enrolled with it. The peer is a server of the same kind that answers nothing, driven in the same way.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from checkpoint_app.booth.record.encounter import Disposition, Encounter, ReadSource
from checkpoint_app.booth.record.records import Decision, Records
from checkpoint_app.demo.booth import DemoBooth
from checkpoint_app.demo.lists import watchlist
from checkpoint_app.demo.policy import LANE, OFFICERS, demo_policy
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening.checks import Examination, run_checks
from checkpoint_app.sync.ask import ask
from checkpoint_app.sync.deliver import deliver
from checkpoint_app.verdict import Answer, Outcome, fold
from checkpoint_app.wire.api import JSON, QUESTIONS, TOKEN_SCHEME
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.question import MAX_REPLY_BYTES, Question, Reply
from checkpoint_app.wire.token import Asked, Claims, make_token
from tests.bench import peer
from tests.bench.driver import Load, drive, request
from tests.bench.pair import Pair, bring_persons, paired, travellers

SCREENINGS, WARM_UP, CONNECTIONS = 1_000, 100, 8
ASKS = ENCOUNTERS = 1_000
MANY_PERSONS = 200_000
OUTAGE, SLOW_BYTES_S = 10_000, 8_000
"""Five days of Encounters, and a line of 64 kbit/s."""
BETWEEN_S = 5 * 86_400 / OUTAGE
TARGETS = {"central_screenings_s": 500.0, "central_p99_ms": 100.0, "outage_at_64_kbit_min": 15.0}
_IN_ONE_TRANSACTION = 50


def measure(made: DemoBooth) -> tuple[dict[str, float], dict[str, float]]:
    """Return figures, and the peer's; the centre of ``made`` serves."""
    scratch = made.centre.folder
    with paired(made) as pair:
        small, nothing = screened(pair, seed=1), answering_nothing(scratch)
        told = replies_of(pair, travellers(ASKS, 2, watchlist()))
        figures = {f"central_10000_{name}": value for name, value in told_of(small).items()}
        figures |= told[1] | delivered(pair, told[0])
        bring_persons(pair, MANY_PERSONS)
        large, again = screened(pair, seed=3), answering_nothing(scratch)
        figures |= {f"central_{name}": value for name, value in told_of(large).items()}
    peers = {f"central_{name}": value for name, value in told_of(again).items()}
    figures["central_to_peer"] = large.requests_s / again.requests_s
    figures["central_10000_to_peer"] = small.requests_s / nothing.requests_s
    figures["central_connections"] = CONNECTIONS
    figures["load_average"] = os.getloadavg()[0]
    return {name: round(value, 3) for name, value in figures.items()}, {n: round(v, 3) for n, v in peers.items()}


def told_of(load: Load) -> dict[str, float]:
    """Return a load's figures by name."""
    return {
        "screenings_s": load.requests_s,
        "median_ms": load.median_ms,
        "p99_ms": load.p99_ms,
        "errors": load.failed,
        "server_cpu_ms": load.server_cpu_ms,
        "driver_cpu_ms": load.driver_cpu_ms,
    }


def screened(pair: Pair, seed: int) -> Load:
    """Ask about many different travellers over a few connections; the tokens are signed beforehand."""
    pair.wait_idle()
    zones = travellers(WARM_UP + SCREENINGS, seed, watchlist())
    drive(pair.address, pair.server_pid, [signed(pair, pair.question(lines)) for lines in zones[:WARM_UP]], CONNECTIONS)
    questions = [pair.question(lines) for lines in zones[WARM_UP:]]
    load = drive(pair.address, pair.server_pid, [signed(pair, one) for one in questions], CONNECTIONS)
    replies = tuple(
        (status if _answers(one, status, body) else 0, body)
        for one, (status, body) in zip(questions, load.replies, strict=True)
    )
    return replace(load, replies=replies)


def signed(pair: Pair, question: Question) -> bytes:
    """Return the whole request for ``question``, with a token of its own."""
    body, identity = canonical_bytes(to_plain(question)), pair.store.identity
    asked = Asked("POST", QUESTIONS, body, pair.line.enrolled.audience)
    token = make_token(identity.signing_key, Claims(identity.booth, str(uuid.uuid4()), datetime.now(UTC)), asked)
    host = "{}:{}".format(*pair.address)
    return request("POST", QUESTIONS, host, body, Content_Type=JSON, Authorization=f"{TOKEN_SCHEME} {token}")


def answering_nothing(folder: Path) -> Load:
    """Drive the peer in the same way, with bodies of the same size."""
    with peer.serving(folder) as (address, pid):
        one = request("POST", "/", peer.HOST, bytes(300), Content_Type="application/octet-stream")
        drive(address, pid, [one] * WARM_UP, CONNECTIONS)
        return drive(address, pid, [one] * SCREENINGS, CONNECTIONS)


Told = Sequence[tuple[tuple[str, ...], tuple[Answer, ...]]]


def replies_of(pair: Pair, zones: Sequence[tuple[str, ...]]) -> tuple[Told, dict[str, float]]:
    """Ask one after the other as the booth does; returns the zones with their answers, and figures."""
    told, took = [], []
    for lines in zones:
        question = pair.question(lines)
        began = time.perf_counter()
        reply = ask(pair.line, question, 20)
        took.append(1000 * (time.perf_counter() - began))
        told.append((lines, reply.answers))
    return told, {
        "asked_to_answered_ms": float(np.median(took)),
        "asked_to_answered_p99_ms": float(np.percentile(took, 99)),
    }


def delivered(pair: Pair, told: Told) -> dict[str, float]:
    """Write Encounters as the booth does, and deliver them over the line."""
    deliver(pair.line, lambda work: work(pair.store))  # what the desk wrote before, with its pictures
    with passing_time(pair) as clock:
        write_encounters(pair, told, clock)
    waiting, sent = pair.store.delivery.outbox().count, pair.transport.sent
    began = time.perf_counter()
    done = deliver(pair.line, lambda work: work(pair.store))
    took = time.perf_counter() - began
    assert (done.waiting, done.sent) == (0, waiting)
    return {
        "delivered_events": done.sent,
        "delivered_events_s": done.sent / took,
        "delivered_bytes_an_event": (pair.transport.sent - sent) / done.sent,
        "delivered_bytes_an_encounter": (pair.transport.sent - sent) / ENCOUNTERS,
        "outage_at_64_kbit_min": OUTAGE * (pair.transport.sent - sent) / ENCOUNTERS / SLOW_BYTES_S / 60,
    }


class PassingClock:
    """A clock that moves as told: what is written at other times has other bytes."""

    def __init__(self) -> None:
        self.time, self.seconds = datetime.now(UTC), time.monotonic()
        self._chance = Random(5)

    def now(self) -> datetime:
        """Return the time."""
        return self.time

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return self.seconds

    def move(self, seconds: float) -> None:
        """Let about ``seconds`` pass, to the microsecond by chance."""
        passed = seconds * self._chance.uniform(0.5, 1.5)
        self.time, self.seconds = self.time + timedelta(seconds=passed), self.seconds + passed


@contextlib.contextmanager
def passing_time(pair: Pair) -> Iterator[PassingClock]:
    """Return a block in which the store's clock moves as told."""
    times = pair.store.time
    own, clock = times._clock, PassingClock()
    times._clock = clock
    try:
        yield clock
    finally:
        times._clock = own


def write_encounters(pair: Pair, told: Told, clock: PassingClock) -> None:
    """Write what the booth writes of each: read, answered, decided; every fifth is corrected and answered anew.

    Each is of another traveller, at another time.
    """
    records = Records(pair.store)
    policy, officer = demo_policy(clock.now()), OFFICERS[0].id
    for first in range(0, ENCOUNTERS, _IN_ONE_TRANSACTION):
        with pair.store.transaction():
            for place in range(first, first + _IN_ONE_TRANSACTION):
                clock.move(BETWEEN_S)
                lines, answers = told[place]
                now = clock.now()
                mrz = parse_mrz(lines, now.date())
                own = run_checks(Examination(mrz, False, now), policy, (), lambda *_: None)[:1]
                clock.move(0.2)
                everything = (*own, *(replace(one, answered_at=clock.now()) for one in answers))
                encounter = Encounter(
                    str(uuid.uuid4()), now, ReadSource.IMAGE, True, mrz,
                    answers=everything, verdict=fold(everything, policy, now),
                )  # fmt: skip
                again = (EventKind.ENCOUNTER_CORRECTED,) if place % 5 == 0 else ()
                for kind in (EventKind.ENCOUNTER_READ, *again):
                    records.read(encounter, officer, LANE, kind)
                    clock.move(0.5)
                    records.answered(encounter, policy, clock.now())
                clock.move(8)
                records.decided(encounter, Decision(Disposition.REFER, "", "", officer), True)


def _answers(question: Question, status: int, body: bytes) -> bool:
    """Tell whether this is the answer to ``question``, with every list asked."""
    if status != 200:
        return False
    reply = from_plain(Reply, read_canonical(body, MAX_REPLY_BYTES))
    done = all(one.outcome is not Outcome.NOT_CHECKED for one in reply.answers)
    return reply.encounter_id == question.encounter_id and done
