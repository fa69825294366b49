"""The line in words: how it stands and why, what waits to be sent, and how far the booth's clock is off."""

from __future__ import annotations

from datetime import datetime, timedelta

from checkpoint_app.booth.desk.state import AskedState, DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.ages import age_text, clock, day_and_time, day_month
from checkpoint_app.booth.view.screen import LineView, MessageView, PanelSection, StatusItem

CLOCK_MAY_BE_OFF = timedelta(minutes=2)
WAITS_LONG = timedelta(hours=1)
_SHOWN_OF_HASH = 8


def line_view(state: DeskState, words: Words) -> LineView:
    """Return the line: how fast the centre answers, or since when there is none, why, and when it is tried again."""
    line = state.line
    if state.drill is not None:
        text = words.say("drill.line", count=state.drill.left)
        return LineView(up=False, text=text, detail=words.say("drill.line_detail", count=state.drill.left))
    if line is None:
        return LineView(up=False, text=words.say("bar.no_centre"))
    if line.state == "up":
        seconds = words.decimal(max(0.1, state.latency_s))
        return LineView(up=True, text=words.say("bar.centre", seconds=seconds))
    if line.since is None:
        return LineView(up=False, text=words.say("bar.connecting"))
    since = _day_or_time(line.since, state.now, words)
    short = clock(line.since) if _is_today(line.since, state.now) else day_month(words, line.since)
    known = words.knows(f"line_reason.{line.reason}")
    reason = words.say(f"line_reason.{line.reason}" if known else "line_reason.other", code=line.reason)
    key = "bar.offline_detail" if line.retry_at else "bar.offline_reason"
    again = clock(line.retry_at) if line.retry_at else ""
    detail = words.say(key, since=since, reason=reason, again=again)
    return LineView(up=False, text=words.say("bar.offline", since=short), detail=detail)


def centre_words(state: DeskState, words: Words) -> str:
    """Return what the foot of the checks says of the centre."""
    if state.line is None:
        return words.say("check.centre_none")
    if state.drill is not None and (state.asked is None or state.asked.state is AskedState.NO_LINE):
        return words.say("drill.centre")
    unasked = state.asked is None or state.asked.state is AskedState.NO_LINE
    if unasked and state.line.state != "up" and state.line.since is not None:
        return words.say("check.centre_no_line", since=_day_or_time(state.line.since, state.now, words))
    if state.asked is None or unasked:
        return words.say("check.centre_not_asked")
    return words.say(f"check.centre_{state.asked.state.value}")


def outbox_item(state: DeskState, words: Words) -> StatusItem:
    """Return how much waits to be sent; bold, with the age of the oldest, where it has waited for long."""
    count, oldest = state.health.to_send, state.health.oldest
    if count and oldest is not None and state.now - oldest >= WAITS_LONG:
        age = age_text(words, oldest, state.now)
        return StatusItem(words.say("status.outbox_since", count=count, age=age), bold=True)
    return StatusItem(words.say("status.outbox", count=count))


def outbox_section(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return what waits for the centre, since when, when it was heard last, and the head of the journal's chain."""
    health = state.health
    if state.line is None:
        return ()
    heard = words.say("outbox.never") if health.heard_at is None else _day_or_time(health.heard_at, state.now, words)
    to_send = words.say("outbox.to_send")
    if health.to_send and health.oldest is not None:
        to_send = words.say("outbox.to_send_since", since=_day_or_time(health.oldest, state.now, words))
    table = (
        (to_send, "", words.whole(health.to_send)),
        (words.say("outbox.heard"), "", heard),
        (words.say("outbox.head", number=words.whole(health.last)), "", health.head[:_SHOWN_OF_HASH]),
    )
    return (PanelSection(words.say("outbox.title"), table=table, muted=(words.say("history.hint"),)),)


def _day_or_time(moment: datetime, now: datetime, words: Words) -> str:
    """Return the time, with its day where that is not today's."""
    return clock(moment) if _is_today(moment, now) else day_and_time(words, moment)


def _is_today(moment: datetime, now: datetime) -> bool:
    return moment.astimezone().date() == now.astimezone().date()


def clock_message(state: DeskState, words: Words) -> MessageView | None:
    """Return a message where the booth's clock differs from the centre's by minutes or more."""
    off = state.clock_off
    if off is None or abs(off) < CLOCK_MAY_BE_OFF:
        return None
    key = "message.clock_ahead" if off > timedelta(0) else "message.clock_behind"
    return MessageView(words.say(key, age=age_text(words, state.now - abs(off), state.now)), "clock")
