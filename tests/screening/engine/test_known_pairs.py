"""Known travellers against known entries: who is found, and the words for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkpoint_app.screening.entry import ListedDate, Subject
from checkpoint_app.screening.search import best_evidence
from checkpoint_app.verdict import Sign
from tests.screening.engine.helpers import THRESHOLD, best, codes, entry, is_hit, known_list, loaded, strangers

ANNA = Subject("ERIKSON", "ANA MARIA", birth="740812", sex="F", nationality="UTO")


@pytest.mark.parametrize(
    ("expected", "subject", "code"),
    [
        ("ERIKSON", ANNA, "family_name.same"),
        ("ERIKSON", Subject("ERIKSSON", "ANA MARIA", birth="740812", sex="F"), "family_name.letter_extra"),
        ("ERIKSON", Subject("ERIKSN", "ANA MARIA", birth="740812", sex="F"), "family_name.letter_missing"),
        ("ERIKSON", Subject("ERIKSUM", "ANA MARIA", birth="740812", sex="F"), "family_name.differs"),
        ("ERIKSON", Subject("ERIKSPN", "ANA MARIA", birth="740812", sex="F"), "family_name.letter_differs"),
        ("ERIKSON", Subject("ERIKSNO", "ANA MARIA", birth="740812", sex="F"), "family_name.letters_swapped"),
        ("ERIKSON", Subject("ERIKSON", "ANA", birth="740812", sex="F"), "given_name.part_missing"),
        ("ERIKSON", Subject("ERIKSON", "ANA LUCIA", birth="740812", sex="F"), "given_name.part_differs"),
        ("ERIKSON", Subject("ERIKSON", "ANNA MARIA", birth="740812", sex="F"), "given_name.letter_extra"),
        ("ERIKSON", Subject("ANA MARIA", "ERIKSON", birth="740812", sex="F"), "family_name.swapped"),
        ("ERIKSON", Subject("ERIKSON", "ANAMARIA", birth="740812", sex="F"), "given_name.joined"),
        ("PENA", Subject("PENXXA NUNEZ", "INIGO", birth="800229", sex="M"), "family_name.same"),
        ("PENA", Subject("PENA NUNXXEZ", "INXXIGO", birth="800229", sex="M"), "given_name.same"),
        ("LONG", Subject("VILLAVICENCIO ETCHEVERRIGARAY", "MAXIM", True, "690517", "M", "CHL"), "given_name.truncated"),
        ("LONG", Subject("VILLAVICENCIO ETCHEVERRIGARAY", "MAX", True, "690517", "M", "CHL"), "given_name.truncated"),
        ("LONG", Subject("VILLAVICENCIO ETCHEVERRIGARAY", "MA", True, "690517", "M", "CHL"), "given_name.unknown"),
        ("LONG", Subject("VILLAVICENCIO ETCHEVERRI", "M", True, "690517", "M", "CHL"), "family_name.truncated"),
        ("WANG", Subject("WANGFEICHEN", "", birth="631031", sex="M", nationality="CHN"), "name.joined"),
        ("WANG", Subject("WANG", "FEI CHEN", birth="631031", sex="M", nationality="CHN"), "given_name.joined"),
        ("DONG", Subject("TENG", "HSIAO PING", birth="610102", sex="M", nationality="CHN"), "given_name.spelling"),
        ("TIKRITI", Subject("ALTIKRITI", "ABDELRAHMAN YOUSSEF", birth="580719", sex="M"), "family_name.spelling"),
        ("TIKRITI", Subject("EL TIKRITI", "ABD EL RAHMAN", birth="580719", sex="M"), "family_name.same"),
        ("SALAZAR", Subject("PEREIRA DE PARADA", "BELEN WENDOLIN", birth="530824", sex="F"), "family_name.married"),
        ("ALIAS", Subject("ZAMBRANO ECHENIQUE", "RODRIGO", birth="780929", sex="M"), "name.alias"),
        ("WHOLE", Subject("QAHTAN", "ZAYD MUBARAK", birth="750101", sex="M", nationality="YEM"), "name.same"),
        ("CIRCA", Subject("ASHKENAZOV", "BOGDAN", birth="520303", sex="M"), "birth.in_range"),
        ("RANGE", Subject("VASHCHENKO", "IHNAT", birth="630303", sex="M"), "birth.in_range"),
        ("RANGE", Subject("VACHTCHENKO", "IGNAT", birth="630303", sex="M"), "family_name.spelling"),
    ],
)
def test_the_entry_is_found_and_the_reason_named(expected: str, subject: Subject, code: str) -> None:
    candidate = best(subject)
    assert candidate.entry_id == expected
    assert code in codes(candidate)
    assert is_hit(candidate)


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("740812", {"birth.same"}),
        ("7408<<", {"birth.year_month_same"}),
        ("74<<<<", {"birth.year_same"}),
        ("740000", {"birth.year_same"}),
        ("741208", {"birth.day_month_swapped"}),
        ("750812", {"birth.year_near"}),
        ("470812", {"birth.year_digit"}),
        ("740712", {"birth.digit_differs"}),
        ("740813", {"birth.year_month_same", "birth.day_differs"}),
        ("740825", {"birth.year_month_same", "birth.day_differs"}),
        ("740130", {"birth.year_same_day_differs"}),
        ("740101", {"birth.year_same"}),
        ("310130", {"birth.differs"}),
        ("1974-08-12", {"birth.same"}),
        ("1974", {"birth.year_same"}),
        ("", {"birth.unknown_traveller"}),
        ("<<<<<<", {"birth.unknown_traveller"}),
        ("ab0812", {"birth.unknown_traveller"}),
    ],
)
def test_how_the_birth_date_agrees(birth: str, expected: set[str]) -> None:
    candidate = best(Subject("ERIKSON", "ANA MARIA", birth=birth, sex="F", nationality="UTO"))
    assert candidate.entry_id == "ERIKSON"
    assert {code for code in codes(candidate) if code.startswith("birth.")} == expected


def test_a_namesake_with_another_birth_date_is_told_as_such() -> None:
    candidate = best(Subject("ERIKSON", "ANA MARIA", birth="551130", sex="F", nationality="UTO"))
    signs = {reason.code: reason.sign for reason in candidate.reasons}
    assert signs["reason.family_name.same"] is Sign.SAME
    assert signs["reason.given_name.same"] is Sign.SAME
    assert signs["reason.birth.differs"] is Sign.DIFFERS
    [birth] = [reason for reason in candidate.reasons if reason.code == "reason.birth.differs"]
    assert birth.params == {"left": "1955-11-30", "right": "1974-08-12"}


def test_a_listed_date_that_is_none_does_not_shift_the_others() -> None:
    dates = (ListedDate("1974-8", "1974-8"), ListedDate("soon", "soon"), ListedDate("1969-05-17", "1969-05-17"))
    oddly_dated = replace(entry("ODD", "Etcheverrigaray", "Maximiliano"), birth_dates=dates)
    found = loaded([oddly_dated, *strangers()]).screen(Subject("ETCHEVERRIGARAY", "MAXIMILIANO", birth="690518"))[0]
    [reason] = [reason for reason in found.reasons if reason.code == "reason.birth.day_differs"]
    assert reason.params == {"left": "18", "right": "17"}


def test_a_circa_year_is_shown_as_such() -> None:
    found = best(Subject("ASHKENAZOV", "BOGDAN", birth="520303", sex="M"))
    [reason] = [reason for reason in found.reasons if reason.code == "reason.birth.in_range"]
    assert reason.params == {"left": "1952-03-03", "right": "~1950"}


def test_a_worse_birth_date_scores_lower() -> None:
    births = ["740812", "7408<<", "741208", "750812", "740000", "740712", "", "740825", "310130"]
    scores = [best(Subject("ERIKSON", "ANA MARIA", birth=b, sex="F", nationality="UTO")).score for b in births]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_sex_and_nationality_speak_both_ways() -> None:
    persons = known_list()
    weighed = []
    for sex, state, code in (("F", "BOL", "same"), ("", "", "unknown"), ("X", "", "unknown"), ("M", "UTO", "differs")):
        subject = Subject("ZUBIZARRETA OYARZABAL", "XIMENA", birth="880304", sex=sex, nationality=state)
        assert {f"sex.{code}", f"nationality.{code}"} <= codes(best(subject))
        [evidence] = best_evidence(persons.query(subject), persons.index, persons.weigher, 1, 0.0)
        weighed.append((evidence.sex, evidence.state))
    (sex_for, state_for), silent, unspecified, (sex_against, state_against) = weighed
    assert silent == unspecified == (0, 0)
    assert sex_for > 0 > sex_against
    assert state_for > 0 > state_against


def test_the_rarer_a_nationality_the_more_it_says() -> None:
    weigh = known_list().weigher.state
    assert weigh("UTO") > weigh("CHL") > weigh("BOL") > 0
    assert weigh("NOBODY") == 4.0
    assert weigh("NOBODY") > weigh("UTO")


def test_the_best_score_is_that_of_the_name_and_leaves_persons_out() -> None:
    persons = known_list()
    subject = Subject("ERIKSON", "ANA MARIA", birth="740812", sex="F", nationality="UTO", document_number="L898902C3")
    best_name = persons.best_score(subject)
    bare = persons.screen(replace(subject, document_number=""))[0]
    assert bare.entry_id == "ERIKSON"
    assert THRESHOLD < best_name == bare.score
    [evidence] = best_evidence(persons.query(subject), persons.index, persons.weigher, 1, 0.0)
    assert persons.best_score(subject, {evidence.person}) < THRESHOLD
    assert persons.best_score(Subject("ZZZ", "QQQ")) == 0


@pytest.mark.parametrize(
    ("family", "given", "expected"),
    [
        ("SANTA MARIA", "JOSE", "FAMILY"),
        ("MUSTER", "ANA LUCIA", "GIVEN"),
        ("OUM", "KHALID", "WHOLE"),
        ("KHALID", "OUM", "WHOLE"),
    ],
)
def test_names_written_apart_find_those_written_together(family: str, given: str, expected: str) -> None:
    entries = [
        entry("FAMILY", "SANTAMARIA", "JOSE", "1970-01-02"),
        entry("GIVEN", "MUSTER", "ANALUCIA", "1970-01-02"),
        entry("WHOLE", "OUMKHALID", "", "1970-01-02", whole=True),
    ]
    found = loaded([*entries, *strangers(50)]).screen(Subject(family, given, birth="700102"))
    assert found[0].entry_id == expected


def test_candidates_from_half_the_threshold_on_are_looked_for() -> None:
    assert known_list()._least == THRESHOLD / 2000


def test_a_name_common_in_a_state_says_less_of_its_people() -> None:
    """Each state of the list is told apart, from the first one entered on; a state not listed is the whole list's."""
    states = ("AUT", "CHL", "PER")
    entries = [entry(f"{s}{n}", f"COMMON{s}", "KLARA", "1970-01-01", "F", s) for s in states for n in range(40)]
    weigh = loaded([*entries, *strangers()]).weigher.token

    def points(name: str, state: str) -> float:
        return max(weigh(name, state, False).points)

    for state in states:
        own, whole = points(f"COMMON{state}", state), points(f"COMMON{state}", "")
        assert own < whole == points(f"COMMON{state}", "UTO")
        assert all(points(f"COMMON{state}", other) > whole for other in states if other != state)


def test_one_token_never_hits_on_name_alone() -> None:
    for birth in ("", "310130"):
        candidate = best(Subject("SUHARYANTO", "", birth=birth, sex="M", nationality="IDN"))
        assert candidate.entry_id == "MONO"
        assert not is_hit(candidate)
        assert "name.one_token" in codes(candidate)
    assert not any(is_hit(c) for c in known_list().screen(Subject("ERIKSON", "", nationality="UTO", sex="F")))


def test_a_weak_alias_is_told_and_weighs_less() -> None:
    weak = best(Subject("CHUQUI", "", birth="780929", sex="M", nationality="CHL"))
    assert weak.entry_id == "ALIAS"
    assert "name.alias_weak" in codes(weak)
    assert weak.score < best(Subject("ZAMBRANO ECHENIQUE", "RODRIGO", birth="780929", sex="M")).score


def test_a_stranger_is_no_hit() -> None:
    stranger = Subject("OKONKWO", "CHIDI", birth="900101", sex="M", nationality="NGA")
    assert not any(is_hit(c) for c in known_list().screen(stranger))


def test_caption_facts_and_handling() -> None:
    candidate = best(ANNA)
    assert candidate.caption == "ERIKSON, Ana María · 1974"
    assert candidate.facts == {
        "family_name": "ERIKSON",
        "given_names": "Ana María",
        "birth_date": "1974-08-12",
        "sex": "F",
        "nationality": "UTO",
        "document_number": "L898902C3",
    }
    alias = best(Subject("ZAMBRANO ECHENIQUE", "RODRIGO", birth="780929", sex="M"))
    assert alias.facts["alias"] == "Zambrano Echenique Rodrigo; Chuqui"
    assert best(Subject("ASHKENAZOV", "BOGDAN", birth="520303")).facts["birth_date"] == "~1950"
    assert best(Subject("VASHCHENKO", "IHNAT", birth="620303")).caption == "VASHCHENKO, Ihnat · 1960–1964"
