"""The one error that commands raise for a user."""

from __future__ import annotations


class CommandError(Exception):
    """Bad usage or input: the message names the input and the cure. Exit code 2, or 3 for a refused signed set."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code
