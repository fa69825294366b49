"""Compare: the sign of each fact, and exactly the letters that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.present.compare import compare_panel, compare_view
from checkpoint_app.booth.view import CompareRow, CompareView, Likeness, PanelSection, ReasonRow
from checkpoint_app.booth.words import Words
from checkpoint_app.documents import PartialDate, Sex
from checkpoint_app.verdict import Candidate, Check, Outcome, Sign
from tests.booth.states import EN, answer, candidate, encounter, mrz, source, state

WORDS = {Sign.SAME: "same", Sign.NEAR: "near", Sign.DIFFERS: "differs", Sign.UNKNOWN: "not known"}
ANA = candidate()


def open_(*candidates: Candidate, at: int = 0, words: Words = EN, **zone: object) -> CompareView:
    hit = answer(Check.WANTED, Outcome.HIT, "wanted.match:count=1", candidates=candidates)
    on_desk = encounter(hit, read=mrz(**zone))
    return compare_view(state(on_desk, candidate=at), on_desk, words)


def row(fact: str, listed: str, **zone: object) -> CompareRow:
    view = open_(candidate(facts={fact: listed}), **zone)
    found = next(one for one in view.rows if one.label == EN.say(f"compare.{fact}"))
    assert found.sign_text == WORDS[found.sign]
    return found


def test_heads_and_rows_in_their_order() -> None:
    view = open_(candidate("A"), ANA, at=1)
    assert (view.title, view.count, view.back, view.no_picture) == ("COMPARE", "2 of 2", "back", "no picture")
    assert (view.left_head, view.right_head) == ("Person", "List ECU 7")
    assert [(one.label, one.sign) for one in view.rows] == [
        ("Family name", Sign.NEAR),
        ("Given names", Sign.NEAR),
        ("Birth", Sign.DIFFERS),
        ("Sex", Sign.SAME),
        ("Nation", Sign.UNKNOWN),
        ("Document", Sign.UNKNOWN),
        ("Place", Sign.UNKNOWN),
        ("Alias", Sign.UNKNOWN),
    ]


def test_more_candidates_than_one_list_are_counted_together() -> None:
    first = answer(Check.WANTED, Outcome.HIT, "wanted.match:count=1", candidates=(candidate("A"),))
    second = replace(first, source=source("PER"), candidates=(candidate("B"),))
    on_desk = encounter(first, second)
    assert compare_view(state(on_desk, candidate=1), on_desk, EN).right_head == "List PER 7"
    with pytest.raises(IndexError):
        compare_view(state(on_desk, candidate=2), on_desk, EN)


@pytest.mark.parametrize(
    ("listed", "sign", "left", "right"),
    [
        ("Eriksson", Sign.SAME, (), ()),
        ("ÉRIKSSON", Sign.SAME, (), ()),
        ("ERIKSON", Sign.NEAR, ((5, 6),), ()),
        ("ERIKSSOXN", Sign.NEAR, (), ((7, 8),)),
        ("ERIXSSON", Sign.NEAR, ((3, 4),), ((3, 4),)),
        ("éRIXSSóN", Sign.NEAR, ((3, 4),), ((3, 4),)),
        ("ERIKS", Sign.NEAR, ((5, 8),), ()),
        ("MUSTER", Sign.DIFFERS, ((0, 8),), ((0, 6),)),
    ],
)
def test_names(listed: str, sign: Sign, left: tuple, right: tuple) -> None:
    found = row("family_name", listed)
    assert (found.left, found.right) == ("ERIKSSON", listed)
    assert (found.sign, found.left_marks, found.right_marks) == (sign, left, right)
    assert not found.left_missing
    assert not found.right_missing


def test_the_border_of_alike_is_six_tenths() -> None:
    assert row("family_name", "ABCXY", family_name="ABCDE").sign is Sign.NEAR
    assert row("family_name", "ABXYZ", family_name="ABCDE").sign is Sign.DIFFERS


@pytest.mark.parametrize(
    ("listed", "left", "right"),
    [
        ("1974-08-21", ((8, 10),), ((8, 10),)),
        ("1975-08-12", ((0, 4),), ((0, 4),)),
        ("1974-12-08", ((5, 7), (8, 10)), ((5, 7), (8, 10))),
        ("1974-08", ((8, 10),), ()),
        ("1974", ((5, 7), (8, 10)), ()),
    ],
)
def test_dates_are_marked_by_whole_parts(listed: str, left: tuple, right: tuple) -> None:
    found = row("birth_date", listed)
    assert (found.sign, found.left_marks, found.right_marks) == (Sign.DIFFERS, left, right)


def test_a_date_known_in_part_is_marked_where_the_other_says_more() -> None:
    found = row("birth_date", "1974-08-12", birth_date=PartialDate("7408<<"))
    assert (found.left, found.left_marks, found.right_marks) == ("1974-08", (), ((8, 10),))


def test_what_one_side_does_not_state_is_not_known() -> None:
    assert row("birth_place", "Quito") == CompareRow(
        "Place", "not stated", "Quito", Sign.UNKNOWN, left_missing=True, sign_text="not known"
    )
    assert row("sex", "") == CompareRow(
        "Sex", "F", "not stated", Sign.UNKNOWN, right_missing=True, sign_text="not known"
    )
    both = row("sex", "", sex=Sex.UNSPECIFIED)
    assert (both.left_missing, both.right_missing) == (True, True)


def test_likeness_is_scaled_to_the_larger_of_both() -> None:
    assert open_(ANA).likeness == Likeness(
        value=pytest.approx(1 / 1.1),
        threshold=pytest.approx(6 / 9 / 1.1),
        value_text="Likeness 9.0",
        threshold_text="threshold 6.0",
    )
    assert open_(ANA, words=Words("es")).likeness.value_text.endswith("9,0")
    below = open_(candidate(score=3_000)).likeness
    assert (below.value, below.threshold) == (pytest.approx(0.5 / 1.1), pytest.approx(1 / 1.1))
    under = open_(candidate(score=-500, threshold=-1)).likeness
    assert (under.value, under.threshold) == (0, 0)
    assert open_(candidate(score=1, threshold=0)).likeness.value == pytest.approx(1 / 1.1)


def test_panel_sorts_the_facts_by_their_signs() -> None:
    hit = answer(Check.WANTED, Outcome.HIT, "wanted.match:count=2", candidates=(candidate("A"), candidate("B")))
    on_desk = encounter(hit)
    assert compare_panel(state(on_desk, candidate=1), on_desk, EN) == (
        PanelSection("POSSIBLE MATCH", count="2 of 2", bold="ERIKSON, Ana (B)"),
        PanelSection(
            "FOR, AGAINST, NOT KNOWN",
            rows=(
                ReasonRow("Sex", Sign.SAME),
                ReasonRow("Family name, Given names", Sign.NEAR),
                ReasonRow("Birth", Sign.DIFFERS),
                ReasonRow("Nation, Document, Place, Alias", Sign.UNKNOWN),
            ),
        ),
        PanelSection("WHAT TO DO", lines=(EN.say("step.not_same"),)),
    )
