"""Officers' PINs: their form, and the argon2id verifiers (RFC 9106) that are kept and sent in their place."""

from __future__ import annotations

import re

FEWEST_DIGITS, MOST_DIGITS = 4, 12
_PIN = re.compile(rf"[0-9]{{{FEWEST_DIGITS},{MOST_DIGITS}}}")
_MEMORY_LIMIT_KIB = 256 * 1024
_TIME_LIMIT = 16
_LANES_LIMIT = 8
# The encoded form of the argon2 reference implementation; the parameters are bounded before any memory is taken.
_VERIFIER = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)


def is_pin(text: str) -> bool:
    """Tell whether ``text`` has the form of a PIN: 4 to 12 digits."""
    return _PIN.fullmatch(text) is not None


def make_verifier(pin: str) -> str:
    """Return a fresh argon2id verifier of ``pin`` (64 MiB, three passes; about 0.1 s)."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=2).hash(pin)


def is_verifier(text: str) -> bool:
    """Tell whether ``text`` is an argon2id verifier whose check takes bounded time and memory."""
    found = _VERIFIER.fullmatch(text)
    bounds = (_MEMORY_LIMIT_KIB, _TIME_LIMIT, _LANES_LIMIT)
    return found is not None and all(
        1 <= int(number) <= most for number, most in zip(found.groups(), bounds, strict=True)
    )


def matches(verifier: str, pin: str) -> bool:
    """Tell whether ``pin`` is the one of ``verifier``, a text that ``is_verifier``."""
    from argon2 import PasswordHasher
    from argon2.exceptions import VerificationError

    try:
        return PasswordHasher().verify(verifier, pin)
    except VerificationError:
        return False
