"""`checkpoint screen` end to end: answers a line, lists that may not answer, bad lines and bad lists."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.cli import main
from checkpoint_app.commands.screen import MAX_LINE, subject_of
from checkpoint_app.screening import Calibration, entry_to_plain
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.package import ListKind, write_package
from tests.screening.engine.helpers import KNOWN, strangers

PUBLISHER = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
NOW = datetime.now(UTC)
ANNA = {"id": "A", "mrz_name": "ERIKSON<<ANA<MARIA<<<<<<<<<<<<", "dob": "740812", "sex": "F", "nationality": "UTO",
        "document_number": "X1", "format": "TD1"}  # fmt: skip
PLAIN = [
    {"id": "L1", "schema": "Person", "surname": "Erikson", "given": "Ana María", "dob": ["1974-08-12"], "sex": "F",
     "nationality": ["UTO"], "documents": ["L898902C3"], "aliases": []},
    {"id": "L2", "schema": "Person", "surname": "Osorio", "given": "Luis", "dob": ["1951"], "sex": "M",
     "nationality": [], "documents": [], "aliases": []},
]  # fmt: skip


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in PLAIN), encoding="utf-8")
    return path


def package(path: Path, **changes: object) -> Path:
    values = {
        "name": "ecu",
        "kind": ListKind.PERSONS,
        "version": 3,
        "originator": "ECU",
        "issued_at": NOW - timedelta(hours=1),
        "calibration": Calibration(ENGINE, 12_000, 1000, 900, 10, 10, 1).to_plain(),
    } | changes
    records = [entry_to_plain(entry) for entry in (*KNOWN, *strangers(50))]
    stream = io.BytesIO()
    write_package(stream, records, PUBLISHER, **values)
    path.write_bytes(stream.getvalue())
    return path


def screen(capsys, tmp_path: Path, list_path: Path, *queries: object) -> tuple[int, list[dict], str]:
    lines = [q if isinstance(q, str) else json.dumps(q) for q in queries]
    (tmp_path / "q.jsonl").write_text("\n".join(lines), encoding="utf-8")
    code = main(["screen", "--list", str(list_path), "--json-lines", str(tmp_path / "q.jsonl")])
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_a_bare_list_answers_line_by_line_and_says_what_it_is(capsys, tmp_path, bare) -> None:
    stranger = ANNA | {"id": "B", "mrz_name": "OKONKWO<<CHIDI<<<<", "document_number": ""}
    nameless = ANNA | {"id": "C", "mrz_name": "<<<<<<<<<<<<"}
    bearer = nameless | {"id": "D", "document_number": "L898902C3"}
    code, answers, err = screen(capsys, tmp_path, bare, ANNA, stranger, nameless, bearer)
    assert code == 0
    assert err == "unsigned list: for tests\n"
    assert [(a["id"], a["answer"]) for a in answers] == [
        ("A", "hit"),
        ("B", "clear"),
        ("C", "not_checked"),
        ("D", "hit"),
    ]
    assert set(answers[0]) == {"id", "answer", "hits"}
    [hit] = answers[0]["hits"]
    assert set(hit) == {"list_id", "score", "reasons"}
    assert hit["list_id"] == "L1"
    assert 15 < hit["score"] < answers[3]["hits"][0]["score"]
    assert "Family name the same" in hit["reasons"]
    assert "Document number differs: X1 / L898902C3" in hit["reasons"]


def test_a_bad_line_is_named_and_the_rest_goes_on(capsys, tmp_path, bare) -> None:
    long = json.dumps(ANNA | {"id": "long", "mrz_name": "A" * MAX_LINE})
    bad = ["not json", "[]", '{"mrz_name": "X"}', json.dumps({"id": "x", "dob": 740812}), long, "[" * 5000]
    code, answers, err = screen(capsys, tmp_path, bare, ANNA, *bad, "", ANNA | {"id": "Z", "sex": None})
    assert code == 1
    assert [a["id"] for a in answers] == ["A", "Z"]
    named = [line for line in err.splitlines() if line.startswith("q.jsonl: line")]
    assert [line.split(":")[1] for line in named] == [f" line {n}" for n in range(2, 8)]


def test_a_list_with_a_record_refused_answers_and_says_so(capsys, tmp_path, bare) -> None:
    bare.write_text(bare.read_text(encoding="utf-8") + "\n{broken\n", encoding="utf-8")
    code, answers, err = screen(capsys, tmp_path, bare, ANNA)
    assert (code, answers[0]["answer"]) == (1, "hit")
    assert "list.jsonl: line 3:" in err


@pytest.mark.parametrize("content", ["", "<xml/>", '{"id": "L1"}'])
def test_a_file_that_is_no_list_is_refused(capsys, tmp_path, bare, content: str) -> None:
    bare.write_text(content, encoding="utf-8")
    code, answers, err = screen(capsys, tmp_path, bare, ANNA)
    assert (code, answers) == (2, [])
    assert "checkpoint: list.jsonl" in err


def test_files_that_are_not_there(capsys, tmp_path, bare) -> None:
    assert main(["screen", "--list", str(tmp_path / "none"), "--json-lines", str(bare)]) == 2
    assert main(["screen", "--list", str(bare), "--json-lines", str(tmp_path / "none")]) == 2
    assert "none: cannot be read" in capsys.readouterr().err


def test_a_signed_package_answers_with_its_own_threshold(capsys, tmp_path) -> None:
    code, answers, err = screen(capsys, tmp_path, package(tmp_path / "ecu.list"), ANNA)
    assert (code, answers[0]["answer"], answers[0]["hits"][0]["list_id"]) == (0, "hit", "ERIKSON")
    assert "list ecu 3, signed by" in err
    assert "unsigned" not in err
    high = Calibration(ENGINE, 99_000, 1000, 900, 10, 10, 1).to_plain()
    answer = screen(capsys, tmp_path, package(tmp_path / "ecu.list", calibration=high), ANNA)[1][0]
    assert answer["answer"] == "clear"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issued_at": NOW - timedelta(days=8)}, "too old"),
        (
            {"agreement": Agreement("EC-US", NOW - timedelta(days=9), NOW - timedelta(days=1))},
            "agreement is not in force",
        ),
        (
            {"agreement": Agreement("EC-US", NOW + timedelta(days=1), NOW + timedelta(days=9))},
            "agreement is not in force",
        ),
    ],
)
def test_a_list_that_may_not_be_consulted_checks_nobody(capsys, tmp_path, changes, words: str) -> None:
    code, answers, err = screen(capsys, tmp_path, package(tmp_path / "ecu.list", **changes), ANNA)
    assert (code, answers) == (0, [{"id": "A", "answer": "not_checked", "hits": []}])
    assert words in err


def test_packages_that_are_refused(capsys, tmp_path) -> None:
    path = package(tmp_path / "ecu.list")
    path.write_bytes(path.read_bytes()[:-3])
    assert screen(capsys, tmp_path, path, ANNA)[0] == 3
    sealed = package(tmp_path / "ecu.list", content_key=bytes(range(32)))
    code, _, err = screen(capsys, tmp_path, sealed, ANNA)
    assert (code, "sealed for booths" in err) == (2, True)
    documents = package(tmp_path / "ecu.list", kind=ListKind.DOCUMENTS)
    code, _, err = screen(capsys, tmp_path, documents, ANNA)
    assert (code, "a list of documents" in err) == (2, True)
    other = Calibration("screening/0", 12_000, 1000, 900, 10, 10, 1).to_plain()
    for calibration in ({"engine": ENGINE}, other):
        broken = package(tmp_path / "ecu.list", calibration=calibration)
        assert screen(capsys, tmp_path, broken, ANNA)[0] == 3


@pytest.mark.parametrize(
    ("name", "layout", "expected"),
    [
        ("ERIKSON<<ANA<MARIA<<<<<<<<<<<<", "TD1", ("ERIKSON", "ANA MARIA", False)),
        ("ERIKSON<<ANA", "TD3", ("ERIKSON", "ANA", False)),
        ("VILLAVICENCIO<ETCHEVE<<MAXIMIL", "TD1", ("VILLAVICENCIO ETCHEVE", "MAXIMIL", True)),
        ("VILLAVICENCIO<ETCHEVE<<MAXIMIL", "TD3", ("VILLAVICENCIO ETCHEVE", "MAXIMIL", False)),
        ("WANGFEICHEN<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "TD3", ("WANGFEICHEN", "", False)),
        ("erikson<<ana", "", ("ERIKSON", "ANA", False)),
        ("1234", "TD1", ("", "", False)),
    ],
)
def test_the_name_field_is_read_as_a_zone_has_it(name: str, layout: str, expected: tuple[str, str, bool]) -> None:
    subject = subject_of({"mrz_name": name, "format": layout})
    assert (subject.family_name, subject.given_names, subject.name_truncated) == expected
