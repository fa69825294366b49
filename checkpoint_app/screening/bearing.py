"""Whether a traveller's document is one of an entry's: the document number as a channel of its own.

Many lists state a number without its issuer, and numbers of different states coincide: of two million entries, nine in
ten thousand clean travellers bear a number of somebody's. So where the issuer can't be compared, a coincidence is told
from a document by what documents state besides: whose citizen the bearer is, and the sex and birth date printed in it.
"""

from __future__ import annotations

from enum import IntEnum

from rapidfuzz.distance import OSA

from checkpoint_app.screening.entry import Entry, ListedDocument
from checkpoint_app.screening.fold import confusable, fold_nationality, fold_number, fold_state
from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import Evidence

LEAST_LENGTH = 5
"""Shorter numbers are borne by too many documents to say anything alone."""
LEAST_FOR_NEAR = 7
"""Shorter numbers are one character away from too many others."""


class Bearing(IntEnum):
    """How the traveller's numbers stand to those of an entry."""

    NONE = 0
    NEAR = 1
    """One character differs, or two are exchanged; not the last one, in which the documents of a family differ."""
    POSSIBLE = 2
    """Equal, yet probably a coincidence; or equal but for letters and digits that look alike."""
    CERTAIN = 3
    """The document is the entry's."""


POINTS = {Bearing.NONE: 0.0, Bearing.NEAR: 4.0, Bearing.POSSIBLE: 9.0, Bearing.CERTAIN: 0.0}
"""What a number adds beside a name; one that is certain needs no name, and stands above all points."""


def bearing(query: Query, entry: Entry, evidence: Evidence) -> Bearing:
    """Return how the traveller's document and personal number stand to the entry's documents."""
    return max((_one(query, entry, document, evidence) for document in entry.documents), default=Bearing.NONE)


def _one(query: Query, entry: Entry, document: ListedDocument, evidence: Evidence) -> Bearing:
    listed, issuer = fold_number(document.number), fold_state(document.issuer)
    if listed in query.numbers:
        stated = query.issuers[query.numbers.index(listed)]
        if issuer:
            return Bearing.NONE if stated and stated != issuer else Bearing.CERTAIN
        return Bearing.CERTAIN if _may_be_the_same(query, entry, listed, stated, evidence) else Bearing.POSSIBLE
    if len(listed) < LEAST_LENGTH:
        return Bearing.NONE
    stated_here = zip(query.numbers, query.issuers, strict=True)
    return max(
        (_alike(listed, number) for number, stated in stated_here if not issuer or stated in ("", issuer)),
        default=Bearing.NONE,
    )


def _alike(listed: str, stated: str) -> Bearing:
    """Compare two numbers that are not equal, of issuers that may be the same."""
    if confusable(listed) == confusable(stated):
        return Bearing.POSSIBLE
    if min(len(listed), len(stated)) < LEAST_FOR_NEAR or listed[:-1] == stated[:-1]:
        return Bearing.NONE
    return Bearing.NEAR if OSA.distance(listed, stated, score_cutoff=1) == 1 else Bearing.NONE


def _may_be_the_same(query: Query, entry: Entry, listed: str, stated: str, evidence: Evidence) -> bool:
    """Tell whether a listed number without an issuer may be that of the traveller's document."""
    theirs, ours = {fold_nationality(code) for code in entry.nationalities} - {""}, {stated, query.state} - {""}
    if len(listed) < LEAST_LENGTH or (theirs and ours and not theirs & ours):
        return False
    return not (evidence.name is None and evidence.sex < 0 and evidence.birth.points < 0)
