"""The one error of this room: a text that is no machine readable zone, or a document that none can state."""

from __future__ import annotations

MRZ_ERROR_CODES = ("empty", "too_long", "line_count", "line_length", "glued_length", "character", "field")


class MrzError(ValueError):
    """A zone that cannot be read or written at all. The message is one clear line without any personal data.

    ``code`` is a stable word (one of ``MRZ_ERROR_CODES``) and
    ``params`` what it is about, so that a booth can say it in its officer's language (``mrz_error.CODE`` in the words).
    """

    def __init__(self, code: str, message: str, **params: str) -> None:
        super().__init__(message)
        self.code = code
        self.params = params
