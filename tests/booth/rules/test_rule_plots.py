"""The page of rules: a plot each on one scale, what stands out in words, and nothing cut from the counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import LANGUAGES
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.rules.rule_performance import DAYS, Standing
from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.risk.standing import Flag, Result, RuleCount
from tests.booth.states import state
from tests.risk.rule_files import of_cel, rule_set

pytestmark = pytest.mark.usefixtures("quito")

COUNT = RuleCount(400, 8)


LOT = RuleCount(results={Result.NOTHING: 48, Result.CUSTOMS: 2})


def standing(
    name: str = "A", *, count: RuleCount = COUNT, flags=(), suspended=False, hits=2, lot: RuleCount = LOT
) -> Standing:
    rule = load_rules(rule_set(of_cel("trip.stay_days < 3", id=name, max_hit_rate=0.02))).rules[0]
    days = ((0, 0),) * (DAYS - 2) + ((100, 0), (100, hits))
    return Standing("muster", rule, count, days, flags, suspended, lot)


def shown(*rows: Standing, chosen: int = 0, language: str = "en") -> DeskState:
    return replace(state(language=language), stage=Stage.RULES, standings=rows, standing=chosen)


def test_days_and_the_limit_are_on_one_scale() -> None:
    view = present(shown(standing(hits=4))).rules
    (plot,) = view.plots
    assert len(plot.days) == DAYS
    assert plot.days[:-2] == (None,) * (DAYS - 2)  # nobody passed
    assert plot.days[-2] == 0
    assert plot.days[-1] == pytest.approx(2 * plot.limit)  # 4 % of a limit of 2 %
    assert max(plot.days[-1], plot.limit) < 1
    assert plot.limit_text == "limit 2\u00a0%"


def test_precision_is_told_with_its_interval_once_something_was_inspected() -> None:
    assert present(shown(standing())).rules.plots[0].precision is None
    count = RuleCount(400, 8, 3, {Result.NOTHING: 57, Result.CUSTOMS: 3}, unreported=2)
    view = present(shown(standing(count=count)))
    low, share, high = view.rules.plots[0].precision
    assert [round(100 * one, 1) for one in (low, share, high)] == [1.7, 5.0, 13.7]
    assert view.rules.plots[0].precision_text == "3 of 60, 2–14\u00a0%"
    assert "found in 3 of 60 inspections · 2 without a result" in view.panel[0].lines


def test_what_the_lot_finds_is_marked_beside_what_the_rule_finds() -> None:
    view = present(shown(standing()))
    assert view.rules.plots[0].drawn == pytest.approx(0.04)
    assert "the lot found in 2 of 50" in view.panel[0].lines
    without = present(shown(standing(lot=RuleCount())))
    assert without.rules.plots[0].drawn is None  # no result yet: not nought
    assert not any("lot" in line for line in without.panel[0].lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plot_says_hits_inspections_and_what_they_found(language: str) -> None:
    count = RuleCount(26_760, 1_261, 3, {Result.NOTHING: 57, Result.CUSTOMS: 3})
    plots = present(shown(standing(count=count), standing("B"), language=language)).rules.plots
    assert [plot.said for plot in plots] == {
        "en": ["1,261 of 26,760 · 60 inspections · 3 found", "8 of 400 · no inspection"],
        "es": ["1\u00a0261 de 26\u00a0760 · 60 inspecciones · 3 hallaron", "8 de 400 · ninguna inspección"],
    }[language]
    assert plots[1].precision_text == {"en": "no result yet", "es": "sin resultados"}[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_that_never_hits_says_so(language: str) -> None:
    never = {"en": "Never hit in 30 days", "es": "No acertó nunca en 30 días"}[language]
    view = present(shown(standing(count=RuleCount(400, 0), hits=0), language=language))
    assert view.rules.plots[0].flag == never
    assert never in view.panel[0].lines
    asked_nobody = present(shown(standing(count=RuleCount(), hits=0), language=language))
    assert asked_nobody.rules.plots[0].flag == ""
    assert present(shown(standing(), language=language)).rules.plots[0].flag == ""


def test_what_stands_out_is_said_and_a_rule_that_informs_only_first() -> None:
    view = present(shown(standing(flags=(Flag.RATE, Flag.RETIRE)), standing("B", flags=(Flag.RATE,), suspended=True)))
    assert view.rules.plots[0].flag == "Above its highest rate"  # at length in the panel
    assert view.rules.plots[1].flag == "Informs only: its approver is asked"
    assert view.rules.said == "2 in force, 30 days of this booth · 1 informs only"
    assert [row.text for row in view.panel[1].rows] == [
        "Hits more often than its approver allowed",
        "Finds no more than the lot: propose to retire it",
    ]


def test_the_panel_tells_whose_rule_it_is_and_when_it_hits() -> None:
    panel = present(shown(standing())).panel
    assert panel[0].bold == "A short stay"
    assert panel[0].lines[0] == "hits: 8 of 400 travellers or consignments"
    assert [row.text for row in panel[1].rows] == ["Stay under 3 days"]
    assert panel[-1].muted == (
        "Ley 1, art. 4. Written by analyst.muster, approved by chief.ejemplo.",
        "In force until 2026-12-31",
    )


def test_rules_come_four_to_a_page() -> None:
    view = present(shown(*(standing(f"R{n}") for n in range(6)), chosen=5)).rules
    assert [plot.rule for plot in view.plots] == ["R4", "R5"]
    assert (view.selected, view.page) == (1, "Page 2 of 2")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_rules_the_page_says_so(language: str) -> None:
    view = present(shown(language=language))
    assert view.rules.empty
    assert view.panel == ()
