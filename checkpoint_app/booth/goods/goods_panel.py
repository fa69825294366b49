"""The right panel of a consignment: findings as sentences, what could not be evaluated, and last what to do."""

from __future__ import annotations

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.goods.goods_rows import undone_text
from checkpoint_app.booth.present.answers import finding_text, not_done_text
from checkpoint_app.booth.present.matches import findings_of, matches_of
from checkpoint_app.booth.present.panel import from_section
from checkpoint_app.booth.present.reasons import reason_lines
from checkpoint_app.booth.rules.rule_findings import questions, rule_sections, unknown_section
from checkpoint_app.booth.view.screen import PanelSection, ReasonRow
from checkpoint_app.verdict import Advice, Answer, Check, NotDone, Outcome

_MOST_REASONS, _MOST_FOUND, _LEAST_FOUND = 2, 4, 2
"""What is told of a match, and how many findings: the fewer where a match or rules want their room."""
_MOST_RULES = 2
_Sections = tuple[PanelSection, ...]
_STEPS = {
    Advice.REFER: ("inspect",),
    Advice.LOOK: ("look_at_goods", "release_or_inspect"),
    Advice.INCOMPLETE: ("ask_centre", "release_or_inspect"),
    Advice.PROCEED: ("release",),
}


def cargo_panel(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return the sections of the right panel for the consignment on the desk."""
    encounter = state.encounter
    if encounter is None or encounter.verdict is None:
        return ()
    answers = encounter.answers
    (match, origin), rules = _match(state, answers, words), rule_sections(state, answers, words, _MOST_RULES)
    found, further = _found(state, answers, words, _LEAST_FOUND if match or rules else _MOST_FOUND)
    return (
        *found,
        *rules,
        *match,
        *_undone(state, answers, words, brief=bool(match or rules)),
        _to_do(state, answers, encounter.verdict.advice, words),
        *further,
        *origin,
    )


def _to_do(state: DeskState, answers: tuple[Answer, ...], advice: Advice, words: Words) -> PanelSection:
    """Return what to do: first what is still to be looked at, then what the rules ask, last how to decide."""
    first = ["see_seals"] if any(_is_undone(one, Check.SEALS) for one in answers) else []
    first += ["compare"] if matches_of(answers) else []
    said = [words.say(f"step.{key}") for key in first]
    said += [*questions(state, answers, words), *(words.say(f"step.{key}") for key in _STEPS[advice])]
    rows = tuple(ReasonRow(text, number=str(number)) for number, text in enumerate(said, 1))
    return PanelSection(words.say("panel.what_to_do"), rows=rows)


def _is_undone(answer: Answer, check: Check) -> bool:
    return answer.check is check and answer.outcome is Outcome.NOT_CHECKED


def _found(state: DeskState, answers: tuple[Answer, ...], words: Words, most: int) -> tuple[_Sections, _Sections]:
    """Return the ``most`` gravest findings with the count of the others, and those others; or that nothing was found.

    One more than ``most`` takes no more room than its count would. What rules found has sections of its own.
    """
    weights = state.policy.outcomes if state.policy is not None else {}
    found = [
        (weights.get(finding.code, Outcome.HIT), finding_text(finding, words))
        for answer in answers
        if answer.outcome in (Outcome.HIT, Outcome.NOTE) and answer.check is not Check.RISK
        for finding in findings_of(answer)
    ]
    if found:
        found.sort(key=lambda one: one[0] is not Outcome.HIT)
        rows = tuple(ReasonRow(text, symbol=outcome.value) for outcome, text in found)
        if len(rows) <= most + 1:
            return (PanelSection(words.say("cargo.findings"), rows=rows),), ()
        muted = (words.say("cargo.findings_more", count=len(rows) - most),)
        first = PanelSection(words.say("cargo.findings"), rows=rows[:most], muted=muted)
        return (first,), (PanelSection(words.say("cargo.findings_further"), rows=rows[most:]),)
    clear = sum(answer.outcome is Outcome.CLEAR for answer in answers)
    if not clear or any(answer.outcome in (Outcome.HIT, Outcome.NOTE) for answer in answers):
        return (), ()
    said = words.say("cargo.clear", count=clear)
    return (PanelSection(words.say("panel.why"), rows=(ReasonRow(said, symbol="clear"),)),), ()


def _match(state: DeskState, answers: tuple[Answer, ...], words: Words) -> tuple[_Sections, _Sections]:
    """Return who a party may be, and where that comes from; what to do has its place before the latter."""
    matches = matches_of(answers)
    if not matches:
        return (), ()
    index = min(state.candidate, len(matches) - 1)
    match = matches[index]
    rows = reason_lines(match.candidate.reasons, words)[:_MOST_REASONS]
    told = PanelSection(
        words.say("panel.possible_match"),
        count=words.say("panel.of", index=index + 1, count=len(matches)),
        bold=match.candidate.caption,
        rows=rows,
    )
    return (told,), (from_section(match.answer.source, match.candidate.handling, state.judged_at, words),)


def _undone(state: DeskState, answers: tuple[Answer, ...], words: Words, *, brief: bool) -> _Sections:
    """Return what could not be evaluated, and why; ``brief``: a match or rules want their room."""
    unknown = unknown_section(state, answers, words)
    rows = tuple(
        ReasonRow(_undone_text(answer, state, words, brief=brief), symbol="not_checked")
        for answer in answers
        if answer.outcome is Outcome.NOT_CHECKED and answer.not_done is not NotDone.NOT_EVALUATED
    )
    if state.policy is not None and not state.policy.cargo_required:
        rows = (ReasonRow(words.say("cargo.no_policy"), symbol="not_checked"),)
    undone = (PanelSection(words.say("cargo.not_done"), rows=rows),) if rows else ()
    return (*undone, *unknown)


def _undone_text(answer: Answer, state: DeskState, words: Words, *, brief: bool) -> str:
    read = state.encounter.consignment if state.encounter is not None else None
    counted = undone_text(answer, read, words) if brief and read is not None else ""
    return counted or f"{_name(answer, words)}. {not_done_text(answer, state.policy, words)}"


def _name(answer: Answer, words: Words) -> str:
    name = words.say(f"check.{answer.check.value}")
    return f"{name} ({answer.source.name})" if answer.source.name else name
