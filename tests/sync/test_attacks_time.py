"""Attacks on the line by a thief of an old server's key: what time it tells decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire.api import ACKNOWLEDGEMENT
from checkpoint_app.wire.statement import Statement
from tests.sync.fake_centre import NOW, FakeCentre, served
from tests.sync.helpers import OffClock, Signing

ENDED = NOW - timedelta(days=30)


@pytest.fixture(scope="module")
def thief() -> Iterator[tuple[FakeCentre, int]]:
    """A server with a true certificate that has ended, which tells a time at which it had not."""
    centre = FakeCentre()
    centre.clock.shift = ENDED - timedelta(days=1) - NOW
    with served(centre, centre.authority.server_context(begins=ENDED - timedelta(days=397), days=397)) as port:
        yield centre, port


def asked(thief: tuple[FakeCentre, int], enrolled_at: datetime, seen: datetime | None) -> LineCode | None:
    """Return why a booth refuses the thief, which knows these moments; None where it takes it for the centre."""
    centre, port = thief
    booth = Signing()
    centre.know(booth.booth, booth.signing_key.public_key())
    enrolled = replace(centre.enrolled(f"https://127.0.0.1:{port}"), enrolled_at=enrolled_at)
    line = Line(enrolled, booth, OffClock(), seen=seen)
    try:
        line.get(Statement, ACKNOWLEDGEMENT, most=65_536)
    except LineError as error:
        return error.code
    finally:
        line.close()
    return None


def test_an_old_time_told_gives_no_life_to_an_ended_certificate(thief: tuple[FakeCentre, int]) -> None:
    assert asked(thief, ENDED - timedelta(days=100), NOW) is LineCode.CERTIFICATE_TIME
    assert asked(thief, ENDED + timedelta(seconds=1), None) is LineCode.CERTIFICATE_TIME
    assert thief[0].requests == []  # who it asked about stays with the booth


def test_what_the_booth_knew_before_the_certificate_ended_locks_nobody_out(thief: tuple[FakeCentre, int]) -> None:
    assert asked(thief, ENDED - timedelta(days=100), ENDED - timedelta(seconds=1)) is None
    assert asked(thief, ENDED - timedelta(days=100), None) is None
