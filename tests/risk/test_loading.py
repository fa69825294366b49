"""A set loads whole, or is refused whole with every fault by its code."""

import hashlib
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.risk.faults import Code, RuleSetError
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.rules import Action, Match, RuleResult
from checkpoint_app.verdict.lane import Mode
from tests.risk.rule_files import codes, condition, faults, of_cel, rule, rule_set

RUNAWAY = "[1,2,3,4,5,6,7,8,9].all(a, " * 5 + "a > 0" + ")" * 5
HIT = {"subject": {"trip": {"stay_days": 1}}, "expect": "hit"}
CLEAR = {"subject": {"trip": {"stay_days": 9}}, "expect": "clear"}


def test_a_set_without_fault_loads_with_all_that_it_says():
    data = rule_set(rule(second_approver="chief.zwei", tests=[HIT, CLEAR], lanes=["sea", "air"]))
    loaded = load_rules(data)
    assert (loaded.set, loaded.version, loaded.fields.name) == ("muster", "2026.03.1", "traveller/1")
    assert loaded.issued == datetime(2026, 3, 1, tzinfo=UTC)
    assert loaded.digest == hashlib.sha256(data).hexdigest()
    (one,) = loaded.rules
    assert (one.id, one.version, one.title, one.subject) == ("T-001", 1, "A short stay", "traveller")
    assert (one.purpose, one.legal_basis, one.question) == ("border_security", "Ley 1, art. 4", "Ask about the trip.")
    assert (one.owner, one.approver, one.second_approver) == ("analyst.muster", "chief.ejemplo", "chief.zwei")
    assert (one.starts, one.ends, one.max_hit_rate) == (date(2026, 1, 1), date(2026, 12, 31), 0.02)
    assert (one.lanes, one.action, one.match) == ((Mode.AIR, Mode.SEA), Action.REFER, Match.ALL)
    assert [(c.name, c.cel, c.says, c.reads) for c in one.conditions] == [
        ("short", "trip.stay_days < 3", "Stay under 3 days", ("trip.stay_days",))
    ]
    assert [(v.fields, v.expect) for v in one.tests] == [
        ({"trip.stay_days": 1}, RuleResult.HIT),
        ({"trip.stay_days": 9}, RuleResult.CLEAR),
    ]
    assert loaded.ignored == ()


FAULTY = [
    (of_cel("trip.stay_dayz < 3"), {"unknown_field"}),
    (of_cel("trip.stay_days_x < 3"), {"unknown_field"}),
    (of_cel("hist.days_over > 0"), {"unknown_field"}),  # of traveller/2
    (of_cel('doc.issuer.lowerAscii() == "a"'), {"unknown_field"}),
    (of_cel("doc"), {"unknown_field"}),
    (of_cel("doc.issuer > 3"), {"type_error"}),
    (of_cel("bag.weight_kg > 3"), {"type_error"}),
    (of_cel("doc.issuer == null"), {"type_error"}),
    (of_cel('doc.issuer.letters == "a"'), {"type_error"}),
    (of_cel("trip.stay_dayz < 3 && doc.issuer > 3"), {"unknown_field", "type_error"}),
    (of_cel("trip.stay_days"), {"not_boolean"}),
    (of_cel("dyn(pnr.paid_cash)"), {"not_boolean"}),
    (of_cel("has(doc.issuer)"), {"not_boolean"}),
    (of_cel("trip.stay_days <"), {"syntax_error"}),
    (of_cel('doc.issuer = "undeclared reference"'), {"syntax_error"}),
    (of_cel('doc.issuer > 3 || "ERROR: <input>:1:1: undeclared reference" == "a"'), {"type_error"}),
    (of_cel('doc.issuer > "undeclared reference'), {"syntax_error"}),
    (of_cel(""), {"syntax_error"}),
    (of_cel('doc.issuer == "a'), {"syntax_error"}),
    (of_cel("(" * 40 + "true" + ")" * 40), {"syntax_error"}),
    (of_cel('doc.issuer == "' + "a" * 500 + '"'), {"syntax_error"}),
    (of_cel('doc.issuer == "\ud800"'), {"syntax_error"}),
    (of_cel('doc.issuer.matches("a(")'), {"syntax_error"}),
    (of_cel('pnr.paid_cash && doc.issuer.matches("(?=a)")'), {"syntax_error"}),
    (of_cel(RUNAWAY), {"test_failed"}),
    (rule(conditions=[condition(None)]), {"syntax_error"}),
    (rule(conditions=[condition(7)]), {"syntax_error"}),
    (rule(conditions=[]), {"no_conditions"}),
    (rule(conditions=...), {"no_conditions"}),
    (rule(conditions={"short": "true"}), {"no_conditions"}),
    (rule(conditions=[condition(name=f"c{at}") for at in range(13)]), {"no_conditions"}),
    (rule(conditions=["trip.stay_days < 3"]), {"syntax_error", "type_error"}),
    (rule(conditions=[condition(name=" ")]), {"type_error"}),
    (rule(conditions=[condition(says=None)]), {"type_error"}),
    (rule(conditions=[condition(), condition("pnr.paid_cash")]), {"duplicate_condition"}),
    (rule(approver="analyst.muster"), {"approver_is_owner"}),
    (rule(approver=" Analyst.MUSTER "), {"approver_is_owner"}),
    (rule(approver=...), {"approver_is_owner"}),
    (rule(owner=...), {"approver_is_owner"}),
    (rule(owner=..., approver=...), {"approver_is_owner"}),
    (rule(owner=7), {"approver_is_owner"}),
    (rule(second_approver="Analyst.Muster"), {"approver_is_owner"}),
    (rule(second_approver=["x"]), {"type_error"}),
    (rule(legal_basis=...), {"missing_legal_basis"}),
    (rule(legal_basis=" \t"), {"missing_legal_basis"}),
    (rule(legal_basis=None), {"missing_legal_basis"}),
    (rule(legal_basis=4), {"missing_legal_basis"}),
    (rule(starts=...), {"bad_dates"}),
    (rule(ends=None), {"bad_dates"}),
    (rule(starts="2027-01-01"), {"bad_dates"}),
    (rule(starts="2026-02-30"), {"bad_dates"}),
    (rule(starts="2026-1-1"), {"bad_dates"}),
    (rule(starts="20260101"), {"bad_dates"}),
    (rule(ends="2026-12-31T00:00:00Z"), {"bad_dates"}),
    (rule(ends=20261231), {"bad_dates"}),
    *[
        (rule(max_hit_rate=rate), {"bad_max_hit_rate"})
        for rate in (0, -0.1, 1.01, True, "0.1", None, ..., [0.1], 10**400)
    ],
    *[(rule(match=match), {"bad_match"}) for match in ("most", "ALL", "", None, ..., True, ["all"])],
    (rule(action="refuse"), {"type_error"}),
    (rule(action=...), {"type_error"}),
    (rule(lanes=[]), {"type_error"}),
    (rule(lanes=["rail"]), {"type_error"}),
    (rule(lanes="land"), {"type_error"}),
    (rule(lanes=[["land"]]), {"type_error"}),
    (rule(subject="consignment"), {"type_error"}),
    (rule(version="1"), {"type_error"}),
    (rule(version=True), {"type_error"}),
    (rule(title=""), {"type_error"}),
    (rule(title="an escape \x1b[2J"), {"type_error"}),
    (rule(question=...), {"type_error"}),
    (rule(purpose=...), {"type_error"}),
    (rule(tests=[HIT, {**CLEAR, "expect": "hit"}]), {"test_failed"}),
    (rule(tests=[{"subject": {}, "expect": "clear"}]), {"test_failed"}),
    (rule(tests=[{**HIT, "expect": "not_in_force"}]), {"test_failed"}),
    (rule(tests=[{**HIT, "expect": ["hit"]}]), {"test_failed"}),
    (rule(tests=[{"expect": "hit"}]), {"test_failed"}),
    (rule(tests=[7]), {"test_failed"}),
    (rule(tests={"subject": {}}), {"test_failed"}),
    (rule(tests=[HIT] * 201), {"test_failed"}),
    (rule(approver=..., legal_basis="", match="x", max_hit_rate=0, tests=[7]),
     {"approver_is_owner", "missing_legal_basis", "bad_match", "bad_max_hit_rate", "test_failed"}),
]  # fmt: skip


@pytest.mark.parametrize(("plain", "expected"), FAULTY, ids=range(len(FAULTY)))
def test_each_fault_of_a_rule_has_its_code(plain, expected):
    assert codes(plain) == expected


@pytest.mark.parametrize(
    "plain",
    [
        rule(max_hit_rate=1),
        rule(tests=...),
        rule(starts="2026-05-05", ends="2026-05-05"),
        rule(title="Un título con espacio\u00a0fijo"),
        rule(second_approver=None),
        rule(second_approver=" "),
        rule(note="a key of a later time"),
        rule(conditions=[condition(name=f"c{at}") for at in range(12)]),
        of_cel('doc.issuer == "' + "a" * 480 + '"'),
        of_cel("trip.stay_days / bag.count > 3"),
        of_cel("trip.route[5] == 'AAA'"),
        of_cel("trip.route.all(a, trip.route.all(b, a != b))"),
    ],
    ids=range(12),
)
def test_what_is_no_fault_loads(plain):
    assert codes(plain) == set()


WHOLE = [
    (b"", "syntax_error"),
    (b"[]", "syntax_error"),
    (b"{", "syntax_error"),
    (b"\xff\xfe{}", "syntax_error"),
    (b"\xef\xbb\xbf" + rule_set(), "syntax_error"),
    (rule_set(rule(max_hit_rate=float("nan"))), "syntax_error"),
    (b"[" * 100_000, "syntax_error"),
    (b"9" * 5_000, "syntax_error"),
    (rule_set(rule()).replace(b'"set"', b'"set": "x", "set"'), "syntax_error"),
    (rule_set(rule()).replace(b'"action"', b'"action": "inform", "action"'), "syntax_error"),
    (rule_set(rule(), format="checkpoint-rules/2"), "syntax_error"),
    (rule_set(rule(), format=...), "syntax_error"),
    (rule_set(rule(), fields="traveller/9"), "unknown_field"),
    (rule_set(rule(), fields=["traveller/1"]), "unknown_field"),
    (rule_set(rules=...), "type_error"),
    (rule_set(rules={"T-001": {}}), "type_error"),
    (rule_set(rule(), set=" "), "type_error"),
    (rule_set(rule(), version=3), "type_error"),
    (rule_set(rule(), issued="yesterday"), "bad_dates"),
    (rule_set(rule(), issued="2026-03-01T00:00:00"), "bad_dates"),
    (rule_set(rule(), issued=7), "bad_dates"),
]


@pytest.mark.parametrize(("data", "code"), WHOLE, ids=range(len(WHOLE)))
def test_a_fault_of_the_file_as_a_whole_names_no_rule(data, code):
    assert faults(data) == [("", code)]


def test_a_file_too_large_and_too_many_rules_are_refused_unread(monkeypatch):
    monkeypatch.setattr("checkpoint_app.risk.loading.MOST_RULES", 2)
    assert faults(rule_set(rule(id="a"), rule(id="b"))) == []
    assert faults(rule_set(rule(id="a"), rule(id="b"), rule(id="c", match="x"))) == [("", "syntax_error")]
    monkeypatch.setattr("checkpoint_app.risk.loading.MOST_BYTES", 100)
    assert faults(rule_set(rule())) == [("", "syntax_error")]


def test_all_faults_of_all_rules_are_listed_in_their_order_each_code_once_a_rule():
    data = rule_set(
        rule(id="good", tests=[HIT]),
        of_cel("trip.stay_dayz < 3", "trip.x", "doc.issuer > 3", id="a", match="x"),
        rule(id="b", starts="2027-01-01"),
        rule(id="good"),
        rule(id="b", legal_basis=""),
        rule(id="b"),
        7,
        rule(id=["x"]),
        version=None,
    )
    found = faults(data)
    assert found[0] == ("", "type_error")
    assert set(found[1:4]) == {("a", "unknown_field"), ("a", "type_error"), ("a", "bad_match")}
    assert found[4:8] == [
        ("b", "bad_dates"),
        ("good", "duplicate_id"),
        ("b", "duplicate_id"),
        ("b", "missing_legal_basis"),
    ]
    assert {code for name, code in found[8:] if name == "#7"} >= {"type_error", "no_conditions", "bad_match"}
    assert found[-1] == ("#8", "type_error")
    assert found.count(("b", "duplicate_id")) == 1


def test_a_fault_tells_where_in_the_rule_to_look():
    with pytest.raises(RuleSetError) as refused:
        load_rules(rule_set(of_cel("trip.x", "trip.y", tests=[HIT])))
    assert [(fault.code, fault.where) for fault in refused.value.faults] == [
        (Code.UNKNOWN_FIELD, "condition c0, condition c1")
    ]


def test_one_bad_rule_of_each_kind_is_refused_with_every_code_in_one_answer():
    kinds = {
        "unknown_field": of_cel("trip.stay_dayz < 3"),
        "type_error": of_cel("doc.issuer > 3"),
        "not_boolean": of_cel("trip.stay_days"),
        "syntax_error": of_cel("trip.stay_days <"),
        "approver_is_owner": rule(approver="analyst.muster"),
        "missing_legal_basis": rule(legal_basis=...),
        "bad_dates": rule(ends="2025-01-01"),
        "bad_max_hit_rate": rule(max_hit_rate=2),
        "test_failed": rule(tests=[{**HIT, "expect": "clear"}]),
        "no_conditions": rule(conditions=[]),
        "duplicate_condition": rule(conditions=[condition(), condition()]),
        "bad_match": rule(match="most"),
    }
    rules = [{**plain, "id": code} for code, plain in kinds.items()]
    expected = [(code, code) for code in kinds] + [("twice", "duplicate_id"), ("runaway", "test_failed")]
    data = rule_set(*rules, rule(id="twice"), rule(id="twice"), of_cel(RUNAWAY, id="runaway"))
    assert faults(data) == expected
    others = {Code.NEEDS_SECOND_APPROVER, Code.NEVER_FIRES}
    assert {code for _, code in expected} | others == set(Code)


SENSITIVE = ('person.nationality == "UTO"', "person.age < 30", 'name.tokens.exists(t, t == "MUSTER")')


@pytest.mark.parametrize("texts", [SENSITIVE[:1], SENSITIVE[1:2], SENSITIVE[2:], SENSITIVE, (SENSITIVE[0], "true")])
def test_a_rule_on_what_a_person_is_needs_a_second_approver(texts):
    assert codes(of_cel(*texts)) == {"needs_second_approver"}
    assert codes(of_cel(*texts, second_approver="chief.zwei")) == set()
    assert codes(of_cel(*texts, second_approver=" Chief.Ejemplo ")) == {"needs_second_approver"}
    assert codes(of_cel(*texts, "trip.stay_days < 3")) == set()


def test_a_field_named_in_a_text_or_a_comment_does_not_spare_the_second_approver():
    assert codes(of_cel('person.nationality == "trip.stay_days" // doc.type')) == {"needs_second_approver"}


def test_vectors_without_a_hit_never_fire():
    assert codes(rule(tests=[CLEAR])) == {"never_fires"}
    assert codes(rule(tests=[CLEAR, HIT])) == set()
    assert codes(rule(tests=[])) == set()


def test_the_two_further_codes_come_only_without_other_faults_and_then_all_of_them():
    doubtful = of_cel(SENSITIVE[0], id="s", tests=[{"subject": {"person": {"nationality": "GBR"}}, "expect": "clear"}])
    assert faults(rule_set(doubtful, rule(tests=[CLEAR]))) == [
        ("s", "needs_second_approver"),
        ("s", "never_fires"),
        ("T-001", "never_fires"),
    ]
    assert faults(rule_set(doubtful, rule(match="x"))) == [("T-001", "bad_match")]
    assert faults(rule_set(doubtful, rule(), version=1)) == [("", "type_error")]


def test_vectors_are_run_whatever_date_and_lane_and_with_missing_for_wrong_types():
    hit = {"subject": {"trip": {"stay_days": 1}}, "expect": "hit"}
    unknowns = [{"subject": {"trip": {"stay_days": bad}}, "expect": "unknown"} for bad in ("1", True, 1.0, None, [1])]
    assert codes(rule(starts="2001-01-01", ends="2001-01-02", lanes=["sea"], tests=[hit, *unknowns])) == set()


def test_names_of_vectors_that_the_catalogue_does_not_know_are_told_and_are_no_fault():
    odd = {"subject": {"id": "a", "trip": {"stay_days": 1, "stay_dayz": 1}, "x": {"y": {"z": 1}}}, "expect": "hit"}
    assert load_rules(rule_set(rule(tests=[odd]))).ignored == ("trip.stay_dayz", "x.y.z")


def test_the_example_of_the_docs_loads_and_every_code_is_explained_there():
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert [rule.id for rule in load_rules(example.encode()).rules] == ["T-001"]
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(Code)


def test_a_set_of_no_rules_loads():
    assert load_rules(rule_set()).rules == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["all", "true"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*rule(), "cel", "name", "x"]), inner),
    max_leaves=8,
)


@given(st.binary(max_size=200))
def test_any_bytes_load_or_are_refused(data):
    assert faults(data) == [("", "syntax_error")]


@given(st.sampled_from(list(rule())), JSON)
def test_any_value_of_any_key_of_a_rule_loads_or_is_refused(key, value):
    data = json.dumps(json.loads(rule_set(rule())) | {"rules": [rule() | {key: value}]}).encode()
    assert {code for _, code in faults(data)} <= set(Code)


@given(st.sampled_from(list(json.loads(rule_set()))), JSON)
def test_any_value_of_any_key_of_a_set_loads_or_is_refused(key, value):
    data = json.dumps(json.loads(rule_set(rule())) | {key: value}).encode()
    assert {code for _, code in faults(data)} <= set(Code)


@given(st.text(alphabet="()[]{}\"'`\\.,!&|<>=+-*/%?: \n0159eusrbdoc.issuertrp_yx", max_size=60) | st.text(max_size=30))
def test_any_text_for_a_condition_loads_or_is_refused(text):
    assert codes(of_cel(text)) <= {"unknown_field", "type_error", "not_boolean", "syntax_error", "test_failed"}


@given(st.data())
def test_a_set_cut_or_changed_at_any_byte_loads_or_is_refused(data):
    whole = bytearray(rule_set(rule(tests=[HIT]), of_cel("doc.issuer == 'A'", "pnr.paid_cash", id="b")))
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        assert faults(bytes(whole[:at])) == [("", "syntax_error")]
    else:
        whole[at] = data.draw(st.integers(0, 255))
        assert {code for _, code in faults(bytes(whole))} <= set(Code)
