"""What an import changes in the list before, told before anything is written."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app.cli import main
from checkpoint_app.commands import list_import
from checkpoint_app.commands.list_changes import Changes
from checkpoint_app.screening import ENGINE, Calibration
from checkpoint_app.wire.grant import booth_id
from tests.screening.importers import samples

PERSONS = [
    {"id": f"L{n}", "surname": f"MUSTER{n}", "given": "Eva", "dob": ["1951"], "documents": [f"X{n:07}"]}
    for n in range(20)
]


@pytest.fixture(autouse=True)
def _quick_calibration(monkeypatch):
    def calibrate(entries, *, false_hits_per_10000):
        return Calibration(ENGINE, 9400, 1000, 900, 500, sum(1 for _ in entries), 1)

    monkeypatch.setattr(list_import, "calibrate", calibrate)


def run(*arguments):
    return main(["lists", *map(str, arguments)])


def write(path, records):
    path.write_text(samples.lines(records), encoding="utf-8")
    return path


@pytest.fixture
def before(tmp_path, capsys):
    assert run("import", write(tmp_path / "old.jsonl", PERSONS), "--out", tmp_path / "before.list") == 0
    capsys.readouterr()
    return tmp_path / "before.list"


@pytest.fixture
def source(tmp_path):
    """Three removed, one added; four changed: a name, a name with a date, a document, a nationality with remarks."""
    records = [dict(record) for record in PERSONS[3:]] + [PERSONS[0] | {"id": "N1"}]
    records[0]["surname"] = "EJEMPLO"
    records[1] |= {"given": "Ana", "dob": ["1952"]}
    records[2]["documents"] = ["Y123"]
    records[3] |= {"nationality": ["ECU"], "remarks": "seen"}
    return write(tmp_path / "new.jsonl", records)


def test_a_preview_counts_and_writes_nothing(tmp_path, before, source, capsys):
    there = sorted(tmp_path.iterdir())
    assert run("import", source, "--compare", before) == 0
    told = capsys.readouterr()
    counts = "1 added, 4 changed (names 2, dates 1, documents 1, nationality 1, other 1), 3 removed"
    assert told.out.splitlines() == [f"since before.list: {counts}", "removes 3 of 20 entries (15 %)"]
    assert "new.jsonl: 18 records: 18 taken, 0 refused" in told.err
    assert "MUSTER" not in told.out + told.err
    assert sorted(tmp_path.iterdir()) == there


def test_ids_are_told_where_they_are_asked_for(before, source, capsys):
    assert run("import", source, "--compare", before, "--ids") == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    changed = [f'changed "L{n}"' for n in (3, 4, 5, 6)]
    assert sorted(lines) == ['added "N1"', *changed, 'removed "L0"', 'removed "L1"', 'removed "L2"']


def test_as_json(before, source, capsys):
    assert run("import", source, "--compare", before, "--json", "--ids") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["change"]["ids"] == {
        "added": ["N1"],
        "changed": ["L3", "L4", "L5", "L6"],
        "removed": ["L0", "L1", "L2"],
    }
    assert (told["change"]["records_before"], told["change"]["kinds"]["names"]) == (20, 2)
    assert told["sources"][0]["form"] == "JSON lines, plain entries"
    assert run("import", source, "--compare", before, "--json") == 0
    assert "ids" not in json.loads(capsys.readouterr().out)["change"]


def test_a_list_is_written_and_compared_in_one_go(tmp_path, before, source, capsys):
    assert run("import", source, "--compare", before, "--out", before, "--name", "old", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["records"], told["change"]["removed"]) == (2, 18, 3)
    assert run("import", source, "--compare", before) == 0
    assert capsys.readouterr().out == "since before.list: 0 added, 0 changed, 0 removed\n"


def test_records_that_are_refused_count_as_removed_and_are_told(tmp_path, before, capsys):
    source = write(tmp_path / "new.jsonl", [*PERSONS[:19], {"id": "L19"}])
    assert run("import", source, "--compare", before) == 1
    told = capsys.readouterr()
    assert told.out == "since before.list: 0 added, 0 changed, 1 removed\n"
    assert "line 20: refused: name: surname and given are both empty" in told.err


def test_what_cannot_be_compared_is_one_clear_line(tmp_path, before, source, capsys):
    numbers, sealed, key = tmp_path / "n.txt", tmp_path / "sealed.list", tmp_path / "booth.txt"
    numbers.write_text("AB123456\n")
    key.write_text(booth_id(X25519PrivateKey.from_private_bytes(b"\x05" * 32).public_key()))
    assert run("import", source, "--out", sealed, "--for", key) == 0
    assert run("import", numbers, "--out", tmp_path / "n.list") == 0
    damaged = tmp_path / "damaged.list"
    damaged.write_bytes(before.read_bytes()[:-9])
    capsys.readouterr()
    for arguments, code, words in (
        ((source, "--compare", sealed), 2, "sealed for booths"),
        ((source, "--compare", tmp_path / "n.list"), 2, "a list of documents, not of persons"),
        ((numbers, "--compare", before), 2, "document numbers are compared at the centre"),
        ((source, "--compare", tmp_path / "none.list"), 2, "none.list: cannot be read: No such file"),
        ((source, "--compare", source), 2, "new.jsonl: "),
        ((source, "--compare", damaged), 3, "damaged.list: "),
        ((source,), 2, "--out LIST: say where"),
    ):
        assert run("import", *arguments) == code
        (line,) = capsys.readouterr().err.splitlines()
        assert words in line


@pytest.mark.parametrize(
    ("before", "removed", "warning"),
    [
        (9800, 1204, "removes 1,204 of 9,800 entries (12 %)"),
        (100, 10, ""),
        (100, 11, "removes 11 of 100 entries (11 %)"),
        (0, 0, ""),
    ],
)
def test_more_than_a_tenth_removed_is_said(before, removed, warning):
    assert Changes(before, 0, 0, removed).warning == warning


def test_one_list_of_four_files_from_the_command_line(tmp_path, capsys):
    for name, text in samples.OFAC.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [tmp_path / name for name in samples.OFAC]
    assert run("import", *paths, "--out", tmp_path / "ofac.list", "--json") == 0
    told = capsys.readouterr()
    (source,) = json.loads(told.out)["sources"]
    assert source["form"] == "OFAC CSV with alt.csv, add.csv, sdn_comments.csv"
    assert source["schemas"] == {"Person": 2, "Entity": 1, "Vessel": 1, "Aircraft": 1}
    assert "sdn.csv: taken: 2 × Person, 1 × Entity, 1 × Vessel, 1 × Aircraft" in told.err
    assert "alternate names of an entry that is not in sdn.csv (line 4)" in told.err


def test_many_refusals_are_told_by_reason_too(tmp_path, capsys):
    source = write(
        tmp_path / "ftm.jsonl",
        samples.FTM + [{"id": f"a{n}", "schema": "Address", "properties": {}} for n in range(30)],
    )
    assert run("import", source, "--out", tmp_path / "x.list") == 1
    assert "ftm.jsonl: refused: 30 × schema Address is not screened" in capsys.readouterr().err


def test_info_tells_the_calibration_in_words_and_as_json(before, capsys):
    assert run("info", before) == 0
    told = capsys.readouterr().out
    assert f"9.4 points, by {ENGINE}" in told
    assert (
        "9 expected in 10,000 clean travellers, at most 10 promised; measured on 500 synthetic ones against 20" in told
    )
    assert run("info", before, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["accuracy"] == {
        "threshold_points": 9.4,
        "expected_per_10000": 9.0,
        "promised_per_10000": 10.0,
        "travellers": 500,
        "persons": 20,
        "engine": ENGINE,
        "usable": True,
    }
    assert (facts["records"], facts["age_s"] >= 0, facts["bytes"] > 0) == (20, True, True)


def test_info_tells_that_another_engine_calibrated(tmp_path, monkeypatch, capsys):
    old = Calibration("screening/0", 9400, 1000, 900, 500, 20, 1)
    monkeypatch.setattr(list_import, "calibrate", lambda entries, **_: old if list(entries) else None)
    assert run("import", write(tmp_path / "old.jsonl", PERSONS), "--out", tmp_path / "x.list") == 0
    capsys.readouterr()
    assert run("info", tmp_path / "x.list") == 0
    assert "loads no list of another engine: import it again" in capsys.readouterr().out


def test_an_id_moves_no_terminal_and_turns_no_line_around(tmp_path, before, capsys):
    records = [*PERSONS, {"id": "N\u202e1\x9b2Jñ", "names": [{"family": "MUSTER"}]}]
    assert run("import", write(tmp_path / "new.jsonl", records), "--compare", before, "--ids") == 0
    assert 'added "N\\u202e1\\u009b2Jñ"' in capsys.readouterr().out
