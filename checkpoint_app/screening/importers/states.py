"""States by the names that lists give them, in English and Spanish, to ICAO codes (ICAO Doc 9303-3 §5)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from checkpoint_app.documents.codes import countries
from checkpoint_app.screening.importers.fields import state_code

MAX_NAME = 100

_ALSO = """
AFG: Afghan
ARE: UAE
BHS: Bahamas, The
BIH: Bosnia | Bosnia-Herzegovina
BOL: Bolivia, Plurinational State of
BRN: Brunei
CAF: Central African Rep
CHN: China, People's Republic of | Mainland China
CIV: Ivory Coast | Cote d Ivoire | Costa de Marfil
COD: Congo, Democratic Republic | Congo-Kinshasa | DRC | DR Congo | Zaire
COG: Congo, Republic of the | Congo-Brazzaville
CPV: Cape Verde
CZE: Czech Republic | República Checa
D: Federal Republic of Germany
DOM: Dominican Rep
ESH: Western Sahara
FSM: Micronesia, Federated States of
GBR: Great Britain | England | Scotland | Wales | Northern Ireland | UK
GBR: United Kingdom of Great Britain and Northern Ireland | Gran Bretaña | Inglaterra
GMB: Gambia, The
GNB: Guinea Bissau
HKG: Hong Kong SAR
IRN: Iran, Islamic Republic of | Islamic Republic of Iran | Persia
KOR: South Korea | Korea, South | Corea del Sur
LAO: Laos | Lao People's Democratic Republic
LBY: Libyan Arab Jamahiriya
MAC: Macau
MDA: Moldova, Republic of | Moldavia
MKD: Macedonia | The Former Yugoslav Republic of Macedonia | Macedonia, The Former Yugoslav Republic of
MMR: Burma
NLD: The Netherlands | Holland | Holanda
PRK: North Korea | Korea, North | DPRK | Corea del Norte
PSE: Palestine | Palestinian | Palestinian Territory | Palestinian Territories | West Bank | Gaza | Region: Gaza
PSE: Palestinian Territory, Occupied | Occupied Palestinian Territory | Palestina
RKS: Kosovo, Republic of
RUS: Russia | Rusia
SWZ: Swaziland | Suazilandia
SYR: Syria | Siria
TLS: East Timor | Timor Leste | Timor Oriental
TUR: Turkey | Turkiye | Turquía
TWN: Taiwan, Province of China
TZA: Tanzania, United Republic of | United Republic of Tanzania | Tanzanía
USA: United States | US | USA | United States of America, The | Estados Unidos | EE. UU.
VAT: Vatican | Vatican City | Vaticano
VEN: Venezuela, Bolivarian Republic of | Bolivarian Republic of Venezuela
VGB: Virgin Islands, British
VIR: Virgin Islands, U.S. | US Virgin Islands
VNM: Vietnam
XXA: Stateless | Stateless person | Apátrida
"""
"""A line: the code of a state (ICAO), then other names in use, between bars."""

_PARTS = re.compile(r"[a-z0-9]+")
_SMALL = frozenset({"the", "of", "and", "y", "de", "del", "la", "las", "los", "el", "d"})


def state_of(text: str) -> str:
    """Return the ICAO code of a state given by its code (ICAO, or ISO 3166 of two letters) or name; else empty."""
    return state_code(text) or state_of_name(text)


def state_of_name(name: str) -> str:
    """Return the ICAO code of the state of that name, whatever the order of its words; empty if it is not known."""
    return _by_words().get(_words(name), "") if len(name) <= MAX_NAME else ""


@cache
def _by_words() -> dict[frozenset[str], str]:
    found: dict[frozenset[str], str] = {}
    for code, country in countries().items():
        for _language, name in country.names:
            found.setdefault(_words(name), code)
    for line in _ALSO.strip().splitlines():
        code, _, names = line.partition(": ")
        for name in names.split(" | "):
            found.setdefault(_words(name), code)
    return found


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", "").replace(".", ""))
    return "".join(c for c in letters if not unicodedata.combining(c))


def _words(name: str) -> frozenset[str]:
    return frozenset(_PARTS.findall(_plain(name))) - _SMALL
