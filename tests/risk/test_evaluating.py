"""Three values: what was not received is unknown, never false, and every condition is on record."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.risk import evaluating
from checkpoint_app.risk.cel import Program
from checkpoint_app.risk.evaluating import Evaluator, fold
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.rules import Match, RuleResult
from checkpoint_app.verdict import Condition, Truth
from checkpoint_app.verdict.lane import Mode
from tests.risk.rule_files import DAY, condition, of_cel, rule, rule_set


def outcomes(data, fields, on=DAY, mode=Mode.LAND, purposes=None):
    return Evaluator(load_rules(data)).evaluate(fields, on, mode, purposes)


def asked(text, fields, catalogue="traveller/2"):
    """What one condition comes to: (value, missing)."""
    subject = catalogue.partition("/")[0]
    (outcome,) = outcomes(rule_set(of_cel(text, subject=subject), fields=catalogue), fields)
    (condition,) = outcome.conditions
    return condition.value.value, condition.missing


TRAPS = [
    ("pnr.paid_cash", {}, ("unknown", ("pnr.paid_cash",))),
    ("!pnr.paid_cash", {}, ("unknown", ("pnr.paid_cash",))),
    ("pnr.paid_cash == false", {}, ("unknown", ("pnr.paid_cash",))),
    ("pnr.paid_cash", {"pnr.paid_cash": False}, ("false", ())),
    ("pnr.paid_cash && false", {}, ("false", ())),
    ("pnr.paid_cash || true", {}, ("true", ())),
    ("pnr.paid_cash || trip.one_way", {"trip.one_way": True}, ("true", ())),
    ("pnr.paid_cash && trip.one_way", {"trip.one_way": True}, ("unknown", ("pnr.paid_cash",))),
    ("pnr.paid_cash ? true : trip.one_way", {"pnr.paid_cash": True}, ("true", ())),
    ("pnr.paid_cash ? true : true", {}, ("unknown", ("pnr.paid_cash",))),
    ('trip.route.exists(p, p == "AAA")', {}, ("unknown", ("trip.route",))),
    ('trip.route.all(p, p == "AAA")', {}, ("unknown", ("trip.route",))),
    ('trip.route.exists(p, p == "AAA")', {"trip.route": []}, ("false", ())),
    ('trip.route.all(p, p == "AAA")', {"trip.route": []}, ("true", ())),
    ('trip.route.exists(p, p == "AAA")', {"trip.route": ("AAA", "BBB")}, ("true", ())),
    ('"AAA" in trip.route', {"trip.route": ["BBB", "AAA"]}, ("true", ())),
    ('trip.route[2] == "AAA"', {"trip.route": ["AAA"]}, ("unknown", ())),
    ("size(trip.route) == 0", {}, ("unknown", ("trip.route",))),
    ("trip.route.exists(p, p == doc.issuer)", {"trip.route": ["A"]}, ("unknown", ("doc.issuer",))),
    ('doc.issuer in ["UTO", "XXA"]', {"doc.issuer": "XXA"}, ("true", ())),
    ('doc.issuer.matches("^U[A-Z]{2}$")', {"doc.issuer": "UTO"}, ("true", ())),
    ('doc.issuer.matches("(x+x+)+y")', {"doc.issuer": "x" * 50_000}, ("false", ())),
    ("trip.stay_days / bag.count > 1", {"trip.stay_days": 4, "bag.count": 0}, ("unknown", ())),
    ("trip.stay_days / bag.count > 1", {"trip.stay_days": 4}, ("unknown", ("bag.count",))),
    ("trip.stay_days / bag.count > 1 || true", {"trip.stay_days": 4, "bag.count": 0}, ("true", ())),
    ("trip.stay_days + 9223372036854775807 > 1", {"trip.stay_days": 4}, ("unknown", ())),
    ("dyn(doc.issuer) > 3", {"doc.issuer": "UTO"}, ("unknown", ())),
    ("bag.weight_kg > 2.5", {"bag.weight_kg": 3}, ("true", ())),
    ("bag.weight_kg == 3.0", {"bag.weight_kg": 3}, ("true", ())),
    ("double(bag.count) / 2.0 > 1.4", {"bag.count": 3}, ("true", ())),
    ('doc.issuer == "pnr.paid_cash" // pnr.agency', {}, ("unknown", ("doc.issuer",))),
    ("doc.issuer == r'''doc.type \\d'''", {}, ("unknown", ("doc.issuer",))),
    ("doc . issuer == 'A' || doc.`type` == 'B'", {}, ("unknown", ("doc.issuer", "doc.type"))),
    ("trip.mode == 'AIR' || doc.crossings_90d > 3", {}, ("unknown", ("doc.crossings_90d", "trip.mode"))),
    ("{'doc': {'type': pnr.agency}}.doc.type == 'A'", {}, ("unknown", ("pnr.agency",))),
    ("true", {}, ("true", ())),
    ("1 / 0 == 1", {}, ("unknown", ())),
    ("trip.route.all(a, trip.route.all(b, a == b))", {"trip.route": ["A"] * 200}, ("unknown", ())),
    ('doc.issuer == "Ñ\\u00df\u202e"', {"doc.issuer": "Ñß\u202e"}, ("true", ())),
    ('doc.issuer == ""', {"doc.issuer": ""}, ("true", ())),
    ('doc.issuer == "A"', {"doc.issuer": "A\0B"}, ("unknown", ("doc.issuer",))),  # the engine would cut it, and be true
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields", "expected"), TRAPS, ids=range(len(TRAPS)))
def test_a_condition_comes_to_what_is_known(text, fields, expected):
    assert asked(text, fields) == expected


WRONG = [
    ("doc.issuer == 'A'", "doc.issuer", (None, 1, True, ["A"], b"A", {"x": 1}, "\ud800")),
    ("bag.count > 0", "bag.count", (None, True, 1.0, "1", [1], 1 << 63, -(1 << 63) - 1, 10**400)),
    ("bag.weight_kg > 0.0", "bag.weight_kg", (None, True, "1", float("nan"), float("inf"), 10**400)),
    ("pnr.paid_cash", "pnr.paid_cash", (None, 1, 0, "true", [])),
    (
        "trip.route.exists(p, p == 'A')",
        "trip.route",
        (None, "A", ["A", 1], ["A", None], {"A": 1}, {"A"}, ["\ud800"], ["A\0B"]),
    ),
]


@pytest.mark.parametrize(("text", "name", "values"), WRONG, ids=[name for _, name, _ in WRONG])
def test_nothing_and_a_wrong_type_are_missing(text, name, values):
    for value in values:
        assert asked(text, {name: value}) == ("unknown", (name,)), value


def test_every_condition_is_on_record_whatever_decides():
    for match, outcome in (("all", RuleResult.CLEAR), ("any", RuleResult.HIT)):
        data = rule_set(of_cel("trip.stay_days > 9", "trip.stay_days < 9", "pnr.paid_cash", match=match))
        (found,) = outcomes(data, {"trip.stay_days": 3})
        assert found.outcome is outcome
        assert found.conditions == (
            Condition("c0", "Stay under 3 days", Truth.FALSE),
            Condition("c1", "Stay under 3 days", Truth.TRUE),
            Condition("c2", "Stay under 3 days", Truth.UNKNOWN, ("pnr.paid_cash",)),
        )


def test_a_rule_is_in_force_from_its_first_day_to_its_last_in_its_lanes_for_its_purpose():
    data = rule_set(rule(starts="2026-03-01", ends="2026-03-31", lanes=["air", "sea"], purpose="customs"))
    hit, off = RuleResult.HIT, RuleResult.NOT_IN_FORCE
    short = {"trip.stay_days": 1}
    for day, expected in ((1, hit), (31, hit)):
        assert outcomes(data, short, date(2026, 3, day), Mode.SEA)[0].outcome is expected
    for day in (date(2026, 3, 1) - timedelta(1), date(2026, 3, 31) + timedelta(1)):
        assert outcomes(data, short, day, Mode.SEA)[0].outcome is off
    assert outcomes(data, short, DAY, Mode.LAND)[0].outcome is off
    assert outcomes(data, short, DAY, Mode.AIR, ("border_security", "customs"))[0].outcome is hit
    for purposes in ((), ("border_security",)):
        (found,) = outcomes(data, short, DAY, Mode.AIR, purposes)
        assert (found.outcome, found.conditions) == (off, ())


def test_outcomes_come_in_the_order_of_the_set():
    data = rule_set(*[rule(id=name, lanes=[lane]) for name, lane in (("b", "land"), ("a", "air"), ("c", "land"))])
    assert [(one.rule.id, one.outcome.value) for one in outcomes(data, {"trip.stay_days": 1})] == [
        ("b", "hit"),
        ("a", "not_in_force"),
        ("c", "hit"),
    ]


def test_names_that_the_catalogue_does_not_know_change_nothing():
    data = rule_set(rule())
    assert outcomes(data, {"trip.stay_days": 1, "trip.stay_dayz": 2, "": 3})[0].outcome is RuleResult.HIT


def test_the_second_catalogue_has_all_of_the_first_and_what_time_and_links_need():
    assert asked("hist.days_over > 0", {"hist.days_over": 1}) == ("true", ())
    assert asked("seals.differ > 0", {}, "consignment/2") == ("unknown", ("seals.differ",))
    assert asked("dg.declared", {"dg.declared": True}, "consignment/2") == ("true", ())


def test_rules_that_share_a_condition_ask_once_and_each_says_it_in_its_own_words(monkeypatch):
    asked_texts = []
    truth = Program.truth
    monkeypatch.setattr(Program, "truth", lambda self, activation: asked_texts.append(1) or truth(self, activation))
    one, other = condition("pnr.paid_cash", "a", "Paid in cash"), condition("pnr.paid_cash", "b", "No card")
    data = rule_set(rule(conditions=[one]), rule(id="T-002", conditions=[other]), rule(id="T-003", lanes=["sea"]))
    found = outcomes(data, {})
    assert [(c.name, c.says, c.missing) for outcome in found for c in outcome.conditions] == [
        ("a", "Paid in cash", ("pnr.paid_cash",)),
        ("b", "No card", ("pnr.paid_cash",)),
    ]
    assert asked_texts == [1]


def test_several_threads_may_ask_one_evaluator():
    texts = ("trip.stay_days < 3", 'trip.route.exists(p, p == "AAA")', "pnr.paid_cash")
    evaluator = Evaluator(load_rules(rule_set(*[of_cel(*texts, id=f"r{at}") for at in range(20)])))
    whole = [{"trip.stay_days": at % 5, "trip.route": ["AAA"] * (at % 3), "pnr.paid_cash": at % 2} for at in range(60)]
    expected = [evaluator.evaluate(one, DAY, Mode.LAND) for one in whole]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: evaluator.evaluate(one, DAY, Mode.LAND), whole)) == expected


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
READS_ALL = {
    "doc.issuer": 'doc.issuer.matches("A") || doc.issuer < "B"',
    "bag.count": "bag.count * bag.count > 1",
    "bag.weight_kg": "bag.weight_kg / bag.weight_kg > 1.0 || string(bag.weight_kg) == ''",
    "trip.one_way": "trip.one_way",
    "trip.route": 'trip.route.exists_one(p, p + trip.route[0] == "A")',
}


@given(st.dictionaries(st.sampled_from(sorted(READS_ALL)), VALUE))
def test_any_values_come_to_some_truth(fields):
    (found,) = EVERYTHING.evaluate(fields, DAY, Mode.LAND)
    for name, one in zip(READS_ALL, found.conditions, strict=True):
        assert one.missing in {(), (name,)}
        if fields.get(name) is None:
            assert (one.value, one.missing) == (Truth.UNKNOWN, (name,))


EVERYTHING = Evaluator(load_rules(rule_set(of_cel(*READS_ALL.values()))))


# -- the tables of Kleene, written down apart from the engine ---------------------------------------------------------

NAMES = ("pnr.paid_cash", "pnr.present", "trip.one_way", "doc.chip_verified")
LEAF = st.sampled_from(NAMES) | st.sampled_from(["true", "false", "1 / 0 == 1"])
TREE = st.recursive(
    LEAF,
    lambda inner: st.tuples(st.just("!"), inner) | st.tuples(st.sampled_from(["&&", "||"]), inner, inner),
    max_leaves=10,
)
BOTH = {
    (True, True): True, (True, False): False, (True, None): None,
    (False, True): False, (False, False): False, (False, None): False,
    (None, True): None, (None, False): False, (None, None): None,
}  # fmt: skip
NOT = {True: False, False: True, None: None}


def text_of(tree):
    if isinstance(tree, str):
        return f"({tree})"
    return f"(!{text_of(tree[1])})" if tree[0] == "!" else f"({text_of(tree[1])} {tree[0]} {text_of(tree[2])})"


def truth_of(tree, fields):
    if isinstance(tree, str):
        return {"true": True, "false": False}.get(tree, fields.get(tree))
    if tree[0] == "!":
        return NOT[truth_of(tree[1], fields)]
    one, other = truth_of(tree[1], fields), truth_of(tree[2], fields)
    return BOTH[one, other] if tree[0] == "&&" else NOT[BOTH[NOT[one], NOT[other]]]


@given(TREE, st.dictionaries(st.sampled_from(NAMES), st.sampled_from([True, False, None])))
def test_any_formula_with_any_fields_missing_follows_the_tables(tree, fields):
    expected = {True: "true", False: "false", None: "unknown"}[truth_of(tree, fields)]
    value, missing = asked(text_of(tree), fields)
    assert value == expected
    read = {name for name in NAMES if name in text_of(tree)}
    assert missing == (tuple(sorted(n for n in read if fields.get(n) is None)) if value == "unknown" else ())


@given(st.lists(st.sampled_from(list(Truth)), min_size=1, max_size=12))
def test_a_rule_folds_its_conditions_as_a_formula_would(truths):
    if Truth.FALSE in truths:
        assert fold(Match.ALL, truths) is RuleResult.CLEAR
    else:
        assert fold(Match.ALL, truths) is (RuleResult.UNKNOWN if Truth.UNKNOWN in truths else RuleResult.HIT)
    if Truth.TRUE in truths:
        assert fold(Match.ANY, truths) is RuleResult.HIT
    else:
        assert fold(Match.ANY, truths) is (RuleResult.UNKNOWN if Truth.UNKNOWN in truths else RuleResult.CLEAR)


def test_a_set_that_would_take_minutes_is_unknown_where_it_was_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every condition keeps within the engine's limits; a desk must not stand still for all of them together."""
    monkeypatch.setattr(evaluating, "MOST_CPU_S", 0.05)
    nested = "name.tokens.all(a, name.tokens.all(b, name.tokens.all(c, (a + b + c).size() > {})))"
    conditions = [[condition(nested.format(-n - 12 * r), name=f"c{n}") for n in range(12)] for r in range(40)]
    rules = [
        rule(id=f"T-{r}", conditions=each, tests=[], second_approver="z.demo") for r, each in enumerate(conditions)
    ]
    evaluator = Evaluator(load_rules(rule_set(*rules)))
    began = time.thread_time()
    found = evaluator.evaluate({"name.tokens": ["MUSTER"] * 20}, DAY, Mode.LAND)
    assert time.thread_time() - began < 1.5  # whole: about two seconds
    assert found[0].conditions[0].value is Truth.TRUE
    assert (found[-1].outcome, found[-1].conditions[-1].missing) == (RuleResult.UNKNOWN, ())
