"""The watched folder: a picture that was taken from it reaches the desk, or waits; it is never lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.desk.reader_watch import Taken, Watching
from checkpoint_app.readers.protocol import Health, RawInput, Source
from tests.booth.desk.test_one_act import KLARA, Pictures, picture
from tests.booth.helpers import Booth, make_booth


class Folder:
    """A tray in which pictures lie until the next look."""

    def __init__(self, *inputs: RawInput) -> None:
        self.inputs = list(inputs)
        self.health = Health.READY

    def close(self) -> None:
        self.health = Health.CLOSED

    def poll(self) -> list[RawInput]:
        taken, self.inputs = self.inputs, []
        return taken


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher, Pictures())
    booth.open()
    yield booth
    booth.close()


def test_a_picture_is_offered_again_where_the_officer_was_quicker() -> None:
    offers: list[bytes] = []
    done = threading.Event()

    def laid(offered: RawInput, taken: Taken) -> None:
        offers.append(offered.image)
        taken(len(offers) == 3)
        if len(offers) == 3:
            done.set()

    watching = Watching(Folder(RawInput(Source.FOLDER, image=b"page")), free=lambda: True, laid=laid)
    watching.start()
    assert done.wait(10)
    watching.stop()
    assert offers == [b"page"] * 3


def test_it_ends_while_a_picture_waits() -> None:
    offered = threading.Event()
    watching = Watching(
        Folder(RawInput(Source.FOLDER, image=b"page")), free=lambda: True, laid=lambda _picture, _taken: offered.set()
    )
    watching.start()
    assert offered.wait(10)
    watching.stop()


def test_a_picture_in_the_folder_becomes_an_encounter(booth: Booth) -> None:
    booth.desk.watch(Folder(RawInput(Source.FOLDER, image=picture(KLARA))))
    assert booth.until(lambda v: v.person and v.advice.advice).person.family_name == "MUSTER"
    assert booth.last_body("encounter_read")["source"] == "folder"


def test_a_file_that_is_too_large_is_told_as_such(booth: Booth) -> None:
    booth.desk.watch(Folder(RawInput(Source.FOLDER, refused="too_large")))
    view = booth.until(lambda v: v.message.symbol == "attention")
    assert "large" in view.message.text
