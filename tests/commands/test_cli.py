"""The command line's contract: one clear line and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checkpoint_app import cli
from checkpoint_app.commands import screen


def checkpoint(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "checkpoint_app", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, **options)


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["--bad"],
        ["--language", "xx"],
        ["--tray", "no-such-folder"],
        ["--frames", "no-such-folder"],
        ["--scan-dpi", "20"],
        ["--scan-dpi", "many"],
        ["--scan-area", "moon"],
        ["read"],
        ["screen"],
        ["screen", "--list", "no-such-file", "--json-lines", "no-such-file"],
        ["lists"],
        ["lists", "info", "no-such-file"],
        ["lists", "import", "no-such-file", "--out", "x.list"],
        ["lists", "import", "--out", "x.list"],
        ["status", "--json", "more"],
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    done = checkpoint(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("checkpoint")


def test_a_fault_of_the_program_quotes_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    def broken(_args: object) -> int:
        raise TypeError("MUSTER, Klara")

    monkeypatch.setattr(screen, "run", broken)
    assert cli.main(["screen", "--list", "x", "--json-lines", "y"]) == 2
    said = capsys.readouterr().err
    assert "MUSTER" not in said
    assert "TypeError at test_cli.py" in said
    assert len(said.splitlines()) == 1


def test_a_reader_that_leaves_early_is_no_fault(tmp_path: Path) -> None:
    names = tmp_path / "list.csv"
    names.write_text("id,name,birth_date\n1,Klara Muster,1980-01-01\n")
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": "1", "mrz_name": "MUSTER<<KLARA"}\n' * 3000)
    line = f"{sys.executable} -m checkpoint_app screen --list {names} --json-lines {queries}"
    done = subprocess.run(
        ["bash", "-c", f"{line} | head -1; exit ${{PIPESTATUS[0]}}"],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr == "unsigned list: for tests\n"


def test_a_name_that_the_terminal_cannot_write_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list.edi"
    path.write_bytes("UNB+UNOC:3+A+B'UNH+1+PAXLST:D:02B:UN'NAD+FL+++MU\xd1OZ:JO'UNT+3+1'UNZ+1+1'".encode("latin-1"))
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii"}
    assert "MU\\xd1OZ, JO" in checkpoint("passengers", "read", str(path), env=narrow).stdout
    answer = json.loads(checkpoint("passengers", "read", str(path), "--json", env=narrow).stdout)
    assert answer["passengers"][0]["family"] == "MU\xd1OZ"


def test_a_closed_output_is_no_fault_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"FWB/16\n020-12345675FRAUIO/T3K150.5\n")
    command = f"{sys.executable} -m checkpoint_app cargo read {tmp_path / 'a.txt'} >&-"
    ended = subprocess.run(command, shell=True, check=False, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_whoever_stops_a_command_while_it_is_loaded_sees_no_traceback(monkeypatch, capsys) -> None:
    def stopped(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.importlib, "import_module", stopped)
    assert cli.main(["rules", "check", "set.json"]) == 130
    assert capsys.readouterr() == ("", "")
