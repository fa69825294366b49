"""Every word of the closed list is reached by a real cause, over real sockets."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from time import monotonic

import pytest

from checkpoint_app.sync.deliver import deliver
from checkpoint_app.sync.enrol import ask_to_enrol
from checkpoint_app.sync.errors import LineCode, LineError, code_of_problem, sentence
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import api
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.enrolment import BoothState, EnrolmentCode
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import Statement
from tests.sync.fake_centre import NOW, Authority, FakeCentre, served
from tests.sync.helpers import BOOTH, OffClock, Signing, directly, lined, stored
from tests.sync.proxy import Fault, proxied


def ask(line: Line, within_s: float = 5.0) -> None:
    got = line.get(Statement, api.ACKNOWLEDGEMENT, most=100_000, within_s=within_s)
    assert got.value is not None


def fault_of(line: Line, within_s: float = 5.0) -> LineError:
    with pytest.raises(LineError) as caught:
        ask(line, within_s)
    return caught.value


def at(url: str, within_s: float = 5.0) -> LineError:
    line = Line(FakeCentre().enrolled(url), Signing(), OffClock())
    with closing(line):
        return fault_of(line, within_s)


@contextmanager
def between(fault: Fault) -> Iterator[Line]:
    centre = FakeCentre()
    with served(centre) as port, proxied(port) as proxy:
        proxy.fault = fault
        with lined(centre, proxy.port) as line:
            yield line


def overriding(path: str, status: int, body: bytes, **headers: str) -> LineError:
    centre = FakeCentre()
    centre.override[path] = (status, {"Content-Type": api.JSON, **headers}, body)
    with served(centre) as port, lined(centre, port) as line:
        return fault_of(line)


def refusing(code: str, status: int) -> LineError:
    problem = api.Problem(code, "it is refused", status, NOW)
    body = canonical_bytes(to_plain(problem))
    return overriding(api.ACKNOWLEDGEMENT, status, body, **{"Content-Type": api.PROBLEM})


def name_not_found() -> LineError:
    return at("https://no-such-centre.invalid")


def refused() -> LineError:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    return at(f"https://127.0.0.1:{port}")


def unreachable() -> LineError:
    return at("https://255.255.255.255")


def timed_out() -> LineError:
    with between(Fault(mute=True)) as line:
        return fault_of(line, 0.3)


def cut_off() -> LineError:
    with between(Fault(after=1900)) as line:  # in the handshake, or in the head of the reply
        return fault_of(line)


def closed() -> LineError:
    with between(Fault()) as line:
        ask(line)
        line.close()
        return fault_of(line)


def tls() -> LineError:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer() -> None:
            peer, _address = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        error = at(f"https://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    return error


def wrong_centre() -> LineError:
    centre = FakeCentre()
    with served(centre, Authority("OTHER CA").server_context()) as port, lined(centre, port) as line:
        return fault_of(line)


def wrong_host() -> LineError:
    centre = FakeCentre()
    with served(centre, centre.authority.server_context("other.example")) as port, lined(centre, port) as line:
        return fault_of(line)


def certificate_time() -> LineError:
    centre = FakeCentre()
    context = centre.authority.server_context(begins=NOW - timedelta(days=400), days=399)
    with served(centre, context) as port, lined(centre, port) as line:
        return fault_of(line)


def too_large() -> LineError:
    return overriding(api.ACKNOWLEDGEMENT, 200, b"x" * 200_000)


def malformed() -> LineError:
    return overriding(api.ACKNOWLEDGEMENT, 200, b'{"kind": "spaced"}')


def delivering(prepare: Callable[[FakeCentre], None]) -> LineError:
    centre = FakeCentre()
    with stored(3) as store, served(centre) as port:
        with lined(centre, port, Signing(BOOTH, store.identity.signing_key)) as line:
            prepare(centre)
            with pytest.raises(LineError) as caught:
                deliver(line, directly(store))
            return caught.value


def not_signed() -> LineError:
    return delivering(lambda centre: setattr(centre, "key", FakeCentre().key))


def fork() -> LineError:
    def other_events(centre: FakeCentre) -> None:
        """The same booth on a cloned disk has delivered another event."""
        with stored(1) as clone, served(centre) as port:
            key = clone.identity.signing_key
            known = centre.booths.pop(BOOTH)
            with lined(centre, port, Signing(BOOTH, key)) as line:
                deliver(line, directly(clone))
            centre.booths[BOOTH].key = known.key

    return delivering(other_events)


def gap() -> LineError:
    def always_gap(centre: FakeCentre) -> None:
        problem = api.Problem("gap", "events are missing", 409, NOW)
        centre.override[api.EVENTS] = (409, {"Content-Type": api.PROBLEM}, canonical_bytes(to_plain(problem)))

    return delivering(always_gap)


def not_found() -> LineError:
    with between(Fault()) as line, pytest.raises(LineError) as caught:
        b"".join(line.get_bytes(api.TARGETS + "none", 100))
    assert caught.value.status == 404
    return caught.value


def server_fault() -> LineError:
    return overriding(api.ACKNOWLEDGEMENT, 500, b"oops", **{"Content-Type": "text/plain"})


def clock() -> LineError:
    """A centre whose refusals tell another time than it judges by."""
    return refusing("token_time", 401)


def of_booth(state: BoothState | None, identity: Signing | None = None) -> LineError:
    centre = FakeCentre()
    with served(centre) as port, lined(centre, port) as line:
        if state is None:
            centre.booths.clear()
        else:
            centre.booths[BOOTH].state = state
        if identity is not None:
            centre.know(BOOTH, identity.signing_key.public_key())
        return fault_of(line)


def token_refused() -> LineError:
    return of_booth(BoothState.CONFIRMED, Signing())


def code_refused() -> LineError:
    centre = FakeCentre()
    with stored() as store, served(centre) as port, pytest.raises(LineError) as caught:
        ask_to_enrol(f"https://127.0.0.1:{port}", EnrolmentCode.new(centre.anchors), store.identity)
    return caught.value


CAUSES: dict[LineCode, Callable[[], LineError]] = {
    LineCode.NAME_NOT_FOUND: name_not_found,
    LineCode.REFUSED: refused,
    LineCode.UNREACHABLE: unreachable,
    LineCode.TIMED_OUT: timed_out,
    LineCode.CUT_OFF: cut_off,
    LineCode.CLOSED: closed,
    LineCode.TLS: tls,
    LineCode.WRONG_CENTRE: wrong_centre,
    LineCode.WRONG_HOST: wrong_host,
    LineCode.CERTIFICATE_TIME: certificate_time,
    LineCode.TOO_LARGE: too_large,
    LineCode.MALFORMED: malformed,
    LineCode.NOT_SIGNED: not_signed,
    LineCode.NOT_FOUND: not_found,
    LineCode.SERVER_FAULT: server_fault,
    LineCode.CLOCK: clock,
    LineCode.TOKEN_REFUSED: token_refused,
    LineCode.BOOTH_PENDING: lambda: of_booth(BoothState.PENDING),
    LineCode.BOOTH_REVOKED: lambda: of_booth(BoothState.REVOKED),
    LineCode.BOOTH_UNKNOWN: lambda: of_booth(None),
    LineCode.CODE_REFUSED: code_refused,
    LineCode.FORK: fork,
    LineCode.GAP: gap,
    LineCode.REFUSED_REQUEST: lambda: refusing("list_unknown", 422),
}


def test_the_list_is_closed_and_each_word_has_a_cause():
    assert set(CAUSES) == set(LineCode)


@pytest.mark.parametrize("code", list(LineCode))
def test_each_word_is_reached_by_its_cause(code):
    error = CAUSES[code]()
    assert error.code is code
    assert str(error).startswith(sentence(code))
    assert "\n" not in str(error)


def test_an_expected_time_out_ends_in_its_time():
    began = monotonic()
    assert timed_out().code is LineCode.TIMED_OUT
    assert monotonic() - began < 2


def test_a_certificate_of_the_system_is_not_trusted():
    """The context holds one authority: the pinned one, none of the system's, none of requests' own file."""
    centre = FakeCentre()
    with served(centre) as port, lined(centre, port) as line:
        ask(line)
        context = line._transport._context
        assert [authority["subject"] for authority in context.get_ca_certs()] == [((("commonName", "EJEMPLO CA"),),)]


@pytest.mark.parametrize(
    ("code", "status", "word", "ends"),
    [
        ("fork", 409, LineCode.FORK, False),
        ("forged_event", 422, LineCode.REFUSED_REQUEST, False),
        ("token_used", 401, LineCode.TOKEN_REFUSED, True),
        ("code_expired", 403, LineCode.CODE_REFUSED, True),
        ("", 404, LineCode.NOT_FOUND, False),
        ("", 500, LineCode.SERVER_FAULT, False),
        ("", 503, LineCode.SERVER_FAULT, True),
        ("", 302, LineCode.REFUSED_REQUEST, False),
    ],
)
def test_refusals_have_words(code, status, word, ends):
    error = LineError(code_of_problem(code, status), status=status)
    assert (error.code, error.ends_round) == (word, ends)


def test_what_the_centre_says_is_cut_and_made_one_line():
    error = LineError(LineCode.REFUSED_REQUEST, "one\ntwo\x1b[31m" + "x" * 500)
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)
    assert len(error.detail) == 200
