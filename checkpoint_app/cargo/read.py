"""One way in for every message: tells what kind it is by its first bytes, and lets the reader of that kind read it."""

from __future__ import annotations

import importlib
import re
from types import ModuleType

from checkpoint_app.cargo.segments import INTERACTIVE, Interchange, Limits, split
from checkpoint_app.cargo.separators import find_separators
from checkpoint_app.cargo.values import Message, MessageError

_HEAD = 64 * 1024
_BLANK = b"\xef\xbb\xbf \t\r\n\x00"
_XML_STARTS = (b"<", b"\xff\xfe", b"\xfe\xff")

# Kind → module of this room with `read(…)`, imported when it is asked for. EDIFACT readers take an Interchange of
# messages, and name those of another kind; the others take (bytes, limits).
EDIFACT = {
    "PAXLST": "paxlst",
    "PNRGOV": "pnrgov",
    "CUSCAR": "cuscar",
    "COPRAR": "coprar",
    "COARRI": "coarri",
    "BAPLIE": "baplie",
    "IFTSTA": "iftsta",
}
# Cargo-IMP: standard message identifier, slash, version number, on a line of its own (IATA CIMP, "SMI").
CARGO_IMP = {"FWB": "fwb", "FHL": "fhl", "FFM": "ffm"}
# XML: the root's name without its prefix, in lower case: ASYCUDA's countries change its capitals.
XML = {
    "waybill": "xfwb",
    "housewaybill": "xfwb",
    "declaration": "wco_dec",
    "metadata": "wco_dec",
    "asycuda": "asycuda",
    "awmds": "awmds",
}

# A teletype puts signs such as STX before the line, and some senders leave the version out.
_IMP = re.compile(rb"(?:^|[\r\n])[\x00-\x20]*(FWB|FHL|FFM)(?:/[0-9]{1,3})?[ \t]*[\r\n]")
_XML_PROLOGUE = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>\s*)*", re.DOTALL)
_XML_ROOT = re.compile(rb"<(?:[\w.\-]+:)?([A-Za-z_][\w.\-]*)")


def read_message(data: bytes, limits: Limits = INTERACTIVE) -> Message:
    """Return what a message says: a PassengerList or a CargoMessage, its faults among it.

    Several messages of one kind in an interchange are read into one value. Raises MessageError: ``empty``,
    ``too_large``, ``unknown_kind``, and what the readers raise.
    """
    if len(data) > limits.bytes:
        raise MessageError("too_large", f"larger than {limits.bytes} bytes", byte=limits.bytes)
    if not data.strip(b"\x00 \t\r\n"):
        raise MessageError("empty", "nothing is in it", byte=0)
    head = data[:_HEAD].lstrip(_BLANK)
    if head.startswith(_XML_STARTS):
        root = _xml_root(head)
        if root.lower() not in XML:
            shown = root[:40]
            raise MessageError("unknown_kind", f"no kind of XML message that is read here (its root: {shown})", line=1)
        return _read_bytes(XML[root.lower()], data, limits)
    if imp := _imp_head(head):
        return _read_bytes(CARGO_IMP[imp[1].decode("ascii")], data, limits)
    if is_edifact(head):
        return read_interchange(split(data, limits))
    raise MessageError("unknown_kind", "no kind of message that is known: neither EDIFACT, Cargo-IMP nor XML", byte=0)


def read_interchange(interchange: Interchange) -> Message:
    """Read an interchange whose messages that can be read are all of one kind.

    Raises MessageError (``unknown_kind``, ``mixed_kinds``).
    """
    kinds = {message.kind for message in interchange.messages()}
    known = kinds & EDIFACT.keys()
    if len(known) > 1:
        names = ", ".join(sorted(known))
        raise MessageError("mixed_kinds", f"messages of several kinds in one interchange: {names}; send them apart")
    if not known:
        shown = ", ".join(sorted(kind for kind in kinds if kind.isalnum()))[:60] or "none"
        raise MessageError("unknown_kind", f"no kind of EDIFACT message that is read here (it says: {shown})")
    message: Message = _module(EDIFACT[known.pop()]).read(interchange)
    return message


def is_edifact(head: bytes) -> bool:
    """Tell whether a message that begins so is EDIFACT: neither XML nor Cargo-IMP, whatever is in their texts."""
    head = head.lstrip(_BLANK)
    return not head.startswith(_XML_STARTS) and _imp_head(head) is None and find_separators(head) is not None


def _imp_head(head: bytes) -> re.Match[bytes] | None:
    return _IMP.search(head[:4096] + b"\n")


def _read_bytes(module: str, data: bytes, limits: Limits) -> Message:
    message: Message = _module(module).read(data, limits)
    return message


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"checkpoint_app.cargo.{name}")


def _xml_root(head: bytes) -> str:
    """Return the root's name without its prefix; "none" where no element is found. UTF-16 is looked through."""
    plain = head.replace(b"\x00", b"").lstrip(b"\xff\xfe")
    prologue = _XML_PROLOGUE.match(plain)
    root = _XML_ROOT.match(plain, prologue.end() if prologue else 0)
    return root[1].decode("ascii", "replace") if root else "none"
