"""`checkpoint bundle`: a centre and two booths that only a stick joins, by the command line alone."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app import cli
from checkpoint_app.central import booths, identity, opening, publishing
from checkpoint_app.commands.home import DATA
from checkpoint_app.store import Store, create_passphrase_key, open_passphrase_key
from checkpoint_app.sync.centre_key import stating
from checkpoint_app.sync.enrol import booth_keys
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.wire.enrolment import BoothState, request_enrolment
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.passphrase import Stretching
from tests.central.line import LIGHT, PASSPHRASE
from tests.central.publishing_helpers import NUMBERS, OWN, bring

Capture = pytest.CaptureFixture[str]
POST = "Rumichaca"


@dataclass
class Place:
    """Where the command line works: a centre's folder, booths' homes, and a stick."""

    folder: Path
    patch: pytest.MonkeyPatch
    capture: Capture

    @property
    def stick(self) -> Path:
        return self.folder / "stick"

    def booth(self, name: str) -> None:
        """Work at this booth from now on."""
        self.patch.setenv("CHECKPOINT_HOME", str(self.folder / name))

    def run(self, *words: str, at_centre: bool = False) -> tuple[int, dict[str, Any], str]:
        """Run `checkpoint bundle` and return its exit code, its report and what it says of errors."""
        where = ["--home", str(self.folder / "centre")] if at_centre else []
        phrase = ["--passphrase-file", str(self.folder / "phrase"), "--json"]
        code = cli.main(["bundle", *words, *where, *phrase])
        said = self.capture.readouterr()
        return code, json.loads(said.out) if said.out else {}, said.err

    def opened(self, name: str) -> Store:
        data = self.folder / name / DATA
        return Store.open(data, open_passphrase_key(data, PASSPHRASE))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Place:
    monkeypatch.setattr(Stretching.__init__, "__defaults__", (1, 64, 1))
    (tmp_path / "phrase").write_text(PASSPHRASE)
    (tmp_path / "stick").mkdir()
    centre = opening.create(tmp_path / "centre", PASSPHRASE, stretching=LIGHT)
    bring(centre, OWN)
    bring(centre, NUMBERS)
    publishing.publish(centre)
    with centre.begin() as connection:
        anchors, stated = identity.anchors(centre, connection), identity.exchange_statement(centre, connection)
    for name in ("booth-1", "booth-2"):
        data = tmp_path / name / DATA
        data.mkdir(parents=True)
        with Store.create(data, create_passphrase_key(data, PASSPHRASE), booth=name) as store:
            keys = booth_keys(store.identity)
            booths.enrol(centre, request_enrolment(booths.new_code(centre, name, POST), keys))
            booths.confirm(centre, name, keys.fingerprint)
            audience = identity.audience(centre)
            first = Enrolled("https://127.0.0.1:1", anchors, audience, POST, centre.now(), BoothState.CONFIRMED)
            put_enrolled(store, stating(first, stated))
            for _ in range(3):
                store.journal.append(EventKind.SIGNED_IN, {"officer": "officer-1"})
    opening.close(centre)
    return Place(tmp_path, monkeypatch, capsys)


def test_a_stick_goes_round(place: Place) -> None:
    up, down = str(place.stick / "up.bundle"), str(place.stick / "down.bundle")
    place.booth("booth-1")
    code, told, _ = place.run("export", up)
    assert (code, told["events"]) == (0, 3)
    code, told, _ = place.run("import", up, at_centre=True)
    assert (code, told["booth"], told["events"], told["acknowledged"]) == (0, "booth-1", 3, 3)
    code, told, _ = place.run("export", down, "--to", "booth-1", at_centre=True)
    assert (code, [one["receiver"] for one in told["bundles"]]) == (0, ["booth-1"])
    code, told, _ = place.run("import", down)
    assert (code, told["acknowledged"], told["letters"], told["faults"]) == (0, 3, 1, [])
    assert {one["name"] for one in told["applied"]} >= {"ECU", "INTL"}
    with place.opened("booth-1") as store:
        assert store.delivery.acknowledged().seq == 3


def test_one_stick_serves_the_other_booth(place: Place) -> None:
    down, across = str(place.stick / "down.bundle"), str(place.stick / "across.bundle")
    place.booth("booth-1")
    assert place.run("export", down, "--to", "booth-1", at_centre=True)[0] == 0
    assert place.run("import", down)[0] == 0
    code, told, _ = place.run("export", across, "--to", "booth-2")
    assert (code, told["receiver"], told["lists"] >= 2) == (0, "booth-2", True)
    assert place.run("import", across)[0] == 3  # it is for the other one
    place.booth("booth-2")
    code, told, _ = place.run("import", across)
    assert (code, told["faults"], told["acknowledged"]) == (0, [], 0)
    assert {one["name"] for one in told["applied"] if not one["refused"]} >= {"ECU", "INTL"}


def test_what_is_refused_whole_is_3_and_what_is_no_bundle_is_2(place: Place) -> None:
    up = place.stick / "up.bundle"
    place.booth("booth-1")
    assert place.run("export", str(up))[0] == 0
    code, _told, said = place.run("import", str(up))
    assert code == 3
    assert "--home" in said or "only that one can open it" in said
    place.booth("booth-2")
    assert place.run("import", str(up))[0] == 3
    (place.stick / "none.bundle").write_bytes(b"a photograph")
    assert place.run("import", str(place.stick / "none.bundle"))[0] == 2
    assert place.run("import", str(place.stick / "none.bundle"), at_centre=True)[0] == 2
    code, _told, said = place.run("import", str(place.stick / "missing.bundle"))
    assert code == 2
    assert len(said.splitlines()) == 1
    assert place.run("import", str(place.stick / "missing.bundle"), at_centre=True)[0] == 2


def test_pipes_and_links_on_a_stick_are_not_waited_for_and_not_followed(place: Place) -> None:
    place.booth("booth-1")
    assert place.run("export", str(place.stick / "up.bundle"))[0] == 0
    (place.stick / "link.bundle").symlink_to(place.stick / "up.bundle")
    os.mkfifo(place.stick / "pipe.bundle")
    os.mkfifo(place.stick / "down.bundle.half")
    for name in ("pipe.bundle", "link.bundle"):
        for at_centre in (False, True):
            code, _told, said = place.run("import", str(place.stick / name), at_centre=at_centre)
            assert (code, len(said.splitlines())) == (2, 1)
    down = str(place.stick / "down.bundle")
    assert place.run("export", down, "--to", "booth-1", at_centre=True)[0] == 2
    os.mkfifo(place.stick / "down.bundle.half")
    assert place.run("export", down)[0] == 2


def test_a_name_on_a_stick_does_not_steer_the_terminal(place: Place) -> None:
    (place.stick / "\x1b[2Jgood\r.bundle").write_bytes(b"a photograph")
    place.booth("booth-1")
    code, _told, said = place.run("import", str(place.stick / "\x1b[2Jgood\r.bundle"))
    assert code == 2
    assert "good" in said
    assert said.rstrip("\n").isprintable()


def test_half_a_bundle_is_1(place: Place) -> None:
    down = place.stick / "down.bundle"
    place.booth("booth-1")
    assert place.run("export", str(down), "--to", "booth-1", at_centre=True)[0] == 0
    whole = down.read_bytes()
    down.write_bytes(whole[:-20])
    code, told, _said = place.run("import", str(down))
    assert (code, told["damaged"]) == (1, "damaged")
    down.write_bytes(whole)
    assert place.run("import", str(down))[0] == 0


def test_a_revoked_booth_neither_sends_nor_gets(place: Place) -> None:
    up = str(place.stick / "up.bundle")
    place.booth("booth-1")
    assert place.run("export", up)[0] == 0
    centre = opening.open_centre(place.folder / "centre", PASSPHRASE)
    booths.revoke(centre, "booth-1")
    opening.close(centre)
    code, _told, said = place.run("import", up, at_centre=True)
    assert code == 3
    assert "revoked" in said
    assert place.run("export", str(place.stick / "down.bundle"), "--to", "booth-1", at_centre=True)[0] == 3
    assert not (place.stick / "down.bundle").exists()


def test_several_booths_get_a_file_each_in_a_folder(place: Place) -> None:
    folder = place.stick / "both"
    code, told, _said = place.run("export", str(folder), "--to", "booth-1", "--to", "booth-2", at_centre=True)
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["booth-1.bundle", "booth-2.bundle"]
    assert [one["receiver"] for one in told["bundles"]] == ["booth-1", "booth-2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "x", "--to", "a", "--to", "b"), "one other booth at a time"),
        (("export", "x", "--whole"), "--home"),
        (("export", "x", "--to", "booth-9"), "not known here"),
    ],
)
def test_what_a_booth_cannot_do_is_said_in_one_line(place: Place, words: tuple[str, ...], said: str) -> None:
    place.booth("booth-1")
    code, _told, error = place.run(*words)
    assert code in (1, 2)
    assert said in error
    assert len(error.splitlines()) == 1
