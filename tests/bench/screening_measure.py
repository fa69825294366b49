"""How well travellers are told: recall at fixed false-hit rates, the list's own answer, and the time it takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening import Calibration
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.persons import DOCUMENT_SCORE
from checkpoint_app.verdict import Candidate
from tests.bench.screening_people import HARD, Case

RATES = {"1e-3": 1e-3, "1e-4": 1e-4}
_CHANCE = 0.025
_TOLD_EVERY_S = 60.0

Scores = npt.NDArray[np.float64]


class Screens(Protocol):
    """A list that can be asked about a traveller."""

    def screen(self, subject: Subject, limit: int = 10, *, hits_only: bool = False) -> tuple[Candidate, ...]:
        """Return candidates, best first."""
        ...


@dataclass(frozen=True)
class Screened:
    """A score a case: ``found`` of the entry expected, ``top`` of whoever scores best."""

    cases: Sequence[Case]
    found: Scores
    top: Scores

    @property
    def listed(self) -> npt.NDArray[np.bool_]:
        """Which cases are of somebody listed."""
        return np.array([case.expected is not None for case in self.cases])

    @property
    def clean(self) -> npt.NDArray[np.bool_]:
        """Which cases are of clean travellers."""
        return np.array([case.kind == "clean" for case in self.cases])

    def threshold(self, rate: float) -> float:
        """Return the lowest score that no more than ``rate`` of the clean travellers reach by their names.

        Document numbers are a channel of their own, which no threshold of names can close: see ``coincidences``.
        """
        top = self.top[self.clean]
        clean = np.sort(np.where(top >= DOCUMENT_SCORE, top - DOCUMENT_SCORE, top))[::-1]
        return float(clean[int(len(clean) * rate)]) + 1e-9


def coincidences(screened: Screened) -> dict[str, float]:
    """Return how many of 10,000 clean travellers are hits by a document number that somebody else's happens to equal.

    The generated lists state numbers without their issuer, and a number has 10 to 230 million values.
    """
    return {"number_hits_per_10000": 1e4 * float(np.mean(screened.top[screened.clean] >= DOCUMENT_SCORE))}


def screen_all(persons: Screens, cases: Sequence[Case], told: str = "") -> Screened:
    """Screen every case as `screen` does at a booth. ``told`` is named in a line a minute."""
    found, top = np.zeros(len(cases)), np.zeros(len(cases))
    for place, case in progress(cases, told):
        candidates = persons.screen(case.subject)
        top[place] = candidates[0].score if candidates else 0
        found[place] = max((c.score for c in candidates if c.entry_id == case.expected), default=0)
    return Screened(cases, found, top)


def progress(cases: Sequence[Case], told: str) -> Iterable[tuple[int, Case]]:
    """Yield the cases numbered, and print a line a minute."""
    last = time.monotonic()
    for place, case in enumerate(cases):
        if told and time.monotonic() - last > _TOLD_EVERY_S:
            last = time.monotonic()
            print(f"  {told}: {place:,} of {len(cases):,} travellers", flush=True)
        yield place, case


def recalls(screened: Screened) -> dict[str, float]:
    """Return the share of expected entries found at one false hit in 1,000 and in 10,000 clean travellers."""
    found = screened.found[screened.listed]
    shares = {f"recall_at_{name}": float(np.mean(found >= screened.threshold(rate))) for name, rate in RATES.items()}
    return shares | coincidences(screened)


def by_kind(screened: Screened, rate: str = "1e-4") -> dict[str, float]:
    """Return the same by kind of case; for hard ones, who are not listed, the share that is held."""
    at = screened.threshold(RATES[rate])
    figures = {}
    kinds = np.array([case.kind for case in screened.cases])
    for kind in sorted(set(kinds.tolist()) - {"clean"}):
        scores = screened.top if kind in HARD else screened.found
        name = f"hard_{kind}" if kind in HARD else kind
        figures[f"{name}_at_{rate}"] = float(np.mean(scores[kinds == kind] >= at))
    return figures


def own_answer(screened: Sequence[Screened], calibrations: Sequence[Calibration]) -> dict[str, float]:
    """Return false hits and recall of the lists' own answers, and how many of them chance allows at what is promised.

    The bounds hold 95 % of the outcomes of a list that keeps its promise to the letter, seen by so many travellers.
    """
    pairs = list(zip(screened, calibrations, strict=True))
    false = sum(int(np.sum(one.top[one.clean] >= c.threshold)) for one, c in pairs)
    found = np.concatenate([one.found[one.listed] >= c.threshold for one, c in pairs])
    clean = sum(int(one.clean.sum()) for one in screened)
    promised = calibrations[0].promised / 1e6
    low, high = chance(promised * clean)
    return {
        "threshold": float(np.mean([c.threshold for c in calibrations])) / 1000,
        "recall": float(np.mean(found)),
        "false_hits_per_10000": 1e4 * false / clean,
        "false_hits_promised": 1e4 * promised,
        "false_hits_chance_least": 1e4 * low / clean,
        "false_hits_chance_most": 1e4 * high / clean,
        "false_hits_times_promised": false / clean / promised,
    }


def chance(expected: float) -> tuple[int, int]:
    """Return the counts between which 95 % of the outcomes lie where ``expected`` are expected (Poisson)."""
    low = high = -1
    count, below, term = 0, 0.0, math.exp(-expected)
    while high < 0:
        below += term
        if low < 0 and below > _CHANCE:
            low = count
        if below >= 1 - _CHANCE:
            high = count
        count += 1
        term *= expected / count
    return low, high


def times(screen: Callable[[Subject], object], subjects: Sequence[Subject]) -> dict[str, float]:
    """Return median and p99 in milliseconds of CPU time of the thread (``ms``) and of wall time (``wall_ms``)."""
    cpu, wall = [], []
    for subject in subjects:
        begun, used = time.perf_counter(), time.thread_time()
        screen(subject)
        cpu.append(1e3 * (time.thread_time() - used))
        wall.append(1e3 * (time.perf_counter() - begun))
    figures = {}
    for name, values in (("ms", cpu), ("wall_ms", wall)):
        figures |= {f"{name}_median": float(np.median(values)), f"{name}_p99": float(np.percentile(values, 99))}
    return figures


def sample(cases: Sequence[Case], count: int, seed: int = 5) -> list[Subject]:
    """Return travellers of all kinds in a random order that the seed decides."""
    order = np.random.default_rng(seed).permutation(len(cases))[:count]
    return [cases[place].subject for place in order.tolist()]
