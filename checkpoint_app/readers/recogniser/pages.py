"""A file → its pages, each decoded when it is asked for: PDF and TIFF have several, any other picture has one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from checkpoint_app.confined import RefusalError
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.picture import decoded, judge, open_picture

MOST_PAGES = 20
_PDF = b"%PDF-"
_PDF_WITHIN = 1024  # bytes in which readers of PDF look for its mark


class Pages(Protocol):
    """The pages of one file; ``count`` is at most MOST_PAGES, whatever the file has."""

    @property
    def count(self) -> int:
        """How many pages can be asked for, at least 1."""
        ...

    def page(self, number: int) -> Pixels:
        """Decode the page ``number`` (from 0): BGR, at most WORK_SIDE a side. Raises RefusalError."""
        ...


def open_pages(data: bytes) -> Pages:
    """Return the pages in ``data``, none decoded yet.

    Raises RefusalError: empty_file, not_a_picture, heic, locked, too_large, unreadable.
    """
    if not data:
        raise RefusalError("empty_file")
    try:
        image = open_picture(data)
    except RefusalError as refusal:
        if refusal.code == "not_a_picture" and _PDF in data[:_PDF_WITHIN]:
            from checkpoint_app.readers.recogniser.pdf import PdfPages  # few files are PDF: 8 MB the others do without

            return PdfPages(data, MOST_PAGES)
        raise
    return _Frames(image) if image.format == "TIFF" else _Single(image)


class _Single:
    """A picture; of an animation, the first frame."""

    count = 1

    def __init__(self, image: Image.Image) -> None:
        self._image = image

    def page(self, number: int) -> Pixels:
        """Decode it."""
        del number
        return decoded(self._image)


class _Frames:
    """The pages of a TIFF. They are sought one by one: a file can claim a million."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self.count = _seekable(image, range(1, MOST_PAGES)) + 1

    def page(self, number: int) -> Pixels:
        """Decode one."""
        if _seekable(self._image, (number,)) != 1:
            raise RefusalError("unreadable")
        judge(*self._image.size)
        return decoded(self._image)


def _seekable(image: Image.Image, numbers: Sequence[int]) -> int:
    """Seek the pages ``numbers`` in turn; returns how many there are before the first that is not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a decoder's remarks on odd files
        for found, number in enumerate(numbers):
            try:
                image.seek(number)
            except Exception:  # noqa: BLE001  no more pages, or a broken one: decoders raise nearly anything
                return found
    return len(numbers)
