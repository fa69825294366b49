"""What can be wrong with the lists that a centre, or whoever stands on the line, offers."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Why a list was not brought, or no list at all. The words never change; screen, status and journal use them."""

    METADATA_EXPIRED = "metadata_expired"
    """The newest signed word on what is current is too old: somebody may be holding newer lists back (freeze)."""
    ROLLED_BACK = "rolled_back"
    """Older, or less, than what was seen before."""
    MIXED = "mixed"
    """Pieces of different states: one that another does not name."""
    SIGNED_BY_ANOTHER = "signed_by_another"
    """The key that must sign it did not."""
    TOO_LARGE = "too_large"
    """Longer than stated, or than any true piece."""
    TOO_SLOW = "too_slow"
    """It trickled for longer than the whole may take."""
    CUT_SHORT = "cut_short"
    """It ended before its stated length."""
    TAMPERED = "tampered"
    """A package is not the one that its publisher signed for."""
    OTHER_CONTENT = "other_content"
    """The version in force under another digest: a version is one content, never two."""
    ROLE_ENDED = "role_ended"
    """The list's role has ended, with its agreement."""
    NO_GRANT = "no_grant"
    """The centre gave this booth no key for the list."""
    MALFORMED = "malformed"
    """It is not in the form that it must have."""
    MISSING = "missing"
    """The centre does not have what it names."""
    DISK = "disk"
    """The booth's disk is full, failed, or may not be written."""


class FetchError(Exception):
    """A list, or all of them, could not be brought. ``fault`` tells why; the message names only the piece."""

    def __init__(self, fault: Fault, piece: str) -> None:
        super().__init__(f"{piece}: {fault}")
        self.fault = fault
