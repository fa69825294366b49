"""Compare: the sign of each fact, and exactly the letters that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.compare.compare_view import compare_panel, compare_view
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.matches import first_open, match_at, matches_of
from checkpoint_app.booth.view.screen import CompareRow, CompareView, Likeness, PanelSection, ReasonRow
from checkpoint_app.documents import PartialDate, Sex
from checkpoint_app.verdict import Candidate, Check, Outcome, Reason, Sign
from tests.booth.states import EN, answer, candidate, encounter, mrz, source, state

pytestmark = pytest.mark.usefixtures("quito")

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
        ("1974-08-13", ((9, 10),), ((9, 10),)),
        ("1975-08-12", ((3, 4),), ((3, 4),)),
        ("1974-12-08", ((5, 7), (8, 10)), ((5, 7), (8, 10))),
        ("1974-08", ((8, 10),), ()),
        ("1974", ((5, 10),), ()),
        ("1970–1972", ((0, 10),), ((0, 9),)),
    ],
)
def test_dates_are_marked_digit_by_digit(listed: str, left: tuple, right: tuple) -> None:
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


@pytest.mark.parametrize(
    ("listed", "left", "right"),
    [
        ("L898902C4", ((8, 9),), ((8, 9),)),
        ("X899902C3", ((0, 1), (3, 4)), ((0, 1), (3, 4))),
        ("L898902C", ((8, 9),), ()),
        ("QQ", ((0, 9),), ((0, 2),)),
    ],
)
def test_numbers_are_marked_character_by_character(listed: str, left: tuple, right: tuple) -> None:
    found = row("document_number", listed)
    assert (found.sign, found.left_marks, found.right_marks) == (Sign.DIFFERS, left, right)


@pytest.mark.parametrize(
    ("fact", "listed", "shown", "sign", "right"),
    [
        ("birth_date", "1950 / 1974-08-13", "1974-08-13\u00a0/ 1950", Sign.DIFFERS, ((9, 10),)),
        ("birth_date", "1950 / 1974-08-12 / 1975", "1974-08-12\u00a0/ 1950\u00a0/ 1975", Sign.SAME, ()),
        ("document_number", "AA-1, L898902C4", "L898902C4, AA-1", Sign.DIFFERS, ((8, 9),)),
        ("nationality", "ECU, UTO", "UTO, ECU", Sign.SAME, ()),
        ("birth_date", "1950 / 1975 / +2", "1975\u00a0/ 1950\u00a0/ +2", Sign.DIFFERS, ((3, 4),)),
        ("nationality", "ECU, PER", "ECU, PER", Sign.DIFFERS, ((0, 3),)),
        ("nationality", "AUT", "AUT", Sign.DIFFERS, ((0, 3),)),
    ],
)
def test_of_several_values_the_closest_comes_first(
    fact: str, listed: str, shown: str, sign: Sign, right: tuple
) -> None:
    found = row(fact, listed)
    assert (found.right, found.sign, found.right_marks) == (shown, sign, right)


def compared(*reasons: Reason, **facts: str) -> dict[str, CompareRow]:
    return {one.label: one for one in open_(candidate(reasons=reasons, facts=facts)).rows}


def test_signs_are_those_of_the_score_where_it_gives_them() -> None:
    """Folding knows more than letters do: Wade–Giles, an article, the century of a date."""
    rows = compared(
        Reason(Sign.SAME, "reason.family_name.same"),
        Reason(Sign.NEAR, "reason.given_name.spelling", {"left": "ANNA", "right": "HANA"}),
        Reason(Sign.SAME, "reason.birth.year_month_same", {"left": "1974-08", "right": "1974-08"}),
        Reason(Sign.DIFFERS, "reason.birth.day_differs", {"left": "12", "right": "13"}),
        family_name="Al-Eriksson",
        given_names="Hana",
        birth_date="1974-08-13",
    )
    assert (rows["Family name"].sign, rows["Family name"].right_marks) == (Sign.SAME, ())
    assert rows["Given names"].sign is Sign.NEAR
    assert rows["Birth"].sign is Sign.DIFFERS
    ranged = compared(
        Reason(Sign.NEAR, "reason.birth.in_range", {"left": "1974-08-12", "right": "1972–1976"}),
        birth_date="1950 / 1972–1976",
    )
    assert (ranged["Birth"].right, ranged["Birth"].sign) == ("1972–1976\u00a0/ 1950", Sign.NEAR)
    assert (ranged["Birth"].left_marks, ranged["Birth"].right_marks) == ((), ())


def test_the_value_that_the_score_compared_is_shown_even_where_there_are_more_than_fit() -> None:
    beyond = Reason(Sign.DIFFERS, "reason.birth.differs", {"left": "1974-08-12", "right": "1955-11-30"})
    assert (
        compared(beyond, birth_date="1950 / 1951 / +9")["Birth"].right == "1955-11-30\u00a0/ 1950\u00a0/ 1951\u00a0/ +9"
    )
    parts = (
        Reason(Sign.SAME, "reason.birth.year_month_same", {"left": "1974-08", "right": "1974-08"}),
        Reason(Sign.DIFFERS, "reason.birth.day_differs", {"left": "12", "right": "31"}),
    )
    both = compared(*parts, birth_date="1974-08-13 / 1974-08-31")["Birth"]
    assert (both.right, both.right_marks) == ("1974-08-31\u00a0/ 1974-08-13", ((8, 10),))
    number = Reason(Sign.SAME, "reason.document_number.same", {"left": "L898902C3", "right": "L898902 C3"})
    found = compared(number, document_number="A1, A2, +9")["Document"]
    assert (found.right, found.sign) == ("L898902 C3, A1, A2, +9", Sign.SAME)


def test_the_alias_that_agreed_stands_beside_the_whole_name() -> None:
    reasons = (
        Reason(Sign.SAME, "reason.family_name.same"),
        Reason(Sign.NEAR, "reason.name.alias", {"alias": "Erikson Anna Maria"}),
    )
    rows = compared(*reasons, family_name="Probemann", alias="Erikson Anna Maria; Ejemplo Xavi; +7")
    assert (rows["Alias"].left, rows["Alias"].right) == ("ERIKSSON ANNA MARIA", "Erikson Anna Maria")
    assert (rows["Alias"].sign, rows["Alias"].left_marks) == (Sign.NEAR, ((4, 5),))
    assert (rows["Also"].right, rows["Also"].wide) == ("Ejemplo Xavi; +7", True)
    assert rows["Family name"].sign is Sign.DIFFERS  # its reason tells of the alias, not of the name beside
    unasked = compared(family_name="Eriksson", alias="Ejemplo Xavi")
    assert (unasked["Alias"].right, unasked["Alias"].wide) == ("Ejemplo Xavi", True)
    assert "Also" not in unasked


def test_likeness_is_told_in_words_and_scaled_to_the_larger_of_both() -> None:
    assert open_(ANA).likeness == Likeness(
        value=pytest.approx(1 / 1.1),
        threshold=pytest.approx(6 / 9 / 1.1),
        value_text="Likely agreement",
        threshold_text="a hit from the mark on",
    )
    below = open_(candidate(score=3_000)).likeness
    assert (below.value, below.threshold) == (pytest.approx(0.5 / 1.1), pytest.approx(1 / 1.1))
    under = open_(candidate(score=-500, threshold=-1)).likeness
    assert (under.value, under.threshold) == (0, 0)
    assert open_(candidate(score=1, threshold=0)).likeness.value == pytest.approx(1 / 1.1)


@pytest.mark.parametrize(
    ("score", "said"),
    [(5_000, "Weak agreement"), (8_999, "Weak agreement"), (9_000, "Likely agreement"), (12_999, "Likely agreement"),
     (13_000, "Strong agreement"), (206_000, "Strong agreement")],
)  # fmt: skip
def test_the_strength_is_how_far_the_score_lies_beyond_the_threshold(score: int, said: str) -> None:
    assert open_(candidate(score=score)).likeness.value_text == said


def test_the_panel_says_who_it_may_be_then_sorts_the_facts_by_their_signs() -> None:
    reasons = (
        Reason(Sign.DIFFERS, "reason.summary.namesake_birth", {"left": "1974", "right": "1955"}),
        Reason(Sign.NEAR, "reason.family_name.letter_missing", {"left": "A", "right": "B"}),
        Reason(Sign.NEAR, "reason.given_name.spelling", {"left": "ANNA", "right": "HANA"}),
        Reason(Sign.DIFFERS, "reason.birth.differs", {"left": "1974-08-12", "right": "1955-11-30"}),
    )
    facts = {"family_name": "Erikson", "given_names": "Hana", "birth_date": "1955-11-30", "sex": "F"}
    other = candidate("B", reasons=reasons, facts=facts)
    hit = answer(Check.WANTED, Outcome.HIT, "wanted.match:count=2", candidates=(candidate("A"), other))
    on_desk = encounter(hit)
    assert compare_panel(state(on_desk, candidate=1), on_desk, EN) == (
        PanelSection("POSSIBLE MATCH", count="2 of 2", bold="ERIKSON, Ana (B)"),
        PanelSection(
            "FOR, AGAINST, NOT KNOWN",
            rows=(
                ReasonRow(
                    "Same name, but another birth date (1974, listed 1955): probably a namesake",
                    Sign.DIFFERS,
                    strong=True,
                ),
                ReasonRow("Given name ANNA / HANA: another spelling of the same name", Sign.NEAR),
                ReasonRow("Birth", Sign.DIFFERS),
                ReasonRow("Family name, Given names", Sign.NEAR),
                ReasonRow("Sex", Sign.SAME),
                ReasonRow("Nation, Document, Place, Alias", Sign.UNKNOWN),
            ),
        ),
        PanelSection("WHAT TO DO", lines=(EN.say("compare.next"), EN.say("step.not_same"))),
    )


def test_one_that_was_cleared_before_says_so() -> None:
    both = answer(Check.WANTED, Outcome.HIT, "wanted.match:count=1", candidates=(candidate("A"), candidate("B")))
    on_desk = encounter(both)
    first, *_, what = compare_panel(state(on_desk, candidate=0), on_desk, EN)
    assert (first.rows, what.lines[-1]) == ((), EN.say("step.not_same"))
    first, *_, what = compare_panel(state(on_desk, candidate=1), on_desk, EN)
    assert first.rows == (ReasonRow("Cleared before: not the same person", symbol="note", strong=True),)
    assert what.lines[-1] == EN.say("compare.cleared_step")
    assert [match.cleared for match in matches_of(on_desk.answers)] == [False, True]
    assert [match_at(on_desk.answers, at) is None for at in (-1, 0, 1, 2)] == [True, False, False, True]
    assert first_open(on_desk.answers) == 0
    cleared = answer(Check.WANTED, Outcome.NOTE, "wanted.cleared_before:entry=X", candidates=(candidate("C"),))
    assert first_open((cleared, *on_desk.answers)) == 1
    assert first_open((cleared,)) is None
