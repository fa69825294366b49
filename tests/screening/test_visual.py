"""The check of the printed page: clear only where the essential fields agree, a finding where one is nearly so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.documents import Beside, PrintedText, parse_mrz
from checkpoint_app.screening.checks import Examination, run_checks
from checkpoint_app.verdict import Answer, Check, Finding, NotDone, Outcome, Policy, Requirement
from tests.documents.helpers import TD3, changed
from tests.screening.test_checks import NOW

POLICY = Policy("post", 1, NOW, (Requirement(Check.VISUAL),), {"visual.differs": Outcome.HIT})
PAGE = ("L898902C3", "ERIKSSON", "ANNA MARIA", "12 AUG 1974", "15 APR 2012")


def answered(printed: tuple[str, ...] | None, lines: tuple[str, ...] = TD3) -> Answer:
    texts = None if printed is None else tuple(PrintedText(text, 0.98) for text in printed)
    examined = Examination(parse_mrz(lines, NOW.date()), False, NOW, Beside(printed=texts))
    return run_checks(examined, POLICY, (), lambda _list, _candidate: None)[0]


def test_print_that_agrees_is_clear() -> None:
    assert answered(PAGE).outcome is Outcome.CLEAR


@pytest.mark.parametrize("place", [0, 1, 3])
def test_an_essential_field_that_was_not_read_is_no_clear(place: int) -> None:
    left = tuple(text for number, text in enumerate(PAGE) if number != place)
    assert answered(left).not_done is NotDone.PRINT_UNREAD


def test_without_a_picture_nothing_was_compared() -> None:
    assert answered(None).not_done is NotDone.NO_PICTURE
    assert answered(()).not_done is NotDone.PRINT_UNREAD


def test_an_altered_number_is_told_with_what_is_printed() -> None:
    found = answered(("L896902C3", *PAGE[1:]))
    assert (found.outcome, found.findings) == (
        Outcome.HIT,
        (Finding("visual.differs", {"field": "document_number", "seen": "L896902C3"}),),
    )


def test_a_field_whose_digit_is_wrong_is_not_compared() -> None:
    lines = changed(TD3, 2, 10, "7")
    found = answered(("L896902C3", *PAGE[1:]), lines)
    assert found.not_done is NotDone.PRINT_UNREAD


def test_the_policy_weighs_what_differs() -> None:
    mild = replace(POLICY, outcomes={"visual.differs": Outcome.NOTE})
    texts = tuple(PrintedText(text, 0.98) for text in ("L896902C3", *PAGE[1:]))
    examined = Examination(parse_mrz(TD3, NOW.date()), False, NOW, Beside(printed=texts))
    assert run_checks(examined, mild, (), lambda _list, _candidate: None)[0].outcome is Outcome.NOTE
