"""Attacks on the request's token, against a real server under TLS: each is refused, by its own stable word."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, Request, Response

from checkpoint_app.central import auth, booths, database
from checkpoint_app.central.api import enrolment
from checkpoint_app.central.app import AREAS
from checkpoint_app.central.requests import authenticated
from checkpoint_app.wire.api import ENROLMENT, TIME_HEADER, TOKEN_SCHEME, Problem
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.enrolment import BoothState, EnrolmentReply, request_enrolment
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.token import Asked, Claims, make_token
from tests.central.helpers import POST, Clock, FakeBooth
from tests.central.line import Line, served

ECHO, LARGE = "/v1/echo", "/v1/large"
MOST = 1000


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """One served centre for all attacks, with a route that gives a confirmed booth its body back."""
    router = APIRouter()

    @router.post(ECHO)
    async def echo(request: Request) -> Response:
        caller, body = await authenticated(request, MOST)
        return Response(caller.booth.encode() + b" " + body)

    @router.post(LARGE)
    async def large(request: Request) -> Response:
        _caller, body = await authenticated(request, 1 << 20)
        return Response(str(len(body)))

    before = list(enrolment.router.routes)
    enrolment.router.include_router(router)
    try:
        with served(tmp_path_factory.mktemp("line"), Clock()) as line:
            yield line
    finally:
        enrolment.router.routes[:] = before


@pytest.fixture(scope="module")
def booth(line: Line) -> FakeBooth:
    return line.confirmed("demo-1")


def problem(reply: requests.Response, status: int) -> Problem:
    """Return the refusal; every one has the documented form and the centre's time."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    found = from_plain(Problem, read_canonical(reply.content, 16384))
    assert found.status == status
    assert to_plain(found.at) == reply.headers[TIME_HEADER]
    return found


def echo(line: Line, token: str | None, body: bytes = b"{}", path: str = ECHO, **headers: str) -> requests.Response:
    return line.ask("POST", path, body, token, **headers)


def test_a_token_opens_what_it_was_signed_for(line: Line, booth: FakeBooth) -> None:
    reply = echo(line, booth.token("POST", ECHO, b"{}"))
    assert (reply.status_code, reply.content) == (200, b"demo-1 {}")
    assert reply.headers[TIME_HEADER] == to_plain(line.clock.now())
    seen = {one.name: one.last_seen for one in booths.all_booths(line.centre)}
    assert seen["demo-1"] == line.clock.now()


def test_a_token_replayed_is_refused(line: Line, booth: FakeBooth) -> None:
    token = booth.token("POST", ECHO, b"{}")
    assert echo(line, token).status_code == 200
    for _ in range(2):
        assert problem(echo(line, token), 401).code == "token_used"


def test_a_token_replayed_in_a_race_is_used_once(line: Line, booth: FakeBooth) -> None:
    token, codes = booth.token("POST", ECHO, b"{}"), list[int]()
    racers = [threading.Thread(target=lambda: codes.append(echo(line, token).status_code)) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(codes) == [200, *[401] * 7]


def test_on_postgres_too_a_race_wins_nothing_and_fails_nobody(tmp_path: Path, postgres_url: str) -> None:
    codes = list[int]()
    with served(tmp_path, Clock(), database_url=postgres_url) as line:
        booth = line.confirmed("demo-1")
        same = booth.token("GET", ENROLMENT)
        tokens = [same] * 5 + [booth.token("GET", ENROLMENT) for _ in range(5)]

        def ask(token: str) -> None:
            codes.append(line.ask("GET", ENROLMENT, b"", token).status_code)

        racers = [threading.Thread(target=ask, args=(token,)) for token in tokens]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
    assert sorted(codes) == [200] * 6 + [401] * 4


def test_a_replay_is_refused_as_long_as_the_token_could_be_fresh(line: Line, booth: FakeBooth) -> None:
    booth.now = line.clock.now() + timedelta(seconds=60)
    token = booth.token("POST", ECHO, b"{}")
    booth.now = line.clock.now()
    assert echo(line, token).status_code == 200
    line.clock.move(seconds=119)
    try:
        booth.now = line.clock.now()
        assert echo(line, booth.token("POST", ECHO, b"{}")).status_code == 200  # forgets old tokens
        assert problem(echo(line, token), 401).code == "token_used"
    finally:
        booth.now = line.clock.now()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/echo/", b"{}"),
        ("POST", "/v1/echo?a=1", b"{}"),
        ("POST", "/v1/ECHO", b"{}"),
        ("POST", "/v1/ech%6f", b"{}"),
        ("GET", ECHO, b"{}"),
        ("POST", ECHO, b"{ }"),
        ("POST", ECHO, b""),
    ],
)
def test_a_token_for_another_method_path_query_or_body_is_refused(
    line: Line, booth: FakeBooth, method: str, path: str, body: bytes
) -> None:
    assert problem(echo(line, booth.token(method, path, body)), 401).code == "token_other_request"


def test_the_query_is_part_of_what_is_signed(line: Line, booth: FakeBooth) -> None:
    path = ECHO + "?after=1&x=%20"
    assert echo(line, booth.token("POST", path, b"{}"), path=path).status_code == 200
    assert problem(echo(line, booth.token("POST", path, b"{}"), path=ECHO + "?after=2"), 401).code == (
        "token_other_request"
    )


def test_the_host_header_moves_no_token_to_another_path(line: Line, booth: FakeBooth) -> None:
    """``request.url`` is built with it: a slash and a question mark there would have changed the path."""
    token = booth.token("POST", "/v1/inbox", b"{}")
    for host in ("x/v1/inbox?", "x/v1/inbox#", "x/v1/inbox"):
        assert problem(echo(line, token, Host=host), 401).code == "token_other_request"


def test_a_token_for_another_centre_is_refused(line: Line, booth: FakeBooth) -> None:
    other = FakeBooth("demo-1", audience="0" * 32, now=booth.now, signing=booth.signing)
    assert problem(echo(line, other.token("POST", ECHO, b"{}")), 401).code == "token_other_request"


@pytest.mark.parametrize(("seconds", "status"), [(-61, 401), (-60, 200), (60, 200), (61, 401), (86_400, 401)])
def test_a_token_is_of_this_minute_of_the_centres_time(line: Line, booth: FakeBooth, seconds: int, status: int) -> None:
    then = FakeBooth("demo-1", "", line.audience, line.clock.now() + timedelta(seconds=seconds), booth.signing)
    reply = echo(line, then.token("POST", ECHO, b"{}"))
    assert reply.status_code == status
    if status == 401:
        assert problem(reply, 401).code == "token_time"
        right = FakeBooth("demo-1", "", line.audience, problem(reply, 401).at, booth.signing)
        assert echo(line, right.token("POST", ECHO, b"{}")).status_code == 200  # a wrong clock locks nobody out


def test_another_booths_key_signs_nothing(line: Line, booth: FakeBooth) -> None:
    other = line.confirmed("demo-2")
    forged = FakeBooth("demo-1", "", line.audience, line.clock.now(), other.signing)
    assert problem(echo(line, forged.token("POST", ECHO, b"{}")), 401).code == "token_forged"
    assert echo(line, other.token("POST", ECHO, b"{}")).content == b"demo-2 {}"


def test_a_booth_that_is_not_enrolled_is_refused(line: Line) -> None:
    for name in ("demo-9", "", "a\x00b", "' or '1'='1", "x" * 500):
        stranger = FakeBooth(name, "", line.audience, line.clock.now())
        assert problem(echo(line, stranger.token("POST", ECHO, b"{}")), 401).code == "booth_unknown"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwt(line: Line, booth: FakeBooth, header: dict[str, Any], sign: Any, **claims: Any) -> str:
    """Return a token of any header and claims, signed by any means."""
    request = [line.audience, "POST", ECHO, hashlib.sha256(b"{}").hexdigest()]
    payload = {
        "iss": booth.name,
        "jti": b64(uuid.uuid4().bytes),
        "iat": int(line.clock.now().timestamp()),
        "req": b64(hashlib.sha256(canonical_bytes(request)).digest()),
    } | claims
    signed = f"{b64(canonical_bytes(header))}.{b64(canonical_bytes(payload))}"
    return f"{signed}.{b64(sign(signed.encode()))}"


HEADER = {"alg": "Ed25519", "typ": "ckp+jwt"}


def test_the_forger_of_these_tests_can_make_good_ones_too(line: Line, booth: FakeBooth) -> None:
    assert echo(line, jwt(line, booth, HEADER, booth.signing.sign)).status_code == 200


def test_no_other_algorithm_is_taken(line: Line, booth: FakeBooth) -> None:
    public = booth.keys.signing

    def hs256(data: bytes) -> bytes:
        return hmac.digest(public, data, hashlib.sha256)

    pem = b64(public).encode()
    for header, sign in (
        (HEADER | {"alg": "none"}, lambda _data: b""),
        (HEADER | {"alg": "None"}, lambda _data: b""),
        ({"typ": HEADER["typ"]}, lambda _data: b""),
        (HEADER | {"alg": "HS256"}, hs256),
        (HEADER | {"alg": "HS256"}, lambda data: hmac.digest(pem, data, hashlib.sha256)),
        (HEADER, lambda _data: b""),
        (HEADER, lambda _data: bytes(64)),
        (HEADER, hs256),
    ):
        assert problem(echo(line, jwt(line, booth, header, sign)), 401).code in {"token_forged", "token_malformed"}


def test_a_header_that_brings_its_own_key_is_not_taken(line: Line, booth: FakeBooth) -> None:
    mine = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(mine.public_key().public_bytes_raw())}
    for more in ({"jwk": jwk}, {"kid": "demo-2"}, {"b64": False, "crit": ["b64"]}, {"jku": "https://x.example/"}):
        for key in (mine, booth.signing):
            reply = echo(line, jwt(line, booth, HEADER | more, key.sign))
            assert problem(reply, 401).code in {"token_forged", "token_malformed"}
    assert problem(echo(line, jwt(line, booth, HEADER | {"typ": "JWT"}, booth.signing.sign)), 401)


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": -1},
        {"iat": 2**53 - 1},
        {"iat": True},
        {"iat": "1"},
        {"jti": "1"},
        {"jti": "A" * 36},
        {"jti": str(uuid.uuid4())},
        {"iss": 7},
        {"more": 1},
        {"req": None},
    ],
)
def test_claims_of_another_form_are_refused(line: Line, booth: FakeBooth, claims: dict[str, Any]) -> None:
    assert problem(echo(line, jwt(line, booth, HEADER, booth.signing.sign, **claims)), 401).code == "token_malformed"


@pytest.mark.parametrize("header", ["", "Booth", "Booth ", "Bearer x", "booth x", "Basic YTpi"])
def test_without_a_token_nothing_opens(line: Line, header: str) -> None:
    assert problem(echo(line, None, Authorization=header), 401).code == "token_missing"


@pytest.mark.parametrize("token", ["x", "..", "a.b.c", "é.b.c", "." * 4000, "e30.e30.e30", "a" * 9000])
def test_what_is_no_token_is_refused(line: Line, token: str) -> None:
    header = f"{TOKEN_SCHEME} {token}".encode("latin-1").decode("latin-1")
    assert problem(echo(line, None, Authorization=header), 401).code == "token_malformed"


def test_a_revoked_booth_is_shut_out_everywhere(line: Line) -> None:
    booth = line.confirmed("demo-3")
    booths.revoke(line.centre, "demo-3")
    for method, path in (("POST", ECHO), ("GET", ENROLMENT)):
        body = b"{}" if method == "POST" else b""
        reply = line.ask(method, path, body, booth.token(method, path, body))
        assert problem(reply, 403).code == "booth_revoked"


def test_a_pending_booth_may_only_ask_how_it_stands(line: Line) -> None:
    booth = line.booth("demo-4")
    booths.enrol(line.centre, request_enrolment(booths.new_code(line.centre, "demo-4", POST), booth.keys))
    assert problem(echo(line, booth.token("POST", ECHO, b"{}")), 403).code == "booth_pending"
    reply = line.ask("GET", ENROLMENT, b"", booth.token("GET", ENROLMENT))
    assert from_plain(EnrolmentReply, json.loads(reply.content)).state is BoothState.PENDING


def test_the_old_key_is_shut_out_once_a_new_one_is_enrolled(line: Line) -> None:
    old, new = line.confirmed("demo-5"), line.booth("demo-5")
    booths.enrol(line.centre, request_enrolment(booths.new_code(line.centre, "demo-5", POST), new.keys))
    assert problem(echo(line, old.token("POST", ECHO, b"{}")), 401).code == "token_forged"
    assert problem(echo(line, new.token("POST", ECHO, b"{}")), 403).code == "booth_pending"


def test_every_area_but_enrolment_asks_for_a_token(line: Line) -> None:
    document = line.ask("GET", "/openapi.json").json()
    assert len(AREAS) >= 8
    closed = [
        (path, method)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["security"] != []
    ]
    assert (ECHO, "post") in closed
    for path, method in closed:
        plain = path.replace("{name}", "timestamp.json").replace("{path}", "a").replace("{path:path}", "a")
        assert problem(line.ask(method.upper(), plain), 401).code == "token_missing", (method, path)


# -- bodies -----------------------------------------------------------------------------------------------------------


def test_a_body_too_large_is_refused_whether_it_says_so_or_not(line: Line, booth: FakeBooth) -> None:
    fits, large = b"x" * MOST, b"x" * (MOST + 1)
    assert echo(line, booth.token("POST", ECHO, fits), fits).status_code == 200
    assert problem(echo(line, booth.token("POST", ECHO, large), large), 413).code == "too_large"
    url, headers = line.url + ECHO, {"Authorization": f"Booth {booth.token('POST', ECHO, large)}"}
    chunks = (b"x" * 100 for _ in range(11))
    reply = requests.post(url, data=chunks, headers=headers, timeout=10, verify=str(line.ca))
    assert problem(reply, 413).code == "too_large"


def test_a_body_of_megabytes_is_refused_before_it_is_read(line: Line, booth: FakeBooth) -> None:
    head = f"POST {ECHO} HTTP/1.1\r\nHost: x\r\nAuthorization: Booth x\r\nContent-Length: {1 << 40}\r\n\r\n"
    with line.connect() as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_large_body_is_read_from_a_booth_alone(line: Line, booth: FakeBooth) -> None:
    body = b"x" * 200_000
    assert line.ask("POST", LARGE, body, booth.token("POST", LARGE, body)).text == "200000"
    forged = FakeBooth("demo-1", "", line.audience, line.clock.now()).token("POST", LARGE, body)
    for token in ("x", forged):
        head = f"POST {LARGE} HTTP/1.1\r\nHost: x\r\nAuthorization: Booth {token}\r\nContent-Length: 200000\r\n\r\n"
        with line.connect() as connection:
            connection.sendall(head.encode())  # and never a body
            assert connection.recv(4096).startswith(b"HTTP/1.1 401")


def test_a_body_that_drips_is_ended(line: Line, booth: FakeBooth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "PATIENCE_S", 0.4)
    head = f"POST {ECHO} HTTP/1.1\r\nHost: x\r\nAuthorization: Booth x\r\nContent-Length: {MOST}\r\n\r\n"
    with line.connect() as connection:
        begun = time.monotonic()
        connection.sendall(head.encode())
        connection.settimeout(0.05)
        while True:
            connection.sendall(b"x")
            try:
                assert connection.recv(4096).startswith(b"HTTP/1.1 408")
                break
            except TimeoutError:
                assert time.monotonic() - begun < 5
    assert time.monotonic() - begun >= 0.4


def test_a_request_cut_off_harms_nobody(line: Line, booth: FakeBooth, caplog: pytest.LogCaptureFixture) -> None:
    with line.connect() as connection:
        connection.sendall(f"POST {ECHO} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nxx".encode())
    assert echo(line, booth.token("POST", ECHO, b"{}")).status_code == 200
    assert "failed" not in caplog.text


def test_used_tokens_are_forgotten_when_they_could_not_be_used_again(line: Line, booth: FakeBooth) -> None:
    line.clock.move(hours=1)
    booth.now = line.clock.now()
    assert echo(line, booth.token("POST", ECHO, b"{}")).status_code == 200
    with line.centre.begin() as connection:
        assert len(connection.execute(database.used_tokens.select()).all()) == 1


def test_make_token_is_what_a_booth_uses(line: Line, booth: FakeBooth) -> None:
    claims = Claims("demo-1", str(uuid.uuid4()), line.clock.now())
    token = make_token(booth.signing, claims, Asked("POST", ECHO, b"{}", line.audience))
    assert echo(line, token).status_code == 200
