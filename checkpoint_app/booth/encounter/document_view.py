"""The left pane and the person panel: what was read of the document, with the mark of each check digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.encounter.doubt_view import doubt_text
from checkpoint_app.booth.record.encounter import Encounter, History, ReadSource
from checkpoint_app.booth.record.zone_doubts import FIELDS, Doubt, doubts_of
from checkpoint_app.booth.view.screen import Box, DocumentView, FieldRow, Mark, PersonView
from checkpoint_app.documents import COMPOSITE, Mrz, PartialDate, country_name

_SEPARATOR = "  ·  "
_ALWAYS = ("issuer", "document_number", "birth_date", "expiry_date")


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
        boxes=_boxes(encounter),
        mrz=encounter.mrz.lines,
        fields=field_rows(encounter, words),
        image_name=picture.name if picture else "",
    )


def _boxes(encounter: Encounter) -> tuple[Box, ...]:
    """Return the boxes on the page; dashed ones as long as something is in doubt."""
    boxes = encounter.picture.boxes if encounter.picture else ()
    return boxes if encounter.doubts else tuple(replace(box, doubtful=False) for box in boxes)


def _state_word(encounter: Encounter, words: Words) -> str:
    if encounter.source is ReadSource.TYPED or encounter.by_hand:
        return words.say("document.by_hand")
    if encounter.doubtful or encounter.doubts:
        return words.say("document.doubtful")
    return words.say("document.confirmed") if encounter.confirmed else ""


def field_rows(encounter: Encounter, words: Words) -> tuple[FieldRow, ...]:
    """Return the rows of the document pane: type, fields with their marks, and the sum of the check digits."""
    mrz = encounter.mrz
    rows = [FieldRow(words.say("document.field.type"), _kind(mrz, words))]
    doubts = doubts_of(mrz, encounter.doubts)
    looked_at = {*(doubt.field for doubt in doubts), *encounter.confirmed, *encounter.by_hand}
    rows += [_row(encounter, name, doubts, words) for name in FIELDS if _shown(mrz, name) or name in looked_at]
    if mrz.check_digits:
        rows.append(_sum_row(encounter, doubts, words))
    return tuple(rows)


def _sum_row(encounter: Encounter, doubts: tuple[Doubt, ...], words: Words) -> FieldRow:
    digits = encounter.mrz.check_digits
    right, total = sum(digit.ok for digit in digits), len(digits)
    mark, text = (Mark.TICK, "") if right == total else (Mark.WRONG, "")
    if mark is Mark.TICK:
        mark, text = _looked_at(encounter, COMPOSITE, doubts, words) or (mark, text)
    return FieldRow(
        words.say("document.field.composite"), words.say("document.digits", right=right, all=total), mark, text
    )


def _looked_at(encounter: Encounter, name: str, doubts: tuple[Doubt, ...], words: Words) -> tuple[Mark, str] | None:
    """Return how an officer's eye comes into a field: asked for, or given."""
    if own := [doubt for doubt in doubts if doubt.field == name]:
        return Mark.DOUBT, doubt_text(own, words)
    if name in encounter.by_hand:
        return Mark.BY_HAND, words.say("document.by_hand")
    return (Mark.CONFIRMED, words.say("document.confirmed")) if name in encounter.confirmed else None


def _kind(mrz: Mrz, words: Words) -> str:
    """Return what kind of document it is: its code's own word where the code says more than the format does."""
    code = mrz.document.document_code or ""
    if len(code) > 1 and words.knows(f"document.type.{code}"):
        return words.say(f"document.type.{code}")
    return words.say(f"document.format.{mrz.document.format.value}")


def _shown(mrz: Mrz, name: str) -> bool:
    return name in _ALWAYS or (name == "optional_data" and bool(mrz.document.optional_data))


def _row(encounter: Encounter, name: str, doubts: tuple[Doubt, ...], words: Words) -> FieldRow:
    mrz = encounter.mrz
    label = words.say(f"document.field.{name}")
    value = _value(mrz, name, words)
    digit = next((d for d in mrz.check_digits if d.field == name), None)
    if name in encounter.by_hand and (digit is None or digit.ok):
        return FieldRow(label, value, Mark.BY_HAND, words.say("document.by_hand"))
    if not value or (digit is None and any(f.field == name for f in mrz.faults)):
        return FieldRow(label, value or words.say("document.unread"), Mark.UNREAD, words.say("document.unread"))
    looked_at = _looked_at(encounter, name, doubts, words)
    if digit is None or digit.ok:
        return FieldRow(label, value, *(looked_at or ((Mark.TICK,) if digit is not None else ())))
    wrong = words.say("document.digit_wrong", read=digit.read, computed=digit.computed)
    return FieldRow(label, value, Mark.WRONG, f"{wrong}; {looked_at[1]}" if looked_at else wrong)


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
    history = history_text(encounter.history, words)
    if encounter.vehicle:  # beside the facts it would have no room
        history = _SEPARATOR.join((words.say("person.vehicle", plate=encounter.vehicle), history))
    return PersonView(
        family_name=document.family_name or document.given_names or words.say(_nameless(encounter)),
        given_names=document.given_names or "" if document.family_name else "",
        facts=_SEPARATOR.join(fact for fact in facts if fact),
        history=history,
        portrait=encounter.portrait or None,
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
