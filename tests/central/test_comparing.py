"""Two versions of a list of persons held against each other, and what changed in those that both have."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.central.comparing import KINDS, DoubledError, Fingerprints
from checkpoint_app.wire.header import ListKind

KEY = bytes(32)
PERSON: dict[str, Any] = {
    "id": "L1",
    "schema": "Person",
    "names": [{"family": "MUSTER", "given": "Eva"}],
    "birth_dates": [{"first": "1951"}],
    "sex": "F",
    "nationalities": ["ECU"],
    "documents": [{"number": "X1"}],
    "birth_place": "Quito",
    "handling": ["LE-ONLY"],
    "remarks": "seen",
}


def prints(*records: dict[str, Any]) -> Fingerprints:
    noted = Fingerprints(ListKind.PERSONS, KEY)
    deque(noted.noting(records), maxlen=0)
    return noted


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, keys in KINDS.items() for key in keys])
def test_each_part_of_an_entry_is_of_one_kind(kind: str, key: str) -> None:
    without = {name: value for name, value in PERSON.items() if name != key}
    assert prints(without).kinds_against(prints(PERSON)) == {kind: 1}
    assert prints(PERSON).kinds_against(prints(PERSON)) == {}


def test_every_part_of_an_entry_has_its_kind() -> None:
    assert {key for keys in KINDS.values() for key in keys} | {"id"} == PERSON.keys()


def test_those_that_came_or_went_have_no_kind() -> None:
    old, new = prints(PERSON, PERSON | {"id": "L2"}), prints(PERSON | {"sex": "M"}, PERSON | {"id": "L3"})
    assert (new.against(old), new.kinds_against(old)) == ((1, 1, 1), {"other": 1})


def test_unlike_tells_which() -> None:
    old = prints(PERSON, PERSON | {"id": "L2"}, PERSON | {"id": "L4"})
    new = [PERSON, PERSON | {"id": "L3"}, PERSON | {"id": "L4", "sex": "M"}]
    assert list(old.unlike(new)) == [(False, "L3"), (True, "L4")]
    assert list(prints().unlike([PERSON])) == [(False, "L1")]
    with pytest.raises(DoubledError):
        list(prints(PERSON, PERSON).unlike([PERSON]))


RECORDS = st.dictionaries(st.integers(0, 9), st.integers(0, 2), max_size=8)


@given(before=RECORDS, after=RECORDS)
def test_counts_are_those_of_a_plain_comparison(before: dict[int, int], after: dict[int, int]) -> None:
    old, new = (
        [PERSON | {"id": f"L{n}", "remarks": f"{value}"} for n, value in one.items()] for one in (before, after)
    )
    changed = {n for n in before.keys() & after.keys() if before[n] != after[n]}
    assert prints(*new).against(prints(*old)) == (len(after.keys() - before), len(before.keys() - after), len(changed))
    assert prints(*new).kinds_against(prints(*old)) == ({"other": len(changed)} if changed else {})
    unlike = {one: known for known, one in prints(*old).unlike(new)}
    assert unlike == {f"L{n}": n in before for n in (after.keys() - before) | changed}
