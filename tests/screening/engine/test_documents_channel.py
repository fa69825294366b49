"""The document number of an entry: a channel of its own, above any name."""

from __future__ import annotations

from checkpoint_app.screening.entry import Subject
from tests.screening.engine.helpers import best, codes, is_hit, known_list

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
    assert best(Subject("ERIKSON", "ANA MARIA", document_number="X1")).reasons[-1].code.endswith("number.differs")
