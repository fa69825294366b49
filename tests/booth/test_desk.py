"""The desk from the typed zone to the disposition, on a real store and real signed lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.view import Action, Sound, Stage
from checkpoint_app.documents import Format, PartialDate, Sex, TravelDocument, to_mrz
from checkpoint_app.verdict import Advice, Outcome
from tests.booth.helpers import CLEAR, Booth, make_booth

ERIKSSON = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def passport(family: str, given: str, number: str, born: str, sex: Sex = Sex.FEMALE) -> tuple[str, ...]:
    document = TravelDocument(
        format=Format.TD3,
        document_code="P",
        issuer="UTO",
        document_number=number,
        nationality="UTO",
        birth_date=PartialDate(born),
        sex=sex,
        expiry_date=PartialDate("300101"),
        family_name=family,
        given_names=given,
        optional_data="",
    )
    return to_mrz(document)


KLARA = passport("MUSTER", "KLARA LUISA", "C01X00T47", "800101")
ANNA = passport("ERIKSSON", "ANNA MARIA", "X1234567", "740812")


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    yield booth
    booth.close()


def test_clear_traveller_costs_one_key(booth: Booth) -> None:
    booth.open()
    view = booth.type(*KLARA)
    assert view.advice.advice is Advice.PROCEED
    assert [row.outcome for row in view.checks.rows] == [Outcome.CLEAR] * 3
    booth.press(Action.LET_PASS)
    view = booth.until(lambda v: v.stage is Stage.EMPTY)
    assert "let pass, saved" in view.message.text
    assert view.panel[0].table[0][2] == "1"


def test_name_hit_refers_with_reasons(booth: Booth) -> None:
    booth.open()
    view = booth.type(*ANNA)
    assert view.advice.advice is Advice.REFER
    assert booth.sounds[-1] is Sound.REFER
    assert any("ERIKSON" in section.bold for section in view.panel)
    booth.press(Action.COMPARE)
    assert booth.view.stage is Stage.COMPARE
    booth.press(Action.COMPARE)
    booth.press(Action.REFER)
    view = booth.until(lambda v: v.stage is Stage.EMPTY)
    assert "referred, saved" in view.message.text
