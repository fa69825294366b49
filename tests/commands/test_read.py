"""`checkpoint read` as scripts see it: lines out, one clear line a bad file, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from checkpoint_app import cli
from checkpoint_app.commands import read
from checkpoint_app.documents import parse_mrz
from checkpoint_app.readers.image import utc_today
from checkpoint_app.readers.reading import Barcode, ReadError, Reading
from checkpoint_app.readers.simulator import SimulatedImageReader, digest

ROOT = Path(__file__).parents[2]
LINES = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


class _Reader(SimulatedImageReader):
    def __init__(self) -> None:
        mrz = parse_mrz(LINES, utc_today())
        super().__init__(
            {
                digest(b"page"): Reading(mrz, valid=True, barcodes=(Barcode("Aztec", b"\x00M1"),)),
                digest(b"pass"): Reading(None, valid=False, barcodes=(Barcode("Aztec", b"M1"),)),
                digest(b"text"): ReadError("not_a_picture"),
            }
        )

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture(autouse=True)
def _simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "ImageReader", _Reader)


def file(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_a_page_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file(tmp_path, "a.jpg", b"page")
    assert cli.main(["read", path, "--json-lines"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "file": path,
        "mrz": list(LINES),
        "valid": True,
        "format": "TD3",
        "fields": {
            "document_code": "P",
            "issuer": "UTO",
            "document_number": "L898902C3",
            "nationality": "UTO",
            "birth_date": "1974-08-12",
            "sex": "F",
            "expiry_date": "2012-04-15",
            "family_name": "ERIKSSON",
            "given_names": "ANNA MARIA",
            "optional_data": "ZE184226B",
            "name_truncated": False,
        },
        "barcodes": [{"format": "Aztec", "bytes_b64": "AE0x"}],
    }


def test_bad_files_get_a_line_each_and_the_others_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [
        file(tmp_path, "text.jpg", b"text"),
        file(tmp_path, "empty.jpg", b""),
        str(tmp_path / "missing.jpg"),
        file(tmp_path, "blank.jpg", b"blank"),
        file(tmp_path, "page.jpg", b"page"),
    ]
    assert cli.main(["read", "--json-lines", *names]) == 1
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == names
    assert [line["valid"] for line in lines] == [False, False, False, False, True]
    assert [line["mrz"] is None for line in lines] == [True, True, True, True, False]
    complaints = err.splitlines()
    assert len(complaints) == 4
    for name, complaint in zip(names, complaints, strict=False):
        assert complaint.startswith(f"checkpoint: {name}: ")
    assert "no picture" in complaints[0]
    assert "empty" in complaints[1]
    assert "cannot be opened" in complaints[2]
    assert "no machine readable zone" in complaints[3]


def test_a_barcode_alone_is_shown_without_complaint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", file(tmp_path, "a.png", b"pass")]) == 1
    out, err = capsys.readouterr()
    assert "Aztec" in out
    assert err == ""


def test_frames_of_one_document_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [file(tmp_path, name, name.encode()) for name in ("blank", "page", "other")]
    names.insert(2, str(tmp_path / "missing"))
    assert cli.main(["read", "--frames", "--json-lines", *names]) == 0
    out, err = capsys.readouterr()
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert (line["file"], line["mrz"], line["valid"]) == (names[0], list(LINES), True)
    assert err.startswith(f"checkpoint: {names[2]}: it cannot be opened")


def test_too_many_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", "--frames", *[file(tmp_path, str(n), b"page") for n in range(9)]]) == 2
    assert capsys.readouterr().err == "checkpoint: 9 frames are too many: give at most 8 of one document\n"


def test_none_of_the_frames_could_be_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", "--frames", "--json-lines", str(tmp_path / "a"), str(tmp_path / "b")]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["mrz"] is None
    assert len(err.splitlines()) == 3


def test_whoever_stops_reading_the_lines_gets_no_complaint(tmp_path: Path) -> None:
    names = [file(tmp_path, f"{n}.jpg", b"not a picture") for n in range(40)]
    command = [sys.executable, "-m", "checkpoint_app", "read", "--json-lines", *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert json.loads(child.stdout.readline())["file"] == names[0]
        child.stdout.close()
        err = child.stderr.read().decode()
    assert child.returncode == 1
    assert all(line.startswith("checkpoint: /") for line in err.splitlines())


def test_none_could_be_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", str(tmp_path / "a.jpg"), str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("checkpoint: none of the files")


def test_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", file(tmp_path, "a.jpg", b"page")]) == 0
    row = capsys.readouterr().out
    for part in ("a.jpg", "TD3", "valid", "L898902C3", "1974-08-12", "ERIKSSON, ANNA MARIA"):
        assert part in row
