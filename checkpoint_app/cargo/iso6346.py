"""Numbers of containers: owner, category, serial number and check digit (ISO 6346 §3 and annex A)."""

from __future__ import annotations

import re

# Four letters and seven digits: the fourth letter is U, J or Z by the standard, but owners and forwarders number
# equipment of their own in the same form, with the same digit.
_FORM = re.compile(r"[A-Z]{4}[0-9]{7}", re.ASCII)
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))


def plain_number(text: str) -> str:
    """Return a number as it is compared: capitals, without blanks, dashes and slashes."""
    return re.sub(r"[\s\-/]", "", text).upper()


def check_digit_of(number: str) -> int | None:
    """Return the digit that the first ten characters demand; None where they are not of the form."""
    if not re.fullmatch(r"[A-Z]{4}[0-9]{6}", number[:10], re.ASCII):
        return None
    values = (_LETTERS[sign] if sign.isalpha() else int(sign) for sign in number[:10])
    return sum(value << place for place, value in enumerate(values)) % 11 % 10


def check_digit_ok(text: str) -> bool | None:
    """Tell whether the last digit is right; None for a number that is not of the form of ISO 6346."""
    number = plain_number(text)
    return int(number[10]) == check_digit_of(number) if _FORM.fullmatch(number) else None
