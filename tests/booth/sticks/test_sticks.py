"""A stick that is put in: offered, taken and written by one key each, and whatever else lies on it left alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app import cli
from checkpoint_app.booth.sticks import sticks
from checkpoint_app.booth.sticks.removable_media import bundles_on, media
from checkpoint_app.booth.view.screen import Action
from checkpoint_app.central import booths, bundles, bundling, identity, publishing
from checkpoint_app.central.centre import Centre
from checkpoint_app.commands.home import INBOX
from checkpoint_app.store import Store, open_passphrase_key
from checkpoint_app.sync.bundle_down import Imported
from checkpoint_app.sync.centre_key import stating
from checkpoint_app.sync.enrol import booth_keys
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.wire.bundle import Address, BundleKind, begin_bundle
from checkpoint_app.wire.enrolment import BoothState, request_enrolment
from tests.booth.helpers import PASSPHRASE, START, Booth, make_booth
from tests.central.helpers import POST, Clock
from tests.central.line import made
from tests.central.publishing_helpers import NUMBERS, bring
from tests.sync.by_hand import hands_of

NAME = "test-1"


@dataclass
class Desk:
    """A centre, an open desk, and the folder that stands for a stick."""

    centre: Centre
    booth: Booth
    stick: Path

    def down(self, name: str = "down.bundle") -> Path:
        bundling.export_down(self.centre, NAME, self.stick.parent / name)
        return self.stick.parent / name

    def put_in(self, path: Path | None = None) -> None:
        """Put the stick in, with a bundle on it."""
        self.stick.mkdir()
        if path is not None:
            path.rename(self.stick / path.name)

    def says(self, text: str) -> None:
        self.booth.until(lambda view: text in view.message.text)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(sticks, "EVERY_S", 0.05)
    monkeypatch.setenv("CHECKPOINT_STICKS", str(tmp_path / "stick"))
    monkeypatch.setattr(sticks, "media", lambda: media(tmp_path / "none"))
    clock = Clock()
    publisher, own = make_booth(tmp_path, persons=None, numbers=None)
    own.time = clock.now()
    with made(tmp_path / "centre", clock) as centre:
        bring(centre, NUMBERS)
        publishing.publish(centre)
        _enrol(centre, tmp_path / "data")
        booth = Booth(tmp_path, own, publisher)
        booth.open(lists=0)
        yield Desk(centre, booth, tmp_path / "stick")
        booth.close()


def _enrol(centre: Centre, data: Path) -> None:
    with Store.open(data, open_passphrase_key(data, PASSPHRASE)) as store:
        keys = booth_keys(store.identity)
        booths.enrol(centre, request_enrolment(booths.new_code(centre, NAME, POST), keys))
        booths.confirm(centre, NAME, keys.fingerprint)
        with centre.begin() as connection:
            anchors, stated = identity.anchors(centre, connection), identity.exchange_statement(centre, connection)
        first = Enrolled(
            "https://127.0.0.1:1", anchors, identity.audience(centre), POST, centre.now(), BoothState.CONFIRMED
        )
        put_enrolled(store, stating(first, stated))


def test_a_stick_brings_and_takes(desk: Desk) -> None:
    booth = desk.booth
    assert booth.view.status[0].text != "Stick"
    desk.put_in(desk.down())
    desk.says("a bundle from the centre")
    assert (booth.view.message.cap, booth.view.status[0].text) == ("Ctrl+I", "Stick")
    booth.press(Action.STICK_TAKE)
    desk.says("The stick may be pulled")
    booth.until(
        lambda _view: any(one.source.name == "INTL" and one.bar is None for one in booth.desk._core.state.lists)
    )
    assert booth.last_body("bundle_imported")["lists"] == [{"name": "INTL", "version": 1}]
    booth.until(lambda view: view.status[0].cap == "Ctrl+U")
    booth.press(Action.STICK_WRITE)
    desk.says("take it to the centre")
    received = bundles.receive_bundle(desk.centre, desk.stick / f"{NAME}.up.bundle")
    assert received.refused == ""
    assert received.events > 0
    booth.until(lambda view: view.status[0].text != "Stick")  # nothing more to do with it


def test_the_stick_goes_on_to_the_other_booths_of_the_post(desk: Desk, tmp_path: Path) -> None:
    booth = desk.booth
    with hands_of(desk.centre, tmp_path / "beside") as beside:
        other = beside.booth("test-2")
        desk.put_in(desk.down())
        desk.says("from the centre")
        booth.press(Action.STICK_TAKE)
        desk.says("The stick may be pulled")
        booth.until(lambda view: view.status[0].cap == "Ctrl+U")
        booth.press(Action.STICK_WRITE)
        desk.says("take it to the centre")
        booth.until(lambda _view: booth.desk._core.state.stick.for_booth == "test-2")
        booth.press(Action.STICK_WRITE)
        desk.says("Lists for test-2 written")
        booth.until(lambda view: view.status[0].text != "Stick")
        done = other.take(desk.stick / "test-2.lists.bundle")
        assert done.faults == []
        assert other.apply()["INTL"] == 1


def test_nothing_else_on_a_stick_is_looked_at(desk: Desk, tmp_path: Path) -> None:
    down = desk.down()
    desk.put_in()
    (desk.stick / "garbage.bundle").write_bytes(os.urandom(5000))
    (desk.stick / "folder.bundle").mkdir()
    os.mkfifo(desk.stick / "waits.bundle")
    (desk.stick / "link.bundle").symlink_to(down)
    (desk.stick / "run.sh").write_text("#!/bin/sh\n")
    assert bundles_on(desk.stick) == []
    desk.says("write the")
    assert desk.booth.view.message.cap == "Ctrl+U"
    desk.booth.press(Action.STICK_TAKE)  # there is nothing to take
    assert "bundle_imported" not in desk.booth.kinds()


def test_what_a_bundle_says_of_the_booth_itself_is_told_as_it_is(desk: Desk) -> None:
    taken = desk.booth.desk._sticks._taken_in
    for code, words in (
        ("fork", "tell a supervisor"),
        ("not_signed", "not signed"),
        ("other_receiver", "another booth"),
    ):
        taken(Imported("b", BundleKind.DOWN, "centre", faults=[("acknowledgement", code)]))
        desk.says(words)
    taken(Imported("b", BundleKind.DOWN, "centre", cases=1, faults=[("acknowledgement", "fork")]))
    desk.says("tell a supervisor")


def test_ours_is_found_among_those_of_all_posts(desk: Desk) -> None:
    down = desk.down()
    desk.put_in()
    for number in range(60):
        signer, to = Ed25519PrivateKey.generate(), X25519PrivateKey.generate().public_key().public_bytes_raw()
        with (desk.stick / f"booth-{number:02}.bundle").open("wb") as file:
            begin_bundle(file, BundleKind.DOWN, "centre", signer, Address(f"booth-{number:02}", to), START)
    down.rename(desk.stick / "z.bundle")
    desk.says("a bundle from the centre")


def test_a_bundle_that_is_cut_off_is_told_and_offered_again(desk: Desk) -> None:
    down = desk.down()
    whole = down.read_bytes()
    down.write_bytes(whole[: len(whole) - 40])
    desk.put_in(down)
    desk.says("from the centre")
    desk.booth.press(Action.STICK_TAKE)
    desk.says("cut off")
    desk.stick.rename(desk.stick.with_name("pulled"))
    desk.booth.until(lambda _view: desk.booth.desk._core.state.stick is None)
    desk.stick.with_name("pulled").rename(desk.stick)
    (desk.stick / "down.bundle").write_bytes(whole)
    desk.booth.until(lambda view: view.status[0].cap == "Ctrl+I")
    desk.booth.press(Action.STICK_TAKE)
    desk.says("The stick may be pulled")


def test_the_command_hands_a_bundle_to_the_open_window(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path))
    (tmp_path / "phrase").write_text(PASSPHRASE)
    given = ["--passphrase-file", str(tmp_path / "phrase")]
    assert cli.main(["bundle", "import", str(desk.down()), *given]) == 0
    assert "window" in capsys.readouterr().out
    desk.says("Taken in: lists 1")
    desk.booth.settle(0.2)
    assert list((tmp_path / INBOX).glob("*.bundle")) == []
    assert cli.main(["bundle", "export", str(tmp_path / "x"), *given]) == 1
    assert "put the stick in" in capsys.readouterr().err


def test_a_bundle_is_not_handed_over_to_a_disk_without_room(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The window that is open must go on writing its journal."""
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path))
    (tmp_path / "phrase").write_text(PASSPHRASE)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=50 << 20))
    assert cli.main(["bundle", "import", str(desk.down()), "--passphrase-file", str(tmp_path / "phrase")]) == 2
    assert "free some space" in capsys.readouterr().err
    assert list((tmp_path / INBOX).iterdir()) == []


def test_another_booths_bundle_is_not_offered(desk: Desk, tmp_path: Path) -> None:
    down = desk.down()
    data = bytearray(down.read_bytes())
    assert bundles_on(tmp_path)[0].header.receiver == NAME
    data[200] ^= 1
    down.write_bytes(data)
    assert bundles_on(tmp_path) == []


def test_sticks_are_what_is_mounted_below_media(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
        "40 22 8:17 / /media/eva/STICK\\0401 rw,nosuid,nodev - vfat /dev/sdb1 rw\n"
        "41 22 8:18 / /run/media/eva/CARD ro,nosuid shared:4 - exfat /dev/sdc1 ro\n"
        "42 22 0:50 / /mnt/share rw - nfs4 server:/x rw\n"
        "43 22 8:33 / /mnt rw - ext4 /dev/sdd1 rw\n"
        "44 22 8:33 / /mediaother rw - vfat /dev/sde1 rw\n"
        "broken line\n"
    )
    found = [(str(one.folder), one.writable) for one in media(table, "")]
    assert found == [("/media/eva/STICK 1", True), ("/run/media/eva/CARD", False), ("/mnt", True)]
    assert media(tmp_path / "none", "") == []
    assert [one.folder for one in media(tmp_path / "none", f"{tmp_path}:{tmp_path}/missing")] == [tmp_path]
