"""Which persons of a list are known under an entry's id: hashes of ids, sorted, beside the person's number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.sections import Section, array_of, require

HASHES, _PERSONS = "id.hash", "id.person"
Hashes = npt.NDArray[np.uint64]


def id_hash(entry_id: str) -> int:
    """Return eight bytes of a hash of an entry's id: two ids of a million share one once in ten million lists."""
    return int.from_bytes(id_digest(entry_id), "little")


def id_digest(entry_id: str) -> bytes:
    """Return the hash of an entry's id as it stands in a section."""
    return blake2b(entry_id.encode(), digest_size=8).digest()


def hashes_of(entry_ids: Iterable[str]) -> Hashes:
    """Return the hashes of ids, sorted, each once."""
    return np.unique(np.fromiter(map(id_hash, entry_ids), np.uint64))


@dataclass(frozen=True, slots=True, eq=False)
class Identities:
    """Hashes of ids, ascending, and the person of each. An id that several entries bear stands there several times."""

    hashes: Hashes
    persons: npt.NDArray[np.uint32]

    @classmethod
    def nobody(cls) -> Identities:
        """Return those of an empty list."""
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.uint32))

    @classmethod
    def of(cls, hashes: Hashes, persons: npt.NDArray[np.uint32]) -> Identities:
        """Sort hashes and their persons."""
        order = np.lexsort((persons, hashes))
        return cls(hashes[order], persons[order])

    def persons_of(self, wanted: Hashes) -> npt.NDArray[np.uint32]:
        """Return the numbers of all persons whose id is one of ``wanted`` (sorted, each once), ascending."""
        firsts = np.searchsorted(self.hashes, wanted, "left")
        lasts = np.searchsorted(self.hashes, wanted, "right")
        found = [self.persons[first:last] for first, last in zip(firsts, lasts, strict=True) if last > first]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, np.uint32)

    def sections(self) -> Iterator[tuple[str, bytes]]:
        """Yield the named sections."""
        yield HASHES, self.hashes.tobytes()
        yield _PERSONS, self.persons.tobytes()

    @classmethod
    def load(cls, sections: Mapping[str, Section], persons: int) -> Identities:
        """Load what ``sections`` gave, of a list of so many persons. Raises SegmentError."""
        loaded = cls(array_of(sections, HASHES, np.uint64), array_of(sections, _PERSONS, np.uint32))
        require(len(loaded.hashes) == len(loaded.persons) == persons, HASHES)
        require(bool((loaded.hashes[1:] >= loaded.hashes[:-1]).all()), HASHES)
        require(not persons or int(loaded.persons.max()) < persons, _PERSONS)
        return loaded
