"""Folding of names: list and traveller are brought to the same tokens, whatever the spelling of their source.

Latin letters follow the transliterations of ICAO Doc 9303 part 3, section 6 (Ä as AE, Ñ as N or NXX, …).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache

from checkpoint_app.documents import to_mrz_characters
from checkpoint_app.documents.transliterate import unknown_characters

MAX_TOKENS = 12
"""Most tokens of one field that are compared."""
MAX_LETTERS = 40
"""Most letters of one token that are compared; an MRZ line holds no longer one."""
MAX_TEXT = 400
"""Most characters of a field that are read."""

_LETTERS = str.maketrans(
    {
        "Ä": "AE", "Æ": "AE", "Å": "AA", "Ö": "OE", "Ø": "OE", "Œ": "OE", "Ü": "UE", "Ñ": "N", "ß": "SS",
        "Þ": "TH", "Ð": "D", "Đ": "D", "Ł": "L", "Ĳ": "IJ", "Ŋ": "N", "Ħ": "H", "ẞ": "SS", "Ə": "E",
        "'": "", "’": "", "‘": "", "ʼ": "", "ʻ": "", "ʿ": "", "ʾ": "", "`": "", "´": "",
        "ʽ": "", "ʹ": "", "ʺ": "", "′": "", "″": "", "~": "", "˜": "", "¨": "",
    }
    # Characters that nobody sees: a soft hyphen, joiners, a mark of byte order.
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
)  # fmt: skip
_ISSUED_BY = {
    "GBR": "GBD GBN GBO GBP GBS AIA BMU CYM FLK GIB GGY IMN JEY MSR PCN SHN SGS TCA VGB",
    "D": "DEU DDR", "CHN": "HKG MAC", "USA": "ASM GUM MNP PRI UMI VIR",
    "FRA": "BLM GLP GUF MAF MTQ MYT NCL PYF REU SPM WLF",
    "NLD": "ABW ANT BES CUW SXM", "DNK": "FRO GRL", "FIN": "ALA", "NOR": "SJM",
    "AUS": "CCK CXR NFK", "NZL": "COK NIU TKL",
    "ROU": "ROM", "COD": "ZAR", "TLS": "TMP", "MMR": "BUR", "YEM": "YMD", "RKS": "XKX XKK KOS", "SRB": "SCG",
    "": "XXA XXB XXC XXX",
}  # fmt: skip
_STATES = {code: state for state, codes in _ISSUED_BY.items() for code in codes.split()}
_ORGANISATIONS = frozenset(
    ("EUE", "UNA", "UNO", "XBA", "XCC", "XCE", "XCO", "XCT", "XDC", "XEC", "XES", "XIM", "XMP", "XOM", "XPO")
)
_LOOK_LATIN = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJSABEZHIKMNOPTYX")
_LOOKALIKES = str.maketrans("OQDILZSBG", "000112586")
_ROMANCE = ("DE", "LA", "LAS", "LOS", "DEL", "DA", "DO", "DOS", "DAS", "DI", "DU", "DES", "Y", "E", "O")
_PARTICLES = frozenset(
    (*_ROMANCE, "AL", "EL", "UL", "ED", "BIN", "BEN", "IBN", "BINT", "VAN", "VON", "DER", "DEN", "TER", "ZU")
)
_SERVANT = "ABD"
"""What all of them begin with."""
SERVANTS = frozenset(("ABD", "ABDEL", "ABDUL", "ABDAL", "ABDOUL", "ABDOL"))
_ARTICLE = re.compile(r"[AEUO](L|R|SH|S|N|D|T|Z)")
"""Before R, S, N and others the article takes their sound, and is often written so: ABD AR RAHMAN, ABDUS SALAM."""
_SUN_ARTICLES = frozenset(("AR", "AS", "ASH", "AD", "AT", "AZ", "ER", "ES", "ESH", "EZ"))
_JOINED_SERVANT = re.compile(r"ABD(?:OU|[AEUO])(?:L|(?P<doubled>SH|[RSNDTZ])(?=(?P=doubled)))(?=...)")
_SURNAMES = frozenset(("DU", "DO"))
"""Particles in Europe, family names in China, Korea and Vietnam."""
_SAINTS = {"ST": "SAINT", "STE": "SAINTE"}
_OTHER_LETTERS = re.compile("[\u0400-\u052f\u0600-\u06ff]")
_LATIN_LETTER = re.compile(r"LATIN CAPITAL LETTER ([A-Z]) WITH .*")
_NOT_LETTERS = re.compile(r"[^A-Z]+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> tuple[str, ...]:
    """Return the tokens of one name field: A to Z only, articles joined, particles dropped unless all is particles."""
    return fold_once(text)


def fold_once(text: str) -> tuple[str, ...]:
    """As ``fold``, for a text that hardly comes again: those of a long list would only push each other out."""
    tokens = _words(text)
    if _SERVANT in " ".join(tokens):
        tokens = _servants(tokens)
    if not _SUN_ARTICLES.isdisjoint(tokens):
        pairs = itertools.zip_longest(tokens, tokens[1:], fillvalue="")
        tokens = [word for word, name in pairs if not (word in _SUN_ARTICLES and _is_article(word, name))]
    if _PARTICLES.isdisjoint(tokens):
        return tuple(tokens[:MAX_TOKENS])
    return tuple(t for t in tokens if t not in _PARTICLES)[:MAX_TOKENS] or tuple(tokens[:MAX_TOKENS])


def fold_whole(text: str) -> tuple[str, ...]:
    """As ``fold_once``, for a name whose parts are not told apart: of DU WEI more is left than WEI."""
    tokens = fold_once(text)
    if len(tokens) == 1 and text[:2].upper() in _SURNAMES:
        words = tuple(_words(text))
        return words if len(words) > 1 and words[0] in _SURNAMES else tokens
    return tokens


def has_unread_letters(text: str) -> bool:
    """Tell whether letters of a name have none that stand for them in a zone: what is left of it may find nobody."""
    if text.isascii():
        return False
    letters = (c for c in unknown_characters(text[:MAX_TEXT]) if c.isalpha() and unicodedata.category(c) != "Lm")
    return any(not fold(letter) for letter in letters)


def is_married_form(family_name: str) -> bool:
    """Tell whether a family name has the form X DE Y that married women carry in much of Latin America."""
    words = _words(family_name)
    return "DE" in words[1:-1]


def fold_number(number: str) -> str:
    """Return a document number for comparison: upper case, letters and digits only, leading zeros kept.

    Cyrillic and Greek letters become the Latin ones that look like them: those stand in the zone of such a document.
    """
    number = number[:MAX_TEXT]
    if number.isascii() and number.isalnum():
        return number.upper()
    plain = unicodedata.normalize("NFKC", number.replace("№", " ")).upper().translate(_LOOK_LATIN)
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def confusable(number: str) -> str:
    """Return a folded number with the letters written as the digits that they are misread as (O for 0, I for 1, …)."""
    return number.translate(_LOOKALIKES)


def fold_state(code: str) -> str:
    """Return a state's code for comparison: the ICAO codes of one state (GBD, GBN …; DEU for D) become one.

    A territory becomes the state whose code its passports bear: lists name Hong Kong, its zones CHN. What says that
    there is no state, or that it is not told, becomes the empty text: it contradicts none.
    """
    code = code.strip().strip("<").upper()
    return _STATES.get(code, code)


def fold_nationality(code: str) -> str:
    """As ``fold_state``; of those who travel on an organisation's document no nationality is known."""
    code = fold_state(code)
    return "" if code in _ORGANISATIONS else code


def _words(text: str) -> list[str]:
    text = text[:MAX_TEXT]
    if not text.isascii() and _OTHER_LETTERS.search(text):
        text = to_mrz_characters(text)
    words = [word for part in text.split() for word in _words_of_part(part)]
    return [_SAINTS.get(word, word) for word in words[:-1]] + words[-1:]


@lru_cache(maxsize=65_536)
def _words_of_part(part: str) -> tuple[str, ...]:
    """Return the words of what stands between blanks: names share their parts, so most are folded already."""
    upper = unicodedata.normalize("NFC", part).upper().translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", upper) if not unicodedata.combining(c)).upper()
    if not plain.isascii():
        plain = "".join(map(_bare, plain))
    # NXX and UXX: how ICAO lets a state write Ñ and Ü.
    words = (word.replace("NXX", "N").replace("UXX", "UE") for word in _NOT_LETTERS.sub(" ", plain).split())
    return tuple(word[:MAX_LETTERS] for word in words)


def _bare(letter: str) -> str:
    """Return a Latin letter without what Unicode does not take off: Ɓ (B with hook) as B."""
    named = _LATIN_LETTER.fullmatch(unicodedata.name(letter, ""))
    return named[1] if named else letter


def servant_of(name: str) -> str:
    """Return the name that ABD, ABDUL or the like makes of the name after it."""
    return ("ABDUL" + name)[:MAX_LETTERS]


def is_servant(word: str, name: str) -> bool:
    """Tell whether ``word`` is ABD, with or without an article, that makes one name with ``name`` after it."""
    return word in SERVANTS or (word.startswith(_SERVANT) and _is_article(word[3:], name))


def _is_article(word: str, name: str) -> bool:
    found = _ARTICLE.fullmatch(word)
    return found is not None and (found[1] == "L" or name.startswith(found[1]))


def _servants(words: list[str]) -> list[str]:
    """Join ABD AL X, ABDEL X, ABDUR X and the like to ABDULX: ABD is never a name by itself."""
    tokens: list[str] = []
    at = 0
    while at < len(words):
        word, after = words[at], words[at + 1 : at + 3]
        if len(after) == 2 and word in SERVANTS and _is_article(*after):
            tokens.append(servant_of(after[1]))
            at += 3
        elif after and is_servant(word, after[0]):
            tokens.append(servant_of(after[0]))
            at += 2
        else:
            tokens.append(_JOINED_SERVANT.sub("ABDUL", word, count=1) if word.startswith(_SERVANT) else word)
            at += 1
    return tokens
