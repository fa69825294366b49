"""Lists of codes on their whole way: imported at the centre, published, fetched, judged and in force at a booth."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.cargo.code_lists import count_of, load_codes
from checkpoint_app.central import code_material, importing, withdrawing
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.importing import Imported, Material
from checkpoint_app.central.keeping import Declared
from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.wire.codes import write_codes
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.exact import PART_BYTES
from checkpoint_app.wire.header import ListKind
from tests.central import test_rules_at_a_booth as of_rules
from tests.central.helpers import START

UN, HS = Declared("un-numbers", ListKind.CODES, "ECU"), Declared("hs", ListKind.CODES, "ECU")
TABLE, NEWER = b"un,class\n1830,8\n", b"un,class\n1830,8\n1831,8\n"
WOOD = b"hscode,description\n4407,Wood\n"

Pair, pair, approve = of_rules.Pair, of_rules.pair, of_rules.approve


def bring(pair: Pair, one: Declared, data: bytes) -> Imported:
    codes = code_material.read_codes(one.name, data, Path("codes.csv"))
    return importing.import_version(pair.served.centre, one, code_material.of_codes(data, codes, pair.clock.now()))


def in_force(pair: Pair) -> list[tuple[str, int, bytes]]:
    return [(one.name, one.version, one.data) for one in pair.restarted().codes()]


def test_both_lists_come_into_force_by_their_exact_bytes(pair: Pair) -> None:
    wood = WOOD + (b" " * 1023 + b"\n") * (PART_BYTES >> 10)  # larger than one record
    assert bring(pair, HS, wood).header.record_count == 2
    un = bring(pair, UN, TABLE).header
    assert (un.sealed, un.calibration) == (False, {"codes": 1})
    pair.publish()
    assert pair.applied() == [("hs", 1, ""), ("un-numbers", 1, "")]
    assert in_force(pair) == [("hs", 1, wood), ("un-numbers", 1, TABLE)]
    assert pair.bodies(EventKind.CODES_APPLIED)[1] == {"name": "un-numbers", "version": 1, "digest": un.payload_digest}
    (pair.inbox / "hs.list").unlink()
    assert pair.fetch() == Fetched()  # what is in force is not brought again
    assert pair.applied() == []


def test_a_new_version_waits_for_a_second_person_and_no_older_one_comes_back(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(pair, UN, TABLE)
    pair.publish()
    pair.applied()
    old = (pair.inbox / "un-numbers.list").read_bytes()
    bring(pair, UN, NEWER)
    pair.publish()
    assert pair.applied() == []
    approve(pair, "un-numbers", 2, monkeypatch)
    pair.publish()
    assert pair.applied() == [("un-numbers", 2, "")]
    assert in_force(pair) == [("un-numbers", 2, NEWER)]
    (pair.inbox / "un-numbers.list").write_bytes(old)  # invariant 5
    assert apply_inbox(pair.restarted(), pair.inbox) == []
    pair.clock.move(days=400)  # a list of codes has no age, and no lease
    pair.restarted().end_what_is_over()
    assert in_force(pair) == [("un-numbers", 2, NEWER)]


@pytest.mark.parametrize("data", [WOOD, b"un\nnothing\n", b"un,class\n" + b"1830,8\n" * 100_001], ids=len)
def test_a_bad_table_that_was_signed_nonetheless_leaves_the_one_in_force(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    bring(pair, UN, TABLE)
    pair.publish()
    pair.applied()
    importing.import_version(pair.served.centre, UN, Material(lambda _version: write_codes(data), START, digest="00"))
    approve(pair, "un-numbers", 2, monkeypatch)
    pair.publish()
    assert pair.applied() == [("un-numbers", 2, "bad_codes")]
    assert in_force(pair) == [("un-numbers", 1, TABLE)]
    assert pair.bodies(EventKind.LIST_REFUSED) == [{"name": "un-numbers", "version": 2, "why": "bad_codes"}]
    assert len(pair.bodies(EventKind.CODES_APPLIED)) == 1


def test_a_withdrawn_list_goes_and_comes_back_with_a_later_version(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(pair, UN, TABLE)
    pair.publish()
    pair.applied()
    withdrawing.withdraw_list(pair.served.centre, "un-numbers")
    approve(pair, "un-numbers", 2, monkeypatch)
    pair.publish()
    assert pair.applied() == [("un-numbers", 2, "")]
    assert in_force(pair) == []
    assert pair.restarted().versions()["un-numbers"] == 2
    assert pair.bodies(EventKind.LIST_PURGED) == [{"name": "un-numbers", "version": 2, "why": "withdrawn"}]
    bring(pair, UN, NEWER)
    approve(pair, "un-numbers", 3, monkeypatch)
    pair.publish()
    assert pair.applied() == [("un-numbers", 3, "")]
    assert in_force(pair) == [("un-numbers", 3, NEWER)]


def test_a_list_of_codes_has_one_of_two_names_and_is_the_posts_own(pair: Pair) -> None:
    for one in (
        Declared("imdg", ListKind.CODES, "ECU"),
        Declared("hs", ListKind.CODES, "ECU", silent=True),
        Declared("hs", ListKind.CODES, "ECU", "EC-US", b"\x00" * 32),
    ):
        with pytest.raises(CentreError):
            importing.import_version(
                pair.served.centre, one, Material(lambda _version: write_codes(WOOD), START, digest="00")
            )


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("CHECKPOINT_DATA"), reason="CHECKPOINT_DATA names no reference data")
def test_the_reference_lists_come_into_force(pair: Pair) -> None:
    folder = Path(os.environ["CHECKPOINT_DATA"]) / "risk" / "codes"
    tables = {UN: (folder / "un_numbers_adr.csv").read_bytes(), HS: (folder / "hs_2022.csv").read_bytes()}
    for one, data in tables.items():
        bring(pair, one, data)
    pair.publish()
    assert pair.applied() == [("hs", 1, ""), ("un-numbers", 1, "")]
    assert {name: data for name, _version, data in in_force(pair)} == {one.name: data for one, data in tables.items()}
    counts = {one.name: count_of(load_codes(one.name, one.data)) for one in pair.restarted().codes()}
    assert counts == {"un-numbers": 2437, "hs": 6939}
