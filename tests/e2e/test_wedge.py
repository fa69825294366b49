"""A reader that types before the whole booth: from the first form to the Encounter on the screen and in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.booth.desk.desk import Desk, Places
from checkpoint_app.booth.view.screen import DeskView, Stage
from checkpoint_app.ui.palette import DAY
from checkpoint_app.ui.post import Poster
from checkpoint_app.ui.wedge import WedgeFilter
from checkpoint_app.ui.window import DeskWindow
from checkpoint_app.wire.slip import Decided, SlipDecision, pseudonym, write_slip
from checkpoint_app.wire.slip_text import slip_text
from tests.booth.helpers import CLEAR, OFFICER, PASSPHRASE, PIN, START, NoReader, make_booth
from tests.documents.helpers import TD1
from tests.ui.keyboard import Keyboard

SENT = "\r".join(CLEAR) + "\r"


class Post:
    """A booth with its window, one keyboard, and a reader plugged into the same machine."""

    def __init__(self, folder: Path, qtbot: object) -> None:
        _, clock = make_booth(folder)
        poster = Poster()
        self._qtbot = qtbot
        self.window = DeskWindow(DAY, poster.post)
        qtbot.addWidget(self.window)
        self.desk = Desk(Places(folder / "data", folder / "inbox"), NoReader(), poster.post, language="en", clock=clock)
        self.window.bind(self.desk)
        self.window.resize(1280, 800)
        self.window.show()
        self.window.activateWindow()
        self.board = Keyboard(self.window, WedgeFilter(self.window), qtbot)

    def until(self, wanted: object) -> DeskView:
        self._qtbot.waitUntil(lambda: bool(wanted(self.desk.view())), timeout=30_000)
        return self.desk.view()

    def send(self, text: str) -> None:
        self.board.device(text)
        self.board.quiet()

    def reads(self) -> list[dict[str, object]]:
        """The bodies of all reads in the journal."""
        told: list[list[dict[str, object]]] = []

        def ask(records):
            journal = records.store.journal
            events = [event for event in journal.events() if event.header.kind == "encounter_read"]
            return [journal.body(event.header.seq) for event in events]

        self.desk._core.record(ask, told.append)
        self._qtbot.waitUntil(lambda: bool(told), timeout=10_000)
        return told[0]


@pytest.fixture
def post(tmp_path: Path, qtbot: object) -> Iterator[Post]:
    made = Post(tmp_path, qtbot)
    yield made
    made.desk.close()


def test_lines_that_a_device_types_open_an_encounter_and_touch_nothing_else(post: Post) -> None:
    post.desk.opening.start()
    post.until(lambda v: v.form and v.form.name == "unlock")
    post.send(SENT)
    view = post.until(lambda v: v.message.text)
    assert view.message.text == "Sign in to work first (F11)."
    assert (view.form.name, view.form.fields[0].value, view.form.fault) == ("unlock", "", "")

    post.board.person(PASSPHRASE + "\r")
    post.until(lambda v: v.form and v.form.name == "sign_in")
    post.board.person(OFFICER + "\t")
    post.send(SENT)
    assert post.desk.view().form.fields[1].value == ""
    post.board.person(PIN + "\r")
    post.until(lambda v: v.stage is Stage.EMPTY)

    post.send(SENT)
    view = post.until(lambda v: v.advice.advice is not None)
    assert view.person.family_name == "MUSTER"
    (read,) = post.reads()
    assert (read["source"], tuple(read["mrz"])) == ("wedge", CLEAR)

    post.send("".join(TD1) + "\t")
    view = post.until(lambda v: "Decide about this person first" in v.message.text)
    assert view.person.family_name == "MUSTER"
    assert len(post.reads()) == 1


def test_with_the_form_for_typing_open_the_lines_are_read_as_the_devices(post: Post) -> None:
    post.desk.opening.start()
    post.until(lambda v: v.form and v.form.name == "unlock")
    post.board.person(PASSPHRASE + "\r")
    post.until(lambda v: v.form and v.form.name == "sign_in")
    post.send(f"{OFFICER}\t{PIN}\r")
    post.until(lambda v: v.stage is Stage.EMPTY)
    post.send(f"{TD1[0]}\r{TD1[1][:-1]}\r")
    post.until(lambda v: "no machine readable zone" in v.message.text)
    post.board.key(0x01000032)  # F3
    post.board.quiet()
    post.until(lambda v: v.form and v.form.name == "by_hand")
    post.send("\r".join(TD1) + "\r")
    post.until(lambda v: v.advice.advice is not None)
    (read,) = post.reads()
    assert (read["source"], tuple(read["mrz"])) == ("wedge", TD1)


def test_a_slip_that_a_device_types_is_judged_with_the_document(post: Post) -> None:
    decided = Decided(CLEAR, START, SlipDecision.LET_PASS, True, 1, pseudonym(b"k" * 32, OFFICER))
    text = slip_text(write_slip(decided, Ed25519PrivateKey.generate()))
    post.desk.opening.start()
    post.until(lambda v: v.form and v.form.name == "unlock")
    post.send(text + "\r")
    assert post.desk.view().form.fields[0].value == ""
    post.board.person(PASSPHRASE + "\r")
    post.until(lambda v: v.form and v.form.name == "sign_in")
    post.send(f"{OFFICER}\t{PIN}\r")
    post.until(lambda v: v.stage is Stage.EMPTY)
    post.send(SENT)
    post.until(lambda v: v.advice.advice is not None)
    post.send(text + "\r")
    view = post.until(lambda v: any(section.head == "SLIP OF ANOTHER POST" for section in v.panel))
    (section,) = (one for one in view.panel if one.head == "SLIP OF ANOTHER POST")
    assert section.rows[0].text == "Slip of an unknown booth: not believed"
