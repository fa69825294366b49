"""What is stated in different ways, in one form for comparing. What is shown and stored stays as it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checkpoint_app.cargo.values import ListedDocument, Passenger, PassengerList, Pnr
from checkpoint_app.documents.codes import countries, icao_from_iso2
from checkpoint_app.documents.transliterate import to_mrz_characters

TITLES = ("MSTR", "MISS", "MRS", "PROF", "MR", "MS", "DR", "CHD", "INF")
"""What airlines put behind a given name; the longer stand before those that they end in."""
_TITLE = re.compile(rf"(?:{'|'.join(TITLES)})", re.ASCII)
_GLUED = re.compile(rf"(\w{{3,}}?)(?:{'|'.join(TITLES)})", re.ASCII)
GERMANY = "DEU"


def plain_state(code: str | None) -> str | None:
    """Return a state's code of three letters; None where none is stated (``0``).

    ISO 3166-1 alpha-3, and ICAO's own (Doc 9303-3 §5: GBD, RKS, UNO, XXA …), which are states of their own here. Two
    letters are ISO alpha-2; Germany is ``DEU``, though a zone writes ``D``; a code that no list knows stays what it is.
    """
    plain = (code or "").strip().upper().rstrip("<")
    if not any(sign.isalpha() for sign in plain):
        return None
    if len(plain) == 2:
        plain = icao_from_iso2(plain) or plain
    return GERMANY if plain == "D" else plain


def is_known_state(code: str) -> bool:
    """Tell whether a code, as sent, names a state, organisation or status."""
    plain = plain_state(code)
    return plain == GERMANY or plain in countries()


def plain_name(text: str | None) -> str:
    """Return a name in the letters of a zone, its words parted by one blank, without titles at its end.

    Titles are stripped apart (``NINA MS``) and glued to the last word (``JOHNMR``), where three letters of it are left.
    """
    words = re.sub(r"[^A-Z]+", " ", to_mrz_characters(text or "").upper()).split()
    while len(words) > 1 and _TITLE.fullmatch(words[-1]):
        words.pop()
    if words and (glued := _GLUED.fullmatch(words[-1])):
        words[-1] = glued[1]
    return " ".join(words)


def plain_number(text: str | None) -> str:
    """Return a document's number in capitals, letters and digits alone."""
    return re.sub(r"[^A-Z0-9]", "", (text or "").upper())


def same_document(one: ListedDocument, other: ListedDocument) -> bool:
    """Tell whether both can be one document: the same number, and no different type or issuer where both say it."""
    if not plain_number(one.number) or plain_number(one.number) != plain_number(other.number):
        return False
    if one.type and other.type and one.type[:1].upper() != other.type[:1].upper():
        return False
    issuers = plain_state(one.issuer), plain_state(other.issuer)
    return None in issuers or issuers[0] == issuers[1]


def everybody(listed: PassengerList) -> Iterator[tuple[Passenger, Pnr | None]]:
    """Iterate all persons of a list, each with the booking it stands in (PNRGOV) or None (PAXLST)."""
    for passenger in listed.passengers:
        yield passenger, None
    for pnr in listed.pnrs:
        for passenger in pnr.passengers:
            yield passenger, pnr
