"""The specimens of ICAO Doc 9303 and makers of documents."""

from collections.abc import Callable
from datetime import date

from checkpoint_app.documents import Format, Mrz, MrzError, PartialDate, Sex, TravelDocument, parse_mrz

TODAY = date(2026, 11, 24)

# Doc 9303 parts 4 to 7, appendices: the specimen zones; LONG_* are those with a number of over nine characters.
TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD2 = (
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
)
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
MRVA = (
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
)
MRVB = (
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
)
LONG_TD1 = (
    "I<UTOD23145890<7349<<<<<<<<<<<",
    "3407127M9507122UTO<<<<<<<<<<<2",
    "STEVENSON<<PETER<JOHN<<<<<<<<<",
)
LONG_TD2 = (
    "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<",
    "D23145890<UTO3407127M95071227349<<<8",
)
# The specimen of the French card of 1988 as printed by its maker, and a licence made up here.
FRA2 = (
    "IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<",
    "8806923102858CORINNE<<<<<<<6512068F6",
)
CHEDL = (
    "AAA001D<<",
    "FACHE000123456789<<740812<<<<<",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
SPECIMENS = {
    Format.TD3: TD3,
    Format.TD2: TD2,
    Format.TD1: TD1,
    Format.MRVA: MRVA,
    Format.MRVB: MRVB,
    Format.FRA2: FRA2,
    Format.CHEDL: CHEDL,
}


def parsed(lines: tuple[str, ...]) -> Mrz:
    return parse_mrz(lines, TODAY)


def changed(lines: tuple[str, ...], line: int, column: int, text: str) -> tuple[str, ...]:
    """Put ``text`` over what stands at ``line`` and ``column`` (from 1)."""
    old = lines[line - 1]
    new = old[: column - 1] + text + old[column - 1 + len(text) :]
    assert len(new) == len(old)
    return (*lines[: line - 1], new, *lines[line:])


def faults(lines: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in parsed(lines).faults]


def refused(function: Callable[..., object], *args: object) -> str | None:
    """Return what the MrzError says that ``function`` raises, or None where it raises none; others pass through."""
    try:
        function(*args)
    except MrzError as error:
        return str(error)
    return None


def passport(**fields: object) -> TravelDocument:
    """A passport document; given fields replace its own."""
    own: dict[str, object] = {
        "format": Format.TD3,
        "document_code": "P",
        "issuer": "UTO",
        "document_number": "L898902C3",
        "nationality": "UTO",
        "birth_date": PartialDate("740812", 1974, 8, 12),
        "sex": Sex.FEMALE,
        "expiry_date": PartialDate("270415", 2027, 4, 15),
        "family_name": "ERIKSSON",
        "given_names": "ANNA MARIA",
        "optional_data": "",
    }
    return TravelDocument(**(own | fields))  # type: ignore[arg-type]
