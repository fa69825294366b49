"""Folding: both sides come to the same tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.screening.fold import (
    MAX_TOKENS,
    fold,
    fold_nationality,
    fold_number,
    fold_state,
    fold_whole,
    has_unread_letters,
    is_married_form,
)
from checkpoint_app.screening.mandarin import mandarin_keys
from checkpoint_app.screening.sound import phonetic, skeleton, vowel_pattern
from checkpoint_app.screening.vocabulary import Likeness, Vocabulary


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MUELLER"),
        ("Müller", "MUXXLLER"),
        ("Peña", "PENA"),
        ("Peña", "PENXXA"),
        ("Ångström", "AANGSTROEM"),
        ("Þórður", "THORDUR"),
        ("Strauß", "STRAUSS"),
        ("O'Brien", "OBRIEN"),
        ("Jean-Paul", "JEAN PAUL"),
        ("de la Cruz", "CRUZ"),
        ("Abd al-Rahman", "ABDULRAHMAN"),
        ("Abdel Rahman", "ABDUL RAHMAN"),
        ("ABDELRAHMAN", "ABDULRAHMAN"),
        ("Abd ar-Rahman", "ABDUR RAHMAN"),
        ("Abdus Salam", "ABDESSALAM"),
        ("ABDERRAHMANE", "ABDELRAHMANE"),
        ("as-Sadr", "AL SADR"),
        ("St-Fleur", "SAINT FLEUR"),
        ("Zun~iga", "ZUNIGA"),
        ("Solovʹëv", "SOLOVEV"),
        ("Mus\u200bter", "MUSTER"),
        ("Əliyev", "ELIYEV"),
        ("Ɓala", "BALA"),
        ("محمد", "MXHMD"),
        ("Иванов", "IVANOV"),
        ("İstanbullu", "ISTANBULLU"),
    ],
)
def test_spellings_that_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("mark", "'’‘ʼʻʿʾ`´")
def test_apostrophes_of_all_kinds_are_left_out(mark: str) -> None:
    assert fold(f"N{mark}Diaye") == ("NDIAYE",)


PARTICLES = "DE LA LAS LOS DEL DA DO DOS DAS DI DU DES Y E O AL EL UL ED BIN BEN IBN BINT VAN VON DER DEN TER ZU"


@pytest.mark.parametrize("particle", PARTICLES.split())
def test_particles_are_left_out(particle: str) -> None:
    assert fold(f"Muster {particle} Paz") == ("MUSTER", "PAZ")


@pytest.mark.parametrize("servant", ["ABD", "ABDEL", "ABDUL", "ABDAL", "ABDOUL", "ABDOL"])
@pytest.mark.parametrize("article", ["", "AL", "EL", "UL", "OL"])
def test_servants_are_one_name_with_what_follows(servant: str, article: str) -> None:
    assert fold(f"{servant} {article} RAHMAN") == ("ABDULRAHMAN",)


def test_a_field_of_particles_alone_is_kept() -> None:
    assert fold("De La") == ("DE", "LA")
    assert fold("ABD") == ("ABD",)
    assert fold("ABD EL") == ("ABDULEL",)


@given(st.text(max_size=60))
def test_tokens_are_plain_letters_and_folding_is_stable(text: str) -> None:
    tokens = fold(text)
    assert len(tokens) <= MAX_TOKENS
    assert all(token.isascii() and token.isalpha() and token.isupper() for token in tokens)
    for token in tokens:
        assert phonetic(token) == tuple(sorted(phonetic(token)))
        assert all((*vowel_pattern(token), *skeleton(token)))
        assert all(key.isalpha() for key in mandarin_keys(token))


@pytest.mark.parametrize(
    ("one", "other"), [("YUSUF", "YOUSUF"), ("KUZNETSOV", "KOUZNETSOV"), ("JIMENEZ", "GIMENEZ"), ("KHADIJA", "HADIDJA")]
)
def test_tokens_that_sound_alike(one: str, other: str) -> None:
    assert set(phonetic(one)) & set(phonetic(other))


def test_vowels_and_bones() -> None:
    assert vowel_pattern("MARK") & vowel_pattern("MERK")
    assert vowel_pattern("YUSUF") & vowel_pattern("YOUSSEF")
    assert not vowel_pattern("MARK") & vowel_pattern("MARIK")
    assert skeleton("SALEEM") & skeleton("SELIM")
    assert not skeleton("LEE")


@pytest.mark.parametrize(
    ("pinyin", "giles"),
    [("DENG", "TENG"), ("XIAOPING", "HSIAOPING"), ("ZHOU", "CHOU"), ("QING", "CHING"), ("GUO", "KUO"), ("SI", "SSU"),
     ("ZEDONG", "TSETUNG"), ("YAN", "YEN"), ("JIANG", "CHIANG"), ("LV", "LU"), ("HE", "HO")],
)  # fmt: skip
def test_the_two_romanisations_of_chinese(pinyin: str, giles: str) -> None:
    assert set(mandarin_keys(pinyin)) & set(mandarin_keys(giles))


@pytest.mark.parametrize(
    "row",
    [
        "BA PA, PA PA, MA MA, FA FA, DA TA, TA TA, NA NA, LA LA, GA KA, KA KA, HA HA, ZHA CHA, CHA CHA, SHA SHA",
        "ZA TSA, CA TSA, SA SA, RAN JAN, JIA CHIA, QIA CHIA, XIA HSIA, LO LO, LE LE, LAI LAI, LEI LEI, LAO LAO",
        "LOU LOU, LAN LAN, LEN LEN, LANG LANG, LENG LENG, LONG LUNG, LI LI, LIE LIEH, LIAO LIAO, LIU LIU",
        "LIAN LIEN, LIN LIN, LING LING, LIANG LIANG, XIONG HSIUNG, LU LU, HUA HUA, LUO LO, HUAI HUAI, SUI SUI",
        "LUAN LUAN, LUN LUN, HUANG HUANG, XUE HSUEH, E O, YE YEH, YI I, YONG YUNG, YOU YU, YUE YUEH, ZHI CHIH",
        "RI JIH, ZI TZU, CI TZU, GE KO, KE KO, GUI KUEI, KUI KUEI, XU HSU",
    ],
)
def test_the_table_of_syllables(row: str) -> None:
    table = [pair.split() for pair in row.split(", ")]
    assert [pinyin for pinyin, giles in table if giles not in mandarin_keys(pinyin)] == []
    # What a syllable is as Wade-Giles may add one key, and nothing more.
    assert all(set(mandarin_keys(pinyin)) <= {giles, pinyin} for pinyin, giles in table)


def test_what_is_not_chinese_has_no_key() -> None:
    assert mandarin_keys("RODRIGUEZ") == ()
    assert mandarin_keys("A" * 40) == ()


def test_numbers_and_states() -> None:
    assert fold_number(" ab-12 <34") == "AB1234"
    assert fold_number("0012") == "0012"
    assert fold_state("DEU") == fold_state("D<<") == "D"
    assert {fold_state(code) for code in ("GBR", "GBD", "GBN", "GBO", "GBP", "GBS")} == {"GBR"}
    assert is_married_form("PEREZ DE PARADA")
    assert not is_married_form("DE PARADA")


@pytest.mark.parametrize(
    ("stated", "listed"),
    [("GONSALEZ", "GONZALES"), ("BALDEZ", "VALDES"), ("CAREN", "KAREN"), ("KEBEDO", "QUEVEDO"), ("CARO", "KARO")],
)
def test_tokens_that_sound_alike_are_found_as_such(stated: str, listed: str) -> None:
    tokens = Vocabulary.build(sorted([listed, "MUSTER", "SUHARYANTO"]))
    near = tokens.neighbours(stated, False)
    found = {likeness: [tokens.tokens[n] for n in numbers] for likeness, numbers in near.items()}
    assert found == {Likeness.SOUND: [listed]}


def test_a_short_token_is_not_like_another_by_its_sound() -> None:
    assert dict(Vocabulary.build(["KAY"]).neighbours("CAY", False)) == {}


def test_a_family_name_that_is_a_particle_elsewhere_stays_where_it_begins_a_whole_name() -> None:
    assert fold_whole("Du Wei") == ("DU", "WEI")
    assert fold_whole("Do Van Nam") == ("DO", "VAN", "NAM")
    assert fold_whole("de Paz") == ("PAZ",)
    assert fold_whole("Du") == ("DU",)


@pytest.mark.parametrize("name", ["王", "ΝΙΚΟΣ", "राम", "Muster Ολγα"])
def test_letters_that_no_zone_has_are_told(name: str) -> None:
    assert has_unread_letters(name)


@pytest.mark.parametrize(
    "name", ["", "MUSTER", "Peña", "Straße", "Ольга Ильь", "محمد", "ʻOkina", "Ɓala", "Əliyev", "1º"]
)
def test_letters_that_are_compared_are_read(name: str) -> None:
    assert not has_unread_letters(name)


def test_states_that_issue_for_others_and_those_that_are_none() -> None:
    assert fold_state("HKG") == fold_state("MAC") == "CHN"
    assert fold_state("BMU") == fold_state("GBD") == "GBR"
    assert {fold_state(code) for code in ("XXA", "XXB", "XXC", "XXX")} == {""}
    assert fold_state("UNO") == "UNO"
    assert fold_nationality("UNO") == ""


@pytest.mark.parametrize(
    ("listed", "stated"), [("МР 1234567", "MP1234567"), ("ΑΕ-123456", "AE123456"), ("№ 7654321", "7654321")]
)
def test_letters_of_a_number_become_those_of_the_zone(listed: str, stated: str) -> None:
    assert fold_number(listed) == stated
