"""Reasons in few lines: who it may be, what speaks against, and one line each for what agrees and is not known."""

from __future__ import annotations

import pytest

from checkpoint_app.booth.present.reasons import reason_lines, reasons_beside
from checkpoint_app.booth.view.screen import ReasonRow
from checkpoint_app.screening import REASON_CODES
from checkpoint_app.verdict import Reason, Sign
from tests.booth.states import EN

pytestmark = pytest.mark.usefixtures("quito")

NAMESAKE = Reason(Sign.DIFFERS, "reason.summary.namesake_birth", {"left": "1955", "right": "1974"})
BIRTH = Reason(Sign.DIFFERS, "reason.birth.differs", {"left": "1955-11-30", "right": "1974-08-12"})
FAMILY, GIVEN = Reason(Sign.SAME, "reason.family_name.same"), Reason(Sign.SAME, "reason.given_name.same")
SEX = Reason(Sign.DIFFERS, "reason.sex.differs", {"left": "F", "right": "M"})
NUMBER = Reason(Sign.DIFFERS, "reason.document_number.differs", {"left": "A", "right": "B"})
NO_STATE, NO_SEX = Reason(Sign.UNKNOWN, "reason.nationality.unknown"), Reason(Sign.UNKNOWN, "reason.sex.unknown")


def test_facts_that_agree_share_a_line_and_so_do_those_not_known() -> None:
    lines = reason_lines((NAMESAKE, FAMILY, GIVEN, SEX, NUMBER, NO_STATE, NO_SEX), EN)
    assert lines == (
        ReasonRow(
            "Same name, but another birth date (1955, listed 1974): probably a namesake", Sign.DIFFERS, strong=True
        ),
        ReasonRow("Sex differs: F / M", Sign.DIFFERS),
        ReasonRow("Family name, Given names", Sign.SAME),
        ReasonRow("Document", Sign.DIFFERS),
        ReasonRow("Nation, Sex", Sign.UNKNOWN),
    )


def test_a_single_fact_keeps_its_own_words() -> None:
    assert reason_lines((GIVEN, NO_SEX), EN) == (
        ReasonRow("Given name the same", Sign.SAME),
        ReasonRow("Sex: not stated", Sign.UNKNOWN),
    )


def test_what_the_summary_tells_with_both_values_is_not_told_twice() -> None:
    assert [row.text for row in reason_lines((NAMESAKE, BIRTH, SEX), EN)][1:] == ["Sex differs: F / M"]
    agrees = Reason(Sign.SAME, "reason.summary.agrees")
    assert len(reason_lines((agrees, BIRTH), EN)) == 2


def test_beside_the_table_stands_what_it_does_not_show() -> None:
    spelling = Reason(Sign.NEAR, "reason.given_name.spelling", {"left": "YOUSSEF", "right": "YUSUF"})
    alias = Reason(Sign.NEAR, "reason.name.alias", {"alias": "Ejemplo"})
    rows = reasons_beside((NAMESAKE, BIRTH, FAMILY, spelling, alias, SEX), EN)
    assert [row.text for row in rows[1:]] == [EN.say(one.code, **one.params) for one in (spelling, alias)]


def test_one_token_is_a_summary() -> None:
    (row,) = reasons_beside((Reason(Sign.UNKNOWN, "reason.name.one_token"),), EN)
    assert row.strong


def test_every_reason_is_told_in_some_line() -> None:
    params = dict.fromkeys(("left", "right", "alias", "issuer", "count", "state"), "x")
    for code in sorted(REASON_CODES):
        assert reason_lines((Reason(Sign.NEAR, code, params),), EN), code
    unknown = reason_lines((Reason(Sign.NEAR, "reason.of_a_newer_centre"),), EN)
    assert [row.text for row in unknown] == [EN.say("finding.other", code="reason.of_a_newer_centre")]
