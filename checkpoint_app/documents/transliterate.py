"""National characters in a zone: the tables of ICAO Doc 9303-3 §6 for Latin, Cyrillic and Arabic letters."""

from __future__ import annotations

import unicodedata

from checkpoint_app.documents.check_digits import DIGITS, FILLER, LETTERS

# Table A. Letters that Unicode takes apart into plain ones need no row, here and in table B: they lose their marks.
_LATIN = {
    "Ä": "AE",
    "Å": "AA",
    "Æ": "AE",
    "Ð": "D",
    "Đ": "D",
    "Ə": "E",
    "Ħ": "H",
    "ĸ": "K",
    "Ł": "L",
    "Ŀ": "L",
    "Ŋ": "N",
    "Ö": "OE",
    "Ø": "OE",
    "Œ": "OE",
    "ẞ": "SS",
    "Ŧ": "T",
    "Þ": "TH",
    "Ü": "UE",
}

# Table B, without the variants by state: the letters as Russian, and those that other languages add.
_CYRILLIC = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ж": "ZH", "З": "Z", "И": "I",
    "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T", "У": "U", "Ф": "F",
    "Х": "KH", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ъ": "IE", "Ы": "Y", "Ь": "", "Э": "E", "Ю": "IU",
    "Я": "IA", "Ђ": "D", "Є": "IE", "Ѕ": "DZ", "І": "I", "Ј": "J", "Љ": "LJ", "Њ": "NJ",
    "Ћ": "C", "Џ": "DZ", "Ґ": "G", "Ѫ": "U",
}  # fmt: skip

# Table C. The final teh marbuta and the doubling mark are rules, not rows; vowel signs and tatweel are left out.
_ARABIC = {
    "ء": "XE", "آ": "XAA", "أ": "XAE", "ؤ": "U", "إ": "I", "ئ": "XI", "ا": "A", "ب": "B", "ة": "XTA", "ت": "T",
    "ث": "XTH", "ج": "J", "ح": "XH", "خ": "XKH", "د": "D", "ذ": "XDH", "ر": "R", "ز": "Z", "س": "S", "ش": "XSH",
    "ص": "XSS", "ض": "XDZ", "ط": "XTT", "ظ": "XZZ", "ع": "E", "غ": "G", "ف": "F", "ق": "Q", "ك": "K", "ل": "L",
    "م": "M", "ن": "N", "ه": "H", "و": "W", "ى": "XAY", "ي": "Y", "ٱ": "XXA", "ٹ": "XXT", "ټ": "XRT", "پ": "P",
    "ځ": "XKE", "څ": "XXH", "چ": "XC", "ڈ": "XXD", "ډ": "XDR", "ڑ": "XXR", "ړ": "XRR", "ږ": "XRX", "ژ": "XJ",
    "ښ": "XXS", "ک": "XKK", "ګ": "XXK", "ڭ": "XNG", "گ": "XGG", "ں": "XNN", "ڼ": "XXN", "ھ": "XDO", "ۀ": "XYH",
    "ہ": "XXG", "ۂ": "XGE", "ۃ": "XTG", "ی": "XYA", "ۍ": "XXY", "ې": "Y", "ے": "XYB", "ۓ": "XBE",
}  # fmt: skip
_TEH_MARBUTA, _SHADDA, _TATWEEL = "ة", "\u0651", "\u0640"

_TABLE = _LATIN | _CYRILLIC | _ARABIC
_PLAIN = frozenset(LETTERS + DIGITS + FILLER)
_GAPS = frozenset("-‐‑‒–—/")
_DROPPED = frozenset("'’‘`´ʼ.,") | {_TATWEEL}


def to_mrz_characters(text: str) -> str:
    """Return ``text`` in the characters of a zone: letters by the tables, gaps and hyphens as one filler each run.

    Apostrophes, full stops and commas are left out, as Doc 9303-3 §4.6 asks; so is what no table knows
    (``unknown_characters`` tells which), so that a name is never refused for a part of it.
    """
    parts: list[str] = []
    characters = unicodedata.normalize("NFC", text)
    for place, character in enumerate(characters):
        if character == _SHADDA and parts:
            parts.append(parts[-1])
        elif character == _TEH_MARBUTA and _ends_component(characters, place):
            parts.append("XAH")
        else:
            parts.append(_one(character) or "")
    return FILLER.join(part for part in "".join(parts).split(FILLER) if part)


def unknown_characters(text: str) -> frozenset[str]:
    """Return the characters of ``text`` that no table knows, so that a writer can refuse them."""
    return frozenset(character for character in unicodedata.normalize("NFC", text) if _one(character) is None)


def _ends_component(text: str, place: int) -> bool:
    rest = text[place + 1 :].lstrip(_SHADDA)
    return not rest or not rest[0].isalpha()


def _one(character: str) -> str | None:
    """Return what stands for one character, the empty text for a mark to leave out, None for an unknown one."""
    upper = character if character in _TABLE else character.upper()
    if upper in _PLAIN:
        return upper
    if upper in _TABLE:
        return _TABLE[upper]
    if character.isspace() or character in _GAPS:
        return FILLER
    if character in _DROPPED or unicodedata.combining(character):
        return ""
    base = unicodedata.normalize("NFKD", upper)
    kept = "".join(_TABLE.get(letter, letter) for letter in base if not unicodedata.combining(letter))
    return kept if kept and _PLAIN.issuperset(kept) else None
