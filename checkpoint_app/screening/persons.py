"""A list of persons in force: who of it a traveller may be."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import numpy as np

from checkpoint_app.screening.blocks import Blocks
from checkpoint_app.screening.build import document_hash
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.evidence import Weigher
from checkpoint_app.screening.explain import explain, has_document
from checkpoint_app.screening.facts import caption, facts
from checkpoint_app.screening.index import Arrays, PersonIndex
from checkpoint_app.screening.plain import entry_digest
from checkpoint_app.screening.query import Query, make_query
from checkpoint_app.screening.score import Evidence, weigh_person
from checkpoint_app.screening.search import best_evidence
from checkpoint_app.screening.vocabulary import Vocabulary
from checkpoint_app.verdict import Candidate

MOST_CANDIDATES = 10
MOST_NAME_SCORE = 150_000
"""No name scores higher, in thousandths."""
DOCUMENT_SCORE = 200_000
"""A document number of an entry: above any name, in thousandths. The name's own score is added, to order several."""
LEAST_SHARE = 0.5
"""Candidates that reach less than this share of the threshold are not looked for."""


class PersonList:
    """A loaded list of persons. Never changes; may be asked from several threads."""

    def __init__(
        self, index: PersonIndex, details: Blocks, calibration: Calibration, reference: PersonList | None = None
    ) -> None:
        """``reference`` is the list whose name frequencies count, where this one is a delta of it."""
        self.index = index
        self.calibration = calibration
        self.weigher = Weigher(index, reference.weigher if reference else None)
        self._details = details
        self._least = LEAST_SHARE * calibration.threshold / 1000

    def __len__(self) -> int:
        return self.index.persons

    @property
    def threshold(self) -> int:
        """The score, in thousandths, from which on a candidate is a hit."""
        return self.calibration.threshold

    def screen(
        self, subject: Subject, limit: int = MOST_CANDIDATES, *, hits_only: bool = False
    ) -> tuple[Candidate, ...]:
        """Return the entries that ``subject`` may be, best first, at most ``limit``, also those below the threshold.

        An entry that bears the subject's document number comes first and is a hit, whatever the names. ``hits_only``:
        those below the threshold are left out, which is much quicker on a long list.
        """
        if limit < 1:
            return ()
        query = self.query(subject)
        least = self.threshold if hits_only else 0
        ranked = best_evidence(query, self.index, self.weigher, limit, max(self._least, (least - 1) / 1000))
        bearers = self._bearers(query)
        known = {evidence.person for evidence in ranked}
        ranked += [weigh_person(query, p, self.index, self.weigher) for p in sorted(bearers) if p not in known]
        candidates: dict[str, tuple[int, Candidate]] = {}
        for evidence in ranked:
            entry = bearers.get(evidence.person) or self.entry(evidence.person)
            score = self.score(evidence, evidence.person in bearers)
            if score > 0 and score >= least and (entry.id not in candidates or score > candidates[entry.id][0]):
                candidates[entry.id] = (score, self._candidate(query, subject, entry, evidence, score))
        best = sorted(candidates.values(), key=lambda item: (-item[0], item[1].entry_id))
        return tuple(candidate for _, candidate in best[:limit])

    def best_score(self, subject: Subject, without: Collection[int] = ()) -> int:
        """Return the best name score of ``subject`` in thousandths, leaving out some persons; 0 where there is none."""
        ranked = best_evidence(self.query(subject), self.index, self.weigher, 2, self._least, without)
        return max((self.score(evidence, False) for evidence in ranked), default=0)

    def query(self, subject: Subject) -> Query:
        """Make a traveller ready for this list."""
        return make_query(subject, self.index.vocabulary, self.weigher)

    def score(self, evidence: Evidence, bears_document: bool) -> int:
        """Return the score of an entry in thousandths. One token alone stays below the threshold."""
        points = max(0, min(MOST_NAME_SCORE, round(1000 * evidence.points)))
        if bears_document:
            return DOCUMENT_SCORE + points
        return min(points, self.threshold - 1) if evidence.rests_on_one_token else points

    def entry(self, person: int) -> Entry:
        """Return the entry of a person of the index."""
        return self._details.entry(int(self.index.arrays.person_slot[person]))

    def _bearers(self, query: Query) -> dict[int, Entry]:
        """Return the persons that bear the traveller's document number, with their entries."""
        if not query.number:
            return {}
        hashes = self.index.arrays.document_hash
        wanted = np.array([document_hash(query.number)], dtype=hashes.dtype)
        first, last = (int(np.searchsorted(hashes, wanted, side)[0]) for side in ("left", "right"))
        persons = self.index.arrays.document_person[first:last].tolist()
        entries = {person: self.entry(person) for person in persons}
        return {person: entry for person, entry in entries.items() if has_document(query, entry)}

    def _candidate(self, query: Query, subject: Subject, entry: Entry, evidence: Evidence, score: int) -> Candidate:
        return Candidate(
            entry_id=entry.id,
            entry_digest=entry_digest(entry),
            caption=caption(entry),
            score=score,
            threshold=self.threshold,
            reasons=explain(query, subject, entry, evidence, self.index.vocabulary.tokens),
            facts=facts(entry, evidence.name.name.place if evidence.name else 0),
            handling=entry.handling,
        )


def load_persons(sections: Mapping[str, bytes | memoryview], reference: PersonList | None = None) -> PersonList:
    """Load a list of persons, or a delta of ``reference``, from its sections, without a rebuild."""
    meta = json.loads(bytes(sections["meta"]))
    index = PersonIndex(Arrays.load(sections), Vocabulary.load(sections), meta["states"])
    return PersonList(index, Blocks(sections), Calibration.from_plain(meta["calibration"]), reference)
