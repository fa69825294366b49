"""One rule set's answers here and at the centre: of what was evaluated, and of what could not be.

The centre may have fields that the booth has not. A rule that hit here stays; what was evaluated in either place was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from checkpoint_app.verdict.answer import Answer, NotDone, Outcome

_WEIGHT = {Outcome.CLEAR: 1, Outcome.NOTE: 2, Outcome.HIT: 3}


def joined_rules(mine: Sequence[Answer], theirs: Sequence[Answer]) -> list[Answer]:
    """Return the answers of one set, ``mine`` with what ``theirs`` know more."""
    my_evaluated, my_unknown = _parts(mine)
    evaluated, unknown = _parts(theirs)
    if evaluated is None and unknown is None:
        return list(mine)
    if my_evaluated is None and my_unknown is None:
        return list(theirs)
    joined = _evaluated(my_evaluated, evaluated)
    here = sum(one.of for one in (my_evaluated, my_unknown) if one is not None)
    left = _unknown(my_unknown, here, evaluated, unknown)
    return [one for one in (joined, left) if one is not None]


def _parts(answers: Sequence[Answer]) -> tuple[Answer | None, Answer | None]:
    """Return the answer of the rules that were evaluated, and that of those that could not be."""
    evaluated = next((one for one in answers if one.not_done is None), None)
    unknown = next((one for one in answers if one.not_done is NotDone.NOT_EVALUATED), None)
    return evaluated, unknown


def _evaluated(mine: Answer | None, theirs: Answer | None) -> Answer | None:
    if mine is None or theirs is None:
        return mine or theirs
    known = {rule.rule for rule in mine.rules}
    more = tuple(rule for rule in theirs.rules if rule.rule not in known)
    newer = theirs.source.version > mine.source.version
    if not more:
        return theirs if newer and not mine.rules else mine
    findings = (*mine.findings, *(one for one in theirs.findings if one.params.get("rule") not in known))
    return replace(
        theirs if newer else mine,
        outcome=max(mine.outcome, theirs.outcome, key=_WEIGHT.__getitem__),
        findings=findings,
        rules=(*mine.rules, *more),
        of=max(mine.of, theirs.of),
    )


def _unknown(mine: Answer | None, here: int, evaluated: Answer | None, theirs: Answer | None) -> Answer | None:
    """Return what neither place could evaluate, as far as the two tell: nobody counts rule by rule.

    ``here`` is how many rules were in force here: in the same version as many must have been evaluated there.
    """
    if mine is None:
        return None
    version = mine.source.version
    if theirs is not None:
        return theirs if theirs.source.version >= version and theirs.of < mine.of else mine
    if evaluated is None or evaluated.source.version < version:
        return mine
    return None if evaluated.source.version > version or evaluated.of >= here else mine
