"""Messages of carriers and customs, damaged: each is read, in part or whole, or refused, and nobody is lost silently.

Seeded, so that a find can be repeated. The short form cuts each message at some bytes and changes 2,000; the long one
cuts at every byte and changes 100,000. Our own messages, and the reference data's where that is here.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from pathlib import Path
from random import Random

from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.plain_passengers import list_to_plain
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.values import CargoMessage, Message, MessageError, PassengerList
from tests.cargo import passenger_messages as people
from tests.cargo.test_containers import HEAD as BAPLIE_HEAD
from tests.cargo.test_cuscar import GOODS, HEAD
from tests.cargo.test_ffm import FFM
from tests.cargo.test_imp_waybills import FHL, FWB
from tests.cargo.xml_messages import ASYCUDA, DECLARATION, HOUSE_WAYBILL, WAYBILL

SHORT, LONG = 2_000, 100_000
SHORT_CUTS = 40
SLOWEST_S = 2.0
UNTOUCHED = 80
"""The separators and the message's head: where these were changed, whoever counts must know what was meant."""
_PIECES = (b"", b"+", b"'", b":", b"/", b"\n", b"\xff", b"?", b"<", b">", b"&", b"-", b"0", b"A", b"'NAD+", b"\x00")
OWN = {
    "paxlst": people.paxlst(*people.ERIKA, *people.JUAN, count="2"),
    "pnrgov": people.pnrgov(*people.BOOKING),
    "cuscar": (HEAD + "EQD+CN+MSKU2191175+22G1:102:5++3+5'\n" + GOODS + "CNT+10:1'\nUNT+44+1'\nUNZ+1+1'\n").encode(),
    "baplie": (
        BAPLIE_HEAD.format(kind="BAPLIE:D:95B") + "LOC+147+1'MEA+WT++KGM:1'EQD+CN+TOLU2566410+22G1+++5'"
    ).encode(),
    "fwb": FWB.encode(),
    "fhl": FHL.encode(),
    "ffm": FFM.encode(),
    "xfwb": WAYBILL.encode(),
    "xfzb": HOUSE_WAYBILL.encode(),
    "wco_dec": DECLARATION.encode(),
    "asycuda": ASYCUDA.encode(),
}


def messages() -> dict[str, bytes]:
    """Return all messages by name, those of the reference data where it is here."""
    folder = Path(os.environ.get("CHECKPOINT_DATA", "missing")) / "risk"
    files = [path for room in ("passengers", "cargo") for path in (folder / room).glob("*")]
    given = {path.name: path.read_bytes() for path in sorted(files) if not path.name.endswith(".json")}
    return OWN | given


def mutated(data: bytes, random: Random) -> bytes:
    """Return the message with a few to many things done to it."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 3, 8, 40))):
        at = random.randrange(len(changed) + 1)
        deed = random.randrange(4)
        if deed == 0:
            changed[at : at + random.choice((0, 1, 3))] = random.choice(_PIECES)
        elif deed == 1:
            del changed[at : at + random.choice((1, 2, 20))]
        elif deed == 2:
            changed[at:at] = changed[at : at + random.choice((5, 60))]
        else:
            changed[at : at + 1] = bytes((random.randrange(256),))
    return bytes(changed)


def units_of(message: Message) -> int:
    """Count who or what was read."""
    if isinstance(message, PassengerList):
        return len(message.passengers) + sum(len(one.passengers) for one in message.pnrs)
    return len(message.consignments) + len(message.equipment)


def units_in(kind: str, data: bytes) -> int | None:
    """Count who or what a message speaks of, by another way than its reader's; None for kinds that are not counted so.

    EDIFACT with the usual separators alone, of damaged segments only what still begins as it should.
    """
    if b"UNA:+.? '" not in data and not data.startswith((b"UNB+", b"UNH+")):
        return None
    segments = [one.strip() for one in re.split(rb"(?<!\?)'", re.sub(rb"[\r\n]", b"", data))]
    if kind == "PAXLST":
        return sum(bool(re.match(rb"NAD\+(FL|FM|DDU|DDT|VW)\+", one)) for one in segments)
    if kind in ("BAPLIE", "COPRAR", "COARRI"):
        return sum(bool(re.match(rb"EQD\+", one)) for one in segments)
    return sum(bool(re.match(rb"(CNI|EQD)\+", one)) for one in segments) if kind == "CUSCAR" else None


def tried(name: str, data: bytes) -> Message | str:
    """Return what is read, or the code of the refusal; anything else raised is a find."""
    began = time.process_time()
    try:
        message = read_message(data)
    except MessageError as error:
        refused = error
    else:
        refused = None
    assert time.process_time() - began < SLOWEST_S, name
    if refused is not None:
        assert re.fullmatch(r"[a-z_]+", refused.code), name
        assert str(refused), name
        assert "\n" not in str(refused), name
        return refused.code
    plain = plain_message(message) if isinstance(message, CargoMessage) else list_to_plain(message)
    assert plain["kind"] == message.kind
    return message


def is_silent(name: str, data: bytes, message: Message) -> bool:
    """Tell whether somebody who is in the message is neither read nor named as a fault.

    A whole message of the interchange that is named as of another kind is one fault, whoever is in it.
    """
    if any(fault.code == "other_kind" for fault in message.faults):
        return False
    there = units_in(message.kind, data)
    return there is not None and there > units_of(message) + len(message.faults)


def test_damaged_messages(long_campaign: bool) -> None:
    found = messages()
    random = Random(20261127)
    outcomes: Counter[str] = Counter()
    silent: list[tuple[str, bytes]] = []

    def one(name: str, data: bytes) -> None:
        result = tried(name, data)
        outcomes["read" if not isinstance(result, str) else "refused"] += 1
        if not isinstance(result, str) and is_silent(name, data, result):
            silent.append((name, data))

    for name, data in found.items():
        one(name, data)
        step = 1 if long_campaign else max(1, len(data) // SHORT_CUTS)
        for cut in range(0, len(data), step):
            one(name, data[:cut])
    names = sorted(found)
    for _ in range(LONG if long_campaign else SHORT):
        name = random.choice(names)
        data = found[name]
        kept = random.choice((0, UNTOUCHED))
        one(name, data[:kept] + mutated(data[kept:], random))
    assert [(name, data[:200]) for name, data in silent] == []
    assert outcomes["read"] > outcomes.total() // 5
