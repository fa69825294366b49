"""Agreements: concluded, extended, ended, and what of that is on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkpoint_app.central import acts, agreements
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.centre import Centre, CentreError
from tests.central.helpers import START, Clock

ONE = Concluded("EC-US", "USA", START, START + timedelta(days=100))


def concluded(centre: Centre, *new: Concluded) -> None:
    with centre.begin() as connection:
        for one in new:
            agreements.add(centre, connection, one)


def test_an_agreement_has_its_term_and_all_are_listed_by_name(centre: Centre) -> None:
    other = Concluded("EC-CL", "CHL", START + timedelta(days=1), START + timedelta(days=2))
    concluded(centre, ONE, other)
    with centre.begin() as connection:
        assert agreements.every(connection) == [other, ONE]
        assert agreements.get(connection, "EC-US").term.in_force(START)
        assert [act.what for act in acts.all(connection)] == ["agreement added"] * 2


def test_an_agreement_ends_now_and_is_extended_only_to_a_later_end(centre: Centre, clock: Clock) -> None:
    concluded(centre, ONE)
    clock.move(days=3)
    with centre.begin() as connection:
        for end in (ONE.ends_at, START):
            with pytest.raises(CentreError, match="not later"):
                agreements.extend(centre, connection, "EC-US", end)
        later = ONE.ends_at + timedelta(days=1)
        assert agreements.extend(centre, connection, "EC-US", later).ends_at == later
        ended = agreements.end(centre, connection, "EC-US")
        assert agreements.get(connection, "EC-US") == ended
        assert (ended.begins_at, ended.ends_at) == (START, clock.now())
        assert not ended.term.in_force(clock.now())
        with pytest.raises(CentreError, match="it ended at 2026-11-30 09:00"):
            agreements.end(centre, connection, "EC-US")
        with pytest.raises(CentreError, match="not later"):
            agreements.extend(centre, connection, "EC-US", clock.now())


def test_an_agreement_that_is_ended_before_it_begins_never_comes_into_force(centre: Centre, clock: Clock) -> None:
    concluded(centre, Concluded("EC-US", "USA", START + timedelta(days=9), START + timedelta(days=10)))
    with centre.begin() as connection:
        term = agreements.end(centre, connection, "EC-US").term
    assert not any(term.in_force(clock.now() + timedelta(days=day)) for day in range(12))


def test_what_is_no_agreement_is_refused(centre: Centre) -> None:
    concluded(centre, ONE)
    wrong = (
        (ONE, "agreement_known"),
        (Concluded("X", "USA", START, START), "agreement_malformed"),
        (Concluded("", "USA", START, START + timedelta(1)), "agreement_malformed"),
        (Concluded("X\n", "USA", START, START + timedelta(1)), "agreement_malformed"),
        (Concluded("X", "A" * 201, START, START + timedelta(1)), "agreement_malformed"),
    )
    for one, code in wrong:
        with pytest.raises(CentreError) as refused:
            concluded(centre, one)
        assert refused.value.code == code
    with centre.begin() as connection:
        with pytest.raises(CentreError, match="there is none"):
            agreements.end(centre, connection, "EC-PE")
        assert len(agreements.every(connection)) == 1
