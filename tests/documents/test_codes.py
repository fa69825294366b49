"""The closed list of issuers and nationalities."""

import pytest

from checkpoint_app.documents import countries, country_name, icao_from_iso2, is_known_code

OWN = "D GBD GBN GBO GBP GBS EUE UNO UNA UNK XOM XPO XXA XXB XXC XXX XCC XCE XEC XBA XIM XMP XES XDC XCT RKS UTO IAO"


@pytest.mark.parametrize("code", OWN.split())
def test_own_codes_of_icao_are_known(code: str) -> None:
    assert is_known_code(code)
    assert country_name(code, "en")
    assert country_name(code, "es")


@pytest.mark.parametrize("code", ["DEU", "BDR", "SI", "", "132", "IBZ", "uto", "D<<"])
def test_the_list_is_closed(code: str) -> None:
    assert not is_known_code(code)
    assert country_name(code, "es") == code


def test_the_list_is_iso_3166_and_the_own_codes() -> None:
    assert len(countries()) == 249 + len(OWN.split()) - 1  # Germany stands as D, in place of DEU
    assert all(len(code) == 3 for code in countries() if code != "D")
    assert all(country.code == code for code, country in countries().items())
    iso2 = [country.iso2 for country in countries().values() if country.iso2]
    assert len(iso2) == len(set(iso2)) == 249 + 3  # and EU, UN, XK
    assert all(len(code) == 2 and code.isupper() for code in iso2)


@pytest.mark.parametrize(
    ("iso2", "icao"),
    [("de", "D"), ("DE", "D"), ("ec", "ECU"), ("cl", "CHL"), ("gb", "GBR"), ("xk", "RKS"), ("zz", None), ("", None)],
)
def test_from_alpha_2(iso2: str, icao: str | None) -> None:
    assert icao_from_iso2(iso2) == icao


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("ECU", "es", "Ecuador"),
        ("D", "es", "Alemania"),
        ("D", "en", "Germany"),
        ("CHE", "es", "Suiza"),
        ("UTO", "es", "Utopía (espécimen)"),
        ("CHE", "qu", "Switzerland"),
    ],
)
def test_names(code: str, language: str, name: str) -> None:
    assert country_name(code, language) == name


def test_each_name_is_its_own() -> None:
    for language in ("en", "es"):
        names = [country_name(code, language) for code in countries()]
        assert len(names) == len(set(names))
