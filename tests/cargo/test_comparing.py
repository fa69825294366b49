"""What is stated in different ways compares equal; dates and places in every form that senders use."""

from __future__ import annotations

from datetime import date

import pytest

from checkpoint_app.cargo.comparing import everybody, is_known_state, plain_name, plain_state, same_document
from checkpoint_app.cargo.dates import birth_of, day_of, joined, moment_of
from checkpoint_app.cargo.places import country_of_place
from checkpoint_app.cargo.values import ListedDocument, Passenger, PassengerList, Pnr


@pytest.mark.parametrize(
    ("sent", "plain"),
    [("CO", "COL"), ("it", "ITA"), ("D", "DEU"), ("D<<", "DEU"), ("DE", "DEU"), ("DEU", "DEU"), ("GBD", "GBD"),
     ("XXA", "XXA"), ("de", "DEU"), ("QQ", "QQ"), ("ZZZ", "ZZZ"), ("ZZ", "ZZ"), ("0", None), ("", None), (None, None)],
)  # fmt: skip
def test_states_have_one_form_of_three_letters(sent: str | None, plain: str | None) -> None:
    assert plain_state(sent) == plain


def test_a_state_is_known_or_not() -> None:
    assert [is_known_state(code) for code in ("COL", "CO", "D", "DEU", "RKS", "ZZZ", "0")] == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("sent", "plain"),
    [("JOHNMR", "JOHN"), ("SEJOONMR", "SEJOON"), ("KONG CHUN MRS", "KONG CHUN"), ("MARY-ANN", "MARY ANN"),
     ("AMR", "AMR"), ("MR", "MR"), ("Müller", "MUELLER"), ("TESTNAMEONE MRS", "TESTNAMEONE"), (None, "")],
)  # fmt: skip
def test_titles_are_left_out_for_comparing(sent: str | None, plain: str) -> None:
    assert plain_name(sent) == plain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ListedDocument("P", "AB 1", "CO"), ListedDocument("P", "ab-1", "COL"), True),
        (ListedDocument(None, "AB1", None), ListedDocument("P", "AB1", "COL"), True),
        (ListedDocument("PN", "AB1", "COL"), ListedDocument("P", "AB1", "COL"), True),
        (ListedDocument("V", "AB1", "COL"), ListedDocument("P", "AB1", "COL"), False),
        (ListedDocument("P", "AB1", "ECU"), ListedDocument("P", "AB1", "COL"), False),
        (ListedDocument("P", None, "COL"), ListedDocument("P", None, "COL"), False),
    ],
)
def test_documents_are_the_same_where_nothing_that_both_state_differs(one, other, same) -> None:
    assert same_document(one, other) is same
    assert same_document(other, one) is same


def test_everybody_of_either_kind_of_list() -> None:
    person = Passenger("A", "B")
    pnr = Pnr("X", (person,))
    assert list(everybody(PassengerList("PAXLST", passengers=(person,)))) == [(person, None)]
    assert list(everybody(PassengerList("PNRGOV", pnrs=(pnr,)))) == [(person, pnr)]


@pytest.mark.parametrize(
    ("code", "country"),
    [("UIO", "EC"), ("SEQM", "EC"), ("ECGYE", "EC"), ("CN SHA", "CN"), ("ZZZZZ", None), ("ZZ", None), (None, None)],
)
def test_places_lie_in_states(code: str | None, country: str | None) -> None:
    assert country_of_place(code) == country


@pytest.mark.parametrize(
    ("sent", "read"),
    [("2603100910", "2026-03-10T09:10"), ("202603100910", "2026-03-10T09:10"), ("20260310", "2026-03-10"),
     ("202603100910+0500", "2026-03-10T09:10"), ("202603100910EST", "2026-03-10T09:10"),
     ("260310", "2026-03-10"), ("2603102500", "2026-03-10"), ("2613100910", None), ("", None), (None, None)],
)  # fmt: skip
def test_moments_are_local_as_sent(sent: str | None, read: str | None) -> None:
    assert moment_of(sent) == read


def test_days_and_births() -> None:
    assert day_of("121210", day_first=True) == "2010-12-12"
    assert day_of("2026-03-10") == "2026-03-10"
    assert day_of("31FEB20") is None
    assert birth_of("198004120000", date(2010, 1, 1)) == "1980-04-12"
    assert day_of("20310412235959") == "2031-04-12"
    assert day_of("203104122359591") is None
    assert birth_of("29FEB00", date(2010, 1, 1)) == "2000-02-29"
    assert birth_of("12JUL12", date(2010, 12, 9)) == "1912-07-12"
    assert joined("2026-03-10", "915") == "2026-03-10T09:15"
    assert joined(None, "0915") is None
