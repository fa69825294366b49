"""What carriers send to the demo post: a bus's passenger list (PAXLST) and a container manifest (CUSCAR).

Made for the day on which the demonstration is given; ports are real codes, ships, firms and containers are invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from checkpoint_app.cargo.iso6346 import check_digit_of
from checkpoint_app.documents import PartialDate, TravelDocument

CLEAN, RISKY = "DEMO 26-004416", "DEMO 26-004417"
"""The two consignments: one with nothing to be found, one that was planted."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container of the manifest: as the manifest writes its number, the seal that it declares, the type."""

    number: str
    seal: str
    type: str = "22G1"


def _numbered(first: str, beside: int = 0) -> str:
    """Return a container's number with its digit (ISO 6346), or with another one, ``beside`` above it."""
    return f"{first}{((check_digit_of(first + '0') or 0) + beside) % 10}"


SOUND = Container(_numbered("DMOU718306"), "SL-0051177", "22R1")
OTHER = Container(_numbered("DMOU552017"), "SL-0044830", "45G1")
# One more than the right digit, as a number that was copied by hand or made up has it.
WRONG_DIGIT = Container(_numbered("DMOU304512", 1), "SL-0044821", "45G1")
SEEN_INSTEAD = "SL-0044812"
"""The seal that is on the container whose manifest declares another."""


def container_manifest(now: datetime) -> bytes:
    """Return the manifest of two consignments in three containers; the second is transshipped twice, and to order."""
    lines = [
        *_opened("CUSCAR:D:95B:UN", "NAVIERA EJEMPLO:ZZ", now, "000417"),
        "BGM+785+DEMO26MAN0417+9",
        f"DTM+137:{now:%Y%m%d%H%M}:203",
        "NAD+CA+DMOL:172:20+NAVIERA EJEMPLO",
        "TDT+20+018N+1++DMOL:172:20+++9999999:146:11:MV EJEMPLO",
        "LOC+5+CLVAP:139:6",
        "LOC+60+ECGYE:139:6",
        *(f"EQD+CN+{one.number}+{one.type}:102:5++3+5'SEL+{one.seal}+CA" for one in (SOUND, WRONG_DIGIT, OTHER)),
        f"CNI+1+{CLEAN}",
        f"RFF+BM:{CLEAN}",
        "LOC+9+CLVAP:139:6",
        "LOC+11+ECGYE:139:6",
        "NAD+CZ+++VIÑEDOS EJEMPLO SPA+CAMINO DE PRUEBA 4+VALPARAISO+++CL",
        "NAD+CN+++BODEGA MUESTRA CIA LTDA+CALLE DE MUESTRA 9+QUITO+++EC",
        *_goods(1, 1200, "VINO EN BOTELLAS", 18240, "220421", SOUND.number),
        f"CNI+2+{RISKY}",
        f"RFF+BM:{RISKY}",
        "LOC+9+CLVAP:139:6",
        "LOC+13+PAMIT:139:6",
        "LOC+13+COCTG:139:6",
        "LOC+11+ECGYE:139:6",
        "NAD+CZ+++FRUTAS EJEMPLO SA+AVENIDA DE PRUEBA 17+VALPARAISO+++CL",
        "NAD+CN+++TO ORDER",
        "NAD+N1+++COMERCIAL MUESTRA CIA LTDA+CALLE DE MUESTRA 21+GUAYAQUIL+++EC",
        *_goods(1, 520, "MANZANAS FRESCAS", 19200, "080810", WRONG_DIGIT.number),
        *_goods(2, 96, "KIWIS FRESCOS", 3480, "081050", OTHER.number),
        "CNT+10:2",
    ]
    return _closed(lines)


def bus_name(now: datetime) -> str:
    """Return what the bus is called that is due ``now``."""
    return f"BUS {now:%H%M%S}"


def bus_list(travellers: Sequence[TravelDocument], now: datetime) -> bytes:
    """Return the passenger list of a bus with the bearers of these documents."""
    lines = [
        *_opened("PAXLST:D:02B:UN", "TRANSPORTES EJEMPLO:ZZ", now, "000418"),
        "BGM+745",
        "NAD+MS+++TRANSPORTES EJEMPLO",
        f"TDT+20+{bus_name(now)}+3",
        "LOC+125+COIPI:139:6",
        f"DTM+189:{now:%y%m%d%H%M}:201",
        "LOC+87+ECTUA:139:6",
        f"DTM+232:{now:%y%m%d%H%M}:201",
    ]
    for one in travellers:
        lines += _passenger(one)
    lines.append(f"CNT+42:{len(travellers)}")
    return _closed(lines)


def sheet(message: bytes) -> bytes:
    """Return a picture (JPEG) that stands for a message: a sheet with its first lines."""
    page = np.full((620, 880, 3), 250, np.uint8)
    for place, line in enumerate(message.decode("latin-1").splitlines()[:19]):
        plain = line.encode("ascii", "replace").decode()[:44]
        cv2.putText(page, plain, (24, 40 + 31 * place), cv2.FONT_HERSHEY_PLAIN, 1.8, (60, 52, 44), 2, cv2.LINE_AA)
    return cv2.imencode(".jpg", page)[1].tobytes()


def _passenger(one: TravelDocument) -> Iterable[str]:
    yield f"NAD+FL+++{one.family_name}:{one.given_names}"
    if one.sex is not None:
        yield f"ATT+2++{one.sex.value}"
    if one.birth_date is not None:
        yield f"DTM+329:{_day(one.birth_date)}:102"
    yield f"NAT+2+{one.nationality}"
    yield f"DOC+P:110:111+{one.document_number}"
    if one.expiry_date is not None:
        yield f"DTM+36:{_day(one.expiry_date)}:102"
    yield f"LOC+91+{one.issuer}"


def _day(value: PartialDate) -> str:
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def _goods(number: int, packages: int, text: str, kg: int, code: str, container: str) -> Iterable[str]:
    yield f"GID+{number}+{packages}:CT"
    yield f"FTX+AAA+++{text}"
    yield f"MEA+AAE+G+KGM:{kg}"
    yield f"PIA+5+{code}:HS"
    yield f"SGP+{container}+{packages}"


def _opened(kind: str, sender: str, now: datetime, reference: str) -> Iterable[str]:
    yield f"UNB+UNOC:3+{sender}+PASO LOS DEMO:ZZ+{now:%y%m%d:%H%M}+{reference}"
    yield f"UNH+1+{kind}"


def _closed(lines: Iterable[str]) -> bytes:
    """Return the interchange with its counts; UNOC is Latin-1 (ISO 9735)."""
    segments = [part for line in lines for part in line.split("'")]
    reference = segments[0].rpartition("+")[2]
    segments += [f"UNT+{len(segments)}+1", f"UNZ+1+{reference}"]
    return "".join(f"{one}'\n" for one in ("UNA:+.? ", *segments)).encode("latin-1")
