"""What single segments of the cargo messages of UN/EDIFACT say (D.95B and later): TDT, LOC, MEA, NAD, DGS, EQD ….

Codes are those of the UN/EDIFACT code lists; the data element is named where a table stands for one.
"""

from __future__ import annotations

import re

from checkpoint_app.cargo.iso6346 import check_digit_ok, plain_number
from checkpoint_app.cargo.segments import Segment
from checkpoint_app.cargo.values import POUND_KG, Dangerous, Party, Transport

_KILOGRAMS = {
    "KGM": 1.0,
    "KG": 1.0,
    "LBR": POUND_KG,
    "LB": POUND_KG,
    "TNE": 1000.0,
    "GRM": 0.001,
}  # 6411
# 6311: measurements that may be of a weight; 6313: those of them that are not the gross weight (net, tare, volume …).
_WEIGHINGS = frozenset(("AAE", "WT", "AAI", "AAX", "AAY", "G", "AAB", "AAD", "EGW", "VGM"))
_OTHER_WEIGHTS = frozenset(("N", "T", "AAA", "AAC", "AAF", "AAL", "AAM", "AAN", "AAW", "ABJ", "ABK", "ACN", "TL", "DP"))
_VERIFIED = "VGM"
WHOLE = "AAX"  # 6311: measurement of the consignment
_ROLES = {  # 3035
    "CZ": "shipper",
    "OS": "shipper",
    "EX": "shipper",
    "SH": "shipper",
    "CN": "consignee",
    "UC": "ultimate_consignee",
    "IM": "importer",
    "NI": "notify",
    "N1": "notify",
    "N2": "notify",
    "NP": "notify",
    "CA": "carrier",
    "FW": "forwarder",
    "FC": "forwarder",
    "DT": "declarant",
    "AE": "declarant",
    "DP": "delivery",
    "SE": "seller",
    "BY": "buyer",
    "GO": "owner",
    "CX": "agent",
    "AG": "agent",
}
_CUSTOMS_VALUES = frozenset(("14", "40", "43"))  # 5025
_FULL = {"5": True, "7": True, "8": True, "4": False}  # 8169
_AMOUNT = re.compile(r"[0-9]{1,15}([.,][0-9]{0,6})?", re.ASCII)
_MOMENT = {  # 2379
    "102": r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)",
    "203": r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?P<t>\d{4})",
    "204": r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?P<t>\d{4})\d\d",
    "101": r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)",
    "201": r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)(?P<t>\d{4})",
}


def number_of(text: str | None) -> float | None:
    """Return a number with ``.`` or ``,`` before its fraction; None for what is none (thousands are never parted)."""
    return float(text.replace(",", ".")) if text and _AMOUNT.fullmatch(text) else None


def count_of(text: str | None) -> int | None:
    """Return a whole number, of twelve digits at most; ``12.0`` counts as one. None for what is none."""
    value = number_of(text)
    return int(value) if value is not None and value.is_integer() and value < 1e12 else None


def weight_of(segment: Segment) -> tuple[str, float | None] | None:
    """Return what MEA says of a gross weight: ``gross`` or ``verified``, and kilograms (None when not readable).

    None for a MEA of something else: net weight, tare, volume, temperature.
    """
    purpose, what = segment.get(0) or "", segment.get(1) or ""
    if purpose not in _WEIGHINGS or what in _OTHER_WEIGHTS:
        return None
    unit = (segment.get(2) or "").upper()
    factor, value = _KILOGRAMS.get(unit), number_of(segment.get(2, 1))
    verified = _VERIFIED in (purpose, what)
    if factor is None and unit and what != "G" and not verified:
        return None  # a volume, a temperature or a length
    return ("verified" if verified else "gross"), None if factor is None or value is None else value * factor


def value_of(segment: Segment) -> tuple[float, str | None] | None:
    """Return the value for customs that MOA states, and its currency; None for other sums."""
    amount = number_of(segment.get(0, 1))
    return None if segment.get(0) not in _CUSTOMS_VALUES or amount is None else (amount, segment.get(0, 2))


def place_of(segment: Segment) -> str | None:
    """Return the place of LOC: its code (3225), or its name where no code is given."""
    return segment.get(1) or segment.get(1, 3)


def text_of(segment: Segment) -> str | None:
    """Return the text of FTX: its lines (4440) with blanks between; the text's code (4441) where there is none."""
    lines = segment.elements[3][:5] if len(segment.elements) > 3 else ()
    return " ".join(" ".join(lines).split()) or segment.get(2)


def party_of(segment: Segment) -> Party | None:
    """Return the party of NAD; None for a function (3035) that no role here stands for.

    The name is that of C080, else the first line of C058.
    """
    role = _ROLES.get(segment.get(0) or "")
    if role is None:
        return None
    names = segment.elements[3][:5] if len(segment.elements) > 3 else ()
    name = " ".join(" ".join(names).split()) or segment.get(2)
    return Party(role, name=name, country=segment.get(8), city=segment.get(5), id=segment.get(1))


def dangerous_of(segment: Segment) -> Dangerous | None:
    """Return the dangerous goods of DGS: class (8351) and UN number (7124, four digits); None without both."""
    cls, un = segment.get(1), segment.get(2)
    if un:
        digits = re.sub(r"^UN\s*", "", un.upper())
        un = digits.zfill(4) if re.fullmatch(r"[0-9]{1,4}", digits, re.ASCII) else un
    return Dangerous(cls, un) if cls or un else None


def commodity_codes(segment: Segment) -> list[str]:
    """Return the commodity codes of PIA (type HS, or none) or CST, without dots and blanks."""
    codes = []
    for element in segment.elements[1:]:
        kind = element[1].strip() if segment.tag == "PIA" and len(element) > 1 else "HS"
        code = re.sub(r"[.\s-]", "", element[0]).upper()
        if kind in ("HS", "CC", "") and re.fullmatch(r"[0-9]{4}[0-9A-Z]{0,14}", code, re.ASCII):
            codes.append(code)
    return codes


def equipment_number(text: str | None) -> str | None:
    """Return the number of a container without the blanks that senders put into it, nor dashes in one of ISO 6346."""
    if not text:
        return None
    plain = plain_number(text)
    return plain if check_digit_ok(plain) is not None else "".join(text.split()).upper()


def is_full(segment: Segment) -> bool | None:
    """Return whether EQD says full (5, 7, 8) or empty (4); None for anything else."""
    return _FULL.get(segment.get(5) or "")


def transport_of(segment: Segment) -> Transport:
    """Return the transport of TDT: voyage, mode, carrier, id (8213, its first part) and name (8212)."""
    # Some senders have one element too many before the means of transport (C222).
    at = 8 if len(segment.elements) > 8 and len(segment.elements[8]) > 1 and not any(segment.elements[7]) else 7
    return Transport(
        voyage=segment.get(1),
        id=segment.get(at),
        name=segment.get(at, 3),
        mode=segment.get(2),
        carrier=segment.get(4) or segment.get(4, 3),
    )


def moment_of(segment: Segment) -> str | None:
    """Return date and time of DTM (2379 101, 102, 201, 203, 204) as ``2026-03-14T06:00``; None for another form."""
    form = _MOMENT.get(segment.get(0, 2) or "")
    found = re.fullmatch(form, segment.get(0, 1) or "", re.ASCII) if form else None
    if found is None:
        return None
    parts = found.groupdict()
    year = parts["y"] if len(parts["y"]) == 4 else f"20{parts['y']}"
    time = parts.get("t")
    return f"{year}-{parts['m']}-{parts['d']}" + (f"T{time[:2]}:{time[2:]}" if time else "")
