"""The line over real sockets: bounded in time and size, signed by the centre's time, trusting one authority."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep

import pytest

from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.transport import read_url
from checkpoint_app.wire import api
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.case import Inbox
from checkpoint_app.wire.delivery import Acknowledgement
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import Statement
from checkpoint_app.wire.token import booth_of
from tests.sync.fake_centre import AUDIENCE, NOW, FakeCentre, served
from tests.sync.helpers import BOOTH, OffClock, Signing, lined
from tests.sync.proxy import Fault, proxied, wait_until

TARGET = api.TARGETS + "wanted.list"


@contextmanager
def a_line(off=timedelta(), fault=None):
    centre = FakeCentre()
    with served(centre) as port, proxied(port) as proxy:
        proxy.fault = fault or Fault()
        with lined(centre, proxy.port, off=off) as line:
            yield centre, proxy, line


def ask(line: Line, within_s: float = 5.0) -> Acknowledgement:
    got = line.get(Statement, api.ACKNOWLEDGEMENT, most=100_000, within_s=within_s)
    return line.read_stated(Acknowledgement, got.value)


def fault_of(line: Line, within_s: float = 5.0) -> LineCode:
    with pytest.raises(LineError) as caught:
        ask(line, within_s)
    return caught.value.code


# -- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-3, 3])
def test_a_clock_three_days_off_locks_nobody_out(days):
    with a_line(off=timedelta(days=days)) as (centre, _proxy, line):
        assert line.time_off() is None
        assert ask(line).booth == BOOTH
        assert len(centre.requests) == 2  # refused with the time, and signed anew
        assert ask(line).booth == BOOTH
        assert len(centre.requests) == 3
        assert abs(line.time_off() - timedelta(days=days)) < timedelta(seconds=5)
        assert abs(line.centre_time() - centre.clock.now()) < timedelta(seconds=5)


def test_a_clock_that_jumps_while_the_line_is_up_changes_nothing():
    centre = FakeCentre()
    identity, clock = Signing(), OffClock()
    centre.know(BOOTH, identity.signing_key.public_key())
    with served(centre) as port:
        line = Line(centre.enrolled(f"https://127.0.0.1:{port}"), identity, clock)
        ask(line)
        clock.off = timedelta(days=-400)
        ask(line)
        assert len(centre.requests) == 2
        line.close()


def test_when_the_centre_is_set_right_the_line_follows():
    with a_line() as (centre, _proxy, line):
        ask(line)
        centre.clock.shift = timedelta(hours=-5)
        ask(line)
        assert len(centre.requests) == 3
        assert abs(line.centre_time() - centre.clock.now()) < timedelta(seconds=5)


def test_a_centre_that_refuses_every_time_is_asked_twice_and_no_more():
    with a_line() as (centre, _proxy, line):
        centre.clock.now = lambda: NOW  # what it tells and judges by
        real = centre._caller

        def refuse(method, path, headers, body):
            shift, centre.clock.now = centre.clock.now, lambda: NOW + timedelta(days=9)
            try:
                return real(method, path, headers, body)
            finally:
                centre.clock.now = shift

        centre._caller = refuse
        assert fault_of(line) is LineCode.CLOCK
        assert len(centre.requests) == 2


@pytest.mark.parametrize("year", [1, 1970, 9999])
@pytest.mark.parametrize("in_problem", [False, True])
def test_a_time_beyond_all_bounds_is_refused(year, in_problem):
    with a_line() as (centre, _proxy, line):
        moment = NOW.replace(year=year)
        if in_problem:
            problem = api.Problem("token_time", "sign anew", 401, moment)
            answer = (401, {"Content-Type": api.PROBLEM}, canonical_bytes(to_plain(problem)))
        else:
            answer = (401, {api.TIME_HEADER: to_plain(moment)}, b"")
        centre.override[api.ACKNOWLEDGEMENT] = answer
        assert fault_of(line) in (LineCode.MALFORMED, LineCode.CERTIFICATE_TIME)
        centre.override.clear()
        assert ask(line).booth == BOOTH


def test_a_good_answer_tells_the_time():
    with a_line() as (centre, _proxy, line):
        headers = {"Content-Type": api.JSON, api.TIME_HEADER: ""}
        centre.override[api.ACKNOWLEDGEMENT] = (200, headers, b"{}")
        assert fault_of(line) is LineCode.MALFORMED


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_every_request_carries_a_token_of_its_own():
    with a_line() as (centre, _proxy, line):
        for _ in range(3):
            ask(line)
        assert len(centre._used) == 3
        assert centre.requests[0][:2] == ("GET", api.ACKNOWLEDGEMENT)


def test_the_token_names_booth_and_centre(monkeypatch):
    seen = []
    with a_line() as (centre, _proxy, line):
        real = centre._caller

        def look(method, path, headers, body):
            seen.append(headers)
            return real(method, path, headers, body)

        monkeypatch.setattr(centre, "_caller", look)
        ask(line)
    token = seen[0]["Authorization"].removeprefix("Booth ")
    assert booth_of(token) == BOOTH
    assert AUDIENCE not in seen[0]["Authorization"]
    assert {name.lower() for name in seen[0]} == {"host", "authorization"}  # nothing that the centre does not ask


@pytest.mark.parametrize(
    ("told", "version"),
    [
        (("7",), 7),
        (("7", "5"), 7),
        (("7", "9", ""), 9),
        (("-7",), 0),
        (("7.0",), 0),
        (("9" * 19,), 0),
        (("\u0667",), 0),
    ],
)
def test_the_newest_version_of_the_lists_that_a_reply_tells_is_kept(told, version):
    with a_line() as (centre, _proxy, line):
        assert line.lists_version == 0
        for text in told:
            status, headers, body = centre._acknowledged(BOOTH)
            centre.override[api.ACKNOWLEDGEMENT] = (
                status,
                {**headers, api.LISTS_HEADER: text.encode().decode("latin-1")},
                body,
            )
            ask(line)
        assert line.lists_version == version


# -- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drip_after", [0, 1700, 2200])  # in the handshake, in the head, in the body
def test_a_byte_now_and_then_does_not_hold_the_line(drip_after):
    with a_line(fault=Fault(drip_s=0.05, drip_after=drip_after)) as (_centre, _proxy, line):
        began = monotonic()
        assert fault_of(line, 0.4) is LineCode.TIMED_OUT
        assert 0.3 < monotonic() - began < 1.5


@pytest.mark.parametrize("after", [0, 1000, 2300, 2700])
def test_an_answer_that_stops_half_way_ends_in_time(after):
    with a_line(fault=Fault(after=after, hang=True)) as (_centre, _proxy, line):
        began = monotonic()
        assert fault_of(line, 0.4) is LineCode.TIMED_OUT
        assert monotonic() - began < 1.5


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_anywhere_is_a_cut(reset):
    centre = FakeCentre()
    with served(centre) as port, proxied(port) as proxy:
        for after in range(0, 2800, 175):
            proxy.fault = Fault(after=after, reset=reset)
            with lined(centre, proxy.port, Signing()) as line:
                centre.know(BOOTH, line._key.public_key())
                assert fault_of(line) is LineCode.CUT_OFF, after


def test_a_slow_line_is_waited_for():
    with a_line(fault=Fault(delay_s=0.1)) as (_centre, _proxy, line):
        assert ask(line).seq == 0
        assert line.latency_s > 0.1


def test_an_endless_answer_is_read_no_further_than_its_bound():
    with a_line() as (centre, _proxy, line):
        piece = b"%x\r\n%b\r\n" % (50_000, b"x" * 50_000)
        headers = {"Content-Type": api.JSON, "Transfer-Encoding": "chunked"}
        centre.override[api.ACKNOWLEDGEMENT] = (200, headers, piece * 40)
        assert fault_of(line) is LineCode.TOO_LARGE
        centre.override.clear()
        assert ask(line).seq == 0  # on a new connection


def test_an_answer_without_an_end_is_refused():
    with a_line() as (centre, _proxy, line):
        headers = {"Content-Type": api.JSON, "Content-Length": "", "Connection": "close"}
        centre.override[api.ACKNOWLEDGEMENT] = (200, headers, b"{}")
        assert fault_of(line) is LineCode.MALFORMED


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "text/html"}, b"{}"),
        ({"Content-Type": api.JSON}, b"{}"),
        ({"Content-Type": api.JSON}, b"[" * 100),
        ({"Content-Type": api.JSON}, b"\xff"),
        ({"Content-Type": api.JSON, api.TIME_HEADER: "yesterday"}, b"{}"),
    ],
)
def test_what_is_not_in_the_agreed_form_is_refused(headers, body):
    with a_line() as (centre, _proxy, line):
        centre.override[api.ACKNOWLEDGEMENT] = (200, headers, body)
        assert fault_of(line) is LineCode.MALFORMED


def test_a_redirect_is_not_followed():
    with a_line() as (centre, proxy, line):
        there = f"https://127.0.0.1:{proxy.port}{api.ANCHORS}"
        centre.override[api.ACKNOWLEDGEMENT] = (302, {"Location": there}, b"")
        assert fault_of(line) is LineCode.REFUSED_REQUEST
        assert len(centre.requests) == 1


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with a_line() as (_centre, _proxy, line):
        assert ask(line).seq == 0


# -- connections ------------------------------------------------------------------------------------------------------


def test_a_connection_is_kept_and_its_cut_is_mended_once():
    with a_line() as (centre, proxy, line):
        ask(line)
        ask(line)
        assert proxy.connections == 1
        proxy.fault = Fault(after=0, connections=range(1, 2))  # it takes the request, and ends
        ask(line)  # asked again on a new one, by a new token
        assert proxy.connections == 2
        assert len(centre._used) == len(centre.requests) == 4
        proxy.fault = Fault(after=0)
        assert fault_of(line) is LineCode.CUT_OFF
        assert proxy.connections == 3


def test_a_new_connection_that_is_cut_is_not_tried_again_at_once():
    with a_line(fault=Fault(after=2300)) as (centre, proxy, line):
        assert fault_of(line) is LineCode.CUT_OFF
        assert (proxy.connections, len(centre.requests)) == (1, 1)


def test_each_thread_has_a_connection_of_its_own():
    with a_line(fault=Fault(delay_s=0.1)) as (centre, proxy, line):
        threads = [threading.Thread(target=ask, args=(line,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert proxy.connections == 3
        assert len(centre.requests) == 3


@pytest.mark.parametrize("after", [0, 2000, 2300])  # in the handshake, before the head, in it
def test_closing_ends_what_is_under_way_at_once(after):
    with a_line(fault=Fault(after=after, hang=True)) as (_centre, proxy, line):
        codes = []
        threads = [threading.Thread(target=lambda: codes.append(fault_of(line, 30))) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert wait_until(lambda: proxy.connections == 2)
        sleep(0.05)
        began = monotonic()
        line.close()
        for thread in threads:
            thread.join(5)
        assert monotonic() - began < 1
        assert codes == [LineCode.CLOSED] * 2
        assert fault_of(line) is LineCode.CLOSED


def test_closing_does_not_wait_for_a_name(monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_options: answered.wait(10) and [])
    line = Line(FakeCentre().enrolled("https://centre.example"), Signing(), OffClock())
    codes = []
    thread = threading.Thread(target=lambda: codes.append(fault_of(line, 30)))
    thread.start()
    sleep(0.1)
    began = monotonic()
    line.close()
    thread.join(5)
    answered.set()
    assert monotonic() - began < 0.5
    assert codes == [LineCode.CLOSED]


# -- bytes ------------------------------------------------------------------------------------------------------------


def test_bytes_come_from_where_they_are_asked_for():
    data = bytes(range(256)) * 1000
    with a_line() as (centre, _proxy, line):
        centre.files[TARGET] = data
        assert b"".join(line.get_bytes(TARGET, len(data))) == data
        assert b"".join(line.get_bytes(TARGET, 1000, len(data) - 1000)) == data[-1000:]
        with pytest.raises(LineError) as caught:
            list(line.get_bytes(TARGET, 1000, len(data)))
        assert caught.value.status == 416


def test_a_centre_that_sends_all_from_the_beginning_is_skipped_over():
    data = bytes(range(256)) * 1000
    with a_line() as (centre, _proxy, line):
        centre.override[TARGET] = (200, {"Content-Type": "application/octet-stream"}, data)
        assert b"".join(line.get_bytes(TARGET, 1000, len(data) - 1000)) == data[-1000:]


@pytest.mark.parametrize("told", ["bytes 5-9/10", "5-9", ""])
def test_another_part_than_the_one_asked_for_is_refused(told):
    with a_line() as (centre, _proxy, line):
        centre.override[TARGET] = (206, {"Content-Range": told}, b"12345")
        with pytest.raises(LineError) as caught:
            list(line.get_bytes(TARGET, 1000, 3))
        assert caught.value.code is LineCode.MALFORMED


def test_more_bytes_than_allowed_are_not_read():
    with a_line() as (centre, _proxy, line):
        centre.files[TARGET] = bytes(100_000)
        with pytest.raises(LineError) as caught:
            list(line.get_bytes(TARGET, 99_999))
        assert caught.value.code is LineCode.TOO_LARGE


def test_bytes_before_a_cut_are_kept_and_go_on_from_there():
    data = bytes(range(256)) * 4000
    with a_line() as (centre, proxy, line):
        centre.files[TARGET] = data
        proxy.fault = Fault(after=400_000)
        got = bytearray()

        def read():
            for piece in line.get_bytes(TARGET, len(data)):
                got.extend(piece)

        with pytest.raises(LineError) as caught:
            read()
        assert caught.value.code is LineCode.CUT_OFF
        assert 300_000 < len(got) < 400_000
        assert data.startswith(got)
        proxy.fault = Fault()
        for piece in line.get_bytes(TARGET, len(data), len(got)):
            got += piece
        assert got == data


def test_what_did_not_change_is_not_sent_again():
    with a_line() as (centre, _proxy, line):
        centre.send_case(BOOTH)
        first = line.get(Inbox, f"{api.INBOX}?after=0", most=100_000)
        assert (len(first.value.items), first.etag) == (1, '"1"')
        assert line.get(Inbox, f"{api.INBOX}?after=1", most=100_000, etag=first.etag).value is None


# -- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://centre.example", "https://centre.example"),
        (" https://Centre.Example:443/ ", "https://centre.example"),
        ("https://10.0.0.1:8443", "https://10.0.0.1:8443"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
    ],
)
def test_an_address_has_one_form(text, url):
    assert read_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "http://centre.example", "centre.example", "https://", "https://a b", "https://x:99999", "https://x/path",
        "https://user:word@x", "https://x?q", "https://x#f", "https://[::z]", "ftp://x", "https://x:y",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r"address|host"):
        read_url(text)


def test_moments_in_headers_are_strict():
    assert to_plain(NOW) == "2026-03-02T08:00:00.000000Z"
