"""The desk and the list of clearances: what was decided elsewhere is shown, ends when it is withdrawn, and replays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkpoint_app.booth.record.records import PinRefusedError, Records, rebuild
from checkpoint_app.booth.view.screen import Action
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening import entry_digest
from checkpoint_app.store import Officer, SignedObject, Store
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import Advice, fold
from checkpoint_app.wire.clearance import (
    CLEARANCES,
    Clearance,
    Clearances,
    mark_of,
    person_bytes,
    write_clearances,
)
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import from_plain, to_plain
from tests.booth.desk.test_desk import ANNA
from tests.booth.helpers import ERIKSON, PIN, START, SUPERVISOR, SUPERVISOR_PIN, Booth, make_booth, verifier
from tests.store.helpers import new_store

LIST_KEY = bytes(range(32))


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    trust: dict[str, Ed25519PublicKey] = publisher.trust() | {CLEARANCES: publisher.key.public_key()}
    booth._ask(lambda records: put_trust(records.store, trust, 2))
    yield booth
    booth.close()


def elsewhere(event_id: str = "11111111-1111-4111-8111-111111111111", days: int = 300) -> Clearance:
    """A decision of another booth about Anna Eriksson and the entry that she is taken for."""
    person = person_bytes(to_plain(parse_mrz(ANNA, START.date()).document))
    assert person is not None
    return Clearance(
        mark=mark_of(LIST_KEY, person),
        list_name="ECU",
        entry_id=ERIKSON.id,
        entry_digest=entry_digest(ERIKSON),
        decided_at=START - timedelta(days=22),
        until=START + timedelta(days=days),
        booth="otra-1",
        post="Huaquillas",
        by="s.lejos",
        event_id=event_id,
    )


def bring(booth: Booth, version: int, held: Sequence[Clearance] = (), ended: Sequence[str] = ()) -> None:
    """Lay a version of the list into the inbox, and let the desk look."""
    said = Clearances(LIST_KEY, tuple(held), tuple(ended))
    changes = {"version": version, "agreement": None, "handling": ()}
    inbox = booth.folder / "inbox"
    booth.publisher._list(inbox, booth.store(), CLEARANCES, ListKind.CLEARANCES, write_clearances(said), changes)
    booth.desk._keeping.look()


def rows(booth: Booth) -> str:
    return " ".join(row.text for section in booth.view.panel for row in section.rows)


def is_(advice: Advice):
    return lambda view: view.advice.advice is advice


def test_what_was_decided_elsewhere_is_shown_with_post_day_and_supervisor_and_ends_on_the_desk(booth: Booth) -> None:
    assert booth.type(*ANNA).advice.advice is Advice.REFER
    bring(booth, 1, [elsewhere()])
    booth.until(is_(Advice.LOOK))
    assert "Huaquillas, 2\u00a0Nov\u00a02026, by s.lejos" in rows(booth)
    booth.until(lambda _v: booth.kinds()[-1] == EventKind.ENCOUNTER_ANSWERED)
    assert booth.last_body("clearances_applied")["version"] == 1
    bring(booth, 2, [], [elsewhere().event_id])
    booth.until(is_(Advice.REFER))
    bring(booth, 1, [elsewhere()])  # an older list
    booth.until(lambda _v: EventKind.LIST_REFUSED in booth.kinds())
    assert booth.last_body("list_refused")["why"] == "older"
    assert booth.settle().advice.advice is Advice.REFER
    assert booth.versions()[CLEARANCES] == 2
    replayed(booth)


def replayed(booth: Booth) -> None:
    """Invariant 6: each stored answer folds to the advice that was stored with it, whatever is cleared now."""

    def advices(records: Records) -> list[tuple[object, object]]:
        journal, policy = records.store.journal, records.policy()
        assert policy is not None
        found, told = [], []
        for event in journal.events():
            if event.header.kind in (EventKind.ENCOUNTER_READ, EventKind.ENCOUNTER_ANSWERED):
                body = journal.body(event.header.seq)
                told.append((event.header.kind, body))
                if event.header.kind == EventKind.ENCOUNTER_ANSWERED:
                    one = rebuild(body["encounter_id"], told)
                    now = from_plain(type(START), body["now"])
                    found.append((one.verdict, fold(one.answers, policy, now)))
        return found

    seen = booth._ask(advices)
    assert len(seen) == 3
    assert len({stored.advice for stored, _again in seen}) == 2
    assert all(stored == again for stored, again in seen)


def test_an_own_decision_ends_when_the_centre_withdraws_it(booth: Booth) -> None:
    booth.type(*ANNA)
    booth.press(Action.COMPARE)
    booth.press(Action.NOT_SAME_PERSON)
    booth.desk.choose(1)
    booth.desk.edit("supervisor", SUPERVISOR)
    booth.desk.edit("supervisor_pin", SUPERVISOR_PIN)
    booth.clock.pass_(seconds=1)
    booth.desk.submit()
    booth.until(is_(Advice.LOOK))
    assert f"Paso Test, 24\u00a0Nov\u00a02026, by {SUPERVISOR}" in rows(booth)
    headers = booth._ask(lambda records: [event.header for event in records.store.journal.events()])
    (event_id,) = [one.event_id for one in headers if one.kind == EventKind.NOT_SAME_PERSON]
    bring(booth, 1, [], [event_id])
    booth.until(is_(Advice.REFER))
    booth.refer()
    assert booth.type(*ANNA).advice.advice is Advice.REFER


def test_a_clearance_that_lapses_while_the_encounter_is_open_lets_nobody_pass(booth: Booth) -> None:
    bring(booth, 1, [elsewhere(days=1)])
    booth.until(lambda _v: booth.versions().get(CLEARANCES) == 1)
    assert booth.type(*ANNA).advice.advice is Advice.LOOK
    booth.clock.pass_(hours=25)
    booth.press(Action.LET_PASS)
    booth.desk.choose(1)
    booth.press(Action.LET_PASS)
    booth.until(is_(Advice.REFER))
    assert EventKind.DISPOSITION not in booth.kinds()


def officers(store: Store, version: int, role: str) -> None:
    end = START + timedelta(days=900)
    listed = [Officer(SUPERVISOR, "S. Muestra", role, verifier(SUPERVISOR_PIN), end)]
    listed.append(Officer("m.otra", "M. Otra", "officer", verifier(PIN), end))
    store.officers.put(listed, SignedObject("officers", "officers", version, b""))


def test_only_who_is_a_supervisor_now_stands_behind_a_decision(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        records = Records(store)
        officers(store, 1, "supervisor")
        records.confirm_supervisor(SUPERVISOR, SUPERVISOR_PIN)
        records.confirm_supervisor(SUPERVISOR, None)
        for who, pin in (("m.otra", PIN), ("m.otra", None), (SUPERVISOR, PIN), ("nobody", None)):
            with pytest.raises(PinRefusedError):
                records.confirm_supervisor(who, pin)
        officers(store, 2, "officer")  # since the sign-in
        for pin in (SUPERVISOR_PIN, None):
            with pytest.raises(PinRefusedError):
                records.confirm_supervisor(SUPERVISOR, pin)
        kinds = [event.header.kind for event in store.journal.events()]
        assert kinds == [EventKind.SIGN_IN_REFUSED] * 6
