"""From a document back to the lines of its zone, with every check digit; the inverse of `parse_mrz`."""

from __future__ import annotations

from checkpoint_app.documents.check_digits import FILLER, MRZ_CHARACTERS, check_digit, upper
from checkpoint_app.documents.dates import write_date
from checkpoint_app.documents.errors import MrzError
from checkpoint_app.documents.layout import CARDS, LAYOUTS, Kind, cut, is_allowed
from checkpoint_app.documents.names import write_joint_names, write_lone_name
from checkpoint_app.documents.transliterate import to_mrz_characters, unknown_characters
from checkpoint_app.documents.values import PartialDate, Span, TravelDocument

_NUMBER_WIDTH = 9
_MAY_BE_EMPTY = ("sex", "given_names", "optional_data", "optional_data_2")


def to_mrz(document: TravelDocument) -> tuple[str, ...]:
    """Return the lines of the document's zone.

    National characters are transliterated (Doc 9303-3 §6), names that do not fit are truncated (§4.6 and the parts'
    own rules), a card's number over nine characters goes on in the optional data. Raises MrzError, code ``field``,
    naming the field that is missing, does not fit, or holds a character that no zone can state.
    """
    layout = LAYOUTS[document.format]
    lines = [FILLER * length for length in layout.lengths]
    texts = {span.field: _text(document, span) for span, kind in layout.fields if kind is not Kind.FILLER}
    long = document.format in CARDS and len(texts["document_number"]) > _NUMBER_WIDTH
    if long:
        number = texts["document_number"]
        if FILLER in number[_NUMBER_WIDTH - 1 :]:  # a filler ends the part in the optional data
            raise _unwritable("document_number")
        texts["document_number"] = number[:_NUMBER_WIDTH]
        texts["optional_data"] = number[_NUMBER_WIDTH:] + check_digit(number) + FILLER + texts["optional_data"]
    for span, kind in layout.fields:
        if kind is not Kind.FILLER:
            _put(lines, span, texts[span.field])
    for rule in layout.digits:
        covered = "".join(cut(lines, span) for span in rule.covers)
        elsewhere = long and rule.field == "document_number"
        unused = rule.field == "optional_data" and not covered.strip(FILLER)
        digit = FILLER if elsewhere or unused else check_digit(covered)
        _put(lines, Span(rule.field, rule.line, rule.column, rule.column), digit)
    return tuple(lines)


def _put(lines: list[str], span: Span, text: str) -> None:
    """Write ``text`` at ``span``; raises MrzError where it is too long for it."""
    width = span.last - span.first + 1
    if len(text) > width:
        raise MrzError("field", f"{span.field} has {len(text)} characters; this zone holds {width}", field=span.field)
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.first - 1] + text.ljust(width, FILLER) + line[span.last :]


def _text(document: TravelDocument, span: Span) -> str:
    """Return what stands at ``span``, without the fillers that end it."""
    width = span.last - span.first + 1
    if span.field == "names":
        family = _name("family_name", document.family_name)
        return write_joint_names(family, _name("given_names", document.given_names), width)
    if span.field == "family_name":
        return write_lone_name(_name("family_name", document.family_name), width)
    if span.field == "given_names":
        return write_lone_name(_name("given_names", document.given_names), width, gap=2)
    value: str | PartialDate | None = getattr(document, span.field)
    text = write_date(value) if isinstance(value, PartialDate) else value or ""
    return _checked(span.field, upper(text.strip()).replace(" ", FILLER).replace("-", FILLER))


def _name(field: str, value: str | None) -> str:
    text = _checked(field, to_mrz_characters(value or ""))
    if unknown_characters(value or "") or not is_allowed(text, Kind.NAME):
        raise _unwritable(field)
    return text


def _checked(field: str, text: str) -> str:
    """Return ``text`` if it may stand in a zone; raises MrzError where it is missing or may not."""
    if not text and field not in _MAY_BE_EMPTY:
        raise MrzError("field", f"{field} is missing: a zone cannot be written without it", field=field)
    if not MRZ_CHARACTERS.issuperset(text):
        raise _unwritable(field)
    return text


def _unwritable(field: str) -> MrzError:
    return MrzError("field", f"{field} holds a character that no zone can state", field=field)
