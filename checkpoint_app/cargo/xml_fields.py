"""Values of XML messages: numbers, weights and dates out of elements; what can't be read is named, the rest is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from checkpoint_app.cargo.segments import Limits
from checkpoint_app.cargo.values import POUND_KG, MessageError, MessageFault
from checkpoint_app.cargo.xml_tree import Element

_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:[.,][0-9]{0,12})?|[.,][0-9]{1,12})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:Z|[T +-].*)?", re.ASCII)
_SLASH_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{2}|[0-9]{4})(?:\s.*)?", re.ASCII)
_KILOGRAMS = {"KGM": 1.0, "KG": 1.0, "K": 1.0, "LBR": POUND_KG, "LB": POUND_KG, "L": POUND_KG, "TNE": 1000.0}
"""UN/ECE Recommendation 20, and the letters of Cargo-IMP that some senders use instead."""
_FULL = {"1/1", "FCL", "LCL", "FS", "FM", "F", "FULL", "5", "01", "02", "1", "001", "002"}
_EMPTY = {"0/0", "EMP", "ETY", "MT", "E", "EMPTY", "4", "00", "0", "000"}
_FIRST_CENTURY = 2000
_N = TypeVar("_N", int, float)


def decimal_of(text: str) -> float | None:
    """Return the number that ``text`` is, with a decimal point or comma, never with thousands separators; else None."""
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None


def day_of(text: str) -> str | None:
    """Return ``text`` as ``YYYY-MM-DD``: ISO 8601, or month/day/year as ASYCUDA writes it; else None.

    A day of more than twelve in the month's place shows a sender that puts the day first. Two digits are 20yy.
    """
    if found := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _SLASH_DATE.fullmatch(text):
        month, day, year = map(int, found.groups())
        if month > 12:
            month, day = day, month
        if year < 100:
            year += _FIRST_CENTURY
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


class Reader:
    """Reads values out of elements and gathers, as faults, what stands there and is not what it should be."""

    def __init__(self) -> None:
        self.faults: list[MessageFault] = []

    def number(self, element: Element, *path: str) -> float | None:
        """Return the first number under ``path``, not below zero; None where there is none."""
        found = _sent(element, path)
        if found is None:
            return None
        value = decimal_of("".join(found.text.split()))
        if value is None or value < 0:
            self.fault("bad_number", found)
            return None
        return value

    def count(self, element: Element, *path: str) -> int | None:
        """Return the first whole number under ``path`` (``10`` or ``10.0``); None where there is none."""
        value = self.number(element, *path)
        if value is None:
            return None
        if value != int(value):
            self.fault("bad_number", element.all(*path)[0])
            return None
        return int(value)

    def weight(self, element: Element, *path: str) -> float | None:
        """Return the first weight under ``path`` in kilograms, by its ``unitCode``; without one it is kilograms."""
        value = self.number(element, *path)
        if value is None:
            return None
        found = _sent(element, path)
        unit = found.attributes.get("unitcode", "KGM").strip().upper() if found is not None else "KGM"
        factor = _KILOGRAMS.get(unit.partition("#")[0] or "KGM")
        if factor is None:
            if found is not None:
                self.fault("bad_unit", found)
            return None
        return value if factor == 1.0 else round(value * factor, 6)

    def day(self, element: Element, *path: str) -> str | None:
        """Return the first date under ``path`` as ``YYYY-MM-DD``; None where there is none."""
        found = _sent(element, path)
        if found is None:
            return None
        value = day_of(found.text.strip())
        if value is None:
            self.fault("bad_date", found)
        return value

    def taken(self) -> list[MessageFault]:
        """Return the faults since the last call, and forget them."""
        faults, self.faults = self.faults, []
        return faults

    def fault(self, code: str, element: Element) -> None:
        """Name something about an element that could not be read."""
        self.faults.append(MessageFault(code, element.line, element.name))


def _sent(element: Element, path: tuple[str, ...]) -> Element | None:
    """Return the first element under ``path`` that has a text."""
    return next((one for one in element.all(*path) if one.text.strip()), None)


def within_limits(data: bytes, limits: Limits) -> bytes:
    """Return ``data``. Raises MessageError where it is larger than allowed."""
    if len(data) > limits.bytes:
        raise MessageError("too_large", f"larger than {limits.bytes} bytes: have it sent in parts", byte=limits.bytes)
    return data


def total_of(values: Sequence[_N | None]) -> _N | None:
    """Return the sum where there are values and each is known; else None: a part is not the whole."""
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(values) else None


def full_of(code: str | None) -> bool | None:
    """Tell whether a container is full, by the codes of ASYCUDA's countries and of UN/EDIFACT 8169; else None."""
    word = (code or "").strip().upper()
    return True if word in _FULL else False if word in _EMPTY else None


def un_number(text: str | None) -> str | None:
    """Return a UN number as four digits (``UN 1830``, ``1830``, ``4`` → ``0004``); 0 and other texts are none."""
    found = re.fullmatch(r"(?:UN)?[ -]?0*([1-9][0-9]{0,3})", text.strip().upper(), re.ASCII) if text else None
    return found[1].zfill(4) if found else None
