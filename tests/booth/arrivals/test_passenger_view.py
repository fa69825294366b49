"""What the screen says of passenger lists, in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkpoint_app.booth.arrivals.passenger_state import ArrivalRow, Passengers
from checkpoint_app.booth.desk.state import Arrivals, DeskState, OnDuty, Post
from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.present.keys import alive
from checkpoint_app.booth.view.screen import Action, DeskView, Stage
from checkpoint_app.store.arrivals import Arrival, Shown
from checkpoint_app.store.manifests import PASSENGER
from checkpoint_app.verdict import Outcome
from tests.booth.states import NOW, POLICY

pytestmark = pytest.mark.usefixtures("quito")

IN_AN_HOUR = NOW + timedelta(hours=1)
COMING = Arrival(
    "m-1",
    PASSENGER,
    "PAXLST",
    "XX100",
    "LIM–UIO",
    NOW,
    IN_AN_HOUR,
    IN_AN_HOUR + timedelta(days=1),
    whole=True,
    people=200,
)
UNDER_WAY = ArrivalRow(COMING, {"hit": 1, "clear": 119, "": 80})
WHOLE = ArrivalRow(COMING, {"hit": 2, "note": 1, "not_checked": 3, "clear": 194}, appeared=150)
QUIET = ArrivalRow(replace(COMING, manifest="m-2", label="Bus 7", people=2), {"clear": 2})
CLOSED = ArrivalRow(replace(COMING, closed_at=NOW), {"clear": 200}, appeared=198)
PEOPLE = (
    Shown(7, "ERIKSON, ANA MARIA", "E0000001 UTO", "hit", "", None),
    Shown(3, "MUSTER, KLARA", "C01X00T47 UTO", "not_checked", "birth_date", NOW),
    Shown(4, "", "", "not_checked", "line", None),
    Shown(0, "EJEMPLO, EVA", "", "clear", "", None),
    Shown(1, "EJEMPLO, IVO", "", "", "", None),
)


def state(page: Passengers, language: str = "en", **changes: object) -> DeskState:
    made = DeskState(
        language=language,
        now=NOW,
        post=Post("Paso Test", "1", "test-1"),
        stage=Stage.ARRIVALS,
        officer=OnDuty("m.demo", "M. Demo", supervisor=False),
        policy=POLICY,
        passengers=page,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def lists(*rows: ArrivalRow, **changes: object) -> Passengers:
    return replace(Passengers(rows), **changes)  # type: ignore[arg-type]


def opened(row: ArrivalRow, **changes: object) -> Passengers:
    return lists(row, opened=row.arrival.manifest, people=PEOPLE, **changes)


def words_of(view: DeskView) -> dict[Action, str]:
    return {key.action: key.word for key in view.keys}


def test_lists_tell_what_was_found_and_how_far_they_are() -> None:
    view = present(state(lists(WHOLE, QUIET, UNDER_WAY, CLOSED)))
    listing = view.listing
    assert [row.outcome for row in listing.rows] == [Outcome.HIT, Outcome.CLEAR, Outcome.HIT, Outcome.CLEAR]
    said = [row.cells[-1] for row in listing.rows]
    assert said[0] == "2 possible matches · 150 appeared"
    assert said[1] == "0 appeared"
    assert said[2] == "1 possible match · being screened"
    assert said[3].endswith("2 did not appear")
    assert (listing.progress, listing.progress_text) == (0.6, "XX100: 120 of 200 screened")
    assert [row.strong for row in listing.rows] == [True, False, True, False]
    assert "possible match" in listing.rows[0].accessible


def test_a_list_that_waits_is_neither_clear_nor_found() -> None:
    waiting = ArrivalRow(COMING, {"clear": 100, "": 100})
    nobody = ArrivalRow(replace(COMING, people=0))
    untaken = ArrivalRow(replace(COMING, whole=False, people=50), {"clear": 50})
    doubtful = ArrivalRow(COMING, {"clear": 199, "not_checked": 1})
    rows = present(state(lists(waiting, nobody, untaken, doubtful))).listing.rows
    assert [row.outcome for row in rows] == [None, Outcome.NOT_CHECKED, None, Outcome.NOT_CHECKED]


def test_who_is_on_a_list_with_sign_and_state() -> None:
    view = present(state(opened(WHOLE)))
    rows = view.listing.rows
    assert [row.outcome for row in rows] == [Outcome.HIT, *[Outcome.NOT_CHECKED] * 2, Outcome.CLEAR, None]
    assert [row.cells[2] for row in rows] == [
        "possible match",
        "not checked: the birth date",
        "not checked: unreadable",
        "clear",
        "waits",
    ]
    assert rows[1].cells[3].startswith("appeared ")
    assert {row.cells[3] for row in (rows[0], *rows[2:])} == {"awaited"}
    assert rows[2].cells[0] == "no name read"
    assert view.listing.title == "XX100 LIM–UIO: 200 people"
    assert view.listing.page == " · 195 more"
    table = {row[0]: row[2] for row in view.panel[0].table}
    assert table == {"Possible matches": "2", "To look at": "1", "Not checked": "3", "Appeared": "150", "Awaited": "50"}


def test_a_closed_list_keeps_who_did_not_appear() -> None:
    view = present(state(opened(CLOSED)))
    (section,) = view.panel
    assert (section.head, section.bold) == ("LISTED BUT DID NOT APPEAR", "2 did not appear")
    assert [row.cells[3] for row in view.listing.rows].count("did not appear") == 4
    assert view.listing.rows[4].outcome is Outcome.NOT_CHECKED  # nobody screens it any more
    everybody = ArrivalRow(replace(COMING, closed_at=NOW, people=1), {"clear": 1}, appeared=1)
    assert present(state(opened(everybody))).panel[0].lines == ("Everybody has appeared.",)


def test_keys_say_what_they_do_here() -> None:
    view = present(state(lists(WHOLE)))
    assert words_of(view)[Action.CHOOSE] == "Open"
    assert Action.TAKE_CASE not in alive(state(lists(WHOLE)))
    view = present(state(opened(WHOLE)))
    assert (words_of(view)[Action.CHOOSE], words_of(view)[Action.PREVIOUS]) == ("At the lane", "Back")
    assert words_of(view)[Action.TAKE_CASE] == "Close the list"
    assert Action.TAKE_CASE in alive(state(opened(WHOLE)))
    assert not {Action.TAKE_CASE, Action.CHOOSE} & alive(state(opened(CLOSED)))
    assert [key.cap for key in view.keys][:4] == ["F3", "Enter", "Esc", "Ctrl+T"]
    here = replace(WHOLE, arrival=replace(COMING, here=True))
    view = present(state(opened(here)))
    assert words_of(view)[Action.CHOOSE] == "Not at the lane"
    assert view.listing.title.endswith("at the lane")


def test_the_listing_of_goods_goes_before() -> None:
    both = state(lists(WHOLE), arrivals=Arrivals(None, (), 0))
    assert len(present(both).listing.heads) == 4
    assert Action.TAKE_CASE not in alive(both)
    assert present(state(lists(WHOLE), stage=Stage.EMPTY)).listing is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "page",
    [
        lists(),
        lists(WHOLE, QUIET, UNDER_WAY, CLOSED),
        *(opened(row) for row in (WHOLE, UNDER_WAY, CLOSED)),
        opened(WHOLE, closing=True),
        replace(opened(WHOLE), people=()),
    ],
)
def test_every_page_is_shown_in_every_language(language: str, page: Passengers) -> None:
    view = present(state(page, language))
    assert view.listing.title
    assert view.listing.rows or view.listing.empty
    assert all(len(row.cells) == len(view.listing.heads) for row in view.listing.rows)
    assert view.panel
    assert all(key.word for key in view.keys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_and_refusal_has_its_words(language: str) -> None:
    words = Words(language)
    fields = ("family_name", "given_names", "birth_date", "sex", "nationality", "issuer", "document_number", "line")
    for key in [f"passengers.refused_{field}" for field in fields]:
        assert words.knows(key)
    for outcome in (*Outcome, "waits"):
        assert words.knows(f"passengers.outcome_{outcome}")
