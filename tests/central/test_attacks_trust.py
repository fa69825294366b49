"""Attacks on who is let in, and by whom it is: codes in a race, keys that prove nothing, lists that stop the centre."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.central import booths, identity, importing, publishing, tls
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.enrolment import BoothState, request_enrolment
from tests.central.helpers import POST, Clock, FakeBooth
from tests.central.line import made
from tests.central.publishing_helpers import NUMBERS, THEIRS, bring, conclude

# One for each point of small order on edwards25519, and the ways to write them (RFC 7748, RFC 8032).
OF_SMALL_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


@pytest.fixture
def founded(centre: Centre) -> Centre:
    """A centre with what enrolment codes name."""
    with centre.begin() as connection:
        tls.create(centre, connection, ())
        identity.create(centre, connection)
        publishing.create_repository(centre, connection)
    return centre


def test_of_those_who_race_with_one_code_one_set_of_keys_is_taken(founded: Centre) -> None:
    code = booths.new_code(founded, "demo-1", POST)
    racers = [FakeBooth("demo-1") for _ in range(6)]
    won, codes = list[str](), list[str]()

    def race(booth: FakeBooth) -> None:
        try:
            won.append(booths.enrol(founded, request_enrolment(code, booth.keys)).fingerprint)
        except CentreError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=race, args=(booth,)) for booth in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (only,) = booths.all_booths(founded)
    assert won == [only.fingerprint]
    assert set(codes) == {"code_used_up"}
    assert only.state is BoothState.PENDING


def test_keys_that_came_while_somebody_looked_at_the_ones_before_are_not_let_in(founded: Centre) -> None:
    first, second = FakeBooth("demo-1"), FakeBooth("demo-1")
    booths.enrol(founded, request_enrolment(booths.new_code(founded, "demo-1", POST), first.keys))
    (seen,) = booths.all_booths(founded)
    booths.enrol(founded, request_enrolment(booths.new_code(founded, "demo-1", POST), second.keys))
    with pytest.raises(CentreError) as caught:
        booths.confirm(founded, "demo-1", seen.fingerprint)
    assert caught.value.code == "fingerprint_wrong"
    assert booths.all_booths(founded)[0].state is BoothState.PENDING


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("point", OF_SMALL_ORDER)
def test_a_key_that_anybody_can_sign_for_is_refused(tmp_path: Path, clock: Clock, point: str, sign: int) -> None:
    raw = bytes.fromhex(point)
    key = raw[:-1] + bytes([raw[-1] | sign])
    with made(tmp_path / "centre", clock) as centre:
        keys = replace(FakeBooth("demo-1").keys, signing=key)
        with pytest.raises(CentreError) as caught:
            booths.enrol(centre, request_enrolment(booths.new_code(centre, "demo-1", POST), keys))
    assert caught.value.code == "keys_unusable"


def test_no_name_of_a_list_stops_the_centre(tmp_path: Path, clock: Clock) -> None:
    with made(tmp_path / "centre", clock) as centre:
        for name in ("INTL.root", "1.root", "root.json", "2.timestamp"):
            bring(centre, replace(NUMBERS, name=name))
        publishing.publish(centre)
        clock.move(days=300)
        assert "root" in publishing.renew(centre)


def test_a_partner_cannot_end_its_list_by_the_last_of_all_numbers(tmp_path: Path, clock: Clock) -> None:
    with made(tmp_path / "centre", clock) as centre:
        conclude(centre)
        with pytest.raises(importing.RefusedError):
            bring(centre, THEIRS, version=2**53 - 1)
        assert bring(centre, THEIRS, version=7).header.version == 7


def test_a_partner_may_number_by_the_day_on_either_database(founded: Centre) -> None:
    conclude(founded)
    assert bring(founded, THEIRS, version=20_261_127_001).header.version == 20_261_127_001
    assert bring(founded, THEIRS).header.version == 20_261_127_002
