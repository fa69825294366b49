"""Name fields of a zone (Doc 9303-3 §4.6): two identifiers, parts, fillers, and truncation, read and written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checkpoint_app.documents.check_digits import FILLER
from checkpoint_app.documents.layout import Kind, is_allowed

SEPARATOR = FILLER * 2
END = FILLER * 3

# The end of the last part that has a letter to spare.
_LAST_SPARE_LETTER = re.compile(r"([A-Z])[A-Z]((?:<+[A-Z])*)$")


@dataclass(frozen=True, slots=True)
class NameField:
    """One identifier: its text with spaces between parts (None if unreadable), its fault, whether its field is full."""

    text: str | None
    fault: str = ""
    full: bool = False


def read_joint_names(field: str) -> tuple[NameField, NameField]:
    """Read a field that holds both identifiers; without a separator the whole field is the primary one.

    After three fillers only fillers can follow: what stands there is cut off, with the fault ``filler``. The last
    cell of the field being used tells that the name may be cut.
    """
    kept, stray = _cut_at_end(field)
    primary, _, secondary = kept.partition(SEPARATOR)
    full = not field.endswith(FILLER)
    misplaced = stray or SEPARATOR in secondary or secondary.startswith(FILLER)
    family = _identifier(primary, full, misplaced=primary.startswith(FILLER) or (stray and not secondary))
    given = _identifier(secondary, full=False, misplaced=bool(secondary) and misplaced)
    return family, given


def read_lone_name(field: str) -> NameField:
    """Read a field of one identifier, as on the French card, where two fillers part given names."""
    kept, stray = _cut_at_end(field)
    return _identifier(kept, full=not field.endswith(FILLER), misplaced=stray or kept.startswith(FILLER))


def _cut_at_end(field: str) -> tuple[str, bool]:
    kept, _, rest = field.partition(END)
    return kept.rstrip(FILLER), bool(rest.strip(FILLER))


def _identifier(text: str, full: bool, misplaced: bool) -> NameField:
    if not is_allowed(text, Kind.NAME):
        return NameField(None, "characters", full)
    return NameField(" ".join(text.replace(FILLER, " ").split()), "filler" if misplaced else "", full)


def write_joint_names(family: str, given: str, width: int) -> str:
    """Return both identifiers (letters, one filler between parts) for a field of ``width`` cells.

    What is too long is cut so that the last cell holds a letter, the sign of truncation, and so that the secondary
    identifier keeps at least one letter (Doc 9303-4 §4.2.3, likewise parts 5 to 7).
    """
    if not given:
        return _shorten(family, width)
    return _shorten(_shorten(family, width - len(SEPARATOR) - 1) + SEPARATOR + given, width)


def write_lone_name(name: str, width: int, gap: int = 1) -> str:
    """Return one identifier for a field of its own, its parts ``gap`` fillers apart."""
    return _shorten(name.replace(FILLER, FILLER * gap), width)


def _shorten(text: str, width: int) -> str:
    """Cut ``text`` to ``width``; where a filler would come last, parts before it give up letters for the next part."""
    if len(text) <= width or text[width - 1] != FILLER:
        return text[:width]
    kept = text[:width].rstrip(FILLER)
    following = text[len(kept) :].lstrip(FILLER)
    gap = len(text) - len(kept) - len(following)
    for _ in range(len(kept) + gap + 1 - width):
        kept = _LAST_SPARE_LETTER.sub(r"\1\2", kept)
    return (kept + FILLER * gap + following)[:width]
