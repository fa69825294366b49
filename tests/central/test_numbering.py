"""Lists of document numbers at the centre: hashed here or by the partner, and compared with the version in force."""

from __future__ import annotations

from typing import Any

import pytest

from checkpoint_app.central import lists, series
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.importing import Imported, RefusedError
from checkpoint_app.central.lists import VersionState
from checkpoint_app.screening.numbers import build
from checkpoint_app.screening.numbers.blocks import read_head
from checkpoint_app.screening.numbers.build import blocks_of
from checkpoint_app.screening.numbers.form import Head
from tests.central.publishing_helpers import NUMBERS, bring, numbers

RANGE = {"first": "AB000100", "last": "AB000199", "issuer": "UTO", "category": "blank"}
PARTNERS = b"\x09" * 32


def counts(imported: Imported) -> tuple[int, int, int]:
    return imported.change.added, imported.change.removed, imported.change.changed


def head_of_newest(centre: Centre) -> Head:
    with centre.begin() as connection:
        newest = lists.approved(centre, connection, "INTL")
    assert newest is not None
    records = list(lists.records_of(newest))
    assert b"X0000001" not in repr(records).encode()
    return read_head(records[0])


def key_of_newest(centre: Centre) -> bytes:
    return head_of_newest(centre).key


OTHER = [{**numbers(1)[0], "category": "lost"}, *numbers(301)[2:], {**RANGE, "last": "AB000200"}]
"""As the first, and then: a number and a range more, and less; one of another category."""


def test_the_versions_of_a_series_are_hashed_once_under_one_key_and_compared(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bring(centre, NUMBERS, [*numbers(300), RANGE])
    before = key_of_newest(centre)
    assert counts(first) == (301, 0, 0)
    assert (first.header.entries, first.header.calibration) == (301, {"numbers": 300, "ranges": 1})
    hashed: list[bytes] = []
    hash_it = build.number_hash
    monkeypatch.setattr(build, "number_hash", lambda key, folded: hashed.append(folded) or hash_it(key, folded))
    second = bring(centre, NUMBERS, OTHER)
    assert counts(second) == (2, 2, 1)
    assert second.change.records_before == 301
    assert second.state is VersionState.READY
    assert key_of_newest(centre) == before
    assert len(hashed) == 300


def test_a_new_series_has_a_new_key_and_is_compared_under_that_before(centre: Centre) -> None:
    bring(centre, NUMBERS, [*numbers(300), RANGE])
    before = key_of_newest(centre)
    with centre.begin() as connection:
        series.end(connection, "INTL")
    assert counts(bring(centre, NUMBERS, OTHER)) == (2, 2, 1)
    assert key_of_newest(centre) != before


def test_the_table_of_issuers_only_grows_within_a_series(centre: Centre) -> None:
    bring(centre, NUMBERS, numbers(300))
    chilean = {"number": "A1234", "issuer": "CHL", "category": "lost"}
    bring(centre, NUMBERS, [chilean, *numbers(300)])
    assert head_of_newest(centre).issuers == ("", "UTO", "CHL")
    assert bring(centre, NUMBERS, [chilean]).state is VersionState.PENDING
    bring(centre, NUMBERS, [{**chilean, "issuer": "ECU"}, *numbers(300)])
    assert head_of_newest(centre).issuers == ("", "UTO", "CHL", "ECU")


def test_a_number_that_is_given_twice_is_told_and_stands_once(centre: Centre) -> None:
    made = bring(centre, NUMBERS, [*numbers(20), *numbers(3)])
    assert (made.header.entries, made.twice) == (20, 3)


def test_what_a_partner_hashed_is_compared_where_it_kept_its_key(centre: Centre) -> None:
    first = bring(centre, NUMBERS, list(blocks_of([*numbers(300), RANGE], PARTNERS)))
    assert key_of_newest(centre) == PARTNERS
    issuers: list[dict[str, Any]] = [{"number": "A1234", "issuer": "ECU", "category": "lost"}]  # a table in other order
    second = bring(centre, NUMBERS, list(blocks_of([*issuers, *numbers(299), RANGE], PARTNERS)))
    assert counts(second) == (1, 1, 0)
    third = bring(centre, NUMBERS, [*issuers, *numbers(299), RANGE])  # now in clear
    assert counts(third) == (0, 0, 0)
    assert key_of_newest(centre) == PARTNERS
    assert head_of_newest(centre).issuers == ("", "UTO", "ECU")
    assert len({one.header.key_id for one in (first, second, third)}) == 1


def test_under_another_key_all_counts_as_new_and_waits_for_a_second_person(centre: Centre) -> None:
    first = bring(centre, NUMBERS, list(blocks_of(numbers(300), PARTNERS)))
    second = bring(centre, NUMBERS, list(blocks_of(numbers(300), b"\x08" * 32)))
    assert first.header.key_id != second.header.key_id
    assert counts(second) == (300, 300, 0)
    assert second.state is VersionState.PENDING


@pytest.mark.parametrize(
    "records",
    [
        [{"number": "", "issuer": "UTO", "category": "lost"}],
        [{"number": "A1", "issuer": "UTO", "category": "eaten"}],
        [{**next(blocks_of(numbers(3))), "count": 4}],
        [*blocks_of(numbers(3)), *blocks_of(numbers(3))],
    ],
)
def test_records_that_are_none_are_refused_and_nothing_is_kept(centre: Centre, records: list[dict[str, Any]]) -> None:
    with pytest.raises(RefusedError) as caught:
        bring(centre, NUMBERS, records)
    assert caught.value.code == "list_malformed"
    assert not [path.name for path in (centre.folder / "lists").iterdir() if path.name != "lock"]
