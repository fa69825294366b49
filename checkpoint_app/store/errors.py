"""Everything that can go wrong with the store, as errors of its own; `code` is stable, an officer can read it out.

StoreError
├── the key       WrongKeyError  WrongPassphraseError  KeyMissingError  KeyringUnavailableError  KeyringRefusedError
│                 TpmUnavailableError  TpmRefusedError
├── the disk      DiskFullError  ReadOnlyError  DiskFailedError  CorruptError
├── the file      NewerDatabaseError  StoreMissingError  StoreExistsError  StoreBusyError  RolledBackError
├── the contents  OlderVersionError  OutOfOrderError  LeaseEndedError  BodyErasedError  SegmentError  ChainBrokenError
│                 AcknowledgementError
└── a defect      StoreMisuseError  WrongThreadError
"""

from __future__ import annotations

from typing import ClassVar


class StoreError(Exception):
    """Root of the room's errors. ``code`` names the kind of error and never changes."""

    code: ClassVar[str] = "store"


class WrongKeyError(StoreError):
    """The key does not open the database (or its first page is destroyed: SQLCipher cannot tell the two apart)."""

    code = "store-wrong-key"


class WrongPassphraseError(WrongKeyError):
    """The passphrase does not unwrap the store's key."""

    code = "store-wrong-passphrase"


class KeyMissingError(StoreError):
    """The place that should hold the store's key does not have it, or the key file is damaged."""

    code = "store-key-missing"


class KeyringUnavailableError(StoreError):
    """No allowed keyring of the operating system proved itself in time."""

    code = "store-keyring-unavailable"


class KeyringRefusedError(KeyringUnavailableError):
    """This keyring backend is not one that keeps a secret."""

    code = "store-keyring-refused"


class TpmUnavailableError(StoreError):
    """There is no TPM here that systemd-creds can use, or it does not answer."""

    code = "store-tpm-unavailable"


class TpmRefusedError(StoreError):
    """The TPM does not seal the key, or does not open it: another machine, or one that starts otherwise."""

    code = "store-tpm-refused"


class DiskFullError(StoreError):
    """There is no room left; nothing of the act was recorded."""

    code = "store-disk-full"


class ReadOnlyError(StoreError):
    """The data folder cannot be written."""

    code = "store-read-only"


class DiskFailedError(StoreError):
    """The disk reported an error; the act does not count as recorded (though the next start may find it whole)."""

    code = "store-disk-failed"


class CorruptError(StoreError):
    """The database file is damaged."""

    code = "store-corrupt"


class NewerDatabaseError(StoreError):
    """The database was written by a newer version of the program."""

    code = "store-newer"


class StoreMissingError(StoreError):
    """There is no database in the data folder."""

    code = "store-missing"


class StoreExistsError(StoreError):
    """There is a database in the data folder already; it is never overwritten."""

    code = "store-exists"


class StoreBusyError(StoreError):
    """Another process has the data folder open. ``holder`` is its process id, where it told one."""

    code = "store-busy"

    def __init__(self, message: str, holder: int | None = None) -> None:
        super().__init__(message)
        self.holder = holder


class RolledBackError(StoreError):
    """The journal lacks events that were once in it: the disk, or the file, was put back to an earlier state."""

    code = "store-rolled-back"


class OlderVersionError(StoreError):
    """What was offered is not newer than what is in force (invariant 5)."""

    code = "store-older-version"


class OutOfOrderError(StoreError):
    """A delta is not a step from what is in force."""

    code = "store-out-of-order"


class LeaseEndedError(StoreError):
    """The lease of a list has ended: its content key was erased."""

    code = "store-lease-ended"


class BodyErasedError(StoreError):
    """The body of this event was erased at its time; its header and its place in the chain remain."""

    code = "store-body-erased"


class SegmentError(StoreError):
    """A segment file is damaged, cut, or sealed under another key."""

    code = "store-segment"


class ChainBrokenError(StoreError):
    """The journal's chain does not hold: an event is missing, altered, or out of its order."""

    code = "store-chain-broken"


class AcknowledgementError(StoreError):
    """The acknowledged event is not in this journal, or another is: booth and centre follow different chains."""

    code = "store-other-chain"


class StoreMisuseError(StoreError):
    """The program used the store wrongly: a defect, never the officer's doing."""

    code = "store-misuse"


class WrongThreadError(StoreMisuseError):
    """The store was used from a thread that does not own it."""

    code = "store-wrong-thread"
