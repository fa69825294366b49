"""FollowTheMoney entities (persons, organisations, ships, aircraft) as entries, with their documents beside them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from checkpoint_app.screening.entry import Entry, Name, Quality
from checkpoint_app.screening.importers.fields import FieldError, clean, make_name, person_name
from checkpoint_app.screening.importers.joined import Joined
from checkpoint_app.screening.importers.records import (
    LeaveOut,
    list_of,
    make_entry,
    readable,
    schema_of,
    text_of,
    texts_of,
)
from checkpoint_app.screening.importers.report import Tell
from checkpoint_app.screening.importers.source import Lines, utf8

DOCUMENTS = ("Passport", "Identification")
MOST_NAMES_FROM_PARTS = 5

_PROPERTIES = (
    "name", "alias", "weakAlias", "previousName", "abbreviation", "lastName", "firstName", "secondName", "middleName",
    "fatherName", "birthDate", "gender", "nationality", "citizenship", "passportNumber", "idNumber", "birthPlace",
    "birthCountry", "notes",
)  # fmt: skip
_WHOLE_NAMES = (
    ("name", Quality.STRONG),
    ("previousName", Quality.STRONG),
    ("alias", Quality.STRONG),
    ("weakAlias", Quality.WEAK),
)
_MARKS = tuple(f'"{schema}"'.encode() for schema in DOCUMENTS)

Paper = tuple[str, str]
"""A document's number and the state that issued it, as its entity names it."""


def entry_of_ftm(record: Mapping[str, Any], leave_out: LeaveOut, papers: Iterable[Paper] = ()) -> Entry:
    """Return the entry of an entity {id, schema, caption, properties: {name: [...], …}}; ``papers`` are linked to it.

    Publishers that mark their targets also give entities that are named beside one without being listed: not entries.
    """
    named = text_of(record, "schema")
    if named in DOCUMENTS:
        raise FieldError(f"schema {named} is a document: it is joined to the entry of its holder")
    if record.get("target") is False:
        raise FieldError("target: its publisher names it without listing it")
    properties = record["properties"]
    if not isinstance(properties, dict):
        raise FieldError("properties: expected an object")
    schema = schema_of(named)
    given = {key: texts_of(properties, key) for key in _PROPERTIES if key in properties}
    names = _person_names(given, leave_out) if schema == "Person" else _other_names(given, leave_out)
    return make_entry(
        entry_id=text_of(record, "id"),
        schema=schema,
        names=names,
        leave_out=leave_out,
        caption=text_of(record, "caption")[:200],
        births=given.get("birthDate", []),
        sexes=given.get("gender", []),
        states=given.get("nationality", []) + given.get("citizenship", []),
        documents=_documents(given, papers),
        birth_place=", ".join(given.get("birthPlace", []) or given.get("birthCountry", [])),
        remarks=" · ".join(given.get("notes", [])),
        lenient=True,
    )


class Papers:
    """The documents that entities of a file hold, wherever in it they stand; 20 bytes of memory for each."""

    def __init__(self, path: Path) -> None:
        self._found = Joined(path, utf8)
        lines = Lines(path, lambda _line, _reason: None, _if_document)
        for line in lines:
            for holder in _holders(line):
                self._found.add(_key(holder), lines.offset, lines.number)

    def of(self, holder: str) -> list[Paper]:
        """Return the documents of the entity with that id."""
        return [paper for _line, text in self._found.of(_key(holder)) if (paper := _paper(text, holder))]

    def tell_strays(self, on_left_out: Tell) -> None:
        """Tell of the documents whose holder was not asked for, and close the file."""
        for line in self._found.unasked():
            on_left_out(line, "document whose holder is no entry of this source")
        self._found.close()


# -- names -------------------------------------------------------------------------------------------------------------


def _person_names(given: Mapping[str, list[str]], leave_out: LeaveOut) -> list[Name | None]:
    """Return a person's names; the values of lastName tell where a whole name divides."""
    families = given.get("lastName", [])
    names = list(readable(_parts(given), lambda parts: _joined_name(*parts), "name", leave_out))
    for key, quality in _WHOLE_NAMES:
        texts = given.get(key, [])
        names += readable(texts, lambda text, of=quality: person_name(clean(text), of, families), "name", leave_out)  # type: ignore[misc]
    return names


def _parts(given: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield (family, given) of the names that are given in parts, each script by itself.

    Of several family names nothing tells which given name goes with which; then whole names must do, and only where
    there is none the first are taken.
    """
    families = given.get("lastName", [])
    found = False
    for script in dict.fromkeys(map(_script, families)):
        own = {family.casefold(): family for family in families if _script(family) == script}
        firsts = list(_given_names(given, script))
        if len(own) == 1 and (firsts or not given.get("name")):
            found = True
            yield from ((next(iter(own.values())), first) for first in firsts[:MOST_NAMES_FROM_PARTS] or [""])
    if families and not found and not given.get("name"):
        yield families[0], next(_given_names(given, _script(families[0])), "")


def _given_names(given: Mapping[str, list[str]], script: str) -> Iterator[str]:
    """Yield each first name of a script with the further names that are not part of it."""
    firsts = {text.casefold(): text for text in given.get("firstName", []) if _script(text) == script}
    for first in firsts.values():
        parts = [first]
        for key in ("secondName", "middleName", "fatherName"):
            text = next((text for text in given.get(key, []) if _script(text) == script), "")
            if text.casefold() not in " ".join(parts).casefold():
                parts.append(text)
        yield " ".join(parts)


def _joined_name(family: str, given: str) -> Name | None:
    return make_name(clean(family), clean(given), Quality.STRONG)


def _other_names(given: Mapping[str, list[str]], leave_out: LeaveOut) -> list[Name | None]:
    strong = [text for key in ("name", "previousName", "alias") for text in given.get(key, [])]
    weak = [text for key in ("weakAlias", "abbreviation") for text in given.get(key, [])]
    both = [(text, Quality.STRONG) for text in strong] + [(text, Quality.WEAK) for text in weak]
    return list(readable(both, lambda one: make_name(clean(one[0]), "", one[1], whole=True), "name", leave_out))


def _script(text: str) -> str:
    """Return the script of a text's first letter, as Unicode names it."""
    letter = next((c for c in text if c.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


# -- documents ---------------------------------------------------------------------------------------------------------


def _documents(given: Mapping[str, list[str]], papers: Iterable[Paper]) -> list[Paper]:
    """Return the documents, each once: one that is linked tells its issuer, and the entity's own properties do not."""
    linked = list(papers)
    known = {number for number, _issuer in linked}
    own = (number for key in ("passportNumber", "idNumber") for number in given.get(key, []))
    return linked + [(number, "") for number in own if number not in known]


def _if_document(raw: bytes) -> str:
    """Return the text of a line that may be a document; of others only that there is one."""
    return (utf8(raw) or "") if any(mark in raw for mark in _MARKS) else ""


def _holders(line: str) -> Sequence[str]:
    try:
        record = json.loads(line) if line else None
        if not isinstance(record, dict) or record.get("schema") not in DOCUMENTS:
            return ()
        return [item for item in list_of(record["properties"], "holder") if isinstance(item, str)]
    except (ValueError, RecursionError, KeyError, AttributeError):  # the reading of the line itself will tell
        return ()


def _paper(line: str, holder: str) -> Paper | None:
    """Return the number and state of a document's line, if it names ``holder``, which its key alone does not prove."""
    if holder not in _holders(line):
        return None
    try:
        properties = json.loads(line)["properties"]
        numbers = [number for key in ("number", "passportNumber") for number in texts_of(properties, key)]
        states = texts_of(properties, "country")
    except FieldError:
        return None
    return (numbers[0], states[0] if states else "") if numbers else None


def _key(holder: str) -> int:
    return int.from_bytes(blake2b(holder.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
