"""Without a window a newer list is held against Encounters too, in bounded time, and what is left is done later."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from checkpoint_app.booth.cases import rescreening
from checkpoint_app.booth.line import windowless_round
from checkpoint_app.booth.opening.status_file import LineStatus
from checkpoint_app.booth.record.records import Records
from checkpoint_app.store import Store, open_passphrase_key
from tests.booth.cases.test_rescreening import CLEAR, KLARA
from tests.booth.helpers import OTHERS, PASSPHRASE, Booth, FakeClock, make_booth


@pytest.fixture
def left(tmp_path):
    """The folder of a booth at which Klara passed three times, and a newer list that names her."""
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    for _ in range(3):
        booth.type(*CLEAR)
        booth.let_pass()
    publisher.persons(tmp_path / "inbox", booth.store(), (*OTHERS, KLARA), version=2)
    booth.close()
    return tmp_path


def opened(folder, clock=None):
    key = open_passphrase_key(folder / "data", PASSPHRASE)
    return Store.open(folder / "data", key, clock=clock or FakeClock())


def test_a_booth_without_a_window_finds_late_hits_too(left):
    with opened(left) as store:
        line = LineStatus("up", datetime.now(UTC), None, "")
        outcomes = windowless_round.apply_and_tell(store, left / "data", left / "inbox", line)
        assert ("ECU", 2, "") in [(one.name, one.version, one.refused) for one in outcomes]
        assert len(store.cases.all()) == 3
        assert all(row.untold and row.lane for row in store.cases.all())
        assert sorted(len(row.later) for row in store.cases.all()) == [0, 1, 2]  # where the person was since
        assert windowless_round.rescreen(Records(store)) == 0
    assert json.loads((left / "data" / "status.json").read_text())["inbox"] == 3


def test_what_is_left_when_the_time_is_over_is_done_next_time(left, monkeypatch):
    monkeypatch.setattr(rescreening, "SLICE", 1)
    with opened(left) as store:
        records = Records(store)
        windowless_round.apply_inbox(records, left / "inbox")
        assert windowless_round.rescreen(records, 0.0) == 0
        assert store.cases.all() == []
        assert windowless_round.rescreen(records) == 3
        assert windowless_round.rescreen(records) == 0


def test_a_list_that_may_not_be_consulted_finds_nobody(left):
    clock = FakeClock()
    with opened(left, clock) as store:
        records = Records(store)
        windowless_round.apply_inbox(records, left / "inbox")
        clock.time += timedelta(days=90)  # its agreement is over, and its lease
        assert windowless_round.rescreen(records) == 0
        assert store.cases.all() == []


def test_the_status_says_which_lists_cannot_be_consulted(left):
    clock = FakeClock()
    with opened(left, clock) as store:
        records = Records(store)
        windowless_round.apply_inbox(records, left / "inbox")
        line = LineStatus("down", datetime.now(UTC), None, "by_hand")

        def bars():
            windowless_round.tell(store, left / "data", line)
            told = json.loads((left / "data" / "status.json").read_text())["lists"]
            return {one["name"]: one["bar"] for one in told}

        assert bars() == {"ECU": None, "INTL": None}
        header = next(copy.header for copy in store.lists.in_force() if copy.header.name == "INTL")
        store.lists.withdraw(replace(header, version=header.version + 1, withdrawn=True))
        assert bars() == {"ECU": None}
        store.leases.end_all()
        assert bars() == {"ECU": "lease_ended"}
