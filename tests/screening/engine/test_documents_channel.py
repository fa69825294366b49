"""The document number of an entry: a channel of its own, above any name."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.screening import PersonList
from checkpoint_app.screening.entry import ListedDocument, Subject
from tests.screening.engine.helpers import CALIBRATION, best, codes, entry, is_hit, known_list, loaded, strangers

NUMBER = "L898902C3"


def test_a_listed_number_is_a_hit_whatever_the_name() -> None:
    candidate = best(Subject("OKONKWO", "CHIDI", birth="900101", sex="M", document_number="l898902c3<"))
    assert candidate.entry_id == "ERIKSON"
    assert is_hit(candidate)
    assert {"document_number.same", "name.differs"} <= codes(candidate)


def test_it_stands_above_a_perfect_name() -> None:
    subject = Subject("PENA NUNEZ", "INIGO", birth="800229", sex="M", nationality="ESP", document_number=NUMBER)
    first, second = known_list().screen(subject)[:2]
    assert (first.entry_id, second.entry_id) == ("ERIKSON", "PENA")
    assert "document_number.unknown" in codes(second)


def test_another_issuer_is_another_document() -> None:
    stranger = Subject("OKONKWO", "CHIDI", document_number=NUMBER, issuer="D")
    assert known_list().screen(stranger) == ()
    bearer = Subject("ERIKSON", "ANA MARIA", birth="740812", document_number=NUMBER, issuer="D")
    assert "document_number.other_issuer" in codes(best(bearer))
    assert is_hit(best(Subject("OKONKWO", "CHIDI", document_number=NUMBER, issuer="UTO")))


def test_a_number_without_issuer_and_with_punctuation() -> None:
    candidate = best(Subject("", "", document_number="ZZ0001", issuer="D"))
    assert candidate.entry_id == "NAMELESS"
    assert candidate.caption == "NAMELESS"
    assert "document_number.differs" in codes(best(Subject("ERIKSON", "ANA MARIA", document_number="X1")))


def listed_without_issuer(nationality: str = "VEN") -> PersonList:
    bearer = entry("BEARER", "Zubizarreta", "Ximena", "1988-03-04", "F", nationality)
    return loaded([replace(bearer, documents=(ListedDocument("AB1234567"),)), *strangers()])


def test_a_number_without_issuer_is_a_coincidence_where_the_nationalities_differ() -> None:
    persons = listed_without_issuer()
    stranger = Subject("OKONKWO", "CHIDI", birth="900101", sex="F", document_number="AB1234567")
    assert is_hit(persons.screen(replace(stranger, nationality="VEN"))[0])
    assert is_hit(persons.screen(stranger)[0])
    assert not any(map(is_hit, persons.screen(replace(stranger, nationality="ESP"))))
    namesake = Subject("ZUBIZARRETA", "XIMENA", birth="880304", sex="F", nationality="ESP", document_number="AB1234567")
    found = persons.screen(namesake)[0]
    assert is_hit(found)
    assert found.score > persons.screen(replace(namesake, document_number=""))[0].score


def test_where_nothing_at_all_agrees_beside_a_number_without_issuer_it_is_a_coincidence() -> None:
    persons = listed_without_issuer("")
    stranger = Subject("OKONKWO", "CHIDI", birth="900101", sex="M", document_number="AB1234567")
    assert not any(map(is_hit, persons.screen(stranger)))
    assert is_hit(persons.screen(replace(stranger, sex="F"))[0])
    assert is_hit(persons.screen(replace(stranger, birth="880304"))[0])


def test_a_misread_number_adds_to_the_name_and_is_no_hit_alone() -> None:
    persons = listed_without_issuer()
    misread = Subject("ZUBIZARRETA", "XIMENA", nationality="VEN", document_number="A81234S67")
    plain = replace(misread, document_number="")
    assert persons.screen(misread)[0].score == persons.screen(plain)[0].score + 9_000
    assert not any(map(is_hit, persons.screen(replace(misread, family_name="OKONKWO", given_names="CHIDI"))))


def test_the_personal_number_is_a_number_too() -> None:
    persons = listed_without_issuer()
    bearer = Subject("OKONKWO", "CHIDI", nationality="VEN", document_number="X1", personal_number="AB 1234567")
    assert is_hit(persons.screen(bearer)[0])
    assert not persons.screen(replace(bearer, personal_number=""))


def test_a_number_one_character_off_lifts_a_name_over_the_threshold() -> None:
    persons = listed_without_issuer()
    plain = Subject("ZUBIZARRETA", "XIMENA", nationality="VEN")
    score = persons.screen(plain)[0].score
    for number in ("AB1234067", "AB1324567", "A1234567"):
        found = persons.screen(replace(plain, document_number=number))[0]
        assert found.score == score + 4_000
        assert "document_number.near" in codes(found)
    for number in ("AB1234568", "AB1204067", "B1234567X"):
        assert persons.screen(replace(plain, document_number=number))[0].score == score
    other = replace(plain, document_number="AB1234067", issuer="ESP")
    issued = loaded(
        [replace(entry("X", "Zubizarreta", "Ximena"), documents=(ListedDocument("AB1234567", "VEN"),)), *strangers()]
    )
    assert "document_number.near" not in codes(issued.screen(other)[0])
    assert "document_number.near" in codes(issued.screen(replace(other, issuer="VEN"))[0])


def test_a_hit_by_a_number_one_character_off_is_among_the_hits_alone() -> None:
    persons = listed_without_issuer()
    subject = Subject("ZUBIZARRETA", "XIMENA", nationality="VEN", document_number="AB1234067")
    score = persons.screen(subject)[0].score
    strict = PersonList(persons.index, persons.details, replace(CALIBRATION, threshold=score))
    assert [one.entry_id for one in strict.screen(subject, hits_only=True)] == ["BEARER"]
    assert strict.screen(replace(subject, document_number=""), hits_only=True) == ()


def test_a_number_nearly_listed_is_found_behind_namesakes_that_are_no_hits() -> None:
    namesakes = [entry(f"N{n}", "Zubizarreta", "Ximena", "1988-03-04", "F", "VEN") for n in range(12)]
    near = entry("NEAR", "Zubizarreta", "Ximena", "1988-03", "F", "VEN", documents=(ListedDocument("AB1234567"),))
    subject = Subject("ZUBIZARRETA", "XIMENA", False, "880304", "F", "VEN", "AB1234067", "VEN")
    persons = loaded([near, *namesakes, *strangers()])
    scores = {one.entry_id: one.score for one in persons.screen(subject, 20)}
    assert scores["NEAR"] > scores["N0"]
    above = persons.beneath(replace(CALIBRATION, threshold=scores["NEAR"]), frozenset())
    assert [one.entry_id for one in above.screen(subject, hits_only=True)] == ["NEAR"]
