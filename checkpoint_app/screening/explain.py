"""The reasons behind a score, from its own numbers: what agrees, nearly agrees, differs, or is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from checkpoint_app.screening.dates import Agreement, pack
from checkpoint_app.screening.entry import Entry, Name, Subject
from checkpoint_app.screening.facts import date_text
from checkpoint_app.screening.fold import fold_number, fold_state
from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import Evidence, NameEvidence, Pair
from checkpoint_app.screening.vocabulary import Likeness
from checkpoint_app.verdict import Reason, Sign

_NAME_SIGNS = {
    "same": Sign.SAME,
    "letter_missing": Sign.NEAR,
    "letter_extra": Sign.NEAR,
    "letter_differs": Sign.NEAR,
    "letters_swapped": Sign.NEAR,
    "spelling": Sign.NEAR,
    "near": Sign.NEAR,
    "truncated": Sign.NEAR,
    "part_missing": Sign.NEAR,
    "part_differs": Sign.NEAR,
    "joined": Sign.NEAR,
    "differs": Sign.DIFFERS,
    "unknown": Sign.UNKNOWN,
}
_BIRTH_SIGNS = {
    Agreement.SAME: Sign.SAME,
    Agreement.YEAR_MONTH: Sign.SAME,
    Agreement.YEAR: Sign.SAME,
    Agreement.IN_RANGE: Sign.NEAR,
    Agreement.SWAPPED: Sign.NEAR,
    Agreement.YEAR_NEAR: Sign.NEAR,
    Agreement.YEAR_DIGIT: Sign.NEAR,
    Agreement.DAY_DIGIT: Sign.NEAR,
    Agreement.DAY_DIFFERS: Sign.DIFFERS,
    Agreement.YEAR_SAME_DAY_DIFFERS: Sign.DIFFERS,
    Agreement.DIFFERS: Sign.DIFFERS,
    Agreement.NOT_LISTED: Sign.UNKNOWN,
    Agreement.NOT_STATED: Sign.UNKNOWN,
}
_FACT_SIGNS = {"same": Sign.SAME, "differs": Sign.DIFFERS, "unknown": Sign.UNKNOWN}

REASON_CODES = frozenset(
    [f"reason.{field}.{code}" for field in ("family_name", "given_name", "name") for code in _NAME_SIGNS]
    + ["reason.family_name.swapped", "reason.family_name.married"]
    + ["reason.name.alias", "reason.name.alias_weak", "reason.name.one_token"]
    + [f"reason.birth.{agreement}" for agreement in Agreement]
    + [f"reason.{fact}.{code}" for fact in ("sex", "nationality", "document_number") for code in _FACT_SIGNS]
    + ["reason.document_number.other_issuer"]
)
"""Every code that the engine can give. Each has a phrase in every language."""


class _Field(NamedTuple):
    """One field of both names: the tokens left over on either side, and the pairs between."""

    key: str
    stated: int
    listed: int
    pairs: list[Pair]


def explain(
    query: Query, subject: Subject, entry: Entry, evidence: Evidence, tokens: Sequence[str]
) -> tuple[Reason, ...]:
    """Return the reasons for one entry: name, alias, birth, sex, nationality, document. ``tokens``: the vocabulary."""
    reasons: list[Reason] = []
    if evidence.name is None:
        reasons.append(_name_reason("name", "differs", subject, entry.names[0] if entry.names else Name("")))
    else:
        reasons.extend(_name_reasons(query, subject, entry, evidence.name, tokens))
    if evidence.rests_on_one_token and evidence.name is not None:
        reasons.append(Reason(Sign.UNKNOWN, "reason.name.one_token"))
    reasons.extend(_birth_reasons(query, entry, evidence))
    reasons.append(_fact_reason("sex", evidence.sex, subject.sex, entry.sex))
    reasons.append(_fact_reason("nationality", evidence.state, subject.nationality, ", ".join(entry.nationalities)))
    reasons.append(_document_reason(query, subject, entry))
    return tuple(reasons)


def _name_reasons(
    query: Query, subject: Subject, entry: Entry, evidence: NameEvidence, tokens: Sequence[str]
) -> Iterator[Reason]:
    name = entry.names[evidence.name.place]
    if all(pair.crossed for pair in evidence.pairs):
        yield Reason(Sign.NEAR, "reason.family_name.swapped", _sides(subject, name, "name"))
    else:
        for field in _fields(evidence):
            if field.key == "family_name" and query.married and field.stated and field.listed:
                yield Reason(Sign.NEAR, "reason.family_name.married", _sides(subject, name, field.key))
            else:
                yield _name_reason(field.key, _field_code(field, evidence, tokens), subject, name)
    if evidence.name.place:
        code = "alias_weak" if evidence.name.weak else "alias"
        yield Reason(Sign.NEAR, f"reason.name.{code}", {"alias": _text(name)})


def _fields(evidence: NameEvidence) -> list[_Field]:
    """Divide the alignment by field; a name whose parts can't be told apart is one field."""
    form, name = evidence.form, evidence.name
    if form.one_field or name.whole:
        pairs = list(evidence.pairs)
        return [_Field("name", len(form.tokens) - len(pairs), len(name.tokens) - len(pairs), pairs)]
    fields = []
    for key, is_given in (("family_name", False), ("given_name", True)):
        stated = {place for place, token in enumerate(form.tokens) if token.given == is_given}
        listed = {place for place in range(len(name.tokens)) if (place >= name.families) == is_given}
        stated_left = stated - {pair.stated for pair in evidence.pairs}
        listed_left = listed - {pair.listed for pair in evidence.pairs}
        pairs = [pair for pair in evidence.pairs if pair.stated in stated or pair.listed in listed]
        if not stated or not listed:
            pairs = []
        fields.append(_Field(key, len(stated_left), len(listed_left), pairs))
    return fields


def _field_code(field: _Field, evidence: NameEvidence, tokens: Sequence[str]) -> str:
    """Name how a field agrees: the weakest agreement in it, or what is left over."""
    if not field.pairs:
        return "differs" if field.stated and field.listed else "unknown"
    if field.stated and field.listed:
        return "part_differs"
    kinds = {pair.likeness for pair in field.pairs}
    if Likeness.PREFIX in kinds:
        return "truncated"
    near = [pair for pair in field.pairs if pair.likeness is not Likeness.EXACT]
    if near:
        pair = near[-1]
        stated, listed = evidence.form.tokens[pair.stated].text, tokens[evidence.name.tokens[pair.listed]]
        return _spelling(stated, listed) if len(near) == 1 else "near"
    if field.stated or field.listed:
        return "part_missing"
    return "joined" if evidence.form.cost else "same"


def _spelling(stated: str, listed: str) -> str:
    """Name the difference of two near spellings, seen from the document."""
    if OSA.distance(stated, listed) != 1:
        return "spelling"
    if len(stated) != len(listed):
        return "letter_missing" if len(stated) < len(listed) else "letter_extra"
    return "letters_swapped" if sorted(stated) == sorted(listed) else "letter_differs"


def _name_reason(field: str, code: str, subject: Subject, name: Name) -> Reason:
    return Reason(_NAME_SIGNS[code], f"reason.{field}.{code}", _sides(subject, name, field))


def _sides(subject: Subject, name: Name, field: str) -> dict[str, str]:
    if field == "family_name":
        return {"left": subject.family_name, "right": name.family}
    if field == "given_name":
        return {"left": subject.given_names, "right": name.given}
    return {"left": f"{subject.family_name} {subject.given_names}".strip(), "right": _text(name)}


def _text(name: Name) -> str:
    return f"{name.family} {name.given}".strip()


def _birth_reasons(query: Query, entry: Entry, evidence: Evidence) -> Iterator[Reason]:
    birth, agreement = query.birth, evidence.birth.agreement
    readable = [listed for listed in entry.birth_dates if pack(listed)]
    place = evidence.birth.place
    listed = readable[place] if 0 <= place < len(readable) else None
    if listed is None:
        yield Reason(_BIRTH_SIGNS[agreement], f"reason.birth.{agreement}")
        return
    right = date_text(listed)
    left = birth.near(int(listed.first[:4]))
    same_month = agreement in (Agreement.DAY_DIGIT, Agreement.DAY_DIFFERS) and left[:7] == right[:7]
    if same_month:
        yield Reason(Sign.SAME, f"reason.birth.{Agreement.YEAR_MONTH}", {"left": left[:7], "right": right[:7]})
        yield Reason(Sign.DIFFERS, f"reason.birth.{Agreement.DAY_DIFFERS}", {"left": left[8:], "right": right[8:]})
    else:
        yield Reason(_BIRTH_SIGNS[agreement], f"reason.birth.{agreement}", {"left": left, "right": right})


def _fact_reason(fact: str, points: float, stated: str, listed: str) -> Reason:
    known = bool(stated and listed)
    code = "unknown" if not known or (fact == "sex" and points == 0) else "differs" if points < 0 else "same"
    return Reason(_FACT_SIGNS[code], f"reason.{fact}.{code}", {"left": stated, "right": listed})


def _document_reason(query: Query, subject: Subject, entry: Entry) -> Reason:
    equal = [document for document in entry.documents if fold_number(document.number) == query.number]
    if not query.number or not entry.documents:
        return Reason(Sign.UNKNOWN, "reason.document_number.unknown")
    if not equal:
        params = {"left": subject.document_number, "right": entry.documents[0].number}
        return Reason(Sign.DIFFERS, "reason.document_number.differs", params)
    params = {"left": subject.document_number, "right": equal[0].number}
    if has_document(query, entry):
        return Reason(Sign.SAME, "reason.document_number.same", params)
    return Reason(Sign.NEAR, "reason.document_number.other_issuer", params | {"issuer": equal[0].issuer})


def has_document(query: Query, entry: Entry) -> bool:
    """Tell whether the traveller's document is one of the entry's: number equal, issuers not known to differ."""
    return bool(query.number) and any(
        fold_number(document.number) == query.number
        and (not query.issuer or not document.issuer or fold_state(document.issuer) == query.issuer)
        for document in entry.documents
    )
