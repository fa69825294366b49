"""`checkpoint passengers read`: JSON, table and stream; and errors that are one line, whatever the file is."""

from __future__ import annotations

import json
import os
import random

import pytest

from checkpoint_app.cargo.segments import INTERACTIVE
from checkpoint_app.cli import main
from tests.cargo.passenger_messages import BOOKING, ERIKA, JUAN, paxlst, pnrgov


@pytest.fixture
def list_file(tmp_path):
    path = tmp_path / "list.edi"
    path.write_bytes(paxlst(*ERIKA, *JUAN, count="3"))
    return path


def test_json_is_the_contract(list_file, capsys) -> None:
    assert main(["passengers", "read", str(list_file), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["kind"] == "PAXLST"
    assert [one["family"] for one in answer["passengers"]] == ["MUSTERFRAU", "EJEMPLO"]
    assert (answer["declared_count"], answer["count_matches"]) == (3, False)
    assert answer["faults"] == [{"code": "count_mismatch", "segment": 0, "tag": "CNT"}]


def test_the_table_names_everybody_and_what_is_odd(list_file, capsys) -> None:
    assert main(["passengers", "read", str(list_file)]) == 0
    out = capsys.readouterr().out
    assert "MUSTERFRAU, ERIKA" in out
    assert "P AB123456 COL" in out
    assert "counted by the sender: 3; found: 2" in out
    assert "count_mismatch: 1" in out


def test_the_table_of_bookings_steers_no_terminal(tmp_path, capsys) -> None:
    path = tmp_path / "list.edi"
    path.write_bytes(pnrgov(*BOOKING).replace(b"LENA MISS", b"LE\x1b[2JNA"))
    assert main(["passengers", "read", str(path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "ABC123" in out


def test_a_stream_gives_a_line_for_each_and_a_summary(list_file, capsys) -> None:
    assert main(["passengers", "read", str(list_file), "--stream"]) == 0
    *parts, fault, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert [one["family"] for one in parts] == ["MUSTERFRAU", "EJEMPLO"]
    assert fault == {"fault": {"code": "count_mismatch", "segment": 0, "tag": "CNT"}}
    assert (summary["passengers"], summary["declared_count"], summary["count_matches"]) == (2, 3, False)
    assert summary["faults"] == {"count_mismatch": 1}


def test_a_stream_of_bookings_has_bookings(tmp_path, capsys) -> None:
    path = tmp_path / "list.edi"
    path.write_bytes(pnrgov(*BOOKING))
    assert main(["passengers", "read", str(path), "--stream"]) == 0
    booking, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert booking["locator"] == "ABC123"
    assert summary["pnrs"] == 1


def _missing(path):
    return path / "none.edi"


def _folder(path):
    return path


def _pipe(path):
    os.mkfifo(path / "pipe")
    return path / "pipe"


def _binary(path):
    (path / "junk").write_bytes(random.Random(7).randbytes(5000))
    return path / "junk"


def _empty(path):
    (path / "empty").write_bytes(b"")
    return path / "empty"


def _huge(path):
    with (path / "huge").open("wb") as file:
        file.truncate(INTERACTIVE.bytes + 1)
    return path / "huge"


def _manifest(path):
    (path / "fwb").write_bytes(b"FWB/16\r\n145-10203046SCLUIO/T12K348.5\r\n")
    return path / "fwb"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    "make", [_missing, _folder, _pipe, _binary, _empty, _huge, _manifest], ids=lambda one: one.__name__
)
def test_what_is_no_list_is_an_error_in_json_and_in_one_line(make, stream, tmp_path, capsys) -> None:
    path = make(tmp_path)
    assert main(["passengers", "read", str(path), "--stream" if stream else "--json"]) == 2
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert set(answer) == {"error", "code", "where"}
    assert isinstance(answer["where"], dict)
    assert answer["error"]
    assert err.count("\n") == 1
    assert path.name in err
    assert "Traceback" not in err
