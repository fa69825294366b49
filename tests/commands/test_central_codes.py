"""`checkpoint central import … --kind codes`: a table of UN numbers or commodity codes, or one line that says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkpoint_app.central import opening
from checkpoint_app.cli import main
from checkpoint_app.wire.codes import MOST_CODES_BYTES
from checkpoint_app.wire.passphrase import Stretching

PASSPHRASE = "a passphrase for tests"
UN = "un,class,name\n1830,8,SULPHURIC ACID\n1831,8,ANOTHER ACID\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's folder, which the commands find by the environment."""
    home, passphrase = tmp_path / "centre", tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n")
    monkeypatch.setenv("CHECKPOINT_CENTRAL_HOME", str(home))
    monkeypatch.setenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CHECKPOINT_ADMIN", "a.muster")
    opening.close(opening.create(home, PASSPHRASE, stretching=Stretching(1, 8 * 1024, 1)))
    return home


def run(*words: object) -> int:
    return main(["central", *map(str, words)])


def table(folder: Path, text: str, name: str = "codes.csv") -> Path:
    path = folder.parent / name
    path.write_text(text)
    return path


def test_a_table_is_imported_once_published_and_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = table(folder, UN)
    assert run("import", source, "--kind", "codes") == 0  # its headings tell which
    assert capsys.readouterr().out == (
        "un-numbers 1: 2 codes, the first version; `checkpoint central publish` brings it to the booths\n"
    )
    assert run("import", "--list", "un-numbers", source) == 0
    assert capsys.readouterr().out == "un-numbers 1: nothing new, the table is here already\n"
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: un-numbers 1\n"

    package = folder / "lists" / "un-numbers-1.list"
    assert main(["lists", "info", str(package)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "codes       2" in told
    assert any("codes don't age" in line for line in told)
    assert main(["lists", "info", str(package), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["kind"], facts["state"], facts["sealed"]) == ("codes", "fresh", False)
    assert facts["calibration"] == {"codes": 2}

    assert run("import", "--list", "un-numbers", table(folder, UN + "1832,8,MORE\n"), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["version"], found["state"], found["records"]) == (2, "pending", 3)


def test_lines_without_a_code_are_named_and_the_others_taken(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = table(folder, "hscode,description\n01,Animals\nTOTAL,All\n4407,Wood\n")
    assert run("import", source, "--kind", "codes") == 1
    told = capsys.readouterr()
    assert told.out.startswith("hs 1: 2 codes, the first version")
    assert told.err == "codes.csv: 1 left out for want of a code: line 3\n"


@pytest.mark.parametrize(
    ("words", "text", "told"),
    [
        (["--list", "hs"], UN, "codes.csv: no list hs: line 1: no column called hscode"),
        (["--list", "hs"], 'hscode,description\n01,"' + "x" * 200_000, "codes.csv: no list hs: line 2: a value is too"),
        (["--list", "un-numbers"], "un\n1830\nno\nnor this\n", "line 3: most lines hold no code"),
        (["--list", "imdg"], UN, "un-numbers or hs"),
        ([], "code,name\n1830,ACID\n", "say --list un-numbers or hs"),
        ([], "", "say --list"),
        (["--list", "un-numbers", "--silent"], UN, "reaches every booth"),
        (["--list", "un-numbers", "--signature", "x.sig"], UN, "no --signature"),
        (["--list", "un-numbers"], "un\n" + "1830" * (MOST_CODES_BYTES // 4), "at most 4 MiB"),
    ],
    ids=range(9),
)
def test_what_is_no_table_is_refused_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str, told: str
) -> None:
    assert run("import", table(folder, text), "--kind", "codes", *words) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: nothing new\n"
