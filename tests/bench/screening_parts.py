"""The parts of the screening benchmark that screen lists: of ten thousand, two hundred thousand, two million."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from checkpoint_app.screening import Calibration, PersonList
from checkpoint_app.screening.calibrate import QUICK_TRAVELLERS
from checkpoint_app.screening.layers import Delta, LayeredPersons, load_delta
from checkpoint_app.store.segments import SegmentReader
from tests.bench.report import data_folder
from tests.bench.screening_better import bettered
from tests.bench.screening_build import KEY, built, calibrated, delta_builder, fresh, in_child
from tests.bench.screening_fairness import fairness
from tests.bench.screening_measure import (
    Screened,
    Screens,
    by_kind,
    own_answer,
    recalls,
    sample,
    screen_all,
    times,
)
from tests.bench.screening_people import HOME, dev10k, generated, invented, packaged, read_cases
from tests.bench.screening_real import real_cases, real_entries

TIMED = 3_000
MILLIONS_TRAVELLERS = 20_000
WIDE = 2_000
"""A threshold so low that all candidates are seen which matter at fixed false-hit rates on a short list."""
SEEDS = (2, 3)

Figures = dict[str, float]


def ten_thousand() -> Figures:
    """Measure the reference list and two of other seeds; figures are means, those of time the reference list's."""
    folders = [dev10k(), *(generated(10_000, 10_000, seed) for seed in SEEDS)]
    runs, calibrations, figures = [], [], {}
    for number, folder in enumerate(folders):
        package = packaged(folder)
        persons, of_build = built(package)
        persons, calibration = calibrated(persons, of_build)
        runs.append(screen_all(persons, list(read_cases(folder)), f"10k, list {number + 1} of {len(folders)}"))
        calibrations.append(calibration)
        if not number:
            figures = of_build | _times(package, calibration, runs[0])
    return mean([recalls(run) | by_kind(run) for run in runs]) | own_answer(runs, calibrations) | figures


def worse() -> Figures:
    """Measure a list of 10,000 with the troubles that the reference generator does not know."""
    folder = bettered(10_000, 10_000, 6)
    persons, figures = built(packaged(folder))
    persons, calibration = calibrated(persons, figures)
    run = screen_all(persons, list(read_cases(folder)), "worse")
    return recalls(run) | by_kind(run) | own_answer([run], [calibration])


def real() -> Figures:
    """Measure names that are really listed; the clean travellers are those of the reference list."""
    entries = real_entries(data_folder("matching"))
    persons, figures = built(packaged(HOME / "real", entries))
    persons, calibration = calibrated(persons, figures)
    cases = real_cases(entries) + [case for case in read_cases(dev10k()) if case.kind == "clean"]
    run = screen_all(persons.beneath(replace(calibration, threshold=WIDE), frozenset()), cases, "real")
    return {"persons": float(len(entries))} | recalls(run) | by_kind(run) | own_answer([run], [calibration])


def two_hundred_thousand() -> Figures:
    """Measure a list of 200,000 with 100,000 clean travellers, its fairness, and the time while it changes."""
    folder = generated(200_000, 100_000, 4)
    package = packaged(folder)
    persons, figures = built(package)
    persons, calibration = calibrated(persons, figures)
    run = screen_all(persons, list(read_cases(folder)), "200k")
    figures |= recalls(run) | by_kind(run) | own_answer([run], [calibration])
    figures |= fairness(run, calibration, HOME / "fairness.md")
    return figures | _times(package, calibration, run) | _changing(package, calibration, run)


def two_million() -> Figures:
    """Measure a list of 2,000,000 with 20,000 clean travellers."""
    folder = generated(2_000_000, 20_000, 5)
    package = packaged(folder)
    persons, figures = built(package)
    persons, calibration = calibrated(persons, figures, MILLIONS_TRAVELLERS)
    run = screen_all(persons, list(read_cases(folder)), "2m")
    del persons
    figures |= recalls(run) | by_kind(run) | own_answer([run], [calibration])
    return figures | _times(package, calibration, run)


def invented_names() -> Figures:
    """Measure a list of the demonstration's names: all that there is without reference data."""
    entries, cases = invented()
    persons, figures = built(packaged(HOME / "invented", entries))
    persons, calibration = calibrated(persons, figures, QUICK_TRAVELLERS)
    run = screen_all(persons, cases, "invented")
    figures |= recalls(run) | by_kind(run) | own_answer([run], [calibration])
    return figures | _times(HOME / "invented" / "list.package", calibration, run)


def mean(runs: Sequence[Mapping[str, float]]) -> Figures:
    """Return the mean of each figure."""
    return {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}


def _times(package: Path, calibration: Calibration, run: Screened) -> Figures:
    """Time a list whose caches are empty, all candidates and hits only."""
    subjects = sample(run.cases, TIMED)
    whole = fresh(package, calibration)
    figures = times(whole.screen, subjects)
    return figures | _named("hits", times(_hits_only(fresh(package, calibration)), subjects))


def _changing(package: Path, calibration: Calibration, run: Screened) -> Figures:
    """Time a list while a child builds a delta, and with the delta in force."""
    subjects = sample(run.cases, TIMED)
    segment = package.with_name("delta")
    figures = in_child("delta", package, segment)
    with _deltas_built(package, package.with_name("delta-building")):
        figures |= _named("delta_building", times(fresh(package, calibration).screen, subjects))
    figures |= _named("delta", times(_layered(fresh(package, calibration), segment, calibration).screen, subjects))
    hits = _hits_only(_layered(fresh(package, calibration), segment, calibration))
    return figures | _named("delta_hits", times(hits, subjects))


def _layered(base: PersonList, segment: Path, calibration: Calibration) -> LayeredPersons:
    with SegmentReader(segment, KEY) as reader:
        delta = load_delta({name: reader.read(name) for name in reader.sections()}, base)
    return LayeredPersons(base, [Delta(delta.persons.beneath(calibration, frozenset()), delta.removed)])


@contextlib.contextmanager
def _deltas_built(package: Path, segment: Path) -> Iterator[None]:
    """Return a block during which a child builds deltas."""
    with delta_builder(package, segment) as child:
        try:
            yield
        finally:
            child.kill()


def _hits_only(persons: Screens) -> Callable[..., object]:
    return lambda subject: persons.screen(subject, hits_only=True)


def _named(prefix: str, figures: Mapping[str, float]) -> Figures:
    return {f"{prefix}_{name}": value for name, value in figures.items()}
