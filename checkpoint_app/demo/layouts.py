"""How the pages of Utopia look: passport (ICAO Doc 9303-4), card (9303-5) and visa sticker (9303-7), as specimens.

Places are millimetres. Utopia (UTO) is the state that ICAO reserves for specimens; nobody printed here exists.
"""

from __future__ import annotations

import numpy as np

from checkpoint_app.demo import drawing
from checkpoint_app.demo.degrade import Laid
from checkpoint_app.demo.drawing import INK, PITCH_MM, PRINT, RED, Pixels, Place, Sheet, Tints
from checkpoint_app.demo.portrait import portrait, signature
from checkpoint_app.documents.values import PartialDate, Sex, TravelDocument

_BOOK = Tints((233, 238, 236), (246, 235, 222), (180, 202, 214), (222, 196, 188))
_CARD = Tints((228, 234, 244), (240, 228, 238), (176, 192, 222), (214, 188, 214))
_VISA = Tints((228, 240, 228), (246, 240, 220), (172, 208, 184), (226, 204, 162))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_STATES = {"UTO": "UTOPIAN"}
_SPINE_MM = 40.0
_LINE_MM = 6.35


def passport(document: TravelDocument, lines: tuple[str, ...], rng: np.random.Generator) -> tuple[Laid, ...]:
    """Return an open passport: its data page with the lower part of the page above."""
    page = Sheet(drawing.security_ground(125, 88, _BOOK, rng))
    page.text((5, 9.5), "UTOPIA", 5.6, (24, 58, 96), weight="Bold")
    page.text((27, 9.5), "PASSPORT / PASAPORTE", 4.4, (24, 58, 96), weight="Semibold")
    page.text((120, 9.3), "SPECIMEN", 4.6, RED, weight="Bold", right=True)
    face = _portrait(page, (5, 15), (33, 42), document, rng)
    page.paste((103, 38), face, scale=1 / 2, opacity=0.34)
    left = _rows(document)
    for index, (label, value) in enumerate(left):
        _field(page, (42, 16.5 + index * 8.0), label, value)
    right = (
        ("Code / Código", document.issuer or ""),
        ("Passport no. / Nº", document.document_number or ""),
        ("Sex / Sexo", document.sex.value if document.sex else ""),
        ("Date of issue / Expedición", _printed(document.expiry_date, years_before=10)),
        ("Date of expiry / Vence", _printed(document.expiry_date)),
    )
    for index, (label, value) in enumerate(right):
        _field(page, (84, 16.5 + index * 8.0), label, value)
    page.stroke(signature(24, 6, rng) + np.array([8, 57.5]), (36, 42, 96), 0.24)
    page.overprint((66, 37), "SPECIMEN", 17, angle=16, opacity=0.13)
    _zone(page, lines, left=(125 - 44 * PITCH_MM) / 2, last=88 - 8.2, width=125)
    return (Laid(_bound(page.pixels(), rng), 0, 0, (0, _SPINE_MM - 3, 125, _SPINE_MM + 88)),)


def card(document: TravelDocument, lines: tuple[str, ...], rng: np.random.Generator) -> tuple[Laid, ...]:
    """Return front and back of an identity card, lying one above the other."""
    front = Sheet(drawing.security_ground(85.6, 54, _CARD, rng))
    front.text((4, 7.5), "UTOPIA", 4.6, (64, 40, 110), weight="Bold")
    front.text((22, 7.5), "IDENTITY CARD / CÉDULA", 3.4, (64, 40, 110))
    front.text((81.6, 7.4), "SPECIMEN", 3.6, RED, weight="Bold", right=True)
    _portrait(front, (4, 12), (25, 32), document, rng)
    values = (*_rows(document)[:4], ("Card no. / Nº", document.document_number or ""))
    for index, (label, value) in enumerate(values):
        _field(front, (33, 14.0 + index * 7.4), label, value, 3.5)
    _field(front, (62, 14.0 + 2 * 7.4), "Sex / Sexo", document.sex.value if document.sex else "", 3.5)
    _field(front, (62, 14.0 + 3 * 7.4), "Expiry / Vence", _printed(document.expiry_date), 3.5)
    front.stroke(signature(20, 4, rng) + np.array([6, 46.5]), (30, 30, 60), 0.22)
    front.overprint((54, 30), "SPECIMEN", 11, angle=14, opacity=0.13)
    back = Sheet(drawing.security_ground(85.6, 54, _CARD, rng))
    back.text((5, 8), "UTOPIA", 3.6, (64, 40, 110), weight="Bold")
    back.text((80.6, 8), "SPECIMEN", 3.6, RED, weight="Bold", right=True)
    back.text((5, 13.5), "Place of birth / Lugar de nacimiento", 2.2, PRINT, weight="Regular")
    back.text((5, 17.3), "ZENITH", 3.4)
    back.text(
        (5, 22.0),
        "Synthetic document without legal value / Documento sintético sin valor",
        2.2,
        PRINT,
        weight="Regular",
    )
    _zone(back, lines, left=(85.6 - 30 * PITCH_MM) / 2, last=54 - 6.4, width=85.6)
    whole = (0.0, 0.0, 85.6, 54.0)
    turns = rng.uniform(-2.2, 2.2, 2)
    return (
        Laid(front.pixels(), 0, 0, whole, turn=float(turns[0])),
        Laid(back.pixels(), float(rng.uniform(-3, 3)), 62, whole, turn=float(turns[1])),
    )


def visa(document: TravelDocument, lines: tuple[str, ...], rng: np.random.Generator) -> tuple[Laid, ...]:
    """Return a visa sticker of format A on a page of a passport."""
    sticker = Sheet(drawing.security_ground(120, 80, _VISA, rng))
    sticker.text((5, 9), "UTOPIA", 5.0, (30, 84, 56), weight="Bold")
    sticker.text((25, 9), "VISA / VISADO", 4.4, (30, 84, 56))
    sticker.text((115, 9), "SPECIMEN", 4.4, RED, weight="Bold", right=True)
    _portrait(sticker, (5, 14), (28, 36), document, rng)
    values = (
        ("Valid for / Válido para", "UTOPIA"),
        ("Valid until / Hasta", _printed(document.expiry_date)),
        ("Surname, name / Apellidos, nombre", f"{document.family_name or ''}, {document.given_names or ''}"),
        ("Date of birth / Nacimiento", _printed(document.birth_date)),
    )
    for index, (label, value) in enumerate(values):
        _field(sticker, (38, 16.0 + index * 8.4), label, value)
    _field(sticker, (84, 16.0), "Type / Tipo", "T, ENTRIES 02")
    _field(sticker, (84, 24.4), "Visa no. / Nº", document.document_number or "")
    _field(sticker, (84, 41.2), "Nationality / Nacionalidad", document.nationality or "")
    sticker.overprint((64, 34), "SPECIMEN", 15, angle=15, opacity=0.13)
    _zone(sticker, lines, left=(120 - 44 * PITCH_MM) / 2, last=80 - 8.2, width=120)
    under = Sheet(drawing.security_ground(125, 176, _BOOK, rng))
    under.text((58, 172), "- 7 -", 4, PRINT, weight="Regular")
    return (
        Laid(under.pixels(), -2.5, -60, (0, 50, 125, 150)),
        Laid(sticker.pixels(), 0, 0, (0, 0, 120, 80), turn=float(rng.uniform(-1.5, 1.5)), corner=1.0),
    )


def _rows(document: TravelDocument) -> tuple[tuple[str, str], ...]:
    nationality = document.nationality or ""
    return (
        ("Surname / Apellidos", document.family_name or ""),
        ("Given names / Nombres", document.given_names or ""),
        ("Nationality / Nacionalidad", _STATES.get(nationality, nationality)),
        ("Date of birth / Nacimiento", _printed(document.birth_date)),
        ("Personal no. / Nº personal", (document.optional_data or "").rstrip("<")),
    )


def _field(sheet: Sheet, at: Place, label: str, value: str, size: float = 3.9) -> None:
    """Print a value below its label; a document without the value has no label either."""
    if not value:
        return
    sheet.text(at, label, size * 0.55, PRINT, weight="Regular")
    sheet.text((at[0], at[1] + size * 0.93), value, size)


def _portrait(sheet: Sheet, at: Place, size: Place, document: TravelDocument, rng: np.random.Generator) -> Pixels:
    """Print the portrait, marked SPECIMEN, and return it unmarked."""
    picture = portrait(*size, rng, long_hair=document.sex is Sex.FEMALE)
    sheet.paste(at, picture)
    sheet.overprint((at[0] + size[0] / 2, at[1] + size[1] * 0.86), "SPECIMEN", size[0] * 0.18, opacity=0.75)
    return picture


def _zone(sheet: Sheet, lines: tuple[str, ...], *, left: float, last: float, width: float) -> None:
    """Print the zone's lines, the last with its baseline at ``last``."""
    for index, line in enumerate(reversed(lines)):
        sheet.ocr((left, last - index * _LINE_MM), line)
    top = last - len(lines) * _LINE_MM - 1.0
    sheet.stroke(np.array([[4, top], [width - 4, top]]), (196, 204, 214), 0.12)


def _printed(value: PartialDate | None, years_before: int = 0) -> str:
    """Return a date as the visual zone prints it: 12 AUG 1974; unknown parts are left out."""
    if value is None or value.year is None:
        return ""
    month = _MONTHS[value.month - 1] if value.month else ""
    day = f"{value.day:02d}" if value.day else ""
    return " ".join(part for part in (day, month, str(value.year - years_before)) if part)


def _bound(page: Pixels, rng: np.random.Generator) -> Pixels:
    """Put the lower part of the facing page above the data page, with the fold between them in shadow."""
    facing = Sheet(drawing.security_ground(125, 88, _BOOK, rng))
    facing.text((5, 60), "Observations / Observaciones", 2.6, PRINT, weight="Regular")
    facing.text((5, 66), "SPECIMEN: NO OFFICIAL VALUE / SIN VALOR OFICIAL", 3.2, INK, weight="Regular")
    book = np.concatenate([facing.pixels()[-drawing.px(_SPINE_MM) :], page]).astype(np.float32)
    away = np.abs(np.arange(book.shape[0]) - drawing.px(_SPINE_MM)) / drawing.PX_PER_MM
    fold = 1 - 0.42 * np.exp(-away / 1.1) - 0.10 * np.exp(-away / 6.0)
    return np.asarray(book * fold[:, None, None]).astype(np.uint8)
