"""The lists in force at one moment, and what they answer: a value that never changes, the same in every process.

Whoever answers takes one such value and stays with it: a question is never answered by two states of the lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from checkpoint_app.central import building
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.shared import Shared
from checkpoint_app.documents import Mrz, MrzError, parse_mrz
from checkpoint_app.screening import DocumentList, PersonList, load
from checkpoint_app.screening.checks import KIND_OF_CHECK, Examination, LoadedList, run_list_checks
from checkpoint_app.screening.sections import array_of
from checkpoint_app.screening.subjects import SubjectError, nobody_cleared, screen_subjects, zone_of
from checkpoint_app.verdict import Agreement, Answer, Outcome, Policy, Requirement, Source
from checkpoint_app.verdict.raising import Gone
from checkpoint_app.wire.question import KnownHit, Question, Reply
from checkpoint_app.wire.screening import ScreeningSubject, SubjectAnswers

MOST_KNOWN_HITS = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A list as the checks take it, and what tells whether an entry is still on it. Of a silent one nothing is told.

    ``ids`` are sorted 8-byte hashes of its entries' ids: 16 MB for two millions. Two ids of one hash would let an entry
    that is gone count as there, which is the safe side.
    """

    loaded: LoadedList
    silent: bool = False
    ids: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))

    def holds(self, entry_id: str) -> bool:
        """Tell whether a person's entry of this id is on the list."""
        wanted = building.id_hash(entry_id)
        place = int(np.searchsorted(self.ids, np.uint64(wanted)))
        return place < len(self.ids) and int(self.ids[place]) == wanted


def held_of(kind: str, source: Source, agreement: Agreement | None, silent: bool, memory: Shared) -> Held:
    """Return the list whose sections, and whose entries' ids, are in ``memory``. Raises SegmentError."""
    sections = memory.sections
    built = load(kind, sections)
    loaded = LoadedList(
        kind=kind,
        source=source,
        agreement=agreement,
        persons=built if isinstance(built, PersonList) else None,
        numbers=built if isinstance(built, DocumentList) else None,
    )
    return Held(loaded, silent, array_of(sections, building.IDS, np.uint64))


@dataclass(frozen=True, slots=True)
class SilentHit:
    """What a silent list knows of the subject at ``place`` of those asked about. It never leaves the centre."""

    place: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class InForce:
    """The policy (None before one is published), and the lists by name."""

    policy: Policy | None = None
    held: Mapping[str, Held] = field(default_factory=dict)

    @property
    def public(self) -> tuple[LoadedList, ...]:
        """The lists that a booth may hear of."""
        return tuple(one.loaded for one in self.held.values() if not one.silent)

    @property
    def silent(self) -> tuple[LoadedList, ...]:
        """The lists of which nothing may leave the centre."""
        return tuple(one.loaded for one in self.held.values() if one.silent)

    def ruled(self) -> Policy:
        """Return the policy. Raises CentreError (``no_policy``) before there is one."""
        if self.policy is None:
            raise CentreError("no_policy", "the centre has no policy yet; an administrator publishes one", 503)
        return self.policy

    def answer(self, question: Question, policy: Policy, now: datetime) -> Reply:
        """Answer the list checks of ``policy`` by the lists that are not silent. Raises CentreError (``malformed``).

        Nobody counts as cleared here: the booth knows who was found not to be an entry's person, by entry and digest,
        and a centre that left such a hit out would hide from it that the entry changed since.
        """
        if len(question.hits) > MOST_KNOWN_HITS:
            raise CentreError("malformed", f"a question names at most {MOST_KNOWN_HITS} hits", 422)
        try:
            mrz = parse_mrz(question.mrz, now.date())
        except MrzError as error:
            raise CentreError("malformed", f"the lines of the question are no zone: {error.code}", 422) from error
        answers = run_list_checks(Examination(mrz, question.doubtful, now), policy, self.public, nobody_cleared)
        gone = tuple(found for hit in question.hits if (found := self._gone(hit, mrz)))
        return Reply(question.encounter_id, answers, gone, now)

    def screen(self, subjects: Iterable[ScreeningSubject], now: datetime) -> tuple[SubjectAnswers, ...]:
        """Answer for each subject by the lists that are not silent. Raises CentreError (``no_policy``)."""
        return screen_subjects(subjects, self.ruled(), self.public, now)

    def hits_of_silent(self, subjects: Iterable[ScreeningSubject], now: datetime) -> tuple[SilentHit, ...]:
        """Return what the silent lists know of the subjects, all of these lists asked, whatever the policy names."""
        silent, policy = self.silent, self.ruled()
        if not silent:
            return ()
        every = replace(policy, required=tuple(Requirement(check) for check in KIND_OF_CHECK), optional=())
        found = []
        for place, subject in enumerate(subjects):
            try:
                examined = Examination(zone_of(subject, now.date()), False, now)
            except SubjectError:  # its own answer says so
                continue
            answers = run_list_checks(examined, every, silent, nobody_cleared)
            found += [SilentHit(place, one) for one in answers if one.outcome is Outcome.HIT]
        return tuple(found)

    def _gone(self, hit: KnownHit, mrz: Mrz) -> Gone | None:
        """Return that the entry of ``hit`` is gone, where a newer version of its list is here that has it no more."""
        held = self.held.get(hit.list_name)
        if held is None or held.silent or held.loaded.bar is not None or held.loaded.source.version <= hit.version:
            return None
        if held.loaded.numbers is not None:
            own = hit.entry_id == mrz.document.document_number
            there = bool(held.loaded.numbers.look_up(hit.entry_id, (mrz.document.issuer or "") if own else ""))
        else:
            there = held.holds(hit.entry_id)
        return None if there else Gone(hit.list_name, held.loaded.source.version, hit.entry_id)
