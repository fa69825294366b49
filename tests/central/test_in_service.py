"""Hits in service: counted once an Encounter, by what officers decided, with nobody's name in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from checkpoint_app.central import delivery, keeping
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.in_service import Counts, InService, Measured, measured
from checkpoint_app.commands import central_audit
from checkpoint_app.verdict import Answer, Check, Finding, NotDone, Outcome, Source
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.booth.states import candidate
from tests.central.chains import OFFICER, Chain, answered_body, disposition_body, person, read_body, zone
from tests.central.helpers import ONE_DATABASE, POST, START, enrolled
from tests.central.publishing_helpers import OWN, bring

pytestmark = ONE_DATABASE


@pytest.fixture
def chain(centre: Centre) -> Chain:
    return Chain.of(enrolled(centre, "demo-3"))


def answer(*entries: str, version: int = 7, name: str = "ECU", count: int = 0, **changes: Any) -> Answer:
    """An answer of a list of persons: a hit of these entries, or clear."""
    source = Source(name, version, "engine", issued_at=START)
    found = tuple(candidate(one) for one in entries)
    findings = (Finding("wanted.match", {"count": str(count or len(found))}),) if found else ()
    outcome = Outcome.HIT if found else Outcome.CLEAR
    made = Answer(Check.WANTED, outcome, source, START, findings=findings, candidates=found)
    return replace(made, **changes)


def cleared(*entries: str, version: int = 7) -> Answer:
    findings = tuple(Finding("wanted.cleared_before", {"entry": one}) for one in entries)
    return replace(answer(*entries, version=version), outcome=Outcome.NOTE, findings=findings)


def read(chain: Chain, name: str, *answers: Answer) -> None:
    chain.add(EventKind.ENCOUNTER_READ, read_body(name, zone()))
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body(name, answers))


def answered(chain: Chain, name: str, *answers: Answer) -> None:
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body(name, answers))


def decided(chain: Chain, name: str, disposition: str, reason: str = "advice") -> None:
    body = disposition_body(name) | {"disposition": disposition, "reason_code": reason}
    chain.add(EventKind.DISPOSITION, body)


def identity(chain: Chain, name: str, entry: str, kind: str = EventKind.NOT_SAME_PERSON) -> None:
    body = {"encounter_id": name, "list": "ECU", "entry_id": entry, "entry_digest": "0" * 64, "officer": OFFICER}
    body |= {"person": person(zone()), "supervisor": OFFICER, "until": "2027-01-01T00:00:00.000000Z"}
    chain.add(kind, body)


def not_same(chain: Chain, name: str, *entries: str) -> None:
    """A hit of which all candidates are decided not to be the traveller, as a booth writes it."""
    read(chain, name, answer(*entries))
    for at, entry in enumerate(entries):
        identity(chain, name, entry)
        left = entries[at + 1 :]
        answered(chain, name, answer(*left) if left else cleared(*entries))
    decided(chain, name, "let_pass", "document_seen")


def deliver(centre: Centre, chain: Chain) -> None:
    delivery.receive(centre, "demo-3", chain.batch())


def only(found: InService) -> Measured:
    (one,) = found.lists
    return one


def counted(centre: Centre) -> Counts:
    return only(measured(centre)).posts[POST]


def test_each_hit_counts_by_what_was_decided(centre: Centre, chain: Chain) -> None:
    read(chain, "clear", answer())
    decided(chain, "clear", "let_pass")
    not_same(chain, "not-1", "E-1")
    not_same(chain, "not-2", "E-1", "E-2")
    read(chain, "compared", answer("E-1"))
    decided(chain, "compared", "let_pass", "compared")
    read(chain, "same", answer("E-1", "E-2"))
    identity(chain, "same", "E-2")
    identity(chain, "same", "E-1", EventKind.SAME_PERSON)
    decided(chain, "same", "refer")
    for name, disposition in (("r", "refer"), ("p", "protect"), ("w", "withdrawn"), ("l", "let_pass")):
        read(chain, name, answer("E-1"))
        decided(chain, name, disposition, "document_seen")
    read(chain, "open", answer("E-1"))
    read(chain, "cleared", cleared("E-1"))
    decided(chain, "cleared", "let_pass")
    deliver(centre, chain)
    assert counted(centre) == Counts(
        screened=11, cleared=1, hits=9, not_same=3, same=1, referred=1, protected=1, let_pass=1, withdrawn=1,
        left_open=1,
    )  # fmt: skip
    assert measured(centre).unread == 0


def test_a_decision_about_some_of_the_candidates_is_none_about_the_hit(centre: Centre, chain: Chain) -> None:
    read(chain, "one-left", answer("E-1", "E-2"))
    identity(chain, "one-left", "E-1")
    answered(chain, "one-left", answer("E-2"))
    decided(chain, "one-left", "refer")
    read(chain, "unseen", answer("E-1", count=12))
    identity(chain, "unseen", "E-1")
    decided(chain, "unseen", "refer")
    deliver(centre, chain)
    assert counted(centre) == Counts(screened=2, hits=2, referred=2)


def test_the_last_decision_about_an_entry_counts(centre: Centre, chain: Chain) -> None:
    read(chain, "e", answer("E-1"))
    identity(chain, "e", "E-1", EventKind.SAME_PERSON)
    identity(chain, "e", "E-1")
    decided(chain, "e", "let_pass", "document_seen")
    deliver(centre, chain)
    assert counted(centre) == Counts(screened=1, hits=1, not_same=1)


def test_what_is_delivered_again_counts_once(centre: Centre, chain: Chain) -> None:
    not_same(chain, "e", "E-1")
    for _ in range(3):
        deliver(centre, chain)
    assert counted(centre) == Counts(screened=1, hits=1, not_same=1)


def test_after_a_correction_the_reading_that_was_wrong_counts_no_more(centre: Centre, chain: Chain) -> None:
    read(chain, "e", answer("E-1"), answer(name="USA"))
    chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("e", zone(number="X7654321")))
    answered(chain, "e", answer())
    decided(chain, "e", "let_pass")
    read(chain, "f", answer())
    chain.add(EventKind.ENCOUNTER_CORRECTED, read_body("f", zone(number="X7654321")))
    answered(chain, "f", answer("E-1"))
    decided(chain, "f", "refer")
    deliver(centre, chain)
    assert counted(centre) == Counts(screened=2, hits=1, referred=1)


def test_an_encounter_opened_again_counts_by_its_last_disposition(centre: Centre, chain: Chain) -> None:
    reopened = {"encounter_id": "e", "officer": OFFICER}
    read(chain, "e", answer("E-1"))
    decided(chain, "e", "refer")
    chain.add(EventKind.ENCOUNTER_REOPENED, reopened)
    answered(chain, "e", answer("E-1"))
    deliver(centre, chain)
    assert counted(centre) == Counts(screened=1, hits=1, left_open=1)
    decided(chain, "e", "protect")
    deliver(centre, chain)
    assert counted(centre) == Counts(screened=1, hits=1, protected=1)


def test_an_encounter_counts_for_the_version_that_hit_first_or_was_asked_last(centre: Centre, chain: Chain) -> None:
    read(chain, "e", answer("E-1", version=7))
    answered(chain, "e", answer(version=8))
    decided(chain, "e", "let_pass")
    read(chain, "f", answer(version=7))
    answered(chain, "f", answer(version=8))
    read(chain, "g", answer(version=8))
    chain.add(EventKind.ENCOUNTER_ANSWERED, answered_body("g", (replace(answer(), not_done=NotDone.LIST_TOO_OLD,
                                                                        outcome=Outcome.NOT_CHECKED),)))  # fmt: skip
    deliver(centre, chain)
    found = {(one.list_name, one.version): one.all for one in measured(centre).lists}
    assert found == {("ECU", 7): Counts(screened=1, hits=1, let_pass=1), ("ECU", 8): Counts(screened=2)}


def test_posts_are_told_apart_and_what_was_not_checked_is_not_counted(centre: Centre, chain: Chain) -> None:
    other = Chain.of(enrolled(centre, "demo-4"))
    with centre.begin() as connection:
        from checkpoint_app.central import database

        table = database.booths
        connection.execute(table.update().where(table.c.name == "demo-4").values(post="Huaquillas"))
    read(chain, "e", answer("E-1"))
    read(chain, "n", replace(answer(), outcome=Outcome.NOT_CHECKED, not_done=NotDone.LIST_TOO_OLD))
    deliver(centre, chain)
    read(other, "e", answer())
    delivery.receive(centre, "demo-4", other.batch())
    one = only(measured(centre))
    assert one.posts == {"Huaquillas": Counts(screened=1), POST: Counts(screened=1, hits=1, left_open=1)}
    assert only(measured(centre, "demo-4")).posts == {"Huaquillas": Counts(screened=1)}


def test_a_chain_that_was_opened_anew_counts_each_encounter_once(centre: Centre, chain: Chain) -> None:
    read(chain, "e", answer("E-1"))
    backup = chain.copy()
    decided(chain, "e", "refer")
    deliver(centre, chain)
    with centre.begin() as connection:
        from checkpoint_app.central import database

        connection.execute(database.booths.update().values(new_chain_allowed=True))
    decided(backup, "e", "protect")
    deliver(centre, backup)
    assert counted(centre) == Counts(screened=1, hits=1, protected=1)


def test_events_that_say_nothing_sensible_are_told_and_cost_no_other(centre: Centre, chain: Chain) -> None:
    read(chain, "e", answer("E-1"))
    chain.add(EventKind.DISPOSITION, {"encounter_id": "e"})
    chain.add(EventKind.ENCOUNTER_ANSWERED, {"encounter_id": "f", "answers": [{"check": "wanted"}]})
    chain.add(EventKind.SAME_PERSON, {"encounter_id": 7})
    deliver(centre, chain)
    assert measured(centre).unread == 3
    assert counted(centre) == Counts(screened=1, hits=1, left_open=1)


def test_the_promise_stays_known_and_is_compared(centre: Centre, chain: Chain) -> None:
    bring(centre, OWN)  # promised 1,000 in a million
    with centre.begin() as connection:
        assert keeping.promised(connection, "ECU", 1) == 1000
        assert keeping.promised(connection, "ECU", 2) is None
    one = Measured("ECU", 1, Check.WANTED, 1000, {"p": Counts(screened=30_112, hits=40, not_same=37)})
    assert round(one.in_ten_thousand, 1) == 12.3
    assert not one.is_above
    for screened, false, promised, above in (
        (10_000, 19, 1000, False),
        (10_000, 20, 1000, True),
        (10_000, 20, None, False),
        (20_000, 30, 1000, False),
        (20_000, 31, 1000, True),
        (0, 0, 1000, False),
    ):
        counts = {"p": Counts(screened=screened, not_same=false)}
        assert Measured("ECU", 1, Check.WANTED, promised, counts).is_above is above


def test_the_table_and_the_sentence_name_no_person(
    centre: Centre, chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(centre, OWN)
    for n in range(20):
        read(chain, f"e-{n}", answer("E-1", version=1))
        decided(chain, f"e-{n}", "let_pass", "compared")
    deliver(centre, chain)
    found = measured(centre)
    central_audit._hits(found, as_json=False)
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == [
        "list", "post", "screened", "cleared", "hits", "not", "same", "same", "referred", "protected", "let", "pass",
        "withdrawn", "left", "open",
    ]  # fmt: skip
    assert said.splitlines()[1].split() == ["ECU", "1", POST, "20", "0", "20", "20", *"000000"]
    assert "ECU 1: promised 10.0 in 10,000, in service 10000.0 (20 of 20): clearly more false hits" in said
    central_audit._hits(found, as_json=True)
    told = capsys.readouterr().out
    (one,) = json.loads(told)["lists"]
    assert (one["promised_in_10000"], one["in_service_in_10000"], one["above_promise"]) == (10.0, 10000.0, True)
    assert one["posts"] == [{"post": POST, **to_plain(found.lists[0].posts[POST])}]
    for personal in ("MUSTER", "ERIKA", "ERIKSON", "X1234567", "740812", "E-1", "e-1", OFFICER):
        assert personal not in said + told
