"""`checkpoint cargo read` end to end: tables, JSON, lines, and one form of refusal."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from checkpoint_app.cargo import segments
from checkpoint_app.cli import main
from checkpoint_app.commands import cargo
from tests.cargo.xml_messages import WAYBILL, bill, manifest, unit

MANIFEST = manifest(bill("B1", 100.5, 10, unit("CSQU3054384")), bill("B2", "much", 5), totals=(3,))


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.xml"
    path.write_bytes(MANIFEST)
    return path


def read(capsys, *arguments: object) -> tuple[int, str, str]:
    code = main(["cargo", "read", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_json_is_one_object_with_its_faults(message, capsys):
    code, out, err = read(capsys, message, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["kind"], told["totals_match"]) == ("AWMDS", False)
    assert [one["number"] for one in told["consignments"]] == ["B1", "B2"]
    assert told["equipment"][0]["check_digit_ok"] is False
    assert [fault["code"] for fault in told["faults"]] == ["bad_number"]


def test_the_table_names_what_is_wrong(message, capsys):
    code, out, err = read(capsys, message)
    assert (code, err) == (0, "")
    assert "AWMDS MV MUSTER 7N" in out
    assert "the counts that it declares are not what is in it" in out
    assert "B1" in out
    assert "wrong check digit" in out
    assert "bad_number gross_mass" in out


def test_a_table_does_not_steer_the_terminal(tmp_path, capsys):
    path = tmp_path / "one.edi"
    path.write_bytes(b"UNH+1+CUSCAR:D:96B:UN'CNI+1+B1'NAD+CN+++\x1b[2JEJEMPLO'UNT+4+1'")
    code, out, _err = read(capsys, path)
    assert code == 0
    assert "\x1b" not in out
    assert "EJEMPLO" in out


def test_a_long_table_ends_and_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cargo, "_ROWS", 1)
    path = tmp_path / "one.xml"
    path.write_bytes(manifest(bill("B1"), bill("B2"), bill("B3")))
    _code, out, _err = read(capsys, path)
    assert "2 more: ask for --json" in out
    assert "B2" not in out


def test_a_stream_is_one_line_each_and_a_summary(message, capsys):
    code, out, err = read(capsys, message, "--stream")
    lines = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [next(iter(line)) for line in lines] == ["equipment", "consignment", "consignment", "fault", "summary"]
    assert lines[-1]["summary"]["counts"] == {"consignments": 2, "equipment": 1, "faults": 1}
    assert lines[1]["consignment"]["equipment"] == ["CSQU3054384"]


def test_a_stream_that_breaks_says_so_last(tmp_path, capsys):
    path = tmp_path / "cut.xml"
    path.write_bytes(MANIFEST[:-30])
    code, out, err = read(capsys, path, "--stream")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 2
    assert "consignment" in lines[1]
    assert lines[-1]["where"]["line"] > 1
    assert err.count("\n") == 1


def bad_files(folder: Path) -> dict[str, bytes]:
    comment = WAYBILL.replace("<rsm:BusinessHeaderDocument>", "<!-- a -- b --><rsm:BusinessHeaderDocument>")
    return {
        "comment.xml": comment.encode(),
        "junk.bin": bytes(range(256)) * 20,
        "empty": b"",
        "laughs.xml": b'<!DOCTYPE l [<!ENTITY a "ha">]><Waybill>&a;</Waybill>',
        "page.html": b"<html><body>no message</body></html>",
        "list.edi": b"UNH+1+PAXLST:D:02B:UN'BGM+745'UNT+3+1'",
        "cut.xml": WAYBILL[:500].encode(),
    }


@pytest.mark.parametrize("as_json", ["--json", "--stream"])
@pytest.mark.parametrize("name", bad_files(Path()))
def test_what_cannot_be_read_is_refused_in_one_form(name, as_json, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(bad_files(tmp_path)[name])
    code, out, err = read(capsys, path, as_json)
    told = json.loads(out)
    assert code == 2
    assert told["error"]
    assert isinstance(told["where"], dict)
    assert err.startswith(f"checkpoint: {name}: ")
    assert err.count("\n") == 1


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing", tmp_path / "nul\x00byte"):
        for as_json in ("--json", "--stream"):
            code, out, err = read(capsys, path, as_json)
            assert code == 2
            assert json.loads(out)["error"]
            assert "Traceback" not in err
    code, _out, err = read(capsys, tmp_path / "missing")
    assert (code, err) == (2, "checkpoint: missing: there is no such file\n")


def test_a_large_file_is_refused_with_the_way_to_read_it(message, capsys, monkeypatch):
    monkeypatch.setattr(cargo, "INTERACTIVE", segments.Limits(bytes=100, segments=10))
    code, out, _err = read(capsys, message, "--json")
    assert code == 2
    assert "--stream" in json.loads(out)["error"]


def test_a_name_that_is_no_text_is_shown_all_the_same(tmp_path, capsys):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xff\n.xml"))
    path.write_bytes(b"<a>")
    code, _out, err = read(capsys, path, "--json")
    assert code == 2
    assert err.count("\n") == 1


def test_a_large_manifest_is_streamed_in_little_memory(tmp_path):
    path = tmp_path / "big.xml"
    path.write_bytes(manifest(*[bill(f"B{n}", units=unit("CSQU3054383")) for n in range(5_000)], totals=(5_000,)))
    run = subprocess.run(
        [sys.executable, "-m", "checkpoint_app", "cargo", "read", str(path), "--stream"],
        capture_output=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (100 << 20, 100 << 20)),
    )
    summary = json.loads(run.stdout.splitlines()[-1])["summary"]
    assert summary["counts"] == {"consignments": 5_000, "equipment": 5_000, "faults": 0}
