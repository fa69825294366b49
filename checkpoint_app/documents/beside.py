"""What a document states beside its zone, as far as it was read: what the zone is held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from checkpoint_app.documents.barcodes.content import BarcodeContent, content_of
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.seals import SealVerdict, Signers, verify
from checkpoint_app.documents.barcodes.vds import Seal
from checkpoint_app.documents.barcodes.vds_nc import SealNc


@dataclass(frozen=True, slots=True)
class ReadBarcode:
    """A barcode of a known kind: what it says, and whether its seal is genuine where it is one.

    ``content`` is None, and ``fault`` the code of its BarcodeError, where it claims to be of a kind and is broken.
    """

    content: BarcodeContent | None
    seal: SealVerdict | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class PrintedText:
    """A line of print in the visual zone as it was read, and how surely (0 to 1)."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Beside:
    """What was read besides the zone. ``printed`` is None where the visual zone was not looked at."""

    barcodes: tuple[ReadBarcode, ...] = ()
    printed: tuple[PrintedText, ...] | None = None


NOTHING_BESIDE = Beside()


def read_barcodes(codes: Iterable[tuple[str, bytes]], signers: Signers, at: datetime) -> tuple[ReadBarcode, ...]:
    """Return what barcodes (symbology and bytes, each) say as of ``at`` (UTC); those of no known kind are left out."""
    found = []
    for symbology, data in codes:
        try:
            content = content_of(symbology, data, at.date())
        except BarcodeError as error:
            found.append(ReadBarcode(None, fault=error.code))
            continue
        if content is not None:
            seal = verify(content, signers, at) if isinstance(content, Seal | SealNc) else None
            found.append(ReadBarcode(content, seal))
    return tuple(found)
