"""Each guard that is taken out is found within a few seeds: what the simulation would miss proves nothing."""

from __future__ import annotations

import re

import pytest

from tests.simulation.campaign import play
from tests.simulation.controls import CONTROLS
from tests.simulation.template import Template

WITHIN = 25
STEPS = 14


@pytest.mark.parametrize("what", CONTROLS)
def test_a_guard_that_is_missing_is_found(what: str, beginning: Template) -> None:
    taken = CONTROLS[what]
    with taken.out():
        played = (play(beginning, seed, STEPS, taken.control) for seed in range(WITHIN))
        failed = next((one for one in played if one.error is not None), None)
    assert failed is not None, f"nothing was found in {WITHIN} seeds"
    assert re.search(taken.found, str(failed.error)), failed.tell()
