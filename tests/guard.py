"""One guard of an invariant: see `guarded` for all of them, `guards` for what is done with them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: the invariant it holds, what it does, its text in a file, what stands there without it, its test."""

    invariant: int
    what: str
    file: str
    text: str
    without: str
    test: str

    @property
    def row(self) -> str:
        """The row's beginning in the document."""
        return f"| {self.invariant} | {self.what} (`{self.file}`) | `{self.test}` |"
