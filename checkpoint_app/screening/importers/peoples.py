"""Peoples as lists name them in English where a state is expected ("Yemeni", "Russian"), to ICAO codes."""

from __future__ import annotations

_PEOPLES = {
    "afghan": "AFG", "albanian": "ALB", "algerian": "DZA", "american": "USA", "angolan": "AGO", "armenian": "ARM",
    "azerbaijani": "AZE", "bahraini": "BHR", "bangladeshi": "BGD", "belarusian": "BLR", "bosnian": "BIH",
    "british": "GBR", "burmese": "MMR", "burundian": "BDI", "chadian": "TCD", "chinese": "CHN", "colombian": "COL",
    "congolese": "COD", "cuban": "CUB", "dutch": "NLD", "egyptian": "EGY", "emirati": "ARE", "eritrean": "ERI",
    "ethiopian": "ETH", "french": "FRA", "georgian": "GEO", "german": "D", "haitian": "HTI", "indian": "IND",
    "indonesian": "IDN", "iranian": "IRN", "iraqi": "IRQ", "israeli": "ISR", "italian": "ITA", "jordanian": "JOR",
    "kazakh": "KAZ", "kenyan": "KEN", "kuwaiti": "KWT", "kyrgyz": "KGZ", "lebanese": "LBN", "liberian": "LBR",
    "libyan": "LBY", "malaysian": "MYS", "malian": "MLI", "mauritanian": "MRT", "mexican": "MEX", "moroccan": "MAR",
    "nicaraguan": "NIC", "nigerian": "NGA", "north korean": "PRK", "omani": "OMN", "pakistani": "PAK",
    "palestinian": "PSE", "philippine": "PHL", "filipino": "PHL", "qatari": "QAT", "russian": "RUS", "rwandan": "RWA",
    "saudi": "SAU", "saudi arabian": "SAU", "serbian": "SRB", "somali": "SOM", "south african": "ZAF",
    "south sudanese": "SSD", "spanish": "ESP", "sudanese": "SDN", "swedish": "SWE", "syrian": "SYR", "tajik": "TJK",
    "tanzanian": "TZA", "tunisian": "TUN", "turkish": "TUR", "ugandan": "UGA", "ukrainian": "UKR", "uzbek": "UZB",
    "venezuelan": "VEN", "vietnamese": "VNM", "yemeni": "YEM", "zimbabwean": "ZWE",
}  # fmt: skip


def state_of_people(name: str) -> str:
    """Return the ICAO code of the state of a people; empty if it is not known. Congolese are of Kinshasa in lists."""
    return _PEOPLES.get(name.strip().casefold(), "")
