"""The rules in force, a plot each: how often they hit, what inspections found, and why one stands out."""

from __future__ import annotations

from datetime import timedelta

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.ages import day_month
from checkpoint_app.booth.rules.rule_performance import DAYS, Standing
from checkpoint_app.booth.view.listing import MOST_PLOTS, RulePlot, RulesView
from checkpoint_app.booth.view.screen import PanelSection, ReasonRow
from checkpoint_app.risk.standing import RuleCount, wilson
from checkpoint_app.verdict import Outcome

HEADROOM = 1.25
"""How far above the highest bar, or the limit, a plot ends."""
_LEGEND = ("hits", "limit", "precision", "lot")


def rules_view(state: DeskState, words: Words) -> RulesView:
    """Return the page of plots that the chosen rule is on."""
    rows, legend = state.standings, tuple(words.say(f"standing.legend_{key}") for key in _LEGEND)
    named = (legend[0], legend[1], legend[2], legend[3])
    title = words.say("standing.title")
    if not rows:
        return RulesView(title, "", (), -1, named, empty=words.say("standing.none"))
    page, pages = state.standing // MOST_PLOTS, -(-len(rows) // MOST_PLOTS)
    shown = rows[page * MOST_PLOTS : (page + 1) * MOST_PLOTS]
    held = sum(one.suspended for one in rows)
    said = words.say("standing.said", count=len(rows), days=DAYS)
    return RulesView(
        title=title,
        said=f"{said} · {words.say('standing.held', count=held)}" if held else said,
        plots=tuple(_plot(one, state, words) for one in shown),
        selected=state.standing % MOST_PLOTS,
        legend=named,
        page=words.say("cases.page", page=page + 1, pages=pages) if pages > 1 else "",
    )


def rules_panel(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return what the chosen rule is: its basis, its conditions, its counts."""
    if not state.standings:
        return ()
    one = state.standings[state.standing]
    count, rule = one.count, one.rule
    counted: tuple[str, ...] = (
        words.say("standing.counted", subjects=words.whole(count.subjects), hits=words.whole(count.hits)),
        words.say("standing.not_evaluated", count=words.whole(count.unknowns)),
        _found(count, words),
    )
    if one.lot.inspected:
        lot = {"found": words.whole(one.lot.found), "inspected": words.whole(one.lot.inspected)}
        counted = (*counted, words.say("standing.lot", **lot))
    if count.subjects and not count.hits:
        counted = (counted[0], words.say("standing.never", days=DAYS), *counted[1:])
    flags = tuple(ReasonRow(words.say(f"standing.flag_{flag.value}"), symbol=Outcome.NOTE) for flag in one.flags)
    if one.suspended:
        flags = (*flags, ReasonRow(words.say("standing.flag_suspended"), symbol=Outcome.NOTE))
    conditions = tuple(
        ReasonRow(condition.says, number=str(place)) for place, condition in enumerate(rule.conditions, 1)
    )
    sections = [
        PanelSection(f"{rule.id} · {words.say(f'standing.action_{rule.action.value}')}", bold=rule.title, lines=counted)
    ]
    if flags:
        sections.append(PanelSection(words.say("standing.stands_out"), rows=flags))
    sections.append(PanelSection(words.say(f"standing.match_{rule.match.value}"), rows=conditions))
    basis = words.say("standing.basis", basis=rule.legal_basis, owner=rule.owner, approver=rule.approver)
    until = words.say("standing.until", date=rule.ends.isoformat())
    sections.append(PanelSection(words.say("standing.whose"), muted=(basis, until)))
    return tuple(sections)


def _plot(one: Standing, state: DeskState, words: Words) -> RulePlot:
    rates = [hits / subjects if subjects else None for subjects, hits in one.days]
    top = HEADROOM * max([one.rule.max_hit_rate, *(rate for rate in rates if rate is not None)])
    count = one.count
    low, high = wilson(count.found, count.inspected)
    flag, today = _flag(one, words), state.judged_at
    said = _said(count, words)
    precision = (low, count.found / count.inspected, high) if count.inspected else None
    text = _found(count, words) if count.inspected else ""
    return RulePlot(
        rule=one.rule.id,
        title=one.rule.title,
        said=said,
        days=tuple(None if rate is None else rate / top for rate in rates),
        limit=one.rule.max_hit_rate / top,
        precision=precision,
        drawn=one.lot.found / one.lot.inspected if one.lot.inspected else None,
        flag=flag,
        accessible=". ".join(part for part in (f"{one.rule.id} {one.rule.title}", said, text, flag) if part),
        limit_text=words.say("standing.limit", percent=f"{100 * one.rule.max_hit_rate:g}"),
        span=(day_month(words, today - timedelta(days=DAYS - 1)), day_month(words, today)),
        precision_text=_precision(count, low, high, words),
    )


def _flag(one: Standing, words: Words) -> str:
    """Return in short why a rule stands out; the panel says it at length."""
    if one.suspended:
        return words.say("standing.short_suspended")
    if one.flags:
        return words.say(f"standing.short_{one.flags[0].value}")
    never = one.count.subjects > 0 and not one.count.hits and not any(hits for _subjects, hits in one.days)
    return words.say("standing.short_never", days=DAYS) if never else ""


def _said(count: RuleCount, words: Words) -> str:
    """Return hits and subjects, and what came of the inspections."""
    parts = [words.say("standing.plot", hits=words.whole(count.hits), subjects=words.whole(count.subjects))]
    if count.inspected:
        parts.append(words.say("standing.inspections", count=count.inspected, number=words.whole(count.inspected)))
        parts.append(words.say("standing.of_them", count=count.found, number=words.whole(count.found)))
    else:
        parts.append(words.say("standing.no_inspection"))
    return " · ".join(parts)


def _precision(count: RuleCount, low: float, high: float, words: Words) -> str:
    if not count.inspected:
        return words.say("standing.no_result")
    ends = {"low": f"{100 * low:.0f}", "high": f"{100 * high:.0f}"}
    return words.say("standing.of", found=words.whole(count.found), inspected=words.whole(count.inspected), **ends)


def _found(count: RuleCount, words: Words) -> str:
    told = words.say("standing.found", found=words.whole(count.found), inspected=words.whole(count.inspected))
    return f"{told} · {words.say('standing.unreported', count=count.unreported)}" if count.unreported else told
