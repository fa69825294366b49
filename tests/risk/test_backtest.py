"""The back-test counts what the evaluator says, remembers nothing wrongly, and shows whom rules fall upon."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.cli import main
from checkpoint_app.risk import backtest
from checkpoint_app.risk.backtest import back_test
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.name_culture import culture_of
from checkpoint_app.risk.passages import Passage, read_passages
from checkpoint_app.risk.rules import RuleResult
from checkpoint_app.risk.standing import Result
from checkpoint_app.risk.subjects_file import JsonError
from checkpoint_app.verdict import Truth
from checkpoint_app.verdict.lane import Mode

DAY = date(2026, 3, 10)


def rule(name: str, conditions: dict[str, str], **changes: object) -> dict[str, object]:
    return {
        "id": name,
        "version": 1,
        "title": f"rule {name}",
        "subject": "traveller",
        "purpose": "border_security",
        "legal_basis": "Ley 1, art. 4",
        "owner": "analyst.demo",
        "approver": "chief.demo",
        "starts": "2026-01-01",
        "ends": "2026-12-31",
        "lanes": ["air", "land"],
        "max_hit_rate": 0.2,
        "action": "refer",
        "question": "Ask.",
        "match": "all",
        "conditions": [{"name": key, "cel": cel, "says": key} for key, cel in conditions.items()],
        "tests": [],
        **changes,
    }


RULES = [
    rule("SHORT", {"short": "trip.stay_days < 3", "cash": "pnr.paid_cash"}),
    rule("BAGS", {"bags": "bag.count > 2", "short": "trip.stay_days < 3"}, match="any"),
    rule("SEA", {"short": "trip.stay_days < 3"}, lanes=["sea"]),
    rule("PARTY", {"route": '"UTO" in trip.route', "age": "person.age < 18 || person.age > 90"}),
]


def set_bytes(rules: list[dict[str, object]]) -> bytes:
    top = {"format": "checkpoint-rules/1", "set": "TEST", "version": "1", "issued": "2026-03-01T00:00:00Z"}
    return json.dumps({**top, "fields": "traveller/1", "rules": rules}).encode()


SET = load_rules(set_bytes(RULES))
SUBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "trip.stay_days": st.integers(0, 5),
        "pnr.paid_cash": st.booleans(),
        "bag.count": st.integers(0, 4),
        "person.age": st.sampled_from([17, 40, 91]),
        "trip.route": st.lists(st.sampled_from(["UTO", "XXX"]), max_size=2),
        "person.nationality": st.sampled_from(["UTO", "D"]),
    },
)
PASSAGES = st.lists(
    st.builds(
        Passage,
        on=st.integers(0, 3).map(lambda days: DAY + timedelta(days=days)),
        mode=st.sampled_from(Mode),
        fields=SUBJECTS,
        result=st.none() | st.sampled_from(Result),
        drawn=st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(PASSAGES, st.sampled_from([1, 3, 4096]))
def test_it_counts_just_what_the_evaluator_says(passages, remembered) -> None:
    backtest.MOST_REMEMBERED, before = remembered, backtest.MOST_REMEMBERED
    try:
        found = back_test(SET, passages)
    finally:
        backtest.MOST_REMEMBERED = before
    evaluator = Evaluator(SET)
    outcomes = [evaluator.evaluate(one.fields, one.on, one.mode) for one in passages]
    for place, tally in enumerate(found.rules):
        for result in RuleResult:
            assert tally.outcomes[result] == sum(one[place].outcome is result for one in outcomes)
        for at, counted in enumerate(tally.conditions):
            for truth in Truth:
                asked = [one[place].conditions[at].value for one in outcomes if one[place].conditions]
                assert counted.counts[truth] == asked.count(truth)
    hits = [{one.rule.id for one in row if one.outcome is RuleResult.HIT} for row in outcomes]
    assert found.hit == sum(map(bool, hits))
    assert dict(found.overlaps("SHORT")).get("BAGS", 0) == sum({"SHORT", "BAGS"} <= one for one in hits)
    assert found.passages == len(passages)


def passages_of(*nationalities: str, result: Result | None = None) -> list[Passage]:
    fields = [{"trip.stay_days": 1, "pnr.paid_cash": True, "person.nationality": one} for one in nationalities]
    return [Passage(DAY, Mode.AIR, one, result) for one in fields]


def test_a_rule_whose_hits_are_of_one_nationality_stands_out() -> None:
    short = back_test(SET, passages_of(*["UTO"] * 9, "D", "D")).rules[0]
    assert short.one_nation == "UTO"  # 9 of 11
    assert back_test(SET, passages_of(*["UTO"] * 8, "D", "D")).rules[0].one_nation == ""  # just 80 %
    assert back_test(SET, passages_of(*["UTO"] * 9)).rules[0].one_nation == ""  # too few to say


def test_a_condition_that_nobody_can_evaluate_stands_out() -> None:
    blind = [Passage(DAY, Mode.AIR, {"trip.stay_days": 1})] * 3 + passages_of("UTO", "UTO")
    assert back_test(SET, blind).rules[0].mostly_unknown == ("cash",)
    assert back_test(SET, blind[1:]).rules[0].mostly_unknown == ()


def test_what_inspections_found_is_counted_for_the_rules_that_hit() -> None:
    found = back_test(SET, passages_of("UTO", result=Result.CUSTOMS) + passages_of("D", result=Result.NOTHING))
    count = found.rules[0].count
    assert (count.hits, count.inspected, count.found) == (2, 2, 1)
    assert found.rules[3].count.inspected == 0


def line(**changes: object) -> str:
    plain = {"on": "2026-03-10", "lane": "air", "subject": {"trip": {"stay_days": 1}, "pnr": {"paid_cash": True}}}
    return json.dumps({**plain, **changes})


def test_passages_are_read_a_line_each() -> None:
    lines = [line().encode(), b"\n", line(result="security", drawn=True, lane="sea", id="x").encode()]
    first, second = read_passages(lines)
    assert first == Passage(DAY, Mode.AIR, {"trip.stay_days": 1, "pnr.paid_cash": True})
    assert (second.result, second.drawn, second.mode) == (Result.SECURITY, True, Mode.SEA)


@pytest.mark.parametrize(
    "bad",
    [
        "[1]",
        "{",
        '{"on": "x"}',
        line(on=None),
        line(lane="rail"),
        line(subject=3),
        line(result="much"),
        "é".encode("latin-1"),
    ],
)
def test_a_line_that_is_no_passage_is_named(bad) -> None:
    data = bad if isinstance(bad, bytes) else bad.encode()
    with pytest.raises(JsonError, match=r"^line 2: "):
        list(read_passages([line().encode(), data]))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    rules, journal = tmp_path / "set.json", tmp_path / "journal.jsonl"
    rules.write_bytes(set_bytes(RULES))
    names = {"name": {"tokens": ["PEREZ", "JUAN"]}, "person": {"nationality": "UTO"}}
    with_names = {"trip": {"stay_days": 1}, "pnr": {"paid_cash": True}, **names}
    journal.write_text("\n".join([line(subject=with_names, result="customs")] * 12 + [line(subject={})] * 3))
    return rules, journal


def test_the_command_tells_all_of_it(files, capsys) -> None:
    rules, journal = files
    assert main(["rules", "backtest", str(rules), "--journal", str(journal), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    short = told["rules"][0]
    assert (told["passages"], told["days"], told["hit"]) == (15, 1, 12)
    assert short["outcomes"] == {"hit": 12, "unknown": 3}
    assert short["hits_per_day"] == {"mean": 12.0, "most": 12}
    assert short["precision"]["found"] == 12
    assert short["nationalities"] == [{"name": "UTO", "hits": 12, "rate": 1.0}]
    assert short["cultures"] == [{"name": "spanish", "hits": 12, "rate": 1.0}]
    assert short["flags"] == ["above_max_hit_rate", "one_nationality"]
    assert short["overlaps"] == [{"rule": "BAGS", "hits": 12}]
    assert told["rules"][2]["flags"] == ["never_hit"]


def test_the_command_tells_it_in_words(files, capsys) -> None:
    rules, journal = files
    assert main(["rules", "backtest", str(rules), "--journal", str(journal)]) == 0
    told = capsys.readouterr().out
    assert "15 passages on 1 days; 12 hit by a rule (80.00%)" in told
    assert "  ! more than 80 % of its hits are of one nationality" in told
    assert "  found 12 of 12 inspected" in told


@pytest.mark.parametrize("content", [None, "", "x\n"])
def test_a_journal_that_cannot_be_used_is_named_in_one_line(files, content, capsys) -> None:
    rules, journal = files
    if content is None:
        journal.unlink()
    else:
        journal.write_text(content)
    assert main(["rules", "backtest", str(rules), "--journal", str(journal)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "journal.jsonl" in told


@pytest.mark.parametrize(
    ("name", "culture"),
    [
        ("PEREZ GOMEZ JUAN", "spanish"),
        ("DE LA CRUZ ANA", "spanish"),
        ("AL HARBI SAMI", "arabic"),
        ("IVANOVA OLGA", "slavic"),
        ("JEAN BAPTISTE WIDE", "haitian"),
        ("ZHANG WEI", "chinese"),
        ("SMITH JOHN", "other"),
        ("", "other"),
    ],
)
def test_names_are_guessed_by_their_custom(name, culture) -> None:
    assert culture_of(name.split()) == culture
