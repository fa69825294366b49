"""`checkpoint central import … --kind rules`: whole with its owner's signature, or refused with every fault."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from checkpoint_app.central import database, opening
from checkpoint_app.cli import main
from checkpoint_app.commands.central_cases import _rule_rows
from checkpoint_app.verdict import Condition, RuleMatch, Truth
from checkpoint_app.wire.passphrase import Stretching
from tests.central.rule_sets import OWNER, refused, rule, rule_set

PASSPHRASE = "a passphrase for tests"
ISSUED = "2026-03-01T00:00:00Z"
LATER = "2026-03-02T00:00:00Z"


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


def signed(folder: Path, data: bytes, key: Ed25519PrivateKey = OWNER) -> tuple[Path, list[object]]:
    """Write a set, its owner's key and a signature; return the set and what names the rest."""
    source = folder / "rules.json"
    source.write_bytes(data)
    public = folder / "owner.pem"
    public.write_bytes(OWNER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "rules.sig").write_bytes(key.sign(data))
    return source, ["--partner-key", public, "--signature", folder / "rules.sig"]


def dated(issued: str = ISSUED, version: str = "2026.03.1", **more: Any) -> bytes:
    return rule_set(issued=issued, version=version, **more)


def test_a_signed_set_is_imported_once(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, how = signed(tmp_path, data := dated())
    assert run("import", source, "--kind", "rules", *how, "--handling", "LE-ONLY") == 0
    said = "demo 1: 1 rules of DEMO 2026.03.1, the first version; `checkpoint central publish` brings it to the booths"
    assert capsys.readouterr().out == f"{said}\n"
    assert run("import", "--list", "demo", source, *how) == 0
    assert capsys.readouterr().out == "demo 1: nothing new, the set is here already\n"
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: demo 1\n"

    assert main(["lists", "info", str(folder / "lists" / "demo-1.list")]) == 0
    told = capsys.readouterr().out
    assert f"1, of DEMO 2026.03.1, SHA-256 {hashlib.sha256(data).hexdigest()}" in told
    assert "T-001" not in told
    assert run("audit", "--json") == 0
    (act,) = [one for one in json.loads(capsys.readouterr().out)["acts"] if one["what"] == "list imported"]
    assert act["about"]["set_version"] == "2026.03.1"
    assert act["about"]["set_digest"] == hashlib.sha256(data).hexdigest()


def test_every_fault_of_a_bad_set_is_told_and_nothing_is_kept(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = dated(
        rules=[
            refused("T-003"),
            rule("T-004", "trip.stay_days == 'x'"),
            rule("T-005", approver="analyst.muestra", max_hit_rate=2, legal_basis=""),
        ]
    )
    source, how = signed(tmp_path, bad)
    assert run("import", source, "--kind", "rules", *how) == 3
    told = capsys.readouterr()
    faults = {tuple(line.split()[:2]) for line in told.out.splitlines()}
    assert faults >= {
        ("T-003", "unknown_field"),
        ("T-004", "type_error"),
        ("T-005", "approver_is_owner"),
        ("T-005", "bad_max_hit_rate"),
        ("T-005", "missing_legal_basis"),
    }
    assert "list demo: the rule set is refused whole" in told.err
    assert len(told.err.splitlines()) == 1
    assert run("import", source, "--kind", "rules", *how, "--json") == 3
    answer = json.loads(capsys.readouterr().out)
    assert answer["loaded"] is False
    assert {(one["rule"], one["code"]) for one in answer["errors"]} == faults
    assert list((folder / "lists").glob("*.list")) == []
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: nothing new\n"


def test_the_version_in_service_stays_when_the_next_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, how = signed(tmp_path, dated())
    assert run("import", source, "--kind", "rules", *how) == 0
    assert run("publish") == 0
    source, how = signed(tmp_path, dated(LATER, rules=[rule(), refused()]))
    assert run("import", "--list", "demo", source, *how) == 3
    capsys.readouterr()
    assert run("rules", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)["rules"]
    assert (one["list"], one["version"], one["state"]) == ("demo", 1, "published")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"set": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_set_is_refused_in_a_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    source = tmp_path / "rules.json"
    source.write_bytes(content)
    assert run("import", source, "--kind", "rules") == 2
    assert "rules.json" in capsys.readouterr().err
    assert run("import", "--list", "demo", source, "--kind", "rules") == 3
    assert "refused whole" in capsys.readouterr().err


def test_a_signature_that_is_not_the_owner_s_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"\x0b" * 32)
    source, how = signed(tmp_path, dated(), stranger)
    assert run("import", source, "--kind", "rules", *how) == 3
    assert "not what its owner signed" in capsys.readouterr().err
    source, how = signed(tmp_path, dated())
    source.write_bytes(source.read_bytes() + b"\n")
    assert run("import", source, "--kind", "rules", *how) == 3
    assert "not what its owner signed" in capsys.readouterr().err
    assert run("import", source, "--kind", "rules", *how[:2]) == 3
    assert "its owner's signature is missing" in capsys.readouterr().err


def test_an_older_set_takes_no_newer_one_s_place(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, how = signed(tmp_path, dated(LATER, "2026.03.2"))
    assert run("import", source, "--kind", "rules", *how) == 0
    source, how = signed(tmp_path, dated())
    assert run("import", source, "--kind", "rules", *how) == 3
    assert "version 1 was issued later" in capsys.readouterr().err
    newest, how = signed(tmp_path, dated("2026-03-03T00:00:00+01:00", "2026.03.3"))
    assert run("import", newest, "--kind", "rules", *how) == 0
    assert "in the place of version 1; another administrator must approve it" in capsys.readouterr().out
    assert run("import", "--list", "demo", "--approve", 2) == 2
    monkeypatch.setenv("CHECKPOINT_ADMIN", "b.ejemplo")
    assert run("import", "--list", "demo", "--approve", 2) == 0


def test_a_list_holds_one_set_by_its_name(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "rules.json"
    source.write_bytes(dated())
    assert run("import", "--list", "other", source, "--kind", "rules") == 3
    assert "the set is another, DEMO" in capsys.readouterr().err
    assert run("import", "--list", "DEMO", source, "--kind", "rules") == 3
    source.write_bytes(dated(set="officers"))
    assert run("import", "--list", "officers", source, "--kind", "rules") == 2
    assert "named as its set is" in capsys.readouterr().err
    source.write_bytes(dated(set="A B"))
    assert run("import", source, "--kind", "rules") == 2


def test_a_silent_set_is_not_published(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "rules.json"
    source.write_bytes(dated())
    assert run("import", source, "--kind", "rules", "--silent") == 0
    assert "the centre evaluates it" in capsys.readouterr().out
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: nothing new\n"
    assert run("rules") == 0
    told = capsys.readouterr().out
    assert "silent" in told
    assert "analyst.muestra" in told


def test_a_difference_is_told_by_the_exit_code(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, how = signed(tmp_path, dated())
    assert run("import", source, "--kind", "rules", *how) == 0
    assert run("publish") == 0
    assert run("rules") == 0
    row = {"booth": "demo-3", "chain": 1, "list": "demo", "version": 1, "encounter_id": "e-1"}
    centre = opening.open_centre(folder, PASSPHRASE)
    with centre.begin() as connection:
        told = [
            {**row, "seq": 4, "hit": True, "state": "same"},
            {**row, "seq": 9, "hit": True, "state": "same"},
            {**row, "seq": 12, "hit": False, "state": "differs", "encounter_id": "e-2"},
        ]
        connection.execute(database.evaluations.insert(), told)
    opening.close(centre)
    capsys.readouterr()
    assert run("rules") == 1
    said = "version 1: 2 Encounters, 1 with a hit; 2 evaluations repeated and the same, 1 not the same"
    assert said in capsys.readouterr().out
    assert run("audit") == 0
    assert "rules demo 1: 2 evaluations the same, 1 not the same" in capsys.readouterr().out


def test_a_set_that_can_t_be_read_any_more_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, how = signed(tmp_path, dated())
    assert run("import", source, "--kind", "rules", *how) == 0
    (package,) = (folder / "lists").glob("demo-*.list")
    package.write_bytes(package.read_bytes()[:-1] + b"x")
    capsys.readouterr()
    assert run("rules") == 1
    assert capsys.readouterr().out == "demo 1: ready; it can't be read: import it again\n"


def test_a_case_shows_the_rule_that_hit_and_its_true_conditions() -> None:
    conditions = (Condition("a", "It is of Utopia", Truth.TRUE), Condition("b", "Paid in cash", Truth.UNKNOWN))
    match = RuleMatch("V-014", 2, "Passport about to end", "refer", "Ask when they go back.", conditions)
    assert _rule_rows(match) == [
        "V-014 2  Passport about to end  refer",
        "  It is of Utopia",
        "  Ask when they go back.",
    ]
