"""What each evidence buys: the engine without it, on two lists of 10,000 persons.

An evidence is taken out of the engine's own modules for a while. Everything else is as always: each list is calibrated
anew without it, and every traveller is screened the whole way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening import Calibration, circumstances, evidence, persons, score
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.evidence import Weigher
from checkpoint_app.screening.query import Query, make_query
from checkpoint_app.screening.vocabulary import Likeness, Vocabulary
from tests.bench.screening_build import NOT_YET, built, calibrated, fresh
from tests.bench.screening_judgement import by_judgement
from tests.bench.screening_measure import recalls, screen_all
from tests.bench.screening_people import HOME, dev10k, generated, packaged, read_cases

TRAVELLERS = 10_000
"""Synthetic travellers for each calibration."""
SEEDS = (2,)
EQUAL = 1e-3
"""The share of all tokens where frequencies are not told apart."""
LOW = replace(NOT_YET, threshold=4_000)
_CERTAIN = (Likeness.EXACT, Likeness.PREFIX)

Block = AbstractContextManager[Any]


def ablation() -> dict[str, float]:
    """Return recall with everything, and how much of it is lost without each evidence; writes ablation.md."""
    return _table([dev10k(), *(generated(10_000, 10_000, seed) for seed in SEEDS)], "ablation")


def ablation_long() -> dict[str, float]:
    """Return the same on one list of 50,000 with 50,000 clean travellers; writes ablation_long.md. By hand."""
    return _table([generated(50_000, 50_000, 7)], "ablation_long")


def _table(lists: Sequence[Path], told: str) -> dict[str, float]:
    for folder in lists:
        built(packaged(folder))
    rows = {}
    for name, (without, keeps) in WITHOUT.items():
        with without():
            rows[name] = _recalls(lists, keeps, name)
    whole = rows["all"]
    lines = ["| | recall at 1e-3 | recall at 1e-4 | lost at 1e-3 | lost at 1e-4 |", "|---|---|---|---|---|"]
    figures = {}
    for name, row in rows.items():
        figures |= {f"{told}_{name}_at_{rate}": row[f"recall_at_{rate}"] for rate in ("1e-3", "1e-4")}
        values = [row["recall_at_1e-3"], row["recall_at_1e-4"]]
        values += [whole[key] - row[key] for key in ("recall_at_1e-3", "recall_at_1e-4")]
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(f"{value:.4f}" for value in values) + " |")
    (HOME / f"{told}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return figures


def _recalls(lists: Sequence[Path], keeps: Callable[[Calibration], Calibration], told: str) -> dict[str, float]:
    found = []
    for folder in lists:
        open_list = fresh(packaged(folder), LOW)
        _, calibration = calibrated(open_list, {}, TRAVELLERS)
        offsets = keeps(calibration).offsets
        run = screen_all(open_list.beneath(replace(LOW, offsets=offsets), frozenset()), list(read_cases(folder)))
        found.append(recalls(run))
    print(f"  ablation: {told}: done", flush=True)
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


# -- what is taken out -------------------------------------------------------------------------------------------------


def _stated(**unknown: str) -> Callable[[], Block]:
    """Return the taking out of what travellers state."""

    def make(subject: Subject, vocabulary: Vocabulary, weigher: Weigher) -> Query:
        return make_query(replace(subject, **unknown), vocabulary, weigher)

    return lambda: patch.object(persons, "make_query", make)


def _equal_tokens() -> Block:
    return patch.object(Weigher, "_share", lambda *_: EQUAL)


def _whole_list_frequencies() -> Block:
    share = Weigher._share
    return patch.object(Weigher, "_share", lambda weigher, bearers, of_state, _: share(weigher, bearers, of_state, -1))


def _exact_only() -> Block:
    neighbours = Vocabulary.neighbours

    def exact(self: Vocabulary, token: str, truncated: bool = False) -> dict[Likeness, npt.NDArray[np.uint32]]:
        found = neighbours(self, token, truncated)
        return {likeness: found[likeness] for likeness in _CERTAIN if likeness in found}

    return patch.object(Vocabulary, "neighbours", exact)


@contextmanager
def _no_sex_and_states() -> Iterator[None]:
    with ExitStack() as patches:
        patches.enter_context(patch.multiple(score, weigh_sex=lambda *_: 0.0, weigh_states=lambda *_: 0.0))
        zeros = {name: lambda _query, places, *_: np.zeros(len(places)) for name in ("_sexes", "_states")}
        patches.enter_context(patch.multiple(circumstances, **zeros))
        yield


def _same(calibration: Calibration) -> Calibration:
    return calibration


def _no_offsets(calibration: Calibration) -> Calibration:
    return replace(calibration, offsets=())


WITHOUT: dict[str, tuple[Callable[[], Block], Callable[[Calibration], Calibration]]] = {
    "all": (nullcontext, _same),
    "without_birth_date": (_stated(birth=""), _same),
    "without_token_frequencies": (_equal_tokens, _same),
    "without_sex_and_nationality": (_no_sex_and_states, _same),
    "without_frequencies_by_nationality": (_whole_list_frequencies, _same),
    "without_like_names": (_exact_only, _same),
    "without_phrases": (lambda: patch.object(evidence, "known_phrases", lambda *_: {}), _same),
    "without_offsets": (nullcontext, _no_offsets),
    "without_document_numbers": (_stated(document_number="", personal_number=""), _same),
    "by_judgement": (by_judgement, _same),
}
"""Each evidence by name: what takes it out, and what stays of a calibration."""
