"""Rule sets by a stick: as by the line, sealed, and only once more where there is a newer version."""

from __future__ import annotations

from pathlib import Path

from checkpoint_app.booth.record.rule_copies import rules_of
from checkpoint_app.central import importing, publishing, rule_material
from checkpoint_app.central.keeping import Declared
from checkpoint_app.wire.header import ListKind
from tests.central.rule_sets import rule_set
from tests.sync.by_hand import hands


def test_a_rule_set_comes_by_hand_once(tmp_path: Path) -> None:
    data = rule_set()
    demo = Declared("demo", ListKind.RULES, "ECU")
    quiet = Declared("quiet", ListKind.RULES, "ECU", silent=True)
    with hands(tmp_path) as post:
        importing.import_version(post.centre, demo, rule_material.of_rules(demo, data, None))
        silent = rule_set(set="QUIET")
        importing.import_version(post.centre, quiet, rule_material.of_rules(quiet, silent, None))
        publishing.publish(post.centre)
        booth = post.booth()
        stick = post.bring()
        assert booth.take(stick).faults == []
        assert booth.apply()["demo"] == 1
        assert [(one.header.name, one.data, one.bar) for one in rules_of(booth.store)] == [("demo", data, None)]
        assert b"T-001" not in stick.read_bytes()
        booth.send()
        first = stick.stat().st_size
        again = post.bring(file="again.bundle")  # the centre knows by the booth's events what it has
        assert again.stat().st_size < first
        assert [one.name for one in booth.take(again).brought if one.name == "demo"] == []
        assert "quiet" not in booth.apply()
