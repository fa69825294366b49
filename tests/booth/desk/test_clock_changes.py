"""The booth's screen and judgement under clocks: daylight saving, clocks set wrong while it runs, 2038 and beyond."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import Metadata, Timestamp

from checkpoint_app.booth.desk.key_gate import HOLD_S, KeyGate
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.line.outage_year import midnight
from checkpoint_app.booth.opening.status_file import JournalState, read_status, status_plain, write_status
from checkpoint_app.booth.present.ages import age_text, clock
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.record.records import Records
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store import Store
from checkpoint_app.verdict import AgeSteps, Source
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.token import Asked, Claims, make_token, verify_token
from tests.booth.helpers import START, Booth, FakeClock, make_booth
from tests.booth.states import POLICY, state
from tests.store.helpers import answered_body, decided_body, read_body, store_key

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EN = Words("en")
CHANGES = [  # zone, and the instant at which its clocks are changed in 2026 (IANA time zone database)
    ("America/Santiago", datetime(2026, 4, 5, 3, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ("Europe/Madrid", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Madrid", datetime(2026, 10, 25, 1, tzinfo=UTC)),
]


@pytest.fixture
def zone(monkeypatch):
    def set_to(name: str) -> ZoneInfo:
        monkeypatch.setenv("TZ", name)
        time.tzset()
        return ZoneInfo(name)

    yield set_to
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_the_clock_follows_the_zone_and_ages_are_real_hours_on_days_of_change(zone, name, change):
    local = zone(name)
    assert (change - timedelta(seconds=1)).astimezone(local).utcoffset() != change.astimezone(local).utcoffset()
    for minutes in range(-180, 181, 20):
        now = change + timedelta(minutes=minutes)
        issued = now - 6 * HOUR
        shown = LoadedList("persons", Source("ECU", 88, "e", issued))
        view = present(state(now=now, lists=(shown,)))
        assert view.bar.clock == now.astimezone(local).strftime("%H:%M")
        assert age_text(EN, issued, now) == "6\u00a0h"
        assert view.status[0].text == "Lists young, oldest 6\u00a0h"
    assert AgeSteps().step(change - 23 * HOUR - timedelta(minutes=59), change).value == "fresh"
    assert AgeSteps().step(change - 24 * HOUR - timedelta(minutes=1), change).value == "as_of"


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_the_days_counts_begin_at_its_own_midnight_on_days_of_change(zone, tmp_path, name, change):
    local = zone(name)
    ticking = FakeClock(change)
    noon = (change + 9 * HOUR).astimezone(local).replace(hour=12).astimezone(UTC)
    begin = midnight(noon.astimezone(local).date())
    assert begin.astimezone(local).date() == noon.astimezone(local).date()
    assert (begin - timedelta(seconds=1)).astimezone(local).date() < noon.astimezone(local).date()
    with Store.create(tmp_path, store_key(tmp_path), booth="b-1", clock=ticking) as store:
        for number, at in enumerate((begin - timedelta(seconds=1), begin, noon)):
            ticking.time = at
            name = f"e-{number}"
            store.journal.append(EventKind.ENCOUNTER_READ, read_body(name))
            store.journal.append(EventKind.ENCOUNTER_ANSWERED, answered_body(name))
            store.journal.append(EventKind.DISPOSITION, decided_body(name))
        assert Records(store).counts(noon).persons == 2


def test_a_clock_that_is_set_back_makes_no_list_younger_on_the_screen(tmp_path):
    shown = LoadedList("persons", Source("ECU", 88, "e", START - 6 * HOUR))
    back = state(now=START - 3 * DAY, trusted=START + 8 * DAY, lists=(shown,), policy=POLICY)
    view = present(back)
    assert view.status[0].text == "1 list too old, 8\u00a0d"
    assert view.bar.clock == clock(START - 3 * DAY)  # the clock that the officer knows
    assert "stick" in view.message.text
    assert present(replace(back, trusted=None)).status[0].text.startswith("Lists young")


def test_the_desk_judges_and_shows_by_trusted_time_while_its_clock_jumps(tmp_path):
    publisher, ticking = make_booth(tmp_path)
    booth = Booth(tmp_path, ticking, publisher)
    booth.open()
    booth._ask(lambda records: records.store.time.see(START + HOUR))

    def shown() -> str:
        booth.desk._core.update()
        return booth.view.status[0].text

    assert shown() == "Lists young, oldest 7\u00a0h"
    ticking.time -= 400 * DAY
    assert shown() == "Lists young, oldest 7\u00a0h"
    ticking.seconds += (20 * HOUR).total_seconds()  # as after a night in sleep, the clock still wrong
    assert shown() == "Lists 27\u00a0h old"
    ticking.time = START + 20 * 365 * DAY
    assert "too old" in shown()
    ticking.time = START + 22 * HOUR  # put right: what stood in the future has locked nothing
    assert shown() == "Lists 28\u00a0h old"
    assert booth._ask(lambda records: records.may_work("m.demo"))
    booth.close()


@pytest.mark.parametrize("jump", [-20 * 365 * DAY, -HOUR, HOUR, 20 * 365 * DAY])
def test_the_gate_and_a_wall_clock_that_jumps_know_nothing_of_each_other(jump):
    ticking = FakeClock()
    gate = KeyGate(ticking.monotonic)
    gate.advice_changed()
    ticking.time += jump
    assert not gate.allows(auto_repeat=False)
    ticking.seconds += HOLD_S
    ticking.time -= 2 * jump
    assert gate.allows(auto_repeat=False)


@pytest.mark.parametrize("moment", [datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), datetime(2107, 1, 1, tzinfo=UTC)])
def test_tokens_metadata_and_screens_work_beyond_2038(moment):
    key = Ed25519PrivateKey.generate()
    asked = Asked("GET", "/v1/inbox", b"", "centre-1")
    claims = Claims("b-1", "00000000-0000-4000-8000-00000000000a", moment)
    assert verify_token(make_token(key, claims, asked), key.public_key(), asked, moment).issued_at == moment
    metadata = Metadata(Timestamp(expires=moment))
    again = Metadata.from_bytes(metadata.to_bytes()).signed
    assert again.expires == moment
    assert not again.is_expired(moment - timedelta(seconds=1))
    assert again.is_expired(moment)
    shown = LoadedList("persons", Source("ECU", 88, "e", moment - 30 * HOUR))
    view = present(state(now=moment, lists=(shown,)))
    assert view.status[0].text == "Lists 30\u00a0h old"
    assert view.bar.clock == f"{moment.astimezone():%H:%M}"


def test_the_status_file_makes_no_list_younger_than_the_last_contact(tmp_path):
    shown = LoadedList("persons", Source("ECU", 88, "e", START))
    plain = status_plain(state(lists=(shown,)), JournalState(heard_at=START + 8 * DAY))
    write_status(tmp_path, plain)
    for now in (START - 400 * DAY, START + 8 * DAY):
        (told,) = read_status(tmp_path, now)["lists"]
        assert (told["state"], told["age_s"]) == ("too_old", 8 * 86_400)
