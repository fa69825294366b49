"""A list of persons in layers: a base, and deltas in order, each a small segment of entries added, changed and removed.

What a later layer removes or replaces is never found in an earlier one, from the instant the layer lies there. All
layers weigh by the base's frequencies, and the newest layer's calibration counts for all.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from checkpoint_app.screening.blocks import Blocks
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.identity import HASHES, Hashes, hashes_of, id_hash
from checkpoint_app.screening.persons import MOST_CANDIDATES, PersonList, load_persons
from checkpoint_app.screening.sections import Section, SegmentError, array_of, read_meta, require
from checkpoint_app.screening.segment import PERSONS, build_segment
from checkpoint_app.verdict import Candidate

REMOVED = "removed"
"""The section of a delta with the hashes of the ids that are taken off the list."""


@dataclass(frozen=True, slots=True, eq=False)
class Delta:
    """A loaded delta: its added and changed entries, and the hashes of removed ids (ascending, each once)."""

    persons: PersonList
    removed: Hashes

    @property
    def gone(self) -> Hashes:
        """The hashes of ids that no earlier layer may answer for: removed, or here in a newer form."""
        return np.union1d(self.removed, self.persons.identities.hashes)


class LayeredPersons:
    """A list of persons in layers, asked as a ``PersonList`` is. Never changes."""

    def __init__(self, base: PersonList, deltas: Sequence[Delta] = ()) -> None:
        self.base = base
        self.deltas = tuple(deltas)
        self.calibration = deltas[-1].persons.calibration if deltas else base.calibration
        lists = [base, *(delta.persons for delta in deltas)]
        gone = _gone_after([delta.gone for delta in deltas])
        self._layers = [
            one.beneath(self.calibration, frozenset(one.identities.persons_of(hashes).tolist()))
            for one, hashes in zip(lists, gone, strict=True)
        ]

    def __len__(self) -> int:
        return sum(map(len, self._layers))

    @property
    def threshold(self) -> int:
        """The score, in thousandths, from which on a candidate is a hit: the newest layer's."""
        return self.calibration.threshold

    def after(self, deltas: int) -> LayeredPersons:
        """Return what came with the deltas after the first so many, weighed as here: who is found in it is found here.

        For ``screen`` alone.
        """
        newest = copy.copy(self)
        newest._layers = self._layers[1 + deltas :]
        return newest

    def screen(
        self, subject: Subject, limit: int = MOST_CANDIDATES, *, hits_only: bool = False
    ) -> tuple[Candidate, ...]:
        """Return the entries that ``subject`` may be, as ``PersonList.screen`` does, out of all layers."""
        found = [one for layer in self._layers for one in layer.screen(subject, limit, hits_only=hits_only)]
        found.sort(key=lambda one: (-one.score, one.entry_id))
        return tuple(found[: max(0, limit)])

    def best_score(self, subject: Subject, without: Collection[int] = ()) -> int:
        """Return the best name score in thousandths. ``without``: persons left out, numbered through the layers."""
        best = first = 0
        for layer in self._layers:
            own = [person - first for person in without if first <= person < first + layer.index.persons]
            best = max(best, layer.best_score(subject, own))
            first += layer.index.persons
        return best


def build_delta(
    records: Iterable[Mapping[str, object]], removed: Iterable[str], calibration: Calibration
) -> Iterator[tuple[str, bytes]]:
    """Yield the sections of a delta: the records added or changed, and the ids removed.

    ``calibration`` is that of the list as the delta makes it. Raises RecordError and SegmentError as ``build_segment``.
    """
    yield REMOVED, hashes_of(removed).tobytes()
    yield from build_segment(PERSONS, records, calibration)


def load_delta(sections: Mapping[str, Section], base: PersonList) -> Delta:
    """Load the sections that ``build_delta`` gave; it is weighed by what ``base`` knows. Raises SegmentError."""
    engine = read_meta(sections).get("engine")
    if engine != ENGINE:
        raise SegmentError(f"delta made by engine {engine!s:.40}, this is {ENGINE}: build it again")
    return Delta(load_persons(sections, base), _removed(sections))


def compact_sections(deltas: Sequence[Mapping[str, Section]], calibration: Calibration) -> Iterator[tuple[str, bytes]]:
    """Yield the sections of the one delta that does what ``deltas``, in order, do. Raises SegmentError.

    ``calibration`` is that of the newest. No more than ids and offsets is held besides the entries that change.
    """
    gone = [np.union1d(_removed(delta), array_of(delta, HASHES, np.uint64)) for delta in deltas]
    yield REMOVED, np.unique(np.concatenate(gone)).tobytes()
    records = _merged([Blocks(sections) for sections in deltas], _gone_after(gone)[1:])
    yield from build_segment(PERSONS, records, calibration)


def merge(base: PersonList, deltas: Sequence[Delta]) -> Iterator[dict[str, Any]]:
    """Yield the plain records of the list that base and deltas make together: what a new base is built from."""
    details = [base.details, *(delta.persons.details for delta in deltas)]
    return _merged(details, _gone_after([delta.gone for delta in deltas]))


def merge_sections(base: Mapping[str, Section], deltas: Sequence[Mapping[str, Section]]) -> Iterator[dict[str, Any]]:
    """As ``merge``, out of sections: no more than ids and offsets is held. Raises SegmentError."""
    gone = [np.union1d(_removed(delta), array_of(delta, HASHES, np.uint64)) for delta in deltas]
    return _merged([Blocks(sections) for sections in (base, *deltas)], _gone_after(gone))


def _merged(details: Sequence[Blocks], gone: Sequence[Hashes]) -> Iterator[dict[str, Any]]:
    for blocks, hashes in zip(details, gone, strict=True):
        left_out = frozenset(hashes.tolist())
        for record in blocks.records():
            entry_id = record.get("id")
            if not isinstance(entry_id, str):
                raise SegmentError("segment: it holds an entry without an id: build it again")
            if not left_out or id_hash(entry_id) not in left_out:
                yield record


def _gone_after(gone: Sequence[Hashes]) -> list[Hashes]:
    """Return, for the base and each delta, the hashes of ids that any layer after it removes or replaces."""
    later = [np.zeros(0, np.uint64)]
    for hashes in reversed(gone):
        later.append(np.union1d(later[-1], hashes))
    return later[::-1]


def _removed(sections: Mapping[str, Section]) -> Hashes:
    removed = array_of(sections, REMOVED, np.uint64)
    require(bool((removed[1:] > removed[:-1]).all()), REMOVED)
    return removed
