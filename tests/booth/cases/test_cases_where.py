"""What the officer reads of a late hit: where the person was last, whether the centre knows, and what to do first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.view.screen import PanelSection, Stage
from checkpoint_app.store.cases import CaseRow, Sighting
from checkpoint_app.verdict import Check, Outcome, Reason, Sign
from tests.booth import states
from tests.booth.cases.test_cases import late_hit

pytestmark = pytest.mark.usefixtures("quito")

LATER = Sighting(states.NOW - timedelta(minutes=1), False, "1", "let_pass", "k.ejemplo")


def panel(language: str = "en", *, lane: str = "2", later: tuple[Sighting, ...] = (), untold: int = 0, **case: object):
    row = CaseRow(late_hit(0, **case), states.NOW, lane=lane, later=later, untold=untold)
    state = states.state(language=language, stage=Stage.CASES, cases=(row,), encounter=None)
    return present(state).panel


def rows(sections: tuple[PanelSection, ...], number: int = 0) -> list[str]:
    return [row.text for row in sections[number].rows]


def test_it_says_when_where_which_way_and_by_whom():
    assert rows(panel())[0].endswith("let pass here, in, lane 2, m.demo")
    assert rows(panel(lane="", direction_in=False))[0].endswith("let pass here, out, m.demo")


def test_it_says_where_the_person_was_since():
    told = rows(panel(later=(LATER, LATER)))
    assert told[0].startswith("Since then: ")
    assert told[0].endswith("let pass here, out, lane 1, k.ejemplo")
    assert not told[1].startswith("Since then")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "The centre does not know it yet"), ("es", "El centro aún no lo sabe")]
)
def test_it_says_that_the_centre_does_not_know_it_yet(language, words):
    assert words in rows(panel(language, untold=4))
    assert words not in rows(panel(language))


def test_a_case_that_was_widened_shows_what_is_new_and_tells_of_the_rest():
    """Whoever closed it before had seen the first entry; the second is what it stands open for."""
    (first,) = late_hit().found
    again = states.answer(
        Check.WANTED,
        Outcome.HIT,
        "wanted.match:count=1",
        of=states.source(version=93),
        candidates=(replace(states.candidate(), reasons=(Reason(Sign.SAME, "reason.birth.exact", {}),)),),
    )
    only, both, new = (rows(panel(found=found)) for found in ((first,), (first, again), (again,)))
    assert [row for row in both if "ECU\u00a093" in row and "somebody alike" in row]
    assert not [row for row in both if "ECU\u00a089" in row]
    assert both[-1] == new[-1] != only[-1]
    assert [row for row in both if "1 more" in row]
    assert not [row for row in only + new if "more" in row]


def test_what_is_shown_and_what_is_told_is_all_that_is_named():
    (first,) = late_hit().found
    several = replace(
        first,
        findings=states.answer(Check.WANTED, Outcome.HIT, "wanted.match:count=3").findings,
        candidates=tuple(
            states.another(f"e-{year}", facts={"birth_date": f"{year}-01-31"}) for year in range(1955, 1958)
        ),
    )
    assert [row for row in rows(panel(found=(first, several))) if "3 more" in row]


@pytest.mark.parametrize(
    ("case", "later", "begins"),
    [
        ({}, (), "Is in the country"),
        ({"direction_in": False}, (), "Has left"),
        ({}, (LATER,), "Has left"),
        ({"disposition": "refer"}, (), "Was referred"),
        ({"disposition": "protect"}, (), "Protection path"),
        ({"disposition": "open"}, (), "Nobody decided"),
        ({"disposition": "withdrawn"}, (), "Nobody decided"),
        ({"disposition": "of a newer centre"}, (), "Nobody decided"),
    ],
)
def test_what_to_do_follows_from_where_the_person_was_last(case, later, begins):
    sections = panel(later=later, **case)
    assert sections[1].head == "WHAT TO DO"
    assert rows(sections, 1)[0] == "Take the case (Ctrl+T)."
    assert rows(sections, 1)[1].startswith(begins)


def test_of_someone_on_the_protection_path_nobody_abroad_is_told():
    for sentence in rows(panel(disposition="protect"), 1):
        assert "centre" not in sentence
