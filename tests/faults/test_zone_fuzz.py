"""Texts that were once zones: whatever was done to them, each is a typed zone or one clear refusal, in bounded time.

Seeded, so that a find can be repeated; the short form tries 4,000 texts, the long one a million.
"""

from __future__ import annotations

import time
from datetime import date
from random import Random

from checkpoint_app.documents import Mrz, MrzError, digits_while_typing, document_findings, parse_mrz, split_lines
from checkpoint_app.documents.build import to_mrz
from tests.documents.helpers import LONG_TD1, LONG_TD2, SPECIMENS

TODAY = date(2026, 11, 24)
SHORT, LONG = 4_000, 1_000_000
SLOWEST_S = 2.0
ZONES = (*SPECIMENS.values(), LONG_TD1, LONG_TD2)
GAPS = ("\n", "\r\n", "\r", "\t", "", " ", "\n\n", "\x02", "\u2028")
ODD = "<<<<<<0123456789AKUBLVCMWOQ«»‹é\u0130ß\ud800\x00\n\r\t \u00a0\u3000<"


def mutated(random: Random) -> str:
    """Return a zone, perhaps of two, with a few to very many things done to it."""
    lines = list(random.choice(ZONES))
    if random.random() < 0.1:
        lines += random.choice(ZONES)
    text = random.choice(GAPS).join(lines)
    for _ in range(random.choice((0, 1, 1, 2, 3, 5, 8, 40))):
        text = random.choice(DEEDS)(text, random)
    return text


def _replaced(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(ODD) + text[at + 1 :]


def _inserted(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(ODD) * random.choice((1, 1, 2, 30)) + text[at:]


def _cut(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    return text[:start] + text[start + random.choice((1, 1, 2, 10, 44)) :]


def _doubled(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    return text[:start] + text[start : start + 20] + text[start:]


def _swapped(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return text[at:] + text[:at]


def _lower(text: str, random: Random) -> str:
    return text.lower() if random.random() < 0.5 else text.title()


DEEDS = (_replaced, _replaced, _inserted, _cut, _doubled, _swapped, _lower)


def tried(text: str) -> bool:
    """Put a text through all that takes one; tell whether it was a zone. Anything but MrzError comes through."""
    digits_while_typing(text.split("\n"), TODAY)
    refusal = ""
    try:
        _examine(parse_mrz(split_lines(text), TODAY))
    except MrzError as error:
        refusal = str(error)
    assert "\n" not in refusal
    return not refusal


def _examine(mrz: Mrz) -> None:
    assert mrz.valid == (not mrz.faults)
    assert all(digit.ok for digit in mrz.check_digits) or not mrz.valid
    document_findings(mrz, TODAY)
    if mrz.valid:
        assert parse_mrz(to_mrz(mrz.document), TODAY).document == mrz.document


def test_mutated_zones(long_campaign: bool) -> None:
    random = Random(20261124)
    count, zones, slowest = LONG if long_campaign else SHORT, 0, 0.0
    for _ in range(count):
        text = mutated(random)
        began = time.process_time()
        zones += tried(text)
        slowest = max(slowest, time.process_time() - began)
    print(f"{count} texts, {zones} of them zones, slowest {slowest * 1000:.1f} ms of CPU")
    assert slowest < SLOWEST_S
    assert zones > count // 20  # else the mutations are so rough that nothing but refusals was tried
