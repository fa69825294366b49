"""Every code that the engine can give has a phrase in every language, and the phrase can be filled."""

from __future__ import annotations

import re

import pytest

from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.screening import REASON_CODES
from checkpoint_app.screening.entry import Subject
from tests.screening.engine.helpers import known_list


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_phrase(language: str) -> None:
    words = Words(language)
    assert [code for code in sorted(REASON_CODES) if not words.knows(code)] == []
    placed = {code: set(re.findall(r"\{(\w+)\}", words._phrases[code])) for code in REASON_CODES}
    assert set().union(*placed.values()) <= {"left", "right", "alias", "issuer", "count", "state"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_that_come_can_be_said(language: str) -> None:
    words = Words(language)
    for family, names, birth, number in [
        ("ERIKSON", "ANA MARIA", "740812", "L898902C3"),
        ("ERIKSSON", "ANNA", "7408<<", "X"),
        ("SUHARYANTO", "", "", ""),
        ("ZAMBRANO", "RODRIGO", "780930", ""),
        ("CHUQUI", "", "780929", ""),
        ("ASHKENAZOV", "B", "500101", ""),
    ]:
        for candidate in known_list().screen(Subject(family, names, False, birth, "M", "UTO", number, "D")):
            assert {reason.code for reason in candidate.reasons} <= REASON_CODES
            assert all(words.say(reason.code, **reason.params) for reason in candidate.reasons)
