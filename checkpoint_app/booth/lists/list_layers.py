"""A list copy's layers: loaded onto the base that is in memory already, and made fewer when there are many."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint_app.booth.lists.segment_build import Layers, number_delta
from checkpoint_app.screening import ENGINE, DocumentList, PersonList, load
from checkpoint_app.screening.blocks import BLOCKS
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.screening.layers import LayeredPersons, load_delta
from checkpoint_app.screening.numbers.delta import MOST_CHANGES
from checkpoint_app.store import Layer, ListCopy
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.header import ListKind, PackageHeader, source_of

MOST_LAYERS = 8
"""Deltas over a base; each is asked, so many of them make one slower than few."""
_MERGED_FROM = 1_000
_MERGED_SHARE = 0.05
_NUMBER_BYTES = 10
"""A hash and its tag."""
"""Deltas of persons that have more entries than both (the latter of the base's) become a new base."""


def waiting(header: PackageHeader, bar: NotDone) -> LoadedList:
    """Return the list as one that can't be consulted, and why."""
    return LoadedList(header.kind.value, source_of(header, ENGINE), header.agreement, bar=bar)


def loaded_list(copy: ListCopy, before: LoadedList | None = None) -> LoadedList:
    """Load a list in force. ``before`` is the same list as it was loaded from a copy with the same base: that serves.

    Raises SegmentError, LeaseEndedError, and the engine's errors for a damaged one.
    """
    header, base = copy.header, _base_of(before) if before is not None else None
    if base is None:
        base = load(header.kind.value, _sections(copy.layers[0]))
    return LoadedList(
        kind=header.kind.value,
        source=source_of(header, ENGINE),
        agreement=header.agreement,
        persons=_persons(base, copy.layers[1:]) if isinstance(base, PersonList) else None,
        numbers=_numbers(base, copy.layers[1:]) if isinstance(base, DocumentList) else None,
        lease_ends_at=copy.lease_ends_at,
    )


def layers_to_join(copy: ListCopy) -> tuple[int, Layers] | None:
    """Return which layers should become one: so many before them stay; None where that is not due.

    All become a new base where much has changed, else the deltas one delta. Document numbers keep their base while
    their deltas together are not too many for one.
    """
    base, deltas = copy.layers[0], copy.layers[1:]
    if copy.lease_ended or not deltas:
        return None
    changed = sum(layer.records for layer in deltas)
    persons = copy.header.kind is ListKind.PERSONS
    if persons and changed > max(_MERGED_FROM, _MERGED_SHARE * base.records):
        return 0, _layers(copy, 0, copy.header.record_count)
    if len(deltas) > MOST_LAYERS:
        first = 1 if persons or _numbers_in(deltas) <= MOST_CHANGES // 2 else 0
        return first, _layers(copy, first, changed)
    return None


def _numbers_in(deltas: Sequence[Layer]) -> int:
    """Return about how many numbers deltas add and remove: how many records they came in says nothing of that."""
    return sum(layer.path.stat().st_size for layer in deltas if layer.path.is_file()) // _NUMBER_BYTES


def _layers(copy: ListCopy, first: int, total: int) -> Layers:
    places = [(layer.path, layer.key) for layer in copy.layers[first:]]
    persons = copy.header.kind is ListKind.PERSONS
    return Layers(copy.header.kind, places, first > 0, total, copy.header.calibration if persons else {})


def _sections(layer: Layer) -> dict[str, memoryview]:
    with layer.open() as segment:
        return {name: segment.section(name, at_rest=name == BLOCKS) for name in segment.sections()}  # type: ignore[misc]


def _base_of(loaded: LoadedList) -> PersonList | DocumentList | None:
    if isinstance(loaded.persons, LayeredPersons):
        return loaded.persons.base
    if isinstance(loaded.numbers, DocumentList):
        return loaded.numbers.base
    return loaded.persons if isinstance(loaded.persons, PersonList) else None


def _persons(base: PersonList, deltas: Sequence[Layer]) -> PersonList | LayeredPersons:
    if not deltas:
        return base
    return LayeredPersons(base, [load_delta(_sections(layer), base) for layer in deltas])


def _numbers(base: DocumentList, deltas: Sequence[Layer]) -> DocumentList:
    for layer in deltas:
        base = base.with_delta(number_delta(_sections(layer)))
    return base
