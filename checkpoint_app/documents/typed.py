"""Help while lines are typed by hand: each check digit is computed for what is there so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import zip_longest

from checkpoint_app.documents.check_digits import FILLER, MRZ_CHARACTERS
from checkpoint_app.documents.glued import unspaced
from checkpoint_app.documents.layout import LAYOUTS
from checkpoint_app.documents.mrz import parse_mrz
from checkpoint_app.documents.values import CheckDigit, Format

_MOST_TYPED = 100


def digits_while_typing(line_texts: Sequence[str], today: date) -> tuple[CheckDigit, ...]:
    """Return the check digits that are typed already, each with what is computed from the rest typed so far.

    Lines may be short, in lower case or with spaces; cells not yet typed and characters that no zone holds count as
    fillers, and what is too much is left out. Never raises.
    """
    typed = [unspaced(line[:_MOST_TYPED]) for line in line_texts if line.strip()]
    layout = LAYOUTS[likely_format(typed)]
    begun = [text for text, _ in zip_longest(typed, layout.lengths, fillvalue="")]
    digits = parse_mrz(list(map(_padded, begun, layout.lengths)), today).check_digits
    return tuple(digit for digit in digits if digit.column <= len(begun[digit.line - 1]))


def likely_format(typed: Sequence[str]) -> Format:
    """Return the format that lines begun by hand (upper case, no spaces) are most likely of; TD3 before anything."""
    if not typed:
        return Format.TD3
    first = typed[0]
    if len(first) == 9 and len(typed) > 1 and typed[1].startswith("F"):
        return Format.CHEDL
    if first.startswith("V"):
        return Format.MRVB if len(first) == 36 and len(typed) > 1 else Format.MRVA
    if not first.startswith(("I", "A", "C")):
        return Format.TD3
    if len(first) <= 30:
        return Format.TD1
    return Format.FRA2 if first.startswith("IDFRA") else Format.TD2


def _padded(line: str, length: int) -> str:
    known = "".join(character if character in MRZ_CHARACTERS else FILLER for character in line[:length])
    return known.ljust(length, FILLER)
