"""Entry by hand: the lines of a zone as typed, or its fields; and how the check digits stand while typing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from checkpoint_app.documents import (
    CheckDigit,
    Format,
    Mrz,
    MrzError,
    PartialDate,
    Sex,
    TravelDocument,
    check_digit,
    parse_mrz,
    split_lines,
    to_mrz,
)
from checkpoint_app.documents.layout import LAYOUTS, cut

_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_SHORT_DATE = re.compile(r"[0-9<]{6}")
_DATES = ("birth_date", "expiry_date")
_TEXTS = (
    "document_code",
    "issuer",
    "document_number",
    "nationality",
    "family_name",
    "given_names",
    "optional_data",
    "optional_data_2",
)
FIELDS = (*_TEXTS, *_DATES, "sex")


@dataclass(frozen=True, slots=True)
class Typing:
    """Lines while they are typed: the format they seem to be of, and each check digit that is already complete."""

    lines: tuple[str, ...]
    format: Format
    digits: tuple[CheckDigit, ...]


def read_lines(text: str, today: date) -> Mrz:
    """Return the zone in ``text``: typed, pasted, or sent by a keyboard wedge. Raises MrzError."""
    return parse_mrz(split_lines(text), today)


def read_fields(fields: Mapping[str, str], today: date, format_: Format = Format.TD3) -> Mrz:
    """Return the zone that states ``fields`` (names as in FIELDS; dates ISO, partly known, or yymmdd).

    Check digits are computed, so all that can be wrong is a field itself. Raises MrzError, naming the field.
    """
    for name in fields:
        if name not in FIELDS:
            raise MrzError("field", f"{name} is no field of a zone", field=name)
    texts = {name: fields[name].strip().upper() for name in _TEXTS if fields.get(name, "").strip()}
    dates = {name: _date(name, fields[name]) for name in _DATES if fields.get(name, "").strip()}
    document = TravelDocument(format_, **texts, **dates, sex=_sex(fields.get("sex", "")))  # type: ignore[arg-type]
    return parse_mrz(to_mrz(document), today)


def typing(text: str) -> Typing:
    """Return how far ``text``, being typed, has come: each check digit is judged once its own cell is there.

    Case and spaces don't matter; characters that no zone can hold are left to ``read_lines`` to refuse.
    """
    lines = tuple("".join(line.split()).upper() for line in text.splitlines() if line.strip())
    format_ = _seeming_format(lines)
    digits = []
    for rule in LAYOUTS[format_].digits:
        if rule.line > len(lines) or rule.column > len(lines[rule.line - 1]):
            continue
        covered = "".join(cut(lines, span) for span in rule.covers)
        if len(covered) < sum(span.last - span.first + 1 for span in rule.covers):
            continue
        read = lines[rule.line - 1][rule.column - 1]
        digits.append(CheckDigit(rule.field, rule.line, rule.column, read, _computed(covered, read)))
    return Typing(lines, format_, tuple(digits))


def _computed(covered: str, read: str) -> str:
    if read == "<" and not covered.strip("<"):  # the digit of a field that is not used may be a filler
        return read
    try:
        return check_digit(covered)
    except KeyError:
        return ""


def _seeming_format(lines: tuple[str, ...]) -> Format:
    first = lines[0] if lines else ""
    if len(lines) > 2 or (len(lines) == 2 and len(first) == 30):
        return Format.TD1
    if first.startswith("P") or len(first) > 36:
        return Format.MRVA if first.startswith("V") else Format.TD3
    if first.startswith("IDFRA") and len(first) == 36:
        return Format.FRA2
    if first.startswith("V"):
        return Format.MRVB if len(lines) == 2 else Format.MRVA
    return Format.TD2 if len(first) > 30 else Format.TD1


def _date(field: str, text: str) -> PartialDate:
    text = text.strip()
    if _SHORT_DATE.fullmatch(text):
        return PartialDate(text)
    match = _ISO_DATE.fullmatch(text)
    if match is None:
        raise MrzError("field", f"{field} is no date: write it like 1974-08-12, 1974-08 or 1974", field=field)
    year, month, day = (None if part is None else int(part) for part in match.groups())
    raw = "".join((match[1][2:], match[2] or "<<", match[3] or "<<"))
    return PartialDate(raw, year, month, day)


def _sex(text: str) -> Sex:
    try:
        return Sex(text.strip().upper().replace("<", ""))
    except ValueError:
        raise MrzError("field", "sex is M, F, X or nothing", field="sex") from None
