"""The printed page: read after the advice, held against the zone, shown only where its Encounter is still open."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.booth.record.encounter import Picture, ReadSource
from checkpoint_app.booth.record.records import rebuild
from checkpoint_app.booth.view.screen import Action, CheckRow, DeskView, Sound, Stage
from checkpoint_app.documents import parse_mrz, to_mrz
from checkpoint_app.readers.reading import Print, ReadError, Reading
from checkpoint_app.readers.simulator import SimulatedImageReader, digest
from checkpoint_app.verdict import Advice, Check, Outcome, Requirement
from checkpoint_app.wire.event import EventKind
from tests.booth.desk.test_desk import KLARA
from tests.booth.helpers import START, Booth, make_booth

POLICY = {"optional": (Requirement(Check.VISUAL),)}
PAGE = (("C01X00T47", 0.98), ("MUSTER", 0.99), ("KLARA LUISA", 0.97), ("01 JAN 1980", 0.96), ("01 JAN 2030", 0.96))
ALTERED = (("C01X00T57", 0.98), *PAGE[1:])
OTHER = ("P<UTOEJEMPLO<<ANA<<<<<<<<<<<<<<<<<<<<<<<<<<<", KLARA[1])
PRINT = Print(PAGE, b"\xff\xd8portrait")
JPEG = b"\xff\xd8portrait"


def reading(lines: tuple[str, ...]) -> Reading:
    return Reading(parse_mrz(lines, START.date()), valid=True, preview=b"jpeg", preview_size=(1000, 700))


class Reader(SimulatedImageReader):
    """Reads a print only when it is let; tells in which order it was asked."""

    def __init__(self, printed: Print | ReadError) -> None:
        readings = {digest(b"one"): reading(KLARA), digest(b"two"): reading(OTHER)}
        super().__init__(readings, {digest(b"one"): printed})
        self.let = threading.Event()
        self.asked: list[str] = []

    def read_frames(self, images: tuple[bytes, ...]) -> Reading:
        self.asked.append(f"zone {images[0].decode()}")
        return super().read_frames(images)

    def read_print(self, *images: bytes) -> Print:
        self.asked.append(f"print {images[0].decode()}")
        assert self.let.wait(30)
        return super().read_print(*images)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[list[Booth]]:
    made: list[Booth] = []
    yield made
    for booth in made:
        booth.desk._encountering._reader.let.set()
        booth.close()


@pytest.fixture
def start(tmp_path: Path, places: list[Booth]):
    publisher, clock = make_booth(tmp_path, policy=POLICY)

    def started(printed: Print | ReadError = PRINT) -> tuple[Booth, Reader]:
        reader = Reader(printed)
        places.append(Booth(tmp_path, clock, publisher, reader))
        places[-1].open()
        return places[-1], reader

    return started


def row(view: DeskView) -> CheckRow:
    assert view.checks is not None
    return next(one for one in view.checks.rows if one.name == "Printed page")


def lay(booth: Booth, name: bytes = b"one") -> DeskView:
    booth.desk.drop(name, "")
    return booth.until(lambda v: v.advice.advice is not None)


def come(booth: Booth, reader: Reader) -> DeskView:
    reader.let.set()
    view = booth.until(lambda _v: "encounter_print" in booth.kinds())
    return booth.settle() if view else view


def test_the_advice_comes_first_and_the_print_is_awaited(start) -> None:
    booth, reader = start()
    view = lay(booth)
    assert view.advice.advice is Advice.PROCEED
    assert row(view).waiting
    assert view.checks.count.endswith("1 waiting")
    assert not booth.desk._core.occupied
    booth.sounds.clear()
    view = come(booth, reader)
    assert (row(view).outcome, row(view).detail) == (Outcome.CLEAR, "")
    assert view.person.portrait == JPEG
    assert view.advice.advice is Advice.PROCEED
    assert booth.sounds == []
    body = booth.last_body("encounter_print")
    assert body["texts"][0] == ["C01X00T47", 9800]
    assert booth.last_body("encounter_answered")["answers"][-1]["outcome"] == "clear"
    assert reader.asked == ["zone one", "print one"]


def test_an_altered_zone_raises_the_advice_and_holds_the_keys_back(start) -> None:
    booth, reader = start(Print(ALTERED, JPEG))
    lay(booth)
    booth.sounds.clear()
    view = come(booth, reader)
    assert view.advice.advice is Advice.REFER
    assert row(view).detail == "Print and zone differ. Number: printed C01X00T57"
    assert booth.sounds == [Sound.REFER]
    booth.press(Action.LET_PASS, wait=0.1)
    assert booth.view.stage is Stage.ENCOUNTER
    assert booth.sounds == [Sound.REFER, Sound.REFUSED_KEY]


def test_what_speaks_against_one_decided_meanwhile_is_told_and_not_shown(start) -> None:
    booth, reader = start(Print(ALTERED, JPEG))
    lay(booth)
    booth.let_pass()
    booth.sounds.clear()
    view = come(booth, reader)
    assert (view.stage, view.person, booth.sounds) == (Stage.EMPTY, None, [Sound.LATE_HIT])
    assert view.message.text.startswith("The traveller before: printed page and zone differ.")
    assert booth.kinds().count("encounter_answered") == 1
    booth.press(Action.PREVIOUS)
    assert booth.until(lambda v: v.person is not None).person.portrait == JPEG


def test_nothing_is_told_of_one_decided_meanwhile_whose_print_agrees(start) -> None:
    booth, reader = start(Print(PAGE, JPEG))
    lay(booth)
    booth.let_pass()
    booth.sounds.clear()
    come(booth, reader)
    assert booth.sounds == []


def test_the_next_document_is_not_given_the_print_of_the_one_before(start) -> None:
    booth, reader = start(Print(ALTERED, JPEG))
    lay(booth)
    booth.let_pass()
    booth.desk.drop(b"two", "")
    reader.let.set()
    view = booth.until(lambda v: v.advice.advice is not None and booth.desk._core.state.printing == "")
    assert view.person.family_name == "EJEMPLO"
    assert (view.advice.advice, view.person.portrait) == (Advice.PROCEED, None)
    booth.settle()
    assert booth.kinds().count("encounter_print") == 2


def test_a_document_that_waits_comes_before_a_print(start) -> None:
    booth, reader = start()
    reader.let.set()
    lay(booth)
    booth.settle()
    encounter = booth.desk._core.state.encounter
    booth.let_pass()
    reader.asked.clear()
    booth.desk._core.jobs.reading(lambda: None, lambda _none: None, booth.desk._core.failed)
    booth.desk.drop(b"two", "")  # the desk waits for it: now a print of the one before is asked for
    booth.desk._printing._read(encounter, (b"one",))
    booth.until(lambda v: v.advice.advice is not None)
    booth.settle()
    assert reader.asked[0] == "zone two"
    assert "print one" in reader.asked


def test_a_print_that_can_t_be_read_leaves_the_check_not_done(start) -> None:
    booth, reader = start(ReadError("failed"))
    reader.let.set()
    lay(booth)
    view = booth.until(lambda _v: booth.desk._core.state.printing == "")
    assert row(view).outcome is Outcome.NOT_CHECKED
    assert row(view).detail == "Not compared: too little of the page's print was read"
    assert "encounter_print" not in booth.kinds()


def test_typed_lines_have_no_picture(start) -> None:
    booth, reader = start()
    assert row(booth.type(*KLARA)).detail == "Not compared: no picture of the page"
    assert reader.asked == []


def test_a_correction_keeps_the_print_and_compares_again(start) -> None:
    booth, reader = start(Print(ALTERED, JPEG))
    lay(booth)
    assert come(booth, reader).advice.advice is Advice.REFER
    booth.clock.pass_(seconds=1)
    document = replace(parse_mrz(KLARA, START.date()).document, document_number="C01X00T57")
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(to_mrz(document)))
    booth.clock.pass_(seconds=1)
    booth.desk.submit()
    view = booth.until(lambda v: v.form is None and v.advice.advice is not None)
    assert row(view).outcome is Outcome.CLEAR
    assert view.person.portrait == JPEG
    assert reader.asked == ["zone one", "print one"]


def test_reading_again_reads_the_print_anew(start) -> None:
    booth, reader = start()
    reader.let.set()
    lay(booth)
    booth.settle()
    booth.press(Action.REREAD)
    booth.until(lambda v: v.advice.advice is not None and row(v).outcome is Outcome.CLEAR)
    assert reader.asked == ["zone one", "print one"] * 2


def test_after_a_crash_texts_and_portrait_come_from_the_journal(start, places: list[Booth]) -> None:
    booth, reader = start(Print(ALTERED, JPEG))
    lay(booth)
    come(booth, reader)
    booth.close()
    again, second = start()
    view = again.until(lambda v: v.advice.advice is not None)
    assert view.advice.advice is Advice.REFER
    assert row(view).detail == "Print and zone differ. Number: printed C01X00T57"
    assert view.person.portrait == JPEG
    assert second.asked == []


def test_a_picture_in_the_journal_says_that_its_print_was_to_come() -> None:
    read = {
        "opened_at": "2026-11-24T14:00:00.000000Z", "source": ReadSource.IMAGE.value, "direction": "in",
        "mrz": list(KLARA), "doubtful": False, "by_hand": [],
    }  # fmt: skip
    picture = {"jpeg": "AAAA", "boxes": []}
    encounter = rebuild("e-1", [(EventKind.ENCOUNTER_READ, read), (EventKind.ENCOUNTER_PICTURE, picture)])
    assert isinstance(encounter.picture, Picture)
    assert encounter.beside.printed == ()
    typed = {**read, "source": ReadSource.TYPED.value}
    encounter = rebuild("e-1", [(EventKind.ENCOUNTER_READ, typed), (EventKind.ENCOUNTER_PICTURE, picture)])
    assert encounter.beside.printed is None
