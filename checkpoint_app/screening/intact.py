"""Whether an index that was loaded is one: every number in it leads somewhere, every row that must ascend does."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from checkpoint_app.screening.index import SEXES, Arrays
from checkpoint_app.screening.sections import check_below, check_offsets, require


def check_arrays(arrays: Arrays, tokens: int, states: int, entries: int) -> None:
    """Raise SegmentError unless ``arrays`` are those of a list with so many tokens and states and room for ``entries``.

    What is wrong all the same can only make an answer wrong, never read what is not there.
    """
    a = arrays
    persons, names = len(a.person_sex), len(a.name_flags)
    _check_lengths(a, persons, names)
    check_offsets(a.posting_offsets, tokens, len(a.posting_persons), "posting.offsets")
    check_below(a.posting_persons, persons, "posting.persons")
    require(_ascend_in_rows(a.posting_persons, a.posting_offsets), "posting.persons")
    check_offsets(a.person_names, persons, names, "person.names")
    check_offsets(a.name_tokens, names, len(a.token_numbers), "name.tokens")
    lengths = np.diff(a.name_tokens)
    require(bool((lengths > 0).all() and (a.name_families <= lengths).all()), "name.families")
    check_below(a.token_numbers, tokens, "token.numbers")
    check_offsets(a.person_dates, persons, len(a.date_first), "person.dates")
    check_offsets(a.person_states, persons, len(a.state_numbers), "person.states")
    check_below(a.state_numbers, states, "state.numbers")
    check_below(a.person_sex, len(SEXES), "person.sex")
    check_below(a.person_slot, entries, "person.slot")
    require(_ascends(a.person_birth) and (not persons or int(a.person_birth[0]) >= -1), "person.birth")
    check_below(a.document_person, persons, "document.person")
    require(_ascends(a.document_hash), "document.hash")
    require(len(a.phrase_pairs) == len(a.phrase_shares), "phrase.pairs")
    require(bool(((a.phrase_shares > 0) & (a.phrase_shares <= 1)).all()), "phrase.shares")


def _check_lengths(a: Arrays, persons: int, names: int) -> None:
    require(len(a.person_birth) == len(a.person_slot) == persons, "person.birth")
    require(len(a.name_families) == len(a.name_places) == names, "name.families")
    require(len(a.date_first) == len(a.date_last), "date.first")
    require(len(a.document_hash) == len(a.document_person), "document.hash")


def _ascends(values: npt.NDArray[Any]) -> bool:
    return bool((values[1:] >= values[:-1]).all())


def _ascend_in_rows(values: npt.NDArray[np.uint32], offsets: npt.NDArray[np.uint32]) -> bool:
    """Tell whether every row ascends; from the end of one to the beginning of the next they may fall."""
    ascends = np.ones(len(values) + 1, np.bool_)
    ascends[1:-1] = values[1:] > values[:-1]
    ascends[offsets] = True
    return bool(ascends.all())
