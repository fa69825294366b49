"""The left pane and the person panel: what was read of the document, with the mark of each check digit."""

from __future__ import annotations

from datetime import date, datetime

from checkpoint_app.booth.encounter import Encounter, History, ReadSource
from checkpoint_app.booth.state import DeskState
from checkpoint_app.booth.view import DocumentView, FieldRow, Mark, PersonView
from checkpoint_app.booth.words import Words
from checkpoint_app.documents import Mrz, PartialDate, country_name

_SEPARATOR = "  ·  "
_FIELDS = ("issuer", "document_number", "birth_date", "expiry_date", "optional_data")


def document_view(state: DeskState, words: Words) -> DocumentView:
    """Return the document pane of the open Encounter, or of a read in progress."""
    encounter = state.encounter
    if encounter is None or state.reading:
        return DocumentView(words.say("document.title"), words.say("document.reading"), None, (), (), (), "")
    picture = encounter.picture
    return DocumentView(
        title=words.say("document.title"),
        state=_state_word(encounter, words),
        image=picture.preview if picture else None,
        boxes=picture.boxes if picture else (),
        mrz=encounter.mrz.lines,
        fields=field_rows(encounter, words),
        image_name=picture.name if picture else "",
    )


def _state_word(encounter: Encounter, words: Words) -> str:
    if encounter.source is ReadSource.TYPED or encounter.by_hand:
        return words.say("document.by_hand")
    return words.say("document.doubtful") if encounter.doubtful else ""


def field_rows(encounter: Encounter, words: Words) -> tuple[FieldRow, ...]:
    """Return the rows of the document pane: type, fields with their marks, and the sum of the check digits."""
    mrz = encounter.mrz
    rows = [FieldRow(words.say("document.field.type"), _kind(mrz, words))]
    rows += [_row(encounter, name, words) for name in _FIELDS if _shown(mrz, name)]
    if mrz.check_digits:
        right = sum(digit.ok for digit in mrz.check_digits)
        total = len(mrz.check_digits)
        rows.append(
            FieldRow(
                words.say("document.field.composite"),
                words.say("document.digits", right=right, all=total),
                Mark.TICK if right == total else Mark.WRONG,
            )
        )
    return tuple(rows)


def _kind(mrz: Mrz, words: Words) -> str:
    """Return what kind of document it is: its code's own word where the code says more than the format does."""
    code = mrz.document.document_code or ""
    if len(code) > 1 and words.knows(f"document.type.{code}"):
        return words.say(f"document.type.{code}")
    return words.say(f"document.format.{mrz.document.format.value}")


def _shown(mrz: Mrz, name: str) -> bool:
    return name != "optional_data" or bool(mrz.document.optional_data)


def _row(encounter: Encounter, name: str, words: Words) -> FieldRow:
    mrz = encounter.mrz
    label = words.say(f"document.field.{name}")
    value = _value(mrz, name, words)
    if name in encounter.by_hand:
        return FieldRow(label, value, Mark.BY_HAND, words.say("document.by_hand"))
    digit = next((d for d in mrz.check_digits if d.field == name), None)
    if not value or (digit is None and any(f.field == name for f in mrz.faults)):
        return FieldRow(label, value or words.say("document.unread"), Mark.UNREAD, words.say("document.unread"))
    if digit is None:
        return FieldRow(label, value)
    if digit.ok:
        return FieldRow(label, value, Mark.TICK)
    return FieldRow(
        label, value, Mark.WRONG, words.say("document.digit_wrong", read=digit.read, computed=digit.computed)
    )


def _value(mrz: Mrz, name: str, words: Words) -> str:
    value = getattr(mrz.document, name)
    if value is None:
        return ""
    if name == "issuer":
        country = country_name(value, words.language)
        return value if country == value else f"{value} {country}"
    return value_text(value)


def value_text(value: object) -> str:
    """Return a field's value as text; a date ISO with its unknown parts left out."""
    return (str(value) or value.raw) if isinstance(value, PartialDate) else str(value)


def person_view(encounter: Encounter, today: date, words: Words) -> PersonView:
    """Return the person panel."""
    document = encounter.mrz.document
    facts = [document.nationality or "", document.sex.value if document.sex else ""]
    if document.birth_date:
        facts.append(value_text(document.birth_date))
        if (years := age_in_years(document.birth_date, today)) is not None:
            facts.append(words.say("person.age", years=years).replace(" ", "\u00a0"))
    return PersonView(
        family_name=document.family_name or document.given_names or words.say(_nameless(encounter)),
        given_names=document.given_names or "" if document.family_name else "",
        facts=_SEPARATOR.join(fact for fact in facts if fact),
        history=history_text(encounter.history, words),
    )


def _nameless(encounter: Encounter) -> str:
    return "person.no_document" if encounter.source is ReadSource.NONE else "person.no_name"


def history_text(history: History, words: Words) -> str:
    """Return when this person was here before."""
    entered, left = history.entered_at, history.left_at
    if entered and left:
        return words.say("person.history_both", first=_day(entered), last=_day(left))
    if entered:
        return words.say("person.history_in", date=_day(entered))
    return words.say("person.history_out", date=_day(left)) if left else words.say("person.history_none")


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d}"


def age_in_years(birth: PartialDate, today: date) -> int | None:
    """Return the age in full years, or None where the date of birth is not whole."""
    born = birth.as_date()
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
