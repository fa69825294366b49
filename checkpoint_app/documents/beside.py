"""What a document states beside its zone, as far as it was read: what the zone is held against."""

from __future__ import annotations

from dataclasses import dataclass

from checkpoint_app.documents.barcodes.content import BarcodeContent
from checkpoint_app.documents.barcodes.seals import SealVerdict


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
