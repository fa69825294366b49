from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checkpoint_app.risk.stays import (
    Crossed,
    Links,
    Scope,
    days_of,
    is_unusual_hour,
    limit_of,
    link_fields,
    stay_answer,
    time_fields,
)
from checkpoint_app.verdict import Check, NotDone, Outcome, Policy, Requirement

QUITO = ZoneInfo("America/Guayaquil")
NOW = datetime(2026, 11, 20, 3, 30, tzinfo=QUITO)
NOTES = dict.fromkeys(("stay.over", "stay.exit_without_entry", "stay.entry_without_exit"), Outcome.NOTE)
POLICY = Policy("P", 1, NOW, (Requirement(Check.STAY),), NOTES, stay_days={"": 90, "ECU": 0, "PER": 30})


def ago(entry, **since):
    return Crossed(NOW - timedelta(**since), entry)


def answer(crossings, *, entry=False, scope=Scope.POST, nationality="CHL", policy=POLICY, since=date(2026, 1, 21)):
    return stay_answer(crossings, NOW, entry, scope, policy, nationality, NOW, since)


def test_days_are_the_local_calendars():
    entered = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)  # still the 18th in Quito
    assert days_of(entered, datetime(2026, 11, 18, 23, 0, tzinfo=QUITO)) == 1
    assert days_of(entered, datetime(2026, 11, 20, 0, 5, tzinfo=QUITO)) == 3


@pytest.mark.parametrize(("nationality", "limit"), [("PER", 30), ("ECU", 0), ("CHL", 90), (None, None)])
def test_the_limit_is_the_table_s(nationality, limit):
    assert limit_of(POLICY, nationality) == limit


def test_how_often_and_when():
    before = [ago(True, days=100), ago(False, days=80), ago(True, days=6), ago(False, hours=5)]
    assert time_fields(before, NOW, True, Scope.POST) == {
        "hist.scope": "post",
        "hist.crossings_90d": 3,
        "hist.crossings_7d": 2,
        "hist.last_crossing_hours": 5,
        "hist.turn_round_hours": 5,
    }


def test_one_booth_never_says_that_somebody_left_without_entering():
    assert "hist.exit_without_entry" not in time_fields([], NOW, False, Scope.POST)
    assert time_fields([], NOW, False, Scope.NATIONAL)["hist.exit_without_entry"] is True
    assert time_fields([ago(True, days=3)], NOW, False, Scope.NATIONAL)["hist.exit_without_entry"] is False


def test_days_of_the_stay_that_ends():
    fields = time_fields([ago(True, days=99)], NOW, False, Scope.POST, limit=90)
    assert (fields["hist.days_stayed"], fields["hist.days_over"]) == (100, 10)
    assert time_fields([ago(True, days=99)], NOW, False, Scope.POST, limit=0)["hist.days_over"] == 0
    assert "hist.days_over" not in time_fields([ago(True, days=99)], NOW, False, Scope.POST)
    assert "hist.days_stayed" not in time_fields([ago(False, days=99)], NOW, False, Scope.POST, limit=90)


def test_a_stay_within_its_time_is_clear():
    found = answer([ago(True, days=89)])
    assert (found.outcome, found.source.name) == (Outcome.CLEAR, "post 2026-01-21")


def test_a_stay_beyond_its_time_is_a_note_with_its_days():
    found = answer([ago(True, days=90)])
    assert found.outcome is Outcome.NOTE
    assert [(one.code, dict(one.params)) for one in found.findings] == [("stay.over", {"days": "91", "limit": "90"})]
    assert answer([ago(True, days=900)], nationality="ECU").outcome is Outcome.CLEAR


@pytest.mark.parametrize("crossings", [[], [ago(False, days=4)]])
@pytest.mark.parametrize("entry", [True, False])
def test_what_one_booth_cannot_know_is_not_checked(crossings, entry):
    assert answer(crossings, entry=entry).not_done is NotDone.NO_HISTORY


def test_the_centre_tells_what_does_not_pair():
    without = answer([], scope=Scope.NATIONAL)
    assert [one.code for one in without.findings] == ["stay.exit_without_entry"]
    twice = answer([ago(True, days=4)], entry=True, scope=Scope.NATIONAL)
    assert [(one.code, one.params["date"]) for one in twice.findings] == [("stay.entry_without_exit", "2026-11-16")]
    assert answer([ago(False, days=4)], entry=True, scope=Scope.NATIONAL).outcome is Outcome.CLEAR


def test_a_journal_too_young_to_tell_of_an_entry_finds_none_missing():
    """In a centre's first months everybody leaves who entered before it: nobody is held for that."""
    young, old = date(2026, 8, 23), date(2026, 8, 22)  # 89 and 90 days
    assert answer([], scope=Scope.NATIONAL, since=young).not_done is NotDone.NO_HISTORY
    assert [one.code for one in answer([], scope=Scope.NATIONAL, since=old).findings] == ["stay.exit_without_entry"]
    left = answer([ago(False, days=4)], scope=Scope.NATIONAL, since=young)  # who left came in again since
    assert [one.code for one in left.findings] == ["stay.exit_without_entry"]
    assert answer([], entry=True, scope=Scope.NATIONAL, since=young).outcome is Outcome.CLEAR
    field = "hist.exit_without_entry"
    assert field not in time_fields([], NOW, False, Scope.NATIONAL, 90, young)
    assert time_fields([], NOW, False, Scope.NATIONAL, 90, old)[field] is True
    assert time_fields([ago(False, days=4)], NOW, False, Scope.NATIONAL, 90, young)[field] is True


def test_who_may_stay_for_ever_need_not_have_entered():
    assert answer([], scope=Scope.NATIONAL, nationality="ECU").outcome is Outcome.CLEAR


def test_of_a_nationality_that_is_not_known_no_limit_is_guessed():
    assert answer([ago(True, days=40)], nationality=None).not_done is NotDone.FIELD_MISSING
    everybody = Policy("P", 1, NOW, (Requirement(Check.STAY),), NOTES, stay_days={"": 90})
    assert limit_of(everybody, None) == 90


def test_without_a_limit_days_are_not_compared():
    policy = Policy("P", 1, NOW, (Requirement(Check.STAY),), NOTES)
    assert answer([ago(True, days=4)], policy=policy).not_done is NotDone.FIELD_MISSING


def test_an_hour_is_unusual_when_hardly_anybody_crosses_then():
    hours = Counter(dict.fromkeys(range(6, 22), 50))
    assert is_unusual_hour(hours, 3) is True
    assert is_unusual_hour(hours, 5) is False  # its neighbour is busy
    assert is_unusual_hour(hours, 0) is True
    assert is_unusual_hour(Counter({12: 199}), 3) is None


def test_links_that_are_not_known_are_left_out():
    assert link_fields(Links(document_other_persons=0, vehicle_crossings=7)) == {
        "doc.other_persons": 0,
        "vehicle.crossings_90d": 7,
    }
