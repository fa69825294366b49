"""The stored chains verified anew: every change of what is stored is found, at its place."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from checkpoint_app.central import audit, booths, database, delivery
from checkpoint_app.central.audit import Chain
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.delivery import LateBody
from checkpoint_app.wire.enrolment import Anchors, EnrolmentCode, request_enrolment
from checkpoint_app.wire.event import EventKind
from tests.central import chains
from tests.central.helpers import ONE_DATABASE, FakeBooth, enrolled

EVENTS, BODIES, BOOTHS = database.events, database.bodies, database.booths


@pytest.fixture
def journal(centre: Centre) -> chains.Chain:
    """A booth's journal of six events, delivered, the third without its body; a kind of a newer booth among them."""
    journal = chains.Chain.of(enrolled(centre, "demo-3"))
    for kind in (
        EventKind.STARTED,
        EventKind.SIGNED_IN,
        EventKind.ENCOUNTER_PICTURE,
        "newer_kind",
        *["signed_out"] * 2,
    ):
        journal.add(kind, {"officer": "m.muster"})
    delivery.receive(centre, "demo-3", journal.batch(bare=(3,)))
    return journal


def told(centre: Centre, booth: str = "") -> list[Chain]:
    return list(audit.chains(centre, booth))


def at(table: Any, seq: int, chain: int = 1) -> Any:
    return (table.c.booth == "demo-3") & (table.c.chain == chain) & (table.c.seq == seq)


def change(centre: Centre, statement: Any) -> None:
    with centre.begin() as connection:
        assert connection.execute(statement).rowcount


def test_a_whole_chain_holds_also_page_by_page(
    centre: Centre, journal: chains.Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in (200, 6, 4, 1):
        monkeypatch.setattr(audit, "_PAGE", page)
        assert told(centre) == [Chain("demo-3", 1, 6, 5)]
    delivery.take_body(centre, "demo-3", journal.late(3))
    assert told(centre) == [Chain("demo-3", 1, 6, 6)]


def test_an_erased_body_breaks_nothing(centre: Centre, journal: chains.Chain) -> None:
    delivery.take_body(centre, "demo-3", LateBody("demo-3", 3, erased=True))
    assert told(centre) == [Chain("demo-3", 1, 6, 5)]


def test_each_booth_is_told_of_and_one_can_be_asked_for(centre: Centre, journal: chains.Chain) -> None:
    enrolled(centre, "demo-1")
    assert told(centre) == [Chain("demo-1", 1, 0, 0), Chain("demo-3", 1, 6, 5)]
    assert told(centre, "demo-1") == [Chain("demo-1", 1, 0, 0)]
    with pytest.raises(CentreError) as caught:
        told(centre, "demo-9")
    assert caught.value.code == "booth_unknown"


OTHER = EVENTS.c.booth == "demo-3"
TAMPERED = [
    (delete(EVENTS).where(at(EVENTS, 1)), 1, "its signature|missing|follow"),
    (delete(EVENTS).where(at(EVENTS, 4)), 4, "the event is missing"),
    (delete(EVENTS).where(at(EVENTS, 6)), 6, "missing, though it was acknowledged"),
    (delete(EVENTS).where(OTHER), 1, "missing, though it was acknowledged"),
    (delete(BODIES).where(at(BODIES, 4)), 4, "its body's row is missing"),
    (update(EVENTS).where(at(EVENTS, 4)).values(kind="signed_in"), 4, "its row tells of another event"),
    (update(EVENTS).where(at(EVENTS, 4)).values(event_id="x"), 4, "its row tells of another event"),
    (update(EVENTS).where(at(EVENTS, 4)).values(signature=b"s" * 64), 4, "its signature is not that booth's"),
    (update(EVENTS).where(at(EVENTS, 1)).values(signature=b"s" * 64), 1, "its signature is not that booth's"),
    (update(EVENTS).where(at(EVENTS, 4)).values(header="{}"), 4, "its header is none"),
    (update(EVENTS).where(at(EVENTS, 4)).values(header="[]"), 4, "its header is none"),
    (update(EVENTS).where(at(EVENTS, 4)).values(header="Ä"), 4, "its header is none"),
    (update(EVENTS).where(at(EVENTS, 4)).values(header='{"kind":[]}'), 4, "its header is none"),
    (update(EVENTS).where(at(EVENTS, 4)).values(hash="0" * 64), 4, "its stored hash is not its own"),
    (update(BODIES).where(at(BODIES, 4)).values(state="erased"), 4, "its body's row is missing"),
    (update(BODIES).where(at(BODIES, 4)).values(sealed=None), 4, "its body's row is missing"),
    (update(BODIES).where(at(BODIES, 4)).values(sealed=b"x" * 80), 4, "its body is not the one"),
    (update(BOOTHS).values(head="0" * 64), 7, "missing, though it was acknowledged"),
    (update(BOOTHS).values(seq=7), 7, "missing, though it was acknowledged"),
]


@ONE_DATABASE
@pytest.mark.parametrize(("statement", "place", "fault"), TAMPERED)
def test_what_was_changed_is_found_where_it_was_changed(
    centre: Centre, journal: chains.Chain, statement: Any, place: int, fault: str
) -> None:
    change(centre, statement)
    (one,) = told(centre)
    assert one.broken_at == place
    assert any(part in one.fault for part in fault.split("|"))
    assert one.events == place - 1


def test_a_body_moved_to_another_event_is_found(centre: Centre, journal: chains.Chain) -> None:
    with centre.begin() as connection:
        sealed = connection.scalar(BODIES.select().with_only_columns(BODIES.c.sealed).where(at(BODIES, 5)))
        opened = centre.vault.open(sealed, "body demo-3 1 5")
        again = centre.vault.seal(opened, "body demo-3 1 6")
        connection.execute(update(BODIES).where(at(BODIES, 6)).values(sealed=again))
    (one,) = told(centre)
    assert (one.broken_at, one.fault) == (6, "its body is not the one that it was signed for")


def test_an_event_put_in_the_place_of_another_is_found(centre: Centre, journal: chains.Chain) -> None:
    parcel = journal.parcels[5]
    change(centre, update(EVENTS).where(at(EVENTS, 5)).values(header=parcel.header, signature=parcel.signature))
    (one,) = told(centre)
    assert (one.broken_at, one.fault) == (5, "its row tells of another event")


def test_an_event_that_the_booth_signed_for_another_place_does_not_follow(
    centre: Centre, journal: chains.Chain
) -> None:
    foreign = chains.Chain("demo-3", journal.key, journal.parcels[:4], ["0" * 64] * 5)
    with centre.begin() as connection:
        event_id = connection.scalar(EVENTS.select().with_only_columns(EVENTS.c.event_id).where(at(EVENTS, 5)))
    parcel = foreign.add("signed_out", event_id=event_id)
    values = {"header": parcel.header, "signature": parcel.signature}
    change(centre, update(EVENTS).where(at(EVENTS, 5)).values(**values))
    (one,) = told(centre)
    assert (one.broken_at, one.fault) == (5, "it does not follow the event before it")


def test_a_chain_opened_after_a_fork_holds_from_the_event_it_follows(centre: Centre, journal: chains.Chain) -> None:
    restored = chains.Chain("demo-3", journal.key, journal.parcels[:4], journal.hashes[:5])
    restored.add("signed_out")
    booths.allow_new_chain(centre, "demo-3")
    delivery.receive(centre, "demo-3", restored.batch(first=5))
    assert told(centre) == [Chain("demo-3", 1, 6, 5), Chain("demo-3", 2, 1, 1)]
    change(centre, update(EVENTS).where(at(EVENTS, 4)).values(hash="0" * 64))
    first, second = told(centre)
    assert (first.broken_at, first.fault) == (4, "its stored hash is not its own")
    assert (second.broken_at, second.fault) == (5, "it does not follow the event before it")
    change(centre, delete(EVENTS).where(at(EVENTS, 4)))
    first, second = told(centre)
    assert (first.broken_at, second.broken_at) == (4, 4)
    assert second.fault == "the event is missing"


def test_a_booth_with_new_keys_begins_a_chain_and_the_old_one_still_holds(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booths.identity, "audience", lambda _centre: "centre-test")
    monkeypatch.setattr(booths.identity, "exchange_statement", lambda _centre, _connection: None)
    anchors = Anchors("ca", "root", b"k" * 32)
    for number in range(2):
        booth = FakeBooth("demo-3")
        code = booths_code(centre, anchors)
        booths.enrol(centre, request_enrolment(code, booth.keys))
        booths.confirm(centre, "demo-3", booth.keys.fingerprint)
        journal = chains.Chain.of(booth)
        journal.add()
        for _ in range(number):
            journal.add()
        delivery.receive(centre, "demo-3", journal.batch())
    assert told(centre) == [Chain("demo-3", 1, 1, 1), Chain("demo-3", 2, 2, 2)]
    with centre.begin() as connection:
        connection.execute(delete(database.acts))
    first, second = told(centre)
    assert (first.broken_at, first.fault) == (1, "its signature is not that booth's")
    assert not second.fault


def booths_code(centre: Centre, anchors: Anchors) -> EnrolmentCode:
    """A code put straight into the database: this centre has no certificate to make one of its own."""
    code = EnrolmentCode.new(anchors)
    with centre.begin() as connection:
        connection.execute(delete(database.codes))
        row = {
            "id": code.id, "booth": "demo-3", "post": "Rumichaca", "expires_at": "2999-01-01T00:00:00.000000Z",
            "sealed": centre.vault.seal(code.secret + code.anchors, f"code {code.id}"),
        }  # fmt: skip
        connection.execute(database.codes.insert().values(**row))
    return code
