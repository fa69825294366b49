"""The stable words: they stand in journals, signed policies and files of phrases, so none may change unnoticed."""

from enum import StrEnum

import pytest

from checkpoint_app.verdict import Advice, AgeStep, Check, HandlingCode, NotDone, Outcome, Sign, Truth
from checkpoint_app.verdict.lane import LaneKind, Mode

WORDS = {
    Advice: "proceed look refer incomplete",
    AgeStep: "fresh as_of too_old",
    Check: "document visual lost_stolen wanted risk stay manifest draw face chip message parties equipment seals",
    HandlingCode: "OPEN LE-ONLY ASK-ORIGINATOR NOT-TO-HOME-STATE",
    NotDone: (
        "no_answer no_list list_loading list_too_old list_unreadable agreement_ended agreement_not_begun lease_ended "
        "field_missing document_unreadable not_installed no_device no_picture print_unread too_slow check_failed "
        "no_rules not_evaluated no_manifest no_history not_seen"
    ),
    Outcome: "clear note hit not_checked",
    Sign: "same near differs unknown",
    LaneKind: "people cargo",
    Mode: "air land sea",
    Truth: "true false unknown",
}


@pytest.mark.parametrize("kind", list(WORDS))
def test_words_stay(kind: type[StrEnum]) -> None:
    assert [member.value for member in kind] == WORDS[kind].split()
    for member in kind:
        assert member.name == member.value.upper().replace("-", "_")
