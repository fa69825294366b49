"""The desk lets bodies go that the centre has and whose time by the policy is over, and none before (invariant 2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.booth.desk.desk import FORGET_EVERY_S
from checkpoint_app.store import Store
from tests.booth.helpers import START, Booth, make_booth
from tests.booth.line.test_centre_answers import CLEAR


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    yield booth
    booth.close()


def with_body(booth: Booth, kind: str) -> list[int]:
    """Return the events of ``kind`` whose bodies are still there."""

    def ask(records: Any) -> list[int]:
        store: Store = records.store
        return [
            event.header.seq
            for event in store.journal.events()
            if event.header.kind == kind and store.journal.body_bytes(event.header) is not None
        ]

    found: list[int] = booth._ask(ask)
    return found


def acknowledged(booth: Booth, wanted: tuple[int, ...] = ()) -> None:
    def ask(records: Any) -> None:
        head = records.store.journal.head()
        records.store.delivery.acknowledge(head.seq, head.hash, wanted)

    booth._ask(ask)


def days_later(booth: Booth, days: int) -> None:
    """Let days pass, by the clock and by what was signed, and the desk tick until it is time to forget."""
    booth.clock.pass_(days=days)
    booth._ask(lambda records: records.store.time.see(START + timedelta(days=days)))
    for _ in range(FORGET_EVERY_S):
        booth.desk.tick()
    booth.settle()


def test_the_desk_forgets_by_the_policys_days_and_only_what_the_centre_has(booth: Booth) -> None:
    booth.open()
    keep = booth.desk._core.state.policy.keep_days  # type: ignore[union-attr]
    booth.type(*CLEAR)
    booth.let_pass()
    read = with_body(booth, "encounter_read")
    assert len(read) == 1
    days_later(booth, keep + 1)
    assert with_body(booth, "encounter_read") == read  # it may be told ahead of the chain, but is not acknowledged
    acknowledged(booth, wanted=tuple(read))
    days_later(booth, keep + 2)
    assert with_body(booth, "encounter_read") == read  # the centre still wants it
    assert len(with_body(booth, "disposition")) == 1  # an Encounter goes whole
    acknowledged(booth)
    days_later(booth, keep + 3)
    assert with_body(booth, "encounter_read") == with_body(booth, "disposition") == []


def test_what_is_acknowledged_is_kept_for_the_policys_days(booth: Booth) -> None:
    booth.open()
    keep = booth.desk._core.state.policy.keep_days  # type: ignore[union-attr]
    booth.type(*CLEAR)
    booth.let_pass()
    acknowledged(booth)
    days_later(booth, keep - 1)
    assert len(with_body(booth, "encounter_read")) == 1
