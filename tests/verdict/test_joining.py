"""A rule set's two answers, here and at the centre: hits stay, and what nobody could evaluate never becomes clear."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.verdict import Answer, Check, Finding, NotDone, Outcome, RuleMatch, Source
from checkpoint_app.verdict.raising import raised
from tests.verdict.helpers import HOUR, NOW


def source(version: int = 7) -> Source:
    return Source("demo-rules", version, "risk/1", issued_at=NOW - HOUR)


def rule(name: str) -> RuleMatch:
    return RuleMatch(name, 1, f"title {name}", "refer", "Ask.", ())


def evaluated(hits: str = "", of: int = 10, version: int = 7, outcome: Outcome = Outcome.HIT) -> Answer:
    findings = tuple(Finding("risk.refer", {"rule": one, "title": f"title {one}"}) for one in hits)
    return Answer(
        Check.RISK,
        outcome if hits else Outcome.CLEAR,
        source(version),
        NOW,
        findings=findings,
        rules=tuple(map(rule, hits)),
        of=of,
    )


def unknown(of: int = 1, version: int = 7) -> Answer:
    return replace(undone(NotDone.NOT_EVALUATED, version), of=of)


def undone(why: NotDone, version: int = 7) -> Answer:
    return Answer(Check.RISK, Outcome.NOT_CHECKED, source(version), NOW, not_done=why)


def hits(answers: tuple[Answer, ...]) -> str:
    return "".join(sorted(one.rule for answer in answers if answer.not_done is None for one in answer.rules))


def test_both_answers_of_a_set_survive_a_centre_that_says_the_same() -> None:
    own = (evaluated("a", 9), unknown())
    assert raised(own, own) == own
    assert raised(own, ()) == own


def test_what_the_centre_evaluated_is_no_more_unknown() -> None:
    assert raised((evaluated(of=9), unknown()), (evaluated(of=10),)) == (evaluated(of=9),)
    assert hits(raised((evaluated(of=9), unknown()), (evaluated("b", of=10),))) == "b"


def test_what_the_centre_could_not_evaluate_undoes_nothing_here() -> None:
    own = (evaluated(of=10),)
    assert raised(own, (evaluated(of=8), unknown(2))) == own


def test_an_older_set_at_the_centre_settles_nothing() -> None:
    own = (evaluated(of=9), unknown())
    assert raised(own, (evaluated(of=10, version=6),)) == own
    assert raised(own, (evaluated(of=9),)) == own


def test_a_set_that_was_not_consulted_here_takes_both_answers_of_the_centre() -> None:
    theirs = (evaluated("a", 9), unknown())
    for why in (NotDone.LIST_LOADING, NotDone.LIST_TOO_OLD, NotDone.LEASE_ENDED):
        assert raised((undone(why),), theirs) == theirs
    assert raised((undone(NotDone.LIST_LOADING),), (undone(NotDone.NO_ANSWER),)) == (undone(NotDone.LIST_LOADING),)


def test_hits_of_both_places_stand_side_by_side() -> None:
    (joined,) = raised((evaluated("a", 9, outcome=Outcome.NOTE),), (evaluated("ab", 10),))
    assert (hits((joined,)), joined.outcome, joined.of) == ("ab", Outcome.HIT, 10)
    assert [finding.params["rule"] for finding in joined.findings] == ["a", "b"]


def test_a_set_that_only_the_centre_has_is_told_with_what_it_could_not_evaluate() -> None:
    clear = Answer(Check.DOCUMENT, Outcome.CLEAR, Source("", 0, "booth/1"), NOW)
    assert raised((clear,), (evaluated(), unknown())) == (clear, evaluated(), unknown())


evaluations = st.builds(
    evaluated, st.sampled_from(["", "a", "b", "ab"]), st.integers(2, 9), st.integers(6, 8),
    st.sampled_from([Outcome.NOTE, Outcome.HIT]),
)  # fmt: skip
sides = st.tuples(evaluations, st.one_of(st.none(), st.builds(unknown, st.integers(1, 3)))).map(
    lambda pair: tuple(one for one in pair if one is not None)
)


@given(sides, sides)
def test_no_hit_is_lost_and_nothing_is_settled_by_an_absence(
    mine: tuple[Answer, ...], theirs: tuple[Answer, ...]
) -> None:
    joined = raised(mine, theirs)
    assert set(hits(joined)) == set(hits(mine)) | set(hits(theirs))
    had = any(one.not_done is NotDone.NOT_EVALUATED for one in mine)
    has = any(one.not_done is NotDone.NOT_EVALUATED for one in joined)
    assert not has or had
    if had and not has:
        assert not any(one.not_done is NotDone.NOT_EVALUATED for one in theirs)
        assert theirs[0].source.version > 7 or theirs[0].of >= mine[0].of + mine[1].of
