"""Builds the index of a list of persons from plain records, one pass, in memory that grows with the arrays only."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgpack
import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.blocks import BlockWriter
from checkpoint_app.screening.dates import pack
from checkpoint_app.screening.entry import Entry, ListedDate, Quality
from checkpoint_app.screening.fold import confusable, fold_nationality, fold_number, fold_once, fold_whole
from checkpoint_app.screening.form import is_plain
from checkpoint_app.screening.identity import Identities, id_digest
from checkpoint_app.screening.index import COMPLEX_DATE, NO_DATE, SEXES, WEAK, WHOLE, Arrays, PersonIndex
from checkpoint_app.screening.phrases import phrases_of
from checkpoint_app.screening.plain import MAX_TEXT, RecordError, entry_from_plain, entry_to_plain
from checkpoint_app.screening.ragged import offsets_of, take
from checkpoint_app.screening.vocabulary import Vocabulary

MAX_STATES = 65_535
PERSON = "Person"
_SEX_NUMBERS = {sex: number for number, sex in enumerate(SEXES)}
_STATE_OF = lru_cache(maxsize=4096)(fold_nationality)


def document_hash(number: str) -> int:
    """Return eight bytes of a hash of a folded document number, the same for numbers that are misread for each other.

    Not a protection: the segment is sealed as a whole.
    """
    return int.from_bytes(blake2b(confusable(number).encode("ascii"), digest_size=8).digest(), "little")


class PersonBuilder:
    """Takes records one by one; ``finish`` gives the index, ``details`` the compressed entries."""

    def __init__(self) -> None:
        self.details = BlockWriter()
        self.identities = Identities.nobody()
        self._pack = msgpack.Packer().pack
        self._tokens: dict[str, int] = {}
        self._states: dict[str, int] = {"": 0}
        self._ids = bytearray()
        self._names_of = array("B")
        self._tokens_of = array("B")
        self._numbers = array("I")
        self._families = array("B")
        self._flags = array("B")
        self._places = array("B")
        self._birth = array("i")
        self._dates_of = array("B")
        self._first = array("i")
        self._last = array("i")
        self._sex = array("B")
        self._states_of = array("B")
        self._state_numbers = array("H")
        self._document_hashes = array("Q")
        self._document_persons = array("I")

    def add_all(self, records: Iterable[Mapping[str, object]]) -> None:
        """Add every record; raises RecordError naming the number of the record that is not right."""
        for number, record in enumerate(records, start=1):
            try:
                self.add_record(record)
            except RecordError as error:
                raise RecordError(f"record {number}: {error}") from None

    def add(self, entry: Entry) -> None:
        """Add one entry."""
        plain = entry_to_plain(entry)
        self._take(plain, self._pack(plain))

    def add_record(self, record: Mapping[str, object]) -> None:
        """Add one plain record; raises RecordError."""
        if is_plain(record):
            try:
                packed = self._pack(record)
            except UnicodeEncodeError:
                packed = b""  # half a character: below, its field is named
            if 0 < len(packed) <= MAX_TEXT:
                self._take(record, packed)
                return
        self.add(entry_from_plain(record))

    def _take(self, plain: Mapping[str, Any], packed: bytes) -> None:
        """Take a record of which it is known that it has the form that ``entry_to_plain`` gives."""
        number = len(self._sex)
        self._ids += id_digest(plain["id"])
        # A firm, a ship, an aircraft is nobody who can travel: kept with its details, and never found by a traveller.
        is_person = plain.get("schema", PERSON) == PERSON
        self._names_of.append(self._take_names(plain.get("names", ()) if is_person else ()))
        self._take_dates(plain.get("birth_dates", ()))
        self._sex.append(_SEX_NUMBERS.get(plain.get("sex", ""), 0))
        states = 0
        for code in plain.get("nationalities", ()):
            if state := _STATE_OF(code):
                self._state_numbers.append(self._state(state))
                states += 1
        self._states_of.append(states)
        for document in plain.get("documents", ()) if is_person else ():
            if folded := fold_number(document.get("number", "")):
                self._document_hashes.append(document_hash(folded))
                self._document_persons.append(number)
        self.details.add(packed)

    def _take_names(self, names: Sequence[Mapping[str, Any]]) -> int:
        """Take the names of one person and return how many have a letter."""
        taken = 0
        known = self._tokens
        for place, name in enumerate(names):
            given = fold_once(name.get("given", ""))
            family = (fold_once if given else fold_whole)(name.get("family", ""))
            if not family and not given:
                continue
            taken += 1
            self._tokens_of.append(len(family) + len(given))
            self._numbers.extend([known.setdefault(token, len(known)) for token in family + given])
            self._families.append(len(family))
            weak = WEAK if name.get("quality") == Quality.WEAK else 0
            self._flags.append(weak | (WHOLE if name.get("whole") else 0))
            self._places.append(min(place, 255))
        return taken

    def _take_dates(self, listed: Sequence[Mapping[str, Any]]) -> None:
        dates, birth = 0, NO_DATE
        for date in listed:
            text = date.get("first", "")
            if packed := _packed_date(text, date.get("last") or text, bool(date.get("circa"))):
                first, last = packed
                self._first.append(first)
                self._last.append(last)
                birth = first if first == last and not dates else COMPLEX_DATE
                dates += 1
        self._dates_of.append(dates)
        self._birth.append(birth)

    def _state(self, code: str) -> int:
        known = self._states.get(code)
        if known is not None:
            return known
        if len(self._states) >= MAX_STATES:
            raise RecordError("nationalities: too many different codes")
        return self._states.setdefault(code, len(self._states))

    def finish(self) -> PersonIndex:
        """Return the index: tokens in alphabetical, persons in birth-date order. Nothing can be added any more."""
        tokens = sorted(self._tokens)
        renumber = np.zeros(len(tokens), np.uint32)
        renumber[[self._tokens[token] for token in tokens]] = np.arange(len(tokens), dtype=np.uint32)
        self._tokens = {}
        arrays = self._ordered(renumber)
        return PersonIndex(arrays, Vocabulary.build(tokens), list(self._states))

    def _ordered(self, renumber: npt.NDArray[np.uint32]) -> Arrays:
        birth = _taken(self._birth, np.int32)
        order = np.argsort(birth, kind="stable")
        place = np.empty(len(order), np.uint32)
        place[order] = np.arange(len(order), dtype=np.uint32)
        self.identities = Identities.of(np.frombuffer(self._ids, np.uint64), place)
        names_of = offsets_of(_taken(self._names_of, np.uint8))
        person_names, name_order = take(names_of, np.arange(int(names_of[-1]), dtype=np.uint32), order)
        numbers = renumber[_taken(self._numbers, np.uint32)]
        name_tokens, token_numbers = take(offsets_of(_taken(self._tokens_of, np.uint8)), numbers, name_order)
        del numbers
        dates_of = offsets_of(_taken(self._dates_of, np.uint8))
        person_dates, date_first = take(dates_of, _taken(self._first, np.int32), order)
        states_of = offsets_of(_taken(self._states_of, np.uint8))
        person_states, state_numbers = take(states_of, _taken(self._state_numbers, np.uint16), order)
        posting_offsets, posting_persons = _postings(len(renumber), person_names, name_tokens, token_numbers)
        hashes, persons = self._documents(place)
        families = _taken(self._families, np.uint8)[name_order]
        bearers = np.diff(posting_offsets).astype(np.int64)
        phrase_pairs, phrase_shares = phrases_of(name_tokens, families, token_numbers, bearers, len(order))
        return Arrays(
            posting_offsets=posting_offsets,
            posting_persons=posting_persons,
            person_names=person_names,
            name_tokens=name_tokens,
            name_families=families,
            name_flags=_taken(self._flags, np.uint8)[name_order],
            name_places=_taken(self._places, np.uint8)[name_order],
            token_numbers=token_numbers,
            person_birth=birth[order],
            person_dates=person_dates,
            date_first=date_first,
            date_last=take(dates_of, _taken(self._last, np.int32), order)[1],
            person_sex=_taken(self._sex, np.uint8)[order],
            person_states=person_states,
            state_numbers=state_numbers,
            person_slot=order.astype(np.uint32),
            phrase_pairs=phrase_pairs,
            phrase_shares=phrase_shares,
            document_hash=hashes,
            document_person=persons,
        )

    def _documents(self, place: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        """Return the hashes of document numbers, ascending, with their persons, each pair once."""
        hashes = _taken(self._document_hashes, np.uint64)
        persons = place[_taken(self._document_persons, np.uint32)]
        order = np.lexsort((persons, hashes))
        hashes, persons = hashes[order], persons[order]
        first = np.ones(len(hashes), np.bool_)
        first[1:] = (hashes[1:] != hashes[:-1]) | (persons[1:] != persons[:-1])
        return hashes[first], persons[first]


@lru_cache(maxsize=65_536)
def _packed_date(first: str, last: str, circa: bool) -> tuple[int, int] | None:
    return pack(ListedDate(first, last, circa))


def _taken(column: array[int], kind: type[Any]) -> npt.NDArray[Any]:
    """Return a column as an array, and leave nothing in it: the memory is needed for what comes next."""
    taken = np.array(column, kind)
    del column[:]
    return taken


def _postings(
    tokens: int,
    person_names: npt.NDArray[np.uint32],
    name_tokens: npt.NDArray[np.uint32],
    token_numbers: npt.NDArray[np.uint32],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Turn person → names → tokens around: token → persons, each once, ascending."""
    lengths = np.diff(name_tokens[person_names])
    pairs = token_numbers.astype(np.uint64)
    pairs <<= np.uint64(32)
    pairs |= np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
    pairs.sort()
    first = np.ones(len(pairs), np.bool_)
    first[1:] = pairs[1:] != pairs[:-1]
    pairs = pairs[first]
    persons = pairs.astype(np.uint32)
    pairs >>= np.uint64(32)
    return offsets_of(np.bincount(pairs.view(np.int64), minlength=tokens)), persons
