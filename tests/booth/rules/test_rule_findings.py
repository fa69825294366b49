"""Rules on the screen: their sentences, what was not so, what could not be evaluated, and what is a supervisor's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.desk.state import DeskState, OnDuty
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.lists.lists_view import lists_section
from checkpoint_app.booth.present.answers import advice_view, checks_view
from checkpoint_app.booth.present.panel import panel_sections
from checkpoint_app.booth.rules.rule_findings import MOST_TOLD, field_name
from checkpoint_app.booth.rules.rules_in_force import LoadedRules
from checkpoint_app.booth.view.screen import PanelSection, ReasonRow
from checkpoint_app.risk.catalogue import catalogue
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.verdict import (
    Answer,
    Check,
    Condition,
    Finding,
    NotDone,
    Outcome,
    Requirement,
    RuleMatch,
    Source,
    Truth,
    fold,
)
from tests.booth.states import EN, EXPIRED, MATCH, NOW, POLICY, SOUND, STOLEN, encounter, state
from tests.risk.rule_files import rule_set

pytestmark = pytest.mark.usefixtures("quito")

ES = Words("es")
SOURCE = Source("rules-demo", 9, "risk/1", issued_at=NOW - timedelta(hours=20), originator="ECU", handling=("LE-ONLY",))
RULED = replace(
    POLICY,
    required=(Requirement(Check.DOCUMENT), Requirement(Check.RISK)),
    optional=(),
    outcomes={**POLICY.outcomes, "risk.inform": Outcome.NOTE},
)
SHORT = Condition("short", "Stays under 3 days", Truth.TRUE)
CASH = Condition("cash", "Paid in cash", Truth.FALSE)
LATE = Condition("late", "Booked late", Truth.UNKNOWN, ("pnr.lead_hours",))
STAY = Condition("stay", "Stays long", Truth.UNKNOWN, ("trip.stay_days", "trip.one_way"))
BROKEN = Condition("share", "Weight a bag", Truth.UNKNOWN)


def match(number: int = 14, *conditions: Condition, action: str = "refer", suspended: bool = False) -> RuleMatch:
    return RuleMatch(
        f"V-{number:03d}",
        1,
        f"Title {number}",
        action,
        f"Ask {number}?",
        conditions or (SHORT, CASH),
        suspended=suspended,
    )


def found(*rules: RuleMatch, of: int = 27, source: Source = SOURCE) -> Answer:
    findings = tuple(
        Finding(f"risk.{'inform' if one.suspended else one.action}", {"rule": one.rule, "title": one.title})
        for one in rules
    )
    return Answer(Check.RISK, RULED.outcome_of(findings), source, NOW, findings=findings, rules=rules, of=of)


def unknown(*rules: RuleMatch, of: int = 0, source: Source = SOURCE) -> Answer:
    return Answer(Check.RISK, Outcome.NOT_CHECKED, source, NOW, NotDone.NOT_EVALUATED, rules=rules, of=of or len(rules))


def desk(*answers: Answer, supervisor: bool = False, **changes: object) -> DeskState:
    policy = replace(RULED, **changes)  # type: ignore[arg-type]
    officer = OnDuty("s.muestra" if supervisor else "m.demo", "Demo", supervisor=supervisor)
    return state(encounter(*answers, verdict=fold(answers, policy, NOW)), policy=policy, officer=officer)


def sections(on: DeskState, words: Words = EN) -> dict[str, PanelSection]:
    return {one.head: one for one in panel_sections(on, words)}


def heads(on: DeskState) -> list[str]:
    return [one.head for one in panel_sections(on, EN)]


def test_a_rule_that_hits_tells_title_sentences_and_what_was_not_so() -> None:
    on = desk(SOUND, found(match()))
    assert heads(on) == ["RISK RULE V-014", "WHAT TO DO"]
    rule, steps = panel_sections(on, EN)
    assert rule.rows == (ReasonRow("Title 14", symbol="hit", strong=True), ReasonRow("Stays under 3 days"))
    assert rule.muted == ("Not so: Paid in cash", "Rules of Ecuador. LE-ONLY: police use")
    assert [row.text for row in steps.rows] == ["Ask 14?", "Refer (F7)."]


def test_what_could_not_be_evaluated_has_its_own_head_last_before_what_to_do() -> None:
    rules = (match(20, LATE), match(21, LATE), match(22, STAY), match(23, BROKEN))
    on = desk(SOUND, found(), unknown(*rules, of=9))
    assert heads(on)[-2:] == ["COULD NOT BE EVALUATED", "WHAT TO DO"]
    section = sections(on)["COULD NOT BE EVALUATED"]
    assert [row.text for row in section.rows] == [
        "V-020, V-021: hours from booking to departure not received",
        "V-022 Title 22: days of stay, one way only not received",
    ]
    assert {row.symbol for row in section.rows} == {"not_checked"}
    assert section.muted == ("6 more rules could not be evaluated.",)
    beside_a_hit = sections(desk(SOUND, found(match()), unknown(*rules, of=9)))["COULD NOT BE EVALUATED"]
    assert beside_a_hit.rows == section.rows[:1]  # what to do has to be seen
    assert beside_a_hit.muted == ("7 more rules could not be evaluated.",)
    broken = sections(desk(SOUND, unknown(match(23, BROKEN), of=1)))["COULD NOT BE EVALUATED"]
    assert [row.text for row in broken.rows] == ["V-023 Title 23: it has no value with what was received"]
    assert broken.muted == ()


def test_an_unknown_condition_of_a_rule_that_hit_is_told_too() -> None:
    on = desk(SOUND, found(match(14, SHORT, LATE)))
    assert [row.text for row in sections(on)["COULD NOT BE EVALUATED"].rows] == [
        "V-014 Title 14: hours from booking to departure not received"
    ]


@pytest.mark.parametrize("words", [EN, ES])
def test_the_words_name_every_lack(words: Words) -> None:
    on = desk(SOUND, unknown(match(20, LATE)))
    section = next(one for one in panel_sections(on, words) if one.head == words.say("rules.not_evaluated"))
    assert words.say("field.pnr.lead_hours") in section.rows[0].text


def test_rows_say_for_how_many_rules_they_stand() -> None:
    on = desk(SOUND, found(of=27), unknown(match(20, LATE)))
    rows = checks_view(on, EN).rows
    assert [(row.name, row.outcome, row.source, row.age) for row in rows[1:]] == [
        ("Risk rules (27)", Outcome.CLEAR, "rules-demo 9", "20\u00a0h"),
        ("Rules: 1 not evaluated", Outcome.NOT_CHECKED, "rules-demo 9", "not done"),
    ]
    assert rows[2].detail == "Could not be evaluated: hours from booking to departure"
    assert rows[1].accessible.startswith("Risk rules (27): clear. rules-demo 9")
    several = checks_view(desk(SOUND, found(*(match(n) for n in range(1, 6)))), EN).rows[1]
    assert several.detail == "5 rules: V-001, V-002, V-003 and 2 more"
    assert checks_view(desk(SOUND, found(match())), EN).rows[1].detail == "V-014 Title 14"


def test_the_banner_counts_each_rule() -> None:
    on = desk(SOUND, found(match(1), match(2), match(3, action="inform")), unknown(match(20, LATE)))
    assert advice_view(on, EN).line == "2 findings · 1 not done"
    assert advice_view(desk(SOUND, found(match(3, action="inform"))), EN).line == "1 note: V-003 Title 3"
    assert advice_view(desk(EXPIRED, found(match(3, action="inform"), match(4, action="inform"))), EN).line == "3 notes"


def test_notes_of_rules_are_told_whatever_the_advice() -> None:
    note = found(match(3, action="inform"))
    look = desk(SOUND, note)
    assert heads(look) == ["RISK RULE V-003", "WHAT TO DO"]
    assert sections(look)["RISK RULE V-003"].rows[0].symbol == "note"
    assert sections(look)["WHAT TO DO"].rows[0].text == "Ask 3?"
    incomplete = desk(SOUND, note, unknown(match(20, LATE)))
    assert heads(incomplete) == [
        "WHAT IS MISSING",
        "WHAT WAS DONE",
        "RISK RULE V-003",
        "COULD NOT BE EVALUATED",
        "WHAT TO DO",
    ]
    refer = desk(STOLEN, note)
    assert heads(refer)[:2] == ["FINDING", "RISK RULE V-003"]


def test_rules_stand_beside_a_possible_match() -> None:
    on = desk(SOUND, MATCH, found(match()))
    assert heads(on) == ["RISK RULE V-014", "POSSIBLE MATCH", "WHERE IT COMES FROM", "WHAT TO DO"]
    assert sections(on)["WHAT TO DO"].rows[0].text == "Ask 14?"


def test_of_many_rules_the_gravest_are_told_and_all_are_named() -> None:
    rules = [match(n, action="inform") for n in range(1, 5)] + [match(n) for n in range(5, 9)]
    on = desk(SOUND, found(*rules))
    told = [head for head in heads(on) if head.startswith("RISK RULE")]
    assert told == [f"RISK RULE V-{n:03d}" for n in (5, 6, 7, 8, 1)]
    assert len(told) == MOST_TOLD
    assert sections(on)["FURTHER RULES"].lines == ("V-002 Title 2", "V-003 Title 3", "V-004 Title 4")


def test_a_suspended_rule_says_so() -> None:
    on = desk(SOUND, found(match(suspended=True)))
    rule = sections(on)["RISK RULE V-014"]
    assert rule.rows[0].symbol == "note"
    assert rule.muted[-1] == "Suspended: for information only, until its approver answers."


def all_of(on: DeskState) -> str:
    view, rows = panel_sections(on, EN), checks_view(on, EN).rows
    texts = [text for one in view for text in (one.head, one.bold, *(r.text for r in one.rows), *one.lines, *one.muted)]
    texts += [text for row in rows for text in (row.name, row.detail, row.accessible)]
    return "\n".join([*texts, advice_view(on, EN).line])


@pytest.mark.parametrize("action", ["refer", "inform"])
def test_what_is_a_supervisors_is_no_officers_to_see(action: str) -> None:
    answers = (SOUND, found(match(14, SHORT, LATE, action=action)), unknown(match(20, LATE)))
    officers = all_of(desk(*answers, seen_by={"LE-ONLY": "supervisor"}))
    for secret in ("V-014", "Title", "Stays under", "Ask 14?", "V-020", "booking"):
        assert secret not in officers, secret
    assert "A rule of the supervisor's: call them." in officers
    assert "Call the supervisor." in officers
    supervisors = all_of(desk(*answers, supervisor=True, seen_by={"LE-ONLY": "supervisor"}))
    assert supervisors == all_of(desk(*answers))
    assert "Stays under" in supervisors


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["traveller/1", "traveller/2", "consignment/1", "consignment/2"])
def test_every_field_of_the_catalogue_has_words(language: str, name: str) -> None:
    fields, words = catalogue(name), Words(language)
    assert fields is not None
    assert [field for field in fields.types if not words.knows(f"field.{field}")] == []


def test_a_field_that_only_a_newer_catalogue_knows_is_named_as_it_is_written() -> None:
    assert field_name("pnr.something_new", EN) == "pnr.something_new"


def test_sets_stand_among_the_lists_with_their_age() -> None:
    evaluator = Evaluator(load_rules(rule_set()))
    young = LoadedRules(SOURCE, "ab", evaluator=evaluator)
    old = LoadedRules(replace(SOURCE, name="old", issued_at=NOW - timedelta(days=9)), "cd", evaluator=evaluator)
    ended = LoadedRules(replace(SOURCE, name="over"), "ef", bar=NotDone.AGREEMENT_ENDED)
    section = lists_section(state(rules=(young, old, ended)), EN)
    assert section.table[2:] == (
        ("Risk rules", "rules-demo 9", "20\u00a0h"),
        ("Risk rules", "old 9", "9\u00a0d"),
        ("Risk rules", "over 9", EN.say("building.bar_agreement_ended")),
    )
