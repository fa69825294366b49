"""Places of messages: airports (IATA and ICAO codes) and UN/LOCODE, to the state they lie in."""

from __future__ import annotations

from functools import cache

from checkpoint_app.documents.codes import icao_from_iso2


def country_of_place(code: str | None) -> str | None:
    """Return the ISO 3166 alpha-2 code of the state that a place lies in; None where its code is not known.

    ``code`` is an airport's of three letters (IATA) or four (ICAO), or a UN/LOCODE, whose first two letters are the
    state's (UNECE Recommendation 16); a blank inside a UN/LOCODE is accepted.
    """
    plain = "".join((code or "").split()).upper()
    if len(plain) in {3, 4}:
        return _airports("IATA" if len(plain) == 3 else "ICAO").get(plain)
    if len(plain) == 5 and plain.isascii() and icao_from_iso2(plain[:2]):
        return plain[:2]
    return None


@cache
def _airports(kind: str) -> dict[str, str]:
    """Return the states of all airports by code; read when first asked for."""
    import airportsdata

    places = airportsdata.load("IATA") if kind == "IATA" else airportsdata.load("ICAO")
    return {code: place["country"] for code, place in places.items() if place["country"]}
