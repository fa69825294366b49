"""Texts that one of the databases cannot hold: each is answered as on the other, and never stops a booth's delivery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.central.app import make_app
from checkpoint_app.verdict import Answer, Candidate, Check, Finding, Outcome, Source
from checkpoint_app.wire import api
from checkpoint_app.wire.case import Case, CaseKind, case_id
from checkpoint_app.wire.delivery import LateBody
from checkpoint_app.wire.enrolment import EnrolmentRequest
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.question import KnownHit, Question
from tests.central.chains import Chain, answered_body, disposition_body, read_body, zone
from tests.central.helpers import AUDIENCE, START, Clock, FakeBooth, enrolled, serve
from tests.central.line import made
from tests.central.listed import MUSTER, publish, publish_policy

HUGE = 2**53 - 1


@pytest.fixture(params=["sqlcipher", "postgresql"])
def booth(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[FakeBooth]:
    """A confirmed booth of a served centre."""
    how = {} if request.param == "sqlcipher" else {"database_url": request.getfixturevalue("postgres_url")}
    with made(tmp_path / "centre", clock, **how) as centre:
        publish_policy(centre)
        publish(centre, "ECU", [MUSTER])
        with serve(make_app(centre, AUDIENCE)) as base:
            yield enrolled(centre, "demo-3", base=base)


NUL = "a\x00b"


def _opened(name: str) -> list[Case]:
    """Cases as a booth opens them, with ``name`` as their id, their Encounter, or their list."""
    source = Source(name, 1, "e", START)
    candidate = Candidate(name, name, name, 9, 8)
    found = (Answer(Check.WANTED, Outcome.HIT, source, START, None, (Finding("wanted.match"),), (candidate,)),)
    parts = (name, name, name, START, name, True, found, (), START, START)
    ids = (name, "26-AAAAAAAA", case_id(2026, "demo-3", name, name))
    return [Case(one, 0, CaseKind.LATE_HIT, "demo-3", name, *parts) for one in ids]


def bodies(name: str) -> list[tuple[str, Any]]:
    """Bodies of every kind that the centre reads, with ``name`` wherever a text stands."""
    lines = zone()
    read = read_body(name, lines)
    read |= {"officer": name, "document": {**read["document"], "family_name": name, "document_number": name}}
    case = {"case_id": name, "officer": name, "outcome": "not_same", "reason": name, "by": name}
    person = {"encounter_id": name, "list": name, "entry_id": name, "entry_digest": name, "until": name}
    person |= {"officer": name, "supervisor": name}
    return [
        (EventKind.ENCOUNTER_READ, read),
        (EventKind.ENCOUNTER_ANSWERED, answered_body(name)),
        (EventKind.DISPOSITION, disposition_body(name) | {"officer": name, "reason_code": name, "disposition": name}),
        (EventKind.NOT_SAME_PERSON, person | {"person": read["document"]}),
        (EventKind.NOT_SAME_PERSON, person | {"person": read["document"], "until": to_plain(START)}),
        (EventKind.CASE_RECEIVED, case),
        (EventKind.CASE_OPENED, case),
        *((EventKind.CASE_OPENED, {"case": to_plain(one)}) for one in _opened(name)),
        (EventKind.CASE_TAKEN, case),
        (EventKind.CASE_CLOSED, case),
    ]


def test_a_booth_delivers_whatever_its_bodies_say(booth: FakeBooth) -> None:
    journal = Chain.of(booth)
    for name in (NUL, "", "x" * 5000, "\U0010ffff\u202e'\";--"):
        before = journal.seq
        for kind, body in bodies(name):
            journal.add(kind, body)
        reply = booth.request("POST", api.EVENTS, journal.batch(first=before + 1))
        assert reply.status_code == 200, reply.text


def test_a_question_is_answered_whatever_it_names(booth: FakeBooth) -> None:
    question = Question("demo-3", NUL, zone(), False, True, (KnownHit(NUL, HUGE, NUL), KnownHit("ECU", -HUGE, NUL)))
    assert booth.request("POST", api.QUESTIONS, question).status_code == 200


def test_numbers_and_codes_beyond_a_column_are_no_fault_of_the_centre(booth: FakeBooth) -> None:
    assert booth.request("GET", f"{api.INBOX}?after={HUGE}").status_code == 200
    for seq in (HUGE, 2**31, 0, -1, -HUGE):
        reply = booth.request("POST", api.BODIES, LateBody("demo-3", seq, b"s" * 32, "{}"))
        assert (reply.status_code, reply.json()["code"]) == (409, "gap")
    for code_id in (NUL, "", "é", "x" * 3000):
        reply = booth.request("POST", api.ENROLMENTS, EnrolmentRequest(booth.keys, code_id, b"m" * 32))
        assert (reply.status_code, reply.json()["code"]) == (403, "code_unknown"), code_id
