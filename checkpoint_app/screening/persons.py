"""A list of persons in force: who of it a traveller may be."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping

import numpy as np

from checkpoint_app.screening.bearing import POINTS, Bearing, bearing
from checkpoint_app.screening.blocks import Blocks
from checkpoint_app.screening.build import document_hash
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.evidence import Weigher
from checkpoint_app.screening.explain import explain
from checkpoint_app.screening.facts import caption, facts
from checkpoint_app.screening.identity import Identities
from checkpoint_app.screening.index import Arrays, PersonIndex
from checkpoint_app.screening.intact import check_arrays
from checkpoint_app.screening.plain import entry_digest
from checkpoint_app.screening.query import Query, make_query
from checkpoint_app.screening.score import Evidence, weigh_person
from checkpoint_app.screening.search import MOST_WEIGHED, best_evidence
from checkpoint_app.screening.sections import Section, SegmentError, in_memory, read_meta, require
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
        self,
        index: PersonIndex,
        details: Blocks,
        calibration: Calibration,
        reference: PersonList | None = None,
        identities: Identities | None = None,
    ) -> None:
        """``reference`` is the list whose name frequencies count, where this one is a delta of it."""
        self.index = index
        self.calibration = calibration
        self.weigher: Weigher = Weigher(index, reference.weigher if reference else None)
        self._details = details
        self.identities = identities or Identities.nobody()
        self._hidden: frozenset[int] = frozenset()
        self._least = LEAST_SHARE * calibration.threshold / 1000

    def __len__(self) -> int:
        return self.index.persons - len(self._hidden)

    @property
    def details(self) -> Blocks:
        """The entries as they came."""
        return self._details

    def beneath(self, calibration: Calibration, hidden: frozenset[int]) -> PersonList:
        """Return this list as a layer under newer ones: ``hidden`` persons are never found, ``calibration`` counts."""
        layer = copy.copy(self)
        layer.calibration = calibration
        layer._hidden = hidden
        layer._least = LEAST_SHARE * calibration.threshold / 1000
        return layer

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
        ranked = self._ranked(query, limit, least, self._hidden)
        if hits_only and query.numbers and len(ranked) == limit < MOST_WEIGHED:
            # A number that is nearly listed lifts its entry over those that stand before it by their names alone.
            ranked = self._ranked(query, MOST_WEIGHED, least, self._hidden)
        bearers = self._bearers(query) - self._hidden - {evidence.person for evidence in ranked}
        ranked += [weigh_person(query, person, self.index, self.weigher) for person in sorted(bearers)]
        candidates: dict[str, tuple[int, Candidate]] = {}
        for evidence in ranked:
            entry = self.entry(evidence.person)
            bears = bearing(query, entry, evidence) if query.numbers else Bearing.NONE
            score = self.score(evidence, bears, query.state)
            if score > 0 and score >= least and (entry.id not in candidates or score > candidates[entry.id][0]):
                candidates[entry.id] = (score, self._candidate(query, subject, entry, evidence, score))
        best = sorted(candidates.values(), key=lambda item: (-item[0], item[1].entry_id))
        return tuple(candidate for _, candidate in best[:limit])

    def best_score(self, subject: Subject, without: Collection[int] = (), least: int = 0) -> int:
        """Return the best name score of ``subject`` in thousandths, leaving out some persons.

        0 where there is none, or none above ``least``: a high one makes it quick.
        """
        without = self._hidden.union(without) if self._hidden else without
        query = self.query(subject)
        return max((self.score(one, state=query.state) for one in self._ranked(query, 2, least, without)), default=0)

    def _ranked(self, query: Query, limit: int, least: int, without: Collection[int]) -> list[Evidence]:
        # A number that is nearly listed may lift a name over the threshold; one that is equal is found by itself.
        number = POINTS[Bearing.NEAR] if query.numbers else 0.0
        points = max(self._least, (least - 1) / 1000 - number) + self.calibration.offset(query.state) / 1000
        return best_evidence(query, self.index, self.weigher, limit, points, without)

    def query(self, subject: Subject) -> Query:
        """Make a traveller ready for this list."""
        return make_query(subject, self.index.vocabulary, self.weigher)

    def score(self, evidence: Evidence, bears: Bearing = Bearing.NONE, state: str = "") -> int:
        """Return the score of an entry in thousandths. One token alone stays below the threshold.

        ``state`` is the traveller's nationality, whose offset is taken off.
        """
        number = POINTS[bears] if evidence.name is not None else 0.0
        points = round(1000 * (evidence.points + number)) - self.calibration.offset(state)
        points = max(0, min(MOST_NAME_SCORE, points))
        if bears is Bearing.CERTAIN:
            return DOCUMENT_SCORE + points
        alone = evidence.rests_on_one_token and bears is Bearing.NONE
        return min(points, self.threshold - 1) if alone else points

    def entry(self, person: int) -> Entry:
        """Return the entry of a person of the index."""
        return self._details.entry(int(self.index.arrays.person_slot[person]))

    def _bearers(self, query: Query) -> set[int]:
        """Return the persons with a number like one of the traveller's."""
        hashes = self.index.arrays.document_hash
        wanted = np.array([document_hash(number) for number in query.numbers], dtype=hashes.dtype)
        firsts, lasts = (np.searchsorted(hashes, wanted, side).tolist() for side in ("left", "right"))
        found = self.index.arrays.document_person
        return {person for a, b in zip(firsts, lasts, strict=True) for person in found[a:b].tolist()}

    def _candidate(self, query: Query, subject: Subject, entry: Entry, evidence: Evidence, score: int) -> Candidate:
        if evidence.name is not None and evidence.name.name.place >= len(entry.names):
            raise SegmentError("segment: its part name.places leads to a name that no entry has: build it again")
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


def load_persons(sections: Mapping[str, Section], reference: PersonList | None = None) -> PersonList:
    """Load a list of persons, or a delta of ``reference``, from its sections, without a rebuild. Raises SegmentError.

    ``entry.blocks`` may stay where it is (a RangeSource); all others are bytes in memory.
    """
    meta = read_meta(sections)
    details = Blocks(sections)
    try:
        calibration = Calibration.from_plain(meta["calibration"])
        vocabulary = Vocabulary.load(in_memory(sections))
        arrays = Arrays.load(in_memory(sections))
    except SegmentError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SegmentError("segment: its index is damaged or has not all its parts: build it again") from error
    states = meta.get("states")
    if not isinstance(states, list):
        raise SegmentError("segment: its part meta is damaged: build it again")
    require(all(isinstance(state, str) for state in states), "meta")
    check_arrays(arrays, len(vocabulary), len(states), details.most)
    identities = Identities.load(sections, len(arrays.person_sex))
    return PersonList(PersonIndex(arrays, vocabulary, states), details, calibration, reference, identities)
