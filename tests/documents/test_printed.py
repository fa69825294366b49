"""The printed page held against the zone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import PartialDate, PrintedText
from checkpoint_app.documents.printed import PRINTED_FIELDS, PrintedField, PrintState, compare_printed
from checkpoint_app.documents.printed_dates import dates_in
from tests.documents.helpers import passport

PAGE = ("PASSPORT", "P", "UTO", "L898902C3", "ERIKSSON", "ANNA MARIA", "12 AUG/AOUT 1974", "F", "ZENITH", "15 APR 2027")
BORN = date(1974, 8, 12)


def page(*lines: str, confidence: float = 0.97) -> list[PrintedText]:
    return [PrintedText(line, confidence) for line in (lines or PAGE)]


def instead(old: str, new: str, confidence: float = 0.97) -> list[PrintedText]:
    return page(*(new if line == old else line for line in PAGE), confidence=confidence)


def states(texts: list[PrintedText], **fields: object) -> dict[str, PrintState]:
    return {one.field: one.state for one in compare_printed(passport(**fields), texts)}


def test_a_page_in_the_words_of_its_zone_agrees() -> None:
    assert states(page()) == dict.fromkeys(PRINTED_FIELDS, PrintState.AGREES)


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("L898902C3", "NO. L 898902 C3"),
        ("L898902C3", "L8989O2C3"),
        ("ERIKSSON", "1. Surname ERIKSSON"),
        ("ANNA MARIA", "ANNA, MARIA"),
        ("12 AUG/AOUT 1974", "12.08.1974"),
        ("12 AUG/AOUT 1974", "08/12/1974"),
        ("12 AUG/AOUT 1974", "1974-08-12"),
        ("12 AUG/AOUT 1974", "12 AGO 74"),
    ],
)
def test_ways_of_printing_agree(line: str, printed: str) -> None:
    assert set(states(instead(line, printed)).values()) == {PrintState.AGREES}


@pytest.mark.parametrize("name", ["LI", "ALI", "SON", "ANA", "DE", "ZOLLI"])
def test_a_short_name_stands_by_itself_or_not_at_all(name: str) -> None:
    stated = {"family_name": name, "birth_date": PartialDate("741111", 1974, 11, 11)}
    labelled = page(*PAGE, "Nationality PERSONAL NO.", "BANANA DEPT", "11.11.1974", "20111 Z0LL1NGEN")
    assert states(labelled, **stated)["family_name"] is PrintState.UNREAD
    for printed in (f"Surname {name.title()}", f"1. {name}", f"{name[0]} {name[1:]}", f"Nom/{name}"):
        assert states(page(*PAGE, printed), **stated)["family_name"] is PrintState.AGREES


@pytest.mark.parametrize(
    ("field", "line", "printed"),
    [
        ("document_number", "L898902C3", "L896902C3"),
        ("document_number", "L898902C3", "L 896902 C3"),
        ("birth_date", "12 AUG/AOUT 1974", "12 AUG/AOUT 1984"),
    ],
)
def test_what_is_nearly_the_zones_value_differs(field: str, line: str, printed: str) -> None:
    found = states(instead(line, printed))
    assert found.pop(field) is PrintState.DIFFERS
    assert set(found.values()) == {PrintState.AGREES}


@pytest.mark.parametrize(
    ("field", "line", "printed"),
    [
        ("document_number", "L898902C3", "K898902C3"),
        ("document_number", "L898902C3", "NR 898902 C3"),
        ("family_name", "ERIKSSON", "ERIKSSEN"),
        ("birth_date", "12 AUG/AOUT 1974", "12 AUG 2017"),
    ],
)
def test_labels_ways_of_writing_and_dates_of_issue_tell_nothing(field: str, line: str, printed: str) -> None:
    assert states(instead(line, printed))[field] is PrintState.UNREAD


def test_a_child_s_birth_is_not_told_by_a_date_near_it() -> None:
    texts = instead("12 AUG/AOUT 1974", "12 SEP 2024")
    assert states(texts, birth_date=PartialDate("240812", 2024, 8, 12))["birth_date"] is PrintState.UNREAD


def test_what_was_not_read_clearly_tells_nothing() -> None:
    for line, printed in (("L898902C3", "L896902C3"), ("12 AUG/AOUT 1974", "12 AUG 1984"), ("ERIKSSON", "ERIKSSEN")):
        assert PrintState.DIFFERS not in states(instead(line, printed, confidence=0.85)).values()


def test_what_was_not_found_tells_nothing() -> None:
    assert states([]) == dict.fromkeys(PRINTED_FIELDS, PrintState.UNREAD)
    assert states(page("A QUITE OTHER PAGE", "777777777")) == dict.fromkeys(PRINTED_FIELDS, PrintState.UNREAD)


def test_the_seen_text_is_told() -> None:
    found = compare_printed(passport(), instead("L898902C3", "L896902C3"))
    assert found[0] == PrintedField("document_number", PrintState.DIFFERS, "L896902C3")


def test_a_personal_number_near_the_documents_is_no_other_number() -> None:
    texts = instead("L898902C3", "L896902C3")
    found = states(texts, optional_data="L896902C3")
    assert found["document_number"] is PrintState.UNREAD


def test_a_date_of_issue_near_the_expiry_is_no_other_expiry() -> None:
    texts = page(*(line for line in PAGE if "2027" not in line), "15 APR 2017")
    assert states(texts)["expiry_date"] is PrintState.UNREAD


@pytest.mark.parametrize(
    ("printed", "zone"), [("MÜLLER", "MUELLER"), ("MÜLLER", "MULLER"), ("ÅSE", "AASE"), ("GÖTZ", "GOETZ")]
)
def test_names_agree_whichever_way_a_zone_writes_them(printed: str, zone: str) -> None:
    texts = instead("ERIKSSON", printed)
    assert states(texts, family_name=zone)["family_name"] is PrintState.AGREES


def test_a_truncated_name_is_only_looked_for() -> None:
    assert states(instead("ERIKSSON", "ERIKSSEN"), name_truncated=True)["family_name"] is PrintState.UNREAD
    assert states(instead("ERIKSSON", "ERIKSSONSON"), name_truncated=True)["family_name"] is PrintState.AGREES


def test_fields_that_the_zone_does_not_state_are_not_compared() -> None:
    found = states(page(), birth_date=PartialDate("74<<<<", 1974), given_names="")
    assert set(found) == {"document_number", "expiry_date", "family_name"}


@pytest.mark.parametrize(
    "text",
    ["12 AUG 1974", "12 AUG/AOÛT 74", "12 AOÛT 1974", "12.08.1974", "12/08/74", "1974-08-12", "08/12/1974", "12AGO1974",
     "12. AUGUST 1974", "12 08 1974", "12081974", "BORN 12 AUG 1974 IN UTOPIA", "12 AĞU 1974"],
)  # fmt: skip
def test_dates_are_read_in_many_forms(text: str) -> None:
    assert BORN in dates_in(text)


@pytest.mark.parametrize(
    "text", ["12 1974", "31 FEB 1974", "40/40/1974", "L898902C3", "112 AUG 1974", "12 XYZ 1974", "12 AUG/SEP 1974"]
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert not dates_in(text)


@given(st.text(max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    assert len(dates_in(text)) <= 400
    assert len(compare_printed(passport(), [PrintedText(text, 1.0)])) == len(PRINTED_FIELDS)


@given(
    st.dates(date(1920, 1, 1), date(2019, 12, 31)), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y", "%d %b %Y"])
)
def test_every_date_is_found_again(day: date, form: str) -> None:
    assert day in dates_in(f"X {day:{form}}".upper())
