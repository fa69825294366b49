"""Fits the weights of evidence on generated travellers, and shows what is learned beside what is in force.

By hand: `python -m tests.bench.screening_fit [PERSONS] [CLEAN]`. Learned on one seed of the worse lists, measured on
another, on the reference generator's own kinds, and on labelled pairs of names (docs/decisions, "The weight of
evidence is fitted").
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening import PersonList, build_segment, entry_to_plain, load
from checkpoint_app.screening.entry import Entry, Name, Subject
from checkpoint_app.screening.fold import fold
from checkpoint_app.screening.score import weigh_person
from tests.bench.report import data_folder
from tests.bench.screening_better import bettered
from tests.bench.screening_build import NOT_YET, built
from tests.bench.screening_features import GROUPS, NAMES, NOT_ENOUGH, PLACES, Rows, by_judgement, in_force, row, rows_of
from tests.bench.screening_measure import RATES
from tests.bench.screening_people import dev10k, generated, packaged, read_cases, read_list

PERSONS, CLEAN, LISTED = 50_000, 30_000, 6_000
LEARNED_ON, HELD_OUT = 31, 32
PENALTY = 1.0
"""Pulls each weight to judgement: as one traveller does who says so with certainty, more or less."""
HELD_FAST = 1e6
BEGIN = -10.0
_STEPS, _CLOSE = 40, 1e-4
_NOT_BY_NAME = "doc_only"

Row = npt.NDArray[np.float64]


def main(persons: int, clean: int) -> None:
    """Learn, and print tables in Markdown."""
    learn_on, held_out = (_rows(bettered(persons, clean, seed, LISTED)) for seed in (LEARNED_ON, HELD_OUT))
    theirs = _rows(generated(persons, clean, HELD_OUT))
    judgement, current = by_judgement(), in_force()
    learned = fit(learn_on, judgement, NAMES)
    tried = {"by judgement": judgement, "in force": current, "all learned": learned}
    tried |= {f"only {name} learned": fit(learn_on, judgement, group) for name, group in GROUPS.items()}
    print("| weights | held out 1e-3 | 1e-4 | generator's kinds 1e-3 | 1e-4 |\n|---|---|---|---|---|")
    for name, weights in tried.items():
        shares = [*recalls(held_out, weights).values(), *recalls(theirs, weights).values()]
        print(f"| {name} | " + " | ".join(f"{share:.4f}" for share in shares) + " |")
    print("\n| evidence | judgement | learned | in force | rows for | rows against |\n|---|---|---|---|---|---|")
    for name in NAMES:
        at = PLACES[name]
        used = learn_on.values[:, at] != 0
        seen = f"{int(np.sum(used & learn_on.expected))} | {int(np.sum(used & ~learn_on.expected))}"
        print(f"| {name} | {judgement[at]:.2f} | {learned[at]:.2f} | {current[at]:.2f} | {seen} |")
    matches, values = labelled_pairs()
    print(f"\n{len(matches)} labelled pairs of names: the chance that a match is worth more than another pair")
    for name, weights in (("by judgement", judgement), ("in force", current), ("all learned", learned)):
        print(f"  {name}: {separation(values @ weights, matches):.4f}")


def fit(rows: Rows, prior: Row, free: Collection[str], penalty: float = PENALTY) -> Row:
    """Return weights by penalised logistic regression (Newton's method): ``prior`` for all but the ``free`` ones."""
    values = np.hstack([rows.values, np.ones((len(rows.values), 1))])
    pull = np.full(len(prior) + 1, HELD_FAST)
    pull[[PLACES[name] for name in free if any(name in group for group in GROUPS.values())]] = penalty
    pull[-1] = 1e-6
    begin = np.append(prior, BEGIN)
    weights = begin.copy()
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(values @ weights, -40, 40)))
        gradient = values.T @ (rows.expected - chance) - pull * (weights - begin)
        curvature = (values * (chance * (1 - chance))[:, None]).T @ values + np.diag(pull)
        step = np.linalg.solve(curvature, gradient)
        weights += step
        if np.abs(step).max() < _CLOSE:
            break
    return weights[:-1]


def recalls(rows: Rows, weights: Row) -> dict[str, float]:
    """Return the share of those expected found at one false hit in 1,000 and in 10,000 clean travellers."""
    scores = np.where(rows.not_enough, NOT_ENOUGH, rows.values @ weights)
    top, found = (np.full(len(rows.kinds), NOT_ENOUGH) for _ in range(2))
    np.maximum.at(top, rows.owner, scores)
    np.maximum.at(found, rows.owner[rows.expected], scores[rows.expected])
    is_clean = rows.kinds == "clean"
    clean = np.sort(top[is_clean])[::-1]
    return {
        name: float(np.mean(found[~is_clean] >= clean[int(len(clean) * rate)] + 1e-9)) for name, rate in RATES.items()
    }


def separation(points: Row, matches: npt.NDArray[np.bool_]) -> float:
    """Return the chance that a match has more points than another pair; equal ones count half (area under ROC)."""
    more = points[matches][:, None] - points[~matches][None, :]
    return float(np.mean(np.where(more == 0, 0.5, more > 0)))


def labelled_pairs() -> tuple[npt.NDArray[np.bool_], Row]:
    """Return, for the labelled pairs of persons' names, whether they match, and their rows by the name alone.

    Frequencies are those of the reference list; names are compared as one field, since the pairs do not part them.
    """
    pairs = list(_pairs(data_folder("matching") / "name_pairs_labelled.csv"))
    entries = [Entry(f"pair{n}", "Person", (Name(one, whole=True),)) for n, (_, one, _) in enumerate(pairs)]
    plain = map(entry_to_plain, [*entries, *read_list(dev10k())])
    persons = load("persons", dict(build_segment("persons", plain, NOT_YET)))
    assert isinstance(persons, PersonList)
    slots = np.argsort(persons.index.arrays.person_slot)
    values = []
    for place, (stated, _, _) in enumerate(pairs):
        query = persons.query(Subject(stated, ""))
        values.append(row(query, weigh_person(query, int(slots[place]), persons.index, persons.weigher)))
    return np.array([match for _, _, match in pairs]), np.array(values)


def _pairs(path: Path) -> Iterator[tuple[str, str, bool]]:
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["schema"] == "Person" and fold(line["name1"]) and fold(line["name2"]):
                yield line["name1"], line["name2"], line["is_match"] == "true"


def _rows(folder: Path) -> Rows:
    persons, _ = built(packaged(folder))
    cases = [c for c in read_cases(folder) if c.kind == "clean" or (c.expected is not None and c.kind != _NOT_BY_NAME)]
    return rows_of(persons, cases)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers or [PERSONS, CLEAN]))
