"""The fold: every combination of outcomes, and nothing absent ends in PROCEED (invariant 7)."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.verdict import Advice, AgeSteps, Answer, Check, Outcome, Requirement, Source, Verdict, fold
from tests.verdict.helpers import DAY, HOUR, NOW, SECOND, answer, policy

TWO = (Requirement(Check.WANTED), Requirement(Check.LOST_STOLEN))


def advice(answers: Sequence[Answer], *required: Requirement) -> Advice:
    return fold(answers, policy(*required), NOW).advice


def expected(outcomes: Sequence[Outcome | None], required: int) -> Advice:
    """The rule as DESIGN §2.3 words it; None is an answer that never came."""
    if Outcome.HIT in outcomes:
        return Advice.REFER
    if any(outcome in (None, Outcome.NOT_CHECKED) for outcome in outcomes[:required]):
        return Advice.INCOMPLETE
    return Advice.LOOK if Outcome.NOTE in outcomes else Advice.PROCEED


@pytest.mark.parametrize("outcomes", list(itertools.product([*Outcome, None], repeat=3)))
def test_truth_table(outcomes: tuple[Outcome | None, ...]) -> None:
    checks = (Check.WANTED, Check.LOST_STOLEN, Check.FACE)  # the last is asked for, not required
    answers = [answer(c, o) for c, o in zip(checks, outcomes, strict=True) if o is not None]
    for order in itertools.permutations(answers):
        assert advice(order, *TWO) is expected(outcomes, 2)


def test_a_verdict_counts_and_names_its_policy() -> None:
    answers = [
        answer(Check.WANTED, Outcome.HIT),
        answer(Check.DOCUMENT, Outcome.NOTE, None, ""),
        answer(Check.DOCUMENT, Outcome.NOTE, None, ""),
        answer(Check.LOST_STOLEN, Outcome.NOT_CHECKED),
        answer(Check.RISK),
        answer(Check.CHIP),
        answer(Check.FACE),
    ]
    assert fold(answers, policy(*TWO), NOW) == Verdict(
        advice=Advice.REFER,
        policy_name="paso",
        policy_version=12,
        as_of=None,
        hits=1,
        notes=2,
        clear=3,
        not_done=1,
        missing=(Requirement(Check.LOST_STOLEN),),
    )


def test_a_hit_still_names_what_is_missing() -> None:
    verdict = fold([answer(Check.WANTED, Outcome.HIT)], policy(*TWO), NOW)
    assert verdict.advice is Advice.REFER
    assert verdict.missing == (Requirement(Check.LOST_STOLEN),)


def test_no_answer_at_all_is_incomplete() -> None:
    verdict = fold([], policy(*TWO), NOW)
    assert verdict.advice is Advice.INCOMPLETE
    assert verdict.missing == TWO


class TestNamedLists:
    """A requirement may name the list that must have answered."""

    ECU, CHL = Requirement(Check.WANTED, "ECU"), Requirement(Check.WANTED, "CHL")

    def test_another_list_does_not_stand_in(self) -> None:
        verdict = fold([answer(name="ECU")], policy(self.ECU, self.CHL), NOW)
        assert verdict.advice is Advice.INCOMPLETE
        assert verdict.missing == (self.CHL,)

    def test_both_answered(self) -> None:
        assert advice([answer(name="ECU"), answer(name="CHL")], self.ECU, self.CHL) is Advice.PROCEED

    def test_another_check_of_the_same_list_does_not_stand_in(self) -> None:
        assert advice([answer(Check.LOST_STOLEN, name="ECU")], self.ECU) is Advice.INCOMPLETE

    def test_without_a_name_each_list_asked_must_have_answered(self) -> None:
        answers = [answer(name="ECU"), answer(Check.WANTED, Outcome.NOT_CHECKED, name="CHL")]
        assert advice(answers, Requirement(Check.WANTED)) is Advice.INCOMPLETE
        assert advice(answers, self.ECU) is Advice.PROCEED


class TestAge:
    """Lists grow older while an Encounter is open."""

    @pytest.mark.parametrize(
        ("age", "outcome", "as_of"),
        [
            (HOUR, Advice.PROCEED, False),
            (DAY, Advice.PROCEED, False),
            (DAY + SECOND, Advice.PROCEED, True),
            (7 * DAY, Advice.PROCEED, True),
            (7 * DAY + SECOND, Advice.INCOMPLETE, False),
        ],
    )
    def test_steps(self, age: object, outcome: Advice, as_of: bool) -> None:
        verdict = fold([answer(age=age)], policy(), NOW)  # type: ignore[arg-type]
        assert verdict.advice is outcome
        assert verdict.as_of == (NOW - age if as_of else None)  # type: ignore[operator]

    def test_the_same_answer_goes_stale_as_time_passes(self) -> None:
        clear = answer(age=HOUR)
        assert fold([clear], policy(), NOW + 7 * DAY - HOUR).advice is Advice.PROCEED
        assert fold([clear], policy(), NOW + 7 * DAY).advice is Advice.INCOMPLETE

    @pytest.mark.parametrize(("left", "expected"), [(SECOND, Advice.PROCEED), (0 * SECOND, Advice.INCOMPLETE)])
    def test_the_same_answer_counts_no_longer_when_the_agreement_ends(self, left: timedelta, expected: Advice) -> None:
        one = answer()
        ending = replace(one, source=replace(one.source, agreement_ends_at=NOW + left))
        assert advice([ending], Requirement(Check.WANTED)) is expected

    def test_as_of_is_the_oldest_that_counts(self) -> None:
        answers = [
            answer(age=2 * DAY),
            answer(Check.LOST_STOLEN, age=5 * DAY),
            answer(Check.FACE, age=8 * DAY),
            answer(Check.RISK, Outcome.NOT_CHECKED, age=6 * DAY),
            answer(Check.CHIP, age=HOUR),
        ]
        assert fold(answers, policy(*TWO), NOW).as_of == NOW - 5 * DAY

    def test_a_note_keeps_as_of(self) -> None:
        verdict = fold([answer(Check.WANTED, Outcome.NOTE, 2 * DAY)], policy(), NOW)
        assert (verdict.advice, verdict.as_of) == (Advice.LOOK, NOW - 2 * DAY)

    def test_a_hit_counts_however_old_its_list(self) -> None:
        verdict = fold([answer(Check.WANTED, Outcome.HIT, 30 * DAY)], policy(), NOW)
        assert verdict.advice is Advice.REFER
        assert verdict.missing == (Requirement(Check.WANTED),)

    def test_the_policy_sets_the_steps(self) -> None:
        strict = policy(ages=AgeSteps(HOUR, DAY))
        assert fold([answer(age=DAY)], strict, NOW).as_of == NOW - DAY
        assert fold([answer(age=DAY + SECOND)], strict, NOW).advice is Advice.INCOMPLETE

    def test_the_post_itself_has_no_age(self) -> None:
        verdict = fold([answer(Check.DOCUMENT, age=None)], policy(Requirement(Check.DOCUMENT)), NOW)
        assert (verdict.advice, verdict.as_of) == (Advice.PROCEED, None)


ANSWERS = st.lists(
    st.builds(
        answer,
        st.sampled_from(list(Check)),
        st.sampled_from(list(Outcome)),
        st.none() | st.timedeltas(0 * DAY, 20 * DAY),
        st.sampled_from(["", "ECU", "CHL"]),
    ),
    max_size=6,
)
REQUIRED = st.lists(
    st.builds(Requirement, st.sampled_from(list(Check)), st.sampled_from(["", "ECU"])), min_size=1, max_size=4
)


@given(ANSWERS, REQUIRED)
def test_an_answer_that_is_missing_never_makes_proceed(answers: list[Answer], required: list[Requirement]) -> None:
    for requirement in required:
        rest = [a for a in answers if a.check is not requirement.check]
        assert fold(rest, policy(*required), NOW).advice in (Advice.INCOMPLETE, Advice.REFER)


@given(ANSWERS, REQUIRED)
def test_proceed_means_each_required_check_was_done_in_time(answers: list[Answer], required: list[Requirement]) -> None:
    verdict = fold(answers, policy(*required), NOW)
    if verdict.advice is not Advice.PROCEED:
        return
    for requirement in required:
        done = [a for a in answers if a.check is requirement.check and requirement.list_name in ("", a.source.name)]
        assert done
        assert all(a.outcome is Outcome.CLEAR for a in done)
        assert all(a.source.issued_at is None or NOW - a.source.issued_at <= 7 * DAY for a in done)


@given(ANSWERS, REQUIRED)
def test_replaying_gives_the_same_verdict_and_counts_add_up(answers: list[Answer], required: list[Requirement]) -> None:
    verdict = fold(answers, policy(*required), NOW)
    assert fold(list(answers), policy(*required), NOW) == verdict
    assert verdict.hits + verdict.notes + verdict.clear + verdict.not_done == len(answers)


def test_rules_do_not_age_and_lists_do() -> None:
    """A rule has its own last day, and its set ends with the lease: by its age alone nothing is missing."""
    old = NOW - timedelta(days=90)
    for check, advice in ((Check.RISK, Advice.PROCEED), (Check.WANTED, Advice.INCOMPLETE)):
        one = Answer(check, Outcome.CLEAR, Source("old", 1, "e/1", issued_at=old), NOW)
        verdict = fold([one], policy(Requirement(check)), NOW)
        assert (verdict.advice, verdict.as_of) == (advice, None)
