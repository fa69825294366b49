"""What the played demonstration asserts of a remote crossing: a story that did not happen is not told."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from checkpoint_app.demo.centre import DemoCentre
from checkpoint_app.demo.hands import PlayError
from checkpoint_app.demo.partners import PARTNER_LISTS
from checkpoint_app.demo.remote import Told, told_afterwards, told_table
from checkpoint_app.wire.event import EventKind
from tests.demo.helpers import TODAY

CASE = {"case_id": "26-TEST", "found": [{"candidates": [{"entry_id": "ECU-LATE-0002"}]}]}
PRINTED = {"pseudonym": "ab"}
CHECKED = {"result": "good", "pseudonym": "ab", "booth": "demo-3", "decision": "let_pass"}
SOUND = (
    (EventKind.CASE_OPENED, {"case": CASE}),
    (EventKind.CASE_RECEIVED, {"case": CASE}),
    (EventKind.SLIP_PRINTED, PRINTED),
    (EventKind.SLIP_CHECKED, CHECKED),
)


@dataclass
class Journal:
    """A journal of these kinds and bodies, the first event being number 1."""

    written: list = field(default_factory=list)

    def events(self):
        return (
            SimpleNamespace(header=SimpleNamespace(seq=seq, kind=kind, wall_time=TODAY))
            for seq, (kind, _body) in enumerate(self.written, 1)
        )

    def body(self, seq):
        return self.written[seq - 1][1]


def told(*written, layers=(10_000, 1), cases=(CASE,)):
    copy = SimpleNamespace(
        header=SimpleNamespace(name=PARTNER_LISTS[0].name, version=90),
        layers=tuple(SimpleNamespace(records=count) for count in layers),
    )
    store = SimpleNamespace(journal=Journal(list(written)), lists=SimpleNamespace(in_force=lambda: [copy]))
    return told_afterwards(store, SimpleNamespace(cases=lambda: list(cases)), TODAY)


def test_what_happened_is_told_with_its_figures():
    rows = told(*SOUND)
    assert [row.figures for row in rows] == [
        "case 26-TEST: opened here as event 1, one case at the centre",
        "ECU: 10,000 entries, 1 in deltas over them",
        "124 bytes signed: good (demo-3, let_pass, officer ab)",
    ]


@pytest.mark.parametrize(
    ("written", "others"),
    [
        (SOUND[2:], {}),
        ((SOUND[1], SOUND[0], *SOUND[2:]), {}),
        (SOUND, {"cases": (CASE, CASE)}),
        (SOUND, {"cases": ()}),
        (SOUND, {"layers": (10_001,)}),
        (SOUND[:3], {}),
        ((*SOUND[:3], (EventKind.SLIP_CHECKED, {**CHECKED, "result": "too_old"})), {}),
        ((*SOUND[:3], (EventKind.SLIP_CHECKED, {**CHECKED, "pseudonym": "cd"})), {}),
    ],
    ids=["nobody", "centre_first", "two_cases", "no_case", "whole", "unread", "refused", "another_slip"],
)
def test_what_did_not_happen_stops_the_demonstration(written, others):
    with pytest.raises(PlayError):
        told(*written, **others)


def test_the_bytes_of_a_version_are_those_of_its_own_delta_and_of_the_newest_package(tmp_path: Path):
    folder = tmp_path / "home" / "repository" / "targets" / "ECU"
    folder.mkdir(parents=True)
    for name, size in (("a.ECU-88-89.delta", 5), ("b.ECU-89-90.delta", 7), ("c.ECU.list", 900), ("d.ECU.list", 901)):
        (folder / name).write_bytes(bytes(size))
    os.utime(folder / "c.ECU.list", (1, 1))
    centre = DemoCentre(tmp_path)
    assert centre.published("ECU", 90) == (7, 901)
    assert centre.published("ECU", 91) == (0, 901)


def test_the_table_has_a_line_a_story():
    assert told_table([Told("a", "1 byte"), Told("a stick", "2")]) == "a        1 byte\na stick  2"
