"""The centre's answers beside the booth's own: what they may raise, and the one way in which a hit is lowered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.verdict import Advice, Answer, Check, Finding, NotDone, Outcome, Requirement, Source, fold
from checkpoint_app.verdict.answer import Candidate
from checkpoint_app.verdict.raising import MATCH, Gone, raised, still_found
from tests.verdict.helpers import HOUR, NOW, policy

WEIGHT = {Outcome.NOT_CHECKED: 0, Outcome.CLEAR: 1, Outcome.NOTE: 2, Outcome.HIT: 3}


def candidate(entry_id: str) -> Candidate:
    return Candidate(entry_id, "0" * 64, f"MUSTER {entry_id}", 9500, 9400)


def source(name: str = "ECU", version: int = 7) -> Source:
    return Source(name, version, "engine/1", issued_at=NOW - HOUR)


def clear(name: str = "ECU", version: int = 7, check: Check = Check.WANTED) -> Answer:
    return Answer(check, Outcome.CLEAR, source(name, version), NOW)


def undone(name: str = "ECU", version: int = 7, check: Check = Check.WANTED) -> Answer:
    return Answer(check, Outcome.NOT_CHECKED, source(name, version), NOW, not_done=NotDone.LIST_TOO_OLD)


def without_list(check: Check = Check.WANTED) -> Answer:
    return Answer(check, Outcome.NOT_CHECKED, Source("", 0, "engine/1"), NOW, not_done=NotDone.NO_LIST)


def wanted(open_ids: str, cleared_ids: str = "", name: str = "ECU", version: int = 7, unseen: int = 0) -> Answer:
    """A hit of open candidates, one a letter, then those cleared before; with none open a note."""
    findings = [Finding(MATCH, {"count": str(len(open_ids) + unseen)})] if open_ids or unseen else []
    findings += [Finding("wanted.cleared_before", {"entry": f"MUSTER {one}"}) for one in cleared_ids]
    outcome = Outcome.HIT if open_ids or unseen else Outcome.NOTE
    candidates = tuple(candidate(one) for one in open_ids + cleared_ids)
    return Answer(Check.WANTED, outcome, source(name, version), NOW, findings=tuple(findings), candidates=candidates)


def listed(number: str, outcome: Outcome = Outcome.HIT, version: int = 7, name: str = "INTL") -> Answer:
    finding = Finding("lost_stolen.listed", {"number": number, "category": "stolen"})
    return Answer(Check.LOST_STOLEN, outcome, source(name, version), NOW, findings=(finding,))


def gone(ids: str, version: int = 8, name: str = "ECU") -> tuple[Gone, ...]:
    return tuple(Gone(name, version, one) for one in ids)


def open_ids(answer: Answer) -> str:
    """The open candidates' ids, by the number that the finding states."""
    count = sum(int(finding.params["count"]) for finding in answer.findings if finding.code == MATCH)
    return "".join(one.entry_id for one in answer.candidates[:count])


def cleared_ids(answer: Answer) -> str:
    return "".join(one.entry_id for one in answer.candidates[len(open_ids(answer)) :])


def stated(answer: Answer) -> list[str]:
    return [finding.params["count"] for finding in answer.findings if finding.code == MATCH]


# -- one answer beside one answer ------------------------------------------------------------------------------------

HEAVIER = [
    (undone(), clear()),
    (undone(), wanted("", "a")),
    (undone(), wanted("a")),
    (clear(), wanted("", "a")),
    (clear(version=9), wanted("a", version=3)),
    (wanted("", "a", version=9), wanted("b", version=3)),
]


@pytest.mark.parametrize(("mine", "theirs"), HEAVIER)
def test_what_weighs_more_is_taken_whatever_its_version(mine: Answer, theirs: Answer) -> None:
    assert raised([mine], [theirs]) == (theirs,)


LIGHTER = [
    (clear(), undone(version=9)),
    (wanted("", "a"), undone(version=9)),
    (wanted("", "a"), clear(version=9)),
    (wanted("a"), undone(version=9)),
    (wanted("a"), clear(version=9)),
    (wanted("a"), wanted("", "a", version=9)),
    (listed("X1"), clear("INTL", 9, Check.LOST_STOLEN)),
    (listed("X1"), listed("X1", Outcome.NOTE, 9)),
    (undone(), undone(version=9)),
]


@pytest.mark.parametrize(("mine", "theirs"), LIGHTER)
def test_what_weighs_less_changes_nothing(mine: Answer, theirs: Answer) -> None:
    assert raised([mine], [theirs]) == (mine,)


@pytest.mark.parametrize("maker", [clear, lambda version: wanted("", "a", version=version)])
def test_of_two_that_say_the_same_the_newer_list_is_named(maker) -> None:
    assert raised([maker(version=7)], [maker(version=8)]) == (maker(version=8),)
    for version in (7, 6):
        mine = maker(version=7)
        assert raised([mine], [maker(version=version)])[0] is mine


# -- a local hit -----------------------------------------------------------------------------------------------------


def test_a_hit_goes_when_the_newer_list_names_every_open_entry_as_gone() -> None:
    for theirs in (clear(version=8), wanted("", "c", version=8)):
        assert raised([wanted("ab", "c")], [theirs], gone("ab")) == (theirs,)


def test_a_hit_stays_with_the_entries_that_are_not_named() -> None:
    (left,) = raised([wanted("abc", "d")], [clear(version=8)], gone("b"))
    assert (left.outcome, open_ids(left), cleared_ids(left), stated(left)) == (Outcome.HIT, "ac", "d", ["2"])
    assert left.source.version == 7
    assert Finding("wanted.cleared_before", {"entry": "MUSTER d"}) in left.findings


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        (clear(version=8), gone("a", version=9)),
        (clear(version=8), gone("a", version=7)),
        (clear(version=8), gone("a", name="INTL")),
        (clear(version=8), gone("b")),
        (clear(version=8), ()),
        (clear(version=7), gone("a", version=7)),
        (clear(version=6), gone("a", version=6)),
        (undone(version=8), gone("a")),
        (clear("INTL", 8), gone("a")),
        (clear("ECU", 8, Check.LOST_STOLEN), gone("a")),
    ],
)
def test_a_hit_stays_without_the_very_version_in_which_the_entry_is_gone(
    theirs: Answer, named: tuple[Gone, ...]
) -> None:
    assert wanted("a") in raised([wanted("a")], [theirs], named)


def test_hits_that_are_counted_but_not_shown_are_not_lowered_with_those_shown() -> None:
    (left,) = raised([wanted("ab", unseen=3)], [clear(version=8)], gone("ab"))
    assert (left.outcome, left.candidates, stated(left)) == (Outcome.HIT, (), ["3"])
    (left,) = raised([wanted("ab", unseen=3)], [clear(version=8)], gone("a"))
    assert (left.outcome, open_ids(left), stated(left)) == (Outcome.HIT, "b", ["4"])


def test_a_hit_for_another_reason_than_a_match_is_not_lowered() -> None:
    mine = Answer(Check.WANTED, Outcome.HIT, source(), NOW, findings=(Finding("wanted.cleared_before"),))
    assert raised([mine], [clear(version=8)], gone("a")) == (mine,)


def test_two_hits_are_joined_the_newer_list_leading() -> None:
    (one,) = raised([wanted("ab", "z", version=7)], [wanted("bc", "y", version=8)])
    assert (open_ids(one), cleared_ids(one), one.source.version, stated(one)) == ("bca", "y", 8, ["3"])
    (one,) = raised([wanted("ab", "z", version=7)], [wanted("bc", "y", version=7)])
    assert (open_ids(one), cleared_ids(one), one.source.version, stated(one)) == ("abc", "z", 7, ["3"])
    (one,) = raised([wanted("ab", version=7)], [wanted("bc", version=8)], gone("a"))
    assert (open_ids(one), stated(one)) == ("bc", ["2"])


def test_what_was_cleared_here_is_not_opened_by_the_same_list() -> None:
    mine = wanted("a", "b")
    assert raised([mine], [wanted("ab")]) == (mine,)


def test_what_is_open_here_stays_open_although_it_was_cleared_elsewhere() -> None:
    (one,) = raised([wanted("a")], [wanted("b", "ac", version=8)])
    assert (open_ids(one), cleared_ids(one)) == ("ba", "c")


def test_a_centre_that_hits_for_another_reason_still_shows_the_match_found_here() -> None:
    theirs = Answer(Check.WANTED, Outcome.HIT, source(version=8), NOW, findings=(Finding("wanted.other"),))
    (one,) = raised([wanted("ab")], [theirs])
    assert (open_ids(one), [finding.code for finding in one.findings]) == ("ab", [MATCH, "wanted.other"])


@pytest.mark.parametrize("count", ["", "x", "-1", "²", "9999999", "1" * 5000, "1.5"])
def test_a_number_that_is_none_leaves_every_candidate_open(count: str) -> None:
    theirs = Answer(
        Check.WANTED, Outcome.HIT, source(version=8), NOW, findings=(Finding(MATCH, {"count": count}),),
        candidates=(candidate("b"),),
    )  # fmt: skip
    (one,) = raised([wanted("a")], [theirs])
    assert open_ids(one) == "ba"
    mine = Answer(
        Check.WANTED, Outcome.HIT, source(), NOW, findings=(Finding(MATCH, {"count": count}),),
        candidates=(candidate("a"), candidate("b")),
    )  # fmt: skip
    assert raised([mine], [clear(version=8)], gone("ab")) == (clear(version=8),)
    assert open_ids(raised([mine], [clear(version=8)], gone("a"))[0]) == "b"


def test_six_digits_are_a_number() -> None:
    (left,) = raised([wanted("ab", unseen=999_997)], [clear(version=8)], gone("a"))
    assert stated(left) == ["999998"]


def test_a_listed_number_goes_when_it_is_named() -> None:
    theirs = clear("INTL", 8, Check.LOST_STOLEN)
    assert raised([listed("X1")], [theirs], gone(["X1"], name="INTL")) == (theirs,)
    assert raised([listed("X1")], [theirs], gone(["X2"], name="INTL")) == (listed("X1"),)
    assert raised([listed("X1")], [theirs], gone(["X1"], 9, "INTL")) == (listed("X1"),)
    assert raised([listed("X1")], [listed("X1", version=8)]) == (listed("X1", version=8),)
    mine = listed("X1")
    assert raised([mine], [listed("X1", version=7)])[0] is mine


def test_a_hit_of_the_document_itself_is_nothing_a_list_can_take_back() -> None:
    finding = Finding("document.check_digit")
    mine = Answer(Check.DOCUMENT, Outcome.HIT, Source("", 0, "booth/1"), NOW, findings=(finding,))
    theirs = Answer(Check.DOCUMENT, Outcome.CLEAR, Source("", 8, "booth/1"), NOW)
    assert raised([mine], [theirs], [Gone("", 8, "")]) == (mine,)


# -- several lists ---------------------------------------------------------------------------------------------------


def test_where_the_booth_has_no_list_every_list_of_the_centre_stands() -> None:
    theirs = [clear("ECU"), wanted("a", name="COL"), undone("PER")]
    assert raised([without_list(), clear("INTL", check=Check.LOST_STOLEN)], theirs) == (
        *theirs,
        clear("INTL", check=Check.LOST_STOLEN),
    )
    assert raised([without_list()], [undone("ECU"), undone("COL")]) == (without_list(),)
    assert raised([without_list()], [clear("INTL", check=Check.LOST_STOLEN)]) == (
        without_list(),
        clear("INTL", check=Check.LOST_STOLEN),
    )


def test_a_list_that_is_here_is_joined_with_its_like_whatever_stands_before_it() -> None:
    local, theirs = [without_list(), clear("ECU")], [wanted("a", name="ECU"), clear("COL")]
    assert raised(local, theirs) == (clear("COL"), wanted("a", name="ECU"))
    assert raised(local[::-1], theirs) == (wanted("a", name="ECU"), clear("COL"))


def test_an_answer_that_is_asked_for_twice_is_raised_twice() -> None:
    assert raised([clear(), clear()], [wanted("a")]) == (wanted("a"), wanted("a"))


def test_a_centre_that_answers_twice_lowers_nothing() -> None:
    assert raised([wanted("a")], [clear(version=8), undone(version=9)]) == (wanted("a"),)
    assert raised([clear()], [wanted("a"), undone()]) == (wanted("a"),)


def test_lists_unknown_here_follow_their_check_in_the_centres_order() -> None:
    local = [clear("ECU"), clear("INTL", check=Check.LOST_STOLEN)]
    theirs = [clear("COL"), undone("ARG"), wanted("a", name="PER"), listed("X1", name="SLTD")]
    assert raised(local, theirs) == (
        clear("ECU"),
        clear("COL"),
        wanted("a", name="PER"),
        clear("INTL", check=Check.LOST_STOLEN),
        listed("X1", name="SLTD"),
    )
    assert raised([clear("INTL", check=Check.LOST_STOLEN)], [clear("COL")])[-1] == clear("COL")


# -- invariants 7, 10 and 11 -----------------------------------------------------------------------------------------

NAMES = st.sampled_from(["ECU", "COL", "PER"])
VERSIONS = st.integers(5, 9)
IDS = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6).map("".join)


@st.composite
def answers(draw: st.DrawFn, nameless: bool = False) -> Answer:
    name, version = draw(NAMES), draw(VERSIONS)
    ids = draw(IDS)
    split = draw(st.integers(0, len(ids)))
    kinds = [clear(name, version), undone(name, version), clear(name, version, Check.LOST_STOLEN)]
    kinds += [listed(draw(st.sampled_from(["X1", "X2"])), version=version, name=name)]
    kinds += [wanted(ids[:split], ids[split:], name, version, draw(st.sampled_from([0, 0, 0, 2])))] if ids else []
    kinds += [without_list(), without_list(Check.LOST_STOLEN)] if nameless else []
    return draw(st.sampled_from(kinds))


def one_a_question(values: Sequence[Answer]) -> list[Answer]:
    """A booth asks each list once: keep the first answer of each check and list."""
    return list({(one.check, one.source.name): one for one in reversed(values)}.values())[::-1]


LOCAL = st.lists(answers(nameless=True), max_size=6).map(one_a_question)
CENTRE = st.lists(answers(nameless=True), max_size=6).map(one_a_question)
GONE = st.lists(st.builds(Gone, NAMES, VERSIONS, st.sampled_from([*"abcdef", "X1", "X2"])), max_size=12)


def question(answer: Answer) -> tuple[Check, str]:
    return answer.check, answer.source.name


def named_gone(mine: Answer, centre: Sequence[Answer], named: Sequence[Gone]) -> set[str]:
    """The entries that the centre's answer to the same question, of a newer version, names as gone in that version."""
    newer = [
        one.source.version
        for one in centre
        if question(one) == question(mine)
        and one.outcome is not Outcome.NOT_CHECKED
        and one.source.version > mine.source.version
    ]
    return {one.entry_id for one in named if one.list_name == mine.source.name and one.version in newer}


@given(LOCAL, CENTRE, GONE)
def test_no_outcome_is_lowered_but_a_hit_whose_every_open_entry_is_named_gone(local, centre, named) -> None:
    after = {question(one): one for one in raised(local, centre, named)}
    for mine in local:
        if not mine.source.name:
            continue
        now = after[question(mine)]
        if WEIGHT[now.outcome] >= WEIGHT[mine.outcome]:
            continue
        assert mine.outcome is Outcome.HIT
        entries = set(open_ids(mine)) or {finding.params["number"] for finding in mine.findings}
        assert entries <= named_gone(mine, centre, named)
        assert now in centre
        if mine.check is Check.WANTED:
            assert stated(mine) == [str(len(open_ids(mine)))]


@given(LOCAL, CENTRE, GONE)
def test_no_open_candidate_of_a_hit_is_dropped_but_one_named_gone(local, centre, named) -> None:
    after = {question(one): one for one in raised(local, centre, named)}
    for mine in local:
        if mine.check is Check.WANTED and mine.outcome is Outcome.HIT:
            kept = set(open_ids(after[question(mine)]))
            assert set(open_ids(mine)) - named_gone(mine, centre, named) <= kept


@given(LOCAL, CENTRE, GONE)
def test_no_hit_of_the_centre_is_lost(local, centre, named) -> None:
    after = {question(one): one for one in raised(local, centre, named)}
    cleared_here = {question(one): set(cleared_ids(one)) for one in local if one.check is Check.WANTED}
    for theirs in centre:
        if theirs.outcome is Outcome.HIT:
            now = after[question(theirs)]
            assert now.outcome is Outcome.HIT
            if theirs.check is Check.WANTED:
                assert set(open_ids(theirs)) <= set(open_ids(now)) | cleared_here.get(question(theirs), set())


@given(LOCAL, CENTRE, GONE)
def test_the_local_order_stays(local, centre, named) -> None:
    after = [question(one) for one in raised(local, centre, named)]
    assert [one for one in after if one in {question(mine) for mine in local if mine.source.name}] == [
        question(mine) for mine in local if mine.source.name
    ]
    assert len(after) == len(set(after))


@given(LOCAL, CENTRE, GONE)
def test_hearing_the_centre_again_changes_nothing(local, centre, named) -> None:
    once = raised(local, centre, named)
    assert raised(once, centre, named) == once


@given(LOCAL, CENTRE, GONE)
def test_a_centre_that_checked_nothing_changes_nothing(local, centre, named) -> None:
    silent = [undone(one.source.name, one.source.version, one.check) for one in centre]
    assert raised(local, silent, named) == tuple(local)
    assert raised(local, [], named) == tuple(local)


@given(LOCAL)
def test_a_centre_that_agrees_changes_nothing(local) -> None:
    assert raised(local, local) == tuple(local)


REQUIRED = st.lists(
    st.builds(Requirement, st.sampled_from([Check.WANTED, Check.LOST_STOLEN]), st.sampled_from(["", "ECU", "COL"])),
    min_size=1,
    max_size=3,
    unique=True,
)


@given(LOCAL, CENTRE, GONE, REQUIRED)
def test_no_advice_to_proceed_comes_of_an_absence_or_against_a_hit(local, centre, named, required) -> None:
    rules = policy(*required)
    after = raised(local, centre, named)
    verdict = fold(after, rules, NOW)
    there = [one for one in (*local, *centre) if one.outcome is not Outcome.NOT_CHECKED]
    for one in after:  # nothing is invented: what counts as done was done, here or there
        if one.outcome is not Outcome.NOT_CHECKED:
            assert (one.check, one.source) in [(other.check, other.source) for other in there]
    if verdict.advice is Advice.PROCEED:
        assert all(
            any(r.check is one.check and r.list_name in ("", one.source.name) for one in there) for r in required
        )
        assert not [one for one in centre if one.outcome is Outcome.HIT]
    if fold(local, rules, NOW).advice is Advice.REFER and not named:
        assert verdict.advice is Advice.REFER


def test_a_missing_check_stays_missing_until_the_very_list_was_asked() -> None:
    rules = policy(Requirement(Check.WANTED, "ECU"))
    assert fold(raised([without_list()], [clear("COL")]), rules, NOW).advice is Advice.INCOMPLETE
    assert fold(raised([without_list()], [clear("ECU")]), rules, NOW).advice is Advice.PROCEED
    later = NOW + timedelta(days=8)
    assert fold(raised([without_list()], [clear("ECU")]), rules, later).advice is Advice.INCOMPLETE


@pytest.mark.parametrize(
    ("local", "stays"),
    [
        ((), True),
        ((clear(version=6),), True),
        ((clear(version=7),), True),
        ((clear(version=8),), False),
        ((clear("CHL", version=8),), True),
        ((undone(version=8),), True),
        ((replace(undone(version=7), not_done=NotDone.AGREEMENT_ENDED),), False),
        ((replace(undone(version=6), not_done=NotDone.AGREEMENT_ENDED),), True),
    ],
)
def test_what_the_centre_found_stays_until_a_newer_list_here_or_its_agreements_end(local, stays: bool) -> None:
    hit = wanted("A", version=7)
    assert still_found([hit], local, NOW) == ((hit,) if stays else ())


def test_only_what_a_list_found_is_held_and_nothing_is_held_as_clear() -> None:
    ends = replace(wanted("A"), source=replace(source(), agreement_ends_at=NOW))
    of_no_list = listed("X1", version=0)
    assert still_found([clear(), undone(), ends, of_no_list], (), NOW) == ()
    note = listed("X1", Outcome.NOTE)
    assert still_found([note], (), NOW) == (note,)
