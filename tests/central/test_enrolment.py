"""Enrolment over the line, as a booth does it: from a code on paper to a confirmed booth, and what is refused on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import jsonschema_rs
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.central import booths
from checkpoint_app.central.schema import body, replies, schema_of
from checkpoint_app.wire.api import ANCHORS, ENROLMENT, ENROLMENTS, TIME_HEADER, Problem
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.delivery import Batch
from checkpoint_app.wire.enrolment import (
    Anchors,
    BoothState,
    EnrolmentCode,
    EnrolmentReply,
    EnrolmentRequest,
    request_enrolment,
)
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.question import Question, Reply
from checkpoint_app.wire.sealing import unwrap_key
from tests.central.helpers import POST, Clock, FakeBooth
from tests.central.line import Line, served


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with served(tmp_path_factory.mktemp("line"), Clock()) as line:
        yield line


def told(reply: requests.Response) -> EnrolmentReply:
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/json"
    return from_plain(EnrolmentReply, read_canonical(reply.content, 4096))


def refusal(reply: requests.Response, status: int) -> str:
    assert reply.status_code == status, reply.text
    assert reply.headers[TIME_HEADER]
    return from_plain(Problem, read_canonical(reply.content, 16384)).code


def ask_how(line: Line, booth: FakeBooth) -> requests.Response:
    return line.ask("GET", ENROLMENT, b"", booth.token("GET", ENROLMENT))


def test_a_booth_comes_from_a_code_on_paper_to_its_unlock_key(line: Line) -> None:
    paper = booths.new_code(line.centre, "demo-1", POST).to_text()
    code = EnrolmentCode.from_text(paper.lower().replace("-", " "))
    # The booth knows nothing yet: it asks a server that it does not trust, and believes only what the code names.
    anchors = from_plain(Anchors, read_canonical(line.ask("GET", ANCHORS).content, 65536))
    assert anchors.digest == code.anchors
    assert anchors.ca == line.ca.read_text()
    booth = line.booth("demo-1")
    first = told(line.ask("POST", ENROLMENTS, request_enrolment(code, booth.keys)))
    assert (first.state, first.audience, first.at) == (BoothState.PENDING, line.audience, line.clock.now())
    assert told(ask_how(line, booth)).unlock_key == b""
    booths.confirm(line.centre, "demo-1", first.fingerprint)
    confirmed = told(ask_how(line, booth))
    assert (confirmed.state, confirmed.post, confirmed.fingerprint) == (BoothState.CONFIRMED, POST, first.fingerprint)
    assert len(unwrap_key(booth.exchange, confirmed.unlock_key, b"checkpoint unlock key 1 demo-1")) == 32


def test_a_reply_lost_is_asked_for_again(line: Line) -> None:
    booth = line.booth("demo-2")
    asked = request_enrolment(booths.new_code(line.centre, "demo-2", POST), booth.keys)
    replies = [told(line.ask("POST", ENROLMENTS, asked)) for _ in range(7)]
    assert len(set(replies)) == 1
    assert refusal(
        line.ask("POST", ENROLMENTS, EnrolmentRequest(line.booth("demo-2").keys, asked.code_id, asked.mac)), 403
    )


def test_five_guesses_over_the_line_and_the_code_is_dead(line: Line) -> None:
    right = request_enrolment(booths.new_code(line.centre, "demo-3", POST), line.booth("demo-3").keys)
    for guess in range(5):
        wrong = EnrolmentRequest(right.keys, right.code_id, bytes([guess]) * 32)
        assert refusal(line.ask("POST", ENROLMENTS, wrong), 403) == "code_wrong"
    assert refusal(line.ask("POST", ENROLMENTS, right), 403) == "code_used_up"


def test_unknown_and_late_codes_are_refused_by_their_own_words(line: Line) -> None:
    asked = request_enrolment(booths.new_code(line.centre, "demo-4", POST), line.booth("demo-4").keys)
    unknown = EnrolmentRequest(asked.keys, "0" * 32, asked.mac)
    assert refusal(line.ask("POST", ENROLMENTS, unknown), 403) == "code_unknown"
    line.clock.move(hours=1)
    assert refusal(line.ask("POST", ENROLMENTS, asked), 403) == "code_expired"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "malformed"),
        (b"{}", 422, "malformed"),
        (b"[" * 4000, 422, "malformed"),
        (b"\xff", 422, "malformed"),
        (b"x" * 4097, 413, "too_large"),
    ],
)
def test_what_is_no_request_is_refused(line: Line, data: bytes, status: int, code: str) -> None:
    assert refusal(line.ask("POST", ENROLMENTS, data), status) == code


def test_a_request_in_another_form_is_refused_and_not_quoted(line: Line) -> None:
    asked = to_plain(request_enrolment(booths.new_code(line.centre, "demo-5", POST), line.booth("demo-5").keys))
    for other in (
        json.dumps(asked).encode(),  # with spaces: not canonical
        canonical_bytes(asked | {"more": "MUSTER"}),
        canonical_bytes(asked | {"mac": "MUSTER="}),
        canonical_bytes(asked | {"keys": {**asked["keys"], "booth": 7}}),
    ):
        reply = line.ask("POST", ENROLMENTS, other)
        assert refusal(reply, 422) == "malformed"
        assert "MUSTER" not in reply.text


# -- the description --------------------------------------------------------------------------------------------------


def test_the_description_names_each_route_with_its_replies_and_who_may_ask(line: Line) -> None:
    document = line.ask("GET", "/openapi.json").json()
    assert {ANCHORS, ENROLMENTS, ENROLMENT} <= document["paths"].keys()
    assert document["paths"][ENROLMENTS]["post"]["security"] == []
    assert document["paths"][ENROLMENT]["get"]["security"] == [{"Booth": []}]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["responses"]["500"]["content"].keys() == {"application/problem+json"}
            assert operation["responses"]["200"]["headers"][TIME_HEADER]["required"]


def test_real_replies_are_as_described(line: Line) -> None:
    paths = line.ask("GET", "/openapi.json").json()["paths"]

    def described(path: str, method: str, status: str) -> Any:
        (content,) = paths[path][method]["responses"][status]["content"].values()
        return jsonschema_rs.validator_for(content["schema"])

    booth = line.confirmed("demo-6")
    described(ANCHORS, "get", "200").validate(line.ask("GET", ANCHORS).json())
    described(ENROLMENT, "get", "200").validate(ask_how(line, booth).json())
    described(ENROLMENT, "get", "401").validate(line.ask("GET", ENROLMENT).json())
    described(ENROLMENTS, "post", "422").validate(line.ask("POST", ENROLMENTS, b"{}").json())


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    at: datetime
    on: date
    colour: Colour
    whole: int
    yes: bool


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    two: tuple[str, int]
    raw: bytes
    how_long: timedelta
    table: dict[str, bool]
    maybe: Inner | None = None
    mixed: str | int | bool = ""


MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001
    lambda moment: moment.isoformat(timespec="microseconds") + "Z"
)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2), max_leaves=3
)


INNER = st.fixed_dictionaries(
    {
        "at": MOMENTS,
        "on": st.dates().map(date.isoformat),
        "colour": st.sampled_from(["red", "blue"]),
        "whole": WHOLE,
        "yes": st.booleans(),
    }
)
OUTER = st.fixed_dictionaries(
    {
        "inner": st.lists(INNER, max_size=2),
        "two": st.tuples(st.text(max_size=3), WHOLE).map(list),
        "raw": st.binary(max_size=9).map(to_plain),
        "how_long": st.integers(0, 10**9),
        "table": st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=3), st.booleans(), max_size=2),
    },
    optional={"maybe": st.none() | INNER, "mixed": st.booleans() | WHOLE | st.text(max_size=3)},
)
PLACES = st.sampled_from(["inner", "two", "raw", "how_long", "table", "maybe", "mixed", "more"])


@st.composite
def nearly(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a value of the form, often with one place of it changed, added or taken away."""
    data = draw(OUTER)
    for target in (data, *data["inner"][:1]):
        match draw(st.sampled_from(["leave", "change", "take"])):
            case "change":
                target[draw(PLACES | st.sampled_from(sorted(target)))] = draw(JSON | st.text("AQgwB_-=", max_size=5))
            case "take":
                target.pop(draw(st.sampled_from(sorted(target))))
    return data


SCHEMA = jsonschema_rs.validator_for(schema_of(Outer), validate_formats=True)
WRITTEN = jsonschema_rs.validator_for(schema_of(Outer, written=True), validate_formats=True)


def read(data: Any) -> Outer | None:
    try:
        return from_plain(Outer, data)
    except PlainError:
        return None


@given(nearly())
def test_the_schema_takes_what_is_read_and_nothing_else(data: Any) -> None:
    value = read(data)
    assert SCHEMA.is_valid(data) == (value is not None)
    if value is not None:
        WRITTEN.validate(to_plain(value))


def test_what_is_written_has_every_field_and_what_is_read_may_lack_some() -> None:
    assert set(schema_of(Outer)["required"]) == {"inner", "two", "raw", "how_long", "table"}
    assert set(schema_of(Outer, written=True)["required"]) == {"maybe", "mixed", *schema_of(Outer)["required"]}
    assert schema_of(Outer)["additionalProperties"] is False
    with pytest.raises(TypeError):
        schema_of(float)


@pytest.mark.parametrize("cls", [Batch, Question, Reply, EnrolmentRequest])
def test_every_schema_is_one(cls: type) -> None:
    for schema in (
        body(cls)["requestBody"]["content"]["application/json"]["schema"],
        replies(cls, 401)[200]["content"]["application/json"]["schema"],
    ):
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
