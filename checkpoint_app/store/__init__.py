"""The encrypted database: migrations, journal, projections, list copies, keys. SQLCipher is imported at first use."""

from checkpoint_app.store.cases import CaseRow, Cases
from checkpoint_app.store.delivery import Delivery
from checkpoint_app.store.encounter_row import EncounterRow
from checkpoint_app.store.errors import (
    AcknowledgementError,
    BodyErasedError,
    ChainBrokenError,
    CorruptError,
    DiskFailedError,
    DiskFullError,
    KeyMissingError,
    KeyringRefusedError,
    KeyringUnavailableError,
    LeaseEndedError,
    NewerDatabaseError,
    OlderVersionError,
    OutOfOrderError,
    ReadOnlyError,
    RolledBackError,
    SegmentError,
    StoreBusyError,
    StoreError,
    StoreExistsError,
    StoreMissingError,
    StoreMisuseError,
    TpmRefusedError,
    TpmUnavailableError,
    WrongKeyError,
    WrongPassphraseError,
    WrongThreadError,
)
from checkpoint_app.store.head import Head, WitnessState
from checkpoint_app.store.journal import Checked, Journal, Outbox
from checkpoint_app.store.keyring_key import create_keyring_key, open_keyring_key
from checkpoint_app.store.keys import KeyKind, StoreKey, key_kind, memory_key
from checkpoint_app.store.leases import Lease, Leases
from checkpoint_app.store.lists import Layer, ListCopy, Lists
from checkpoint_app.store.officers import Officer, Officers, PinResult
from checkpoint_app.store.passphrase_key import change_passphrase, create_passphrase_key, open_passphrase_key
from checkpoint_app.store.projections import Crossing, DayCounts, History, Projections, SignIn
from checkpoint_app.store.segments import SegmentReader, SegmentWriter
from checkpoint_app.store.signed_objects import SignedObject, SignedObjects
from checkpoint_app.store.store import Store
from checkpoint_app.store.tpm_key import create_tpm_key, open_tpm_key
from checkpoint_app.store.unlocking import UnlockResult

__all__ = [
    "AcknowledgementError",
    "BodyErasedError",
    "CaseRow",
    "Cases",
    "ChainBrokenError",
    "Checked",
    "CorruptError",
    "Crossing",
    "DayCounts",
    "Delivery",
    "DiskFailedError",
    "DiskFullError",
    "EncounterRow",
    "Head",
    "History",
    "Journal",
    "KeyKind",
    "KeyMissingError",
    "KeyringRefusedError",
    "KeyringUnavailableError",
    "Layer",
    "Lease",
    "LeaseEndedError",
    "Leases",
    "ListCopy",
    "Lists",
    "NewerDatabaseError",
    "Officer",
    "Officers",
    "OlderVersionError",
    "OutOfOrderError",
    "Outbox",
    "PinResult",
    "Projections",
    "ReadOnlyError",
    "RolledBackError",
    "SegmentError",
    "SegmentReader",
    "SegmentWriter",
    "SignIn",
    "SignedObject",
    "SignedObjects",
    "Store",
    "StoreBusyError",
    "StoreError",
    "StoreExistsError",
    "StoreKey",
    "StoreMissingError",
    "StoreMisuseError",
    "TpmRefusedError",
    "TpmUnavailableError",
    "UnlockResult",
    "WitnessState",
    "WrongKeyError",
    "WrongPassphraseError",
    "WrongThreadError",
    "change_passphrase",
    "create_keyring_key",
    "create_passphrase_key",
    "create_tpm_key",
    "key_kind",
    "memory_key",
    "open_keyring_key",
    "open_passphrase_key",
    "open_tpm_key",
]
