"""The right panel: why the advice is what it is, where it comes from, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.encounter.doubt_view import candidates_text, part_on_desk, part_view, parts_on_desk
from checkpoint_app.booth.line.line_view import outbox_section
from checkpoint_app.booth.lists.lists_view import lists_sections
from checkpoint_app.booth.present.ages import age_text, clock, day_month
from checkpoint_app.booth.present.answers import finding_text, finding_texts, not_done_text
from checkpoint_app.booth.present.matches import findings_of, matches_of
from checkpoint_app.booth.present.reasons import reason_lines
from checkpoint_app.booth.rules.rule_findings import (
    MOST_UNKNOWN,
    is_withheld,
    questions,
    rule_sections,
    unknown_section,
)
from checkpoint_app.booth.slips.slip_view import slip_section
from checkpoint_app.booth.view.screen import PanelSection, ReasonRow
from checkpoint_app.documents import country_name
from checkpoint_app.verdict import Advice, Answer, Check, HandlingCode, LaneKind, Outcome, Source, Verdict

_MOST_REASONS, _LEAST_REASONS = 6, 2
_LOOKS = {
    Check.DOCUMENT: "look_document",
    Check.LOST_STOLEN: "look_document",
    Check.MANIFEST: "manifest",
    Check.STAY: "stay",
    Check.DRAW: "drawn",
}
"""What a note of a check asks the officer to do."""
_OF_CROSSING = (Check.STAY, Check.MANIFEST, Check.DRAW)
"""Checks that tell nothing of the document: no hit of theirs is a reason to keep it."""


def panel_sections(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return the sections of the right panel for what is on the desk."""
    encounter = state.encounter
    if state.show_lists or encounter is None or encounter.verdict is None or state.reading:
        return _today(state, words)
    sections = {
        Advice.REFER: _refer,
        Advice.INCOMPLETE: _incomplete,
        Advice.LOOK: _look,
        Advice.PROCEED: _proceed,
    }[encounter.verdict.advice]
    doubt = _doubt_section(state, words)
    answers = encounter.answers
    most = 1 if encounter.verdict.advice is Advice.REFER else MOST_UNKNOWN  # what to do has to be seen
    *why, steps = sections(state, answers, encounter.verdict, words)
    return (*doubt, *why, *slip_section(state, words), *unknown_section(state, answers, words, most), steps)


def _doubt_section(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return the stretch of the zone to compare with the document, and the key that says it stands so."""
    part, parts = part_on_desk(state), parts_on_desk(state)
    if part is None or state.encounter is None:
        return ()
    view = part_view(state.encounter, part, words)
    count = words.say("panel.of", index=parts.index(part) + 1, count=len(parts)) if len(parts) > 1 else ""
    fields = dict.fromkeys(doubt.field for doubt in part.doubts)
    lines = tuple(
        f"{words.say(f'document.field.{field}')}: "
        + candidates_text([doubt for doubt in part.doubts if doubt.field == field], words)
        for field in fields
    )
    step = words.say("panel.doubt_step", cap=words.say("key.as_read_cap"))
    return (PanelSection(words.say("panel.doubt"), count=count, strip=view, lines=lines, muted=(step,)),)


def _today(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    counts = (("persons", state.counts.persons), ("referred", state.counts.referred))
    table = [(words.say(f"panel.{name}"), "", str(count)) for name, count in counts]
    table.append((words.say("panel.incomplete"), "", str(state.counts.incomplete)))
    if state.lane_kind is LaneKind.CARGO:
        goods = (("consignments", state.counts.consignments), ("inspected", state.counts.inspected))
        table = [*((words.say(f"panel.{name}"), "", str(count)) for name, count in goods), *table]
    sections = [
        PanelSection(words.say("panel.today"), table=tuple(table)),
        *lists_sections(state, words),
        *outbox_section(state, words),
    ]
    if state.health.key_kind == "memory":
        sections.append(PanelSection(words.say("panel.key"), lines=(words.say("panel.key_memory"),)))
    return tuple(sections)


def _refer(state: DeskState, answers: tuple[Answer, ...], _verdict: Verdict, words: Words) -> tuple[PanelSection, ...]:
    matches = matches_of(answers)
    others = [a for a in answers if a.outcome is Outcome.HIT and a.check not in (Check.WANTED, Check.RISK)]
    sections: list[PanelSection] = []
    if others:
        rows = tuple(ReasonRow(text, symbol="hit") for a in others for text in finding_texts(findings_of(a), words))
        sections.append(PanelSection(words.say("panel.finding"), rows=rows))
    rules = rule_sections(state, answers, words)
    sections += rules
    of_document = [a for a in others if a.check not in _OF_CROSSING]
    source = of_document[0].source if of_document else None
    handling: tuple[str, ...] = ()
    if matches:
        index = min(state.candidate, len(matches) - 1)
        match = matches[index]
        sections.append(
            PanelSection(
                words.say("panel.possible_match"),
                count=words.say("panel.of", index=index + 1, count=len(matches)),
                bold=match.candidate.caption,
                rows=reason_lines(match.candidate.reasons, words)[
                    : max(_LEAST_REASONS, _MOST_REASONS - len(others) - len(rules))
                ],
            )
        )
        source, handling = match.answer.source, match.candidate.handling
    if source is not None:
        sections.append(from_section(source, handling, state.judged_at, words))
    elif rules:  # the row of the check tells list and age: here they would take the room of what to do
        hits = (a for a in answers if a.check is Check.RISK and a.outcome is Outcome.HIT)
        if (of_rules := next((a.source for a in hits if not is_withheld(a, state)), None)) is not None:
            sections[-1] = replace(rules[-1], muted=(*rules[-1].muted, _origin(of_rules, words)))
    if not matches:  # a match takes the room; the rows of the checks then tell that there are notes
        sections += _noted(answers, words)
    keys = ["compare", "refer_if_doubt"] if matches else ["keep_document", "refer"] if of_document else ["refer"]
    sections.append(_steps(keys, words, asked=questions(state, answers, words)))
    return tuple(sections)


def _noted(answers: tuple[Answer, ...], words: Words) -> tuple[PanelSection, ...]:
    """Return what is to be looked at beside a finding: of many checks the rows have no room for it."""
    notes = [a for a in answers if a.outcome is Outcome.NOTE and a.check is not Check.RISK]
    rows = tuple(ReasonRow(text, symbol="note") for a in notes for text in finding_texts(findings_of(a), words))
    return (PanelSection(words.say("panel.look_at"), rows=rows),) if rows else ()


def _origin(source: Source, words: Words) -> str:
    """Return in a line who answers for a rule set, and what may be done with what it says."""
    state = country_name(source.originator, words.language) or source.originator or source.name
    return " ".join((words.say("panel.rules_of", state=state), *_terms(source, (), words)))


def _terms(source: Source, handling: tuple[str, ...], words: Words) -> list[str]:
    """Return until when the agreement is, and what the handling codes say."""
    codes = [HandlingCode.read(code) for code in (handling or source.handling)]
    small = [words.say(f"handling.{code.value}") for code in dict.fromkeys(codes)]
    if source.agreement_ends_at is not None:
        small.insert(0, words.say("panel.agreement", date=f"{source.agreement_ends_at.astimezone():%Y-%m-%d}"))
    return small


def from_section(source: Source, handling: tuple[str, ...], now: datetime, words: Words) -> PanelSection:
    """Return where a finding comes from: state, list, age, the agreement's end, what may be done with it."""
    head = words.say("panel.from")
    if source.issued_at is None:
        return PanelSection(head, lines=(words.say("panel.from_booth"),))
    line = words.say(
        "panel.from_list",
        originator=country_name(source.originator, words.language) or source.originator or source.name,
        list=f"{source.name}\u00a0{source.version}",
        age=age_text(words, source.issued_at, now),
    )
    small = _terms(source, handling, words)
    return PanelSection(head, lines=(line,), muted=(" ".join(small),) if small else ())


def _incomplete(
    state: DeskState, answers: tuple[Answer, ...], verdict: Verdict, words: Words
) -> tuple[PanelSection, ...]:
    required = {requirement.check for requirement in verdict.missing}
    missing = [a for a in answers if a.outcome is Outcome.NOT_CHECKED and a.check in required]
    rows = tuple(
        ReasonRow(f"{_name(a, state, words)}. {not_done_text(a, state.policy, words)}", symbol="not_checked")
        for a in missing
    )
    also = [a for a in answers if a.outcome is Outcome.NOT_CHECKED and a.check not in required]
    muted = (words.say("panel.also_missing", what=_names(also, words)),) if also else ()
    missed = PanelSection(words.say("panel.missing"), rows=rows, muted=muted)
    keys = ["ask_centre", "refer_or_reason"]
    if part_on_desk(state) is not None:  # it takes the room of what was done, which the checks tell
        return missed, _steps(keys, words)
    done = [a for a in answers if a.outcome is Outcome.CLEAR]
    done_text = words.say("panel.done_text", what=_names(done, words)) if done else words.say("panel.done_nothing")
    notes = [f for a in answers if a.outcome is Outcome.NOTE and a.check is not Check.RISK for f in findings_of(a)]
    done_rows = (
        ReasonRow(done_text, symbol="clear" if done else "not_checked"),
        *(ReasonRow(finding_text(finding, words), symbol="note") for finding in notes),
    )
    return (
        missed,
        PanelSection(words.say("panel.done"), rows=done_rows),
        *rule_sections(state, answers, words),
        _steps(keys, words, "later", questions(state, answers, words)),
    )


def _look(state: DeskState, answers: tuple[Answer, ...], verdict: Verdict, words: Words) -> tuple[PanelSection, ...]:
    rules = rule_sections(state, answers, words)
    notes = [a for a in answers if a.outcome is Outcome.NOTE and a.check is not Check.RISK]
    first = list(dict.fromkeys(key for check, key in _LOOKS.items() if any(a.check is check for a in notes)))
    if not first and any(a.candidates for a in notes):
        first = ["compare"]
    if any(f.code == "document.read_doubtful" for a in notes for f in a.findings):
        first = ["correct"]
    look_at = (replace(one, muted=_not_required(answers, words)) for one in _noted(answers, words))
    return (
        *look_at,
        *rules,
        *_age_section(verdict, words),
        _steps([*first, "reason_or_refer"], words, "later", questions(state, answers, words)),
    )


def _proceed(state: DeskState, answers: tuple[Answer, ...], verdict: Verdict, words: Words) -> tuple[PanelSection, ...]:
    required = len(state.policy.required) if state.policy else 0
    rows = (
        ReasonRow(words.say("panel.all_made", count=required), symbol="clear"),
        ReasonRow(words.say("panel.nothing_found"), symbol="clear"),
    )
    what_to_do = (words.say("step.let_pass"), words.say("step.later"))
    return (
        PanelSection(words.say("panel.why"), rows=rows, muted=_not_required(answers, words)),
        *_age_section(verdict, words),
        PanelSection(words.say("panel.what_to_do"), lines=(" ".join(what_to_do),)),
    )


def _not_required(answers: tuple[Answer, ...], words: Words) -> tuple[str, ...]:
    undone = [answer for answer in answers if answer.outcome is Outcome.NOT_CHECKED]
    return (words.say("panel.not_required", what=_names(undone, words)),) if undone else ()


def _age_section(verdict: Verdict, words: Words) -> tuple[PanelSection, ...]:
    if verdict.as_of is None:
        return ()
    text = words.say("panel.age_text", date=f"{day_month(words, verdict.as_of)} {clock(verdict.as_of)}")
    return (PanelSection(words.say("panel.age_head"), rows=(ReasonRow(text, symbol="clock"),)),)


def _steps(keys: list[str], words: Words, muted: str = "", asked: tuple[str, ...] = ()) -> PanelSection:
    """Return what to do: what rules ask first, then what ``keys`` name."""
    texts = (*asked, *(words.say(f"step.{key}") for key in keys))
    rows = tuple(ReasonRow(text, number=str(n)) for n, text in enumerate(texts, 1))
    return PanelSection(words.say("panel.what_to_do"), rows=rows, muted=(words.say(f"step.{muted}"),) if muted else ())


def _name(answer: Answer, state: DeskState, words: Words) -> str:
    name = words.say(f"check.{answer.check.value}")
    is_named = answer.source.name and not (answer.rules and is_withheld(answer, state))
    return f"{name} ({answer.source.name})" if is_named else name


def _names(answers: list[Answer], words: Words) -> str:
    names = [words.say(f"check.{answer.check.value}").lower() for answer in answers]
    text = ", ".join(dict.fromkeys(names))
    return text[:1].upper() + text[1:]
