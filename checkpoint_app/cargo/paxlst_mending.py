"""Damage in a PAXLST that would hide somebody: a terminator that was lost before NAD, a NAD that could not be read.

A person that is found so is named in a fault, for what stands before and after may be damaged, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from checkpoint_app.cargo.segments import Segment

ROLES = frozenset({"FL", "FM", "DDU", "DDT", "VW"})
# fmt: off
KNOWN = frozenset({
    "UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ", "UNS", "BGM", "RFF", "DTM", "NAD", "CTA", "COM", "TDT", "LOC",
    "ATT", "MEA", "GEI", "GIR", "FTX", "EMP", "NAT", "DOC", "CPI", "QTY", "GID", "CNT", "AUT", "PDT", "ICD", "TSR",
    "SEQ", "RCS", "GIS", "CST",
})
# fmt: on
_FIRST = {"ATT": "sex", "DTM": "birth"}


def parted(segment: Segment) -> Iterator[Segment]:
    """Iterate a segment, and the NAD that has grown together with its end: ``LOC+91+COLxNAD+FL+++…``."""
    for place in range(len(segment.elements) - 1):
        last = segment.elements[place][-1].rstrip()
        if last.endswith("NAD") and len(last) > len("NAD") and segment.get(place + 1) in ROLES:
            kept = (*segment.elements[:place], (*segment.elements[place][:-1], last[:-4]))
            yield Segment(segment.tag, kept, segment.number, segment.raw)
            yield Segment("NAD", segment.elements[place + 1 :], segment.number, segment.raw)
            return
    yield segment


def is_person(segment: Segment) -> bool:
    """Tell whether a segment whose tag is none of this message is somebody's NAD by what it holds."""
    return segment.tag not in KNOWN and segment.get(0) in ROLES and segment.get(3) is not None


def is_of_person(segment: Segment) -> bool:
    """Tell whether a segment states a sex or a birth: it is of a person, though none was named before."""
    return segment.get(0) == {"ATT": "2", "DTM": "329"}.get(segment.tag, "")


def starts_another(segment: Segment, before: int, known: dict[str, object]) -> bool:
    """Tell whether a segment is of a person whose NAD could not be read.

    ``before`` is the number of the last segment that was read: a gap is what could not be read. What then states a
    sex or a birth once more is of somebody else.
    """
    if segment.number <= before + 1 or not is_of_person(segment):
        return False
    return known.get(_FIRST[segment.tag]) is not None
