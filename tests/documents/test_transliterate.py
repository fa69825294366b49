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
