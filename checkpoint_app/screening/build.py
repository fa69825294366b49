"""Builds the index of a list of persons from plain records, one pass, in memory that grows with the arrays only."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.blocks import BlockWriter
from checkpoint_app.screening.dates import pack
from checkpoint_app.screening.entry import Entry, Name, Quality
from checkpoint_app.screening.fold import MAX_TOKENS, fold, fold_number, fold_state
from checkpoint_app.screening.index import COMPLEX_DATE, NO_DATE, SEXES, WEAK, WHOLE, Arrays, PersonIndex
from checkpoint_app.screening.plain import RecordError, entry_from_plain
from checkpoint_app.screening.ragged import offsets_of, take
from checkpoint_app.screening.vocabulary import Vocabulary

MAX_STATES = 65_535


def document_hash(number: str) -> int:
    """Return eight bytes of a hash of a folded document number. Not a protection: the segment is sealed as a whole."""
    return int.from_bytes(blake2b(number.encode("ascii"), digest_size=8).digest(), "little")


class PersonBuilder:
    """Takes records one by one; ``finish`` gives the index, ``details`` the compressed entries."""

    def __init__(self) -> None:
        self.details = BlockWriter()
        self._tokens: dict[str, int] = {}
        self._states: dict[str, int] = {"": 0}
        self._names_of = array("I")
        self._tokens_of = array("I")
        self._families = array("B")
        self._flags = array("B")
        self._places = array("B")
        self._numbers = array("I")
        self._birth = array("i")
        self._dates_of = array("I")
        self._first = array("i")
        self._last = array("i")
        self._sex = array("B")
        self._states_of = array("I")
        self._state_numbers = array("H")
        self._documents: set[tuple[int, int]] = set()

    def add_all(self, records: Iterable[Mapping[str, object]]) -> None:
        """Add every record; raises RecordError naming the number of the record that is not right."""
        for number, record in enumerate(records, start=1):
            try:
                self.add(entry_from_plain(record))
            except RecordError as error:
                raise RecordError(f"record {number}: {error}") from None

    def add(self, entry: Entry) -> None:
        """Add one entry."""
        names = [added for place, name in enumerate(entry.names) if (added := self._add_name(place, name))]
        self._names_of.append(len(names))
        dates = [packed for listed in entry.birth_dates if (packed := pack(listed))]
        self._dates_of.append(len(dates))
        for first, last in dates:
            self._first.append(first)
            self._last.append(last)
        single = len(dates) == 1 and dates[0][0] == dates[0][1]
        self._birth.append(dates[0][0] if single else COMPLEX_DATE if dates else NO_DATE)
        self._sex.append(SEXES.index(entry.sex) if entry.sex in SEXES else 0)
        states = [self._state(fold_state(code)) for code in entry.nationalities if code.strip()]
        self._states_of.append(len(states))
        self._state_numbers.extend(states)
        number = len(self._sex) - 1
        folded = {fold_number(document.number) for document in entry.documents} - {""}
        self._documents.update((document_hash(text), number) for text in folded)
        self.details.add(entry)

    def _add_name(self, place: int, name: Name) -> bool:
        family, given = fold(name.family), fold(name.given)
        tokens = (*family, *given)[: 2 * MAX_TOKENS]
        if not tokens:
            return False
        weak = WEAK if name.quality is Quality.WEAK else 0
        self._tokens_of.append(len(tokens))
        self._numbers.extend(self._tokens.setdefault(token, len(self._tokens)) for token in tokens)
        self._families.append(len(family))
        self._flags.append(weak | (WHOLE if name.whole else 0))
        self._places.append(min(place, 255))
        return True

    def _state(self, code: str) -> int:
        if code not in self._states and len(self._states) >= MAX_STATES:
            raise RecordError("nationalities: too many different codes")
        return self._states.setdefault(code, len(self._states))

    def finish(self) -> PersonIndex:
        """Return the index: tokens in alphabetical, persons in birth-date order."""
        tokens = sorted(self._tokens)
        renumber = np.zeros(len(tokens), np.uint32)
        renumber[[self._tokens[token] for token in tokens]] = np.arange(len(tokens), dtype=np.uint32)
        arrays = self._ordered(renumber)
        return PersonIndex(arrays, Vocabulary.build(tokens), list(self._states))

    def _ordered(self, renumber: npt.NDArray[np.uint32]) -> Arrays:
        birth = np.array(self._birth, np.int32)
        order = np.argsort(birth, kind="stable")
        place = np.empty(len(order), np.uint32)
        place[order] = np.arange(len(order), dtype=np.uint32)
        names_of = offsets_of(np.array(self._names_of, np.int64))
        person_names, name_order = take(names_of, np.arange(int(names_of[-1]), dtype=np.int64), order)
        numbers = renumber[np.array(self._numbers, np.uint32)] if len(self._numbers) else np.zeros(0, np.uint32)
        name_tokens, token_numbers = take(offsets_of(np.array(self._tokens_of, np.int64)), numbers, name_order)
        dates_of = offsets_of(np.array(self._dates_of, np.int64))
        person_dates, date_first = take(dates_of, np.array(self._first, np.int32), order)
        states_of = offsets_of(np.array(self._states_of, np.int64))
        person_states, state_numbers = take(states_of, np.array(self._state_numbers, np.uint16), order)
        posting_offsets, posting_persons = _postings(len(renumber), person_names, name_tokens, token_numbers)
        hashes, persons = self._document_arrays(place)
        return Arrays(
            posting_offsets=posting_offsets,
            posting_persons=posting_persons,
            person_names=person_names,
            name_tokens=name_tokens,
            name_families=np.array(self._families, np.uint8)[name_order],
            name_flags=np.array(self._flags, np.uint8)[name_order],
            name_places=np.array(self._places, np.uint8)[name_order],
            token_numbers=token_numbers,
            person_birth=birth[order],
            person_dates=person_dates,
            date_first=date_first,
            date_last=take(dates_of, np.array(self._last, np.int32), order)[1],
            person_sex=np.array(self._sex, np.uint8)[order],
            person_states=person_states,
            state_numbers=state_numbers,
            person_slot=order.astype(np.uint32),
            document_hash=hashes,
            document_person=persons,
        )

    def _document_arrays(self, place: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        pairs = sorted((hashed, int(place[number])) for hashed, number in self._documents)
        hashes = np.array([pair[0] for pair in pairs], np.uint64)
        return hashes, np.array([pair[1] for pair in pairs], np.uint32)


def _postings(
    tokens: int,
    person_names: npt.NDArray[np.uint32],
    name_tokens: npt.NDArray[np.uint32],
    token_numbers: npt.NDArray[np.uint32],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Turn person → names → tokens around: token → persons, each once, ascending."""
    first_token = name_tokens[person_names].astype(np.int64)
    persons = np.repeat(np.arange(len(person_names) - 1, dtype=np.uint64), np.diff(first_token))
    pairs = np.unique(token_numbers.astype(np.uint64) << np.uint64(32) | persons)
    owners = (pairs >> np.uint64(32)).astype(np.int64)
    return offsets_of(np.bincount(owners, minlength=tokens)), (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32)
