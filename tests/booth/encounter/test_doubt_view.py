"""Doubts in words, and when the right panel has a stretch to compare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.encounter.document_view import field_rows
from checkpoint_app.booth.encounter.doubt_view import doubt_text, part_on_desk, strips_of
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.present.keys import alive
from checkpoint_app.booth.record.encounter import Encounter, Picture, Strip
from checkpoint_app.booth.record.zone_doubts import doubts_of
from checkpoint_app.booth.view.screen import Action, FieldRow, Mark, Stage
from tests.booth.states import (
    EN,
    MATCH,
    NO_CAMERA,
    NOBODY,
    NOT_LISTED,
    SOUND,
    encounter,
    mrz,
    spoilt,
    state,
)

pytestmark = pytest.mark.usefixtures("quito")

READ = mrz(optional_data="ZE184226B")
CENTRES = tuple((place + 0.5) / 44 for place in range(44))
STRIPS = (Strip(b"one", CENTRES), Strip(b"two", CENTRES))


def doubted(*cells: tuple[int, int], strips: tuple[Strip, ...] = STRIPS, **changes: object) -> Encounter:
    answers = (SOUND, NOT_LISTED, NOBODY, NO_CAMERA)
    return encounter(*answers, read=READ, doubts=cells, picture=Picture(b"jpeg", strips=strips), **changes)


@pytest.mark.parametrize(
    ("cells", "language", "text"),
    [
        ([(1, 5)], "en", "in doubt: 0\u00a0or\u00a0O"),
        ([(1, 5)], "es", "en duda: 0/O"),
        ([(1, 8)], "en", "in doubt: 3"),
        ([(1, 35)], "en", "in doubt: 6\u00a0or\u00a0G; no check digit can tell"),
        ([(1, 5), (1, 35)], "es", "en duda: 0/O, 6/G; ningún dígito lo decide"),
        ([(1, 5), (1, 6), (1, 7), (1, 8)], "en", "in doubt: 4 characters"),
        ([(1, 14), (1, 16), (1, 17)], "en", "in doubt: 4, 8, 1"),
    ],
)
def test_doubts_in_words(cells: list[tuple[int, int]], language: str, text: str) -> None:
    assert doubt_text(doubts_of(READ, cells), Words(language)) == text


def test_a_field_without_a_row_gets_one_where_it_is_in_doubt_or_was() -> None:
    labels = [row.label for row in field_rows(doubted((0, 6), (1, 10)), EN)]
    assert labels == ["Type", "Issuer", "Number", "Nation", "Birth", "Expiry", "Personal", "Family", "Overall"]
    confirmed = field_rows(doubted(confirmed=frozenset({"sex", "composite"})), EN)
    assert FieldRow("Sex", "F", Mark.CONFIRMED, "confirmed by eye") in confirmed
    assert confirmed[-1] == FieldRow("Overall", "5 of 5 digits", Mark.CONFIRMED, "confirmed by eye")
    assert field_rows(doubted((1, 43)), EN)[-1].mark is Mark.DOUBT


def test_a_wrong_digit_goes_before_a_doubt_and_names_it() -> None:
    rows = field_rows(encounter(read=spoilt(2, 10, "1"), doubts=((1, 5),)), EN)
    assert rows[2] == FieldRow("Number", "L898902C3", Mark.WRONG, "read 1, computed 6; in doubt: 0\u00a0or\u00a0O")


@pytest.mark.parametrize(
    "strips",
    [
        (),
        STRIPS[:1],
        (STRIPS[0], Strip(b"two", CENTRES[:43])),
        (STRIPS[0], Strip(b"two", CENTRES[::-1])),
        (STRIPS[0], Strip(b"two", (*CENTRES[:43], 1.1))),
        (STRIPS[0], Strip(b"two", (-0.1, *CENTRES[1:]))),
    ],
)
def test_strips_that_do_not_fit_the_lines_are_none(strips: tuple[Strip, ...]) -> None:
    assert strips_of(doubted((1, 5), strips=strips)) == ()
    assert part_on_desk(state(doubted((1, 5), strips=strips))) is None
    assert strips_of(doubted((1, 5))) == STRIPS


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": Stage.CASES},
        {"reading": True},
        {"decided": "let_pass"},
        {"reason": Form("let_pass", {"text": ""})},
        {"form": Form("by_hand"), "stage": Stage.FORM},
        {"show_lists": True},
        {"encounter": None},
        {"encounter": doubted()},
        {"encounter": replace(doubted((1, 5)), picture=None)},
        {"encounter": replace(doubted((1, 5)), verdict=None)},
        {"encounter": encounter(SOUND, NOT_LISTED, MATCH, doubts=((1, 5),), picture=Picture(b"", strips=STRIPS))},
        {"officer": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_key_that_confirms_is_alive_only_where_the_stretch_is_shown(changes: dict) -> None:
    here = state(doubted((1, 5)))
    assert Action.AS_READ in alive(here)
    assert present(here).panel[0].strip is not None
    away = replace(here, **changes)
    assert Action.AS_READ not in alive(away)
    view = present(away)
    assert all(section.strip is None for section in view.panel)
    assert view.message.action is not Action.AS_READ


def test_what_is_missing_and_what_to_do_stay_beside_a_stretch() -> None:
    unasked = encounter(SOUND, NOT_LISTED, read=READ, doubts=((1, 5),), picture=Picture(b"", strips=STRIPS))
    heads = [section.head for section in present(state(unasked)).panel]
    assert heads == ["IS IT PRINTED SO?", "WHAT IS MISSING", "WHAT TO DO"]
    settled = [section.head for section in present(state(replace(unasked, doubts=()))).panel]
    assert settled == ["WHAT IS MISSING", "WHAT WAS DONE", "WHAT TO DO"]
