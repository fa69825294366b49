"""The service itself: where it says it is, how it ends, what it bounds, and what it keeps from its log."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography import x509
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import OperationalError

from checkpoint_app.central import connections, identity, opening, publishing, server, tls
from checkpoint_app.central.api import enrolment
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.api import ANCHORS, PROBLEM, TIME_HEADER, Problem
from checkpoint_app.wire.canonical import read_canonical
from checkpoint_app.wire.plain import from_plain, to_plain
from tests.central.helpers import Clock
from tests.central.line import PASSPHRASE, Line, made, served

FAULT, BUSY, BROKEN, LONG = "/v1/fault", "/v1/busy", "/v1/broken", "/v1/long"


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """One served centre, with routes that fail in every way."""
    router = APIRouter()

    @router.get(FAULT)
    def fault() -> None:
        raise ValueError("MUSTER ERIKA")

    @router.get(BUSY)
    def busy() -> None:
        raise OperationalError("select MUSTER", {}, RuntimeError("MUSTER ERIKA"))

    @router.get(BROKEN)
    def broken() -> StreamingResponse:
        def half() -> Iterator[bytes]:
            yield b"half"
            raise ValueError("MUSTER ERIKA")

        return StreamingResponse(half())

    @router.get(LONG)
    def long() -> StreamingResponse:
        return StreamingResponse(b"x" * 65_536 for _ in range(400))

    before = list(enrolment.router.routes)
    enrolment.router.include_router(router)
    try:
        with served(tmp_path_factory.mktemp("line"), Clock()) as line:
            yield line
    finally:
        enrolment.router.routes[:] = before


def problem(reply: requests.Response, status: int) -> Problem:
    assert reply.status_code == status
    assert reply.headers["content-type"] == PROBLEM
    found = from_plain(Problem, read_canonical(reply.content, 16384))
    assert (found.status, to_plain(found.at)) == (status, reply.headers[TIME_HEADER])
    return found


# -- replies ----------------------------------------------------------------------------------------------------------


def test_every_reply_tells_the_centres_time_and_every_refusal_is_a_problem(line: Line) -> None:
    now = to_plain(line.clock.now())
    assert line.ask("GET", ANCHORS).headers[TIME_HEADER] == now
    assert line.ask("GET", "/openapi.json").headers[TIME_HEADER] == now
    assert problem(line.ask("GET", "/nothing?name=x"), 404).code == "http_404"
    wrong = line.ask("DELETE", ANCHORS)
    assert problem(wrong, 405).code == "http_405"
    assert wrong.headers["allow"] == "GET"
    for path in ("/docs", "/redoc", "/"):
        assert problem(line.ask("GET", path), 404)
    assert "server" not in line.ask("GET", ANCHORS).headers


def test_a_fault_is_told_and_logged_by_its_class_alone(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    for path, status, code in ((FAULT, 500, "internal"), (BUSY, 503, "busy")):
        reply = line.ask("GET", path + "?name=MUSTER")
        assert problem(reply, status).code == code
        assert "MUSTER" not in reply.text
    assert [record.getMessage() for record in caplog.records] == [
        f"a request failed: ValueError at {Path(__file__).name}:{fault_line()}",
        "the database does not answer: RuntimeError",
    ]
    assert not any(record.exc_info for record in caplog.records)


def fault_line() -> int:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return lines.index('        raise ValueError("MUSTER ERIKA")') + 1


def test_a_reply_that_breaks_off_is_seen_to_break_off(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        line.ask("GET", BROKEN)
    assert "MUSTER" not in caplog.text


def test_no_request_is_in_the_log(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    line.ask("GET", ANCHORS + "?name=MUSTER")
    line.ask("GET", "/MUSTER")
    with line.connect() as connection:
        connection.sendall(b"MUSTER ERIKA\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")
    assert "MUSTER" not in caplog.text


# -- bounds -----------------------------------------------------------------------------------------------------------


def ended_within(connection: ssl.SSLSocket, seconds: float, drip: bytes = b"") -> float:
    """Return after how long the server ended ``connection``, to which ``drip`` goes on and on."""
    begun = time.monotonic()
    connection.settimeout(0.05)
    while time.monotonic() - begun < seconds:
        with contextlib.suppress(TimeoutError):
            try:
                connection.sendall(drip)
                if connection.recv(65_536) == b"":
                    break
            except (ConnectionError, ssl.SSLError):
                break
    else:
        pytest.fail("the connection is still open")
    return time.monotonic() - begun


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_S", 0.4)


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_asks_nothing_is_ended(line: Line) -> None:
    with line.connect() as connection:
        assert ended_within(connection, 3) > 0.3


@pytest.mark.usefixtures("impatient")
def test_a_head_that_drips_is_ended(line: Line) -> None:
    with line.connect() as connection:
        connection.sendall(b"GET /v1/anchors HTTP/1.1\r\nX: ")
        assert ended_within(connection, 3, b"x") > 0.3


@pytest.mark.usefixtures("impatient")
def test_a_second_head_that_drips_is_ended_too(line: Line) -> None:
    with line.connect() as connection:
        connection.sendall(b"GET /v1/anchors HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/anchors HTTP/1.1\r\nX: ")
        assert ended_within(connection, 3, b"x") > 0.3


@pytest.mark.usefixtures("impatient")
def test_a_body_that_goes_on_after_its_refusal_is_ended(line: Line) -> None:
    with line.connect() as connection:
        connection.sendall(b"POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        assert ended_within(connection, 3, b"x" * 1000) > 0.3


def test_a_connection_is_used_again(line: Line) -> None:
    with line.connect() as connection:
        for _ in range(3):
            connection.sendall(b"HEAD /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 404")


def test_a_reply_waits_for_no_acknowledgement(line: Line) -> None:
    """Head and body are written apart: by Nagle's rule (RFC 896) the body would wait 40 ms."""
    took = list[float]()
    with line.connect() as connection:
        for _ in range(40):
            begun = time.perf_counter()
            connection.sendall(b"GET /v1/anchors HTTP/1.1\r\nHost: x\r\n\r\n")
            while not connection.recv(65_536).endswith(b"}"):
                pass
            took.append(time.perf_counter() - begun)
    assert sorted(took)[20] < 0.03


def test_who_takes_nothing_of_a_reply_is_ended(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STUCK_S", 0.3)
    with line.connect() as connection:
        connection.sendall(f"GET {LONG} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(1)
        received = 0
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while data := connection.recv(1 << 20):
                received += len(data)
    assert 0 < received < 400 * 65_536
    reply = line.ask("GET", LONG)
    assert len(reply.content) == 400 * 65_536


def test_a_head_too_large_is_refused(line: Line) -> None:
    with line.connect() as connection:
        connection.sendall(b"GET /v1/anchors HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert connection.recv(4096)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"")


# -- the process ------------------------------------------------------------------------------------------------------

SERVE = """
import sys
from pathlib import Path
from checkpoint_app.central import opening, server
centre = opening.open_centre(Path(sys.argv[1]), sys.argv[2])
try:
    server.serve(centre, "127.0.0.1", int(sys.argv[3]))
finally:
    opening.close(centre)
"""


@contextlib.contextmanager
def process(folder: Path, port: int = 0) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SERVE, str(folder), PASSPHRASE, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_the_service_says_where_it_is_and_ends_in_peace(tmp_path: Path, word: signal.Signals) -> None:
    with made(tmp_path / "centre", Clock()) as centre, centre.begin() as connection:
        (tmp_path / "ca.pem").write_text(identity.anchors(centre, connection).ca)
    with process(tmp_path / "centre") as child:
        assert child.stdout is not None
        said = child.stdout.readline()
        url = said.removeprefix("serving on ").strip()
        assert said.startswith("serving on https://127.0.0.1:")
        assert requests.get(url + ANCHORS, timeout=10, verify=str(tmp_path / "ca.pem")).status_code == 200
        os.kill(child.pid, word)
        out, err = child.communicate(timeout=20)
        assert (child.returncode, out, err) == (0, "", "")


def test_an_idle_booth_holds_up_no_end(tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with contextlib.ExitStack() as stack:
        with served(tmp_path, clock) as line:
            idle = stack.enter_context(line.connect())
            idle.sendall(b"GET /v1/anchors HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(100)
            begun = time.monotonic()
        assert time.monotonic() - begun < 4
    assert caplog.text == ""


def test_one_process_serves_a_centre_and_a_taken_port_is_told(tmp_path: Path, clock: Clock) -> None:
    with made(tmp_path / "centre", clock) as centre:
        with server._alone(centre), pytest.raises(CentreError, match="served already"), server._alone(centre):
            pass
        with server._alone(centre):  # and is free again
            pass
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CentreError, match="in use"):
            server.CentreServer(centre, "127.0.0.1", taken.getsockname()[1])
        for host, port in (("no such host", 0), ("127.0.0.1", 70_000), ("", -1)):
            with pytest.raises(CentreError, match="cannot be listened on"):
                server.CentreServer(centre, host, port)


def test_it_serves_on_ipv6_too(tmp_path: Path, clock: Clock) -> None:
    if not socket.has_ipv6 or not _has_loopback6():
        pytest.skip("this machine has no IPv6")
    with made(tmp_path / "centre", clock, host_names=["::1"]) as centre, server.running(centre, "::1") as url:
        with centre.begin() as connection:
            (tmp_path / "ca.pem").write_text(identity.anchors(centre, connection).ca)
        assert url.startswith("https://[::1]:")
        assert requests.get(url + ANCHORS, timeout=10, verify=str(tmp_path / "ca.pem")).status_code == 200


def _has_loopback6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_what_ends_is_renewed_at_the_start_and_daily_and_shown_at_once(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "DAY_S", 0.2)
    renewals = list[Centre]()
    monkeypatch.setattr(publishing, "renew", renewals.append)
    with served(tmp_path, clock) as line:
        assert renewals == [line.centre]
        before = shown(line)
        clock.at = before.not_valid_after_utc.replace(microsecond=0) - tls.RENEW_BEFORE
        deadline = time.monotonic() + 10
        while shown(line) == before:
            assert time.monotonic() < deadline
        assert len(renewals) > 1


def test_a_renewal_that_fails_ends_nothing(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "DAY_S", 0.05)
    with served(tmp_path, clock) as line:

        def fails(_centre: Centre) -> None:
            raise OSError("MUSTER")

        monkeypatch.setattr(publishing, "renew", fails)
        deadline = time.monotonic() + 10
        while "daily renewal failed: OSError" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert line.ask("GET", ANCHORS).status_code == 200
    assert "MUSTER" not in caplog.text


def shown(line: Line) -> x509.Certificate:
    """Return the certificate that the server shows; that its time has come or gone is not asked here."""
    host, port = line.url.removeprefix("https://").split(":")
    return x509.load_pem_x509_certificate(ssl.get_server_certificate((host, int(port))).encode())


def test_the_log_has_lines_without_tracebacks() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("MUSTER")
    record = logging.LogRecord("a", logging.ERROR, "", 1, "failed\n", None, caught._excinfo)
    line = server._Lines("%(levelname)s %(message)s").format(record)
    assert line.startswith(f"ERROR failed ValueError at {Path(__file__).name}:")
    assert "MUSTER" not in line
    assert "\n" not in line


def test_a_service_that_cannot_start_says_so(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with made(tmp_path / "centre", clock) as centre:
        with centre.begin() as connection:
            centre.forget_secret(connection, "server key")
        with pytest.raises(CentreError, match="server key"), server.running(centre):
            pass
    with pytest.raises(CentreError, match="no centre here"):
        opening.open_centre(tmp_path, PASSPHRASE)
