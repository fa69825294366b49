"""Hits as the officer sees them: one a person, open ones with open ones only; what can't be seen keeps its number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.compare.compare_view import compare_panel, compare_view
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.present.answers import advice_view, check_row
from checkpoint_app.booth.present.forms import reason_view
from checkpoint_app.booth.present.keys import alive
from checkpoint_app.booth.present.matches import findings_of, first_open, match_at, matches_of, open_persons
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.verdict import Answer, Candidate, Check, Finding, Outcome
from tests.booth.states import EN, NOT_LISTED, SOUND, another, answer, candidate, encounter, source, state

pytestmark = pytest.mark.usefixtures("quito")

BEFORE = "wanted.cleared_before:entry=ERIKSON"


def hit(count: int, *candidates: Candidate, cleared: int = 0) -> Answer:
    return answer(Check.WANTED, Outcome.HIT, f"wanted.match:count={count}", *[BEFORE] * cleared, candidates=candidates)


def ids(found: Answer) -> list[tuple[str, bool]]:
    return [("".join(one.entry_id for one in match.entries), match.cleared) for match in matches_of((found,))]


def test_entries_of_one_person_are_one_match_and_the_first_stands_for_them() -> None:
    found = hit(3, candidate("A"), another("B"), candidate("C"))
    assert ids(found) == [("AC", False), ("B", False)]
    assert match_at((found,), 0).candidate.entry_id == "A"
    assert match_at((found,), 2) is match_at((found,), -1) is None
    assert first_open((found,)) == 0
    assert (open_persons(found), findings_of(found)) == (2, (Finding("wanted.match", {"count": "2"}),))


def test_open_ones_are_never_joined_with_cleared_ones() -> None:
    found = hit(1, candidate("A"), candidate("B"), candidate("C"), cleared=2)
    assert ids(found) == [("A", False), ("BC", True)]
    assert open_persons(found) == 1
    assert [one.code for one in findings_of(found)] == ["wanted.match", "wanted.cleared_before"]


def test_the_same_person_on_two_lists_is_decided_for_each() -> None:
    first = hit(1, candidate("A"))
    assert len(matches_of((first, replace(first, source=source("PER"))))) == 2


@pytest.mark.parametrize("count", [2, 12])
def test_where_more_are_open_than_shown_their_number_stands(count: int) -> None:
    found = hit(count, candidate("A"))
    assert open_persons(found) == count
    assert findings_of(found)[0].params == {"count": str(count)}


def test_decisions_about_entries_not_shown_are_all_told() -> None:
    found = hit(1, candidate("A"), candidate("B"), cleared=2)
    assert len(findings_of(found)) == 3


def test_the_officer_reads_how_many_persons_it_may_be() -> None:
    found = hit(3, candidate("A"), another("B"), candidate("C"))
    on_desk = encounter(found)
    assert check_row(found, state(on_desk), EN).detail == "2 possible matches"
    assert advice_view(state(on_desk), EN).line == "2 possible matches"
    assert compare_view(state(on_desk), on_desk, EN).count == "1 of 2"
    assert compare_panel(state(on_desk), on_desk, EN)[0].count == "1 of 2"
    cleared = answer(Check.WANTED, Outcome.NOTE, BEFORE, BEFORE, candidates=(candidate("A"), candidate("C")))
    assert advice_view(state(encounter(SOUND, NOT_LISTED, cleared)), EN).line.startswith("1 note")


def test_the_comparison_names_the_further_entries() -> None:
    found = hit(4, candidate("A"), another("B"), candidate("C"), candidate("D"))
    last = compare_view(state(encounter(found)), encounter(found), EN).rows[-1]
    assert (last.label, last.right, last.wide) == ("Entries", "2 more entries of the same person: C, D", True)
    alone = compare_view(state(encounter(found), candidate=1), encounter(found), EN).rows
    assert "Entries" not in [row.label for row in alone]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_says_how_many_entries_it_is_about(language: str) -> None:
    words, form = Words(language), Form("not_same", subject="not_same")
    two = replace(form, entries=(candidate("A"), candidate("C")))
    assert reason_view(two, words).hint.startswith(words.say("compare.about_entries", count=2))
    assert reason_view(replace(form, entries=(candidate("A"),)), words).hint == reason_view(form, words).hint


def test_a_person_who_was_cleared_is_not_cleared_again() -> None:
    found = hit(1, another("A"), candidate("B"), candidate("C"), cleared=2)
    keys = [alive(state(encounter(found), stage=Stage.COMPARE, candidate=at)) for at in (0, 1)]
    assert [Action.NOT_SAME_PERSON in each for each in keys] == [True, False]
