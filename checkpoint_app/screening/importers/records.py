"""One JSON object to one entry: FollowTheMoney entities, the plain form, and our own plain form of entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedDocument, ListedNumber, Name, Quality
from checkpoint_app.screening.importers.fields import (
    MAX_TEXT,
    FieldError,
    clean,
    distinct,
    listed_date,
    make_name,
    person_name,
    sex_of,
    state_code,
)
from checkpoint_app.screening.plain import MAX_PARTS, entry_from_plain

MAX_ID = 200
MAX_VALUES = 500

ENTITIES = frozenset({"Entity", "LegalEntity", "Organization", "Company", "PublicBody"})

LeaveOut = Callable[[str], None]


def entry_of_object(record: Mapping[str, Any], leave_out: LeaveOut) -> Entry:
    """Return the entry of one JSON object, by the keys it has. Raises FieldError or RecordError."""
    if "properties" in record:
        return entry_of_ftm(record, leave_out)
    if "names" in record:
        return entry_of_ours(record)
    return entry_of_plain(record, leave_out)


def number_of_object(record: Mapping[str, Any], default: DocumentCategory) -> ListedNumber:
    """Return the listed number of one JSON object {number, issuer, category}. Raises FieldError."""
    return make_number(_text(record, "number"), _text(record, "issuer"), _text(record, "category"), default)


def entry_of_ours(record: Mapping[str, Any]) -> Entry:
    """Return the entry of our own plain form, as `screening.entry_to_plain` writes it."""
    entry = entry_from_plain(record)
    _schema(entry.schema)
    if not any(name.family or name.given for name in entry.names):
        raise FieldError("name: none is given that can be compared")
    for listed in entry.birth_dates:
        listed_date(listed.first if listed.first == listed.last else f"{listed.first}/{listed.last}")
    return entry


def entry_of_ftm(record: Mapping[str, Any], leave_out: LeaveOut) -> Entry:
    """Return the entry of a FollowTheMoney entity {id, schema, caption, properties: {name: [...], …}}.

    Publishers that mark their targets also give entities that are named beside one without being listed: not entries.
    """
    if record.get("target") is False:
        raise FieldError("target: its publisher names it without listing it")
    properties = record["properties"]
    if not isinstance(properties, dict):
        raise FieldError("properties: expected an object")
    schema = _schema(_text(record, "schema"))
    given = {key: _texts(properties, key) for key in _FTM_PROPERTIES if key in properties}
    names = _ftm_names(given) if schema == "Person" else _entity_names(given)
    return make_entry(
        entry_id=_text(record, "id"),
        schema=schema,
        names=names,
        leave_out=leave_out,
        caption=clean(_text(record, "caption")),
        births=given.get("birthDate", []),
        sexes=given.get("gender", []),
        states=given.get("nationality", []) + given.get("citizenship", []),
        documents=[(number, "") for key in ("passportNumber", "idNumber") for number in given.get(key, [])],
        birth_place=", ".join(given.get("birthPlace", [])),
        remarks=" · ".join(given.get("notes", [])),
    )


def entry_of_plain(record: Mapping[str, Any], leave_out: LeaveOut) -> Entry:
    """Return the entry of the plain form {id, schema, surname, given, aliases, dob, sex, nationality, documents}."""
    schema = _schema(_text(record, "schema") or "Person")
    parts = [record, *_objects(record, "aliases")]
    names = [_plain_name(part, schema) for part in parts]
    return make_entry(
        entry_id=_text(record, "id"),
        schema=schema,
        names=names,
        leave_out=leave_out,
        births=_texts(record, "dob"),
        sexes=[_text(record, "sex")],
        states=_texts(record, "nationality"),
        documents=[_plain_document(item) for item in _list(record, "documents")],
        birth_place=_text(record, "birth_place"),
        handling=tuple(_texts(record, "handling")),
        remarks=_text(record, "remarks"),
    )


def make_entry(
    *,
    entry_id: str,
    schema: str,
    names: Iterable[Name | None],
    leave_out: LeaveOut,
    caption: str = "",
    births: Iterable[str] = (),
    order: str = "ymd",
    sexes: Iterable[str] = (),
    states: Iterable[str] = (),
    documents: Iterable[tuple[str, str]] = (),
    birth_place: str = "",
    handling: tuple[str, ...] = (),
    remarks: str = "",
) -> Entry:
    """Return the entry of texts as a source gives them, or raise FieldError naming the field that cannot be read.

    What is left out is told: names in a script without transliteration, states without an ICAO code.
    """
    if not 0 < len(clean(entry_id)) <= MAX_ID:
        raise FieldError(f"id: expected 1 to {MAX_ID} characters")
    given_names = list(names)
    taken = distinct((name for name in given_names if name is not None), caption)
    if not taken:
        raise FieldError("name: none is given that can be compared")
    _tell(leave_out, given_names.count(None), "name in a script without transliteration")
    stated = [state for state in states if state.strip()]
    codes = [state_code(state) for state in stated]
    _tell(leave_out, codes.count(""), "nationality without an ICAO code")
    entry = Entry(
        id=clean(entry_id),
        schema=schema,
        names=taken,
        birth_dates=_once(listed_date(text, order) for text in births if text.strip()),
        sex=sex_of(sexes),
        nationalities=_once(code for code in codes if code),
        documents=_once(_document(number, issuer, leave_out) for number, issuer in documents if number.strip()),
        birth_place=_shortened(birth_place),
        handling=_once(clean(code) for code in handling if code.strip()),
        remarks=_shortened(remarks),
    )
    for field in ("names", "birth_dates", "nationalities", "documents", "handling"):
        if len(getattr(entry, field)) > MAX_PARTS:
            raise FieldError(f"{field}: more than {MAX_PARTS} different ones")
    return entry


def make_number(number: str, issuer: str, category: str, default: DocumentCategory) -> ListedNumber:
    """Return a listed number; an empty category is ``default``. Raises FieldError."""
    code = state_code(issuer)
    if issuer.strip() and not code:
        raise FieldError("issuer: not an ICAO or ISO code of a state")
    try:
        listed_for = DocumentCategory(category.strip().casefold()) if category.strip() else default
    except ValueError as error:
        raise FieldError(f"category: expected one of {', '.join(DocumentCategory)}") from error
    return ListedNumber(_number(number), code, listed_for)


_FTM_PROPERTIES = (
    "name", "alias", "weakAlias", "previousName", "abbreviation", "lastName", "firstName", "secondName", "middleName",
    "fatherName", "birthDate", "gender", "nationality", "citizenship", "passportNumber", "idNumber", "birthPlace",
    "notes",
)  # fmt: skip


def _ftm_names(given: Mapping[str, list[str]]) -> list[Name | None]:
    """Return a person's names; the values of lastName tell where a whole name divides.

    Parts of several names cannot be paired, so they make a name of their own only where each is given once, or where
    there is no whole name at all.
    """
    families = given.get("lastName", [])
    firsts = given.get("firstName", [])
    names: list[Name | None] = []
    if families and ((len(families) == 1 and len(firsts) == 1) or not given.get("name")):
        names.append(make_name(clean(families[0]), clean(" ".join(_given_parts(given))), Quality.STRONG))
    for key, quality in (
        ("name", Quality.STRONG),
        ("previousName", Quality.STRONG),
        ("alias", Quality.STRONG),
        ("weakAlias", Quality.WEAK),
    ):
        names += [person_name(clean(text), quality, families) for text in given.get(key, [])]
    return names


def _given_parts(given: Mapping[str, list[str]]) -> list[str]:
    """Return the first of each kind of given name that is not part of those before it."""
    parts: list[str] = []
    for key in ("firstName", "secondName", "middleName", "fatherName"):
        for text in given.get(key, [])[:1]:
            if text.casefold() not in " ".join(parts).casefold():
                parts.append(text)
    return parts


def _entity_names(given: Mapping[str, list[str]]) -> list[Name | None]:
    strong = [text for key in ("name", "previousName", "alias") for text in given.get(key, [])]
    weak = [text for key in ("weakAlias", "abbreviation") for text in given.get(key, [])]
    return [make_name(clean(text), "", Quality.STRONG, whole=True) for text in strong] + [
        make_name(clean(text), "", Quality.WEAK, whole=True) for text in weak
    ]


def _plain_name(part: Mapping[str, Any], schema: str) -> Name | None:
    quality = _text(part, "quality").casefold() or "strong"
    if quality not in ("strong", "weak"):
        raise FieldError("quality: expected strong or weak")
    family, given = clean(_text(part, "surname")), clean(_text(part, "given"))
    whole = clean(_text(part, "name"))
    if whole and not (family or given):
        if schema == "Person":
            return person_name(whole, Quality(quality))
        family = whole
    if not (family or given):
        raise FieldError("name: surname and given are both empty")
    return make_name(family, given, Quality(quality), whole=schema != "Person")


def _plain_document(item: Any) -> tuple[str, str]:
    if isinstance(item, str):
        return item, ""
    if isinstance(item, dict):
        return _text(item, "number"), _text(item, "issuer")
    raise FieldError("documents: expected texts or objects with number and issuer")


def _schema(text: str) -> str:
    if text == "Person":
        return text
    if text in ENTITIES:
        return "Entity"
    # The word is the source's own vocabulary, yet outside data: only a plain word is repeated.
    raise FieldError(f"schema {text if text.isascii() and text.isalpha() and len(text) <= 30 else '?'} is not screened")


def _document(number: str, issuer: str, leave_out: LeaveOut) -> ListedDocument:
    code = state_code(issuer)
    _tell(leave_out, int(bool(issuer.strip()) and not code), "document's issuer without an ICAO code")
    return ListedDocument(_number(number), code)


def _number(text: str) -> str:
    number = clean(text)
    if not 3 <= sum(c.isascii() and c.isalnum() for c in number) <= len(number) <= 40:
        raise FieldError("document number: expected 3 to 40 letters and digits")
    return number


def _shortened(text: str) -> str:
    return clean(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 2] + " …")


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _tell(leave_out: LeaveOut, count: int, reason: str) -> None:
    for _ in range(count):
        leave_out(reason)


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise FieldError(f"{key}: expected a text")
    return value


def _texts(record: Mapping[str, Any], key: str) -> list[str]:
    return [_text({key: item}, key) for item in _list(record, key)]


def _objects(record: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    items = _list(record, key)
    if not all(isinstance(item, dict) for item in items):
        raise FieldError(f"{key}: expected objects")
    return items


def _list(record: Mapping[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_VALUES:
        raise FieldError(f"{key}: more than {MAX_VALUES} values")
    return items
