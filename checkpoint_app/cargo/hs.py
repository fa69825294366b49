"""Commodity codes (WCO Harmonized System, HS 2022), as an administrator supplies them, and what texts tell of them.

National tariffs lengthen a code of six digits; its first two are the chapter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from checkpoint_app.cargo.code_table import CodeTableError, read_table

_COLUMNS = {
    "hscode": ("hscode", "hs", "code", "commoditycode", "hs6"),
    "description": ("description", "text", "name", "descr"),
}
_CODE = re.compile(r"[0-9]{2,12}", re.ASCII)
_LONGEST = 6


@dataclass(frozen=True, slots=True)
class HsList:
    """Texts by code. ``refused`` are the lines that have none. Without a list every code is unknown."""

    texts: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[int, ...] = ()

    def text_of(self, code: str) -> str | None:
        """Return the text of a code, or of the longest heading that begins it; None where it is unknown."""
        plain = plain_code(code)
        found = (self.texts.get(plain[:length]) for length in range(min(len(plain), 12), 1, -1))
        return next((text for text in found if text), None)

    def known(self, code: str) -> bool | None:
        """Tell whether the list has the first six digits (or the heading) of a code; None without a list."""
        plain = plain_code(code)
        return plain[:_LONGEST] in self.texts if self.texts else None


NO_HS = HsList()


def plain_code(code: str) -> str:
    """Return a code's digits."""
    return re.sub(r"[^0-9]", "", code)


def load_hs(stream: BinaryIO) -> HsList:
    """Read a list: a table with a column ``hscode`` and, where it has one, ``description``. Raises CodeTableError."""
    texts: dict[str, str] = {}
    refused = []
    for line, row in read_table(stream, _COLUMNS):
        code = plain_code(row["hscode"])
        if _CODE.fullmatch(code):
            texts.setdefault(code, row.get("description") or code)
        else:
            refused.append(line)
    if not texts:
        raise CodeTableError("no commodity code is in it")
    return HsList(texts, tuple(refused))


# -- what a text of goods tells ---------------------------------------------------------------------------------------

# Chapters in which goods of these names stand. Only words that leave no doubt, in English and Spanish; the list is
# this product's own. It never says what goods are, only that text and code do not go together.
_CHAPTERS: Mapping[tuple[str, ...], str] = {
    ("BEEF", "PORK", "MUTTON"): "02 16",
    ("SHRIMP", "SHRIMPS", "PRAWNS", "CAMARON", "CAMARONES"): "03 16",
    ("ROSES", "CARNATIONS", "ROSAS", "CLAVELES"): "06",
    ("BANANAS", "BANANA", "BANANO", "BANANOS", "APPLES", "MANZANAS", "GRAPES", "UVAS"): "08 11 20",
    ("COFFEE", "CAFE"): "09 21",
    ("RICE", "ARROZ", "WHEAT", "TRIGO"): "10 11 19",
    ("SOYBEANS",): "12 15 23",
    ("SUGAR", "AZUCAR"): "17",
    ("COCOA", "CACAO", "CHOCOLATE", "CHOCOLATES"): "18",
    ("WINE", "WINES", "VINO", "VINOS", "BEER", "CERVEZA", "VODKA", "WHISKY", "WHISKEY"): "22",
    ("CIGARETTES", "CIGARRILLOS", "TOBACCO", "TABACO"): "24",
    ("CEMENT", "CEMENTO"): "25 38 68",
    ("DIESEL", "GASOLINE", "GASOLINA"): "27 38",
    ("VACCINES", "VACCINE", "VACUNAS", "MEDICINES", "MEDICAMENTOS"): "30",
    ("FERTILIZER", "FERTILISER", "FERTILIZERS", "FERTILIZANTE", "FERTILIZANTES"): "31",
    ("PERFUME", "PERFUMES", "SHAMPOO", "CHAMPU"): "33",
    ("SOAP", "JABON"): "34",
    ("TYRES", "TIRES", "LLANTAS", "NEUMATICOS"): "40",
    ("TIMBER", "LUMBER", "PLYWOOD", "MADERA"): "44 94",
    ("TSHIRTS", "TROUSERS", "PANTALONES", "JEANS"): "61 62 63",
    ("SHOES", "FOOTWEAR", "ZAPATOS", "CALZADO"): "64",
    ("LAPTOPS", "LAPTOP", "COMPUTERS", "COMPUTADORAS"): "84",
    ("SMARTPHONES", "SMARTPHONE", "TELEVISIONS", "TELEVISORES"): "85",
    ("MOTORCYCLES", "MOTOCICLETAS", "AUTOMOBILES", "AUTOMOVILES"): "87",
    ("RIFLE", "RIFLES", "PISTOL", "PISTOLS", "AMMUNITION", "MUNICIONES"): "93",
    ("FURNITURE", "MUEBLES"): "94",
    ("TOYS", "JUGUETES"): "95",
}
_BY_WORD = {word: frozenset(chapters.split()) for words, chapters in _CHAPTERS.items() for word in words}
# With these the goods are something about the others: a machine for coffee, glasses for wine, parts.
_ABOUT = (
    "FOR PARA PARTS PART PARTES REPUESTOS ACCESSORIES ACCESORIOS MACHINE MACHINES MACHINERY MAQUINA MAQUINAS "
    "EQUIPMENT ENGINE ENGINES MOTOR GLASSES GLASS BOTTLE LABELS EMPTY USED PACKAGING MAKER MAKERS MILL RACK RACKS "
    "COVER COVERS CASE CASES TOY MODEL OIL FLAVOUR FLAVOR FLAVOURED FREE SUBSTITUTE VINEGAR JUICE SAUCE SAUCES LEES "
    "CONTAINING CONTAINED ADDED MADE THAN AND OR Y O WITH CON"
)
_ABOUT_WORDS = frozenset(_ABOUT.split())
_COVERED = frozenset(("98", "99"))
"""Chapters of a country's own: returned goods, stores, removals."""


def goods_disagree(text: str, code: str) -> bool:
    """Tell whether a text names goods that never stand in the chapter of ``code``; False where there is any doubt."""
    words = re.sub(r"[^A-Z]+", " ", text.upper().replace("-", "")).split()
    chapter = plain_code(code)[:2]
    if len(chapter) < 2 or chapter in _COVERED or _ABOUT_WORDS.intersection(words):
        return False
    told = [_BY_WORD[word] for word in words if word in _BY_WORD]
    return bool(told) and all(chapter not in chapters for chapters in told)
