"""What waits for the disk, and what need not: a token's use is worth nothing after a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkpoint_app.central import auth, booths, database
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.token import Asked, Claims, UsedTokenError, make_token
from tests.central.helpers import AUDIENCE, ONE_DATABASE, Clock, FakeBooth, enrolled

NORMAL, FULL = 1, 2


def use(centre: Centre, token: str) -> None:
    asked = Asked("GET", "/", b"", AUDIENCE)
    retried(centre, lambda connection: auth._proven(centre, connection, token, asked), lasting=False)


def token_of(booth: FakeBooth, centre: Centre, token_id: int) -> str:
    claims = Claims(booth.name, f"00000000-0000-4000-8000-{token_id:012d}", centre.now())
    return make_token(booth.signing, claims, Asked("GET", "/", b"", AUDIENCE))


@ONE_DATABASE
def test_only_what_need_not_last_does_not_wait_for_the_disk(centre: Centre) -> None:
    for lasting, expected in ((True, FULL), (False, NORMAL), (True, FULL)):
        with centre.begin(lasting=lasting) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == expected


def test_a_booth_is_seen_once_a_second_and_each_token_used_once(centre: Centre, clock: Clock) -> None:
    booth = enrolled(centre, "demo-1")

    def seen() -> object:
        return booths.all_booths(centre)[0].last_seen

    first = token_of(booth, centre, 1)
    use(centre, first)
    began = clock.now()
    assert seen() == began
    clock.move(seconds=0.9)
    use(centre, token_of(booth, centre, 2))
    assert seen() == began
    clock.move(seconds=0.1)
    use(centre, token_of(booth, centre, 3))
    assert seen() == began + timedelta(seconds=1)
    with pytest.raises(UsedTokenError):
        use(centre, first)
    with centre.begin() as connection:
        assert len(connection.execute(database.used_tokens.select()).all()) == 3


@ONE_DATABASE
def test_a_clock_set_back_still_sees_the_booth(centre: Centre, clock: Clock) -> None:
    booth = enrolled(centre, "demo-1")
    use(centre, token_of(booth, centre, 1))
    clock.move(hours=-1)
    use(centre, token_of(booth, centre, 2))
    assert booths.all_booths(centre)[0].last_seen == clock.now()
