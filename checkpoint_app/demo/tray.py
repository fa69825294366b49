"""The tray of demo specimens: each a document with a story, true on whatever day the demonstration is given.

People and numbers are invented, or ICAO's own specimen (Doc 9303); their state is Utopia, which does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from checkpoint_app.demo.lists import STOLEN_NUMBER
from checkpoint_app.demo.specimen import draw
from checkpoint_app.documents import Format, PartialDate, Sex, TravelDocument, to_mrz
from checkpoint_app.verdict import Advice

UTOPIA = "UTO"


@dataclass(frozen=True, slots=True)
class TrayItem:
    """A specimen in the tray.

    ``name`` is a file name's stem and gives nothing personal away. ``story`` says in one sentence what is planted.
    ``lines`` are the zone as printed. ``expected`` is the advice that fits; where there are more, the first is that of
    a picture read without a doubt, the others are honest answers to a picture that a reader does not vouch for.
    ``printed`` is what the page says where it is not what the zone does.
    """

    name: str
    story: str
    document: TravelDocument
    lines: tuple[str, ...]
    expected: tuple[Advice, ...]
    seed: int
    hardness: float
    printed: TravelDocument | None = None

    def image(self) -> bytes:
        """Return the picture as JPEG; it is drawn at the first call."""
        return _image(self.printed or self.document, self.lines, self.seed, self.hardness)


@lru_cache(maxsize=16)
def _image(document: TravelDocument, lines: tuple[str, ...], seed: int, hardness: float) -> bytes:
    return draw(document, seed=seed, hardness=hardness, mrz_lines=lines)


def tray(today: date) -> tuple[TrayItem, ...]:
    """Return the tray as of ``today``, in the order in which the demonstration plays it."""
    return (
        _clear(today),
        _name_hit(today),
        _stolen(today),
        _broken_digit(today),
        _expired(today),
        _card(today),
        _hard(today),
        _visa(today),
        _altered(today),
    )


def riders(today: date) -> tuple[TrayItem, TrayItem]:
    """Return two travellers of the demo's bus: one whom its list names, and one whom it does not."""
    listed = _passport("SUR LUCERO", "CARMEN", number="B31846207", born=date(1989, 4, 18), expires=_in_years(today, 5))
    other = _passport("NORTE BRISA", "JULIA", number="B75920318", born=date(1993, 12, 5), expires=_in_years(today, 2))
    return (
        _item("10-listed", "on the passenger list of the bus", listed, Advice.PROCEED, seed=20, hardness=0.15),
        _item("11-not-listed", "came by the bus, not on its list", other, Advice.REFER, seed=21, hardness=0.15),
    )


def absent(today: date) -> TravelDocument:
    """Return the document of somebody whom the bus's list names and who does not come."""
    return _passport("OESTE LAGO", "ELENA", number="B60273951", born=date(1976, 1, 30), expires=_in_years(today, 3))


def _clear(today: date) -> TrayItem:
    document = _passport(
        "UTOPIA ZENIT", "LUCIA BEATRIZ", number="N24680135", born=date(1991, 2, 3), expires=_in_years(today, 6)
    )
    return _item("1-clear", "nothing to be found", document, Advice.PROCEED, seed=11, hardness=0.15)


def _name_hit(today: date) -> TrayItem:
    """ICAO's specimen, one letter off a listed name in family and given name, born in the same month."""
    document = _passport(
        "ERIKSSON", "ANNA MARIA", number="L898902C3", born=date(1974, 8, 12), expires=_next_15_april(today)
    )
    document = replace(document, optional_data="ZE184226B")
    return _item("2-name-hit", "a listed name, one letter off", document, Advice.REFER, seed=12, hardness=0.3)


def _stolen(today: date) -> TrayItem:
    number = STOLEN_NUMBER.number
    document = _passport("PONIENTE", "TOMAS", number=number, born=date(1983, 7, 25), expires=_in_years(today, 3))
    document = replace(document, sex=Sex.MALE)
    return _item("3-stolen", "the number is listed as stolen", document, Advice.REFER, seed=13, hardness=0.3)


def _broken_digit(today: date) -> TrayItem:
    """The year of expiry was raised by two, as forgers do; the check digits still belong to the true one."""
    ended = (today - timedelta(days=200)).replace(day=12)
    true = _passport("MERIDIANO SUR", "DANIELA", number="P31975864", born=date(1987, 11, 9), expires=ended)
    forged = replace(true, expiry_date=_printed(ended.replace(year=ended.year + 2)))
    first, second = to_mrz(true)
    lines = (first, second[:21] + to_mrz(forged)[1][21:27] + second[27:])
    story = "the date of expiry was altered, its check digit not"
    return replace(_item("4-check-digit", story, forged, Advice.REFER, seed=14, hardness=0.2), lines=lines)


def _expired(today: date) -> TrayItem:
    ended = today - timedelta(days=40)
    document = _passport("SOLSTICIO", "ENRIQUE", number="R40917253", born=date(1969, 5, 30), expires=ended)
    document = replace(document, sex=Sex.MALE)
    return _item("5-expired", "it expired forty days ago", document, Advice.LOOK, seed=15, hardness=0.25)


def _card(today: date) -> TrayItem:
    document = TravelDocument(
        format=Format.TD1,
        document_code="I",
        issuer=UTOPIA,
        document_number="X73915482",
        nationality=UTOPIA,
        birth_date=_printed(date(1995, 9, 17)),
        sex=Sex.FEMALE,
        expiry_date=_printed(_in_years(today, 8)),
        family_name="AURORA BOREAL",
        given_names="NOEMI",
        optional_data="",
        optional_data_2="",
    )
    return _item("6-card", "an identity card, front and back", document, Advice.PROCEED, seed=16, hardness=0.25)


def _hard(today: date) -> TrayItem:
    document = _passport("HORIZONTE", "RAFAEL", number="V58213746", born=date(1978, 3, 21), expires=_in_years(today, 4))
    document = replace(document, sex=Sex.MALE)
    item = _item("7-hard", "slanted, with a lamp in the laminate", document, Advice.PROCEED, seed=17, hardness=0.95)
    return replace(item, expected=(Advice.PROCEED, Advice.LOOK, Advice.INCOMPLETE))


def _visa(today: date) -> TrayItem:
    passport = _passport("CENIT", "IRENE", number="W67134829", born=date(2001, 6, 14), expires=_in_years(today, 1))
    document = replace(passport, format=Format.MRVA, document_code="V")
    return _item("8-visa", "a visa sticker", document, Advice.PROCEED, seed=18, hardness=0.25)


def _altered(today: date) -> TrayItem:
    """One digit of the zone's number was changed, and its check digits with it; the page still has the true one."""
    printed = _passport("LEVANTE", "MARTIN", number="T52804917", born=date(1985, 10, 4), expires=_in_years(today, 5))
    printed = replace(printed, sex=Sex.MALE)
    zone = replace(printed, document_number="T52864917")
    story = "the number of the zone was altered, digits and all; the print was not"
    item = _item("9-altered", story, zone, Advice.REFER, seed=19, hardness=0.2)
    return replace(item, printed=printed)


def _passport(family_name: str, given_names: str, *, number: str, born: date, expires: date) -> TravelDocument:
    """Return a passport of Utopia, of a woman where nothing else is said."""
    return TravelDocument(
        format=Format.TD3,
        document_code="P",
        issuer=UTOPIA,
        document_number=number,
        nationality=UTOPIA,
        birth_date=_printed(born),
        sex=Sex.FEMALE,
        expiry_date=_printed(expires),
        family_name=family_name,
        given_names=given_names,
        optional_data="",
    )


def _item(name: str, story: str, document: TravelDocument, advice: Advice, *, seed: int, hardness: float) -> TrayItem:
    return TrayItem(name, story, document, to_mrz(document), (advice,), seed, hardness)


def _printed(value: date) -> PartialDate:
    return PartialDate(f"{value:%y%m%d}", value.year, value.month, value.day)


def _in_years(today: date, years: int) -> date:
    """Return the day before ``today`` in so many years; a leap day becomes the 28th."""
    return today.replace(year=today.year + years, day=min(today.day, 28)) - timedelta(days=1)


def _next_15_april(today: date) -> date:
    """Return the first 15 April that is at least sixty days away: the specimen's own day and month."""
    this_year = date(today.year, 4, 15)
    return this_year if this_year - today >= timedelta(days=60) else this_year.replace(year=today.year + 1)
