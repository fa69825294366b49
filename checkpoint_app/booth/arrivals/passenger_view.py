"""The page of passenger lists: which are on their way, who is on one, and what closing it comes to."""

from __future__ import annotations

from checkpoint_app.booth.arrivals.passenger_state import ArrivalRow, Passengers
from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.ages import clock, day_and_time
from checkpoint_app.booth.view.listing import MOST_LISTED, ListingRow, ListingView
from checkpoint_app.booth.view.screen import Action, PanelSection, ReasonRow, Stage
from checkpoint_app.store.arrivals import Arrival, Shown
from checkpoint_app.verdict import Outcome

ARRIVALS_BAR = (
    Action.CORRECT,
    Action.CHOOSE,
    Action.PREVIOUS,
    Action.TAKE_CASE,
    Action.PROTECT,
    Action.LET_PASS,
    Action.COMPARE,
    Action.REFER,
)
MOST_NAMED = 6
_LISTS, _PEOPLE = ("list", "route", "due", "people", "state"), ("name", "document", "found", "state")


def passengers_up(state: DeskState) -> Passengers | None:
    """Return the page where it is up; None where it is not, or the listing of goods has its place."""
    return state.passengers if state.stage is Stage.ARRIVALS and state.arrivals is None else None


def passengers_actions(page: Passengers) -> frozenset[Action]:
    """Return what the keys do on the page."""
    always = frozenset({Action.CORRECT, Action.PREVIOUS, Action.ARRIVALS})
    row = page.row
    if row is None:
        return always | {Action.CHOOSE}
    return always | {Action.CHOOSE, Action.TAKE_CASE} if row.arrival.closed_at is None else always


def passengers_word(state: DeskState, action: Action) -> str:
    """Return the key's word on the page, where it is another than elsewhere."""
    page = passengers_up(state)
    if page is None:
        return ""
    row = page.row
    if action is Action.TAKE_CASE:
        return "close_list"
    if action is Action.PREVIOUS:
        return "back" if page.opened else "desk"
    if action is Action.CHOOSE:
        return "open" if row is None else "not_here" if row.arrival.here else "here"
    return ""


def passengers_cap(state: DeskState, action: Action) -> str:
    """Return the key's cap on the page, where it is another than elsewhere."""
    return "Enter" if action is Action.CHOOSE and passengers_up(state) is not None else ""


def passengers_view(page: Passengers, words: Words) -> ListingView:
    """Return the lists, or who is on the one that is opened."""
    row = page.row
    return _lists(page, words) if row is None else _people(page, row, words)


def _lists(page: Passengers, words: Words) -> ListingView:
    first = page.selected // MOST_LISTED * MOST_LISTED
    under_way = next((row for row in page.rows if row.arrival.closed_at is None and not row.is_whole), None)
    progress, said = _progress(under_way, words) if under_way is not None else (None, "")
    return ListingView(
        title=words.say("passengers.title"),
        tabs=(),
        heads=tuple(words.say(f"passengers.{name}") for name in _LISTS),
        rows=tuple(_list(row, words) for row in page.rows[first : first + MOST_LISTED]),
        selected=page.selected % MOST_LISTED if page.rows else -1,
        page=_page(page.selected, len(page.rows), words),
        empty="" if page.rows else words.say("passengers.empty"),
        progress=progress,
        progress_text=said,
    )


def _page(selected: int, count: int, words: Words) -> str:
    pages = -(-count // MOST_LISTED)
    return words.say("cases.page", page=selected // MOST_LISTED + 1, pages=pages) if pages > 1 else ""


def _progress(row: ArrivalRow, words: Words) -> tuple[float | None, str]:
    of = row.arrival.people
    said = {"list": row.arrival.label, "done": words.whole(row.screened), "of": words.whole(of)}
    return (row.screened / of if of else 0.0), words.say("passengers.progress", **said)


def _list(row: ArrivalRow, words: Words) -> ListingRow:
    one = row.arrival
    name = words.say("passengers.at_lane", list=one.label) if one.here else one.label
    cells = (name, one.route, day_and_time(words, one.due), words.whole(one.people), _state(row, words))
    found = _gravest(row)
    strong = found is Outcome.HIT or one.here
    return ListingRow(found, cells, strong, f"{'. '.join(cell for cell in cells if cell)}. {_said(found, words)}")


def _gravest(row: ArrivalRow) -> Outcome | None:
    """Return the gravest that was found on a list; None while somebody waits and nothing graver was."""
    for outcome in (Outcome.HIT, Outcome.NOTE):
        if row.count(outcome):
            return outcome
    if not row.is_whole:
        return None if row.arrival.closed_at is None else Outcome.NOT_CHECKED
    return Outcome.NOT_CHECKED if row.count(Outcome.NOT_CHECKED) or not row.arrival.people else Outcome.CLEAR


def _state(row: ArrivalRow, words: Words) -> str:
    hits = row.count(Outcome.HIT)
    parts = [words.say("passengers.hits", count=hits)] if hits else []
    if row.arrival.closed_at is not None:
        parts.append(words.say("passengers.closed", time=day_and_time(words, row.arrival.closed_at)))
        parts.append(words.say("passengers.absent", count=row.absent))
    elif not row.is_whole:
        parts.append(words.say("passengers.waits"))
    else:
        parts.append(words.say("passengers.appeared", count=row.appeared))
    return " · ".join(parts)


def _people(page: Passengers, row: ArrivalRow, words: Words) -> ListingView:
    one, people = row.arrival, page.people
    first = page.person // MOST_LISTED * MOST_LISTED
    progress, said = (None, "") if row.is_whole or one.closed_at is not None else _progress(row, words)
    where = _page(page.person, len(people), words)
    if one.people > len(people):
        where = f"{where} · {words.say('passengers.not_all', count=one.people - len(people))}"
    title = words.say("passengers.of", list=" ".join(part for part in (one.label, one.route) if part), count=one.people)
    return ListingView(
        title=words.say("passengers.at_lane", list=title) if one.here else title,
        tabs=(),
        heads=tuple(words.say(f"passengers.{name}") for name in _PEOPLE),
        rows=tuple(_person(each, one, words) for each in people[first : first + MOST_LISTED]),
        selected=page.person % MOST_LISTED if people else -1,
        page=where,
        empty="" if people else words.say("passengers.nobody"),
        progress=progress,
        progress_text=said,
    )


def _person(one: Shown, arrival: Arrival, words: Words) -> ListingRow:
    waits = None if arrival.closed_at is None else Outcome.NOT_CHECKED  # nobody screens what is closed
    outcome = Outcome(one.outcome) if one.outcome else waits
    name = one.name or words.say("person.no_name")
    cells = (name, one.document, _found(one, outcome, words), _standing(one, arrival, words))
    return ListingRow(outcome, cells, outcome is Outcome.HIT, ". ".join(cell for cell in cells if cell))


def _found(one: Shown, outcome: Outcome | None, words: Words) -> str:
    if not one.refused or outcome in (Outcome.HIT, Outcome.NOTE):
        return _said(outcome, words)
    key = f"passengers.refused_{one.refused}"
    return words.say(key if words.knows(key) else "passengers.refused_line")


def _said(outcome: Outcome | None, words: Words) -> str:
    return words.say(f"passengers.outcome_{outcome}" if outcome is not None else "passengers.outcome_waits")


def _standing(one: Shown, arrival: Arrival, words: Words) -> str:
    if one.appeared is not None:
        return words.say("passengers.has_appeared", time=clock(one.appeared))
    return words.say("passengers.awaited" if arrival.closed_at is None else "passengers.missed")


def passengers_panel(page: Passengers, words: Words) -> tuple[PanelSection, ...]:
    """Return what is to be done; of a list that was closed, who did not appear."""
    row = page.row
    if row is None:
        lines = tuple(words.say(f"passengers.step_{name}") for name in ("lay_down", "open"))
        return (PanelSection(words.say("panel.what_to_do"), lines=lines),)
    if row.arrival.closed_at is not None:
        return (_missed(page, row, words),)
    counts = tuple(
        (words.say(f"passengers.count_{name}"), "", words.whole(count))
        for name, count in (
            ("hit", row.count(Outcome.HIT)),
            ("note", row.count(Outcome.NOTE)),
            ("not_checked", row.count(Outcome.NOT_CHECKED)),
            ("appeared", row.appeared),
            ("awaited", row.absent),
        )
    )
    section = PanelSection(words.say("passengers.head"), table=counts)
    if page.closing:
        ask = words.say("passengers.close_ask", count=row.absent)
        again = words.say("passengers.close_again")
        return section, PanelSection(words.say("passengers.close_head"), bold=ask, lines=(again,))
    steps = ("not_here" if row.arrival.here else "here", "close")
    lines = tuple(words.say(f"passengers.step_{name}") for name in steps)
    return section, PanelSection(words.say("panel.what_to_do"), lines=lines)


def _missed(page: Passengers, row: ArrivalRow, words: Words) -> PanelSection:
    missed = [one for one in page.people if one.appeared is None]
    rows = tuple(ReasonRow(one.name or words.say("person.no_name"), symbol="note") for one in missed[:MOST_NAMED])
    more = row.absent - len(rows)
    muted = (words.say("passengers.more", count=more),) if more > 0 else ()
    head = words.say("passengers.missed_head")
    if not row.absent:
        return PanelSection(head, lines=(words.say("passengers.all_appeared"),))
    return PanelSection(head, bold=words.say("passengers.absent", count=row.absent), rows=rows, muted=muted)
