"""Where slips go: a queue of the printing system, by its name alone, or a folder that nobody else reads."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.slips import slip_output
from checkpoint_app.booth.slips.slip_output import FOLDER, PRINTER, Output, Paper, SlipOutputError, output_of, put_out

PDF = b"%PDF-1.4 a slip"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PRINTER, raising=False)


def refused(code: str, data: Path) -> None:
    with pytest.raises(SlipOutputError) as caught:
        output_of(data)
    assert caught.value.code == code


def lp(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> Path:
    """Put a printing system of the test's own on the path; it keeps what it is told."""
    folder.mkdir()
    program, said = folder / "lp", folder / "said"
    program.write_text("\n".join(("#!/bin/sh", f'echo "$@" > {said}', f"/bin/cat > {folder}/printed", *lines)) + "\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return said


@pytest.mark.parametrize(
    ("text", "output"),
    [("", Output()), ("ql820", Output("ql820")), ("office a6\nmore", Output("office", Paper.A6)),
     ("pdf A6", Output("", Paper.A6)), ("PDF", Output()), (" ql-820_nwb@desk  label ", Output("ql-820_nwb@desk"))],
)  # fmt: skip
def test_the_file_names_printer_and_paper(tmp_path: Path, text: str, output: Output) -> None:
    (tmp_path / "printer").write_text(text)
    assert output_of(tmp_path) == output


@pytest.mark.parametrize(
    "text", ["-o", "--help a6", "a b", "a a6 more", "a;b", "a/b", "x" * 128, "ä", "pdf a4", "$(x)"]
)
def test_what_is_no_printers_name_is_refused(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "printer").write_text(text)
    refused("unclear", tmp_path)
    monkeypatch.setenv(PRINTER, "desk a6")
    assert output_of(tmp_path) == Output("desk", Paper.A6)  # what the environment says comes first
    monkeypatch.setenv(PRINTER, text)
    refused("unclear", tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "printer").write_bytes(b"\xff\xfe")
    refused("unclear", tmp_path)
    (tmp_path / "printer").unlink()
    (tmp_path / "printer").mkdir()
    refused("unclear", tmp_path)


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_open_umask")
def test_without_a_printer_it_is_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    assert put_out(PDF, Output(), tmp_path, 24) == str(tmp_path / FOLDER)
    put_out(PDF, Output(), tmp_path, 24)
    files = list((tmp_path / FOLDER).iterdir())
    assert [file.read_bytes() for file in files] == [PDF] * 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert all(file.name.startswith("slip-") and file.suffix == ".pdf" for file in files)


def test_files_of_slips_that_nobody_believes_any_more_are_removed(tmp_path: Path) -> None:
    put_out(PDF, Output(), tmp_path, 24)
    (old,) = (tmp_path / FOLDER).iterdir()
    other = tmp_path / FOLDER / "kept.txt"
    other.write_text("not ours")
    for file in (old, other):
        os.utime(file, (time.time() - 25 * 3600,) * 2)
    put_out(PDF, Output(), tmp_path, 26)
    assert old.exists()
    put_out(PDF, Output(), tmp_path, 24)
    assert not old.exists()
    assert other.exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file in its place")
    with pytest.raises(SlipOutputError) as caught:
        put_out(PDF, Output(), tmp_path, 24)
    assert caught.value.code == "folder"


def test_the_printing_system_gets_the_pdf_and_nothing_rests_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = lp(tmp_path / "bin", monkeypatch)
    (tmp_path / "data").mkdir()
    assert put_out(PDF, Output("desk", Paper.A6), tmp_path / "data", 24) == "desk"
    assert said.read_text() == "-d desk -t slip -o media=A6 -\n"
    assert (tmp_path / "bin" / "printed").read_bytes() == PDF
    assert list((tmp_path / "data").iterdir()) == []
    put_out(PDF, Output("desk"), tmp_path / "data", 24)
    assert "media=Custom.62x100mm" in said.read_text()


def test_a_printer_that_refuses_hangs_or_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def code() -> str:
        with pytest.raises(SlipOutputError) as caught:
            put_out(PDF, Output("desk"), tmp_path, 24)
        return caught.value.code

    lp(tmp_path / "refuses", monkeypatch, "exit 1")
    assert code() == "refused"
    lp(tmp_path / "hangs", monkeypatch, "exec /bin/sleep 30")
    monkeypatch.setattr(slip_output, "TIMEOUT_S", 0.2)
    assert code() == "slow"
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert code() == "no_lp"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_has_words(language: str) -> None:
    words = Words(language)
    assert all(words.knows(f"slip.not_printed.{code}") for code in ("unclear", "folder", "no_lp", "slow", "refused"))
