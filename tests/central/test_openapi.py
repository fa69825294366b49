"""The running centre against its own description: whatever is sent, it answers as it says it does.

Bounded here; with CHECKPOINT_LONG=1 a hundred times as many requests.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from checkpoint_app.central.app import OPEN, make_app
from checkpoint_app.wire import api
from checkpoint_app.wire.batch import BATCH_TYPE, write_batch
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes
from checkpoint_app.wire.plain import to_plain
from tests.central.chains import Chain, zone
from tests.central.helpers import AUDIENCE, Clock, FakeBooth, enrolled, serve
from tests.central.line import made
from tests.central.listed import MUSTER, publish, publish_policy

schemathesis.openapi.media_type(BATCH_TYPE, st.binary(max_size=200))
EXAMPLES = 1000 if os.environ.get("CHECKPOINT_LONG") else 10
pytestmark = pytest.mark.timeout(3600)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOOTH = "demo-3"
PATHS = {
    *(
        api.ANCHORS,
        api.ENROLMENTS,
        api.ENROLMENT,
        api.GRANTS,
        api.SEEDS,
        api.GOODS,
        api.CROSSINGS,
        api.QUESTIONS,
        api.ACKNOWLEDGEMENT,
    ),
    *(api.SCREENINGS, api.EVENTS, api.BODIES, api.URGENT, api.INBOX, api.METADATA + "{name}"),
    api.TARGETS + "{path}",
}


@dataclass
class Line:
    """A served centre, its description, and a confirmed booth."""

    schema: schemathesis.BaseSchema
    booth: FakeBooth


@pytest.fixture(params=["sqlcipher", "postgresql"])
def line(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Line]:
    how = {} if request.param == "sqlcipher" else {"database_url": request.getfixturevalue("postgres_url")}
    with made(tmp_path / "centre", clock, **how) as centre:
        publish_policy(centre)
        publish(centre, "ECU", [MUSTER])
        app = make_app(centre, AUDIENCE)
        with serve(app) as base:
            yield Line(from_dict(app.openapi()), enrolled(centre, BOOTH, base=base))


def sensible(line: Line) -> dict[str, Any]:
    """Values of fields that lead past the first refusals."""
    return {
        "booth": BOOTH,
        "keys": to_plain(line.booth.keys),
        "seq": 1,
        "mrz": list(zone()),
    }


@st.composite
def requested(draw: st.DrawFn, line: Line, operation: Any, mode: GenerationMode) -> Case:
    """A request as described (or not), some of its values and headers of the kind that booths send."""
    case: Case = draw(operation.as_strategy(generation_mode=mode))
    if isinstance(case.body, dict):
        own = sensible(line)
        known = sorted(own.keys() & case.body.keys())
        case.body = {**case.body, **{name: own[name] for name in known if draw(OFTEN)}}
    if operation.path in BATCHES and draw(OFTEN):
        journal = Chain.of(line.booth)
        journal.add()
        case.body = write_batch(journal.batch())
    if "name" in (case.path_parameters or {}) and draw(OFTEN):
        case.path_parameters["name"] = "1.root.json"
    for name, (given_at_all, values) in HEADERS.items():
        if draw(given_at_all):
            case.headers[name] = draw(values)
    return case


BATCHES = (api.EVENTS, api.URGENT)
OFTEN = st.sampled_from([True, True, True, False])
ANY = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
SELDOM = OFTEN.map(lambda often: not often)
RANGES = st.sampled_from(["bytes=0-9", "bytes=5-", "bytes=-3", "bytes=999999-", "bytes=9-2", "bytes=-"])
HEADERS = {
    "Range": (OFTEN, RANGES | ANY),
    "If-None-Match": (st.booleans(), st.sampled_from(['"0"', "*"]) | ANY),
    "If-Range": (SELDOM, ANY),
}


def sent(line: Line, case: Case, *, signed: bool = True) -> requests.Response:
    """Send ``case``; a JSON body as canonical bytes where it has them, with a token for just this request."""
    kwargs = {name: value for name, value in case.as_transport_kwargs(line.booth.base).items() if name in SENT}
    if isinstance(case.body, dict | list):
        with contextlib.suppress(CanonicalError):
            kwargs = {name: value for name, value in kwargs.items() if name != "json"}
            kwargs["data"] = canonical_bytes(case.body)
    with requests.Session() as session:
        prepared = session.prepare_request(requests.Request(**kwargs))
        data = prepared.body or b""
        data = data.encode() if isinstance(data, str) else bytes(data)
        if signed:
            token = line.booth.token(prepared.method or "", prepared.path_url, data)
            prepared.headers["Authorization"] = f"{api.TOKEN_SCHEME} {token}"
        return session.send(prepared, timeout=10, allow_redirects=False)


SENT = frozenset({"method", "url", "headers", "data", "json", "params", "cookies"})


def operations(line: Line) -> list[Any]:
    found = [one.ok() for one in line.schema.get_all_operations()]
    assert {one.path for one in found} == PATHS
    return found


def bounded(examples: int) -> Any:
    """Settings of Hypothesis: the same examples each time, new ones in a long run."""
    return settings(
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=examples < 1000,
        database=None,
    )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_asked_is_answered_as_described(line: Line, mode: GenerationMode) -> None:
    statuses: dict[str, set[int]] = {}

    def ask(operation: Any) -> None:
        @bounded(EXAMPLES)
        @given(case=requested(line, operation, mode))
        def answered(case: Case) -> None:
            response = sent(line, case)
            case.validate_response(response, checks=CHECKS)
            statuses.setdefault(operation.path, set()).add(response.status_code)

        answered()

    for operation in operations(line):
        if mode is GenerationMode.POSITIVE or operation.body or operation.query or operation.path_parameters:
            ask(operation)
    if mode is GenerationMode.POSITIVE:
        assert statuses[api.EVENTS] >= {200, 422}
        assert statuses[api.URGENT] >= {200, 422}
        assert statuses[api.QUESTIONS] >= {200, 403}
        assert statuses[api.METADATA + "{name}"] >= {200, 206, 404}


def test_without_a_token_only_the_open_paths_answer(line: Line) -> None:
    def ask(operation: Any) -> None:
        @bounded(3)
        @given(case=requested(line, operation, GenerationMode.POSITIVE))
        def refused(case: Case) -> None:
            response = sent(line, case, signed=False)
            case.validate_response(response, checks=CHECKS)
            assert (response.status_code == 401) == (operation.path not in OPEN)

        refused()

    for operation in operations(line):
        ask(operation)
