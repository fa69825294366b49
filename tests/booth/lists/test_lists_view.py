"""The lists in words: what comes with its rate and time, what is built, what is closed and why, what ends soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.lists.list_updates import Progress
from checkpoint_app.booth.lists.lists_view import (
    closed_item,
    coming_item,
    ending_message,
    lists_section,
    lists_sections,
)
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.sync.bringing import Bringing
from checkpoint_app.verdict import Agreement, NotDone
from tests.booth.states import NOW, source, state

pytestmark = pytest.mark.usefixtures("quito")

EN, ES = Words("en"), Words("es")
AGREED = Agreement("Demo", NOW - timedelta(days=300), NOW + timedelta(days=5))


def listed(**changes: object) -> LoadedList:
    return replace(LoadedList("persons", source(), persons=object()), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (None, ""),
        (12.2, "12\u00a0s left"),
        (61.0, "2\u00a0min left"),
        (8_400.0, "2\u00a0h 20\u00a0min left"),
        (0.1, "1\u00a0s left"),
    ],
)
def test_a_list_that_comes_tells_bytes_rate_and_time(left_s: float | None, words: str) -> None:
    one = Bringing("ECU", 90, 12_400_000, 78_000_000, 7_900.0, left_s)
    (line,) = lists_section(state(bringing=one), EN).lines
    assert line.startswith("Bringing ECU\u00a090: 12.4\u00a0MB of 78.0\u00a0MB")
    assert words in line
    assert ("7.9\u00a0kB/s" in line) == (left_s is not None)
    assert coming_item(state(bringing=one), EN).text == "Bringing ECU\u00a090: 15\u00a0%"


def test_what_comes_is_said_before_what_is_built() -> None:
    both = state(bringing=Bringing("ECU", 90, 5, 10), building=Progress("INTL", 4, 1, 4))
    assert "ECU" in coming_item(both, EN).text
    assert "INTL" in coming_item(replace(both, bringing=None), EN).text
    assert len(lists_section(both, ES).lines) == 2
    assert coming_item(state(), EN) is None


@pytest.mark.parametrize(
    ("bar", "word"),
    [(NotDone.AGREEMENT_ENDED, "ended"), (NotDone.LEASE_ENDED, "closed"), (NotDone.LIST_LOADING, "loading")],
)
def test_a_list_that_is_closed_tells_why_instead_of_its_age(bar: NotDone, word: str) -> None:
    assert lists_section(state(lists=(listed(bar=bar),)), EN).table[0][2] == word


def test_an_agreement_is_told_in_time_and_not_before() -> None:
    soon, later = listed(agreement=AGREED), listed(agreement=replace(AGREED, ends_at=NOW + timedelta(days=15)))
    assert "its agreement ends on" in ending_message(state(lists=(soon,)), EN).text
    assert lists_section(state(lists=(soon,)), EN).muted
    assert ending_message(state(lists=(later,)), EN) is None
    assert ending_message(state(lists=(soon,), officer=None), EN) is None


def test_a_lease_is_told_once_half_of_it_has_gone_without_a_line() -> None:
    assert ending_message(state(lists=(listed(lease_ends_at=NOW + timedelta(days=8)),)), EN) is None
    message = ending_message(state(lists=(listed(lease_ends_at=NOW + timedelta(days=6)),)), EN)
    assert "usable without a line until" in message.text
    over = ending_message(state(lists=(listed(bar=NotDone.LEASE_ENDED),)), ES)
    assert "Listas cerradas" in over.text


def test_closed_lists_are_never_called_young() -> None:
    lists = (listed(bar=NotDone.LEASE_ENDED), listed(), listed(bar=NotDone.AGREEMENT_ENDED))
    assert present(state(lists=lists)).status[0].text == "2 lists closed"
    assert present(state(lists=lists[:1])).status[0].text == "1 list closed"
    assert closed_item(state(lists=(listed(),)), EN) is None


def test_each_list_that_comes_or_is_built_has_its_bar() -> None:
    both = state(bringing=Bringing("ECU", 90, 5, 10), building=Progress("INTL", 4, 1, 4))
    assert lists_section(both, EN).bars == (0.5, 0.25)
    assert lists_section(state(), EN).bars == ()


def test_before_the_store_is_open_nothing_is_said_of_lists() -> None:
    for name in ("opening", "unlock"):
        assert lists_sections(state(lists=(), form=Form(name)), EN) == ()
    (section,) = lists_sections(state(lists=(), form=Form("sign_in")), EN)
    assert section.lines == ("There is no list at this booth",)
