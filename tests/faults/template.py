"""Booth folders for the campaigns: made once, copied for each run. Every person here is synthetic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from checkpoint_app.booth.desk.clock import Clock
from checkpoint_app.documents import Format, PartialDate, Sex, TravelDocument, to_mrz
from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedDate, ListedNumber, Name
from checkpoint_app.store import Store, open_passphrase_key
from checkpoint_app.verdict import Agreement
from tests.booth.helpers import OTHERS, PASSPHRASE, START, Booth, Publisher, make_booth

LATER = "later"
VERSIONS = {"ECU": 4, "INTL": 3, "policy": 3}
FAMILY, GIVEN = "QUISPETESTIGO", "ZENOBIA MARIBEL"
"""The traveller whom every version of the list of persons holds: invented, and a token that nothing else contains."""
STRANGER = "XIMENEZPRUEBA"


def entry(version: int) -> Entry:
    """Return the listed person as this version of the list has her: the id tells the version."""
    born = ListedDate("1974-08-21", "1974-08-21")
    return Entry(f"E-{version}", "Person", (Name(FAMILY, "Zenobia Maribel"),), (born,), "F", ("ECU",))


def listed_number(version: int) -> str:
    """Return the document number that only this version of the list of documents holds."""
    return f"L8989{version:02d}C3"


def passport(family: str, given: str, number: str, born: str = "800101") -> tuple[str, ...]:
    """Return the two lines of a valid passport."""
    document = TravelDocument(
        format=Format.TD3,
        document_code="P",
        issuer="UTO",
        document_number=number,
        nationality="UTO",
        birth_date=PartialDate(born),
        sex=Sex.FEMALE,
        expiry_date=PartialDate("300101"),
        family_name=family,
        given_names=given,
        optional_data="",
    )
    return to_mrz(document)


def open_store(folder: Path, clock: Clock | None = None) -> Store:
    """Open the store of a booth folder."""
    return Store.open(folder / "data", open_passphrase_key(folder / "data", PASSPHRASE), clock=clock)


@dataclass(frozen=True)
class Template:
    """A booth folder to be copied, who signs its lists, and how many events its journal holds."""

    folder: Path
    publisher: Publisher
    events: int


def make_template(folder: Path) -> Template:
    """Make a booth with its first lists in force, and newer packages laid ready in ``later``."""
    publisher, clock = make_booth(folder, persons=None, numbers=None)
    agreement = Agreement("Test", START.replace(year=2025), START.replace(year=2028))
    with open_store(folder, clock) as store:
        for name, last in VERSIONS.items():
            for version in range(1, last + 1):
                place = folder / ("inbox" if version == 1 else LATER)
                options = {"version": version, "agreement": agreement}
                if name == "ECU":
                    publisher.persons(place, store, (*OTHERS, entry(version)), **options)
                elif name == "INTL":
                    number = ListedNumber(listed_number(version), "UTO", DocumentCategory.STOLEN)
                    publisher.numbers(place, store, (number,), **options)
                elif version > 1:
                    (place / f"policy-{version}.list").write_bytes(publisher.policy(version=version))
    booth = Booth(folder, clock, publisher)
    try:
        booth.open()
    finally:
        booth.close()
    with open_store(folder, clock) as store:
        return Template(folder, publisher, store.journal.head().seq)
