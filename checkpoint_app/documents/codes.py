"""The closed list of issuers and nationalities: ISO 3166-1 alpha-3 and ICAO's own codes (Doc 9303-3 §5)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from checkpoint_app.resources import resource_path


@dataclass(frozen=True, slots=True)
class Country:
    """A state, organisation or status; ``code`` without filler (Germany is D), ``iso2`` may be empty."""

    code: str
    iso2: str
    names: tuple[tuple[str, str], ...]


@cache
def countries() -> dict[str, Country]:
    """Return the whole list by code, read once from ``resources/codes.tsv``."""
    with resource_path("codes.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["code"]: Country(row["code"], row["iso2"], (("en", row["en"]), ("es", row["es"]))) for row in rows}


@cache
def _by_iso2() -> dict[str, str]:
    return {country.iso2: country.code for country in countries().values() if country.iso2}


def is_known_code(code: str) -> bool:
    """Tell whether ``code`` (without fillers) may stand as issuer or nationality. DEU may not: Germany is D."""
    return code in countries()


def icao_from_iso2(iso2: str) -> str | None:
    """Return the ICAO code of an ISO 3166 alpha-2 code in either case (``de`` gives D), or None if there is none."""
    return _by_iso2().get(iso2.upper())


def country_name(code: str, language: str) -> str:
    """Return the short name in ``language`` (``en``, ``es``; others get English); an unknown code is its own name."""
    country = countries().get(code)
    if country is None:
        return code
    names = dict(country.names)
    return names.get(language, names["en"])
