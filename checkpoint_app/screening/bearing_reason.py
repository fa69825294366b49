"""What a traveller's document and personal number say of an entry, as one reason with its points."""

from __future__ import annotations

import math
from typing import NamedTuple

from rapidfuzz.distance import OSA

from checkpoint_app.screening.bearing import POINTS, Bearing, bearing
from checkpoint_app.screening.entry import Entry, ListedDocument, Subject
from checkpoint_app.screening.fold import confusable, fold_number
from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import Evidence
from checkpoint_app.verdict import Reason, Sign

CODES = (
    "reason.document_number.same",
    "reason.document_number.differs",
    "reason.document_number.unknown",
    "reason.document_number.alike",
    "reason.document_number.near",
    "reason.document_number.coincidence",
    "reason.document_number.other_issuer",
    "reason.personal_number.same",
)
PERSONAL = "reason.personal_number.same"


class NumberFact(NamedTuple):
    """The reason, its points, and how far up it stands: a certain number above everything."""

    reason: Reason
    points: float = 0.0
    rank: float = 0.0

    @property
    def certain(self) -> bool:
        """Whether the number is one of the entry's."""
        return self.rank == math.inf


def number_fact(query: Query, subject: Subject, entry: Entry, evidence: Evidence) -> NumberFact:
    """Tell how the numbers stand to each other. One that may be a coincidence counts only beside a name."""
    if not query.numbers or not entry.documents:
        return NumberFact(Reason(Sign.UNKNOWN, "reason.document_number.unknown"))
    bears = bearing(query, entry, evidence)
    equal = next((one for one in entry.documents if fold_number(one.number) in query.numbers), None)
    if bears is Bearing.CERTAIN and equal is not None:
        return _certain(query, subject, entry, evidence)
    if bears is not Bearing.NONE and bears is not Bearing.CERTAIN:
        return _possible(query, subject, entry, evidence, bears)
    if equal is not None:
        sides = _sides(subject, equal) | {"issuer": equal.issuer}
        return NumberFact(Reason(Sign.NEAR, "reason.document_number.other_issuer", sides), rank=1.0)
    sides = {"left": subject.document_number, "right": entry.documents[0].number}
    code = "differs" if fold_number(subject.document_number) else "unknown"
    sign = Sign.DIFFERS if code == "differs" else Sign.UNKNOWN
    return NumberFact(Reason(sign, f"reason.document_number.{code}", sides))


def _certain(query: Query, subject: Subject, entry: Entry, evidence: Evidence) -> NumberFact:
    alone = ((document, bearing(query, _with(entry, document), evidence)) for document in entry.documents)
    document = next(document for document, bears in alone if bears is Bearing.CERTAIN)
    is_personal = fold_number(document.number) != fold_number(subject.document_number)
    code = PERSONAL if is_personal else "reason.document_number.same"
    return NumberFact(Reason(Sign.SAME, code, _sides(subject, document)), rank=math.inf)


def _possible(query: Query, subject: Subject, entry: Entry, evidence: Evidence, most: Bearing) -> NumberFact:
    alone = ((document, bearing(query, _with(entry, document), evidence)) for document in entry.documents)
    document = next(document for document, bears in alone if bears is most)
    code = "coincidence" if fold_number(document.number) in query.numbers else "alike"
    code = "near" if most is Bearing.NEAR else code
    reason = Reason(Sign.NEAR, f"reason.document_number.{code}", _sides(subject, document))
    return NumberFact(reason, POINTS[most] if evidence.name is not None else 0.0, rank=1.0)


def _with(entry: Entry, document: ListedDocument) -> Entry:
    """Return an entry that has this document alone, and the same nationalities."""
    return Entry(entry.id, entry.schema, (), nationalities=entry.nationalities, documents=(document,))


def _sides(subject: Subject, document: ListedDocument) -> dict[str, str]:
    """Return the traveller's number that is meant, document or personal, as stated, beside the listed one."""
    listed = confusable(fold_number(document.number))
    stated = [number for number in (subject.document_number, subject.personal_number) if fold_number(number)]
    left = min(stated, key=lambda one: OSA.distance(confusable(fold_number(one)), listed), default="")
    return {"left": left, "right": document.number}
