"""The travellers of the simulation, all invented, and the lists that may hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import shake_256
from typing import Any

from checkpoint_app.documents import Format, Mrz, PartialDate, Sex, TravelDocument, parse_mrz, to_mrz
from checkpoint_app.screening import ENGINE, Calibration, entry_to_plain
from checkpoint_app.screening.entry import Entry, ListedDate, Name
from tests.booth.helpers import OTHERS
from tests.simulation.clocks import BEGIN

CALIBRATION = Calibration(ENGINE, 6_000, 1000, 1000, 1000, 50, 1)
NAMES = (
    ("QUISPETESTIGO", "ZENOBIA"),
    ("AMARUEJEMPLO", "TORIBIO"),
    ("YUPANQUIMUSTER", "ELEUTERIA"),
    ("CONDORPRUEBA", "WENCESLAO"),
    ("HUALLPAMODELO", "XIMENA"),
    ("TACURIFIGURA", "OLEGARIO"),
)
STRANGER = ("ZZIMENEZPRUEBA", "KLARA")
BORN = ("740821", "610302", "880914", "550127", "930611", "700430", "800101")
EVERYBODY = tuple(range(len(NAMES) + 1))
"""The numbers of the travellers; the last is on no list."""
Contents = Mapping[int, int]
"""What a list holds of them: a traveller's number, and which revision of the entry."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A list of the simulation: its name, whether it is silent, and whether a partner lent it."""

    name: str
    silent: bool = False
    lent: bool = False


LISTS = (Declaration("ECU"), Declaration("USA", lent=True), Declaration("QUIET", silent=True))
PUBLIC = tuple(one.name for one in LISTS if not one.silent)


def records(contents: Contents) -> list[dict[str, Any]]:
    """Return the plain records of a list that holds ``contents``, beside some that nobody is taken for.

    Those have remarks that no compression makes small: so that a few deltas are smaller than the whole.
    """
    others = (replace(one, remarks=shake_256(one.id.encode()).hexdigest(200)) for one in OTHERS[:20])
    return [entry_to_plain(one) for one in (*others, *(entry(who, contents[who]) for who in sorted(contents)))]


def entry_id(who: int) -> str:
    """Return the id of a traveller's entry."""
    return f"P-{who}"


@cache
def entry(who: int, revision: int) -> Entry:
    """Return a traveller's entry; each revision is another text, and the same person."""
    family, given = NAMES[who]
    born = f"19{BORN[who][:2]}-{BORN[who][2:4]}-{BORN[who][4:]}"
    names = (Name(family, given), Name(f"ALIAS{revision}", given)) if revision else (Name(family, given),)
    return Entry(entry_id(who), "Person", names, (ListedDate(born, born),), "F", ("UTO",))


@cache
def zone(who: int) -> Mrz:
    """Return the zone of a traveller's passport."""
    family, given = NAMES[who] if who < len(NAMES) else STRANGER
    lines = to_mrz(
        TravelDocument(
            format=Format.TD3, document_code="P", issuer="UTO", document_number=f"X{who:07}", nationality="UTO",
            birth_date=PartialDate(BORN[who]), sex=Sex.FEMALE, expiry_date=PartialDate("300101"), family_name=family,
            given_names=given, optional_data="",
        )
    )  # fmt: skip
    return parse_mrz(lines, BEGIN.date())
