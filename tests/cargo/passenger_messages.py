"""Passenger messages that were written for these tests: people, flights and numbers are invented."""

from __future__ import annotations

from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.values import MessageError, PassengerList

HEAD = "UNA:+.? '", "UNB+UNOA:4+MUSTERAIR:ZZ+POST:ZZ+260310:0600+1++APIS'"
FLIGHT = (
    "BGM+745'",
    "NAD+MS+++MUSTER OFFICE'",
    "COM+555-0100:TE'",
    "TDT+20+XX641'",
    "LOC+125+BOG'",
    "DTM+189:2603100910:201'",
    "LOC+87+UIO'",
    "DTM+232:2603101100:201'",
)
ERIKA = (
    "NAD+FL+++MUSTERFRAU:ERIKA:ANNA'",
    "ATT+2++F'",
    "DTM+329:800412'",
    "MEA+CT++2'",
    "MEA+WT++KGM:31'",
    "GEI+4+173'",
    "FTX+BAG+++XX000001:2'",
    "LOC+22+UIO'",
    "LOC+174+COL'",
    "LOC+178+BOG'",
    "LOC+179+UIO'",
    "LOC+180+:::EJEMPLO'",
    "NAT+2+COL'",
    "RFF+AVF:ABC123'",
    "RFF+ABO:77'",
    "RFF+SEA:012A'",
    "DOC+P:110:111+AB123456'",
    "DTM+36:301231'",
    "LOC+91+COL'",
)
JUAN = (
    "NAD+FM+++EJEMPLO:JUAN'",
    "ATT+2++M'",
    "DTM+329:19991231:102'",
    "NAT+2+EC'",
    "DOC+V+V77'",
    "DTM+36:20290101:102'",
    "LOC+91+D'",
)


def paxlst(*body: str, head: tuple[str, ...] = HEAD, version: str = "D:05B", count: str | None = None) -> bytes:
    """Return a PAXLST interchange with a right count of segments around ``body``, after the flight's segments."""
    inside = [*FLIGHT, *body, *([f"CNT+42:{count}'"] if count else [])]
    end = (f"UNT+{len(inside) + 2}+1'", "UNZ+1+1'")
    return "".join((*head, f"UNH+1+PAXLST:{version}:UN:IATA'", *inside, *end)).encode()


BOOKING = (
    "SRC'",
    "RCI+XX:ABC123::010226:0815'",
    "DAT+700:010226:0815'",
    "ORG+1A:BOG+12345678:UIO1A0980+UIO++T+EC'",
    "ADD++702:CALLE EJEMPLO 1:QUITO:::EC::5932555010'",
    "TIF+MUSTERMANN+MAXMR:A:1'",
    "IFT+4:28::XX+CTCM 593 99 555 0101'",
    "IFT+4:28::XX+CTCE MAX//EXAMPLE.ORG'",
    "SSR+DOCS:HK:1:XX:::::/P/D/C01X00T47/D/12AUG64/M/31OCT27/MUSTERMANN/MAX/PAUL'",
    "FOP+CA::250.00'",
    "TIF+MUSTERMANN+LENA MISS:IN:2'",
    "SSR+DOCS:HK:1:XX:::::////D/24DEC25/FI//MUSTERMANN/LENA'",
    "TVL+100326:0910:100326:1100+BOG+UIO+XX+641:Y'",
    "RCI+XX:ABC123'",
    "TRI++1:::1'",
    "TIF+MUSTERMANN+MAXMR:A:1'",
    "TBD++2:31:700++HP:XX-1'",
    "TVL+110326:0910::1100+UIO+GYE+XX+12:Y'",
    "TBD++2:31:700++HP:XX-1'",
    "TVL+110326:1500:120326+GYE:HOTEL EJEMPLO++HH+1:ROH'",
)


def pnrgov(*body: str, units: int = 1, version: str = "13:1") -> bytes:
    """Return a PNRGOV interchange around bookings."""
    inside = [
        "MSG+:22'",
        "ORG+XX:BOG'",
        "TVL+100326:0910:100326:1100+BOG+UIO+XX+641'",
        f"EQN+{units}'",
        *body,
    ]
    head = "UNA:+.?*'", "UNB+IATA:1+XX+POST+260309:1410+1'"
    end = (f"UNT+{len(inside) + 2}+1'", "UNZ+1+1'")
    return "".join((*head, f"UNH+1+PNRGOV:{version}:IA+XX641/100326/0910'", *inside, *end)).encode()


def part_of(data: bytes) -> PassengerList | str:
    """Return what is read of a message that was cut, or the code of the error that it is."""
    try:
        found = read_message(data)
    except MessageError as error:
        return error.code
    assert isinstance(found, PassengerList)
    return found
