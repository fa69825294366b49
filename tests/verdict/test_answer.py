"""Answers say why they were not done, exactly then; a note or a hit says what was found."""

import pytest

from checkpoint_app.verdict import Answer, Candidate, Check, Finding, NotDone, Outcome, Reason, Sign, Source
from tests.verdict.helpers import NOW

SOURCE = Source("ECU", 88, "engine/1")
FOUND = (Finding("wanted.match", {"count": "1"}),)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("not_done", [None, *NotDone])
@pytest.mark.parametrize("findings", [(), FOUND])
def test_which_answers_there_can_be(outcome: Outcome, not_done: NotDone | None, findings: tuple[Finding, ...]) -> None:
    reason_fits = (not_done is None) == (outcome is not Outcome.NOT_CHECKED)
    finding_fits = bool(findings) or outcome in (Outcome.CLEAR, Outcome.NOT_CHECKED)
    if reason_fits and finding_fits:
        made = Answer(Check.WANTED, outcome, SOURCE, NOW, not_done=not_done, findings=findings)
        assert (made.outcome, made.not_done, made.findings) == (outcome, not_done, findings)
        return
    word = "names its finding" if reason_fits else "names a reason exactly when"
    with pytest.raises(ValueError, match=word):
        Answer(Check.WANTED, outcome, SOURCE, NOW, not_done=not_done, findings=findings)


def test_answers_are_values() -> None:
    reason = Reason(Sign.NEAR, "family_name.letters", {"count": "1"})
    candidate = Candidate("e1", "00" * 32, "ERIKSON, Ana", 870, 850, (reason,))
    hit = Answer(Check.WANTED, Outcome.HIT, SOURCE, NOW, findings=FOUND, candidates=(candidate,))
    assert hit == Answer(Check.WANTED, Outcome.HIT, SOURCE, NOW, None, FOUND, (candidate,))
    with pytest.raises(AttributeError):
        hit.outcome = Outcome.CLEAR  # type: ignore[misc]


def test_what_is_not_given_is_empty() -> None:
    assert Answer(Check.WANTED, Outcome.CLEAR, SOURCE, NOW).candidates == ()
    assert Answer(Check.WANTED, Outcome.CLEAR, SOURCE, NOW).findings == ()
    assert (SOURCE.issued_at, SOURCE.agreement_ends_at, SOURCE.handling) == (None, None, ())
    assert (SOURCE.originator, SOURCE.agreement) == ("", "")
    candidate = Candidate("e1", "", "", 0, 0)
    assert (candidate.reasons, candidate.facts, candidate.handling) == ((), {}, ())
    assert Finding("x").params == Reason(Sign.SAME, "x").params == {}
