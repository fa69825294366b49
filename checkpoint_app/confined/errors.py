"""Errors of the confined child, as its caller sees them, and the refusal that a handler raises inside it.

ConfinedError
├── ConfinedTimeoutError   no answer in time; the child was killed
├── ConfinedDiedError      the child died, or answered out of form; it was killed
│   └── ConfinedSpentError the child had used up its CPU time
├── ConfinedRefusedError   the handler refused the request by a stable code
└── ConfinedClosedError    the caller had closed it already
"""

from __future__ import annotations

import re

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class ConfinedError(Exception):
    """The confined child gave no answer. The next call starts a new child."""


class ConfinedTimeoutError(ConfinedError, TimeoutError):
    """The child did not answer in time and was killed."""


class ConfinedDiedError(ConfinedError):
    """The child died: out of memory or CPU time, killed, failed, or it answered out of form."""


class ConfinedSpentError(ConfinedDiedError):
    """The child used up the CPU time of one call and was ended by the kernel."""


class ConfinedRefusedError(ConfinedError):
    """The handler refused the request. ``code`` is all that leaves the child: content never does."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the request was refused: {code}")
        self.code = code


class ConfinedClosedError(ConfinedError):
    """It was closed; make a new one."""


class RefusalError(Exception):
    """Raised by a handler, inside the child, to refuse a request by a stable code (``[a-z][a-z0-9_]{0,63}``)."""

    def __init__(self, code: str) -> None:
        if not is_code(code):
            raise ValueError("a refusal's code is a lower-case word")
        super().__init__(code)
        self.code = code


def is_code(text: str) -> bool:
    """Tell whether ``text`` can be the code of a refusal."""
    return _CODE.fullmatch(text) is not None
