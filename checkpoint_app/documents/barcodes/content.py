"""What a barcode says: a boarding pass, a licence, a seal; by its first bytes, never by its symbology alone."""

from __future__ import annotations

from datetime import date

from checkpoint_app.documents.barcodes.aamva import Licence, is_aamva, parse_aamva
from checkpoint_app.documents.barcodes.bcbp import BoardingPass, is_bcbp, parse_bcbp
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.vds import Seal, is_vds, parse_vds
from checkpoint_app.documents.barcodes.vds_nc import SealNc, parse_vds_nc

MOST_BYTES = 8192  # no symbology of one code holds more
_LINEAR = ("EAN", "UPC", "Code", "ITF", "Codabar", "DataBar")

BarcodeContent = BoardingPass | Licence | Seal | SealNc


def content_of(format: str, data: bytes, today: date) -> BarcodeContent | None:  # noqa: A002  the word of zxing
    """Return what ``data``, the bytes of a barcode of symbology ``format``, says; None where it is of no kind here.

    ``today`` decides years and centuries that a barcode leaves out. Raises BarcodeError where it claims to be of a kind
    and is broken beyond use; what is wrong with one element only is in the value's ``faults``, and the rest stands.
    """
    if format.startswith(_LINEAR):
        return None
    if len(data) > MOST_BYTES:
        raise BarcodeError("too_long", "barcode")
    if is_vds(data):
        return parse_vds(data, today)
    if is_aamva(data):
        return parse_aamva(data)
    if is_bcbp(data):
        return parse_bcbp(data, today)
    return parse_vds_nc(data)
