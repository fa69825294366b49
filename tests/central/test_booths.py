"""Codes, enrolment, confirmation and revocation: each step an act, each try counted, nothing by chance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from checkpoint_app.central import acts, booths, database, identity, publishing, tls
from checkpoint_app.central.auth import Caller
from checkpoint_app.central.booths import Booth
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.enrolment import (
    BoothKeys,
    BoothState,
    EnrolmentCode,
    EnrolmentRequest,
    request_enrolment,
)
from checkpoint_app.wire.event import GENESIS
from checkpoint_app.wire.sealing import SealError, unwrap_key
from tests.central.helpers import POST, Clock, FakeBooth

CONTEXT = b"checkpoint unlock key 1 "


@pytest.fixture(autouse=True)
def _with_anchors(centre: Centre) -> None:
    with centre.begin() as connection:
        tls.create(centre, connection, ())
        identity.create(centre, connection)
        publishing.create_repository(centre, connection)


def refused(code: str, work: Callable[[], object]) -> None:
    with pytest.raises(CentreError) as caught:
        work()
    assert caught.value.code == code


def enrol(centre: Centre, booth: FakeBooth) -> EnrolmentRequest:
    request = request_enrolment(booths.new_code(centre, booth.name, POST), booth.keys)
    booths.enrol(centre, request)
    return request


def only(centre: Centre) -> Booth:
    (booth,) = booths.all_booths(centre)
    return booth


def caller(centre: Centre, booth: FakeBooth) -> Caller:
    return Caller(booth.name, POST, only(centre).state, booth.keys.signing, booth.keys.exchange)


def test_a_booth_enrols_is_confirmed_and_revoked_and_each_step_is_an_act(centre: Centre) -> None:
    booth = FakeBooth("demo-1")
    code = booths.new_code(centre, "demo-1", POST)
    reply = booths.enrol(centre, request_enrolment(code, booth.keys))
    assert (reply.booth, reply.state, reply.post, reply.unlock_key) == ("demo-1", BoothState.PENDING, POST, b"")
    assert reply.fingerprint == booth.keys.fingerprint
    assert reply.audience == identity.audience(centre)
    assert len(reply.audience) == 32
    booths.confirm(centre, "demo-1", booth.keys.fingerprint.lower().replace("-", " "))
    assert (only(centre).state, only(centre).chain) == (BoothState.CONFIRMED, 1)
    booths.revoke(centre, "demo-1")
    assert only(centre).state is BoothState.REVOKED
    with centre.begin() as connection:
        steps = [one.what for one in acts.all(connection)]
        assert acts.verify(connection) == 4
    assert steps == ["booth code made", "booth enrolled", "booth confirmed", "booth revoked"]


def test_the_code_names_the_anchors_of_the_centre(centre: Centre) -> None:
    code = booths.new_code(centre, "demo-1", POST)
    with centre.begin() as connection:
        assert code.anchors == identity.anchors(centre, connection).digest
        assert identity.anchors(centre, connection) == identity.anchors(centre, connection)
    assert EnrolmentCode.from_text(code.to_text()) == code


def test_only_the_booths_own_key_opens_the_unlock_key_that_the_centre_keeps(centre: Centre) -> None:
    booth = FakeBooth("demo-1")
    enrol(centre, booth)
    booths.confirm(centre, "demo-1", booth.keys.fingerprint)
    wrapped = booths.reply_for(centre, caller(centre, booth)).unlock_key
    key = unwrap_key(booth.exchange, wrapped, CONTEXT + b"demo-1")
    with centre.begin() as connection:
        assert centre.secret(connection, "unlock demo-1") == key
    with pytest.raises(SealError):
        unwrap_key(FakeBooth("demo-1").exchange, wrapped, CONTEXT + b"demo-1")
    with pytest.raises(SealError):
        unwrap_key(booth.exchange, wrapped, CONTEXT + b"demo-2")


def test_a_lost_reply_costs_nothing(centre: Centre, clock: Clock) -> None:
    booth = FakeBooth("demo-1")
    request = enrol(centre, booth)
    for _ in range(12):
        assert booths.enrol(centre, request).state is BoothState.PENDING
    booths.confirm(centre, "demo-1", booth.keys.fingerprint)
    clock.move(hours=2)
    assert booths.enrol(centre, request).state is BoothState.CONFIRMED
    assert only(centre).chain == 1
    with centre.begin() as connection:
        assert [one.what for one in acts.all(connection)].count("booth enrolled") == 1


def test_a_used_code_takes_no_other_keys(centre: Centre) -> None:
    booth, thief = FakeBooth("demo-1"), FakeBooth("demo-1")
    code = booths.new_code(centre, "demo-1", POST)
    booths.enrol(centre, request_enrolment(code, booth.keys))
    refused("code_used_up", lambda: booths.enrol(centre, request_enrolment(code, thief.keys)))
    assert only(centre).fingerprint == booth.keys.fingerprint


def test_a_code_is_for_one_booth(centre: Centre) -> None:
    code = booths.new_code(centre, "demo-1", POST)
    refused("code_wrong", lambda: booths.enrol(centre, request_enrolment(code, FakeBooth("demo-2").keys)))
    assert booths.all_booths(centre) == []


def test_a_code_lasts_an_hour(centre: Centre, clock: Clock) -> None:
    booth = FakeBooth("demo-1")
    late = request_enrolment(booths.new_code(centre, "demo-1", POST), booth.keys)
    clock.move(minutes=60)
    refused("code_expired", lambda: booths.enrol(centre, late))
    timely = request_enrolment(booths.new_code(centre, "demo-1", POST), booth.keys)
    clock.move(minutes=59, seconds=59)
    assert booths.enrol(centre, timely).state is BoothState.PENDING
    clock.move(days=2)
    booths.new_code(centre, "demo-2", POST)
    refused("code_unknown", lambda: booths.enrol(centre, timely))  # forgotten a day after its end


def test_five_guesses_and_the_code_is_dead_even_for_who_has_it(centre: Centre) -> None:
    code = booths.new_code(centre, "demo-1", POST)
    right = request_enrolment(code, FakeBooth("demo-1").keys)
    for guess in range(5):
        wrong = EnrolmentRequest(right.keys, right.code_id, bytes([guess]) * 32)
        refused("code_wrong", lambda wrong=wrong: booths.enrol(centre, wrong))  # type: ignore[misc]
    refused("code_used_up", lambda: booths.enrol(centre, right))
    assert booths.all_booths(centre) == []


def test_a_try_is_counted_before_it_is_judged(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    right = request_enrolment(booths.new_code(centre, "demo-1", POST), FakeBooth("demo-1").keys)

    def cut(*_arguments: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(booths, "proves_code", cut)
        for _ in range(5):
            with pytest.raises(KeyboardInterrupt):
                booths.enrol(centre, right)
    refused("code_used_up", lambda: booths.enrol(centre, right))


def test_a_new_code_takes_the_place_of_the_one_before(centre: Centre) -> None:
    old, new = (booths.new_code(centre, "demo-1", POST) for _ in range(2))
    other = booths.new_code(centre, "demo-2", POST)
    refused("code_unknown", lambda: booths.enrol(centre, request_enrolment(old, FakeBooth("demo-1").keys)))
    booths.enrol(centre, request_enrolment(new, FakeBooth("demo-1").keys))
    booths.enrol(centre, request_enrolment(other, FakeBooth("demo-2").keys))


@pytest.mark.parametrize(
    "code_id", ["", "0" * 32, "\x00", "x\x00y", "' or 1=1 --", "\ud800".encode("utf-8", "replace").decode()]
)
def test_an_unknown_code_is_told(centre: Centre, code_id: str) -> None:
    booths.new_code(centre, "demo-1", POST)
    refused("code_unknown", lambda: booths.enrol(centre, EnrolmentRequest(FakeBooth("demo-1").keys, code_id, b"")))


def test_unusable_keys_are_refused_before_a_try_is_spent(centre: Centre) -> None:
    good = FakeBooth("demo-1").keys
    code = booths.new_code(centre, "demo-1", POST)
    for keys in (
        BoothKeys("demo-1", good.signing[:31], good.exchange),
        BoothKeys("demo-1", good.signing, b""),
        BoothKeys("demo-1", good.signing, bytes(32)),  # of small order: whatever is sealed to it anybody opens
    ):
        for _ in range(3):
            refused("keys_unusable", lambda keys=keys: booths.enrol(centre, request_enrolment(code, keys)))  # type: ignore[misc]
    booths.enrol(centre, request_enrolment(code, good))


@pytest.mark.parametrize("name", ["", "-a", "a b", "ä", "a" * 65, "a/b", "a\n", "a\x00"])
def test_a_booth_has_a_plain_name(centre: Centre, name: str) -> None:
    refused("booth_name", lambda: booths.new_code(centre, name, POST))


@pytest.mark.parametrize("post", ["", " a", "a" * 65, "a\nb"])
def test_a_post_has_a_printable_name(centre: Centre, post: str) -> None:
    refused("post_name", lambda: booths.new_code(centre, "demo-1", post))


def test_confirmation_wants_the_fingerprint_of_these_keys(centre: Centre) -> None:
    enrol(centre, FakeBooth("demo-1"))
    for wrong in ("", "0000-0000-0000-0000-0000", FakeBooth("demo-1").keys.fingerprint, "ü"):
        refused("fingerprint_wrong", lambda wrong=wrong: booths.confirm(centre, "demo-1", wrong))  # type: ignore[misc]
    refused("booth_unknown", lambda: booths.confirm(centre, "demo-2", ""))
    assert only(centre).state is BoothState.PENDING


def test_confirming_twice_changes_nothing(centre: Centre) -> None:
    booth = FakeBooth("demo-1")
    enrol(centre, booth)
    booths.confirm(centre, "demo-1", booth.keys.fingerprint)
    with centre.begin() as connection:
        key = centre.secret(connection, "unlock demo-1")
    booths.confirm(centre, "demo-1", booth.keys.fingerprint)
    with centre.begin() as connection:
        assert centre.secret(connection, "unlock demo-1") == key
        assert [one.what for one in acts.all(connection)].count("booth confirmed") == 1


def test_new_keys_of_a_confirmed_booth_wait_again_in_a_new_chain(centre: Centre) -> None:
    old, new = FakeBooth("demo-1"), FakeBooth("demo-1")
    enrol(centre, old)
    booths.confirm(centre, "demo-1", old.keys.fingerprint)
    with centre.begin() as connection:
        before = centre.secret(connection, "unlock demo-1")
        connection.execute(update(database.booths).values(seq=17, head="a" * 64))
    enrol(centre, new)
    here = only(centre)
    assert (here.state, here.chain, here.fingerprint) == (BoothState.PENDING, 2, new.keys.fingerprint)
    assert (here.decided_at, here.decided_by) == (None, "")
    with centre.begin() as connection:
        row = connection.execute(database.booths.select()).one()
        assert (row.seq, row.head) == (0, GENESIS)
        assert centre.secret(connection, "unlock demo-1") is None
        assert acts.all(connection)[-1].about["again"] is True
    enrol(centre, FakeBooth("demo-1"))
    assert only(centre).chain == 2  # the keys between were never in force
    refused("fingerprint_wrong", lambda: booths.confirm(centre, "demo-1", new.keys.fingerprint))
    booths.confirm(centre, "demo-1", only(centre).fingerprint)
    with centre.begin() as connection:
        assert centre.secret(connection, "unlock demo-1") not in (None, before)


def test_the_same_keys_by_a_new_code_go_on_with_their_chain(centre: Centre) -> None:
    booth = FakeBooth("demo-1")
    enrol(centre, booth)
    booths.confirm(centre, "demo-1", booth.keys.fingerprint)
    with centre.begin() as connection:
        connection.execute(update(database.booths).values(seq=17, head="a" * 64))
    enrol(centre, booth)
    assert (only(centre).state, only(centre).chain) == (BoothState.PENDING, 1)
    with centre.begin() as connection:
        assert connection.execute(database.booths.select()).one().seq == 17


def test_a_revoked_booth_is_confirmed_only_after_a_new_code(centre: Centre) -> None:
    booth = FakeBooth("demo-1")
    request = enrol(centre, booth)
    waiting = booths.new_code(centre, "demo-1", POST)
    booths.revoke(centre, "demo-1")
    refused("booth_revoked", lambda: booths.confirm(centre, "demo-1", booth.keys.fingerprint))
    refused("code_unknown", lambda: booths.enrol(centre, request))
    refused("code_unknown", lambda: booths.enrol(centre, request_enrolment(waiting, booth.keys)))
    assert only(centre).state is BoothState.REVOKED
    enrol(centre, booth)
    booths.confirm(centre, "demo-1", booth.keys.fingerprint)
    assert only(centre).state is BoothState.CONFIRMED


def test_a_new_chain_is_allowed_by_name(centre: Centre) -> None:
    enrol(centre, FakeBooth("demo-1"))
    assert not only(centre).new_chain_allowed
    booths.allow_new_chain(centre, "demo-1")
    assert only(centre).new_chain_allowed
    refused("booth_unknown", lambda: booths.allow_new_chain(centre, "demo-2"))
    with centre.begin() as connection:
        assert acts.all(connection)[-1].what == "new chain allowed"


def test_booths_are_listed_with_the_events_stored(centre: Centre) -> None:
    for name in ("b", "a"):
        enrol(centre, FakeBooth(name))
    row = {"booth": "a", "chain": 1, "kind": "started", "header": "{}", "signature": b"", "hash": "", "received_at": ""}
    with centre.begin() as connection:
        for seq in (1, 2):
            connection.execute(database.events.insert().values(seq=seq, event_id=str(seq), **row))
    assert [(one.name, one.events, one.last_seen) for one in booths.all_booths(centre)] == [
        ("a", 2, None),
        ("b", 0, None),
    ]


def test_no_code_and_no_key_is_in_clear_in_the_database(centre: Centre) -> None:
    code = booths.new_code(centre, "demo-1", POST)
    with centre.begin() as connection:
        rows = [tuple(row) for table in database.tables.sorted_tables for row in connection.execute(table.select())]
        statement = identity.statement_key(centre, connection)
    assert isinstance(statement, Ed25519PrivateKey)
    stored = b"\x00".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
    assert code.secret not in stored
    assert code.to_text().encode() not in stored
    assert statement.private_bytes_raw() not in stored
