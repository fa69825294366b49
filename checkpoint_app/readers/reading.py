"""What a picture gave, and why one gave nothing."""

from __future__ import annotations

from dataclasses import dataclass

from checkpoint_app.documents import Mrz
from checkpoint_app.readers.recogniser.message import FieldBox, LineStrip

# Code → what is wrong and what to do about it; the booth has the same in the officer's language.
READ_ERRORS = {
    "empty_file": "the file is empty: take the picture again",
    "not_a_picture": "this is no picture: JPEG, PNG, TIFF, WebP, BMP, GIF, JPEG 2000 or PDF can be read",
    "heic": "a phone's HEIC picture cannot be read: set its camera to the most compatible format, which is JPEG",
    "locked": "the PDF is locked by a password: save it without one, or take a picture",
    "too_large": "the picture is too large: at most 36 megapixels (JPEG 50), 16,000 pixels a side and 32 MB are read",
    "unreadable": "the picture is damaged: take it again",
    "too_slow": "reading took too long and was stopped: take the picture again, closer and sharper",
    "failed": "the recogniser failed and was started anew: try again, else enter the lines by hand",
}


class ReadError(Exception):
    """A picture could not be read. ``code`` is a key of READ_ERRORS; nothing of the picture is in the text."""

    def __init__(self, code: str) -> None:
        super().__init__(READ_ERRORS[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode: its symbology (``PDF417``, ``Aztec``, ``QR Code``, ``Data Matrix`` …) and its bytes."""

    format: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What a picture gave.

    ``mrz`` is None where no zone was found. ``valid`` needs more than ``mrz.valid``: also that each character which no
    check digit vouches for was seen clearly. ``confidence`` is 0 to 1 a character; ``doubtful`` cells are (line,
    column) from 0. ``preview`` is a JPEG of at most 1,000 pixels a side made by the confined child, ``preview_size``
    its width and height: the document, upright and deskewed, where a zone was found, else the picture as it is.
    ``boxes`` are fractions of the preview. ``strips`` are the zone's lines as pictures, one each. ``page`` (from 1) of
    ``pages`` is where the zone was found in a file of several.
    """

    mrz: Mrz | None
    valid: bool
    confidence: tuple[tuple[float, ...], ...] = ()
    doubtful: tuple[tuple[int, int], ...] = ()
    boxes: tuple[FieldBox, ...] = ()
    barcodes: tuple[Barcode, ...] = ()
    preview: bytes = b""
    preview_size: tuple[int, int] = (0, 0)
    strips: tuple[LineStrip, ...] = ()
    page: int = 1
    pages: int = 1
    elapsed_ms: float = 0.0

    @property
    def lines(self) -> tuple[str, ...]:
        """The zone's lines, or none."""
        return self.mrz.lines if self.mrz is not None else ()


@dataclass(frozen=True, slots=True)
class Print:
    """What stands beside the zone: lines of print with how sure they are (0 to 1), and the portrait as a JPEG.

    ``portrait`` is empty where none was seen for certain.
    """

    texts: tuple[tuple[str, float], ...] = ()
    portrait: bytes = b""
