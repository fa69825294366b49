"""From one text to lines: what a keyboard wedge types, a chip's data group 1 holds, or an officer pastes."""

from __future__ import annotations

import re

from checkpoint_app.documents.check_digits import upper
from checkpoint_app.documents.errors import MrzError
from checkpoint_app.documents.shape import require_characters, require_shape

_LONGEST_TEXT = 400
_BREAKS = re.compile("[\r\n\t\v\f\x02\x03\x1c-\x1e\x85\u2028\u2029]+")  # also the frame marks of serial readers

# A text without breaks: its length tells the lines (TD3 and MRV-A; TD1; TD2, MRV-B and FRA2; Swiss licence).
_GLUED = {88: (44, 44), 90: (30, 30, 30), 72: (36, 36), 69: (9, 30, 30)}


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines in ``text``, upper case and without spaces, ready for `parse_mrz`.

    Lines end with CR, LF, TAB or both of them, or are glued together and told apart by the total length. Raises
    MrzError, and nothing else, where the text is too long, holds a character that is not of a zone, or fits no format.
    """
    if len(text) > _LONGEST_TEXT:
        raise MrzError("too_long", f"{len(text)} characters are too many for a zone, which has 90 at most")
    chunks = (unspaced(chunk) for chunk in _BREAKS.split(text))
    lines = tuple(chunk for chunk in chunks if chunk)
    for number, line in enumerate(lines, start=1):
        require_characters(line, number)
    if len(lines) == 1:
        lines = _unglue(lines[0])
    require_shape(lines)
    return lines


def unspaced(text: str) -> str:
    """Return ``text`` without spaces and with the letters a to z in upper case; all else stays as it is."""
    return upper("".join(text.split()))


def _unglue(line: str) -> tuple[str, ...]:
    lengths = _GLUED.get(len(line))
    if lengths is None:
        raise MrzError(
            "glued_length",
            f"{len(line)} characters: a zone in one piece has 88, 90 or 72",
            length=str(len(line)),
        )
    ends = [sum(lengths[: count + 1]) for count in range(len(lengths))]
    return tuple(line[end - length : end] for end, length in zip(ends, lengths, strict=True))
