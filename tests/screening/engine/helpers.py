"""A small list whose entries each show one thing, and the way from entries to a loaded list. All people are made up."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from checkpoint_app.screening import Calibration, PersonList, build_segment, entry_to_plain, load
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import Entry, ListedDate, ListedDocument, Name, Quality, Subject
from checkpoint_app.verdict import Candidate

THRESHOLD = 9_000
CALIBRATION = Calibration(ENGINE, THRESHOLD, 1000, 1000, 10_000, 10_000, 1)


def entry(
    number: str,
    family: str,
    given: str = "",
    born: str = "",
    sex: str = "",
    state: str = "",
    aliases: tuple[Name, ...] = (),
    documents: tuple[ListedDocument, ...] = (),
    whole: bool = False,
) -> Entry:
    return Entry(
        id=number,
        schema="Person",
        names=(Name(family, given, whole=whole), *aliases),
        birth_dates=(listed(born),) if born else (),
        sex=sex,
        nationalities=(state,) if state else (),
        documents=documents,
    )


def listed(text: str) -> ListedDate:
    circa = text.startswith("~")
    first, _, last = text.lstrip("~").partition("/")
    return ListedDate(first, last or first, circa)


def strangers(count: int = 300) -> list[Entry]:
    """People that share little with anyone, so that frequencies are those of a list, not of a dozen."""
    families = ["QUISPE", "MAMANI", "FLORES", "CONDORI", "CHOQUE", "VARGAS", "ROJAS", "GUTIERREZ", "LOPEZ", "TICONA"]
    givens = ["PEDRO", "MARIO", "ELENA", "ROSA", "JORGE", "INES", "CLARA", "HUGO", "SONIA", "DAVID", "OLGA"]
    return [
        entry(
            f"S{i}",
            f"{families[i % 10]} {families[i * 7 % 10]}",
            givens[i % 11],
            f"{1950 + i % 50}-{1 + i % 12:02d}-{1 + i % 28:02d}",
            "MF"[i % 2],
            ("BOL", "PER")[i % 2],
        )
        for i in range(count)
    ]


KNOWN = (
    entry("ERIKSON", "ERIKSON", "Ana María", "1974-08-12", "F", "UTO", documents=(ListedDocument("L898902C3", "UTO"),)),
    entry("PENA", "Peña Núñez", "Íñigo", "1980-02-29", "M", "ESP"),
    entry("LONG", "Villavicencio Etcheverrigaray", "Maximiliano Alejandro", "1969-05-17", "M", "CHL"),
    entry("WANG", "Wang", "Feichen", "1963-10-31", "M", "CHN"),
    entry("DONG", "Deng", "Xiao Ping", "1961-01-02", "M", "CHN"),
    entry("TIKRITI", "Al-Tikriti", "Abd al-Rahman Yusuf", "1958-07-19", "M", "IRQ"),
    entry("SALAZAR", "Pereira Salazar", "Belén Wendolin", "1953-08-24", "F", "CHL"),
    entry(
        "ALIAS",
        "Alvarado Urrutia",
        "Alberto",
        "1978-09-29",
        "M",
        "CHL",
        aliases=(Name("Zambrano Echenique", "Rodrigo"), Name("", "Chuqui", Quality.WEAK)),
    ),
    entry("XIMENA", "Zubizarreta Oyarzabal", "Ximena", "1988-03-04", "F", "BOL"),
    entry("MONO", "Suharyanto", "", "", "M", "IDN"),
    entry("WHOLE", "Mubarak Zayd Qahtan", "", "1975", "M", "YEM", whole=True),
    entry("CIRCA", "Ashkenazov", "Bogdan", "~1950", "M", "KAZ"),
    entry("RANGE", "Vashchenko", "Ihnat", "1960/1964", "M", "UKR"),
    Entry("NAMELESS", "Person", (Name("", ""),), documents=(ListedDocument("ZZ-00 01"),)),
)


@cache
def known_list() -> PersonList:
    return loaded([*KNOWN, *strangers()])


def loaded(entries: Iterable[Entry], calibration: Calibration | None = CALIBRATION) -> PersonList:
    sections = dict(build_segment("persons", (entry_to_plain(e) for e in entries), calibration))
    persons = load("persons", sections)
    assert isinstance(persons, PersonList)
    return persons


def best(subject: Subject) -> Candidate:
    return known_list().screen(subject)[0]


def codes(candidate: Candidate) -> set[str]:
    return {reason.code.removeprefix("reason.") for reason in candidate.reasons}


def is_hit(candidate: Candidate) -> bool:
    return candidate.score >= candidate.threshold
