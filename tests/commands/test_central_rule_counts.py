"""`checkpoint central rules --counts` and ``--journal``, and the back-test of what that writes."""

from __future__ import annotations

import argparse
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from checkpoint_app.central import acts, alarms, database, importing, opening, publishing, rule_material
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.delivery import receive
from checkpoint_app.central.keeping import Declared
from checkpoint_app.cli import main
from checkpoint_app.commands import central_rule_counts
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.documents import parse_mrz
from checkpoint_app.risk.answering import Evaluated
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.fields import CrossingFacts, traveller_fields
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.verdict import Mode
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind, read_untrusted_header
from checkpoint_app.wire.passphrase import Stretching
from tests.central.chains import Chain, disposition_body, read_body, zone
from tests.central.helpers import START, Clock, enrolled
from tests.central.publishing_helpers import bring_policy
from tests.central.rule_sets import PURPOSE, rule, rule_set

PASSPHRASE = "a passphrase for tests"
DATA = rule_set(
    [
        rule("COL", 'person.nationality == "COL"', second_approver="b.ejemplo", tests=[]),
        rule("BAGS", "bag.weight_kg > 30.5", tests=[]),
        rule("NEVER", 'doc.issuer == "CHL"', tests=[]),
    ]
)
DEMO = Declared("demo", ListKind.RULES, "ECU")


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    """A centre of the tests' own time, with the set in service and a booth at each of two posts."""
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    made = opening.create(tmp_path / "centre", PASSPHRASE, stretching=Stretching(1, 8 * 1024, 1))
    one = Centre(made.folder, made.engine, made.vault, Clock().now)
    importing.import_version(one, DEMO, rule_material.of_rules(DEMO, DATA, None))
    bring_policy(one, least_precision_percent=10, precision_after=5)
    publishing.publish(one)
    try:
        yield one
    finally:
        opening.close(made)


def parsed(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    central_rule_counts.add_arguments(parser)
    return parser.parse_args([str(word) for word in words])


def passed(centre: Centre, chain: Chain, name: str, nationality: str, result: str = "", **more: object) -> None:
    """Write an Encounter as an honest booth does; ``more`` are fields that the centre does not make."""
    lines = zone("PEREZ", nationality=nationality)
    fields = {
        **traveller_fields(parse_mrz(lines, START.date()).document, START.date(), CrossingFacts("in", "2", Mode.LAND)),
        **more,
    }
    with (centre.folder / "lists" / "demo-1.list").open("rb") as file:
        digest = read_untrusted_header(file).payload_digest
    outcomes = Evaluator(load_rules(DATA)).evaluate(fields, START.date(), Mode.LAND, (PURPOSE,))
    told = Evaluated("demo", 1, digest, START.date(), Mode.LAND, (PURPOSE,), outcomes, 9).to_plain(fields)
    chain.add(EventKind.ENCOUNTER_READ, read_body(name, lines))
    chain.add(EventKind.RISK_EVALUATED, {"encounter_id": name, "sets": [told]})
    chain.add(EventKind.DISPOSITION, disposition_body(name) | {"disposition": "refer" if result else "let_pass"})
    if result:
        chain.add(EventKind.INSPECTION_RESULT, {"encounter_id": name, "result": result, "officer": "m.muster"})


@pytest.fixture
def days(centre: Centre) -> Centre:
    """Twelve who were inspected for nothing, three who were not asked, and one consignment."""
    chain, other = Chain.of(enrolled(centre, "demo-3")), Chain.of(enrolled(centre, "pass-1"))
    with centre.begin() as connection:
        connection.execute(update(database.booths).where(database.booths.c.name == "pass-1").values(post="San Miguel"))
    for number in range(12):
        passed(centre, chain, f"e-{number}", "COL", "nothing", **{"bag.weight_kg": 31.25})
        told = {"lane": "2", "day": START.date().isoformat(), "number": number, "commit": "00", "rate": 1}
        chain.add(EventKind.ENCOUNTER_DRAWN, {"encounter_id": f"e-{number}", **told, "selected": number < 2})
    for number in range(3):
        passed(centre, other, f"f-{number}", "PER")
    goods = read_body("g-1", ()) | {"consignment": {"kind": "CUSCAR"}}
    other.add(EventKind.ENCOUNTER_READ, goods)
    other.add(EventKind.DISPOSITION, disposition_body("g-1") | {"disposition": "release"})
    other.add(EventKind.RULE_SUSPENDED, {"set": "demo", "rule": "COL", "version": 1, "why": "rate", "counted": {}})
    passed(centre, other, "f-9", "PER")
    other.add(EventKind.DISPOSITION, disposition_body("f-9") | {"disposition": "withdrawn"})
    receive(centre, "demo-3", chain.batch())
    receive(centre, "pass-1", other.batch())
    return centre


def test_counts_are_told_as_json(days: Centre, capsys: pytest.CaptureFixture[str]) -> None:
    assert central_rule_counts.run(days, parsed("--counts", "--json")) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["days"], told["strange"]) == (30, {})
    assert told["lot"] == {"inspected": 2, "found": 0, "results": {"nothing": 2}}
    assert [one["rule"] for one in told["rules"]] == ["COL", "BAGS", "NEVER"]
    col, bags, never = told["rules"]
    assert (col["subjects"], col["hits"], col["rate"], col["max_hit_rate"]) == (16, 12, 0.75, 0.5)
    assert (col["inspected"], col["found"], col["results"]) == (12, 0, {"nothing": 12})
    assert col["precision"] == {"low": 0.0, "high": 0.2425}
    assert (col["nationalities"], col["cultures"]) == ({"COL": 12}, {"spanish": 12})
    assert [(one["post"], one["hits"], one["subjects"]) for one in col["posts"]] == [
        ("Rumichaca", 12, 12),
        ("San Miguel", 0, 4),
    ]
    assert col["flags"] == ["precision", "one_nationality"]
    assert col["suspended"] == [{"booth": "pass-1", "post": "San Miguel", "why": "rate"}]
    assert (bags["hits"], bags["unknowns"], bags["rate"]) == (12, 4, 0.75)
    assert (never["hits"], never["flags"]) == (0, [])


def test_counts_are_told_as_text_and_what_stands_out_is_an_alarm_once(
    days: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert central_rule_counts.run(days, parsed("--counts", "--set", "demo")) == 1
    told = capsys.readouterr().out
    for line in (
        "the last 30 days; the lot found 0 of 2 (0.0% to 65.8%)",
        "demo COL 1 rule COL",
        "  hits 12 (75.00% of 16; at most 50.00%); could not be evaluated 0",
        "  found 0 of 12 (0.0% to 24.2%); without a result 0",
        "  at San Miguel: hits 0 of 4, found 0 of 0",
        "  hits by nationality: COL 12",
        "  hits by naming custom: spanish 12",
        "  informs only at pass-1 (San Miguel): rate",
        "  ! finds less than the policy's floor",
        "  ! more than 80 % of its hits are of one nationality",
    ):
        assert line in told.splitlines()
    with days.begin() as connection:
        kinds = [one.kind for one in alarms.all(connection) if one.kind == "rule_flagged"]
        on_record = [one.what for one in acts.all(connection) if one.what == "rule flagged"]
    assert len(kinds) == len(on_record) == 4  # two reasons each of COL and of BAGS
    assert central_rule_counts.run(days, parsed("--counts", "--set", "other")) == 0
    assert "no rule was evaluated" in capsys.readouterr().out


def exported(centre: Centre, out: Path, *words: object) -> list[dict[str, Any]]:
    assert central_rule_counts.run(centre, parsed("--journal", out, *words)) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_a_journal_is_written_for_a_back_test_and_one_reads_it(
    days: Centre, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "passages.jsonl"
    lines = exported(days, out)
    told = capsys.readouterr()
    assert told.out == "passages.jsonl: 15 passages\n"
    assert "holds personal data" in told.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sum("result" in one for one in lines) == 12
    assert sum(one.get("drawn", False) for one in lines) == 2
    first = lines[0]
    assert (first["on"], first["lane"], first["result"]) == (START.date().isoformat(), "land", "nothing")
    assert first["subject"]["person"] == {"nationality": "COL", "age": 52}
    assert first["subject"]["bag"] == {"weight_kg": 31.25}
    assert first["subject"]["name"]["tokens"] == ["PEREZ", "ERIKA"]
    assert "e-0" not in out.read_text(encoding="utf-8")

    source = tmp_path / "set.json"
    source.write_bytes(DATA)
    assert main(["rules", "backtest", str(source), "--journal", str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["passages"], report["lot"]) == (15, {"inspected": 2, "found": 0})
    col, bags, never = report["rules"]
    assert col["outcomes"] == {"clear": 3, "hit": 12}
    assert col["precision"]["inspected"] == 12
    assert col["flags"] == ["above_max_hit_rate", "one_nationality"]
    assert bags["outcomes"] == {"hit": 12, "unknown": 3}
    assert never["flags"] == ["never_hit"]
    with days.begin() as connection:
        (act,) = [one for one in acts.all(connection) if one.what == "passages written out"]
    assert dict(act.about) == {"days": 30, "post": "", "subject": "traveller", "passages": 15}


def test_a_journal_is_of_one_post_or_of_goods(days: Centre, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_post = exported(days, tmp_path / "post", "--post", "San Miguel")
    assert [one["subject"]["person"]["nationality"] for one in of_post] == ["PER"] * 3
    goods = exported(days, tmp_path / "goods", "--subject", "consignment", "--json")
    assert [(one["lane"], "person" in one["subject"]) for one in goods] == [("land", False)]
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"passages": 1, "left_out": 0}


def test_a_journal_overwrites_nothing_and_leaves_nothing_half(
    days: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "here"
    out.write_text("mine")
    with pytest.raises(CommandError, match="here: it is there already"):
        central_rule_counts.run(days, parsed("--journal", out))
    assert out.read_text(encoding="utf-8") == "mine"
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CommandError):
        central_rule_counts.run(days, parsed("--journal", tmp_path / "link"))
    with pytest.raises(CommandError, match="No such file"):
        central_rule_counts.run(days, parsed("--journal", tmp_path / "none" / "x"))
    with pytest.raises(Exception, match="no booth is of such a post"):
        central_rule_counts.run(days, parsed("--journal", tmp_path / "nobody", "--post", "Tulcan"))
    assert not (tmp_path / "nobody").exists()
    with pytest.raises(CommandError, match="give a number of days"):
        central_rule_counts.run(days, parsed("--journal", tmp_path / "days", "--days", 0))
    assert not (tmp_path / "elsewhere").exists()


def test_what_says_nothing_sensible_is_left_out_and_counted(
    days: Centre, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = Chain.of(enrolled(days, "demo-9"))
    bad = read_body("e-1", zone()) | {"mrz": ["P<"]}
    chain.add(EventKind.ENCOUNTER_READ, bad)
    chain.add(EventKind.DISPOSITION, disposition_body("e-1"))
    chain.add(EventKind.DISPOSITION, disposition_body("e-2"))
    passed(days, chain, "e-3", "COL")
    receive(days, "demo-9", chain.batch())
    assert len(exported(days, tmp_path / "out")) == 16
    assert "16 passages, 2 Encounters whose events say nothing sensible left out" in capsys.readouterr().out


def test_the_command_knows_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, passphrase = tmp_path / "centre", tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n")
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    made = opening.create(home, PASSPHRASE, stretching=Stretching(1, 8 * 1024, 1))
    opening.close(made)
    where = ["--home", str(home), "--passphrase-file", str(passphrase)]
    assert main(["central", "rules", "--counts", *where]) == 0
    assert "no rule was evaluated" in capsys.readouterr().out
    assert main(["central", "rules", "--journal", str(tmp_path / "out"), *where]) == 0
    assert (tmp_path / "out").read_bytes() == b""
    with pytest.raises(SystemExit):
        main(["central", "rules", "--journal", "x", "--counts", *where])
