"""`checkpoint enrol`: the booth's store is made, the code is read strictly, and one line says what to do next."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app import cli
from checkpoint_app.commands.home import DATA
from checkpoint_app.store import KeyKind, Store, key_kind, open_passphrase_key
from checkpoint_app.sync import enrol as enrolling
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.wire.enrolment import BoothState, EnrolmentCode
from checkpoint_app.wire.passphrase import Stretching
from tests.sync.fake_centre import FakeCentre, served

PASSPHRASE = "ejemplo de una frase"


@pytest.fixture
def centre(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCentre]:
    monkeypatch.setattr(enrolling.enrol, "__kwdefaults__", {**enrolling.enrol.__kwdefaults__, "poll_s": 0.01})
    centre = FakeCentre()
    with served(centre) as port:
        centre.url = f"https://127.0.0.1:{port}"
        yield centre


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path))
    monkeypatch.setattr(Stretching.__init__, "__defaults__", (1, 64, 1))  # the real one takes a second each time
    (tmp_path / "phrase").write_text(f"{PASSPHRASE}\nnot this line\n")
    return tmp_path


def enrol(centre: FakeCentre, home: Path, *more: str, code: EnrolmentCode | None = None, url: str = "") -> int:
    text = (code or centre.code).to_text()
    arguments = ["--central", url or centre.url, "--code", text, "--passphrase-file", str(home / "phrase"), *more]
    return cli.main(["enrol", *arguments])


def store_of(home: Path) -> Store:
    return Store.open(home / DATA, open_passphrase_key(home / DATA, PASSPHRASE))


def test_a_new_booth_enrols_and_is_told_what_to_compare(centre, home, capsys):
    assert enrol(centre, home, "--booth", "losdemo-1") == 0
    told = capsys.readouterr()
    fingerprint = centre.booths["losdemo-1"].fingerprint
    assert f"fingerprint  {fingerprint}" in told.out
    assert f"checkpoint central booths confirm losdemo-1 {fingerprint}" in told.out
    assert "confirmed    EJEMPLO PASS" in told.out
    assert told.err == ""
    assert key_kind(home / DATA) is KeyKind.PASSPHRASE
    with store_of(home) as store:
        assert store.identity.booth == "losdemo-1"
        assert enrolled_of(store).state is BoothState.CONFIRMED


def test_a_booth_that_still_waits_is_exit_code_1_and_goes_on_later(centre, home, capsys):
    centre.confirms = False
    assert enrol(centre, home, "--booth", "losdemo-1", "--wait", "0.05") == 1
    assert "still waits" in capsys.readouterr().err
    centre.confirms = True
    assert enrol(centre, home) == 0


def test_the_code_may_come_on_the_input(centre, home, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(centre.code.to_text().lower() + "\n"))
    arguments = ["--central", centre.url, "--code", "-", "--passphrase-file", str(home / "phrase")]
    assert cli.main(["enrol", *arguments, "--booth", "losdemo-1"]) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"--central": "http://centre.example"}, "https://"),
        ({"--code": "ABCDE"}, "characters"),
        ({"--booth": "a booth"}, "--booth"),
        ({"--booth": None}, "--booth"),
        ({"--passphrase-file": "no-such-file"}, "no-such-file"),
        ({"--passphrase-file": None}, "--passphrase-file"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(changes, said, centre, home, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    options = {
        "--central": centre.url,
        "--code": centre.code.to_text(),
        "--booth": "losdemo-1",
        "--passphrase-file": str(home / "phrase"),
        **changes,
    }
    arguments = [part for name, value in options.items() if value is not None for part in (name, value)]
    assert cli.main(["enrol", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert centre.requests == []
    assert not Store.exists(home / DATA)


def test_a_short_passphrase_is_refused_before_anything_is_made(centre, home, capsys):
    (home / "phrase").write_text("kurz\n")
    assert enrol(centre, home, "--booth", "losdemo-1") == 2
    assert "passphrase" in capsys.readouterr().err
    assert not Store.exists(home / DATA)


@pytest.mark.parametrize("secret_of", ["another centre", "another booth"])
def test_a_code_that_is_not_for_here_is_exit_code_2(secret_of, centre, home, capsys):
    code = FakeCentre().code if secret_of == "another centre" else EnrolmentCode.new(centre.anchors)
    assert enrol(centre, home, "--booth", "losdemo-1", code=code) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert centre.url in told


def test_a_centre_that_does_not_answer_is_exit_code_1(centre, home, capsys):
    assert enrol(centre, home, "--booth", "losdemo-1", url="https://127.0.0.1:1") == 1
    assert "nothing listens" in capsys.readouterr().err


def test_another_booths_name_is_refused_where_one_is_set_up(centre, home, capsys):
    assert enrol(centre, home, "--booth", "losdemo-1") == 0
    assert enrol(centre, home, "--booth", "losdemo-2") == 2
    assert "losdemo-1" in capsys.readouterr().err


def test_a_wrong_passphrase_is_exit_code_2(centre, home, capsys):
    assert enrol(centre, home, "--booth", "losdemo-1") == 0
    (home / "phrase").write_text("some other words here\n")
    assert enrol(centre, home) == 2
    assert "store-wrong-passphrase" in capsys.readouterr().err


def test_an_open_window_is_exit_code_1(centre, home, capsys):
    assert enrol(centre, home, "--booth", "losdemo-1") == 0
    with store_of(home):
        assert enrol(centre, home) == 1
    assert "window is open" in capsys.readouterr().err


def test_a_set_up_that_was_broken_off_goes_on(centre, home, monkeypatch):
    def killed(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "create", killed)
        assert enrol(centre, home, "--booth", "losdemo-1") == 130
    assert key_kind(home / DATA) is KeyKind.PASSPHRASE
    assert enrol(centre, home, "--booth", "losdemo-1") == 0


def test_without_a_keyring_that_keeps_a_secret_none_is_used(centre, home, capsys, monkeypatch):
    monkeypatch.setattr("checkpoint_app.store.keyring_key.ALLOWED", {})
    assert enrol(centre, home, "--booth", "losdemo-1", "--key", "keyring") == 2
    assert "use a passphrase" in capsys.readouterr().err
    assert not Store.exists(home / DATA)
