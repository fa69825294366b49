"""A consignment's whole way over the desk, with a real store and real lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkpoint_app.booth.view import Action, Stage
from checkpoint_app.verdict import Advice
from tests.booth.cargo_samples import RIGHT, CargoBooth, cargo_booth, message


@pytest.fixture
def booth(tmp_path: Path) -> CargoBooth:
    made = cargo_booth(tmp_path)
    yield made
    made.close()


def test_a_consignment_is_opened_seen_and_released(booth: CargoBooth) -> None:
    booth.open()
    booth.lay(message())
    view = booth.on_desk()
    assert view.consignment.number == "DEMO26004417"
    assert view.advice.advice is Advice.INCOMPLETE  # nobody has looked at the seals
    view = booth.see(**{RIGHT: "sl-0051177", "weight": "24100"})
    assert view.advice.advice is Advice.PROCEED, [(r.name, r.detail) for r in view.checks.rows]
    booth.press(Action.LET_PASS)
    view = booth.until(lambda v: v.stage is Stage.EMPTY)
    assert view.consignment is None
    assert "released" in view.message.text
    kinds = booth.kinds()
    ways = ["manifest_received", "encounter_read", "encounter_answered", "consignment_seen", "encounter_answered"]
    ways.append("disposition")
    assert [kind for kind in kinds if kind in ways] == ways
    assert booth.last_body("disposition")["disposition"] == "release"
