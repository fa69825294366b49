"""The signs that part an EDIFACT interchange: from its service string UNA, and from the text where that one lies.

Source: ISO 9735-1, "Service string advice"; what senders make of it is in the tests. All signs are bytes, for a
terminator may be a typographic quote of several bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WINDOW = 64 * 1024
_LEAST_USES = 3
_BLANKS = b" \t\r\n\x00"
# The service string has six signs; some senders forget one or two, some write signs of several bytes.
_UNA = re.compile(rb"UNA(.{2,12}?)[ \t\r\n]*(?=UN[BGH])", re.DOTALL)
_UNA_EXACT = re.compile(rb"UNA(.{6})[ \t\r\n]*(?=UN[BGH])", re.DOTALL)
_START = re.compile(rb"UN[BGH][ \t\r\n]*[^A-Za-z0-9 \t\r\n]")
_SYNTAX = re.compile(rb"UNB[ \t\r\n]*[^A-Za-z0-9 \t\r\n](?:UNO[A-Z]|IAT[AB])([^A-Za-z0-9 \t\r\n])")
_NEXT_TAG = re.compile(rb"([^A-Za-z0-9 \t\r\n])[ \t\r\n]*(?:UNG|UNH|BGM|MSG)[^A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Separators:
    """Signs between components, elements and segments, and the one that takes a sign's meaning away (or None)."""

    component: bytes = b":"
    element: bytes = b"+"
    release: bytes | None = b"?"
    terminator: bytes = b"'"


def find_separators(head: bytes) -> tuple[Separators, int] | None:
    """Return the signs and where the first segment starts; None where ``head`` is no EDIFACT.

    ``head`` is the beginning of the interchange: 64 KiB of it are looked at.
    """
    head = head[:_WINDOW]
    first = _START.search(head)
    una = _UNA_EXACT.search(head) or _UNA.search(head)
    if una and first and first.start() < una.start():  # of a second interchange in the same file
        una = None
    start = _START.search(head, una.end()) if una else first
    if start is None:
        return None
    body = head[start.start() :]
    signs = _from_una(_service(una[1], body)) if una else _from_body(body)
    return _as_used(signs, body), start.start()


def _service(service: bytes, body: bytes) -> bytes:
    """Return the service string; blanks at its end are its terminator only where the text knows no other.

    A string that is too short is followed by a blank or a line break as often as one that is whole.
    """
    plain = service.rstrip(_BLANKS)
    last = plain[-1:]
    if len(plain) == len(service) or last in b"?\\.," or plain[:2].count(last):
        return service
    return plain if body.count(last) >= _LEAST_USES else service


def _from_una(service: bytes) -> Separators:
    """Read a service string that may be too short: the terminator is its last sign, the release what is left."""
    if len(service) == 6:
        release = service[3:4]
        return Separators(service[0:1], service[1:2], release if release.strip() else None, service[5:6])
    for quote in (b"\xe2\x80\x99", b"\xe2\x80\x98", b"\xc2\xb4"):
        if service.endswith(quote):
            middle, terminator = service[2 : -len(quote)], quote
            break
    else:
        middle, terminator = service.rstrip(_BLANKS)[2:-1], service.rstrip(_BLANKS)[-1:]
    rest = middle.lstrip(b".,")[:1]
    return Separators(service[0:1], service[1:2], rest if rest.strip() else None, terminator or b"'")


def _from_body(body: bytes) -> Separators:
    """Without a service string the signs of the standard hold, unless the first segments show others."""
    syntax = _SYNTAX.match(body)
    return Separators(component=syntax[1] if syntax else b":")


def _as_used(signs: Separators, body: bytes) -> Separators:
    """Correct signs that the text never uses: an element's follows the first tag, a terminator ends each segment."""
    element = body[3:].lstrip(_BLANKS)[:1]
    terminator = signs.terminator
    if body.count(terminator) < _LEAST_USES and body.count(b"'") > body.count(terminator):
        terminator = b"'"
    elif body.count(terminator) < _LEAST_USES and (found := _NEXT_TAG.search(body, 3)) and found[1] != element:
        terminator = found[1]
    release = None if signs.release in {element, terminator} else signs.release
    return Separators(signs.component, element, release, terminator)
