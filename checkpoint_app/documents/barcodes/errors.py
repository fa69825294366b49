"""The one error of barcode contents: a barcode that claims to be of a known kind and is broken beyond use."""

from __future__ import annotations

# Code → what is wrong with the barcode's field that the error names.
_SAID = {
    "too_long": "is longer than any barcode can be: read it again",
    "cut_short": "ends too early: read the barcode again",
    "version": "is of a version that is not known here",
    "header": "cannot be made out: read the barcode again",
    "legs": "is no count of flights that a boarding pass can have",
    "no_elements": "holds no element of a licence",
    "length": "has a length that leads out of the barcode",
    "trailing": "is followed by bytes that belong to nothing",
    "json": "is no well-formed JSON of few levels in UTF-8",
    "duplicate_key": "names one thing twice",
    "number": "holds a number that is not whole, or too large",
    "missing": "is missing",
}
BARCODE_ERROR_CODES = tuple(_SAID)


class BarcodeError(ValueError):
    """A barcode that cannot be used at all. The message is one clear line without anything of what it holds.

    ``code`` is a stable word, one of ``BARCODE_ERROR_CODES``; ``field`` tells which part is meant.
    """

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"barcode: {field} {_SAID[code]}")
        self.code = code
        self.field = field
