"""Sample views: each state of the screen by name, in each language, as the pictures of the specification show it."""

from __future__ import annotations

from tests.ui.sample_cases import cases, cases_none, cases_paged, closing, late_hit, line_down, line_up
from tests.ui.sample_compare import (
    compare_cleared,
    compare_crowded,
    compare_entries,
    compare_namesake,
    empty_building,
    not_same_entries,
    refer_crowded,
    refer_namesake,
)
from tests.ui.sample_doubts import (
    confirmed,
    doubt,
    doubt_form,
    doubt_form_card,
    doubt_form_licence,
    doubt_incomplete,
    doubt_names,
)
from tests.ui.sample_forms import by_hand, reason, sign_in, supervised, unlock
from tests.ui.sample_history import drill, history, history_in_drill, history_none
from tests.ui.sample_lists import lists_closed, lists_coming
from tests.ui.sample_parts import LANGUAGES
from tests.ui.sample_states import (
    compare,
    empty,
    incomplete,
    long_case,
    look_as_of,
    proceed,
    proceed_as_of,
    refer,
    waiting,
)

__all__ = [
    "ALL",
    "LANGUAGES",
    "by_hand",
    "cases",
    "cases_none",
    "cases_paged",
    "closing",
    "compare",
    "doubt",
    "doubt_form",
    "drill",
    "empty",
    "history",
    "history_in_drill",
    "history_none",
    "late_hit",
    "line_down",
    "line_up",
    "look_as_of",
    "proceed",
    "reason",
    "refer",
    "sign_in",
    "waiting",
]

ALL = {
    "empty": empty,
    "proceed": proceed,
    "proceed-as-of": proceed_as_of,
    "look-as-of": look_as_of,
    "refer": refer,
    "incomplete": incomplete,
    "compare": compare,
    "compare-namesake": compare_namesake,
    "compare-crowded": compare_crowded,
    "compare-cleared": compare_cleared,
    "compare-entries": compare_entries,
    "empty-building": empty_building,
    "lists-coming": lists_coming,
    "lists-closed": lists_closed,
    "not-same-entries": not_same_entries,
    "refer-namesake": refer_namesake,
    "refer-crowded": refer_crowded,
    "waiting": waiting,
    "long": long_case,
    "unlock": unlock,
    "sign-in": sign_in,
    "by-hand": by_hand,
    "reason": reason,
    "supervised": supervised,
    "doubt": doubt,
    "doubt-names": doubt_names,
    "doubt-incomplete": doubt_incomplete,
    "confirmed": confirmed,
    "doubt-form": doubt_form,
    "doubt-form-card": doubt_form_card,
    "doubt-form-licence": doubt_form_licence,
    "cases": cases,
    "cases-paged": cases_paged,
    "cases-none": cases_none,
    "closing": closing,
    "late-hit": late_hit,
    "line-down": line_down,
    "line-up": line_up,
    "history": history,
    "history-none": history_none,
    "history-in-drill": history_in_drill,
    "drill": drill,
}
"""Every state by name: each a function of the language."""
