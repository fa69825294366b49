"""Segments: a list as named sections of bytes, built once from its records and loaded without a rebuild."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from checkpoint_app.screening.blocks import Blocks
from checkpoint_app.screening.build import PersonBuilder
from checkpoint_app.screening.calibrate import calibrate_index
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.numbers.look_up import DocumentList, build_documents, load_documents
from checkpoint_app.screening.persons import PersonList, load_persons
from checkpoint_app.screening.sections import Section, SegmentError, read_meta

PERSONS = "persons"
DOCUMENTS = "documents"


def build_segment(
    kind: str, records: Iterable[Mapping[str, object]], calibration: Calibration | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield the sections of a list: ``kind`` is persons (plain entries) or documents (what `numbers.blocks`
    writes; `numbers.look_up.build_documents` gives the sections of a long list piece by piece).

    A list of persons without a ``calibration`` gets a quick one. Raises RecordError for a record that is not right, and
    SegmentError for a calibration by another engine, whose scores are on another scale.
    """
    if kind == DOCUMENTS:
        for name, data in build_documents(records):
            yield name, data if isinstance(data, bytes) else b"".join(data)
    elif kind == PERSONS:
        yield from _build_persons(records, calibration)
    else:
        raise SegmentError(f"kind of list {kind!r}: expected {PERSONS} or {DOCUMENTS}")


def load(kind: str, sections: Mapping[str, Section]) -> PersonList | DocumentList:
    """Load the sections that ``build_segment`` gave. Arrays stay where they are; raises SegmentError.

    Entry details, and pages of numbers, may be a source of ranges: they are not read now.
    """
    if kind not in {PERSONS, DOCUMENTS}:
        raise SegmentError(f"kind of list {kind!r}: expected {PERSONS} or {DOCUMENTS}")
    engine = read_meta(sections).get("engine")
    if engine != ENGINE:
        raise SegmentError(f"segment made by engine {engine!s:.40}, this is {ENGINE}: build it again")
    try:
        return load_persons(sections) if kind == PERSONS else load_documents(sections)
    except SegmentError:
        raise
    except (ValueError, OverflowError) as error:  # numbers and keys of a size that nothing here has
        raise SegmentError("segment: what is said of the list is damaged: build it again") from error


def _build_persons(
    records: Iterable[Mapping[str, object]], calibration: Calibration | None
) -> Iterator[tuple[str, bytes]]:
    if calibration is not None and calibration.engine != ENGINE:
        raise SegmentError(f"list calibrated by engine {calibration.engine}, this is {ENGINE}: publish it again")
    builder = PersonBuilder()
    builder.add_all(records)
    details = builder.details.sections()
    if calibration is not None:
        yield from _given_away(details)  # the largest part: whoever writes it down need not hold it any longer
    index = builder.finish()
    if calibration is None:
        calibration = calibrate_index(index, Blocks(dict(details)))
        yield from _given_away(details)
    yield from builder.identities.sections()
    yield from index.vocabulary.sections()
    yield from index.arrays.sections()
    meta = {"engine": ENGINE, "kind": PERSONS, "states": index.states, "calibration": calibration.to_plain()}
    yield "meta", json.dumps(meta).encode()


def _given_away(sections: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    while sections:
        yield sections.pop(0)
