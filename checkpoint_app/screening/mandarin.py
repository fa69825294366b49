"""Pinyin and Wade-Giles: the two romanisations share few letters, so their syllables are mapped onto each other.

The key of a token is its Wade-Giles spelling without apostrophes. A token that reads as pinyin is respelled; one that
reads as Wade-Giles is its own key; some read as both.
"""

from __future__ import annotations

from functools import lru_cache

_INITIALS = {
    "B": "P", "P": "P", "M": "M", "F": "F", "D": "T", "T": "T", "N": "N", "L": "L", "G": "K", "K": "K", "H": "H",
    "J": "CH", "Q": "CH", "X": "HS", "ZH": "CH", "CH": "CH", "SH": "SH", "R": "J", "Z": "TS", "C": "TS", "S": "S",
}  # fmt: skip
_FINALS = {
    "A": "A", "O": "O", "E": "E", "AI": "AI", "EI": "EI", "AO": "AO", "OU": "OU", "AN": "AN", "EN": "EN",
    "ANG": "ANG", "ENG": "ENG", "ONG": "UNG", "I": "I", "IA": "IA", "IE": "IEH", "IAO": "IAO", "IU": "IU",
    "IAN": "IEN", "IN": "IN", "ING": "ING", "IANG": "IANG", "IONG": "IUNG", "U": "U", "UA": "UA", "UO": "O",
    "UAI": "UAI", "UI": "UI", "UAN": "UAN", "UN": "UN", "UANG": "UANG", "UE": "UEH",
}  # fmt: skip
_ALONE = {
    "A": "A", "AI": "AI", "AN": "AN", "ANG": "ANG", "AO": "AO", "E": "O", "EN": "EN", "ER": "ERH", "OU": "OU",
    "YA": "YA", "YAN": "YEN", "YANG": "YANG", "YAO": "YAO", "YE": "YEH", "YI": "I", "YIN": "YIN", "YING": "YING",
    "YONG": "YUNG", "YOU": "YU", "YU": "YU", "YUAN": "YUAN", "YUE": "YUEH", "YUN": "YUN", "WA": "WA", "WAI": "WAI",
    "WAN": "WAN", "WANG": "WANG", "WEI": "WEI", "WEN": "WEN", "WENG": "WENG", "WO": "WO", "WU": "WU",
    "ZHI": "CHIH", "CHI": "CHIH", "SHI": "SHIH", "RI": "JIH", "ZI": "TZU", "CI": "TZU", "SI": "SSU",
    "GE": "KO", "KE": "KO", "HE": "HO", "GUO": "KUO", "KUO": "KUO", "HUO": "HUO", "SHUO": "SHUO",
    "GUI": "KUEI", "KUI": "KUEI", "XU": "HSU", "LV": "LU", "NV": "NU",
}  # fmt: skip
_PALATAL = frozenset("JQX")
_LONGEST = 6
_MOST_SYLLABLES = 4


def _respellings() -> dict[str, str]:
    table = {}
    for initial, giles in _INITIALS.items():
        for final, respelled in _FINALS.items():
            # J, Q and X stand before I and Ü (written U) only; the other sibilants never before I + vowel.
            if initial in _PALATAL and final[0] not in "IU":
                continue
            if initial in {"ZH", "CH", "SH", "R", "Z", "C", "S"} and final[0] == "I":
                continue
            table[initial + final] = giles + respelled
    return table | _ALONE


_PINYIN = _respellings()
_GILES = {spelled: spelled for spelled in _PINYIN.values()}


@lru_cache(maxsize=65_536)
def mandarin_keys(token: str) -> tuple[str, ...]:
    """Return the Wade-Giles keys of a folded token: none, one or two."""
    if len(token) > _LONGEST * _MOST_SYLLABLES:
        return ()
    token = token.replace("V", "U")  # keyboards write Ü as V
    keys = {_respell(token, _PINYIN, _MOST_SYLLABLES), _respell(token, _GILES, _MOST_SYLLABLES)}
    return tuple(sorted(key for key in keys if key))


def _respell(token: str, table: dict[str, str], most: int) -> str:
    """Respell ``token`` syllable by syllable, longest first; the empty text where it does not divide."""
    if not token or not most:
        return ""
    for length in range(min(_LONGEST, len(token)), 0, -1):
        syllable = table.get(token[:length])
        if syllable is None:
            continue
        if length == len(token):
            return syllable
        if rest := _respell(token[length:], table, most - 1):
            return syllable + rest
    return ""
