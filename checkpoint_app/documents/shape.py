"""Which format lines are of, by their number, lengths and first letters; refuses what can be no zone."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint_app.documents.check_digits import MRZ_CHARACTERS
from checkpoint_app.documents.errors import MrzError
from checkpoint_app.documents.values import Format

_LONGEST = 44
_NEARER_TO_44 = 40


def require_shape(lines: Sequence[str]) -> Format:
    """Return the format of ``lines``; raises MrzError where there is none or a character is not of a zone."""
    if not lines:
        raise MrzError("empty", "no line: a zone has 2 lines of 44 or 36 characters, or 3 lines of 30")
    if len(lines) not in (2, 3):
        raise MrzError(
            "line_count",
            f"{len(lines)} lines: a zone has 2 lines of 44 or 36 characters, or 3 lines of 30",
            count=str(len(lines)),
        )
    for number, line in enumerate(lines, start=1):
        if len(line) > _LONGEST:
            raise _line_length(number, line, _expected(lines)[number - 1])
        require_characters(line, number)
    expected = _expected(lines)
    for number, (line, length) in enumerate(zip(lines, expected, strict=True), start=1):
        if len(line) != length:
            raise _line_length(number, line, length)
    return _format(lines, expected)


def require_characters(line: str, number: int) -> None:
    """Raise MrzError at the first character of line ``number`` that no zone can hold."""
    for column, character in enumerate(line, start=1):
        if character not in MRZ_CHARACTERS:
            shown = f"U+{ord(character):04X}" + (f" {character}" if character.isprintable() else "")
            raise MrzError(
                "character",
                f"line {number}, place {column}: {shown} cannot stand in a zone; only A to Z, 0 to 9 and < can",
                line=str(number),
                column=str(column),
                character=shown,
            )


def _line_length(number: int, line: str, expected: int) -> MrzError:
    return MrzError(
        "line_length",
        f"line {number} has {len(line)} characters instead of {expected}: type or read it again",
        line=str(number),
        length=str(len(line)),
        expected=str(expected),
    )


def _expected(lines: Sequence[str]) -> tuple[int, ...]:
    """The lengths that these lines come nearest to, so that the refusal names the right line."""
    if len(lines) == 3:
        return (9, 30, 30) if len(lines[0]) == 9 else (30, 30, 30)
    lengths = (len(lines[0]), len(lines[1]))
    passport = lines[0].startswith("P") and lengths != (36, 36)
    return (44, 44) if passport or max(lengths) >= _NEARER_TO_44 else (36, 36)


def _format(lines: Sequence[str], lengths: tuple[int, ...]) -> Format:
    if len(lengths) == 3:
        return Format.CHEDL if lengths[0] == 9 else Format.TD1
    visa = lines[0].startswith("V")
    if lengths[0] == 44:
        return Format.MRVA if visa else Format.TD3
    if lines[0].startswith("IDFRA"):
        return Format.FRA2
    return Format.MRVB if visa else Format.TD2
