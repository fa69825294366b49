"""Screening on the reference list of 10,000: recall at fixed false-hit rates, the calibrated answer, speed, a peer."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from checkpoint_app.commands.screen import subject_of
from checkpoint_app.screening import PersonList, build_segment, calibrate, entry_to_plain, load
from checkpoint_app.screening.dates import pack, read_birth
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.fold import fold, fold_number
from checkpoint_app.screening.importers import read_entries
from tests.bench.report import Report, data_folder

TARGETS = {
    "recall_at_1e-3": 0.98,
    "false_hits_per_10000": 10.0,
    "calibrate_and_build_s": 20.0,
    "ms_median": 2.0,
    "ms_p99": 10.0,
}
HARD = ("namesake", "namesake_year", "twin", "sibling")


@dataclass(frozen=True)
class Case:
    """A traveller with the truth: the entry expected, or none; ``kind`` says what makes it hard, or "clean"."""

    subject: Subject
    expected: str | None
    kind: str


def run() -> Report:
    """Screen all travellers of the reference data, and let the peer do the same."""
    folder = data_folder("matching") / "dev10k"
    entries = list(read_entries(folder / "list.jsonl", on_refused=_refused))
    cases = list(read_cases(folder))
    figures: dict[str, float] = {}
    persons = _build(entries, figures)
    found, top, milliseconds = _screen(persons, cases)
    figures |= recalls(cases, found, top)
    figures |= _by_kind(cases, found, top)
    figures |= _calibrated(persons, cases, found, top)
    figures |= {"ms_median": float(np.median(milliseconds)), "ms_p99": float(np.percentile(milliseconds, 99))}
    return Report(figures, TARGETS, {f"token_sort_and_date_{k}": v for k, v in peer(entries, cases).items()})


def read_cases(folder: Path) -> Iterator[Case]:
    """Read queries and their truth."""
    queries = (folder / "queries.jsonl").open(encoding="utf-8")
    truths = (folder / "truth.jsonl").open(encoding="utf-8")
    with queries, truths:
        for query, truth in zip(map(json.loads, queries), map(json.loads, truths), strict=True):
            yield Case(subject_of(query), truth["expected"], truth["kind"])


def recalls(cases: Sequence[Case], found: np.ndarray, top: np.ndarray) -> dict[str, float]:
    """Return the share of expected entries found at one false hit in 1,000 and in 10,000 clean travellers.

    ``found`` holds the score of the expected entry, ``top`` the best score, a case each.
    """
    listed = np.array([case.expected is not None for case in cases])
    return {f"recall_at_{name}": float(np.mean(found[listed] >= at)) for name, at in _thresholds(cases, top).items()}


def _thresholds(cases: Sequence[Case], top: np.ndarray) -> dict[str, float]:
    clean = np.sort(top[[case.kind == "clean" for case in cases]])[::-1]
    return {name: clean[int(len(clean) * rate)] + 1e-9 for name, rate in (("1e-3", 1e-3), ("1e-4", 1e-4))}


def _build(entries: Sequence[Entry], figures: dict[str, float]) -> PersonList:
    begun = time.perf_counter()
    calibration = calibrate(entries)
    calibrated = time.perf_counter()
    sections = dict(build_segment("persons", map(entry_to_plain, entries), calibration))
    built = time.perf_counter()
    persons = load("persons", sections)
    figures["calibrate_and_build_s"] = built - begun
    figures["build_s"] = built - calibrated
    figures["load_ms"] = 1000 * (time.perf_counter() - built)
    index = sum(len(data) for name, data in sections.items() if not name.startswith("entry."))
    figures["index_bytes_a_person"] = index / len(entries)
    figures["details_bytes_a_person"] = len(sections["entry.blocks"]) / len(entries)
    assert isinstance(persons, PersonList)
    return persons


def _screen(persons: PersonList, cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray, list[float]]:
    found, top, milliseconds = np.zeros(len(cases)), np.zeros(len(cases)), []
    for place, case in enumerate(cases):
        begun = time.perf_counter()
        candidates = persons.screen(case.subject)
        milliseconds.append(1000 * (time.perf_counter() - begun))
        top[place] = candidates[0].score if candidates else 0
        found[place] = max((c.score for c in candidates if c.entry_id == case.expected), default=0)
    return found, top, milliseconds


def _by_kind(cases: Sequence[Case], found: np.ndarray, top: np.ndarray) -> dict[str, float]:
    at = _thresholds(cases, top)["1e-3"]
    hits = defaultdict(list)
    for case, score, best in zip(cases, found, top, strict=True):
        if case.expected is not None or case.kind in HARD:
            hits[case.kind].append((score if case.expected is not None else best) >= at)
    return {f"{'hard_' if kind in HARD else ''}{kind}_at_1e-3": float(np.mean(h)) for kind, h in sorted(hits.items())}


def _calibrated(persons: PersonList, cases: Sequence[Case], found: np.ndarray, top: np.ndarray) -> dict[str, float]:
    clean = np.array([case.kind == "clean" for case in cases])
    listed = np.array([case.expected is not None for case in cases])
    return {
        "threshold": persons.threshold / 1000,
        "recall": float(np.mean(found[listed] >= persons.threshold)),
        "false_hits_per_10000": 10_000 * float(np.mean(top[clean] >= persons.threshold)),
        "false_hits_promised": persons.calibration.promised / 100,
    }


def peer(entries: Sequence[Entry], cases: Sequence[Case]) -> dict[str, float]:
    """Return the recalls of rapidfuzz's ratio over sorted tokens, with points for the date, and equal numbers found."""
    names = [(place, _sorted_tokens(n.family, n.given)) for place, e in enumerate(entries) for n in e.names]
    owner = np.array([place for place, _ in names])
    births = np.array([next((p[0] for d in e.birth_dates if (p := pack(d))), 0) for e in entries])[owner]
    numbers = {fold_number(d.number): place for place, e in enumerate(entries) for d in e.documents}
    ids = {e.id: place for place, e in enumerate(entries)}
    found, top = np.zeros(len(cases)), np.zeros(len(cases))
    for begin in range(0, len(cases), 256):
        chunk = cases[begin : begin + 256]
        stated = [_sorted_tokens(case.subject.family_name, case.subject.given_names) for case in chunk]
        ratios = process.cdist(stated, [name for _, name in names], scorer=fuzz.ratio, dtype=np.uint8, workers=2)
        for place, case in enumerate(chunk, begin):
            points = ratios[place - begin] + _date_points(case.subject.birth, births)
            points[owner == numbers.get(fold_number(case.subject.document_number), -1)] = 1000
            top[place] = points.max()
            if case.expected is not None:
                found[place] = points[owner == ids[case.expected]].max()
    return recalls(cases, found, top)


def _sorted_tokens(family: str, given: str) -> str:
    return " ".join(sorted(fold(f"{family} {given}")))


def _date_points(text: str, births: np.ndarray) -> np.ndarray:
    """Return points by rule of thumb, the best of four sets tried: day 20, year 10 or 5, unknown 0, other -20."""
    birth = read_birth(text)
    if not birth.years:
        return np.zeros(len(births))
    same_year = np.isin(births // 10_000, birth.years)
    next_year = np.isin(births // 10_000, [year + step for year in birth.years for step in (-1, 1)])
    in_part = (birth.day == 0) | (births % 100 == 0)
    same_day = same_year & (births % 10_000 == 100 * birth.month + birth.day)
    cases = [births == 0, same_day, same_year & in_part, same_year, next_year]
    return np.select(cases, [0.0, 20.0, 10.0, 5.0, 0.0], default=-20.0)


def _refused(line: int, reason: str) -> None:
    raise ValueError(f"reference list, line {line}: {reason}")
