"""Enrolment: nothing is trusted or told but what the code vouches for, and a person confirms."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from checkpoint_app.store import CorruptError, SignedObject, Store
from checkpoint_app.sync.enrol import booth_keys, enrol, fetch_anchors
from checkpoint_app.sync.enrolled import KIND, NAME, enrolled_of, put_enrolled, unlock_key_of
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.round import run_round
from checkpoint_app.wire import api
from checkpoint_app.wire.enrolment import BoothState, EnrolmentCode
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.sealing import new_key, wrap_key
from tests.sync.fake_centre import AUDIENCE, UNLOCK_KEY, Authority, FakeCentre, served
from tests.sync.helpers import BOOTH, OffClock, directly, stored
from tests.sync.proxy import proxied


@contextmanager
def at_work() -> Iterator[tuple[FakeCentre, Store, str]]:
    centre = FakeCentre()
    with stored() as store, served(centre) as port:
        yield centre, store, f"https://127.0.0.1:{port}"


def enrolling(centre: FakeCentre, store: Store, url: str, wait_s: float = 5.0, **options):
    code = options.pop("code", centre.code)
    return enrol(url, code, directly(store), OffClock(), wait_s=wait_s, poll_s=0.01, **options)


def enrolled_events(store: Store) -> list[dict]:
    kinds = [(event.header.seq, event.header.kind) for event in store.journal.events()]
    return [store.journal.body(seq) for seq, kind in kinds if kind is EventKind.ENROLLED]


def paths(centre: FakeCentre) -> list[str]:
    return [path for _method, path, _body in centre.requests]


def test_a_booth_enrols_and_writes_it_down_once():
    with at_work() as (centre, store, url):
        waited = []
        enrolled = enrolling(centre, store, url, waits=lambda: waited.append(1))
        assert (enrolled.state, enrolled.audience, enrolled.post) == (BoothState.CONFIRMED, AUDIENCE, "EJEMPLO PASS")
        assert enrolled_of(store) == enrolled
        assert unlock_key_of(store) == UNLOCK_KEY
        assert waited == [1]
        assert store.signed.version(KIND, NAME) == 2
        fingerprint = booth_keys(store.identity).fingerprint
        assert enrolled_events(store) == [{"centre": AUDIENCE, "url": url, "fingerprint": fingerprint}]
        assert enrolling(centre, store, url) == enrolled  # again: nothing changes
        assert len(enrolled_events(store)) == 1
        assert paths(centre).count(api.ENROLMENTS) == 1


def test_asking_again_goes_on_where_it_stopped():
    with at_work() as (centre, store, url):
        centre.confirms = False
        assert enrolling(centre, store, url, wait_s=0.05).state is BoothState.PENDING
        assert enrolled_of(store).state is BoothState.PENDING
        assert unlock_key_of(store) is None
        assert enrolled_events(store) == []
        centre.confirms = True
        assert enrolling(centre, store, url).state is BoothState.CONFIRMED
        assert paths(centre).count(api.ENROLMENTS) == 1  # the code was not used again


def test_a_centre_of_another_code_is_told_nothing():
    with at_work() as (centre, store, url):
        other = FakeCentre().code
        with pytest.raises(LineError) as caught:
            enrolling(centre, store, url, code=other)
        assert caught.value.code is LineCode.WRONG_CENTRE
        assert paths(centre) == [api.ANCHORS]
        assert enrolled_of(store) is None


def test_a_centre_in_the_middle_is_told_nothing():
    """It repeats the true anchors, which anybody may read; but its certificate is not of their authority."""
    with at_work() as (centre, store, _url):
        with served(centre, Authority("MIDDLE CA").server_context()) as port:
            with pytest.raises(LineError) as caught:
                enrolling(centre, store, f"https://127.0.0.1:{port}")
        assert caught.value.code is LineCode.WRONG_CENTRE
        assert paths(centre) == [api.ANCHORS]


def test_anchors_are_read_to_their_bound_only():
    with at_work() as (centre, _store, url):
        centre.override[api.ANCHORS] = (200, {"Content-Type": api.JSON}, b"x" * 300_000)
        with pytest.raises(LineError) as caught:
            fetch_anchors(url, centre.code)
        assert caught.value.code is LineCode.TOO_LARGE


def test_the_code_itself_is_never_sent():
    with at_work() as (centre, store, url):
        enrolling(centre, store, url)
        everything = json.dumps([[path, body.decode()] for _method, path, body in centre.requests])
        assert centre.code.to_text() not in everything
        assert centre.code.secret.hex() not in everything


def test_a_code_that_is_not_of_this_booth_is_refused():
    with at_work() as (centre, store, url), pytest.raises(LineError) as caught:
        enrolling(centre, store, url, code=EnrolmentCode.new(centre.anchors))
    assert caught.value.code is LineCode.CODE_REFUSED


def test_a_lost_reply_is_cured_by_asking_again():
    centre = FakeCentre()
    with stored() as store, served(centre) as port, proxied(port) as proxy:
        real = centre._enrol

        def take_and_cut(request):
            answer = real(request)
            proxy.cut()
            return answer

        centre._enrol = take_and_cut
        with pytest.raises(LineError) as caught:
            enrolling(centre, store, f"https://127.0.0.1:{proxy.port}")
        assert caught.value.code is LineCode.CUT_OFF
        centre._enrol = real
        assert enrolling(centre, store, f"https://127.0.0.1:{proxy.port}").state is BoothState.CONFIRMED


def test_a_line_that_fails_while_waiting_is_waited_for():
    centre = FakeCentre()
    with stored() as store, served(centre) as port, proxied(port) as proxy:
        polls = []
        real = centre._standing

        def standing(booth):
            polls.append(booth)
            if 1 < len(polls) < 7:
                proxy.cut()
            return real(booth)

        centre._standing = standing
        assert enrolling(centre, store, f"https://127.0.0.1:{proxy.port}").state is BoothState.CONFIRMED
        assert len(polls) >= 7


def test_a_booth_that_is_revoked_while_it_waits_keeps_that():
    with at_work() as (centre, store, url):
        centre.confirms = False
        enrolling(centre, store, url, wait_s=0.01)
        kept = enrolled_of(store)

        def revoke(_enrolled):
            centre.booths[BOOTH].state = BoothState.REVOKED

        real = centre._caller
        calls = []

        def revoke_then(method, path, headers, body):
            calls.append(path)
            if len(calls) == 2:
                revoke(kept)
            return real(method, path, headers, body)

        centre._caller = revoke_then
        with pytest.raises(LineError) as caught:
            enrolling(centre, store, url)
        assert caught.value.code is LineCode.BOOTH_REVOKED
        assert enrolled_of(store).state is BoothState.REVOKED


def test_a_booth_that_the_centre_forgot_enrols_anew():
    with at_work() as (centre, store, url):
        enrolling(centre, store, url)
        centre.booths.clear()
        centre.code = EnrolmentCode.new(centre.anchors)
        assert enrolling(centre, store, url).state is BoothState.CONFIRMED
        assert paths(centre).count(api.ENROLMENTS) == 2


def test_another_centre_takes_the_place_of_the_first():
    with at_work() as (centre, store, url):
        enrolling(centre, store, url)
        second = FakeCentre()
        with served(second) as port:
            enrolled = enrolling(second, store, f"https://127.0.0.1:{port}")
        assert enrolled_of(store) == enrolled
        assert enrolled.anchors == second.anchors
        assert len(enrolled_events(store)) == 2


def test_the_same_centre_under_another_address_is_kept():
    with at_work() as (centre, store, url):
        first = enrolling(centre, store, url)
        with served(centre) as port:
            moved = enrolling(centre, store, f"https://127.0.0.1:{port}")
        assert moved == replace(first, url=f"https://127.0.0.1:{port}")
        assert enrolled_of(store) == moved


@pytest.mark.parametrize("change", [{"booth": "booth-2"}, {"fingerprint": "0000-0000-0000-0000-0000"}])
def test_an_answer_about_another_booth_or_key_is_refused(change):
    with at_work() as (centre, store, url):
        real = centre._standing
        centre._standing = lambda booth: replace(real(booth), **change)
        with pytest.raises(LineError) as caught:
            enrolling(centre, store, url)
        assert caught.value.code is LineCode.MALFORMED
        assert enrolled_of(store) is None


def test_an_unlock_key_that_does_not_open_is_refused():
    with at_work() as (centre, store, url):
        real = centre._standing
        key = wrap_key(store.identity.exchange_key.public_key(), new_key(), b"for something else")
        centre._standing = lambda booth: replace(real(booth), unlock_key=key)
        with pytest.raises(LineError) as caught:
            enrolling(centre, store, url)
        assert caught.value.code is LineCode.MALFORMED
        assert enrolled_of(store).state is BoothState.PENDING


def test_the_wait_is_bounded():
    with at_work() as (centre, store, url):
        centre.confirms = False
        began = monotonic()
        enrolling(centre, store, url, wait_s=0.2)
        assert monotonic() - began < 2


def test_a_round_of_a_pending_booth_finds_that_it_was_confirmed():
    with at_work() as (centre, store, url):
        centre.confirms = False
        pending = enrolling(centre, store, url, wait_s=0.01)
        line = Line(pending, store.identity, OffClock())
        with closing(line):
            with pytest.raises(LineError) as caught:
                run_round(line, directly(store), Path("inbox"), Path("metadata"), None)
            assert caught.value.code is LineCode.BOOTH_PENDING
            centre.confirms = True
            done = run_round(line, directly(store), Path("inbox"), Path("metadata"), None)
            assert (done.faults, done.delivered.sent) == ((), 1)  # that it was enrolled
        assert unlock_key_of(store) == UNLOCK_KEY
        assert len(enrolled_events(store)) == 1


def test_damage_is_told():
    with stored() as store:
        put_enrolled(store, FakeCentre().enrolled("https://x"))
        store.signed.put(SignedObject(KIND, NAME, 9, b"{}"))
        with pytest.raises(CorruptError):
            enrolled_of(store)


def test_the_same_again_makes_no_new_version():
    with stored() as store:
        enrolled = FakeCentre().enrolled("https://x")
        put_enrolled(store, enrolled)
        put_enrolled(store, enrolled)
        assert store.signed.version(KIND, NAME) == 1
