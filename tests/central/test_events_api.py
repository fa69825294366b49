"""The routes of events, bodies, inbox and questions, on a real server, as a booth asks them."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest
import requests
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import cases, delivery, identity
from checkpoint_app.central.app import make_app
from checkpoint_app.central.background import Background, background_of
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.late_hits import screen_decided
from checkpoint_app.verdict import Outcome
from checkpoint_app.wire import packing
from checkpoint_app.wire.api import ACKNOWLEDGEMENT, BODIES, EVENTS, INBOX, PROBLEM, QUESTIONS, Problem
from checkpoint_app.wire.batch import BATCH_TYPE, MAX_TEXT_BYTES, write_batch
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.case import MAX_INBOX_BYTES, Case, Inbox
from checkpoint_app.wire.delivery import MAX_BATCH_BYTES, MAX_LATE_BODY_BYTES, Acknowledgement
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.question import MAX_QUESTION_BYTES, MAX_REPLY_BYTES, Question, Reply
from checkpoint_app.wire.statement import Statement, read_statement
from tests.central.chains import Chain, zone
from tests.central.helpers import AUDIENCE, FakeBooth, enrolled, serve
from tests.central.listed import MUSTER, publish, publish_policy

T = TypeVar("T")
ASKED = Question("demo-3", "e-1", zone(), doubtful=False, direction_in=True)


@pytest.fixture
def app(centre: Centre) -> FastAPI:
    with centre.begin() as connection:
        identity.create(centre, connection)
    return make_app(centre, AUDIENCE)


@pytest.fixture
def booth(centre: Centre, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBooth]:
    """A booth at a server beside which nothing runs: the tests themselves load lists and screen."""
    monkeypatch.setattr(Background, "start", lambda _self: None)
    with serve(app) as base:
        yield enrolled(centre, "demo-3", base=base)


def read(cls: type[T], response: requests.Response) -> T:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return from_plain(cls, read_canonical(response.content, MAX_INBOX_BYTES))


def stated(centre: Centre, cls: type[T], statement: Statement) -> T:
    with centre.begin() as connection:
        return read_statement(cls, statement, identity.statement_key(centre, connection).public_key())


def acknowledged(centre: Centre, response: requests.Response) -> Acknowledgement:
    return stated(centre, Acknowledgement, read(Statement, response))


def refusal(response: requests.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == PROBLEM
    problem = from_plain(Problem, read_canonical(response.content, 1 << 14))
    assert problem.status == response.status_code
    return problem.status, problem.code


def test_events_and_bodies_are_acknowledged_by_signed_statements(centre: Centre, booth: FakeBooth) -> None:
    chain = Chain.of(booth)
    chain.encounter("e-1", zone())
    taken = acknowledged(centre, booth.request("POST", EVENTS, chain.batch(bare=(2,))))
    assert (taken.booth, taken.chain, taken.seq, taken.head, taken.wanted) == ("demo-3", 1, 3, chain.head, (2,))
    assert taken.at == centre.now()
    assert acknowledged(centre, booth.request("GET", ACKNOWLEDGEMENT)) == taken
    assert acknowledged(centre, booth.request("POST", EVENTS, chain.batch())) == taken
    assert acknowledged(centre, booth.request("POST", BODIES, chain.late(2))) == replace(taken, wanted=())


def test_refusals_of_delivery_have_their_codes(centre: Centre, booth: FakeBooth) -> None:
    chain, other = Chain.of(booth), Chain.of(enrolled(centre, "demo-4"))
    for one in (chain, other):
        one.add()
        one.add()
    twin = Chain.of(booth)
    twin.add()
    assert refusal(booth.request("POST", EVENTS, chain.batch(2))) == (409, "gap")
    assert booth.request("POST", EVENTS, chain.batch()).ok
    assert refusal(booth.request("POST", EVENTS, twin.batch())) == (409, "fork")
    assert refusal(booth.request("POST", EVENTS, other.batch())) == (403, "other_booth")
    assert refusal(booth.request("POST", BODIES, other.late(1))) == (403, "other_booth")
    assert refusal(booth.request("POST", BODIES, replace(chain.late(1), seq=9))) == (409, "gap")
    assert refusal(booth.request("POST", BODIES, replace(chain.late(1), seq=2**53 - 1))) == (409, "gap")
    assert refusal(booth.request("POST", BODIES, replace(chain.late(1), seq=-(2**53) + 1))) == (409, "gap")
    assert refusal(booth.request("POST", EVENTS, b"{}")) == (422, "malformed")
    assert refusal(booth.request("POST", EVENTS, b"x" * (MAX_BATCH_BYTES + 1))) == (413, "too_large")
    for method, path in (
        ("POST", EVENTS),
        ("POST", BODIES),
        ("GET", ACKNOWLEDGEMENT),
        ("GET", INBOX),
        ("POST", QUESTIONS),
    ):
        assert requests.request(method, booth.base + path, timeout=10).status_code == 401
    pending = replace(booth, name="demo-9")
    assert refusal(pending.request("GET", ACKNOWLEDGEMENT)) == (401, "booth_unknown")
    assert delivery.acknowledgement(centre, "demo-3").seq == 2


def late_hit(centre: Centre, app: FastAPI, booth: FakeBooth) -> None:
    publish_policy(centre)
    publish(centre, "ECU", [MUSTER])
    publish(centre, "UTO", [replace(MUSTER, id="HIDDEN-7")], silent=True)
    chain = Chain.of(booth)
    chain.encounter("e-1", zone())
    assert booth.request("POST", EVENTS, chain.batch()).ok
    lists = background_of(app).lists
    lists.refresh()
    assert screen_decided(centre, lists, 9) == 1


def test_the_inbox_tells_what_is_new_and_costs_little_when_nothing_is(
    centre: Centre, app: FastAPI, booth: FakeBooth
) -> None:
    empty = booth.request("GET", INBOX)
    assert read(Inbox, empty) == Inbox("demo-3", 0, ())
    assert empty.headers["etag"] == '"0"'
    unchanged = booth.request("GET", f"{INBOX}?after=0", **{"If-None-Match": '"0"'})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", '"0"')
    size = sum(len(name) + len(value) + 4 for name, value in unchanged.headers.items()) + len(unchanged.content)
    assert size < 1024
    late_hit(centre, app, booth)
    response = booth.request("GET", f"{INBOX}?after=0", **{"If-None-Match": '"0"'})
    inbox = read(Inbox, response)
    assert (inbox.last, response.headers["etag"], b"HIDDEN" in response.content) == (1, '"1"', False)
    assert [stated(centre, Case, item).case_id for item in inbox.items] == ["26-N62V4AH5"]
    nothing = booth.request("GET", f"{INBOX}?after=1")
    assert read(Inbox, nothing) == Inbox("demo-3", 1, ())
    assert len(nothing.content) < 512
    other = enrolled(centre, "demo-4", base=booth.base)
    assert read(Inbox, other.request("GET", INBOX)) == Inbox("demo-4", 0, ())
    with centre.begin() as connection:
        assert [line.silent for line in cases.all_cases(connection)] == [False, True]


def test_an_inbox_is_not_laid_anew_as_often_as_a_booth_likes(
    centre: Centre, app: FastAPI, booth: FakeBooth, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_hit(centre, app, booth)
    made_up = f"{INBOX}?after=50&seen={'0' * 64}"
    first = booth.request("GET", made_up)
    assert read(Inbox, first).last == 51
    assert refusal(booth.request("GET", f"{INBOX}?after=60&seen={'1' * 64}")) == (429, "too_often")
    assert read(Inbox, booth.request("GET", made_up)).last == 51  # what is so now is answered
    other = enrolled(centre, "demo-4", base=booth.base)
    assert other.request("GET", made_up).status_code == 200
    monkeypatch.setattr("checkpoint_app.central.api.inbox.LAID_AGAIN_AFTER_S", 0.0)
    assert booth.request("GET", f"{INBOX}?after=60&seen={'1' * 64}").status_code == 200


def test_after_is_a_number(booth: FakeBooth) -> None:
    for wrong in ("-1", "x", "1.5", "", str(2**53), "9" * 400):
        assert refusal(booth.request("GET", f"{INBOX}?after={wrong}")) == (422, "malformed")
    assert booth.request("GET", f"{INBOX}?after={2**53 - 1}").status_code == 200


def test_events_come_as_a_batch_and_as_nothing_else(centre: Centre, booth: FakeBooth) -> None:
    chain = Chain.of(booth)
    chain.add()
    data = write_batch(chain.batch())
    for media_type in ("application/json", "", "application/octet-stream"):
        refused = booth.request("POST", EVENTS, data, **{"Content-Type": media_type})
        assert refusal(refused) == (415, "type_unknown")
    newer = data.replace(b"CKPEVT1", b"CKPEVT2", 1)
    assert refusal(booth.request("POST", EVENTS, newer)) == (415, "newer_version")
    assert refusal(booth.request("POST", EVENTS, data[:-1])) == (422, "malformed")
    assert refusal(booth.request("POST", EVENTS, data + b"x")) == (422, "malformed")
    long = packing.pack(b" " * (MAX_TEXT_BYTES + 1))
    bomb = b"CKPEVT1\n" + len(long).to_bytes(4, "big") + long
    assert refusal(booth.request("POST", EVENTS, bomb)) == (422, "malformed")
    assert delivery.acknowledgement(centre, "demo-3").seq == 0
    assert booth.request("POST", EVENTS, data, **{"Content-Type": f"{BATCH_TYPE}; v=1"}).ok
    assert delivery.acknowledgement(centre, "demo-3").head == chain.head


def test_bodies_may_come_compressed_within_the_same_bounds(centre: Centre, booth: FakeBooth) -> None:
    chain = Chain.of(booth)
    for _ in range(3):
        chain.add()
    booth.request("POST", EVENTS, chain.batch(bare=(2,)))
    told = booth.request("GET", ACKNOWLEDGEMENT)
    assert told.headers["accept-encoding"] == packing.ENCODING
    late = canonical_bytes(to_plain(chain.late(2)))
    zstd = {"Content-Encoding": "zstd"}
    assert refusal(booth.request("POST", BODIES, late, **{"Content-Encoding": "gzip"})) == (415, "encoding_unknown")
    assert refusal(booth.request("POST", BODIES, late, **zstd)) == (422, "malformed")
    bomb = packing.pack(b" " * (MAX_LATE_BODY_BYTES + 1))
    assert len(bomb) < 1000
    assert refusal(booth.request("POST", BODIES, bomb, **zstd)) == (413, "too_large")
    assert refusal(booth.request("POST", BODIES, packing.pack(late)[:-20], **zstd)) == (422, "malformed")
    assert refusal(booth.request("POST", BODIES, packing.pack(late))) == (422, "malformed")
    assert delivery.acknowledgement(centre, "demo-3").wanted == (2,)
    taken = booth.request("POST", BODIES, packing.pack(late), **zstd)
    assert stated(centre, Acknowledgement, read(Statement, taken)).wanted == ()
    assert booth.request("POST", BODIES, late, **{"Content-Encoding": "identity"}).ok


def test_seen_is_a_digest_and_one_of_another_item_brings_all_again(
    centre: Centre, app: FastAPI, booth: FakeBooth
) -> None:
    for wrong in ("x", "a" * 63, "A" * 64, "a" * 65):
        assert refusal(booth.request("GET", f"{INBOX}?after=1&seen={wrong}")) == (422, "malformed")
    late_hit(centre, app, booth)
    (item,) = read(Inbox, booth.request("GET", INBOX)).items
    seen = hashlib.sha256(item.text.encode()).hexdigest()
    known = booth.request("GET", f"{INBOX}?seen={seen}&after=1")
    assert read(Inbox, known) == Inbox("demo-3", 1, ())
    other = booth.request("GET", f"{INBOX}?seen={'0' * 64}&after=1", **{"If-None-Match": '"1"'})
    assert other.headers["etag"] == '"2"'
    assert [stated(centre, Case, one).number for one in read(Inbox, other).items] == [2]


def test_a_question_is_answered_as_far_as_the_centre_is(centre: Centre, app: FastAPI, booth: FakeBooth) -> None:
    assert refusal(booth.request("POST", QUESTIONS, ASKED)) == (503, "no_policy")
    publish_policy(centre)
    publish(centre, "ECU", [MUSTER])
    publish(centre, "UTO", [replace(MUSTER, id="HIDDEN-7")], silent=True)
    lists = background_of(app).lists
    lists._look()
    reply = read(Reply, booth.request("POST", QUESTIONS, ASKED))
    assert [one.not_done for one in reply.answers] == ["no_list", "list_loading"]
    lists.refresh()
    response = booth.request("POST", QUESTIONS, ASKED)
    reply = read(Reply, response)
    assert len(response.content) < MAX_REPLY_BYTES
    assert (reply.encounter_id, reply.answered_at) == ("e-1", centre.now())
    assert [one.outcome for one in reply.answers] == [Outcome.NOT_CHECKED, Outcome.HIT]
    assert b"HIDDEN" not in response.content
    assert b'"name":"UTO"' not in response.content
    assert refusal(booth.request("POST", QUESTIONS, replace(ASKED, booth="demo-4"))) == (403, "other_booth")
    assert refusal(booth.request("POST", QUESTIONS, replace(ASKED, mrz=("MUSTER",)))) == (422, "malformed")
    assert refusal(booth.request("POST", QUESTIONS, b"x" * (MAX_QUESTION_BYTES + 1))) == (413, "too_large")


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_the_application_loads_lists_and_screens_for_as_long_as_it_lives(centre: Centre, app: FastAPI) -> None:
    publish_policy(centre)
    publish(centre, "ECU", [MUSTER])
    chain = Chain.of(enrolled(centre, "demo-3"))
    chain.encounter("e-1", zone())

    def deliver_and_wait() -> int:
        delivery.receive(centre, "demo-3", chain.batch())
        until = time.monotonic() + 20
        while time.monotonic() < until:
            background_of(app).worker.wake()
            with centre.begin() as connection:
                if last := cases.last_number(connection, "demo-3"):
                    return last
            time.sleep(0.02)
        return 0

    async def live() -> int:
        async with app.router.lifespan_context(app):
            return await run_in_threadpool(deliver_and_wait)

    assert asyncio.run(live()) == 1
    background = background_of(app)
    assert background.lists._thread is background.worker._thread is None


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_the_document_says_exactly_what_each_route_takes_and_gives(app: FastAPI) -> None:
    document = app.openapi()
    for method, path, cls, statuses in (
        ("post", EVENTS, None, {"200", "401", "403", "409", "413", "415", "422", "500", "503"}),
        ("post", BODIES, "LateBody", {"200", "401", "403", "409", "413", "415", "422", "500", "503"}),
        ("post", QUESTIONS, "Question", {"200", "401", "403", "413", "422", "500", "503"}),
        ("get", ACKNOWLEDGEMENT, None, {"200", "401", "403", "500", "503"}),
        ("get", INBOX, None, {"200", "304", "401", "403", "422", "429", "500", "503"}),
    ):
        one = operation(document, method, path)
        assert set(one["responses"]) - {"413"} == statuses - {"413"}, path
        assert statuses <= set(one["responses"]), path
        if cls is not None:
            assert one["requestBody"]["content"]["application/json"]["schema"]["title"] == cls
    assert set(operation(document, "post", EVENTS)["requestBody"]["content"]) == {BATCH_TYPE}
    after, seen = operation(document, "get", INBOX)["parameters"]
    assert (seen["name"], seen["schema"]["pattern"]) == ("seen", "^([0-9a-f]{64})?$")
    schema = after["schema"]
    assert (after["name"], schema["minimum"], schema["maximum"], after["required"]) == ("after", 0, 2**53 - 1, False)
    given = operation(document, "post", QUESTIONS)["responses"]["200"]["content"]["application/json"]["schema"]
    assert given["title"] == "Reply"
