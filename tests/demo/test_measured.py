"""What the demo tells of rules at the centre: no success where booth and centre differ, or nothing was repeated."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checkpoint_app.demo.hands import PlayError
from checkpoint_app.demo.measured import measured
from checkpoint_app.risk.passages import Passage, passage_line
from checkpoint_app.verdict import Mode

TO_ORDER = {"cargo.to_order": True, "cargo.transshipments": ["PAMIT", "COCTG"]}


class Centre:
    """A centre that says ``counted`` of its rule sets, and writes one passage."""

    def __init__(self, folder, *counted):
        self.folder = folder
        self.counted = counted

    def command(self, *words):
        if "--json" in words:
            return json.dumps({"rules": [{"counted": [one]} for one in self.counted]})
        (path,) = (word.partition("=")[2] for word in words if word.startswith("--journal="))
        Path(path).write_bytes(passage_line(Passage(datetime.now(UTC).date(), Mode.LAND, TO_ORDER)))
        return ""


def test_both_are_told_and_no_passage_stays(tmp_path):
    rows = measured(Centre(tmp_path, {"same": 4, "differ": 0}, {"same": 3, "differ": 0}))
    assert [row.figures for row in rows] == ["7 evaluations the same, 0 not", "1 consignments, hits: C-007 1"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("counted", [{"same": 9, "differ": 1}, {"same": 0, "differ": 0}])
def test_a_difference_is_not_told_as_a_success(tmp_path, counted):
    with pytest.raises(
        PlayError, match=f"{counted['same']} evaluations are the same at the centre, {counted['differ']}"
    ):
        measured(Centre(tmp_path, counted))
