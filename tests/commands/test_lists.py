import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from checkpoint_app.cli import main
from checkpoint_app.commands import list_import
from checkpoint_app.commands.list_info import facts_of
from checkpoint_app.screening import ENGINE, Calibration, build_segment, load
from checkpoint_app.screening.plain import entry_from_plain
from checkpoint_app.store.files import fill_whole
from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.grant import booth_id, open_grant, read_grant
from checkpoint_app.wire.package import ListKind, iter_records, read_header, read_untrusted_header

PUBLISHER = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
BOOTH = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
PERSONS = [
    {"id": "L1", "surname": "Guzmán Paz", "given": "Ana María", "dob": ["1974-08-12"], "nationality": ["ECU"]},
    {"id": "L2", "surname": "Osorio", "given": "Luis", "dob": ["1951"], "nationality": ["suhh"]},
]


@pytest.fixture(autouse=True)
def _quick_calibration(monkeypatch):
    """The engine's calibration has tests of its own; here only what becomes of it counts."""

    def calibrate(entries, *, false_hits_per_10000):
        if not 0 < false_hits_per_10000 < 10_000:
            raise ValueError("calibration: the rate must lie between 0 and 10,000")
        count = sum(1 for _ in entries)
        return Calibration(ENGINE, 9400, round(false_hits_per_10000 * 100), 900, 500, count, 1)

    monkeypatch.setattr(list_import, "calibrate", calibrate)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "ecu.jsonl"
    path.write_text("".join(json.dumps(person) + "\n" for person in PERSONS))
    return path


@pytest.fixture
def keys(tmp_path):
    publisher, booth = tmp_path / "publisher.pem", tmp_path / "booth.pem"
    publisher.write_bytes(PUBLISHER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    booth.write_bytes(BOOTH.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return publisher, booth


def run(*arguments):
    return main(["lists", *map(str, arguments)])


def read(path, key=None, trust=None):
    stream = io.BytesIO(path.read_bytes())
    header = read_header(stream, trust) if trust else read_untrusted_header(stream)
    return header, list(iter_records(stream, header, key))


def test_import_and_info(source, tmp_path, capsys):
    out = tmp_path / "ecu.list"
    assert run("import", source, "--out", out) == 0
    header, records = read(out)
    assert (header.name, header.kind, header.version, header.originator) == ("ecu", ListKind.PERSONS, 1, "ecu")
    assert [entry_from_plain(record).id for record in records] == ["L1", "L2"]
    assert dict(header.calibration)["threshold"] == 9400
    report = capsys.readouterr()
    assert report.out == ""
    assert "ecu.jsonl: 2 records: 2 taken, 0 refused" in report.err
    assert "left out: 1 × nationality without an ICAO code" in report.err
    assert "no booth will trust it" in report.err
    assert "not sealed" in report.err
    assert out.stat().st_mode & 0o777 == 0o600

    assert run("info", out) == 0
    told = capsys.readouterr().out
    for words in (
        "ecu, version 1, persons",
        "0 h ago: fresh",
        "9.4 points",
        "9 expected in 10,000",
        "at most 10 promised",
    ):
        assert words in told
    assert run("info", out, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["records"], facts["bytes"], facts["sealed"]) == (2, out.stat().st_size, False)
    assert facts["calibration"]["threshold"] == 9400
    assert 0 <= facts["age_s"] < 60


def test_signed_and_sealed_for_a_booth(source, tmp_path, keys, capsys):
    out = tmp_path / "ecu.list"
    publisher, booth = keys
    assert run(
        "import", source, "--out", out, "--publisher-key", publisher, "--for", booth, "--days", 3, "--name", "ECU",
        "--version", 88, "--originator", "Policía", "--issued", "2026-11-24T01:00-05:00", "--agreement", "EC-US",
        "--agreement-ends", "2027-06-30", "--handling", "LE-ONLY", "--handling", "ODD", "--false-hits", 5,
    ) == 0  # fmt: skip
    grant = read_grant((tmp_path / "ecu.grant").read_bytes())
    key = open_grant(grant, BOOTH, PUBLISHER.public_key(), datetime.now(UTC) + timedelta(days=2))
    header, records = read(out, key, {"ECU": PUBLISHER.public_key()})
    assert len(records) == 2
    issued = datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert (header.version, header.originator, header.issued_at) == (88, "Policía", issued)
    assert header.agreement == Agreement("EC-US", issued, datetime(2027, 6, 30, tzinfo=UTC))
    assert header.handling == ("LE-ONLY", "ODD")
    assert header.calibration["promised"] == 500
    assert b"Guzm" not in out.read_bytes()
    told = capsys.readouterr().err
    assert "ODD is not known" in told
    assert "good for 3 days" in told
    assert "trust" not in told


def test_a_booths_key_as_digits(source, tmp_path, keys):
    digits = tmp_path / "booth.txt"
    digits.write_text(booth_id(BOOTH.public_key()).upper() + "\n")
    assert run("import", source, "--out", tmp_path / "x.list", "--for", digits) == 0
    assert read_grant((tmp_path / "x.grant").read_bytes()).booth == booth_id(BOOTH.public_key())


def test_the_next_version_follows_the_one_that_is_there(source, tmp_path):
    out = tmp_path / "ecu.list"
    for version in (1, 2, 3):
        assert run("import", source, "--out", out) == 0
        assert read(out)[0].version == version
    assert run("import", source, "--out", out, "--name", "other") == 0
    assert read(out)[0].version == 1


def test_what_is_refused_is_told_by_line_and_reason(source, tmp_path, capsys):
    with source.open("a") as file:
        file.write("{GUZMAN\n" + json.dumps(PERSONS[0]) + "\n")
    assert run("import", source, "--out", tmp_path / "x.list", "--json") == 1
    told = capsys.readouterr()
    assert "ecu.jsonl: line 3: refused: the line is no JSON object" in told.err
    assert "ecu.jsonl: line 4: refused: the id is given twice: first in line 1" in told.err
    assert "4 records: 2 taken, 2 refused, 1 of them given twice" in told.err
    assert "GUZMAN" not in told.err
    report = json.loads(told.out)
    assert report["records"] == 2
    assert report["sources"][0]["refusals"][0] == {"line": 3, "reason": "the line is no JSON object"}
    assert (report["sources"][0]["read"], report["sources"][0]["duplicates"]) == (4, 1)


def test_not_every_refusal_of_thousands_is_told(tmp_path, capsys):
    source = tmp_path / "big.jsonl"
    source.write_text(json.dumps(PERSONS[0]) + "\n" + "{x\n" * 1500)
    assert run("import", source, "--out", tmp_path / "x.list") == 1
    told = capsys.readouterr().err
    assert "and 500 more refused" in told
    assert "1,501 records: 1 taken, 1,500 refused" in told


def test_several_sources_make_one_list(source, tmp_path, capsys):
    more = tmp_path / "more.csv"
    more.write_text("codigo,name\nL2,Luis Osorio\nL3,Eva Luz\n")
    out = tmp_path / "all.list"
    assert run("import", source, more, "--out", out, "--map", "codigo=id") == 2
    assert "mapping is for tables" in capsys.readouterr().err
    more.write_text("id,name\nL2,Luis Osorio\nL3,Eva Luz\n")
    assert run("import", source, more, "--out", out) == 1
    assert [record["id"] for record in read(out)[1]] == ["L1", "L2", "L3"]
    assert "more.csv: line 2: refused: the id is given twice: first in an earlier source" in capsys.readouterr().err


@pytest.mark.parametrize("text", ['"clave" = "id"\nquien = "name"\n', '{"clave": "id", "quien": "name"}'])
def test_mapping_files(tmp_path, text):
    source, mapping, out = tmp_path / "t.csv", tmp_path / "mapping", tmp_path / "t.list"
    source.write_text('clave;quien;dia\n7;"PAZ, Luis";17/05/1951\n')
    mapping.write_text(text)
    assert run("import", source, "--out", out, "--mapping", mapping, "--map", "dia=birth_date:dmy") == 0
    (record,) = read(out)[1]
    entry = entry_from_plain(record)
    assert (entry.id, entry.names[0].given, entry.birth_dates[0].first) == ("7", "Luis", "1951-05-17")


def test_document_numbers(tmp_path, capsys):
    source, out = tmp_path / "sltd.csv", tmp_path / "sltd.list"
    source.write_text("number,issuer,category\nAB123456,EC,stolen\nCD1,PER,\nab-123456,ECU,stolen\n")
    assert run("import", source, "--out", out, "--category", "revoked", "--json") == 0
    told = capsys.readouterr()
    assert "given twice, and in the list once: 1 document numbers" in told.err
    assert "2 records written" in told.err
    assert (json.loads(told.out)["records"], json.loads(told.out)["duplicates"]) == (2, 1)
    header, records = read(out)
    assert header.kind is ListKind.DOCUMENTS
    assert header.calibration == {"numbers": 2, "ranges": 0}
    assert b"AB123456" not in out.read_bytes()
    listed = load("documents", dict(build_segment("documents", records)))
    assert [match.category for match in listed.look_up("AB123456", "ECU")] == ["stolen"]
    assert [match.category for match in listed.look_up("CD1", "")] == ["revoked"]
    assert run("info", out) == 0
    told = capsys.readouterr().out
    assert "threshold" not in told
    assert "records     2\n" in told
    assert run("import", source, "--out", out, "--kind", "persons") == 2
    assert "import it with --kind documents" in capsys.readouterr().err


def test_persons_and_numbers_do_not_mix(source, tmp_path, capsys):
    numbers = tmp_path / "n.txt"
    numbers.write_text("AB123456\n")
    assert run("import", source, numbers, "--out", tmp_path / "x.list") == 2
    assert "two lists" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{bad\n", "", "<xml/>", "[1]\n"])
def test_nothing_to_read_leaves_all_as_it_was(tmp_path, content, capsys):
    source, out = tmp_path / "s.jsonl", tmp_path / "x.list"
    source.write_text(content)
    out.write_bytes(b"as it was")
    assert run("import", source, "--out", out) == 2
    assert out.read_bytes() == b"as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.jsonl", "x.list"]
    assert capsys.readouterr().err.splitlines()[-1].startswith("checkpoint: ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--version", "0"], "--version starts at 1"),
        (["--days", "0"], "--days lies between"),
        (["--days", "367"], "--days lies between"),
        (["--name", "a/b"], "named by"),
        (["--issued", "yesterday"], "--issued yesterday: expected"),
        (["--agreement", "EC-US"], "--agreement-ends TIME"),
        (["--agreement-ends", "2027-01-01"], "--agreement NAME"),
        (["--agreement", "EC-US", "--agreement-ends", "2001-01-01"], "ends before it begins"),
        (["--false-hits", "0"], "calibration"),
        (["--map", "name"], "expected COLUMN=FIELD"),
        (["--map", "=name"], "expected COLUMN=FIELD"),
        (["--mapping", "none.toml"], "no mapping"),
        (["--publisher-key", "none.pem"], "cannot be read: No such file"),
        (["--for", "none.pem"], "cannot be read: No such file"),
    ],
)
def test_bad_usage_is_one_clear_line(source, tmp_path, options, words, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("import", source, "--out", "x.list", *options) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not (tmp_path / "x.list").exists()


def test_places_that_cannot_be_written(source, tmp_path, capsys):
    assert run("import", source, "--out", tmp_path / "none" / "x.list") == 2
    assert run("import", source, "--out", tmp_path / "x.grant") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "No such file" in first
    assert "take another" in second


def test_key_files_that_are_none(source, tmp_path, keys, capsys):
    publisher, booth = keys
    rsa, locked, text, large = (tmp_path / name for name in ("rsa", "locked", "text", "large"))
    weak = generate_private_key(65537, 2048)
    rsa.write_bytes(weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    locked.write_bytes(PUBLISHER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    text.write_text("no key")
    large.write_bytes(bytes(20_000))
    ed25519 = tmp_path / "ed25519.pub"
    ed25519.write_bytes(PUBLISHER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    for option, path, words in (
        ("--publisher-key", rsa, "not Ed25519"),
        ("--publisher-key", locked, "not an open PEM"),
        ("--publisher-key", booth, "not an open PEM"),
        ("--publisher-key", text, "not an open PEM"),
        ("--publisher-key", large, "too large"),
        ("--for", ed25519, "not X25519"),
        ("--for", publisher, "neither a PEM"),
        ("--for", text, "neither a PEM"),
    ):
        assert run("import", source, "--out", tmp_path / "x.list", option, path) == 2
        assert words in capsys.readouterr().err


def test_mappings_that_are_none(source, tmp_path, capsys):
    mapping = tmp_path / "mapping.toml"
    for content in ("[columns]\na = 'id'\n", "a = 1\n", "= =", '{"a": '):
        mapping.write_text(content)
        assert run("import", source, "--out", tmp_path / "x.list", "--mapping", mapping) == 2
        assert "no mapping" in capsys.readouterr().err


def test_a_source_that_changes_while_it_is_read_is_refused(source, tmp_path, monkeypatch, capsys):
    def calibrate(entries, *, false_hits_per_10000):
        calibration = Calibration(ENGINE, 9400, 1000, 900, 500, sum(1 for _ in entries), 1)
        source.write_text(json.dumps(PERSONS[0]) + "\n")
        return calibration

    monkeypatch.setattr(list_import, "calibrate", calibrate)
    assert run("import", source, "--out", tmp_path / "x.list") == 2
    assert "changed while it was read" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["ecu.jsonl"]


def test_info_on_what_is_no_list_and_on_a_damaged_one(source, tmp_path, capsys):
    out = tmp_path / "ecu.list"
    assert run("import", source, "--out", out) == 0
    data = out.read_bytes()
    assert run("info", source) == 2
    assert run("info", tmp_path / "none") == 2
    for damaged in (data[:-1] + bytes([data[-1] ^ 1]), data[:-1], data[:30], data[:20] + b"x" + data[21:]):
        out.write_bytes(damaged)
        assert run("info", out) == 3
    for line in capsys.readouterr().err.splitlines()[-6:]:
        assert line.startswith("checkpoint: ")


def test_ages_and_agreements_in_words(source, tmp_path, capsys):
    out = tmp_path / "ecu.list"
    agreement = ["--agreement", "EC-US", "--agreement-begins", "2001-01-01", "--agreement-ends", "2002-01-01"]
    for hours, words in ((-3, "in the future"), (30, '30 h ago: to be used "as of"'), (24 * 9, "9 d ago: too old")):
        issued = (datetime.now(UTC) - timedelta(hours=hours, minutes=1)).isoformat()
        assert run("import", source, "--out", out, "--issued", issued, *agreement) == 0
        assert run("info", out) == 0
        told = capsys.readouterr().out
        assert words in told
        assert "EC-US, 2001-01-01 to 2002-01-01 00:00 UTC: not in force" in told
    header = read(out)[0]
    assert facts_of(header, 1, header.issued_at)["agreement"]["in_force"] is False
    assert facts_of(header, 1, datetime(2001, 5, 1, tzinfo=UTC))["agreement"]["in_force"] is True


def test_the_real_calibration_of_a_small_list(source, tmp_path, monkeypatch, capsys):
    monkeypatch.undo()
    out = tmp_path / "ecu.list"
    assert run("import", source, "--out", out) == 0
    header, _records = read(out)
    assert Calibration.from_plain(header.calibration).persons == 2
    assert run("info", out) == 0
    assert "points, by screening/" in capsys.readouterr().out


def test_a_file_is_written_wholly_or_not_at_all(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"before")

    def fail(file):
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_whole(path, fail)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert fill_whole(path, lambda file: file.write(b"after")) == 5
    assert path.read_bytes() == b"after"
