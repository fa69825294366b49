"""`checkpoint rules check|run`: exactly the answers and exit codes that scripts outside expect."""

import json
import os
from pathlib import Path

import pytest

from checkpoint_app.cli import main
from checkpoint_app.resources import resource_path
from tests.risk.rule_files import of_cel, rule, rule_set

DATA = Path(os.environ.get("CHECKPOINT_DATA", "")) / "risk" / "rules"
CASES = ("d01_all_three_valued", "d02_any", "d03_bad_field_refuses_whole_set", "d04_bad_type", "d05_not_in_force",
         "d06_cargo")  # fmt: skip


def run(capsys, *arguments):
    """Exit code, what was printed, what was complained of."""
    try:
        code = main(["rules", *map(str, arguments)])
    except SystemExit as end:
        code = end.code
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def files(tmp_path):
    """Write a rule set and subjects; returns the command's arguments."""

    def write(data, subjects):
        (tmp_path / "set.json").write_bytes(data)
        (tmp_path / "subjects.json").write_bytes(
            subjects if isinstance(subjects, bytes) else json.dumps({"subjects": subjects}).encode()
        )
        return "run", tmp_path / "set.json", tmp_path / "subjects.json", "--on", "2026-03-10", "--lane", "air", "--json"

    return write


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="CHECKPOINT_DATA names no reference data")
@pytest.mark.parametrize("name", CASES)
def test_the_cases_given_come_out_exactly(capsys, name):
    case = json.loads((DATA / f"{name}.case.json").read_text())
    where = ("--on", case["on"], "--lane", case["lane"], "--json")
    code, out, _ = run(capsys, "run", DATA / case["rules"], DATA / case["subjects"], *where)
    answer = json.loads(out)
    assert answer["loaded"] is case["loads"]
    assert code == (0 if case["loads"] else 3)
    if not case["loads"]:
        assert [{"rule": one["rule"], "code": one["code"]} for one in answer["errors"]] == case["errors"]
        return
    assert len(answer["results"]) == len(case["results"])
    for found, expected in zip(answer["results"], case["results"], strict=True):
        assert (found["subject"], found["rule"]) == (expected["subject"], expected["rule"])
        assert found["outcome"] == expected["outcome"]
        values = {one["name"]: one["value"] for one in found["conditions"]}
        assert expected.get("conditions", {}).items() <= values.items()
        missing = sorted(name for one in found["conditions"] for name in one["missing"])
        assert missing == expected.get("missing", [])


def test_run_prints_every_condition_and_the_names_that_nobody_knows(capsys, files):
    subjects = [{"id": "a", "trip": {"stay_days": 1}}, {"id": "b", "trip": {"stay_dayz": 1}, "x": 1}]
    code, out, err = run(capsys, *files(rule_set(of_cel("trip.stay_days < 3", "pnr.paid_cash")), subjects))
    assert (code, err) == (0, "")
    unknown = {"name": "c1", "value": "unknown", "missing": ["pnr.paid_cash"]}
    assert json.loads(out) == {
        "loaded": True,
        "results": [
            {
                "subject": "a",
                "rule": "T-001",
                "outcome": "unknown",
                "conditions": [{"name": "c0", "value": "true", "missing": []}, unknown],
            },
            {
                "subject": "b",
                "rule": "T-001",
                "outcome": "unknown",
                "conditions": [{"name": "c0", "value": "unknown", "missing": ["trip.stay_days"]}, unknown],
            },
        ],
        "ignored": [{"subject": "b", "names": ["trip.stay_dayz", "x"]}],
    }


def test_a_bad_set_is_refused_whole_with_3_and_every_fault(capsys, files):
    data = rule_set(rule(id="a", match="x", legal_basis=""), of_cel("trip.x", id="b"))
    code, out, err = run(capsys, *files(data, [{"id": "a"}]))
    assert code == 3
    errors = [
        {"rule": "a", "code": "bad_match", "where": "match"},
        {"rule": "a", "code": "missing_legal_basis", "where": "legal_basis"},
        {"rule": "b", "code": "unknown_field", "where": "condition c0"},
    ]
    assert json.loads(out) == {"loaded": False, "errors": errors}
    assert err == "checkpoint: set.json: refused whole: the rule set has 3 faults\n"
    code, out, _ = run(capsys, "check", files(data, [])[1])
    assert (code, json.loads(out)["errors"]) == (3, errors)


def test_check_tells_what_a_good_set_is(capsys, files):
    odd = {"subject": {"trip": {"stay_days": 1}, "x": 1}, "expect": "hit"}
    code, out, err = run(capsys, "check", files(rule_set(rule(tests=[odd])), [])[1])
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert len(told.pop("digest")) == 64
    assert told == {
        "loaded": True,
        "set": "muster",
        "version": "2026.03.1",
        "issued": "2026-03-01T00:00:00+00:00",
        "fields": "traveller/1",
        "rules": 1,
        "tests": 1,
        "ignored": ["x"],
    }


def test_without_json_it_tells_what_an_officer_would_be_told(capsys, files):
    subjects = [{"id": "a", "trip": {"stay_days": 1}}, {"id": "b"}, {"id": "c", "trip": {"stay_days": 9}}]
    arguments = files(rule_set(rule(), rule(id="sea", lanes=["sea"])), subjects)[:-1]
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert out.splitlines() == [
        "a: 1 rules in force, 1 to tell",
        "  hit: T-001 A short stay: Stay under 3 days",
        "b: 1 rules in force, 1 to tell",
        "  unknown: T-001 A short stay: could not be checked: Stay under 3 days (trip.stay_days not received)",
        "c: 1 rules in force, 0 to tell",
    ]


def test_a_condition_that_comes_to_no_value_blames_no_field(capsys, files):
    stay = rule(tests=[], conditions=[{"name": "a", "cel": "10 / trip.stay_days > 3", "says": "A short stay"}])
    _, out, _ = run(capsys, *files(rule_set(stay), [{"id": "a", "trip": {"stay_days": 0}}])[:-1])
    assert out.splitlines()[1].endswith("could not be checked: A short stay (it comes to no value)")


@pytest.mark.parametrize(
    ("subjects", "where"),
    [
        (b"", {"line": 1, "column": 1}),
        (b'{"subjects":\n}', {"line": 2, "column": 1}),
        (b"[]", {}),
        (b'{"subjects": 1}', {}),
        (b'{"subjects": [{"id": "a"}, {"id": 1}]}', {"subject": 2}),
        (b" \xff", {"byte": 1}),
    ],
    ids=range(6),
)
def test_subjects_that_cannot_be_read_are_2_and_one_line(capsys, files, subjects, where):
    code, out, err = run(capsys, *files(rule_set(rule()), subjects))
    assert code == 2
    told = json.loads(out)
    assert (told["where"], f"checkpoint: {told['error']}\n") == (where, err)
    assert err.startswith("checkpoint: subjects.json: ")
    assert err.count("\n") == 1


def test_bad_usage_is_2_and_one_line(capsys, files, tmp_path):
    good = files(rule_set(rule()), [])
    for wrong in (
        (*good[:3], "--on", "2026-02-30", "--lane", "air"),
        (*good[:3], "--on", "20260310", "--lane", "air"),
        (*good[:3], "--on", "2026-03-10", "--lane", "rail"),
        good[:3],
        ("run", good[1], tmp_path / "nobody.json", "--on", "2026-03-10", "--lane", "air"),
        (),
    ):
        code, out, err = run(capsys, *wrong)
        assert (code, out, err.count("\n")) == (2, "", 1), wrong


def test_a_set_that_is_no_file_is_2_and_told_as_json(capsys, tmp_path):
    for path in (tmp_path / "nobody.json", tmp_path):
        code, out, err = run(capsys, "check", path)
        assert (code, json.loads(out)["where"], err.count("\n")) == (2, {}, 1)


def test_a_file_larger_than_is_read_is_2(capsys, files, monkeypatch):
    monkeypatch.setattr("checkpoint_app.risk.loading.MOST_BYTES", 10)
    code, _, err = run(capsys, "check", files(rule_set(rule()), [])[1])
    assert (code, err) == (2, "checkpoint: set.json: larger than 0 MiB: split it\n")


@pytest.mark.parametrize("name", ["traveller", "consignment"])
def test_the_rules_of_the_demo_load(capsys, name):
    assert run(capsys, "check", resource_path(f"demo/rules/{name}.json"))[0] == 0
