"""One post's slip at the next: the real centre tells booths of each other, and of the one that it revokes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import booths
from checkpoint_app.commands.central_booths import _publish
from checkpoint_app.store import Store
from checkpoint_app.wire.enrolment import BoothKeys, request_enrolment
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.slip import Decided, SlipDecision, SlipVerdict, check_slip, pseudonym, write_slip
from tests.documents.helpers import TD1, TD3
from tests.store.helpers import FakeClock, create
from tests.sync.test_fetch_central import Pair, pair

__all__ = ["pair"]  # a fixture


@pytest.fixture
def other(pair: Pair, tmp_path: Path) -> Iterator[Store]:
    """The store of a second booth, at another post, that the centre confirmed."""
    own = FakeClock(pair.clock.now(), step=timedelta(0))
    with create(tmp_path / "other", own) as store:
        keys = BoothKeys("booth-2", store.identity.public_bytes, store.identity.exchange_public_bytes)
        code = booths.new_code(pair.centre.centre, "booth-2", "Paso Ejemplo")
        booths.enrol(pair.centre.centre, request_enrolment(code, keys))
        booths.confirm(pair.centre.centre, "booth-2", keys.fingerprint)
        yield store


def brought(pair: Pair, records: Records) -> list[str]:
    """Bring what the centre publishes and put it in force; returns the refusals."""
    assert pair.fetch().faults == ()
    return [str(one.refused) for one in apply_inbox(records, pair.inbox) if one.refused]


def test_a_slip_is_believed_at_the_next_post_until_its_booth_is_revoked(pair: Pair, other: Store) -> None:
    records, day = Records(pair.store), timedelta(hours=24)
    decided = Decided(TD3, pair.clock.now(), SlipDecision.LET_PASS, True, 3, pseudonym(b"k" * 32, "o.muster"))
    slip = write_slip(decided, other.identity.signing_key)
    assert check_slip(slip, TD3, records.booths(), pair.clock.now(), day).verdict is SlipVerdict.UNKNOWN_BOOTH

    _publish(pair.centre.centre)
    assert brought(pair, records) == []
    assert [(one.name, one.let_in) for one in records.booths()] == [("booth-1", True), ("booth-2", True)]
    pair.clock.move(hours=2)  # and no line from here on
    result = check_slip(slip, TD3, records.booths(), pair.clock.now(), day)
    assert (result.verdict, result.booth, result.post) == (SlipVerdict.GOOD, "booth-2", "Paso Ejemplo")
    assert check_slip(slip, TD1, records.booths(), pair.clock.now(), day).verdict is SlipVerdict.OTHER_DOCUMENT

    booths.revoke(pair.centre.centre, "booth-2")
    _publish(pair.centre.centre)
    assert check_slip(slip, TD3, records.booths(), pair.clock.now(), day).good  # it has not heard of that yet
    assert brought(pair, records) == []
    assert check_slip(slip, TD3, records.booths(), pair.clock.now(), day).verdict is SlipVerdict.REVOKED_BOOTH
    kinds = [event.header.kind for event in pair.store.journal.events()]
    assert kinds.count(EventKind.BOOTHS_APPLIED) == 2
