"""The weights that were set by judgement before they were fitted: kept to be measured beside those in force."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from checkpoint_app.screening import circumstances, date_points, dates, evidence, score, search
from checkpoint_app.screening.evidence import Worth
from checkpoint_app.screening.score import _Costs
from checkpoint_app.screening.vocabulary import Likeness

CHANCE = {
    Likeness.EXACT: 0.85,
    Likeness.PREFIX: 0.85,
    Likeness.SOUND: 0.08,
    Likeness.EDIT: 0.05,
    Likeness.VOWELS: 0.03,
    Likeness.BONES: 0.02,
}
WORTH = {likeness: Worth(math.log(chance), 1.0) for likeness, chance in CHANCE.items()}
SEX_SAME, SEX_DIFFERS, STATE_DIFFERS, STATE_MOST, STATE_SLOPE = 0.66, -3.2, -1.8, 4.5, 1.0
CROSSED, MOST_CROSSED, ONLY_STATED, ONLY_LISTED, NO_GIVEN = 1.0, 2.5, 1.0, 0.8, 2.5
FAMILY = _Costs(3.5, 3.5, ONLY_LISTED)
MARRIED = _Costs(1.5, 3.5, ONLY_LISTED)
GIVEN = _Costs(3.2, 3.2, ONLY_LISTED)
WHOLE = _Costs(3.5, 3.5, ONLY_LISTED)
DATES = {
    "YEAR": 4.0,
    "SWAPPED": 4.5,
    "NEAR_YEAR": 2.9,
    "NEAR_DAY": 2.6,
    "SLIPPED_YEAR": 2.5,
    "OTHER_DAY": -1.0,
}


@contextmanager
def by_judgement() -> Iterator[None]:
    """Return a block in which the engine weighs by judgement."""
    states = {"STATE_DIFFERS": STATE_DIFFERS}
    costs = {"_FAMILY": FAMILY, "_MARRIED": MARRIED, "_GIVEN": GIVEN, "_WHOLE": WHOLE}
    crossed = {"CROSSED": CROSSED, "MOST_CROSSED": MOST_CROSSED, "ONLY_STATED": ONLY_STATED, "NO_GIVEN": NO_GIVEN}
    sexes = {"SEX_SAME": SEX_SAME, "SEX_DIFFERS": SEX_DIFFERS, "STATE_MOST": STATE_MOST, "STATE_SLOPE": STATE_SLOPE}
    with ExitStack() as patches:
        for module, values in (
            (evidence, {"WORTH": WORTH, "UNKNOWN": math.log(5), **sexes, **states}),
            (score, {"WORTH": WORTH, **costs, **crossed, **states}),
            (circumstances, {"SEX_SAME": SEX_SAME, **states}),
            (search, {"ONLY_STATED": ONLY_STATED}),
            (dates, DATES),
        ):
            patches.enter_context(patch.multiple(module, **values))
        _forget_dates()
        patches.callback(_forget_dates)
        yield


def _forget_dates() -> None:
    for kept in vars(date_points).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
