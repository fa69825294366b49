"""Where an act can't be written it is not done, and the screen never says so before (invariants 1 and 12)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.store import DiskFullError, SignedObject
from checkpoint_app.store.journal import Journal
from checkpoint_app.store.signed_objects import SignedObjects
from checkpoint_app.verdict import Advice
from checkpoint_app.wire.event import EventKind, SignedEvent
from tests.booth.desk.test_desk import KLARA
from tests.booth.helpers import Booth, make_booth

APPEND = Journal.append


class Disk:
    """The journal's disk: full for some kinds of event, or slow until it is told to go on."""

    def __init__(self) -> None:
        self.full: set[EventKind] = set()
        self.slow: set[EventKind] = set()
        self.go_on = threading.Event()

    def append(self, journal: Journal, kind: EventKind, body: dict) -> SignedEvent:
        if kind in self.full:
            raise DiskFullError("journal: the disk is full; free some space")
        if kind in self.slow:
            assert self.go_on.wait(20)
        return APPEND(journal, kind, body)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()

    def append(journal: Journal, kind: EventKind, body: dict) -> SignedEvent:
        return disk.append(journal, kind, body)

    monkeypatch.setattr(Journal, "append", append)
    return disk


@pytest.fixture
def booth(tmp_path: Path, disk: Disk) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    yield booth
    disk.go_on.set()
    disk.full.clear()
    booth.close()


def refused(booth: Booth) -> None:
    booth.until(lambda v: v.message.symbol == "attention" and "Disk full: not stored" in v.message.text)


def test_a_disposition_is_shown_only_once_it_is_on_disk(booth: Booth, disk: Disk) -> None:
    booth.type(*KLARA)
    disk.slow = {EventKind.DISPOSITION}
    booth.press(Action.LET_PASS)
    view = booth.settle()
    assert view.stage is Stage.ENCOUNTER
    assert view.person.family_name == "MUSTER"
    assert not any("saved" in shown.message.text for shown in booth.views)
    disk.go_on.set()
    assert "let pass, saved" in booth.until(lambda v: v.stage is Stage.EMPTY).message.text


@pytest.mark.parametrize("action", [Action.LET_PASS, Action.REFER])
def test_a_disposition_that_can_not_be_written_is_not_taken(booth: Booth, disk: Disk, action: Action) -> None:
    booth.type(*KLARA)
    disk.full = {EventKind.DISPOSITION}
    booth.press(action)
    if action is Action.REFER:
        booth.desk.choose(1)
        booth.press(action)
    refused(booth)
    assert booth.view.person.family_name == "MUSTER"
    assert not any("saved" in shown.message.text for shown in booth.views)
    disk.full.clear()
    booth.press(action)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert booth.kinds().count("disposition") == 1


def test_no_act_and_no_access_goes_unwritten(booth: Booth, disk: Disk) -> None:
    booth.type(*KLARA)
    booth.let_pass()
    disk.full = {EventKind.CROSSING_CHANGED, EventKind.ENCOUNTER_VIEWED, EventKind.ENCOUNTER_READ}
    booth.press(Action.DIRECTION)
    refused(booth)
    assert booth.view.bar.direction_in
    booth.desk._core.say("message.none")
    booth.press(Action.PREVIOUS)
    refused(booth)
    assert booth.view.person is None
    booth.desk._core.say("message.none")
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(KLARA))
    booth.desk.submit()
    refused(booth)
    assert booth.view.person is None
    assert booth.view.advice.advice is None


def test_the_protection_path_goes_on_unwritten_and_is_written_later(booth: Booth, disk: Disk) -> None:
    assert booth.type(*KLARA).advice.advice is Advice.PROCEED
    disk.full = {EventKind.DISPOSITION}
    booth.press(Action.PROTECT)
    booth.desk.choose(1)
    booth.press(Action.PROTECT)
    view = booth.until(lambda v: v.stage is Stage.EMPTY)
    assert "could NOT be stored" in view.message.text
    disk.full.clear()
    booth.desk._deciding.save_unsaved()
    booth.until(lambda v: "protection path, saved" in v.message.text)
    assert booth.last_body("disposition")["disposition"] == "protect"


def test_a_list_that_ended_is_not_consulted_even_where_that_can_not_be_written(booth: Booth, disk: Disk) -> None:
    """Invariant 9 does not wait for the disk."""
    put = SignedObjects.put

    def broken(objects: SignedObjects, one: SignedObject) -> None:
        raise DiskFullError("signed objects: the disk is full; free some space")

    SignedObjects.put = broken
    try:
        booth.desk._lining.list_ended("ECU")
        refused(booth)
    finally:
        SignedObjects.put = put
    assert booth.type(*KLARA).advice.advice is Advice.INCOMPLETE
