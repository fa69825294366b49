"""One act at a time: a key pressed, or a document laid, while another act is under way must not reach the next person.

The keys here come without the events between them being run, as when the disk is slow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.documents import parse_mrz
from checkpoint_app.readers.reading import ReadError, Reading
from checkpoint_app.screening.entry import ListedDate, Name
from checkpoint_app.verdict import Advice
from tests.booth.desk.test_desk import ANNA, KLARA
from tests.booth.helpers import ERIKSON, OFFICER, PIN, START, Booth, make_booth


class Pictures:
    """A reader to which a picture is the text of its zone, and any other text a page without one."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        pass

    def read_frames(self, images: tuple[bytes, ...]) -> object:
        return self.read(images[0])

    def read(self, image: bytes) -> Reading:
        self.seen.append(image)
        lines = tuple(image.decode().split("\n"))
        mrz = parse_mrz(lines, START.date()) if len(lines) == 2 else None
        return Reading(mrz=mrz, valid=mrz is not None and mrz.valid, preview=b"preview of " + image)


def picture(lines: tuple[str, ...]) -> bytes:
    return "\n".join(lines).encode()


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher, Pictures())
    booth.open()
    yield booth
    booth.close()


class Endless(Pictures):
    """A reader that is not done with a picture before it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.closed = threading.Event(), threading.Event()

    def close(self) -> None:
        self.closed.set()

    def read(self, image: bytes) -> Reading:
        self.began.set()
        if not self.closed.wait(20):
            raise AssertionError("the desk waited for its reader before it closed it")
        raise ReadError("failed")


def test_closing_waits_for_no_picture(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path, persons=None, numbers=None)
    reader = Endless()
    booth = Booth(tmp_path, clock, publisher, reader)
    booth.open(lists=0)
    booth.desk.drop(picture(ANNA), "")
    assert reader.began.wait(20)
    began = time.monotonic()
    booth.close()
    assert time.monotonic() - began < 15


def ready(booth: Booth) -> None:
    """Type a zone up to the last key."""
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(KLARA))


def test_enter_twice_opens_one_encounter(booth: Booth) -> None:
    ready(booth)
    booth.desk.submit()
    booth.desk.submit()
    booth.settle()
    assert booth.kinds().count("encounter_read") == 1


def test_enter_twice_signs_in_once(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path, persons=None, numbers=None)
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.unlock()
        booth.desk.edit("officer", OFFICER)
        booth.desk.edit("pin", PIN)
        booth.desk.submit()
        booth.desk.submit()
        booth.settle(1.0)
        assert booth.kinds().count("signed_in") == 1
    finally:
        booth.close()


@pytest.mark.parametrize("other", [Action.SECOND, Action.CORRECT, Action.PREVIOUS, Action.OFFICER])
def test_nothing_comes_between_a_decision_and_its_record(booth: Booth, other: Action) -> None:
    booth.type(*KLARA)
    booth.press(Action.LET_PASS)
    booth.desk.press(other)
    booth.clock.pass_(seconds=1)
    booth.desk.press(Action.LET_PASS)
    booth.desk.press(Action.REFER)
    view = booth.settle()
    assert view.stage is Stage.EMPTY
    assert booth.kinds().count("disposition") == 1


def test_a_read_under_way_is_not_overtaken(booth: Booth) -> None:
    """Setting aside, leaving or signing out in the middle of a read would mix two persons, or lose one."""
    booth.type(*ANNA)
    booth.press(Action.SECOND)
    booth.desk.drop(picture(KLARA), "a.jpg")
    for action in (Action.SECOND, Action.PREVIOUS, Action.OFFICER, Action.CORRECT):
        booth.desk.press(action)
    view = booth.until(lambda v: v.advice.advice is not None)
    assert view.person.family_name == "MUSTER"
    booth.let_pass()
    booth.press(Action.SECOND)
    assert booth.until(lambda v: v.advice.advice is not None).person.family_name == "ERIKSSON"


def test_no_document_is_taken_while_a_reason_is_asked(booth: Booth) -> None:
    """The reason is somebody's who has no document: the next one's page must wait."""
    booth.press(Action.PROTECT)
    booth.desk.choose(1)
    booth.desk.drop(picture(KLARA), "a.jpg")
    booth.settle()
    assert booth.view.panel_form.name == "protect"
    assert booth.view.person is None


def test_reading_again_reads_the_picture_of_the_one_on_the_desk(booth: Booth) -> None:
    """With two on the desk, F4 must not put the second one's data into the first one's Encounter."""
    booth.desk.drop(picture(ANNA), "anna.jpg")
    booth.until(lambda v: v.advice.advice is not None)
    booth.press(Action.SECOND)
    booth.desk.drop(picture(KLARA), "klara.jpg")
    booth.until(lambda v: v.advice.advice is not None)
    booth.press(Action.SECOND)
    booth.until(lambda v: v.advice.advice is not None)
    booth.press(Action.REREAD)
    booth.settle()
    assert booth.view.person.family_name == "ERIKSSON"
    assert booth.view.document.image == b"preview of " + picture(ANNA)
    assert booth.last_body("encounter_corrected")["mrz"] == list(ANNA)


def test_typed_lines_never_get_the_picture_of_the_one_before(booth: Booth) -> None:
    booth.desk.drop(picture(KLARA), "klara.jpg")
    booth.until(lambda v: v.advice.advice is not None)
    booth.let_pass()
    assert booth.type(*ANNA).document.image is None


@pytest.mark.parametrize("leaves", [True, False])
def test_a_page_without_a_zone_stays_with_who_types_it(booth: Booth, leaves: bool) -> None:
    booth.desk.drop(b"nothing", "page.jpg")
    booth.until(lambda v: v.message.symbol == "attention")
    if leaves:
        booth.press(Action.CORRECT)
        booth.press(Action.PREVIOUS)
    assert booth.type(*KLARA).document.image == (None if leaves else b"preview of nothing")


def test_without_a_policy_a_read_ends_with_a_word(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path, persons=None, numbers=None)
    booth = Booth(tmp_path, clock, publisher, Pictures())
    try:
        booth.unlock()
        booth.sign_in()
        booth.desk._core.update(policy=None)
        booth.desk.drop(picture(KLARA), "klara.jpg")
        view = booth.until(lambda v: v.message.symbol == "attention")
        assert view.stage is Stage.EMPTY
        assert not booth.desk._core.occupied
    finally:
        booth.close()


def test_one_set_aside_comes_back_with_the_answers_of_now(booth: Booth) -> None:
    """Invariant 7: an advice to proceed does not outlive the lists that it rests on."""
    assert booth.type(*KLARA).advice.advice is Advice.PROCEED
    booth.press(Action.SECOND)
    booth.clock.pass_(days=8)
    booth.press(Action.SECOND)
    assert booth.until(lambda v: v.advice.advice is not None).advice.advice is Advice.INCOMPLETE


def test_signing_out_hides_the_person_and_the_next_officer_gets_answers_of_now(booth: Booth) -> None:
    booth.type(*KLARA)
    booth.press(Action.OFFICER)
    view = booth.until(lambda v: v.form is not None)
    assert (view.person, view.document, view.advice.advice) == (None, None, None)
    booth.clock.pass_(days=8)
    booth.sign_in()
    view = booth.until(lambda v: v.advice.advice is not None)
    assert view.advice.advice is Advice.INCOMPLETE
    assert view.person.family_name == "MUSTER"


def test_protection_beside_the_last_one_shown_again_is_another_persons(booth: Booth) -> None:
    booth.type(*KLARA)
    booth.let_pass()
    booth.press(Action.PREVIOUS)
    booth.until(lambda v: v.person is not None)
    booth.press(Action.PROTECT)
    assert booth.view.person is None
    booth.desk.choose(1)
    booth.press(Action.PROTECT)
    booth.until(lambda v: "protection path, saved" in v.message.text)
    assert booth.last_body("encounter_read")["source"] == "none"


def test_the_last_one_shown_again_does_not_outlive_the_officer(booth: Booth) -> None:
    booth.type(*KLARA)
    booth.let_pass()
    booth.press(Action.PREVIOUS)
    booth.until(lambda v: v.person is not None)
    booth.press(Action.OFFICER)
    booth.until(lambda v: v.form is not None)
    booth.sign_in()
    booth.clock.pass_(seconds=1)
    assert booth.settle().stage is Stage.EMPTY
    assert booth.view.person is None


def test_an_advice_to_proceed_is_taken_only_while_its_lists_hold(booth: Booth) -> None:
    """Invariants 7 and 9: the key that lets pass finds the lists as they are now, not as they were."""
    booth.type(*KLARA)
    booth.clock.pass_(days=8)
    booth.desk.press(Action.LET_PASS)
    view = booth.until(lambda v: v.advice.advice is Advice.INCOMPLETE)
    assert "lists have changed" in view.message.text
    assert "disposition" not in booth.kinds()


def test_a_list_brought_while_one_is_on_the_desk_is_asked_before_letting_pass(booth: Booth) -> None:
    booth.type(*KLARA)
    klara = replace(
        ERIKSON, names=(Name("MUSTER", "Klara Luisa"),), birth_dates=(ListedDate("1980-01-01", "1980-01-01"),)
    )
    booth.bring(klara, version=2)
    booth.press(Action.LET_PASS)
    assert booth.until(lambda v: v.advice.advice is Advice.REFER).stage is Stage.ENCOUNTER


def test_what_cannot_be_shown_cannot_be_decided_about(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen still shows the state before: a key must not decide about one that nobody sees."""
    booth.type(*KLARA)

    def broken(_state: object) -> None:
        raise KeyError("finding.without.a.word")

    monkeypatch.setattr("checkpoint_app.booth.desk.desk.present", broken)
    with pytest.raises(KeyError):
        booth.desk.tick()
    monkeypatch.undo()
    booth.press(Action.LET_PASS)
    booth.settle()
    assert "disposition" not in booth.kinds()
