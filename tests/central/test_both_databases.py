"""The centre's foundation on both databases: transactions, secrets, and the booth that asks."""

from __future__ import annotations

import os

import pytest
import requests
from fastapi import FastAPI, Request, Response
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from checkpoint_app.central import database, problems
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.requests import authenticated
from checkpoint_app.central.together import Together
from checkpoint_app.central.vault import Vault
from checkpoint_app.wire.api import PROBLEM, TIME_HEADER, Problem
from checkpoint_app.wire.canonical import read_canonical
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.sealing import SealError
from tests.central.helpers import AUDIENCE, START, Clock, FakeBooth, enrolled, serve


def probe(centre: Centre) -> FastAPI:
    """An application of one route that tells who asks."""
    app = FastAPI()
    app.state.centre, app.state.audience = centre, AUDIENCE
    app.state.tokens = Together(centre, lasting=False)
    problems.install(app, centre)

    @app.post("/v1/probe")
    async def _probe(request: Request) -> Response:
        caller, body = await authenticated(request, 16)
        return Response(caller.booth.encode() + b" " + body)

    return app


def refusal(response: requests.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == PROBLEM
    problem = from_plain(Problem, read_canonical(response.content, 1 << 14))
    assert problem.status == response.status_code
    assert to_plain(problem.at) == response.headers[TIME_HEADER]
    return problem.status, problem.code


def test_a_transaction_happens_wholly_or_not_at_all(centre: Centre) -> None:
    def cut() -> None:
        with centre.begin() as connection:
            connection.execute(database.meta.insert().values(name="a", value="1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cut()
    with centre.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(database.meta)) == 0


def test_a_secret_is_kept_sealed_once_and_opens_under_its_own_name_alone(centre: Centre) -> None:
    with centre.begin() as connection:
        assert centre.secret(connection, "one") is None
        centre.keep_secret(connection, "one", b"the value")
        sealed = connection.scalar(select(database.secrets.c.sealed))
        assert centre.secret(connection, "one") == b"the value"
        assert b"the value" not in sealed
    with pytest.raises(IntegrityError), centre.begin() as connection:
        centre.keep_secret(connection, "one", b"another")
    with centre.begin() as connection:
        connection.execute(database.secrets.insert().values(name="two", sealed=sealed))
        with pytest.raises(SealError):
            centre.secret(connection, "two")
    with pytest.raises(SealError):
        Vault(os.urandom(32)).open(sealed, "secret one")


def test_a_confirmed_booth_is_known_by_its_token_and_a_token_serves_once(centre: Centre, clock: Clock) -> None:
    with serve(probe(centre)) as base:
        booth = enrolled(centre, "demo-3", base=base)
        clock.move(seconds=30)
        assert booth.request("POST", "/v1/probe", b"hello").content == b"demo-3 hello"
        token = booth.token("POST", "/v1/probe", b"")
        headers = {"Authorization": f"Booth {token}"}
        assert requests.post(f"{base}/v1/probe", headers=headers, timeout=10).ok
        assert refusal(requests.post(f"{base}/v1/probe", headers=headers, timeout=10)) == (401, "token_used")
    with centre.begin() as connection:
        assert connection.scalar(select(database.booths.c.last_seen)) == to_plain(clock.now())


def test_whoever_is_not_a_confirmed_booth_is_refused_with_a_reason(centre: Centre, clock: Clock) -> None:
    with serve(probe(centre)) as base:
        booth = enrolled(centre, "demo-3", base=base)
        pending = enrolled(centre, "demo-4", BoothState.PENDING, base)
        revoked = enrolled(centre, "demo-5", BoothState.REVOKED, base)
        stranger, thief = FakeBooth("nobody", base), FakeBooth("demo-3", base)
        refused = (
            (pending, (403, "booth_pending")),
            (revoked, (403, "booth_revoked")),
            (stranger, (401, "booth_unknown")),
            (thief, (401, "token_forged")),
        )
        for one, expected in refused:
            assert refusal(one.request("POST", "/v1/probe")) == expected
        assert refusal(requests.post(f"{base}/v1/probe", timeout=10)) == (401, "token_missing")
        assert refusal(booth.request("POST", "/v1/probe", b"x" * 17)) == (413, "too_large")
        assert refusal(booth.request("GET", "/v1/nothing")) == (404, "http_404")
        clock.move(seconds=61)
        assert refusal(booth.request("POST", "/v1/probe")) == (401, "token_time")
        assert booth.now == START
