"""The line in words: every reason there is has one in each language, and the screen says since when and why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkpoint_app.booth.desk.state import Health
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.present.panel import panel_sections
from checkpoint_app.sync.errors import LineCode
from checkpoint_app.sync.list_faults import Fault
from checkpoint_app.sync.pace import LineState, Standing
from tests.booth.states import NOW, SOUND, encounter, state


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_words(language):
    words = Words(language)
    assert [code for code in LineCode if not words.knows(f"line_reason.{code}")] == []
    assert [fault for fault in Fault if not words.knows(f"refused.{fault}")] == []


def test_a_line_that_is_down_says_since_when_why_and_when_it_is_tried_again():
    line = LineState(Standing.DOWN, NOW, "name_not_found", NOW + timedelta(minutes=3))
    view = present(state(line=line)).bar.line
    since, again = (f"{moment.astimezone():%H:%M}" for moment in (NOW, NOW + timedelta(minutes=3)))
    assert view.text == f"offline since {since}"
    assert view.detail == f"no line since {since}: name not found; next try {again}"
    assert view.up is False


def test_a_line_that_is_down_for_days_says_since_which_day():
    line = LineState(Standing.DOWN, NOW - timedelta(days=5), "timed_out", NOW + timedelta(minutes=3))
    shown = present(state(encounter(SOUND), line=line))
    at = f"{(NOW - timedelta(days=5)).astimezone():%H:%M}"
    assert shown.bar.line.text == "offline since 19\u00a0Nov"
    assert shown.bar.line.detail.startswith(f"no line since 19\u00a0Nov, {at}: ")
    assert shown.checks is not None
    assert shown.checks.centre == f"Centre: not asked, offline since 19\u00a0Nov, {at}"


def test_a_line_that_is_up_says_how_fast_and_none_yet_is_no_outage():
    assert present(state(line=LineState(Standing.UP, NOW), latency_s=0.42)).bar.line.text == "centre 0.4 s"
    assert present(state(line=LineState())).bar.line.text == "calling the centre"
    assert present(state()).bar.line.text == "no centre"


def test_what_waits_for_long_is_bold_with_its_age():
    def item(count: int, hours: float):
        return present(state(health=Health(to_send=count, oldest=NOW - timedelta(hours=hours)))).status[1]

    assert (item(37, 3).text, item(37, 3).bold) == ("To send 37, 3\u00a0h", True)
    assert (item(37, 0.5).text, item(37, 0.5).bold) == ("To send 37", False)
    assert item(0, 3).bold is False


def test_the_panel_tells_what_waits_since_when_the_last_contact_and_the_head():
    health = Health(to_send=1240, oldest=NOW - timedelta(days=3), heard_at=NOW, last=8912, head="ab12cd34" * 8)
    section = panel_sections(state(line=LineState(Standing.DOWN, NOW), health=health), Words("en"))[-1]
    oldest, heard = f"{NOW - timedelta(days=3):%-d}\u00a0", f"{NOW.astimezone():%H:%M}"
    assert section.head == "CENTRE"
    assert section.table == (
        (f"To send since {oldest}Nov, {heard}", "", "1,240"),
        ("Heard last", "", heard),
        ("Last event, 8,912", "", "ab12cd34"),
    )
    empty = panel_sections(state(line=LineState(Standing.UP, NOW), health=Health(oldest=NOW)), Words("es"))[-1]
    assert empty.table == (
        ("Eventos por enviar", "", "0"),
        ("Último contacto", "", "nunca aún"),
        ("Último evento, 0", "", ""),
    )
    assert panel_sections(state(health=health), Words("en"))[-1].head == "LISTS"  # enrolled with no centre


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(days=3), "This booth's clock is 3\u00a0d fast"),
        (timedelta(days=-3), "This booth's clock is 3\u00a0d slow"),
        (timedelta(seconds=90), "No messages"),
    ],
)
def test_a_wrong_clock_is_said(off, said):
    assert present(state(clock_off=off)).message.text == said
