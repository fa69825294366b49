"""An entry's own values for the officer's eye: bounded, and what is left out is counted."""

from __future__ import annotations

from checkpoint_app.screening.entry import Entry, ListedDate, ListedDocument, Name
from checkpoint_app.screening.facts import MOST_SHOWN, caption, facts


def test_what_is_left_out_is_counted() -> None:
    names = tuple(Name("Ejemplo", f"A{n}") for n in range(9))
    dates = tuple(ListedDate(f"195{n}", f"195{n}") for n in range(7))
    numbers = tuple(ListedDocument(f"X{n}") for n in range(6))
    shown = facts(Entry("E", "Person", names, dates, nationalities=("AUT",) * 5, documents=numbers), alias=8)
    assert shown["birth_date"] == "1950 / 1951 / 1952 / 1953 / 1954 / +2"
    assert shown["document_number"] == "X0, X1, X2, X3, X4, +1"
    assert shown["nationality"] == ", ".join(["AUT"] * MOST_SHOWN)
    assert shown["alias"] == "Ejemplo A8; Ejemplo A1; Ejemplo A2; Ejemplo A3; Ejemplo A4; +3"


def test_an_entry_without_values_has_its_id_for_caption() -> None:
    bare = Entry("E-7", "Person", ())
    assert (caption(bare), facts(bare)) == ("E-7", {})
    assert caption(Entry("E-7", "Person", (Name("", ""),), (ListedDate("1950", "1952"),))) == "E-7 · 1950–1952"
