"""The listings of a lane of goods: consignments to choose one from, and inspections that await their result."""

from __future__ import annotations

import json
from datetime import timedelta

from checkpoint_app.booth.arrivals.passenger_view import passengers_panel, passengers_up, passengers_view
from checkpoint_app.booth.desk.state import Arrivals, DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.goods.consignment_view import weight_text
from checkpoint_app.booth.goods.form_names import RESULTS, place_of
from checkpoint_app.booth.present.ages import age_text, clock, day_and_time
from checkpoint_app.booth.record.consignment import Listed
from checkpoint_app.booth.view.listing import MOST_LISTED, ListingRow, ListingView
from checkpoint_app.booth.view.screen import Action, MessageView, PanelSection, ReasonRow, Stage
from checkpoint_app.store.encounter_row import EncounterRow
from checkpoint_app.store.inspections import Awaited
from checkpoint_app.verdict import Outcome

_ARRIVAL_COLUMNS = ("number", "containers", "goods", "kg")
_INSPECTION_COLUMNS = ("subject", "disposition", "since")


def listing_view(state: DeskState, words: Words) -> ListingView | None:
    """Return the listing that is up, None where none is."""
    if (page := passengers_up(state)) is not None:
        return passengers_view(page, words)
    if state.stage is Stage.ARRIVALS and state.arrivals is not None:
        return _arrivals(state.arrivals, words)
    return _inspections(state, words) if state.stage is Stage.INSPECTIONS else None


def listing_panel(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return what to do with the row chosen."""
    if (page := passengers_up(state)) is not None:
        return passengers_panel(page, words)
    if state.stage is Stage.ARRIVALS:
        lines = tuple(words.say(f"step.{key}") for key in ("choose_consignment", "type_number"))
        return (PanelSection(words.say("panel.what_to_do"), lines=lines),)
    if not state.inspections:
        return ()
    rows = tuple(
        ReasonRow(words.say(f"reason.inspection.{result}"), number=str(number))
        for number, result in enumerate(RESULTS, 1)
    )
    said = words.say("inspections.ask")
    return (PanelSection(words.say("inspections.head"), rows=rows, muted=(said,)),)


def unreported_message(state: DeskState, words: Words) -> MessageView | None:
    """Return what is said of inspections whose result has been missing for longer than the policy allows."""
    if state.policy is None or state.officer is None or state.stage is Stage.INSPECTIONS:
        return None
    limit = state.judged_at - timedelta(hours=state.policy.unreported_hours)
    late = sum(one.decided_at < limit for one in state.inspections)
    if not late:
        return None
    return MessageView(words.say("message.unreported", count=late), "clock", "Ctrl+E", Action.INSPECTIONS)


def _arrivals(arrivals: Arrivals, words: Words) -> ListingView:
    rows, manifest = arrivals.consignments, arrivals.manifest
    page, pages = arrivals.selected // MOST_LISTED, max(1, -(-len(rows) // MOST_LISTED))
    if manifest is None:
        title = words.say("arrivals.found")
    else:
        kind = f"{manifest.kind} {manifest.version}".strip()
        title = words.say(
            "arrivals.title",
            kind=kind,
            time=clock(manifest.received_at),
            count=arrivals.of,
            number=words.whole(arrivals.of),
        )
    done, of = arrivals.screened
    shown = rows[page * MOST_LISTED : (page + 1) * MOST_LISTED]
    where = words.say("cases.page", page=page + 1, pages=pages) if pages > 1 else ""
    if arrivals.of > len(rows):
        where = f"{where} · {words.say('arrivals.not_all', count=words.whole(arrivals.of - len(rows)))}"
    return ListingView(
        title=title,
        tabs=(),
        heads=tuple(words.say(f"arrivals.{name}") for name in _ARRIVAL_COLUMNS),
        rows=tuple(_arrival(one, arrivals, words) for one in shown),
        selected=arrivals.selected % MOST_LISTED if rows else -1,
        page=where,
        empty="" if rows else words.say("cargo.nothing_in_it"),
        progress=done / of if done < of else None,
        progress_text=words.say("arrivals.progress", done=words.whole(done), of=words.whole(of)) if done < of else "",
    )


def _arrival(one: Listed, arrivals: Arrivals, words: Words) -> ListingRow:
    """Return a consignment, with what screening of its parties came to."""
    found = arrivals.found.get((one.manifest, one.place))
    outcome = Outcome(found) if found else None
    weight = "" if one.weight_kg is None else weight_text(one.weight_kg, words)
    cells = (one.number or words.say("cargo.no_number"), ", ".join(one.containers), one.goods, weight)
    said = (*cells, words.say(f"arrivals.parties_{outcome}")) if outcome is not None else cells
    accessible, bare = ". ".join(cell for cell in said if cell), arrivals.screened[0] >= arrivals.screened[1]
    return ListingRow(outcome, cells, outcome is Outcome.HIT, accessible, bare=outcome is None and bare)


def _inspections(state: DeskState, words: Words) -> ListingView:
    rows = state.inspections
    chosen = place_of(state.inspection, rows)
    page, pages = chosen // MOST_LISTED, max(1, -(-len(rows) // MOST_LISTED))
    return ListingView(
        title=words.say("inspections.title"),
        tabs=(),
        heads=tuple(words.say(f"inspections.{name}") for name in _INSPECTION_COLUMNS),
        rows=tuple(_inspection(one, state, words) for one in rows[page * MOST_LISTED : (page + 1) * MOST_LISTED]),
        selected=chosen % MOST_LISTED if rows else -1,
        page=words.say("cases.page", page=page + 1, pages=pages) if pages > 1 else "",
        empty="" if rows else words.say("inspections.empty"),
    )


def _inspection(one: Awaited, state: DeskState, words: Words) -> ListingRow:
    late = state.policy is not None and one.decided_at < state.judged_at - timedelta(
        hours=state.policy.unreported_hours
    )
    since = f"{day_and_time(words, one.decided_at)}, {age_text(words, one.decided_at, state.judged_at)}"
    cells = (_subject(one.row, words), words.say(f"history.{one.row.disposition}"), since)
    return ListingRow(Outcome.NOTE if late else None, cells, strong=late, accessible=". ".join(cells), bare=not late)


def _subject(row: EncounterRow, words: Words) -> str:
    """Return who or what was sent to the inspection."""
    if row.consignment is not None:
        return row.consignment or words.say("cargo.no_number")
    document = json.loads(row.document) if row.document else {}
    names = (document.get("family_name"), document.get("given_names"))
    return ", ".join(name for name in names if name) or words.say("person.no_name")
