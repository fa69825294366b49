"""The list of cases, and what the right panel says of the one chosen: what is known, where from, what to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.ages import age_text, clock, day_and_time
from checkpoint_app.booth.present.answers import finding_texts
from checkpoint_app.booth.present.matches import findings_of, open_persons
from checkpoint_app.booth.present.panel import from_section
from checkpoint_app.booth.present.reasons import reason_lines
from checkpoint_app.booth.record.encounter import Disposition
from checkpoint_app.booth.rules.rule_findings import is_withheld
from checkpoint_app.booth.view.screen import (
    AdviceView,
    CaseMark,
    CaseRow,
    CasesView,
    CaseTab,
    PanelSection,
    ReasonRow,
)
from checkpoint_app.store.cases import CaseRow as StoredCase
from checkpoint_app.store.cases import Sighting
from checkpoint_app.verdict import Advice, Answer, Check
from checkpoint_app.wire.case import DUE, LEFT_OPEN, Case, CaseOutcome, CaseState

CLOSE_FORM = "close_case"
TABS = ("today", "new", "mine", "open")
ROWS = 7
_MARKS = {CaseState.NEW: CaseMark.NEW, CaseState.TAKEN: CaseMark.TAKEN, CaseState.CLOSED: CaseMark.CLOSED}
_MOST_ROWS = 7
_URGENT = timedelta(hours=1)


def shown_cases(state: DeskState) -> list[StoredCase]:
    """Return the cases of the tab chosen: the unclosed first, by time left; then the closed, the latest first."""
    chosen = [row for row in state.cases if _in_tab(row.case, TABS[state.case_tab], state)]
    left = sorted((row for row in chosen if row.case.state is not CaseState.CLOSED), key=lambda row: row.case.due_at)
    closed = [row for row in chosen if row.case.state is CaseState.CLOSED]
    return left + sorted(closed, key=lambda row: row.case.opened_at, reverse=True)


def selected_case(state: DeskState) -> StoredCase | None:
    """Return the case chosen in the list, or None where it is empty."""
    shown = shown_cases(state)
    return shown[place_of(state.case, shown)] if shown else None


def place_of(case_id: str, shown: list[StoredCase]) -> int:
    """Return where the chosen case stands in the list; where it is not listed, the first is chosen."""
    return next((place for place, row in enumerate(shown) if row.case.case_id == case_id), 0)


def unowned(state: DeskState) -> int:
    """Return how many cases nobody has taken yet."""
    return sum(row.case.state is CaseState.NEW for row in state.cases)


def is_mine(state: DeskState, case: Case) -> bool:
    """Tell whether the officer at the desk has taken ``case``."""
    return case.state is CaseState.TAKEN and state.officer is not None and case.owner == state.officer.id


def cases_view(state: DeskState, words: Words) -> CasesView:
    """Return the page of the list that holds the chosen case."""
    shown = shown_cases(state)
    chosen = place_of(state.case, shown)
    page, pages = chosen // ROWS, max(1, -(-len(shown) // ROWS))
    return CasesView(
        title=words.say("cases.title"),
        tabs=tuple(
            CaseTab(
                words.say(f"cases.tab_{tab}", count=sum(_in_tab(row.case, tab, state) for row in state.cases)),
                active=place == state.case_tab,
            )
            for place, tab in enumerate(TABS)
        ),
        heads=(
            words.say("cases.head_person"),
            words.say("cases.head_state"),
            words.say("cases.head_owner"),
            words.say("cases.head_left"),
        ),
        rows=tuple(_row(row.case, state, words) for row in shown[page * ROWS : (page + 1) * ROWS]),
        selected=chosen % ROWS if shown else -1,
        page=words.say("cases.page", page=page + 1, pages=pages) if pages > 1 else "",
        empty="" if shown else words.say("cases.empty"),
    )


def case_advice(state: DeskState, words: Words) -> AdviceView:
    """Return the banner of the chosen case; none where there is no case, or it is closed."""
    row = selected_case(state)
    if row is None or row.case.state is CaseState.CLOSED:
        return AdviceView(None, words.say("advice.none"))
    key = {CaseState.NEW: "nobody", CaseState.TAKEN: "mine" if is_mine(state, row.case) else "taken"}[row.case.state]
    return AdviceView(Advice.REFER, words.say("advice.refer"), words.say(f"cases.line_{key}", owner=row.case.owner))


def case_panel(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return what is known of the chosen case, where it comes from, and what to do."""
    row = selected_case(state)
    if row is None:
        return ()
    case = row.case
    newest = _newest(case)
    candidate = newest.candidates[0] if newest is not None and newest.candidates else None
    rows = _whereabouts(row, state.now, words)
    if newest is not None:
        seen = next((one.version for one in case.seen if one.name == newest.source.name), 0)
        had = words.say("cases.had_list" if seen else "cases.had_no_list", list=f"{newest.source.name}\u00a0{seen}")
        found = words.say(
            "cases.found",
            time=_moment(_found_at(case), state.now, words),
            list=f"{newest.source.name}\u00a0{newest.source.version}",
        )
        rows += [ReasonRow(had, symbol="clock"), ReasonRow(found, symbol="hit")]
        if more := _more(case):
            rows.append(ReasonRow(words.say("cases.more", count=more), symbol="hit"))
        if row.untold:
            rows.append(ReasonRow(words.say("cases.untold"), symbol="not_checked"))
        if newest.check is not Check.WANTED:
            texts = finding_texts(findings_of(newest), words)
            if is_withheld(newest, state):
                texts = [words.say("rules.withheld")]
            rows += [ReasonRow(text, symbol="hit") for text in texts]
    if candidate is not None:
        rows += list(reason_lines(candidate.reasons, words)[: max(1, _MOST_ROWS - len(rows))])
    name = f"{case.family_name}, {case.given_names}".strip(", ")
    head = words.say("cases.kind_late_hit").upper()
    sections = [PanelSection(head, count=words.say("cases.number", case=case.case_id), bold=name, rows=tuple(rows))]
    sections.append(_to_do(state, row, words))
    if newest is not None:
        sections.append(from_section(newest.source, candidate.handling if candidate else (), state.judged_at, words))
    return tuple(sections)


def _newest(case: Case) -> Answer | None:
    """Return what was found last: a case that was widened is looked at for it, and not for what somebody has seen."""
    return case.found[-1] if case.found else None


def _found_at(case: Case) -> datetime:
    """Return when that was found: with it the case became due anew."""
    return case.opened_at if len(case.found) < 2 else max(case.opened_at, case.due_at - DUE)


def _more(case: Case) -> int:
    """Return how many persons, or findings about numbers, the case names beside those that are shown."""
    counts = [open_persons(one) if one.check is Check.WANTED else len(one.findings) for one in case.found]
    shown = 1 if case.found[-1].check is Check.WANTED else counts[-1]
    return max(0, sum(counts) - shown)


def _whereabouts(row: StoredCase, now: datetime, words: Words) -> list[ReasonRow]:
    """Return where the person was: the last time since, and the Encounter that the case is of."""
    since = [words.say("cases.since_then", what=_seen_text(one, now, words)) for one in row.later[:1]]
    then = ReasonRow(_seen_text(_sighting(row), now, words), symbol="clear")
    return [*(ReasonRow(text, symbol="clock") for text in since), then]


def last_seen(row: StoredCase) -> Sighting:
    """Return when and where the person was last, as far as this booth knows."""
    return row.later[0] if row.later else _sighting(row)


def _sighting(row: StoredCase) -> Sighting:
    case = row.case
    return Sighting(case.decided_at, case.direction_in, row.lane, case.disposition, case.decided_by)


def _seen_text(one: Sighting, now: datetime, words: Words) -> str:
    way = words.say("cases.way_in" if one.direction_in else "cases.way_out")
    where = words.say("cases.in_lane", way=way, lane=one.lane) if one.lane else way
    key = f"cases.done_{_known(one.disposition, words)}"
    return words.say(key, time=_moment(one.at, now, words), way=where, officer=one.by)


def _step_of(one: Sighting, words: Words) -> str:
    """Return the sentence that says what to do first, by what was decided last, and which way."""
    known = _known(one.disposition, words)
    if known == Disposition.LET_PASS.value:
        return words.say("cases.step_let_in" if one.direction_in else "cases.step_let_out")
    return words.say(f"cases.step_{known}" if words.knows(f"cases.step_{known}") else "cases.step_open")


def _to_do(state: DeskState, row: StoredCase, words: Words) -> PanelSection:
    case = row.case
    if case.state is CaseState.CLOSED:
        outcome = words.say(f"cases.outcome_{(case.outcome or CaseOutcome.PASSED_ON).value}")
        return PanelSection(words.say("cases.closed_head"), lines=(outcome,))
    first = _step_of(last_seen(row), words)
    steps = (words.say("cases.step_take"), first)
    if is_mine(state, case):
        steps = (first, f"{words.say('cases.step_finish')} {words.say('cases.step_close')}")
    rows = tuple(ReasonRow(text, number=str(number)) for number, text in enumerate(steps, 1))
    return PanelSection(words.say("panel.what_to_do"), rows=rows)


def _disposition(case: Case, words: Words) -> str:
    return _known(case.disposition, words)


def _known(disposition: str, words: Words) -> str:
    """Return the word for what was decided; one of a newer centre says no more than that it is not known here."""
    return disposition if words.knows(f"cases.done_{disposition}") else LEFT_OPEN


def _row(case: Case, state: DeskState, words: Words) -> CaseRow:
    name = f"{case.family_name}, {case.given_names}".strip(", ") or words.say("person.no_name")
    newest = _newest(case)
    source = newest.source if newest is not None else None
    kind = words.say(
        "cases.kind",
        what=words.say(f"history.{_disposition(case, words)}"),
        time=_moment(case.decided_at, state.now, words),
        list=f"{source.name}\u00a0{source.version}" if source else "",
    )
    nobody = not case.owner
    stands = words.say(f"cases.state_{case.state.value}")
    owner = case.owner or words.say("cases.nobody")
    left, urgent = _left(case, state.now, words)
    return CaseRow(
        advice=Advice.PROCEED if case.state is CaseState.CLOSED else Advice.REFER,
        name=name,
        kind=kind,
        mark=_MARKS[case.state],
        state=stands,
        owner=owner,
        unowned=nobody,
        time_left=left,
        urgent=urgent,
        accessible=words.say("cases.accessible", name=name, kind=kind, state=stands, owner=owner, left=left),
    )


def _left(case: Case, now: datetime, words: Words) -> tuple[str, bool]:
    """Return the words of the time left, and whether it is short. What is past due has none left."""
    if case.state is CaseState.CLOSED:
        return "", False
    left = case.due_at - now
    if left <= timedelta(0):
        return words.say("cases.overdue"), True
    return age_text(words, now - left, now), left < _URGENT


def _in_tab(case: Case, tab: str, state: DeskState) -> bool:
    if tab == "new":
        return case.state is CaseState.NEW
    if tab == "mine":
        return state.officer is not None and case.owner == state.officer.id
    if tab == "open":
        return case.state is not CaseState.CLOSED
    return case.state is not CaseState.CLOSED or case.opened_at.astimezone().date() == state.now.astimezone().date()


def _moment(moment: datetime, now: datetime, words: Words) -> str:
    """Return the clock of today, or day and clock."""
    today = moment.astimezone().date() == now.astimezone().date()
    return clock(moment) if today else day_and_time(words, moment)
