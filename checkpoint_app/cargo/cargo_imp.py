"""The lines of IATA Cargo-IMP messages (Cargo Interchange Message Procedures), and what FWB, FHL and FFM share.

A message begins with a line such as ``FWB/16``; what stands before it (the address of a teletype) is passed over. A
line begins with a tag of three letters, with an air waybill number, or with ``/`` when it continues the one above.
Faults: ``not_read`` names a line that gave nothing at all, ``bad_value`` one that gave less than it should.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import POUND_KG, Goods, MessageError, MessageFault

BY_AIR = "4"
LONGEST_LINE = 4000  # a line has 69 characters at most; one longer than this is not read
_HEAD = re.compile(r"(FWB|FHL|FFM)(?:/([0-9]{1,3}))?", re.ASCII)
_TAG = re.compile(r"([A-Z]{3})(?=/|$)", re.ASCII)
_AWB = re.compile(r"([0-9]{3})[- ]?([0-9]{8})(?:[ /]*([A-Z]{3})[ /]?([A-Z]{3})(?=[ /]|$))?", re.ASCII)
_QUOTA = re.compile(
    r"(?P<part>[TPSDM])(?P<pieces>[0-9]{1,9})(?:(?P<unit>[KL])(?P<weight>[0-9]{1,12}(?:[.,][0-9]{0,6})?))?"
    r"(?:(?:MC|CF|CI|CC)[0-9.,]{1,12})?(?:DG[0-9]{0,6})?(?:T(?P<total>[0-9]{1,9}))?",
    re.ASCII,
)
_UNPRINTABLE = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x0A, 0x0D)}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number from 1, its tag (empty where it continues), and what stands between its slants."""

    number: int
    tag: str
    fields: tuple[str, ...]
    text: str


@dataclass(slots=True)
class Block:
    """A line with a tag, and the lines that continue it."""

    head: Row
    rows: list[Row] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """The tag of the first line."""
        return self.head.tag


@dataclass(frozen=True, slots=True)
class Waybill:
    """An air waybill's number (``145-10203046``) and its places."""

    number: str
    origin: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a waybill this is: ``part`` T total, P part, S split, D divided; the weight in kilograms."""

    part: str | None = None
    pieces: int | None = None
    weight_kg: float | None = None
    total: int | None = None


def collapse(text: str) -> str | None:
    """Return a text with its blanks collapsed; None when nothing is left."""
    return " ".join(text.split()) or None


def whole(text: str) -> int | None:
    """Return a number of pieces; None for what is no whole number."""
    plain = text.strip()
    return int(plain) if re.fullmatch(r"[0-9]{1,9}", plain, re.ASCII) else None


def amount(text: str) -> float | None:
    """Return a sum or weight (``.`` or ``,`` before the fraction); None for what is none."""
    plain = text.strip().replace(",", ".")
    return float(plain) if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{0,6})?", plain, re.ASCII) else None


def kilograms(text: str) -> float | None:
    """Return a weight such as ``K348.5`` or ``L100`` in kilograms; None for what is none."""
    plain = text.strip()
    value = amount(plain[1:])
    if value is None or plain[:1] not in ("K", "L"):
        return None
    return value * POUND_KG if plain[0] == "L" else value


def waybill(text: str) -> tuple[Waybill, str] | None:
    """Read the waybill at the beginning of a text: it and the rest of the text; None where there is none."""
    found = _AWB.match(text.strip())
    if found is None:
        return None
    prefix, serial, origin, destination = found.groups()
    return Waybill(f"{prefix}-{serial}", origin, destination), text.strip()[found.end() :].lstrip("/ ")


def quota(text: str) -> Quota | None:
    """Read pieces and weight such as ``T12K348.5MC2.10`` or ``P30K900.0T45``; None for another form."""
    found = _QUOTA.fullmatch(text.replace(" ", ""))
    if found is None:
        return None
    weight = kilograms(f"{found['unit']}{found['weight']}") if found["unit"] else None
    pieces = int(found["pieces"])
    total = int(found["total"]) if found["total"] else pieces if found["part"] == "T" else None
    return Quota(found["part"], pieces, weight, total)


def hs_code(text: str) -> str | None:
    """Return a commodity code without dots and blanks; None for what is none (4 to 18 characters, WCO HS)."""
    code = re.sub(r"[.\s-]", "", text).upper()
    return code if re.fullmatch(r"[0-9]{4}[0-9A-Z]{0,14}", code, re.ASCII) else None


def codes_of(fields: tuple[str, ...]) -> tuple[list[str], bool]:
    """Return the handling codes (three letters, IATA) among fields, and whether there was nothing else."""
    plain = [one.strip() for one in fields if one.strip()]
    codes = [one for one in plain if re.fullmatch(r"[A-Z0-9]{3}", one, re.ASCII)]
    return codes, len(codes) == len(plain)


def goods_of(text: str, hs: list[str]) -> tuple[Goods, ...]:
    """Return the one line of goods that a text and its commodity codes make; none when there is neither."""
    plain = collapse(text)
    return (Goods(plain, tuple(dict.fromkeys(hs))),) if plain or hs else ()


def rows_of(data: bytes, kind: str, limits: Limits) -> list[Row]:
    """Cut a message into its lines, from the first ``FWB/16`` (or FHL, FFM) on; the heads are rows too.

    Raises MessageError when it is longer than the limits allow, or no line begins a message of this kind.
    """
    if len(data) > limits.bytes:
        raise MessageError(
            "too_large", f"the message has {len(data)} bytes; {limits.bytes} are the most", byte=len(data)
        )
    lines = re.split(r"\r\n|\r|\n", _decoded(data).translate(_UNPRINTABLE))
    if len(lines) > limits.segments:
        raise MessageError("too_many_segments", f"the message has more than {limits.segments} lines", line=len(lines))
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and (rows or _is_head(text, kind)):
            rows.append(_row(number, text))
    if not rows:
        raise MessageError("unknown_kind", f"no line begins a {kind} message", line=1)
    return rows


def blocks_of(rows: list[Row], inner: frozenset[str] = frozenset()) -> list[Block]:
    """Put the lines that continue, and those whose tag is an ``inner`` one, under the line with a tag above them."""
    blocks: list[Block] = []
    for row in rows:
        if blocks and (row.tag in inner or (not row.tag and row.text.startswith("/"))):
            blocks[-1].rows.append(row)
        else:
            blocks.append(Block(row))
    return blocks


def not_read(row: Row) -> MessageFault:
    """Name a line that gave nothing."""
    return MessageFault("not_read", row.number, row.tag)


def bad_value(row: Row) -> MessageFault:
    """Name a line that gave less than it should."""
    return MessageFault("bad_value", row.number, row.tag)


def _is_head(text: str, kind: str) -> bool:
    found = _HEAD.fullmatch(text)
    return found is not None and found[1] == kind


def _row(number: int, text: str) -> Row:
    if len(text) > LONGEST_LINE:
        return Row(number, "", (), "")
    head, _, rest = text.partition("/")
    if _TAG.match(text):
        return Row(number, head, tuple(rest.split("/")) if rest else (), text)
    if text.startswith("/"):
        return Row(number, "", tuple(rest.split("/")), text)
    return Row(number, "AWB" if re.match(r"[0-9]{3}-?[0-9]{4}", text, re.ASCII) else "", tuple(text.split("/")), text)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
