"""Why an entry may be the traveller, in both languages, from the score's own numbers. All people are made up."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.screening import REASON_CODES
from checkpoint_app.screening.bearing import POINTS, bearing
from checkpoint_app.screening.dates import Agreement, BirthEvidence
from checkpoint_app.screening.entry import Entry, ListedDocument, Name, Quality, Subject
from checkpoint_app.screening.explain import MOST_REASONS, explain, weigh_reasons
from checkpoint_app.screening.likely import SUMMARY
from checkpoint_app.screening.persons import DOCUMENT_SCORE, PersonList
from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import Evidence, weigh_person
from checkpoint_app.verdict import Reason, Sign
from tests.screening.engine.helpers import entry, loaded, strangers

LISTED = (
    entry(
        "MUSTERFELD", "Musterfeld Beispielova", "Xaveria Klothilde", "1974-08-12", "F", "UTO",
        documents=(ListedDocument("XM0012345", "UTO"),),
    ),
    entry(
        "ALIAS", "Probemann", "Ottokar", "1969-05-17", "M", "AUT",
        aliases=(Name("Ejemplo Ficticio", "Zenobio"), Name("Ottl", "Probl", Quality.WEAK)),
    ),
    entry("YUSUF", "Al-Ejemplawi", "Yusuf", "1981-02-03", "M", "YEM"),
    entry("JOINED", "Inventada", "Analuzia", "1990-10-11", "F", "ESP"),
    entry("LONG", "Beispielhausenerberg", "Maximiliana Theodora", "1966-06-06", "F", "DEU"),
    entry(
        "NUMBERED", "Nummerova", "Zdenka", "1990-01-02", "F", "VEN", documents=(ListedDocument("PN7654321"),),
    ),
    entry("BROTHERS", "Ficticio Pruebano", "Juan Crisostomo", "1985-03-09", "M", "CHL"),
)  # fmt: skip
XAVERIA = Subject("MUSTERFELD BEISPIELOVA", "XAVERIA KLOTHILDE", False, "740812", "F", "UTO")
JUAN = Subject("FICTICIO PRUEBANO", "JUAN CRISOSTOMO", False, "850309", "M", "CHL")


class Case(NamedTuple):
    """A traveller, the entry, the first reason in both languages, and codes among the others."""

    subject: Subject
    entry_id: str
    english: str
    spanish: str
    codes: frozenset[str] = frozenset()


def case(subject: Subject, english: str, spanish: str, *codes: str, of: str = "MUSTERFELD") -> Case:
    return Case(subject, of, english, spanish, frozenset(codes))


CASES = {
    "everything agrees": case(
        XAVERIA, "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento",
        "family_name.same", "given_name.same", "birth.same", "sex.same", "nationality.same",
    ),
    "one letter": case(
        replace(XAVERIA, given_names="XAVERIA KLOTILDE"),
        "Name nearly the same, birth date the same", "Casi el mismo nombre, misma fecha de nacimiento",
        "given_name.letter_missing",
    ),
    "namesake": case(
        replace(XAVERIA, birth="551130"),
        "Same name, but another birth date (1955, listed 1974): probably a namesake",
        "Mismo nombre, pero otra fecha de nacimiento (1955, en la lista 1974): probable homónimo",
        "family_name.same", "given_name.same", "birth.differs",
    ),
    "namesake, one letter": case(
        replace(XAVERIA, family_name="MUSTERFELT BEISPIELOVA", birth="551130"),
        "Nearly the same name, and another birth date (1955, listed 1974): probably a namesake",
        "Casi el mismo nombre, y otra fecha de nacimiento (1955, en la lista 1974): probable homónimo",
        "family_name.letter_differs", "birth.differs",
    ),
    "namesake of the same year": case(
        replace(XAVERIA, birth="740130"),
        "Name and year agree, but another day (1974-01-30, listed 1974-08-12): a namesake, or a wrong date?",
        "Coinciden nombre y año, pero otro día (1974-01-30, en la lista 1974-08-12): ¿homónimo, o fecha errada?",
        "birth.year_same_day_differs",
    ),
    "namesake of the same month": case(
        replace(XAVERIA, birth="740827"),
        "Name and year agree, but another day (1974-08-27, listed 1974-08-12): a namesake, or a wrong date?",
        "Coinciden nombre y año, pero otro día (1974-08-27, en la lista 1974-08-12): ¿homónimo, o fecha errada?",
        "birth.year_month_same", "birth.day_differs",
    ),
    "namesake of the other sex": case(
        replace(XAVERIA, birth="", sex="M"),
        "Name agrees, but another sex (M, listed F): probably a namesake",
        "Coincide el nombre, pero otro sexo (M, en la lista F): probable homónimo",
        "sex.differs", "birth.unknown_traveller",
    ),
    "namesake of another state": case(
        replace(XAVERIA, birth="74<<<<", nationality="AUT"),
        "Name agrees, but another nationality (AUT, listed UTO): a namesake?",
        "Coincide el nombre, pero otra nacionalidad (AUT, en la lista UTO): ¿homónimo?",
        "nationality.differs", "birth.year_same",
    ),
    "only the sex differs": case(
        replace(XAVERIA, sex="M"),
        "Name and birth date agree, but another sex (M, listed F): a slip, or another person?",
        "Coinciden nombre y nacimiento, pero otro sexo (M, en la lista F): ¿mal anotado, u otra persona?",
        "birth.same", "sex.differs",
    ),
    "day and month exchanged": case(
        replace(XAVERIA, birth="741208"),
        "Name agrees; birth date nearly the same (1974-12-08, listed 1974-08-12): a slip in one of the two?",
        "Coincide el nombre; nacimiento casi igual (1974-12-08, en la lista 1974-08-12): "
        "¿mal anotado en uno de los dos?",
        "birth.day_month_swapped",
    ),
    "the year alone": case(
        replace(XAVERIA, birth="74<<<<"), "Name agrees, and the birth date as far as it is known",
        "Coincide el nombre, y el nacimiento en lo que se conoce", "birth.year_same",
    ),
    "no date": case(
        replace(XAVERIA, birth=""), "Name agrees; the birth date can't be compared",
        "Coincide el nombre; el nacimiento no se puede comparar", "birth.unknown_traveller",
    ),
    "twin": case(
        replace(XAVERIA, given_names="LEOPOLDINE"),
        "Family name and birth date agree, other given name: a twin or a relative?",
        "Coinciden apellido y nacimiento, otro nombre de pila: ¿gemelos, o de la familia?",
        "family_name.same", "given_name.differs", "birth.same",
    ),
    "twin of the other sex": case(
        replace(XAVERIA, given_names="LEOPOLD", sex="M"),
        "Family name and birth date agree, other given name: a twin or a relative?",
        "Coinciden apellido y nacimiento, otro nombre de pila: ¿gemelos, o de la familia?",
        "given_name.differs", "sex.differs",
    ),
    "twin with one name in common": case(
        replace(JUAN, given_names="JUAN NEPOMUCENO"),
        "Family name and birth date agree, given names only in part: a twin, or the same person?",
        "Coinciden apellido y nacimiento, el nombre de pila solo en parte: ¿gemelos, o la misma persona?",
        "given_name.part_differs", of="BROTHERS",
    ),
    "sibling": case(
        replace(XAVERIA, given_names="LEOPOLDINE", birth="760301"),
        "Family name agrees, given name and birth date don't: a relative?",
        "Coincide el apellido, no el nombre de pila ni el nacimiento: ¿de la familia?",
        "family_name.same", "given_name.differs", "birth.differs",
    ),
    "brother with one name in common": case(
        replace(JUAN, given_names="JUAN NEPOMUCENO", birth="870512"),
        "Family name agrees, given name and birth date don't: a relative?",
        "Coincide el apellido, no el nombre de pila ni el nacimiento: ¿de la familia?",
        "given_name.part_differs", "birth.differs", of="BROTHERS",
    ),
    "sibling without a date": case(
        replace(XAVERIA, given_names="LEOPOLDINE", birth=""),
        "Family name agrees, given name doesn't: a relative?",
        "Coincide el apellido, no el nombre de pila: ¿de la familia?",
        "given_name.differs", "birth.unknown_traveller",
    ),
    "another family name": case(
        replace(XAVERIA, family_name="ERFUNDEN"),
        "Given name and birth date agree, other family name: a changed name?",
        "Coinciden nombre de pila y nacimiento, otro apellido: ¿cambio de apellido?",
        "family_name.differs", "given_name.same",
    ),
    "only the given name": case(
        replace(XAVERIA, family_name="ERFUNDEN", birth="910101"),
        "Only the given name agrees: probably another person",
        "Solo coincide el nombre de pila: probablemente otra persona",
        "family_name.differs", "birth.differs",
    ),
    "the document": case(
        replace(XAVERIA, document_number="XM0012345", issuer="UTO"),
        "This very document is listed, and the name agrees",
        "Este mismo documento está en la lista, y el nombre coincide",
        "document_number.same",
    ),
    "the document under another name": case(
        Subject("ERFUNDEN", "THEA", False, "740812", "F", "UTO", "XM0012345", "UTO"),
        "Document number the same, names differ: the same person under another name?",
        "Mismo número de documento, otro nombre: ¿la misma persona con otro nombre?",
        "document_number.same", "name.differs",
    ),
    "another document": case(
        replace(XAVERIA, document_number="XM0012346", issuer="UTO"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "document_number.differs",
    ),
    "a number with O for 0": case(
        replace(XAVERIA, document_number="XMOO12345", issuer="UTO"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "document_number.alike",
    ),
    "a number that may be another state's": case(
        Subject("NUMMEROVA", "ZDENKA", False, "900102", "F", "ESP", "PN7654321", "ESP"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento",
        "document_number.coincidence", of="NUMBERED",
    ),
    "personal number": case(
        Subject("NUMMEROVA", "ZDENKA", False, "900102", "F", "VEN", "X1", "VEN", "PN 7654321"),
        "Personal number the same, and the name agrees", "Mismo número personal, y el nombre coincide",
        "personal_number.same", of="NUMBERED",
    ),
    "personal number under another name": case(
        Subject("ERFUNDEN", "THEA", False, "900102", "F", "VEN", "X1", "VEN", "PN 7654321"),
        "Personal number the same, names differ: the same person under another name?",
        "Mismo número personal, otro nombre: ¿la misma persona con otro nombre?",
        "personal_number.same", of="NUMBERED",
    ),
    "number of another issuer": case(
        replace(XAVERIA, document_number="XM0012345", issuer="AUT"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento",
        "document_number.other_issuer",
    ),
    "one token": case(
        Subject("MUSTERFELD", "", sex="F", nationality="UTO"),
        "Only one name agrees: not enough", "Solo coincide un nombre: no basta", "name.part_missing",
    ),
    "alias": case(
        Subject("EJEMPLO FICTICIO", "ZENOBIO", birth="690517", sex="M"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "name.alias", of="ALIAS",
    ),
    "namesake of an alias": case(
        Subject("EJEMPLO FICTICIO", "ZENOBIO", birth="890101", sex="M"),
        "Same name, but another birth date (1989, listed 1969): probably a namesake",
        "Mismo nombre, pero otra fecha de nacimiento (1989, en la lista 1969): probable homónimo",
        "name.alias", of="ALIAS",
    ),
    "weak alias": case(
        Subject("OTTL", "PROBL", birth="690517", sex="M"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "name.alias_weak", of="ALIAS",
    ),
    "another spelling": case(
        Subject("EL EJEMPLAOUI", "YOUSSEF", birth="810203", sex="M"),
        "Name nearly the same, birth date the same", "Casi el mismo nombre, misma fecha de nacimiento",
        "given_name.spelling", of="YUSUF",
    ),
    "joined": case(
        Subject("INVENTADA", "ANA LUZIA", birth="901011", sex="F"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "given_name.joined", of="JOINED",
    ),
    "cut": case(
        Subject("BEISPIELHAUSENERBERG", "MAXIMILIANA THEO", True, "660606", "F"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "given_name.truncated", of="LONG",
    ),
    "swapped": case(
        replace(XAVERIA, family_name=XAVERIA.given_names, given_names=XAVERIA.family_name),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "family_name.swapped",
    ),
    "swapped and misspelled": case(
        replace(XAVERIA, family_name="XAVERIA KLOTILDE", given_names=XAVERIA.family_name),
        "Name nearly the same, birth date the same", "Casi el mismo nombre, misma fecha de nacimiento",
        "family_name.swapped_like",
    ),
    "divided otherwise": case(
        replace(XAVERIA, family_name="MUSTERFELD", given_names="BEISPIELOVA XAVERIA KLOTHILDE"),
        "Name and birth date the same", "Mismo nombre y misma fecha de nacimiento", "name.divided",
    ),
    "married": case(
        replace(XAVERIA, family_name="MUSTERFELD DE ERFUNDEN"),
        "Name nearly the same, birth date the same", "Casi el mismo nombre, misma fecha de nacimiento",
        "family_name.married",
    ),
    "a part of the name": case(
        replace(XAVERIA, family_name="MUSTERFELD", given_names="XAVERIA"),
        "Name nearly the same, birth date the same", "Casi el mismo nombre, misma fecha de nacimiento",
        "family_name.part_missing", "given_name.part_missing",
    ),
}  # fmt: skip


class Told(NamedTuple):
    """One traveller weighed against one entry of a list, with the score in thousandths."""

    evidence: Evidence
    score: int
    reasons: tuple[Reason, ...]
    points: tuple[tuple[Reason, float], ...]


@cache
def listed() -> PersonList:
    return loaded([*LISTED, *strangers()])


def told(persons: PersonList, subject: Subject, entry_id: str) -> Told:
    """Weigh ``subject`` against that entry, whatever the search would find."""
    query = persons.query(subject)
    person = next(p for p in range(len(persons)) if persons.entry(p).id == entry_id)
    evidence = weigh_person(query, person, persons.index, persons.weigher)
    return weighed(persons, subject, query, evidence)


def weighed(persons: PersonList, subject: Subject, query: Query, evidence: Evidence) -> Told:
    entry = persons.entry(evidence.person)
    about = query, subject, entry, evidence, persons.index.vocabulary.tokens
    points = tuple((one.reason, one.points) for one in weigh_reasons(*about))
    return Told(evidence, persons.score(evidence, bearing(query, entry, evidence)), explain(*about), points)


def assert_reasons_tell_the_numbers(one: Told) -> None:
    total = sum(points for _, points in one.points)
    assert min(abs(total - one.evidence.points - number) for number in POINTS.values()) < 1e-6
    if not one.evidence.rests_on_one_token:  # which is kept below the threshold
        certain = DOCUMENT_SCORE if one.score >= DOCUMENT_SCORE else 0
        assert abs(max(0, round(1000 * total)) + certain - one.score) <= 1
    for reason, worth in one.points:
        assert not (reason.sign is Sign.SAME and worth < 0), reason
        assert not (reason.sign is Sign.DIFFERS and worth > 0), reason
    facts = [reason for reason, _ in one.points]
    first = [reason for reason in one.reasons if reason not in facts]
    assert first == list(one.reasons[: len(first)])
    assert len(first) <= 1
    assert [*first, *facts][:MOST_REASONS] == list(one.reasons)
    assert {reason.code for reason in (*one.reasons, *facts)} <= REASON_CODES
    for language in LANGUAGES:
        said = [Words(language).say(reason.code, **reason.params) for reason in one.reasons]
        assert all(said)
        assert not any("%" in text for text in said)


@pytest.mark.parametrize("name", CASES)
def test_the_first_reason_says_who_it_may_be(name: str) -> None:
    one = CASES[name]
    found = told(listed(), one.subject, one.entry_id)
    first = found.reasons[0]
    assert Words("en").say(first.code, **first.params) == one.english
    assert Words("es").say(first.code, **first.params) == one.spanish
    assert one.codes <= {reason.code.removeprefix("reason.") for reason in found.reasons}
    assert_reasons_tell_the_numbers(found)


def test_every_kind_of_summary_is_among_the_cases() -> None:
    made = {told(listed(), one.subject, one.entry_id).reasons[0].code for one in CASES.values()}
    assert {code for code in REASON_CODES if code.startswith(SUMMARY)} <= made


def test_what_weighs_most_comes_first() -> None:
    found = told(listed(), replace(XAVERIA, birth="551130", sex="M"), "MUSTERFELD")
    weights = [abs(points) for _, points in found.points]
    assert weights == sorted(weights, reverse=True)
    assert found == told(listed(), replace(XAVERIA, birth="551130", sex="M"), "MUSTERFELD")
    assert found.reasons[-1].sign is Sign.UNKNOWN


def test_the_letters_that_differ_are_shown() -> None:
    found = told(listed(), CASES["another spelling"].subject, "YUSUF")
    said = {Words("en").say(reason.code, **reason.params) for reason in found.reasons}
    assert "Given name YOUSSEF / YUSUF: another spelling of the same name" in said
    letter = told(listed(), CASES["one letter"].subject, "MUSTERFELD")
    assert "Given name: one letter missing, KLOTILDE / KLOTHILDE" in {
        Words("en").say(reason.code, **reason.params) for reason in letter.reasons
    }


@cache
def with_frequencies() -> PersonList:
    """A list in which one in ten people of CHL are called Muster, one in ten Ana, and everybody else otherwise."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rare = [f"Q{letters[n % 26]}{letters[n // 26 % 26]}{letters[n * 7 % 26]}OK" for n in range(3000)]
    people = [
        entry(f"F{n}", "MUSTER" if n % 10 == 0 else rare[n], "ANA" if n % 10 == 1 else rare[-n], "1970", "F", "CHL")
        for n in range(3000)
    ]
    return loaded([*people, entry("BOTH", "MUSTER", "ANA", "1974-08-12", "F", "CHL")])


def test_a_frequent_name_is_told_as_such() -> None:
    of_chile = told(with_frequencies(), Subject("MUSTER", "ANA", birth="560101", nationality="CHL"), "BOTH")
    assert "A frequent name: about 1 in 100 people of CHL bears it" in {
        Words("en").say(reason.code, **reason.params) for reason in of_chile.reasons
    }
    anywhere = told(with_frequencies(), Subject("MUSTER", "ANA", birth="560101"), "BOTH")
    assert {"reason.name.frequent_list"} == {r.code for r in anywhere.reasons if "frequent" in r.code}
    near = told(with_frequencies(), Subject("MUSTAR", "ANA", birth="560101"), "BOTH")
    assert not any("frequent" in reason.code for reason in near.reasons)


def test_a_short_list_knows_of_no_frequencies() -> None:
    small = loaded([entry("BOTH", "MUSTER", "ANA", "1974-08-12", "F", "CHL")])
    found = told(small, Subject("MUSTER", "ANA", birth="560101", nationality="CHL"), "BOTH")
    assert not any("frequent" in reason.code or "rare" in reason.code for reason in found.reasons)


def test_a_rare_name_is_told_as_such() -> None:
    people = [entry(f"P{n}", "MUSTER", ("ANA", "EVA")[n % 2], "1970", "F", "CHL") for n in range(3900)]
    rare = loaded([*people, entry("RARE", "INVENTADOWSKI", "ANA", "1974", "F", "CHL")])
    found = told(rare, Subject("INVENTADOWSKI", "ANA", birth="740812", nationality="CHL"), "RARE")
    assert "reason.name.rare" in {reason.code for reason in found.reasons}


def test_a_name_too_frequent_to_count_is_not_told_as_differing() -> None:
    people = [entry(f"P{n}", "MUSTER", "MARIA", "1970", "F", "CHL") for n in range(2000)]
    marias = loaded([*people, entry("ONE", "INVENTADA", "MARIA", "1970-01-02", "F", "CHL")])
    for names in ("MARIA", "MARIJA"):
        found = told(marias, Subject("INVENTADA", names, birth="700102"), "ONE")
        assert found.reasons[0].code == "reason.summary.agrees_like"
        assert "reason.given_name.too_frequent" in {reason.code for reason in found.reasons}
        assert_reasons_tell_the_numbers(found)
    other = told(marias, Subject("INVENTADA", "JOSEFA", birth="700102"), "ONE")
    assert "reason.given_name.differs" in {reason.code for reason in other.reasons}


@pytest.mark.parametrize(
    ("agreement", "points", "sign"),
    [
        (Agreement.YEAR, 3.0, Sign.SAME),
        (Agreement.YEAR, -0.5, Sign.NEAR),
        (Agreement.YEAR_SAME_DAY_DIFFERS, -0.5, Sign.DIFFERS),
        (Agreement.YEAR_SAME_DAY_DIFFERS, 0.5, Sign.NEAR),
    ],
)
def test_no_sign_contradicts_points_that_were_weighed_otherwise(
    agreement: Agreement, points: float, sign: Sign
) -> None:
    persons, subject = listed(), replace(XAVERIA, birth="740130")
    query = persons.query(subject)
    evidence = told(persons, subject, "MUSTERFELD").evidence
    found = weighed(persons, subject, query, replace(evidence, birth=BirthEvidence(points, agreement, 0)))
    assert [reason.sign for reason, _ in found.points if reason.code == f"reason.birth.{agreement}"] == [sign]
    assert_reasons_tell_the_numbers(found)


# -- whatever the people --------------------------------------------------------------------------------------------

TOKENS = ["ANA", "ANNA", "MARIA", "MARIO", "MUSTER", "MUSTAR", "EJEMPLO", "DE", "LI", "WANG", "YUSUF", "YOUSSEF"]
TOKENS += ["ALEJEMPLAWI", "EJEMPLAWI", "JUAN", "JUANANA", "QUISPE", "INVENTADA", "BEISPIELHAUSENERBERG"]
NAMES = st.lists(st.sampled_from(TOKENS), max_size=4).map(" ".join)
STATES = st.sampled_from(["UTO", "BOL", "CHL", "", "D"])
SUBJECTS = st.builds(
    Subject,
    NAMES,
    NAMES,
    st.booleans(),
    st.sampled_from(["", "740812", "7408<<", "74<<<<", "741208", "750812", "551130", "<<<<<<", "1974-08-13"]),
    st.sampled_from(["M", "F", "X", ""]),
    STATES,
    st.sampled_from(["", "XM0012345", "XMOO12345", "X1"]),
    st.sampled_from(["", "UTO", "AUT"]),
    st.sampled_from(["", "PR000001", "PR00000I"]),
)
ALIASES = st.lists(st.builds(Name, NAMES, NAMES, st.sampled_from(list(Quality)), st.booleans()), max_size=2).map(tuple)
ENTRIES = st.builds(
    entry,
    st.just("ONE"),
    NAMES,
    NAMES,
    st.sampled_from(["", "1974-08-12", "1974", "1974-08", "1973/1976", "~1980", "2001-01-02", "1974-01-01"]),
    st.sampled_from(["M", "F", ""]),
    STATES,
    ALIASES,
    st.sampled_from(
        [(), (ListedDocument("XM0012345", "UTO"),), (ListedDocument("PR-000001"), ListedDocument("XM0012345"))]
    ),
    st.booleans(),
)
OTHERS = strangers(60)


@given(SUBJECTS, ENTRIES)
@settings(max_examples=150, deadline=None)
def test_what_is_said_agrees_with_the_numbers(subject: Subject, one: Entry) -> None:
    found = told(loaded([one, *OTHERS]), subject, "ONE")
    assert_reasons_tell_the_numbers(found)
    first = found.reasons[0]
    differs = {reason.code for reason in found.reasons if reason.sign is Sign.DIFFERS}
    if first.code in ("reason.summary.agrees", "reason.summary.document"):
        assert not differs & {"reason.family_name.differs", "reason.given_name.differs", "reason.name.differs"}
    if first.code == "reason.summary.agrees":
        assert not any(code.startswith(("reason.birth.", "reason.sex.")) for code in differs)
    if "namesake_birth" in first.code:
        assert found.evidence.birth.points < 0
        assert first.params["left"] != first.params["right"]


# -- labelled pairs -------------------------------------------------------------------------------------------------

PAIRS = Path(os.environ.get("CHECKPOINT_DATA", "")) / "matching" / "name_pairs_labelled.csv"
BORN, OTHERWISE = "700517", "480229"


def labelled_persons() -> list[tuple[str, str, bool]]:
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["schema"] == "Person"]
    return [(row["name1"], row["name2"], row["is_match"] == "true") for row in rows]


def divided(text: str) -> tuple[str, str]:
    """Family name and given names of a name in one: before a comma, else the last word."""
    if "," in text:
        family, _, names = text.partition(",")
        return family.strip(), names.strip()
    *names, family = text.split() or [""]
    return family, " ".join(names)


def weighed_pairs(*, whole: bool) -> Iterable[tuple[bool, Told, Told]]:
    """Yield of each pair whether it is a match, and what is told where the date is the same, and where it is not."""
    pairs = labelled_persons()
    entries = [
        entry(f"N{n}", *((second, "") if whole else divided(second)), "1970-05-17", whole=whole)
        for n, (_, second, _) in enumerate(pairs)
    ]
    persons = loaded(entries)
    places = {persons.entry(person).id: person for person in range(len(persons))}
    for n, (first, _, match) in enumerate(pairs):
        of = places[f"N{n}"]
        both = []
        for birth in (BORN, OTHERWISE):
            subject = Subject(*divided(first), birth=birth)
            query = persons.query(subject)
            evidence = weigh_person(query, of, persons.index, persons.weigher)
            both.append(weighed(persons, subject, query, evidence))
        yield match, both[0], both[1]


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("CHECKPOINT_DATA"), reason="CHECKPOINT_DATA names no reference data")
@pytest.mark.parametrize("whole", [True, False])
def test_labelled_pairs_are_told_apart(whole: bool) -> None:
    names_apart = {"reason.family_name.differs", "reason.given_name.differs"}
    agreeing = {"agrees", "agrees_like"}
    matches = explained = 0
    for match, same_date, other_date in weighed_pairs(whole=whole):
        for one in (same_date, other_date):
            assert_reasons_tell_the_numbers(one)
        codes = {reason.code for reason in same_date.reasons}
        if same_date.evidence.points >= 12:
            assert not names_apart <= codes
            assert "reason.name.differs" not in codes
        summary = same_date.reasons[0].code.removeprefix(SUMMARY)
        assert "namesake" not in summary
        # With another date the same names are a namesake's, never the same person.
        other = other_date.reasons[0].code.removeprefix(SUMMARY)
        assert other not in agreeing
        if summary in agreeing and not other_date.evidence.rests_on_one_token:
            assert other.startswith("namesake_birth")
        matches += match
        explained += match and summary in agreeing
    assert matches > 200
    assert explained / matches > 0.6
