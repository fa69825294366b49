"""Transliteration by the tables of Doc 9303-3 §6."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import MRZ_CHARACTERS, to_mrz_characters, unknown_characters


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Müller", "MUELLER"),
        ("Weißäcker", "WEISSAECKER"),
        ("Ødegård", "OEDEGAARD"),
        ("Þórður", "THORDUR"),
        ("Muñoz Peña", "MUNOZ<PENA"),
        ("Łukasiewicz", "LUKASIEWICZ"),
        ("Œuvray", "OEUVRAY"),
        ("Ægir", "AEGIR"),
        ("Đurić", "DURIC"),
        ("Ħamrun", "HAMRUN"),
        ("Ĳsbrand", "IJSBRAND"),
        ("ĳsbrand", "IJSBRAND"),
        ("Yıldız İnönü", "YILDIZ<INOENUE"),
        ("Əliyev", "ELIYEV"),
        ("Ŧŋ", "TN"),
        ("Ştefan Țepeș", "STEFAN<TEPES"),
        ("Nguyễn Ơn Ưu", "NGUYEN<ON<UU"),
        ("O'Connor", "OCONNOR"),
        ("d’Artagnan", "DARTAGNAN"),
        ("Smith-Jones", "SMITH<JONES"),
        ("St. John, Jr.", "ST<JOHN<JR"),
        ("  Ana -- María  ", "ANA<MARIA"),
        ("ERIKSSON<<ANNA", "ERIKSSON<ANNA"),
        ("Mu\u0308ller", "MUELLER"),  # parted into letter and mark
        ("A1", "A1"),
        ("", ""),
        ("李", ""),
    ],
)
def test_latin(text: str, zone: str) -> None:
    assert to_mrz_characters(text) == zone


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Щербаков Юрий", "SHCHERBAKOV<IURII"),
        ("Объедков", "OBIEEDKOV"),
        ("Соловьёв", "SOLOVEV"),
        ("Хрущёв Эдуард", "KHRUSHCHEV<EDUARD"),
        ("Цой", "TSOI"),
        ("Жыгунова", "ZHYGUNOVA"),
        ("Яковлев", "IAKOVLEV"),
        ("Ґудзь Їжак Єва", "GUDZ<IZHAK<IEVA"),
        ("Љубица Њ Ђ Ћ Џ", "LJUBITSA<NJ<D<C<DZ"),
        ("Ќ Ѓ Ѕ Ў", "K<G<DZ<U"),
    ],
)
def test_cyrillic(text: str, zone: str) -> None:
    assert to_mrz_characters(text) == zone


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        # The worked example of Doc 9303-3, appendix B.
        ("ابو بكر محمد بن زكريا الرازي", "ABW<BKR<MXHMD<BN<ZKRYA<ALRAZY"),
        ("فاطمة", "FAXTTMXAH"),  # teh marbuta at the end of a part
        ("فاطمة الزهراء", "FAXTTMXAH<ALZHRAXE"),
        ("فاطمةي", "FAXTTMXTAY"),  # and inside one
        ("محمّد", "MXHMMD"),  # the doubling mark
        ("بشّار", "BXSHXSHAR"),
        ("مُحَمَد", "MXHMD"),  # vowel signs are left out
        ("محـمد", "MXHMD"),  # and so is the stretching line
        ("آسيا", "XAASYA"),
        ("گل", "XGGL"),
        ("\ufee1", "M"),  # a presentation form
        ("ةّ", "XAHXAH"),
    ],
)
def test_arabic(text: str, zone: str) -> None:
    assert to_mrz_characters(text) == zone


def test_a_doubling_mark_with_nothing_before_it_is_left_out() -> None:
    assert to_mrz_characters("\u0651") == ""


# Doc 9303-3 §6, tables A, B and C as printed there: the character's number and its letters.
TABLE_A = """
C1 A C0 A C2 A C4 AE C3 A 102 A C5 AA 100 A 104 A 106 C 108 C 10C C 10A C C7 C 110 D 10E D C9 E C8 E CA E CB E 11A E
116 E 112 E 118 E 114 E 11C G 11E G 120 G 122 G 126 H 124 H CD I CC I CE I CF I 128 I 130 I 12A I 12E I 12C I 131 I
134 J 136 K 141 L 139 L 13D L 13B L 13F L 143 N D1 N 147 N 145 N 14A N D8 OE D3 O D2 O D4 O D6 OE D5 O 150 O 14C O
14E O 154 R 158 R 156 R 15A S 15C S 160 S 15E S 164 T 162 T 166 T DA U D9 U DB U DC UE 168 U 16C U 170 U 16E U 16A U
172 U 174 W DD Y 176 Y 178 Y 179 Z 17D Z 17B Z DE TH C6 AE 132 IJ 152 OE DF SS D0 D 1E9E SS
"""
TABLE_B = """
410 A 411 B 412 V 413 G 414 D 415 E 401 E 416 ZH 417 Z 418 I 406 I 407 I 419 I 41A K 41B L 41C M 41D N 41E O 41F P
420 R 421 S 422 T 423 U 424 F 425 KH 426 TS 427 CH 428 SH 429 SHCH 42A IE 42B Y 42D E 42E IU 42F IA 490 G 40E U 46A U
403 G 402 D 405 DZ 408 J 40C K 409 LJ 40A NJ 40B C 40F DZ 404 IE
"""
TABLE_C = """
621 XE 622 XAA 623 XAE 624 U 625 I 626 XI 627 A 628 B 629 XAH 62A T 62B XTH 62C J 62D XH 62E XKH 62F D 630 XDH 631 R
632 Z 633 S 634 XSH 635 XSS 636 XDZ 637 XTT 638 XZZ 639 E 63A G 641 F 642 Q 643 K 644 L 645 M 646 N 647 H 648 W
649 XAY 64A Y 671 XXA 679 XXT 67C XRT 67E P 681 XKE 685 XXH 686 XC 688 XXD 689 XDR 691 XXR 693 XRR 696 XRX 698 XJ
69A XXS 6A9 XKK 6AB XXK 6AD XNG 6AF XGG 6BA XNN 6BC XXN 6BE XDO 6C0 XYH 6C1 XXG 6C2 XGE 6C3 XTG 6CC XYA 6CD XXY 6D0 Y
6D2 XYB 6D3 XBE
"""


@pytest.mark.parametrize("table", [TABLE_A, TABLE_B, TABLE_C], ids="ABC")
def test_the_printed_tables(table: str) -> None:
    cells = table.split()
    for number, letters in zip(cells[::2], cells[1::2], strict=True):
        character = chr(int(number, 16))
        assert (number, to_mrz_characters(character)) == (number, letters)
        if character.lower() != character and len(character.lower()) == 1:
            assert to_mrz_characters(character.lower()) == letters


def test_letters_that_stand_for_nothing() -> None:
    assert to_mrz_characters("Ь\u0640\u064b\u064f\u0652\u0670") == ""
    assert unknown_characters("Ь\u0640\u064b\u064f\u0652\u0670") == frozenset()
    assert to_mrz_characters("Əəĸſ") == "EEKS"


@pytest.mark.parametrize("gap", "-‐‑‒–—/ \t\u00a0<")
def test_gaps_become_one_filler(gap: str) -> None:
    assert to_mrz_characters(f"{gap}A{gap}{gap}B{gap}") == "A<B"


@pytest.mark.parametrize("mark", "'’‘`´ʼ.,")
def test_marks_are_left_out(mark: str) -> None:
    assert to_mrz_characters(f"O{mark}C") == "OC"


@given(st.text(max_size=60))
def test_any_text_becomes_zone_characters_without_stray_fillers(text: str) -> None:
    zone = to_mrz_characters(text)
    assert MRZ_CHARACTERS.issuperset(zone)
    assert "<<" not in zone
    assert zone == zone.strip("<")
    assert to_mrz_characters(zone) == zone


@given(st.text(max_size=60))
def test_only_unknown_characters_are_lost(text: str) -> None:
    unknown = unknown_characters(text)
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if c not in unknown)
    assert unknown_characters(kept) <= unknown


def test_unknown_characters_are_named() -> None:
    assert unknown_characters("Ana 李😀") == frozenset("李😀")
    assert unknown_characters("Müller-O'Connor محمّد Щукин") == frozenset()
