"""The pages of a PDF (ISO 32000), drawn by PDFium: as a scanner's files are, a picture a page.

No script runs and no form is filled in: PDFium is built without either here, and neither is set up. A page's pictures
are judged by their sizes before they are drawn.
"""

from __future__ import annotations

import math

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.picture import WORK_SIDE, judge

_POINTS = 72  # an inch
_DPI = 300
_LEAST_SIDE = 1_600  # pixels: a picture laid on a tiny page is not to lose its own
_MOST_OBJECTS = 20_000
_DEPTH = 3
_LOCKED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


class PdfPages:
    """The pages of the PDF in ``data``, at most ``most``. Raises RefusalError: locked, unreadable."""

    def __init__(self, data: bytes, most: int) -> None:
        try:
            self._document = pypdfium2.PdfDocument(data)
            self.count = min(len(self._document), most)
        except pypdfium2.PdfiumError as error:
            # PDFium may still show the error of an earlier file.
            locked = error.err_code in _LOCKED and b"/Encrypt" in data
            raise RefusalError("locked" if locked else "unreadable") from None
        if self.count < 1:
            raise RefusalError("unreadable")

    def page(self, number: int) -> Pixels:
        """Draw one: BGR, 300 dots an inch, at most WORK_SIDE a side. Raises RefusalError: too_large, unreadable."""
        try:
            page = self._document[number]
            try:
                _judge_pictures(page)
                # The array is the bitmap's own memory, which goes with the page.
                return np.array(page.render(scale=_scale(*page.get_size())).to_numpy()[:, :, :3])
            finally:
                page.close()
        except MemoryError:
            raise RefusalError("too_large") from None
        except (pypdfium2.PdfiumError, ValueError):
            raise RefusalError("unreadable") from None


def _scale(width: float, height: float) -> float:
    """Return pixels a point for a page of ``width`` × ``height`` points."""
    longer = max(width, height)
    if not (math.isfinite(longer) and min(width, height) > 0):
        raise RefusalError("unreadable")
    return min(max(_DPI / _POINTS, _LEAST_SIDE / longer), WORK_SIDE / longer)


def _judge_pictures(page: pypdfium2.PdfPage) -> None:
    for number, found in enumerate(page.get_objects(max_depth=_DEPTH)):
        if number > _MOST_OBJECTS:
            raise RefusalError("too_large")
        if isinstance(found, pypdfium2.PdfImage):
            judge(*found.get_px_size())
