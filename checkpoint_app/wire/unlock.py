"""A supervisor's unlock without a line: a challenge on the booth's screen, and the code that answers it, once.

The centre computes the code with the key it shares with that booth; it is read out by telephone or radio. Ten
characters, 50 bits of HMAC-SHA-256 (RFC 2104), bound to booth, officer and challenge.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from checkpoint_app.wire.canonical import canonical_bytes

CODE_CHARACTERS = 10
CHALLENGE_DIGITS = 8
UNLOCK_CONTEXT = b"checkpoint unlock key 1 "
"""What the key is wrapped to a booth under, with the booth's name behind it."""
_TAKEN_FOR = str.maketrans("018", "OIB")


def new_challenge() -> str:
    """Return eight random digits."""
    return f"{secrets.randbelow(10**CHALLENGE_DIGITS):0{CHALLENGE_DIGITS}d}"


def unlock_code(key: bytes, booth: str, officer: str, challenge: str) -> str:
    """Return the code that unlocks ``officer`` at ``booth`` for this ``challenge``; ``key`` has 32 bytes."""
    message = b"checkpoint unlock 1\x00" + canonical_bytes([booth, officer, challenge])
    return base64.b32encode(hmac.digest(key, message, hashlib.sha256)).decode()[:CODE_CHARACTERS]


def is_unlock_code(typed: str, key: bytes, booth: str, officer: str, challenge: str) -> bool:
    """Tell whether ``typed`` is that code; spaces, dashes, case and the digits 0, 1 and 8 for letters don't matter."""
    plain = "".join(typed.split()).replace("-", "").upper().translate(_TAKEN_FOR)
    return hmac.compare_digest(plain.encode("utf-8", "replace"), unlock_code(key, booth, officer, challenge).encode())
