"""Attacks on the service as such: by whoever only connects, and by a booth that has turned hostile."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import select
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from checkpoint_app.central import alarms, booths, connections, delivery, identity, server
from checkpoint_app.central import requests as central_requests
from checkpoint_app.central.centre import Centre
from checkpoint_app.wire.api import ANCHORS, BODIES, ENROLMENT, EVENTS, Problem
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.delivery import LateBody
from checkpoint_app.wire.enrolment import request_enrolment
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import from_plain, to_plain
from tests.central.chains import Chain
from tests.central.helpers import Clock, FakeBooth, enrolled
from tests.central.line import Line, served
from tests.e2e.centre import CENTRE_PASSPHRASE, RealCentre


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with served(tmp_path_factory.mktemp("line"), Clock()) as line:
        yield line


def silent(line: Line) -> socket.socket:
    """Return a connection on which nobody ever begins TLS."""
    host, port = line.url.removeprefix("https://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def is_ended(connection: socket.socket, within_s: float) -> bool:
    """Tell whether the other side ends the connection."""
    connection.setblocking(False)
    deadline = time.monotonic() + within_s
    while (left := deadline - time.monotonic()) > 0 and select.select([connection], [], [], left)[0]:
        try:
            if not connection.recv(4096):
                return True
        except (ssl.SSLWantReadError, BlockingIOError):  # a ticket of TLS
            continue
        except OSError:
            return True
    return False


# -- whoever only connects --------------------------------------------------------------------------------------------


def test_whoever_connects_and_says_nothing_shuts_nobody_out(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_HANDSHAKES", 5)
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(silent(line)) for _ in range(30)]
        assert line.ask("GET", ANCHORS).status_code == 200
        assert all(is_ended(one, 3) for one in held[:25])
        assert not is_ended(held[-1], 0.2)
        assert line.ask("GET", ANCHORS).status_code == 200


def test_whoever_agrees_on_tls_and_asks_nothing_shuts_nobody_out(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)
    with contextlib.ExitStack() as stack:
        held = []
        for _ in range(3):
            one = stack.enter_context(line.connect())
            one.sendall(b"GET /v1/anchors HTTP/1.1\r\nX: ")  # a head that never ends is no request either
            held.append(one)
            time.sleep(0.05)
        assert line.ask("GET", ANCHORS).status_code == 200
        assert is_ended(held[0], 3)
        assert not is_ended(held[2], 0.2)


def test_a_request_under_way_is_never_ended_for_a_new_one(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    with line.connect() as one:
        one.sendall(b"POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.2)
        with pytest.raises(requests.exceptions.ConnectionError):
            line.ask("GET", ANCHORS)
        one.sendall(b"}")
        assert one.recv(4096).startswith(b"HTTP/1.1 422")


def test_nobody_is_led_to_another_host(line: Line) -> None:
    reply = requests.get(
        line.url + ANCHORS + "/",
        headers={"Host": "evil.example"},
        verify=str(line.ca),
        allow_redirects=False,
        timeout=10,
    )
    assert reply.status_code == 404
    assert "evil" not in f"{reply.headers} {reply.text}"


def test_what_anybody_can_send_fills_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no HTTP, and an upgrade to what is not spoken, would each be a line."""
    logger = logging.getLogger("uvicorn.error")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    monkeypatch.setattr(logging, "basicConfig", lambda **_how: None)
    server._log_lines()
    assert not logger.isEnabledFor(logging.WARNING)
    assert logger.isEnabledFor(logging.ERROR)


# -- whoever has an account on the centre's machine -------------------------------------------------------------------


def test_the_serving_process_leaves_nothing_to_other_users_of_its_machine(tmp_path: Path) -> None:
    """Whatever the umask says; a core would hold the people in memory, and everybody sees a command's line."""
    before = os.umask(0)
    try:
        centre = RealCentre(tmp_path / "centre")
        centre.start()
    finally:
        os.umask(before)
    try:
        assert centre._process is not None
        about = Path("/proc") / str(centre._process.pid)
        limits = (about / "limits").read_text()
        line = (about / "cmdline").read_text()
    finally:
        centre.close()
    assert re.search(r"Max core file size +0 +0 ", limits)
    assert CENTRE_PASSPHRASE not in line
    open_to_others = [path for path in (tmp_path / "centre").rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []
    assert (tmp_path / "centre").stat().st_mode & 0o777 == 0o700


# -- whoever kept what was sent ---------------------------------------------------------------------------------------


def test_a_killed_centre_still_knows_which_tokens_were_used(tmp_path: Path) -> None:
    centre = RealCentre(tmp_path / "centre")
    try:
        centre.start()
        booth = FakeBooth("demo-1", centre.url, identity.audience(centre.centre), datetime.now(UTC))
        booths.enrol(centre.centre, request_enrolment(booths.new_code(centre.centre, "demo-1", "P"), booth.keys))
        with centre.centre.begin() as connection:
            (tmp_path / "ca.pem").write_text(identity.anchors(centre.centre, connection).ca)
        line = Line(centre.centre, centre.url, tmp_path / "ca.pem", booth.audience, Clock())
        token = booth.token("GET", ENROLMENT)
        assert line.ask("GET", ENROLMENT, token=token).status_code == 200
        centre.kill()
        centre.start()
        again = line.ask("GET", ENROLMENT, token=token)
        assert line.ask("GET", ENROLMENT, token=booth.token("GET", ENROLMENT)).status_code == 200
    finally:
        centre.close()
    assert from_plain(Problem, read_canonical(again.content, 16384)).code == "token_used"


# -- a booth that has turned hostile ----------------------------------------------------------------------------------


def test_one_booth_has_few_large_bodies_under_way_and_another_is_not_kept_waiting(line: Line) -> None:
    hostile, other = line.confirmed("hostile-1"), line.confirmed("other-1")
    most = central_requests.MOST_LARGE
    body = b"x" * 1000
    with contextlib.ExitStack() as stack:
        held = []
        for _ in range(most):
            one = stack.enter_context(line.connect())
            head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            one.sendall(f"{head}Authorization: Booth {hostile.token('POST', EVENTS, body)}\r\n\r\n".encode())
            held.append(one)
        time.sleep(0.3)
        refused = line.ask("POST", EVENTS, body, hostile.token("POST", EVENTS, body))
        assert (refused.status_code, from_plain(Problem, read_canonical(refused.content, 16384)).code) == (503, "busy")
        late = canonical_bytes(to_plain(LateBody("other-1", 1)))
        assert line.ask("POST", BODIES, late, other.token("POST", BODIES, late)).status_code == 409
        for one in held:
            one.sendall(body)
            assert one.recv(4096).startswith(b"HTTP/1.1 415")
    late = canonical_bytes(to_plain(LateBody("hostile-1", 1)))
    assert line.ask("POST", BODIES, late, hostile.token("POST", BODIES, late)).status_code == 409


def test_a_booth_that_sends_nonsense_without_end_fills_no_table_of_alarms(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(alarms, "MOST_OF_A_KIND", 5)
    chain = Chain.of(enrolled(centre, "demo-1"))
    for _ in range(20):
        chain.add(EventKind.NOT_SAME_PERSON, {})
    assert delivery.receive(centre, "demo-1", chain.batch()).seq == 20
    with centre.begin() as connection:
        found = [(one.kind, dict(one.about)) for one in alarms.all(connection)]
        assert alarms.sound(centre, connection, "bad_body", "demo-2", {"seq": 1})  # another's still sounds
        assert alarms.sound(centre, connection, "fork", "demo-1", {"seq": 1})
    assert [kind for kind, _about in found] == ["bad_body"] * 5 + [alarms.MANY]
    assert found[-1][1] == {"kind": "bad_body"}
    assert len(caplog.records) == 8
