"""`checkpoint central`: from an empty folder to a confirmed booth, by the command line alone."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from checkpoint_app.central import booths, opening
from checkpoint_app.cli import main
from checkpoint_app.commands import central, central_home
from checkpoint_app.wire.api import ANCHORS, ENROLMENTS
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.enrolment import Anchors, EnrolmentCode, request_enrolment
from checkpoint_app.wire.plain import from_plain, to_plain
from tests.central.helpers import FakeBooth
from tests.central.line import LIGHT, PASSPHRASE

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is named by the environment, with its passphrase in a file; no centre is there yet."""
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("CHECKPOINT_CENTRAL_HOME", str(tmp_path / "centre"))
    monkeypatch.setenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.delenv("CHECKPOINT_CENTRAL_DATABASE_URL", raising=False)
    return tmp_path / "centre"


@pytest.fixture
def made(folder: Path) -> Path:
    opening.close(opening.create(folder, PASSPHRASE, stretching=LIGHT))
    return folder


def run(capture: Capture, *arguments: str) -> tuple[int, str, str]:
    code = main(["central", *arguments])
    said = capture.readouterr()
    return code, said.out, said.err


def refused(capture: Capture, *arguments: str) -> tuple[int, str]:
    """Return exit code and the one line that says why."""
    code, out, err = run(capture, *arguments)
    assert out == ""
    assert err.startswith("checkpoint: ")
    assert len(err.splitlines()) == 1
    return code, err


def test_init_makes_a_centre_once(folder: Path, capsys: Capture) -> None:
    code, out, err = run(capsys, "init", "--host-name", "centre.example", "--host-name", "192.0.2.7")
    assert (code, err) == (0, "")
    assert str(folder) in out
    assert refused(capsys, "init")[0] == 2
    assert "never overwritten" in refused(capsys, "init")[1]
    assert run(capsys, "booths")[0] == 0


def test_a_booth_enrols_is_compared_confirmed_listed_and_revoked(made: Path, capsys: Capture) -> None:
    code, out, _err = run(capsys, "enrol-code", "demo-1", "--post", "Rumichaca")
    paper, until = out.splitlines()
    assert code == 0
    assert until.startswith("good for demo-1 until ")
    booth = FakeBooth("demo-1")
    centre = opening.open_centre(made, PASSPHRASE)
    booths.enrol(centre, request_enrolment(EnrolmentCode.from_text(paper), booth.keys))
    opening.close(centre)

    listed = run(capsys, "booths")[1].splitlines()
    assert [*listed[1].split()] == ["demo-1", "Rumichaca", "pending", booth.keys.fingerprint, "never", "0", "1"]
    code, said = refused(capsys, "booths", "confirm", "demo-1", "0000-0000-0000-0000-0000")
    assert (code, "another fingerprint" in said) == (1, True)
    assert run(capsys, "booths", "confirm", "demo-1", booth.keys.fingerprint) == (0, "demo-1: confirmed\n", "")
    assert run(capsys, "booths", "new-chain", "demo-1")[0] == 0
    found = json.loads(run(capsys, "booths", "--json")[1])["booths"]
    assert [(one["name"], one["state"], one["new_chain_allowed"]) for one in found] == [("demo-1", "confirmed", True)]
    assert "1 (new allowed)" in run(capsys, "booths")[1]
    assert run(capsys, "booths", "revoke", "demo-1")[:2] == (0, "demo-1: revoked\n")
    assert refused(capsys, "booths", "confirm", "demo-1", booth.keys.fingerprint)[0] == 1
    assert refused(capsys, "booths", "revoke", "demo-2")[0] == 1


def test_home_and_passphrase_may_be_named_before_or_after_the_step(
    made: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHECKPOINT_CENTRAL_HOME")
    monkeypatch.delenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE")
    where = ["--home", str(made), "--passphrase-file", str(tmp_path / "passphrase")]
    for arguments in (["booths", *where], ["booths", *where, "revoke", "x"], ["booths", "revoke", "x", *where]):
        code, _out, err = run(capsys, *arguments)
        assert (code, "no such booth" in err) in {(0, False), (1, True)}


def test_without_a_name_the_centre_is_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHECKPOINT_CENTRAL_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert central_home.home_of(argparse.Namespace(home=None)) == Path("/data/checkpoint-central")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert central_home.home_of(argparse.Namespace(home=None)).name == "checkpoint-central"


def test_what_is_wrong_with_the_centre_is_one_line(made: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "other").write_text("another passphrase")
    for arguments, words in (
        (["--home", str(tmp_path / "none")], "no centre here"),
        (["--passphrase-file", str(tmp_path / "other")], "passphrase of the centre is wrong"),
        (["--passphrase-file", str(tmp_path / "none")], "cannot be read"),
    ):
        code, said = refused(capsys, "booths", *arguments)
        assert (code, words in said) == (2, True), said
    (made / "centre.key.json").write_text("{")
    assert "damaged" in refused(capsys, "booths")[1]


@pytest.mark.parametrize(("data", "words"), [(b"\xff" * 9, "UTF-8"), (b"x" * 1025, "too large")])
def test_a_file_that_is_no_passphrase_is_told_and_not_quoted(
    made: Path, tmp_path: Path, capsys: Capture, data: bytes, words: str
) -> None:
    (tmp_path / "passphrase").write_bytes(data)
    code, said = refused(capsys, "booths")
    assert (code, words in said, "xxx" in said) == (2, True, False)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nmore"])
def test_the_passphrase_is_the_first_line(made: Path, tmp_path: Path, capsys: Capture, ending: str) -> None:
    (tmp_path / "passphrase").write_bytes((PASSPHRASE + ending).encode())
    assert run(capsys, "booths")[0] == 0


def test_a_terminal_is_asked_and_twice_for_a_new_centre(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE")
    assert "no passphrase" in refused(capsys, "init")[1]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    typed = iter(["a synthetic one", "another synthetic one", "a synthetic one", "a synthetic one", "a synthetic one"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    assert "not the same" in refused(capsys, "init")[1]
    assert run(capsys, "init")[0] == 0
    assert run(capsys, "booths")[0] == 0
    assert next(typed, None) is None


def test_a_bad_name_is_bad_input(made: Path, capsys: Capture) -> None:
    assert refused(capsys, "enrol-code", "a b", "--post", "x")[0] == 2
    assert refused(capsys, "enrol-code", "demo-1", "--post", "")[0] == 2
    assert refused(capsys, "serve", "--port", "70000")[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [[], ["frobnicate"], ["init", "more"], ["enrol-code"], ["enrol-code", "demo-1"], ["booths", "--more"],
     ["booths", "confirm", "demo-1"], ["booths", "burn", "demo-1"], ["serve", "--port", "x"]],
)  # fmt: skip
def test_bad_usage_is_one_line_and_exit_code_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["central", *arguments])
    said = capsys.readouterr()
    assert (caught.value.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("checkpoint central")


@pytest.mark.parametrize("action", central.ACTIONS)
def test_every_action_is_there_and_tells_what_it_takes(action: str, capsys: Capture) -> None:
    module = importlib.import_module(f"checkpoint_app.commands.{central.ACTIONS[action][0]}")
    assert callable(module.run)
    with pytest.raises(SystemExit) as caught:
        main(["central", action, "--help"])
    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: checkpoint central {action}")
    assert "--home" in said
    assert "--passphrase-file" in said


BLOCKED = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("fastapi", "sqlalchemy", "starlette", "uvicorn", "psycopg"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from checkpoint_app.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("action", ["init", "serve", "cases"])
def test_without_the_extra_one_line_says_what_to_install(action: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, "central", action], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "install checkpoint-app[central]" in done.stderr


def test_the_help_needs_no_extra_and_other_faults_are_not_taken_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, "central", "--help"], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    for action in central.ACTIONS:
        assert f"\n  {action} " in done.stdout


@pytest.fixture
def service(made: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "checkpoint_app", "central", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield child, child.stdout.readline().strip()
        finally:
            child.kill()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_served_centre_takes_a_booth_and_the_commands_work_beside_it(
    service: tuple[subprocess.Popen[str], str], tmp_path: Path, capsys: Capture
) -> None:
    child, said = service
    assert said.startswith("serving on https://127.0.0.1:")
    url = said.removeprefix("serving on ")
    code = EnrolmentCode.from_text(run(capsys, "enrol-code", "demo-1", "--post", "Rumichaca")[1].splitlines()[0])
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(url + ANCHORS, timeout=10)
    first = requests.get(url + ANCHORS, timeout=10, verify=str(trusted(tmp_path, code, url)))
    assert first.status_code == 200
    booth = FakeBooth("demo-1")
    body = canonical_bytes(to_plain(request_enrolment(code, booth.keys)))
    reply = requests.post(url + ENROLMENTS, data=body, timeout=10, verify=str(tmp_path / "ca.pem"))
    assert reply.json()["state"] == "pending"
    assert run(capsys, "booths", "confirm", "demo-1", reply.json()["fingerprint"])[0] == 0
    assert "served already" in refused(capsys, "serve", "--port", "0")[1]
    os.kill(child.pid, signal.SIGTERM)
    assert child.communicate(timeout=20) == ("", "")
    assert child.returncode == 0


def trusted(tmp_path: Path, code: EnrolmentCode, url: str) -> Path:
    """Ask for the anchors as a booth does, and believe those that the code names."""
    with requests.get(url + ANCHORS, timeout=10, verify=False) as reply:
        text = reply.text
    anchors = from_plain(Anchors, read_canonical(text.encode(), 65536))
    assert anchors.digest == code.anchors
    (tmp_path / "ca.pem").write_text(anchors.ca)
    return tmp_path / "ca.pem"


def test_an_argument_that_is_no_text_is_told_in_one_line(capsys):
    assert main(["central", "booths", "confirm", "demo-1", "\udcff"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "no text in UTF-8" in said
