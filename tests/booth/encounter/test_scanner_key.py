"""The scanner at the desk: a key scans, keys still answer meanwhile, and no scan reaches the next person."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.view.screen import Action, DeviceView, KeyState, KeyView, Sound, Stage
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.protocol import Health, RawInput, Source
from checkpoint_app.readers.sane import SCANNER_ERRORS
from checkpoint_app.readers.scanner import Scanner, ScannerState
from tests.booth.desk.test_one_act import ANNA, KLARA, Pictures, picture
from tests.booth.helpers import OFFICER, PIN, Booth, make_booth
from tests.readers.scanners import NEEDS_SANE, QUICK, configure

READY = ScannerState(Health.READY, model="Acme")
BUSY = ScannerState(Health.BUSY, model="Acme")
JAMMED = ScannerState(Health.FAILED, "scanner_jammed", "Acme")
ABSENT = ScannerState(Health.ABSENT, "scanner_absent")


class Glass:
    """A scanner that ends when told."""

    def __init__(self, state: ScannerState = READY) -> None:
        self.state = state
        self.inputs: list[RawInput] = []
        self.cancelled = 0

    @property
    def health(self) -> Health:
        return self.state.health

    def scan(self) -> bool:
        if self.state.health is Health.BUSY:
            return False
        self.state = BUSY
        return True

    def cancel(self) -> None:
        self.cancelled += 1
        self.state = READY

    def ends(self, image: bytes = b"", refused: str = "", state: ScannerState = READY) -> None:
        self.inputs.append(RawInput(Source.SCANNER, image=image, refused=refused))
        self.state = state

    def poll(self) -> list[RawInput]:
        taken, self.inputs = self.inputs, []
        return taken

    def close(self) -> None:
        self.state = ScannerState(Health.CLOSED)


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher, Pictures())
    booth.open()
    yield booth
    booth.close()


@pytest.fixture
def glass(booth: Booth) -> Glass:
    glass = Glass()
    booth.desk.scan_with(glass)
    return glass


def key(booth: Booth) -> KeyView:
    return next(one for one in booth.view.keys if one.action is Action.REREAD)


def device(booth: Booth) -> DeviceView:
    assert booth.view.desk is not None
    return next(one for one in booth.view.desk.devices if one.name == "Scanner")


def stands(booth: Booth, glass: Glass, state: ScannerState) -> None:
    glass.state = state
    booth.until(lambda _v: booth.desk._core.state.health.scanner == state)


def test_f4_scans_and_what_was_scanned_becomes_an_encounter(booth: Booth, glass: Glass) -> None:
    assert (key(booth).word, key(booth).state) == ("Scan", KeyState.PLAIN)
    booth.press(Action.REREAD)
    assert (key(booth).word, device(booth).state) == ("Stop", "reading")
    assert (booth.view.message.text, booth.view.message.cap) == ("The scanner is reading the document", "Esc")
    glass.ends(picture(KLARA))
    assert booth.until(lambda v: v.person and v.advice.advice).person.family_name == "MUSTER"
    assert booth.last_body("encounter_read")["source"] == "scanner"
    assert key(booth).word == "Re-read"
    assert booth.view.message.text != "The scanner is reading the document"


def test_without_a_scanner_the_key_is_off_and_says_why(booth: Booth) -> None:
    assert (key(booth).word, key(booth).state) == ("Re-read", KeyState.OFF)
    assert device(booth) == DeviceView("Scanner", "not used", ready=False)
    booth.press(Action.REREAD)
    assert booth.sounds[-1] is Sound.REFUSED_KEY
    glass = Glass(ABSENT)
    booth.desk.scan_with(glass)
    assert (key(booth).word, key(booth).state, key(booth).description) == ("Scan", KeyState.OFF, "No scanner")
    booth.press(Action.REREAD)
    assert glass.health is Health.ABSENT


def test_every_trouble_is_told_in_words_and_stands_on_the_desk(booth: Booth, glass: Glass) -> None:
    say = booth.desk._core.words.say
    for code in sorted(SCANNER_ERRORS):
        booth.press(Action.REREAD)  # once it is cleared, the same key scans again
        glass.ends(refused=code, state=ScannerState(Health.FAILED, code))
        booth.until(lambda v, code=code: v.message.text == say(f"read.{code}"))
        assert booth.view.message.symbol == "attention"
        assert device(booth) == DeviceView("Scanner", say(f"scanner.{code}"), ready=False, attention=True)
        assert booth.sounds[-1] is Sound.REFUSED_KEY
        assert key(booth).state is KeyState.PLAIN
    booth.press(Action.REREAD)
    glass.ends(picture(KLARA))
    booth.until(lambda v: v.person and v.advice.advice)


def test_the_officer_stops_a_scan(booth: Booth, glass: Glass) -> None:
    for times, stop in enumerate((Action.REREAD, Action.PREVIOUS), 1):
        booth.press(Action.REREAD)
        booth.press(stop)
        assert glass.cancelled == times
        assert booth.view.message.text == "Scan stopped"
        glass.ends(picture(KLARA))
        booth.settle(0.4)
        assert booth.view.stage is Stage.EMPTY
    booth.press(Action.REREAD)
    glass.ends(picture(ANNA))
    assert booth.until(lambda v: v.person and v.advice.advice).person.family_name == "ERIKSSON"


def test_one_blow_of_a_finger_does_not_start_and_stop(booth: Booth, glass: Glass) -> None:
    booth.press(Action.REREAD)
    booth.press(Action.REREAD, wait=0.2)
    booth.press(Action.REREAD, auto_repeat=True)
    assert glass.cancelled == 0
    assert glass.health is Health.BUSY
    assert booth.sounds[-2:] == [Sound.REFUSED_KEY] * 2


def lays_another(booth: Booth) -> None:
    booth.desk.drop(picture(KLARA), "")


def types(booth: Booth) -> None:
    booth.desk.keyed("\n".join(KLARA))


def protects(booth: Booth) -> None:
    booth.press(Action.PROTECT)


def leaves(booth: Booth) -> None:
    booth.press(Action.OFFICER)
    booth.until(lambda v: v.form and v.form.name == "sign_in")


@pytest.mark.parametrize("does", [lays_another, types, protects, leaves])
def test_a_scan_that_something_else_overtook_is_nobodys(
    booth: Booth, glass: Glass, does: Callable[[Booth], None]
) -> None:
    booth.press(Action.REREAD)
    does(booth)
    glass.ends(picture(ANNA))  # it came all the same
    booth.settle(0.5)
    assert glass.cancelled == 1
    if does is leaves:
        booth.sign_in(OFFICER, PIN)
    elif does is not protects:
        booth.until(lambda v: v.advice.advice)
        booth.let_pass()
    booth.settle(0.5)
    assert glass.inputs == []
    assert "ERIKS" not in repr(booth.view)
    assert all("ERIKS" not in repr(view) for view in booth.views)


def test_keys_answer_while_it_scans(booth: Booth, glass: Glass) -> None:
    booth.press(Action.REREAD)
    booth.press(Action.DIRECTION)
    assert booth.until(lambda v: not v.bar.direction_in)
    booth.press(Action.COMPARE)
    assert booth.until(lambda v: v.stage is Stage.CASES)
    glass.ends(picture(KLARA))
    assert booth.until(lambda v: v.person and v.advice.advice).person.family_name == "MUSTER"


def test_a_scan_waits_for_an_act_that_is_under_way(booth: Booth, glass: Glass) -> None:
    booth.press(Action.REREAD)
    booth.desk._core.busy = True
    glass.ends(picture(KLARA))
    ends = time.monotonic() + 0.4
    while time.monotonic() < ends:
        booth.calls.get(timeout=1)()
    assert booth.view.person is None
    booth.desk._core.busy = False
    assert booth.until(lambda v: v.person and v.advice.advice).person.family_name == "MUSTER"


def test_what_changes_by_itself_is_said_on_the_empty_desk(booth: Booth, glass: Glass) -> None:
    stands(booth, glass, ABSENT)
    assert booth.view.message.text == "No scanner answers. Plug it in and switch it on."
    assert device(booth) == DeviceView("Scanner", "not connected", ready=False)
    stands(booth, glass, READY)
    assert booth.view.message.text == "The scanner is ready"
    assert device(booth) == DeviceView("Scanner", "ready", ready=True)


def test_with_a_person_on_the_desk_a_scanner_that_goes_interrupts_nothing(booth: Booth, glass: Glass) -> None:
    booth.type(*KLARA)
    before = booth.view.message
    stands(booth, glass, ABSENT)
    assert booth.view.message == before
    booth.let_pass()
    assert device(booth).state == "not connected"


def test_the_first_look_is_no_news(booth: Booth) -> None:
    glass = Glass(ScannerState())
    booth.desk.scan_with(glass)
    before = booth.view.message
    assert device(booth) == DeviceView("Scanner", "looking for it", ready=False)
    stands(booth, glass, ABSENT)
    assert booth.view.message == before


def test_the_scanner_is_closed_with_the_desk(booth: Booth, glass: Glass) -> None:
    booth.press(Action.REREAD)
    booth.desk.close()
    assert glass.health is Health.CLOSED


def test_the_watched_folder_beside_it_is_told_as_well(booth: Booth, glass: Glass) -> None:
    from tests.booth.desk.test_reader_watch import Folder

    folder = Folder()
    booth.desk.watch(folder)
    folder.health = Health.ABSENT
    view = booth.until(lambda v: v.message.text.startswith("The watched folder can't"))
    assert view.desk.devices[2] == DeviceView("Folder", "not found", ready=False, attention=True)
    folder.health = Health.READY
    booth.until(lambda v: v.message.text == "The watched folder is there again")
    folder.inputs.append(RawInput(Source.FOLDER, image=picture(KLARA)))
    booth.until(lambda v: v.person and v.advice.advice)
    assert booth.last_body("encounter_read")["source"] == "folder"


@NEEDS_SANE
def test_a_real_scan_goes_all_the_way_to_the_image_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANE_CONFIG_DIR", str(tmp_path))
    configure(tmp_path)
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher, ImageReader())
    booth.open()
    scanner = Scanner(times=QUICK)
    scanner.start()
    booth.desk.scan_with(scanner)
    booth.until(lambda _v: key(booth).state is KeyState.PLAIN)
    booth.press(Action.REREAD)
    view = booth.until(lambda v: v.message.symbol == "attention")
    assert view.message.text.startswith("No machine readable zone found")
    assert view.stage is Stage.EMPTY
    configure(tmp_path, status="SANE_STATUS_JAMMED")
    booth.press(Action.REREAD)
    view = booth.until(lambda v: v.message.text.startswith("Paper jam"))
    assert device(booth) == DeviceView("Scanner", "paper jam", ready=False, attention=True)
    configure(tmp_path, plugged=False)
    booth.until(lambda v: v.message.text.startswith("No scanner answers"))
    booth.close()
