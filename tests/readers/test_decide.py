"""From cells to a zone: names, codes, bounded repair, and what must stay in doubt."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from checkpoint_app.documents import Format
from checkpoint_app.readers.recogniser.decide import Decision, decide, formats_for, weightier
from checkpoint_app.readers.recogniser.evidence import PLACE
from checkpoint_app.readers.recogniser.names import best_name, text
from checkpoint_app.readers.recogniser.repair import Rule, solve
from tests.readers.helpers import TD1, TD3
from tests.readers.seen import Doubles, cells, doubt

TODAY = date(2026, 11, 24)
LONG = ("IDBELB07105087<4<<<<<<<<<<<<<<", "8502016F1901013UTO<<<<<<<<<<<0", "REINARTZ<<ULRIKE<<<<<<<<<<<<<<")


def decided(lines: tuple[str, ...], format_: Format, seen: list[Doubles] | None = None) -> Decision:
    return decide(format_, seen or [cells(line) for line in lines], TODAY)


@pytest.mark.parametrize(("lines", "format_"), [(TD3, Format.TD3), (TD1, Format.TD1)])
def test_what_is_seen_clearly_is_valid(lines: tuple[str, ...], format_: Format) -> None:
    seen = [cells(line) for line in lines]
    assert formats_for(seen) == (format_,)
    decision = decided(lines, format_)
    assert decision.mrz.lines == lines
    assert decision.valid
    assert decision.repaired == 0


def test_twins_are_told_by_their_field() -> None:
    shown = (TD3[0].replace("UTOERIKSSON", "UT0ER1K550N"), TD3[1].replace("UTO7408122F", "UT074O8IZZF"))
    assert decided(shown, Format.TD3).mrz.lines == TD3


def test_one_character_is_repaired_from_what_was_seen() -> None:
    seen = [cells(line) for line in TD3]
    doubt(seen[1], 2, _3=0.6, _9=0.35)
    decision = decided(TD3, Format.TD3, seen)
    assert decision.mrz.lines == TD3
    assert decision.repaired == 1
    assert decision.valid


def test_nothing_is_repaired_with_what_was_not_seen() -> None:
    wrong = (TD3[0], TD3[1].replace("740812", "740817"))
    decision = decided(wrong, Format.TD3)
    assert decision.mrz.lines == wrong
    assert not decision.valid


def test_what_no_digit_tells_apart_stays_in_doubt() -> None:
    seen = [cells(line) for line in TD3]
    doubt(seen[1], 1, _8=0.5, S=0.0, I=0.45)  # 8 and I are 8 modulo 10
    assert not decided(TD3, Format.TD3, seen).valid
    doubt(seen[1], 1, _8=0.5, _9=0.45)
    assert decided(TD3, Format.TD3, seen).valid


@pytest.mark.parametrize(("line", "at"), [(0, 7), (0, 3), (1, 11), (1, 20), (0, 30)])
def test_a_cell_that_no_digit_covers_must_be_seen_clearly(line: int, at: int) -> None:
    seen = [cells(text_) for text_ in TD3]
    seen[line][at] *= 0.6
    decision = decided(TD3, Format.TD3, seen)
    assert (line, at) in decision.doubtful or any(cell[0] == line for cell in decision.doubtful)
    assert not decision.valid


def test_a_wiped_cell_is_unknown_and_no_filler() -> None:
    seen = [cells(line) for line in TD3]
    seen[1][30] = 1e-6
    assert not decided(TD3, Format.TD3, seen).valid


def test_a_washed_cell_stays_in_doubt_even_where_digits_agree() -> None:
    seen = [cells(line) for line in TD3]
    seen[1][30] *= 0.3
    decision = decided(TD3, Format.TD3, seen)
    assert decision.mrz.lines == TD3
    assert decision.doubtful == {(1, 30)}


def test_two_repairs_are_made_but_stay_in_doubt() -> None:
    seen = [cells(line) for line in TD3]
    doubt(seen[1], 2, _3=0.6, _9=0.35)
    doubt(seen[1], 22, _5=0.6, _2=0.35)
    decision = decided(TD3, Format.TD3, seen)
    assert (decision.mrz.lines, decision.repaired) == (TD3, 2)
    assert not decision.valid


def test_a_code_between_two_is_not_valid() -> None:
    lines = (TD3[0].replace("UTO", "AUT"), TD3[1])
    seen = [cells(line) for line in lines]
    doubt(seen[0], 4, T=0.5, S=0.45)
    decision = decided(lines, Format.TD3, seen)
    assert decision.mrz.lines == lines
    assert not decision.valid


def test_an_impossible_nationality_is_shown_as_printed() -> None:
    shown = (TD3[0], TD3[1].replace("UTO", "132"))
    decision = decided(shown, Format.TD3)
    assert decision.mrz.lines == shown
    assert not decision.valid


def test_an_unknown_code_is_not_valid() -> None:
    shown = (TD3[0].replace("UTO", "QQQ"), TD3[1])
    decision = decided(shown, Format.TD3)
    assert decision.mrz.lines == shown
    assert not decision.valid


def test_two_changes_on_a_visa_are_too_many() -> None:
    visa = ("V<" + TD3[0][2:], TD3[1][:28] + "<" * 16)
    seen = [cells(line) for line in visa]
    assert formats_for(seen) == (Format.MRVA,)
    assert decided(visa, Format.MRVA).valid
    doubt(seen[1], 1, _3=0.7, _8=0.25)
    assert decided(visa, Format.MRVA, seen).mrz.lines == visa
    doubt(seen[1], 13, _1=0.7, _7=0.25)
    two = decided(visa, Format.MRVA, seen)
    assert not two.valid
    assert two.mrz.lines != visa


def test_a_long_number_has_its_digit_in_the_optional_data() -> None:
    number = "D23145890734"
    digit = "9"
    line = f"I<UTO{number[:9]}<{number[9:]}{digit}<".ljust(30, "<")
    seen = [cells(line), *(cells(rest) for rest in TD1[1:])]
    decision = decided((line, *TD1[1:]), Format.TD1, seen)
    assert decision.mrz.document.document_number == number
    assert "document_number" not in {fault.field for fault in decision.mrz.faults}


def test_formats_by_length_and_first_letters() -> None:
    td2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
    french = ("IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4")
    for lines, format_ in ((td2, Format.TD2), (french, Format.FRA2), (("V" + td2[0][1:], td2[1]), Format.MRVB)):
        assert formats_for([cells(line) for line in lines]) == (format_,)
    assert decided(french, Format.FRA2).valid
    assert formats_for([cells("A" * 12)] * 2) == ()


def test_a_witness_that_breaks_digits_is_overruled_and_leaves_a_doubt() -> None:
    plain = decided(TD3, Format.TD3)
    heard = decided((TD3[0], TD3[1].replace("L898902C3", "L89890ZC3")), Format.TD3)
    kept = weightier(plain, heard)
    assert kept.mrz.lines == TD3
    assert kept.doubtful == {(1, 6)}
    assert weightier(heard, plain) is plain


@pytest.mark.parametrize(
    ("seen", "name"),
    [
        ("ERIKSSON<<ANNA<MARIA<<<<<<<<<<", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
        ("ERIKSSON<<ANNA<<<<<C<<K<<<<S<<", "ERIKSSON<<ANNA<<<<<<<<<<<<<<<<"),
        ("ARKFREITH<<<<<<<<<<<<<<<<<<<<<", "ARKFREITH<<<<<<<<<<<<<<<<<<<<<"),
        ("PAPANDROPOULOUS<<JONATHON<ALEX", "PAPANDROPOULOUS<<JONATHON<ALEX"),
        ("VAN<DER<BERG<<A<B<<<<<<<<<<<<<", "VAN<DER<BERG<<A<B<<<<<<<<<<<<<"),
    ],
)
def test_names_keep_the_rule_of_fillers(seen: str, name: str) -> None:
    likelihood = cells(seen, sure=0.7) + 0.02 * cells("<" * len(seen))
    assert text(best_name(np.log(likelihood))) == name


def test_the_margin_is_to_the_next_solution() -> None:
    line = [PLACE[c] for c in "1234567"]  # digit 7 over 123456 is wrong: it is 5
    evidence = np.full((7, 37), -np.inf)
    evidence[np.arange(7), line] = 0.0
    rule = Rule(tuple((0, at) for at in range(6)), (0, 6))
    assert solve([line], [evidence], [rule], 2) is None
    computed = sum(w * d for w, d in zip((7, 3, 1) * 2, range(1, 7), strict=True)) % 10
    evidence[6, computed] = -2.0
    found = solve([line], [evidence], [rule], 1)
    assert found is not None
    assert (found.changes, found.cost, found.margin) == ((((0, 6), computed),), 2.0, float("inf"))
    assert solve([line], [evidence], [rule], 0) is None
    evidence[0, (1 + 3 * (7 - computed)) % 10] = -3.5  # 7·3 ≡ 1: moves the sum to the digit that is printed
    found = solve([line], [evidence], [rule], 1)
    assert found is not None
    assert found.margin == pytest.approx(1.5)
    evidence[6, computed] = -6.0  # less likely than what counts as seen
    found = solve([line], [evidence], [rule], 1)
    assert found is not None
    assert found.cost == pytest.approx(3.5)
