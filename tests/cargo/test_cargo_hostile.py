"""Cargo messages that were cut, changed or invented: an error with a code or what can be read, and nothing silently."""

from __future__ import annotations

import contextlib
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo import ffm, fhl, fwb
from checkpoint_app.cargo.edifact_message import read
from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import INTERACTIVE, Interchange, Segment, split
from checkpoint_app.cargo.values import CargoMessage, MessageError
from tests.cargo.test_containers import HEAD as BAPLIE_HEAD
from tests.cargo.test_cuscar import GOODS, HEAD
from tests.cargo.test_ffm import FFM
from tests.cargo.test_imp_waybills import FHL, FWB

CUSCAR = HEAD + "EQD+CN+MSKU2191175+22G1:102:5++3+5'\nSEL+S1+CA'\n" + GOODS + "CNT+10:1'\nUNT+44+1'\nUNZ+1+1'\n"
BAPLIE = BAPLIE_HEAD.format(kind="BAPLIE:D:95B") + "LOC+147+1'MEA+WT++KGM:1'EQD+CN+TOLU2566410+22G1+++5'DGS+IMD+8+1791'"
MESSAGES = {"FWB": FWB, "FHL": FHL, "FFM": FFM, "CUSCAR": CUSCAR, "BAPLIE": BAPLIE}
TAGS = re.findall("...", "UNBUNHUNTUNZUNSBGMTDTDTMCNTCNIRFFGIDPACFTXMEAMOASGPDGSPIACSTEQDSELLOCNADCOMSTS")
CODES = re.findall(
    "[^ ]+", "20 147 9 11 BM CN CZ AAA AAE G VGM KGM IMD 5 4 10 16 132 203 HS TE 1 -1 1e9 18,5 MSKU2191175"
)
VALUES = st.sampled_from(CODES) | st.text(max_size=6)
SEGMENTS = st.builds(
    Segment, st.sampled_from(TAGS), st.lists(st.lists(VALUES, min_size=1, max_size=4).map(tuple), max_size=9).map(tuple)
)
READERS = {"FWB": fwb.read, "FHL": fhl.read, "FFM": ffm.read}


def tried(data):
    """Read a message and its plain form; None when it is refused with a code."""
    try:
        message = read_message(data)
    except MessageError:
        return None
    return plain_message(message) if isinstance(message, CargoMessage) else None


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_a_message_cut_at_any_byte_is_read_in_part_or_refused(kind):
    data = MESSAGES[kind].encode()
    whole = tried(data)
    found = [len(plain["consignments"]) for cut in range(len(data)) if (plain := tried(data[:cut])) is not None]
    assert found
    assert max(found, default=0) <= len(whole["consignments"])


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_a_changed_message_is_read_or_refused(kind):
    chance = random.Random(kind)
    data = MESSAGES[kind].encode()
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.choice((0, 1, 3))] = chance.choice(
                (b"", b"+", b"'", b":", b"/", b"\n", b"\xff", b"?")
            )
        tried(bytes(changed))


@given(st.sampled_from(("CUSCAR", "BAPLIE", "COPRAR", "COARRI", "IFTSTA")), st.lists(SEGMENTS, max_size=40))
def test_any_segments_give_one_consignment_for_each_cni_and_one_container_for_each_eqd(kind, segments):
    inside = [one for one in segments if one.tag not in ("UNH", "GID", "RFF")]
    message = read(kind, Interchange(tuple(inside)))
    lost = sum(fault.code == "not_read" and fault.tag == "EQD" for fault in message.faults)
    assert len(message.equipment) + lost == sum(one.tag == "EQD" for one in inside)
    assert len(message.consignments) == sum(one.tag == "CNI" for one in inside)
    read(kind, Interchange(tuple(segments)))
    plain_message(message)


@given(
    st.sampled_from(sorted(READERS)), st.text(max_size=300), st.lists(st.sampled_from((FWB + FHL + FFM).split("\n")))
)
def test_any_lines_are_read_or_refused(kind, text, lines):
    for body in (text, "\n".join(lines), "\n".join([*lines, text])):
        data = f"{kind}/8\n{body}".encode("utf-8", "replace")
        with contextlib.suppress(MessageError):
            message = READERS[kind](data, INTERACTIVE)
            assert plain_message(message)["kind"] == kind


@given(st.lists(st.sampled_from(FHL.split("\n")), max_size=30))
def test_no_house_waybill_is_lost_silently(lines):
    text = "FHL/4\n" + "\n".join(line for line in lines if line != "FHL/4") + "\nMBI/020-12345675FRAJFK/T6K226.0"
    message = fhl.read(text.encode(), INTERACTIVE)
    sent = len(re.findall(r"^HBS", text, re.MULTILINE))
    assert len(message.consignments) == sent


@given(st.lists(st.sampled_from(FFM.split("\n")), max_size=30))
def test_no_waybill_and_no_uld_of_a_flight_is_lost_silently(lines):
    text = "FFM/8\n1/XL641/14MAR0910/SCL\n" + "\n".join(lines)
    message = ffm.read(text.encode(), INTERACTIVE)
    assert len(message.consignments) == len(re.findall(r"^145-", text, re.MULTILINE))
    assert len(message.equipment) == len(re.findall(r"^ULD/", text, re.MULTILINE))


def test_deep_or_long_messages_end_soon():
    assert tried(b"FFM/8\n" + b"/" * 2_000_000) is None
    line = b"FWB/16\n145-10203046SCLUIO/T" + b"1" * 2_000_000
    assert tried(line)["consignments"][0]["pieces"] is None
    many = split((HEAD + "CNI+1'" + "GID+1+1'" * 60_000).encode())
    message = read("CUSCAR", many)
    assert len(message.faults) > 9_000
    assert len(message.consignments) == 1
