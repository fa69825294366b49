"""From lines to a typed document: every field, every check digit, every fault. Pure; `today` is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from checkpoint_app.documents import dates
from checkpoint_app.documents.check_digits import FILLER, check_digit
from checkpoint_app.documents.codes import is_known_code
from checkpoint_app.documents.layout import CARDS, LAYOUTS, DigitRule, Kind, Layout, cut, is_allowed
from checkpoint_app.documents.names import NameField, read_joint_names, read_lone_name
from checkpoint_app.documents.shape import require_shape
from checkpoint_app.documents.values import CheckDigit, Fault, Format, Mrz, PartialDate, Sex, Span, TravelDocument

# The first letter of the document code, where the size does not decide it already; cards never have V as second
# letter (Doc 9303-4 §4.2.2, -5, -6).
_FIRST_LETTERS = {
    Format.TD1: "IAC",
    Format.TD2: "IAC",
    Format.TD3: "P",
    Format.CHEDL: "F",
}


FAULT_CODES = (
    "check_digit",
    "unknown_code",
    "document_code",
    "characters",
    "date",
    "sex",
    "filler",
    "missing",
)


def parse_mrz(lines: Sequence[str], today: date) -> Mrz:
    """Read the lines of a zone, without line breaks, as printed.

    ``today`` decides the century of dates. A field that cannot be read is None and has a fault; the others stand.
    Faults name the document's field, or ``composite``, with one of ``FAULT_CODES``. Raises MrzError, and nothing else,
    where number or lengths of the lines fit no format or a character is none of A to Z, 0 to 9 and the filler.
    """
    layout = LAYOUTS[require_shape(lines)]
    return _Parser(tuple(lines), layout, today).parse()


class _Parser:
    """One zone being read; collects the faults in reading order."""

    def __init__(self, lines: tuple[str, ...], layout: Layout, today: date) -> None:
        self.lines = lines
        self.layout = layout
        self.today = today
        self.long = _long_number(lines, layout)
        self.faults: list[Fault] = []

    def parse(self) -> Mrz:
        document = self._document()
        digits = tuple(self._digit(rule) for rule in self.layout.digits)
        self.faults += [
            Fault(d.field, "check_digit", f"read {d.read}, computed {d.computed}") for d in digits if not d.ok
        ]
        return Mrz(self.lines, document, digits, tuple(self.faults))

    def _document(self) -> TravelDocument:
        self._constant_fillers()
        family, given = self._names()
        return TravelDocument(
            format=self.layout.format,
            document_code=self._document_code(),
            issuer=self._code("issuer"),
            document_number=self._document_number(),
            nationality=self._code("nationality"),
            birth_date=self._date("birth_date"),
            sex=self._sex(),
            expiry_date=self._date("expiry_date"),
            family_name=family.text,
            given_names=given.text,
            optional_data=self._optional("optional_data"),
            optional_data_2=self._optional("optional_data_2"),
            name_truncated=family.full or given.full,
        )

    def _fault(self, field: str, code: str, detail: str = "") -> None:
        self.faults.append(Fault(field, code, detail))

    def _text(self, field: str) -> str:
        """Return what stands in ``field``; nothing where the format has no such field."""
        span = self.layout.span(field)
        return cut(self.lines, span) if span else ""

    def _constant_fillers(self) -> None:
        for span, kind in self.layout.fields:
            if kind is Kind.FILLER and not is_allowed(cut(self.lines, span), kind):
                self._fault(span.field, "filler")

    def _document_code(self) -> str | None:
        text = self._text("document_code")
        if not is_allowed(text, Kind.CODE):
            self._fault("document_code", "characters")
            return None
        code = text.rstrip(FILLER)
        card = self.layout.format in CARDS
        legal = _FIRST_LETTERS.get(self.layout.format)
        if (legal and text[0] not in legal) or (card and text[1] == "V"):
            self._fault("document_code", "document_code", code)
        return code or None

    def _code(self, field: str) -> str | None:
        text = self._text(field)
        if not text:
            return None
        if not is_allowed(text, Kind.CODE):
            self._fault(field, "characters")
            return None
        code = text.rstrip(FILLER)
        if not code:
            self._fault(field, "missing")
            return None
        if not is_known_code(code):
            self._fault(field, "unknown_code", code)
        return code

    def _document_number(self) -> str | None:
        number = self.long.number if self.long else self._text("document_number").rstrip(FILLER)
        if not number:
            self._fault("document_number", "missing")
            return None
        if number.startswith(FILLER):
            self._fault("document_number", "filler")
        return number

    def _optional(self, field: str) -> str | None:
        text = self._text(field)
        if not text:
            return None
        if self.long and field == self.long.place.field:
            text = text[self.long.width :]
        return text.rstrip(FILLER)

    def _date(self, field: str) -> PartialDate | None:
        text = self._text(field)
        if not text:
            return None
        if not is_allowed(text, Kind.DATE):
            self._fault(field, "characters")
            return None
        if field == "expiry_date" and text == dates.UNKNOWN and self.layout.format not in CARDS:
            self._fault(field, "missing")
            return None
        read = dates.read_birth if field == "birth_date" else dates.read_expiry
        try:
            return read(text, self.today)
        except dates.NoSuchDateError:
            self._fault(field, "date", text)
            return None

    def _sex(self) -> Sex | None:
        text = self._text("sex")
        if not text:
            return None
        if not is_allowed(text, Kind.SEX):
            self._fault("sex", "sex", text)
            return None
        return Sex(text.rstrip(FILLER))

    def _names(self) -> tuple[NameField, NameField]:
        joint = self._text("names")
        if joint:
            family, given = read_joint_names(joint)
        else:
            family = read_lone_name(self._text("family_name"))
            given = read_lone_name(self._text("given_names"))
        for field, name in (("family_name", family), ("given_names", given)):
            if name.fault:
                self._fault(field, name.fault)
        if family.text == "":
            self._fault("family_name", "missing")
        return family, given

    def _digit(self, rule: DigitRule) -> CheckDigit:
        if self.long and rule.field == "document_number":
            place = self.long.place
            return CheckDigit(rule.field, place.line, place.last, self.long.read, check_digit(self.long.number))
        covered = "".join(cut(self.lines, span) for span in rule.covers)
        read = self.lines[rule.line - 1][rule.column - 1]
        computed = check_digit(covered)
        # An empty optional field of a passport and an expiry that a card does not have may carry a filler as digit.
        if read == FILLER and not covered.strip(FILLER) and rule.field in ("optional_data", "expiry_date"):
            computed = FILLER
        return CheckDigit(rule.field, rule.line, rule.column, read, computed)


@dataclass(frozen=True, slots=True)
class _LongNumber:
    """A document number of a card that goes on in the optional data: the whole number, its digit, the digit's place."""

    number: str
    read: str
    place: Span
    width: int


def _long_number(lines: tuple[str, ...], layout: Layout) -> _LongNumber | None:
    """Find a number longer than nine characters (Doc 9303-5 and -6, notes on the document number).

    The field holds the first nine, a filler stands for the check digit, and the optional data begin with the rest,
    the check digit and a filler.
    """
    start, rest = layout.span("document_number"), layout.span("optional_data")
    if layout.format not in CARDS or start is None or rest is None:
        return None
    number, optional = cut(lines, start), cut(lines, rest)
    tail, end, _ = optional.partition(FILLER)
    marked = lines[start.line - 1][start.last] == FILLER and not number.endswith(FILLER)
    if not (marked and end and len(tail) >= 2 and tail[-1].isdecimal()):
        return None
    column = rest.first + len(tail) - 1
    return _LongNumber(number + tail[:-1], tail[-1], Span(rest.field, rest.line, column, column), len(tail) + 1)
