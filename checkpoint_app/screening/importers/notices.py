"""Notices as INTERPOL publishes them (JSON): wanted persons with names in parts, and what they are charged with.

The form of a red notice: ``{"entity_id": "2099/1", "name": family, "forename": given, "date_of_birth": "1974/08/12",
"sex_id": "M", "nationalities": ["EC"], "country_of_birth_id": "EC", "place_of_birth": …, "arrest_warrants":
[{"charge": …, "issuing_country_id": …}]}``; of a United Nations notice besides: aliases, identity documents, names at
birth and in the original script. Where more than one spelling of a field was seen, each is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checkpoint_app.documents.codes import country_name
from checkpoint_app.screening.entry import Entry, Name, Quality
from checkpoint_app.screening.importers.fields import clean, make_name, person_name
from checkpoint_app.screening.importers.records import (
    LeaveOut,
    list_of,
    make_entry,
    objects_of,
    readable,
    text_of,
    texts_of,
)
from checkpoint_app.screening.importers.states import state_of

_NUMBERS = ("number", "document_number", "identity_document_number", "id")
_ISSUERS = ("issuing_country_id", "country_id", "issuing_country", "country")
_BIRTH_NAMES = ("name_at_birth", "birth_name")


def is_notice(record: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a notice."""
    return "entity_id" in record and bool({"name", "forename"} & record.keys()) and "properties" not in record


def entry_of_notice(record: Mapping[str, Any], leave_out: LeaveOut) -> Entry:
    """Return the entry of one notice. Raises FieldError."""
    codes = [state_of(text) for text in texts_of(record, "country_of_birth_id")]
    born = [text_of(record, "place_of_birth"), *(country_name(code, "en") for code in codes if code)]
    return make_entry(
        entry_id=text_of(record, "entity_id"),
        schema="Person",
        names=readable(filter(any, _name_parts(record)), lambda parts: _name(*parts), "name", leave_out),
        leave_out=leave_out,
        births=[text.replace("/", "-") for text in texts_of(record, "date_of_birth")],
        sexes=texts_of(record, "sex_id"),
        states=texts_of(record, "nationalities"),
        documents=list(_documents(record)),
        birth_place=", ".join(dict.fromkeys(text for text in born if text)),
        remarks=" · ".join(text for text in _remarks(record) if text),
        lenient=True,
    )


def _name_parts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (family, given) of each name; a name at birth and an alias without a forename have the person's own."""
    family, given = text_of(record, "name"), text_of(record, "forename")
    yield family, given
    for key in _BIRTH_NAMES:
        yield from ((text, given) for text in texts_of(record, key))
    yield text_of(record, "name_in_original_script"), text_of(record, "forename_in_original_script")
    for alias in list_of(record, "aliases"):
        if isinstance(alias, dict):
            yield text_of(alias, "name"), text_of(alias, "forename")
        else:
            yield text_of({"aliases": alias}, "aliases"), ""


def _name(family: str, given: str) -> Name | None:
    """Return a name in its parts; where there is one part only, it may be the whole."""
    family, given = clean(family), clean(given)
    return (
        make_name(family, given, Quality.STRONG) if family and given else person_name(family or given, Quality.STRONG)
    )


def _documents(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in list_of(record, "identity_documents"):
        if isinstance(item, dict):
            yield _first(item, _NUMBERS), _first(item, _ISSUERS)
        else:
            yield text_of({"identity_documents": item}, "identity_documents"), ""


def _remarks(record: Mapping[str, Any]) -> Iterator[str]:
    for warrant in objects_of(record, "arrest_warrants"):
        state = text_of(warrant, "issuing_country_id")
        charge = text_of(warrant, "charge_translation") or text_of(warrant, "charge")
        yield f"{state_of(state) or state}: {charge}" if state else charge
    for key in ("summary", "distinguishing_marks"):
        yield text_of(record, key)


def _first(item: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := text_of(item, key))), "")
